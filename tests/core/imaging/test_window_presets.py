"""Windows by modality: the program's, the reader's in their place, and nothing that stops the program."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.window_presets import DEFAULTS, NamedWindow, presets_of, rows_of


def test_without_own_ones_a_ct_has_the_windows_that_readers_know() -> None:
    known = {one.name: (one.width, one.center) for one in presets_of(())["CT"]}
    assert known == {
        "Brain": (110, 35),
        "Abdomen": (320, 50),
        "Mediastinum": (400, 80),
        "Bone": (2000, 350),
        "Lung": (1500, -500),
    }
    assert "DX" not in presets_of(())
    assert rows_of(DEFAULTS) == ()


def test_own_ones_take_the_place_of_a_whole_modality() -> None:
    presets = presets_of((("ct", "Liver", "150", "90"), ("MR", "Spine", "800.5", "400")))
    assert presets["CT"] == (NamedWindow("Liver", 150, 90),)
    assert presets["MR"] == (NamedWindow("Spine", 800.5, 400),)
    assert rows_of(presets) == (("CT", "Liver", "150", "90"), ("MR", "Spine", "800.5", "400"))


def test_a_modality_may_have_none() -> None:
    presets = presets_of((("CT",),))
    assert presets["CT"] == ()
    assert rows_of(presets) == (("CT",),)


@pytest.mark.parametrize(
    "row",
    [
        ("CT", "", "1", "1"),
        ("CT", "x", "0", "1"),
        ("CT", "x", "nan", "1"),
        ("CT", "x", "1", "inf"),
        ("CT", "x", "a", "1"),
        ("CT", "x", "1"),
        ("CT", "x", "1", "1", "1"),
    ],
)
def test_what_is_no_window_is_left_out(row: tuple[str, ...]) -> None:
    assert presets_of((row, ("CT", "Liver", "150", "90")))["CT"] == (NamedWindow("Liver", 150, 90),)


@given(st.lists(st.lists(st.text() | st.sampled_from(["CT", "MR", "10", "-3", "1e400"]), min_size=1)))
def test_no_settings_break_it_and_what_is_read_is_written_again(rows: list[list[str]]) -> None:
    presets = presets_of(tuple(map(tuple, rows)))
    again = presets_of(rows_of(presets))
    assert {name: ones for name, ones in again.items() if ones} == {
        n: ones for n, ones in presets.items() if ones
    }
    assert again["CT"] == presets["CT"]
