"""What stands in the middle of the window when no image does."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from viewer.language import tr
from viewer.theme import Colour, icon, scaled

_ICON_PX = 48
_WIDEST_PX = 560  # of a line of text that is still easily read


class Invitation(QWidget):
    """What stands here when no image does: how to begin, what is being read, or what failed.

    `first_steps`: how to begin is told at length. It may be set at any time.
    """

    openRequested = Signal()
    demoRequested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.first_steps = False
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._text = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title.setProperty("textSize", "heading")
        for label in (self._title, self._text):
            label.setTextFormat(Qt.TextFormat.PlainText)  # file names may hold what looks like markup
            label.setWordWrap(True)
        self._open = QPushButton(tr("Open folder…"))
        self._demo = QPushButton(tr("Open the demo study"))
        self._open.clicked.connect(self.openRequested)
        self._demo.clicked.connect(self.demoRequested)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._made_page())
        self._lesson: QScrollArea | None = None  # made when it is first wanted: most starts teach nothing
        self.invite()

    def _made_page(self) -> QWidget:
        page = QWidget()
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(self._open)
        buttons.addSpacing(8)
        buttons.addWidget(self._demo)
        buttons.addStretch()
        column = QVBoxLayout(page)
        column.setContentsMargins(48, 0, 48, 0)
        column.addStretch(2)
        for label in (self._picture, self._title, self._text):
            column.addWidget(label)
            column.addSpacing(10)
        column.addLayout(buttons)
        column.addStretch(3)
        return page

    def _made_lesson(self) -> QScrollArea:
        from viewer.first_steps import FirstSteps

        steps = FirstSteps()
        steps.setMaximumWidth(scaled(_WIDEST_PX * 1.5))
        steps.openRequested.connect(self.openRequested)
        steps.demoRequested.connect(self.demoRequested)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.addStretch(1)
        column.addWidget(steps, 0)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(middle)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return area

    @property
    def teaches(self) -> bool:
        """Whether the first steps are what is seen now."""
        return self.isVisible() and self._lesson is not None and self._pages.currentWidget() is self._lesson

    def invite(self) -> None:
        """Teach how to begin."""
        self._say(
            "open-folder",
            tr("Drop a study folder here, or open the demo study"),
            tr(
                "Each film is shown beside its healthy twin, which a model invents, and the difference "
                "between the two.\nEverything stays on this computer."
            ),
            Colour.QUIET,
            buttons=True,
        )
        if self.first_steps:
            if self._lesson is None:
                self._lesson = self._made_lesson()
                self._pages.addWidget(self._lesson)
            self._pages.setCurrentWidget(self._lesson)

    def say_loading(self, text: str) -> None:
        """Say what is being read."""
        self._say(
            "hourglass",
            text,
            tr("The first image shows as soon as it is found. The ✕ in the line at the bottom stops this."),
            Colour.QUIET,
            buttons=False,
        )

    def say_failed(self, message: str, hint: str) -> None:
        """Say what could not be shown, and what to do."""
        self._say("warning", message, hint, Colour.WARNING, buttons=True)

    def _say(self, name: str, title: str, text: str, colour: Colour, *, buttons: bool) -> None:
        side = scaled(_ICON_PX)
        self._picture.setPixmap(icon(name).pixmap(QSize(side, side), self.devicePixelRatioF()))
        self._title.setText(title)
        self._text.setText(text)
        self._text.setVisible(bool(text))
        self._text.setStyleSheet(f"color: {colour};")
        for button in (self._open, self._demo):
            button.setVisible(buttons)
        self._pages.setCurrentIndex(0)
