from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.imaging.findings import Finding, Sign, count_regions, extract_findings, region_counts, side_basis
from core.imaging.frame import Frame, FrameSource, PixelSpacing, SpacingSource
from core.imaging.heatmap import HeatmapStyle, overlay
from core.imaging.model_input import ModelInput, ModelInputSpec, to_model_grid

SIZE = 64
PA = FrameSource(view_position="PA")


def film(rows: int = 640, columns: int = 960) -> ModelInput:
    """A wide film: the crop is its central square."""
    stored = np.random.default_rng(0).integers(0, 4096, (rows, columns)).astype(np.uint16)
    return to_model_grid(Frame(stored), ModelInputSpec(size=SIZE))


FILM = film()


def lesions(*squares: tuple[int, int, int, float]) -> NDArray[np.float32]:
    """Squares of (row, column, side) in grid cells with their value."""
    one = np.zeros((SIZE, SIZE), np.float32)
    for row, column, side, value in squares:
        one[row : row + side, column : column + side] = value
    return one


def found(one: NDArray[np.float32], threshold: float = 0.1, **facts: Any) -> tuple[Finding, ...]:
    given_facts: dict[str, Any] = {
        "sign": Sign.DENSER,
        "model_input": FILM,
        "analyzed": facts.get("model_input", FILM).valid,
        "frame_spacing": PixelSpacing(),
        "frame_source": PA,
        "model_kind": "healthygan",
        **facts,
    }
    return extract_findings(one, threshold=threshold, **given_facts)


def test_a_square_lesion_is_found_where_it_is() -> None:
    (finding,) = found(lesions((20, 40, 8, 0.3)), threshold=0.15)
    cell, left = 640 / SIZE, (960 - 640) // 2
    wanted = np.array([20 * cell, left + 40 * cell, 28 * cell, left + 48 * cell])
    assert np.abs(np.array(finding.box) - wanted).max() <= cell / 2
    assert finding.centre == (pytest.approx(24 * cell), pytest.approx(left + 44 * cell))
    assert finding.area_px == pytest.approx((8 * cell) ** 2, rel=0.05)
    assert (finding.peak, finding.sign, finding.p_value) == (pytest.approx(0.3), Sign.DENSER, None)
    assert (finding.area_mm2, finding.size_mm) == (None, None)
    assert finding.spacing_source is SpacingSource.UNKNOWN


def test_millimetres_follow_each_axis_of_the_spacing() -> None:
    spacing = PixelSpacing(0.2, 0.1, SpacingSource.IMAGER)
    (finding,) = found(lesions((20, 40, 8, 0.3)), threshold=0.15, frame_spacing=spacing)
    assert finding.size_mm == (pytest.approx(16, rel=0.05), pytest.approx(8, rel=0.05))
    assert finding.area_mm2 == pytest.approx(128, rel=0.05)
    assert finding.spacing_source is SpacingSource.IMAGER


def test_largest_peak_first_with_its_p_value() -> None:
    asked = []

    def p_value(peak: float) -> float:
        asked.append(peak)
        return peak / 2

    three = found(
        lesions((5, 5, 6, 0.2), (30, 40, 6, 0.4), (50, 10, 6, 0.3)),
        peak_p_value=p_value,
        model_kind="sr-anogan",
    )
    assert [finding.peak for finding in three] == pytest.approx([0.4, 0.3, 0.2])
    assert [finding.p_value for finding in three] == pytest.approx([0.2, 0.15, 0.1])
    assert sorted(asked) == pytest.approx([0.2, 0.3, 0.4])
    assert {finding.model_kind for finding in three} == {"sr-anogan"}


def test_specks_are_dropped_and_corners_join() -> None:
    # 0.05 % of 64 x 64 cells are two of them.
    assert not found(lesions((10, 10, 1, 0.3)), threshold=0.15)
    assert found(lesions((10, 10, 2, 0.3)), threshold=0.15)
    assert len(found(lesions((10, 10, 5, 0.3), (15, 15, 5, 0.3)), threshold=0.15)) == 1


@pytest.mark.parametrize("threshold", [0.5, float("inf")])
def test_nothing_above_the_threshold(threshold: float) -> None:
    assert found(lesions((10, 10, 5, 0.3)), threshold=threshold) == ()


def test_zero_is_never_a_finding() -> None:
    assert found(lesions(), threshold=0.0) == ()
    assert len(found(lesions((10, 10, 5, 0.3)), threshold=0.0)) == 1


@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.3))
def test_what_is_shown_is_what_is_counted(seed: int, threshold: float) -> None:
    noise = np.random.default_rng(seed).random((8, 8)).astype(np.float32) ** 3 * 0.4
    one = noise.repeat(8, axis=0).repeat(8, axis=1)
    count = count_regions(one, threshold, FILM.valid)
    assert len(found(one, threshold)) == count
    assert region_counts(one, (threshold, 1.0), FILM.valid) == (count, 0)
    if count:
        assert overlay(one, HeatmapStyle(threshold), FILM.valid)[..., 3].any()


@given(st.integers(0, 2**32 - 1), st.floats(0.01, 0.3))
def test_no_finding_lies_under_the_hatch(seed: int, threshold: float) -> None:
    """The hatch is drawn where the map does not speak: inside the crop too, not only around it."""
    generator = np.random.default_rng(seed)
    one = generator.random((SIZE, SIZE)).astype(np.float32) * 0.4
    analyzed = generator.random((8, 8)).repeat(8, axis=0).repeat(8, axis=1) > 0.5
    shown = overlay(one, HeatmapStyle(threshold, opacity=1.0), analyzed)[..., 3] == 255
    assert not shown[~analyzed.repeat(4, axis=0).repeat(4, axis=1)].any()
    findings = found(one, threshold, analyzed=analyzed)
    assert len(findings) == count_regions(one, threshold, analyzed)
    for finding in findings:
        top, left, bottom, right = ((np.array(finding.box) - (0, 160, 0, 160)) / 2.5).round().astype(int)
        assert shown[top:bottom, left:right].any()


def test_a_speck_is_as_small_wherever_else_nothing_was_analyzed() -> None:
    analyzed = np.zeros((SIZE, SIZE), np.bool_)
    analyzed[8:24, 8:24] = True
    one = lesions((10, 10, 1, 0.3))
    assert found(one, 0.15, analyzed=analyzed) == found(one, 0.15) == ()


def test_both_models_name_a_place_alike_whatever_they_analyze() -> None:
    lungs = np.zeros((SIZE, SIZE), np.bool_)
    lungs[20:50, 20:60] = True
    one = lesions((22, 36, 5, 0.3))
    everywhere, inside = found(one, 0.15), found(one, 0.15, analyzed=lungs)
    assert [(finding.side, finding.zone) for finding in everywhere] == [("L", "middle")]
    assert [(finding.side, finding.zone) for finding in inside] == [("L", "middle")]


def test_what_was_not_analyzed_is_never_found() -> None:
    valid = np.ones((SIZE, SIZE), np.bool_)
    valid[:, :32] = False
    one = lesions((10, 10, 8, 0.3), (10, 28, 8, 0.3), (40, 50, 8, 0.2))
    one[40:42] = np.nan
    first, second = found(one, threshold=0.15, model_input=replace(FILM, valid=valid))
    assert first.box[1] >= 160 + 320
    assert second.box[0] >= 420


@pytest.mark.parametrize(
    ("source", "left", "right"),
    [
        (FrameSource(view_position="PA"), "R", "L"),
        (FrameSource(view_position="AP"), "R", "L"),
        (FrameSource(patient_orientation=("L", "F")), "R", "L"),
        (FrameSource(patient_orientation=("R", "F")), "L", "R"),
        (FrameSource(patient_orientation=("R", "F"), view_position="PA"), "L", "R"),
        (FrameSource(patient_orientation=("A", "F")), "", ""),
        (FrameSource(patient_orientation=("A", "F"), view_position="PA"), "", ""),
        (FrameSource(view_position="LL"), "", ""),
        (FrameSource(), "", ""),
    ],
)
def test_side_is_the_patients_or_not_stated(source: FrameSource, left: str, right: str) -> None:
    one = lesions((10, 8, 8, 0.4), (10, 48, 8, 0.3), (40, 28, 8, 0.2))
    sides = [finding.side for finding in found(one, threshold=0.15, frame_source=source)]
    assert sides == [left, right, "midline" if left else ""]
    assert bool(side_basis(source)) == bool(left)


def test_midline_is_the_middle_tenth() -> None:
    def side(column: int) -> str:
        return found(lesions((30, column, 4, 0.3)), threshold=0.15)[0].side

    assert [side(26), side(28), side(32), side(34)] == ["R", "midline", "midline", "L"]


def test_zone_and_side_are_those_of_the_film_on_the_grid() -> None:
    one = lesions((4, 10, 4, 0.5), (30, 10, 4, 0.4), (56, 10, 4, 0.3))
    assert [finding.zone for finding in found(one, threshold=0.2)] == ["upper", "middle", "lower"]
    valid = np.ones((SIZE, SIZE), np.bool_)
    valid[:28] = valid[:, :20] = False
    (low,) = found(lesions((30, 44, 4, 0.5)), threshold=0.2, model_input=replace(FILM, valid=valid))
    assert (low.zone, low.side) == ("upper", "L")
    (middle,) = found(lesions((30, 40, 4, 0.5)), threshold=0.2, model_input=replace(FILM, valid=valid))
    assert middle.side == "midline"


def test_identifier_follows_the_peak_not_the_threshold() -> None:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    one = (0.3 * np.exp(-((rows - 20) ** 2 + (columns - 40) ** 2) / 50)).astype(np.float32)
    names = {found(one, threshold)[0].identifier for threshold in (0.05, 0.1, 0.2, 0.25)}
    assert len(names) == 1
    others = {
        found(one, 0.1, sign=Sign.LUCENT)[0].identifier,
        found(one, 0.1, model_kind="sr-anogan")[0].identifier,
        found(one, 0.1, model_input=replace(FILM, frame_digest="other"))[0].identifier,
        found(np.roll(one, 3, axis=1), 0.1)[0].identifier,
    }
    assert len(others) == 4
    assert not names & others


@given(st.integers(0, 2**32 - 1))
def test_boxes_stay_inside_the_frame_and_identifiers_are_unique(seed: int) -> None:
    noise = np.random.default_rng(seed).random((16, 16)).astype(np.float32)
    everything = found(noise.repeat(4, axis=0).repeat(4, axis=1), 0.8)
    for finding in everything:
        top, left, bottom, right = finding.box
        assert 0 <= top < bottom <= 640
        assert 160 <= left < right <= 800
        assert top <= finding.centre[0] <= bottom
        assert left <= finding.centre[1] <= right
    assert len({finding.identifier for finding in everything}) == len(everything)
