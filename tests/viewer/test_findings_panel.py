"""Findings are read, decided and noted; the impression is written; all of it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from core.imaging.findings import Sign
from core.session import Session
from viewer.finding_words import finding_details, size_words
from viewer.findings_panel import FindingsPanel


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


def test_the_list_is_worked_by_keyboard_alone(panel: FindingsPanel, session: Session, qtbot: QtBot) -> None:
    findings, note = panel.findChild(QListWidget), panel.findChild(QLineEdit)
    panel.activateWindow()
    findings.setFocus()
    QTest.keyClick(findings, Qt.Key.Key_Down)
    assert session.selected_finding == session.reading.findings[0].identifier
    QTest.keyClick(findings, Qt.Key.Key_Return)
    assert note.hasFocus()
    QTest.keyClicks(note, "scar")
    QTest.keyClick(note, Qt.Key.Key_Return)
    assert findings.hasFocus()
    assert session.review.note_on(session.selected_finding) == "scar"
    QTest.keyClick(findings, Qt.Key.Key_Return)
    QTest.keyClicks(note, " or not")
    QTest.keyClick(note, Qt.Key.Key_Escape)
    assert findings.hasFocus()
    assert note.text() == "scar"
    assert session.review.note_on(session.selected_finding) == "scar"
    for widget in panel.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            assert widget.accessibleName() or getattr(widget, "text", str)(), widget


@pytest.mark.parametrize("width", [254, 420])
def test_no_row_is_wider_than_the_list_however_long_its_note(
    panel: FindingsPanel, session: Session, width: int
) -> None:
    panel.resize(width, 900)
    session.step_finding(1)
    words = "Known since 2019, compare the film of March. " * 20
    session.amend(session.review.with_note(session.selected_finding, words))
    findings = panel.findChild(QListWidget)
    metrics = findings.fontMetrics()
    room = findings.viewport().width()
    for row in range(findings.count()):
        lines = findings.item(row).text().split("\n")
        assert max(metrics.horizontalAdvance(line) for line in lines) <= room, lines
    selected = findings.currentItem()
    assert selected.text().count("\n") <= 9
    assert selected.text().endswith("…")
    assert selected.toolTip().endswith(words.strip())


def test_thirty_findings_of_two_models_are_listed_and_the_selected_one_is_seen(
    panel: FindingsPanel, session: Session
) -> None:
    panel.resize(254, 560)
    found = session.reading.findings[0]
    many = tuple(
        replace(found, identifier=f"f{n}", model_kind=("healthygan", "sr-anogan")[n % 2]) for n in range(30)
    )
    session.amend(replace(session.review, accepted=many))
    findings = panel.findChild(QListWidget)
    assert findings.count() == len(session.reading.findings) >= 30
    assert sum("SR-AnoGAN denser" in row for row in panel.rows) == 15
    for _ in range(findings.count()):
        session.step_finding(1)
        place = findings.visualItemRect(findings.currentItem())
        assert findings.viewport().rect().intersects(place)
        assert place.top() >= 0 or place.height() > findings.viewport().height()
