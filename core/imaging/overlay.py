"""Bit planes that lie over a picture (60xx): what they are and where on the frame they stand.

An overlay is drawn over the film and can be taken away; it is no part of the stored values, of what a model
sees, or of any statistics (PS3.3 C.9.2).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


class OverlayKind(StrEnum):
    """Overlay Type (60xx,0040)."""

    GRAPHICS = "G"
    REGION = "R"


@dataclass(frozen=True, slots=True, eq=False)
class Overlay:
    """One plane: `bits` of its own size, `(rows, columns)`, read-only.

    `row`, `column`: where its first bit stands on the frame, from 0; it may begin or end outside of it.
    `group`: 0x6000 to 0x601E. Label and description are the file's words, empty if it has none.
    """

    group: int
    bits: Mask
    row: int = 0
    column: int = 0
    kind: OverlayKind = OverlayKind.GRAPHICS
    label: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        if self.bits.ndim != 2 or self.bits.dtype != np.bool_:
            raise ValueError("An overlay is a plane of single bits.")
        self.bits.setflags(write=False)

    @property
    def name(self) -> str:
        """What a reader calls it."""
        kind = "region" if self.kind is OverlayKind.REGION else "graphics"
        return self.label or self.description or f"Overlay {(self.group - 0x6000) // 2 + 1} ({kind})"

    def on_frame(self, rows: int, columns: int) -> Mask:
        """The plane on a frame of this size: what lies outside is cut off."""
        mask = np.zeros((rows, columns), np.bool_)
        top, left = max(self.row, 0), max(self.column, 0)
        bottom = min(self.row + self.bits.shape[0], rows)
        right = min(self.column + self.bits.shape[1], columns)
        if bottom > top and right > left:
            mask[top:bottom, left:right] = self.bits[
                top - self.row : bottom - self.row, left - self.column : right - self.column
            ]
        return mask


def drawn_mask(overlays: Iterable[Overlay], rows: int, columns: int) -> Mask:
    """All planes in one, as they are drawn: graphics as they are, regions by their outline.

    A region is drawn by its outline, since filled it would hide what it is about.
    """
    mask = np.zeros((rows, columns), np.bool_)
    for overlay in overlays:
        plane = overlay.on_frame(rows, columns)
        mask |= _outline(plane) if overlay.kind is OverlayKind.REGION else plane
    return mask


def _outline(plane: Mask) -> Mask:
    """The bits of a region with a neighbour, of the four, that is not in it; the frame's edge counts."""
    padded = np.pad(plane, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return plane & ~inner
