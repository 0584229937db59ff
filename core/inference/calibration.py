"""What a number means: healthy statistics, thresholds with a stated false-alarm rate, p-values.

Made from two disjoint sets of held-out healthy films of one source (models.md section 4): the first
gives the per-pixel statistics and the scale of the score, the second the distribution of scores and of
map peaks among healthy people. Bound by digest to weights and preprocessing: a calibration of other
weights is no calibration. Numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DatasetTooSmall, ModelFileInvalid
from core.imaging.findings import region_counts
from core.imaging.residuals import (
    FloatImage,
    HealthyStatistics,
    analyzed_cells,
    difference_map,
    healthy_statistics,
    map_peak,
    top_share,
)

MINIMUM_FILMS = 50
DEFAULT_ALPHA = 0.05
# The steps of the reader's slider: what a setting costs is counted, not guessed from its neighbours.
LEVEL_STEP, HIGHEST_LEVEL = 0.005, 0.5
_LEVELS = np.linspace(0.0, HIGHEST_LEVEL, round(HIGHEST_LEVEL / LEVEL_STEP) + 1, dtype=np.float32)
_STATISTICS = ("mean", "spread", "q90")
_COUNTS = ("levels", "denser", "lucent")


@dataclass(frozen=True, slots=True, eq=False)
class FilmResiduals:
    """What a model says of one film before calibration.

    `denser`, `lucent`: blurred excess of the film over its twin and the reverse, `(size, size)`.
    `realism`: the critic's value, larger = healthier; None without a critic. `mean_change`: mean
    |film - twin| over the grid.
    """

    denser: FloatImage
    lucent: FloatImage
    realism: float | None
    mean_change: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class RegionCounts:
    """Mean number of regions on a healthy film at each of `levels`, which rise; both signs, `(n,)` each.

    Raises `ValueError` for levels that do not rise or counts that do not belong to them.
    """

    levels: FloatImage
    denser: FloatImage
    lucent: FloatImage

    def __post_init__(self) -> None:
        arrays = (self.levels, self.denser, self.lucent)
        if self.levels.ndim != 1 or not self.levels.size or not (np.diff(self.levels) > 0).all():
            raise ValueError("the levels of the region counts do not rise")
        if not all(one.shape == self.levels.shape and np.isfinite(one).all() for one in arrays):
            raise ValueError("the region counts do not belong to their levels")
        for array in arrays:
            array.setflags(write=False)


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """The healthy reference of one model.

    `weight`: where the map counts, 0 to 1, `(size, size)`. `denser_peaks`, `lucent_peaks`, `scores`:
    sorted values of the second healthy set; peaks are those of the map as shown, `map_peak`.
    `denser_regions`: mean number of regions above each of `_LEVELS` on a healthy film. `region_counts`: the
    same for both signs, and at the calibrated thresholds; None in files that were calibrated earlier.
    `channel_means`, `channel_spreads`: scale of the score's channels.
    Raises `ValueError` for shapes that do not belong together or values that are not finite.
    """

    weights_digest: str
    spec_digest: str
    map_recipe: str
    source: str
    films: tuple[int, int]
    weight: FloatImage
    denser: HealthyStatistics
    lucent: HealthyStatistics
    channel_means: tuple[float, ...]
    channel_spreads: tuple[float, ...]
    denser_peaks: FloatImage
    lucent_peaks: FloatImage
    scores: FloatImage
    denser_regions: FloatImage
    region_counts: RegionCounts | None = None

    def __post_init__(self) -> None:
        side = self.weight.shape[:1] * 2
        maps = (self.weight, *_maps_of(self.denser), *_maps_of(self.lucent))
        healthy = (self.denser_peaks, self.lucent_peaks, self.scores)
        if not all(one.shape == side for one in maps):
            raise ValueError("the healthy statistics are not square maps of one size")
        if not all(one.shape == (self.films[1],) and one.size for one in healthy):
            raise ValueError(f"peaks and scores are not those of {self.films[1]} films")
        if self.denser_regions.shape != _LEVELS.shape:
            raise ValueError("the region counts do not belong to the levels")
        if len(self.channel_means) != len(self.channel_spreads) or not self.channel_means:
            raise ValueError("each channel of the score needs a mean and a spread")
        scales = np.array((self.channel_means, self.channel_spreads))
        if not all(np.isfinite(array).all() for array in (*maps, *healthy, self.denser_regions, scales)):
            raise ValueError("some values are not finite")
        for array in (*maps, *healthy, self.denser_regions):
            array.setflags(write=False)

    def maps(self, residuals: FilmResiduals) -> tuple[FloatImage, FloatImage]:
        """Calibrated difference maps (denser, more lucent) of a film."""
        return (
            difference_map(residuals.denser, self.denser, self.weight),
            difference_map(residuals.lucent, self.lucent, self.weight),
        )

    def score(self, residuals: FilmResiduals) -> float:
        """Anomaly score: mean of the standardized channels; 0 is the healthy mean, 1 its spread."""
        channels = _channels(residuals, self.denser, self.weight)
        scaled = (np.array(channels) - self.channel_means) / self.channel_spreads
        return float(scaled.mean())

    def p_value(self, score: float) -> float:
        """Conformal p-value (1 + #{healthy scores >= score}) / (n + 1); small = unlike healthy films."""
        return _conformal(self.scores, score)

    def peak_p_value(self, peak: float, *, lucent: bool = False) -> float:
        """Share of healthy films whose map peaks at least as high (family-wise), conformal.

        `peak`: of the upsampled map, as `Finding.peak` is.
        """
        return _conformal(self.lucent_peaks if lucent else self.denser_peaks, peak)

    def threshold(self, alpha: float = DEFAULT_ALPHA, *, lucent: bool = False) -> float:
        """Map value above which any region lights up in a share `alpha` of healthy films.

        The ceil((1 - alpha)(n + 1))-th smallest of the healthy peaks (models.md 4.3); infinite when the
        set is too small for so small an alpha.
        """
        peaks = self.lucent_peaks if lucent else self.denser_peaks
        place = max(1, int(np.ceil((1 - alpha) * (peaks.size + 1))))
        return float(peaks[place - 1]) if place <= peaks.size else float("inf")

    def false_alarm_rate(self, threshold: float, *, lucent: bool = False) -> float:
        """Share of held-out healthy films on which any region reaches `threshold`."""
        peaks = self.lucent_peaks if lucent else self.denser_peaks
        return float((peaks >= threshold).mean())

    def peak_percentile(self, peak: float, *, lucent: bool = False) -> float:
        """Share of held-out healthy films whose map peaks lower everywhere."""
        return 1.0 - self.false_alarm_rate(peak, lucent=lucent)

    def false_regions(self, threshold: float, *, lucent: bool = False) -> float | None:
        """Mean number of false regions on a healthy film at this threshold; None where it was not counted.

        Counted, not estimated, at the thresholds of `region_counts`; in between, on the line between two.
        """
        value, counted = np.float32(threshold), self.region_counts
        if np.isinf(value):
            return 0.0
        if counted is None:
            return None if lucent else float(np.interp(value, _LEVELS, self.denser_regions))
        counts = counted.lucent if lucent else counted.denser
        if value > counted.levels[-1] and counts[-1] > 0:
            return None
        return float(np.interp(value, counted.levels, counts))

    def counted(self, threshold: float) -> bool:
        """Whether `false_regions` at this threshold is a count, and not read off between two counts."""
        counts = self.region_counts
        return np.isinf(threshold) or (
            counts is not None and bool(np.isin(np.float32(threshold), counts.levels))
        )

    def with_counts(self, denser: list[FloatImage], lucent: list[FloatImage]) -> Calibration:
        """The calibration with the counts of regions on the maps of its second set, `(size, size)` each."""
        calibrated = [self.threshold(), self.threshold(lucent=True)]
        levels = np.union1d(_LEVELS, np.array([one for one in calibrated if np.isfinite(one)], np.float32))
        analyzed = analyzed_cells(self.weight)
        counts = RegionCounts(levels, *(_mean_regions(maps, analyzed, levels) for maps in (denser, lucent)))
        return replace(self, denser_regions=counts.denser[np.isin(levels, _LEVELS)], region_counts=counts)

    def to_arrays(self) -> tuple[dict[str, NDArray[np.float32]], dict[str, Any]]:  # JSON object
        """Arrays and JSON values for a model file."""
        arrays = {
            f"{sign}.{name}": getattr(getattr(self, sign), name)
            for sign in ("denser", "lucent")
            for name in _STATISTICS
        }
        for name in ("weight", "denser_peaks", "lucent_peaks", "scores", "denser_regions"):
            arrays[name] = getattr(self, name)
        if self.region_counts is not None:
            arrays |= {f"regions.{name}": getattr(self.region_counts, name) for name in _COUNTS}
        info = {
            "weights_digest": self.weights_digest,
            "spec_digest": self.spec_digest,
            "map": self.map_recipe,
            "source": self.source,
            "films": list(self.films),
            "channel_means": list(self.channel_means),
            "channel_spreads": list(self.channel_spreads),
        }
        return arrays, info

    @classmethod
    def from_arrays(
        cls, arrays: dict[str, NDArray[np.float32]], info: dict[str, Any]
    ) -> Calibration:  # JSON object
        """The inverse of `to_arrays`. Raises `ModelFileInvalid` when it is incomplete or makes no sense."""
        try:
            plain = {name: np.array(array, np.float32) for name, array in arrays.items()}
            first, second = info["films"]
            return cls(
                weights_digest=str(info["weights_digest"]),
                spec_digest=str(info["spec_digest"]),
                map_recipe=str(info["map"]),
                source=str(info["source"]),
                films=(int(first), int(second)),
                weight=plain["weight"],
                denser=HealthyStatistics(*(plain[f"denser.{name}"] for name in _STATISTICS)),
                lucent=HealthyStatistics(*(plain[f"lucent.{name}"] for name in _STATISTICS)),
                channel_means=tuple(float(value) for value in info["channel_means"]),
                channel_spreads=tuple(float(value) for value in info["channel_spreads"]),
                denser_peaks=plain["denser_peaks"],
                lucent_peaks=plain["lucent_peaks"],
                scores=plain["scores"],
                denser_regions=plain["denser_regions"],
                region_counts=RegionCounts(*(plain[f"regions.{name}"] for name in _COUNTS))
                if "regions.levels" in plain
                else None,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFileInvalid(
                f"The calibration in the model file cannot be used: {error}.", "Calibrate again."
            ) from error


def fit_calibration(
    first: list[FilmResiduals],
    second: list[FilmResiduals],
    *,
    weight: FloatImage,
    weights_digest: str,
    spec_digest: str,
    map_recipe: str,
    source: str,
) -> Calibration:
    """Calibrate on two disjoint sets of held-out healthy films of one source.

    Raises `DatasetTooSmall` when the second set, which carries the p-values, holds fewer than 50 films or
    the first fewer than 2; `ValueError` when residuals are not finite.
    """
    if len(second) < MINIMUM_FILMS or len(first) < 2:
        raise DatasetTooSmall(
            f"Calibration needs at least 2 healthy films for the statistics and {MINIMUM_FILMS} others for "
            f"the thresholds; {len(first)} and {len(second)} are at hand.",
            "Add healthy films of the same source.",
        )
    if not all(np.isfinite(film.denser).all() and np.isfinite(film.lucent).all() for film in first + second):
        raise ValueError("some residuals are not finite")
    denser = healthy_statistics(np.stack([film.denser for film in first]))
    lucent = healthy_statistics(np.stack([film.lucent for film in first]))
    channels = np.array([_channels(film, denser, weight) for film in first])
    means = channels.mean(axis=0)
    spreads = np.maximum(channels.std(axis=0), 1e-6)
    analyzed = analyzed_cells(weight)
    maps = [difference_map(film.denser, denser, weight) for film in second]
    lucent_maps = [difference_map(film.lucent, lucent, weight) for film in second]
    scores = [
        float(((np.array(_channels(film, denser, weight)) - means) / spreads).mean()) for film in second
    ]
    return Calibration(
        weights_digest=weights_digest,
        spec_digest=spec_digest,
        map_recipe=map_recipe,
        source=source,
        films=(len(first), len(second)),
        weight=np.array(weight, np.float32),
        denser=denser,
        lucent=lucent,
        channel_means=tuple(float(value) for value in means),
        channel_spreads=tuple(float(value) for value in spreads),
        denser_peaks=_sorted_peaks(maps, analyzed),
        lucent_peaks=_sorted_peaks(lucent_maps, analyzed),
        scores=np.sort(np.array(scores, np.float32)),
        denser_regions=np.zeros(_LEVELS.shape, np.float32),
    ).with_counts(maps, lucent_maps)


def _channels(film: FilmResiduals, denser: HealthyStatistics, weight: FloatImage) -> tuple[float, ...]:
    """Channels of the score: log of the top 2 % of z, and the critic's doubt where there is a critic."""
    z = np.maximum((film.denser - denser.mean) / denser.spread, 0.0).astype(np.float32)
    place = float(np.log(0.05 + top_share(z, weight)))
    return (place,) if film.realism is None else (place, -film.realism)


def _conformal(healthy: FloatImage, value: float) -> float:
    return float((1 + np.count_nonzero(healthy >= np.float32(value))) / (healthy.size + 1))


def _sorted_peaks(maps: list[FloatImage], analyzed: NDArray[np.bool_]) -> FloatImage:
    """Peaks of the maps as they are shown: a narrow peak is lower on the finer grid."""
    return np.sort(np.array([map_peak(one, analyzed) for one in maps], np.float32))


def _mean_regions(maps: list[FloatImage], analyzed: NDArray[np.bool_], levels: FloatImage) -> FloatImage:
    counts = np.array([region_counts(one, levels.tolist(), analyzed) for one in maps], np.float32)
    return np.asarray(counts.mean(axis=0))


def _maps_of(statistics: HealthyStatistics) -> tuple[FloatImage, FloatImage, FloatImage]:
    return statistics.mean, statistics.spread, statistics.q90
