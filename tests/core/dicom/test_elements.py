"""Where elements and sequences end, and which headers are like those before."""

from __future__ import annotations

import struct

import pytest

from core.dicom.elements import META, UNDEFINED, Alike, More, Unusual, sequence_end

ITEM, ITEM_END, END = b"\xfe\xff\x00\xe0", b"\xfe\xff\x0d\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    return struct.pack("<HH2sH", group, number, vr, len(value)) + value


def sequence(inside: bytes, *, undefined: bool) -> bytes:
    item = (
        ITEM
        + struct.pack("<I", UNDEFINED if undefined else len(inside))
        + inside
        + (ITEM_END if undefined else b"")
    )
    length = UNDEFINED if undefined else len(item)
    return struct.pack("<HH2sHI", 8, 0x1140, b"SQ", 0, length) + item + (END if undefined else b"")


@pytest.mark.parametrize("undefined", [False, True])
def test_a_sequence_ends_where_it_says(undefined: bool) -> None:
    block = sequence(element(8, 0x1155, b"UI", b"1.22"), undefined=undefined)
    block = sequence(block, undefined=undefined)
    length = struct.unpack("<I", block[8:12])[0]
    assert sequence_end(block + b"rest", 12, length, implicit=False, depth=0) == len(block)
    for cut in range(12, len(block)):
        with pytest.raises((More, Unusual)):
            sequence_end(block[:cut], 12, length, implicit=False, depth=0)


def test_what_overruns_its_container_is_unusual() -> None:
    inside = struct.pack("<HH2sH", 8, 0x1155, b"UI", 40) + b"1.22"
    block = sequence(inside, undefined=False) + bytes(100)
    with pytest.raises(Unusual):
        sequence_end(block, 12, struct.unpack("<I", block[8:12])[0], implicit=False, depth=0)
    deep = b""
    for _ in range(20):
        deep = sequence(deep, undefined=True)
    with pytest.raises(Unusual):
        sequence_end(deep, 12, UNDEFINED, implicit=False, depth=0)


def header(syntax: bytes, name: bytes, uid: bytes) -> bytes:
    return (
        bytes(128)
        + b"DICM"
        + element(2, 0x10, b"UI", syntax)
        + element(8, 0x18, b"UI", uid)
        + element(0x10, 0x10, b"PN", name)
        + struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OW", 0, 2)
    )


def test_headers_alike_match_in_all_but_what_was_seen_to_differ() -> None:
    first, second = header(b"1.22", b"AB", b"1.2.3444"), header(b"1.22", b"AB", b"1.2")
    alike = Alike(first, len(first), {0x00080018: b"1.2.3444"}, implicit=False)
    assert alike.learn(second, len(second))
    for uid in (b"1.2.3444", b"1.2", b"", b"9" * 64):
        block = header(b"1.22", b"AB", uid)
        assert alike.match(block + b"\1\2") == (len(block), {0x00080018: uid})
    assert alike.match(header(b"1.22", b"AC", b"1.2")) is None
    assert alike.match(header(b"1.22", b"AB", b"1.2")[:-1]) is None
    assert alike.match(header(b"1.23", b"AB", b"1.2")) is None
    assert len(first) > META


def test_transfer_syntaxes_and_other_elements_are_never_alike() -> None:
    first = header(b"1.22", b"AB", b"1.2")
    alike = Alike(first, len(first), {}, implicit=False)
    other = header(b"1.23", b"AB", b"1.2")
    assert not alike.learn(other, len(other))
    more = first[:132] + element(2, 2, b"UI", b"1.2 ") + first[132:]
    assert not Alike(first, len(first), {}, implicit=False).learn(more, len(more))
