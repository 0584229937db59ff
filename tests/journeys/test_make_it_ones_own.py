"""A reader makes keys, mouse and windows their own, and reads with the keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from journeys_words import press
from phantoms import write_chest_film, write_ct_series
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTreeWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from viewer.actions import ACTIONS
from viewer.app import build_window
from viewer.image_view import ImageView
from viewer.keys_page import KeyField
from viewer.main_window import MainWindow
from viewer.settings_dialog import SettingsDialog
from viewer.shortcut_sheet import ShortcutSheet
from viewer.wish import Panel

WAIT_MS = 60_000
CTRL = Qt.KeyboardModifier.ControlModifier
OpenWindow = Callable[..., MainWindow]


def open_and_wait(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    window.open_paths([path])
    session = window.session
    qtbot.waitUntil(lambda: session.frame is not None and not session.jobs.active, timeout=WAIT_MS)


def settings_dialog(window: MainWindow, qtbot: QtBot) -> SettingsDialog:
    QTest.keyClick(window, Qt.Key.Key_Comma, CTRL)
    qtbot.waitUntil(lambda: bool(window.findChildren(SettingsDialog)))
    (dialog,) = window.findChildren(SettingsDialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def ok(window: MainWindow, dialog: SettingsDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.destroyed):
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_a_key_is_changed_works_is_shown_and_stays(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=320, columns=300).path
    window = open_window(analyze_automatically=False)
    open_and_wait(window, qtbot, film)
    dialog = settings_dialog(window, qtbot)
    # By its words: the page, the command, the key; the clash is told and the keys swapped.
    search = dialog.findChild(QLineEdit, "search")
    search.setFocus()
    QTest.keyClicks(search, "invert")
    pages = dialog.findChild(QListWidget, "pages")
    pages.setCurrentItem(pages.findItems("Keys", Qt.MatchFlag.MatchStartsWith)[0])
    tree = dialog.findChild(QTreeWidget, "keys")
    tree.setFocus()
    shown = [row for row in range(tree.topLevelItemCount()) if not tree.topLevelItem(row).isHidden()]
    menu = tree.topLevelItem(shown[0])
    tree.setCurrentItem(next(menu.child(n) for n in range(menu.childCount()) if not menu.child(n).isHidden()))
    QTest.keyClick(tree, Qt.Key.Key_Return)
    QTest.keyClick(dialog.findChild(KeyField), Qt.Key.Key_R)
    swap = dialog.findChild(QPushButton, "swap")
    assert swap.hasFocus()
    QTest.keyClick(swap, Qt.Key.Key_Space)
    ok(window, dialog, qtbot)

    window.comparison.setFocus()
    press(window, Qt.Key.Key_R)
    assert window.session.invert
    assert window.comparison.viewpoint.quarter_turns == 0
    press(window, Qt.Key.Key_I)
    assert window.comparison.viewpoint.quarter_turns == 1, "the two commands swapped their keys"
    press(window, Qt.Key.Key_F1)
    (sheet,) = window.findChildren(ShortcutSheet)
    rows = {does: keys for part in sheet.shown for keys, does in part.rows}
    assert (rows["Invert"], rows["Turn right"]) == ("R", "I")
    sheet.reject()

    path = tmp_path / "settings-0.json"
    qtbot.waitUntil(lambda: bool(json.loads(path.read_text()).get("own_keys")))
    stored = json.loads(path.read_text())["own_keys"]
    assert sorted(stored) == [["invert", "R"], ["turn_right", "I"]], "only what differs is kept"
    again = build_window(path)
    try:
        assert again._actions.keys.keys("invert") == ("R",)
    finally:
        again.close()
        again.deleteLater()


def test_what_is_odd_in_the_settings_stops_nothing(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "odd.json"
    odd = {
        "own_keys": [
            ["heatmap", "Ctrl+Nothing"],
            ["gone", "G"],
            ["invert", "Tab"],
            7,
            [],
            ["report", "Ctrl+K"],
        ],
        "own_mouse": [["left", "fly"], ["sixth", "pan"], ["double", "fit"]],
        "own_presets": [["CT", "x", "wide", "1"], ["CT", "Liver", "150", "90"]],
        "screen_sizes": [["", "many"]],
        "show_welcome": False,
    }
    path.write_text(json.dumps(odd))
    window = build_window(path)
    qtbot.addWidget(window)
    window.show()
    assert window.messages.text == ""
    keys = window._actions.keys
    assert keys.keys("report") == ("Ctrl+K",)
    assert keys.keys("heatmap") == ("G",)
    write_ct_series(tmp_path / "ct", slices=3)
    open_and_wait(window, qtbot, tmp_path / "ct")
    assert "Liver" in [preset.name for preset in window.session.presets]
    dialog = settings_dialog(window, qtbot)
    assert ("gone", "G") in dialog.wished.own_keys, "kept for the version that knows it"
    assert ("sixth", "pan") in dialog.wished.own_mouse
    dialog.reject()


def test_the_mouse_does_what_was_chosen(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=320, columns=300).path
    window = open_window(analyze_automatically=False)
    open_and_wait(window, qtbot, film)
    dialog = settings_dialog(window, qtbot)
    double, right = (dialog.findChild(QComboBox, name) for name in ("double", "right"))
    double.setCurrentIndex(double.findData("fit"))
    right.setCurrentIndex(right.findData("pan"))
    ok(window, dialog, qtbot)
    window.comparison.zoom_by(3.0)
    view = window.findChildren(ImageView)[0]
    zoom, row = window.comparison.viewpoint.zoom, window.comparison.viewpoint.row
    start = view.viewport.center()
    qtbot.mousePress(view, Qt.MouseButton.RightButton, pos=start)
    qtbot.mouseMove(view, start + QPoint(5, 30))
    qtbot.mouseRelease(view, Qt.MouseButton.RightButton, pos=start + QPoint(5, 30))
    assert window.comparison.viewpoint.zoom == zoom
    assert window.comparison.viewpoint.row != row
    qtbot.mouseDClick(view, Qt.MouseButton.LeftButton, pos=start)
    assert window.comparison.viewpoint.zoom == pytest.approx(zoom / 3)
    assert window.comparison.alone is None


def focus_chain(window: MainWindow) -> list[QWidget]:
    """What Tab reaches, from the first panel round to it again."""
    window.comparison.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    chain: list[QWidget] = []
    while (here := QApplication.focusWidget()) not in chain:
        assert here is not None
        chain.append(here)
        assert len(chain) < 200, "Tab never comes back"
        QTest.keyClick(here, Qt.Key.Key_Tab)
    assert chain.index(here) == 0, "Tab is caught before it comes round"
    return chain


def looks(widget: QWidget) -> np.ndarray:
    image = widget.window().grab(widget.window().rect()).toImage()
    return np.frombuffer(image.constBits(), np.uint8).copy()


def test_the_window_is_used_by_the_keyboard_alone(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=320, columns=300).path
    window = open_window(model="healthygan")
    open_and_wait(window, qtbot, film)
    chain = focus_chain(window)
    assert all(widget.isVisible() and widget.isEnabled() for widget in chain)

    # Every panel and every control that takes a click is reached.
    clickable = [
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.window() is window
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
    ]
    missed = [widget for widget in clickable if widget not in chain]
    assert not missed, [f"{type(one).__name__} {one.accessibleName()}" for one in missed]

    # Area by area, not to and fro: panels, studies, analysis.
    def area(widget: QWidget) -> str:
        while widget.parentWidget() is not None and widget.parentWidget() is not window:
            widget = widget.parentWidget()
        return widget.objectName() or type(widget).__name__

    areas = [area(widget) for widget in chain]
    changes = sum(one != other for one, other in pairwise(areas))
    assert changes == len(set(areas)) - 1, areas

    # The focus is seen, wherever it is.
    unseen = []
    for widget in chain:
        window.centralWidget().setFocus()
        QApplication.focusWidget().clearFocus() if QApplication.focusWidget() else None
        QApplication.processEvents()
        before = looks(widget)
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        QApplication.processEvents()
        if np.array_equal(before, looks(widget)):
            unseen.append(f"{type(widget).__name__} {widget.accessibleName()}")
    assert not unseen, unseen


def test_every_command_is_reached_by_keys(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window = open_window(analyze_automatically=False)
    open_and_wait(window, qtbot, write_chest_film(tmp_path / "film.dcm", rows=320, columns=300).path)
    reached = set()
    for entry in window.menuBar().actions():
        menus = [entry.menu()]
        while menus:
            for action in menus.pop().actions():
                if action.menu() is not None:
                    menus.append(action.menu())
                reached.add(action.objectName())
    missing = {action.id for action in ACTIONS} - reached
    assert not missing, "not in the menu bar, which Alt opens"
    QTest.keyClick(window, Qt.Key.Key_Alt)
    assert window.menuBar().activeAction() is not None
    QTest.keyClick(window.menuBar(), Qt.Key.Key_Escape)
    for panel, key in ((Panel.TWIN, Qt.Key.Key_2), (None, Qt.Key.Key_0)):
        press(window, key, Qt.KeyboardModifier.AltModifier)
        assert window.comparison.alone is panel
