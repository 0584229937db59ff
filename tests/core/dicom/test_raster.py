"""PNG and JPEG pictures: exact grey, EXIF orientation, bounded size."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from colour_profiles import profile
from phantoms import write_picture
from PIL import Image

from core.dicom.frames import read_frame
from core.dicom.gate import Refused
from core.dicom.raster import raster_header


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_grey_png_is_exact(tmp_path: Path, kind: type[np.generic]) -> None:
    values = np.random.default_rng(0).integers(0, np.iinfo(kind).max, (11, 13)).astype(kind)
    write_picture(tmp_path / "p.png", values)
    frame = read_frame(tmp_path / "p.png")
    assert np.array_equal(frame.stored, values)
    assert frame.stored.dtype == kind
    assert frame.bits_stored == 8 * values.itemsize
    assert (frame.source.is_dicom, frame.source.lossy, frame.spacing.known) == (False, False, False)


def test_three_equal_channels_are_grey(tmp_path: Path) -> None:
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    write_picture(tmp_path / "p.png", np.stack([grey] * 3, axis=-1))
    assert np.array_equal(read_frame(tmp_path / "p.png").stored, grey)
    colour = np.stack([grey, grey, grey + 1], axis=-1)
    write_picture(tmp_path / "c.png", colour)
    frame = read_frame(tmp_path / "c.png")
    assert np.array_equal(frame.stored, colour)
    assert frame.photometric_interpretation == "RGB"


@pytest.mark.parametrize("mode", ["1", "LA", "RGBA", "P", "CMYK"])
def test_odd_modes_open(tmp_path: Path, mode: str) -> None:
    ending = "jpg" if mode == "CMYK" else "png"
    Image.fromarray(np.full((8, 8), 255, np.uint8)).convert("RGB" if mode == "CMYK" else "L").convert(
        mode
    ).save(tmp_path / f"p.{ending}")
    frame = read_frame(tmp_path / f"p.{ending}")
    assert frame.stored.shape[:2] == (8, 8)
    assert frame.stored.min() >= 250


def test_transparent_parts_are_black_and_said(tmp_path: Path) -> None:
    Image.new("LA", (4, 4), (200, 0)).save(tmp_path / "p.png")
    frame = read_frame(tmp_path / "p.png")
    assert frame.stored.max() == 0
    assert "Transparent parts are shown black." in frame.notes


def test_exif_orientation_is_applied_and_said(tmp_path: Path) -> None:
    values = np.zeros((16, 32), np.uint8)
    values[:, :16] = 255
    write_picture(tmp_path / "p.jpg", values, exif_orientation=6)
    frame = read_frame(tmp_path / "p.jpg")
    assert frame.stored.shape == (32, 16)
    assert frame.stored[:12].min() > 200
    assert any("EXIF orientation 6" in note for note in frame.notes)
    assert frame.source.lossy
    header = raster_header(tmp_path / "p.jpg")
    assert (header.rows, header.columns, header.is_colour) == (32, 16, False)


def test_a_truncated_picture_is_refused(tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 255, (64, 64)).astype(np.uint8)
    for name in ("p.png", "p.jpg"):
        write_picture(tmp_path / name, values)
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[: len(content) // 2])
        with pytest.raises(Refused, match="truncated or damaged"):
            read_frame(tmp_path / name)


@pytest.mark.parametrize("side", [8_001, 10_000, 60_000])
def test_a_huge_picture_is_refused_before_it_is_read(tmp_path: Path, side: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    content = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )
    (tmp_path / "bomb.png").write_bytes(content)
    with pytest.raises(Refused, match="64,000,000"):
        read_frame(tmp_path / "bomb.png")


def test_a_picture_has_one_frame(tmp_path: Path) -> None:
    write_picture(tmp_path / "p.png", np.zeros((4, 4), np.uint8))
    with pytest.raises(Refused, match="a picture has one frame"):
        read_frame(tmp_path / "p.png", 1)


def test_colours_of_a_cmyk_jpeg_are_right(tmp_path: Path) -> None:
    Image.new("RGB", (32, 32), (200, 100, 50)).convert("CMYK").save(tmp_path / "p.jpg", quality=95)
    assert np.abs(read_frame(tmp_path / "p.jpg").stored.astype(int) - (200, 100, 50)).max() <= 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation(tmp_path: Path, orientation: int) -> None:
    """Where the first row and column of the file belong in the picture (EXIF 2.3, 4.6.4)."""
    values = np.zeros((16, 24), np.uint8)
    values[:8, :8] = 255
    write_picture(tmp_path / "p.jpg", values, exif_orientation=orientation)
    stored = read_frame(tmp_path / "p.jpg").stored
    row, column = ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0), (0, 1), (1, 1), (1, 0))[orientation - 1]
    assert stored.shape == ((16, 24) if orientation < 5 else (24, 16))
    corners = [[stored[2, 2], stored[2, -3]], [stored[-3, 2], stored[-3, -3]]]
    assert [[value > 128 for value in pair] for pair in corners] == [
        [(row, column) == (r, c) for c in (0, 1)] for r in (0, 1)
    ]


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_sixteen_bits_that_are_shown_as_eight_are_said(tmp_path: Path, channels: int) -> None:
    values = np.full((8, 8, channels), 0xFFFF, np.uint16)
    values[..., 0] = 0x1234
    (tmp_path / "p.png").write_bytes(imagecodecs.png_encode(values))
    frame = read_frame(tmp_path / "p.png")
    assert int(frame.stored.flat[0]) == 0x12
    assert "Of 16 bits a sample the upper 8 are shown." in frame.notes


def test_the_pictures_of_telephones_are_lossy(tmp_path: Path) -> None:
    picture = Image.new("RGB", (16, 16), (9, 99, 199))
    picture.save(tmp_path / "p.jpg", "MPO", save_all=True, append_images=[picture])
    frame = read_frame(tmp_path / "p.jpg")
    assert frame.source.lossy
    assert frame.photometric_interpretation == "RGB"


@pytest.mark.parametrize(
    ("coded", "words"),
    [
        (imagecodecs.jpeg8_encode(np.full((16, 16), 3000, np.uint16), bitspersample=12), "JPEG of 12 bits"),
        (
            imagecodecs.ljpeg_encode(np.full((16, 16), 3000, np.uint16), bitspersample=12),
            "lossless JPEG of 12",
        ),
        (imagecodecs.jpegls_encode(np.full((16, 16), 30, np.uint8)), "JPEG-LS of 8 bits"),
    ],
)
def test_other_kinds_of_jpeg_are_named(tmp_path: Path, coded: bytes, words: str) -> None:
    (tmp_path / "p.jpg").write_bytes(coded)
    with pytest.raises(Refused, match=words):
        read_frame(tmp_path / "p.jpg")


def test_pictures_have_colour_profiles_too(tmp_path: Path) -> None:
    linear = profile()
    Image.new("RGB", (8, 8), (128, 100, 50)).save(tmp_path / "p.png", icc_profile=linear)
    frame = read_frame(tmp_path / "p.png")
    assert frame.stored[0, 0, 0] > 170
    assert any("colour profile (Linear)" in note for note in frame.notes)
