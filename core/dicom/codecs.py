"""One compressed frame becomes an array: which package decodes what, and what the array then means.

This runs in the decoding process. It knows no pydicom, so that a replaced process is ready at once, and
trusts nothing: values that do not fill the declared size are refused, never padded or cut.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from core.dicom.code_stream import (
    HTJ2K,
    JPEG_2000,
    JPEG_2000_LOSSLESS,
    JPEG_2000_LOSSY,
    JPEG_BASELINE,
    JPEG_EXTENDED,
    JPEG_LOSSLESS,
    JPEG_LOSSLESS_SV1,
    JPEG_LS,
    RLE_LOSSLESS,
    CodeStream,
    read_code_stream,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.dicom.image_pixel import PixelDescription

# From here on the tiles and blocks of one JPEG 2000 image are worth several threads.
_PIXELS_FOR_THREADS = 1_000_000
_MAX_THREADS = 4


class Package(NamedTuple):
    """Package that decodes a transfer syntax: its name on PyPI and the module to import."""

    name: str
    module: str

    @property
    def is_installed(self) -> bool:
        """Whether its module can be imported."""
        return find_spec(self.module) is not None


_IMAGECODECS = Package("imagecodecs", "imagecodecs")
_OPENJPEG = Package("pylibjpeg-openjpeg", "openjpeg")
_RLE = Package("pylibjpeg-rle", "rle")
_PYJPEGLS = Package("pyjpegls", "jpeg_ls")
PACKAGES: dict[str, Package] = {
    JPEG_BASELINE: _IMAGECODECS,
    JPEG_EXTENDED: _IMAGECODECS,
    JPEG_LOSSLESS: _IMAGECODECS,
    JPEG_LOSSLESS_SV1: _IMAGECODECS,
    RLE_LOSSLESS: _RLE,
    **dict.fromkeys(sorted(JPEG_LS), _PYJPEGLS),
    **dict.fromkeys(sorted(JPEG_2000), _OPENJPEG),
}
# Retired processes whose code streams the decoder of another transfer syntax reads all the same.
_LIKE_ANOTHER: dict[str, str] = {
    **{f"1.2.840.10008.1.2.4.{number}": JPEG_EXTENDED for number in (52, 53, 54, 55, 56)},
    **{f"1.2.840.10008.1.2.4.{number}": JPEG_LOSSLESS for number in (58, 65, 66)},
    "1.2.840.10008.1.2.4.92": JPEG_2000_LOSSLESS,
    "1.2.840.10008.1.2.4.93": JPEG_2000_LOSSY,
}


class Task(NamedTuple):
    """What a decoder must know of one frame beside its bytes; plain values, which travel as JSON.

    `bits` are those of the type that holds a sample, at least as many as the stream's own precision.
    """

    syntax: str
    rows: int
    columns: int
    samples: int
    bits: int
    is_signed: bool
    bits_stored: int
    photometric_interpretation: str

    @property
    def result_bytes(self) -> int:
        """Bytes of the decoded frame."""
        return self.rows * self.columns * self.samples * self.bits // 8


class Decoded(NamedTuple):
    """Values as the code stream holds them, (rows, columns[, samples]), and the colour they are in."""

    values: NDArray[np.generic]
    photometric_interpretation: str


def decoding_syntax(transfer_syntax_uid: str) -> str:
    """The transfer syntax whose decoder reads this one: mostly itself."""
    return _LIKE_ANOTHER.get(transfer_syntax_uid, transfer_syntax_uid)


def task_for(data: bytes, syntax: str, pixels: PixelDescription) -> Task:
    """The task of decoding one frame whose data set describes its pixels so."""
    stream = read_code_stream(data, syntax) if syntax != RLE_LOSSLESS else None
    precision = pixels.bits_allocated if stream is None else stream.precision
    bits = max(_container_bits(precision), pixels.bits_allocated if pixels.bits_allocated > 1 else 8)
    return Task(
        syntax,
        pixels.rows,
        pixels.columns,
        pixels.samples_per_pixel,
        bits,
        pixels.pixel_representation == 1,
        pixels.bits_stored,
        pixels.photometric_interpretation,
    )


def decoded(data: bytes, task: Task) -> Decoded:
    """Decode one code stream, without any colour conversion but what its own format demands.

    Raises whatever the decoder raises; also `BaseException` that is no `Exception` (a Rust panic).
    """
    package = PACKAGES[task.syntax]
    if package is _RLE:
        values, photometric = _rle(data, task), task.photometric_interpretation
    else:
        stream = read_code_stream(data, task.syntax)
        if stream is None:
            raise ValueError("their own header is missing")
        if package is _OPENJPEG:
            values, photometric = _jpeg_2000(data, task, stream)
        elif package is _PYJPEGLS:
            values, photometric = _jpeg_ls(data, task, stream)
        else:
            values, photometric = _jpeg(data, task, stream)
    return Decoded(np.ascontiguousarray(values), photometric)


def _container_bits(precision: int) -> int:
    """Bits of the smallest type that holds samples of a precision."""
    return next((bits for bits in (8, 16, 32) if precision <= bits), 32)


def _filled(flat: NDArray[np.generic], task: Task, *, planar: bool = False) -> NDArray[np.generic]:
    """One-dimensional samples in the frame's shape and type, if they are as many as they must be."""
    if flat.size != task.rows * task.columns * task.samples:
        raise ValueError(
            f"{flat.size:,} samples came out, {task.rows} × {task.columns} × {task.samples} are declared"
        )
    flat = flat.astype(f"{'i' if task.is_signed else 'u'}{task.bits // 8}", copy=False)
    if task.samples == 1:
        return flat.reshape(task.rows, task.columns)
    if planar:
        return flat.reshape(task.samples, task.rows, task.columns).transpose(1, 2, 0)
    return flat.reshape(task.rows, task.columns, task.samples)


def _samples(buffer: bytes | bytearray | memoryview, bits: int, task: Task) -> NDArray[np.generic]:
    """Bytes of a decoder as samples of so many bits, signed as the data set says."""
    return np.frombuffer(buffer, dtype=f"<{'i' if task.is_signed else 'u'}{bits // 8}")


def _flat(array: NDArray[np.generic], task: Task) -> NDArray[np.generic]:
    """Samples of a decoder in a row, taken for signed as the data set says."""
    return (
        np.ascontiguousarray(array)
        .reshape(-1)
        .view(f"{'i' if task.is_signed else 'u'}{array.dtype.itemsize}")
    )


def _with_sign(values: NDArray[np.generic], precision: int) -> NDArray[np.generic]:
    """Values whose sign bit is the top one of their precision: extended to the type's, or cut off there."""
    shift = 8 * values.dtype.itemsize - precision
    if shift <= 0:
        return values
    shifted = values.copy()
    np.left_shift(shifted, shift, out=shifted)
    np.right_shift(shifted, shift, out=shifted)
    return shifted


def _rle(data: bytes, task: Task) -> NDArray[np.generic]:
    """RLE (PS3.5 G), one plane of samples after the other."""
    from rle.utils import decode_pixel_data

    buffer = decode_pixel_data(
        data, version=2, rows=task.rows, columns=task.columns, bits_allocated=task.bits
    )
    return _filled(_samples(cast("bytearray", buffer), task.bits, task), task, planar=True)


def _jpeg_ls(data: bytes, task: Task, stream: CodeStream) -> tuple[NDArray[np.generic], str]:
    """JPEG-LS, by CharLS; a stream cannot say that its values are signed, so the data set decides."""
    if task.samples == 1 and _IMAGECODECS.is_installed:
        import imagecodecs  # the same CharLS with a fourth less around it (measured)

        values = _filled(_flat(imagecodecs.jpegls_decode(data), task), task)
    else:
        from jpeg_ls import decode_pixel_data

        buffer, header = decode_pixel_data(data)
        values = _filled(
            _samples(buffer, _container_bits(header["bits_per_sample"]), task),
            task,
            planar=header["components"] > 1 and header["interleave_mode"] == 0,
        )
    if task.is_signed:
        values = _with_sign(values, stream.precision)
    return values, _marked_colour(task.photometric_interpretation, stream)


def _jpeg_2000(data: bytes, task: Task, stream: CodeStream) -> tuple[NDArray[np.generic], str]:
    """JPEG 2000 and HTJ2K, by OpenJPEG, which undoes the colour transforms RCT and ICT itself."""
    photometric = task.photometric_interpretation
    bits = _container_bits(stream.precision)
    is_plain = task.samples == 1 and bits <= 16 and task.syntax not in HTJ2K
    if is_plain and _IMAGECODECS.is_installed:
        import imagecodecs  # the same OpenJPEG, which can work on several cores

        large = task.rows * task.columns >= _PIXELS_FOR_THREADS
        threads = min(os.cpu_count() or 1, _MAX_THREADS) if large else 1
        flat = _flat(imagecodecs.jpeg2k_decode(data, numthreads=threads), task)
    else:
        from openjpeg.utils import decode_pixel_data

        flat = _samples(cast("bytearray", decode_pixel_data(data, version=2)), bits, task)
    values = _filled(flat, task)
    if stream.is_signed != task.is_signed and photometric in ("MONOCHROME1", "MONOCHROME2"):
        values = _with_sign(values, stream.precision)
    return values, "RGB" if photometric in ("YBR_ICT", "YBR_RCT") else photometric


def _jpeg(data: bytes, task: Task, stream: CodeStream) -> tuple[NDArray[np.generic], str]:
    """JPEG baseline, extended (8 and 12 bit), progressive and lossless, by imagecodecs."""
    import imagecodecs

    if stream.is_jpeg_lossless:
        array = imagecodecs.jpegsof3_decode(data)
    else:
        # The same colour space for input and output keeps the components as they are in the stream.
        space = "GRAYSCALE" if stream.components == 1 else "YCBCR"
        array = imagecodecs.jpeg8_decode(data, colorspace=space, outcolorspace=space)
    return _filled(_flat(array, task), task), _marked_colour(task.photometric_interpretation, stream)


def _marked_colour(declared: str, stream: CodeStream) -> str:
    """What three components are: the stream's own marks go before the data set (RGB exactly once)."""
    if stream.components != 3:
        return declared
    lossy = stream.marker not in (0xC3, 0xF7)
    if stream.component_ids in ((82, 71, 66), (114, 103, 98)) or (lossy and stream.adobe_transform == 0):
        return "RGB"
    if stream.jfif and (lossy or "YBR" not in declared):
        return "YBR_FULL"
    return "YBR_FULL" if lossy and stream.adobe_transform == 1 else declared
