"""Packed cells against one big integer, and files of 12, 24 and other bits."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phantoms import write_colour, write_grey
from pydicom.uid import ExplicitVRBigEndian, JPEGLSLossless

from core.dicom.bit_cells import container_bits, read_cells
from core.dicom.frames import read_frame
from core.dicom.gate import Refused


def packed(cells: list[int], bits: int) -> bytes:
    """Cells in one big integer, the first at its low end; padded to whole words."""
    whole = sum(cell << (bits * place) for place, cell in enumerate(cells))
    return whole.to_bytes((bits * len(cells) + 15) // 16 * 2, "little")


@given(st.integers(1, 64), st.data())
def test_cells_are_those_of_one_big_integer(bits: int, data: st.DataObject) -> None:
    cells = data.draw(st.lists(st.integers(0, (1 << bits) - 1), min_size=1, max_size=40))
    first = data.draw(st.integers(0, len(cells) - 1))
    count = data.draw(st.integers(1, len(cells) - first))
    little = packed(cells, bits)
    big = np.frombuffer(little, "<u2").astype(">u2").tobytes()
    for content, big_endian in ((little, False), (big, True)):
        stream = io.BytesIO(b"before" + content)
        stream.seek(6)
        found = read_cells(stream, first * bits, count, bits, big_endian=big_endian)
        assert found.tolist() == cells[first : first + count]
        assert found.dtype.itemsize * 8 == container_bits(bits)


@pytest.mark.parametrize("bits", [2, 4, 10, 12, 24, 40])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("big", [False, True])
def test_clips_of_packed_cells(tmp_path: Path, bits: int, signed: bool, big: bool) -> None:
    rng = np.random.default_rng(bits)
    cells = rng.integers(0, 1 << bits, (3, 7, 9), dtype=np.uint64)
    data = packed([int(cell) for cell in cells.ravel()], bits)
    ds = write_grey(
        tmp_path / "c", np.zeros((3, 7, 9), np.uint16), BitsAllocated=bits, BitsStored=bits, HighBit=bits - 1,
        PixelRepresentation=int(signed), PixelData=data,
    )  # fmt: skip
    if big:
        ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        ds.PixelData = np.frombuffer(data, "<u2").astype(">u2").tobytes()
        ds.save_as(tmp_path / "c", enforce_file_format=False, implicit_vr=False, little_endian=False)
    wanted = cells.astype(np.int64)
    if signed:
        wanted = np.where(wanted >= 1 << (bits - 1), wanted - (1 << bits), wanted)
    for index in range(3):
        frame = read_frame(tmp_path / "c", index)
        assert np.array_equal(frame.stored.astype(np.int64), wanted[index])
        assert f"Bits Allocated is {bits}" in frame.notes[0]


def test_garbage_above_the_stored_bits_of_a_cell_is_masked(tmp_path: Path) -> None:
    stored = np.arange(60).reshape(6, 10) * 17
    data = packed([int(value) | 0x800 for value in stored.ravel()], 12)
    write_grey(
        tmp_path / "c", stored.astype(np.uint16), BitsAllocated=12, BitsStored=10, HighBit=9, PixelData=data
    )
    assert np.array_equal(read_frame(tmp_path / "c").stored, stored)


@pytest.mark.parametrize("planar", [False, True])
def test_packed_colour(tmp_path: Path, planar: bool) -> None:
    rgb = np.random.default_rng(0).integers(0, 4096, (4, 6, 3)).astype(np.uint16)
    order = np.moveaxis(rgb, -1, 0) if planar else rgb
    write_colour(
        tmp_path / "c", rgb, planar=planar, BitsAllocated=12, BitsStored=12, HighBit=11,
        PixelData=packed([int(value) for value in order.ravel()], 12),
    )  # fmt: skip
    assert np.array_equal(read_frame(tmp_path / "c").stored, rgb >> 4)


def test_a_cell_too_few_is_refused(tmp_path: Path) -> None:
    data = packed([1] * 64, 12)[:-2]
    write_grey(
        tmp_path / "c",
        np.zeros((8, 8), np.uint16),
        BitsAllocated=12,
        BitsStored=12,
        HighBit=11,
        PixelData=data,
    )
    with pytest.raises(Refused, match="96 bytes of pixels, 94 bytes are present"):
        read_frame(tmp_path / "c")


@pytest.mark.parametrize("signed", [False, True])
def test_twelve_bits_that_lie_in_words_of_sixteen_are_seen(tmp_path: Path, signed: bool) -> None:
    stored = (np.arange(64).reshape(8, 8) * 60 - 2048 * signed).astype(np.int16 if signed else np.uint16)
    write_grey(tmp_path / "c", (stored & 0xFFF) | 0x7000, BitsAllocated=12, BitsStored=12, HighBit=11,
               PixelRepresentation=int(signed))  # fmt: skip
    assert np.array_equal(read_frame(tmp_path / "c").stored, stored)


def test_a_size_that_fits_no_layout_is_refused(tmp_path: Path) -> None:
    write_grey(tmp_path / "c", np.zeros((8, 8), np.uint16), BitsAllocated=3, BitsStored=3, HighBit=2)
    with pytest.raises(Refused, match="3 bits per sample, 24 bytes of pixels; 128 bytes are present"):
        read_frame(tmp_path / "c")


def test_a_code_stream_has_its_own_width(tmp_path: Path) -> None:
    stored = (np.arange(64).reshape(8, 8) * 60).astype(np.uint16)
    ds = write_grey(tmp_path / "c", stored, BitsStored=12, HighBit=11, transfer_syntax_uid=JPEGLSLossless)
    ds.BitsAllocated = 12
    ds.save_as(tmp_path / "c", enforce_file_format=False)
    assert np.array_equal(read_frame(tmp_path / "c").stored, stored)
