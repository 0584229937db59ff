"""Colour to RGB, exactly once: YBR by the equations of PS3.3 C.7.6.3.1.2, samples to 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from core.dicom.image_pixel import PixelDescription
    from core.dicom.tags import Attributes

_YBR_FULL = frozenset({"YBR_FULL", "YBR_FULL_422"})
_YBR_PARTIAL = frozenset({"YBR_PARTIAL_422", "YBR_PARTIAL_420"})
# Transforms of JPEG 2000; its decoder undoes them, so values that still bear the name are RGB.
_UNDONE = frozenset({"YBR_ICT", "YBR_RCT"})
_BLOCK_SAMPLES = 2**18  # what is converted at a time: a clip must not need many times its size


def to_rgb(
    values: NDArray[np.generic], photometric: str, pixels: PixelDescription, attributes: Attributes
) -> NDArray[np.uint8]:
    """RGB of 8 bits a channel from three samples a pixel; other widths are scaled for display.

    A photometric interpretation that three samples cannot have is taken as RGB, with a note.
    """
    if photometric in _UNDONE:
        attributes.note(
            f"{photometric} is a transform of JPEG 2000; the uncompressed values are taken as RGB."
        )
    elif photometric != "RGB" and photometric not in _YBR_FULL | _YBR_PARTIAL:
        attributes.note(
            f"Photometric Interpretation {photometric} does not fit three samples a pixel; RGB is assumed."
        )
    ybr = photometric in _YBR_FULL | _YBR_PARTIAL
    if values.dtype == np.uint8 and pixels.bits_stored >= 8 and not ybr:
        return values.astype(np.uint8, copy=False)
    limits = _limits(values, pixels)
    rgb = np.empty(values.shape, np.uint8)
    for rows in _blocks(values):
        eight = _eight_bits(values[rows], *limits)
        if photometric in _YBR_FULL:
            rgb[rows] = _full_to_rgb(eight)
        elif photometric in _YBR_PARTIAL:
            rgb[rows] = _partial_to_rgb(eight)
        else:
            rgb[rows] = eight
    return rgb


def _blocks(values: NDArray[np.generic]) -> Iterator[slice]:
    """Rows of an image, a few at a time."""
    rows, row_samples = values.shape[0], max(int(np.prod(values.shape[1:])), 1)
    step = max(_BLOCK_SAMPLES // row_samples, 1)
    for row in range(0, rows, step):
        yield slice(row, row + step)


def _limits(values: NDArray[np.generic], pixels: PixelDescription) -> tuple[float, float]:
    """What becomes 0, and what 255: all that the bits stored can hold, or the range of floats."""
    if values.dtype.kind == "f":
        finite = values[np.isfinite(values)]
        return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    # A code stream may have another precision than the header says; its type cannot hold more.
    bits = min(pixels.bits_stored, 8 * values.dtype.itemsize)
    lowest = -(1 << (bits - 1)) if values.dtype.kind == "i" else 0
    return lowest, lowest + (1 << bits) - 1


def _eight_bits(values: NDArray[np.generic], low: float, high: float) -> NDArray[np.uint8]:
    """Samples as 8 bits: the upper 8 of wider ones, narrower ones stretched."""
    if values.dtype.kind == "f":
        scaled = (values.astype(np.float64) - low) * (255.0 / (high - low or 1.0))
        return np.clip(np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0), 0, 255).astype(np.uint8)
    span = int(high) - int(low)
    whole = values.astype(np.int64) - int(low)
    levels = whole >> (span.bit_length() - 8) if span >= 255 else whole * 255 // span
    return np.asarray(np.clip(levels, 0, 255), dtype=np.uint8)


def _full_to_rgb(ybr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """YBR_FULL: R = Y + 1.402 (Cr − 128), B = Y + 1.772 (Cb − 128), G from the rest."""
    y, cb, cr = (ybr[..., index].astype(np.float32) for index in range(3))
    cb -= 128
    cr -= 128
    return _rounded(y + 1.402 * cr, y - 0.344136 * cb - 0.714136 * cr, y + 1.772 * cb)


def _partial_to_rgb(ybr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """YBR_PARTIAL (retired): luminance from 16 to 235, chrominance from 16 to 240."""
    y, cb, cr = (ybr[..., index].astype(np.float32) for index in range(3))
    y = 1.1644 * (y - 16)
    cb -= 128
    cr -= 128
    return _rounded(y + 1.5960 * cr, y - 0.3917 * cb - 0.8130 * cr, y + 2.0173 * cb)


def _rounded(*channels: NDArray[np.float32]) -> NDArray[np.uint8]:
    rgb = np.stack(channels, axis=-1)
    return np.asarray(np.clip(np.floor(rgb + 0.5), 0, 255), dtype=np.uint8)
