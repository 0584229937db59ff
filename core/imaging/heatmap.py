"""Difference map + threshold + colour map -> overlay, outlines, legend, agreement of two models.

All of it in fixed units (the matched grey range) with one fixed end of the scale, so that two films can
be compared by eye. Above the threshold the opacity is constant and the colour carries the value:
opacity that follows the value is hard to read and cannot be written into a presentation state.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

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
    "agreement",
    "agreement_overlay",
    "contours",
    "legend",
    "overlay",
    "upsampled",
]

Rgba = NDArray[np.uint8]

SCALE_MAX = 0.30
"""End of the colour scale in units of the matched grey range, for every film; values above saturate."""

AGREEMENT_NONE, AGREEMENT_ONLY_A, AGREEMENT_ONLY_B, AGREEMENT_BOTH = 0, 1, 2, 3
AGREEMENT_NOT_ANALYZED = 255

# Anchor colours (sRGB), from low to high. The way between them is straight in Oklab with even steps of
# lightness, so that every map also reads in order for colour-blind readers and on a grey printer. None begins
# near black: a dark patch on a dark lung would look like nothing.
_ANCHORS = {
    "ember": ("#4b2a8c", "#a3308e", "#e4573d", "#fba83a", "#fff6b0"),
    "lagoon": ("#2c3f9e", "#1f7f9c", "#3fb27a", "#b9d84f", "#fdf7b5"),
    "furnace": ("#7a1220", "#b92c1d", "#e8661c", "#f9b233", "#fffbe0"),
    "glacier": ("#1c3f94", "#1f74bd", "#45a9dc", "#9fd8f0", "#f1fbff"),
}
_LUCENT_MAP = "glacier"
COLOUR_MAPS = tuple(name for name in _ANCHORS if name != _LUCENT_MAP)
"""Colour maps to choose from for "denser"; "more lucent" has one of its own, so that the two never mix."""

_COLOURS = 256
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


@dataclass(frozen=True, slots=True)
class HeatmapStyle:
    """How a difference map is drawn; changing it never runs a model.

    `threshold` in units of the matched grey range, infinite = nothing lights up. `colour_map`: one of
    `COLOUR_MAPS`, for "denser"; "more lucent" is always drawn in its own. `contour`: outlines
    instead of a wash. Raises `ValueError` for numbers or names that make no sense.
    """

    threshold: float
    opacity: float = 0.6
    colour_map: str = "ember"
    contour: bool = False
    sign: Sign = Sign.DENSER
    visible: bool = True

    def __post_init__(self) -> None:
        if not self.threshold >= 0:
            raise ValueError(f"A threshold of {self.threshold} is not possible.")
        if not 0 <= self.opacity <= 1:
            raise ValueError(f"An opacity of {self.opacity} is not between 0 and 1.")
        if self.colour_map not in COLOUR_MAPS:
            raise ValueError(
                f"There is no colour map {self.colour_map!r}; there are {', '.join(COLOUR_MAPS)}."
            )


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
        colours = _packed(_colour_table(style), style.opacity)
        with np.errstate(invalid="ignore"):
            place = np.clip(fine * np.float32((_COLOURS - 1) / SCALE_MAX) + np.float32(0.5), 0, _COLOURS - 1)
            picture = np.where(lit_cells(fine, style.threshold), colours[place.astype(np.uint8)], 0)
    unknown = np.isnan(fine)
    if unknown.any():
        picture[unknown] = _hatch(size)[unknown]
    return picture.view(np.uint8).reshape(size, size, 4)


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

    Colours are opaque above the threshold and a faint ghost below, where nothing is drawn on the film;
    a white line marks the threshold.
    """
    values = (np.arange(height, dtype=np.float64)[::-1] + 0.5) / height * SCALE_MAX
    place = np.rint(values / SCALE_MAX * (_COLOURS - 1)).astype(np.intp)
    strip = np.empty((height, _LEGEND_WIDTH, 4), np.uint8)
    strip[..., :3] = _colour_table(style)[place][:, None, :]
    strip[..., 3] = np.where(values >= style.threshold, 255, 56)[:, None]
    if style.threshold <= SCALE_MAX:
        mark = min(height - 1, max(0, round((1 - style.threshold / SCALE_MAX) * height)))
        strip[mark] = 255
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


def agreement_overlay(labels: NDArray[np.uint8], opacity: float = 0.6) -> Rgba:
    """Labels of `agreement` as RGBA: only a and only b in stripes of opposite direction, both solid.

    Readable without colour; what was not analyzed carries the same hatch as in `overlay`.
    """
    size = labels.shape[0]
    rising, falling = _stripes(size), _stripes(size)[:, ::-1]
    picture = np.zeros((size, size), np.uint32)
    for label, pattern in (
        (AGREEMENT_ONLY_A, rising),
        (AGREEMENT_ONLY_B, falling),
        (AGREEMENT_BOTH, np.ones_like(rising)),
    ):
        colour = np.array([_AGREEMENT_COLOURS[label]], np.uint8)
        place = labels == label
        picture[place & pattern] = _packed(colour, opacity)[0]
        picture[place & ~pattern] = _packed(colour, opacity / 3)[0]
    unknown = labels == AGREEMENT_NOT_ANALYZED
    picture[unknown] = _hatch(size)[unknown]
    return picture.view(np.uint8).reshape(size, size, 4)


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


def _stripes(size: int) -> NDArray[np.bool_]:
    place = np.arange(size)
    return np.asarray((place[:, None] + place[None, :]) % _HATCH_PERIOD < _HATCH_STRIPE)


@lru_cache(maxsize=4)
def _hatch(size: int) -> NDArray[np.uint32]:
    """Grey diagonal stripes over a dimmed ground: seen on black and on white film alike."""
    light, dark = (np.array([shade], np.uint8).view(np.uint32)[0, 0] for shade in (_HATCH_LIGHT, _HATCH_DARK))
    hatch: NDArray[np.uint32] = np.where(_stripes(size), light, dark)
    hatch.setflags(write=False)
    return hatch


def _colour_table(style: HeatmapStyle) -> NDArray[np.uint8]:
    return _table(_LUCENT_MAP if style.sign is Sign.LUCENT else style.colour_map)


@lru_cache(maxsize=len(_ANCHORS))
def _table(name: str) -> NDArray[np.uint8]:
    """256 colours `(256, 3)` sRGB, lightness rising in even steps from the first anchor to the last."""
    anchors = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in _ANCHORS[name]])
    lab = _oklab(anchors / 255.0)
    lightness = np.linspace(lab[0, 0], lab[-1, 0], _COLOURS)
    chroma = [np.interp(lightness, lab[:, 0], lab[:, channel]) for channel in (1, 2)]
    table = np.rint(_srgb(np.stack([lightness, *chroma], axis=1)) * 255).astype(np.uint8)
    table.setflags(write=False)
    return table


# Oklab (B. Ottosson, 2020): linear sRGB -> cone responses -> cube root -> lightness and two opponents.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _oklab(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T)


def _srgb(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


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
