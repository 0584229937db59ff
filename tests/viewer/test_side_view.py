"""A series beside the image: under its own name and date, and never of another patient unseen."""

from __future__ import annotations

from pathlib import Path

from phantoms import write_chest_film
from pytestqt.qtbot import QtBot
from reading_room import (
    beside,
    command,
    go_to,
    original,
    rest,
    series_of,
    write_films,
)

from core.imaging.marks import Mark, MarkKind
from core.linking import Relation
from core.session import Session
from core.study_list import rows_of
from viewer.main_window import MainWindow


def test_the_prior_stands_beside_under_its_own_name_and_date(
    film_and_prior: MainWindow, session: Session
) -> None:
    side = beside(film_and_prior)
    content = original(side)._content
    assert content.title == "PRIOR 2025-01-10"
    assert "2025-01-10" in content.corners.top_left
    assert not side.other_patient
    assert film_and_prior.desk.layout_shown.columns == 2
    assert original(film_and_prior)._content.title == "ORIGINAL"
    assert session.reading.shown is not None
    assert side.comparison._wish.answer is None


def test_a_prior_of_another_patient_is_never_hung(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    now, before = write_films(tmp_path, other_patient=True)
    session.open([now, before])
    rest(session, qtbot)
    go_to(session, now, qtbot)
    command(window, "prior").trigger()
    assert "No earlier study" in window.messages.text


def test_another_patient_beside_the_image_is_called_so_in_alarm(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    now, before = write_films(tmp_path, other_patient=True)
    session.open([now, before])
    rest(session, qtbot)
    go_to(session, now, qtbot)
    other = next(one for one in session.index.series if one.images[0][0].path == before)  # type: ignore[union-attr]  # opened
    (row,) = rows_of(other)
    window.browser.besideWanted.emit(row)
    rest(session, qtbot)
    side = beside(window)
    assert side.other_patient
    assert "DIFFERENT PATIENT: Zebra, Zoe · Z-9" in side._alarm.text()
    assert "DIFFERENT PATIENT" in original(side)._content.status
    assert not original(side)._content.title.startswith("PRIOR")
    assert window.desk.linker.relation_of(side.viewport) is Relation.NONE
    # The session goes to that patient: nothing of the first one stays beside it.
    go_to(session, before, qtbot)
    assert all(side.stack.selection is None for side in window.desk.sides)


def test_nothing_of_one_patient_stays_beside_the_next(
    film_and_prior: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    other = write_chest_film(tmp_path / "other.dcm", seed=5, patient_id="Q", patient_name="Quince^Q").path
    session.open([other])
    rest(session, qtbot)
    assert session.selection is not None
    assert session.selection.instance.path == other
    assert all(side.stack.selection is None for side in film_and_prior.desk.sides)


def test_an_unreadable_image_beside_is_said_in_its_place(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(two_series)
    path = side.stack.selection.series.images[20][0].path  # type: ignore[union-attr]  # shown
    path.write_bytes(path.read_bytes()[:700])
    side.stack._memory.clear()
    side.stack.show(series_of(session, 2), 20)
    rest(session, qtbot)
    assert path.name in side._note.text()
    assert side._note.isVisible()
    assert two_series.messages.text == ""


def test_marks_of_an_earlier_time_are_seen_beside_and_new_ones_are_refused_in_words(
    film_and_prior: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(film_and_prior)
    now, before = session.selection, side.stack.selection
    assert now is not None
    assert before is not None
    go_to(session, before.instance.path, qtbot)
    mark = Mark(MarkKind.LENGTH, ((10.0, 10.0), (60.0, 80.0)))
    film_and_prior.marking.add(mark)
    go_to(session, now.instance.path, qtbot)
    command(film_and_prior, "prior").trigger()
    rest(session, qtbot)
    side = beside(film_and_prior)
    assert side.stack.selection is not None
    assert side.stack.selection.instance == before.instance
    assert [one.points for one in side.comparison._wish.marks] == [mark.points]
    assert film_and_prior.comparison._wish.marks == ()
    side.comparison.markDrawn.emit(mark)
    assert "first viewport" in film_and_prior.messages.text
    assert session.review.drawings.marks == ()
