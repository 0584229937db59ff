"""The tools that every viewer has: window, pan, zoom, scroll, crosshair."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from core.imaging.frame import VoiFunction, Window
from viewer.guides import guide_at, paint_guides
from viewer.pointer import Drag, PointerTool, WindowBasis
from viewer.viewpoint import Mapping

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
