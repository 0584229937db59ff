"""The log in a window: follows, filters, searches, copies."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer.log_window import LogWindow
from viewer.program_log import ProgramLog
from viewer.support_desk import copy_for_support

PATIENT = "KIM^Minsoo"


@pytest.fixture
def log() -> ProgramLog:
    made = ProgramLog()
    for level, words, values in (
        (logging.INFO, "Opened %s", (PATIENT,)),
        (logging.WARNING, "Odd spacing", ()),
        (logging.ERROR, "Failed", ()),
    ):
        made.handle(logging.LogRecord("core.session", level, "", 0, words, values, None))
    return made


@pytest.fixture
def window(log: ProgramLog, session: Session, qtbot: QtBot) -> LogWindow:
    def copy(told: Callable[[str], None]) -> object:
        return copy_for_support(session, told)

    made = LogWindow(log, copy)  # type: ignore[arg-type]  # it returns the job
    qtbot.addWidget(made)
    made.show()
    return made


def test_messages_are_shown_with_level_and_time(window: LogWindow) -> None:
    lines = window.text.toPlainText().splitlines()
    assert len(lines) == 3
    assert f"notice  Opened {PATIENT}" in lines[0]
    assert "warning  Odd spacing" in lines[1]
    assert window.count.text() == "3 messages"


def test_levels_and_words_choose(window: LogWindow) -> None:
    window.level.setCurrentIndex(1)
    assert [line.split("  ")[1] for line in window.text.toPlainText().splitlines()] == ["warning", "error"]
    assert window.count.text() == "2 messages of 3"
    window.level.setCurrentIndex(2)
    assert window.count.text() == "1 message of 3"
    window.level.setCurrentIndex(0)
    window.search.setText("ODD")
    assert "Odd spacing" in window.text.toPlainText()
    assert len(window.text.toPlainText().splitlines()) == 1


def test_it_follows_while_it_is_shown(window: LogWindow, log: ProgramLog, qtbot: QtBot) -> None:
    log.handle(logging.LogRecord("viewer.x", logging.INFO, "", 0, "News", (), None))
    qtbot.waitUntil(lambda: "News" in window.text.toPlainText())
    window.hide()
    assert not window._clock.isActive()


def test_the_copy_for_support_says_so_and_holds_no_patient(
    window: LogWindow, session: Session, qtbot: QtBot
) -> None:
    window.copy.click()
    qtbot.waitUntil(lambda: window.count.text().startswith("Copied."))
    text = QApplication.clipboard().text()
    assert "HealthyTwin" in text
    assert "healthygan-chest-adult" in text
    assert PATIENT not in text


def test_a_window_that_is_closed_is_told_nothing(window: LogWindow, session: Session, qtbot: QtBot) -> None:
    QApplication.clipboard().setText("mine")
    window.copy.click()
    window.close()
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert QApplication.clipboard().text() == "mine"
