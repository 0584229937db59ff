"""What is drawn of a model's crop in pixels of the screen: stripes that are as wide at any zoom."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from core.imaging.heatmap import agreement_overlay
from viewer.picture import image_of, sheet_transform
from viewer.viewpoint import Mapping


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Who lights up where: labels of `core.imaging.heatmap.agreement`, and their opacity."""

    values: NDArray[np.uint8]
    opacity: float


_MOST_LIT_PARTS = 16
_lit_parts: dict[int, QRect] = {}  # of the last maps, by Qt's number of the picture; GUI thread only

STRIPES_PX = 9
"""Width of a stripe of the agreement with its gap, on the screen."""


def agreement_image(
    labels: NDArray[np.uint8], opacity: float, ratio: float, origin: tuple[int, int] = (0, 0)
) -> QImage:
    """Labels on device pixels as an image of that resolution; the legend and the film are drawn alike."""
    period = max(4, round(STRIPES_PX * ratio))
    image = image_of(agreement_overlay(labels, opacity, period, origin))
    image = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    return image


def paint_agreement(
    painter: QPainter, labels: Labels, crop: tuple[int, int, int], mapping: Mapping, ratio: float
) -> None:
    """The agreement of two models on their crop, (row, column, side) of the frame.

    Labels are taken at the centres of device pixels, never mixed; the stripes lean the same way however the
    film is turned or mirrored, and move with it.
    """
    taken = labels_on_screen(labels.values, crop, mapping, ratio)
    if taken is None:
        return
    shown, left, top = taken
    corner_x, corner_y = (round(value * ratio) for value in mapping.to_screen(crop[0], crop[1]))
    image = agreement_image(shown, labels.opacity, ratio, (corner_y - top, corner_x - left))
    painter.drawImage(QPointF(left / ratio, top / ratio), image)


def labels_on_screen(
    labels: NDArray[np.uint8], crop: tuple[int, int, int], mapping: Mapping, ratio: float
) -> tuple[NDArray[np.uint8], int, int] | None:
    """The label of each device pixel of the viewport that lies on the crop, with (left, top) of the first."""
    row, column, side = crop
    corners = [mapping.to_screen(row, column), mapping.to_screen(row + side, column + side)]
    limits = (math.ceil(mapping.width * ratio), math.ceil(mapping.height * ratio))
    (left, right), (top, bottom) = (
        (
            max(0, math.ceil(min(corner[axis] for corner in corners) * ratio - 0.5)),
            min(limits[axis], math.ceil(max(corner[axis] for corner in corners) * ratio - 0.5)),
        )
        for axis in (0, 1)
    )
    if right <= left or bottom <= top:
        return None
    a, b, c, d, x, y = (value * ratio for value in mapping.matrix)
    across: NDArray[np.float64] = np.arange(left, right, dtype=np.float64) + (0.5 - x)
    down: NDArray[np.float64] = np.arange(top, bottom, dtype=np.float64) + (0.5 - y)
    turned = mapping.viewpoint.quarter_turns % 2 == 1
    rows, columns = (across / b, down / c) if turned else (down / d, across / a)
    cells = labels.shape[0]
    row_cells, column_cells = (
        np.clip(np.floor((places - first) / side * cells), 0, cells - 1).astype(np.intp)
        for places, first in ((rows, row), (columns, column))
    )
    shown = labels[np.ix_(row_cells, column_cells)]
    return (np.ascontiguousarray(shown.T) if turned else shown), left, top


def paint_on_crop(painter: QPainter, image: QImage, crop: tuple[int, int, int], mapping: Mapping) -> None:
    """An image of a model's crop, (row, column, side), smoothly scaled to its place on the screen."""
    row, column, side = crop
    lit = lit_part(image)
    if lit.isEmpty():
        return
    cell = side / image.width()
    place = QRectF(column + lit.x() * cell, row + lit.y() * cell, lit.width() * cell, lit.height() * cell)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setTransform(sheet_transform(mapping), True)
    painter.drawImage(place, image, QRectF(lit))
    painter.restore()


def lit_part(heat: QImage) -> QRect:
    """The part of a picture of 32 bits outside of which it is transparent, with room to blend to nothing.

    Most of most maps is transparent, and as dear to draw as the rest.
    """
    key = heat.cacheKey()
    if key not in _lit_parts:
        pixels = np.frombuffer(heat.constBits(), np.uint32).reshape(heat.height(), -1)[:, : heat.width()]
        part = QRect()
        rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
        if rows.size:
            part = QRect(QPoint(int(columns[0]), int(rows[0])), QPoint(int(columns[-1]), int(rows[-1])))
            part = part.adjusted(-2, -2, 2, 2).intersected(heat.rect())
        if len(_lit_parts) >= _MOST_LIT_PARTS:
            _lit_parts.clear()
        _lit_parts[key] = part
    return _lit_parts[key]
