from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.imaging.findings import OPPOSITE, Sign
from core.imaging.heatmap import (
    AGREEMENT_BOTH,
    AGREEMENT_NONE,
    AGREEMENT_NOT_ANALYZED,
    AGREEMENT_ONLY_A,
    AGREEMENT_ONLY_B,
    COLOUR_MAPS,
    SCALE_MAX,
    HeatmapStyle,
    Shows,
    agreement,
    agreement_overlay,
    contours,
    legend,
    overlay,
    signed_overlay,
    upsampled,
)

FloatImage = NDArray[np.float32]

# What the three kinds of dichromats see, on linear sRGB (Machado, Oliveira, Fernandes 2009, severity 1).
COLOUR_VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def luminance(colours: NDArray[np.uint8], seen_through: NDArray[np.float64]) -> NDArray[np.float64]:
    srgb = colours / 255.0
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.clip(linear @ seen_through.T, 0, 1) @ [0.2126, 0.7152, 0.0722])


def blob(size: int = 32, row: float = 12.0, column: float = 20.0, peak: float = 0.25) -> FloatImage:
    rows, columns = np.mgrid[:size, :size] + 0.5
    spread = 2 * (size / 10) ** 2
    return (peak * np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / spread)).astype(np.float32)


def colours_of_scale(style: HeatmapStyle) -> NDArray[np.uint8]:
    """The colours from low to high, read from the legend."""
    return legend(style, 256)[::-1, 0, :3]


all_styles = [HeatmapStyle(0.0, colour_map=name) for name in COLOUR_MAPS] + [
    HeatmapStyle(0.0, sign=Sign.LUCENT)
]


@pytest.mark.parametrize("style", all_styles)
@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_colour_maps_rise_in_lightness_for_every_reader(style: HeatmapStyle, vision: str) -> None:
    seen = luminance(colours_of_scale(style)[1:], COLOUR_VISION[vision])
    # Eight bits a channel: a step back of one level of one channel is rounding.
    assert np.diff(seen).min() > -0.004
    assert np.diff(seen[::8]).min() > 0
    assert seen[0] > 0.02, "a dark patch on a dark lung looks like nothing"
    assert seen[-1] > 0.85


def test_there_are_colour_maps_to_choose_from_and_lucent_has_its_own() -> None:
    assert len(COLOUR_MAPS) >= 3
    ends = {tuple(colours_of_scale(style)[64].tolist()) for style in all_styles}
    assert len(ends) == len(all_styles)
    lucent = [colours_of_scale(HeatmapStyle(0.1, colour_map=name, sign=Sign.LUCENT)) for name in COLOUR_MAPS]
    assert all((one == lucent[0]).all() for one in lucent)


@pytest.mark.parametrize(
    "wrong",
    [
        {"threshold": -0.1},
        {"threshold": float("nan")},
        {"threshold": 0.1, "opacity": 1.2},
        {"threshold": 0.1, "colour_map": "jet"},
    ],
)
def test_styles_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"threshold|opacity|colour map"):
        HeatmapStyle(**wrong)


def test_opacity_is_constant_above_the_threshold_and_nothing_shows_below() -> None:
    one = blob()
    picture = overlay(one, HeatmapStyle(0.1, opacity=0.5))
    lit = upsampled(one) >= 0.1
    assert picture.shape == (128, 128, 4)
    assert set(picture[lit][:, 3].tolist()) == {128}
    assert not picture[~lit].any()


def test_colour_means_the_same_on_every_film() -> None:
    style = HeatmapStyle(0.05, opacity=1.0)
    quiet, loud = np.full((8, 8), 0.1, np.float32), np.full((8, 8), 0.1, np.float32)
    loud[0, 0] = 5.0
    assert (overlay(quiet, style)[20, 20] == overlay(loud, style)[20, 20]).all()
    assert tuple(overlay(loud, style)[0, 0, :3]) == tuple(colours_of_scale(style)[-1])
    wanted = colours_of_scale(style)[round(0.1 / SCALE_MAX * 255)]
    assert np.abs(overlay(quiet, style)[20, 20, :3].astype(int) - wanted).max() <= 4


def test_a_value_at_the_threshold_lights_up() -> None:
    flat = np.full((8, 8), 0.1, np.float32)
    assert overlay(flat, HeatmapStyle(float(flat[0, 0])))[..., 3].all()
    assert len(contours(flat, float(flat[0, 0]))) == 1


def test_infinite_threshold_lights_nothing() -> None:
    assert not overlay(blob(), HeatmapStyle(float("inf"))).any()
    assert contours(blob(), float("inf")) == ()


@pytest.mark.parametrize("contour", [False, True])
@pytest.mark.parametrize("opacity", [0.0, 0.6])
def test_not_analyzed_is_hatched_never_clean(contour: bool, opacity: float) -> None:
    one, valid = blob(), np.ones((32, 32), np.bool_)
    valid[:, :5] = False
    one[30, 30] = np.nan
    picture = overlay(one, HeatmapStyle(0.1, opacity=opacity, contour=contour), valid)
    for hatched in (picture[:, :20], picture[120:124, 120:124]):
        assert (hatched[..., 3] > 0).all()
        assert np.ptp(hatched[..., :3].astype(int), axis=-1).max() <= 10, "neutral grey"
        assert len(np.unique(hatched.reshape(-1, 4), axis=0)) == 2, "stripes"
    assert not picture[100:116, 30:60].any()


def test_contour_mode_fills_nothing_and_invisible_shows_nothing() -> None:
    valid = np.ones((32, 32), np.bool_)
    assert not overlay(blob(), HeatmapStyle(0.1, contour=True), valid).any()
    valid[0] = False
    assert not overlay(blob(), HeatmapStyle(0.1, visible=False), valid).any()


def test_fine_grid_keeps_places_and_means() -> None:
    square = np.zeros((16, 16), np.float32)
    square[4:8, 9:12] = 1.0
    fine = upsampled(square)
    rows, columns = np.nonzero(fine >= 0.5)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == (16, 32, 36, 48)
    assert float(fine.mean()) == pytest.approx(float(square.mean()), rel=1e-5)


def test_cells_not_analyzed_do_not_touch_their_neighbours() -> None:
    flat = np.full((8, 8), 0.2, np.float32)
    flat[3, 3] = np.inf
    valid = np.ones((8, 8), np.bool_)
    valid[:2] = False
    fine = upsampled(flat, valid)
    unknown = np.isnan(fine)
    assert unknown[:8].all()
    assert unknown[12:16, 12:16].all()
    assert np.count_nonzero(unknown) == 8 * 32 + 16
    assert fine[~unknown] == pytest.approx(0.2)
    assert np.isnan(upsampled(np.full((4, 4), np.nan, np.float32))).all()


def inside(outlines: tuple[NDArray[np.float64], ...], size: int) -> NDArray[np.bool_]:
    """Even-odd rule at the middle of each fine cell."""
    middles = (np.arange(size) + 0.5) / size
    crossings = np.zeros((size, size), int)
    for outline in outlines:
        for (row_1, column_1), (row_2, column_2) in pairwise(outline):
            spans = (row_1 <= middles) != (row_2 <= middles)
            if spans.any():
                reach = column_1 + (middles[spans] - row_1) / (row_2 - row_1) * (column_2 - column_1)
                crossings[spans] += reach[:, None] > middles[None, :]
    return crossings % 2 == 1


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_outlines_close_around_what_lights_up(seed: int, threshold: float) -> None:
    one = np.random.default_rng(seed).random((6, 6)).astype(np.float32)
    outlines = contours(one, threshold)
    assert all((outline[0] == outline[-1]).all() for outline in outlines)
    assert all(0 <= outline.min() <= outline.max() <= 1 for outline in outlines)
    fine = upsampled(one)
    wrong = inside(outlines, 24) != (fine >= np.float32(threshold))
    # Where a value equals the level to the last bits, or the film ends, the outline runs through the middle.
    clear = np.abs(fine - threshold) > 1e-4
    clear[[0, -1]] = clear[:, [0, -1]] = False
    assert not (wrong & clear).any()


def area(outline: NDArray[np.float64]) -> float:
    """Area that an outline goes round, negative when it turns the other way round."""
    (rows, columns), (next_rows, next_columns) = outline[:-1].T, outline[1:].T
    return float((rows * next_columns - next_rows * columns).sum() / 2)


@given(st.integers(0, 2**32 - 1), st.floats(0.05, 0.95))
def test_there_is_one_outer_outline_for_each_region_that_is_counted(seed: int, threshold: float) -> None:
    one = np.random.default_rng(seed).random((5, 5)).astype(np.float32)
    lit = (upsampled(one) >= np.float32(threshold)).astype(np.uint8)
    regions = sitk.GetArrayFromImage(sitk.ConnectedComponent(sitk.GetImageFromArray(lit), True)).max()
    outer = [outline for outline in contours(one, threshold) if area(outline) > 0]
    assert len(outer) == regions


def test_outline_of_a_round_blob_is_round() -> None:
    one = blob(64, row=20.0, column=40.0, peak=0.2)
    (outline,) = contours(one, 0.1)
    radius = np.hypot(outline[:, 0] * 64 - 20.0, outline[:, 1] * 64 - 40.0)
    assert radius == pytest.approx(6.4 * np.sqrt(2 * np.log(2)), abs=0.1)


def test_outlines_of_a_ring_and_of_the_border() -> None:
    rows, columns = np.mgrid[:32, :32] - 15.5
    distance = np.hypot(rows, columns)
    assert len(contours((np.abs(distance - 9) < 3).astype(np.float32), 0.5)) == 2
    (whole,) = contours(np.ones((8, 8), np.float32), 0.5)
    assert (whole.min(axis=0).tolist(), whole.max(axis=0).tolist()) == ([0.0, 0.0], [1.0, 1.0])
    assert contours(np.zeros((8, 8), np.float32), 0.0) == ()


def test_outlines_leave_out_what_was_not_analyzed() -> None:
    one, valid = np.full((8, 8), 0.2, np.float32), np.ones((8, 8), np.bool_)
    valid[:, :4] = False
    (outline,) = contours(one, 0.1, valid)
    assert outline[:, 1].min() == pytest.approx(0.5, abs=1 / 32)


def test_legend_has_a_fixed_scale_with_the_hot_end_on_top_and_the_threshold_on_it() -> None:
    style = HeatmapStyle(0.15)
    strip = legend(style, 300)
    assert strip.shape == (300, 24, 4)
    assert (strip[:149, :, 3] == 255).all()
    assert (strip[150] == 255).all(), "the mark"
    assert (strip[152:, :, 3] < 100).all()
    assert strip[0, 0, :3].sum() > strip[-1, 0, :3].sum()
    assert (legend(HeatmapStyle(0.0), 50)[-1] == 255).all()
    assert (legend(HeatmapStyle(float("inf")), 50)[..., 3] < 100).all()


def test_agreement_says_who_lights_up() -> None:
    a, b = np.zeros((4, 4), np.float32), np.zeros((4, 4), np.float32)
    a[:, :2], b[:2] = 0.3, 0.2
    a[3, 3] = np.nan
    labels = agreement(a, 0.15, b, 0.1)
    corners = labels[0, 0], labels[-1, 0], labels[0, -1], labels[10, 10], labels[-1, -1]
    assert corners == (
        AGREEMENT_BOTH,
        AGREEMENT_ONLY_A,
        AGREEMENT_ONLY_B,
        AGREEMENT_NONE,
        AGREEMENT_NOT_ANALYZED,
    )


def test_agreement_of_grids_of_different_size_covers_the_same_crop() -> None:
    small, large = blob(16, 6.0, 10.0), blob(64, 24.0, 40.0)
    labels = agreement(small, 0.1, large, 0.1)
    assert labels.shape == (256, 256)
    one_sided = np.isin(labels, (AGREEMENT_ONLY_A, AGREEMENT_ONLY_B)).sum()
    assert one_sided < 0.15 * (labels == AGREEMENT_BOTH).sum()


def test_agreement_can_be_read_without_colour() -> None:
    labels = np.repeat(np.array([0, 1, 2, 3, 255], np.uint8), 24)[None].repeat(120, axis=0)
    alpha = agreement_overlay(labels)[..., 3]
    parts = [alpha[:96, first : first + 24] for first in range(0, 120, 24)]
    none, only_a, only_b, both, unknown = parts
    assert not none.any()
    assert len(np.unique(both)) == 1
    assert (only_a[1:, :-1] == only_a[:-1, 1:]).all(), "stripes rise"
    assert (only_b[1:, 1:] == only_b[:-1, :-1]).all(), "stripes fall"
    assert (only_a > 0).all()
    assert (unknown > 0).all()


def test_both_signs_are_drawn_each_above_its_own_threshold() -> None:
    denser, lucent = blob(row=8, column=8, peak=0.25), blob(row=22, column=24, peak=0.12)
    style = HeatmapStyle(0.1, both_signs=True, opposite_threshold=0.06)
    picture = signed_overlay(denser, lucent, style)
    up, down = upsampled(denser) >= 0.1, upsampled(lucent) >= 0.06
    assert up.any()
    assert down.any()
    assert not (up & down).any()
    assert ((picture[..., 3] > 0) == (up | down)).all()
    assert (picture[up][:, 0] > picture[up][:, 2]).all(), "denser is warm"
    assert (picture[down][:, 2] > picture[down][:, 0]).all(), "more lucent is cold"
    turned = signed_overlay(
        denser, lucent, replace(style, sign=Sign.LUCENT, threshold=0.06, opposite_threshold=0.1)
    )
    assert (turned == picture).all(), "which sign is in front changes no colour"
    assert not signed_overlay(denser, lucent, replace(style, visible=False)).any()
    lines = signed_overlay(denser, lucent, replace(style, contour=True))
    assert not lines.any()


def test_colours_of_both_signs_mean_the_same_on_every_film() -> None:
    """Fixed units: a film whose largest difference is 0.05 shows no colour of 0.3."""
    style = HeatmapStyle(0.01, both_signs=True, opposite_threshold=0.01, opacity=1.0)
    faint, strong = (
        signed_overlay(blob(peak=peak), np.zeros((32, 32), np.float32), style) for peak in (0.05, 0.3)
    )
    lightest = [picture[..., :3][picture[..., 3] > 0].sum(axis=1).max() for picture in (faint, strong)]
    assert lightest[0] < 0.6 * lightest[1]
    value = upsampled(blob(peak=0.3))
    place = np.argwhere(np.isclose(value, 0.05, atol=0.001))[0]
    other = np.argwhere(np.isclose(upsampled(blob(peak=0.05)), upsampled(blob(peak=0.05)).max()))[0]
    assert np.abs(strong[tuple(place)].astype(int) - faint[tuple(other)].astype(int)).max() <= 12


def test_not_analyzed_is_hatched_with_both_signs() -> None:
    denser = blob()
    valid = np.ones(denser.shape, bool)
    valid[:, :6] = False
    picture = signed_overlay(denser, denser[::-1].copy(), HeatmapStyle(0.5, both_signs=True), valid)
    assert (picture[:, :24, 3] > 0).all()
    assert not picture[:, 24:, 3].any()


def test_the_legend_of_both_signs_has_both_thresholds_on_it() -> None:
    strip = legend(HeatmapStyle(0.15, both_signs=True, opposite_threshold=0.075), 400)
    assert (strip[100] == 255).all()
    assert (strip[250] == 255).all()
    assert (strip[:99, :, 3] == 255).all()
    assert (strip[101:249, :, 3] < 100).all()
    assert (strip[252:, :, 3] == 255).all()
    assert strip[0, 0, 0] > strip[0, 0, 2]
    assert strip[-1, 0, 2] > strip[-1, 0, 0]


@pytest.mark.parametrize("shows", Shows)
def test_what_is_shown_is_one_of_three(shows: Shows) -> None:
    style = HeatmapStyle(0.1, opposite_threshold=0.2).showing(shows)
    assert style.shows is shows
    assert style.threshold_of(style.sign) == 0.1
    assert style.threshold_of(OPPOSITE[style.sign]) == 0.2


@pytest.mark.parametrize("period", [6, 9, 18, 40])
def test_stripes_of_the_agreement_have_the_width_that_is_asked_for(period: int) -> None:
    labels = np.full((3 * period, 5 * period), AGREEMENT_ONLY_A, np.uint8)
    alpha = agreement_overlay(labels, 0.6, period)[..., 3]
    assert (alpha[:, period:] == alpha[:, :-period]).all()
    dark = alpha.max()
    assert (alpha == dark).mean() == pytest.approx((period // 3) / period, abs=0.02)
    moved = agreement_overlay(labels, 0.6, period, origin=(2, 1))[..., 3]
    assert (moved[2:, 1:] == alpha[:-2, :-1]).all(), "they are counted from their origin"
