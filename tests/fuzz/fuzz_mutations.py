"""Real files made hostile: one seed, one file, the same on every machine.

Each mutation takes a file's bytes and gives others; what it aims at (an element, its length, the pixels) it
finds with a small walk of its own, so that nothing of the product decides what the product is tested with.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np

T = TypeVar("T")
Random = np.random.Generator
Mutation = Callable[[bytes, Random], bytes]

_LONG_VRS = (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
_VRS = (
    b"AE",
    b"AS",
    b"CS",
    b"DA",
    b"DS",
    b"FD",
    b"FL",
    b"IS",
    b"LO",
    b"PN",
    b"SL",
    b"SS",
    b"UI",
    b"US",
    *_LONG_VRS,
)
_MOST_ELEMENTS = 600
_LENGTHS = (0, 1, 2, 3, 7, 0x7FFF, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFE, 0xFFFFFFFF)
_SHORTS = (0, 1, 2, 3, 4, 7, 12, 16, 24, 31, 32, 64, 128, 255, 256, 2047, 32_767, 32_768, 65_534, 65_535)
_FRAMES = (
    b"0",
    b"-1",
    b"-5",
    b"2",
    b"3",
    b"999",
    b"100000",
    b"2147483647",
    b"99999999999",
    b"1e9",
    b"",
    b"x",
    b"1\\2",
)
# Attributes of the Image Pixel module that hold a short number, and Number Of Frames beside them.
_SHORT_NUMBERS = (0x0002, 0x0006, 0x0010, 0x0011, 0x0100, 0x0101, 0x0102, 0x0103)
_TRANSFER_SYNTAXES = (
    *("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99"),
    *("1.2.840.10008.1.2.5", "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1", "1.2.3"),
    *(f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70, 80, 81, 90, 91, 102, 201, 203)),
)
_TEXTS = (
    b"\\",
    b"\0",
    b"\x1b$B",
    b"9",
    b"-",
    b"nan",
    b"inf",
    b"1e999",
    b"=",
    b"^",
    b"\xff",
    b"\xe2\x80\xae",
    b" ",
)


class Element(NamedTuple):
    """Where one top-level element lies: its head, its length field (`width` bytes) and its value."""

    at: int
    tag: int
    vr: bytes
    length_at: int
    width: int
    value: int
    length: int


def elements_of(content: bytes) -> list[Element]:
    """Top-level elements as far as they can be followed: explicit or implicit little endian."""
    found: list[Element] = []
    at = 132 if content[128:132] == b"DICM" else 0
    while at + 12 <= len(content) and len(found) < _MOST_ELEMENTS:
        group, element = struct.unpack_from("<HH", content, at)
        vr = content[at + 4 : at + 6]
        if vr in _LONG_VRS:
            length_at, width = at + 8, 4
        elif vr.isalpha() and vr.isupper():
            length_at, width = at + 6, 2
        else:
            vr, length_at, width = b"", at + 4, 4
        length = int.from_bytes(content[length_at : length_at + width], "little")
        value = length_at + width
        found.append(Element(at, group << 16 | element, vr, length_at, width, value, length))
        if length == 0xFFFFFFFF:
            if group == 0x7FE0:
                break
            end = content.find(b"\xfe\xff\xdd\xe0\0\0\0\0", value)
            length = (end + 8 if end >= 0 else len(content)) - value
        at = value + length
    return found


def _an_element(content: bytes, rng: Random) -> Element | None:
    elements = elements_of(content)
    return elements[int(rng.integers(len(elements)))] if elements else None


def _pixels_at(content: bytes) -> int:
    """Where the value of the pixel data begins, or the middle of a file without any."""
    return next((one.value for one in elements_of(content) if one.tag == 0x7FE00010), len(content) // 2)


def _replaced(content: bytes, at: int, new: bytes, instead_of: int = -1) -> bytes:
    length = len(new) if instead_of < 0 else instead_of
    return content[:at] + new + content[at + length :]


def _any_of(values: tuple[T, ...], rng: Random) -> T:
    return values[int(rng.integers(len(values)))]


def flip_header_bits(content: bytes, rng: Random) -> bytes:
    """One to eight bits before the pixels."""
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        changed[
            int(rng.integers(min(128, len(changed) - 1), max(_pixels_at(content), 130) + 1)) % len(changed)
        ] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def change_bytes(content: bytes, rng: Random) -> bytes:
    """One to sixteen bytes anywhere."""
    changed = bytearray(content)
    for at in rng.integers(0, len(changed), int(rng.integers(1, 17))):
        changed[at] = int(rng.integers(256))
    return bytes(changed)


def truncate(content: bytes, rng: Random) -> bytes:
    """A file that breaks off: anywhere, or within its header."""
    end = len(content) if rng.random() < 0.5 else max(_pixels_at(content), 1)
    return content[: int(rng.integers(end))]


def lie_about_length(content: bytes, rng: Random) -> bytes:
    """The length of an element is another one."""
    element = _an_element(content, rng)
    if element is None:
        return content
    length = int(_any_of(_LENGTHS, rng)) if rng.random() < 0.8 else int(rng.integers(2**20))
    return _replaced(
        content,
        element.length_at,
        (length & (2 ** (8 * element.width) - 1)).to_bytes(element.width, "little"),
    )


def change_vr(content: bytes, rng: Random) -> bytes:
    """An element says that it is of another kind, without the bytes that would take."""
    element = _an_element(content, rng)
    return (
        content
        if element is None or not element.vr
        else _replaced(content, element.at + 4, bytes(_any_of(_VRS, rng)))
    )


def nest(content: bytes, rng: Random) -> bytes:
    """Sequences within sequences before any element, open or closed, with and without lengths."""
    element = _an_element(content, rng)
    if element is None:
        return content
    depth = int(_any_of((1, 2, 10, 63, 64, 65, 100, 500, 5_000, 20_000), rng))
    private, undefined, closed = rng.random(3) < 0.5
    tag = struct.pack("<HH", *((0x0009, 0x1010) if private else (0x0008, 0x1140)))
    vr = bytes(_any_of((b"SQ", b"UN"), rng)) + b"\0\0"
    item, item_end, sequence_end = (
        b"\xfe\xff\x00\xe0",
        b"\xfe\xff\x0d\xe0\0\0\0\0",
        b"\xfe\xff\xdd\xe0\0\0\0\0",
    )
    if undefined:
        body = (tag + vr + b"\xff\xff\xff\xff" + item + b"\xff\xff\xff\xff") * depth
        body += (item_end + sequence_end) * (depth if closed else 0)
    else:
        lengths = range(20 * (depth - 1), -1, -20)
        body = b"".join(tag + vr + struct.pack("<I", n + 8) + item + struct.pack("<I", n) for n in lengths)
    return _replaced(content, element.at, body, 0)


def claim_another_image(content: bytes, rng: Random) -> bytes:
    """Rows, Columns, Number Of Frames, Samples or Bits are others; where one is missing, it is put in."""
    elements = {one.tag: one for one in elements_of(content)}
    for _ in range(int(rng.integers(1, 4))):
        if rng.random() < 0.25:
            tag, vr, value = 0x00280008, b"IS", bytes(_any_of(_FRAMES, rng))
            value += b" " * (len(value) % 2)
        else:
            tag, vr = 0x00280000 | int(_any_of(_SHORT_NUMBERS, rng)), b"US"
            value = struct.pack("<H", int(_any_of(_SHORTS, rng)))
        old = elements.get(tag)
        head = struct.pack("<HH", tag >> 16, tag & 0xFFFF)
        explicit = head + vr + struct.pack("<H", len(value)) + value
        if old is None:
            pixels = elements.get(0x7FE00010)
            content = content if pixels is None else _replaced(content, pixels.at, explicit, 0)
        else:
            new = explicit if old.vr else head + struct.pack("<I", len(value)) + value
            content = _replaced(content, old.at, new, old.value + min(old.length, 64) - old.at)
        elements = {one.tag: one for one in elements_of(content)}
    return content


def damage_code_stream(content: bytes, rng: Random) -> bytes:
    """Bytes of the pixel data, above all its first ones: heads of fragments and code streams."""
    start = min(_pixels_at(content), len(content) - 1)
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 13))):
        reach = 300 if rng.random() < 0.6 else len(content)
        at = start + int(rng.integers(min(reach, len(content) - start)))
        changed[at] = (
            int(rng.integers(256)) if rng.random() < 0.7 else changed[at] ^ (1 << int(rng.integers(8)))
        )
    return bytes(changed)


def damage_fragment(content: bytes, rng: Random) -> bytes:
    """The length of a fragment, or of the offset table."""
    places = []
    at = content.find(b"\xfe\xff\x00\xe0", _pixels_at(content))
    while at >= 0 and len(places) < 200:
        places.append(at)
        at = content.find(b"\xfe\xff\x00\xe0", at + 8)
    if not places:
        return damage_code_stream(content, rng)
    place = places[int(rng.integers(len(places)))]
    return _replaced(content, place + 4, struct.pack("<I", int(_any_of(_LENGTHS, rng))))


def claim_another_syntax(content: bytes, rng: Random) -> bytes:
    """The pixels are said to be encoded otherwise."""
    element = next((one for one in elements_of(content) if one.tag == 0x00020010), None)
    if element is None:
        return content
    uid = str(_any_of(_TRANSFER_SYNTAXES, rng)).encode()
    value = uid + b"\0" * (len(uid) % 2)
    return _replaced(content, element.length_at, struct.pack("<H", len(value)) + value, 2 + element.length)


def change_text(content: bytes, rng: Random) -> bytes:
    """The value of an element is filled with what no reader expects."""
    element = _an_element(content, rng)
    if element is None or not 0 < element.length < 2**16:
        return content
    text = bytes(_any_of(_TEXTS, rng)) * element.length
    return _replaced(content, element.value, text[: element.length])


def splice(content: bytes, rng: Random) -> bytes:
    """A piece of the file is missing, doubled, or somewhere else."""
    start, to = int(rng.integers(len(content))), int(rng.integers(len(content)))
    piece = content[start : start + int(2 ** rng.uniform(0, 14))]
    kind = int(rng.integers(3))
    if kind == 0:
        return content[:start] + content[start + len(piece) :]
    return _replaced(content, to, piece, 0 if kind == 1 else len(piece))


def flood(content: bytes, rng: Random) -> bytes:
    """Very many small elements before another."""
    element = _an_element(content, rng)
    if element is None:
        return content
    count = int(10 ** rng.uniform(2, 4.8))
    first = int(_any_of((0x0009, 0x0019, 0x0029), rng))
    many = b"".join(struct.pack("<HH2sHH", first, n & 0xFFFF, b"US", 2, n & 0xFFFF) for n in range(count))
    return _replaced(content, element.at, many, 0)


MUTATIONS: tuple[Mutation, ...] = (
    flip_header_bits,
    flip_header_bits,
    change_bytes,
    truncate,
    lie_about_length,
    lie_about_length,
    change_vr,
    nest,
    claim_another_image,
    claim_another_image,
    claim_another_image,
    damage_code_stream,
    damage_code_stream,
    damage_code_stream,
    damage_fragment,
    claim_another_syntax,
    change_text,
    change_text,
    splice,
    flood,
)


def mutated(content: bytes, rng: Random) -> tuple[bytes, tuple[str, ...]]:
    """Apply one to three mutations; the bytes, and the names of what was done."""
    done: list[str] = []
    for _ in range(1 + int(rng.random() < 0.4) + int(rng.random() < 0.15)):
        if not content:
            break
        mutation = MUTATIONS[int(rng.integers(len(MUTATIONS)))]
        content = mutation(content, rng)
        done.append(mutation.__name__)
    return content, tuple(done)
