"""All attributes of a file as rows to read, page by page: tag, VR, VM, name, value; never pixel data.

The file is walked here element by element with a stack of its own, so that the first page of a header
with a million elements comes at once and nesting costs no recursion. Values are shown as they stand in
the file, as harmless text; what cannot be read on becomes a row that says so.
"""

from __future__ import annotations

import io
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import (
    dictionary_description,
    dictionary_keyword,
    dictionary_VR,
    private_dictionary_description,
    private_dictionary_VR,
)
from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

from core.dicom.elements import ITEM, ITEM_END, LONG_VRS, SEQUENCE_END, UNDEFINED
from core.dicom.gate import (
    DEFLATED_LITTLE,
    EXPLICIT_BIG,
    MAX_DEPTH,
    Refused,
    open_admitted,
    open_regular,
    size_words,
)
from core.dicom.raster import begins_as_raster, raster_fields
from core.dicom.tags import READING_ERRORS, harmless, quiet_pydicom, uid_name
from core.visible import visible

if TYPE_CHECKING:
    from pathlib import Path

PAGE_ROWS = 500
"""Rows of one page: some milliseconds to read, and some screens long."""

_MOST_BYTES_READ = 64 * 2**10
_LONGEST_SHOWN = 200
_LONGEST_KEPT = 16_384
_MOST_NUMBERS_SHOWN, _MOST_NUMBERS_KEPT = 12, 1024
_FIRST_BYTES = 16
_MOST_FRAGMENTS = 200_000
_BROKEN = 0xFFFFFFFF
_CHARSET, _SIGN, _SYNTAX = 0x00080005, 0x00280103, 0x00020010
_SHARED_GROUPS, _FRAME_GROUPS = 0x52009229, 0x52009230
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
_DECODED = frozenset({"SH", "LO", "UC", "ST", "LT", "UT", "PN"})
_ONE_VALUE = frozenset({"ST", "LT", "UT", "UR"})
_BINARY = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
_AMBIGUOUS = {"OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW"}


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """One attribute, item or sequence. `depth` counts from 0; items lie one below their sequence.

    `value` is one short line; `full_value` is more of it, with its lines, or "" if there is no more.
    `creator`: of a private attribute. `problem`: the row says why nothing follows.
    """

    depth: int
    tag: str
    vr: str = ""
    vm: str = ""
    keyword: str = ""
    name: str = ""
    value: str = ""
    full_value: str = ""
    creator: str = ""
    problem: bool = False

    @property
    def text(self) -> str:
        """The row as one line of plain text, indented as it is nested."""
        parts = (self.tag, self.vr, self.vm, self.keyword or self.name, self.creator, self.value)
        return "  " * self.depth + "  ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class AttributePage:
    """Rows in the order of the file, and where the next page begins (None at the end)."""

    rows: tuple[AttributeRow, ...]
    next_page: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a file from which the walk goes on. Only this module looks inside."""

    offset: int
    levels: tuple[_Level, ...]
    in_meta: bool
    syntax: str


@dataclass(frozen=True, slots=True)
class _Level:
    """A data set, sequence or item that is being walked, with what its own attributes say of the others."""

    end: int
    explicit: bool
    is_sequence: bool = False
    items: int = 0
    encodings: tuple[str, ...] = ("iso8859",)
    signed: bool = False
    creators: dict[int, str] = field(default_factory=dict)


class _Head(NamedTuple):
    """Head of one element or item: `vr` as written ("" if it is not), `value` the offset of its value."""

    depth: int
    tag: int
    vr: str
    length: int
    value: int
    is_sequence: bool = False


def read_page(path: Path, cursor: Cursor | None = None, rows: int = PAGE_ROWS) -> AttributePage:
    """A page of a file's attributes from its start, or from where the page before ended.

    Pixel data is told of, never read. Raises `Refused` for a file that cannot be opened at all; what is
    broken further on becomes a row. Any thread.
    """
    with _opened(path) as stream:
        if cursor is None and begins_as_raster(stream):
            return AttributePage(_raster_rows(path))
        walk = _Walk(stream, path, cursor)
        return walk.page(rows)


def frame_rows(path: Path, frame_index: int, rows: int = PAGE_ROWS) -> tuple[AttributeRow, ...]:
    """The functional groups of one frame of an enhanced object: its own, then those of all frames.

    Empty for what has none. Raises as `read_page` does. At most `rows` rows of each kind.
    """
    with _opened(path) as stream:
        if begins_as_raster(stream):
            return ()
        wanted = {_FRAME_GROUPS: frame_index, _SHARED_GROUPS: 0}
        found: dict[int, list[AttributeRow]] = {tag: [] for tag in wanted}
        walk = _Walk(stream, path, None)
        sequence, number = 0, -1
        try:
            for head in walk.heads():
                if head.depth == 0:
                    sequence, number = head.tag, -1
                elif sequence in wanted and head.depth == 1:
                    number += 1
                    if number != wanted[sequence]:
                        walk.skip_item()
                elif sequence in wanted and number == wanted[sequence] and len(found[sequence]) < rows:
                    row = walk.row(head)
                    found[sequence].append(replace(row, depth=row.depth - 2))
                if head.depth == 0 and head.tag > _FRAME_GROUPS:
                    break
                if sequence == _FRAME_GROUPS and number > frame_index:
                    break
        except Refused as refusal:
            found[_SHARED_GROUPS].append(_problem(refusal.reason))
        return (*found[_FRAME_GROUPS], *found[_SHARED_GROUPS])


def _opened(path: Path) -> BinaryIO:
    try:
        return open_regular(path)
    except OSError as error:
        words = (error.strerror or type(error).__name__).lower()
        raise Refused(
            path.name, f"cannot be read: {words}.", "Is it still there, and may you read it?"
        ) from error


def _raster_rows(path: Path) -> tuple[AttributeRow, ...]:
    """The header of a picture, which has fields of its own and no attributes."""
    head = AttributeRow(0, "", name="A picture file, not DICOM", value="its own header fields follow")
    fields = ((name, value) for name, value in raster_fields(path))
    return (head, *(_with_text(AttributeRow(0, "", name=harmless(name)), value) for name, value in fields))


class _Walk:
    """Steps through a file; all its state can be taken as a `Cursor` and taken up again."""

    def __init__(self, stream: BinaryIO, path: Path, cursor: Cursor | None) -> None:
        self._name = path.name
        self._path = path
        self._stream = stream
        self._size = stream.seek(0, io.SEEK_END)
        self._window, self._from = b"", 0
        self._big = False
        self._offset = 132 if self._at(128, 4) == b"DICM" else 0
        self._in_meta = True
        self._syntax = ""
        self._levels: list[_Level] = [_Level(sys.maxsize, explicit=True)]
        if cursor is not None:
            self._in_meta, self._syntax = cursor.in_meta, cursor.syntax
            if not cursor.in_meta:
                self._begin_data()
            self._offset, self._levels = cursor.offset, list(cursor.levels)

    def page(self, count: int) -> AttributePage:
        """The next rows; where the file cannot be read on, the last row says why."""
        rows: list[AttributeRow] = []
        try:
            for head in self.heads():
                rows.append(self.row(head))
                if len(rows) >= count:
                    place = Cursor(self._offset, tuple(self._levels), self._in_meta, self._syntax)
                    return AttributePage(tuple(rows), place)
        except Refused as refusal:
            rows.append(_problem(refusal.reason))
        except READING_ERRORS as error:
            rows.append(_problem(f"the header cannot be read on ({type(error).__name__})."))
        return AttributePage(tuple(rows))

    def skip_item(self) -> None:
        """Go on behind the item that was just entered, if its length is known."""
        if self._levels[-1].end != sys.maxsize:
            self._offset = self._levels[-1].end

    def heads(self) -> Iterator[_Head]:
        """Elements and items one after the other; the walk goes into each sequence."""
        while True:
            while len(self._levels) > 1 and self._offset >= self._levels[-1].end:
                self._levels.pop()
            if self._in_meta and self._at(self._offset, 2) != b"\x02\x00":
                self._begin_data()
            head = self._head()
            if head is not None:
                head = head._replace(is_sequence=self._is_sequence(head))
            if head is None:
                if self._offset < self._size:
                    yield _Head(0, _BROKEN, "", self._size - self._offset, self._offset)
                    self._offset = self._size
                return
            if head.tag in (ITEM_END, SEQUENCE_END):
                self._leave(head)
                continue
            yield from self._step(head)

    def row(self, head: _Head) -> AttributeRow:
        """What is shown of an element that was just stepped to."""
        level = self._level_of(head)
        if head.tag == _BROKEN:
            return _problem(f"the file ends inside its header; {head.length:,} bytes are left.")
        if head.tag == ITEM:
            return AttributeRow(head.depth, "", name=f"Item {level.items:,}")
        group, element = head.tag >> 16, head.tag & 0xFFFF
        creator = self._creator(head)
        vr, known_vr = self._vr(head, creator)
        row = AttributeRow(
            head.depth,
            f"({group:04X},{element:04X})",
            vr=vr,
            keyword=dictionary_keyword(head.tag) if _is_known(head.tag) else "",
            name=_description(head.tag, creator),
            creator=creator,
        )
        if head.tag in _PIXELS and head.depth == 0:
            size = "compressed" if head.length == UNDEFINED else size_words(head.length)
            return replace(row, value=f"pixel data ({size}), not read here")
        if head.is_sequence:
            size = "" if head.length in (0, UNDEFINED) else f" ({size_words(head.length)})"
            return replace(row, vr=vr or "SQ", value=("sequence" if head.length else "empty sequence") + size)
        if head.value + head.length > self._size:
            words = f"the file ends inside this value, which should have {head.length:,} bytes."
            return replace(row, value=words, problem=True)
        return self._value(row, head, known_vr, level)

    # --- steps ------------------------------------------------------------------------------------

    def _step(self, head: _Head) -> Iterator[_Head]:
        end = head.value + head.length
        if head.tag == ITEM:
            if self._levels[-1].is_sequence:
                self._levels[-1] = replace(self._levels[-1], items=self._levels[-1].items + 1)
            above = self._levels[-1]
            ends = sys.maxsize if head.length == UNDEFINED else end
            inside = replace(above, end=ends, is_sequence=False, creators={})
            self._levels.append(inside)
            self._offset = head.value
        elif head.is_sequence:
            if sum(level.is_sequence for level in self._levels) >= MAX_DEPTH:
                raise Refused(self._name, f"sequences are nested more than {MAX_DEPTH} deep.")
            above = self._levels[-1]
            # A value of VR UN and undefined length is implicit inside (PS3.5 6.2.2).
            explicit = above.explicit and not (head.vr == "UN" and head.length == UNDEFINED)
            ends = sys.maxsize if head.length == UNDEFINED else end
            self._levels.append(replace(above, end=ends, explicit=explicit, is_sequence=True, items=0))
            self._offset = head.value
        elif head.length == UNDEFINED:
            self._offset = self._behind_fragments(head.value)
        else:
            self._remember(head)
            self._offset = min(end, self._size)
        yield head

    def _leave(self, head: _Head) -> None:
        """Close the item, or the sequence with what is open in it."""
        self._offset = head.value
        while len(self._levels) > 1 and self._levels.pop().is_sequence != (head.tag == SEQUENCE_END):
            pass

    def _level_of(self, head: _Head) -> _Level:
        # An item or sequence that was just entered lies on top of what it stands in.
        return self._levels[head.depth]

    def _head(self) -> _Head | None:
        raw = self._at(self._offset, 12)
        if len(raw) < 8:
            return None
        order: Literal["big", "little"] = "big" if self._big else "little"
        tag = int.from_bytes(raw[:2], order) << 16 | int.from_bytes(raw[2:4], order)
        depth = len(self._levels) - 1
        level = self._levels[-1]
        written = raw[4:6].decode("latin-1") if level.explicit and tag >> 16 != 0xFFFE else ""
        if written in LONG_VRS:
            return _Head(depth, tag, written, int.from_bytes(raw[8:12], order), self._offset + 12)
        if _is_vr(written):
            return _Head(depth, tag, written, int.from_bytes(raw[6:8], order), self._offset + 8)
        return _Head(depth, tag, "", int.from_bytes(raw[4:8], order), self._offset + 8)

    def _is_sequence(self, head: _Head) -> bool:
        if head.tag >> 16 == 0xFFFE or (head.tag in _PIXELS and head.depth == 0):
            return False
        if head.length == UNDEFINED or head.vr == "SQ":
            return True
        if head.vr not in ("", "UN") or head.length < 8:
            return False
        if _dictionary_vr(head.tag, self._creator(head)) == "SQ":
            return True
        # A private sequence that no dictionary knows is told by the item that it begins with.
        first = self._at(head.value, 8)
        fits = int.from_bytes(first[4:], "little") <= head.length - 8 or first[4:] == b"\xff\xff\xff\xff"
        return head.tag >> 16 & 1 == 1 and first[:4] == b"\xfe\xff\x00\xe0" and fits

    def _creator(self, head: _Head) -> str:
        group, element = head.tag >> 16, head.tag & 0xFFFF
        return self._levels[head.depth].creators.get(group << 8 | element >> 8, "") if group % 2 else ""

    def _behind_fragments(self, offset: int) -> int:
        """Where compressed pixel data ends; the end of the file if that cannot be found soon."""
        for _ in range(_MOST_FRAGMENTS):
            raw = self._at(offset, 8)
            if len(raw) < 8 or raw[:4] != b"\xfe\xff\x00\xe0":
                return offset + 8 if raw[:4] == b"\xfe\xff\xdd\xe0" else self._size
            offset += 8 + int.from_bytes(raw[4:], "little")
        return self._size

    def _remember(self, head: _Head) -> None:
        """Keep what later values depend on: transfer syntax, character set, sign, private creators."""
        level = self._levels[-1]
        group, element = head.tag >> 16, head.tag & 0xFFFF
        if head.tag == _SYNTAX and self._in_meta:
            self._syntax = self._bytes(head).decode("ascii", "replace").strip("\0 ")
        elif head.tag == _CHARSET:
            self._levels[-1] = replace(level, encodings=_encodings(self._bytes(head)))
        elif head.tag == _SIGN:
            self._levels[-1] = replace(level, signed=self._bytes(head).strip(b"\0") == b"\x01")
        elif group % 2 and 0x10 <= element <= 0xFF:
            creator = harmless(self._bytes(head).decode("latin-1").strip("\0 "))
            self._levels[-1] = replace(level, creators=level.creators | {group << 8 | element: creator})

    def _begin_data(self) -> None:
        """The data set begins: in the encoding of the transfer syntax, or as its first element looks."""
        if self._syntax == DEFLATED_LITTLE:
            # The gate inflates within its limits, and gives the data set a file meta of its own.
            opened = open_admitted(self._path)
            self._stream, self._window, self._from = opened.stream, b"", 0
            self._size = self._stream.seek(0, io.SEEK_END)
            self._offset = 132
            while self._at(self._offset, 2) == b"\x02\x00":
                head = self._head()
                self._offset = self._size if head is None else head.value + head.length
        self._in_meta = False
        first = self._at(self._offset, 8)
        self._big = self._syntax == EXPLICIT_BIG or (
            not self._syntax and len(first) == 8 and first[0] == 0 and first[1] in (2, 8)
        )
        self._levels[0] = replace(self._levels[0], explicit=_is_vr(first[4:6].decode("latin-1")))

    # --- values -----------------------------------------------------------------------------------

    def _at(self, offset: int, count: int) -> bytes:
        start = offset - self._from
        if start < 0 or start + count > len(self._window):
            self._stream.seek(offset)
            self._window = self._stream.read(2**16)
            self._from, start = offset, 0
        return self._window[start : start + count]

    def _bytes(self, head: _Head) -> bytes:
        """The value, or as much of it as is ever looked at."""
        count = min(head.length, _MOST_BYTES_READ)
        return self._at(head.value, count)

    def _vr(self, head: _Head, creator: str) -> tuple[str, str]:
        """The VR as it is shown, and the one by which the value is read."""
        if head.vr and head.vr != "UN":
            return head.vr, head.vr
        vr = _dictionary_vr(head.tag, creator)
        if vr == "US or SS":
            vr = "SS" if self._level_of(head).signed else "US"
        vr = _AMBIGUOUS.get(vr, vr)
        return (f"UN ({vr})" if head.vr == "UN" and vr != "UN" else vr), vr

    def _value(self, row: AttributeRow, head: _Head, vr: str, level: _Level) -> AttributeRow:
        raw = self._bytes(head)
        if not head.length:
            return replace(row, vm="0")
        if vr in _NUMBERS or vr == "AT":
            return _with_numbers(row, raw, head.length, vr, big=self._big and head.tag >> 16 != 2)
        if vr in _BINARY or not _is_vr(vr):
            more = " …" if head.length > _FIRST_BYTES else ""
            return replace(
                row, vm="1", value=f"{size_words(head.length)}: {raw[:_FIRST_BYTES].hex(' ')}{more}"
            )
        text = _decoded(raw, vr, level.encodings) if vr in _DECODED else raw.decode("latin-1")
        text = text.rstrip("\0 ") if vr in _ONE_VALUE else text.strip("\0 ")
        values = 1 if vr in _ONE_VALUE else text.count("\\") + 1
        names = [uid_name(uid.strip("\0 ")) for uid in text.split("\\")] if vr == "UI" else []
        if any(names):
            text += f" ({', '.join(name for name in names if name)})"
        if len(raw) == head.length:
            return replace(_with_text(row, text), vm=f"{values:,}")
        cut = _with_text(row, text)
        return replace(cut, vm=f"{values:,}+", value=f"{cut.value} … {size_words(head.length)} in all")


def _with_text(row: AttributeRow, text: str) -> AttributeRow:
    """With one short harmless line, and the longer harmless text where that holds more."""
    line = harmless(text)
    full = "\n".join(visible(part) for part in text[:_LONGEST_KEPT].splitlines())
    if len(text) > _LONGEST_KEPT:
        full += f"\n… {len(text) - _LONGEST_KEPT:,} more characters"
    if len(line) > _LONGEST_SHOWN:
        more = max(len(text), len(line)) - _LONGEST_SHOWN
        line = f"{line[:_LONGEST_SHOWN]} … {more:,} more characters"
    return replace(row, value=line, full_value=full if full != line else "")


def _with_numbers(row: AttributeRow, raw: bytes, length: int, vr: str, *, big: bool) -> AttributeRow:
    code = _NUMBERS.get(vr, "HH")
    size = struct.calcsize(f"<{code}")
    count = length // size
    kept = min(count, _MOST_NUMBERS_KEPT, len(raw) // size)
    numbers = list(struct.iter_unpack(f"{'>' if big else '<'}{code}", raw[: kept * size]))
    if vr == "AT":
        texts = [f"({group:04X},{element:04X})" for group, element in numbers]
    else:
        texts = [f"{number:.9g}" if vr == "FL" else str(number) for (number,) in numbers]
    rest = f" (and {length % size} bytes too many)" if length % size else ""

    def first(most: int) -> str:
        more = f" … {count - most:,} more" if count > most else ""
        return "\\".join(texts[:most]) + more + rest

    full = first(_MOST_NUMBERS_KEPT) if count > _MOST_NUMBERS_SHOWN else ""
    return replace(row, vm=f"{count:,}", value=first(_MOST_NUMBERS_SHOWN), full_value=full)


def _encodings(raw: bytes) -> tuple[str, ...]:
    """Python's codecs for Specific Character Set; what is unknown falls back as pydicom does."""
    terms = [term.strip("\0 ") for term in raw.decode("latin-1").split("\\")]
    try:
        with quiet_pydicom():
            return tuple(convert_encodings(terms))
    except READING_ERRORS:
        return ("iso8859",)


def _decoded(raw: bytes, vr: str, encodings: Sequence[str]) -> str:
    try:
        with quiet_pydicom():
            if vr == "PN":
                return "=".join(
                    decode_bytes(part, encodings, TEXT_VR_DELIMS | PN_DELIMS) for part in raw.split(b"=")
                )
            return decode_bytes(raw, encodings, TEXT_VR_DELIMS)
    except READING_ERRORS:
        return raw.decode("latin-1")


def _is_vr(written: str) -> bool:
    return len(written) == 2 and written.isascii() and written.isalpha() and written.isupper()


def _is_known(tag: int) -> bool:
    try:
        dictionary_VR(tag)
    except KeyError:
        return False
    return True


def _dictionary_vr(tag: int, creator: str) -> str:
    group, element = tag >> 16, tag & 0xFFFF
    if element == 0:
        return "UL"
    try:
        if group % 2 == 0:
            return dictionary_VR(tag)
        if 0x10 <= element <= 0xFF:
            return "LO"
        return private_dictionary_VR(tag, creator) if creator else "UN"
    except KeyError:
        return "UN"


def _description(tag: int, creator: str) -> str:
    group, element = tag >> 16, tag & 0xFFFF
    if group % 2 == 0:
        if element == 0:
            return "Group Length"
        return dictionary_description(tag) if _is_known(tag) else "Unknown attribute"
    if 0x10 <= element <= 0xFF:
        return "Private Creator"
    try:
        return private_dictionary_description(tag, creator) if creator else "Private, without a creator"
    except KeyError:
        return "Private"


def _problem(reason: str) -> AttributeRow:
    return AttributeRow(0, "", name="Nothing more can be read", value=reason, problem=True)
