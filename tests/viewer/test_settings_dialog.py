"""Every preference has its row."""

from __future__ import annotations

from dataclasses import fields, replace

from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.session import Session
from core.settings import Settings
from viewer.settings_dialog import SettingsDialog


def test_every_preference_is_in_the_dialog_as_it_is(session: Session, qtbot: QtBot) -> None:
    session.settings = replace(session.settings, model="both", reader_name="Dr. A", heatmap_opacity=0.4)
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    assert dialog.wished == session.settings
    for one in fields(Settings):
        assert (dialog.findChild(QWidget, one.name) is not None) == one.metadata["in_dialog"], one.name


def test_ok_takes_all_rows_and_defaults_fill_them(session: Session, qtbot: QtBot) -> None:
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    dialog.findChild(QLineEdit, "reader_name").setText("Dr. B")
    dialog.findChild(QComboBox, "model").setCurrentText("sr-anogan")
    dialog.findChild(QCheckBox, "deidentify_report").setChecked(True)
    buttons = dialog.findChild(QDialogButtonBox)
    buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert session.settings.reader_name == "Dr. B"
    assert session.settings.model == "sr-anogan"
    assert session.settings.deidentify_report
    again = SettingsDialog(session)
    qtbot.addWidget(again)
    again.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.RestoreDefaults).click()
    assert again.wished == Settings()


def test_every_word_of_help_has_room(qtbot: QtBot, session: Session) -> None:
    dialog = SettingsDialog(session)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.RestoreDefaults).click()
    QApplication.processEvents()
    words = [label for label in dialog.findChildren(QLabel) if label.wordWrap()]
    assert words
    clipped = [label.text() for label in words if label.height() < label.heightForWidth(label.width())]
    assert not clipped
    assert dialog.height() <= 760, "it fits on a screen of 800 px"
