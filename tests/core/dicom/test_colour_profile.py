"""ICC profiles: neutral stays neutral, damaged ones change nothing and are said."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from colour_profiles import profile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from phantoms import write_colour, write_palette
from PIL import ImageCms
from pydicom.dataset import Dataset

from core.dicom.colour_profile import to_srgb
from core.dicom.frames import read_frame

LINEAR = profile()
RAMP = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2).reshape(16, 16, 3)


def converted(rgb: NDArray[np.uint8], data: bytes | None) -> tuple[NDArray[np.uint8], list[str]]:
    notes: list[str] = []
    return to_srgb(rgb, data, notes.append), notes


def test_a_linear_profile_is_converted_and_said(tmp_path: Path) -> None:
    write_colour(tmp_path / "c", RAMP, ICCProfile=LINEAR)
    frame = read_frame(tmp_path / "c")
    assert "Colours were converted from the file's colour profile (Linear) to sRGB." in frame.notes
    light = np.arange(256) / 255
    wanted = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    assert np.abs(frame.stored.reshape(256, 3) - wanted[:, None]).max() <= 2
    assert not frame.stored.flags.writeable


@given(st.integers(0, 255), st.floats(0.8, 3.0))
def test_neutral_grey_stays_neutral(level: int, gamma: float) -> None:
    grey = np.full((2, 2, 3), level, np.uint8)
    rgb, _ = converted(grey, profile(round(gamma, 1), name=f"Gamma {gamma:.1f}"))
    assert np.ptp(rgb.astype(int)) <= 2


def test_srgb_itself_changes_nothing() -> None:
    srgb = io.BytesIO(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()).getvalue()
    rgb, notes = converted(RAMP, srgb)
    assert rgb is RAMP
    assert notes == []


def test_the_profile_of_an_optical_path_is_used(tmp_path: Path) -> None:
    path = Dataset()
    path.ICCProfile = LINEAR
    write_colour(tmp_path / "c", RAMP, OpticalPathSequence=[path])
    assert read_frame(tmp_path / "c").stored[8, 0, 0] > 170


def test_palette_colours_have_profiles_too(tmp_path: Path) -> None:
    tables = np.stack([np.arange(256)] * 3).astype(np.uint16) << 8
    write_palette(tmp_path / "p", np.full((2, 2), 128, np.uint8), tables, ICCProfile=LINEAR)
    assert read_frame(tmp_path / "p").stored[0, 0, 0] > 170


def test_files_without_a_profile_are_left_alone() -> None:
    rgb, notes = converted(RAMP, None)
    assert rgb is RAMP
    assert notes == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\0" * 40, "it is damaged"),
        (LINEAR[:200], "it is damaged"),
        (LINEAR[:36] + b"nope" + LINEAR[40:], "it is damaged"),
        (LINEAR[:132] + b"\xff" * (len(LINEAR) - 132), "it is damaged"),
        (profile(space=b"CMYK"), "it is not of RGB colours"),
        (LINEAR + bytes(5 * 2**20), "it has 5,2"),
    ],
)
def test_a_profile_that_cannot_be_used_is_said(data: bytes, words: str) -> None:
    rgb, notes = converted(RAMP, data)
    assert rgb is RAMP
    assert notes[0].startswith(f"The colour profile of the file is not applied: {words}")


@given(st.lists(st.tuples(st.integers(0, len(LINEAR) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_mutated_profiles_give_colours_or_a_note(changes: list[tuple[int, int]]) -> None:
    data = bytearray(LINEAR)
    for place, value in changes:
        data[place] = value
    assert converted(RAMP, bytes(data))[0].shape == RAMP.shape
