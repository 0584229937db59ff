"""A reader decides, walks the findings, and finds all of it again: in a new window, with nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from journeys_words import press
from phantoms import write_chest_film
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QPlainTextEdit
from pytestqt.qtbot import QtBot

from core.review_journal import journal_path
from viewer.main_window import MainWindow

WAIT_MS = 120_000
OpenWindow = Callable[..., MainWindow]


def rest(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: window.session.frame is not None and not window.session.jobs.active, timeout=WAIT_MS
    )


def test_what_was_decided_is_there_in_the_next_window(
    open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path
) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=640, columns=600).path
    window = open_window(model_folder=str(small_models), model="healthygan")
    session = window.session
    window.open_paths([film])
    rest(window, qtbot)
    session.set_threshold(0.005)
    assert session.reading.findings

    # Zoomed in, N brings each finding into the middle of all three panels.
    for _ in range(6):
        press(window, Qt.Key.Key_Plus)
    walked = []
    for _ in session.reading.findings:
        press(window, Qt.Key.Key_N)
        walked.append(session.selected_finding)
        (finding,) = (one for one in session.reading.findings if one.identifier == session.selected_finding)
        for view in window.comparison._views:
            x, y = view.mapping.to_screen(*finding.centre)
            middle = view.viewport.width() / 2, view.viewport.height() / 2
            assert abs(x - middle[0]) <= 1, "in the middle of every panel"
            assert abs(y - middle[1]) <= 1
    assert walked == [one.identifier for one in session.reading.findings]
    press(window, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert session.selected_finding == walked[-2 if len(walked) > 1 else 0]

    press(window, Qt.Key.Key_A)
    findings = window.findings_panel.findChild(QListWidget)
    findings.setFocus()
    QTest.keyClick(findings, Qt.Key.Key_Return)
    note = window.findings_panel.findChild(QLineEdit)
    assert note.hasFocus()
    QTest.keyClicks(note, "old scar")
    QTest.keyClick(note, Qt.Key.Key_Return)
    QTest.keyClicks(window.findings_panel.findChild(QPlainTextEdit), "No change since March.")
    decided = session.review
    assert decided.accepted
    assert decided.notes
    window.close()
    assert b"Phantom" not in journal_path().read_bytes(), "the journal holds no names"

    second = open_window(model_folder=str(small_models), model="healthygan")
    second.open_paths([film])
    rest(second, qtbot)
    assert second.session.review == decided
    assert second.findings_panel.findChild(QPlainTextEdit).toPlainText() == "No change since March."
    assert any(row.startswith("●") and "old scar" in row for row in second.findings_panel.rows)
    assert second.session.heatmap.threshold == 0.005
    # Only what was accepted goes into the report.
    draft = second.session.draft_report()
    assert draft is not None
    assert [one.identifier for one in draft.accepted] == [one.identifier for one in decided.accepted]

    # And it is gone when the reader wants that.
    second.session.forget_decisions()
    rest(second, qtbot)
    assert not second.session.review.accepted
    assert second.findings_panel.findChild(QPlainTextEdit).toPlainText() == ""
