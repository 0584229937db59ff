"""Shutter and overlays of a frame, painted over its picture at the resolution of the file.

Halved copies serve small zooms: a bit that is set stays set, so that thin lines do not vanish.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter

from core.imaging.composition import OVERLAY_LEVEL, Layers
from core.imaging.frame import Frame
from core.imaging.overlay import Mask, drawn_mask
from viewer.picture import NEAREST_FROM_ZOOM, sheet_transform
from viewer.viewpoint import Mapping

_OPAQUE = 0xFF000000
_SMALLEST = 32


class Planes:
    """What lies over the pixels of one frame. Read-only but for the copies that it keeps; GUI thread only."""

    def __init__(self, hidden: Mask | None, level: int, drawn: Mask | None) -> None:
        self._masks = [(hidden, drawn)]
        self._level = level
        self._images: list[tuple[QImage, NDArray[np.uint32]]] = []

    @classmethod
    def of_frame(cls, frame: Frame, layers: Layers) -> Planes | None:
        """The planes that are wished for; None where there is nothing to paint."""
        hidden = frame.hidden() if layers.shutter else None
        drawn = None
        if layers.overlays and frame.overlays:
            drawn = drawn_mask(frame.overlays, frame.rows, frame.columns)
        if hidden is None and (drawn is None or not drawn.any()):
            return None
        return cls(hidden, 0 if frame.shutter is None else frame.shutter.level, drawn)

    def paint(self, painter: QPainter, mapping: Mapping, device_ratio: float) -> None:
        """Paint the planes; the painter stands at the corner of the viewport."""
        zoom = mapping.viewpoint.zoom * device_ratio
        wanted = max(0, math.ceil(math.log2(1 / zoom) - 1e-9)) if zoom < 1 else 0
        image, level = self._image(wanted)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, zoom < NEAREST_FROM_ZOOM)
        painter.setTransform(sheet_transform(mapping).scale(2**level, 2**level), True)
        painter.drawImage(0, 0, image)
        painter.restore()

    def _image(self, level: int) -> tuple[QImage, int]:
        while len(self._images) <= level:
            place = len(self._images)
            if place >= len(self._masks):
                hidden, drawn = self._masks[-1]
                mask = hidden if hidden is not None else drawn
                if mask is None or min(mask.shape) < _SMALLEST:
                    break
                # A drawn bit stays drawn; what is open stays open.
                smaller = None if hidden is None else ~_halved(~hidden)
                self._masks.append((smaller, None if drawn is None else _halved(drawn)))
            self._images.append(_image_of(*self._masks[place], self._level))
        place = min(level, len(self._images) - 1)
        return self._images[place][0], place


def _halved(mask: Mask) -> Mask:
    """A quarter of the pixels; one is set if any of its four is."""
    padded = np.pad(mask, ((0, mask.shape[0] % 2), (0, mask.shape[1] % 2)), mode="edge")
    return np.asarray(padded[0::2, 0::2] | padded[1::2, 0::2] | padded[0::2, 1::2] | padded[1::2, 1::2])


def _image_of(hidden: Mask | None, drawn: Mask | None, level: int) -> tuple[QImage, NDArray[np.uint32]]:
    """An image on the memory of an array, which is kept beside it."""
    mask = hidden if hidden is not None else drawn
    if mask is None:
        raise ValueError("Planes without a plane.")
    pixels = np.zeros(mask.shape, np.uint32)
    if hidden is not None:
        pixels[hidden] = _OPAQUE | level * 0x010101
    if drawn is not None:
        pixels[drawn] = _OPAQUE | OVERLAY_LEVEL * 0x010101
    rows, columns = mask.shape
    kind = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, columns, rows, pixels.strides[0], kind), pixels
