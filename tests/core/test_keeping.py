"""What a reader decides comes back with the image: after the end, a kill, a full disk, in two windows."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from owner import Owner
from phantoms import write_chest_film
from pydicom import dcmread
from scripted_shelf import ScriptedShelf

import core
from core.imaging.marks import Mark, MarkKind
from core.jobs import JobQueue
from core.review import Review
from core.review_journal import ReviewJournal, image_key
from core.session import Session
from core.settings import Settings

LINE = Mark(MarkKind.LENGTH, ((1.0, 2.0), (3.0, 4.5)))
ARROW = Mark(MarkKind.ARROW, LINE.points)


class Reader:
    """A session with a journal, its owner's thread, and what it told."""

    def __init__(self, journal: Path, settings: Settings | None = None) -> None:
        self.owner = Owner()
        self.jobs = JobQueue(self.owner.deliver)
        self.session = Session(
            self.jobs, settings, open_shelf=lambda wished: ScriptedShelf(), journal_path=journal
        )
        self.failures: list[BaseException] = []
        self.notices: list[str] = []
        self.session.failed.connect(lambda error, tried: self.failures.append(error))
        self.session.noticed.connect(self.notices.append)

    def open(self, *paths: Path) -> Session:
        self.session.open(paths)
        self.wait()
        return self.session

    def wait(self) -> None:
        self.owner.run_until(lambda: not self.jobs.active)


NewReader = Callable[..., Reader]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "data" / "decisions" / "journal.sqlite3"


@pytest.fixture
def new_reader(journal: Path) -> Iterator[NewReader]:
    """Readers, one after the other or at once, with one journal."""
    made: list[Reader] = []

    def new(settings: Settings | None = None) -> Reader:
        made.append(Reader(journal, settings))
        return made[-1]

    yield new
    for reader in made:
        reader.session.close()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_chest_film(tmp_path / "film.dcm").path


def decide(session: Session) -> Review:
    """A decision of every kind."""
    session.set_threshold(0.001)
    session.amend(session.review.accept(session.reading.findings[0]))
    session.amend(session.review.with_note(session.reading.findings[0].identifier, "old scar"))
    session.amend(session.review.with_mark(LINE))
    session.amend(session.review.with_mark(ARROW))
    session.amend(session.review.with_impression("No change.\nÄrger"))
    return session.review


def test_the_image_opens_with_all_that_was_decided(new_reader: NewReader, film: Path) -> None:
    first = new_reader()
    decided = decide(first.open(film))
    first.session.close()
    second = new_reader()
    session = second.open(film)
    assert session.review == decided
    assert session.reading.thresholds == (0.001,)
    assert next(session.review.accepts(one.identifier) for one in session.reading.findings)
    assert not session.can_undo
    assert second.notices == []
    assert second.failures == []


def test_what_was_taken_back_does_not_come_back(new_reader: NewReader, film: Path) -> None:
    first = new_reader()
    session = first.open(film)
    decide(session)
    first.wait()
    while session.can_undo:
        session.undo()
    session.close()
    assert new_reader().open(film).review == Review()


def test_a_second_image_of_the_study_has_its_decisions_at_once(new_reader: NewReader, tmp_path: Path) -> None:
    files = [write_chest_film(tmp_path / f"{n}.dcm", seed=n).path for n in (1, 2)]
    first = new_reader()
    session = first.open(*files)
    for path in files:
        session.select(session.index.instance_at(path))
        first.wait()
        session.amend(Review(impression=path.name))
    session.close()
    second = new_reader()
    session = second.open(*files)
    told: list[str] = []
    session.review_changed.connect(lambda review: told.append(review.impression))
    for path in reversed(files):
        session.select(session.index.instance_at(path))
        second.wait()
        assert session.review == Review(impression=path.name)
    assert "" not in told[-2:]


def test_decisions_on_other_pixels_are_kept_and_not_shown(new_reader: NewReader, film: Path) -> None:
    first = new_reader()
    first.open(film).amend(Review(impression="on the old pixels"))
    first.session.close()
    original = film.read_bytes()
    file = dcmread(film)
    pixels = file.pixel_array.copy()
    pixels[0, 0] ^= 1
    file.PixelData = pixels.tobytes()
    file.save_as(film)
    second = new_reader()
    session = second.open(film)
    assert session.review == Review()
    assert len(second.notices) == 1
    assert "other pixels" in second.notices[0]
    session.amend(Review(impression="on the new pixels"))
    session.close()
    film.write_bytes(original)
    assert new_reader().open(film).review == Review(impression="on the old pixels")


def test_what_a_newer_version_wrote_is_kept(new_reader: NewReader, film: Path, journal: Path) -> None:
    first = new_reader()
    session = first.open(film)
    assert session.frame is not None
    book = ReviewJournal(journal, pytest.fail)
    text = '{"format": 1, "review": {"impression": "x", "volumes": [1]}}'
    book.write([(image_key(session.frame), text)])
    book.close()
    second = new_reader()
    session = second.open(film)
    assert session.review == Review()
    assert "newer version" in second.notices[0]
    session.amend(Review(impression="ours"))
    second.wait()
    assert len(second.notices) == 1, "what was put aside on purpose is no other window's"
    session.close()
    with contextlib.closing(sqlite3.connect(journal)) as other:
        assert other.execute("SELECT content FROM aside").fetchall() == [(text,)]
    assert new_reader().open(film).review == Review(impression="ours")


def test_a_damaged_journal_is_told_once_and_reading_goes_on(
    new_reader: NewReader, film: Path, journal: Path
) -> None:
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"no journal at all, but long enough to look at " * 50)
    reader = new_reader()
    session = reader.open(film)
    session.amend(Review(impression="one"))
    reader.wait()
    session.amend(Review(impression="two"))
    reader.wait()
    assert len(reader.notices) == 1
    assert "journal.sqlite3.bad" in reader.notices[0]
    session.close()
    assert new_reader().open(film).review == Review(impression="two")


def test_what_cannot_be_kept_is_told_once_and_kept_when_that_is_over(
    new_reader: NewReader, film: Path, journal: Path
) -> None:
    journal.parent.parent.mkdir(parents=True)
    journal.parent.write_text("a file in the way")
    reader = new_reader()
    session = reader.open(film)
    for number in range(4):
        session.amend(Review(impression=f"number {number}"))
        reader.wait()
    assert [str(journal) in str(error) for error in reader.failures] == [True]
    assert session.review == Review(impression="number 3")
    assert session.can_undo
    journal.parent.unlink()
    session.amend(Review(impression="there is room again"))
    reader.wait()
    session.close()
    assert new_reader().open(film).review == Review(impression="there is room again")


def test_nothing_is_kept_where_it_is_not_wanted(new_reader: NewReader, film: Path, journal: Path) -> None:
    reader = new_reader(Settings(keep_decisions=False))
    session = reader.open(film)
    session.amend(Review(impression="not kept"))
    reader.wait()
    assert not journal.exists()
    session.change_settings(replace(session.settings, keep_decisions=True))
    reader.wait()
    session.close()
    # From then on all that is at hand is kept.
    assert new_reader().open(film).review == Review(impression="not kept")


def _kinds(review: Review) -> list[MarkKind]:
    return [mark.kind for mark in review.drawings.marks]


def test_a_decision_that_comes_before_those_of_earlier_joins_them(
    new_reader: NewReader, film: Path, journal: Path
) -> None:
    first = new_reader()
    first.open(film).amend(Review(impression="earlier").with_mark(LINE))
    first.session.close()
    second = new_reader()
    with contextlib.closing(sqlite3.connect(journal, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")  # the answer is on its way for as long as this lasts
        second.session.open([film])
        second.owner.run_until(lambda: second.session.frame is not None)
        second.session.amend(Review().with_mark(ARROW))
        assert second.session.review.impression == ""
        other.execute("ROLLBACK")
    second.wait()
    assert second.session.review.impression == "earlier"
    assert _kinds(second.session.review) == [MarkKind.LENGTH, MarkKind.ARROW]
    second.session.undo()
    assert second.session.review.impression == "earlier"
    assert _kinds(second.session.review) == [MarkKind.LENGTH]
    second.session.redo()
    second.session.close()
    assert _kinds(new_reader().open(film).review) == [MarkKind.LENGTH, MarkKind.ARROW]


def test_two_windows_on_one_image_lose_nothing(new_reader: NewReader, film: Path, journal: Path) -> None:
    one, two = new_reader(), new_reader()
    one.open(film)
    two.open(film)
    one.session.amend(Review(impression="from the first window"))
    one.wait()
    two.session.amend(Review(impression="from the second window"))
    two.wait()
    assert "Another window" in two.notices[0]
    two.session.close()
    with contextlib.closing(sqlite3.connect(journal)) as other:
        ((text,),) = other.execute("SELECT content FROM aside").fetchall()
    assert "from the first window" in text
    assert new_reader().open(film).review == Review(impression="from the second window")


def test_forgetting_is_for_good_and_reading_goes_on(new_reader: NewReader, film: Path, journal: Path) -> None:
    reader = new_reader()
    session = reader.open(film)
    session.amend(Review(impression="MARKER"))
    session.forget_decisions()
    reader.wait()
    assert reader.notices == ["Nothing is kept any more of what you decided about images."]
    assert session.review == Review()
    assert not session.can_undo
    assert not any(b"MARKER" in one.read_bytes() for one in journal.parent.iterdir())
    session.amend(Review(impression="new"))
    session.close()
    assert new_reader().open(film).review == Review(impression="new")


_CHILD = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from test_keeping import LINE, Reader
reader = Reader(Path(sys.argv[3]))
session = reader.open(Path(sys.argv[4]))
number = len(session.review.impression.split())
while True:
    number += 1
    session.amend(session.review.with_impression("word " * number), step="typing")
    session.amend(session.review.without_drawings().with_mark(LINE).with_note("n", str(number)))
    print(number, time.monotonic(), flush=True)
    reader.owner.run_waiting()
    time.sleep(0.002)  # so that the lines read before the kill span more than the second that may be lost
"""


@pytest.mark.skipif(os.name != "posix", reason="no such kill there")
def test_a_kill_costs_no_more_than_the_last_second(new_reader: NewReader, film: Path, journal: Path) -> None:
    here = Path(__file__).parent
    for lines in (150, 700, 1100):
        process = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(here), str(here.parent), str(journal), str(film)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(Path(core.__file__).parents[1])},
        )
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        said += process.communicate()[0].splitlines()
        made = [(int(number), float(moment)) for number, moment in map(str.split, said)]
        old_enough = max((number for number, moment in made if moment < killed - 1.0), default=0)
        reader = new_reader()
        review = reader.open(film).review
        number = len(review.impression.split())
        assert old_enough <= number <= made[-1][0] + 1
        # Of one moment: the impression of an amendment, the note of it or of the one before.
        assert int(review.note_on("n") or number) in (number, number - 1)
        assert reader.notices == []
        assert reader.failures == []
        reader.session.close()
