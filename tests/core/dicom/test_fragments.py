"""Frames among fragments: every table right, wrong or absent, every cut, nothing read twice."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phantoms import write_grey
from pydicom import dcmread
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.uid import JPEGLSLossless, RLELossless

from core.dicom.fragments import Fragments, frame_bytes, frames_of, walk_fragments
from core.dicom.frames import read_frame
from core.dicom.gate import Refused
from core.dicom.index import scan

ITEM, END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\0\0\0\0"


def item(value: bytes) -> bytes:
    return ITEM + struct.pack("<I", len(value)) + value


def code_stream(number: int, length: int) -> bytes:
    """Something that begins and ends as JPEG does."""
    return b"\xff\xd8\xff" + bytes([number]) * length + b"\xff\xd9"


def sequence(frames: list[list[bytes]], table: str = "right") -> bytes:
    """Pixel data of frames, each cut into fragments, with a table that is right, absent or wrong."""
    heads: list[int] = []
    body = b""
    for parts in frames:
        heads.append(len(body))
        body += b"".join(item(part) for part in parts)
    if table == "wrong":
        heads = [head + 2 * index for index, head in enumerate(heads)]
    elif table == "zeros":
        heads = [0] * len(heads)
    elif table == "short":
        heads = heads[: len(heads) // 2]
    words = b"" if table == "absent" else struct.pack(f"<{len(heads)}I", *heads)
    return item(words) + body + END


def found(data: bytes, declared: int, extended: bytes | None = None) -> tuple[list[bytes], Fragments]:
    stream = io.BytesIO(data)
    fragments = walk_fragments(stream, 0, len(data))
    frames = frames_of(fragments, declared, extended)
    return [frame_bytes(stream, fragments, frames, index) for index in range(len(frames.starts))], fragments


# A fragment tells by its first three bytes that it begins a frame.
cuts = st.lists(st.integers(3, 30), max_size=3)


def cut_up(whole: bytes, lengths: list[int]) -> list[bytes]:
    parts = []
    for length in lengths:
        parts.append(whole[:length])
        whole = whole[length:]
    return [part for part in (*parts, whole) if part]


@given(
    lengths=st.lists(st.tuples(st.integers(0, 40), cuts), min_size=2, max_size=6),
    table=st.sampled_from(["right", "absent", "wrong", "zeros", "short"]),
    data=st.data(),
)
def test_every_frame_that_is_found_is_right(
    lengths: list[tuple[int, list[int]]], table: str, data: st.DataObject
) -> None:
    wholes = [code_stream(index, length) for index, (length, _) in enumerate(lengths)]
    # Beginnings are told by the first three bytes of a fragment.
    parts = [
        cut_up(whole, [max(one, 3) for one in at]) for whole, (_, at) in zip(wholes, lengths, strict=True)
    ]
    whole = sequence(parts, table)
    assert found(whole, len(wholes))[0] == wholes
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    frames, fragments = found(cut, len(wholes))
    assert len(frames) <= len(wholes)
    for index, frame in enumerate(frames):
        # A cut between two fragments, or in the first bytes of one, leaves no trace here. The end of the
        # code stream is missing then, which is seen when it is decoded.
        no_trace = fragments.broken_begins is None and index == len(frames) - 1
        assert frame == wholes[index] or (no_trace and wholes[index].startswith(frame))
    if table == "right":
        ends = np.cumsum([sum(8 + len(part) for part in one) for one in parts]) + 8 + 4 * len(parts)
        assert len(frames) >= int((ends <= len(cut)).sum()) - (not fragments.is_delimited)


@pytest.mark.parametrize("cut", range(29, 76))
def test_frames_that_a_short_table_does_not_name_are_no_part_of_its_last(cut: int) -> None:
    wholes = [code_stream(number, 0) for number in range(4)]
    frames, _ = found(sequence([[whole] for whole in wholes], "short")[:cut], 4)
    assert frames == wholes[: len(frames)]


def test_the_extended_table_goes_first() -> None:
    frames = [[b"ab"], [b"cd", b"ef"]]  # nothing that marks a beginning
    data = sequence(frames, "absent")
    assert found(data, 2, struct.pack("<2Q", 0, 10))[0] == [b"ab", b"cdef"]
    assert found(data, 2, struct.pack("<2Q", 0, 11))[0] == [b"ab", b"cd", b"ef"]


def test_a_wrong_table_is_said() -> None:
    data = sequence([[code_stream(0, 5)], [code_stream(1, 5)]], "wrong")
    fragments = walk_fragments(io.BytesIO(data), 0, len(data))
    assert frames_of(fragments, 2).notes == (
        "The offset table does not fit the compressed frames, which are found without it.",
    )
    assert frames_of(walk_fragments(io.BytesIO(sequence([[b"a1"], [b"b1"]])), 0, 99), 2).notes == ()


def test_rle_frames_tell_where_they_begin() -> None:
    head = struct.pack("<16I", 1, 64, *[0] * 14)
    data = sequence([[head + b"aa", b"bb"], [head + b"cc"]], "absent")
    assert found(data, 2)[0] == [head + b"aabb", head + b"cc"]


@pytest.mark.parametrize(
    ("data", "count", "whole", "delimited"),
    [
        (b"", 0, False, False),
        (END, 0, True, True),
        (item(b""), 0, False, False),
        (item(b"") + item(b"ab"), 1, True, False),
        (item(b"") + item(b"ab") + END[:5], 1, True, False),
        (item(b"") + item(b"ab") + b"garbage!", 1, True, False),
        (item(b"") + b"garbage!", 0, False, False),
        (item(b"") + item(b"a") + b"\0" + item(b"b") + b"\0" + END, 2, True, True),
        (item(b"") + item(b"ab") + item(b"cd")[:9], 1, False, False),
        (item(b"") + ITEM + b"\xff\xff\xff\x7f", 0, False, False),
        (ITEM + b"\xff\xff\xff\x7f" + bytes(64), 0, False, False),
    ],
)
def test_ends_of_a_sequence(data: bytes, count: int, whole: bool, delimited: bool) -> None:
    fragments = walk_fragments(io.BytesIO(data), 0, len(data))
    assert (len(fragments), fragments.is_whole, fragments.is_delimited) == (count, whole, delimited)


@given(st.binary(max_size=200), st.integers(1, 5), st.none() | st.binary(max_size=40))
def test_any_bytes_give_frames_that_exist(data: bytes, declared: int, extended: bytes | None) -> None:
    frames, fragments = found(item(b"") + data, declared, extended)
    assert len(frames) <= max(len(fragments), 1)


class Counting(io.BytesIO):
    """A stream that counts the bytes that are read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        value = super().read(size)
        self.taken += len(value)
        return value


@pytest.mark.parametrize("table", ["right", "absent"])
def test_a_late_frame_is_read_without_those_before_it(table: str) -> None:
    wholes = [code_stream(index % 250, 1000) for index in range(200)]
    stream = Counting(sequence([cut_up(whole, [400]) for whole in wholes], table))
    fragments = walk_fragments(stream, 0, len(stream.getvalue()))
    assert stream.taken < 16 * 2 * 202 + 4 * 200
    stream.taken = 0
    assert frame_bytes(stream, fragments, frames_of(fragments, 200), 150) == wholes[150]
    assert stream.taken == len(wholes[150])


# --- whole files -------------------------------------------------------------------------------------

CLIP = np.random.default_rng(5).integers(0, 4096, (7, 12, 16)).astype(np.uint16)


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
@pytest.mark.parametrize("kind", ["table", "no table", "many fragments", "extended", "wrong"])
def test_clips_of_every_encapsulation(tmp_path: Path, syntax: str, kind: str) -> None:
    ds = write_grey(tmp_path / "c", CLIP, transfer_syntax_uid=syntax)
    coded = list(generate_frames(ds.PixelData, number_of_frames=7))
    if kind == "extended":
        ds.PixelData, ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = encapsulate_extended(coded)
    else:
        ds.PixelData = encapsulate(
            coded,
            fragments_per_frame=3 if kind == "many fragments" else 1,
            has_bot=kind in ("table", "wrong"),
        )
    if kind == "wrong":
        ds.PixelData = ds.PixelData[:12] + b"\x01\0\0\0" + ds.PixelData[16:]
    ds["PixelData"].is_undefined_length = True
    ds.save_as(tmp_path / "c", enforce_file_format=False)
    for index in (6, 0, 3):
        frame = read_frame(tmp_path / "c", index)
        assert np.array_equal(frame.stored, CLIP[index])
        assert any("offset table" in note for note in frame.notes) == (kind == "wrong")
    assert scan([tmp_path]).instances[0].number_of_frames == 7


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless])
@pytest.mark.parametrize("fragments", [1, 3])
@pytest.mark.parametrize("table", [True, False])
def test_a_clip_that_is_cut_anywhere_gives_whole_frames_only(
    tmp_path: Path, syntax: str, fragments: int, table: bool
) -> None:
    ds = write_grey(tmp_path / "c", CLIP, transfer_syntax_uid=syntax)
    coded = list(generate_frames(ds.PixelData, number_of_frames=7))
    ds.PixelData = encapsulate(coded, fragments_per_frame=fragments, has_bot=table)
    ds["PixelData"].is_undefined_length = True
    ds.save_as(tmp_path / "c", enforce_file_format=False)
    content = (tmp_path / "c").read_bytes()
    start = content.index(b"\xe0\x7f\x10\x00")
    seen, reasons = set(), set()
    for size in range(start, len(content), 61):
        path = tmp_path / f"cut{size}"
        path.write_bytes(content[:size])
        try:
            frame = read_frame(path)
        except Refused as error:
            reasons.add(error.reason.split(":")[0])
            continue
        count = frame.source.number_of_frames
        seen.add(count)
        told = f"{count} of 7 declared frames are present." in frame.notes
        assert told or any("end mark" in note for note in frame.notes)
        assert scan([path]).instances[0].number_of_frames == count
        for index in range(count):
            try:
                assert np.array_equal(read_frame(path, index).stored, CLIP[index])
            except Refused:
                assert index == count - 1  # cut between its fragments
    assert len(seen) >= 6
    assert reasons <= {"truncated", "no image in it", "the compressed pixels cannot be decoded"}


def test_more_frames_than_declared_are_found_by_their_beginnings(tmp_path: Path) -> None:
    ds = write_grey(tmp_path / "c", CLIP, transfer_syntax_uid=JPEGLSLossless)
    ds.NumberOfFrames = 4
    ds.save_as(tmp_path / "c", enforce_file_format=False)
    assert np.array_equal(read_frame(tmp_path / "c", 3).stored, CLIP[3])
    with pytest.raises(Refused, match="the last one is 4"):
        read_frame(tmp_path / "c", 4)
    assert dcmread(tmp_path / "c").NumberOfFrames == 4
