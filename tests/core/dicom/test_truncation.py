"""Files that break off anywhere: refused, or fewer frames with a note; never a part shown as the whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from phantoms import write_colour, write_grey, write_palette
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from core.dicom.frames import read_frame, stored_values
from core.dicom.gate import Refused
from core.dicom.index import scan

FILM = np.random.default_rng(4).integers(0, 4096, (60, 50)).astype(np.uint16)
CLIP = np.random.default_rng(4).integers(0, 256, (4, 40, 48)).astype(np.uint8)
RGB = np.random.default_rng(4).integers(0, 256, (3, 20, 30, 3)).astype(np.uint8)


def write(path: Path, kind: str) -> None:
    if kind == "film":
        write_grey(path, FILM)
    elif kind in ("implicit", "big endian", "deflated"):
        ds = write_grey(path, FILM.astype(">u2") if kind == "big endian" else FILM)
        if kind == "big endian":
            ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
            ds.PixelData = FILM.astype(">u2").tobytes()
            ds.save_as(path, enforce_file_format=False, implicit_vr=False, little_endian=False)
        elif kind == "implicit":
            ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
            ds.save_as(path, enforce_file_format=False, implicit_vr=True, little_endian=True)
        else:
            ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
            ds.save_as(path, enforce_file_format=False)
    elif kind == "clip":
        write_grey(path, CLIP)
    elif kind == "bits":
        bits = (CLIP > 128).astype(np.uint8)
        packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
        write_grey(path, bits, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=packed)
    elif kind == "colour":
        write_colour(path, RGB, planar=True)
    elif kind == "palette":
        write_palette(path, CLIP[0], np.full((3, 256), 65_535, np.uint16))
    elif kind == "jpeg colour":
        write_colour(path, RGB, transfer_syntax_uid=JPEGBaseline8Bit)
    else:
        syntax = {
            "rle": RLELossless, "jpeg": JPEGBaseline8Bit, "jpeg lossless": JPEGLosslessSV1,
            "jpeg-ls": JPEGLSLossless, "jpeg 2000": JPEG2000Lossless,
        }[kind.removesuffix(" clip")]  # fmt: skip
        write_grey(path, CLIP if kind.endswith("clip") else CLIP[0], transfer_syntax_uid=syntax)


@pytest.mark.parametrize(
    "kind",
    [
        *("film", "implicit", "big endian", "deflated", "clip", "bits", "colour", "palette", "jpeg colour"),
        *("rle", "jpeg", "jpeg lossless", "jpeg-ls", "jpeg 2000", "rle clip", "jpeg clip", "jpeg-ls clip"),
        *("jpeg lossless clip", "jpeg 2000 clip"),
    ],
)
def test_no_cut_gives_part_of_an_image(tmp_path: Path, kind: str) -> None:
    write(tmp_path / "whole", kind)
    content = (tmp_path / "whole").read_bytes()
    whole = read_frame(tmp_path / "whole")
    frames = [stored_values(tmp_path / "whole", k).values for k in range(whole.source.number_of_frames)]
    path = tmp_path / "cut"
    reasons: set[str] = set()
    shown = 0
    for size in range(140, len(content), 256):
        path.write_bytes(content[:size])
        try:
            found = read_frame(path)
        except Refused as error:
            reasons.add(error.reason)
            continue
        shown += 1
        assert set(found.notes) > set(whole.notes), size
        count = found.source.number_of_frames
        assert count == scan([path]).instances[0].number_of_frames
        for index in range(count):
            assert np.array_equal(stored_values(path, index).values, frames[index]), (size, index)
    assert reasons
    assert all("pixels" in one or "truncated" in one or "image" in one for one in reasons), reasons
    assert shown > 0 or len(frames) == 1
