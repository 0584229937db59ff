"""Display shutters: which part of a frame is hidden from view, and in which grey (PS3.3 C.7.6.11, C.7.6.15).

A shutter belongs to the display only. Whoever measures or analyzes uses the stored values, hidden or not;
only the automatic window leaves out what nobody sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.imaging.overlay import Mask, Overlay


@dataclass(frozen=True, slots=True, eq=False)
class Shutter:
    """Rectangle, circle, polygon and bitmap; visible is what all of them leave open.

    All places are those of pixels, from 0. `rectangle`: (first row, first column, last row, last column)
    that are visible. `circle`: (row, column, radius in columns). `polygon`: (row, column) of its corners.
    `bitmap`: its bits are hidden. `level`: grey 0 to 255 in place of what is hidden. `aspect`: height of a
    pixel over its width, which makes a circle round on the screen.
    """

    rectangle: tuple[int, int, int, int] | None = None
    circle: tuple[float, float, float] | None = None
    polygon: tuple[tuple[float, float], ...] = ()
    bitmap: Overlay | None = None
    level: int = 0
    aspect: float = 1.0

    def hides(self, rows: int, columns: int) -> Mask:
        """Which pixels of a frame of this size are hidden."""
        hidden = np.zeros((rows, columns), np.bool_)
        if self.rectangle is not None:
            top, left, bottom, right = self.rectangle
            hidden[: max(top, 0)] = hidden[max(bottom + 1, 0) :] = True
            hidden[:, : max(left, 0)] = hidden[:, max(right + 1, 0) :] = True
        if self.circle is not None:
            row, column, radius = self.circle
            down = (np.arange(rows)[:, None] - row) * self.aspect
            across = np.arange(columns)[None, :] - column
            hidden |= down**2 + across**2 > radius**2
        if self.polygon:
            hidden |= ~_inside(self.polygon, rows, columns)
        if self.bitmap is not None:
            hidden |= self.bitmap.on_frame(rows, columns)
        return hidden


def _inside(corners: tuple[tuple[float, float], ...], rows: int, columns: int) -> Mask:
    """Pixels whose centres lie in a polygon (even-odd), those on its edges included.

    For each row, an edge that crosses it turns round all that lies to its right.
    """
    turns = np.zeros((rows, columns + 1), np.bool_)
    on_edge = np.zeros((rows, columns), np.bool_)
    for (row, column), (next_row, next_column) in zip(corners, (*corners[1:], corners[0]), strict=True):
        _mark_edge(on_edge, (row, column), (next_row, next_column))
        if row == next_row:
            continue
        first, last = sorted((row, next_row))
        crossed = np.arange(max(int(np.ceil(first)), 0), min(int(np.ceil(last)), rows))
        at = column + (crossed - row) * (next_column - column) / (next_row - row)
        place = np.clip(np.ceil(at), 0, columns).astype(np.intp)
        turns[crossed, place] ^= True
    inside: Mask = np.logical_xor.accumulate(turns[:, :columns], axis=1)
    return inside | on_edge


def _mark_edge(mask: Mask, start: tuple[float, float], end: tuple[float, float]) -> None:
    """The pixels on a straight line between two pixels."""
    steps = int(max(abs(end[0] - start[0]), abs(end[1] - start[1])))
    if steps > 4 * max(mask.shape):
        return  # far outside of the frame; its pixels inside are found by the crossing
    along: NDArray[np.float64] = np.linspace(0, 1, steps + 1)
    line_rows = np.rint(start[0] + along * (end[0] - start[0])).astype(np.intp)
    line_columns = np.rint(start[1] + along * (end[1] - start[1])).astype(np.intp)
    on_frame = (
        (line_rows >= 0) & (line_rows < mask.shape[0]) & (line_columns >= 0) & (line_columns < mask.shape[1])
    )
    mask[line_rows[on_frame], line_columns[on_frame]] = True
