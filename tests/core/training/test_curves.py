"""ROC with its band, false alarms against the promise, quartiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import beta, binomtest
from sklearn.metrics import roc_auc_score

from core.training.curves import alarm_curve, promised_range, quartiles, roc_curve
from core.training.intervals import auroc


def _films(count: int, apart: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    abnormal = np.arange(2 * count) >= count
    patients = np.array([f"p{place // 2}" for place in range(2 * count)])
    return abnormal, rng.normal(size=2 * count) + apart * abnormal, patients


def test_the_area_is_that_of_scikit_learn_with_ties_and_without() -> None:
    abnormal, scores, _ = _films(30, 0.7)

    assert auroc(abnormal, scores) == pytest.approx(roc_auc_score(abnormal, scores))
    assert auroc(abnormal, scores.round()) == pytest.approx(roc_auc_score(abnormal, scores.round()))


def test_the_roc_rises_inside_its_band_and_holds_the_area() -> None:
    abnormal, scores, patients = _films(40, 1.0)
    curve = roc_curve(abnormal, scores, patients)

    assert curve.false_alarms[0] == 0
    assert curve.sensitivity[-1] == 1
    assert np.all(np.diff(curve.sensitivity) >= 0)
    # At the very ends resamples can only err to one side.
    inner = slice(5, 95)
    low, value, high = (np.array(one)[inner] for one in (curve.low, curve.sensitivity, curve.high))
    assert np.all(low <= value)
    assert np.all(value <= high)
    assert np.mean(curve.sensitivity) == pytest.approx(auroc(abnormal, scores), abs=0.03)


def test_an_alarm_is_a_score_above_the_threshold_and_never_the_threshold() -> None:
    """Healthy 0, 1, 2, 3: with one false alarm in four the threshold is 2, and an ill 2 is missed."""
    scores, abnormal = np.array([0.0, 1, 2, 3, 2, 5]), np.array([False] * 4 + [True] * 2)
    curve = roc_curve(abnormal, scores, np.array(list("abcdef")))
    at = dict(zip(np.round(curve.false_alarms, 2), curve.sensitivity, strict=True))

    assert (at[0.0], at[0.24], at[0.25], at[0.5]) == (0.5, 0.5, 0.5, 1.0)


def test_the_promise_is_the_beta_range_of_the_calibration() -> None:
    assert promised_range(0.05, 100) == pytest.approx(tuple(beta.ppf([0.025, 0.975], 5, 96)))
    assert promised_range(0.07, 99) == pytest.approx(tuple(beta.ppf([0.025, 0.975], 7, 93)))
    assert promised_range(0.01, 50) == (0, 0), "51 films and more are needed for p = 1 %"


def test_realised_false_alarms_are_counted_with_exact_intervals() -> None:
    curve = alarm_curve(np.array([0.02, 0.05, 0.3, 0.8]), 99)
    at = curve.alphas.index(0.05)
    exact = binomtest(2, 4).proportion_ci(0.95)

    assert (curve.films, curve.realised[at], curve.realised[0]) == (4, 0.5, 0.0)
    assert (curve.low[at], curve.high[at]) == (pytest.approx(exact.low), pytest.approx(exact.high))
    assert curve.low[0] == 0
    assert curve.realised[-1] == 0.75


def test_all_false_alarms_are_possible_too() -> None:
    curve = alarm_curve(np.full(5, 0.01), 99)

    assert set(curve.realised) == {1.0}
    assert set(curve.high) == {1.0}


def test_quartiles_and_mean() -> None:
    result = quartiles(np.array([4.0, 0.0, 1.0, 2.0, 13.0]))

    assert (result.least, result.quarter, result.median, result.three_quarters) == (0, 1, 2, 4)
    assert (result.largest, result.mean, result.films) == (13, 4, 5)
