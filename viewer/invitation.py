"""What stands in the middle of the window when no image does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from viewer.theme import Colour, icon


class Invitation(QWidget):
    """What stands here when no image does: how to begin, what is being read, or what failed."""

    openRequested = Signal()
    demoRequested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title.setProperty("textSize", "heading")
        for label in (self._title, self._text):
            label.setWordWrap(True)
        self._open = QPushButton("Open folder…")
        self._demo = QPushButton("Open the demo study")
        self._open.clicked.connect(self.openRequested)
        self._demo.clicked.connect(self.demoRequested)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self._open)
        buttons.addSpacing(8)
        buttons.addWidget(self._demo)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(48, 0, 48, 0)
        column.addStretch(2)
        for label in (self._picture, self._title, self._text):
            column.addWidget(label)
            column.addSpacing(10)
        column.addLayout(buttons)
        column.addStretch(3)
        self.invite()

    def invite(self) -> None:
        """Teach how to begin."""
        self._say(
            "open-folder",
            "Drop a study folder here, or open the demo study",
            "Each film is shown beside its healthy twin, which a model invents, and the difference "
            "between the two.\nEverything stays on this computer.",
            Colour.QUIET,
            buttons=True,
        )

    def say_loading(self, text: str) -> None:
        """Say what is being read."""
        self._say("hourglass", text, "", Colour.QUIET, buttons=False)

    def say_failed(self, message: str, hint: str) -> None:
        """Say what could not be shown, and what to do."""
        self._say("warning", message, hint, Colour.WARNING, buttons=True)

    def _say(self, name: str, title: str, text: str, colour: Colour, *, buttons: bool) -> None:
        self._picture.setPixmap(icon(name).pixmap(QSize(48, 48), self.devicePixelRatioF()))
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._text.setStyleSheet(f"color: {colour};")
        for button in (self._open, self._demo):
            button.setVisible(buttons)
