"""Compressed frames: right values, and a decoder that dies, hangs or grows costs one frame only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import shared_memory
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from phantoms import write_chest_film, write_colour, write_grey, write_lying_size
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import (
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from core.dicom import codecs, decoding, decoding_process
from core.dicom.decoding_process import DecodingProcess
from core.dicom.frames import read_frame
from core.dicom.gate import Refused
from core.errors import MissingDecoder, UnreadableFile

GREY = np.random.default_rng(5).integers(0, 4096, (3, 40, 72), dtype=np.uint16)
LOSSLESS = [JPEG2000Lossless, JPEGLosslessSV1, JPEGLSLossless, RLELossless]


@pytest.fixture(autouse=True)
def _processes_of_this_test_alone() -> Iterator[None]:
    decoding.close()
    yield
    decoding.close()


def living() -> list[DecodingProcess]:
    """The decoding processes that have started."""
    return [process for process in decoding._PROCESSES.all if process.pid is not None]


def child_pid() -> int:
    (process,) = living()
    assert process.pid is not None
    return process.pid


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_lossless_frames_come_back_exactly(tmp_path: Path, syntax: str) -> None:
    write_grey(tmp_path / "f", GREY, BitsStored=12, HighBit=11, transfer_syntax_uid=syntax)
    for index in (2, 0, 1):
        frame = read_frame(tmp_path / "f", index)
        assert np.array_equal(frame.stored, GREY[index])
        assert frame.stored.dtype == np.uint16
        assert not frame.source.lossy


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless])
def test_signed_values_survive(tmp_path: Path, syntax: str) -> None:
    signed = (GREY.astype(np.int16) - 2048)[0]
    write_grey(tmp_path / "s", signed, BitsStored=16, HighBit=15, transfer_syntax_uid=syntax)
    assert np.array_equal(read_frame(tmp_path / "s").stored, signed)


@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless])
@pytest.mark.parametrize("frames", [None, 2])
def test_colour_comes_back_exactly(tmp_path: Path, syntax: str, frames: int | None) -> None:
    shape = (40, 48, 3) if frames is None else (frames, 40, 48, 3)
    rgb = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    write_colour(tmp_path / "c", rgb, transfer_syntax_uid=syntax)
    frame = read_frame(tmp_path / "c", 0 if frames is None else 1)
    assert np.array_equal(frame.stored, rgb if frames is None else rgb[1])


def smooth_colour() -> NDArray[np.uint8]:
    down, across = np.mgrid[0:32, 0:48]
    return np.stack([down * 7, across * 5, 255 - down * 3], axis=-1).astype(np.uint8)


def test_baseline_colour_is_converted_once(tmp_path: Path) -> None:
    rgb = smooth_colour()
    write_colour(tmp_path / "c", rgb, transfer_syntax_uid=JPEGBaseline8Bit)
    frame = read_frame(tmp_path / "c")
    assert np.abs(frame.stored.astype(int) - rgb).mean() < 4
    assert frame.source.lossy


def test_baseline_grey_is_within_two_levels(tmp_path: Path) -> None:
    grey = smooth_colour()[..., 0]
    write_grey(tmp_path / "g", grey, transfer_syntax_uid=JPEGBaseline8Bit)
    assert np.abs(read_frame(tmp_path / "g").stored.astype(int) - grey).max() <= 2


def test_uncompressed_syntax_with_compressed_pixels_is_decoded_with_a_note(tmp_path: Path) -> None:
    write_grey(tmp_path / "f", GREY[0], transfer_syntax_uid=JPEG2000Lossless)
    content = (tmp_path / "f").read_bytes()
    (tmp_path / "f").write_bytes(content.replace(b"1.2.840.10008.1.2.4.90", b"1.2.840.10008.1.2.1\0\0\0"))
    frame = read_frame(tmp_path / "f")
    assert np.array_equal(frame.stored, GREY[0])
    assert "is compressed; it is decoded." in frame.notes[0]


def test_a_stream_of_another_size_is_refused(tmp_path: Path) -> None:
    for syntax in (JPEG2000Lossless, JPEGLSLossless, JPEGLosslessSV1):
        write_grey(tmp_path / "f", GREY[0], transfer_syntax_uid=syntax)
        ds = write_grey(tmp_path / "f", GREY[0], transfer_syntax_uid=syntax)
        ds.Rows = 39
        ds.save_as(tmp_path / "f", enforce_file_format=False)
        with pytest.raises(
            Refused, match="declares 39 × 72 × 1 samples, the compressed picture has 40 × 72 × 1"
        ):
            read_frame(tmp_path / "f")


@pytest.mark.parametrize("syntax", [*LOSSLESS, JPEGBaseline8Bit])
def test_no_stream_that_breaks_off_is_shown_in_part(tmp_path: Path, syntax: str) -> None:
    ds = write_grey(tmp_path / "f", smooth_colour()[..., 0], transfer_syntax_uid=syntax)
    whole = read_frame(tmp_path / "f")
    stream = next(generate_frames(ds.PixelData, number_of_frames=1)).rstrip(b"\0")
    for cut in range(len(stream) // 16, len(stream) - 1, len(stream) // 16):
        ds.PixelData = encapsulate([stream[:cut]])
        ds["PixelData"].VR = "OB"
        ds.save_as(tmp_path / "cut", enforce_file_format=False)
        try:
            frame = read_frame(tmp_path / "cut")
        except UnreadableFile:
            continue
        assert frame.digest == whole.digest, f"cut after {cut} of {len(stream)} bytes"


def test_a_picture_within_a_picture_is_not_taken_for_its_end(tmp_path: Path) -> None:
    ds = write_grey(tmp_path / "f", smooth_colour()[..., 0], transfer_syntax_uid=JPEGBaseline8Bit)
    stream = next(generate_frames(ds.PixelData, number_of_frames=1)).rstrip(b"\0")
    thumbnail = b"\xff\xe1\x00\x0cExif" + b"\xff\xda\x00\x02\xff\xd9"
    ds.PixelData = encapsulate([stream[:2] + thumbnail + stream[2:-200]])
    ds["PixelData"].VR = "OB"
    ds.save_as(tmp_path / "cut", enforce_file_format=False)
    with pytest.raises(Refused, match="truncated: the compressed picture breaks off"):
        read_frame(tmp_path / "cut")


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_damaged_streams_are_refused_and_the_next_good_frame_comes(tmp_path: Path, syntax: str) -> None:
    rng = np.random.default_rng(11)
    good = tmp_path / "good"
    ds = write_grey(good, GREY[0], BitsStored=12, HighBit=11, transfer_syntax_uid=syntax)
    stream = next(generate_frames(ds.PixelData, number_of_frames=1))
    for _ in range(8):
        damaged = bytearray(stream)
        for place in rng.integers(0, len(damaged), 6):
            damaged[place] = rng.integers(0, 256)
        ds.PixelData = encapsulate([bytes(damaged[: rng.integers(8, len(damaged) + 1)])])
        ds["PixelData"].VR = "OB"
        ds.save_as(tmp_path / "bad", enforce_file_format=False)
        try:
            assert read_frame(tmp_path / "bad").stored.shape == (40, 72)
        except UnreadableFile:
            continue  # any other exception fails the test
    assert np.array_equal(read_frame(good).stored, GREY[0])


def test_a_refusal_says_what_the_decoder_said_and_nothing_of_plug_ins(tmp_path: Path) -> None:
    bits = write_grey(tmp_path / "f", GREY[0, :8, :8], transfer_syntax_uid=RLELossless)
    segments = b"\x02\0\0\0" + b"\x40\0\0\0" + b"\x42\0\0\0" + bytes(52) + b"\x00\x01\x00\x01"
    bits.PixelData = encapsulate([segments])
    bits["PixelData"].VR = "OB"
    bits.save_as(tmp_path / "f", enforce_file_format=False)
    with pytest.raises(Refused, match="cannot be decoded: ") as refusal:
        read_frame(tmp_path / "f")
    assert "plug" not in str(refusal.value)
    assert "healthytwin" not in str(refusal.value)
    assert refusal.value.message.endswith(".")
    assert not refusal.value.message.endswith("..")


def test_a_child_that_cannot_be_started_is_an_error_and_the_next_frame_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_process(_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    write_grey(tmp_path / "f", GREY[0], transfer_syntax_uid=RLELossless)
    decoding.close()
    with monkeypatch.context() as crowded:
        crowded.setattr("multiprocessing.process.BaseProcess.start", no_process)
        for _ in range(2):
            with pytest.raises(UnreadableFile, match="resource temporarily unavailable"):
                read_frame(tmp_path / "f")
    assert np.array_equal(read_frame(tmp_path / "f").stored, GREY[0])


def test_a_killed_child_is_replaced(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "f", rows=64, columns=64, transfer_syntax_uid=JPEG2000Lossless)
    read_frame(film.path)
    first = child_pid()
    os.kill(first, signal.SIGKILL)
    living()[0]._process.join(10)  # type: ignore[union-attr]  # it was there a line ago
    assert np.array_equal(read_frame(film.path).stored, film.stored)
    assert child_pid() != first


@pytest.mark.skipif(sys.platform == "win32", reason="this system has no CPU limit for a process")
def test_a_runaway_decoder_is_ended_by_its_cpu_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = write_chest_film(tmp_path / "f", rows=900, columns=900, transfer_syntax_uid=JPEG2000Lossless)
    monkeypatch.setattr(decoding_process, "_CPU_SECONDS", 0.01)
    monkeypatch.setattr(decoding_process, "_CPU_SECONDS_A_MEGABYTE", 0.0)
    monkeypatch.setattr(decoding_process, "_WALL_MORE_SECONDS", 100.0)
    with pytest.raises(Refused, match="cannot be decoded: it takes too long"):
        read_frame(film.path)
    monkeypatch.undo()
    assert np.array_equal(read_frame(film.path).stored, film.stored)


def test_a_frame_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = write_chest_film(tmp_path / "f", rows=600, columns=600, transfer_syntax_uid=JPEG2000Lossless)
    read_frame(film.path)
    monkeypatch.setattr(decoding_process, "_WALL_PER_CPU", 0.0)
    monkeypatch.setattr(decoding_process, "_WALL_MORE_SECONDS", 0.0)
    with pytest.raises(Refused, match="cannot be decoded: it takes too long"):
        read_frame(film.path)
    monkeypatch.undo()
    assert np.array_equal(read_frame(film.path).stored, film.stored)


@pytest.mark.skipif(
    sys.platform != "linux", reason="other systems do not hold a process to its address space"
)
def test_a_decoder_that_claims_too_much_memory_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = write_chest_film(tmp_path / "f", rows=900, columns=900, transfer_syntax_uid=JPEG2000Lossless)
    read_frame(film.path)
    monkeypatch.setattr(decoding_process, "_MEMORY_BYTES", 0)
    monkeypatch.setattr(decoding_process, "_MEMORY_PER_RESULT", 1)
    with pytest.raises(Refused, match="cannot be decoded: "):
        read_frame(film.path)
    monkeypatch.undo()
    assert np.array_equal(read_frame(film.path).stored, film.stored)


def test_three_threads_get_their_own_frames(tmp_path: Path) -> None:
    write_grey(tmp_path / "f", GREY, BitsStored=12, HighBit=11, transfer_syntax_uid=JPEGLSLossless)
    wrong: list[int] = []

    def read(index: int) -> None:
        for _ in range(10):
            if not np.array_equal(read_frame(tmp_path / "f", index).stored, GREY[index]):
                wrong.append(index)

    threads = [threading.Thread(target=read, args=(index,)) for index in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_one_thread_starts_one_process_and_two_at_once_start_two(tmp_path: Path) -> None:
    small = write_chest_film(tmp_path / "s", rows=32, columns=32, transfer_syntax_uid=JPEGLSLossless)
    for _ in range(3):
        read_frame(small.path)
    assert len(living()) == 1
    film = write_chest_film(tmp_path / "f", rows=800, columns=800, transfer_syntax_uid=JPEG2000Lossless)
    with ThreadPoolExecutor(2) as threads:
        frames = list(threads.map(read_frame, [film.path] * 4))
    assert all(np.array_equal(frame.stored, film.stored) for frame in frames)
    assert len(living()) == 2


def test_a_process_that_dies_costs_its_own_frame_alone(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "f", rows=800, columns=800, transfer_syntax_uid=JPEG2000Lossless)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(read_frame, [film.path] * 4))
        first, second = living()
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        first._process.join(10)  # type: ignore[union-attr]  # it was there a line ago
        frames = list(threads.map(read_frame, [film.path] * 4))
    assert all(np.array_equal(frame.stored, film.stored) for frame in frames)
    assert second in living()


def test_closing_amid_a_frame_ends_it_at_once(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "f", rows=1500, columns=1500, transfer_syntax_uid=JPEG2000Lossless)
    data, task = one_task(film.path)
    process = DecodingProcess()
    outcome: list[object] = []
    thread = threading.Thread(target=lambda: outcome.append(process.run(data, task)))
    thread.start()
    while process.pid is None and thread.is_alive():
        thread.join(0.001)
    process.end()
    thread.join()
    assert len(outcome) == 1
    assert process.pid is None


def one_task(path: Path) -> tuple[bytes, codecs.Task]:
    """Compressed bytes and task of the first frame of a file."""
    taken: list[tuple[bytes, codecs.Task]] = []

    class Recorder:
        def run(self, data: bytes, task: codecs.Task) -> codecs.Decoded | decoding_process.Failure:
            taken.append((data, task))
            return decoding_process.decode_here(data, task)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(decoding, "_PROCESSES", Recorder())
        read_frame(path)
    return taken[0]


def test_a_missing_decoder_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = write_chest_film(tmp_path / "f", rows=16, columns=16, transfer_syntax_uid=JPEGLSLossless)
    monkeypatch.setattr(codecs, "find_spec", lambda name: None)
    with pytest.raises(MissingDecoder, match=r"JPEG-LS.*package pyjpegls") as caught:
        read_frame(film.path)
    assert caught.value.hint == "Install it with: pip install pyjpegls"


@pytest.mark.parametrize(
    ("syntax", "words"), [("1.2.840.10008.1.2.4.102", "MPEG-4"), ("1.2.3.4", "the unknown 1.2.3.4")]
)
def test_what_cannot_be_decoded_is_named(tmp_path: Path, syntax: str, words: str) -> None:
    write_lying_size(tmp_path / "v", rows=8, columns=8, encapsulated=True, transfer_syntax_uid=syntax)
    with pytest.raises(Refused, match=f"compressed as {words}.*cannot be shown"):
        read_frame(tmp_path / "v")


@pytest.mark.skipif(sys.platform != "linux", reason="the block has a name there, and lies elsewhere")
def test_the_block_of_memory_needs_no_room_in_the_shared_memory_folder(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "f", rows=16, columns=16, transfer_syntax_uid=RLELossless)
    read_frame(film.path)
    mapped = Path(f"/proc/{child_pid()}/maps").read_text(encoding="ascii")
    assert "/memfd:healthytwin-decoding" in mapped
    assert "/dev/shm" not in mapped  # noqa: S108 - it is only looked for


def test_a_block_with_a_name_serves_where_there_are_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding_process, "_ANONYMOUS_BLOCKS", False)
    film = write_chest_film(tmp_path / "f", rows=16, columns=16, transfer_syntax_uid=RLELossless)
    large = write_chest_film(tmp_path / "g", rows=1600, columns=1600, transfer_syntax_uid=RLELossless)
    for one in (film, large, film):
        assert np.array_equal(read_frame(one.path).stored, one.stored)
    (process,) = living()
    assert process._block is not None
    name = process._block.name
    decoding.close()
    with pytest.raises(FileNotFoundError):
        shared_memory.SharedMemory(name)


def test_closing_gives_everything_back_and_may_be_repeated(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "f", rows=16, columns=16, transfer_syntax_uid=RLELossless)
    read_frame(film.path)
    pid = child_pid()
    decoding.close()
    decoding.close()
    assert living() == []
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert np.array_equal(read_frame(film.path).stored, film.stored)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_process_outlives_a_program_that_is_killed(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "f", rows=64, columns=64, transfer_syntax_uid=JPEG2000Lossless)
    script = tmp_path / "script.py"
    script.write_text(
        "import os, signal\n"
        "from core.dicom import decoding\n"
        "from core.dicom.frames import read_frame\n"
        "if __name__ == '__main__':\n"
        f"    read_frame({str(film.path)!r})\n"
        "    print(*[one.pid for one in decoding._PROCESSES.all if one.pid], flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    # The children hold the pipe of standard output too: its end comes when the last of them is gone.
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    (pid,) = map(int, done.stdout.split())
    deadline = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < deadline


def is_running(pid: int) -> bool:
    """Whether a process does more than wait to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_program_that_ends_leaves_no_complaint(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "f", rows=64, columns=64, transfer_syntax_uid=JPEG2000Lossless)
    code = f"from core.dicom.frames import read_frame\nprint(read_frame({str(film.path)!r}).stored.shape)\n"
    script = tmp_path / "script.py"
    script.write_text(code.replace("print", "if __name__ == '__main__':\n    print"))
    done = subprocess.run(
        [sys.executable, "-W", "error", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "(64, 64)\n", "")
