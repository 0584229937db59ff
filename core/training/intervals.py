"""Measured values with their 95 % intervals: by patient-level bootstrap, or exact for shares.

Resampling draws patients, not films: ten films of two patients are not ten patients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, rankdata

_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value with its 95 % interval and the number of films behind it."""

    value: float
    low: float
    high: float
    films: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def area_figure(
    abnormal: NDArray[np.bool_],
    scores: NDArray[np.floating],
    patients: NDArray[np.str_],
    measure: Callable[..., float] | None = None,
) -> Figure:
    """AUROC (or another measure of truth and scores) of films, `(n,)` each; both kinds must be there."""
    measure = measure or auroc
    value = float(measure(abnormal, scores))
    draws = [
        float(measure(abnormal[places], scores[places]))
        for places in patient_resamples(patients)
        if 0 < abnormal[places].sum() < len(places)
    ]
    low, high = np.quantile(draws, [0.025, 0.975]) if draws else (value, value)
    return Figure(value, float(low), float(high), len(scores))


def auroc(abnormal: NDArray[np.bool_], scores: NDArray[np.floating]) -> float:
    """Share of pairs in which the abnormal film scores higher, ties count half; both kinds must be there.

    By ranks (Mann and Whitney): scikit-learn's takes twenty times as long on so few films, and a thousand
    resamples of each figure are wanted.
    """
    positives = int(np.count_nonzero(abnormal))
    ranks = float(rankdata(scores)[abnormal].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * (len(scores) - positives))


def mean_figure(values: NDArray[np.floating], patients: NDArray[np.str_]) -> Figure:
    """The mean of one value a film, `(n,)`."""
    draws = [float(values[places].mean()) for places in patient_resamples(patients)]
    low, high = np.quantile(draws, [0.025, 0.975])
    return Figure(float(values.mean()), float(low), float(high), len(values))


def share_figure(hits: NDArray[np.bool_]) -> Figure:
    """The share of hits with its exact binomial interval."""
    count, total = int(hits.sum()), len(hits)
    interval = binomtest(count, total).proportion_ci(0.95)
    return Figure(count / total, float(interval.low), float(interval.high), total)


def patient_resamples(patients: NDArray[np.str_]) -> list[NDArray[np.intp]]:
    """Places of bootstrap samples drawn by patient; the same for the same patients."""
    names, owner = np.unique(patients, return_inverse=True)
    groups = [np.flatnonzero(owner == number) for number in range(len(names))]
    rng = np.random.default_rng(0)
    return [
        np.concatenate([groups[number] for number in rng.integers(0, len(groups), len(groups))])
        for _ in range(_RESAMPLES)
    ]
