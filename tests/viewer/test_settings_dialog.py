"""Every preference has its row."""

from __future__ import annotations

from dataclasses import fields, replace

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialogButtonBox, QLineEdit, QWidget
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
