from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.resampling import resample

PIXELS = np.random.default_rng(0).integers(0, 65_536, (70, 90), dtype=np.uint16)


def test_at_the_centres_the_pixels_come_out_as_they_are() -> None:
    rows, columns = np.arange(70) + 0.5, np.arange(90) + 0.5
    for smooth in (True, False):
        assert np.array_equal(resample(PIXELS, rows, columns, smooth=smooth), PIXELS)
        assert np.array_equal(resample(PIXELS, rows[::-1], columns, smooth=smooth), PIXELS[::-1])


def test_between_centres_lie_straight_lines() -> None:
    ramp = (np.arange(5, dtype=np.uint16) * 100)[np.newaxis].repeat(3, axis=0)
    assert resample(ramp, np.array([1.3]), np.array([0.75, 1.0, 2.6]), smooth=True).tolist() == [
        [25, 50, 210]
    ]
    assert resample(ramp.T, np.array([1.0, 9.0]), np.array([0.2]), smooth=True).tolist() == [[50], [400]]


def test_the_border_goes_on_outside() -> None:
    answer = resample(PIXELS, np.array([-3.0, 99.0]), np.array([-1.0, 0.2, 200.0]), smooth=True)
    assert np.array_equal(answer, PIXELS[np.ix_([0, 69], [0, 0, 89])])


def test_the_nearest_pixel_is_the_one_that_covers_the_place() -> None:
    answer = resample(PIXELS, np.array([0.0, 0.999, 1.0, 69.9]), np.array([4.2]), smooth=False)
    assert np.array_equal(answer[:, 0], PIXELS[[0, 0, 1, 69], 4])
    assert (
        resample(PIXELS, np.array([3 - 1e-12, 3 + 1e-12]), np.array([4.2]), smooth=False)[0, 0]
        == PIXELS[3, 4]
    )
    colour = np.random.default_rng(1).integers(0, 256, (6, 7, 3), dtype=np.uint8)
    assert np.array_equal(resample(colour, np.arange(6) + 0.5, np.arange(7) + 0.5, smooth=False), colour)


@pytest.mark.parametrize("smooth", [True, False])
def test_nothing_is_asked_for(smooth: bool) -> None:
    assert resample(PIXELS, np.array([1.0]), np.array([]), smooth=smooth).shape == (1, 0)


@given(st.floats(0.2, 6), st.floats(-20, 80), st.floats(-20, 80))
def test_the_answer_is_that_of_the_formula(zoom: float, row: float, column: float) -> None:
    rows, columns = row + np.arange(40) / zoom, column + np.arange(50) / zoom
    y, x = np.clip(rows - 0.5, 0, 69), np.clip(columns - 0.5, 0, 89)
    up, left = np.floor(y).astype(int), np.floor(x).astype(int)
    down, right = np.minimum(up + 1, 69), np.minimum(left + 1, 89)
    v, h = (y - up)[:, np.newaxis], x - left
    wide = PIXELS.astype(np.float64)
    wanted = (1 - v) * ((1 - h) * wide[np.ix_(up, left)] + h * wide[np.ix_(up, right)]) + v * (
        (1 - h) * wide[np.ix_(down, left)] + h * wide[np.ix_(down, right)]
    )
    assert np.abs(resample(PIXELS, rows, columns, smooth=True) - wanted).max() <= 0.52
