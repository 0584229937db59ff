"""Findings are read, decided and noted; the impression is written; all of it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QPlainTextEdit
from pytestqt.qtbot import QtBot

from core.imaging.findings import Sign
from core.session import Session
from viewer.findings_panel import FindingsPanel, finding_details, size_words


@pytest.fixture
def panel(session: Session, qtbot: QtBot, opened: Callable[..., Session], film: Path) -> FindingsPanel:
    made = FindingsPanel(session)
    qtbot.addWidget(made)
    made.show()
    opened(film)
    session.set_threshold(0.001)
    assert session.reading.findings
    return made


def test_rows_say_place_size_and_strength(panel: FindingsPanel, session: Session) -> None:
    finding = session.reading.findings[0]
    first = panel.rows[0]
    assert len(panel.rows) == len(session.reading.findings)
    assert first.startswith("○")
    assert f"peak {finding.peak:.2f}" in first
    assert size_words(finding) in first
    assert "mm" in size_words(finding)
    assert "at detector" in finding_details(finding)


def test_accept_dismiss_and_take_back(panel: FindingsPanel, session: Session) -> None:
    panel.accept_selected()
    assert session.review.accepted == ()
    panel.findChild(QListWidget).setCurrentRow(0)
    identifier = session.reading.findings[0].identifier
    assert session.selected_finding == identifier
    panel.accept_selected()
    assert panel.rows[0].startswith("●")
    panel.dismiss_selected()
    assert panel.rows[0].startswith("✕")
    assert session.review.accepted == ()
    panel.dismiss_selected()
    assert panel.rows[0].startswith("○")
    panel.accept_selected()
    panel.accept_selected()
    session.undo()
    assert session.review.accepts(identifier)


def test_a_note_belongs_to_its_finding(panel: FindingsPanel, session: Session) -> None:
    findings = panel.findChild(QListWidget)
    findings.setCurrentRow(0)
    note = panel.findChild(QLineEdit)
    QTest.keyClicks(note, "old scar")
    QTest.keyClick(note, Qt.Key.Key_Return)
    assert "old scar" in panel.rows[0]
    if findings.count() > 1:
        findings.setCurrentRow(1)
        assert note.text() == ""
        findings.setCurrentRow(0)
    assert note.text() == "old scar"


def test_the_impression_is_undone_word_by_word(panel: FindingsPanel, session: Session) -> None:
    edit = panel.findChild(QPlainTextEdit)
    QTest.keyClicks(edit, "No change")
    assert session.review.impression == "No change"
    session.undo()
    assert edit.toPlainText() == "No "
    session.redo()
    assert edit.toPlainText() == "No change"


def test_accepted_findings_under_a_higher_threshold_are_not_forgotten(
    panel: FindingsPanel, session: Session
) -> None:
    session.step_finding(1)
    panel.accept_selected()
    session.set_threshold(0.5)
    (row,) = panel.rows
    assert row.startswith("●")
    assert "accepted at 0.001" in row
    assert "below the threshold now" in row
    assert session.status.text == "Nothing above the threshold."
    session.set_threshold(0.001)
    assert "accepted at 0.001" in panel.rows[0]
    assert "below" not in panel.rows[0]
    session.set_heatmap(replace(session.heatmap, sign=Sign.LUCENT))
    assert "not in the map shown" in panel.rows[-1]
    panel.accept_selected()
    assert session.review.accepted == ()
    assert not any(row.startswith("●") for row in panel.rows)
