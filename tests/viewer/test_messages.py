"""Errors in the reader's words; reports without patients."""

from __future__ import annotations

import sys

import pytest
from psygnal import EmitLoopError, Signal
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from core.errors import UnreadableFile
from viewer.faults import root_cause
from viewer.messages import MessageBar, TextDialog, fault_report, install_crash_hook, words_for


def failing(secret: str) -> None:
    raise ValueError(f"cannot read {secret}")


def caught(secret: str) -> BaseException:
    try:
        failing(secret)
    except ValueError as error:
        try:
            raise RuntimeError(secret) from error
        except RuntimeError as outer:
            return outer
    raise AssertionError


def test_a_product_error_speaks_for_itself() -> None:
    assert words_for(UnreadableFile("a.dcm is empty.", "Copy it again."), "Open") == (
        "a.dcm is empty. Copy it again.",
        "",
    )


def test_a_fault_report_names_places_but_no_values() -> None:
    error = caught("KIM^Minsoo")
    text, details = words_for(error, "Open a.dcm")
    assert "error of its own" in text
    assert "in failing" in details
    assert "builtins.ValueError" in details
    assert "builtins.RuntimeError" in details
    assert "KIM" not in text + details
    assert fault_report(error).startswith("HealthyTwin")


def test_the_error_behind_a_signal_is_found() -> None:
    class Speaker:
        said = Signal(str)

    speaker = Speaker()
    speaker.said.connect(failing)
    with pytest.raises(EmitLoopError) as info:
        speaker.said.emit("x")
    assert isinstance(root_cause(info.value), ValueError)


def test_the_bar_says_closes_and_opens_details(qtbot: QtBot) -> None:
    bar = MessageBar()
    qtbot.addWidget(bar)
    assert bar.text == ""
    bar.failure("<b>a.dcm</b> is empty.", "all that is known")
    assert bar.text == "<b>a.dcm</b> is empty."
    bar.findChild(QPushButton).click()
    dialog = bar.window().findChild(TextDialog)
    assert dialog.findChild(QPlainTextEdit).toPlainText() == "all that is known"
    dialog.findChildren(QPushButton)[-1].click()
    copy = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Copy")
    copy.click()
    assert "all that is known" in QApplication.clipboard().text()
    dialog.close()
    bar.notice("Written.")
    assert not bar.findChild(QPushButton).isVisibleTo(bar)
    with qtbot.waitSignal(bar.closed):
        bar.findChild(QToolButton).click()
    assert bar.text == ""


def test_the_crash_hook_shows_what_nobody_caught(qtbot: QtBot) -> None:
    shown: list[BaseException] = []
    before = sys.excepthook
    restore = install_crash_hook(shown.append)
    try:
        QTimer.singleShot(0, lambda: failing("x"))
        qtbot.waitUntil(lambda: bool(shown))
    finally:
        restore()
    assert isinstance(shown[0], ValueError)
    assert sys.excepthook is before
