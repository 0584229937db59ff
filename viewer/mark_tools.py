"""Marks under the mouse: one tool for each kind to draw them, and what lies on the film to be edited."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from core.imaging.mark_geometry import crossed, handles_of, moved, with_handle
from core.imaging.marks import POINTS, Mark, MarkKind, Point
from viewer.language import marked, tr
from viewer.mark_editor import MarkEditor
from viewer.mark_painter import paint_hint, paint_marks, paint_shape, screen_lines
from viewer.pointer import Drag, PointerTool
from viewer.viewpoint import Mapping

if TYPE_CHECKING:
    from viewer.image_view import ImageView

REACH_PX = 6.0
"""How near the mouse must come to a line or a handle."""
_STEP_PX = 2.5
_AT_ONCE = {MarkKind.PROBE, MarkKind.TEXT}
_BY_CLICKS = {MarkKind.ANGLE, MarkKind.COBB, MarkKind.HEART}
_HINTS: dict[MarkKind, tuple[str, ...]] = {
    MarkKind.ANGLE: (marked("end of one arm"), marked("vertex"), marked("end of the other arm")),
    MarkKind.COBB: (
        marked("upper end plate: one end"),
        marked("upper end plate: other end"),
        marked("lower end plate: one end"),
        marked("lower end plate: other end"),
    ),
    MarkKind.HEART: (
        marked("midline: top"),
        marked("midline: bottom"),
        marked("heart: outermost point on one side"),
        marked("heart: outermost point on the other side"),
        marked("thorax: inner edge of the ribs on one side"),
        marked("thorax: inner edge of the ribs on the other side"),
    ),
}


class DrawTool(PointerTool):
    """Draws marks of one kind: by a drag, by a click, or by several of both where it takes more points."""

    draws = True

    def __init__(self, view: ImageView, kind: MarkKind) -> None:
        super().__init__(view)
        self._kind = kind
        self._points: list[Point] = []
        self._here: QPointF | None = None

    @property
    def unfinished(self) -> bool:
        """Whether a mark is begun and needs more points."""
        return bool(self._points)

    def press(self, drag: Drag) -> None:
        """The next point, or the beginning of an outline."""
        if self._kind not in _AT_ONCE:
            self._points.append(self._at(drag.start))
        self._here = drag.here

    def move(self, drag: Drag) -> None:
        """Show the mark as it would be."""
        self._here = drag.here
        if self._kind is MarkKind.FREEHAND:
            last = QPointF(*self._view.mapping.to_screen(*self._points[-1]))
            if QLineF(last, drag.here).length() >= _STEP_PX:
                self._points.append(self._at(drag.here))
        self._view.update()

    def release(self, drag: Drag) -> None:
        """The drag gave one point more."""
        if len(self._points) == POINTS.get(self._kind):
            self._points[-1] = self._at(drag.here)  # the last one was only put where the button went down
        elif self._kind is not MarkKind.FREEHAND:
            self._points.append(self._at(drag.here))
        self._finish_or_go_on()

    def click(self, drag: Drag) -> bool:
        """A point by itself, where points may come one by one; else the click is the view's."""
        if self._kind in _AT_ONCE:
            self._points.append(self._at(drag.here))
        elif self._kind not in _BY_CLICKS:
            self.cancel()
            return False
        self._finish_or_go_on()
        return True

    def double_click(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """Two quick clicks are points, too."""
        return self._kind in _BY_CLICKS or self._kind in _AT_ONCE

    def hover(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The unfinished mark follows the mouse, and so do the words that say what comes next."""
        self._here = position
        if self._points or self._kind in _HINTS:
            self._view.update()

    def leave(self) -> None:
        """Nothing follows the mouse elsewhere."""
        self._here = None
        self._view.update()

    def cancel(self) -> None:
        """No mark."""
        self._points = []
        self._here = None
        self._view.update()

    def paint(self, painter: QPainter, mapping: Mapping) -> None:
        """The mark while it is drawn, with its value as soon as it has one; what to do next."""
        if self._here is None:
            return
        points = list(self._points)
        wanted = POINTS.get(self._kind, 0)
        if points and wanted:
            points[wanted - 1 :] = []
            points.append(mapping.to_frame(*self._here.toTuple()))
        mark = self._made(points)
        if mark is not None:
            paint_marks(painter, (mark,), self._view.content.measured, mapping, full=True)
        elif points:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_shape(painter, self._kind, points, mapping)
        hints = _HINTS.get(self._kind, ())
        if len(self._points) < len(hints):
            paint_hint(painter, tr(hints[len(self._points)]), self._here, mapping)

    def _at(self, position: QPointF) -> Point:
        return self._view.mapping.to_frame(*position.toTuple())

    def _made(self, points: list[Point]) -> Mark | None:
        """The mark of these points; None while there are too few."""
        if self._kind is MarkKind.BIDIRECTIONAL and len(points) == 2:
            return Mark(self._kind, crossed(points[0], points[1], self._view.mapping.aspect))
        try:
            return Mark(self._kind, tuple(points))
        except ValueError:
            return None

    def _finish_or_go_on(self) -> None:
        mark = self._made(self._points)
        if mark is None:
            if self._kind is MarkKind.FREEHAND:
                self.cancel()  # too short to go around anything
            self._view.update()
            return
        self._points = []
        self._view.update()
        if mark.kind is MarkKind.TEXT:
            self._write(mark)
        else:
            self._view.markDrawn.emit(mark)

    def _write(self, mark: Mark) -> None:
        view = self._view
        place = QPointF(*view.mapping.to_screen(*mark.points[0])) + QPointF(view.viewport.topLeft())
        editor = MarkEditor(view, place.toPoint())
        editor.written.connect(lambda text: view.markDrawn.emit(replace(mark, text=text)) if text else None)


class MarkLayer(PointerTool):
    """The marks of the view's content, to be selected, dragged by a handle or as a whole, written on."""

    def __init__(self, view: ImageView) -> None:
        super().__init__(view)
        self._words: dict[str, QRectF] = {}
        self._mark: Mark | None = None
        self._handle: int | None = None
        self._draft: Mark | None = None
        self._points_at_something = False

    def grabs(self, position: QPointF, chosen: PointerTool) -> bool:
        """On a handle, a line or words of a mark, unless one is being drawn."""
        self._mark, self._handle = None, None
        if not chosen.unfinished:
            self._mark, self._handle = self._hit(position)
        return self._mark is not None

    def press(self, drag: Drag) -> None:
        """Select it."""
        if self._mark is not None and self._mark.identifier != self._view.content.selected_mark:
            self._view.markSelected.emit(self._mark.identifier)

    def move(self, drag: Drag) -> None:
        """Show it as it would be."""
        if self._mark is None:
            return
        mapping = self._view.mapping
        row, column = mapping.to_frame(*drag.here.toTuple())
        start_row, start_column = mapping.to_frame(*drag.start.toTuple())
        down, across = row - start_row, column - start_column
        if self._handle is None:
            self._draft = moved(self._mark, down, across)
        else:
            # As far from the mouse as it was grabbed: nothing jumps.
            point = handles_of(self._mark)[self._handle]
            to = point[0] + down, point[1] + across
            self._draft = with_handle(self._mark, self._handle, to, mapping.aspect)
        self._view.update()

    def release(self, drag: Drag) -> None:
        """It is changed."""
        draft, self._draft = self._draft, None
        self._view.update()
        if draft is not None:
            self._view.markChanged.emit(draft)

    def click(self, drag: Drag) -> bool:
        """It is selected already."""
        return True

    def double_click(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """Write on it, in place."""
        mark, _ = self._hit(position)
        if mark is None:
            return False
        view = self._view
        room = self._words.get(mark.identifier, QRectF())
        place = room.topLeft() if room.isValid() else position
        editor = MarkEditor(view, (place + QPointF(view.viewport.topLeft())).toPoint(), mark.text)
        editor.written.connect(lambda text: self._take_text(mark, text))
        return True

    def hover(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """A hand over what can be grabbed."""
        there = not self._view.chosen.unfinished and self._hit(position)[0] is not None
        if there != self._points_at_something:
            self._points_at_something = there
            self._view.setCursor(Qt.CursorShape.SizeAllCursor if there else self._view.chosen.cursor)

    def cancel(self) -> None:
        """Nothing is dragged."""
        self._draft = None
        self._view.update()

    def paint(self, painter: QPainter, mapping: Mapping) -> None:
        """All marks, the dragged one where the mouse is."""
        content, draft = self._view.content, self._draft
        marks = content.marks
        if draft is not None:
            marks = tuple(draft if one.identifier == draft.identifier else one for one in marks)
        self._words = paint_marks(painter, marks, content.measured, mapping, content.selected_mark)

    def _take_text(self, mark: Mark, text: str) -> None:
        if text or mark.kind is not MarkKind.TEXT:
            self._view.markChanged.emit(replace(mark, text=text))

    def _hit(self, position: QPointF) -> tuple[Mark | None, int | None]:
        """The mark here and its handle: handles before lines and words, the selected mark before others."""
        mapping, selected = self._view.mapping, self._view.content.selected_mark
        marks = sorted(self._view.content.marks, key=lambda one: one.identifier == selected)[::-1]
        for mark in marks:
            far = [
                QLineF(QPointF(*mapping.to_screen(*point)), position).length() for point in handles_of(mark)
            ]
            nearest = min(range(len(far)), key=far.__getitem__)
            if far[nearest] <= REACH_PX and mark.kind is not MarkKind.TEXT:
                return mark, nearest
        for mark in marks:
            lines = screen_lines(mark.kind, mark.points, mapping)
            if any(_from_line(line, position) <= REACH_PX for line in lines):
                return mark, None
            if self._words.get(mark.identifier, QRectF()).contains(position):
                return mark, None
        return None, None


def _from_line(line: list[QPointF], position: QPointF) -> float:
    """Distance of a position from a line through points, on the screen."""
    return min(
        (_from_segment(start, end, position) for start, end in pairwise(line)),
        default=float("inf"),
    )


def _from_segment(start: QPointF, end: QPointF, position: QPointF) -> float:
    along, to = end - start, position - start
    length = QPointF.dotProduct(along, along)
    share = min(max(QPointF.dotProduct(along, to) / length, 0.0), 1.0) if length else 0.0
    return QLineF(start + along * share, position).length()
