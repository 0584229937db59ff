"""Keys that the reader changes: only differences are kept, and no key ever belongs to two commands."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from viewer.actions import ACTIONS
from viewer.key_table import SCHEMES, KeyTable, portable, pressed_key

NAMES = [action.id for action in ACTIONS]
KEYS = sorted({key for action in ACTIONS for key in action.shortcuts} | {"Ctrl+Alt+K", "F7", "Shift+F8"})


def doubles(table: KeyTable) -> list[str]:
    counted = Counter(key for name in NAMES for key in table.keys(name))
    return [key for key, count in counted.items() if count > 1]


def test_without_changes_the_keys_are_those_of_the_program() -> None:
    table = KeyTable.of(())
    assert {action.id: table.keys(action.id) for action in ACTIONS} == {
        action.id: action.shortcuts for action in ACTIONS
    }
    assert table.rows == ()
    assert table.scheme == "HealthyTwin"


def test_a_new_key_is_taken_from_the_command_that_had_it() -> None:
    table = KeyTable().with_keys("heatmap", ("R",))
    assert table.keys("heatmap") == ("R",)
    assert table.keys("turn_right") == ()
    assert table.holder("R").id == "heatmap"
    assert table.holder("G") is None
    assert table.rows == (("heatmap", "R"),), "that the other one lost its key follows"
    back = table.with_default("heatmap")
    assert back.rows == ()
    assert back.keys("turn_right") == ("R",)


def test_a_default_taken_back_is_taken_from_whoever_got_it() -> None:
    table = KeyTable().swapped("heatmap", "R")
    assert (table.keys("heatmap"), table.keys("turn_right")) == (("R",), ("G",))
    assert table.with_default("heatmap").keys("heatmap") == ("G",)
    assert table.with_default("heatmap").holder("R") is None or doubles(table) == []


def test_several_keys_of_one_command_stay_but_the_one_that_is_swapped() -> None:
    table = KeyTable().swapped("heatmap", "Ctrl+Y")
    assert table.keys("redo") == ("G", "Ctrl+Shift+Z")


def test_a_command_may_have_no_key_at_all() -> None:
    table = KeyTable().with_keys("heatmap", ())
    assert table.rows == (("heatmap",),)
    assert KeyTable.of(table.rows).keys("heatmap") == ()


@pytest.mark.parametrize(
    "rows",
    [
        (("heatmap", "no key at all"),),
        (("heatmap", "Tab"),),
        (("heatmap", "Shift"),),
        (("heatmap", "Ctrl+K, Ctrl+L"),),
        (("heatmap", ""),),
    ],
)
def test_a_key_that_does_not_exist_is_left_out(rows: tuple[tuple[str, ...], ...]) -> None:
    assert KeyTable.of(rows).keys("heatmap") == ("G",)
    assert KeyTable.of((("heatmap", *rows[0][1:], "F7"),)).keys("heatmap") == ("F7",)


def test_rows_of_another_version_are_kept() -> None:
    table = KeyTable.of((("from_the_future", "Ctrl+G"), ("heatmap", "K")))
    assert table.rows == (("heatmap", "K"), ("from_the_future", "Ctrl+G"))
    assert table.with_keys("invert", ("F7",)).foreign == (("from_the_future", "Ctrl+G"),)


def test_of_two_rows_with_one_key_the_first_has_it() -> None:
    table = KeyTable.of((("heatmap", "K"), ("invert", "K", "F7"), ("heatmap", "F8")))
    assert table.keys("heatmap") == ("K",)
    assert table.keys("invert") == ("F7",)


@given(st.lists(st.lists(st.sampled_from(NAMES) | st.sampled_from(KEYS) | st.text(), min_size=1)))
def test_no_settings_break_the_table(rows: list[list[str]]) -> None:
    table = KeyTable.of(tuple(map(tuple, rows)))
    assert doubles(table) == []
    again = KeyTable.of(table.rows)
    assert {name: again.keys(name) for name in NAMES} == {name: table.keys(name) for name in NAMES}


@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(KEYS), st.sampled_from(["take", "swap", "reset"]))
    )
)
def test_whatever_is_changed_no_key_is_there_twice_and_the_settings_keep_it(
    steps: list[tuple[str, str, str]],
) -> None:
    table = KeyTable()
    for name, key, how in steps:
        if how == "take":
            table = table.with_keys(name, (key,))
        elif how == "swap":
            table = table.swapped(name, key)
        else:
            table = table.with_default(name)
            assert table.keys(name) == next(one.shortcuts for one in ACTIONS if one.id == name)
        if how != "reset":
            assert key in table.keys(name)
    assert doubles(table) == []
    again = KeyTable.of(table.rows)
    assert {name: again.keys(name) for name in NAMES} == {name: table.keys(name) for name in NAMES}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_each_scheme_gives_every_key_once_and_is_known_again(scheme: str) -> None:
    table = KeyTable().with_keys("heatmap", ("F7",)).by_scheme(scheme)
    assert doubles(table) == []
    assert table.scheme == scheme
    for name, keys in SCHEMES[scheme].items():
        assert name in NAMES
        assert all(portable(key) == key for key in keys)
        assert table.keys(name) == keys
    assert table.with_keys("heatmap", ("F7",)).scheme == ""


@pytest.mark.parametrize(
    ("key", "modifiers", "text", "written"),
    [
        (Qt.Key.Key_K, Qt.KeyboardModifier.NoModifier, "k", "K"),
        (Qt.Key.Key_K, Qt.KeyboardModifier.ShiftModifier, "K", "Shift+K"),
        (Qt.Key.Key_Plus, Qt.KeyboardModifier.ShiftModifier, "+", "+"),
        (Qt.Key.Key_5, Qt.KeyboardModifier.KeypadModifier, "5", "5"),
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier, "", "Ctrl+Return"),
        (Qt.Key.Key_Shift, Qt.KeyboardModifier.ShiftModifier, "", ""),
        (Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier, "\t", ""),
        (Qt.Key.Key_Udiaeresis, Qt.KeyboardModifier.NoModifier, "ü", "Ü"),
    ],
)
def test_what_is_pressed_is_written_as_a_command_would_have_it(
    key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str, written: str
) -> None:
    assert pressed_key(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text)) == written
