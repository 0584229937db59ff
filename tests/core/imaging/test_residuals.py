from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.residuals import (
    HealthyStatistics,
    blurred_excess,
    difference_map,
    healthy_statistics,
    top_share,
)

RANDOM = np.random.default_rng(0)


def test_excess_has_a_sign() -> None:
    twin = np.full((64, 64), 0.4, np.float32)
    film = twin.copy()
    film[10:30, 10:30] += 0.2
    film[40:60, 40:60] -= 0.3
    denser, lucent = blurred_excess(film, twin, 5 / 128), blurred_excess(twin, film, 5 / 128)
    assert denser[20, 20] == pytest.approx(0.2)
    assert denser[50, 50] == 0
    assert lucent[50, 50] == pytest.approx(0.3)
    assert lucent[20, 20] == 0


def test_equal_images_have_no_excess() -> None:
    film = RANDOM.random((32, 32)).astype(np.float32)
    assert not blurred_excess(film, film, 21 / 128).any()


@pytest.mark.parametrize(
    ("size", "share", "width"), [(128, 13 / 128, 13), (128, 21 / 128, 21), (64, 13 / 128, 7)]
)
def test_blur_is_a_box_of_the_stated_share(size: int, share: float, width: int) -> None:
    film = np.zeros((size, size), np.float32)
    film[size // 2, size // 2] = 1.0
    blurred = blurred_excess(film, np.zeros_like(film), share)
    assert np.count_nonzero(blurred > 1e-6) == width**2
    assert blurred.max() == pytest.approx(1 / width**2, rel=1e-4)
    assert blurred.dtype == np.float32


def test_edges_cancel_before_the_sign_is_taken() -> None:
    film = np.tile(np.array([0.0, 1.0], np.float32), (64, 32))
    assert blurred_excess(film, np.full_like(film, 0.5), 21 / 128).max() < 0.08


def test_healthy_statistics_are_those_of_the_films() -> None:
    size = 64
    excess = np.abs(RANDOM.normal(0.0, 0.05, (400, size, size))).astype(np.float32)
    statistics = healthy_statistics(excess)
    centre = (slice(16, 48), slice(16, 48))
    assert statistics.mean[centre].mean() == pytest.approx(0.05 * np.sqrt(2 / np.pi), rel=0.05)
    assert statistics.spread[centre].mean() == pytest.approx(0.05 * np.sqrt(1 - 2 / np.pi), rel=0.05)
    assert statistics.q90[centre].mean() == pytest.approx(0.05 * 1.645, rel=0.05)


def test_spread_has_a_floor_where_nothing_ever_changes() -> None:
    excess = np.zeros((30, 32, 32), np.float32)
    assert healthy_statistics(excess).spread.min() >= np.float32(1e-4)
    excess[:, :16] = np.abs(RANDOM.normal(0, 0.1, (30, 16, 32)))
    statistics = healthy_statistics(excess)
    assert statistics.spread.min() > 0
    assert (statistics.q90 >= 0).all()


@given(st.integers(0, 2**32 - 1))
def test_difference_map_is_the_excess_over_the_healthy_in_the_same_units(seed: int) -> None:
    random = np.random.default_rng(seed)
    excess, q90 = random.random((2, 8, 8)).astype(np.float32)
    weight = random.integers(0, 2, (8, 8)).astype(np.float32)
    one = difference_map(excess, HealthyStatistics(q90, q90, q90), weight)
    assert one.dtype == np.float32
    assert (one >= 0).all()
    assert (one <= excess).all()
    assert not one[weight == 0].any()
    inside = (weight == 1) & (excess > q90)
    np.testing.assert_allclose(one[inside], (excess - q90)[inside])


def test_top_share_is_the_mean_of_the_largest_values_inside() -> None:
    values = np.arange(100, dtype=np.float32).reshape(10, 10)
    weight = np.ones((10, 10), np.float32)
    assert top_share(values, weight) == pytest.approx(98.5)
    weight[9] = 0.0
    assert top_share(values, weight, share=0.001) == 89.0
    assert top_share(values, np.zeros_like(weight)) == 0.0
