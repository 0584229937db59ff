"""A window from the pixels of a part of a frame: what is there fills the grey scale."""

from __future__ import annotations

import numpy as np

from core.imaging.display import AUTO_PERCENTILES, to_modality
from core.imaging.frame import Frame, VoiFunction, Window

REGION_PERCENTILES = (1.0, 99.0)
Box = tuple[float, float, float, float]
"""First row, first column, last row, last column in frame pixels, in any order of corners."""


def region_window(
    frame: Frame,
    box: Box,
    percentiles: tuple[float, float] = REGION_PERCENTILES,
    explanation: str = "Region",
) -> Window | None:
    """The window over the percentiles of the pixels that the box touches.

    Pixel padding and what a shutter hides do not count; None where nothing is left, or in a colour frame. A
    region of one value becomes middle grey.
    """
    if not frame.is_grey:
        return None
    (top, bottom), (left, right) = _span(box[0], box[2], frame.rows), _span(box[1], box[3], frame.columns)
    part = np.s_[top:bottom, left:right]
    stored = frame.stored[part]
    seen = frame.shows_image(stored)
    hidden = frame.hidden()
    if hidden is not None:
        seen &= ~hidden[part]
    values = to_modality(stored[seen], frame.modality_transform)
    values = values[np.isfinite(values)]
    if values.size == 0:
        return None
    # Values that occur: between two of the largest floats nothing can be computed.
    low, high = (float(value) for value in np.percentile(values, percentiles, method="inverted_cdf"))
    if low == high:  # nearly all are alike: what differs must be seen
        low, high = float(values.min()), float(values.max())
    half = min(high / 2 - low / 2, float(np.finfo(np.float64).max) / 2)
    return Window(low / 2 + high / 2, 2 * half or 1.0, VoiFunction.LINEAR_EXACT, explanation)


def shown_window(frame: Frame, box: Box) -> Window | None:
    """The automatic window of the part of a frame that is in sight."""
    return region_window(frame, box, AUTO_PERCENTILES, "Auto, as shown")


def _span(first: float, last: float, size: int) -> tuple[int, int]:
    """Whole pixels from the one that holds the lower end to the one that holds the upper, at least one."""
    low, high = sorted((first, last))
    start = min(max(int(np.floor(low)), 0), size - 1)
    return start, min(max(int(np.ceil(high)), start + 1), size)
