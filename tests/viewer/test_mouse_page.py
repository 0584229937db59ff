"""Each gesture gets what it does from a list of plain words."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QPushButton
from pytestqt.qtbot import QtBot

from core.settings import Settings
from viewer.actions import ACTIONS
from viewer.mouse_page import MousePage, mouse_rows, words_of
from viewer.mouse_table import GESTURES, MouseTable


@pytest.fixture
def page(qtbot: QtBot) -> MousePage:
    made = MousePage()
    qtbot.addWidget(made)
    made.show()
    return made


def test_what_is_chosen_is_wished_and_reset_takes_it_back(page: MousePage, qtbot: QtBot) -> None:
    assert page.wished() == {"own_mouse": ()}
    right = page.findChild(QComboBox, "right")
    with qtbot.waitSignal(page.changed):
        right.setCurrentIndex(right.findText("Pan"))
    assert page.wished() == {"own_mouse": (("right", "pan"),)}
    page.findChild(QPushButton).click()
    assert page.wished() == {"own_mouse": ()}
    assert right.currentText() == "Zoom"


def test_settings_are_shown_and_rows_of_another_version_stay(page: MousePage) -> None:
    rows = (("wheel", "zoom"), ("fifth button", "x"))
    page.fill(Settings(own_mouse=rows))
    assert page.findChild(QComboBox, "wheel").currentText() == "Zoom"
    assert page.wished() == {"own_mouse": rows}


def test_gestures_are_narrowed(page: MousePage) -> None:
    assert page.narrow(()) == len(GESTURES)
    assert page.narrow(("double",)) == 1
    assert not page.findChild(QComboBox, "right").isVisible()
    assert page.narrow(("nowhere",)) == 0


def test_every_choice_has_words_and_every_command_exists() -> None:
    names = {action.id for action in ACTIONS} | {action.id.removeprefix("tool_") for action in ACTIONS}
    for gesture in GESTURES:
        for choice in gesture.choices:
            assert words_of(choice)
            if "_" in choice:
                assert choice in names, "a gesture may only ask for a command that there is"


def test_the_sheet_tells_what_differs_and_nothing_twice() -> None:
    plain = dict(mouse_rows(MouseTable()))
    assert plain["Middle drag"] == "Pan"
    assert "Shift + middle drag" not in plain
    assert "Back button" not in plain
    own = dict(
        mouse_rows(MouseTable().with_choice("shift+middle", "zoom").with_choice("back", "next_series"))
    )
    assert own["Shift + middle drag"] == "Zoom"
    assert own["Back button"] == "Next series"
