"""Palettes against an independent lookup, and samples of other widths."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phantoms import write_colour, write_palette

from core.dicom.colour import _expand_segments
from core.dicom.frames import read_frame


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("bits", [8, 16])
def test_palettes_equal_an_independent_lookup(tmp_path: Path, seed: int, bits: int) -> None:
    rng = np.random.default_rng(seed)
    count, first = int(rng.integers(1, 300)), int(rng.integers(0, 100))
    tables = rng.integers(256 if bits == 16 else 0, 2**bits, (3, count)).astype(np.uint16)
    indices = rng.integers(0, 256, (9, 7)).astype(np.uint8)
    write_palette(tmp_path / "p", indices, tables, first=first, bits=bits)
    expected = [
        [
            [table[min(max(int(index) - first, 0), count - 1)] >> (bits - 8) for table in tables]
            for index in row
        ]
        for row in indices
    ]
    assert read_frame(tmp_path / "p").stored.tolist() == expected


def test_segments() -> None:
    assert _expand_segments((0, 3, 5, 6, 7), 3) == [5, 6, 7]
    assert _expand_segments((0, 1, 0, 1, 4, 8), 5) == [0, 2, 4, 6, 8]
    assert _expand_segments((0, 2, 1, 2, 2, 1, 0, 0), 4) == [1, 2, 1, 2]
    assert _expand_segments((1, 4, 8), 4) == []
    assert _expand_segments((9, 9, 9, 9), 4) == []


@given(st.lists(st.integers(0, 65_535), max_size=40).map(tuple), st.integers(1, 300))
def test_any_segments_end(words: tuple[int, ...], count: int) -> None:
    _expand_segments(words, count)


def test_sixteen_bit_colour_is_shown_by_its_upper_bits(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 65_536, (5, 6, 3)).astype(np.uint16)
    write_colour(tmp_path / "c", rgb)
    assert np.array_equal(read_frame(tmp_path / "c").stored, rgb >> 8)
