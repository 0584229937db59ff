"""What each gesture does; nothing in the settings breaks it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from viewer.mouse_table import CHOSEN, GESTURES, NOTHING, SCROLL, SCROLL_TEN, ZOOM, MouseTable
from viewer.pointer import Tool

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier


def test_the_program_does_what_readers_expect() -> None:
    table = MouseTable()
    assert table.drag(LEFT, NONE, Tool.WINDOW) is Tool.WINDOW
    assert table.drag(LEFT, NONE, Tool.MEASURE) is Tool.MEASURE
    assert table.drag(MIDDLE, NONE, Tool.MEASURE) is Tool.PAN
    assert table.drag(RIGHT, NONE, Tool.MEASURE) is Tool.ZOOM
    assert table.wheel(NONE, single_image=False) == SCROLL
    assert table.wheel(NONE, single_image=True) == ZOOM
    assert table.wheel(CTRL, single_image=False) == ZOOM
    assert table.does("double") == "maximise"
    assert table.command(Qt.MouseButton.BackButton) == ""


def test_modifiers_have_choices_of_their_own() -> None:
    table = MouseTable().with_choice("shift+left", "pan").with_choice("shift+wheel", SCROLL_TEN)
    assert table.drag(LEFT, SHIFT, Tool.WINDOW) is Tool.PAN
    assert table.drag(LEFT, NONE, Tool.WINDOW) is Tool.WINDOW
    assert table.drag(MIDDLE, ALT, Tool.WINDOW) is Tool.PAN, "a modifier without a row changes nothing"
    assert table.wheel(SHIFT, single_image=True) == SCROLL_TEN
    assert table.with_choice("right", NOTHING).drag(RIGHT, NONE, Tool.WINDOW) is None


def test_only_differences_are_kept_and_rows_not_known_here_stay() -> None:
    rows = (("right", "pan"), ("fifth button", "x"), ("wheel", "fly"), ("left", CHOSEN), ("middle",))
    table = MouseTable.of(rows)
    assert table.own == {"right": "pan"}
    assert table.rows == (("right", "pan"), ("fifth button", "x"), ("wheel", "fly"), ("middle",))
    assert table.with_choice("right", "zoom").own == {}


def test_a_side_button_runs_its_command() -> None:
    table = MouseTable().with_choice("back", "previous_series")
    assert table.command(Qt.MouseButton.BackButton) == "previous_series"
    assert table.command(Qt.MouseButton.ForwardButton) == ""
    assert table.command(LEFT) == ""


@pytest.mark.parametrize("gesture", GESTURES, ids=lambda gesture: gesture.id)
def test_every_choice_can_be_kept(gesture) -> None:
    assert gesture.default in gesture.choices
    for choice in gesture.choices:
        table = MouseTable().with_choice(gesture.id, choice)
        assert MouseTable.of(table.rows).does(gesture.id) == choice


WORDS = st.sampled_from([*(one.id for one in GESTURES), "pan", "zoom"]) | st.text()


@given(st.lists(st.lists(WORDS, min_size=1)))
def test_no_settings_break_the_table(rows: list[list[str]]) -> None:
    table = MouseTable.of(tuple(map(tuple, rows)))
    for gesture in GESTURES:
        assert table.does(gesture.id) in gesture.choices
    for button in (LEFT, MIDDLE, RIGHT, Qt.MouseButton.TaskButton):
        for modifier in (NONE, SHIFT, CTRL, ALT):
            assert table.drag(button, modifier, Tool.SCROLL) in {None, *Tool}
