"""Files made to kill, fill or stall a viewer: each is refused or opened rightly, within memory limits.

The files go through `scan` and `read_frame` in a process of their own, whose memory the system counts for
each file apart: huge sizes, data that grow, nesting, floods, files that break off, second kinds of file, and
those files on which other readers were measured. Times are printed (`pytest -rP`), never asserted.
"""

from __future__ import annotations

import itertools
import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from openjpeg.utils import encode_array
from phantoms import write_chest_film, write_deflate_bomb, write_flood, write_lying_size, write_nested
from pydicom.uid import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from core.dicom.frames import read_frame
from core.dicom.index import scan
from core.errors import UnreadableFile

ROOT = Path(__file__).resolve().parents[3]
WHEEL = Path(pydicom.__file__).parent / "data" / "test_files"
MIB = 2**20

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts the memory of a moment")

# Reads paths, one a line; answers each with JSON: what came of it, and what it cost.
MEASURING = """
import json, resource, sys, time
from pathlib import Path
from core.dicom import decoding
from core.dicom.frames import read_frame
from core.dicom.index import scan
from core.errors import ProductError

def memory(process, what):
    for line in open(f"/proc/{process}/status"):
        if line.startswith(what):
            return int(line.split()[1]) * 1024

def tried(path):
    index = scan([path])
    skipped = index.skipped[0].reason if index.skipped else ""
    try:
        frame = read_frame(path)
    except ProductError as error:
        return {"skipped": skipped, "refused": error.message}
    return {"skipped": skipped, "shape": frame.stored.shape, "notes": frame.notes}

def main():
    tried(Path(sys.argv[1]))  # imports and the decoding process are paid for here
    for line in sys.stdin:
        open("/proc/self/clear_refs", "w").write("5")
        held, began = memory("self", "VmRSS"), time.process_time()
        outcome = tried(Path(line.strip()))
        outcome["seconds"] = time.process_time() - began
        outcome["grown"] = memory("self", "VmHWM") - held
        children = [one.pid for one in decoding._PROCESSES.all if one.pid]
        outcome["child"] = max((memory(pid, "VmHWM") for pid in children), default=0)
        print(json.dumps(outcome), flush=True)
    decoding.close()

if __name__ == "__main__":
    main()
"""

Outcome = dict[str, object]
Measure = Callable[[list[Path]], list[Outcome]]


@pytest.fixture(scope="module")
def measure(tmp_path_factory: pytest.TempPathFactory) -> Measure:
    """Send files through a measured process."""
    folder = tmp_path_factory.mktemp("measuring")
    script = folder / "measuring.py"
    script.write_text(MEASURING, encoding="utf-8")
    warm = write_chest_film(folder / "warm.dcm", rows=32, columns=32, transfer_syntax_uid=JPEG2000Lossless)

    def measured(paths: list[Path]) -> list[Outcome]:
        done = subprocess.run(
            [sys.executable, script, warm.path],
            input="\n".join(map(str, paths)),
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=150,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        outcomes = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(outcomes) == len(paths)
        return outcomes

    return measured


def told(name: str, outcome: object) -> None:
    """Print what a file cost; pytest shows it with -rP."""
    sys.stdout.write(f"{name}: {json.dumps(outcome)}\n")


def write_image(path: Path, elements: dict[int, tuple[bytes, bytes]], pixels: bytes, syntax: str) -> None:
    """A file of raw elements, tag: (VR, value), and its pixel data: native, or one fragment."""
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    meta = struct.pack("<HH2sH", 2, 0x10, b"UI", len(uid)) + uid
    parts = [bytes(128), b"DICM", struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(meta)), meta]
    for tag, (vr, value) in sorted(elements.items()):
        value += b" " * (len(value) % 2)
        head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
        if syntax == ImplicitVRLittleEndian:
            parts.append(head + struct.pack("<I", len(value)))
        elif vr in (b"UN", b"OB", b"OW", b"UT"):
            parts.append(head + vr + b"\0\0" + struct.pack("<I", len(value)))
        else:
            parts.append(head + vr + struct.pack("<H", len(value)))
        parts.append(value)
    head = struct.pack("<HH", 0x7FE0, 0x0010)
    if syntax == ImplicitVRLittleEndian:
        parts.append(head + struct.pack("<I", len(pixels)) + pixels)
    elif syntax == ExplicitVRLittleEndian:
        parts.append(head + b"OW\0\0" + struct.pack("<I", len(pixels)) + pixels)
    else:
        pixels += b"\0" * (len(pixels) % 2)
        item = b"\xfe\xff\x00\xe0"
        parts.append(
            head + b"OB\0\0\xff\xff\xff\xff" + item + bytes(4) + item + struct.pack("<I", len(pixels))
        )
        parts.append(pixels + b"\xfe\xff\xdd\xe0\0\0\0\0")
    path.write_bytes(b"".join(parts))


def short(value: int) -> tuple[bytes, bytes]:
    return b"US", struct.pack("<H", value)


def plain(rows: int = 8, columns: int = 8, bits: int = 16) -> dict[int, tuple[bytes, bytes]]:
    """The Image Pixel attributes of a grey image."""
    return {
        0x00280002: short(1),
        0x00280004: (b"CS", b"MONOCHROME2 "),
        0x00280010: short(rows),
        0x00280011: short(columns),
        0x00280100: short(bits),
        0x00280101: short(bits),
        0x00280102: short(bits - 1),
        0x00280103: short(0),
    }


# --- the files on which other readers were measured -------------------------------------------------


def write_million_private(path: Path) -> None:
    write_flood(path, 1_000_000)


def write_rle_giant(path: Path) -> None:
    header = struct.pack("<16I", 2, 64, 96, *[0] * 13)
    write_image(path, plain(30_000, 30_000), header + bytes(64), RLELossless)


ROWS: dict[str, tuple[Callable[[Path], None], str]] = {
    "nested 100": (lambda path: write_nested(path, 100), "nested more than 64 deep"),
    "nested 5,000": (lambda path: write_nested(path, 5_000), "nested more than 64 deep"),
    "nested 100,000": (lambda path: write_nested(path, 100_000), "nested more than 64 deep"),
    "nested 100,000 in private": (
        lambda path: write_nested(path, 100_000, private=True),
        "nested more than 64 deep",
    ),
    "65,535 x 65,535 in 512 bytes": (write_lying_size, "(8.0 GiB a frame); 512 bytes"),
    "2,147,483,647 frames": (
        lambda path: write_lying_size(path, rows=16, columns=16, frames=2**31 - 1),
        "",
    ),
    "RLE of 30,000 x 30,000": (write_rle_giant, "pixels (1.7 GiB a frame); 144 bytes"),
    "3 MB that inflate to 3 GB": (lambda path: write_deflate_bomb(path, 3000), "images do not grow so much"),
    "a million private elements": (write_million_private, "more than 30,000 elements"),
    "a length that lies": (
        lambda path: write_lying_size(path, rows=64, columns=64, declared_bytes=0xFFFFFFF0),
        "truncated: the header declares 8,192 bytes of pixels, 512 bytes are present",
    ),
}


@on_linux
def test_the_files_that_kill_other_readers(tmp_path: Path, measure: Measure) -> None:
    paths = [tmp_path / f"file-{number}" for number in range(len(ROWS))]
    for path, (write, _) in zip(paths, ROWS.values(), strict=True):
        write(path)
    for (row, (_, words)), outcome in zip(ROWS.items(), measure(paths), strict=True):
        told(row, outcome)
        if words:
            assert words in str(outcome["refused"]), row
            assert words in str(outcome["skipped"]), row
        else:
            assert outcome["shape"] == [16, 16]
        assert outcome["grown"] <= 32 * MIB, (row, outcome)
        assert outcome["child"] <= 1024 * MIB, (row, outcome)


# --- C02: sizes that overflow ------------------------------------------------------------------------

NUMBERS: dict[int, tuple[tuple[bytes, bytes], ...]] = {
    0x00280010: (
        short(64),
        short(0),
        short(65_535),
        (b"UL", struct.pack("<I", 2**31)),
        (b"SL", struct.pack("<i", -8)),
        (b"IS", b"99999999999 "),
        (b"DS", b"1e300 "),
        (b"US", b""),
    ),
    0x00280011: (
        short(64),
        short(0),
        short(65_535),
        (b"UL", struct.pack("<I", 2**32 - 1)),
        (b"SS", b"\xff\xff"),
    ),
    0x00280008: tuple(
        (b"IS", text) for text in (b"1 ", b"0 ", b"-5", b"2147483647", b"99999999999999999999", b"1e9 ", b"")
    ),
    0x00280002: (short(1), short(0), short(2), short(3), short(255)),
    0x00280100: tuple(short(bits) for bits in (16, 0, 1, 3, 8, 24, 64, 128)),
    0x00280101: tuple(short(bits) for bits in (16, 0, 1, 12, 65_535)),
    0x00280102: tuple(short(bits) for bits in (15, 0, 11, 65_535)),
    0x00280006: (short(0), short(1), short(65_535)),
    0x00280004: tuple(
        (b"CS", text)
        for text in (
            b"MONOCHROME2 ",
            b"RGB ",
            b"YBR_FULL_422",
            b"YBR_PARTIAL_420 ",
            b"PALETTE COLOR ",
            b"X ",
            b"",
        )
    ),
}


def pairwise(seed: int = 0) -> list[dict[int, tuple[bytes, bytes]]]:
    """Cases in which each value of each attribute meets each value of each other one."""
    rng = np.random.default_rng(seed)
    sizes = {tag: len(values) for tag, values in NUMBERS.items()}
    open_pairs = {
        (one, i, other, j)
        for one, other in itertools.combinations(NUMBERS, 2)
        for i in range(sizes[one])
        for j in range(sizes[other])
    }
    cases = []
    while open_pairs:
        best: dict[int, int] = {}
        covered: set[tuple[int, int, int, int]] = set()
        for _ in range(20):
            chosen = {tag: int(rng.integers(size)) for tag, size in sizes.items()}
            one, i, other, j = next(iter(open_pairs))
            chosen[one], chosen[other] = i, j
            pairs = {(a, chosen[a], b, chosen[b]) for a, b in itertools.combinations(NUMBERS, 2)} & open_pairs
            if len(pairs) > len(covered):
                best, covered = chosen, pairs
        open_pairs -= covered
        cases.append({tag: NUMBERS[tag][choice] for tag, choice in best.items()})
    return cases


@on_linux
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless])
def test_no_size_that_a_header_claims_is_allocated_before_it_is_checked(
    tmp_path: Path, measure: Measure, syntax: str
) -> None:
    cases = pairwise()
    assert len(cases) >= 64
    stream = bytes(encode_array(np.zeros((64, 64), np.uint16), bits_stored=16))
    native = syntax == ExplicitVRLittleEndian
    paths = []
    for number, case in enumerate(cases):
        paths.append(tmp_path / f"case-{number}")
        write_image(paths[-1], {**plain(64, 64), **case}, bytes(8192) if native else stream, syntax)
    outcomes = measure(paths)
    for case, outcome in zip(cases, outcomes, strict=True):
        assert outcome["grown"] <= 16 * MIB, (case, outcome)
        if "shape" in outcome:
            assert outcome["shape"][:2] == [64, 64], (case, outcome)  # type: ignore[index]
    refused = [outcome for outcome in outcomes if "refused" in outcome]
    assert len(refused) > len(cases) // 2
    told("slowest seconds", max(outcome["seconds"] for outcome in outcomes))  # type: ignore[type-var]


# --- C06 and C07: small data that grow ---------------------------------------------------------------


def deflated_zeros(mebibytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece * mebibytes + packer.flush()


def write_deflated_frame_bomb(path: Path) -> None:
    write_image(path, plain(64, 64), deflated_zeros(1000), "1.2.840.10008.1.2.8.1")


def jpeg_2000(rows: int, columns: int, *, tile: int = 0, resolutions: int = 6) -> bytes:
    """A code stream of 64 x 64 whose header says another size, other tiles or more resolutions."""
    data = bytearray(
        encode_array(np.random.default_rng(0).integers(0, 4096, (64, 64), np.uint16), bits_stored=12)
    )
    data[8:16] = struct.pack(">II", columns, rows)
    data[24:32] = struct.pack(">II", tile or columns, tile or rows)
    coding = data.index(b"\xff\x52")
    data[coding + 9] = resolutions - 1
    return bytes(data)


def jpeg_ls(rows: int, columns: int) -> bytes:
    """A JPEG-LS stream whose coded data are noise."""
    noise = np.random.default_rng(1).integers(0, 127, 4000, np.uint8).tobytes()
    head = struct.pack(">HHHBHHBBBB", 0xFFD8, 0xFFF7, 11, 16, rows, columns, 1, 1, 0x11, 0)
    return head + struct.pack(">HHBBBBBB", 0xFFDA, 8, 1, 1, 0, 0, 0, 0) + noise + b"\xff\xd9"


BOMBS: dict[str, tuple[dict[int, tuple[bytes, bytes]], bytes, str]] = {
    "JPEG 2000 of 60,000 in 64": (plain(64, 64), jpeg_2000(60_000, 60_000), JPEG2000Lossless),
    "JPEG 2000 of 60,000": (plain(60_000, 60_000), jpeg_2000(60_000, 60_000), JPEG2000Lossless),
    "a million tiles": (plain(1000, 1000), jpeg_2000(1000, 1000, tile=1), JPEG2000Lossless),
    "40,000 tiles": (plain(400, 400), jpeg_2000(400, 400, tile=2), JPEG2000Lossless),
    "32 resolutions": (plain(64, 64), jpeg_2000(64, 64, resolutions=33), JPEG2000Lossless),
    "JPEG-LS of 60,000 in 64": (plain(64, 64), jpeg_ls(60_000, 60_000), JPEGLSLossless),
    "JPEG-LS of noise": (plain(5_000, 5_000), jpeg_ls(5_000, 5_000), JPEGLSLossless),
    "RLE of 4,000 in 64": (
        plain(64, 64),
        struct.pack("<16I", 2, 64, 9000, *[0] * 13) + b"\x81\0" * 9000,
        RLELossless,
    ),
}


@on_linux
def test_compressed_pixels_that_grow_are_stopped(tmp_path: Path, measure: Measure) -> None:
    paths = [tmp_path / f"bomb-{number}" for number in range(len(BOMBS))]
    for path, (elements, data, syntax) in zip(paths, BOMBS.values(), strict=True):
        write_image(path, elements, data, syntax)
    for name, outcome in zip(BOMBS, measure(paths), strict=True):
        told(name, outcome)
        assert outcome["grown"] <= 128 * MIB, (name, outcome)
        assert outcome["child"] <= 1024 * MIB, (name, outcome)
        if name != "32 resolutions":  # which the standard allows: 64 x 64 pixels in the end
            assert "refused" in outcome, (name, outcome)


@on_linux
def test_a_deflated_frame_grows_to_its_declared_size_and_no_further(tmp_path: Path, measure: Measure) -> None:
    write_deflated_frame_bomb(tmp_path / "bomb")
    (outcome,) = measure([tmp_path / "bomb"])
    assert outcome.get("shape", [64, 64]) == [64, 64]
    assert outcome["grown"] <= 16 * MIB


# --- C12: floods -------------------------------------------------------------------------------------


def flood_of_fragments(count: int) -> bytes:
    item = b"\xfe\xff\x00\xe0"
    return item + bytes(4) + (item + struct.pack("<I", 2) + b"\xff\xd8") * count


def write_fragments(path: Path, table: bytes, fragments: bytes) -> None:
    write_image(path, {**plain(), 0x00280008: (b"IS", b"1000000 ")}, b"", JPEG2000Lossless)
    content = path.read_bytes()
    start = content.index(b"\xe0\x7f\x10\x00") + 12
    item = b"\xfe\xff\x00\xe0"
    body = item + struct.pack("<I", len(table)) + table + fragments
    path.write_bytes(content[:start] + body + b"\xfe\xff\xdd\xe0\0\0\0\0")


def write_long_numbers(path: Path, tag: int) -> None:
    """A DS that holds ten million numbers."""
    write_image(path, {**plain(), tag: (b"DS", b"1\\" * 10_000_000)}, bytes(128), ImplicitVRLittleEndian)


FLOODS: dict[str, Callable[[Path], None]] = {
    "10,000,000 numbers in Pixel Spacing": lambda path: write_long_numbers(path, 0x00280030),
    "10,000,000 numbers in Image Position": lambda path: write_long_numbers(path, 0x00200032),
    "10,000,000 numbers in Window Center": lambda path: write_long_numbers(path, 0x00281050),
    "200 MB of text": lambda path: write_image(
        path, {**plain(), 0x00104000: (b"LT", b"x" * 200_000_000)}, bytes(128), ImplicitVRLittleEndian
    ),
    "20 MB of name": lambda path: write_image(
        path, {**plain(), 0x00100010: (b"PN", b"x" * 20_000_000)}, bytes(128), ImplicitVRLittleEndian
    ),
    "1,000,000 fragments": lambda path: write_fragments(
        path, b"", (b"\xfe\xff\x00\xe0\x02\0\0\0\xff\x4f") * 1_000_000
    ),
    "1,000,000 offsets": lambda path: write_fragments(
        path, np.arange(0, 10_000_000, 10, dtype="<u4").tobytes(), b"\xfe\xff\x00\xe0\x02\0\0\0\xff\x4f"
    ),
}


@on_linux
def test_floods_are_stepped_over(tmp_path: Path, measure: Measure) -> None:
    paths = [tmp_path / f"flood-{number}" for number in range(len(FLOODS))]
    for path, write in zip(paths, FLOODS.values(), strict=True):
        write(path)
    for name, outcome in zip(FLOODS, measure(paths), strict=True):
        told(name, outcome)
        assert outcome["grown"] <= 64 * MIB, (name, outcome)


# --- C13: files that break off -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "CT_small.dcm",
        "MR_small_RLE.dcm",
        "MR_small_jp2klossless.dcm",
        "MR_small_jpeg_ls_lossless.dcm",
        "JPEG-lossy.dcm",
        "SC_rgb_jpeg_dcmtk.dcm",
        "JPEGLSNearLossless_16.dcm",
        "examples_jpeg2k.dcm",
        "image_dfl.dcm",
    ],
)
def test_no_file_that_breaks_off_gives_another_picture(tmp_path: Path, name: str) -> None:
    content = (WHEEL / name).read_bytes()
    whole = read_frame(WHEEL / name)
    cut = tmp_path / "cut.dcm"
    for at in np.linspace(0, len(content) - 1, 40).astype(int):
        cut.write_bytes(content[:at])
        index = scan([cut])
        assert len(index.instances) + len(index.skipped) == 1
        try:
            frame = read_frame(cut)
        except UnreadableFile:
            continue
        assert frame.digest == whole.digest, f"cut at byte {at} of {len(content)}"
        fewer = frame.source.number_of_frames < whole.source.number_of_frames
        assert fewer == any("declared frames are present" in note for note in frame.notes)


# --- C14: a second kind of file in the preamble --------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    [
        b"MZ\x90\0",
        b"\x7fELF\x02",
        b"\xcf\xfa\xed\xfe",
        b"\xce\xfa\xed\xfe",
        b"\xfe\xed\xfa\xcf",
        b"\xfe\xed\xfa\xce",
        b"\xca\xfe\xba\xbe",
        b"#!/bin/sh\n",
        b"PK\x03\x04",
        b"<html>",
        b"<?xml",
        b"  <html>",
        b"%PDF-1.7",
        b"\x1f\x8b\x08",
        b"7z\xbc\xaf\x27\x1c",
        b"Rar!\x1a\x07",
        b"GIF89a",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"@echo off",
    ],
)
def test_a_second_kind_of_file_is_flagged_in_list_and_frame(tmp_path: Path, head: bytes) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=16, columns=16)
    film.path.write_bytes(head.ljust(128, b"\0") + film.path.read_bytes()[128:])
    (instance,) = scan([film.path]).instances
    for notes in (instance.notes, read_frame(film.path).notes):
        assert any("first bytes of the file also make it" in note for note in notes)
