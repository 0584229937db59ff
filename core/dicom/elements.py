"""How elements follow each other in a header, and what headers of one series share byte by byte.

Well-formed little endian elements only; `Unusual` is raised for all others (PS3.5 7.1, 7.5).
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from pydicom._dicom_dict import DicomDictionary

if TYPE_CHECKING:
    from collections.abc import Iterator

_DEEPEST = 16

META = 132  # where the meta information begins
UNDEFINED = 0xFFFFFFFF
PIXEL_DATA = 0x7FE00010
FLOAT_PIXELS = 0x7FE00008
_CHARACTER_SET = 0x00080005
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD

EXPLICIT_HEAD = Struct("<HHHH").unpack_from  # group, element, VR, length of 16 bits
IMPLICIT_HEAD = Struct("<HHI").unpack_from
LENGTH = Struct("<I").unpack_from


def vr_number(vr: str) -> int:
    """The two letters as they are read from an element."""
    return int.from_bytes(vr.encode(), "little")


SHORT, LONG, SEQUENCE, UNKNOWN = 0, 1, 2, 3
_IMPLICIT, _FIXED = 4, 5  # without VR; must be alike in headers that are alike
_SHORT_VRS = (
    *("AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL", "SS"),
    *("ST", "TM", "UI", "UL", "US"),
)
_LONG_VRS = ("OB", "OD", "OF", "OL", "OV", "OW", "SV", "UC", "UR", "UT", "UV")
LONG_VRS = frozenset({*_LONG_VRS, "SQ", "UN"})
"""VRs whose length has four bytes, behind two that are reserved (PS3.5 7.1.2)."""
# How an element of each VR is laid out (PS3.5 7.1.2).
LAYOUT = {
    **dict.fromkeys(map(vr_number, _SHORT_VRS), SHORT),
    **dict.fromkeys(map(vr_number, _LONG_VRS), LONG),
    vr_number("SQ"): SEQUENCE,
    vr_number("UN"): UNKNOWN,
}
SEQUENCE_TAGS = frozenset(tag for tag, entry in DicomDictionary.items() if entry[0] == "SQ")


class Unusual(Exception):
    """A header that goes the long way."""


class More(Exception):
    """The block ends too early."""


def sequence_end(block: bytes, position: int, length: int, *, implicit: bool, depth: int) -> int:
    """Where a sequence that begins at `position` ends. Raises `More` where the block ends before."""
    if depth > _DEEPEST:
        raise Unusual
    end = None if length == UNDEFINED else position + length
    available = len(block)
    while position != end:
        if position + 8 > available:
            raise More
        group, element, length = IMPLICIT_HEAD(block, position)
        tag = group << 16 | element
        position += 8
        if tag == SEQUENCE_END and end is None and length == 0:
            return position
        if tag != ITEM:
            raise Unusual
        item_end = None if length == UNDEFINED else position + length
        if end is not None and (item_end or position) > end:
            raise Unusual
        position = _item_end(block, position, item_end, implicit=implicit, depth=depth)
        if end is not None and position > end:
            raise Unusual
    return position


def _item_end(block: bytes, position: int, end: int | None, *, implicit: bool, depth: int) -> int:
    """Where an item whose first element is at `position` ends, its delimiter included."""
    if end is not None and end > len(block):
        raise More
    while position != end:
        if position + 12 > len(block) and position + 8 != end:
            raise More
        tag, length, value, is_sequence = _nested_element(block, position, implicit=implicit)
        if tag == ITEM_END and end is None and length == 0:
            return value
        if tag >> 16 == 0xFFFE or tag == _CHARACTER_SET:
            raise Unusual
        if is_sequence:
            position = sequence_end(block, value, length, implicit=implicit, depth=depth + 1)
        elif length == UNDEFINED:
            raise Unusual
        else:
            position = value + length
        if position > len(block):
            raise More
        if end is not None and position > end:
            raise Unusual
    return position


def _nested_element(block: bytes, position: int, *, implicit: bool) -> tuple[int, int, int, bool]:
    """Tag, length and place of the value of an element in an item, and whether it is a sequence."""
    group, element, length = IMPLICIT_HEAD(block, position)
    tag, value = group << 16 | element, position + 8
    if implicit or group == 0xFFFE:
        return tag, length, value, length == UNDEFINED or (tag in SEQUENCE_TAGS and length > 0)
    layout = LAYOUT.get(length & 0xFFFF)
    if layout == SHORT:
        return tag, length >> 16, value, False
    if layout is None or value + 4 > len(block):
        raise Unusual
    (length,) = LENGTH(block, value)
    if layout == UNKNOWN and (length == UNDEFINED or tag in SEQUENCE_TAGS):
        raise Unusual
    return tag, length, value + 4, layout == SEQUENCE


class _Element(NamedTuple):
    """Where an element lies in a block, and how it begins: tag and VR."""

    start: int
    end: int
    mark: bytes
    layout: int


class Alike:
    """Headers that are alike but for some elements: what is the same is compared, not walked over again.

    Learnt from two or more blocks whose header was walked over, so that each was found well-formed. The
    comparison is of all bytes: what matches differs from those blocks in the values of `free` elements only.
    """

    def __init__(self, block: bytes, end: int, own: dict[int, bytes], *, implicit: bool) -> None:
        """`end`: where the value of the pixel data begins; `own`: values by tag that differ by nature."""
        self._block = block
        self._implicit = implicit
        self._own = own
        self._elements = tuple(_elements(block, META, end, implicit=implicit))
        self._free: set[int] = set()
        self._steps: list[tuple[bytes, bytes, int, int]] = []
        self._rest = b""

    def learn(self, block: bytes, end: int) -> bool:
        """Take in another such header; False if its elements are others."""
        elements = tuple(_elements(block, META, end, implicit=self._implicit))
        if [one.mark for one in elements] != [one.mark for one in self._elements]:
            return False
        self._free.update(
            place
            for place, (one, other) in enumerate(zip(self._elements, elements, strict=True))
            if self._block[one.start : one.end] != block[other.start : other.end]
        )
        if any(self._elements[place].layout == _FIXED for place in self._free):
            return False
        self._compile()
        return True

    def _compile(self) -> None:
        self._steps, begun = [], self._elements[0].start
        for place in sorted(self._free):
            element = self._elements[place]
            group, number, _ = IMPLICIT_HEAD(element.mark + bytes(8), 0)
            self._steps.append(
                (self._block[begun : element.start], element.mark, element.layout, group << 16 | number)
            )
            begun = element.end
        self._rest = self._block[begun : self._elements[-1].end]

    def match(self, block: bytes) -> tuple[int, dict[int, bytes]] | None:
        """Where the value of the pixel data begins and the `own` values of this header; None if unlike."""
        position, available = self._elements[0].start, len(block)
        own = self._own.copy()
        for same, mark, layout, tag in self._steps:
            if not block.startswith(same, position):
                return None
            position += len(same)
            if not block.startswith(mark, position) or position + 12 > available:
                return None
            if layout == SHORT:
                value = position + 8
                end = value + block[position + 6] + 256 * block[position + 7]
            else:
                long = layout != _IMPLICIT
                value = position + (12 if long else 8)
                (length,) = LENGTH(block, value - 4)
                end = value + length if layout != SEQUENCE else _sequence_end_or_beyond(block, value, length)
            if end > available:
                return None
            if tag in own:
                own[tag] = block[value:end]
            position = end
        if not block.startswith(self._rest, position):
            return None
        return position + len(self._rest), own


def _sequence_end_or_beyond(block: bytes, value: int, length: int) -> int:
    try:
        return sequence_end(block, value, length, implicit=False, depth=0)
    except (More, Unusual):
        return len(block) + 1


def _elements(block: bytes, position: int, end: int, *, implicit: bool) -> Iterator[_Element]:
    """Elements from the meta information to the head of the pixel data, of a header that was walked over."""
    while position < end:
        group, number, vr, length = EXPLICIT_HEAD(block, position)
        if implicit and group != 2:
            (length,) = LENGTH(block, position + 4)
            mark, layout, value = block[position : position + 4], _IMPLICIT, position + 8
            known = (group << 16 | number) in SEQUENCE_TAGS
            is_sequence = length == UNDEFINED or (known and length > 0)
            if is_sequence or known:
                layout = _FIXED
        else:
            mark, layout, value = block[position : position + 6], LAYOUT[vr], position + 8
            if (group, number) == (2, 0x10):
                layout = _FIXED  # the transfer syntax
            if layout not in (SHORT, _FIXED):
                (length,) = LENGTH(block, position + 8)
                value = position + 12
            is_sequence = layout == SEQUENCE
        if value >= end:
            yield _Element(position, end, mark, layout)  # the head of the pixel data
            return
        if is_sequence:
            after = sequence_end(block, value, length, implicit=implicit, depth=0)
        else:
            after = value + length
        yield _Element(position, after, mark, layout)
        position = after
