"""Where each compressed frame of a file lies: its fragments, what the offset tables say, what is missing.

Compressed pixel data is a sequence of fragments (PS3.5 A.4). A frame has one or many of them; the Basic or
Extended Offset Table says where each frame begins, if it is there and right. Otherwise the first bytes of
the fragments tell: each frame begins as a code stream does. Nothing but 16 bytes of each fragment is read,
so that frame 150 costs no more than frame 1.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_FRAGMENTS = 1_000_000
_MANY, _SCRAP = 50_000, 32  # so many fragments of fewer bytes each, their heads included, are a flood
_WINDOW = 2**14
_ITEM, _SEQUENCE_END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0"
# What a frame begins with: JPEG and JPEG-LS, JPEG 2000, the same in a JP2 file.
_BEGINNINGS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ")
_LONGEST_BEGINNING = 8
_WRONG_TABLE = "The offset table does not fit the compressed frames, which are found without it."


def _none() -> NDArray[np.int64]:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Fragments:
    """The whole fragments of a file's pixel data, in their order.

    `offsets` and `lengths` are of their values, in bytes of the file; `begins` tells which of them begin as
    a code stream. `table`: the Basic Offset Table. `end`: where the walk stopped. `is_whole`: no fragment
    breaks off and there is one, or an end mark; `is_delimited`: the mark that must end the sequence is
    there. `broken_begins`: whether the fragment that breaks off begins a frame, None if there is none or too
    little of it.
    """

    offsets: NDArray[np.int64] = field(default_factory=_none)
    lengths: NDArray[np.int64] = field(default_factory=_none)
    begins: NDArray[np.int64] = field(default_factory=_none)
    table: NDArray[np.int64] = field(default_factory=_none)
    end: int = 0
    is_whole: bool = True
    is_delimited: bool = True
    broken_begins: bool | None = None

    def __len__(self) -> int:
        return len(self.offsets)


class Frames(NamedTuple):
    """The frames that are present: frame k has the fragments `starts[k]` up to before `stops[k]`."""

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    notes: tuple[str, ...] = ()


def walk_fragments(stream: BinaryIO, offset: int, size: int) -> Fragments:
    """Step over the fragments of the pixel data whose value begins at `offset` of a file of `size` bytes.

    Stops after `MAX_FRAGMENTS`, and after `_MANY` scraps that can hold no pictures. Reads the offset table
    and the first bytes of each fragment, nothing else.
    """
    offsets, lengths = array("q"), array("q")
    first = offset
    begins: list[bool] = []
    table: NDArray[np.int64] | None = None
    is_whole = is_delimited = False
    broken_begins: bool | None = None
    window, window_at = b"", offset
    while True:
        if not window_at <= offset <= window_at + len(window) - 8 - _LONGEST_BEGINNING:
            # Scraps are many to a window; behind a fragment most of a window would be read in vain.
            stream.seek(offset)
            scraps = lengths and lengths[-1] < 2 * _SCRAP
            window, window_at = stream.read(_WINDOW if scraps else 8 + _LONGEST_BEGINNING), offset
        head = window[offset - window_at : offset - window_at + 8 + _LONGEST_BEGINNING]
        if len(head) < 8:
            # Many writers forget the delimiter at the very end of the file; no pixels are missing then.
            is_whole = bool(offsets) and (_SEQUENCE_END + b"\0\0\0\0").startswith(head)
            break
        if head[:4] != _ITEM:
            if lengths and lengths[-1] % 2 and head[1:5] in (_ITEM, _SEQUENCE_END):
                offset += 1  # an odd fragment whose padding byte is not counted
                continue
            is_delimited = head[:4] == _SEQUENCE_END
            is_whole = is_delimited or bool(offsets)
            break
        length = int.from_bytes(head[4:8], "little")
        if offset + 8 + length > size:
            value = head[8:]
            if table is not None and not any(one.startswith(value) for one in _BEGINNINGS):
                broken_begins = _begins_frame(value)
            offset = size
            break
        if table is None:
            table = _offset_table(stream, offset + 8, length)
        else:
            offsets.append(offset + 8)
            lengths.append(length)
            begins.append(_begins_frame(head[8 : 8 + length]))
            if len(offsets) > MAX_FRAGMENTS or (len(offsets) == _MANY and offset - first < _MANY * _SCRAP):
                is_whole = True
                break
        offset += 8 + length
    return Fragments(
        np.array(offsets, np.int64),
        np.array(lengths, np.int64),
        np.flatnonzero(np.array(begins, np.bool_)),
        _none() if table is None else table,
        offset,
        is_whole,
        is_delimited,
        broken_begins,
    )


@lru_cache(maxsize=8)
def frames_of(fragments: Fragments, declared: int, extended: bytes | None = None) -> Frames:
    """Which fragments belong to which of the `declared` frames; frames that are not whole are left out.

    `extended`: the Extended Offset Table (PS3.3 C.7.6.3.1.8). A table that does not fit the fragments is
    not used, with a note.
    """
    if len(fragments) == 0:
        return Frames(_none(), _none())
    if declared == 1:
        whole = int(fragments.is_whole)
        return Frames(np.zeros(whole, np.int64), np.full(whole, len(fragments)))
    words = np.frombuffer(extended[: len(extended) // 8 * 8], "<u8") if extended else _none()
    wrong = False
    for table in (words.astype(np.int64), fragments.table):
        if len(table) > 1 or (len(table) == 1 and declared == 1):
            found = _by_table(fragments, table, declared)
            if found is not None:
                return found
            wrong = True
    notes = (_WRONG_TABLE,) if wrong else ()
    return _by_beginnings(fragments, declared)._replace(notes=notes)


def frame_bytes(stream: BinaryIO, fragments: Fragments, frames: Frames, frame_index: int) -> bytes:
    """The code stream of one frame, put together from its fragments, of which nothing else is read."""
    parts: list[bytes] = []
    for fragment in range(int(frames.starts[frame_index]), int(frames.stops[frame_index])):
        stream.seek(int(fragments.offsets[fragment]))
        parts.append(stream.read(int(fragments.lengths[fragment])))
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _by_table(fragments: Fragments, table: NDArray[np.int64], declared: int) -> Frames | None:
    """Frames as an offset table gives them, None if it cannot be true."""
    if table[0] != 0 or (np.diff(table) <= 0).any():
        return None
    if len(table) < declared and len(fragments) >= declared:
        return None
    heads = fragments.offsets - 8
    places = table + heads[0]  # offsets count from the first fragment (PS3.5 A.4)
    present = places[places <= heads[-1]]
    if len(present) < len(places) and fragments.is_delimited:
        return None
    starts = np.searchsorted(heads, present)
    if (heads[starts] != present).any():
        return None
    if len(table) < declared and not np.isin(fragments.begins, starts).all():
        return None  # too short: the frames that it does not name would be taken for the end of its last
    stops = np.append(starts[1:], len(fragments))
    last_is_whole = fragments.is_whole
    if len(present) < len(places):
        past, following = int(fragments.offsets[-1] + fragments.lengths[-1]), int(places[len(present)])
        if following < past:
            return None
        last_is_whole = following == past
    kept = len(starts) if last_is_whole else len(starts) - 1
    return Frames(starts[:kept], stops[:kept])


def _by_beginnings(fragments: Fragments, declared: int) -> Frames:
    """Frames without a table: one for each fragment if their numbers agree, else by how fragments begin."""
    count = len(fragments)
    each = np.arange(count, dtype=np.int64)
    marked = fragments.begins
    if len(marked) == 0 or marked[0] != 0 or (count == declared and fragments.is_delimited):
        return Frames(each, each + 1)
    stops = np.append(marked[1:], count)
    # What breaks off belongs to the last frame, unless it begins another one or there may be another one.
    continues = fragments.broken_begins is False or (
        fragments.broken_begins is None and (len(marked) < count or len(marked) >= declared)
    )
    if not fragments.is_whole and continues:
        return Frames(marked[:-1], stops[:-1])
    return Frames(marked, stops)


def _offset_table(stream: BinaryIO, offset: int, length: int) -> NDArray[np.int64]:
    """The Basic Offset Table: 32-bit offsets, empty if it is absurdly long."""
    if length > 4 * MAX_FRAGMENTS:
        return _none()
    stream.seek(offset)
    return np.frombuffer(stream.read(length // 4 * 4), "<u4").astype(np.int64)


def _begins_frame(value: bytes) -> bool:
    """Whether bytes begin a code stream; an RLE frame begins with its segments' number and 64 (PS3.5 G.5)."""
    return value.startswith(_BEGINNINGS) or (value[1:8] == b"\0\0\0\x40\0\0\0" and 1 <= value[0] <= 15)
