"""Where other planes cut a picture: a line each across the whole film, the edges of thick slabs dotted."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.theme import Colour
from viewer.viewpoint import Mapping

_GAP_PX = 14.0
_GRAB_PX = 5.0


@dataclass(frozen=True, slots=True)
class Guides:
    """A crosshair at a frame (row, column); each line in the colour of the plane that it stands for.

    `row_edges`, `column_edges`: rows and columns between which the slabs of these planes lie; empty where
    they are one voxel thick.
    """

    row: float
    column: float
    row_colour: Colour
    column_colour: Colour
    row_edges: tuple[float, ...] = ()
    column_edges: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """Where the plane of another viewport cuts a picture: the ends of a line as frame (row, column)."""

    start: tuple[float, float]
    end: tuple[float, float]
    colour: Colour


def paint_cuts(painter: QPainter, cuts: tuple[Cut, ...], mapping: Mapping) -> None:
    """Dashed lines across the film: they can be told from the lines of a crosshair, and from anatomy."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for cut in cuts:
        line = QLineF(QPointF(*mapping.to_screen(*cut.start)), QPointF(*mapping.to_screen(*cut.end)))
        _paint_line(painter, line, cut.colour, Qt.PenStyle.DashLine)
    painter.restore()


def paint_guides(painter: QPainter, guides: Guides, mapping: Mapping) -> None:
    """Lines over the viewport, open around the point where they meet: what lies there must be seen."""
    x, y = mapping.to_screen(guides.row, guides.column)
    painter.save()
    for edge in guides.row_edges:
        _paint_line(
            painter, _along(guides, mapping, edge, is_row=True), guides.row_colour, Qt.PenStyle.DotLine
        )
    for edge in guides.column_edges:
        line = _along(guides, mapping, edge, is_row=False)
        _paint_line(painter, line, guides.column_colour, Qt.PenStyle.DotLine)
    for is_row, colour in ((True, guides.row_colour), (False, guides.column_colour)):
        line = _along(guides, mapping, guides.row if is_row else guides.column, is_row=is_row)
        for half in _halves(line, QPointF(x, y)):
            _paint_line(painter, half, colour, Qt.PenStyle.SolidLine)
    painter.restore()


def guide_at(guides: Guides, mapping: Mapping, position: QPointF) -> bool:
    """Whether a screen position is on one of the lines."""
    row, column = mapping.to_frame(position.x(), position.y())
    for place in ((guides.row, column), (row, guides.column)):
        if QLineF(QPointF(*mapping.to_screen(*place)), position).length() <= _GRAB_PX:
            return True
    return False


def _along(guides: Guides, mapping: Mapping, place: float, *, is_row: bool) -> QLineF:
    """The line of one row or column from one end of the viewport to the other."""
    first = mapping.to_screen(place, guides.column) if is_row else mapping.to_screen(guides.row, place)
    x, y = first
    # A quarter turn of the picture stands the rows upright.
    lies = is_row != bool(mapping.viewpoint.quarter_turns % 2)
    return QLineF(0, y, mapping.width, y) if lies else QLineF(x, 0, x, mapping.height)


def _halves(line: QLineF, middle: QPointF) -> tuple[QLineF, ...]:
    """A line without the part around a point of it."""
    unit = line.unitVector()
    step = QPointF(unit.dx(), unit.dy()) * _GAP_PX
    before, after = QLineF(line.p1(), middle - step), QLineF(middle + step, line.p2())
    return tuple(half for half in (before, after) if half.dx() * line.dx() + half.dy() * line.dy() > 0)


def _paint_line(painter: QPainter, line: QLineF, colour: Colour, style: Qt.PenStyle) -> None:
    # A dark rim keeps the line to be seen on white.
    painter.setPen(QPen(QColor(0, 0, 0, 130), 3.0))
    if style is Qt.PenStyle.SolidLine:
        painter.drawLine(line)
    painter.setPen(QPen(QColor(colour), 1.0, style))
    painter.drawLine(line)
