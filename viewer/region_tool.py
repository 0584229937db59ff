"""The tool that drags a box: the pixels in it become the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from viewer.pointer import Drag, PointerTool
from viewer.theme import Colour
from viewer.viewpoint import Mapping

if TYPE_CHECKING:
    from viewer.image_view import ImageView

_LINE_PX = 1.6


class RegionTool(PointerTool):
    """A box from where the button goes down to where it goes up."""

    draws = True

    def __init__(self, view: ImageView) -> None:
        super().__init__(view)
        self._drag: Drag | None = None

    def move(self, drag: Drag) -> None:
        """Show the box as it would be."""
        self._drag = drag
        self._view.update()

    def release(self, drag: Drag) -> None:
        """Say which box it is."""
        self._drag = None
        start, end = (drag.mapping.to_frame(*at.toTuple()) for at in (drag.start, drag.here))
        self._view.regionDrawn.emit(*start, *end)
        self._view.update()

    def cancel(self) -> None:
        """No box."""
        self._drag = None

    def paint(self, painter: QPainter, mapping: Mapping) -> None:
        """The box while it is drawn, readable on black and on white."""
        if self._drag is None:
            return
        box = QRectF(self._drag.start, self._drag.here).normalized()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 170), _LINE_PX * 2), (QColor(Colour.ACCENT), _LINE_PX)):
            painter.setPen(QPen(colour, width))
            painter.drawRect(box)
