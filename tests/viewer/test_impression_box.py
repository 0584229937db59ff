"""The impression is written, and opens what was hidden until then; nothing of it is told before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from core.reading import RunPhase
from core.session import Session
from viewer.impression_box import ImpressionBox


@pytest.fixture
def box(session: Session, qtbot: QtBot, opened: Callable[..., Session], film: Path) -> ImpressionBox:
    session.change_settings(replace(session.settings, read_first=True))
    made = ImpressionBox(session)
    qtbot.addWidget(made)
    made.show()
    opened(film)
    return made


def test_the_twin_waits_for_words(box: ImpressionBox, session: Session) -> None:
    button, edit = box.findChild(QPushButton), box.findChild(QPlainTextEdit)
    assert session.veiled
    assert button.isVisible()
    assert not button.isEnabled()
    assert "first" in button.toolTip()
    QTest.keyClicks(edit, "   ")
    assert not button.isEnabled()
    session.reveal()
    assert session.veiled
    QTest.keyClicks(edit, "Clear.")
    assert button.isEnabled()
    assert session.status.phase is RunPhase.VEILED
    assert session.reading.analyses == ()
    button.setFocus()
    button.click()
    assert not session.veiled
    assert not button.isVisible()
    assert len(session.reading.analyses) == 1
    assert session.status.phase is RunPhase.DONE


def test_without_the_setting_there_is_no_button(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], film: Path
) -> None:
    made = ImpressionBox(session)
    qtbot.addWidget(made)
    made.show()
    opened(film)
    assert not made.findChild(QPushButton).isVisible()
    assert session.reading.analyses
    # What was seen already cannot be read first any more.
    session.change_settings(replace(session.settings, read_first=True))
    assert not session.veiled
    assert session.reading.analyses


def test_what_an_open_image_says_is_not_to_be_had_by_another_window(
    box: ImpressionBox, session: Session, opened: Callable[..., Session]
) -> None:
    assert session.frame is not None
    told: list[object] = []
    assert session.ask(session.frame, session.choice, told.append, told.append) is None
    assert ["your impression" in str(one) for one in told] == [True]
