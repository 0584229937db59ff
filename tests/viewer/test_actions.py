"""The table of commands is whole and without doubles."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from core.resources import resource_path
from core.session import Session
from viewer.actions import ACTIONS, MENUS, Action, shortcut_rows


def test_identifiers_and_keys_are_unique() -> None:
    identifiers = Counter(action.id for action in ACTIONS)
    keys = Counter(key for action in ACTIONS for key in action.shortcuts)
    assert [name for name, count in identifiers.items() if count > 1] == []
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_each_command_stands_in_a_menu_with_real_keys_and_icon(action: Action, qtbot: QtBot) -> None:
    assert action.menu in MENUS
    assert action.text
    for key in action.shortcuts:
        assert QKeySequence(key).toString() == key
    if action.icon:
        assert resource_path("icons", f"{action.icon}.svg").is_file()


def test_what_is_promised_has_its_key() -> None:
    keys = {key: action.id for action in ACTIONS for key in action.shortcuts}
    promised = {
        "G": "heatmap",
        "[": "threshold_down",
        "]": "threshold_up",
        "Q": "opacity_down",
        "E": "opacity_up",
        "N": "next_finding",
        "Shift+N": "previous_finding",
        "I": "invert",
        "0": "auto_window",
        "1": "preset_1",
        "9": "preset_9",
        "Ctrl+O": "open_folder",
        "Ctrl+Z": "undo",
        "Ctrl+Y": "redo",
        "F": "flicker",
        "F1": "shortcuts",
        "F11": "full_screen",
        "Esc": "reset_view",
        "Home": "first_image",
        "PgDown": "next_series",
    }
    assert {key: keys.get(key) for key in promised} == promised


def test_nothing_that_needs_an_image_is_offered_without_one(session: Session) -> None:
    offered = {action.id for action in ACTIONS if action.can_run(session, session)}
    assert {"open_folder", "open_demo", "settings", "shortcuts"} <= offered
    assert offered.isdisjoint({"report", "heatmap", "invert", "undo", "next_finding", "analyze", "preset_1"})


def test_the_sheet_names_every_key() -> None:
    rows = shortcut_rows()
    assert len(rows) == sum(bool(action.shortcuts) for action in ACTIONS)
    assert ("Edit", "Redo", "Ctrl+Y or Ctrl+Shift+Z") in rows
