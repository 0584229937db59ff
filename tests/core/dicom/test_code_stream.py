"""Headers of code streams are read where decoders read them: what is checked is what is decoded."""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Callable

import numpy as np
import pytest
from openjpeg.utils import encode_array
from PIL import Image

from core.dicom.code_stream import (
    JPEG_2000_LOSSLESS,
    JPEG_BASELINE,
    JPEG_LOSSLESS,
    read_code_stream,
    sniffed_transfer_syntax,
)

GREY = np.random.default_rng(0).integers(0, 4096, (40, 72), np.uint16)
J2K = bytes(encode_array(GREY, bits_stored=12))


@pytest.mark.parametrize(
    ("data", "syntax"),
    [
        (b"\xff\x4f\xff\x51", "1.2.840.10008.1.2.4.91"),
        (b"\xff\xd8\xff\xf7\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00", "1.2.840.10008.1.2.4.80"),
        (b"\xff\xd8\xff\xc3\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00", "1.2.840.10008.1.2.4.57"),
        (b"\xff\xd8\xff\xff\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00", "1.2.840.10008.1.2.4.51"),
        (b"\xff\xd8\xff\xda\x00\x02", ""),
        (b"\xff\xd8\xff\xc0\x00\x0b\x08", ""),
        (b"\xff\xd8\x00\x00\x00\x00", ""),
        (b"", ""),
    ],
)
def test_code_streams_are_known_by_their_first_bytes(data: bytes, syntax: str) -> None:
    assert sniffed_transfer_syntax(data) == syntax


def frame_header(marker: int, rows: int, columns: int) -> bytes:
    return struct.pack(">BBHBHHB", 0xFF, marker, 11, 8, rows, columns, 1) + b"\x01\x11\x00"


@pytest.mark.parametrize("marker", [0xC0, 0xC3, 0xF7])
def test_the_size_of_a_jpeg_stream_is_read(marker: int) -> None:
    data = b"\xff\xd8" + frame_header(marker, 30, 50) + b"\xff\xda\x00\x02coded\xff\xd9\0"
    stream = read_code_stream(data, JPEG_BASELINE)
    assert stream is not None
    assert (stream.rows, stream.columns, stream.components, stream.precision) == (30, 50, 1, 8)
    assert stream.is_whole


def test_two_frame_headers_are_none() -> None:
    """A decoder might follow the second one: 65,535 x 65,535 behind an honest size."""
    both = frame_header(0xC3, 30, 50) + frame_header(0xC3, 65_535, 65_535)
    assert read_code_stream(b"\xff\xd8" + both + b"\xff\xda\x00\x02\xff\xd9", JPEG_LOSSLESS) is None


def test_an_end_mark_before_the_scan_is_no_end() -> None:
    thumbnail = b"\xff\xe1\x00\x08\xff\xd8\xff\xd9\0\0"
    data = b"\xff\xd8" + thumbnail + frame_header(0xC0, 3, 5) + b"\xff\xda\x00\x02coded"
    stream = read_code_stream(data, JPEG_BASELINE)
    assert stream is not None
    assert not stream.is_whole


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def test_jpeg_2000_is_read_bare_and_from_its_boxes() -> None:
    bare = read_code_stream(J2K, JPEG_2000_LOSSLESS)
    assert bare is not None
    assert (bare.rows, bare.columns, bare.components, bare.precision, bare.tiles) == (40, 72, 1, 12, 1)
    signature = box(b"jP  ", b"\r\n\x87\n")
    for rest in (
        box(b"jp2c", J2K),
        struct.pack(">I", 0) + b"jp2c" + J2K,
        struct.pack(">I", 1) + b"jp2c" + struct.pack(">Q", 16 + len(J2K)) + J2K,
    ):
        assert read_code_stream(signature + box(b"ftyp", bytes(12)) + rest, JPEG_2000_LOSSLESS) == bare


def test_another_code_stream_in_an_earlier_box_is_not_taken_for_the_image() -> None:
    bait = box(b"uuid", b"\xff\x4f\xff\x51" + struct.pack(">HHIIII", 47, 0, 8, 8, 0, 0) + bytes(30))
    stream = read_code_stream(box(b"jP  ", b"\r\n\x87\n") + bait + box(b"jp2c", J2K), JPEG_2000_LOSSLESS)
    assert stream is not None
    assert (stream.rows, stream.columns) == (40, 72)


@pytest.mark.parametrize(
    "boxes", [b"", struct.pack(">I", 4) + b"free", box(b"free", b"") * 100, struct.pack(">I", 0) + b"free"]
)
def test_boxes_without_a_code_stream_come_to_an_end(boxes: bytes) -> None:
    assert read_code_stream(box(b"jP  ", b"\r\n\x87\n") + boxes, JPEG_2000_LOSSLESS) is None


@pytest.mark.parametrize(("tile", "tiles"), [(0, 0), (1, 2880), (8, 45), (72, 1)])
def test_tiles_are_counted(tile: int, tiles: int) -> None:
    data = bytearray(J2K)
    data[24:32] = struct.pack(">II", tile, tile)
    stream = read_code_stream(bytes(data), JPEG_2000_LOSSLESS)
    assert stream is not None
    assert stream.tiles == tiles
    assert stream.is_believable == (tiles > 0)


def test_more_tiles_than_can_be_numbered_are_not_believed() -> None:
    data = bytearray(J2K)
    data[8:16] = struct.pack(">II", 1000, 1000)
    data[24:32] = struct.pack(">II", 1, 1)
    stream = read_code_stream(bytes(data), JPEG_2000_LOSSLESS)
    assert stream is not None
    assert not stream.is_believable


def tiled() -> bytes:
    """A code stream of 2 x 3 tiles."""
    stored = io.BytesIO()
    picture = Image.fromarray((GREY >> 4).astype(np.uint8))
    picture.save(stored, "JPEG2000", no_jp2=True, tile_size=(24, 20), num_resolutions=2)
    return stored.getvalue()


def test_a_stream_without_one_of_its_tiles_is_not_whole() -> None:
    """Decoders leave the tile black, and say nothing."""
    data = tiled()
    whole = read_code_stream(data, JPEG_2000_LOSSLESS)
    assert whole is not None
    assert (whole.tiles, whole.is_whole) == (6, True)
    starts = [at for at in range(len(data)) if data[at : at + 4] == b"\xff\x90\x00\x0a"]
    assert len(starts) == 6
    for start, stop in itertools.pairwise([*starts, len(data) - 2]):
        without = read_code_stream(data[:start] + data[stop:], JPEG_2000_LOSSLESS)
        assert without is not None
        assert not without.is_whole


@pytest.mark.parametrize("make", [lambda: J2K, tiled])
def test_a_jpeg_2000_stream_that_breaks_off_is_not_whole(make: Callable[[], bytes]) -> None:
    data = make()
    for cut in range(200, len(data) - 2, 97):
        stream = read_code_stream(data[:cut], JPEG_2000_LOSSLESS)
        assert stream is not None
        assert not stream.is_whole, cut
    without_end_mark = read_code_stream(data[:-2], JPEG_2000_LOSSLESS)
    assert without_end_mark is not None
    assert without_end_mark.is_whole
