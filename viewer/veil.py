"""A second picture over a part of a panel, as the curtain and the lens show it: always under its own name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath

from core.imaging.display import Levels
from viewer.language import tr
from viewer.panel import PanelContent, paint_lines, paint_map, paint_outlines, text_font
from viewer.picture import Picture
from viewer.theme import SMALL_TEXT_PX, Colour, scaled
from viewer.viewpoint import Mapping

_LABEL_PX = SMALL_TEXT_PX + 1


@dataclass(frozen=True, slots=True, eq=False)
class Second:
    """The picture of another panel, to be seen within this one. `synthetic`: it is the invented twin."""

    picture: Picture
    levels: Levels
    content: PanelContent
    synthetic: bool

    @property
    def colour(self) -> Colour:
        """The colour of its rim: the twin has its own."""
        return Colour.TWIN if self.synthetic else Colour.ACCENT

    @property
    def name(self) -> str:
        """What stands beside it."""
        return tr("SYNTHETIC TWIN") if self.synthetic else self.content.title


class Veil(Protocol):
    """What lies over a part of a panel. Values: known by `==`."""

    def paint(self, painter: QPainter, mapping: Mapping, device_ratio: float) -> None:
        """Paint it; the painter's origin is the corner of the viewport."""
        ...

    def reach(self, mapping: Mapping) -> QRect:
        """All that it paints on, in viewport pixels."""
        ...


def paint_second(
    painter: QPainter, second: Second, part: QPainterPath, mapping: Mapping, device_ratio: float
) -> None:
    """A part of the viewport as the other panel shows it: its picture, what lies over it, its map.

    The picture keeps its last sample for one viewpoint, which the other panel shares: nothing is resampled
    while an edge or a circle moves.
    """
    painter.save()
    painter.setClipPath(part, Qt.ClipOperation.IntersectClip)
    room = part.boundingRect().toAlignedRect()
    painter.fillRect(room, QColor(Colour.FILM))
    shown = second.picture.shown(mapping, device_ratio, second.levels)
    if shown is not None:
        # Only what lies around the part: Qt walks along all of an image that it clips.
        image, corner = shown
        left, top = (
            max(0, math.floor((edge - at) * device_ratio))
            for edge, at in zip((room.left(), room.top()), (corner.x(), corner.y()), strict=True)
        )
        source = QRect(
            left, top, math.ceil(room.width() * device_ratio) + 2, math.ceil(room.height() * device_ratio) + 2
        )
        source = source.intersected(image.rect())
        painter.drawImage(corner + QPointF(source.topLeft()) / device_ratio, image, QRectF(source))
    if second.content.planes is not None:
        second.content.planes.paint(painter, mapping, device_ratio)
    paint_map(painter, second.content, mapping)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    paint_outlines(painter, second.content, mapping)
    painter.restore()


def paint_name(
    painter: QPainter, words: str, colour: Colour, place: QPointF, alignment: Qt.AlignmentFlag
) -> None:
    """The name of a part, bold, readable on any film; `place`: top of the line, at its aligned end."""
    paint_lines(painter, (words,), place, text_font(painter, _LABEL_PX, bold=True), colour, alignment)


def name_room(font: QFont, words: str) -> QRectF:
    """How much room a name takes, from (0, 0); `font`: that of the painter or widget, in any size."""
    written = QFont(font)
    written.setPixelSize(scaled(_LABEL_PX))
    written.setBold(True)
    metrics = QFontMetricsF(written)
    return QRectF(0, 0, metrics.horizontalAdvance(words), metrics.height())
