"""Bit planes on a frame: cut at its edges, regions as outlines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.overlay import Overlay, OverlayKind, drawn_mask


@given(row=st.integers(-9, 9), column=st.integers(-9, 9), rows=st.integers(1, 6), columns=st.integers(1, 6))
def test_each_bit_stands_where_the_origin_puts_it(row: int, column: int, rows: int, columns: int) -> None:
    bits = np.random.default_rng(rows * 7 + columns).random((rows, columns)) < 0.5
    mask = Overlay(0x6000, bits, row, column).on_frame(5, 7)
    for r in range(5):
        for c in range(7):
            inside = 0 <= r - row < rows and 0 <= c - column < columns
            assert mask[r, c] == (inside and bits[r - row, c - column])


def test_graphics_are_drawn_as_they_are_and_regions_by_their_outline() -> None:
    full = np.ones((4, 4), np.bool_)
    graphics = drawn_mask([Overlay(0x6000, full, 1, 1)], 6, 6)
    region = drawn_mask([Overlay(0x6000, full, 1, 1, OverlayKind.REGION)], 6, 6)
    assert graphics.sum() == 16
    assert region.sum() == 12
    assert not region[2:4, 2:4].any()


def test_a_region_that_reaches_the_edge_is_closed_there() -> None:
    region = drawn_mask([Overlay(0x6000, np.ones((3, 3), np.bool_), 0, 0, OverlayKind.REGION)], 3, 3)
    assert region[0].all()


def test_names_are_the_files_words_or_say_what_it_is() -> None:
    bits = np.zeros((1, 1), np.bool_)
    assert Overlay(0x6000, bits, label="Marks", description="d").name == "Marks"
    assert Overlay(0x6000, bits, description="d").name == "d"
    assert Overlay(0x6004, bits).name == "Overlay 3 (graphics)"
    assert Overlay(0x6000, bits, kind=OverlayKind.REGION).name == "Overlay 1 (region)"


def test_a_plane_of_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="single bits"):
        Overlay(0x6000, np.zeros((2, 2), np.uint8))  # type: ignore[arg-type]  # what is refused
