"""Which package decodes what, and that what comes out is of the declared size, type and sign."""

from __future__ import annotations

import imagecodecs
import jpeg_ls
import numpy as np
import pytest
from numpy.typing import NDArray
from openjpeg.utils import encode_array

from core.dicom import codecs
from core.dicom.code_stream import JPEG_2000_LOSSLESS, JPEG_LOSSLESS_SV1, JPEG_LS_LOSSLESS
from core.dicom.codecs import Task, decoded, decoding_syntax

GREY = np.random.default_rng(3).integers(0, 4096, (40, 72), dtype=np.uint16)


def task(syntax: str, rows: int = 40, columns: int = 72, **changes: object) -> Task:
    plain = Task(syntax, rows, columns, 1, 16, False, 12, "MONOCHROME2")
    return plain._replace(**changes)  # type: ignore[arg-type]  # fields of several types


def encoded(syntax: str, values: NDArray[np.uint16]) -> bytes:
    if syntax == JPEG_2000_LOSSLESS:
        return bytes(encode_array(values, bits_stored=12))
    if syntax == JPEG_LS_LOSSLESS:
        return bytes(jpeg_ls.encode_buffer(values.tobytes(), *values.shape, 1, 12))
    return bytes(imagecodecs.ljpeg_encode(values, bitspersample=12))


SYNTAXES = [JPEG_2000_LOSSLESS, JPEG_LS_LOSSLESS, JPEG_LOSSLESS_SV1]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_samples_come_back_in_the_declared_type(syntax: str) -> None:
    values = decoded(encoded(syntax, GREY), task(syntax)).values
    assert values.dtype == np.uint16
    assert np.array_equal(values, GREY)
    wide = decoded(encoded(syntax, GREY), task(syntax, bits=32)).values
    assert wide.dtype == np.uint32
    assert np.array_equal(wide, GREY)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_more_or_fewer_samples_than_declared_are_no_image(syntax: str) -> None:
    data = encoded(syntax, GREY)
    for rows in (39, 41):
        with pytest.raises(ValueError, match="are declared"):
            decoded(data, task(syntax, rows=rows))


@pytest.mark.parametrize("syntax", [JPEG_2000_LOSSLESS, JPEG_LS_LOSSLESS])
def test_unsigned_streams_of_signed_pixels_get_their_sign(syntax: str) -> None:
    twelve_bits = encoded(syntax, GREY)
    precise = decoded(twelve_bits, task(syntax, is_signed=True)).values
    expected = GREY.astype(np.int16)
    expected[GREY >= 2048] -= 4096
    assert precise.dtype == np.int16
    assert np.array_equal(precise, expected)


def test_a_large_jpeg_2000_picture_is_the_same_on_several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    large = np.random.default_rng(4).integers(0, 4096, (300, 200), dtype=np.uint16)
    data = encoded(JPEG_2000_LOSSLESS, large)
    wanted = task(JPEG_2000_LOSSLESS, 300, 200)
    alone = decoded(data, wanted).values
    monkeypatch.setattr(codecs, "_PIXELS_FOR_THREADS", 1)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    together = decoded(data, wanted).values
    assert np.array_equal(alone, large)
    assert np.array_equal(together, large)
    assert together.dtype == alone.dtype


def test_retired_processes_are_read_like_their_successors() -> None:
    assert decoding_syntax("1.2.840.10008.1.2.4.55") == "1.2.840.10008.1.2.4.51"
    assert decoding_syntax("1.2.840.10008.1.2.4.66") == "1.2.840.10008.1.2.4.57"
    assert decoding_syntax(JPEG_LS_LOSSLESS) == JPEG_LS_LOSSLESS


def test_what_is_no_code_stream_is_an_error() -> None:
    for syntax in SYNTAXES:
        with pytest.raises(ValueError, match="header is missing"):
            decoded(b"no picture", task(syntax))
