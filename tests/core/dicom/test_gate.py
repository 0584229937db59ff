"""Hostile headers: refused before anything is allocated, with declared against present."""

from __future__ import annotations

import copy
import os
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phantoms import (
    write_chest_film,
    write_deflate_bomb,
    write_flood,
    write_grey,
    write_lying_size,
    write_nested,
    write_truncated,
)

from core.dicom.frames import read_frame, stored_values
from core.dicom.gate import Refused, open_admitted
from core.dicom.raster import is_raster
from core.errors import UnreadableFile


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        read_frame(path)
    assert caught.value.message == f"{path.name}: {caught.value.reason}"
    return caught.value.reason


@pytest.mark.parametrize("depth", [65, 100, 900, 5_000, 100_000])
@pytest.mark.parametrize("private", [False, True])
def test_deep_nesting_is_refused(tmp_path: Path, depth: int, private: bool) -> None:
    write_nested(tmp_path / "nested", depth, private=private)
    assert refusal(tmp_path / "nested") == "sequences are nested more than 64 deep."


@pytest.mark.parametrize("depth", [65, 5_000])
def test_deep_nesting_of_defined_length_is_refused(tmp_path: Path, depth: int) -> None:
    write_nested(tmp_path / "nested", depth, undefined=False)
    assert refusal(tmp_path / "nested") == "sequences are nested more than 64 deep."


@pytest.mark.parametrize("depth", [1, 10, 64])
@pytest.mark.parametrize(
    ("undefined", "private"), [(True, False), (True, True), (False, False), (False, True)]
)
def test_ordinary_nesting_opens(tmp_path: Path, depth: int, undefined: bool, private: bool) -> None:
    write_nested(tmp_path / "nested", depth, undefined=undefined, private=private)
    assert read_frame(tmp_path / "nested").stored.shape == (8, 8)


def test_unread_private_bytes_may_hold_anything(tmp_path: Path) -> None:
    write_nested(tmp_path / "nested", 5_000, undefined=False, private=True)
    assert read_frame(tmp_path / "nested").stored.shape == (8, 8)


def test_a_flood_of_elements_is_refused(tmp_path: Path) -> None:
    write_flood(tmp_path / "flood", 200_000)
    assert refusal(tmp_path / "flood") == "the header holds more than 30,000 elements."
    write_flood(tmp_path / "many", 20_000)
    assert read_frame(tmp_path / "many").stored.shape == (8, 8)


def test_a_deflate_bomb_is_refused_early(tmp_path: Path) -> None:
    write_deflate_bomb(tmp_path / "bomb", 300)
    assert (tmp_path / "bomb").stat().st_size < 2**20
    assert "images do not grow so much" in refusal(tmp_path / "bomb")


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ({"rows": 65_535, "columns": 65_535}, "65535 × 65535 pixels (8.0 GiB a frame); 512 bytes"),
        ({"rows": 20_000, "columns": 20_000}, "762.9 MiB of pixels, 512 bytes are present"),
        ({"rows": 17, "columns": 16}, "544 bytes of pixels, 512 bytes are present"),
        ({"rows": 0, "columns": 16}, "0 × 16 pixels, which is no image size"),
        ({"rows": 65_535, "columns": 65_535, "encapsulated": True}, "8.0 GiB a frame"),
        (
            {"rows": 8_000, "columns": 8_000, "encapsulated": True},
            "528 bytes of compressed pixels are present",
        ),
        (
            {"rows": 64, "columns": 64, "declared_bytes": 0xFFFFFFF0},
            "truncated: the header declares 8,192 bytes",
        ),
    ],
)
def test_more_pixels_than_bytes_are_refused(tmp_path: Path, lie: dict[str, int], words: str) -> None:
    syntax = "1.2.840.10008.1.2.4.90" if lie.get("encapsulated") else "1.2.840.10008.1.2.1"
    write_lying_size(tmp_path / "lie", transfer_syntax_uid=syntax, **lie)
    assert words in refusal(tmp_path / "lie")


def test_an_overstated_length_with_all_pixels_opens_with_a_note(tmp_path: Path) -> None:
    write_lying_size(tmp_path / "length", rows=16, columns=16, declared_bytes=0xFFFFFFF0)
    frame = read_frame(tmp_path / "length")
    assert frame.stored.shape == (16, 16)
    assert "The length of the pixel data is overstated; all declared pixels are present." in frame.notes


@pytest.mark.parametrize("frames", [100_000, 2**31 - 1])
def test_only_the_frames_that_are_there_are_opened(tmp_path: Path, frames: int) -> None:
    write_lying_size(tmp_path / "clip", rows=8, columns=8, frames=frames, pixel_bytes=3 * 128 + 5)
    frame = read_frame(tmp_path / "clip", 2)
    assert frame.source.number_of_frames == 3
    assert f"3 of {frames} declared frames are present." in frame.notes
    with pytest.raises(Refused, match="frame 4 was asked for; the last one is 3"):
        read_frame(tmp_path / "clip", 3)
    with pytest.raises(Refused, match="frame 0 was asked for"):
        read_frame(tmp_path / "clip", -1)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.80"])
def test_no_cut_gives_a_partial_image(tmp_path: Path, syntax: str) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=40, columns=32, transfer_syntax_uid=syntax)
    whole = read_frame(film.path)
    size = film.path.stat().st_size
    cut = tmp_path / "cut.dcm"
    for at in range(0, size, 64):
        write_truncated(cut, film.path, at)
        try:
            frame = read_frame(cut)
        except UnreadableFile:
            continue
        assert frame.digest == whole.digest, f"cut at byte {at} of {size}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty (0 bytes)."),
        (b"<html><body>not found</body></html>" * 9, "not a DICOM file."),
        (b"PK\x03\x04" + bytes(300), "not a DICOM image but a zip archive: unpack it first."),
        (b"%PDF-1.7" + bytes(300), "not a DICOM image but a PDF document."),
        (b"\x08", "not a DICOM file."),
        (bytes(128) + b"DICM", "no data set in it."),
        (
            bytes(128) + b"DICM\x02\x00\x10\x00UI\xff\xff",
            "truncated: the file ends after 140 bytes, inside its header.",
        ),
    ],
)
def test_other_files_are_named(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "file").write_bytes(content)
    assert refusal(tmp_path / "file") == reason


@pytest.mark.parametrize("head", [b"MZ", b"\x7fELF", b"#!/bin/sh\n", b"PK\x03\x04", b"%PDF-", b"<html>"])
def test_a_second_kind_of_file_in_the_preamble_is_flagged(tmp_path: Path, head: bytes) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=16, columns=16)
    film.path.write_bytes(head.ljust(128, b"\0") + film.path.read_bytes()[128:])
    assert any("first bytes of the file also make it" in note for note in read_frame(film.path).notes)


def test_a_tiff_preamble_is_allowed(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=16, columns=16)
    film.path.write_bytes(b"II*\0".ljust(128, b"\0") + film.path.read_bytes()[128:])
    assert read_frame(film.path).notes == ()


def test_a_file_without_preamble_opens(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=16, columns=16)
    film.path.write_bytes(film.path.read_bytes()[132:])
    frame = read_frame(film.path)
    assert np.array_equal(frame.stored, film.stored)
    assert "The file lacks the DICOM preamble; its encoding was guessed." in frame.notes


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"gone\.dcm: cannot be read: no such file"):
        read_frame(tmp_path / "gone.dcm")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_forbidden_file_is_a_clear_error(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=16, columns=16)
    film.path.chmod(0)
    assert "permission" in refusal(film.path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("read", [read_frame, stored_values, open_admitted, is_raster])
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path, read: Callable[[Path], object]) -> None:
    os.mkfifo(tmp_path / "pipe.dcm")
    with pytest.raises(UnreadableFile, match=r"pipe\.dcm: not a regular file"):
        read(tmp_path / "pipe.dcm")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.dcm").mkdir()
    with pytest.raises(UnreadableFile, match=r"folder\.dcm: (not a regular file|cannot be read)"):
        read_frame(tmp_path / "folder.dcm")


def test_a_refusal_survives_the_way_between_processes() -> None:
    refused = Refused("film.dcm", "truncated.", "Copy it again.")
    again = copy.deepcopy(refused)
    assert (again.message, again.reason, again.hint) == (refused.message, refused.reason, refused.hint)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(data=st.data())
def test_mutated_headers_give_a_frame_or_a_refusal(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "mutated.dcm"
    write_grey(
        path,
        np.arange(48, dtype=np.uint16).reshape(6, 8),
        WindowCenter="40",
        WindowWidth="80",
        PixelSpacing=[1, 1],
    )
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(128, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        frame = read_frame(path)
    except UnreadableFile:
        return
    assert frame.stored.nbytes <= len(content) * 16  # one bit may become one float


def test_the_survey_closes_what_it_refuses(tmp_path: Path) -> None:
    write_nested(tmp_path / "nested", 70)
    with pytest.raises(Refused):  # an unclosed file would be a ResourceWarning, which is an error here
        open_admitted(tmp_path / "nested")


def test_the_letters_dicm_in_a_text_are_no_preamble(tmp_path: Path) -> None:
    """A data set without preamble, whose 128th byte happens to begin with them."""
    text = b"x" * 120 + b"DICMA1"
    content = struct.pack("<HH2sH", 0x0008, 0x0070, b"LO", len(text)) + text + bytes(64)
    assert content[128:132] == b"DICM"
    (tmp_path / "bare").write_bytes(content)
    assert (
        refusal(tmp_path / "bare") == "without the DICOM preamble, and with its mark in the midst of a text."
    )
