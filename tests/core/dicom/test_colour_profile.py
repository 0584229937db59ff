"""ICC profiles: neutral stays neutral, damaged ones change nothing and are said."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phantoms import write_colour, write_palette
from PIL import ImageCms
from pydicom.dataset import Dataset

from core.dicom.colour_profile import to_srgb
from core.dicom.frames import read_frame
from core.dicom.tags import Attributes


def profile(gamma: float = 1.0, *, name: str = "Linear", space: bytes = b"RGB ") -> bytes:
    """A matrix profile with the primaries of sRGB and another curve, as ICC.1 lays it out."""

    def xyz(*numbers: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(number * 65_536) for number in numbers))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = name.encode() + b"\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    description += bytes(-len(description) % 4)
    parts = {
        b"desc": description,
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.4360, 0.2225, 0.0139),
        b"gXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
    }
    offset, table, body = 128 + 4 + 12 * len(parts), struct.pack(">I", len(parts)), b""
    for tag, part in parts.items():
        table += tag + struct.pack(">II", offset + len(body), len(part))
        body += part
    size = 128 + len(table) + len(body)
    head = struct.pack(">I", size) + b"lcms" + b"\x02\x10\0\0" + b"mntr" + space + b"XYZ "
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63_190, 65_536, 54_061)
    return head.ljust(128, b"\0") + table + body


LINEAR = profile()
RAMP = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2).reshape(16, 16, 3)


def with_profile(data: bytes) -> Attributes:
    ds = Dataset()
    ds.ICCProfile = data + b"\0" * (len(data) % 2)
    return Attributes(ds)


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
    converted = to_srgb(grey, with_profile(profile(round(gamma, 1), name=f"Gamma {gamma:.1f}")))
    assert np.ptp(converted.astype(int)) <= 2


def test_srgb_itself_changes_nothing() -> None:
    srgb = io.BytesIO(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()).getvalue()
    attributes = with_profile(srgb)
    assert to_srgb(RAMP, attributes) is RAMP
    assert attributes.notes == []


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
    attributes = Attributes(Dataset())
    assert to_srgb(RAMP, attributes) is RAMP
    assert attributes.notes == []


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
    attributes = with_profile(data)
    assert to_srgb(RAMP, attributes) is RAMP
    assert attributes.notes[0].startswith(f"The colour profile of the file is not applied: {words}")


@given(st.lists(st.tuples(st.integers(0, len(LINEAR) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_mutated_profiles_give_colours_or_a_note(changes: list[tuple[int, int]]) -> None:
    data = bytearray(LINEAR)
    for place, value in changes:
        data[place] = value
    assert to_srgb(RAMP, with_profile(bytes(data))).shape == RAMP.shape
