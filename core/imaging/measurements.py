"""Length, angle and region statistics that a reader draws on a frame.

Points are (row, column) in frame pixels, 0 being the outer edge of the first pixel, so that the centre of
pixel (r, c) lies at (r + 0.5, c + 0.5). Millimetres exist only where the spacing is known, and its source
is always shown beside them. No result is ever "not a number": what cannot be said is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import acos, ceil, degrees, floor, hypot

import numpy as np

from core.imaging.display import to_modality
from core.imaging.frame import Frame, PixelSpacing

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Length:
    """A straight line between two points."""

    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Drawings:
    """What a reader drew on a frame: lengths, and arrows from tail to tip.

    Everywhere named alike, window, picture and report: M1, M2 ... and A1, A2 ... in the order of drawing.
    """

    lengths: tuple[Length, ...] = ()
    arrows: tuple[Length, ...] = ()

    @property
    def named_lengths(self) -> tuple[tuple[str, Length], ...]:
        """Each length with its name."""
        return tuple((f"M{number}", one) for number, one in enumerate(self.lengths, 1))

    @property
    def named_arrows(self) -> tuple[tuple[str, Length], ...]:
        """Each arrow with its name."""
        return tuple((f"A{number}", one) for number, one in enumerate(self.arrows, 1))


@dataclass(frozen=True, slots=True)
class Angle:
    """The angle at `vertex` between the arms to `first` and `second`."""

    first: Point
    vertex: Point
    second: Point


class RegionShape(StrEnum):
    """What is drawn into the two corners of a region."""

    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle, or the ellipse in it, between two opposite corners given in any order."""

    shape: RegionShape
    corner: Point
    opposite: Point

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(top, left, bottom, right) in frame pixels."""
        rows = sorted((self.corner[0], self.opposite[0]))
        columns = sorted((self.corner[1], self.opposite[1]))
        return rows[0], columns[0], rows[1], columns[1]


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


def length_px(length: Length) -> float:
    """Length in pixels, as if they were square."""
    return hypot(length.end[0] - length.start[0], length.end[1] - length.start[1])


def length_mm(length: Length, spacing: PixelSpacing) -> float | None:
    """Length in mm; None while the spacing is unknown."""
    if spacing.row_mm is None or spacing.column_mm is None:
        return None
    return hypot(
        (length.end[0] - length.start[0]) * spacing.row_mm,
        (length.end[1] - length.start[1]) * spacing.column_mm,
    )


def length_words(length: Length, spacing: PixelSpacing) -> str:
    """The length in mm and where their size comes from; in pixels while the spacing is unknown."""
    in_mm = length_mm(length, spacing)
    if in_mm is None:
        return f"{length_px(length):.1f} px"
    return f"{in_mm:.1f} mm ({spacing.source})"


def angle_degrees(angle: Angle, spacing: PixelSpacing) -> float | None:
    """The angle between the arms, 0 to 180; None if an arm has no length.

    Pixels that are not square are taken into account; of unknown pixels we assume that they are.
    """
    row_mm, column_mm = spacing.row_mm or 1.0, spacing.column_mm or 1.0
    arms = [
        ((point[0] - angle.vertex[0]) * row_mm, (point[1] - angle.vertex[1]) * column_mm)
        for point in (angle.first, angle.second)
    ]
    lengths = hypot(*arms[0]), hypot(*arms[1])
    if 0.0 in lengths:
        return None
    (down_1, right_1), (down_2, right_2) = (
        (down / length, right / length) for (down, right), length in zip(arms, lengths, strict=True)
    )
    return degrees(acos(max(-1.0, min(1.0, down_1 * down_2 + right_1 * right_2))))


def region_statistics(frame: Frame, region: Region) -> RegionStatistics | None:
    """Statistics of a grey frame inside a region; None if no valid pixel centre lies in it.

    Padding and values that are not finite do not count; what lies outside the frame is cut off.
    """
    if not frame.is_grey:
        return None
    top, left, bottom, right = region.box
    first_row, end_row = max(0, floor(top)), min(frame.rows, ceil(bottom))
    first_column, end_column = max(0, floor(left)), min(frame.columns, ceil(right))
    if first_row >= end_row or first_column >= end_column:
        return None
    stored = frame.stored[first_row:end_row, first_column:end_column]
    rows = np.arange(first_row, end_row)[:, None] + 0.5
    columns = np.arange(first_column, end_column)[None, :] + 0.5
    if region.shape is RegionShape.ELLIPSE:
        down = (rows - (top + bottom) / 2) / max((bottom - top) / 2, np.finfo(float).tiny)
        across = (columns - (left + right) / 2) / max((right - left) / 2, np.finfo(float).tiny)
        with np.errstate(over="ignore"):
            inside = down**2 + across**2 <= 1.0
    else:
        inside = (rows >= top) & (rows < bottom) & (columns >= left) & (columns < right)
    values = to_modality(stored, frame.modality_transform)
    counted = values[inside & frame.shows_image(stored) & np.isfinite(values)]
    if counted.size == 0:
        return None
    row_mm, column_mm = frame.spacing.row_mm, frame.spacing.column_mm
    area_mm2 = None
    if row_mm is not None and column_mm is not None:
        area_mm2 = float(counted.size * row_mm * column_mm)
    return RegionStatistics(
        pixels=int(counted.size),
        mean=float(counted.mean()),
        spread=float(counted.std()),
        minimum=float(counted.min()),
        maximum=float(counted.max()),
        units=frame.modality_transform.units,
        area_mm2=area_mm2,
    )
