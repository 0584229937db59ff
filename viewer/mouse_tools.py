"""The tools that every viewer has: window, pan, zoom, scroll, crosshair, and drawing a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, SignalInstance
from PySide6.QtGui import QPainter

from core.imaging.frame import VoiFunction, Window
from core.imaging.measurements import Length
from viewer.guides import guide_at, paint_guides
from viewer.panel import Mark, MarkKind, paint_marks
from viewer.pointer import Drag, PointerTool, WindowBasis
from viewer.viewpoint import Mapping

if TYPE_CHECKING:
    from viewer.image_view import ImageView

_ZOOM_PX = 160.0
_WINDOW_PX = 300.0
_SCROLL_PX = 12.0


def dragged_window(basis: WindowBasis, across: float, down: float) -> Window:
    """The window after dragging so many screen pixels: right is wider (softer), up is brighter.

    Steps are proportional to the width, so that a narrow window moves gently.
    """
    start = basis.window
    span = max(basis.highest - basis.lowest, 1e-6)
    narrowest = 1.0 if start.function is VoiFunction.LINEAR else min(1.0, span / 1000)
    width = start.width * math.exp(across / _WINDOW_PX * 1.5)
    width = min(max(width, narrowest), 4 * span)
    brighter = down if not basis.inverted else -down
    center = start.center + brighter / _WINDOW_PX * max(start.width, narrowest)
    center = min(max(center, basis.lowest - span), basis.highest + span)
    return Window(center, max(width, narrowest), start.function)


class WindowTool(PointerTool):
    """Right is softer, up is brighter."""

    def move(self, drag: Drag) -> None:
        """Wish for another window."""
        if drag.basis is not None:
            across, down = drag.travelled.toTuple()
            self._view.windowed.emit(dragged_window(drag.basis, across, down))


class PanTool(PointerTool):
    """The film goes with the mouse."""

    cursor = Qt.CursorShape.OpenHandCursor

    def move(self, drag: Drag) -> None:
        """Wish for another place."""
        self._view.viewpointChanged.emit(drag.mapping.dragged(*drag.travelled.toTuple()))


class ZoomTool(PointerTool):
    """Up is larger, about where the drag began."""

    def move(self, drag: Drag) -> None:
        """Wish for another size."""
        factor = math.exp(-drag.travelled.y() / _ZOOM_PX)
        self._view.viewpointChanged.emit(drag.mapping.zoomed(factor, drag.start.x(), drag.start.y()))


class ScrollTool(PointerTool):
    """Down goes forward through the series, step by step."""

    _steps = 0

    def press(self, drag: Drag) -> None:
        """Count from here."""
        self._steps = 0

    def move(self, drag: Drag) -> None:
        """Wish for the frames between the last step and this."""
        steps = round(drag.travelled.y() / _SCROLL_PX)
        if steps != self._steps:
            self._view.scrolled.emit(steps - self._steps)
            self._steps = steps


class CrosshairTool(PointerTool):
    """Points to places of the frame while it is dragged."""

    def move(self, drag: Drag) -> None:
        """Point here."""
        self._view.point_to(drag.here)


class GuideLines(CrosshairTool):
    """The lines of other planes: on the film whatever the tool, to be dragged or, with Shift, followed."""

    def grabs(self, position: QPointF, chosen: PointerTool) -> bool:
        """On a line, unless something is drawn: a length or an arrow may begin there."""
        guides = self._view.guides
        return guides is not None and not chosen.draws and guide_at(guides, self._view.mapping, position)

    def hover(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the mouse while Shift is held."""
        if self._view.guides is not None and modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._view.point_to(position)

    def paint(self, painter: QPainter, mapping: Mapping) -> None:
        """The lines."""
        if self._view.guides is not None:
            paint_guides(painter, self._view.guides, mapping)


class LineTool(PointerTool):
    """A line from where the button goes down to where it goes up."""

    draws = True
    kind = MarkKind.LENGTH

    def __init__(self, view: ImageView) -> None:
        super().__init__(view)
        self._drag: Drag | None = None

    def move(self, drag: Drag) -> None:
        """Show the line as it would be."""
        self._drag = drag
        self._view.update()

    def release(self, drag: Drag) -> None:
        """The line is drawn."""
        self._drag = None
        start = drag.mapping.to_frame(*drag.start.toTuple())
        self._drawn.emit(*start, *self._view.mapping.to_frame(*drag.here.toTuple()))
        self._view.update()

    def cancel(self) -> None:
        """No line."""
        self._drag = None

    def paint(self, painter: QPainter, mapping: Mapping) -> None:
        """The line while it is drawn."""
        if self._drag is not None:
            start, end = (mapping.to_frame(*at.toTuple()) for at in (self._drag.start, self._drag.here))
            mark = Mark("", self.kind, Length(start, end))
            paint_marks(painter, (mark,), self._view.content.spacing, mapping)

    @property
    def _drawn(self) -> SignalInstance:
        return self._view.lengthDrawn


class ArrowTool(LineTool):
    """An arrow, from its tail to its tip."""

    kind = MarkKind.ARROW

    @property
    def _drawn(self) -> SignalInstance:
        return self._view.arrowDrawn
