"""Every preference has its row on a page, is found by its words, and is taken when the reader says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QSpinBox,
    QStackedWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.session import Session
from core.settings import Settings
from viewer.keys_page import KeysPage
from viewer.settings_dialog import SettingsDialog

Button = QDialogButtonBox.StandardButton


@pytest.fixture
def dialog(session: Session, qtbot: QtBot) -> SettingsDialog:
    made = SettingsDialog(session)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # a test looks at it after it was closed
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def button(dialog: SettingsDialog, which: QDialogButtonBox.StandardButton) -> Callable[[], None]:
    return dialog.findChild(QDialogButtonBox).button(which).click


def pages(dialog: SettingsDialog) -> list[str]:
    shown = dialog.findChild(QListWidget, "pages")
    return [shown.item(n).text() for n in range(shown.count()) if not shown.item(n).isHidden()]


def rows_in_sight(dialog: SettingsDialog) -> list[str]:
    return [
        one.name
        for one in fields(Settings)
        if (found := dialog.findChild(QWidget, one.name)) and found.isVisible()
    ]


def test_every_preference_is_in_the_dialog_as_it_is(session: Session, qtbot: QtBot) -> None:
    session.settings = replace(
        session.settings, model="both", reader_name="Dr. A", heatmap_opacity=0.4, own_keys=(("heatmap", "K"),)
    )
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.wished == session.settings
    for one in fields(Settings):
        assert (dialog.findChild(QWidget, one.name) is not None) == one.metadata["in_dialog"], one.name


def test_ok_takes_all_rows_and_defaults_fill_them(session: Session, qtbot: QtBot) -> None:
    session.settings = replace(session.settings, window_layout="kept", own_keys=(("heatmap", "K"),))
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    dialog.findChild(QLineEdit, "reader_name").setText("Dr. B")
    models = dialog.findChild(QComboBox, "model")
    models.setCurrentIndex(models.findData("sr-anogan"))
    dialog.findChild(QCheckBox, "deidentify_report").setChecked(True)
    button(dialog, Button.Ok)()
    assert session.settings.reader_name == "Dr. B"
    assert session.settings.model == "sr-anogan"
    assert session.settings.deidentify_report
    again = SettingsDialog(session)
    qtbot.addWidget(again)
    button(again, Button.RestoreDefaults)()
    assert again.wished == replace(Settings(), window_layout="kept")
    assert session.settings.reader_name == "Dr. B", "nothing is taken before OK"


def test_apply_takes_what_is_there_and_stays(dialog: SettingsDialog, session: Session) -> None:
    apply = dialog.findChild(QDialogButtonBox).button(Button.Apply)
    assert not apply.isEnabled()
    dialog.findChild(QLineEdit, "reader_name").setText("Dr. B")
    assert apply.isEnabled()
    apply.click()
    assert session.settings.reader_name == "Dr. B"
    assert dialog.isVisible()
    assert not apply.isEnabled()
    dialog.findChild(QLineEdit, "reader_name").setText("Dr. C")
    button(dialog, Button.Cancel)()
    assert session.settings.reader_name == "Dr. B"


def test_numbers_stand_in_their_natural_units(dialog: SettingsDialog) -> None:
    opacity = dialog.findChild(QDoubleSpinBox, "heatmap_opacity")
    assert opacity.text() == "60 %"
    opacity.setValue(35)
    assert dialog.wished.heatmap_opacity == pytest.approx(0.35)
    assert dialog.findChild(QSpinBox, "frame_memory_mb").suffix() == " MB"
    assert dialog.findChild(QComboBox, "model").itemText(0) == "HealthyGAN"


def test_the_search_finds_rows_by_title_help_and_choices(dialog: SettingsDialog) -> None:
    search = dialog.findChild(QLineEdit, "search")
    search.setText("opacity")
    assert pages(dialog) == ["Display (1)"]
    assert rows_in_sight(dialog) == ["heatmap_opacity"]
    search.setText("impression reports")  # words of a help
    assert rows_in_sight(dialog) == ["reader_name"]
    search.setText("SR-anogan")  # a choice
    assert "model" in rows_in_sight(dialog)
    search.setText("no such words at all")
    assert pages(dialog) == []
    assert "No setting" in dialog.findChild(QStackedWidget).currentWidget().text()
    search.clear()
    assert len(pages(dialog)) == 9
    assert len(rows_in_sight(dialog)) > 1


def test_a_command_is_found_by_its_name_and_its_key(dialog: SettingsDialog) -> None:
    search = dialog.findChild(QLineEdit, "search")
    search.setText("turn right")
    assert pages(dialog) == ["Keys (1)"]
    assert isinstance(dialog.findChild(QStackedWidget).currentWidget(), KeysPage)


def test_it_is_used_by_keys_alone(dialog: SettingsDialog, session: Session) -> None:
    shown = dialog.findChild(QListWidget, "pages")
    assert shown.hasFocus()
    QTest.keyClick(shown, Qt.Key.Key_Down)
    assert dialog.findChild(QStackedWidget).currentIndex() == 1
    reached = set()
    for _ in range(60):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        reached.add(QApplication.focusWidget().objectName())
    assert {"search", "pages", "heatmap_opacity", "show_corner_texts"} <= reached
    dialog.findChild(QLineEdit, "search").clearFocus()
    QTest.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert dialog.findChild(QLineEdit, "search").hasFocus()


def test_every_word_of_help_has_room(dialog: SettingsDialog) -> None:
    shown = dialog.findChild(QListWidget, "pages")
    checked = 0
    for place in range(shown.count()):
        shown.setCurrentRow(place)
        QApplication.processEvents()
        words = [label for label in dialog.findChildren(QLabel) if label.wordWrap() and label.isVisible()]
        clipped = [label.text() for label in words if label.height() < label.heightForWidth(label.width())]
        assert not clipped
        checked += len(words)
    assert checked >= len([one for one in fields(Settings) if one.metadata["in_dialog"]])
    assert dialog.height() <= 760, "it fits on a screen of 800 px"
    assert dialog.width() <= 1280


def test_return_closes_nothing_but_on_a_button(dialog: SettingsDialog, session: Session) -> None:
    for name in ("search", "reader_name", "pages", "keys", "windows"):
        QTest.keyClick(dialog.findChild(QWidget, name), Qt.Key.Key_Return)
        assert dialog.isVisible(), name
    ok = dialog.findChild(QDialogButtonBox).button(Button.Ok)
    ok.setFocus()
    QTest.keyClick(ok, Qt.Key.Key_Return)
    assert not dialog.isVisible()
