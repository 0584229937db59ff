"""Difference maps + thresholds + colours -> overlay, outlines, legend, agreement of two models.

All of it in fixed units (the matched grey range) with one fixed end of the scale, so that two films can
be compared by eye. Above the threshold the opacity is constant and the colour carries the value:
opacity that follows the value is hard to read and cannot be written into a presentation state.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.imaging.colour_scales import (
    BOTH_DENSER,
    BOTH_LUCENT,
    COLOUR_MAPS,
    COLOURS,
    LUCENT_MAP,
    colour_table,
)
from core.imaging.findings import Sign, lit_cells
from core.imaging.residuals import UPSAMPLING, FloatImage, upsampled

__all__ = [
    "AGREEMENT_BOTH",
    "AGREEMENT_NONE",
    "AGREEMENT_NOT_ANALYZED",
    "AGREEMENT_ONLY_A",
    "AGREEMENT_ONLY_B",
    "COLOUR_MAPS",
    "SCALE_MAX",
    "HeatmapStyle",
    "Shows",
    "agreement",
    "agreement_overlay",
    "contours",
    "legend",
    "overlay",
    "signed_overlay",
    "upsampled",
]

Rgba = NDArray[np.uint8]

SCALE_MAX = 0.30
"""End of the colour scale in units of the matched grey range, for every film; values above saturate."""

AGREEMENT_NONE, AGREEMENT_ONLY_A, AGREEMENT_ONLY_B, AGREEMENT_BOTH = 0, 1, 2, 3
AGREEMENT_NOT_ANALYZED = 255

_LEGEND_WIDTH = 24
_HATCH_PERIOD = 12
_HATCH_STRIPE = 3
_HATCH_LIGHT = (150, 154, 160, 190)
_HATCH_DARK = (60, 62, 66, 110)
# Blue, orange and near white differ in lightness and in hue for all common colour vision deficiencies; the
# direction of the hatch tells them apart without any colour.
_AGREEMENT_COLOURS: Mapping[int, tuple[int, int, int]] = MappingProxyType(
    {AGREEMENT_ONLY_A: (64, 132, 214), AGREEMENT_ONLY_B: (240, 152, 48), AGREEMENT_BOTH: (252, 246, 214)}
)


class Shows(StrEnum):
    """Which differences are drawn: of one sign, or of both in one view."""

    DENSER = "denser"
    LUCENT = "more lucent"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class HeatmapStyle:
    """How a difference map is drawn; changing it never runs a model.

    `threshold` in units of the matched grey range, infinite = nothing lights up. `colour_map`: one of
    `COLOUR_MAPS`, for "denser"; "more lucent" is always drawn in its own. `contour`: outlines
    instead of a wash. `both_signs`: the map of the other sign is drawn as well, above `opposite_threshold`,
    in the two arms of one scale. `registration`: edges of the model's input lie over the original.
    Raises `ValueError` for numbers or names that make no sense.
    """

    threshold: float
    opacity: float = 0.6
    colour_map: str = "ember"
    contour: bool = False
    sign: Sign = Sign.DENSER
    visible: bool = True
    both_signs: bool = False
    opposite_threshold: float = math.inf
    registration: bool = False

    def __post_init__(self) -> None:
        for threshold in (self.threshold, self.opposite_threshold):
            if not threshold >= 0:
                raise ValueError(f"A threshold of {threshold} is not possible.")
        if not 0 <= self.opacity <= 1:
            raise ValueError(f"An opacity of {self.opacity} is not between 0 and 1.")
        if self.colour_map not in COLOUR_MAPS:
            raise ValueError(
                f"There is no colour map {self.colour_map!r}; there are {', '.join(COLOUR_MAPS)}."
            )

    @property
    def shows(self) -> Shows:
        """Which differences are drawn."""
        return Shows.BOTH if self.both_signs else Shows(self.sign.value)

    def showing(self, shows: Shows) -> HeatmapStyle:
        """The style for other differences; for both, denser is in front."""
        both = shows is Shows.BOTH
        return replace(self, sign=Sign.DENSER if both else Sign(shows.value), both_signs=both)

    def threshold_of(self, sign: Sign) -> float:
        """Above which value the map of a sign is drawn."""
        return self.threshold if sign is self.sign else self.opposite_threshold


def overlay(difference_map: FloatImage, style: HeatmapStyle, valid: NDArray[np.bool_] | None = None) -> Rgba:
    """The heatmap of a map `(size, size)`, RGBA `(4 size, 4 size, 4)`, alpha not premultiplied.

    Transparent below the threshold, `style.opacity` above. What was not analyzed (not finite, or
    `valid` False) carries a grey hatch, whatever the opacity. An invisible style is all transparent;
    contour mode draws the hatch only, the outlines come from `contours`.
    """
    size = UPSAMPLING * difference_map.shape[0]
    if not style.visible:
        return np.zeros((size, size, 4), np.uint8)
    fine = upsampled(difference_map, valid)
    if style.contour:
        picture = np.zeros((size, size), np.uint32)
    else:
        colours = _coloured(fine, _scale_name(style, style.sign), style.opacity)
        picture = np.where(lit_cells(fine, style.threshold), colours, 0)
    return _hatched(picture, np.isnan(fine))


def signed_overlay(
    denser: FloatImage, lucent: FloatImage, style: HeatmapStyle, valid: NDArray[np.bool_] | None = None
) -> Rgba:
    """Both maps of one crop in one picture, each above its own threshold; else as `overlay`.

    Denser and more lucent have the two arms of one scale, in fixed units. Where interpolation brings both
    above their thresholds, the larger difference is drawn.
    """
    size = UPSAMPLING * denser.shape[0]
    if not style.visible:
        return np.zeros((size, size, 4), np.uint8)
    fine_denser, fine_lucent = upsampled(denser, valid), upsampled(lucent, valid)
    picture = np.zeros((size, size), np.uint32)
    if not style.contour:
        up = lit_cells(fine_denser, style.threshold_of(Sign.DENSER))
        down = lit_cells(fine_lucent, style.threshold_of(Sign.LUCENT))
        with np.errstate(invalid="ignore"):
            stronger = fine_denser >= fine_lucent
        for lit, fine, name in (
            (up & (stronger | ~down), fine_denser, BOTH_DENSER),
            (down & ~(stronger & up), fine_lucent, BOTH_LUCENT),
        ):
            picture = np.where(lit, _coloured(fine, name, style.opacity), picture)
    return _hatched(picture, np.isnan(fine_denser) | np.isnan(fine_lucent))


def contours(
    difference_map: FloatImage, threshold: float, valid: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.float64], ...]:
    """Closed outlines of what lights up: `(n, 2)` points (row, column) in 0..1 of the model's crop.

    The last point repeats the first. Marching squares on the same fine grid as the wash.
    """
    fine = upsampled(difference_map, valid)
    level = max(float(threshold), float(np.finfo(np.float32).tiny))
    fine = np.where(np.isfinite(fine), fine, np.float32(0.0))
    if not level <= float(fine.max()):
        return ()
    size = fine.shape[0]
    # Sample (i, j) sits at the middle of its cell; the outlines of a region at the border end there.
    return tuple(np.clip((outline - 0.5) / size, 0.0, 1.0) for outline in _outlines(np.pad(fine, 1), level))


def legend(style: HeatmapStyle, height: int) -> Rgba:
    """The colour scale as a strip, RGBA `(height, 24, 4)`: `SCALE_MAX` at the top, 0 at the bottom.

    With both signs 0 is in the middle and -`SCALE_MAX`, more lucent, at the bottom. Colours are opaque above
    the threshold and a faint ghost below, where nothing is drawn on the film; a white line marks each
    threshold.
    """
    lowest = -SCALE_MAX if style.both_signs else 0.0
    span = SCALE_MAX - lowest
    values = lowest + (np.arange(height, dtype=np.float64)[::-1] + 0.5) / height * span
    strip = np.empty((height, _LEGEND_WIDTH, 4), np.uint8)
    marks = []
    for sign in Sign if style.both_signs else (style.sign,):
        part = values < 0 if style.both_signs and sign is Sign.LUCENT else values >= 0
        size = np.abs(values[part])
        table, threshold = colour_table(_scale_name(style, sign)), style.threshold_of(sign)
        strip[part, :, :3] = table[np.rint(size / SCALE_MAX * (COLOURS - 1)).astype(np.intp)][:, None, :]
        strip[part, :, 3] = np.where(size >= threshold, 255, 56)[:, None]
        if threshold <= SCALE_MAX:
            marks.append(-threshold if style.both_signs and sign is Sign.LUCENT else threshold)
    for mark in marks:
        strip[min(height - 1, max(0, round((SCALE_MAX - mark) / span * height)))] = 255
    return strip


def agreement(
    map_a: FloatImage, threshold_a: float, map_b: FloatImage, threshold_b: float
) -> NDArray[np.uint8]:
    """Where two models light up the same crop: 0 none, 1 only a, 2 only b, 3 both, 255 not analyzed.

    On the fine grid of the larger map; the smaller one is brought to it. A place that one of the two
    did not analyze (not-a-number) is 255: nothing can be said of their agreement there.
    """
    fine_a, fine_b = upsampled(map_a), upsampled(map_b)
    size = max(fine_a.shape[0], fine_b.shape[0])
    fine_a, fine_b = _to_size(fine_a, size), _to_size(fine_b, size)
    labels = lit_cells(fine_a, threshold_a).astype(np.uint8)
    labels += np.uint8(2) * lit_cells(fine_b, threshold_b).astype(np.uint8)
    labels[np.isnan(fine_a) | np.isnan(fine_b)] = AGREEMENT_NOT_ANALYZED
    return labels


def agreement_overlay(
    labels: NDArray[np.uint8], opacity: float = 0.6, period: int = 12, origin: tuple[int, int] = (0, 0)
) -> Rgba:
    """Labels of `agreement` as RGBA `(rows, columns, 4)`: only a in rising, only b in falling stripes.

    Where both light up it is solid: readable without colour. What was not analyzed carries a grey hatch.
    `period`: width of a stripe with its gap, in pixels of `labels`; so labels are brought to the pixels
    of the screen or the picture first, where the stripes are as wide at any zoom and lean as the
    legend's however the film is turned. `origin`: (row, column) that the stripes are counted from.
    """
    rows, columns = labels.shape
    down = (np.arange(rows) - origin[0])[:, None]
    across = (np.arange(columns) - origin[1])[None, :]
    stripe = max(1, period // 3)
    pattern = ((down + across) % period < stripe).astype(np.uint8)
    pattern |= ((down - across) % period < stripe).astype(np.uint8) << 1
    return (
        np.take(_agreement_table(opacity), (labels << 2) | pattern).view(np.uint8).reshape(rows, columns, 4)
    )


@lru_cache(maxsize=64)
def _agreement_table(opacity: float) -> NDArray[np.uint32]:
    """The colour of each label (times 4) on and beside a rising (1) and a falling (2) stripe.

    Not analyzed, 255, comes out of the shift in 8 bits as 252, and has the last four places.
    """
    table = np.zeros(256, np.uint32)
    for label, stripes in ((AGREEMENT_ONLY_A, 1), (AGREEMENT_ONLY_B, 2), (AGREEMENT_BOTH, 0)):
        colour = np.array([_AGREEMENT_COLOURS[label]], np.uint8)
        for pattern in range(4):
            on = not stripes or pattern & stripes
            table[(label << 2) | pattern] = _packed(colour, opacity if on else opacity / 3)[0]
    light, dark = _hatch_shades()
    table[252:] = (dark, light, dark, light)
    table.setflags(write=False)
    return table


def _to_size(fine: FloatImage, size: int) -> FloatImage:
    """Nearest neighbour: the grids are powers of two apart, and a blend would spread not-a-number."""
    if fine.shape[0] == size:
        return fine
    place = (np.arange(size) * fine.shape[0]) // size
    return fine[np.ix_(place, place)]


def _packed(colours: NDArray[np.uint8], opacity: float) -> NDArray[np.uint32]:
    """`(n, 3)` colours with one alpha, each as the four bytes R G B A of one word."""
    rgba = np.empty((colours.shape[0], 4), np.uint8)
    rgba[:, :3] = colours
    rgba[:, 3] = round(opacity * 255)
    return np.asarray(rgba.view(np.uint32)[:, 0])


def _coloured(fine: FloatImage, name: str, opacity: float) -> NDArray[np.uint32]:
    """Each value of a map in the colour of a scale."""
    colours = _packed(colour_table(name), opacity)
    with np.errstate(invalid="ignore"):
        place = np.clip(fine * np.float32((COLOURS - 1) / SCALE_MAX) + np.float32(0.5), 0, COLOURS - 1)
        return np.asarray(colours[place.astype(np.uint8)])


def _hatched(picture: NDArray[np.uint32], unknown: NDArray[np.bool_]) -> Rgba:
    """The picture with a hatch over what was not analyzed."""
    size = picture.shape[0]
    if unknown.any():
        picture[unknown] = _hatch(size)[unknown]
    return picture.view(np.uint8).reshape(size, size, 4)


def _hatch_shades() -> tuple[np.uint32, np.uint32]:
    light, dark = (np.array([shade], np.uint8).view(np.uint32)[0, 0] for shade in (_HATCH_LIGHT, _HATCH_DARK))
    return light, dark


@lru_cache(maxsize=4)
def _hatch(size: int) -> NDArray[np.uint32]:
    """Grey diagonal stripes over a dimmed ground: seen on black and on white film alike."""
    light, dark = _hatch_shades()
    place = np.arange(size)
    stripes = (place[:, None] + place[None, :]) % _HATCH_PERIOD < _HATCH_STRIPE
    hatch: NDArray[np.uint32] = np.where(stripes, light, dark)
    hatch.setflags(write=False)
    return hatch


def _scale_name(style: HeatmapStyle, sign: Sign) -> str:
    if style.both_signs:
        return BOTH_LUCENT if sign is Sign.LUCENT else BOTH_DENSER
    return LUCENT_MAP if sign is Sign.LUCENT else style.colour_map


# Marching squares. A square has corners 1 top left, 2 top right, 4 bottom right, 8 bottom left; bit set =
# inside. Each row says which sides its outline joins, from -> to, always turning the same way round. Since
# the border of the grid is outside, each crossed side begins one piece and ends one: all outlines close.
_TOP, _RIGHT, _BOTTOM, _LEFT = range(4)
_PIECES: Mapping[int, tuple[tuple[int, int], ...]] = MappingProxyType(
    {
        1: ((_LEFT, _TOP),),
        2: ((_TOP, _RIGHT),),
        3: ((_LEFT, _RIGHT),),
        4: ((_RIGHT, _BOTTOM),),
        6: ((_TOP, _BOTTOM),),
        7: ((_LEFT, _BOTTOM),),
        8: ((_BOTTOM, _LEFT),),
        9: ((_BOTTOM, _TOP),),
        11: ((_BOTTOM, _RIGHT),),
        12: ((_RIGHT, _LEFT),),
        13: ((_RIGHT, _TOP),),
        14: ((_TOP, _LEFT),),
        # Two opposite corners are joined, as they are when regions are counted.
        5: ((_LEFT, _BOTTOM), (_RIGHT, _TOP)),
        10: ((_TOP, _LEFT), (_BOTTOM, _RIGHT)),
    }
)


def _outlines(values: FloatImage, level: float) -> list[NDArray[np.float64]]:
    """Closed outlines of `values >= level` in sample coordinates; the border must be below the level."""
    columns = values.shape[1]
    inside = values >= level
    case = inside[:-1, :-1] + 2 * inside[:-1, 1:] + 4 * inside[1:, 1:] + 8 * inside[1:, :-1].astype(np.uint8)
    rows_crossed, columns_crossed = np.nonzero((case != 0) & (case != 15))
    cases = case[rows_crossed, columns_crossed].astype(np.intp)
    # A side is known by its upper or left sample; even numbers lie along a row, odd ones along a column.
    sample = rows_crossed * columns + columns_crossed
    side = {_TOP: 2 * sample, _LEFT: 2 * sample + 1, _BOTTOM: 2 * (sample + columns), _RIGHT: 2 * sample + 3}
    following: dict[int, int] = {}
    for number, pieces in _PIECES.items():
        here = cases == number
        for start, end in pieces:
            following.update(zip(side[start][here].tolist(), side[end][here].tolist(), strict=True))
    outlines = []
    while following:
        first, place = following.popitem()
        chain = [first]
        while place != first:
            chain.append(place)
            place = following.pop(place)
        chain.append(first)
        outlines.append(_points(np.array(chain), values, level))
    return outlines


def _points(sides: NDArray[np.intp], values: FloatImage, level: float) -> NDArray[np.float64]:
    """Where the level crosses each side, linear between its two samples."""
    row, column = np.divmod(sides // 2, values.shape[1])
    down = (sides % 2 == 1).astype(np.intp)
    here = values[row, column].astype(np.float64)
    there = values[row + down, column + 1 - down].astype(np.float64)
    share = (level - here) / (there - here)
    return np.stack([row + share * down, column + share * (1 - down)], axis=1)
