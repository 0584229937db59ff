"""What one panel shows beside its pixels, as a value, and how that is painted on the screen.

Pictures that are saved do not come from the screen: see `core.reporting.panels`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPen,
    QPolygonF,
)

from core.imaging.frame import PixelSpacing
from core.imaging.graphics import Graphic, TextNote
from core.imaging.marks import Mark
from core.imaging.measurements import Measured
from viewer.core_sentences import said
from viewer.language import tr
from viewer.planes import Planes
from viewer.screen_layers import Labels, paint_agreement, paint_on_crop
from viewer.theme import SMALL_TEXT_PX, Colour, scaled
from viewer.viewpoint import Mapping, edge_letters

_DASH_PX = 7.0
_GAP_PX = 7.0
_LONGEST_BAR = 0.3  # scale bar, share of the width
_BAR_HIGH_PX = 3.0  # so far above the lower gap
_NARROWEST_WITH_BAR = 150
SetLines = tuple[tuple[QPointF, QImage], ...]
"""Lines of text as pictures, each with the place of its corner."""


class StatusKind(StrEnum):
    """What the analysis of the shown frame is doing; each has its own colour, none looks like another."""

    NOT_RUN = "not run"
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    UNSUITABLE = "not suitable"
    NO_MODEL = "no model"
    CLEAR = "nothing above threshold"
    FOUND = "findings"


@dataclass(frozen=True, slots=True)
class FindingBox:
    """A finding as drawn: `box` is (first row, first column, one past last row, one past last column)."""

    identifier: str
    box: tuple[int, int, int, int]
    accepted: bool = False
    selected: bool = False


@dataclass(frozen=True, slots=True)
class CornerTexts:
    """Lines in the four corners of the film."""

    top_left: tuple[str, ...] = ()
    top_right: tuple[str, ...] = ()
    bottom_left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class PanelContent:
    """Everything in one panel but its pixels.

    `message`: written in the middle when there are no pixels. `crop`: (row, column, side) of the square
    that the model saw; None = no statement. `heat`: the map on the crop, with its own transparency.
    `labels`: where two models agree, on the crop. `outlines`: `(n, 2)` row/column lines in frame pixels;
    `dashed`: those of more lucent regions beside denser ones. `edges`: of a model's input, and its crop.
    `stripe`: colour of a line under the title bar.
    `planes`: shutter and overlays over the pixels. `graphics`: drawn by a presentation state.
    `marks`: drawn by the reader; `measured` says their values, None: their names alone are written.
    """

    title: str
    border: Colour
    subtitle: str = ""
    status: str = ""
    status_kind: StatusKind = StatusKind.NOT_RUN
    message: str = ""
    frame_shape: tuple[int, int] = (0, 0)
    spacing: PixelSpacing = field(default_factory=PixelSpacing)
    patient_orientation: tuple[str, str] = ("", "")
    corners: CornerTexts = field(default_factory=CornerTexts)
    crop: tuple[int, int, int] | None = None
    heat: QImage | None = None
    labels: Labels | None = None
    edges: tuple[QImage, tuple[int, int, int]] | None = None
    dashed: tuple[NDArray[np.floating], ...] = ()
    outlines: tuple[NDArray[np.floating], ...] = ()
    boxes: tuple[FindingBox, ...] = ()
    marks: tuple[Mark, ...] = ()
    selected_mark: str = ""
    measured: Measured | None = None
    stripe: Colour | None = None
    planes: Planes | None = None
    graphics: tuple[Graphic | TextNote, ...] = ()


def looks_the_same(one: PanelContent, other: PanelContent) -> bool:
    """Whether two contents would be painted alike; pictures and lines are known by identity."""
    return all(_same(getattr(one, part.name), getattr(other, part.name)) for part in fields(PanelContent))


def _same(one: object, other: object) -> bool:
    if one is other:
        return True
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return not isinstance(one, np.ndarray | QImage) and bool(one == other)


def status_colour(kind: StatusKind) -> Colour:
    """The colour in which a run status is written."""
    return {
        StatusKind.NOT_RUN: Colour.QUIET,
        StatusKind.QUEUED: Colour.ACCENT,
        StatusKind.RUNNING: Colour.ACCENT,
        StatusKind.FAILED: Colour.FAILURE,
        StatusKind.UNSUITABLE: Colour.WARNING,
        StatusKind.NO_MODEL: Colour.WARNING,
        StatusKind.CLEAR: Colour.TEXT,
        StatusKind.FOUND: Colour.WARNING,
    }[kind]


def screen_rect(mapping: Mapping, row: float, column: float, height: float, width: float) -> QRectF:
    """A rectangle of the frame on the screen; quarter turns keep it upright."""
    first, last = mapping.to_screen(row, column), mapping.to_screen(row + height, column + width)
    return QRectF(QPointF(*first), QPointF(*last)).normalized()


def paint_map(painter: QPainter, content: PanelContent, mapping: Mapping) -> None:
    """The heatmap or the agreement on its crop, and the hatch over all that the model did not see."""
    if content.edges is not None:
        paint_on_crop(painter, *content.edges, mapping)
    if content.crop is None:
        return
    if content.heat is not None:
        paint_on_crop(painter, content.heat, content.crop, mapping)
    if content.labels is not None:
        ratio = painter.device().devicePixelRatioF()
        paint_agreement(painter, content.labels, content.crop, mapping, ratio)
    hatch = QBrush(QColor(205, 205, 205, 120), Qt.BrushStyle.BDiagPattern)
    visible = QRectF(0, 0, mapping.width, mapping.height)
    for band in _unseen_bands(content, mapping):
        painter.fillRect(band.intersected(visible), QColor(0, 0, 0, 110))
        painter.fillRect(band.intersected(visible), hatch)
    _name_unseen_band(painter, content, mapping)


def paint_drawings(painter: QPainter, content: PanelContent, mapping: Mapping) -> None:
    """Outlines of the map and boxes of the findings."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    paint_outlines(painter, content, mapping)
    for box in content.boxes:
        first_row, first_column, last_row, last_column = box.box
        rect = screen_rect(mapping, first_row, first_column, last_row - first_row, last_column - first_column)
        grown = rect.adjusted(-3, -3, 3, 3)
        width = 2.6 if box.selected else 1.6
        for colour, thick in ((QColor(0, 0, 0, 170), width + 1.0), (QColor(Colour.ACCENT), width)):
            pen = QPen(colour, thick)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            if not box.accepted:
                # In units of the pen: so that rim and line have their gaps in the same places.
                pen.setDashPattern([_DASH_PX / thick, _DASH_PX / thick])
            painter.setPen(pen)
            painter.drawRect(grown)
    painter.restore()


def paint_outlines(painter: QPainter, content: PanelContent, mapping: Mapping) -> None:
    """The outlines of the map, of one width at any zoom; dashed around what is more lucent beside denser."""
    for lines, colour, dashes in (
        (content.outlines, Colour.WARNING, None),
        (content.dashed, Colour.ACCENT, [3.0, 2.0]),
    ):
        for line in lines:
            shape = QPolygonF([QPointF(*mapping.to_screen(float(r), float(c))) for r, c in line])
            pen = QPen(QColor(colour), 1.6)
            if dashes is not None:
                pen.setDashPattern(dashes)
            _stroke_polygon(painter, shape, pen)


def paint_letters(painter: QPainter, content: PanelContent, mapping: Mapping) -> None:
    """Patient directions in the middle of the four edges of the viewport."""
    letters = edge_letters(content.patient_orientation, mapping.viewpoint)
    if any(letters):
        fonts = text_font(painter, SMALL_TEXT_PX + 2, bold=True), text_font(painter, SMALL_TEXT_PX)
        _, bar_text = scale_bar(mapping, content.spacing, longest=mapping.width * _LONGEST_BAR)
        ratio = painter.device().devicePixelRatioF()
        size = (mapping.width, mapping.height)
        for place, image in _letters_set(letters, content.corners, bar_text, size, fonts, ratio):
            painter.drawImage(place, image)


def paint_corners(painter: QPainter, content: PanelContent, mapping: Mapping) -> None:
    """Corner texts, and the scale bar in the lower right corner."""
    font = text_font(painter, SMALL_TEXT_PX)
    bar = scale_bar(mapping, content.spacing, longest=mapping.width * _LONGEST_BAR)
    ratio = painter.device().devicePixelRatioF()
    for place, image in _corners_set(content.corners, bar, (mapping.width, mapping.height), font, ratio):
        painter.drawImage(place, image)
    if bar[1] and mapping.width > _NARROWEST_WITH_BAR:
        _paint_scale_bar(painter, mapping, bar[0])


@lru_cache(maxsize=64)
def _letters_set(
    letters: tuple[str, str, str, str],
    corners: CornerTexts,
    bar_text: str,
    size: tuple[float, float],
    fonts: tuple[QFont, QFont],
    ratio: float,
) -> SetLines:
    """Letters of the directions in their places, out of the way of the texts in the corners.

    Kept, like the corners: they stay as they are while window and place change, and cost as much to set as
    a third of the film costs to draw.
    """
    left, top, right, bottom = letters
    width, height = size
    font, small = fonts
    high = QFontMetricsF(font).height()
    gap, centre = _GAP_PX, width / 2
    above = _reach(corners.top_left, small, centre - gap)
    below = max(
        _reach(corners.bottom_left, small, centre - gap),
        _reach((bar_text, ""), small, centre - gap),  # the bar under its words is as high as a line
    )
    places = (
        (left, gap, height / 2, Qt.AlignmentFlag.AlignLeft),
        (right, width - gap, height / 2, Qt.AlignmentFlag.AlignRight),
        (top, centre, gap + above + high / 2, Qt.AlignmentFlag.AlignHCenter),
        (bottom, centre, height - gap - below - high / 2, Qt.AlignmentFlag.AlignHCenter),
    )
    return tuple(
        one
        for word, x, y, alignment in places
        for one in _set((word,), QPointF(x, y - high / 2), font, Colour.TEXT, alignment, ratio)
    )


@lru_cache(maxsize=64)
def _corners_set(
    corners: CornerTexts, bar: tuple[float, str], size: tuple[float, float], font: QFont, ratio: float
) -> SetLines:
    """Texts in the corners in their places, those of the scale bar included; see `_letters_set`."""
    metrics = QFontMetricsF(font)
    gap, (width, height) = _GAP_PX, size
    bar_length, bar_text = bar
    room = width - 2 * gap
    right_aligned = Qt.AlignmentFlag.AlignRight
    left_lines = elided(corners.top_left, metrics, room if not corners.top_right else room * 0.62)
    right_lines = elided(corners.top_right, metrics, room * 0.36)
    bar_room = max(bar_length, metrics.horizontalAdvance(bar_text)) + 2 * gap
    beside_bar = elided(corners.bottom_left[-2:], metrics, room - bar_room)
    low_lines = (*elided(corners.bottom_left[:-2], metrics, room), *beside_bar)
    low = QPointF(gap, height - gap - metrics.height() * len(low_lines))
    parts = [
        *_set(left_lines, QPointF(gap, gap), font, Colour.TEXT, Qt.AlignmentFlag.AlignLeft, ratio),
        *_set(right_lines, QPointF(width - gap, gap), font, Colour.TEXT, right_aligned, ratio),
        *_set(low_lines, low, font, Colour.TEXT, Qt.AlignmentFlag.AlignLeft, ratio),
    ]
    if bar_text and width > _NARROWEST_WITH_BAR:
        words = elided((bar_text,), metrics, width - 2 * gap)
        top = QPointF(width - gap, height - gap - _BAR_HIGH_PX - 6 - metrics.height())
        parts.extend(_set(words, top, font, Colour.TEXT, right_aligned, ratio))
    return tuple(parts)


def scale_bar(mapping: Mapping, spacing: PixelSpacing, longest: float) -> tuple[float, str]:
    """Length on the screen and words of a bar of a round length: mm with their source, or pixels.

    Millimetres are never spoken of unless the spacing is known.
    """
    view = mapping.viewpoint
    per_unit = view.zoom
    unit, source = "px", ""
    if spacing.known and spacing.column_mm is not None:
        # With the aspect of the mapping, a millimetre is equally long along rows and columns.
        per_unit = view.zoom / spacing.column_mm
        unit, source = "mm", f" ({said(spacing.source.value)})"
    most = longest / per_unit
    if most < 1e-3:
        return 0.0, ""
    decade = 10.0 ** math.floor(math.log10(most))
    units = max(step * decade for step in (1, 2, 5) if step * decade <= most)
    if unit == "px" and units < 1:
        return 0.0, ""
    return units * per_unit, f"{units:g} {unit}{source}"


def text_font(painter: QPainter, size_px: int, *, bold: bool = False) -> QFont:
    """The painter's font in another size; `size_px` is that at a text size of 100 %."""
    font = QFont(painter.font())
    font.setPixelSize(scaled(size_px))
    font.setBold(bold)
    return font


def paint_lines(
    painter: QPainter,
    lines: tuple[str, ...],
    corner: QPointF,
    font: QFont,
    colour: Colour,
    alignment: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Lines of text from `corner` downwards, with a dark rim that keeps them readable on a white film."""
    for place, image in _set(lines, corner, font, colour, alignment, painter.device().devicePixelRatioF()):
        painter.drawImage(place, image)


def _set(
    lines: tuple[str, ...],
    corner: QPointF,
    font: QFont,
    colour: Colour,
    alignment: Qt.AlignmentFlag,
    ratio: float,
) -> SetLines:
    """Lines of text as small pictures in their places, from `corner` downwards."""
    metrics = QFontMetricsF(font)
    parts = []
    for number, line in enumerate(lines):
        if not line:
            continue
        x = corner.x()
        if alignment is Qt.AlignmentFlag.AlignRight:
            x -= metrics.horizontalAdvance(line)
        elif alignment is Qt.AlignmentFlag.AlignHCenter:
            x -= metrics.horizontalAdvance(line) / 2
        # Whole pixels: letters between two pixels are blurred.
        base = QPointF(round(x), round(corner.y() + number * metrics.height() + metrics.ascent()))
        image, origin = _rimmed(line, font, colour, ratio)
        parts.append((base - origin, image))
    return tuple(parts)


@lru_cache(maxsize=512)
def _rimmed(line: str, font: QFont, colour: Colour, ratio: float) -> tuple[QImage, QPointF]:
    """A line with its rim, and where on it the base line begins: six texts in one picture, drawn at once.

    Most lines stay as they are while the film moves under them.
    """
    metrics = QFontMetricsF(font)
    rim = max(1.0, font.pixelSize() / SMALL_TEXT_PX)
    # Letters may reach beyond their own width and height: italics, marks above and below.
    reach = metrics.boundingRect(line).united(QRectF(0, -metrics.ascent(), 1, metrics.height()))
    reach = reach.adjusted(-rim - 2, -rim - 2, rim + 2, rim + 2)
    origin = QPointF(math.ceil(-reach.left()), math.ceil(-reach.top()))
    size = QSizeF(origin.x() + reach.right(), origin.y() + reach.bottom()) * ratio
    image = QImage(
        math.ceil(size.width()), math.ceil(size.height()), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setFont(font)
        painter.setPen(QColor(0, 0, 0, 210))
        for across, down in ((rim, rim), (-rim, 0), (0, -rim), (rim, 0), (0, rim)):
            painter.drawText(origin + QPointF(across, down), line)
        painter.setPen(QColor(colour))
        painter.drawText(origin, line)
    return image, origin


def _reach(lines: tuple[str, ...], font: QFont, centre: float) -> float:
    """Height of a corner's lines if they come as far as the letter in the middle, else 0."""
    metrics = QFontMetricsF(font)
    widest = max((metrics.horizontalAdvance(line) for line in lines), default=0.0)
    return metrics.height() * len(lines) if widest + 12 > centre else 0.0


def elided(lines: tuple[str, ...], metrics: QFontMetricsF, room: float) -> tuple[str, ...]:
    """Lines shortened to the room they have."""
    return tuple(metrics.elidedText(line, Qt.TextElideMode.ElideRight, max(room, 0)) for line in lines)


def _stroke_polygon(painter: QPainter, shape: QPolygonF, pen: QPen) -> None:
    painter.setPen(QPen(QColor(0, 0, 0, 170), pen.widthF() * 2))
    painter.drawPolyline(shape)
    painter.setPen(pen)
    painter.drawPolyline(shape)


def _paint_scale_bar(painter: QPainter, mapping: Mapping, length: float) -> None:
    right, y = mapping.width - _GAP_PX, mapping.height - _GAP_PX - _BAR_HIGH_PX
    for colour, width in ((QColor(0, 0, 0, 210), 4), (QColor(Colour.TEXT), 1.6)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(QPointF(right - length, y), QPointF(right, y))
        for x in (right - length, right):
            painter.drawLine(QPointF(x, y - 4), QPointF(x, y + 3))


def _unseen_bands(content: PanelContent, mapping: Mapping) -> list[QRectF]:
    """What of the film the model did not see, on the screen: above, below, left and right of the crop."""
    if content.crop is None:
        return []
    row, column, side = content.crop
    rows, columns = content.frame_shape
    bands = (
        (0, 0, row, columns),
        (row + side, 0, rows - row - side, columns),
        (max(row, 0), 0, min(row + side, rows) - max(row, 0), column),
        (max(row, 0), column + side, min(row + side, rows) - max(row, 0), columns - column - side),
    )
    return [screen_rect(mapping, *band) for band in bands if band[2] > 0 and band[3] > 0]


def _name_unseen_band(painter: QPainter, content: PanelContent, mapping: Mapping) -> None:
    """Write "not analyzed" into each hatched band beside the crop that has room for it."""
    if content.crop is None:
        return
    font = text_font(painter, SMALL_TEXT_PX)
    metrics = QFontMetricsF(font)
    words = tr("not analyzed")
    visible = QRectF(0, 0, mapping.width, mapping.height)
    for band in _unseen_bands(content, mapping):
        shown = band.intersected(visible)
        wide, high = metrics.horizontalAdvance(words), metrics.height()
        upright = shown.height() < high * 1.3 or shown.width() < wide * 1.1
        if upright and (shown.width() < high * 1.3 or shown.height() < wide * 1.1):
            continue
        painter.save()
        # A quarter along: the letters of the patient's directions stand in the middle.
        painter.translate(
            shown.center() if upright else QPointF(shown.left() + shown.width() / 4, shown.center().y())
        )
        if upright:
            painter.rotate(-90)
        paint_lines(
            painter, (words,), QPointF(0, -high / 2), font, Colour.TEXT, Qt.AlignmentFlag.AlignHCenter
        )
        painter.restore()
