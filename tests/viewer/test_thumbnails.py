"""Small pictures for the rows in sight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from phantoms import write_chest_film, write_truncated
from PySide6.QtCore import QObject
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from core.session import Session
from core.study_list import SeriesRow, all_rows
from viewer import thumbnails
from viewer.thumbnails import Thumbnails


@pytest.fixture
def rows(opened: Callable[..., Session], tmp_path: Path) -> list[SeriesRow]:
    """Five films of five patients."""
    paths = [write_chest_film(tmp_path / f"{n}.dcm", seed=n, patient_id=str(n)).path for n in range(5)]
    index = opened(*paths).index
    assert index is not None
    return list(all_rows(index.patients))


def test_pictures_are_made_in_the_order_of_the_rows(
    session: Session, qtbot: QtBot, rows: list[SeriesRow]
) -> None:
    owner = QObject()
    made = Thumbnails(session, owner)
    known: list[list[int]] = []
    made.made.connect(lambda: known.append([n for n, row in enumerate(rows) if made.get(row) is not None]))
    made.want(rows[:3], 1.0)
    assert sum(job.title.startswith("Thumbnail") for job in session.jobs.active) == 1, "one at a time"
    qtbot.waitUntil(lambda: len(known) == 3)
    assert known == [[0], [0, 1], [0, 1, 2]]
    picture = made.get(rows[0])
    assert isinstance(picture, QPixmap)
    assert max(picture.width(), picture.height()) == session.settings.thumbnail_px
    made.want(rows[:3], 1.0)
    assert not session.jobs.active, "none is made twice"


def test_rows_out_of_sight_are_asked_for_no_more(
    session: Session, qtbot: QtBot, rows: list[SeriesRow]
) -> None:
    owner = QObject()
    made = Thumbnails(session, owner)
    made.want(rows[:4], 1.0)
    (first,) = session.jobs.active
    made.want(rows[4:], 1.0)
    assert not first.active
    qtbot.waitUntil(lambda: made.get(rows[4]) is not None)
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert [made.get(row) for row in rows[:4]] == [None] * 4


def test_memory_is_bounded_and_the_newest_stay(
    session: Session, qtbot: QtBot, rows: list[SeriesRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thumbnails, "_MOST_BYTES", 40_000)
    owner = QObject()
    made = Thumbnails(session, owner)
    made.want(rows, 1.0)
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert 0 < made.bytes_kept <= 40_000
    kept = [made.get(row) is not None for row in rows]
    assert kept == [False, False, False, True, True]
    made.clear()
    assert made.bytes_kept == 0


def test_a_screen_of_twice_the_pixels_gets_its_own(
    session: Session, qtbot: QtBot, rows: list[SeriesRow]
) -> None:
    owner = QObject()
    made = Thumbnails(session, owner)
    made.want(rows[:1], 1.0)
    qtbot.waitUntil(lambda: made.get(rows[0]) is not None)
    made.want(rows[:1], 2.0)
    assert made.get(rows[0]) is None
    qtbot.waitUntil(lambda: made.get(rows[0]) is not None)
    picture = made.get(rows[0])
    assert isinstance(picture, QPixmap)
    assert max(picture.width(), picture.height()) == 2 * session.settings.thumbnail_px


def test_a_failure_keeps_its_reason(session: Session, qtbot: QtBot, rows: list[SeriesRow]) -> None:
    path = rows[0].instances[0].path
    write_truncated(path, path, 400)
    owner = QObject()
    made = Thumbnails(session, owner)
    made.want(rows[:2], 1.0)
    qtbot.waitUntil(lambda: made.get(rows[1]) is not None)
    reason = made.get(rows[0])
    assert isinstance(reason, str)
    assert path.name in reason
    assert isinstance(made.get(rows[1]), QPixmap), "the next one is made all the same"
