"""A reader lets a whole series be analyzed, and goes where the strip says that something is."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from film_series import write_film_clip, write_real_series
from journeys_words import press
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.inference.analysis import ModelChoice
from core.series_scores import Outcome
from viewer import scored_series
from viewer.main_window import MainWindow

WAIT_MS = 150_000
OpenWindow = Callable[..., MainWindow]


def at_rest(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: window.session.frame is not None and not window.session.jobs.active, timeout=WAIT_MS
    )


def real_films(shared_data: Path, count: int) -> list[Path]:
    """Held-out films of one source, healthy and ill by turns."""
    with (shared_data / "cxr" / "cxr_manifest.csv").open(encoding="utf-8") as table:
        rows = [row for row in csv.DictReader(table) if row["source"] == "nih" and row["split"] == "val"]
    kinds = [[row for row in rows if row["label"] == label] for label in ("normal", "pneumonia")]
    mixed = [row for pair in zip(*kinds, strict=False) for row in pair][:count]
    return [shared_data / "cxr" / row["file"] for row in mixed]


@pytest.mark.shared
def test_a_series_of_real_films_with_the_shipped_models(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path, shared_data: Path
) -> None:
    window = open_window(analyze_automatically=False)
    session, strip = window.session, window.stack_bar.scores.strip
    window.open_paths([write_real_series(tmp_path / "films", real_films(shared_data, 12))])
    at_rest(window, qtbot)
    assert strip.isVisible()
    press(window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert scored_series.is_running(session)
    at_rest(window, qtbot)
    rows = scored_series.scores_of(session)
    assert [row.title for row in rows] == ["HealthyGAN", "SR-AnoGAN"]
    assert all(one.outcome is not Outcome.WAITING for row in rows for one in row.results)
    assert all(
        row.results[n].p_value is not None for row in rows for n in range(12) if row.results[n].weights_digest
    )
    assert session.reading.shown is not None, "the shown film has its map without another question"
    for place in (7, 3):
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(place).center())
        at_rest(window, qtbot)
        assert session.selection is not None
        assert session.selection.position == place
        # What the strip says of a film is what a question about it alone says, the network's float aside.
        (alone, *_) = session.reading.analyses
        assert rows[0].results[place].score == pytest.approx(alone.score, abs=1e-3)
        assert rows[0].results[place].frame_digest == alone.frame_digest
    out = sorted({n for row in rows for n, one in enumerate(row.results) if one.stands_out})
    window.comparison.setFocus()
    session.show_frame(0)
    at_rest(window, qtbot)
    for wanted in [n for n in out if n > 0]:
        press(window, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
        at_rest(window, qtbot)
        assert session.selection is not None
        assert session.selection.position == wanted
    session.choose_model(ModelChoice.HEALTHYGAN)
    assert strip.height() < 20, "one model, one row"


def test_a_clip_of_films_is_scored_frame_by_frame_while_it_is_scrolled(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window(analyze_automatically=False, model="healthygan")
    session, strip = window.session, window.stack_bar.scores.strip
    window.open_paths([write_film_clip(tmp_path / "clip.dcm", 10)])
    at_rest(window, qtbot)
    scored_series.analyze(session)
    window.comparison.setFocus()
    for _ in range(5):
        press(window, Qt.Key.Key_Down)
    at_rest(window, qtbot)
    assert session.selection is not None
    assert session.selection.position == 5
    (row,) = scored_series.scores_of(session)
    assert row.done == 10
    assert strip.count == 10
