"""What the marks on a frame measure: numbers, and the words in which they are written everywhere.

Millimetres exist only where the spacing is known, and its source always stands beside them. No result is
ever "not a number": what cannot be said is None, and in words the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor

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
    inside = region_mask(mark, frame.rows, frame.columns)
    if not frame.is_grey or inside is None:
        return None
    (first_row, first_column), mask = inside
    box = np.s_[first_row : first_row + mask.shape[0], first_column : first_column + mask.shape[1]]
    stored = frame.stored[box][mask]
    if values is None:
        found, counts = _counted(frame, stored)
    else:
        found = values[box][mask].astype(np.float64)[frame.shows_image(stored)]
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


def region_mask(mark: Mark, rows: int, columns: int) -> tuple[tuple[int, int], NDArray[np.bool_]] | None:
    """First row and column of a box, and which of its pixels have their centres in the region.

    Edges belong to one of two neighbours. None for what is no region or has no pixel centre on the frame.
    """
    if not mark.kind.is_region:
        return None
    every_row, every_column = zip(*mark.points, strict=True)
    top, bottom, left, right = min(every_row), max(every_row), min(every_column), max(every_column)
    first_row, end_row = max(0, floor(min(top, rows))), min(rows, ceil(max(bottom, 0)))
    first_column, end_column = max(0, floor(min(left, columns))), min(columns, ceil(max(right, 0)))
    if first_row >= end_row or first_column >= end_column:
        return None
    down = np.arange(first_row, end_row)[:, None] + 0.5
    across = np.arange(first_column, end_column)[None, :] + 0.5
    if mark.kind is MarkKind.ELLIPSE:
        tiny = np.finfo(float).tiny
        with np.errstate(over="ignore"):
            from_middle = (down - (top + bottom) / 2) / max((bottom - top) / 2, tiny)
            aside = (across - (left + right) / 2) / max((right - left) / 2, tiny)
            mask = from_middle**2 + aside**2 <= 1.0
    elif mark.kind is MarkKind.RECTANGLE:
        mask = (down >= top) & (down < bottom) & (across >= left) & (across < right)
    else:
        mask = _inside(mark.points, (first_row, first_column), (end_row, end_column))
    return ((first_row, first_column), mask) if mask.any() else None


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
    inside = region_mask(mark, frame.rows, frame.columns)
    if inside is None:
        return ("no pixel",)
    found = region_statistics(frame, mark, values)
    if found is None:
        why = "no value: padding or no number" if frame.is_grey else "colour, no values"
        return why, _area_words(int(inside[1].sum()), frame.spacing)
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
        occurring = np.bincount(codes)
        present = np.flatnonzero(occurring)
        stored, counts = present.astype(codes.dtype).view(stored.dtype), occurring[present]
    else:
        counts = np.ones(stored.size, np.int64)
    image = frame.shows_image(stored)
    return to_modality(stored[image], frame.modality_transform), counts[image]


def _inside(points: Sequence[Point], first: tuple[int, int], end: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixel centres of a box lie inside a closed line, by how often one crosses it (even: outside)."""
    rows, columns = end[0] - first[0], end[1] - first[1]
    crossings = np.zeros((rows, columns + 1), np.int32)
    centres = np.arange(rows) + first[0] + 0.5
    for (row_1, column_1), (row_2, column_2) in zip(points, (*points[1:], points[0]), strict=True):
        low, high = min(row_1, row_2), max(row_1, row_2)
        at = slice(*np.searchsorted(centres, [low, high], side="left"))
        if at.start == at.stop:
            continue
        where = column_1 + (centres[at] - row_1) / (row_2 - row_1) * (column_2 - column_1)
        place = np.clip(np.ceil(where - 0.5) - first[1], 0, columns).astype(np.intp)
        crossings[np.arange(at.start, at.stop), place] += 1
    return np.asarray(np.cumsum(crossings, axis=1)[:, :-1] % 2 == 1)
