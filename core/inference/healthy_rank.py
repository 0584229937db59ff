"""How a map value stands among healthy films: at its own place, and beside the highest values of whole films.

A calibration keeps no list of all healthy values of a pixel: per pixel its mean, its spread and its 90 %
quantile; per film the highest value of the whole map. So a value has no exact local percentile, and none is
made up from a bell curve. What can be said is whether it is above the 90 % quantile of its place, by how
many spreads it is above the mean there, and how many healthy films stay below it everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.imaging.findings import Sign
from core.imaging.residuals import UPSAMPLING, upsampled
from core.inference.analysis import Analysis
from core.inference.calibration import Calibration

_LOCAL_PERCENT = 90
_PATCH = 5  # cells around a place: what the interpolation of its own cell can depend on


@dataclass(frozen=True, slots=True)
class HealthyRank:
    """The standing of one map value.

    `above_local`: it is above the 90 % quantile of healthy films at its own place. `spreads`: its difference
    from the healthy mean there, in healthy spreads; None where the map is 0, which keeps no more than "not
    above". `films_below`: share, 0 to 1, of healthy films whose map is lower everywhere.
    """

    above_local: bool
    spreads: float | None
    films_below: float


def reference_words(calibration: Calibration) -> str:
    """What the words of a rank rest on, in a sentence."""
    here, whole = calibration.films
    return (
        f"P{_LOCAL_PERCENT} and SD: of {here} healthy films at the same place. Healthy films: {whole} "
        "others, by the highest value of each. No finer percentile is known for a single place."
    )


def map_value(analysis: Analysis, sign: Sign, row: float, column: float) -> float | None:
    """The map of a sign at a frame position, as it is drawn and counted; None where nothing was analyzed."""
    spot = analysis.model_input
    fine_row = int((row - spot.row) / spot.side * spot.size * UPSAMPLING // 1)
    fine_column = int((column - spot.column) / spot.side * spot.size * UPSAMPLING // 1)
    if not (0 <= fine_row < spot.size * UPSAMPLING and 0 <= fine_column < spot.size * UPSAMPLING):
        return None
    # A few cells are enough: interpolation looks no further, and the mouse asks a hundred times a second.
    first_row, first_column = (
        min(max(place // UPSAMPLING - _PATCH // 2, 0), spot.size - _PATCH)
        for place in (fine_row, fine_column)
    )
    patch = (slice(first_row, first_row + _PATCH), slice(first_column, first_column + _PATCH))
    fine = upsampled(analysis.map_of(sign)[patch], analysis.analyzed[patch])
    value = float(fine[fine_row - UPSAMPLING * first_row, fine_column - UPSAMPLING * first_column])
    return None if np.isnan(value) else value


def healthy_rank(analysis: Analysis, sign: Sign, row: float, column: float) -> HealthyRank | None:
    """The standing of the map at a frame position; None uncalibrated or where nothing was analyzed."""
    value, calibration = map_value(analysis, sign, row, column), analysis.calibration
    if value is None or calibration is None:
        return None
    spot = analysis.model_input
    cell = (
        int((row - spot.row) / spot.pixels_per_cell // 1),
        int((column - spot.column) / spot.pixels_per_cell // 1),
    )
    lucent = sign is Sign.LUCENT
    statistics = calibration.lucent if lucent else calibration.denser
    weight = float(calibration.weight[cell])
    spreads = None
    if value > 0 and weight > 0:
        # The map is weight * (excess - q90): the excess itself comes back from it.
        excess = value / weight + float(statistics.q90[cell])
        spreads = (excess - float(statistics.mean[cell])) / float(statistics.spread[cell])
    return HealthyRank(value > 0, spreads, calibration.peak_percentile(value, lucent=lucent))
