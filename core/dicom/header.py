"""A fast reader of common headers: the few attributes that an index needs, without a library in between.

`HeaderReader` knows well-formed little endian files with preamble and meta information, which nearly all
files are, and answers None for every other; those go the long way, through `core.dicom.gate` and pydicom,
which is also the truth that this reader is tested against. Nothing is converted here: `Header.attributes`
hands the bytes to pydicom. What it walks over it checks as the gate does: every length lies within the file,
tags ascend, sequences close, and the pixel data is whole.
"""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pydicom._dicom_dict import DicomDictionary
from pydicom._uid_dict import UID_dictionary
from pydicom.charset import convert_encodings
from pydicom.dataelem import RawDataElement, convert_raw_data_element, empty_value_for_VR
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from core.dicom.elements import (
    EXPLICIT_HEAD,
    FLOAT_PIXELS,
    IMPLICIT_HEAD,
    ITEM,
    LAYOUT,
    LENGTH,
    LONG,
    PIXEL_DATA,
    SEQUENCE,
    SEQUENCE_END,
    SEQUENCE_TAGS,
    SHORT,
    UNDEFINED,
    UNKNOWN,
    Alike,
    More,
    Unusual,
    sequence_end,
    vr_number,
)
from core.dicom.fragments import Fragments
from core.dicom.gate import DEFLATED_LITTLE, EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Survey
from core.dicom.tags import Attributes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_FIRST_BLOCK = 8192
_LARGEST_BLOCK = 2**20
_LONGEST_VALUE = 4096
_KEPT = 64  # headers that others are compared with
_TRIED = 4  # of them for each file
_MOST_ELEMENTS = 10_000
_MOST_FRAGMENTS = 1_000

_CHARACTER_SET = 0x00080005
_SOP_CLASS = 0x00080016
_NO_PREAMBLE = bytes(128)
_NATIVE = (EXPLICIT_LITTLE.encode(), IMPLICIT_LITTLE.encode())
_EXPLICIT_SYNTAXES = frozenset(
    uid.encode() for uid, entry in UID_dictionary.items() if entry[1] == "Transfer Syntax"
) - {IMPLICIT_LITTLE.encode(), DEFLATED_LITTLE.encode(), EXPLICIT_BIG.encode()}


class Wanted:
    """Which attributes are read: `shared` ones are alike in the files of a series, `own` ones differ."""

    def __init__(self, shared: Iterable[str], own: Iterable[str]) -> None:
        self.own = frozenset(int(Tag(keyword)) for keyword in own)
        tags = self.own | {int(Tag(keyword)) for keyword in shared} | {_CHARACTER_SET}
        self.vrs = {tag: vr_number(DicomDictionary[tag][0]) for tag in tags}


class Header(NamedTuple):
    """The wanted attributes as bytes, and where the pixels are.

    `shared` is tag, value, tag, value, and so on; `own` the values of the attributes that differ within a
    series. `declared_bytes` is None for encapsulated pixels, as in `core.dicom.gate.Survey`. Headers with the
    same `common` are alike in all but `own` and the size of compressed pixels.
    """

    implicit: bool
    transfer_syntax: bytes
    shared: tuple[int | bytes, ...]
    own: dict[int, bytes]
    pixel_vr: str
    pixel_offset: int
    pixel_bytes: int
    declared_bytes: int | None
    fragments: int
    common: tuple[object, ...]

    def survey(self, name: str) -> Survey:
        """What the gate says of this file; of compressed fragments only that so many are there, and whole."""
        none = np.zeros(self.fragments, np.int64)
        return Survey(
            name,
            self.transfer_syntax.decode(),
            "PixelData",
            self.pixel_vr,
            self.pixel_offset,
            pixel_bytes=self.pixel_bytes,
            declared_bytes=self.declared_bytes,
            fragments=Fragments(none, none, end=self.pixel_offset + self.pixel_bytes)
            if self.declared_bytes is None
            else Fragments(),
        )

    def attributes(self) -> Attributes:
        """The wanted attributes, converted by pydicom when they are asked for.

        Raises one of `core.dicom.tags.READING_ERRORS` for a character set that pydicom does not know.
        """
        values = dict(zip(self.shared[::2], self.shared[1::2], strict=True)) | self.own
        elements = {}
        for tag, value in values.items():
            assert isinstance(tag, int)  # noqa: S101 - tag and value take turns in `shared`
            assert isinstance(value, bytes)  # noqa: S101 - as above
            vr = None if self.implicit else DicomDictionary[tag][0]
            elements[BaseTag(tag)] = RawDataElement(
                BaseTag(tag),
                vr,
                len(value),
                value or empty_value_for_VR(vr, raw=True),  # type: ignore[arg-type]  # as pydicom reads it
                0,
                self.implicit,
                True,
            )
        dataset = Dataset(elements)  # type: ignore[arg-type]  # raw elements are what pydicom makes itself
        encoding: str | Sequence[str] = "iso8859"
        if _CHARACTER_SET in elements:
            encoding = convert_encodings(convert_raw_data_element(elements[BaseTag(_CHARACTER_SET)]).value)
        dataset.set_original_encoding(self.implicit, True, encoding)  # type: ignore[arg-type]
        return Attributes(dataset)


class HeaderFile:
    """A regular file that is open to have its header read. Close it."""

    def __init__(self, path: str | os.PathLike[str], checkpoint: Callable[[], None]) -> None:
        """Raise `OSError` if the file cannot be opened; a pipe is opened without waiting."""
        self._descriptor = os.open(path, _FLAGS)
        self._checkpoint = checkpoint
        self.status = os.fstat(self._descriptor)

    @property
    def is_regular(self) -> bool:
        """Whether this is a file rather than a pipe, a device or a folder."""
        return stat.S_ISREG(self.status.st_mode)

    def close(self) -> None:
        """Close it."""
        os.close(self._descriptor)

    def first(self) -> bytes:
        """The first block; call it once, before `at`."""
        return os.read(self._descriptor, _FIRST_BLOCK)

    def at(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset` on."""
        self._checkpoint()
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        return os.read(self._descriptor, count)


class _Model:
    """A header that others are compared with: once two of a kind were seen, by what they share."""

    def __init__(self, header: Header, block: bytes) -> None:
        self.header = header
        self.block = block
        self.alike: Alike | None = None


class HeaderReader:
    """Reads one header after the other, and knows those that are like one before. One thread at a time."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._models: dict[tuple[object, ...], _Model] = {}
        self._recent: list[_Model] = []

    def read(self, file: HeaderFile) -> Header | None:
        """The header, or None for a file that must go the long way."""
        block = file.first()
        if block[128:132] != b"DICM" or block[:128] != _NO_PREAMBLE:
            return None
        try:
            return self._like_one_before(file, block) or self._walked(file, block)
        except (Unusual, More):
            return None

    def _like_one_before(self, file: HeaderFile, block: bytes) -> Header | None:
        for place, model in enumerate(self._recent):
            assert model.alike is not None  # noqa: S101 - only such models are among the recent
            matched = model.alike.match(block)
            if matched is not None:
                if place:
                    self._recent.insert(0, self._recent.pop(place))
                offset, own = matched
                before = model.header
                size, fragments = _pixels(file, before, offset)
                if fragments != before.fragments:
                    return None
                return Header(
                    before.implicit,
                    before.transfer_syntax,
                    before.shared,
                    own,
                    before.pixel_vr,
                    offset,
                    size,
                    before.declared_bytes,
                    fragments,
                    before.common,
                )
        return None

    def _walked(self, file: HeaderFile, block: bytes) -> Header:
        syntax, start = _meta(block)
        implicit = syntax == IMPLICIT_LITTLE.encode()
        if implicit == block[start + 4 : start + 6].isalpha() or not (
            implicit or syntax in _EXPLICIT_SYNTAXES
        ):
            raise Unusual
        header = _Walk(file, self._wanted, syntax, implicit=implicit).read(block, start)
        if header.pixel_offset <= len(block):
            self._learn(header, block)
        return header

    def _learn(self, header: Header, block: bytes) -> None:
        model = self._models.get(header.common)
        if model is None:
            if len(self._models) >= _KEPT:
                self._models.pop(next(iter(self._models)))
            self._models[header.common] = _Model(header, block)
            return
        if model.alike is None:
            first = model.header
            model.alike = Alike(model.block, first.pixel_offset, first.own, implicit=first.implicit)
        if model in self._recent:
            self._recent.remove(model)
        if model.alike.learn(block, header.pixel_offset):
            self._recent.insert(0, model)
            del self._recent[_TRIED:]
        else:
            self._models[header.common] = _Model(header, block)


class _Walk:
    """The way through one header."""

    def __init__(self, file: HeaderFile, wanted: Wanted, syntax: bytes, *, implicit: bool) -> None:
        self._file = file
        self._wanted = wanted
        self._syntax = syntax
        self._implicit = implicit

    def read(self, block: bytes, position: int) -> Header:  # noqa: C901 - one loop, run for each element
        """Walk over the top level from `position` on, and collect what is wanted, up to the pixel data."""
        implicit, size = self._implicit, self._file.status.st_size
        vrs, own_tags = self._wanted.vrs, self._wanted.own
        shared: list[int | bytes] = []
        own: dict[int, bytes] = {}
        before, last = 0, 0x0003FFFF  # bytes before the block; the tag before, so far of meta information
        available = len(block)
        for _ in range(_MOST_ELEMENTS):
            if position + 12 > available:
                block, before, position = self._file.at(before + position, _FIRST_BLOCK), before + position, 0
                available = len(block)
                if available < 12:
                    raise Unusual
            if implicit:
                group, element, length = IMPLICIT_HEAD(block, position)
                vr, value = 0, position + 8
                tag = group << 16 | element
                is_sequence = length == UNDEFINED or (tag in SEQUENCE_TAGS and length > 0)
            else:
                group, element, vr, length = EXPLICIT_HEAD(block, position)
                tag = group << 16 | element
                layout = LAYOUT.get(vr)
                is_sequence = False
                if layout == SHORT:
                    value = position + 8
                elif layout is None:
                    raise Unusual
                else:
                    (length,) = LENGTH(block, position + 8)
                    value = position + 12
                    is_sequence = layout == SEQUENCE
                    if layout == UNKNOWN and (length == UNDEFINED or tag in SEQUENCE_TAGS):
                        raise Unusual
            if tag <= last:
                raise Unusual
            last = tag
            if tag >= FLOAT_PIXELS:
                if tag != PIXEL_DATA or _SOP_CLASS not in shared:
                    raise Unusual
                return self._header(tuple(shared), own, before + value, length, vr)
            if is_sequence:
                block, before, position = self._over_sequence(block, before, value, length)
                available = len(block)
                continue
            end = value + length
            if length == UNDEFINED or before + end > size:
                raise Unusual
            if tag in vrs:
                if (vr != vrs[tag] and not implicit) or length > _LONGEST_VALUE:
                    raise Unusual
                if end > available:
                    block = self._file.at(before + position, max(_FIRST_BLOCK, end - position))
                    before, value, end = before + position, value - position, end - position
                    available = len(block)
                    if end > available:
                        raise Unusual
                if tag in own_tags:
                    own[tag] = block[value:end]
                else:
                    shared.append(tag)
                    shared.append(block[value:end])
            position = end
        raise Unusual

    def _over_sequence(self, block: bytes, before: int, value: int, length: int) -> tuple[bytes, int, int]:
        """Step over a sequence; the block grows until it holds all of it."""
        grown = max(2 * _FIRST_BLOCK, 0 if length == UNDEFINED else length + _FIRST_BLOCK)
        while True:
            try:
                return block, before, sequence_end(block, value, length, implicit=self._implicit, depth=0)
            except More:
                at_end = before + len(block) >= self._file.status.st_size
                if at_end or grown > _LARGEST_BLOCK:
                    raise Unusual from None
                before, value = before + value, 0
                block = self._file.at(before, grown)
                grown *= 4

    def _header(
        self, shared: tuple[int | bytes, ...], own: dict[int, bytes], offset: int, length: int, vr: int
    ) -> Header:
        pixel_vr = vr.to_bytes(2, "little").decode("latin-1") if vr else ""
        declared = None if length == UNDEFINED else length
        header = Header(self._implicit, self._syntax, shared, own, pixel_vr, offset, 0, declared, 0, ())
        size, fragments = _pixels(self._file, header, offset)
        common = (self._syntax, pixel_vr, declared, fragments, shared)
        return header._replace(pixel_bytes=size, fragments=fragments, common=common)


def _pixels(file: HeaderFile, header: Header, offset: int) -> tuple[int, int]:
    """Bytes of the pixel data and its fragments; all must be there."""
    declared = header.declared_bytes
    if declared is None:
        fragments, end = _fragments(file, offset)
        return end - offset, fragments
    if header.transfer_syntax not in _NATIVE or offset + declared > file.status.st_size:
        raise Unusual
    return declared, 0


def _fragments(file: HeaderFile, offset: int) -> tuple[int, int]:
    """How many fragments follow the offset table, and where they end, which they must by an end mark."""
    for count in range(-1, _MOST_FRAGMENTS):
        head = file.at(offset, 8)
        if len(head) < 8:
            raise Unusual
        group, element, length = IMPLICIT_HEAD(head, 0)
        tag = group << 16 | element
        if tag == SEQUENCE_END and length == 0 and count > 0:
            return count, offset
        if tag != ITEM or offset + 8 + length > file.status.st_size:
            raise Unusual
        offset += 8 + length
    raise Unusual


_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY"):  # each on some systems only
    _FLAGS |= getattr(os, _name, 0)


def _meta(block: bytes) -> tuple[bytes, int]:
    """Transfer syntax and the place of the data set; the meta information must lie in the first block."""
    position, syntax, last = 132, b"", 0
    while True:
        if position + 12 > len(block):
            raise More
        group, element, vr, length = EXPLICIT_HEAD(block, position)
        if group != 2:
            return syntax, position
        layout = LAYOUT.get(vr)
        if layout == SHORT:
            value = position + 8
        elif layout == LONG:
            (length,) = LENGTH(block, position + 8)
            value = position + 12
        else:
            raise Unusual
        if value + length > len(block) or (element <= last and element != 0):
            raise Unusual
        last = element
        if element == 0x0010:
            syntax = _syntax(block[value : value + length])
        position = value + length


@lru_cache(maxsize=256)
def _syntax(raw: bytes) -> bytes:
    return raw.rstrip(b"\0 ")
