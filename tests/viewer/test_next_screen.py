"""A window goes to the next screen and stays inside of it; with one screen it says so."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from viewer.next_screen import moved, to_next_screen

LEFT, RIGHT = QRect(0, 0, 1920, 1080), QRect(1920, 0, 1280, 800)


@pytest.mark.parametrize(
    ("window", "there"),
    [
        (QRect(100, 50, 800, 600), QRect(2020, 50, 800, 600)),
        (QRect(1500, 900, 800, 600), QRect(2400, 200, 800, 600)),
        (QRect(0, 0, 1900, 1000), QRect(1920, 0, 1280, 800)),
        (QRect(-50, -20, 400, 300), QRect(1920, 0, 400, 300)),
    ],
)
def test_it_keeps_place_and_size_as_far_as_there_is_room(window: QRect, there: QRect) -> None:
    assert moved(window, LEFT, RIGHT) == there
    assert RIGHT.contains(moved(window, LEFT, RIGHT))


def test_there_and_back(qtbot: QtBot) -> None:
    window = QRect(100, 50, 800, 600)
    assert moved(moved(window, LEFT, RIGHT), RIGHT, LEFT) == window


def test_one_screen_is_said(qtbot: QtBot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    before = window.geometry()
    assert "only one screen" in to_next_screen(window)
    assert window.geometry() == before


def test_a_window_goes_to_the_next_of_two_screens(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen:
        def __init__(self, area: QRect) -> None:
            self.area = area

        def availableGeometry(self) -> QRect:
            return self.area

    screens = [Screen(LEFT), Screen(RIGHT)]
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setGeometry(100, 50, 800, 600)
    # The offscreen platform has one screen only.
    monkeypatch.setattr("viewer.next_screen._screens", lambda: screens)
    monkeypatch.setattr("viewer.next_screen._screen_of", lambda one: screens[0])
    assert to_next_screen(window) == ""
    assert window.geometry() == QRect(2020, 50, 800, 600)
