"""What a scan finds is shown while it goes on; nothing jumps, nothing that was closed comes back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from owner import Owner
from phantoms import write_chest_film, write_ct_series

from core.dicom import file_labels
from core.dicom.index import StudyIndex
from core.jobs import JobQueue, Lane
from core.opening import Listed
from core.session import Selection, Session
from core.settings import Settings


class Gate:
    """Lets a scan read one file after the other as the test allows it."""

    def __init__(self) -> None:
        self.allowed = threading.Semaphore(0)
        self.reached = threading.Semaphore(0)

    def wait(self) -> None:
        self.reached.release()
        self.allowed.acquire()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Every file waits for the gate, and every file makes a part."""
    made = Gate()
    look = file_labels.LabelReader.look_at
    monkeypatch.setattr("core.dicom.index._FIRST_PART_S", 0.0)
    monkeypatch.setattr("core.dicom.index._COST_OF_PARTS", 1e9)
    monkeypatch.setattr(
        file_labels.LabelReader, "look_at", lambda self, path: (made.wait(), look(self, path))[1]
    )
    yield made
    made.allowed.release(10_000)


@pytest.fixture
def owner() -> Owner:
    return Owner()


@pytest.fixture
def session(owner: Owner) -> Iterator[Session]:
    made = Session(JobQueue(owner.deliver), Settings(analyze_automatically=False))
    made._warm = True  # no model is wanted here
    yield made
    made.close()


def _let(owner: Owner, gate: Gate, files: int, until: Callable[[], bool]) -> None:
    gate.allowed.release(files)
    owner.run_until(until)


def test_the_first_image_shows_while_the_scan_goes_on(
    owner: Owner, session: Session, gate: Gate, tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 4)
    job = session.open([tmp_path])
    _let(owner, gate, 1, lambda: session.frame is not None)
    assert job.active
    assert session.selection is not None
    first = session.selection.instance
    assert (session.selection.position, session.selection.count) == (0, 1)
    chosen: list[Selection | None] = []
    frames: list[object] = []
    session.selection_changed.connect(chosen.append)
    session.frame_changed.connect(frames.append)
    _let(owner, gate, 3, lambda: not session.jobs.active)
    # The same image, at its place in the series that has grown; it was not read again.
    assert session.selection.instance is first
    assert session.index is not None
    (series,) = session.index.series
    assert session.selection.series is series
    assert series.images[session.selection.position][0] is first
    assert session.selection.count == 4
    assert chosen
    assert not frames


def test_what_the_reader_chose_stays_chosen(
    owner: Owner, session: Session, gate: Gate, tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 6)
    session.open([tmp_path])
    _let(owner, gate, 3, lambda: session.selection is not None and session.selection.count == 3)
    session.show_frame(2)
    owner.run_until(lambda: session.selection is not None and not session.selection.loading)
    assert session.selection is not None
    chosen = session.selection.instance
    _let(owner, gate, 3, lambda: not session.jobs.active)
    assert session.selection.instance is chosen
    assert session.selection.count == 6


def test_cancelling_keeps_what_was_found(owner: Owner, session: Session, gate: Gate, tmp_path: Path) -> None:
    write_ct_series(tmp_path, 5)
    job = session.open([tmp_path])
    _let(owner, gate, 2, lambda: session.selection is not None and session.selection.count == 2)
    job.cancel()
    gate.allowed.release(10)
    owner.run_until(lambda: not session.jobs.active)
    assert session.index is not None
    assert len(session.index.instances) == 2


def test_closing_all_stops_what_is_being_opened(
    owner: Owner, session: Session, gate: Gate, tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 5)
    job = session.open([tmp_path])
    _let(owner, gate, 2, lambda: session.selection is not None)
    session.close_all()
    assert not job.active
    gate.allowed.release(10)
    session.jobs.submit(Lane.SCAN, "After it", lambda ctx: None, lambda nothing: None)
    owner.run_until(lambda: not session.jobs.active)
    assert session.index is None


def test_a_study_that_is_closed_stays_closed_while_others_are_still_looked_for(
    owner: Owner, session: Session, gate: Gate, tmp_path: Path
) -> None:
    film = write_chest_film(tmp_path / "1-film").path
    write_ct_series(tmp_path / "2", 4)
    session.open([tmp_path])
    _let(owner, gate, 3, lambda: session.index is not None and len(session.index.instances) == 3)
    assert session.index is not None
    (closed,) = (study for _, study in session.index.studies if study.series[0].instances[0].path == film)
    session.close_study(closed.study_instance_uid)
    _let(owner, gate, 10, lambda: not session.jobs.active)
    assert session.index is not None
    assert session.index.instance_at(film) is None
    assert len(session.index.instances) == 4
    assert session.selection is not None
    session.open([film])  # asked for again, it comes
    _let(owner, gate, 10, lambda: not session.jobs.active)
    assert session.index.instance_at(film) is not None


def test_two_openings_at_once_are_merged_at_the_end(
    owner: Owner, session: Session, gate: Gate, tmp_path: Path
) -> None:
    write_ct_series(tmp_path / "a", 2)
    write_chest_film(tmp_path / "b" if (tmp_path / "b").mkdir() else tmp_path / "b" / "film")
    session.open([tmp_path / "a"])
    session.open([tmp_path / "b"])
    shown: list[StudyIndex | None] = []
    session.index_changed.connect(shown.append)
    _let(owner, gate, 10, lambda: not session.jobs.active)
    assert session.index is not None
    assert len(session.index.patients) == 2
    assert session.selection is not None
    assert session.selection.instance.path.parent.name in ("a", "b")
    counts = [len(index.instances) for index in shown if index is not None]
    assert counts == sorted(counts)


def test_a_file_that_turns_out_to_have_a_double_stays_shown(
    owner: Owner, session: Session, gate: Gate, tmp_path: Path
) -> None:
    write_chest_film(tmp_path / "a", SOPInstanceUID="1.2.3")
    write_chest_film(tmp_path / "b", seed=4, SOPInstanceUID="1.2.3")
    session.open([tmp_path])
    _let(owner, gate, 1, lambda: session.frame is not None)
    _let(owner, gate, 1, lambda: not session.jobs.active)
    assert session.selection is not None
    assert session.selection.instance.path == tmp_path / "a"
    assert not session.selection.loading
    assert any("same SOP Instance UID" in note for note in session.selection.instance.notes)


@pytest.fixture
def remembering(owner: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session with a database of studies."""
    monkeypatch.setattr("core.dicom.folder_memory._SETTLED_NS", 0)
    made = Session(
        JobQueue(owner.deliver),
        Settings(analyze_automatically=False),
        studies_path=tmp_path / "data" / "studies" / "index.sqlite3",
    )
    made._warm = True
    yield made
    made.close()


def _recent(owner: Owner, session: Session) -> list[tuple[str, Path, int, bool]]:
    listed: list[tuple[Listed, ...]] = []
    session.list_recent(listed.append)
    owner.run_until(lambda: bool(listed))
    return [(one.patient, one.place, one.images, is_there) for one, is_there in listed[0]]


def test_studies_that_were_opened_are_listed_newest_first(
    owner: Owner, remembering: Session, tmp_path: Path
) -> None:
    write_ct_series(tmp_path / "s" / "ct" / "deep", 3)
    write_chest_film(tmp_path / "film")
    assert _recent(owner, remembering) == []
    for path in (tmp_path / "s", tmp_path / "film"):
        remembering.open([path])
        owner.run_until(lambda: not remembering.jobs.active)
    ct = ("Phantom, Volume", tmp_path / "s" / "ct" / "deep", 3)
    film = ("Phantom, Chest", tmp_path / "film", 1)
    assert _recent(owner, remembering) == [(*film, True), (*ct, True)]
    (tmp_path / "film").unlink()
    assert _recent(owner, remembering) == [(*film, False), (*ct, True)]
    remembering.forget_studies("no such study")
    remembering.forget_studies()
    assert _recent(owner, remembering) == []
    assert not list((tmp_path / "data" / "studies").iterdir())


def test_nothing_is_remembered_where_the_reader_does_not_wish_it(
    owner: Owner, remembering: Session, tmp_path: Path
) -> None:
    remembering.change_settings(replace(remembering.settings, remember_studies=False))
    write_chest_film(tmp_path / "film")
    remembering.open([tmp_path / "film"])
    owner.run_until(lambda: not remembering.jobs.active)
    assert remembering.index is not None
    assert not (tmp_path / "data").exists()
    assert _recent(owner, remembering) == []
