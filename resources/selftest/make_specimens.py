"""Makes the films of the self-test: one drawn picture, once in every transfer syntax that we claim to read.

    python -m resources.selftest.make_specimens

Needs the encoders of the development environment; the self-test itself only reads the files. The
uncompressed film is the truth, `specimens.json` says how far a lossy one may be from it.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from openjpeg.utils import encode_array
from pydicom import uid
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate

MANIFEST = "specimens.json"
_DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
TRUTH = "explicit-little.dcm"
_ROWS, _COLUMNS = 48, 40
_ROOT = "2.25.312867523095018"

Picture = NDArray[np.uint16]


class Specimen(NamedTuple):
    """A way to encode the picture: `code` makes a code stream, None leaves the pixels as they are."""

    file: str
    syntax: str
    tolerance: int = 0
    bits: int = 12
    code: Callable[[Picture], bytes] | None = None


def picture() -> Picture:
    """A bright disc on a slope with fine lines, 12 bits, `(48, 40)`."""
    row, column = np.indices((_ROWS, _COLUMNS))
    disc = np.hypot(row - 20, column - 24) < 11
    values = 400 + 30 * row + 25 * column + 900 * disc + 60 * (column % 4 == 0)
    return values.astype(np.uint16)


def _jpeg_2000(film: Picture, ratios: tuple[float, ...] = ()) -> bytes:
    options = {"compression_ratios": list(ratios)} if ratios else {}
    return bytes(encode_array(film, bits_stored=12, photometric_interpretation=2, **options))


def _rle(film: Picture) -> bytes:
    dataset = _dataset(film, 12)
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    dataset.compress(uid.RLELossless, generate_instance_uid=False)
    return _only_frame(dataset)


def _jpeg_ls(film: Picture, error: int = 0) -> bytes:
    dataset = _dataset(film, 12)
    dataset.file_meta.TransferSyntaxUID = uid.ExplicitVRLittleEndian
    syntax = uid.JPEGLSNearLossless if error else uid.JPEGLSLossless
    dataset.compress(syntax, jls_error=error, generate_instance_uid=False)
    return _only_frame(dataset)


def _only_frame(dataset: Dataset) -> bytes:
    from pydicom.encaps import get_frame

    return get_frame(dataset.PixelData, 0, number_of_frames=1)


def _eight_bits(film: Picture) -> NDArray[np.uint8]:
    return (film >> 4).astype(np.uint8)


SPECIMENS = (
    Specimen("implicit-little.dcm", uid.ImplicitVRLittleEndian),
    Specimen(TRUTH, uid.ExplicitVRLittleEndian),
    Specimen("explicit-big.dcm", uid.ExplicitVRBigEndian),
    Specimen("deflated.dcm", uid.DeflatedExplicitVRLittleEndian),
    Specimen("encapsulated-uncompressed.dcm", "1.2.840.10008.1.2.1.98", code=lambda film: film.tobytes()),
    Specimen("deflated-frames.dcm", _DEFLATED_FRAMES, code=lambda film: _deflated(film.tobytes())),
    Specimen("rle.dcm", uid.RLELossless, code=_rle),
    Specimen(
        "jpeg-baseline.dcm",
        uid.JPEGBaseline8Bit,
        tolerance=8,
        bits=8,
        code=lambda film: bytes(imagecodecs.jpeg8_encode(_eight_bits(film), 97)),
    ),
    Specimen(
        "jpeg-extended.dcm",
        uid.JPEGExtended12Bit,
        tolerance=12,
        code=lambda film: bytes(imagecodecs.jpeg8_encode(film, 97, bitspersample=12)),
    ),
    Specimen(
        "jpeg-lossless.dcm",
        uid.JPEGLossless,
        code=lambda film: bytes(imagecodecs.jpeg8_encode(film, lossless=True, predictor=6, bitspersample=12)),
    ),
    Specimen(
        "jpeg-lossless-sv1.dcm",
        uid.JPEGLosslessSV1,
        code=lambda film: bytes(imagecodecs.ljpeg_encode(film, bitspersample=12)),
    ),
    Specimen("jpeg-ls.dcm", uid.JPEGLSLossless, code=_jpeg_ls),
    Specimen("jpeg-ls-near.dcm", uid.JPEGLSNearLossless, tolerance=2, code=lambda film: _jpeg_ls(film, 2)),
    Specimen("jpeg-2000-lossless.dcm", uid.JPEG2000Lossless, code=_jpeg_2000),
    Specimen("jpeg-2000.dcm", uid.JPEG2000, tolerance=30, code=lambda film: _jpeg_2000(film, (4.0,))),
    *(
        Specimen(name, syntax, code=lambda film: bytes(imagecodecs.htj2k_encode(film, reversible=True)))
        for name, syntax in (
            ("htj2k-lossless.dcm", uid.HTJ2KLossless),
            ("htj2k-lossless-rpcl.dcm", uid.HTJ2KLosslessRPCL),
        )
    ),
    Specimen(
        "htj2k.dcm",
        uid.HTJ2K,
        tolerance=30,
        code=lambda film: bytes(imagecodecs.htj2k_encode(film, 0.0003, reversible=False)),
    ),
)


def write_specimens(folder: Path) -> None:
    """Write all films and the list of them; the same bytes each time with the same encoders."""
    film = picture()
    for specimen in SPECIMENS:
        _write(folder / specimen.file, specimen, film)
    listed = {
        "truth": TRUTH,
        "pixels_sha256": hashlib.sha256(film.astype("<u2").tobytes()).hexdigest(),
        "specimens": [
            {"file": one.file, "tolerance": one.tolerance, "shift": 12 - one.bits} for one in SPECIMENS
        ],
    }
    (folder / MANIFEST).write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")


def _write(path: Path, specimen: Specimen, film: Picture) -> None:
    dataset = _dataset(film, specimen.bits)
    # pydicom does not know deflated frames yet: they are written as JPEG-LS and relabelled, same length.
    known = uid.JPEGLSLossless if specimen.syntax == _DEFLATED_FRAMES else specimen.syntax
    dataset.file_meta.TransferSyntaxUID = uid.UID(known)
    dataset.SOPInstanceUID = f"{_ROOT}.1.{SPECIMENS.index(specimen) + 1}"
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    if specimen.code is not None:
        dataset.PixelData = encapsulate([specimen.code(film)])
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
    elif specimen.syntax == uid.ExplicitVRBigEndian:
        dataset.PixelData = film.astype(">u2").tobytes()
    if specimen.tolerance:
        dataset.LossyImageCompression = "01"
    dataset.save_as(path, enforce_file_format=True)
    if known != specimen.syntax:
        label = specimen.syntax.encode().ljust(len(known), b"\0")
        path.write_bytes(path.read_bytes().replace(known.encode(), label, 1))


def _dataset(film: Picture, bits: int) -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID = uid.SecondaryCaptureImageStorage
    dataset.SOPInstanceUID = f"{_ROOT}.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = f"{_ROOT}.2", f"{_ROOT}.3"
    dataset.PatientName, dataset.PatientID = "SYNTHETIC^SELFTEST", "SELFTEST"
    dataset.Modality, dataset.ConversionType = "OT", "SYN"
    dataset.ImageComments = "SYNTHETIC: drawn by a script, no patient."
    dataset.Rows, dataset.Columns = film.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.PixelRepresentation = 0
    dataset.BitsAllocated = 16 if bits > 8 else 8
    dataset.BitsStored, dataset.HighBit = bits, bits - 1
    dataset.PixelData = film.astype("<u2").tobytes()
    dataset["PixelData"].VR = "OW"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.ImplementationClassUID = uid.UID(f"{_ROOT}.4")
    return dataset


def _deflated(data: bytes) -> bytes:
    """Raw deflate without zlib's header (PS3.5 A.5)."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


if __name__ == "__main__":
    write_specimens(Path(__file__).parent)
