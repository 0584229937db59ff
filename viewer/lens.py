"""The healthy lens: a circle under the cursor that shows the twin, or the difference, in its place."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QApplication

from viewer.theme import scaled
from viewer.veil import Second, name_room, paint_name, paint_second
from viewer.viewpoint import Mapping

LEAST_RADIUS_PX, MOST_RADIUS_PX = 40, 400
_STEP = 1.15
_RIM_PX = 2.4
_NAME_GAP_PX = 3.0
# Of the name, at a text size of 100 %: its letters have a rim, and may reach beyond their own width.
_NAME_RIM_PX = 5.0


@dataclass(frozen=True, slots=True)
class Lens:
    """How large the circle is on the screen, and what it shows: the twin, or the film with the map."""

    radius_px: float = 110.0
    shows_difference: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "radius_px", min(max(self.radius_px, LEAST_RADIUS_PX), MOST_RADIUS_PX))

    def resized(self, steps: float) -> Lens:
        """So many steps larger, or smaller."""
        return replace(self, radius_px=float(round(self.radius_px * _STEP**steps)))


@dataclass(frozen=True, slots=True)
class LensVeil:
    """The lens over a place of the frame, (row, column): it stays on its anatomy while one zooms."""

    lens: Lens
    second: Second
    place: tuple[float, float]

    def reach(self, mapping: Mapping) -> QRect:
        """The circle with its rim, and its name."""
        circle, name = self._circle(mapping), self._name_place(mapping, QApplication.font())
        wider, rim = _RIM_PX + 2, scaled(_NAME_RIM_PX)
        around = circle.adjusted(-wider, -wider, wider, wider)
        return around.united(name.adjusted(-rim, -rim, rim, rim)).toAlignedRect()

    def paint(self, painter: QPainter, mapping: Mapping, device_ratio: float) -> None:
        """The second picture within the circle, its rim, and its name."""
        circle = self._circle(mapping)
        inside = QPainterPath()
        inside.addEllipse(circle)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_second(painter, self.second, inside, mapping, device_ratio)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 190), _RIM_PX + 2), (QColor(self.second.colour), _RIM_PX)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(circle)
        painter.restore()
        place = self._name_place(mapping, painter.font()).topLeft()
        paint_name(painter, self.second.name, self.second.colour, place, Qt.AlignmentFlag.AlignLeft)

    def _name_place(self, mapping: Mapping, font: QFont) -> QRectF:
        """Where the name stands: below the circle or above it, always in the viewport."""
        circle, room = self._circle(mapping), name_room(font, self.second.name)
        wide, high = room.width(), room.height()
        y = circle.bottom() + _NAME_GAP_PX
        if y + high > mapping.height:
            y = circle.top() - _NAME_GAP_PX - high
        if y < 0:  # a circle higher than the viewport
            y = mapping.height - high - _NAME_GAP_PX
        x = min(max(circle.center().x() - wide / 2, 4.0), mapping.width - wide - 4.0)
        return QRectF(x, y, wide, high)

    def _circle(self, mapping: Mapping) -> QRectF:
        x, y = mapping.to_screen(*self.place)
        radius = self.lens.radius_px
        return QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
