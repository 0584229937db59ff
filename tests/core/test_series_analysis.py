"""A whole series in the background: whose turn it is, what is kept, and what is never shown for clean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from film_series import write_film_clip, write_film_series
from owner import Owner
from phantoms import write_chest_film
from report_cases import film
from scripted_shelf import ScriptedShelf, analysis_of

from core.dicom.frames import read_frame
from core.errors import ModelFileInvalid, OutOfMemory
from core.inference.analysis import Answer, ModelChoice
from core.jobs import JobQueue, JobState
from core.reading import RunPhase
from core.series_analysis import _bytes_of, _Maps
from core.series_scores import Outcome, Scores
from core.session import Session
from core.settings import Settings


class Reader:
    """A session whose owner's thread the test plays."""

    def __init__(self) -> None:
        self.owner = Owner()
        self.jobs = JobQueue(self.owner.deliver)
        self.shelf = ScriptedShelf()
        self.session = Session(
            self.jobs, Settings(analyze_automatically=False), open_shelf=lambda wished: self.shelf
        )
        self.failures: list[BaseException] = []
        self.session.failed.connect(lambda error, tried: self.failures.append(error))

    def wait(self) -> None:
        self.owner.run_until(lambda: not self.jobs.active)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        self.owner.run_until(condition)

    def open(self, path: Path) -> Session:
        self.session.open([path])
        self.wait()
        return self.session

    def start(self, first: int = 0) -> None:
        assert self.session.selection is not None
        self.session.analyze_series(self.session.selection.series, first)

    @property
    def scores(self) -> tuple[Scores, ...]:
        assert self.session.selection is not None
        return self.session.series_analysis.scores(self.session.selection.series, self.session.questions)

    def outcomes(self) -> list[Outcome]:
        (row,) = self.scores
        return [one.outcome for one in row.results]


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.shelf.release()
    made.session.close()


@pytest.fixture
def nine(tmp_path: Path) -> Path:
    return write_film_series(tmp_path / "films", 9, lesions={3}, laterals={5}, broken={7})


def test_every_image_gets_its_score_or_the_reason_why_not(reader: Reader, nine: Path) -> None:
    session = reader.open(nine)
    assert reader.outcomes() == [Outcome.WAITING] * 9
    reader.start()
    assert session.series_analysis.running is session.selection.series  # type: ignore[union-attr]  # selected
    reader.wait()
    wanted = [Outcome.SCORED] * 9
    wanted[5], wanted[7] = Outcome.REFUSED, Outcome.FAILED
    assert reader.outcomes() == wanted
    (row,) = reader.scores
    assert row.results[5].words[0] == "This is a lateral view."
    assert row.results[7].words[0]
    digests = [one.frame_digest for one in row.results if one.outcome is Outcome.SCORED]
    assert len(set(digests)) == 7
    assert len(reader.shelf.asked) == 7, "what is refused ahead or cannot be read goes to no network"
    assert max(reader.shelf.together) > 1, "several go through the network together"
    assert session.series_analysis.running is None
    assert reader.failures == []


def test_scores_belong_to_images_and_not_to_places(reader: Reader, nine: Path) -> None:
    session = reader.open(nine)
    reader.start(first=4)
    reader.wait()
    (row,) = reader.scores
    assert session.selection is not None
    for (instance, frame_index), result in zip(session.selection.series.images, row.results, strict=True):
        if result.outcome is Outcome.SCORED:
            assert result.frame_digest == read_frame(instance, frame_index).digest
    first_asked = reader.shelf.asked[0][0]
    assert first_asked == row.results[4].frame_digest, "from the image that was wished for on"


def test_frames_of_one_file_are_images_of_their_own(reader: Reader, tmp_path: Path) -> None:
    reader.open(write_film_clip(tmp_path / "clip.dcm", 6, lesions={2}))
    reader.start()
    reader.wait()
    assert reader.outcomes() == [Outcome.SCORED] * 6
    assert len({digest for digest, _ in reader.shelf.asked}) == 6


def test_two_models_are_two_rows(reader: Reader, nine: Path) -> None:
    reader.open(nine)
    reader.session.choose_model(ModelChoice.BOTH)
    reader.start()
    reader.wait()
    assert [row.title for row in reader.scores] == ["HealthyGAN", "SR-AnoGAN"]
    assert [row.done for row in reader.scores] == [9, 9]
    weights = [{one.weights_digest for one in row.results if one.weights_digest} for row in reader.scores]
    assert weights == [{"weights of healthygan"}, {"weights of sr-anogan"}]


def test_the_readers_own_question_goes_first(reader: Reader, nine: Path) -> None:
    session = reader.open(nine)
    reader.shelf.hold()
    reader.start()
    reader.wait_for(reader.shelf.started.is_set)
    reader.shelf.started.clear()
    held = reader.shelf.asked[-1][0]
    session.show_frame(8)
    reader.wait_for(lambda: session.frame is not None and session.selection.position == 8)  # type: ignore[union-attr]  # selected
    session.analyze()
    assert session.frame is not None
    reader.shelf.release()
    reader.wait_for(lambda: session.reading.shown is not None)
    assert reader.shelf.asked[1][0] == session.frame.digest, "the reader's comes next"
    assert session.status.phase is RunPhase.DONE
    assert session.series_analysis.running is not None, "the series goes on"
    reader.wait()
    assert [one for one in reader.outcomes() if one is Outcome.WAITING] == []
    assert [digest for digest, _ in reader.shelf.asked].count(held) == 2, "what was let go is asked again"
    assert [digest for digest, _ in reader.shelf.asked].count(session.frame.digest) == 1, "and nothing else"


def test_the_shown_image_needs_no_question_of_its_own(reader: Reader, nine: Path) -> None:
    session = reader.open(nine)
    reader.start()
    reader.wait()
    assert session.reading.shown is not None, "the answer came with the series"
    asked = len(reader.shelf.asked)
    session.show_frame(3)
    reader.wait()
    session.rest()
    assert session.reading.shown is not None
    session.analyze()
    reader.wait()
    assert len(reader.shelf.asked) == asked


def test_what_was_asked_alone_is_in_the_strip_and_not_asked_again(reader: Reader, nine: Path) -> None:
    session = reader.open(nine)
    session.show_frame(2)
    reader.wait()
    session.analyze()
    reader.wait()
    assert reader.outcomes()[2] is Outcome.SCORED
    assert reader.outcomes().count(Outcome.WAITING) == 8
    reader.start()
    reader.wait()
    assert len(reader.shelf.asked) == 7


def test_stopping_keeps_what_is_known_and_starting_goes_on(reader: Reader, nine: Path) -> None:
    session = reader.open(nine)
    plain = reader.shelf.analyze

    def analyze(frame, choice, ctx):  # type: ignore[no-untyped-def]  # as ScriptedShelf.analyze
        if len(reader.shelf.asked) == 4:
            reader.shelf.hold()
        return plain(frame, choice, ctx)

    reader.shelf.analyze = analyze  # type: ignore[method-assign]  # else all may be done before the stop
    reader.start()
    reader.wait_for(lambda: len(reader.shelf.asked) == 5)
    (job,) = [one for one in reader.jobs.active if one.shown]
    assert job.progress.total == 9
    job.cancel()
    reader.shelf.release()
    reader.shelf.analyze = plain  # type: ignore[method-assign]  # and nothing is kept back from here on
    assert job.state is JobState.CANCELLED
    assert session.series_analysis.running is None
    reader.wait()
    known = reader.outcomes().count(Outcome.SCORED)
    assert 0 < known < 7
    asked = len(reader.shelf.asked)
    reader.start()
    reader.wait()
    assert reader.outcomes().count(Outcome.SCORED) == 7
    assert len(reader.shelf.asked) <= asked + 7 - known + 4


def test_out_of_memory_costs_only_the_images_that_need_too_much(reader: Reader, nine: Path) -> None:
    reader.open(nine)
    plain = reader.shelf.analyze
    big = read_frame(reader.session.index.instances[1]).digest  # type: ignore[union-attr]  # opened

    def analyze(frame, choice, ctx):  # type: ignore[no-untyped-def]  # as ScriptedShelf.analyze
        if frame.digest == big:
            raise OutOfMemory("There is too little memory.", "Close other programs.")
        return plain(frame, choice, ctx)

    reader.shelf.analyze = analyze  # type: ignore[method-assign]  # a device that is too small for one film
    reader.start()
    reader.wait()
    assert reader.outcomes()[1] is Outcome.FAILED
    assert reader.scores[0].results[1].words == ("There is too little memory.",)
    assert reader.outcomes().count(Outcome.SCORED) == 6
    assert reader.failures == []


def test_a_damaged_model_file_stops_all_and_is_told_once(reader: Reader, nine: Path) -> None:
    reader.open(nine)
    reader.shelf.error = ModelFileInvalid("The model file is damaged.", "Choose another.")
    reader.start()
    reader.wait()
    assert [str(error).split(".")[0] for error in reader.failures] == ["The model file is damaged"]
    assert reader.session.series_analysis.running is None
    assert Outcome.SCORED not in reader.outcomes()


def test_other_models_and_closed_studies_leave_no_scores(reader: Reader, nine: Path) -> None:
    session = reader.open(nine)
    reader.start()
    reader.wait()
    session.models_changed()
    assert reader.outcomes() == [Outcome.WAITING] * 9
    reader.start()
    reader.wait_for(lambda: reader.scores[0].done > 3)
    session.close_all()
    assert session.series_analysis.running is None
    reader.wait()
    reader.open(nine)
    assert reader.outcomes() == [Outcome.WAITING] * 9


def test_a_file_that_was_written_anew_loses_its_score(reader: Reader, nine: Path) -> None:
    session = reader.open(nine)
    reader.start()
    reader.wait()
    instance = session.selection.series.images[0][0]  # type: ignore[union-attr]  # selected
    write_chest_film(
        instance.path,
        rows=160,
        columns=150,
        seed=5,
        patient_id="SERIES-1",
        SOPInstanceUID=instance.sop_instance_uid,
        InstanceNumber=1,
    )
    reader.open(nine)
    assert reader.outcomes()[0] is Outcome.WAITING
    assert reader.outcomes().count(Outcome.SCORED) == 6


def test_maps_are_kept_up_to_a_limit_and_the_longest_unused_go() -> None:
    frames = [film(rows=160 + n) for n in range(4)]
    answers = [Answer(one.digest, ModelChoice.HEALTHYGAN, (analysis_of(one),)) for one in frames]
    size = _bytes_of(answers[0])
    maps = _Maps(3 * size)
    for n, answer in enumerate(answers[:3]):
        maps.put((n, "a"), answer)
    assert maps.get((0, "a")) is answers[0]
    maps.put((3, "a"), answers[3])
    assert maps.get((1, "a")) is None, "the longest unused"
    assert [maps.get((n, "a")) is answers[n] for n in (0, 2, 3)] == [True] * 3
    assert maps.held_bytes == 3 * size
    maps.put((3, "a"), answers[3])
    assert maps.held_bytes == 3 * size


def test_scores_outlive_the_maps_and_the_image_is_asked_again(reader: Reader, nine: Path) -> None:
    session = reader.session
    session.series_analysis._maps = _Maps(0)
    reader.open(nine)
    reader.start()
    reader.wait()
    assert reader.outcomes().count(Outcome.SCORED) == 7
    asked = len(reader.shelf.asked)
    session.show_frame(3)
    reader.wait()
    session.analyze()
    reader.wait()
    assert len(reader.shelf.asked) == asked + 1
    assert session.reading.shown is not None


def test_closing_in_the_middle_leaves_nothing(nine: Path) -> None:
    reader = Reader()
    reader.open(nine)
    reader.shelf.hold()
    reader.start()
    reader.wait_for(reader.shelf.started.is_set)
    reader.shelf.release()
    reader.session.close()
    assert reader.jobs.active == ()
    assert reader.session.series_analysis.running is None
