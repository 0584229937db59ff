"""Palette colour to RGB: descriptors, plain and segmented tables (PS3.3 C.7.6.3.1.5, C.7.9.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.dicom.gate import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from core.dicom.image_pixel import PixelDescription
    from core.dicom.tags import Attributes

_CHANNELS = ("Red", "Green", "Blue")
PALETTE_KEYWORDS = tuple(
    f"{channel}PaletteColorLookupTable{part}" for channel in _CHANNELS for part in ("Descriptor", "Data")
) + tuple(f"Segmented{channel}PaletteColorLookupTableData" for channel in _CHANNELS)
_DISCRETE, _LINEAR, _INDIRECT = 0, 1, 2


class _Table(NamedTuple):
    """One channel: the pixel value that the first entry answers, bits an entry as declared, the entries."""

    first: int
    bits: int
    entries: NDArray[np.uint16]


def palette_to_rgb(
    values: NDArray[np.generic], attributes: Attributes, pixels: PixelDescription, name: str
) -> NDArray[np.uint8]:
    """RGB of 8 bits from palette indices; indices beyond a table take its ends.

    Entries of 16 bits are shown by their upper 8. Raises `Refused` if a table is missing or damaged:
    without it the colours mean nothing.
    """
    tables = [_table(attributes, channel, pixels, name) for channel in _CHANNELS]
    # Some writers put 8-bit values into 16-bit entries, and some the reverse: the values of all decide.
    wide = max(int(table.entries.max()) for table in tables) > 255
    if not wide and all(table.bits > 8 for table in tables):
        attributes.note("The palette declares 16 bits an entry and uses 8; it is taken as 8.")
    rgb = np.empty((*values.shape, 3), np.uint8)
    for index, table in enumerate(tables):
        places = np.clip(values.astype(np.int64) - table.first, 0, len(table.entries) - 1)
        rgb[..., index] = (table.entries >> 8 if wide else table.entries).astype(np.uint8)[places]
    return rgb


def _table(attributes: Attributes, channel: str, pixels: PixelDescription, name: str) -> _Table:
    descriptor = attributes.words(f"{channel}PaletteColorLookupTableDescriptor")
    data = attributes.words(f"{channel}PaletteColorLookupTableData")
    segments = attributes.words(f"Segmented{channel}PaletteColorLookupTableData")
    if descriptor is None or len(descriptor) != 3 or not (data or segments):
        raise Refused(name, f"the {channel.lower()} palette is missing or damaged.")
    count, first, bits = descriptor
    count = count or 65_536  # which does not fit 16 bits and is written as 0
    if first >= 32_768 and (pixels.pixel_representation == 1 or pixels.bits_stored < 16):
        first -= 65_536  # unsigned pixels of fewer bits never reach so far up
    if data:
        entries = np.array(data, dtype=np.uint16)
        if len(entries) < count <= 2 * len(entries):
            # Two entries in each word, as 8-bit tables in OW are written.
            entries = entries.astype("<u2").view(np.uint8).astype(np.uint16)
    else:
        entries = _expanded(segments or (), count, bits)
    if len(entries) == 0:
        raise Refused(name, f"the {channel.lower()} palette is missing or damaged.")
    if len(entries) < count:
        attributes.note(f"The {channel.lower()} palette has {len(entries)} of {count} declared entries.")
    return _Table(first, bits, entries[:count])


def _expanded(words: Sequence[int], count: int, bits: int) -> NDArray[np.uint16]:
    """Entries of a segmented table, whose units are words, or bytes where an entry has 8 bits."""
    in_words = expand_segments(words, count)
    if bits <= 8 and len(in_words) < count:
        units = np.array(words, "<u2").tobytes()
        in_bytes = expand_segments(units, count, unit_bytes=1)
        if len(in_bytes) > len(in_words):
            return np.array(in_bytes, np.uint16)
    return np.array(in_words, np.uint16)


def expand_segments(units: Sequence[int], count: int, unit_bytes: int = 2) -> list[int]:
    """Entries of discrete, linear and indirect segments, up to `count`; damaged ones end the table."""
    entries: list[int] = []
    begun: set[int] = set()
    offset, target_units = 0, 4 // unit_bytes
    while offset + 1 < len(units) and len(entries) < count:
        begun.add(offset)
        if units[offset] == _INDIRECT and offset + 1 + target_units < len(units):
            # So many segments once more, from the offset that follows, its low part first.
            parts = units[offset + 2 : offset + 2 + target_units]
            target = sum(part << (8 * unit_bytes * place) for place, part in enumerate(parts))
            # It counts bytes; some count units.
            target = (
                target // unit_bytes if target % unit_bytes == 0 and target // unit_bytes in begun else target
            )
            for _ in range(units[offset + 1]):
                after = _expand_one(units, target, entries)
                if after == target or len(entries) >= count:
                    break
                target = after
            offset += 2 + target_units
        else:
            after = _expand_one(units, offset, entries)
            if after == offset:
                break
            offset = after
    return entries[:count]


def _expand_one(units: Sequence[int], offset: int, entries: list[int]) -> int:
    """Append one discrete or linear segment; the offset behind it, or the same offset if it is none."""
    if offset + 2 >= len(units):
        return offset
    opcode, length, value = units[offset : offset + 3]
    if opcode == _DISCRETE:
        entries.extend(units[offset + 2 : offset + 2 + length])
        return offset + 2 + length
    if opcode == _LINEAR and entries:
        steps = np.linspace(entries[-1], value, length + 1)[1:]
        entries.extend(int(step) for step in np.around(steps))
        return offset + 3
    return offset
