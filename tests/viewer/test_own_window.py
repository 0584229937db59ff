"""A panel or viewport in a window of its own: it shows the same, keys work there, and it comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from reading_room import beside, rest, series_of, write_two_series

from core.hanging import Layout
from core.session import Session
from viewer.main_window import MainWindow
from viewer.own_window import OwnWindow, next_screen
from viewer.wish import Panel


def own_window(window: MainWindow) -> OwnWindow:
    return next(one for one in window.findChildren(OwnWindow) if one.isVisible())


def test_a_panel_of_the_comparison_goes_out_and_comes_back(
    window: MainWindow, opened: Callable[..., Session], film: Path, qtbot: QtBot
) -> None:
    session = opened(film)
    views = window.comparison._views
    width = views[Panel.ORIGINAL].width()
    views[Panel.TWIN].setFocus()
    QTest.keyClick(window, Qt.Key.Key_F11, Qt.KeyboardModifier.ControlModifier)
    own = own_window(window)
    twin = views[Panel.TWIN]
    assert twin.window() is own
    assert own.windowTitle().startswith("Healthy twin, synthetic")
    assert twin.isVisible()
    assert views[Panel.ORIGINAL].width() > 1.3 * width
    window.desk.zoom_by(2.0)
    assert twin.mapping.viewpoint == window.comparison.viewpoint
    session.set_invert(True)
    assert twin._levels is not views[Panel.ORIGINAL]._levels
    twin.setFocus()
    QTest.keyClick(twin, Qt.Key.Key_I)
    assert not session.invert
    own.close()
    assert twin.window() is window
    assert views[Panel.ORIGINAL].width() == width
    window.comparison.set_layout(Panel.TWIN)
    assert twin.isVisible()


def test_the_only_panel_stays(window: MainWindow, opened: Callable[..., Session], film: Path) -> None:
    opened(film)
    window.desk.choose_panels(Panel.ORIGINAL)
    window.comparison.take_focus()
    window.desk.toggle_own_window()
    assert not window.findChildren(OwnWindow)
    assert "one of several panels" in window.messages.text


def test_a_viewport_goes_out_stays_linked_and_comes_back(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    write_two_series(tmp_path / "ct")
    session.open([tmp_path / "ct"])
    rest(session, qtbot)
    session.select(*series_of(session, 1).images[0])
    window.desk.choose_grid(1, 2)
    rest(session, qtbot)
    side = beside(window)
    window.desk.activate_next()
    window.desk.toggle_own_window()
    own = own_window(window)
    assert side.window() is own
    assert own.windowTitle() == "2 · Axial · HealthyTwin"
    QTest.keyClick(side.comparison._views[Panel.ORIGINAL], Qt.Key.Key_Home)
    window.desk.activate(window.desk.main)
    window.desk.step_image(3)
    rest(session, qtbot)
    assert side.stack.selection is not None
    assert side.stack.selection.position == 6
    own.close()
    assert side.window() is window
    assert side.isVisible()
    assert side.geometry().width() > 300


def test_a_layout_without_the_viewport_closes_its_window(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    write_two_series(tmp_path / "ct")
    session.open([tmp_path / "ct"])
    rest(session, qtbot)
    window.desk.choose_grid(1, 2)
    rest(session, qtbot)
    window.desk.activate_next()
    window.desk.toggle_own_window()
    window.desk.choose_grid(1, 1)
    assert window.desk.layout_shown == Layout(1, 1, "original")
    assert not [one for one in window.findChildren(OwnWindow) if one.isVisible()]


def test_the_next_screen_is_another_one_round_and_round() -> None:
    a, b, c = "a", "b", "c"  # any values: screens are told apart by identity
    assert next_screen(a, [a]) is None  # type: ignore[arg-type, list-item]  # as above
    assert next_screen(a, [a, b, c]) is b  # type: ignore[arg-type, list-item]  # as above
    assert next_screen(c, [a, b, c]) is a  # type: ignore[arg-type, list-item]  # as above
