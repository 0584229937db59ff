"""Wiping the journal asks first, and the key that comes by itself keeps everything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from core.review import Review
from core.session import Session
from viewer.kept_decisions import ask_to_forget


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def decided(session: Session, opened: Callable[..., Session], film: Path, tmp_path: Path) -> Session:
    session._journal_path = tmp_path / "data" / "decisions" / "journal.sqlite3"
    opened(film).amend(Review(impression="work of an hour"))
    return session


def test_return_and_escape_keep_everything(decided: Session, parent: QWidget, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        box = ask_to_forget(decided, parent)
        qtbot.waitExposed(box)
        QTest.keyClick(box, key)
        qtbot.waitUntil(lambda: parent.findChild(QMessageBox) is None)
        qtbot.waitUntil(lambda: not decided.jobs.active)
    assert decided.review == Review(impression="work of an hour")


def test_the_button_wipes(decided: Session, parent: QWidget, qtbot: QtBot) -> None:
    box = ask_to_forget(decided, parent)
    (button,) = (one for one in box.findChildren(QPushButton) if one.text() == "Forget all decisions")
    with qtbot.waitSignal(button.clicked):
        button.click()
    qtbot.waitUntil(lambda: not decided.jobs.active)
    assert decided.review == Review()
