"""Words on as many lines as they need, with room for all of them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel

from viewer.theme import Colour


class WrappedLabel(QLabel):
    """Plain text, wrapped. A form gives a label the height of an earlier text or width; this asks anew."""

    def __init__(self, colour: Colour = Colour.TEXT) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setStyleSheet(f"color: {colour};")

    def setText(self, text: str) -> None:
        """Say other words, and take the room for them."""
        super().setText(text)
        self._take_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width breaks the lines elsewhere."""
        super().resizeEvent(event)
        self._take_room()

    def _take_room(self) -> None:
        self.setMinimumHeight(0)  # else Qt answers with the room that was taken before, if that is more
        self.setMinimumHeight(max(self.heightForWidth(self.width()), 0) if self.text() else 0)
