from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.errors import DatasetTooSmall, ModelFileInvalid
from core.imaging.findings import count_regions
from core.imaging.residuals import upsampled
from core.inference.calibration import (
    HIGHEST_LEVEL,
    LEVEL_STEP,
    MINIMUM_FILMS,
    Calibration,
    FilmResiduals,
    fit_calibration,
)

SIZE = 16
FITTED_FILMS = 99


def healthy_films(count: int, seed: int, realism: bool = True) -> list[FilmResiduals]:
    """Films of healthy people: smooth noise, each film with a strength of its own."""
    random = np.random.default_rng(seed)
    films = []
    for _ in range(count):
        strength = random.gamma(4.0, 0.02)
        denser, lucent = np.abs(random.normal(0, strength, (2, SIZE, SIZE))).astype(np.float32)
        films.append(FilmResiduals(denser, lucent, float(random.normal()) if realism else None))
    return films


def fitted(first: list[FilmResiduals], second: list[FilmResiduals]) -> Calibration:
    return fit_calibration(
        first,
        second,
        weight=np.ones((SIZE, SIZE), np.float32),
        weights_digest="w",
        spec_digest="s",
        map_recipe="m",
        source="simulated",
    )


@lru_cache(maxsize=1)
def calibration() -> Calibration:
    return fitted(healthy_films(60, 1), healthy_films(FITTED_FILMS, 2))


def peaks(one: Calibration, films: list[FilmResiduals], lucent: bool) -> NDArray[np.float32]:
    return np.array([upsampled(one.maps(film)[lucent]).max() for film in films], np.float32)


@pytest.mark.parametrize("lucent", [False, True])
@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_new_healthy_films_light_up_as_rarely_as_promised(alpha: float, lucent: bool) -> None:
    """The rate of one calibration is Beta(n + 1 - k, k) distributed (Vovk 2012), here within four spreads."""
    one, new = calibration(), healthy_films(1500, 3)
    rate = float((peaks(one, new, lucent) >= one.threshold(alpha, lucent=lucent)).mean())
    share = alpha * (1 - alpha)
    spread = np.sqrt(share / (FITTED_FILMS + 2) + share / len(new))
    assert rate == pytest.approx(alpha, abs=4 * spread)


def test_p_values_of_new_healthy_films_are_uniform() -> None:
    one, new = calibration(), healthy_films(1500, 4)
    p_values = np.sort([one.p_value(one.score(film)) for film in new])
    largest_step = np.abs(p_values - np.linspace(0, 1, len(new))).max()
    assert largest_step < 2.2 * (1 / np.sqrt(FITTED_FILMS) + 1 / np.sqrt(len(new)))
    assert 0 < p_values[0] <= p_values[-1] <= 1


def test_scores_of_the_healthy_are_near_zero_and_lesions_raise_them() -> None:
    one = calibration()
    assert abs(float(np.mean(one.scores))) < 0.5
    film = healthy_films(1, 5)[0]
    ill = FilmResiduals(film.denser.copy(), film.lucent, film.realism)
    ill.denser[4:9, 4:9] += 0.8
    assert one.score(ill) > one.score(film) + 1
    assert one.p_value(one.score(ill)) <= one.p_value(one.score(film))


def test_threshold_is_a_film_peak_that_the_stated_share_reaches() -> None:
    one = calibration()
    assert one.threshold(0.05) == pytest.approx(float(one.denser_peaks[94]))
    assert one.false_alarm_rate(one.threshold(0.05)) == pytest.approx(5 / 99)
    assert one.threshold(0.01) == pytest.approx(float(one.denser_peaks[98]))
    assert one.threshold(0.005) == float("inf")
    assert one.threshold(1.0) == pytest.approx(float(one.denser_peaks[0]))
    thresholds = [one.threshold(alpha) for alpha in (0.5, 0.2, 0.1, 0.05)]
    assert thresholds == sorted(thresholds)
    assert one.false_alarm_rate(float("inf")) == 0
    assert one.false_alarm_rate(0.0, lucent=True) == 1


def test_threshold_is_right_for_every_round_number_of_films() -> None:
    for films in range(MINIMUM_FILMS, 400):
        one = object.__new__(Calibration)
        object.__setattr__(one, "denser_peaks", np.arange(1, films + 1, dtype=np.float32))
        # Exact arithmetic: 19/20 of n + 1, rounded up.
        assert one.threshold(0.05) == -(-19 * (films + 1) // 20)


@pytest.mark.parametrize("lucent", [False, True])
def test_peaks_are_those_of_the_maps_as_shown(lucent: bool) -> None:
    """A narrow peak is lower on the fine grid on which the threshold works."""
    one = calibration()
    wanted = np.sort(peaks(one, healthy_films(FITTED_FILMS, 2), lucent))
    np.testing.assert_array_equal(one.lucent_peaks if lucent else one.denser_peaks, wanted)


def test_peak_p_value_belongs_to_the_threshold() -> None:
    one = calibration()
    assert one.peak_p_value(one.threshold(0.05)) == pytest.approx(6 / 100)
    assert one.peak_p_value(np.nextafter(np.float32(one.threshold(0.05)), np.float32(1))) == pytest.approx(
        0.05
    )
    assert one.peak_p_value(99.0) == pytest.approx(0.01)
    assert one.peak_p_value(0.0, lucent=True) == 1


def test_price_of_a_threshold_is_what_counting_gives() -> None:
    """At each step of the reader's slider and at the calibrated value, for both signs: not a guess."""
    one, films = calibration(), healthy_films(FITTED_FILMS, 2)
    steps = [n * LEVEL_STEP for n in range(1, round(HIGHEST_LEVEL / LEVEL_STEP) + 1)]
    for lucent in (False, True):
        for threshold in (*steps[::9], steps[-1], one.threshold(lucent=lucent), 0.0):
            counts = [count_regions(one.maps(film)[lucent], threshold) for film in films]
            assert one.false_regions(threshold, lucent=lucent) == pytest.approx(np.mean(counts), abs=1e-6)
    assert one.region_counts is not None
    assert all(np.float32(step) in one.region_counts.levels for step in steps)
    assert one.false_regions(float("inf")) == 0.0


def test_a_file_from_before_the_counts_says_what_it_can() -> None:
    one = calibration()
    arrays, info = one.to_arrays()
    assert {"regions.levels", "regions.denser", "regions.lucent"} <= set(arrays)
    back = Calibration.from_arrays(dict(arrays), info)
    assert back.region_counts is not None
    assert one.region_counts is not None
    np.testing.assert_array_equal(back.region_counts.lucent, one.region_counts.lucent)
    # What an older version of the program reads is where it always was.
    old = Calibration.from_arrays({k: v for k, v in arrays.items() if not k.startswith("regions.")}, info)
    assert old.region_counts is None
    assert old.false_regions(0.1) == pytest.approx(one.false_regions(0.1))
    assert old.false_regions(0.1, lucent=True) is None
    for name, broken in (("levels", arrays["regions.levels"][::-1]), ("lucent", np.ones(3, np.float32))):
        with pytest.raises(ModelFileInvalid):
            Calibration.from_arrays({**arrays, f"regions.{name}": broken}, info)


def test_the_percentile_of_a_peak_is_the_share_of_healthy_films_below() -> None:
    one = calibration()
    middle = float(np.median(one.denser_peaks))
    assert one.peak_percentile(middle) == pytest.approx(np.mean(one.denser_peaks < middle))
    assert one.peak_percentile(99.0) == 1
    assert one.peak_percentile(0.0, lucent=True) == 0


def test_film_without_critic_has_one_channel() -> None:
    one = fitted(healthy_films(10, 6, realism=False), healthy_films(50, 7, realism=False))
    assert len(one.channel_means) == 1
    assert np.isfinite(one.score(healthy_films(1, 8, realism=False)[0]))


def test_round_trip_through_a_model_file() -> None:
    one = calibration()
    arrays, info = one.to_arrays()
    other = Calibration.from_arrays(arrays, json.loads(json.dumps(info)))
    film = healthy_films(1, 9)[0]
    assert other.score(film) == one.score(film)
    assert other.threshold(0.1, lucent=True) == one.threshold(0.1, lucent=True)
    assert other.films == (60, FITTED_FILMS)
    for mine, theirs in zip(one.maps(film), other.maps(film), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    other_arrays, other_info = other.to_arrays()
    assert other_info == info
    assert arrays.keys() == other_arrays.keys()


def changed(name: str, value: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    arrays, info = calibration().to_arrays()
    target: dict[str, Any] = info if name in info else arrays
    if value is None:
        del target[name]
    else:
        target[name] = value
    return arrays, info


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weight", None),
        ("films", None),
        ("films", [60]),
        ("films", [60, 98]),
        ("channel_means", ["a", "b"]),
        ("channel_means", [0.0]),
        ("channel_spreads", [1.0, float("nan")]),
        ("denser.q90", np.full((SIZE, SIZE), np.nan, np.float32)),
        ("denser_peaks", np.full(FITTED_FILMS, np.inf, np.float32)),
        ("lucent.mean", np.zeros((SIZE, SIZE + 1), np.float32)),
        ("weight", np.ones((8, 8), np.float32)),
        ("denser_regions", np.zeros(5, np.float32)),
    ],
)
def test_calibration_that_makes_no_sense_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ModelFileInvalid, match="calibration"):
        Calibration.from_arrays(*changed(name, value))


@pytest.mark.parametrize(("first", "second"), [(60, MINIMUM_FILMS - 1), (1, MINIMUM_FILMS), (0, 0)])
def test_too_few_films_are_refused(first: int, second: int) -> None:
    with pytest.raises(DatasetTooSmall, match=f"{first} and {second} are at hand"):
        fitted(healthy_films(first, 1), healthy_films(second, 2))


def test_films_that_are_no_numbers_are_refused() -> None:
    broken = healthy_films(MINIMUM_FILMS, 2)
    broken[7].denser[3, 3] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        fitted(healthy_films(10, 1), broken)
    broken_first = healthy_films(10, 1)
    broken_first[0].lucent[0, 0] = np.inf
    with pytest.raises(ValueError, match="not finite"):
        fitted(broken_first, healthy_films(MINIMUM_FILMS, 2))


def test_calibration_is_frozen() -> None:
    with pytest.raises(ValueError, match="read-only"):
        calibration().denser_peaks[0] = 0.0


def test_thresholds_are_of_the_map_as_it_is_shown_up_to_the_hatch() -> None:
    """Beside the hatch the shown map does not sink to zero: a threshold of a sunken one alarms too often."""
    weight = np.zeros((SIZE, SIZE), np.float32)
    weight[4:12, 4:12] = 1.0
    second = healthy_films(FITTED_FILMS, 2)
    one = fit_calibration(
        healthy_films(60, 1),
        second,
        weight=weight,
        weights_digest="w",
        spec_digest="s",
        map_recipe="m",
        source="simulated",
    )
    shown = [float(np.nanmax(upsampled(one.maps(film)[0], weight > 0.5))) for film in second]
    sunken = [float(upsampled(one.maps(film)[0]).max()) for film in second]

    np.testing.assert_allclose(one.denser_peaks, np.sort(shown), rtol=1e-6)
    assert sum(shown) > sum(sunken)
    assert one.false_regions(0.0) == pytest.approx(
        np.mean([count_regions(one.maps(film)[0], 0.0, weight > 0.5) for film in second])
    )
