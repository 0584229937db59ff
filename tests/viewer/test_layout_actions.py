"""Commands of the Layout menu: when they can be used, and what their ticks say."""

from __future__ import annotations

from PySide6.QtGui import QAction
from reading_room import beside, command

from core.linking import LinkMode
from core.session import Session
from viewer.layout_actions import LAYOUT_ACTIONS
from viewer.main_window import MainWindow


def enabled(window: MainWindow) -> set[str]:
    return {action.id for action in LAYOUT_ACTIONS if command(window, action.id).isEnabled()}


def test_without_an_image_only_switches_can_be_used(window: MainWindow) -> None:
    assert enabled(window) == {"link_scroll", "link_pan", "link_zoom", "link_window", "reference_lines"}


def test_with_an_image_all_can_be_used_but_what_takes_back_nothing(two_series: MainWindow) -> None:
    assert enabled(two_series) == {action.id for action in LAYOUT_ACTIONS}
    command(two_series, "forget_layouts").trigger()
    assert enabled(two_series) == {action.id for action in LAYOUT_ACTIONS} - {"forget_layouts"}


def test_the_tick_of_a_layout_is_that_of_the_desk(two_series: MainWindow) -> None:
    def ticked() -> list[str]:
        layouts = (action.id for action in LAYOUT_ACTIONS if action.id.startswith("layout_"))
        return [name for name in layouts if command(two_series, name).isChecked()]

    assert ticked() == ["layout_beside"]
    two_series.desk.choose_grid(2, 2)
    assert ticked() == ["layout_four"]


def test_the_tick_of_the_link_is_that_of_the_active_viewport(two_series: MainWindow) -> None:
    link = command(two_series, "link_viewport")
    assert link.isChecked()
    link.trigger()
    assert two_series.desk.main.mode is LinkMode.OFF
    assert not link.isChecked()
    link.trigger()
    assert link.isChecked()


def test_reference_lines_are_a_setting(window: MainWindow, session: Session) -> None:
    lines = command(window, "reference_lines")
    assert isinstance(lines, QAction)
    assert lines.isChecked()
    lines.trigger()
    assert not session.settings.reference_lines
    assert not lines.isChecked()


def test_the_sessions_series_is_not_taken_off(two_series: MainWindow) -> None:
    command(two_series, "close_viewport").trigger()
    assert beside(two_series).stack.selection is not None
