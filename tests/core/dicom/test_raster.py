"""PNG and JPEG pictures: exact grey, EXIF orientation, bounded size."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
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
