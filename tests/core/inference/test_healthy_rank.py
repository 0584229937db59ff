"""The rank of a map value says what the calibration can support, and counts it right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_cases import analysis, film

from core.imaging.findings import Sign
from core.imaging.residuals import UPSAMPLING, difference_map, upsampled
from core.inference.analysis import Analysis
from core.inference.healthy_rank import healthy_rank, map_value, reference_words

FRAME = film()
ONE = analysis(FRAME)


def partly() -> Analysis:
    weight = ONE.weight.copy()
    weight[:10] = 0.01
    return replace(ONE, weight=weight)


@given(st.floats(-5, 330), st.floats(-5, 310), st.sampled_from(Sign), st.booleans())
def test_the_value_is_the_one_that_is_drawn(row: float, column: float, sign: Sign, holes: bool) -> None:
    one = partly() if holes else ONE
    spot = one.model_input
    fine = upsampled(one.map_of(sign), one.analyzed)
    places = [
        int(np.floor((place - first) / spot.side * spot.size * UPSAMPLING))
        for place, first in ((row, spot.row), (column, spot.column))
    ]
    value = map_value(one, sign, row, column)
    if not all(0 <= place < fine.shape[0] for place in places) or np.isnan(fine[tuple(places)]):
        assert value is None
    else:
        assert value == pytest.approx(float(fine[tuple(places)]), abs=1e-6)


def test_the_strongest_place_is_above_what_its_peak_is_above() -> None:
    calibration = ONE.calibration
    assert calibration is not None
    fine = upsampled(ONE.denser, ONE.analyzed)
    row, column = np.unravel_index(np.nanargmax(fine), fine.shape)
    scale = ONE.model_input.side / fine.shape[0]
    place = (ONE.model_input.row + (row + 0.5) * scale, ONE.model_input.column + (column + 0.5) * scale)
    rank = healthy_rank(ONE, Sign.DENSER, *place)
    assert rank is not None
    peak = float(np.nanmax(fine))
    # The offline count, on the calibration itself.
    lower = [float(healthy) < peak for healthy in calibration.denser_peaks]
    assert rank.films_below == pytest.approx(np.mean(lower))
    assert 1 - rank.films_below == pytest.approx(calibration.false_alarm_rate(peak))
    assert rank.above_local
    assert rank.spreads is not None
    assert rank.spreads > 3


def test_a_value_of_zero_is_said_to_be_below_its_own_places_quantile_and_no_more() -> None:
    quiet = replace(ONE, denser=np.zeros_like(ONE.denser))
    rank = healthy_rank(quiet, Sign.DENSER, 160, 150)
    assert rank is not None
    assert not rank.above_local
    assert rank.spreads is None


@given(st.integers(6, 57), st.integers(6, 57), st.floats(0.02, 0.4))
def test_the_spreads_come_back_from_the_map(row: int, column: int, above: float) -> None:
    """Excess -> map -> rank: the same number of spreads as from the excess itself."""
    calibration = ONE.calibration
    assert calibration is not None
    statistics, size = calibration.denser, ONE.model_input.size
    excess = statistics.q90 + np.float32(above)
    one = replace(ONE, denser=difference_map(excess, statistics, calibration.weight))
    scale = ONE.model_input.side / size
    place = (ONE.model_input.row + (row + 0.5) * scale, ONE.model_input.column + (column + 0.5) * scale)
    rank = healthy_rank(one, Sign.DENSER, *place)
    assert rank is not None
    assert rank.spreads is not None
    wanted = (excess[row, column] - statistics.mean[row, column]) / statistics.spread[row, column]
    assert rank.spreads == pytest.approx(float(wanted), rel=0.05)


def test_without_calibration_or_beside_the_crop_nothing_is_claimed() -> None:
    raw = analysis(FRAME, calibrated=False)
    assert healthy_rank(raw, Sign.DENSER, 160, 150) is None
    assert healthy_rank(ONE, Sign.DENSER, -3, 150) is None
    assert healthy_rank(partly(), Sign.DENSER, ONE.model_input.row + 2, 150) is None


def test_what_it_rests_on_is_said() -> None:
    assert ONE.calibration is not None
    words = reference_words(ONE.calibration)
    assert "20 healthy films" in words
    assert "60 others" in words
