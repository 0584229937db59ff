"""Stored -> modality -> VOI -> presentation values: how a frame becomes grey on a screen.

One table over all stored values of 8 or 16 bit pixels answers every pixel by look-up, bit-equal to the
formulas of PS3.3 C.11.2.1.2 and C.11.2.1.3 in float64; float and 32 bit pixels go through the formulas.
MONOCHROME1 (or Presentation LUT Shape INVERSE) turns the grey round once, and last (PS3.3 C.7.6.3.1.2).
Pixel padding is background: black after everything else. Colour frames are shown as stored. What lies over
the picture (shutter, overlays, graphics) is painted by others: `core.imaging.composition`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from core.imaging.frame import Frame, LookupTable, ModalityTransform, VoiFunction, Window
from core.imaging.window_presets import DEFAULTS, Presets

Grey = Window | LookupTable
"""How modality values become grey: a window or a VOI LUT, never both (PS3.3 C.11.2.1: alternatives)."""

Levels = NDArray[np.uint8]
_Float64 = NDArray[np.float64]

AUTO_PERCENTILES = (0.5, 99.5)
# LINEAR with center 128 and width 256 is the identity on 0..255.
_AS_STORED = Window(128.0, 256.0, VoiFunction.LINEAR, "As stored")
# Rows worked on at once: the index and float buffers of a block stay in the cache.
_BLOCK_ROWS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Preset:
    """A named way to show a frame; names are unique within a frame."""

    name: str
    grey: Grey


@dataclass(frozen=True, slots=True, eq=False)
class DisplayTable:
    """Stored values to presentation values 0..255 of one frame, for any part of it.

    `levels` holds the answer for each stored value, ordered by its bits read as unsigned; None where the
    stored type is too wide for a table.
    """

    stored_type: np.dtype[np.generic]
    levels: Levels | None
    formula: Callable[[NDArray[np.generic]], Levels]

    def apply(self, stored: NDArray[np.generic]) -> Levels:
        """Presentation values of `stored`, same shape.

        Any shape, strides and type: averages of stored values (floats) go through the formula itself.
        """
        if self.levels is None or stored.dtype != self.stored_type:
            return _in_blocks(self.formula, stored)
        levels = self.levels
        return _in_blocks(lambda block: np.take(levels, _bits(block), mode="clip"), stored)


def display_table(frame: Frame, grey: Grey, invert: bool = False) -> DisplayTable:
    """The table for one way to show a frame. `invert`: the reader's own inversion, beside the frame's."""

    def formula(stored: NDArray[np.generic]) -> Levels:
        background = ~frame.shows_image(stored)
        return _presentation(to_modality(stored, transform), grey, turned, background, last)

    transform = frame.modality_transform if frame.is_grey else ModalityTransform()
    turned, last = _turned(frame, invert), frame.presentation_table
    stored_type = frame.stored.dtype
    levels = None
    if _fits_a_table(stored_type):
        values = _every_modality_value(stored_type, transform)
        background = ~frame.shows_image(_every_stored_value(stored_type))
        levels = _presentation(values, grey, turned, background, last)
        levels.setflags(write=False)
    return DisplayTable(stored_type, levels, formula)


def render(frame: Frame, grey: Grey, invert: bool = False) -> Levels:
    """The whole frame as presentation values, `(rows, columns)` or `(rows, columns, 3)`."""
    return display_table(frame, grey, invert).apply(frame.stored)


def render_modality(values: NDArray[np.floating], frame: Frame, grey: Grey, invert: bool = False) -> Levels:
    """Modality values that belong to `frame` (its healthy twin, say), shown as the frame itself is.

    Any shape. Not-a-number is black; so is a value that the frame uses for padding.
    """
    turned = _turned(frame, invert)
    padding = _padding_in_modality_values(frame)

    def formula(block: NDArray[np.generic]) -> Levels:
        background = np.zeros(block.shape, np.bool_)
        if padding is not None:
            with np.errstate(over="ignore"):
                rounded = block.astype(np.float32)
            background = (rounded >= padding[0]) & (rounded <= padding[1])
        return _presentation(block.astype(np.float64), grey, turned, background, frame.presentation_table)

    return _in_blocks(formula, values)


def default_grey(frame: Frame) -> Grey:
    """How the file wants to be shown: its first VOI LUT, else its first window, else an automatic one.

    The standard lets a reader choose between LUT and window (PS3.3 C.11.2.1); the LUT comes first here,
    because whoever wrote one said more with it than a window can say.
    """
    if not frame.is_grey:
        return _AS_STORED
    if frame.voi_tables:
        return frame.voi_tables[0]
    if frame.windows:
        return frame.windows[0]
    return _automatic_windows(frame)[0]


def automatic_window(frame: Frame) -> Window:
    """The window over the percentiles of all valid pixels, whatever the file asks for."""
    return _automatic_windows(frame)[0]


def presets(frame: Frame, by_modality: Presets = DEFAULTS) -> tuple[Preset, ...]:
    """All ways to show a frame that have a name: the file's own, the modality's, automatic ones."""
    if not frame.is_grey:
        return (Preset(_AS_STORED.explanation, _AS_STORED),)
    named: list[tuple[str, Grey]] = []
    named += [(table.explanation or f"VOI LUT {n}", table) for n, table in enumerate(frame.voi_tables, 1)]
    named += [(window.explanation or f"Window {n}", window) for n, window in enumerate(frame.windows, 1)]
    for one in by_modality.get(frame.source.modality, ()):
        named.append((one.name, Window(one.center, one.width, explanation=one.name)))
    named += [(window.explanation, window) for window in _automatic_windows(frame)]
    taken: set[str] = set()
    return tuple(Preset(_unique(name, taken), grey) for name, grey in named)


def equivalent_window(grey: Grey) -> tuple[Window, bool]:
    """The window that shows about what `grey` shows, and whether it needs an inversion to do so.

    Where a drag begins when a VOI LUT is on. The line goes through the quarter and three-quarter
    points of the LUT's output; a falling LUT needs the inversion, since a window always rises.
    """
    if isinstance(grey, Window):
        return grey, False
    output = grey.entries.astype(np.float64)
    falling = bool(output[0] > output[-1])
    full = float(2**grey.bits - 1)
    if falling:
        output = full - output
    low, high = float(output.min()), float(output.max())
    lower, upper = (int(np.argmax(output >= low + share * (high - low))) for share in (0.25, 0.75))
    rise = float(output[upper] - output[lower])
    if upper <= lower or rise <= 0:
        middle = grey.first_mapped + (output.size - 1) / 2
        return Window(middle, max(1.0, output.size - 1), VoiFunction.LINEAR_EXACT, grey.explanation), falling
    width = full * (upper - lower) / rise
    center = grey.first_mapped + lower + (full / 2 - float(output[lower])) * width / full
    return Window(center, width, VoiFunction.LINEAR_EXACT, grey.explanation), falling


def to_modality(stored: NDArray[np.generic], transform: ModalityTransform) -> _Float64:
    """Stored values through the modality transform in float64, same shape (PS3.3 C.11.1.1)."""
    if transform.table is not None:
        return _looked_up(stored.astype(np.float64), transform.table)
    values = stored.astype(np.float64)
    if transform.slope != 1.0 or transform.intercept != 0.0:
        with np.errstate(over="ignore", invalid="ignore"):
            values *= transform.slope
            values += transform.intercept
    return values


def _presentation(
    values: _Float64,
    grey: Grey,
    turned: bool,
    background: NDArray[np.bool_],
    presentation_table: LookupTable | None,
) -> Levels:
    """VOI, presentation LUT, inversion, background.

    `values` is used up as working memory unless it is read-only.
    """
    if not values.flags.writeable:
        values = values.copy()
    nothing = np.isnan(values)
    with np.errstate(over="ignore", invalid="ignore"):
        if isinstance(grey, LookupTable):
            grey_values = _looked_up(values, grey)
            grey_values *= 255.0 / (2**grey.bits - 1)
        else:
            grey_values = _windowed(values, grey)
    grey_values[nothing] = 0.0
    np.clip(grey_values, 0.0, 255.0, out=grey_values)
    if presentation_table is not None:
        grey_values = _through_table(grey_values, presentation_table)
    levels = np.rint(grey_values, out=grey_values).astype(np.uint8)
    if turned:
        np.subtract(255, levels, out=levels)
    levels[nothing | background] = 0
    return levels


def _windowed(values: _Float64, window: Window) -> _Float64:
    """PS3.3 C.11.2.1.2.1 (LINEAR), C.11.2.1.3.2 (LINEAR_EXACT), C.11.2.1.3.1 (SIGMOID), to 0..255.

    Works in place; may leave the range, so that the caller clips.
    """
    center, width = window.center, window.width
    if window.function is VoiFunction.SIGMOID:
        values -= center
        values *= -4.0
        values /= width
        np.exp(values, out=values)
        values += 1.0
        np.divide(255.0, values, out=values)
        return values
    if window.function is VoiFunction.LINEAR:
        center, width = center - 0.5, width - 1.0
        if width == 0.0:
            return np.where(values > center, 255.0, 0.0)
    values -= center
    values /= width
    values += 0.5
    values *= 255.0
    return values


def _looked_up(values: _Float64, table: LookupTable) -> _Float64:
    """Entries of a LUT, ends clamped. Inputs are whole numbers by definition; others are rounded."""
    place = np.rint(values) - table.first_mapped
    place = np.nan_to_num(place, nan=0.0)
    index = np.clip(place, 0, table.entries.size - 1).astype(np.intp)
    entries: _Float64 = table.entries.astype(np.float64)
    return np.asarray(entries[index])


def _through_table(grey_values: _Float64, table: LookupTable) -> _Float64:
    """VOI output, spread over all inputs of a presentation LUT, to presentation values (PS3.3 C.11.4)."""
    place = (grey_values * ((table.entries.size - 1) / 255.0)).astype(np.intp)
    return np.asarray(table.entries[place] * (255.0 / (2**table.bits - 1)))


def _turned(frame: Frame, invert: bool) -> bool:
    return (frame.is_grey and frame.inverted) != invert


def _padding_in_modality_values(frame: Frame) -> tuple[np.float32, np.float32] | None:
    """The padding range after the modality transform, rounded to float32 as the modality values of a twin."""
    if frame.padding is None or not frame.is_grey:
        return None
    ends = to_modality(np.array(frame.padding, np.float64), frame.modality_transform)
    return np.float32(ends.min()), np.float32(ends.max())


def _fits_a_table(stored_type: np.dtype[np.generic]) -> bool:
    return stored_type.kind in "iu" and stored_type.itemsize <= 2 and stored_type.isnative


def _bits(stored: NDArray[np.generic]) -> NDArray[np.unsignedinteger]:
    return stored.view(np.uint8 if stored.dtype.itemsize == 1 else np.uint16)


def _every_stored_value(stored_type: np.dtype[np.generic]) -> NDArray[np.generic]:
    """Each value of an 8 or 16 bit type, in the order of its bits read as unsigned."""
    unsigned = np.dtype(f"u{stored_type.itemsize}")
    return np.arange(256**stored_type.itemsize, dtype=unsigned).view(stored_type)


# A window drag asks for the same values many times a second.
@lru_cache(maxsize=4)
def _every_modality_value(stored_type: np.dtype[np.generic], transform: ModalityTransform) -> _Float64:
    values = to_modality(_every_stored_value(stored_type), transform)
    values.setflags(write=False)
    return values


def _in_blocks(
    formula: Callable[[NDArray[np.generic]], Levels], pixels: NDArray[np.generic] | NDArray[np.floating]
) -> Levels:
    if pixels.ndim < 2 or pixels.shape[0] <= _BLOCK_ROWS:
        return formula(pixels)
    levels = np.empty(pixels.shape, np.uint8)
    for first in range(0, pixels.shape[0], _BLOCK_ROWS):
        levels[first : first + _BLOCK_ROWS] = formula(pixels[first : first + _BLOCK_ROWS])
    return levels


_automatic: WeakKeyDictionary[Frame, tuple[Window, Window]] = WeakKeyDictionary()


def _automatic_windows(frame: Frame) -> tuple[Window, Window]:
    """Windows over the percentiles and over the full range of all valid pixels; computed once a frame."""
    known = _automatic.get(frame)
    if known is None:
        known = _automatic[frame] = _windows_over(frame)
    return known


def _windows_over(frame: Frame) -> tuple[Window, Window]:
    values, counts = _value_counts(frame)
    order = np.argsort(values, kind="stable")
    values, reached = values[order], np.cumsum(counts[order])
    low_share, high_share = AUTO_PERCENTILES
    whole = _at_shares(values, reached, 0.0, 1.0)
    middle = _at_shares(values, reached, low_share / 100, high_share / 100)
    if middle[0] == middle[1]:  # nearly all pixels are alike, as in a mask: what differs must be seen
        middle = whole
    return _span_window(*middle, _AUTO_NAME), _span_window(*whole, "Full range")


_AUTO_NAME = "Auto ({:g}-{:g} %)".format(*AUTO_PERCENTILES)


def _at_shares(values: _Float64, reached: NDArray[np.int64], low: float, high: float) -> tuple[float, float]:
    """The values below which the shares `low` and `high` of the pixels lie; (0, 0) without pixels."""
    if values.size == 0:
        return 0.0, 0.0
    places = np.searchsorted(reached, np.array([low, high]) * reached[-1], side="left")
    first, last = values[np.minimum(places, values.size - 1)]
    return float(first), float(last)


def _value_counts(frame: Frame) -> tuple[_Float64, NDArray[np.int64]]:
    """The modality values that occur in valid pixels and how often, in any order."""
    stored, hidden = frame.stored, frame.hidden()
    if hidden is not None and not hidden.all():
        stored = stored[~hidden][None]  # what nobody sees does not count
    if _fits_a_table(stored.dtype):
        every = _every_stored_value(stored.dtype)
        counts = np.zeros(every.size, np.int64)
        for block in _row_blocks(_bits(stored)):
            counts += np.bincount(block.ravel(), minlength=every.size)
        counts[~frame.shows_image(every)] = 0
        present = np.flatnonzero(counts)
        return to_modality(every[present], frame.modality_transform), counts[present]
    values = to_modality(stored[frame.shows_image(stored)], frame.modality_transform)
    values = values[np.isfinite(values)]
    return values, np.ones(values.size, np.int64)


def _row_blocks(pixels: NDArray[np.unsignedinteger]) -> Iterator[NDArray[np.unsignedinteger]]:
    for first in range(0, pixels.shape[0], 512):
        yield pixels[first : first + 512]


def _span_window(low: float, high: float, explanation: str) -> Window:
    """The window that shows `low` black and `high` white; a constant image becomes middle grey."""
    with np.errstate(over="ignore"):
        width = float(np.float64(high) - np.float64(low))
    width = min(width, float(np.finfo(np.float64).max)) if width > 0 else 1.0
    return Window(low / 2 + high / 2, width, VoiFunction.LINEAR_EXACT, explanation)


def _unique(name: str, taken: set[str]) -> str:
    candidate, number = name, 2
    while candidate in taken:
        candidate, number = f"{name} ({number})", number + 1
    taken.add(candidate)
    return candidate
