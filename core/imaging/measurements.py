"""What the marks on a frame measure: numbers, and the words in which they are written everywhere.

Millimetres exist only where the spacing is known, and its source always stands beside them. No result is
ever "not a number": what cannot be said is None, and in words the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor

import numpy as np
from numpy.typing import NDArray

from core.imaging.display import to_modality
from core.imaging.frame import Frame, PixelSpacing
from core.imaging.mark_geometry import angle_of, distance, heart_parts
from core.imaging.marks import Mark, MarkKind, Point
from core.imaging.quantities import number_words

_MANY = 65_536
_KEPT = 256
_SHORT = 12


@dataclass(frozen=True, slots=True)
class RegionStatistics:
    """Modality values over the pixels whose centres lie in a region, and how large that region is.

    `spread`: standard deviation over these pixels (0 for a single one). `area_mm2`: area of the pixels
    counted, None while the spacing is unknown.
    """

    pixels: int
    mean: float
    spread: float
    minimum: float
    maximum: float
    units: str
    area_mm2: float | None


def region_statistics(
    frame: Frame, mark: Mark, values: NDArray[np.floating] | None = None
) -> RegionStatistics | None:
    """Statistics of a grey frame inside a region; None if no valid pixel centre lies in it.

    `values`: other modality values on the same pixels, those of a twin, `(rows, columns)`; None: the frame's
    own. Padding and values that are not finite do not count; what lies outside the frame is cut off.
    """
    spans = region_spans(mark, frame.rows, frame.columns)
    if not frame.is_grey or not len(spans):
        return None
    stored = _within(frame.stored, spans)
    if values is None:
        found, counts = _counted(frame, stored)
    else:
        found = _within(values, spans).astype(np.float64)[frame.shows_image(stored)]
        counts = np.ones(found.size, np.int64)
    finite = np.isfinite(found)
    found, counts = found[finite], counts[finite]
    pixels = int(counts.sum())
    if pixels == 0:
        return None
    # Of a size that neither sums nor squares can leave the range of numbers.
    scale = max(float(np.abs(found).max()), np.finfo(float).tiny)
    scaled, weights = found / scale, counts / pixels
    mean = float(scaled @ weights)
    spread = float(np.sqrt(np.square(scaled - mean) @ weights))
    low, high = float(found.min()), float(found.max())
    return RegionStatistics(
        pixels=pixels,
        mean=min(max(mean * scale, low), high),
        spread=0.0 if low == high else spread * scale,
        minimum=low,
        maximum=high,
        units=frame.modality_transform.units,
        area_mm2=_area_mm2(pixels, frame.spacing),
    )


def region_spans(mark: Mark, rows: int, columns: int) -> NDArray[np.intp]:
    """The pixels whose centres lie in a region: `(n, 3)`, row, first column, one past the last column.

    Edges belong to one of two neighbours. Empty for what is no region or has no pixel centre on the frame.
    """
    if mark.kind is MarkKind.FREEHAND:
        return _inside(mark.points, rows, columns)
    if not mark.kind.is_region:
        return np.empty((0, 3), np.intp)
    (row_1, column_1), (row_2, column_2) = mark.points
    top, bottom, left, right = (
        min(row_1, row_2),
        max(row_1, row_2),
        min(column_1, column_2),
        max(column_1, column_2),
    )
    centres = np.arange(rows) + 0.5
    if mark.kind is MarkKind.RECTANGLE:
        centres = centres[(centres >= top) & (centres < bottom)]
        first, end = np.full(centres.size, left - 0.5), np.full(centres.size, right - 0.5)
        return _spans(centres - 0.5, np.ceil(first), np.ceil(end), columns)
    tiny = np.finfo(float).tiny
    with np.errstate(over="ignore", invalid="ignore"):
        left_over = 1.0 - ((centres - (top / 2 + bottom / 2)) / max(bottom / 2 - top / 2, tiny)) ** 2
    centres, left_over = centres[left_over >= 0], left_over[left_over >= 0]
    middle, reach = left / 2 + right / 2, (right / 2 - left / 2) * np.sqrt(left_over)
    return _spans(centres - 0.5, np.ceil(middle - reach - 0.5), np.floor(middle + reach - 0.5) + 1, columns)


class Measured:
    """What marks measure on one frame, in words; keeps what it computed last.

    `values`: modality values of a twin on the frame's pixels, None for the frame's own. `shown`: presentation
    value of a pixel (row, column), for probes; None where it is not known. `lengths_only`: of a picture
    without values of its own, so that regions and probes say none. `brief`: it stands beside the film (see
    `beside`). One thread at a time.
    """

    def __init__(
        self,
        frame: Frame,
        values: NDArray[np.floating] | None = None,
        shown: Callable[[int, int], int | None] | None = None,
        *,
        lengths_only: bool = False,
        brief: bool = False,
    ) -> None:
        self.spacing = frame.spacing
        self._brief = brief
        self._lengths_only = lengths_only
        self._frame, self._values, self._shown = frame, values, shown
        self._known: dict[tuple[MarkKind, tuple[Point, ...]], tuple[str, ...]] = {}

    def lines(self, mark: Mark) -> tuple[str, ...]:
        """The value in short lines, as it stands on a film; empty for what has none."""
        if self._lengths_only and (mark.kind is MarkKind.PROBE or mark.kind.is_region):
            return ()
        if mark.kind is MarkKind.PROBE:
            return _probe_lines(self._frame, mark.points[0], self._values, self._shown)
        key = (mark.kind, mark.points)
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = _lines(mark, self._frame, self._values)
        return self._known[key]

    def beside(self, mark: Mark, *, full: bool = False) -> tuple[str, ...]:
        """Name and the reader's words, then the value; in one line if both are short.

        A `brief` one, beside which the film is shown too, repeats only what is its own, unless `full`.
        """
        label, values = mark.label, self.lines(mark)
        if mark.kind is MarkKind.TEXT:
            label = mark.text
        elif self._brief and not full:
            label = mark.name
            values = values if mark.kind is MarkKind.PROBE or mark.kind.is_region else ()
        if len(values) == 1 and len(label) <= _SHORT and "\n" not in label:
            return (f"{label} {values[0]}".strip(),)
        return tuple(line for line in (*label.split("\n"), *values) if line)

    def words(self, mark: Mark) -> str:
        """The value in one line, for lists and reports; nothing that a reader needs is left out."""
        if mark.kind is MarkKind.ARROW:
            row, column = mark.points[1]
            return f"points at row {row:.0f}, column {column:.0f} of the image"
        if mark.kind is MarkKind.TEXT:
            row, column = mark.points[0]
            return f"at row {row:.0f}, column {column:.0f} of the image"
        words = ", ".join(self.lines(mark))
        measures_lengths = mark.kind in {MarkKind.LENGTH, MarkKind.BIDIRECTIONAL, MarkKind.HEART}
        if not self.spacing.known and (measures_lengths or mark.kind.is_region):
            words += " (spacing unknown)"
        elif not self.spacing.known and mark.kind in {MarkKind.ANGLE, MarkKind.COBB}:
            words += " (pixels taken as square)"
        return words


def _lines(mark: Mark, frame: Frame, values: NDArray[np.floating] | None) -> tuple[str, ...]:
    spacing, points = frame.spacing, mark.points
    unit = f"mm ({spacing.source})" if spacing.known else "px"
    match mark.kind:
        case MarkKind.LENGTH:
            return (f"{distance(points[0], points[1], spacing):.1f} {unit}",)
        case MarkKind.ANGLE | MarkKind.COBB:
            angle = angle_of(mark, spacing)
            return ("no angle: a line has no length" if angle is None else f"{angle:.1f}°",)
        case MarkKind.BIDIRECTIONAL:
            long, short = (distance(points[at], points[at + 1], spacing) for at in (0, 2))
            return (f"{max(long, short):.1f} × {min(long, short):.1f} {unit}",)
        case MarkKind.HEART:
            return _heart_words(points, spacing, unit)
        case MarkKind.RECTANGLE | MarkKind.ELLIPSE | MarkKind.FREEHAND:
            return _region_lines(mark, frame, values)
    return ()


def _heart_words(points: Sequence[Point], spacing: PixelSpacing, unit: str) -> tuple[str, ...]:
    parts = heart_parts(points, spacing)
    if parts is None:
        return ("no ratio: the midline has no length",)
    left, right, thorax = parts
    heart = f"heart {left + right:.1f}"
    if left >= 0 and right >= 0:
        heart += f" ({left:.1f} + {right:.1f})"
    ratio = "no ratio: the thorax has no width" if thorax == 0 else f"CTR {(left + right) / thorax:.2f}"
    return ratio, heart, f"thorax {thorax:.1f} {unit}"


def _region_lines(mark: Mark, frame: Frame, values: NDArray[np.floating] | None) -> tuple[str, ...]:
    spans = region_spans(mark, frame.rows, frame.columns)
    if not len(spans):
        return ("no pixel",)
    found = region_statistics(frame, mark, values)
    if found is None:
        why = "no value: padding or no number" if frame.is_grey else "colour, no values"
        return why, _area_words(int((spans[:, 2] - spans[:, 1]).sum()), frame.spacing)
    units = f" {found.units}" if found.units else ""
    lines = [
        f"mean {number_words(found.mean)} ± {number_words(found.spread)}{units}",
        f"min {number_words(found.minimum)}  max {number_words(found.maximum)}",
    ]
    if frame.uptake is not None and frame.uptake.factor is not None and values is None:
        factor = frame.uptake.factor
        most = max(found.minimum * factor, found.maximum * factor)
        lines.append(f"SUVbw mean {number_words(found.mean * factor)}  max {number_words(most)} g/ml")
    return *lines, _area_words(found.pixels, frame.spacing)


def _probe_lines(
    frame: Frame,
    point: Point,
    values: NDArray[np.floating] | None,
    shown: Callable[[int, int], int | None] | None,
) -> tuple[str, ...]:
    row, column = floor(point[0]), floor(point[1])
    if not (0 <= row < frame.rows and 0 <= column < frame.columns):
        return ("outside the image",)
    stored = frame.stored[row, column]
    if not frame.is_grey:
        return ("red {}  green {}  blue {}".format(*(int(part) for part in stored)),)
    units = f" {frame.modality_transform.units}" if frame.modality_transform.units else ""
    if values is not None:
        return (f"value {number_words(float(values[row, column]))}{units}",)
    value = float(to_modality(np.asarray([stored]), frame.modality_transform)[0])
    lines = [f"stored {number_words(float(stored))}", f"value {number_words(value)}{units}"]
    if not frame.shows_image(np.asarray([stored]))[0]:
        lines.append("padding")
    presented = None if shown is None else shown(row, column)
    if presented is not None:
        lines.append(f"shown {presented}")
    if frame.uptake is not None and frame.uptake.factor is not None:
        lines.append(f"SUVbw {number_words(value * frame.uptake.factor)} g/ml")
    return tuple(lines)


def _area_mm2(pixels: int, spacing: PixelSpacing) -> float | None:
    if spacing.row_mm is None or spacing.column_mm is None:
        return None
    return float(pixels * spacing.row_mm * spacing.column_mm)


def _area_words(pixels: int, spacing: PixelSpacing) -> str:
    area = _area_mm2(pixels, spacing)
    return f"{pixels} px" if area is None else f"{area:.4g} mm² ({spacing.source}), {pixels} px"


def _counted(frame: Frame, stored: NDArray[np.generic]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Modality values of image pixels and how often each occurs: of many small numbers, each value once."""
    if stored.dtype.kind in "iu" and stored.dtype.itemsize <= 2 and stored.size > _MANY:
        codes = stored.view(f"u{stored.dtype.itemsize}")
        occurring = np.zeros(1 << 8 * stored.dtype.itemsize, np.int64)
        for first in range(0, codes.size, _MANY):  # of a size that stays in the processor's memory
            part = np.bincount(codes[first : first + _MANY])
            occurring[: part.size] += part
        present = np.flatnonzero(occurring)
        stored, counts = present.astype(codes.dtype).view(stored.dtype), occurring[present]
    else:
        counts = np.ones(stored.size, np.int64)
    image = frame.shows_image(stored)
    return to_modality(stored[image], frame.modality_transform), counts[image]


def _within(pixels: NDArray[np.generic], spans: NDArray[np.intp]) -> NDArray[np.generic]:
    return np.concatenate([pixels[row, first:end] for row, first, end in spans.tolist()])


def _spans(
    rows: NDArray[np.floating], first: NDArray[np.floating], end: NDArray[np.floating], columns: int
) -> NDArray[np.intp]:
    """Spans cut off at the sides of the frame; empty ones are none."""
    first, end = np.clip(first, 0, columns), np.clip(end, 0, columns)
    kept = first < end
    return np.stack([rows[kept], first[kept], end[kept]], axis=1).astype(np.intp)


def _inside(points: Sequence[Point], rows: int, columns: int) -> NDArray[np.intp]:
    """Spans inside a closed line: from each odd crossing of a row of pixel centres to the next even one."""
    centres = np.arange(rows) + 0.5
    every_row: list[NDArray[np.floating]] = [np.empty(0)]
    every_place: list[NDArray[np.floating]] = [np.empty(0)]
    for (row_1, column_1), (row_2, column_2) in pairwise((*points, points[0])):
        at = slice(*np.searchsorted(centres, sorted((row_1, row_2)), side="left"))
        if at.start < at.stop:
            share = (centres[at] - row_1) / (row_2 - row_1)
            every_place.append(np.ceil(column_1 + share * (column_2 - column_1) - 0.5))
            every_row.append(centres[at] - 0.5)
    row, place = np.concatenate(every_row), np.concatenate(every_place)
    order = np.lexsort((place, row))
    return _spans(row[order][::2], place[order][::2], place[order][1::2], columns)
