"""Curves and quartiles of an evaluation: ROC with its band, realised against promised false alarms."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from core.training.intervals import patient_resamples

_SHARES = np.linspace(0.0, 1.0, 101)
_ALPHAS = np.arange(1, 31) / 100
_ROUNDING = 1e-9  # 0.07 * 100 is a little more than 7

Values = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Sensitivity against the share of false alarms, 0 to 1, with a pointwise 95 % band by patients.

    An alarm is a score strictly above a threshold; each threshold is the lowest that keeps the share.
    """

    false_alarms: Values
    sensitivity: Values
    low: Values
    high: Values


@dataclass(frozen=True, slots=True)
class AlarmCurve:
    """What the rule p <= alpha did on healthy films, and what the calibration promises of it.

    `realised` with its exact 95 % interval `low` to `high`; `promised_low`, `promised_high`: the range that
    holds the true rate in 95 of 100 calibrations of this size. All are shares, 0 to 1, one an alpha.
    """

    films: int
    alphas: Values
    realised: Values
    low: Values
    high: Values
    promised_low: Values
    promised_high: Values


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Least, quarter, middle, three quarters and largest value of so many films, and their mean."""

    films: int
    least: float
    quarter: float
    median: float
    three_quarters: float
    largest: float
    mean: float


def roc_curve(
    abnormal: NDArray[np.bool_], scores: NDArray[np.floating], patients: NDArray[np.str_]
) -> RocCurve:
    """The curve of films `(n,)`; both kinds must be there."""
    value = _sensitivities(scores[~abnormal], scores[abnormal])
    draws = [
        _sensitivities(scores[places][~abnormal[places]], scores[places][abnormal[places]])
        for places in patient_resamples(patients)
        if 0 < abnormal[places].sum() < len(places)
    ]
    low, high = np.quantile(draws, [0.025, 0.975], axis=0) if draws else (value, value)
    return RocCurve(_plain(_SHARES), _plain(value), _plain(low), _plain(high))


def alarm_curve(p_values: NDArray[np.floating], calibration_films: int) -> AlarmCurve:
    """The curve of the p-values of healthy films, at least one, for alpha from 1 % to 30 %."""
    films = len(p_values)
    hits = (np.asarray(p_values)[None] <= _ALPHAS[:, None] + _ROUNDING).sum(axis=1)
    low, high = (
        np.where(hits > 0, beta.ppf(0.025, np.maximum(hits, 1), films - hits + 1), 0.0),
        np.where(hits < films, beta.ppf(0.975, hits + 1, np.maximum(films - hits, 1)), 1.0),
    )
    promised = np.array([promised_range(alpha, calibration_films) for alpha in _ALPHAS])
    curves = (_ALPHAS, hits / films, low, high, promised[:, 0], promised[:, 1])
    return AlarmCurve(films, *(_plain(curve) for curve in curves))


def promised_range(alpha: float, calibration_films: int) -> tuple[float, float]:
    """Where the true rate of the rule p <= alpha lies in 95 of 100 calibrations (models.md 4.4).

    (0, 0) when so few films can never give so small a p-value.
    """
    shape = promised_shape(alpha, calibration_films)
    if shape is None:
        return 0.0, 0.0
    low, high = beta.ppf([0.025, 0.975], *shape)
    return float(low), float(high)


def promised_shape(alpha: float, calibration_films: int) -> tuple[int, int] | None:
    """The two parameters of the Beta distribution of that rate; None when the films are too few for it."""
    place = int(np.floor(alpha * (calibration_films + 1) + _ROUNDING))
    return (place, calibration_films + 1 - place) if place >= 1 else None


def quartiles(values: NDArray[np.floating]) -> Quartiles:
    """Quartiles and mean of one value a film, `(n,)`, at least one."""
    least, quarter, median, three_quarters, largest = _plain(np.quantile(values, (0, 0.25, 0.5, 0.75, 1)))
    return Quartiles(
        len(values), least, quarter, median, three_quarters, largest, float(np.mean(values, dtype=np.float64))
    )


def _sensitivities(healthy: NDArray[np.floating], abnormal: NDArray[np.floating]) -> NDArray[np.float64]:
    """Sensitivity at each share of false alarms."""
    falling = np.r_[np.sort(healthy)[::-1], -np.inf]
    allowed = np.floor(_SHARES * len(healthy) + _ROUNDING).astype(np.intp)
    above = np.searchsorted(np.sort(abnormal), falling[allowed], side="right")
    return np.asarray(1 - above / len(abnormal))


def _plain(values: NDArray[np.floating]) -> Values:
    return tuple(float(value) for value in values)
