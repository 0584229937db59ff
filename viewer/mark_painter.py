"""Marks of the reader on the screen: lines and words of one size at any zoom, words inside the viewport."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from core.imaging.mark_geometry import handles_of, lines_of, words_place
from core.imaging.marks import Mark, MarkKind, Point
from core.imaging.measurements import Measured
from viewer.panel import elided, paint_lines, text_font
from viewer.theme import SMALL_TEXT_PX, Colour
from viewer.viewpoint import Mapping

_LINE_PX = 1.6
_SELECTED_PX = 2.4
_END_PX = 5.0
_BARB_PX = 11.0
_CROSS_PX = 7.0
_HANDLE_PX = 3.5
_BARB_TURNS = (2.65, -2.65)
_GAP_PX = 6.0
_EDGE_PX = 4.0
_SAMPLES = 40
_LEADER_PX = 22.0


def paint_marks(
    painter: QPainter,
    marks: Sequence[Mark],
    measured: Measured | None,
    mapping: Mapping,
    selected: str = "",
    *,
    full: bool = False,
) -> dict[str, QRectF]:
    """Paint marks with their values, the selected one with handles; returns where the words of each stand.

    `full`: all that is known of each, also in a panel beside the film.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for mark in marks:
        chosen = mark.identifier == selected != ""
        paint_shape(painter, mark.kind, mark.points, mapping, _SELECTED_PX if chosen else _LINE_PX)
        if chosen:
            _paint_handles(painter, mark, mapping)
    painter.restore()
    taken: dict[str, QRectF] = {}
    for mark in marks:
        chosen = full or mark.identifier == selected != ""
        lines = (mark.label,) if measured is None else measured.beside(mark, full=chosen)
        room = _paint_words(painter, mark.kind, mark.points, lines, mapping, tuple(taken.values()))
        _paint_leader(painter, mark, room, mapping)
        taken[mark.identifier or mark.name] = room
    return taken


def paint_shape(
    painter: QPainter,
    kind: MarkKind,
    points: Sequence[Point],
    mapping: Mapping,
    width: float = _LINE_PX,
) -> None:
    """The lines of a mark, also of an unfinished one."""
    pen = QPen(QColor(Colour.ACCENT), width)
    for line in screen_lines(kind, points, mapping):
        _stroke(painter, line, pen)


def screen_lines(kind: MarkKind, points: Sequence[Point], mapping: Mapping) -> list[list[QPointF]]:
    """All that is drawn of a mark, in the viewport: its lines, end bars, barbs and crosses."""
    lines = [
        [QPointF(*mapping.to_screen(*point)) for point in line]
        for line in lines_of(kind, points, mapping.aspect)
    ]
    spots = [QPointF(*mapping.to_screen(*point)) for point in points]
    if kind is MarkKind.PROBE and spots:
        for arm in (QPointF(_CROSS_PX, 0), QPointF(0, _CROSS_PX)):
            # Open in the middle: the pixel itself must be seen.
            lines += [[spots[0] - arm, spots[0] - arm * 0.3], [spots[0] + arm * 0.3, spots[0] + arm]]
    if len(spots) > 1 and kind in {MarkKind.LENGTH, MarkKind.ARROW}:
        start, end = spots[0], spots[1]
        angle = math.atan2(end.y() - start.y(), end.x() - start.x())
        if kind is MarkKind.ARROW:
            for turn in _BARB_TURNS:
                barb = QPointF(math.cos(angle + turn), math.sin(angle + turn)) * _BARB_PX
                lines.append([end + barb, end])
        else:
            across = QPointF(-math.sin(angle), math.cos(angle)) * _END_PX
            lines += [[spot - across, spot + across] for spot in (start, end)]
    return lines


def paint_hint(painter: QPainter, words: str, at: QPointF, mapping: Mapping) -> None:
    """What to do next, beside the mouse."""
    if words:
        _paint_text(painter, (words,), at + QPointF(14, 16), mapping, (), Colour.TEXT)


def _paint_words(
    painter: QPainter,
    kind: MarkKind,
    points: Sequence[Point],
    lines: tuple[str, ...],
    mapping: Mapping,
    taken: tuple[QRectF, ...],
) -> QRectF:
    spots = [QPointF(*mapping.to_screen(*point)) for point in points]
    viewport = QRectF(0, 0, mapping.width, mapping.height)
    if kind.is_region:
        # The lower right corner of what can be seen of it, however the film is turned.
        around = QPolygonF(spots).boundingRect().intersected(viewport)
        if around.isEmpty():
            return QRectF()
        return _paint_text(painter, lines, around.bottomRight() + QPointF(_GAP_PX, -8), mapping, taken)
    place = _seen(QPointF(*mapping.to_screen(*words_place(kind, points))), kind, points, mapping)
    if place is None:
        return QRectF()
    if kind is MarkKind.ARROW:
        # Behind the tail, out of the way of the shaft.
        metrics = QFontMetricsF(text_font(painter, SMALL_TEXT_PX))
        wide = max((metrics.horizontalAdvance(line) for line in lines), default=0.0)
        high = metrics.height() * len(lines)
        along = spots[0] - spots[1]
        length = math.hypot(along.x(), along.y()) or 1.0
        back = QPointF(along.x() / length * (wide / 2 + 8), along.y() / length * (high / 2 + 6))
        return _paint_text(painter, lines, place + back - QPointF(wide / 2, high / 2), mapping, taken)
    return _paint_text(painter, lines, place + QPointF(_GAP_PX, _EDGE_PX), mapping, taken)


def _seen(place: QPointF, kind: MarkKind, points: Sequence[Point], mapping: Mapping) -> QPointF | None:
    """The place, or that of the mark in the viewport which is nearest to it; None where none is."""
    viewport = QRectF(0, 0, mapping.width, mapping.height)
    if viewport.contains(place):
        return place
    along = [
        start + (end - start) * (step / _SAMPLES)
        for line in screen_lines(kind, points, mapping)
        for start, end in pairwise(line)
        for step in range(_SAMPLES + 1)
    ]
    seen = [spot for spot in along if viewport.contains(spot)]
    return min(seen, key=lambda spot: QLineF(spot, place).length(), default=None)


def _paint_text(
    painter: QPainter,
    lines: tuple[str, ...],
    corner: QPointF,
    mapping: Mapping,
    taken: tuple[QRectF, ...],
    colour: Colour = Colour.ACCENT,
) -> QRectF:
    """Lines at a corner, moved into the viewport and off other words."""
    font = text_font(painter, SMALL_TEXT_PX)
    metrics = QFontMetricsF(font)
    lines = elided(lines, metrics, mapping.width - 2 * _EDGE_PX)
    wide = max((metrics.horizontalAdvance(line) for line in lines), default=0.0)
    high = metrics.height() * len(lines)
    x = max(min(corner.x(), mapping.width - wide - _EDGE_PX), _EDGE_PX)
    y = max(min(corner.y(), mapping.height - high - 2), 2.0)
    room = QRectF(x, _free_row(QRectF(x, y, wide, high), taken, mapping.height), wide, high)
    paint_lines(painter, lines, room.topLeft(), font, colour)
    return room


def _paint_leader(painter: QPainter, mark: Mark, room: QRectF, mapping: Mapping) -> None:
    """A thin line from words that had to move to their mark."""
    if not room.isValid():
        return
    along = [spot for line in screen_lines(mark.kind, mark.points, mapping) for spot in line]
    if not along:
        return
    nearest = min(along, key=lambda spot: _gap(spot, room).manhattanLength())
    gap = _gap(nearest, room)
    if math.hypot(gap.x(), gap.y()) > _LEADER_PX:
        painter.setPen(QPen(QColor(Colour.ACCENT), 1.0, Qt.PenStyle.DotLine))
        painter.drawLine(nearest, nearest - gap)


def _gap(spot: QPointF, room: QRectF) -> QPointF:
    """From the nearest place of a rectangle to a spot."""
    x = min(max(spot.x(), room.left()), room.right())
    return spot - QPointF(x, min(max(spot.y(), room.top()), room.bottom()))


def _free_row(wanted: QRectF, taken: tuple[QRectF, ...], most: float) -> float:
    """The row nearest to the wanted one where nothing stands in the way; the wanted one if there is none."""
    rows = [wanted.top()]
    rows += [row for other in taken for row in (other.bottom() + 1, other.top() - wanted.height() - 1)]
    for row in sorted(rows, key=lambda row: abs(row - wanted.top())):
        room = QRectF(wanted.left(), row, wanted.width(), wanted.height())
        if 0 <= row <= most - wanted.height() and not any(other.intersects(room) for other in taken):
            return row
    return wanted.top()


def _paint_handles(painter: QPainter, mark: Mark, mapping: Mapping) -> None:
    painter.setPen(QPen(QColor(0, 0, 0, 200), 1.2))
    painter.setBrush(QColor(Colour.TEXT))
    for point in handles_of(mark):
        painter.drawEllipse(QPointF(*mapping.to_screen(*point)), _HANDLE_PX, _HANDLE_PX)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _stroke(painter: QPainter, line: list[QPointF], pen: QPen) -> None:
    shape = QPolygonF(line)
    for one in (QPen(QColor(0, 0, 0, 170), pen.widthF() * 2), pen):
        painter.setPen(one)
        painter.drawPolyline(shape)
