"""Films of a folder, a few at a time: each gets its own answer or its own reason, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from phantoms import write_chest_film, write_truncated

from core.dicom.index import scan
from core.errors import OutOfMemory
from core.imaging.frame import Frame
from core.inference.analysis import Answer, ModelChoice
from core.jobs import NO_JOB, Cancelled, JobContext
from viewer.batch import Wanted, analyze_films


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eleven films, more than one turn, and one that is cut off."""
    for number in range(11):
        film = write_chest_film(tmp_path / f"patient-{number:02d}", rows=40, columns=30, seed=number)
    write_truncated(tmp_path / "patient-03-cut.dcm", film.path, -200)
    return tmp_path


def answer_of(frame: Frame) -> Answer:
    return Answer(frame.digest, ModelChoice.HEALTHYGAN, (), ())


def test_every_film_has_its_own_answer_in_order(folder: Path) -> None:
    turns: list[int] = []

    def analyze(frames: Sequence[Frame], ctx: JobContext) -> list[Answer]:
        turns.append(len(frames))
        return [answer_of(frame) for frame in frames]

    index = scan([folder])
    outcome = analyze_films(index, analyze, Wanted(), NO_JOB)
    assert [film["file"] for film in outcome.films] == [str(one.path) for one in index.instances]
    assert len({film["pixels_sha256"] for film in outcome.films}) == 11
    assert max(turns) > 1
    assert sum(turns) == 11


def test_a_film_that_fails_costs_no_other_its_answer(folder: Path) -> None:
    index = scan([folder])
    unlucky = index.instances[5].path

    def analyze(frames: Sequence[Frame], ctx: JobContext) -> list[Answer]:
        if any(Path(frame.source.path) == unlucky for frame in frames):
            raise OutOfMemory("There is too little memory.", "")
        return [answer_of(frame) for frame in frames]

    outcome = analyze_films(index, analyze, Wanted(), NO_JOB)
    assert len(outcome.films) == 10
    assert [(path, frame) for path, frame, _ in outcome.failed] == [(unlucky, 1)]


def test_a_film_that_cannot_be_read_is_named_and_the_rest_goes_on(folder: Path) -> None:
    index = scan([folder])
    gone = index.instances[2].path
    gone.unlink()
    outcome = analyze_films(index, lambda frames, ctx: [answer_of(one) for one in frames], Wanted(), NO_JOB)
    assert [path for path, _, _ in outcome.failed] == [gone]
    assert len(outcome.films) == 10


def test_it_stops_when_it_is_cancelled(folder: Path) -> None:
    class Stopping(JobContext):
        def report(self, done: int, total: int, text: str = "") -> None:
            if done == 4:
                raise Cancelled

    with pytest.raises(Cancelled):
        analyze_films(
            scan([folder]), lambda frames, ctx: [answer_of(one) for one in frames], Wanted(), Stopping()
        )
