"""Sends a window to the next screen, and back: as large there as here, and full screen if it was."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QMainWindow

from viewer.language import tr


def to_next_screen(window: QMainWindow) -> str:
    """Move a window to the next screen in the system's order; the sentence to tell, "" if it went."""
    screens = _screens()
    if len(screens) < 2:
        return tr("There is only one screen.")
    here = _screen_of(window)
    there = screens[(screens.index(here) + 1) % len(screens)]
    state = window.windowState()
    kept = state & (Qt.WindowState.WindowFullScreen | Qt.WindowState.WindowMaximized)
    if kept:
        # A window that fills a screen is not moved by its place; one that does not, is.
        window.setWindowState(state & ~kept)
    window.setGeometry(moved(window.geometry(), here.availableGeometry(), there.availableGeometry()))
    if kept:
        window.setWindowState(window.windowState() | kept)
    return ""


def moved(window: QRect, here: QRect, there: QRect) -> QRect:
    """The same place and size on another screen, as far as there is room."""
    width, height = min(window.width(), there.width()), min(window.height(), there.height())
    left = there.left() + min(max(window.left() - here.left(), 0), there.width() - width)
    top = there.top() + min(max(window.top() - here.top(), 0), there.height() - height)
    return QRect(left, top, width, height)


def _screens() -> list[QScreen]:
    return list(QGuiApplication.screens())


def _screen_of(window: QMainWindow) -> QScreen:
    return window.screen()
