"""The one document: opening, selecting, asking models, deciding. No window; the owner's thread is played."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from owner import Owner
from phantoms import write_chest_film, write_colour, write_ct_series, write_not_an_image
from pydicom import dcmread
from report_cases import analysis as analysis_of_phantom
from report_cases import film as phantom_film
from report_cases import findings
from scripted_shelf import ScriptedShelf, analysis_of
from state_files import voi, write_state

from core.dicom import unpacked
from core.dicom.arrangement import Arrangement
from core.errors import ModelFileInvalid, NoImages, ProductError
from core.imaging.composition import Layers
from core.imaging.display import presets
from core.imaging.findings import Sign
from core.imaging.frame import Frame
from core.imaging.heatmap import Shows
from core.imaging.marks import Mark, MarkKind
from core.inference.analysis import Answer, ModelChoice
from core.jobs import JobContext, JobQueue
from core.reading import AGREEMENT, RunPhase
from core.review import History, Review
from core.session import Session
from core.settings import Settings, load


class Reader:
    """A session with its owner's thread and its models, and what happened."""

    def __init__(self, settings: Settings | None = None, settings_path: Path | None = None) -> None:
        self.owner = Owner()
        self.jobs = JobQueue(self.owner.deliver)
        self.shelf = ScriptedShelf()
        self.session = Session(
            self.jobs, settings, open_shelf=lambda wished: self.shelf, settings_path=settings_path
        )
        self.failures: list[tuple[BaseException, str]] = []
        self.session.failed.connect(lambda error, tried: self.failures.append((error, tried)))

    def wait(self) -> None:
        self.owner.run_until(lambda: not self.jobs.active)

    def wait_for(self, condition: Callable[[], bool]) -> None:
        self.owner.run_until(condition)

    def open(self, *paths: Path) -> Session:
        self.session.open(paths)
        self.wait()
        return self.session


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    yield made
    made.session.close()


@pytest.fixture
def films(tmp_path: Path) -> tuple[Path, Path]:
    """Two films of two patients."""
    one = write_chest_film(tmp_path / "one.dcm", seed=1, patient_id="A", patient_name="A^A").path
    two = write_chest_film(tmp_path / "two.dcm", seed=2, patient_id="B", patient_name="B^B").path
    return one, two


def choose(reader: Reader, path: Path) -> None:
    assert reader.session.index is not None
    instance = reader.session.index.instance_at(path)
    assert instance is not None
    reader.session.select(instance)


def test_opening_a_film_shows_it_and_asks_the_model_by_itself(
    reader: Reader, films: tuple[Path, Path]
) -> None:
    session = reader.open(films[0])
    assert session.frame is not None
    assert session.selection is not None
    assert not session.selection.loading
    assert reader.shelf.asked == [(session.frame.digest, "healthygan")]
    assert session.reading.shown is not None
    assert session.status.phase is RunPhase.DONE
    assert session.device_text == "Script, 1 thread"
    assert session.twin is not None
    assert session.twin.values.shape == session.frame.stored.shape
    assert not reader.failures


def test_a_second_folder_is_added_and_shown(reader: Reader, films: tuple[Path, Path]) -> None:
    reader.open(films[0])
    session = reader.open(films[1])
    assert session.index is not None
    assert len(session.index.patients) == 2
    assert session.selection is not None
    assert session.selection.instance.path == films[1]


def test_two_folders_opened_at_once_are_both_there(reader: Reader, films: tuple[Path, Path]) -> None:
    reader.session.open([films[0]])
    reader.session.open([films[1]])
    reader.wait()
    assert reader.session.index is not None
    assert len(reader.session.index.instances) == 2


def test_a_bad_folder_is_said_and_changes_nothing(
    reader: Reader, films: tuple[Path, Path], tmp_path: Path
) -> None:
    session = reader.open(films[0])
    before = session.frame
    bad = tmp_path / "bad"
    bad.mkdir()
    write_not_an_image(bad / "report.dcm")
    (bad / "empty").touch()
    reader.open(bad)
    error, tried = reader.failures[0]
    assert isinstance(error, NoImages)
    assert "bad" in tried
    assert session.frame is before
    reader.open(tmp_path / "absent")
    assert "absent" in str(reader.failures[1][0])


def test_an_empty_folder_is_said(reader: Reader, tmp_path: Path) -> None:
    reader.open(tmp_path)
    assert "no files" in str(reader.failures[0][0])


def test_a_film_that_breaks_while_read_clears_first_and_then_says_so(reader: Reader, tmp_path: Path) -> None:
    path = write_chest_film(tmp_path / "film.dcm").path
    session = reader.open(path)
    other = write_chest_film(tmp_path / "other.dcm", seed=3, patient_id="C").path
    reader.open(other)
    path.write_bytes(b"gone")
    session._memory.clear()
    seen: list[object] = []
    session.failed.connect(lambda error, tried: seen.append(session.frame))
    choose(reader, path)
    reader.wait()
    assert seen == [None]
    assert isinstance(reader.failures[0][0], ProductError)
    choose(reader, other)
    reader.wait()
    assert session.frame is not None


def test_a_late_answer_is_never_shown_on_another_image(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(*films)
    reader.shelf.hold()
    reader.session.choose_model(ModelChoice.SR_ANOGAN)
    assert reader.shelf.started.wait(20)
    choose(reader, next(path for path in films if path != session.selection.instance.path))  # type: ignore[union-attr]  # opened above
    shown: list[str] = []
    session.reading_changed.connect(
        lambda reading: shown.extend(analysis.frame_digest for analysis in reading.analyses)
    )
    reader.wait_for(lambda: session.frame is not None and not session.selection.loading)  # type: ignore[union-attr]
    reader.shelf.release()
    reader.wait()
    assert session.frame is not None
    assert set(shown) <= {session.frame.digest}


def test_an_answer_on_other_pixels_is_refused(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    frame = session.frame
    assert frame is not None
    other = replace(frame, stored=frame.stored[::-1])
    reader.shelf.analyze = lambda asked, choice, ctx: ScriptedShelf().analyze(other, choice)  # type: ignore[method-assign]  # a model gone wrong
    session.choose_model(ModelChoice.SR_ANOGAN)
    with pytest.raises(ValueError, match="another image"):
        reader.wait()
    assert session.reading.analyses == ()


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=12))
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_the_order_of_switches_and_answers_no_image_carries_anothers(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("films")
    paths = [
        write_chest_film(folder / f"{n}.dcm", rows=160, columns=150, seed=n, patient_id=str(n)).path
        for n in range(3)
    ]
    reader = Reader()
    session = reader.open(*paths)

    def check(*_: object) -> None:
        digests = {analysis.frame_digest for analysis in session.reading.analyses}
        if session.twin is not None:
            digests.add(session.twin.frame_digest)
        assert session.frame is not None or not digests
        assert session.frame is None or digests <= {session.frame.digest}

    session.reading_changed.connect(check)
    session.twin_changed.connect(check)
    for film, pause in steps:
        choose(reader, paths[film])
        if pause:
            reader.owner.run_waiting()
    reader.wait()
    assert session.frame is not None
    assert session.frame.source.path == str(paths[steps[-1][0]])
    assert [analysis.frame_digest for analysis in session.reading.analyses] == [session.frame.digest]
    session.close()


def test_how_a_result_is_shown_never_asks_a_model(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    asked = list(reader.shelf.asked)
    assert session.frame is not None
    for preset in presets(session.frame):
        session.set_grey(preset.grey)
    session.set_invert(True)
    session.reset_grey()
    session.set_threshold(0.02)
    session.set_threshold(None)
    for change in ({"opacity": 0.2}, {"contour": True}, {"visible": False}, {"sign": Sign.LUCENT}):
        session.set_heatmap(replace(session.heatmap, **change))  # type: ignore[arg-type]  # fields by name
    session.change_settings(replace(session.settings, detail_preserving_twin=False))
    reader.wait()
    assert reader.shelf.asked == asked
    assert session.twin is not None
    assert not session.twin.detail_preserving


def test_where_both_signs_are_shown_one_slider_moves_both(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    session.set_heatmap(session.heatmap.showing(Shows.BOTH))
    session.set_threshold(0.05)
    assert (session.reading.thresholds, session.reading.opposite_thresholds) == ((0.05,), (0.05,))
    session.undo()
    assert (session.reading.thresholds, session.reading.opposite_thresholds) == ((0.1,), (0.1,))
    session.set_threshold(0.2)
    session.set_threshold(None)
    assert session.review == Review()


def test_the_agreement_of_two_models_moves_the_shown_sign_alone(
    reader: Reader, films: tuple[Path, Path]
) -> None:
    session = reader.open(films[0])
    session.choose_model(ModelChoice.BOTH)
    reader.wait()
    session.set_heatmap(session.heatmap.showing(Shows.BOTH))
    session.set_threshold(0.2)
    shown = session.reading.shown
    assert shown is not None
    assert session.review.own_threshold(shown, Sign.LUCENT) is None


def test_coming_back_to_a_film_asks_nobody_again(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(*films)
    for path in (films[1], films[0], films[1], films[0]):
        choose(reader, path)
        reader.wait()
    assert len(reader.shelf.asked) == 2
    assert session.reading.shown is not None


def test_both_models_answer_one_after_the_other(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    session.choose_model(ModelChoice.BOTH)
    reader.wait()
    assert [kind for _, kind in reader.shelf.asked] == ["healthygan", "sr-anogan"]
    assert [analysis.card.kind for analysis in session.reading.analyses] == ["healthygan", "sr-anogan"]
    assert session.in_front == AGREEMENT
    answer = session.reading.answer
    assert answer is not None
    assert answer.choice is ModelChoice.BOTH
    session.show_opinion("sr-anogan")
    assert session.reading.shown is session.reading.analyses[1]
    session.set_threshold(0.05)
    assert session.reading.thresholds == (0.1, 0.05)
    session.show_opinion(AGREEMENT)
    session.set_threshold(0.2)
    assert session.reading.thresholds == (0.2, 0.2)


def test_a_model_from_a_file_can_be_asked(reader: Reader, films: tuple[Path, Path], tmp_path: Path) -> None:
    session = reader.open(films[0])
    session.choose_model(tmp_path / "mine.safetensors")
    reader.wait()
    assert reader.shelf.asked[-1][1] == "mine"
    assert session.status.phase is RunPhase.DONE


def test_the_status_is_known_at_every_moment(reader: Reader, films: tuple[Path, Path]) -> None:
    phases: list[RunPhase] = []
    reader.session.status_changed.connect(lambda status: phases.append(status.phase))
    reader.shelf.hold()
    session = reader.session
    session.open([films[0]])
    reader.wait_for(lambda: session.status.phase is RunPhase.RUNNING)
    reader.shelf.release()
    reader.wait()
    seen = list(dict.fromkeys(phases))
    assert seen == [RunPhase.NOT_RUN, RunPhase.QUEUED, RunPhase.RUNNING, RunPhase.DONE]
    assert "above the threshold" in session.status.text


def test_the_analysis_can_be_stopped_and_asked_for_again(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.session
    reader.shelf.hold()
    session.open([films[0]])
    reader.wait_for(lambda: session.status.phase is RunPhase.RUNNING)
    session.stop_analysis()
    assert session.status.text == "Not analyzed yet."
    reader.shelf.release()
    reader.wait()
    assert session.reading.analyses == ()
    session.analyze()
    reader.wait()
    assert session.status.phase is RunPhase.DONE


def test_a_failed_analysis_says_why_and_leaves_the_image(reader: Reader, films: tuple[Path, Path]) -> None:
    reader.shelf.error = ModelFileInvalid("The model file x is damaged.", "Choose another.")
    session = reader.open(films[0])
    assert session.status.phase is RunPhase.FAILED
    assert session.status.details == ("The model file x is damaged. Choose another.",)
    assert session.frame is not None
    assert len(reader.failures) == 1


def test_an_error_of_the_programs_own_is_failed_too(reader: Reader, films: tuple[Path, Path]) -> None:
    reader.shelf.error = ZeroDivisionError("patient name")
    session = reader.open(films[0])
    assert session.status.phase is RunPhase.FAILED
    assert "patient name" not in " ".join(session.status.details)


def test_an_unsuitable_image_says_why(reader: Reader, films: tuple[Path, Path]) -> None:
    reader.shelf.refuse = "This is a lateral view."
    session = reader.open(films[0])
    assert session.status.phase is RunPhase.NOT_SUITABLE
    assert session.status.details == ("This is a lateral view.", "Try.")
    assert session.reading.shown is None


def test_colour_and_ct_are_not_analyzed_by_themselves(reader: Reader, tmp_path: Path) -> None:
    write_ct_series(tmp_path / "ct", 3)
    session = reader.open(tmp_path / "ct")
    assert reader.shelf.asked == []
    assert "CT is no plain radiograph" in session.status.text
    colour = tmp_path / "colour.dcm"
    write_colour(colour, np.full((40, 50, 3), 90, np.uint8))
    reader.open(colour)
    assert "colour" in session.status.text


def test_nothing_is_asked_when_the_reader_wants_to_ask(films: tuple[Path, Path]) -> None:
    reader = Reader(Settings(analyze_automatically=False))
    session = reader.open(films[0])
    assert reader.shelf.asked == []
    assert session.status.text == "Not analyzed yet."
    session.analyze()
    reader.wait()
    assert session.status.phase is RunPhase.DONE
    session.close()


def test_scrolling_stays_inside_the_series(reader: Reader, tmp_path: Path) -> None:
    write_ct_series(tmp_path / "ct", 4)
    session = reader.open(tmp_path / "ct")
    session.set_grey(presets(session.frame)[1].grey)  # type: ignore[arg-type]  # opened above
    chosen = session.grey
    places = []
    for step in (1, 1, 5, -9):
        session.scroll(step)
        reader.wait()
        assert session.selection is not None
        places.append(session.selection.position)
        assert session.grey == chosen
    assert places == [1, 2, 3, 0]
    session.show_frame(2)
    reader.wait()
    assert session.selection is not None
    assert session.selection.position == 2


def test_a_stack_is_read_ahead_and_then_shown_at_once(reader: Reader, tmp_path: Path) -> None:
    write_ct_series(tmp_path / "ct", 30)
    session = reader.open(tmp_path / "ct")
    assert all(session.is_at_hand(place) for place in range(30))
    for place in (29, 3, 17):
        session.show_frame(place)
        assert session.selection is not None
        assert not session.selection.loading
        assert session.frame is not None
        assert session.frame.stored[-1, -1] == 100 + place
    assert session.frame is not None
    digest = session.frame.digest
    session.close_all()
    assert session.frame is None
    reader.open(tmp_path / "ct")
    session.show_frame(17)
    assert session.frame is not None
    assert session.frame.digest == digest


def test_the_memory_for_images_has_a_limit(tmp_path: Path) -> None:
    write_ct_series(tmp_path / "ct", 12, rows=256, columns=512)
    reader = Reader(Settings(frame_memory_mb=1))
    session = reader.open(tmp_path / "ct")
    assert [place for place in range(12) if session.is_at_hand(place)] == [0, 1, 2, 3]
    session.show_frame(8)
    reader.wait()
    assert [place for place in range(12) if session.is_at_hand(place)] == [7, 8, 9, 10] or [
        place for place in range(12) if session.is_at_hand(place)
    ] == [8, 9, 10, 11]
    assert session._memory.held_bytes == 2**20
    session.change_settings(replace(session.settings, frame_memory_mb=2))
    session.scroll(1)
    reader.wait()
    assert session._memory.held_bytes == 2**21
    session.close()


def test_who_scrolls_faster_than_files_are_read_ends_where_he_went(reader: Reader, tmp_path: Path) -> None:
    write_ct_series(tmp_path / "ct", 30)
    session = reader.open(tmp_path / "ct")
    session._memory.clear()
    session._prefetch.stop()
    shown: list[int] = []
    session.frame_changed.connect(lambda frame: shown.append(int(frame.stored[-1, -1]) - 100))
    for _ in range(20):
        session.scroll(1)
    assert session.selection is not None
    assert session.selection.loading
    reader.wait()
    assert session.selection.position == 20
    assert shown == [1, 20]
    assert session.frame is not None
    assert session.frame.stored[-1, -1] == 120


def test_a_slice_that_cannot_be_read_ahead_is_told_when_the_reader_comes_to_it(
    reader: Reader, tmp_path: Path
) -> None:
    paths = write_ct_series(tmp_path / "ct", 5)
    session = reader.open(tmp_path / "ct")
    session._memory.clear()
    session._prefetch.stop()
    paths[3].write_bytes(b"gone")
    session.scroll(1)
    reader.wait()
    assert not reader.failures
    session.scroll(2)
    reader.wait()
    assert "cannot be" in str(reader.failures[0][0]) or "DICOM" in str(reader.failures[0][0])
    assert session.frame is None
    session.scroll(1)
    reader.wait()
    assert session.frame is not None
    assert session.frame.stored[-1, -1] == 104


def test_a_stack_of_films_is_analyzed_where_the_reader_rests(reader: Reader, tmp_path: Path) -> None:
    for number in range(4):
        write_chest_film(tmp_path / f"{number}.dcm", seed=number, InstanceNumber=number + 1)
    session = reader.open(tmp_path)
    asked = len(reader.shelf.asked)
    assert asked == 1
    session.scroll(1)
    session.scroll(1)
    reader.wait()
    assert len(reader.shelf.asked) == asked
    session.rest()
    session.rest()
    reader.wait()
    assert session.frame is not None
    assert reader.shelf.asked[asked:] == [(session.frame.digest, "healthygan")]
    session.scroll(-2)
    assert session.reading.shown is not None  # answered before, and said at once
    session.play(session.clip)
    session.scroll(1)
    session.rest()
    reader.wait()
    assert len(reader.shelf.asked) == asked + 1
    session.play(None)
    reader.wait()
    assert len(reader.shelf.asked) == asked + 2


def test_the_timing_of_a_clip_is_asked_of_its_file(reader: Reader, tmp_path: Path) -> None:
    write_colour(tmp_path / "clip.dcm", np.zeros((5, 8, 8, 3), np.uint8), FrameTime="40")
    answers: list[object] = []
    reader.session.request_timing(lambda instance, timing: answers.append(timing))
    session = reader.open(tmp_path / "clip.dcm")
    assert answers == []
    assert session.clip == range(5)
    session.request_timing(lambda instance, timing: answers.append((instance, timing.duration_ms(0))))  # type: ignore[union-attr]  # the file says so
    reader.wait()
    assert session.selection is not None
    assert answers == [(session.selection.instance, 40.0)]


def test_series_are_walked_through(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(*films)
    session.step_series(1)
    reader.wait()
    assert session.selection is not None
    assert session.selection.instance.path == films[1]
    session.step_series(1)
    assert session.selection.instance.path == films[1]


def test_a_window_chosen_on_one_film_does_not_follow_to_the_next(
    reader: Reader, films: tuple[Path, Path]
) -> None:
    session = reader.open(*films)
    session.set_grey(presets(session.frame)[-1].grey)  # type: ignore[arg-type]  # opened above
    session.set_invert(True)
    choose(reader, films[1])
    reader.wait()
    assert session.invert is False
    assert session.grey == session.frame.windows[0]  # type: ignore[union-attr]


def test_the_threshold_decides_the_findings(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    session.set_threshold(0.001)
    many = len(session.reading.findings)
    session.set_threshold(0.5)
    assert session.reading.findings == ()
    assert session.status.text == "Nothing above the threshold."
    assert many > 0


def test_decisions_survive_switching_and_can_be_undone(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(*films)
    session.set_threshold(0.01)
    finding = session.reading.findings[0]
    session.amend(session.review.accept(finding))
    session.amend(session.review.with_impression("Nodule"))
    kept = session.review
    choose(reader, films[1])
    reader.wait()
    assert session.review == Review()
    assert not session.can_undo
    choose(reader, films[0])
    reader.wait()
    assert session.review == kept
    for _ in range(3):
        session.undo()
    assert session.review == Review()
    assert not session.can_undo
    for _ in range(3):
        session.redo()
    assert session.review == kept
    session.undo()
    session.undo()
    assert not session.review.accepts(finding.identifier)


def test_a_sliders_way_is_one_step_back(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    for value in np.linspace(0.02, 0.2, 20):
        session.set_threshold(float(value))
    session.undo()
    assert session.review == Review()


def test_nothing_can_be_decided_without_an_image(reader: Reader) -> None:
    session = reader.session
    session.amend(Review(impression="nobody"))
    session.set_threshold(0.1)
    session.analyze()
    session.scroll(1)
    session.step_series(1)
    session.set_invert(True)
    session.reset_grey()
    session.undo()
    session.redo()
    assert session.draft_report() is None
    assert session.review == Review()
    assert session.invert is False


def test_findings_are_walked_round(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    session.step_finding(1)
    session.set_threshold(0.001)
    identifiers = [finding.identifier for finding in session.reading.findings]
    session.select_finding("")
    session.step_finding(1)
    assert session.selected_finding == identifiers[0]
    session.step_finding(-1)
    assert session.selected_finding == identifiers[-1]
    session.step_finding(1)
    assert session.selected_finding == identifiers[0]
    session.set_threshold(0.5)
    assert session.selected_finding == ""


def test_the_report_holds_what_was_accepted(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    session.set_threshold(0.001)
    finding = session.reading.findings[0]
    session.amend(session.review.accept(finding).with_note(finding.identifier, "Scar"))
    session.amend(session.review.with_impression("No change."))
    draft = session.draft_report()
    assert draft is not None
    session.amend(session.review.with_impression("Later thought"))
    report = draft.written(deidentified=False)
    assert [line.note for line in report.findings] == ["Scar"]
    assert report.impression == "No change."
    assert not report.deidentified
    assert draft.written(deidentified=True).deidentified


def test_what_was_accepted_outlives_threshold_sign_and_model(
    reader: Reader, films: tuple[Path, Path]
) -> None:
    """A decision is a decision: it stays in the list and in the report, with the threshold of its moment."""
    session = reader.open(films[0])
    session.set_threshold(0.02)
    accepted = session.reading.findings[0]
    session.amend(session.review.accept(accepted))

    def reported() -> list[tuple[str, str]]:
        draft = session.draft_report()
        assert draft is not None
        return [(line.size, line.threshold) for line in draft.written(deidentified=True).findings]

    as_accepted = reported()
    assert as_accepted[0][1] == "0.020"
    session.set_threshold(0.001)
    assert accepted in session.reading.findings, "its size does not follow the threshold"
    assert reported() == as_accepted
    session.set_threshold(0.5)
    assert session.reading.above == ()
    assert session.reading.findings == (accepted,)
    assert session.status.text == "Nothing above the threshold."
    session.step_finding(1)
    assert session.selected_finding == accepted.identifier
    assert reported() == as_accepted
    session.set_heatmap(replace(session.heatmap, sign=Sign.LUCENT))
    assert accepted in session.reading.findings
    assert reported() == as_accepted
    session.choose_model(ModelChoice.SR_ANOGAN)
    assert accepted in session.reading.findings, "also while the other model is still at work"
    reader.wait()
    assert accepted in session.reading.findings
    assert reported() == as_accepted
    draft = session.draft_report()
    assert draft is not None
    assert "Not outlined in the pictures" in draft.written(deidentified=True).findings_note
    session.amend(session.review.undecide(accepted.identifier))
    assert accepted not in session.reading.findings
    assert reported() == []


def test_a_thumbnail_is_small_and_keeps_no_image_waiting(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(*films)
    first, second = session.index.instances
    made: list[object] = []
    session.make_thumbnail(second, 0, made.append, made.append)
    session.select(second)
    session.frame_changed.connect(made.append)
    reader.wait()
    (picture,) = (one for one in made if isinstance(one, np.ndarray))
    assert max(picture.shape) < 300
    assert any(one is session.frame for one in made), "it has a lane of its own"
    session.make_thumbnail(first, 7, made.append, made.append)
    reader.wait()
    assert "frame 8 was asked for" in str(made[-1])


def test_closing_a_study_leaves_the_others(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(*films)
    (_, kept), (_, closed) = session.index.studies
    session.select(closed.series[0].instances[0])
    reader.wait()
    session.close_study(closed.study_instance_uid)
    reader.wait()
    assert [study for _, study in session.index.studies] == [kept]
    assert session.selection.instance == kept.series[0].instances[0]
    assert session.frame is not None
    session.close_study("of nobody")
    assert session.index.studies
    session.close_study(kept.study_instance_uid)
    assert (session.index, session.selection, session.frame) == (None, None, None)


def test_closing_all_studies_clears_everything(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(*films)
    session.close_all()
    assert (session.index, session.selection, session.frame, session.twin) == (None, None, None, None)
    assert session.reading.analyses == ()
    assert session.status.phase is RunPhase.NOT_RUN
    assert reader.open(films[0]).frame is not None


def test_changed_settings_are_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    reader = Reader(settings_path=path)
    reader.session.change_settings(Settings(reader_name="Dr. A"))
    reader.session.change_settings(Settings(reader_name="Dr. A"))
    reader.wait()
    assert load(path)[0].reader_name == "Dr. A"
    reader.session.close(Settings(reader_name="Dr. B"))
    assert load(path)[0].reader_name == "Dr. B"


def test_settings_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    reader = Reader(settings_path=tmp_path / "file" / "settings.json")
    reader.session.change_settings(Settings(reader_name="Dr. A"))
    reader.wait()
    assert "cannot be made" in str(reader.failures[0][0])
    assert reader.failures[0][1] == "Save the settings"
    reader.session.close()


def test_the_models_can_be_prepared_ahead(reader: Reader) -> None:
    texts: list[str] = []
    reader.session.device_changed.connect(texts.append)
    reader.session.prepare_models()
    reader.wait()
    assert texts == ["Script, 1 thread"]


def test_the_models_are_warmed_up_once_behind_the_first_answer(
    reader: Reader, films: tuple[Path, Path]
) -> None:
    session = reader.open(films[0])
    assert session.frame is not None
    assert reader.shelf.warmed == [(session.frame.digest, ModelChoice.HEALTHYGAN)]
    reader.open(films[1])
    session.warm_up()
    reader.wait()
    assert len(reader.shelf.asked) == 2
    assert len(reader.shelf.warmed) == 1


def test_warming_up_asks_no_model_and_shows_nothing(films: tuple[Path, Path]) -> None:
    reader = Reader(Settings(analyze_automatically=False))
    session = reader.open(films[0])
    session.warm_up()
    session.warm_up()
    assert len(session.jobs.active) == 1
    assert not any(job.shown for job in session.jobs.active)
    assert session.status.phase is RunPhase.NOT_RUN
    reader.wait()
    assert len(reader.shelf.warmed) == 1
    assert reader.shelf.asked == []
    assert session.status.phase is RunPhase.NOT_RUN
    assert session.reading.answer is None
    assert session.device_text == "Script, 1 thread"
    session.close()


def test_what_the_reader_asks_stops_the_warming_up_which_goes_on_afterwards(films: tuple[Path, Path]) -> None:
    reader = Reader(Settings(analyze_automatically=False))
    session = reader.open(films[0])
    reader.shelf.warming_held = True
    session.warm_up()
    assert reader.shelf.warming.wait(20)
    session.analyze()
    reader.wait_for(lambda: session.status.phase is RunPhase.DONE)
    assert reader.shelf.warmed == [], "the answer did not wait for it"
    reader.shelf.warming_held = False
    reader.wait()
    assert len(reader.shelf.warmed) == 1
    session.close()


def test_a_warming_up_that_fails_is_not_the_readers_concern(films: tuple[Path, Path]) -> None:
    reader = Reader(Settings(analyze_automatically=False))
    session = reader.open(films[0])
    reader.shelf.error = ModelFileInvalid("Broken.", "Export it again.")
    for _ in range(2):
        session.warm_up()
        reader.wait()
    assert reader.failures == []
    assert session.status.phase is RunPhase.NOT_RUN
    reader.shelf.error = None
    session.analyze()
    reader.wait()
    assert session.status.phase is RunPhase.DONE
    session.close()


def test_nothing_is_warmed_up_for_what_is_not_analyzed(reader: Reader, tmp_path: Path) -> None:
    reader.session.warm_up()
    write_ct_series(tmp_path / "ct", 2)
    session = reader.open(tmp_path / "ct")
    session.warm_up()
    reader.wait()
    assert reader.shelf.warmed == []


def test_a_closed_session_warms_nothing_up(films: tuple[Path, Path]) -> None:
    reader = Reader(Settings(analyze_automatically=False))
    session = reader.open(films[0])
    session.close()
    session.warm_up()
    assert session.jobs.active == ()


def test_a_threshold_belongs_to_the_weights_it_was_set_for(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    assert session.frame is not None
    one, other = analysis_of(session.frame, "healthygan"), analysis_of(session.frame, "sr-anogan")
    review = Review().with_threshold(one, Sign.DENSER, 0.2)
    assert review.threshold_for(one, Sign.DENSER) == 0.2
    assert review.threshold_for(one, Sign.LUCENT) == 0.1
    assert review.threshold_for(other, Sign.DENSER) == 0.1
    assert review.with_threshold(one, Sign.DENSER, None) == Review()


def test_a_review_says_one_thing_of_a_finding() -> None:
    frame = phantom_film()
    a, b = findings(frame, analysis_of_phantom(frame))
    review = Review().accept(a).dismiss(b.identifier)
    assert review.dismiss(a.identifier).accepted == ()
    assert review.accept(b).dismissed == frozenset()
    assert review.undecide(a.identifier).undecide(b.identifier) == Review()
    later = replace(a, threshold=0.2)
    assert review.accept(later).accepted == (later,)
    assert review.with_note("a", " x ").note_on("a") == "x"
    assert review.with_note("a", "x").with_note("a", " ") == review
    drawn = review.with_mark(Mark(MarkKind.LENGTH, ((0, 0), (1, 1))))
    assert drawn.without_drawings() == review


@given(st.lists(st.sampled_from(["amend", "undo", "redo"]), max_size=40))
def test_history_is_a_plain_row_with_a_place(steps: list[str]) -> None:
    history, row, place = History(), [Review()], 0
    for number, step in enumerate(steps):
        if step == "amend":
            review = Review(impression=str(number))
            history, row, place = history.amended(review), [*row[: place + 1], review], place + 1
        elif step == "undo":
            history, place = history.undone(), max(place - 1, 0)
        else:
            history, place = history.redone(), min(place + 1, len(row) - 1)
        assert history.present == row[place]


# --- models that come and go, and questions of other windows -------------------------------------------


def test_a_model_that_came_answers_at_once(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    before = session.reading.shown
    session.models_changed()
    assert session.reading.shown is None, "what the model before said is gone"
    reader.wait()
    assert len(reader.shelf.asked) == 2
    assert session.reading.shown is not None
    assert session.reading.shown is not before


def test_a_chosen_model_whose_file_went_is_chosen_no_more(
    reader: Reader, films: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "own.safetensors"
    file.touch()
    session = reader.open(films[0])
    session.choose_model(file)
    reader.wait()
    file.unlink()
    session.models_changed()
    reader.wait()
    assert session.choice is ModelChoice.HEALTHYGAN
    assert reader.shelf.asked[-1][1] == "healthygan"


def test_an_answer_to_models_that_went_is_not_kept(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    frame = session.frame
    assert frame is not None
    reader.shelf.hold()
    answers: list[Answer] = []
    session.ask(frame, Path("a.safetensors"), answers.append, lambda error: None)
    reader.wait_for(reader.shelf.started.is_set)
    session.models_changed()
    reader.shelf.release()
    reader.wait()
    asked = len(reader.shelf.asked)
    assert session.ask(frame, Path("a.safetensors"), answers.append, lambda error: None) is not None
    reader.wait()
    assert len(reader.shelf.asked) == asked + 1


def test_another_window_asks_without_changing_what_is_shown(reader: Reader, films: tuple[Path, Path]) -> None:
    session = reader.open(films[0])
    frame, shown = session.frame, session.reading.shown
    assert frame is not None
    answers: list[Answer] = []
    failures: list[BaseException] = []
    job = session.ask(frame, Path("other.safetensors"), answers.append, failures.append)
    assert job is not None
    reader.wait()
    assert session.reading.shown is shown
    assert [answer.frame_digest for answer in answers] == [frame.digest]
    assert session.ask(frame, Path("other.safetensors"), answers.append, failures.append) is None
    assert answers[0] is answers[1]
    reader.shelf.error = ModelFileInvalid("broken", "")
    session.ask(frame, Path("third.safetensors"), answers.append, failures.append)
    reader.wait()
    assert failures == [reader.shelf.error]
    assert not reader.failures


def test_the_newest_state_is_applied_and_models_get_the_frame_as_it_was_read(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Frame] = []
    analyze = reader.shelf.analyze

    def noted(frame: Frame, choice: ModelChoice | Path, ctx: JobContext) -> Answer:
        asked.append(frame)
        return analyze(frame, choice, ctx)

    monkeypatch.setattr(reader.shelf, "analyze", noted)
    film = write_chest_film(tmp_path / "film", rows=64, columns=60)
    image = dcmread(film.path)
    write_state(tmp_path / "old", image, SoftcopyVOILUTSequence=[voi(100, 50)])
    write_state(
        tmp_path / "new",
        image,
        SoftcopyVOILUTSequence=[voi(300, 70)],
        PresentationCreationDate="20250101",
        RescaleSlope=2,
        RescaleIntercept=1,
        RescaleType="US",
    )
    shown: list[object] = []
    reader.session.presented_changed.connect(shown.append)
    session = reader.open(tmp_path)
    assert session.presented is not None
    assert session.frame is not None
    assert session.presented.frame.modality_transform.slope == 2
    assert session.presented.frame.windows[0].center == 300
    assert session.frame.modality_transform.slope == 1
    assert asked
    assert all(frame is session.frame for frame in asked)
    session.show_by(None)
    assert session.presented.frame is session.frame
    draft = session.draft_report()
    assert draft is not None
    assert draft.frame is session.frame
    session.close_all()
    assert session.presented is None
    assert session.states.about(draft.frame) == ()
    assert shown[-1] is None


def test_layers_are_told_once(reader: Reader) -> None:
    told: list[Layers] = []
    reader.session.layers_changed.connect(told.append)
    reader.session.set_layers(Layers(shutter=False))
    reader.session.set_layers(Layers(shutter=False))
    assert told == [Layers(shutter=False)]


def test_parts_of_a_series_become_one_stack_and_part_again(reader: Reader, tmp_path: Path) -> None:
    write_ct_series(tmp_path, 3)
    (scout,) = write_ct_series(
        tmp_path / "scout", 1, SOPInstanceUID="1.2.9", ImageOrientationPatient=[1, 0, 0, 0, 0, -1]
    )
    session = reader.open(tmp_path)
    assert session.index is not None
    assert [len(one.instances) for one in session.index.series] == [1, 3]
    choose(reader, scout)
    uid = session.index.series[0].series_instance_uid
    session.arrange(uid, Arrangement(merged=True))
    reader.wait()
    assert [len(one.instances) for one in session.index.series] == [4]
    assert session.selection is not None
    assert (session.selection.instance.path, session.selection.count) == (scout, 4)
    session.close_all()
    reader.open(tmp_path)
    assert [len(one.instances) for one in session.index.series] == [4]  # remembered in this run
    session.arrange(uid, Arrangement())
    reader.wait()
    assert [len(one.instances) for one in session.index.series] == [1, 3]


def test_what_an_archive_held_goes_when_it_is_closed(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacked, "_root", lambda: tmp_path / "cache")
    unpacked.remove_all()
    write_chest_film(tmp_path / "a", rows=32, columns=32, patient_id="A", seed=1)
    write_chest_film(tmp_path / "b", rows=32, columns=32, patient_id="B", seed=2)
    for name in ("a", "b"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.write(tmp_path / name, name)
    session = reader.open(tmp_path / "a.zip", tmp_path / "b.zip")
    assert session.index is not None
    one, other = (instance.path for instance in session.index.instances)
    session.close_study(session.index.studies[0][1].study_instance_uid)
    reader.wait()
    assert (one.exists(), other.exists()) == (False, True)
    session.close_all()
    reader.wait()
    assert not other.exists()
    assert [path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()] == ["lock"]
    unpacked.remove_all()


def test_a_stack_that_is_turned_round_shows_the_same_image_at_its_true_number(
    reader: Reader, tmp_path: Path
) -> None:
    write_ct_series(tmp_path / "ct", 8)
    session = reader.open(tmp_path / "ct")
    session.show_frame(2)
    reader.wait()
    frame, selection = session.frame, session.selection
    assert frame is not None
    assert selection is not None
    uid = selection.series.series_instance_uid
    session.arrange(uid, Arrangement(backwards=True))
    reader.wait()
    assert session.frame is frame, "nothing is read or lost"
    assert session.selection is not None
    assert (session.selection.position, session.selection.count) == (5, 8)
    assert session.selection.series.images[5][0] == selection.instance
    session.scroll(1)
    reader.wait()
    assert session.selection.instance == selection.series.images[1][0], "on is back in space"
    session.open([tmp_path / "ct"])
    reader.wait()
    assert session.selection.series.arrangement.backwards, "until the program ends"
    session.arrange(uid, Arrangement())
    assert session.selection.series.images == selection.series.images
