from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from core.errors import ModelDoesNotFit
from core.imaging.frame import Frame, LookupTable, ModalityTransform
from core.imaging.model_input import (
    ModelInputSpec,
    central_quantiles,
    matched,
    modality_values,
    thumbnails,
    to_frame_grid,
    to_model_grid,
    twin_in_modality_values,
)

REFERENCE = tuple((np.linspace(0, 1, 256) ** 1.4).tolist())
PLAIN = ModelInputSpec(size=64)
MATCHED = ModelInputSpec(size=64, reference_quantiles=REFERENCE)


def film(rows: int = 300, columns: int = 300, seed: int = 0) -> NDArray[np.int32]:
    """Smooth anatomy-like values 500..3500 with a little noise."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.random((7, 7), np.float32))
    smooth = np.asarray(coarse.resize((columns, rows), Image.Resampling.BICUBIC))
    noisy = smooth + random.normal(0, 0.01, (rows, columns))
    return (500 + 3000 * np.clip(noisy, 0, 1)).astype(np.int32)


def box_of(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    rows, columns = np.nonzero(mask)
    return np.array([rows.min(), columns.min(), rows.max() + 1, columns.max() + 1])


@pytest.mark.parametrize("size", [64, 128, 256])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(
    ("rows", "columns", "border"), [(900, 900, 0), (1100, 700, 0), (640, 1000, 0), (900, 800, 57)]
)
@pytest.mark.parametrize("spec", [PLAIN, MATCHED], ids=["plain", "matched"])
def test_a_marked_square_comes_back_on_the_same_square(
    size: int, photometric: str, rows: int, columns: int, border: int, spec: ModelInputSpec
) -> None:
    dense = film(rows, columns) // 8
    top, left, side = rows // 2 - 103, columns // 2 + 41, 200
    dense[top : top + side, left : left + side] = 4000
    stored = dense if photometric == "MONOCHROME2" else 4095 - dense
    stored = np.pad(stored, ((border, 2 * border), (3 * border, 0)), constant_values=7).astype(np.uint16)

    model_input = to_model_grid(Frame(stored, photometric), replace(spec, size=size))

    # Half the height of an edge is half only before the histograms are matched.
    straight = np.interp(model_input.pixels, model_input.grey_knots, model_input.film_knots)
    back = to_frame_grid(straight.astype(np.float32), model_input, outside=0.0)
    wanted = np.array([top, left, top + side, left + side]) + np.array([border, 3 * border] * 2)
    assert back.shape == stored.shape
    far = 2 * int(np.ceil(model_input.pixels_per_cell))
    around = back.copy()
    around[wanted[0] - far : wanted[2] + far, wanted[1] - far : wanted[3] + far] = 0.0
    halfway = (back[(wanted[0] + wanted[2]) // 2, (wanted[1] + wanted[3]) // 2] + around.max()) / 2
    assert np.abs(box_of(back > halfway) - wanted).max() <= 0.5 * model_input.pixels_per_cell + 1


@pytest.mark.parametrize("spec", [PLAIN, MATCHED], ids=["plain", "matched"])
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"photometric_interpretation": "MONOCHROME1"},
        {"modality_transform": ModalityTransform(0.37, -11.3)},
        {"modality_transform": ModalityTransform(-2.0, 100.0)},
        {"padding": (500.0, 900.0)},
    ],
)
def test_identity_twin_is_exactly_the_original(spec: ModelInputSpec, facts: dict[str, Any]) -> None:
    frame = Frame(film(210, 340), **facts)
    model_input = to_model_grid(frame, spec)
    same = twin_in_modality_values(frame, model_input, model_input.pixels)
    np.testing.assert_array_equal(same, modality_values(frame))


@pytest.mark.parametrize(("photometric", "direction"), [("MONOCHROME2", -1), ("MONOCHROME1", 1)])
@pytest.mark.parametrize("spec", [PLAIN, MATCHED], ids=["plain", "matched"])
def test_a_less_dense_twin_is_less_dense_there_and_unchanged_elsewhere(
    spec: ModelInputSpec, photometric: str, direction: int
) -> None:
    frame = Frame(film(256, 256), photometric)
    model_input = to_model_grid(frame, spec)
    twin = model_input.pixels.copy()
    twin[20:30, 30:40] = np.maximum(twin[20:30, 30:40] - 0.2, 0.0)
    change = twin_in_modality_values(frame, model_input, twin) - modality_values(frame)
    inside = change[84:116, 124:156]
    assert (np.sign(inside) == direction).mean() > 0.95
    change[72:128, 112:168] = 0
    assert not change.any()


@pytest.mark.parametrize("spec", [PLAIN, MATCHED], ids=["plain", "matched"])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_grey_mapping_has_an_inverse(spec: ModelInputSpec, photometric: str) -> None:
    """On a film as large as the grid nothing is resampled: only the grey mapping is left."""
    frame = Frame(film(64, 64), photometric)
    model_input = to_model_grid(frame, spec)
    back = twin_in_modality_values(frame, model_input, model_input.pixels, detail_preserving=False)
    signed = np.sort((model_input.sign * model_input.low, model_input.sign * model_input.high))
    wanted = np.clip(modality_values(frame), *signed)
    assert np.abs(back - wanted).max() <= 0.005 * (model_input.high - model_input.low)


@pytest.mark.parametrize("spec", [PLAIN, MATCHED], ids=["plain", "matched"])
@pytest.mark.parametrize(("photometric", "sign"), [("MONOCHROME2", 1), ("MONOCHROME1", -1)])
def test_grey_mapping_is_monotone_and_bright_is_dense(
    spec: ModelInputSpec, photometric: str, sign: int
) -> None:
    frame = Frame(film(64, 64), photometric)
    model_input = to_model_grid(frame, spec)
    order = np.argsort(frame.stored.ravel() * sign, kind="stable")
    assert (np.diff(model_input.pixels.ravel()[order]) >= 0).all()
    assert (np.diff(model_input.film_knots) > 0).all()
    assert (np.diff(model_input.grey_knots) > 0).all()
    assert model_input.pixels.min() >= 0
    assert model_input.pixels.max() <= 1


def test_a_falling_voi_lut_turns_density_round() -> None:
    falling = LookupTable(0, 8, np.arange(255, -1, -1, dtype=np.uint16))
    stored = film()
    plain = to_model_grid(Frame(stored), PLAIN)
    turned = to_model_grid(Frame(stored, voi_tables=(falling,)), PLAIN)
    both = to_model_grid(Frame(stored, "MONOCHROME1", voi_tables=(falling,)), PLAIN)
    assert (plain.sign, turned.sign, both.sign) == (1, -1, 1)
    np.testing.assert_array_equal(both.pixels, plain.pixels)


@given(
    st.integers(1, 30),
    st.integers(-20_000, 20_000),
    st.sampled_from([PLAIN, MATCHED]),
    st.sampled_from([1.0, 0.5, 0.01]),
)
def test_brightness_and_contrast_of_the_film_do_not_reach_the_model(
    contrast: int, brightness: int, spec: ModelInputSpec, slope: float
) -> None:
    stored = film(150, 200)
    wanted = to_model_grid(Frame(stored), spec)
    changed = Frame(stored * contrast + brightness, modality_transform=ModalityTransform(slope, 3.0))
    got = to_model_grid(changed, spec)
    assert np.abs(got.pixels - wanted.pixels).max() < 2e-3
    assert (got.row, got.column, got.side) == (wanted.row, wanted.column, wanted.side)


def test_inverted_film_with_inverted_photometric_is_the_same_input() -> None:
    stored = film(200, 150)
    plain = to_model_grid(Frame(stored), MATCHED)
    turned = to_model_grid(Frame(4095 - stored, "MONOCHROME1"), MATCHED)
    assert np.abs(turned.pixels - plain.pixels).max() < 2e-3


def test_matching_gives_the_reference_curve_and_takes_a_gamma_away() -> None:
    stored = film(400, 400)
    curved = (4000 * (stored / 4000.0) ** 1.8).astype(np.int32)
    got = to_model_grid(Frame(stored), MATCHED).pixels
    quantiles = central_quantiles(got, MATCHED.histogram_region)
    assert np.abs(quantiles - np.array(REFERENCE)).max() < 0.01
    assert np.abs(to_model_grid(Frame(curved), MATCHED).pixels - got).max() < 0.03
    plain_difference = to_model_grid(Frame(curved), PLAIN).pixels - to_model_grid(Frame(stored), PLAIN).pixels
    assert np.abs(plain_difference).max() > 0.1


def test_matching_a_plain_grid_later_gives_the_same() -> None:
    frame = Frame(film())
    later = matched(to_model_grid(frame, PLAIN).pixels, MATCHED)
    np.testing.assert_allclose(later, to_model_grid(frame, MATCHED).pixels, atol=1e-6)


def test_padding_is_cut_away_at_the_border_and_not_valid_inside() -> None:
    stored = np.pad(film(200, 200), ((0, 0), (90, 10)), constant_values=-2000)
    stored[:100, 90:140] = -2000
    frame = Frame(stored, padding=(-2000.0, -2000.0))
    model_input = to_model_grid(frame, ModelInputSpec(size=100))
    assert (model_input.row, model_input.column, model_input.side) == (0, 90, 200)
    assert not model_input.valid[:50, :25].any()
    assert np.count_nonzero(model_input.valid) == 100 * 100 - 50 * 25
    assert model_input.pixels[:47, :22].max() < 0.02
    assert 500 <= model_input.low < model_input.high <= 3500
    assert model_input.pixels[55:, 30:].std() > 0.1


@pytest.mark.parametrize("detail_preserving", [True, False])
def test_padding_stays_padding_in_the_twin(detail_preserving: bool) -> None:
    stored = film(200, 200)
    stored[:60, :60] = -2000
    frame = Frame(stored, padding=(-2000.0, -2000.0))
    model_input = to_model_grid(frame, MATCHED)
    twin = np.full_like(model_input.pixels, 0.5)
    values = twin_in_modality_values(frame, model_input, twin, detail_preserving=detail_preserving)
    assert (values[:60, :60] == -2000).all()
    assert (values[100:, 100:] != stored[100:, 100:]).mean() > 0.9


def test_values_that_are_no_numbers_are_not_valid() -> None:
    stored = film(128, 128).astype(np.float32)
    stored[40:60, 40:60] = np.nan
    stored[80:90, 80:90] = np.inf
    huge = stored.astype(np.float64)
    huge[80:90, 80:90] = 1e300
    np.testing.assert_array_equal(modality_values(Frame(huge)), stored)
    model_input = to_model_grid(Frame(stored), PLAIN)
    assert np.isfinite(model_input.pixels).all()
    assert not model_input.valid[20:30, 20:30].any()
    assert not model_input.valid[40:45, 40:45].any()
    values = twin_in_modality_values(Frame(stored), model_input, np.full_like(model_input.pixels, 0.5))
    np.testing.assert_array_equal(np.isfinite(values), np.isfinite(stored))


def test_outside_the_crop_nothing_is_known_and_the_original_stands() -> None:
    frame = Frame(film(200, 320))
    model_input = to_model_grid(frame, PLAIN)
    back = to_frame_grid(model_input.pixels, model_input)
    assert np.isnan(back[:, :60]).all()
    assert np.isnan(back[:, 260:]).all()
    assert np.isfinite(back[:, 60:260]).all()
    twin = twin_in_modality_values(frame, model_input, 1 - model_input.pixels, detail_preserving=False)
    np.testing.assert_array_equal(twin[:, :60], modality_values(frame)[:, :60])


@given(st.integers(64, 200), st.integers(64, 200), st.sampled_from([0.0, 0.08]))
def test_crop_is_a_central_square_inside_the_frame(rows: int, columns: int, top_crop: float) -> None:
    stored = np.random.default_rng(0).integers(0, 4096, (rows + 20, columns)).astype(np.int32)
    model_input = to_model_grid(Frame(stored), replace(PLAIN, top_crop=top_crop))
    first_row = int(top_crop * (rows + 20))
    assert model_input.side == min(rows + 20 - first_row, columns)
    assert first_row <= model_input.row <= rows + 20 - model_input.side
    below = rows + 20 - model_input.row - model_input.side
    assert abs(model_input.row - first_row - below) <= 1
    assert abs(2 * model_input.column + model_input.side - columns) <= 1


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (Frame(np.zeros((200, 200, 3), np.uint8), "RGB"), "colour"),
        (Frame(np.full((200, 200), 7, np.uint16)), "same value"),
        (Frame(film(), padding=(0.0, 5000.0)), "padding"),
        (
            Frame(
                np.pad(np.zeros((190, 190), np.int32), 5, mode="linear_ramp", end_values=9),
                padding=(0.0, 0.0),
            ),
            "padding",
        ),
        (Frame(np.full((200, 200), np.nan, np.float32)), "same value"),
        (Frame(film(63, 400)), "63 pixels"),
        (Frame(np.pad(film(50, 50), 100)), "50 pixels"),
        (Frame(np.diag(np.eye(200)[0] + np.eye(200)[-1])), "same value"),
    ],
)
def test_frames_that_no_model_can_read_are_refused_in_words(frame: Frame, words: str) -> None:
    with pytest.raises(ModelDoesNotFit, match=words) as refusal:
        to_model_grid(frame, PLAIN)
    assert refusal.value.hint


def test_modality_lut_answers_for_the_values() -> None:
    table = LookupTable(500, 16, np.linspace(60_000, 0, 3001).astype(np.uint16))
    frame = Frame(film(), modality_transform=ModalityTransform(table=table))
    plain = to_model_grid(Frame(film(), "MONOCHROME1"), PLAIN)
    np.testing.assert_allclose(to_model_grid(frame, PLAIN).pixels, plain.pixels, atol=2e-3)


def test_input_of_another_frame_is_refused() -> None:
    model_input = to_model_grid(Frame(film()), PLAIN)
    with pytest.raises(ValueError, match="another frame"):
        twin_in_modality_values(Frame(film(seed=1)), model_input, model_input.pixels)


def test_result_is_frozen_and_bound_to_frame_and_spec() -> None:
    frame = Frame(film())
    model_input = to_model_grid(frame, MATCHED)
    assert (model_input.frame_digest, model_input.spec_digest) == (frame.digest, MATCHED.digest)
    assert (model_input.size, model_input.frame_shape) == (64, (300, 300))
    with pytest.raises(ValueError, match="read-only"):
        model_input.pixels[0, 0] = 0


def test_spec_digest_follows_every_field() -> None:
    specs = [
        PLAIN,
        MATCHED,
        replace(PLAIN, size=128),
        replace(PLAIN, top_crop=0.08),
        replace(PLAIN, version=2),
    ]
    assert len({spec.digest for spec in specs}) == len(specs)
    assert PLAIN.digest == ModelInputSpec(size=64).digest


@pytest.mark.parametrize("wrong", [{"size": 8}, {"size": 5000}, {"reference_quantiles": (0.0, 1.0)}])
def test_specs_that_make_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"grid|quantiles"):
        ModelInputSpec(**wrong)


def test_thumbnails_are_block_means_of_each_film():
    films = np.random.default_rng(0).random((2, 128, 128), np.float32)
    small = thumbnails(films)
    assert small.shape == (2, 32, 32)
    np.testing.assert_allclose(small[1, 3, 5], films[1, 12:16, 20:24].mean(), rtol=1e-6)
    assert thumbnails(films[:, :32, :32]).tobytes() == films[:, :32, :32].tobytes()
