"""The reader's keys work in the window at once, and the program's own ones stop to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from phantoms import write_ct_series
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer.image_view import ImageView
from viewer.main_window import MainWindow


def test_a_changed_key_works_at_once_and_is_told(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    session.change_settings(replace(session.settings, own_keys=(("heatmap", "Ctrl+Alt+K"),)))
    assert session.heatmap.visible
    QTest.keyClick(window, Qt.Key.Key_G)
    assert session.heatmap.visible, "its old key does nothing any more"
    QTest.keyClick(
        window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    )
    assert not session.heatmap.visible
    assert window.findChild(QAction, "heatmap").toolTip() == "Heatmap (Ctrl+Alt+K)"
    session.change_settings(replace(session.settings, own_keys=()))
    QTest.keyClick(window, Qt.Key.Key_G)
    assert session.heatmap.visible


def test_a_key_that_is_held_can_be_another_one(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    session.change_settings(replace(session.settings, own_keys=(("flicker", "Shift+J"),)))
    held: list[bool] = []
    window.comparison.set_flicker = held.append  # type: ignore[method-assign]  # what it is told is the point
    QTest.keyPress(window, Qt.Key.Key_F)
    QTest.keyRelease(window, Qt.Key.Key_F)
    assert held == []
    QTest.keyPress(window, Qt.Key.Key_J, Qt.KeyboardModifier.ShiftModifier)
    assert held == [True]
    QTest.keyRelease(window, Qt.Key.Key_J)
    assert held == [True, False], "also when Shift was let go before"
    assert "Shift+J" in window.findChild(QAction, "flicker").text()


def test_nothing_is_held_before_there_is_a_twin(window: MainWindow) -> None:
    held: list[bool] = []
    window.comparison.set_flicker = held.append  # type: ignore[method-assign]  # what it is told is the point
    QTest.keyClick(window, Qt.Key.Key_F)
    assert held == []


def test_the_menu_of_a_right_click_goes_when_it_is_closed(
    window: MainWindow, opened: Callable[..., Session], film: Path, qtbot: QtBot
) -> None:
    opened(film)
    window.comparison.contextRequested.emit(window.mapToGlobal(window.rect().center()))
    (menu,) = (one for one in window.findChildren(QMenu) if one.isVisible() and one.parent() is window)
    assert window.findChild(QAction, "heatmap") in menu.actions()
    menu.close()
    qtbot.waitUntil(lambda: not any(one.isVisible() for one in window.findChildren(QMenu)))


def titles(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def test_a_right_click_offers_tools_windows_and_the_finding_under_the_mouse(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    commands = window._actions
    plain = commands.context_menu()
    assert "Accept finding" not in titles(plain)
    (windows,) = (one for one in plain.findChildren(QMenu) if one.title() == "Windows")
    shown = [action.text() for action in windows.actions() if action.isVisible() and action.text()]
    assert shown[:4] == ["Automatic window", "Automatic window as shown", "Window of the file", "Invert"]
    assert [preset.name for preset in session.presets] == shown[4:]
    finding = session.reading.findings[0]
    about = commands.context_menu(finding=finding.identifier)
    assert titles(about)[:2] == ["Accept finding", "Dismiss finding"]
    about.actions()[0].trigger()
    assert finding.identifier in {one.identifier for one in session.review.accepted}
    for menu in (plain, about):
        menu.deleteLater()


def test_the_finding_under_the_mouse_is_known_in_each_panel(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    finding = session.reading.findings[0]
    difference = window.findChildren(ImageView)[2]
    place = difference.mapping.to_screen(*finding.centre)
    there = QPoint(round(place[0]), round(place[1])) + difference.viewport.topLeft()
    assert window.comparison.finding_at(difference.mapToGlobal(there)) == finding.identifier
    corner = difference.viewport.topLeft() + QPoint(2, 2)
    assert window.comparison.finding_at(difference.mapToGlobal(corner)) == ""


def test_presets_are_named_with_their_numbers_and_follow_the_settings(
    window: MainWindow, session: Session, opened: Callable[..., Session], tmp_path: Path
) -> None:
    write_ct_series(tmp_path, slices=3)
    opened(tmp_path)
    named = {window.findChild(QAction, f"preset_{n}").text(): n for n in range(1, 10)}
    lung = window.findChild(QAction, f"preset_{named['Lung']}")
    assert lung.toolTip() == f"Lung W 1500 C -500 ({named['Lung']})"
    lung.trigger()
    assert (session.grey.width, session.grey.center) == (1500, -500)
    session.change_settings(replace(session.settings, own_presets=(("CT", "Liver", "150", "90"),)))
    texts = [window.findChild(QAction, f"preset_{n}").text() for n in range(1, 10)]
    assert "Liver" in texts
    assert "Lung" not in texts
