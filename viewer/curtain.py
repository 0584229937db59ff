"""The swipe curtain: left of (or above) an edge the original, beyond it the healthy twin."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from viewer.theme import Colour
from viewer.veil import Second, name_room, paint_name, paint_second
from viewer.viewpoint import Mapping

GRAB_PX = 7.0
_LEAST, _MOST = 0.02, 0.98
_RIM_PX = 2.0
_NAMES_SHARE = 0.16
_NAMES_LEAST_PX = 100.0
_GRIP_PX = 34.0


@dataclass(frozen=True, slots=True)
class Curtain:
    """Where the edge stands: `place` is a share of the viewport's width, or height if it lies level.

    A place on the screen, not on the film: it stays where it is while one zooms, turns or scrolls.
    """

    place: float = 0.5
    upright: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "place", min(max(self.place, _LEAST), _MOST))

    def turned(self) -> Curtain:
        """The same with the edge the other way."""
        return replace(self, upright=not self.upright)

    def edge_px(self, mapping: Mapping) -> float:
        """Where the edge stands on the screen, in whole pixels: nothing is drawn twice along it."""
        return float(round(self.place * (mapping.width if self.upright else mapping.height)))

    def at(self, position: QPointF, mapping: Mapping) -> Curtain:
        """The curtain drawn to a position of the viewport."""
        along, whole = (position.x(), mapping.width) if self.upright else (position.y(), mapping.height)
        return replace(self, place=along / max(whole, 1.0))

    def grabbed_at(self, position: QPointF, mapping: Mapping) -> bool:
        """Whether the mouse is near enough to the edge to take it."""
        along = position.x() if self.upright else position.y()
        return abs(along - self.edge_px(mapping)) <= GRAB_PX

    def parts(self, mapping: Mapping) -> tuple[QRectF, QRectF]:
        """The two parts of the viewport: the original's, then the twin's."""
        edge, wide, high = self.edge_px(mapping), mapping.width, mapping.height
        if self.upright:
            return QRectF(0, 0, edge, high), QRectF(edge, 0, wide - edge, high)
        return QRectF(0, 0, wide, edge), QRectF(0, edge, wide, high - edge)


@dataclass(frozen=True, slots=True)
class CurtainVeil:
    """The curtain in one panel. `second` covers the twin's part or, in the twin's panel, the original's.

    `own_name`: of what the panel shows itself.
    """

    curtain: Curtain
    second: Second
    own_name: str

    def reach(self, mapping: Mapping) -> QRect:
        """The whole viewport."""
        return QRectF(0, 0, mapping.width, mapping.height).toAlignedRect()

    def paint(self, painter: QPainter, mapping: Mapping, device_ratio: float) -> None:
        """The second picture in its part, a rim around the twin's, the edge with its grip, both names."""
        originals, twins = self.curtain.parts(mapping)
        covered = QPainterPath()
        covered.addRect(twins if self.second.synthetic else originals)
        paint_second(painter, self.second, covered, mapping, device_ratio)
        inset = _RIM_PX / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(Colour.TWIN), _RIM_PX))
        painter.drawRect(twins.adjusted(inset, inset, -inset, -inset))
        self._paint_edge(painter, mapping)
        names = (self.own_name, self.second.name)
        self._paint_names(painter, mapping, names if self.second.synthetic else names[::-1])

    def _paint_edge(self, painter: QPainter, mapping: Mapping) -> None:
        edge, middle = self.curtain.edge_px(mapping), QPointF(mapping.width / 2, mapping.height / 2)
        if self.curtain.upright:
            ends = QPointF(edge, 0), QPointF(edge, mapping.height)
            grip = QPointF(edge, middle.y() - _GRIP_PX / 2), QPointF(edge, middle.y() + _GRIP_PX / 2)
        else:
            ends = QPointF(0, edge), QPointF(mapping.width, edge)
            grip = QPointF(middle.x() - _GRIP_PX / 2, edge), QPointF(middle.x() + _GRIP_PX / 2, edge)
        painter.setPen(QPen(QColor(0, 0, 0, 190), 4))
        painter.drawLine(*ends)
        painter.setPen(QPen(QColor(Colour.TWIN), 2))
        painter.drawLine(*ends)
        pen = QPen(QColor(Colour.TWIN), 8)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(*grip)

    def _paint_names(self, painter: QPainter, mapping: Mapping, names: tuple[str, str]) -> None:
        """Each part's name beside the edge; the twin's inside the viewport wherever the edge stands."""
        edge = self.curtain.edge_px(mapping)
        first, second = names
        colours = (Colour.TEXT, Colour.TWIN)
        if self.curtain.upright:
            y = max(mapping.height * _NAMES_SHARE, min(_NAMES_LEAST_PX, mapping.height / 2))
            wide = name_room(painter.font(), second).width()
            right = min(edge + 10, mapping.width - wide - 10)
            left = min(edge, right) - 10  # where the twin's name reaches over the edge, this one gives way
            if left >= name_room(painter.font(), first).width() + 10:
                paint_name(painter, first, colours[0], QPointF(left, y), Qt.AlignmentFlag.AlignRight)
            paint_name(painter, second, colours[1], QPointF(right, y), Qt.AlignmentFlag.AlignLeft)
            return
        high, x = name_room(painter.font(), second).height(), mapping.width / 2
        below = min(edge + 8, mapping.height - high - 6)
        if edge >= high + 12:
            paint_name(painter, first, colours[0], QPointF(x, edge - high - 8), Qt.AlignmentFlag.AlignHCenter)
        paint_name(painter, second, colours[1], QPointF(x, below), Qt.AlignmentFlag.AlignHCenter)
