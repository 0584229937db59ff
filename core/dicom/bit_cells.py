"""Uncompressed samples of any number of bits, packed one after the other, as old files hold them.

PS3.5 8.1.1 (and ACR-NEMA before): cells of Bits Allocated follow each other from the least significant bit
of each word on, over the ends of bytes and words. Today only 1 and multiples of 8 are allowed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE_CELLS = frozenset({1, 8, 16, 32, 64})
"""Bits Allocated that need no unpacking, or for which pydicom does it."""

_CELLS_AT_A_TIME = 2**16  # so that a bit is never a byte for more than a few thousand pixels


def container_bits(bits: int) -> int:
    """Bits of the smallest integer type that holds a cell."""
    return next(width for width in (8, 16, 32, 64) if bits <= width)


def read_cells(
    stream: BinaryIO, first_bit: int, count: int, bits: int, *, big_endian: bool
) -> NDArray[np.generic]:
    """`count` unsigned cells of `bits` each, beginning `first_bit` behind the place where the stream is.

    Big endian data are words of 16 bits. The caller has seen that all bytes are there.
    """
    start = first_bit // 16 * 2
    stream.seek(start, 1)
    skipped = first_bit - 8 * start
    data = np.frombuffer(stream.read((skipped + count * bits + 15) // 16 * 2), np.uint8)
    if len(data) % 2:
        data = np.append(data, np.uint8(0))
    if big_endian:
        data = data.view("<u2").byteswap().view(np.uint8)
    kind = np.dtype(f"u{container_bits(bits) // 8}")
    cells = np.zeros(count, kind)
    for first in range(0, count, _CELLS_AT_A_TIME):
        here = min(_CELLS_AT_A_TIME, count - first)
        begin = skipped + first * bits
        block = data[begin // 8 : (begin + here * bits + 7) // 8]
        each = np.unpackbits(block, bitorder="little")[begin % 8 :][: here * bits].reshape(here, bits)
        for place in range(bits):
            cells[first : first + here] |= each[:, place].astype(kind) << kind.type(place)
    return cells
