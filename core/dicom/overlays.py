"""Overlay planes (groups 6000 to 601E), in Overlay Data or in bits of the pixels (PS3.3 C.9.2, PS3.5 8.1.2).

What is damaged is left out with a note; a plane that stands beside the image, wholly or in part, is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from core.imaging.overlay import Overlay, OverlayKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.dicom.tags import Attributes

Words = Callable[[], "NDArray[np.generic] | None"]
"""The whole stored words of the frame, unmasked, `(rows, columns)`; None where they cannot be had."""

OVERLAY_GROUPS = tuple(range(0x6000, 0x6020, 2))
_ROWS, _COLUMNS, _FRAMES, _DESCRIPTION = 0x0010, 0x0011, 0x0015, 0x0022
_KIND, _ORIGIN, _FRAME_ORIGIN, _BITS, _POSITION = 0x0040, 0x0050, 0x0051, 0x0100, 0x0102
_LAYER, _LABEL, _DATA = 0x1001, 0x1500, 0x3000
_ELEMENTS = (
    *(_ROWS, _COLUMNS, _FRAMES, _DESCRIPTION, _KIND, _ORIGIN, _FRAME_ORIGIN),
    *(_BITS, _POSITION, _LAYER, _LABEL, _DATA),
)
OVERLAY_TAGS = tuple(group << 16 | element for group in OVERLAY_GROUPS for element in _ELEMENTS)
# Larger than any detector: a plane that claims more is damaged.
_MAX_SIDE = 65_535
_MAX_BITS = 2**28


def overlays(attributes: Attributes, frame_index: int, words: Words) -> tuple[Overlay, ...]:
    """The planes that lie over one frame, counted from 0, in the order of their groups."""
    found = []
    for group in OVERLAY_GROUPS:
        if any(attributes.has(_tag(group, element)) for element in (_ROWS, _POSITION, _DATA)):
            overlay = _overlay(attributes, group, frame_index, words)
            if overlay is not None:
                found.append(overlay)
    return tuple(found)


def activation_layers(attributes: Attributes) -> dict[int, str]:
    """Of a presentation state: the layer on which each group is shown (PS3.3 C.11.7); others are not."""
    layers = {group: attributes.text(_tag(group, _LAYER)) for group in OVERLAY_GROUPS}
    return {group: layer for group, layer in layers.items() if layer}


def _overlay(attributes: Attributes, group: int, frame_index: int, words: Words) -> Overlay | None:
    plane = _plane(attributes, group, frame_index, words)
    if plane is None:
        return None
    origin = attributes.numbers(_tag(group, _ORIGIN))
    if len(origin) != 2:
        attributes.note(f"Overlay {group:04X} has no usable origin; 1\\1 is assumed.")
        origin = (1.0, 1.0)
    kind = OverlayKind.REGION if attributes.code(_tag(group, _KIND)) == "R" else OverlayKind.GRAPHICS
    return Overlay(
        group=group,
        bits=plane,
        row=int(origin[0]) - 1,
        column=int(origin[1]) - 1,
        kind=kind,
        label=attributes.text(_tag(group, _LABEL)),
        description=attributes.text(_tag(group, _DESCRIPTION)),
    )


def _plane(attributes: Attributes, group: int, frame_index: int, words: Words) -> NDArray[np.bool_] | None:
    """The bits over one frame; None if the group has none there, or with a note if it is damaged."""
    data = attributes.raw(_tag(group, _DATA))
    if data is None:
        return _embedded_plane(attributes, group, words)
    rows, columns = attributes.integer(_tag(group, _ROWS)), attributes.integer(_tag(group, _COLUMNS))
    if rows is None or columns is None or not (0 < rows <= _MAX_SIDE and 0 < columns <= _MAX_SIDE):
        attributes.note(f"Overlay {group:04X} has no usable size and is not shown.")
        return None
    size = rows * columns
    # Frames of the overlay lie over as many frames of the image, from Image Frame Origin on (C.9.2.1.4).
    frames = attributes.integer(_tag(group, _FRAMES))
    number = 0
    if frames is not None and frames >= 1:
        number = frame_index + 1 - (attributes.integer(_tag(group, _FRAME_ORIGIN)) or 1)
        if frames == 1 and not attributes.has(_tag(group, _FRAME_ORIGIN)):
            number = 0
        if not 0 <= number < frames:
            return None
    first = number * size
    if size > _MAX_BITS or len(data) * 8 < first + size:
        attributes.note(f"Overlay {group:04X} is damaged: it has too few bits. It is not shown.")
        return None
    if attributes.big_endian and attributes.is_word(_tag(group, _DATA)):
        data = np.frombuffer(data[: len(data) // 2 * 2], ">u2").astype("<u2").tobytes()
    chosen = np.frombuffer(data[first // 8 : (first + size + 7) // 8], np.uint8)
    bits = np.unpackbits(chosen, bitorder="little")[first % 8 : first % 8 + size]
    return bits.astype(np.bool_).reshape(rows, columns)


def _embedded_plane(attributes: Attributes, group: int, words: Words) -> NDArray[np.bool_] | None:
    """A plane in an unused bit of the pixels, as the retired form has it; one for each frame."""
    position = attributes.integer(_tag(group, _POSITION))
    if position is None or not attributes.has(_tag(group, _BITS)) or position < 0:
        return None
    if attributes.integer(_tag(group, _BITS)) == 1:
        attributes.note(f"Overlay {group:04X} has no data and is not shown.")
        return None
    stored = words()
    if stored is None or stored.dtype.kind not in "iu" or position >= stored.dtype.itemsize * 8:
        attributes.note(f"Overlay {group:04X} lies in bit {position} of the pixels, which they do not have.")
        return None
    unsigned = stored.view(f"u{stored.dtype.itemsize}")
    return np.asarray((unsigned >> position) & 1, np.bool_)


def _tag(group: int, element: int) -> int:
    return group << 16 | element
