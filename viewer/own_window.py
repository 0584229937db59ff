"""A panel or viewport in a window of its own, on the next screen if there is one, and the way back."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeyEvent, QScreen
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

_SIZE = QSize(900, 1000)


class OwnWindow(QWidget):
    """Holds one widget of the desk until it is closed; `give_back` then takes the widget home.

    Keys work here as in the main window, whose `commands` they are.
    """

    def __init__(
        self,
        content: QWidget,
        title: str,
        main: QWidget,
        commands: list[QAction],
        give_back: Callable[[], None],
    ) -> None:
        super().__init__(main, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self._main = main
        self._give_back: Callable[[], None] | None = give_back
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(content)
        content.show()
        self.addActions(commands)
        self.resize(_SIZE)

    def show_beside(self) -> None:
        """Fill the screen next to that of the main window; on a single screen, a window like others."""
        screen = next_screen(self._main.screen(), QGuiApplication.screens())
        if screen is None:
            self.show()
            return
        self.setGeometry(screen.availableGeometry())
        self.showMaximized()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that last while they are held are followed by the main window."""
        QApplication.sendEvent(self._main, event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """As above."""
        QApplication.sendEvent(self._main, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The widget goes home before its window goes."""
        give_back, self._give_back = self._give_back, None
        if give_back is not None:
            give_back()
        super().closeEvent(event)


def next_screen(here: QScreen, screens: list[QScreen]) -> QScreen | None:
    """The screen after the one that the main window is on, round and round; None if there is no other."""
    others = [screen for screen in screens if screen is not here]
    if not others or here not in screens:
        return others[0] if others else None
    return screens[(screens.index(here) + 1) % len(screens)]
