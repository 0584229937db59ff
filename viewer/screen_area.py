"""Rectangles of device pixels, and what of an array stays when the film under them moves by whole pixels."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Value = TypeVar("Value", bound=np.generic)

Area = tuple[int, int, int, int]
"""(left, top, right, bottom), the last two one past the end."""


def shifted(area: Area, across: int, down: int) -> Area:
    """The area so many pixels further right and down."""
    left, top, right, bottom = area
    return left + across, top + down, right + across, bottom + down


def common(one: Area, other: Area) -> Area | None:
    """What two areas share; None where that is nothing."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right, bottom = min(one[2], other[2]), min(one[3], other[3])
    return (left, top, right, bottom) if right > left and bottom > top else None


def uncovered(area: Area, cover: Area) -> list[Area]:
    """What of an area lies outside of another one, in at most four parts that do not overlap."""
    shared = common(area, cover)
    if shared is None:
        return [area]
    left, top, right, bottom = area
    parts = (
        (left, top, right, shared[1]),
        (left, shared[3], right, bottom),
        (left, shared[1], shared[0], shared[3]),
        (shared[2], shared[1], right, shared[3]),
    )
    return [part for part in parts if part[2] > part[0] and part[3] > part[1]]


def slices_of(part: Area, area: Area) -> tuple[slice, slice]:
    """Where a part of an area lies in an array of it: (rows, columns)."""
    return slice(part[1] - area[1], part[3] - area[1]), slice(part[0] - area[0], part[2] - area[0])


def carried(values: NDArray[Value], lies: Area, area: Area) -> NDArray[Value]:
    """An array for `area` with what of `values`, which lie on `lies`, is on it; the rest is not set."""
    answer = np.empty((area[3] - area[1], area[2] - area[0], *values.shape[2:]), values.dtype)
    shared = common(lies, area)
    if shared is not None:
        answer[slices_of(shared, area)] = values[slices_of(shared, lies)]
    return answer
