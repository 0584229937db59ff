"""The desk through the real window: layouts, what is dropped where, and the active viewport."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from phantoms import write_ct_series
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from reading_room import (
    beside,
    command,
    original,
    rest,
    series_of,
    write_two_series,
)

from core.hanging import Layout
from core.session import Session
from core.study_list import rows_of
from viewer.main_window import MainWindow
from viewer.series_drag import mime_of
from viewer.wish import Panel


def test_a_film_opens_in_three_panels_and_a_stack_alone(
    window: MainWindow, opened: Callable[..., Session], film: Path, tmp_path: Path
) -> None:
    opened(film)
    assert window.desk.layout_shown == Layout(1, 1, "all")
    write_ct_series(tmp_path / "ct")
    opened(tmp_path / "ct")
    assert window.desk.layout_shown == Layout(1, 1, "original")
    opened(film)
    assert window.desk.layout_shown == Layout(1, 1, "all")


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [("beside", 1, 2), ("above", 2, 1), ("four", 2, 2), ("three", 1, 3), ("six", 2, 3), ("one", 1, 1)],
)
def test_each_layout_has_its_viewports_on_the_desk(
    window: MainWindow,
    opened: Callable[..., Session],
    tmp_path: Path,
    qtbot: QtBot,
    name: str,
    rows: int,
    columns: int,
) -> None:
    write_two_series(tmp_path / "ct")
    session = opened(tmp_path / "ct")
    command(window, f"layout_{name}").trigger()
    rest(session, qtbot)
    desk = window.desk
    assert command(window, f"layout_{name}").isChecked()
    assert desk.layout_shown == Layout(rows, columns, "original")
    places = [widget.geometry() for widget in (desk.comparison, *desk.sides)]
    assert len(places) == rows * columns
    assert len({place.left() for place in places}) == columns
    assert len({place.top() for place in places}) == rows
    for number, place in enumerate(places):
        assert desk.rect().contains(place)
        assert not any(place.intersects(other) for other in places[number + 1 :])


def test_new_viewports_are_filled_with_the_other_series_and_then_left_empty(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    assert beside(two_series).stack.place[2].series_number == 2  # type: ignore[index]  # shown
    command(two_series, "layout_four").trigger()
    rest(session, qtbot)
    assert beside(two_series).stack.place[2].series_number == 2  # type: ignore[index]  # still shown
    assert [side.stack.selection for side in two_series.desk.sides[1:]] == [None, None]


def test_a_double_click_shows_one_viewport_alone_and_all_again(two_series: MainWindow) -> None:
    side = beside(two_series)
    view = original(side)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=view.viewport.center())
    assert side.geometry() == two_series.desk.rect()
    assert not two_series.comparison.isVisible()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=view.viewport.center())
    assert two_series.comparison.isVisible()
    assert side.isVisible()


def test_a_double_click_on_the_twin_shows_the_twin_alone_and_is_not_remembered(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    twin = window.comparison._views[Panel.TWIN]
    QTest.mouseDClick(twin, Qt.MouseButton.LeftButton, pos=twin.viewport.center())
    assert window.comparison.alone is Panel.TWIN
    QTest.mouseDClick(twin, Qt.MouseButton.LeftButton, pos=twin.viewport.center())
    assert window.comparison.alone is None
    assert session.settings.layouts == ""


def test_viewports_that_are_taken_away_leave_nothing(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    def settle() -> int:
        rest(session, qtbot)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()
        gc.collect()
        return len(QApplication.allWidgets())

    before, gone = settle(), []
    for _ in range(5):
        two_series.desk.choose_grid(2, 2)
        gone += [weakref.ref(side) for side in two_series.desk.sides[1:]]
        two_series.desk.choose_grid(1, 2)
    assert settle() == before
    assert not [one for one in gone if one() is not None]


def test_a_series_is_dropped_where_the_mouse_lets_it_go(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    (row,) = rows_of(series_of(session, 1))
    data = mime_of(row)  # the event keeps no hold of it
    side = beside(two_series)
    drop = QDropEvent(
        QPointF(side.geometry().center()),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    two_series.desk.dropEvent(drop)
    rest(session, qtbot)
    assert side.stack.place[2].series_number == 1  # type: ignore[index]  # shown
    assert two_series.desk.active is side.viewport
    assert drop.isAccepted()


def test_a_series_shown_beside_from_the_list_divides_the_desk(
    window: MainWindow, opened: Callable[..., Session], tmp_path: Path, qtbot: QtBot
) -> None:
    write_two_series(tmp_path / "ct")
    session = opened(tmp_path / "ct")
    session.select(*series_of(session, 1).images[0])
    (row,) = rows_of(series_of(session, 2))
    window.browser.besideWanted.emit(row)
    rest(session, qtbot)
    assert window.desk.layout_shown == Layout(1, 2, "original")
    assert beside(window).stack.place[2].series_number == 2  # type: ignore[index]  # shown
    command(window, "close_viewport").trigger()
    assert window.desk.layout_shown == Layout(1, 1, "original")


def test_without_a_prior_the_reader_is_told(
    window: MainWindow, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    command(window, "prior").trigger()
    assert "No earlier study" in window.messages.text
    assert window.desk.sides == ()


def test_commands_act_on_the_viewport_that_has_the_focus(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(two_series)
    command(two_series, "link_viewport").trigger()
    QTest.mouseClick(original(side), Qt.MouseButton.LeftButton, pos=original(side).viewport.center())
    assert two_series.desk.active is side.viewport
    QTest.keyClick(original(side), Qt.Key.Key_End)
    rest(session, qtbot)
    QTest.keyClick(original(side), Qt.Key.Key_I)
    QTest.keyClick(original(side), Qt.Key.Key_2)
    QTest.keyClick(original(side), Qt.Key.Key_R)
    assert side.stack.selection.position == 23  # type: ignore[union-attr]  # shown
    assert side.stack.invert
    assert side.stack.grey == side.stack.presets[1].grey
    assert side.comparison.viewpoint.quarter_turns == 1
    assert session.selection.position == 0  # type: ignore[union-attr]  # shown
    assert not session.invert
    assert two_series.comparison.viewpoint.quarter_turns == 0


def test_the_keyboard_goes_from_viewport_to_viewport(two_series: MainWindow) -> None:
    desk = two_series.desk
    QTest.keyClick(two_series, Qt.Key.Key_F6)
    assert desk.active is beside(two_series).viewport
    assert QApplication.focusWidget() is original(beside(two_series))
    QTest.keyClick(two_series, Qt.Key.Key_F6)
    assert desk.active is desk.main


def test_the_active_viewport_is_seen_to_be_so(two_series: MainWindow) -> None:
    desk = two_series.desk

    def edge(place: int) -> str:
        corner = desk._cell(place).topLeft()
        return desk.grab().toImage().pixelColor(corner).name()

    assert (edge(0), edge(1)) == ("#4fc3e8", "#16181b")
    desk.activate_next()
    assert (edge(0), edge(1)) == ("#16181b", "#4fc3e8")


def test_the_wheel_scrolls_what_is_under_it_and_makes_it_active(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(two_series)
    command(two_series, "link_viewport").trigger()
    view = original(side)
    event = QWheelEvent(
        QPointF(view.viewport.center()),
        QPointF(view.mapToGlobal(view.viewport.center())),
        QPoint(),
        QPoint(0, -240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    rest(session, qtbot)
    assert side.stack.selection.position == 2  # type: ignore[union-attr]  # shown
    assert two_series.desk.active is side.viewport
    assert session.selection.position == 0  # type: ignore[union-attr]  # shown


def test_the_next_series_comes_into_the_active_viewport(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    two_series.desk.activate_next()
    command(two_series, "previous_series").trigger()
    rest(session, qtbot)
    assert beside(two_series).stack.place[2].series_number == 1  # type: ignore[index]  # shown
    assert session.selection.series.series_number == 1  # type: ignore[union-attr]  # as before


def test_the_tool_is_the_same_in_every_viewport(two_series: MainWindow) -> None:
    command(two_series, "tool_pan").trigger()
    command(two_series, "layout_four").trigger()
    assert {view._tool for viewport in two_series.desk.viewports for view in viewport.comparison._views} == {
        two_series.tool
    }


def test_corner_texts_are_hidden_everywhere(two_series: MainWindow, session: Session) -> None:
    session.change_settings(replace(session.settings, show_corner_texts=False))
    assert not original(beside(two_series))._texts_visible
