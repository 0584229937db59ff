"""Palettes against an independent lookup: 2,000 random tables, odd descriptors, segments."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phantoms import write_palette
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from core.dicom.frames import read_frame
from core.dicom.gate import Refused
from core.dicom.image_pixel import PixelDescription
from core.dicom.palette import expand_segments, palette_to_rgb
from core.dicom.tags import Attributes


def looked_up(index: int, first: int, table: list[int], bits: int) -> int:
    """One index by the words of PS3.3 C.7.6.3.1.5, in plain Python."""
    if index < first:
        entry = table[0]
    elif index - first >= len(table):
        entry = table[-1]
    else:
        entry = table[index - first]
    return entry >> 8 if bits == 16 else entry


def write_descriptor(ds: Dataset, channel: str, numbers: list[int], signed: bool) -> None:
    tag = {"Red": 0x00281101, "Green": 0x00281102, "Blue": 0x00281103}[channel]
    if signed:
        ds.add_new(tag, "SS", [number - 65_536 if number >= 32_768 else number for number in numbers])
    else:
        ds.add_new(tag, "US", [number % 65_536 for number in numbers])


def test_two_thousand_random_tables_are_exact() -> None:
    rng = np.random.default_rng(20)
    for case in range(2_000):
        signed, wide = bool(case % 2), bool(case // 2 % 2)
        width = int(rng.choice([8, 16]))
        bits = int(rng.choice([8, 12, 16])) if width == 16 else 8
        count = int(rng.choice([1, 2, int(rng.integers(3, 300)), int(rng.integers(3, 4_000))]))
        if case % 100 == 0:
            count = 65_536
        lowest = -(1 << (bits - 1)) if signed else 0
        highest = lowest + (1 << bits) - 1
        first = int(rng.integers(lowest, min(highest, 32_767) + 1)) if case % 3 else 0
        tables = rng.integers(0, 65_536 if wide else 256, (3, count))
        if wide:
            tables[0, -1] = 65_535  # a wide table that happens to hold only small entries is another case
        values = rng.integers(lowest, highest + 1, (3, 4)).astype(f"{'i' if signed else 'u'}{width // 8}")
        ds = Dataset()
        for channel, table in zip(("Red", "Green", "Blue"), tables, strict=True):
            write_descriptor(ds, channel, [count % 65_536, first, 16 if wide else 8], signed)
            kind = "<u2" if wide or case % 5 == 0 else "u1"  # 8-bit entries each in a word of 16, too
            data = table.astype(kind).tobytes()
            setattr(ds, f"{channel}PaletteColorLookupTableData", data + b"\0" * (len(data) % 2))
        description = PixelDescription(
            3, 4, 1, 1, 1, width, bits, bits - 1, int(signed), 0, "PALETTE COLOR", "PixelData"
        )
        wanted = [
            [
                [looked_up(int(index), first, table.tolist(), 16 if wide else 8) for table in tables]
                for index in row
            ]
            for row in values
        ]
        found = palette_to_rgb(values, Attributes(ds), description, "file")
        assert found.tolist() == wanted, case


def test_a_negative_first_value_of_unsigned_pixels_is_meant_so(tmp_path: Path) -> None:
    tables = np.stack([np.arange(20) + shift for shift in (0, 100, 200)]).astype(np.uint16) << 8
    write_palette(tmp_path / "p", np.arange(8, dtype=np.uint8).reshape(2, 4), tables, first=65_531)
    assert read_frame(tmp_path / "p").stored[..., 0].ravel().tolist() == list(range(5, 13))


def test_each_channel_may_begin_elsewhere(tmp_path: Path) -> None:
    tables = np.stack([np.arange(10)] * 3).astype(np.uint16) << 8
    ds = write_palette(tmp_path / "p", np.full((2, 2), 5, np.uint8), tables)
    ds.GreenPaletteColorLookupTableDescriptor = [10, 3, 16]
    ds.save_as(tmp_path / "p", enforce_file_format=False)
    assert read_frame(tmp_path / "p").stored[0, 0].tolist() == [5, 2, 5]


def test_a_dark_channel_of_a_wide_palette_stays_dark(tmp_path: Path) -> None:
    """The width is that of all channels: a blue that never exceeds 255 of 65,535 is black."""
    tables = np.array([[0, 65_535], [0, 65_535], [0, 255]], np.uint16)
    write_palette(tmp_path / "p", np.array([[0, 1]], np.uint8), tables)
    assert read_frame(tmp_path / "p").stored.tolist() == [[[0, 0, 0], [255, 255, 0]]]


def test_small_values_in_wide_entries_are_taken_as_eight_bits(tmp_path: Path) -> None:
    tables = np.stack([np.arange(256)] * 3).astype(np.uint16)
    write_palette(tmp_path / "p", np.array([[0, 200]], np.uint8), tables)
    frame = read_frame(tmp_path / "p")
    assert frame.stored[..., 0].tolist() == [[0, 200]]
    assert "The palette declares 16 bits an entry and uses 8; it is taken as 8." in frame.notes


@pytest.mark.parametrize("bits", [8, 16])
def test_big_endian_tables(tmp_path: Path, bits: int) -> None:
    rng = np.random.default_rng(1)
    tables = rng.integers(0, 1 << bits, (3, 256)).astype(np.uint16)
    tables[:, 0] = (1 << bits) - 1
    indices = rng.integers(0, 256, (6, 8)).astype(np.uint8)
    ds = write_palette(tmp_path / "p", indices, tables, bits=bits)
    little = read_frame(tmp_path / "p").stored
    for channel in ("Red", "Green", "Blue"):
        element = ds[f"{channel}PaletteColorLookupTableData"]
        element.value = np.frombuffer(element.value, "<u2").astype(">u2").tobytes()
        element.VR = "OW"
    ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    ds.save_as(tmp_path / "b", enforce_file_format=False, implicit_vr=False, little_endian=False)
    assert np.array_equal(read_frame(tmp_path / "b").stored, little)


def test_fewer_entries_than_declared_are_noted(tmp_path: Path) -> None:
    tables = np.full((3, 4), 65_535, np.uint16)
    ds = write_palette(tmp_path / "p", np.full((2, 2), 200, np.uint8), tables)
    ds.RedPaletteColorLookupTableDescriptor = [256, 0, 16]
    ds.save_as(tmp_path / "p", enforce_file_format=False)
    assert "The red palette has 4 of 256 declared entries." in read_frame(tmp_path / "p").notes


@pytest.mark.parametrize(
    "changes",
    [
        {"RedPaletteColorLookupTableData": None},
        {"BluePaletteColorLookupTableDescriptor": None},
        {"GreenPaletteColorLookupTableDescriptor": [4, 0]},
        {
            "GreenPaletteColorLookupTableData": None,
            "SegmentedGreenPaletteColorLookupTableData": b"\x09\0\x09\0",
        },
    ],
)
def test_a_damaged_palette_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    write_palette(tmp_path / "p", np.zeros((4, 4), np.uint8), np.zeros((3, 4), np.uint16), **changes)
    with pytest.raises(Refused, match="palette is missing or damaged"):
        read_frame(tmp_path / "p")


@pytest.mark.parametrize("bits", [8, 16])
def test_a_segmented_palette_equals_the_plain_one(tmp_path: Path, bits: int) -> None:
    top = (1 << bits) - 1
    kind = "u1" if bits == 8 else "<u2"
    plain = [0, 5, 10, 15, 20, 25, *np.linspace(25, top, 51)[1:].round().astype(int), top, 7, 9]
    segments = [0, 2, 0, 5, 1, 4, 25, 1, 50, top, 0, 3, top, 7, 9]
    tables = np.array([plain] * 3, np.uint16)
    indices = np.arange(64, dtype=np.uint8).reshape(8, 8)
    ds = write_palette(tmp_path / "p", indices, tables, bits=bits)
    wanted = read_frame(tmp_path / "p").stored
    for channel in ("Red", "Green", "Blue"):
        delattr(ds, f"{channel}PaletteColorLookupTableData")
        data = np.array(segments, kind).tobytes()
        setattr(ds, f"Segmented{channel}PaletteColorLookupTableData", data + b"\0" * (len(data) % 2))
    ds.save_as(tmp_path / "s", enforce_file_format=False)
    assert np.array_equal(read_frame(tmp_path / "s").stored, wanted)


def test_segments() -> None:
    assert expand_segments((0, 3, 5, 6, 7), 3) == [5, 6, 7]
    assert expand_segments((0, 1, 0, 1, 4, 8), 5) == [0, 2, 4, 6, 8]
    assert expand_segments((0, 2, 1, 2, 2, 1, 0, 0), 4) == [1, 2, 1, 2]
    assert expand_segments((1, 4, 8), 4) == []
    assert expand_segments((9, 9, 9, 9), 4) == []
    assert expand_segments((0, 9, 1, 2, 3), 2) == [1, 2]


def test_indirect_segments_count_bytes_and_some_count_units() -> None:
    two = (0, 1, 10, 0, 2, 20, 30)
    assert expand_segments((*two, 2, 1, 6, 0), 5) == [10, 20, 30, 20, 30]  # byte 6 is unit 3
    assert expand_segments((*two, 2, 1, 3, 0), 5) == [10, 20, 30, 20, 30]
    assert expand_segments((*two, 2, 2, 0, 0), 6) == [10, 20, 30, 10, 20, 30]
    assert expand_segments((*two, 2, 1, 3, 0, 0, 0), 5, unit_bytes=1) == [10, 20, 30, 20, 30]


@given(st.lists(st.integers(0, 65_535), max_size=40).map(tuple), st.integers(1, 300), st.sampled_from([1, 2]))
def test_any_segments_end(words: tuple[int, ...], count: int, unit_bytes: int) -> None:
    assert len(expand_segments(words, count, unit_bytes)) <= count
