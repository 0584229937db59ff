"""The magnifier: a circle around the cursor that shows the panel two to four times as large."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from viewer.panel import paint_drawings, paint_lines, paint_map, text_font
from viewer.pointer import Drag, PointerTool
from viewer.theme import SMALL_TEXT_PX, Colour, scaled
from viewer.viewpoint import Mapping, Viewpoint

if TYPE_CHECKING:
    from viewer.image_view import ImageView

FACTORS = (2.0, 2.5, 3.0, 4.0)
_RADIUS_PX = 120
_MOST_OF_THE_PANEL = 0.3  # its radius, of the shorter side
_RIM_PX = 2.4
_SHADOW = QColor(0, 0, 0, 190)
_steps = [FACTORS.index(2.5)]
"""The step in use, in all panels."""


class MagnifierTool(PointerTool):
    """Follows the mouse while it is chosen or its button is held; Shift and the wheel change the step."""

    def __init__(self, view: ImageView) -> None:
        super().__init__(view)
        self._place: QPointF | None = None

    def press(self, drag: Drag) -> None:
        """Appear."""
        self._go_to(drag.here)

    def move(self, drag: Drag) -> None:
        """Follow the mouse."""
        self._go_to(drag.here)

    def release(self, drag: Drag) -> None:
        """Go, if it was taken for this drag alone; the next movement brings it back otherwise."""
        self._go_to(None)

    def click(self, drag: Drag) -> bool:
        """Go, and let the click be what it is."""
        self._go_to(None)
        return False

    def hover(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """Follow the mouse; there is none over the title bar."""
        self._go_to(position if position.y() >= 0 else None)

    def leave(self) -> None:
        """Go with the mouse."""
        self._go_to(None)

    def cancel(self) -> None:
        """Go."""
        self._go_to(None)

    def wheel(self, turned: int, position: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """With Shift: larger or smaller."""
        if self._place is None or not modifiers & Qt.KeyboardModifier.ShiftModifier or not turned:
            return False
        _steps[0] = min(max(_steps[0] + (1 if turned > 0 else -1), 0), len(FACTORS) - 1)
        self._view.update()
        return True

    def paint(self, painter: QPainter, mapping: Mapping) -> None:
        """The part under the cursor with all that lies over it, in its window, with its factor below."""
        view, place = self._view, self._place
        if place is None or view.picture is None or view.levels is None:
            return
        # In a narrow panel the film around it must be seen, too.
        room = min(mapping.width, mapping.height) * _MOST_OF_THE_PANEL
        radius, factor = min(float(scaled(_RADIUS_PX)), room), FACTORS[_steps[0]]
        inner = magnified(mapping, place, radius, factor)
        painter.translate(place - QPointF(radius, radius))
        circle = QRectF(0, 0, 2 * radius, 2 * radius)
        inside = QPainterPath()
        inside.addEllipse(circle)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipPath(inside)
        painter.fillRect(circle, QColor(Colour.FILM))
        ratio = view.devicePixelRatioF()
        drawn = view.picture.drawn(inner, ratio, view.levels)
        if drawn is not None:
            painter.drawImage(drawn[1], drawn[0])
        if view.content.planes is not None:
            view.content.planes.paint(painter, inner, ratio)
        paint_map(painter, view.content, inner)
        paint_drawings(painter, view.content, inner)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((_SHADOW, _RIM_PX + 2), (QColor(Colour.TEXT), _RIM_PX)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(circle)
        font = text_font(painter, SMALL_TEXT_PX)
        foot = QPointF(radius, circle.bottom() - scaled(24))
        paint_lines(painter, (f"{factor:g}×",), foot, font, Colour.TEXT, Qt.AlignmentFlag.AlignHCenter)

    def _go_to(self, place: QPointF | None) -> None:
        if place != self._place:
            self._place = place
            self._view.update()


def magnified(mapping: Mapping, place: QPointF, radius: float, factor: float) -> Mapping:
    """The mapping of a square around a place of the viewport, so many times as large; turned alike."""
    row, column = mapping.to_frame(place.x(), place.y())
    view = mapping.viewpoint
    larger = Viewpoint(row, column, view.zoom * factor, view.quarter_turns, view.flipped)
    return replace(mapping, viewpoint=larger, width=2 * radius, height=2 * radius)
