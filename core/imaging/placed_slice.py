"""Where one slice lies in the patient: from its rows and columns to millimetres and back."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.imaging.volume import Point

# Planes that lean to each other by less than 5 degrees are looked at alike.
_PARALLEL = math.cos(math.radians(5))


@dataclass(frozen=True, slots=True, eq=False)
class PlacedSlice:
    """Where one shown slice lies: the centre of its first pixel, steps to the next column and row, in mm.

    `normal`: the unit vector at right angles to rows and columns.
    """

    first: NDArray[np.float64]
    to_column: NDArray[np.float64]
    to_row: NDArray[np.float64]
    normal: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        normal = np.array(_cross(self.to_column.tolist(), self.to_row.tolist()))
        object.__setattr__(self, "normal", normal / math.sqrt(float(normal @ normal)))

    @classmethod
    def of(
        cls, position_mm: Point, orientation: tuple[Point, Point], row_mm: float, column_mm: float
    ) -> PlacedSlice | None:
        """From Image Position and Orientation (Patient), PS3.3 C.7.6.2.1.1; None if they span no plane."""
        along_row, along_column = (np.array(direction, np.float64) for direction in orientation)
        if not math.hypot(*_cross(along_row.tolist(), along_column.tolist())) > 0.5:
            return None
        return cls(np.array(position_mm, np.float64), along_row * column_mm, along_column * row_mm)

    @property
    def distance_mm(self) -> float:
        """How far along its normal the slice lies from the origin of the patient's axes."""
        return float(self.first @ self.normal)

    def looks_like(self, other: PlacedSlice) -> bool:
        """Whether both planes are parallel, but for five degrees, and are looked at from the same side."""
        return float(self.normal @ other.normal) > _PARALLEL

    def to_patient(self, row: float, column: float) -> Point:
        """The position of a continuous frame position; pixel (r, c) covers r to r + 1, c to c + 1."""
        x, y, z = self.first + self.to_row * (row - 0.5) + self.to_column * (column - 0.5)
        return float(x), float(y), float(z)

    def from_patient(self, point: Point) -> tuple[float, float, float]:
        """(distance from the slice in mm, row, column) of a position."""
        axes = np.stack([self.normal, self.to_row, self.to_column], axis=1)
        distance, row, column = np.linalg.solve(axes, np.asarray(point) - self.first)
        return float(distance), float(row) + 0.5, float(column) + 0.5

    def cut_by(self, other: PlacedSlice, rows: int, columns: int) -> tuple[Point2, Point2] | None:
        """Where another plane cuts this slice of so many pixels: two ends of a line, as (row, column).

        None where the planes are nearly parallel, or meet outside of the slice. The line is that of the whole
        other plane, not of its field of view.
        """
        across = float(other.normal @ self.to_column)
        down = float(other.normal @ self.to_row)
        steepest = math.hypot(across / np.linalg.norm(self.to_column), down / np.linalg.norm(self.to_row))
        if steepest < math.sqrt(1 - _PARALLEL**2):
            return None
        # In frame positions: across * (column - 0.5) + down * (row - 0.5) = height.
        height = float(other.normal @ (other.first - self.first)) + 0.5 * (across + down)
        ends = []
        for row in (0.0, float(rows)):
            if across != 0 and 0 <= (height - down * row) / across <= columns:
                ends.append((row, (height - down * row) / across))
        for column in (0.0, float(columns)):
            if down != 0 and 0 <= (height - across * column) / down <= rows:
                ends.append(((height - across * column) / down, column))
        if len(ends) < 2:
            return None
        longest = max(
            ((one, two) for one in ends for two in ends), key=lambda pair: math.dist(pair[0], pair[1])
        )
        return longest if math.dist(*longest) > 0 else None


Point2 = tuple[float, float]
"""Frame (row, column)."""


def _cross(one: list[float], other: list[float]) -> tuple[float, float, float]:
    # Of three numbers each: `numpy.cross` takes 20 times as long, and this is asked at each scroll step.
    (a, b, c), (d, e, f) = one, other
    return b * f - c * e, c * d - a * f, a * e - b * d
