"""Code streams whose kind, precision or sign the header does not know."""

from __future__ import annotations

from pathlib import Path

import imagecodecs
import jpeg_ls
import numpy as np
import pytest
from numpy.typing import NDArray
from openjpeg.utils import encode_array
from phantoms import write_grey
from pydicom.encaps import encapsulate
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from core.dicom.frames import read_frame, stored_values
from core.imaging.frame import Frame

U12 = np.random.default_rng(0).integers(0, 4096, (32, 40)).astype(np.uint16)
S12 = (U12.astype(np.int16) - 2048).astype(np.int16)
SMOOTH = np.add.outer(np.arange(32) * 60, np.arange(40) * 50).astype(np.uint16)


def read(
    path: Path, coded: bytes, syntax: str, stored: int = 16, signed: int = 0, allocated: int = 16
) -> Frame:
    """A file with this code stream and these words about it."""
    ds = write_grey(path, U12)
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = (
        allocated,
        stored,
        stored - 1,
        signed,
    )
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate([coded])
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    ds.save_as(path, enforce_file_format=False)
    return read_frame(path)


def two_complement(values: NDArray[np.int16]) -> NDArray[np.uint16]:
    return np.asarray(values & 0xFFF, dtype=np.uint16)


@pytest.mark.parametrize("stored", [8, 12, 16])
def test_lossy_jpeg_of_twelve_bits_is_never_masked(tmp_path: Path, stored: int) -> None:
    coded = imagecodecs.jpeg8_encode(SMOOTH, 95, bitspersample=12)
    frame = read(tmp_path / "f", coded, JPEGExtended12Bit, stored)
    assert np.abs(frame.stored.astype(int) - SMOOTH).max() <= 2
    assert frame.bits_stored == 12
    told = "The compressed pixels have 12 bits a sample, the header says 8; all 12 are used."
    assert frame.notes == ((told,) if stored == 8 else ())


def test_jpeg_of_eight_bits_under_a_wider_header(tmp_path: Path) -> None:
    grey = (SMOOTH >> 4).astype(np.uint8)
    frame = read(tmp_path / "f", imagecodecs.jpeg8_encode(grey, 95), JPEGBaseline8Bit)
    assert np.abs(frame.stored.astype(int) - grey).max() <= 2


@pytest.mark.parametrize("stored", [12, 16])
@pytest.mark.parametrize("precision", [12, 16])
def test_lossless_jpeg_of_signed_values(tmp_path: Path, stored: int, precision: int) -> None:
    words = two_complement(S12) if precision == 12 else S12.view(np.uint16)
    coded = imagecodecs.ljpeg_encode(words, bitspersample=precision)
    frame = read(tmp_path / "f", coded, JPEGLosslessSV1, stored, signed=1)
    assert np.array_equal(frame.stored, S12)


def test_garbage_above_the_bits_of_lossless_jpeg_is_masked(tmp_path: Path) -> None:
    coded = imagecodecs.ljpeg_encode(U12 | 0xA000, bitspersample=16)
    assert np.array_equal(read(tmp_path / "f", coded, JPEGLosslessSV1, 12).stored, U12)


@pytest.mark.parametrize("stored", [12, 16])
def test_jpeg_ls_of_signed_values(tmp_path: Path, stored: int) -> None:
    coded = bytes(jpeg_ls.encode_array(two_complement(S12)))
    assert np.array_equal(read(tmp_path / "f", coded, JPEGLSLossless, stored, signed=1).stored, S12)


@pytest.mark.parametrize("stored", [12, 16])
@pytest.mark.parametrize("signed", [0, 1])
def test_signed_jpeg_2000_is_signed_in_any_case(tmp_path: Path, stored: int, signed: int) -> None:
    coded = encode_array(S12, bits_stored=12, photometric_interpretation=0)
    frame = read(tmp_path / "f", coded, JPEG2000Lossless, stored, signed)
    assert np.array_equal(frame.stored, S12)
    assert (frame.stored.dtype, frame.bits_stored) == (np.int16, 12)
    told = "The compressed pixels are signed, the header says unsigned; they are read as signed."
    assert (told in frame.notes) == (signed == 0)
    assert stored_values(tmp_path / "f").values.dtype.kind == "iu"[1 - signed]


@pytest.mark.shared
def test_a_real_signed_stream_equals_its_twin(shared_data: Path) -> None:
    """The same slice with the sign in the stream, and with the sign in the header."""
    one = read_frame(shared_data / "dicom" / "bad" / "j2k_siz1_pixrep0.dcm").stored
    other = read_frame(shared_data / "dicom" / "bad" / "j2k_siz0_pixrep1.dcm").stored
    assert (int(one.min()), int(one.max())) == (int(other.min()), int(other.max())) == (-2048, 1717)


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (JPEGBaseline8Bit, "the compressed pixels are JPEG-LS"),
        (JPEG2000, "the compressed pixels are JPEG-LS"),
        (RLELossless, "the compressed pixels are JPEG-LS"),
        (JPEGLSLossless, ""),
    ],
)
def test_a_wrong_transfer_syntax_is_seen_and_said(tmp_path: Path, declared: str, words: str) -> None:
    frame = read(tmp_path / "f", bytes(jpeg_ls.encode_array(U12)), declared)
    assert np.array_equal(frame.stored, U12)
    assert any(words in note for note in frame.notes) if words else frame.notes == ()
