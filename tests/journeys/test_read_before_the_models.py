"""A reader who writes first: nothing tells what the models found until the impression is there."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from journeys_words import press
from phantoms import write_chest_film, write_ct_series
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QListWidget, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from core.reading import RunPhase
from viewer import scored_series
from viewer.commands import app
from viewer.main_window import MainWindow
from viewer.wish import Panel

WAIT_MS = 120_000
OpenWindow = Callable[..., MainWindow]
ALT = Qt.KeyboardModifier.AltModifier
# Words that only an answer of a model can bring onto the screen.
TELLTALE = (r"\d findings? ", "the threshold\\.", r"[Ss]core -?\d", r"peak \d", r"p \d", r"Findings \(")


def rest(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: window.session.frame is not None and not window.session.jobs.active, timeout=WAIT_MS
    )


def said(window: MainWindow) -> str:
    """All words on the screen and in tool tips, titles and accessible names."""

    def words() -> Iterator[str]:
        for widget in [window, *window.findChildren(QWidget)]:
            yield widget.toolTip()
            yield widget.accessibleName()
            yield widget.accessibleDescription()
            yield widget.windowTitle()
            if isinstance(widget, QLabel | QAbstractButton) and widget.isVisible():
                yield widget.text()
            if isinstance(widget, QListWidget):
                yield from (widget.item(row).text() for row in range(widget.count()))
        for view in window.comparison._views:
            content = view.content
            yield from (content.title, content.subtitle, content.status, content.message)
            for lines in (content.corners.top_left, content.corners.top_right, content.corners.bottom_left):
                yield from lines
        for action in window.actions():
            yield action.text()
            yield action.toolTip()

    return "\n".join(words())


def test_nothing_is_told_before_the_impression_and_all_of_it_after(
    open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path
) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=640, columns=600).path
    window = open_window(model_folder=str(small_models), read_first=True)
    session = window.session
    leaks: list[str] = []
    session.status_changed.connect(lambda status: leaks.append(status.text))
    window.open_paths([film])
    rest(window, qtbot)
    assert session.veiled
    assert len(session._answers._values) == 2, "the models have answered in the background"

    words = said(window)
    assert not [tell for tell in TELLTALE if re.search(tell, words)], words
    assert not [text for text in leaks if "above" in text]
    assert "Then the twin is shown" in words
    assert "Alt+T" in words
    for panel in (Panel.TWIN, Panel.DIFFERENCE):
        assert "Write your impression first" in window.comparison._views[panel].content.message
        assert window.comparison.picture_name(panel) == ""
    assert not window.findings_panel.findChild(QListWidget).isVisible()
    # No key brings it to light.
    for key in (Qt.Key.Key_N, Qt.Key.Key_G, Qt.Key.Key_O, Qt.Key.Key_BracketLeft, Qt.Key.Key_F):
        press(window, key)
    press(window, Qt.Key.Key_T, ALT)
    press(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    rest(window, qtbot)
    assert session.veiled
    assert session.reading.analyses == ()
    assert session.selected_finding == ""
    # Nor does a report or an export.
    draft = session.draft_report()
    assert draft is not None
    assert draft.reading.answer is None
    assert draft.written(deidentified=False).findings == ()
    window.export_panel(Panel.DIFFERENCE, tmp_path / "difference.png")
    rest(window, qtbot)
    assert not (tmp_path / "difference.png").exists()

    edit = window.findings_panel.findChild(QPlainTextEdit)
    window.focus_impression()
    assert edit.hasFocus()
    QTest.keyClicks(edit, "Round opacity, right.")
    QTest.keyClick(edit, Qt.Key.Key_T, ALT)
    assert session.review.impression == "Round opacity, right.", "the key writes nothing"
    assert not session.veiled
    assert session.status.phase is RunPhase.DONE
    rest(window, qtbot)
    assert session.twin is not None
    assert len(session.reading.analyses) == 2
    words = said(window)
    assert {tell for tell in TELLTALE if re.search(tell, words)} >= set(TELLTALE[1:3]) | {TELLTALE[-1]}
    session.set_threshold(0.01)
    press(window, Qt.Key.Key_N)
    press(window, Qt.Key.Key_A)
    QTest.keyClicks(edit, " And one more.")
    session.write_reading_log(tmp_path / "log.csv")
    rest(window, qtbot)
    window.close()

    with (tmp_path / "log.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["event"] for row in rows] == ["shown", "revealed", "finding accepted", "impression changed"]
    assert rows[1]["words"] == "Round opacity, right."
    assert rows[-1]["words"] == "Round opacity, right. And one more."
    assert float(rows[1]["seconds_since_shown"]) <= float(rows[-1]["seconds_since_shown"])
    result = CliRunner().invoke(app, ["reading-log", "--out", str(tmp_path / "again.csv")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "log.csv").read_bytes()

    # The next time the image is open as it was left: who has seen the twin has seen it.
    second = open_window(model_folder=str(small_models), read_first=True)
    second.open_paths([film])
    rest(second, qtbot)
    assert not second.session.veiled
    assert second.session.review.impression == "Round opacity, right. And one more."
    assert len(second.session.review.accepted) == 1


def test_each_image_waits_for_its_own_impression_and_a_ct_for_none(
    open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path
) -> None:
    films = [write_chest_film(tmp_path / f"{n}.dcm", seed=n, rows=320, columns=300).path for n in (1, 2)]
    window = open_window(model_folder=str(small_models), read_first=True, model="healthygan")
    session = window.session
    window.open_paths(films)
    rest(window, qtbot)
    assert session.index is not None
    session.select(session.index.instance_at(films[0]))
    rest(window, qtbot)
    session.amend(session.review.with_impression("clear"))
    session.reveal()
    assert session.reading.analyses
    # A strip of scores would tell of the other film.
    window.session.analyze_series(session.selection.series)
    rest(window, qtbot)
    assert not scored_series.shows_scores(session)
    assert not scored_series.any_stands_out(session)
    session.select(session.index.instance_at(films[1]))
    rest(window, qtbot)
    assert session.veiled
    session.select(session.index.instance_at(films[0]))
    rest(window, qtbot)
    assert not session.veiled
    assert session.reading.analyses

    folder = tmp_path / "ct"
    folder.mkdir()
    write_ct_series(folder)
    window.open_paths([folder])
    rest(window, qtbot)
    assert session.frame is not None
    assert session.frame.source.modality == "CT"
    assert not session.veiled
    assert session.status.text == "Not analyzed: CT is no plain radiograph."


@pytest.mark.expect_log
def test_a_film_that_no_model_reads_says_so_at_once(
    open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path
) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=320, columns=300, ViewPosition="LL").path
    window = open_window(model_folder=str(small_models), read_first=True)
    window.open_paths([film])
    rest(window, qtbot)
    assert not window.session.veiled
    assert window.session.status.phase is RunPhase.NOT_SUITABLE
