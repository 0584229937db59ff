"""Colour to RGB, exactly once: YBR by the equations of PS3.3 C.7.6.3.1.2, palettes by their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.dicom.gate import Refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.dicom.image_pixel import PixelDescription
    from core.dicom.tags import Attributes

_CHANNELS = ("Red", "Green", "Blue")
PALETTE_KEYWORDS = tuple(
    f"{channel}PaletteColorLookupTable{part}" for channel in _CHANNELS for part in ("Descriptor", "Data")
) + tuple(f"Segmented{channel}PaletteColorLookupTableData" for channel in _CHANNELS)

_YBR = frozenset({"YBR_FULL", "YBR_FULL_422"})


def to_rgb(values: NDArray[np.generic], photometric: str, pixels: PixelDescription) -> NDArray[np.uint8]:
    """RGB of 8 bits a channel from three samples a pixel; more bits are scaled down for display."""
    eight = _eight_bits(values, pixels)
    if photometric in _YBR:
        return _ybr_to_rgb(eight)
    return eight


def palette_to_rgb(
    values: NDArray[np.generic], attributes: Attributes, pixels: PixelDescription, name: str
) -> NDArray[np.uint8]:
    """RGB of 8 bits from palette indices; indices beyond a table take its ends (PS3.3 C.7.6.3.1.5).

    Raises `Refused` if a table is missing or damaged: without it the colours mean nothing.
    """
    tables = [_palette(attributes, channel, pixels, name) for channel in _CHANNELS]
    first = tables[0][0]
    indices = np.clip(values.astype(np.int64) - first, 0, None)
    return np.stack([table[np.minimum(indices, len(table) - 1)] for _, table in tables], axis=-1)


def _palette(
    attributes: Attributes, channel: str, pixels: PixelDescription, name: str
) -> tuple[int, NDArray[np.uint8]]:
    """First mapped index and 8-bit entries of one channel."""
    descriptor = attributes.words(f"{channel}PaletteColorLookupTableDescriptor")
    data = attributes.words(f"{channel}PaletteColorLookupTableData")
    segments = attributes.words(f"Segmented{channel}PaletteColorLookupTableData")
    if descriptor is None or len(descriptor) != 3 or not (data or segments):
        raise Refused(name, f"the {channel.lower()} palette is missing or damaged.")
    count, first, _ = descriptor
    count = count or 65_536
    if pixels.pixel_representation == 1 and first >= 32_768:
        first -= 65_536
    if data:
        entries = np.array(data, dtype=np.uint16)
        if len(entries) < count <= 2 * len(entries):
            # Two entries in each word, as 8-bit tables in OW are written.
            entries = entries.astype("<u2").view(np.uint8).astype(np.uint16)
    else:
        entries = np.array(_expand_segments(segments or (), count), dtype=np.uint16)
    if len(entries) < count:
        attributes.note(f"The {channel.lower()} palette has {len(entries)} of {count} declared entries.")
    entries = entries[:count]
    # Some writers put 8-bit values into 16-bit entries, and some the reverse: the values decide.
    return first, (entries >> 8 if entries.max() > 255 else entries).astype(np.uint8)


def _expand_segments(words: tuple[int, ...], count: int) -> list[int]:
    """Entries of a segmented palette: discrete, linear and indirect segments (PS3.3 C.7.9.2)."""
    entries: list[int] = []
    offset = 0
    while offset + 1 < len(words) and len(entries) < count:
        if words[offset] == 2 and offset + 3 < len(words):
            # So many segments are used again from the word offset that follows, low word first.
            target = words[offset + 2] | words[offset + 3] << 16
            for _ in range(words[offset + 1]):
                after = _expand_one(words, target, entries)
                if after == target or len(entries) >= count:
                    break
                target = after
            offset += 4
        else:
            after = _expand_one(words, offset, entries)
            if after == offset:
                break
            offset = after
    return entries


def _expand_one(words: tuple[int, ...], offset: int, entries: list[int]) -> int:
    """Append one discrete or linear segment; the offset behind it, or the same offset if it is none."""
    if offset + 2 >= len(words):
        return offset
    opcode, length, value = words[offset : offset + 3]
    if opcode == 0:
        entries.extend(words[offset + 2 : offset + 2 + length])
        return offset + 2 + length
    if opcode == 1 and entries:
        steps = np.linspace(entries[-1], value, length + 1)[1:]
        entries.extend(int(step) for step in np.floor(steps + 0.5))
        return offset + 3
    return offset


def _eight_bits(values: NDArray[np.generic], pixels: PixelDescription) -> NDArray[np.uint8]:
    """Samples as 8 bits: as they are, or their upper 8 of the bits stored."""
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    if values.dtype.kind == "f":
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        scaled = (values.astype(np.float64) - low) * (255.0 / (high - low or 1.0))
        return np.nan_to_num(scaled).astype(np.uint8)
    unsigned = values.astype(np.int64)
    if values.dtype.kind == "i":
        unsigned += 1 << (pixels.bits_stored - 1)
    shift = max(pixels.bits_stored - 8, 0)
    return np.asarray(np.clip(unsigned >> shift, 0, 255), dtype=np.uint8)


def _ybr_to_rgb(ybr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """PS3.3 C.7.6.3.1.2, YBR_FULL: R = Y + 1.402 (Cr − 128), B = Y + 1.772 (Cb − 128), G from the rest."""
    y, cb, cr = (ybr[..., index].astype(np.float32) for index in range(3))
    cb -= 128
    cr -= 128
    rgb = np.stack((y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb), axis=-1)
    return np.clip(np.floor(rgb + 0.5), 0, 255).astype(np.uint8)
