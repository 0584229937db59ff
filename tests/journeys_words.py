"""What a reader does with the keyboard, for tests through the window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from viewer.main_window import MainWindow


def press(
    window: MainWindow,
    key: Qt.Key,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press a key while the panels have the focus."""
    QTest.keyClick(window.comparison, key, modifiers)
