"""A key is changed by pressing it; one that another command has is told before it moves."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItemIterator,
)
from pytestqt.qtbot import QtBot

from core.settings import Settings
from viewer.actions import ACTIONS
from viewer.key_table import KeyTable
from viewer.keys_page import KeyField, KeysPage

NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def page(qtbot: QtBot) -> KeysPage:
    made = KeysPage()
    qtbot.addWidget(made)
    made.fill(Settings())
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def choose(page: KeysPage, name: str) -> None:
    tree = page.findChild(QTreeWidget, "keys")
    rows = QTreeWidgetItemIterator(tree)
    while (item := rows.value()) is not None:
        if item.data(0, Qt.ItemDataRole.UserRole) == name:
            tree.setCurrentItem(item)
            return
        rows += 1
    raise AssertionError(name)


def press(
    page: KeysPage, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    field = page.findChild(KeyField)
    field.setFocus()
    QTest.keyClick(field, key, modifiers)


def click(page: KeysPage, name: str) -> None:
    found = page.findChild(QPushButton, name)
    assert found.isEnabled(), name
    found.click()


def keys(page: KeysPage) -> KeyTable:
    return KeyTable.of(page.wished()["own_keys"])


def test_every_command_is_there_with_its_keys(page: KeysPage) -> None:
    tree = page.findChild(QTreeWidget, "keys")
    shown = {}
    rows = QTreeWidgetItemIterator(tree)
    while (item := rows.value()) is not None:
        shown[item.data(0, Qt.ItemDataRole.UserRole)] = item.text(1)
        rows += 1
    assert {action.id: " / ".join(action.shortcuts) for action in ACTIONS} == {
        name: text for name, text in shown.items() if name
    }


def test_a_free_key_is_used(page: KeysPage, qtbot: QtBot) -> None:
    choose(page, "heatmap")
    press(page, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert page.findChild(QLabel, "clash").text() == ""
    with qtbot.waitSignal(page.changed):
        click(page, "use")
    assert keys(page).keys("heatmap") == ("Ctrl+J",)


def test_a_clash_names_the_other_command_and_offers_a_swap(page: KeysPage) -> None:
    choose(page, "heatmap")
    press(page, Qt.Key.Key_R)
    words = page.findChild(QLabel, "clash").text()
    assert "R belongs to “Turn right” (View)" in words
    click(page, "swap")
    assert keys(page).keys("heatmap") == ("R",)
    assert keys(page).keys("turn_right") == ("G",)
    click(page, "reset")
    assert keys(page).keys("heatmap") == ("G",)


def test_a_key_may_be_taken_away_added_or_removed(page: KeysPage) -> None:
    choose(page, "heatmap")
    press(page, Qt.Key.Key_R)
    click(page, "use")
    assert keys(page).keys("turn_right") == ()
    press(page, Qt.Key.Key_F7)
    click(page, "add")
    assert keys(page).keys("heatmap") == ("R", "F7")
    click(page, "no_key")
    assert keys(page).keys("heatmap") == ()
    assert not page.findChild(QPushButton, "no_key").isEnabled()


def test_keys_of_the_dialog_itself_can_be_chosen(page: KeysPage) -> None:
    for pressed, written in (
        (Qt.Key.Key_Escape, "Esc"),
        (Qt.Key.Key_Return, "Return"),
        (Qt.Key.Key_Space, "Space"),
    ):
        choose(page, "heatmap")
        press(page, pressed)
        assert page.findChild(KeyField).text() == written
        choose(page, "invert")
        assert page.findChild(KeyField).text() == "", "nothing is pressed for another command yet"
    field = page.findChild(KeyField)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert not field.hasFocus(), "Tab walks on"
    assert field.text() == ""


def test_by_keys_alone(page: KeysPage) -> None:
    choose(page, "heatmap")
    tree = page.findChild(QTreeWidget, "keys")
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert page.findChild(KeyField).hasFocus()
    QTest.keyClick(page.findChild(KeyField), Qt.Key.Key_F8)
    assert page.findChild(QPushButton, "use").hasFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert keys(page).keys("heatmap") == ("F8",)
    assert tree.hasFocus()


def test_schemes_are_taken_and_all_keys_reset(page: KeysPage) -> None:
    schemes = page.findChild(QComboBox)
    schemes.setCurrentIndex(schemes.findData("OHIF"))
    schemes.activated.emit(schemes.currentIndex())
    assert keys(page).keys("reset_view") == ("Space",)
    choose(page, "heatmap")
    press(page, Qt.Key.Key_F8)
    click(page, "use")
    assert schemes.currentText() == "Own keys"
    reset = next(one for one in page.findChildren(QPushButton) if one.text() == "Reset all keys")
    reset.click()
    assert page.wished() == {"own_keys": ()}
    assert schemes.currentData() == "HealthyTwin"
    assert schemes.findText("Own keys") < 0


def test_commands_are_narrowed_by_name_menu_and_key(page: KeysPage) -> None:
    assert page.narrow(()) == len(ACTIONS)
    assert page.narrow(("turn", "right")) == 1
    assert page.narrow(("ctrl+shift+z",)) == 1
    assert page.narrow(("nowhere",)) == 0
