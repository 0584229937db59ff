"""Threshold -> connected regions -> findings with side, zone, size and peak."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.imaging.frame import SpacingSource


class Sign(StrEnum):
    """How a region differs from the healthy twin."""

    DENSER = "denser"
    LUCENT = "more lucent"


@dataclass(frozen=True, slots=True)
class Finding:
    """A connected region above the threshold, in frame pixels.

    `box`: (first row, first column, one past last row, one past last column). `centre`: (row, column).
    `side`: "R", "L" (the patient's), "midline" or "" when the orientation is not known for sure.
    `zone`: "upper", "middle", "lower". `size_mm` (height, width) and `area_mm2` are None unless the spacing
    is known; `spacing_source` says which. `peak`: the map's largest value inside, matched grey range.
    `p_value`: share of healthy films whose map peaks as high anywhere; None when uncalibrated.
    `identifier` is stable for the same map and threshold-independent as far as its peak's place goes.
    """

    identifier: str
    model_kind: str
    sign: Sign
    box: tuple[int, int, int, int]
    centre: tuple[float, float]
    side: str
    zone: str
    area_px: float
    area_mm2: float | None
    size_mm: tuple[float, float] | None
    spacing_source: SpacingSource
    peak: float
    p_value: float | None
