"""Values at places between the pixels of an image: straight lines between neighbours, or the nearest pixel.

Qt draws 16-bit grey with a general path that takes several times as long, and rounds its weights to 8 bits.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", bound=np.unsignedinteger)

# So many rows at once: what is worked on stays in the cache of the processor. Of narrow strips so many that
# the work outweighs the calls.
_ROWS_AT_ONCE = 32
_PLACES_AT_ONCE = 16384
# A place on the border of two pixels belongs to the later one, whatever the last digit of its number says.
_ROUNDING = 1e-6


def resample(
    pixels: NDArray[Value], rows: NDArray[np.float64], columns: NDArray[np.float64], *, smooth: bool
) -> NDArray[Value]:
    """Values of `(rows, columns)` unsigned pixels on the grid of two rising or falling lists of places.

    Without `smooth` the pixels may be colours, `(rows, columns, 3)`. Places are continuous: pixel i covers
    i to i + 1, its centre is i + 0.5; outside the border pixels go on. The answer has a row for each of
    `rows` and a column for each of `columns`; rounded half up.
    """
    if not smooth:
        near = np.take(pixels, _nearest(rows, pixels.shape[0]), axis=0)
        return np.take(near, _nearest(columns, pixels.shape[1]), axis=1)
    upper, lower, down = _between(rows, pixels.shape[0])
    left, right, across = _between(columns, pixels.shape[1])
    first, last = (int(left.min()), int(right.max()) + 1) if left.size else (0, 0)
    left, right = left - first, right - first
    answer = np.empty((rows.size, columns.size), pixels.dtype)
    at_once = max(_ROWS_AT_ONCE, _PLACES_AT_ONCE // max(columns.size, last - first, 1))
    for start in range(0, rows.size, at_once):
        part = slice(start, start + at_once)
        above = pixels[upper[part], first:last].astype(np.float32)
        below = pixels[lower[part], first:last].astype(np.float32)
        below -= above
        below *= down[part, np.newaxis]
        above += below
        values = np.take(above, left, axis=1, mode="clip")
        further = np.take(above, right, axis=1, mode="clip")
        further -= values
        further *= across
        values += further
        values += 0.5
        answer[part] = values
    return answer


def _nearest(places: NDArray[np.float64], size: int) -> NDArray[np.intp]:
    return np.clip(np.floor(places + _ROUNDING), 0, size - 1).astype(np.intp)


def _between(
    places: NDArray[np.float64], size: int
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """The pixels before and after each place, and how far it lies on the way between their centres."""
    inside = np.clip(places - 0.5, 0, size - 1)
    before = np.floor(inside)
    after = np.minimum(before + 1, size - 1)
    return before.astype(np.intp), after.astype(np.intp), (inside - before).astype(np.float32)
