"""One value an image: what stands out, what is told, and what a narrow strip must not hide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_cases import analysis, answer, film, findings
from report_cases import refused as refused_answer

from core.dicom.index import Instance, Series
from core.series_scores import (
    WAITING,
    Cell,
    ImageResult,
    Outcome,
    Scores,
    cells,
    failed,
    header_of,
    next_standing_out,
    result_of,
    why_no_scores,
)


def scored(p: float | None, count: int = 0) -> ImageResult:
    return ImageResult(Outcome.SCORED, score=1.0, p_value=p, findings=count)


REFUSED, FAILED, CLEAN, OUT = (
    ImageResult(Outcome.REFUSED),
    failed("It is damaged."),
    scored(0.6),
    scored(0.01),
)
ANY = st.sampled_from([WAITING, REFUSED, FAILED, CLEAN, scored(0.3), OUT, scored(0.04), scored(0.5, 2)])


@pytest.mark.parametrize(
    ("p", "step", "out"),
    [(1.0, 0, False), (0.21, 0, False), (0.2, 1, False), (0.051, 1, False), (0.05, 2, True), (0.01, 3, True)],
)
def test_steps_are_the_same_for_every_image(p: float, step: int, out: bool) -> None:
    assert (scored(p).step, scored(p).stands_out) == (step, out)


def test_a_finding_stands_out_whatever_the_score_and_nothing_else_does() -> None:
    assert scored(0.9, 1).stands_out
    assert scored(None, 1).stands_out
    assert not any(one.stands_out for one in (WAITING, REFUSED, FAILED, CLEAN, scored(None)))


def test_what_is_kept_of_an_analysis() -> None:
    frame = film()
    found = analysis(frame)
    kept = result_of(frame, answer(frame, found))
    assert kept.outcome is Outcome.SCORED
    assert (kept.score, kept.p_value) == (found.score, found.p_value)
    assert kept.frame_digest == frame.digest
    assert kept.weights_digest == found.card.weights_digest
    assert kept.findings == len([one for one in findings(frame, found) if one.peak >= found.threshold])
    assert f"Score {found.score:.2f}" in kept.lines[0]


def test_what_is_kept_of_a_refusal_is_its_reason() -> None:
    frame = film()
    kept = result_of(frame, refused_answer(frame))
    assert kept.outcome is Outcome.REFUSED
    assert kept.score is None
    assert kept.lines[0] == "Not suitable, no opinion."
    (refusal,) = refused_answer(frame).refusals
    assert kept.words == tuple(filter(None, (*refusal.suitability.reasons, refusal.hint)))


def test_an_uncalibrated_model_has_no_p_value_and_says_so() -> None:
    frame = film()
    kept = result_of(frame, answer(frame, analysis(frame, calibrated=False)))
    assert kept.p_value is None
    assert "uncalibrated" in kept.lines[0]


@given(st.lists(ANY, min_size=1, max_size=60), st.integers(1, 30))
def test_cells_cover_all_images_and_none_hides_what_matters(results: list[ImageResult], most: int) -> None:
    found = cells(results, most)
    assert len(found) == min(len(results), most)
    covered = [place for cell in found for place in range(cell.first, cell.last + 1)]
    assert covered == list(range(len(results)))
    for cell in found:
        within = results[cell.first : cell.last + 1]
        assert cell.result is results[cell.at]
        if any(one.stands_out for one in within):
            assert cell.result.stands_out
        elif any(one.outcome is not Outcome.SCORED for one in within):
            assert cell.result.outcome is not Outcome.SCORED, "nothing unknown may look clean"
        else:
            assert cell.result.p_value == min(one.p_value for one in within if one.p_value is not None)


def test_the_order_of_what_matters() -> None:
    assert cells([CLEAN, REFUSED, WAITING, FAILED, scored(0.04), OUT], 1) == (Cell(0, 5, 5, OUT),)
    assert cells([CLEAN, REFUSED, WAITING, FAILED], 1)[0].at == 3
    assert cells([CLEAN, REFUSED, WAITING], 1)[0].at == 2
    assert cells([OUT, OUT], 1)[0].at == 0, "the first of equals"


def test_on_to_the_next_image_that_stands_out_for_any_model_round_and_round() -> None:
    scores = (Scores("A", (CLEAN, OUT, CLEAN, WAITING)), Scores("B", (CLEAN, CLEAN, CLEAN, OUT)))
    assert [next_standing_out(scores, here, 1) for here in range(4)] == [1, 3, 3, 1]
    assert [next_standing_out(scores, here, -1) for here in range(4)] == [3, 3, 1, 1]
    assert next_standing_out((Scores("A", (CLEAN, WAITING)),), 0, 1) is None


def test_the_summary_never_leaves_out_what_cannot_say() -> None:
    row = Scores("A", (OUT, CLEAN, REFUSED, FAILED, WAITING, WAITING))
    assert row.summary == "1 stands out, 1 failed, 1 not suitable, 2 not analyzed"
    assert row.done == 4
    assert row.known
    assert Scores("A", (CLEAN,)).summary == "0 stand out"


def test_one_reason_for_all_is_told_once() -> None:
    lateral = ImageResult(Outcome.REFUSED, words=("A lateral view.",))
    assert Scores("A", (lateral, lateral)).common_refusal == "A lateral view."
    assert Scores("A", (lateral, CLEAN)).common_refusal == ""
    assert Scores("A", (lateral, replace(lateral, words=("In colour.",)))).common_refusal == ""


def series(modality: str = "DX", count: int = 3, photometric: str = "MONOCHROME2", **more: object) -> Series:
    images = tuple(
        Instance(
            Path(f"{n}.dcm"),
            str(n),
            rows=200,
            columns=180,
            photometric_interpretation=photometric,
            **more,  # type: ignore[arg-type]  # fields by name
        )
        for n in range(count)
    )
    return Series("1.2", modality=modality, instances=images)


def test_which_series_can_be_scored_is_known_ahead() -> None:
    assert why_no_scores(series()) == ""
    assert why_no_scores(series("CR", photometric="MONOCHROME1")) == ""
    assert "CT is no plain radiograph" in why_no_scores(series("CT"))
    assert why_no_scores(series("CT"), own_model=True) == ""
    assert "colour" in why_no_scores(series("DX", photometric="RGB"))
    assert "colour" in why_no_scores(series("CT", photometric="YBR_FULL_422"), own_model=True)
    assert why_no_scores(series(photometric="RGB", is_dicom=False)) == "", "a picture file may be grey"
    assert "one image" in why_no_scores(series(count=1))
    assert why_no_scores(None)


def test_a_header_says_what_the_index_knows() -> None:
    one = series(view_position="LL")
    header = header_of(one, one.instances[0])
    assert (header.rows, header.columns, header.is_grey) == (200, 180, True)
    assert (header.source.modality, header.source.view_position) == ("DX", "LL")
    assert header.digest == ""
