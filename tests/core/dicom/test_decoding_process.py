"""A decoding process and its handle: answers are checked, its memory is sealed, its limits hold."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from openjpeg.utils import encode_array

from core.dicom import decoding_process
from core.dicom.code_stream import JPEG_2000_LOSSLESS
from core.dicom.codecs import Decoded, Task
from core.dicom.decoding_process import DecodingProcess, Failure, decode_here

GREY = np.random.default_rng(3).integers(0, 4096, (40, 72), dtype=np.uint16)
DATA = bytes(encode_array(GREY, bits_stored=12))
TASK = Task(JPEG_2000_LOSSLESS, 40, 72, 1, 16, False, 12, "MONOCHROME2")


@pytest.fixture
def process() -> Iterator[DecodingProcess]:
    made = DecodingProcess()
    yield made
    made.end()


def test_a_frame_goes_there_and_comes_back(process: DecodingProcess) -> None:
    for _ in range(2):
        outcome = process.run(DATA, TASK)
        assert isinstance(outcome, Decoded)
        assert np.array_equal(outcome.values, GREY)
        assert outcome.photometric_interpretation == "MONOCHROME2"
    assert process.pid not in (None, os.getpid())


def test_a_larger_frame_gets_a_larger_block(process: DecodingProcess) -> None:
    large = np.arange(1500 * 1500, dtype=np.uint32).reshape(1500, 1500).astype(np.uint16)
    data = bytes(encode_array(large, bits_stored=16))
    for one, task, truth in (
        (DATA, TASK, GREY),
        (data, TASK._replace(rows=1500, columns=1500, bits_stored=16), large),
        (DATA, TASK, GREY),
    ):
        outcome = process.run(one, task)
        assert isinstance(outcome, Decoded)
        assert np.array_equal(outcome.values, truth)


def test_a_decoder_that_complains_is_a_failure_in_words(process: DecodingProcess) -> None:
    outcome = process.run(DATA[:200], TASK)
    assert isinstance(outcome, Failure)
    assert outcome.words
    assert not outcome.words.endswith(".")
    assert isinstance(process.run(DATA, TASK), Decoded)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        {},
        {"photometric": "MONOCHROME2", "shape": [40, 71], "type": "<u2"},
        {"photometric": "MONOCHROME2", "shape": [40, 72, 1], "type": "<u2"},
        {"photometric": "MONOCHROME2", "shape": [40, 72], "type": "<u8"},
        {"photometric": "MONOCHROME2", "shape": [40, 72], "type": "|O"},
        {"photometric": "MONOCHROME2", "shape": [40, 72], "type": "no type"},
        {"photometric": "MONOCHROME2", "shape": [40, 72], "type": ["<u2"]},
        {"photometric": 7, "shape": [40, 72], "type": "<u2"},
        {"photometric": "MONOCHROME2", "shape": "[40, 72]", "type": "<u2"},
    ],
)
def test_an_answer_that_does_not_fit_the_question_is_not_believed(answer: object) -> None:
    block = decoding_process._Block(2**16)
    try:
        assert isinstance(decoding_process._taken(answer, TASK, block, 0), Failure)
    finally:
        block.close()


@pytest.mark.skipif(sys.platform != "linux", reason="blocks have no seals elsewhere")
@pytest.mark.parametrize("size", [0, 2**20])
def test_nobody_can_pull_the_memory_away(size: int) -> None:
    block = decoding_process._Block(2**16)
    try:
        with pytest.raises(PermissionError):
            os.truncate(block._descriptor, size)
    finally:
        block.close()


def test_whatever_a_decoder_raises_becomes_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class RustPanic(BaseException):
        pass

    def raising(error: BaseException) -> None:
        def fail(data: bytes, task: Task) -> Decoded:
            raise error

        monkeypatch.setattr(decoding_process, "decoded", fail)

    raising(RustPanic("range end index 12 out of\n range. "))
    assert decode_here(DATA, TASK) == Failure("range end index 12 out of range")
    raising(RustPanic())
    assert decode_here(DATA, TASK) == Failure("RustPanic")
    raising(MemoryError())
    assert decode_here(DATA, TASK) == Failure("it needs too much memory")
    raising(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        decode_here(DATA, TASK)
