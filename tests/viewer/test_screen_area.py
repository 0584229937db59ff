"""What of an array stays when the film moves: every pixel once, in its place."""

from __future__ import annotations

import numpy as np
import pytest

from viewer.screen_area import Area, carried, common, shifted, slices_of, uncovered

WHOLE: Area = (2, 3, 12, 10)


@pytest.mark.parametrize("across", [-20, -10, -3, 0, 4, 9, 10])
@pytest.mark.parametrize("down", [-8, -7, -1, 0, 2, 6, 7])
def test_what_stays_and_what_comes_are_all_of_it_once(across: int, down: int) -> None:
    moved = shifted(WHOLE, across, down)
    times = np.zeros((7, 10), int)
    shared = common(moved, WHOLE)
    if shared is not None:
        times[slices_of(shared, WHOLE)] += 1
    for part in uncovered(WHOLE, moved):
        times[slices_of(part, WHOLE)] += 1
    assert (times == 1).all()


def test_what_is_carried_stands_where_it_belongs() -> None:
    values = np.arange(70).reshape(7, 10)
    answer = carried(values, shifted(WHOLE, 3, -2), WHOLE)
    assert (answer[:5, 3:] == values[2:, :7]).all()


def test_an_area_may_grow_and_values_may_be_colours() -> None:
    values = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    answer = carried(values, (1, 1, 3, 3), (0, 0, 4, 5))
    assert answer.shape == (5, 4, 3)
    assert (answer[1:3, 1:3] == values).all()


def test_areas_side_by_side_share_nothing() -> None:
    assert common((0, 0, 5, 5), (5, 0, 9, 5)) is None
    assert uncovered((0, 0, 5, 5), (5, 0, 9, 5)) == [(0, 0, 5, 5)]
