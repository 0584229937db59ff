from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from film_series import write_film_series
from phantoms import write_ct_series
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer import scored_series

Opened = Callable[..., Session]
WAIT_MS = 20_000


@pytest.fixture
def films(tmp_path: Path) -> Path:
    return write_film_series(tmp_path / "films", 6, lesions={2, 4}, laterals={5})


def test_without_an_image_there_is_nothing_to_score(session: Session) -> None:
    assert scored_series.scores_of(session) == ()
    assert scored_series.why_not(session) == "No series is open."
    assert not scored_series.any_stands_out(session)
    assert not scored_series.is_running(session)
    scored_series.analyze(session)
    scored_series.step(session, 1)
    assert session.jobs.active == ()


def test_a_ct_is_not_asked_about_at_all(session: Session, opened: Opened, tmp_path: Path) -> None:
    write_ct_series(tmp_path, 5)
    opened(tmp_path)
    assert "CT" in scored_series.why_not(session)
    scored_series.analyze(session)
    assert session.series_analysis.running is None


def test_the_command_starts_and_stops_and_leads_to_what_stands_out(
    session: Session, opened: Opened, qtbot: QtBot, films: Path
) -> None:
    opened(films)
    assert session.selection is not None
    scored_series.analyze(session)
    assert scored_series.is_running(session)
    assert scored_series.is_running(session, session.selection.series)
    scored_series.analyze(session)
    assert not scored_series.is_running(session), "the same command stops it"
    scored_series.analyze(session)
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    (row,) = scored_series.scores_of(session)
    out = [place for place, one in enumerate(row.results) if one.stands_out]
    assert set(out) >= {2, 4}, "uncalibrated as they are, the lesions are regions above the threshold"
    visited = []
    for _ in out:
        scored_series.step(session, 1)
        qtbot.waitUntil(lambda: session.frame is not None and not session.jobs.active, timeout=WAIT_MS)
        assert session.selection is not None
        visited.append(session.selection.position)
    assert sorted(visited) == out


def test_a_series_of_the_list_is_analyzed_without_being_shown(
    session: Session, opened: Opened, qtbot: QtBot, films: Path, film: Path
) -> None:
    opened(film)
    opened(films, film)
    assert session.index is not None
    session.select(*next(one for one in session.index.series if one.number_of_images == 1).images[0])
    whole = next(one for one in session.index.series if one.number_of_images == 6)
    scored_series.analyze(session, whole)
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    (row,) = session.series_analysis.scores(whole, session.questions)
    assert row.done == 6
    assert session.selection is not None
    assert session.selection.series is not whole
