"""Is this file safe to read? Looked at before anything is allocated or parsed.

A header can promise 65,535 × 65,535 pixels in 512 bytes, nest a hundred thousand sequences, hold a
million elements, or inflate three megabytes to three gigabytes. `open_admitted` walks the structure of a
file without recursion and without reading values, and refuses with `Refused` what breaks a limit;
`core.dicom.image_pixel` then compares what the header promises with what the walk found.
"""

from __future__ import annotations

import io
import stat
import struct
import sys
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple

from pydicom._dicom_dict import DicomDictionary

from core.dicom.elements import ITEM, ITEM_END, LONG_VRS, SEQUENCE_END, SEQUENCE_TAGS, UNDEFINED
from core.dicom.fragments import Fragments, walk_fragments
from core.dicom.tags import harmless
from core.errors import UnreadableFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Limits. Real files stay far below each; a file above one is refused by name of the limit.
MAX_INFLATED_BYTES = 512 * 2**20
# Beyond this size a data set that grew so many times is a bomb: images deflate to a half or a quarter.
_INFLATED_BYTES_WITHOUT_RATIO = 64 * 2**20
_MAX_INFLATION = 200
MAX_DEPTH = 64
_MAX_ELEMENTS = 30_000  # beside those inside sequences
_MAX_NESTED_ELEMENTS = 2_000_000
_LONGEST_VALUE = 2**20  # of a number or short text; long texts and bulk data may be of any length
_MAX_WALKED_BY_CHOICE = 50_000  # defined-length sequences are looked into up to here, then stepped over

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED_LITTLE = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"
_NATIVE = frozenset({IMPLICIT_LITTLE, EXPLICIT_LITTLE, DEFLATED_LITTLE, EXPLICIT_BIG})

_PIXEL_KEYWORDS = {0x7FE00008: "FloatPixelData", 0x7FE00009: "DoubleFloatPixelData", 0x7FE00010: "PixelData"}
_LONG_VRS = frozenset(vr.encode() for vr in LONG_VRS)
_SHORT_VRS = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "PN", "SH", "TM", "UI"})
_SHORT_TAGS = frozenset(tag for tag, entry in DicomDictionary.items() if entry[0] in _SHORT_VRS)

# Preambles that make a second kind of file out of an image (CVE-2019-11687). TIFF is allowed by PS3.10 7.1.
_FOREIGN_PREAMBLES = {
    b"MZ": "a Windows program",
    b"\x7fELF": "a Linux program",
    b"\xfe\xed\xfa": "a macOS program",
    b"\xce\xfa\xed\xfe": "a macOS program",
    b"\xcf\xfa\xed\xfe": "a macOS program",
    b"\xca\xfe\xba\xbe": "a macOS program",
    b"#!": "a script",
    b"@": "a script",
    b"PK\x03\x04": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a rar archive",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"%!": "a PostScript document",
    b"{\\rtf": "an RTF document",
    b"<": "a web page",
}
_OTHER_FILES = {
    b"PK\x03\x04": "a zip archive: unpack it first",
    b"\x1f\x8b": "a gzip archive: unpack it first",
    b"\xfd7zXZ": "an xz archive: unpack it first",
    b"%PDF": "a PDF document",
    b"\x93NUMPY": "a numpy array",
    b"\x5c\x01\x00\x00": "a NIfTI image",
}


class Refused(UnreadableFile):
    """A file that is not opened: `reason` alone for lists, `message` with the file's name."""

    def __init__(self, name: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{name}: {reason}", hint)
        self.name = name
        self.reason = reason

    def __reduce__(self) -> tuple[type[Refused], tuple[str, str, str]]:  # type: ignore[override]  # three parts
        return type(self), (self.name, self.reason, self.hint)


class NoDicom(Refused):
    """A file of another kind, which promises no image."""


@dataclass(frozen=True, slots=True)
class Survey:
    """Structure of one file: where its pixels are and how much of them is there.

    `pixel_bytes` is what is present of the pixel data's value; `declared_bytes` what its length field
    says (None for encapsulated data, whose length is undefined). `fragments`: those of encapsulated data.
    """

    name: str
    transfer_syntax_uid: str
    pixel_keyword: str = ""
    pixel_vr: str = ""
    pixel_offset: int = 0
    pixel_bytes: int = 0
    declared_bytes: int | None = 0
    fragments: Fragments = field(default_factory=Fragments)
    ends_early: bool = False
    notes: tuple[str, ...] = ()

    @property
    def is_encapsulated(self) -> bool:
        """Whether the pixel data is a sequence of fragments, whatever the transfer syntax says."""
        return self.declared_bytes is None


class OpenFile(NamedTuple):
    """An admitted file: `stream` is what pydicom may read (inflated already where it was deflated)."""

    stream: BinaryIO
    survey: Survey


def open_admitted(path: Path) -> OpenFile:
    """Open a file whose structure is safe to parse; the caller closes `stream`.

    Raises `Refused` for what is no DICOM file or breaks a limit, `OSError` where it cannot be read.
    """
    stream = open_regular(path)
    try:
        return survey(stream, path.name)
    except BaseException:
        stream.close()
        raise


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read; a pipe or a device, which would be waited for without end, is `Refused`."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise Refused(path.name, "not a regular file.")
    return path.open("rb")


def survey(stream: BinaryIO, name: str) -> OpenFile:
    """Walk the structure of a file up to its pixel data; values are stepped over, never read."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = stream.read(132 + 8)
    if size == 0:
        raise Refused(name, "the file is empty (0 bytes).")
    notes: list[str] = []
    start = _data_start(head, name, notes)
    walk = _Walk(_Bytes(stream, size), name)
    transfer_syntax, body = walk.read_meta(start)
    if transfer_syntax == DEFLATED_LITTLE:
        stream.seek(body)
        # pydicom would inflate without a bound; it is given the inflated data set as what it now is.
        inflated = _inflated_file(stream, name)
        stream.close()
        stream = inflated
        walk = _Walk(_Bytes(stream, stream.getbuffer().nbytes), name)
        body = walk.read_meta(132)[1]
    finished = _finished(walk.read_data_set(body, transfer_syntax), name, tuple(notes))
    stream.seek(0)
    return OpenFile(stream, finished)


def _data_start(head: bytes, name: str, notes: list[str]) -> int:
    """Offset of the first element; notes what is odd about the first 132 bytes."""
    if head[128:132] == b"DICM":
        if head[:2] == b"\x08\0" and _is_vr(head[4:6]) and head[132:134] != b"\x02\0":
            # A data set without preamble, with those letters in a text: pydicom would begin in its middle.
            raise Refused(name, "without the DICOM preamble, and with its mark in the midst of a text.")
        preamble = head[:128]
        first = preamble.lstrip(b"\t\n\f\r \xef\xbb\xbf")  # as browsers and shells do
        for mark, words in _FOREIGN_PREAMBLES.items():
            if first.startswith(mark):
                notes.append(
                    f"The first bytes of the file also make it {words}; open it with care elsewhere."
                )
        return 132
    group, element = struct.unpack("<HH", head[:4]) if len(head) >= 8 else (0xFFFF, 0xFFFF)
    if (group in (0x0002, 0x0008) and element < 0x1000) or head[:4] in (
        b"\x00\x08\x00\x00",
        b"\x00\x08\x00\x05",
    ):
        notes.append("The file lacks the DICOM preamble; its encoding was guessed.")
        return 0
    for mark, words in _OTHER_FILES.items():
        if head.startswith(mark):
            raise NoDicom(name, f"not a DICOM image but {words}.")
    raise NoDicom(name, "not a DICOM file.")


def _inflated_file(stream: BinaryIO, name: str) -> io.BytesIO:
    """The deflated rest of a file as a file of PS3.10 around an explicit little endian data set (PS3.5 A.5).

    Inflated twice: first to see how much it becomes, holding nothing, so that a bomb costs no memory.
    """
    start = stream.tell()
    for _ in _inflate(stream, name):
        pass
    stream.seek(start)
    uid = EXPLICIT_LITTLE.encode() + b"\0" * (len(EXPLICIT_LITTLE) % 2)
    meta = struct.pack("<HH2sH", 2, 0x10, b"UI", len(uid)) + uid
    meta = struct.pack("<HH2sHI", 2, 0, b"UL", 4, len(meta)) + meta
    file = io.BytesIO()
    file.write(b"\0" * 128 + b"DICM" + meta)
    file.writelines(_inflate(stream, name))
    return file


def _inflate(stream: BinaryIO, name: str) -> Iterator[bytes]:
    """The inflated data piece by piece, refused where they exceed the limits (raw deflate)."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    taken = total = 0
    try:
        while not inflater.eof and (chunk := stream.read(2**16)):
            taken += len(chunk)
            while chunk:
                piece = inflater.decompress(chunk, 2**20)
                total += len(piece)
                bomb = total > _INFLATED_BYTES_WITHOUT_RATIO and total > _MAX_INFLATION * taken
                if bomb or total > MAX_INFLATED_BYTES:
                    raise Refused(
                        name,
                        f"{size_words(taken)} of deflated data grow to more than {size_words(total)}; "
                        f"images do not grow so much.",
                    )
                yield piece
                chunk = inflater.unconsumed_tail
    except zlib.error as error:
        raise Refused(name, "the deflated data set is damaged.", "Copy or fetch the file again.") from error


class _Bytes:
    """A window over a file: bytes at any place without a system call for each."""

    _WINDOW = 2**16

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream = stream
        self.size = size
        self._from = 0
        self._window = b""

    def at(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes at `offset`; fewer at the end of the file."""
        start = offset - self._from
        if start < 0 or start + count > len(self._window):
            self.stream.seek(offset)
            self._window = self.stream.read(self._WINDOW)
            self._from, start = offset, 0
        return self._window[start : start + count]


class _Element(NamedTuple):
    """Head of one element: `vr` is empty where the file does not say it, `value` an offset."""

    tag: int
    vr: bytes
    length: int
    value: int


class _Container(NamedTuple):
    """A sequence or item that is being walked; `end` is `sys.maxsize` where a delimiter ends it."""

    end: int
    explicit: bool
    is_sequence: bool


class _Found(NamedTuple):
    """Pixel data as the walk found it, or the place where the file breaks off."""

    transfer_syntax_uid: str
    pixels: _Element | None = None
    data: _Bytes | None = None
    broken_at: int | None = None


class _Walk:
    """Steps over the elements of a file with a stack of its own, so that nesting costs no recursion."""

    def __init__(self, data: _Bytes, name: str) -> None:
        self._data = data
        self._name = name
        self._big = False
        self._open: list[_Container] = []
        self._depth = 0
        self._nested = 0
        self._top = 0

    def read_meta(self, offset: int) -> tuple[str, int]:
        """Transfer syntax UID ("" if none is said) and the offset behind group 0002."""
        transfer_syntax = ""
        while True:
            head = self._data.at(offset, 12)
            if len(head) < 8 or head[:2] != b"\x02\x00":
                return transfer_syntax, offset
            vr = head[4:6]
            if vr in _LONG_VRS:
                length, value = int.from_bytes(head[8:12], "little"), offset + 12
            elif vr.isalpha() and vr.isupper():
                length, value = int.from_bytes(head[6:8], "little"), offset + 8
            else:  # implicit, against PS3.10
                length, value = int.from_bytes(head[4:8], "little"), offset + 8
            if value + length > self._data.size:
                raise Refused(
                    self._name,
                    f"truncated: the file ends after {size_words(self._data.size)}, inside its header.",
                    "Copy or fetch the file again.",
                )
            if head[2:4] == b"\x10\x00":
                raw = self._data.at(value, min(length, 64))
                transfer_syntax = harmless(raw.decode("ascii", "replace").strip("\0 "))
            offset = value + length

    def read_data_set(self, offset: int, transfer_syntax: str) -> _Found:
        """Walk to the pixel data, the end, or the place where the file breaks off."""
        head = self._data.at(offset, 8)
        if len(head) < 8:
            raise Refused(self._name, "no data set in it.")
        self._big = transfer_syntax == EXPLICIT_BIG or (
            not transfer_syntax and head[0] == 0 and head[1] in (2, 8)
        )
        # The first element's VR tells explicit from implicit, whatever the transfer syntax says.
        explicit = _is_vr(head[4:6])
        if not transfer_syntax:
            explicit_syntax = EXPLICIT_BIG if self._big else EXPLICIT_LITTLE
            transfer_syntax = explicit_syntax if explicit else IMPLICIT_LITTLE
        while True:
            while self._open and offset >= self._open[-1].end:
                self._close_one()
            inside_explicit = self._open[-1].explicit if self._open else explicit
            element = self._element(offset, inside_explicit)
            if element is None:
                at_end = not self._open and offset == self._data.size
                return _Found(transfer_syntax, broken_at=None if at_end else offset)
            if element.tag >> 16 == 0xFFFE:
                self._delimit(element, inside_explicit)
                offset = element.value
                continue
            if not self._open and element.tag in _PIXEL_KEYWORDS:
                return _Found(transfer_syntax, element, self._data)
            self._count(nested=bool(self._open))
            end = element.value + element.length
            if element.length != UNDEFINED and end > self._data.size:
                return _Found(transfer_syntax, broken_at=offset)
            if element.length > _LONGEST_VALUE and element.tag in _SHORT_TAGS:
                self._refuse_length(element)
            if self._looks_into(element):
                self._deepen()
                # A value of VR UN and undefined length is implicit inside (PS3.5 6.2.2).
                unknown = element.length == UNDEFINED and element.vr == b"UN"
                ends = sys.maxsize if element.length == UNDEFINED else end
                self._open.append(_Container(ends, inside_explicit and not unknown, is_sequence=True))
                offset = element.value
            else:
                offset = end

    def _refuse_length(self, element: _Element) -> None:
        """Refuse ten million numbers where a few belong, unless the length only says "until a mark"."""
        if element.length != UNDEFINED:
            raise Refused(
                self._name,
                f"its {DicomDictionary[element.tag][2]} alone holds {size_words(element.length)}, "
                f"which no image needs.",
            )

    def _element(self, offset: int, explicit: bool) -> _Element | None:
        """The element at `offset`, or None where the file ends."""
        head = self._data.at(offset, 12)
        if len(head) < 8:
            return None
        order: Literal["big", "little"] = "big" if self._big else "little"
        tag = int.from_bytes(head[:2], order) << 16 | int.from_bytes(head[2:4], order)
        vr = head[4:6] if explicit and tag >> 16 != 0xFFFE else b""
        if vr in _LONG_VRS:
            return _Element(tag, vr, int.from_bytes(head[8:12], order), offset + 12)
        if _is_vr(vr):
            return _Element(tag, vr, int.from_bytes(head[6:8], order), offset + 8)
        # Implicit; also an explicit file whose writer changed to implicit half way.
        return _Element(tag, b"", int.from_bytes(head[4:8], order), offset + 8)

    def _looks_into(self, element: _Element) -> bool:
        """Whether an element is a sequence that must be walked, or may be while there is patience."""
        if element.length == UNDEFINED:
            return True
        known = element.vr == b"SQ" or (element.vr in (b"", b"UN") and element.tag in SEQUENCE_TAGS)
        return known and element.length > 0 and self._nested < _MAX_WALKED_BY_CHOICE

    def _delimit(self, element: _Element, explicit: bool) -> None:
        """Open an item, or close what an item or sequence delimiter closes."""
        self._count(nested=True)
        if element.tag == ITEM:
            ends = sys.maxsize if element.length == UNDEFINED else element.value + element.length
            self._open.append(_Container(ends, explicit, is_sequence=False))
            if len(self._open) > 4 * MAX_DEPTH:
                raise Refused(self._name, f"items are nested more than {MAX_DEPTH} deep.")
        elif element.tag in (ITEM_END, SEQUENCE_END):
            while self._open and self._close_one() != (element.tag == SEQUENCE_END):
                pass

    def _close_one(self) -> bool:
        """Leave the innermost container; whether it was a sequence."""
        is_sequence = self._open.pop().is_sequence
        self._depth -= is_sequence
        return is_sequence

    def _deepen(self) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refused(self._name, f"sequences are nested more than {MAX_DEPTH} deep.")

    def _count(self, *, nested: bool) -> None:
        if nested:
            self._nested += 1
        else:
            self._top += 1
        if self._top > _MAX_ELEMENTS or self._nested > _MAX_NESTED_ELEMENTS:
            limit = _MAX_NESTED_ELEMENTS if nested else _MAX_ELEMENTS
            raise Refused(self._name, f"the header holds more than {limit:,} elements.")


def _is_vr(two: bytes) -> bool:
    """Whether two bytes can be a value representation."""
    return len(two) == 2 and two.isalpha() and two.isupper()


def _finished(found: _Found, name: str, notes: tuple[str, ...]) -> Survey:
    """The survey of what the walk found; the fragments of encapsulated data are counted here."""
    syntax = found.transfer_syntax_uid
    if found.pixels is None or found.data is None:
        if found.broken_at is not None:
            raise Refused(
                name,
                f"truncated: the file breaks off inside its header, at byte {found.broken_at:,}.",
                "Copy or fetch the file again.",
            )
        return Survey(name, syntax, notes=notes)
    tag, vr, length, offset = found.pixels
    keyword, pixel_vr = _PIXEL_KEYWORDS[tag], vr.decode("latin-1")
    if length == UNDEFINED:
        fragments = walk_fragments(found.data.stream, offset, found.data.size)
        if fragments.is_whole and not fragments.is_delimited:
            notes = (*notes, "The end mark of the compressed pixels is missing.")
        return Survey(
            name,
            syntax,
            keyword,
            pixel_vr,
            offset,
            pixel_bytes=fragments.end - offset,
            declared_bytes=None,
            fragments=fragments,
            ends_early=not fragments.is_whole,
            notes=notes,
        )
    if syntax not in _NATIVE:
        notes = (
            *notes,
            "The transfer syntax does not fit the pixel data, which is uncompressed; it is read so.",
        )
    present = max(min(length, found.data.size - offset), 0)
    return Survey(
        name,
        syntax,
        keyword,
        pixel_vr,
        offset,
        pixel_bytes=present,
        declared_bytes=length,
        ends_early=present < length,
        notes=notes,
    )


def size_words(count: int) -> str:
    """A number of bytes in words that people compare."""
    if count < 10_000:
        return f"{count:,} bytes"
    for unit, scale in (("GiB", 2**30), ("MiB", 2**20)):
        if count >= scale:
            return f"{count / scale:,.1f} {unit}"
    return f"{count / 2**10:,.0f} KiB"
