"""Values with intervals: drawn by patient, exact for shares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from core.training.intervals import area_figure, mean_figure, patient_resamples, share_figure


def test_a_share_has_its_exact_interval() -> None:
    figure = share_figure(np.array([True, False, False, False]))
    exact = binomtest(1, 4).proportion_ci(0.95)

    assert (figure.value, figure.films) == (0.25, 4)
    assert (figure.low, figure.high) == (pytest.approx(exact.low), pytest.approx(exact.high))


def test_all_films_of_a_patient_are_drawn_together() -> None:
    patients = np.array(["a", "a", "b", "c", "c", "c"])

    for places in patient_resamples(patients):
        counts = np.bincount(places, minlength=6)
        assert counts[0] == counts[1]
        assert counts[3] == counts[4] == counts[5]
    assert len({tuple(places) for places in patient_resamples(patients)}) > 1


def test_films_of_few_patients_tell_less() -> None:
    values = np.repeat([0.0, 1.0], 20)
    many = mean_figure(values, np.array([f"p{place}" for place in range(40)]))
    few = mean_figure(values, np.repeat([f"p{place}" for place in range(4)], 10))

    assert many.value == few.value == 0.5
    assert few.high - few.low > 1.5 * (many.high - many.low)


def test_a_perfect_order_has_no_doubt_and_a_random_one_has() -> None:
    abnormal = np.repeat([False, True], 20)
    patients = np.array([f"p{place}" for place in range(40)])
    perfect = area_figure(abnormal, np.arange(40.0), patients)
    random = area_figure(abnormal, np.random.default_rng(3).random(40), patients)

    assert (perfect.value, perfect.low, perfect.high) == (1, 1, 1)
    assert random.low < random.value < random.high
