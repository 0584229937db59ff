"""Shutters: what they leave open."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.overlay import Overlay
from core.imaging.shutter import Shutter


def test_the_edges_of_a_rectangle_are_visible() -> None:
    hidden = Shutter(rectangle=(1, 2, 3, 4)).hides(6, 7)
    assert not hidden[1:4, 2:5].any()
    assert hidden.sum() == 6 * 7 - 9


def test_a_rectangle_larger_than_the_frame_hides_nothing() -> None:
    assert not Shutter(rectangle=(-1, -1, 99, 99)).hides(4, 4).any()


@given(row=st.floats(-5, 25), column=st.floats(-5, 25), radius=st.floats(0.5, 30), aspect=st.floats(0.5, 2))
def test_a_circle_is_round_on_the_screen(row: float, column: float, radius: float, aspect: float) -> None:
    hidden = Shutter(circle=(row, column, radius), aspect=aspect).hides(20, 20)
    for r in range(0, 20, 3):
        for c in range(0, 20, 3):
            assert hidden[r, c] == (((r - row) * aspect) ** 2 + (c - column) ** 2 > radius**2)


def test_a_polygon_leaves_its_inside_and_its_edge_open() -> None:
    hidden = Shutter(polygon=((1, 1), (1, 8), (8, 8), (8, 1))).hides(10, 10)
    assert not hidden[1:9, 1:9].any()
    assert hidden.sum() == 100 - 64


def test_a_polygon_that_folds_in_hides_the_fold() -> None:
    hidden = Shutter(polygon=((0, 0), (0, 20), (20, 20), (10, 10), (20, 0))).hides(21, 21)
    assert hidden[19, 10]
    assert not hidden[5, 10]
    assert not hidden[10, 2]


def test_corners_far_outside_still_count() -> None:
    hidden = Shutter(polygon=((-1e6, -1e6), (-1e6, 5), (1e6, 5), (1e6, -1e6))).hides(8, 8)
    assert not hidden[:, :5].any()
    assert hidden[:, 6:].all()


def test_several_shutters_leave_open_what_all_leave_open() -> None:
    bits = np.zeros((5, 5), np.bool_)
    bits[2, 2] = True
    hidden = Shutter(rectangle=(1, 1, 3, 3), circle=(2, 2, 1), bitmap=Overlay(0x6000, bits)).hides(5, 5)
    open_places = {(int(r), int(c)) for r, c in np.argwhere(~hidden)}
    assert open_places == {(1, 2), (2, 1), (2, 3), (3, 2)}
