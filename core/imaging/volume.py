"""A stack of slices as one volume in the patient: its planes, thick slabs, and the way from voxels to mm.

Patient positions are millimetres in LPS: x towards the left, y towards the back, z towards the head
(PS3.3 C.7.6.2.1.1). Planes stand as radiologists hang them: the patient's right at the left of the
picture, the front or the head at its top. A plane is a view on the volume wherever it is one voxel thick.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from core.imaging.frame import Frame

Values = NDArray[np.int16] | NDArray[np.float32]
Point = tuple[float, float, float]
"""x, y, z in mm, LPS."""

VOLUME_MODALITIES = ("CT", "MR", "PT")
LEAST_SLICES = 3

_DIRECTIONS = (("R", "L"), ("A", "P"), ("F", "H"))
# A direction that leans less than this towards a second axis is named by one letter: cos 80°.
_LEANS = 0.1736


class Plane(StrEnum):
    """The three planes of the patient."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"


class Projection(StrEnum):
    """How the voxels of a thick slab become one."""

    MAXIMUM = "MIP"
    MINIMUM = "MinIP"
    MEAN = "mean"


@dataclass(frozen=True, slots=True, eq=False)
class SourceSlices:
    """Where the slices lie that a volume was made from.

    `distances_mm`: of each slice along `normal`, from the origin of the patient's coordinates. `numbers`: its
    place in the series, from 0.
    """

    normal: NDArray[np.float64]
    distances_mm: NDArray[np.float64]
    numbers: tuple[int, ...]

    def nearest(self, point: Point) -> int:
        """The slice next to a point, by its place in the series."""
        return self.numbers[int(np.argmin(np.abs(self.distances_mm - np.dot(self.normal, point))))]


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """Modality values on a regular grid with right angles.

    `values`: `(slices, rows, columns)`, int16 where that is exact, else float32; read-only. `affine`: 4 × 4,
    from (slice, row, column, 1) of a voxel's centre to its position in mm. `look`: a thinned copy of the
    values as one frame, which carries windows, units and inversion of the series; all planes are shown
    like it. `tilt_degrees`: the angle of the slices to the patient's axes. `corrections`: what had to be
    changed of the geometry, in sentences that a reader must see. `digest`: of all frames and their places.
    """

    values: Values
    affine: NDArray[np.float64]
    look: Frame
    sources: SourceSlices
    lowest: float
    highest: float
    digest: str
    tilt_degrees: float = 0.0
    corrections: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or min(self.values.shape) < 1:
            raise ValueError(f"Values of shape {self.values.shape} are no volume.")
        if self.values.dtype not in (np.int16, np.float32):
            raise ValueError(f"A volume holds int16 or float32, not {self.values.dtype}.")
        steps = self.affine[:3, :3]
        lengths = np.linalg.norm(steps, axis=0)
        if not np.isfinite(self.affine).all() or lengths.min() <= 0:
            raise ValueError("The affine of a volume has three directions of a length.")
        angles = (steps / lengths).T @ (steps / lengths) - np.eye(3)
        if np.abs(angles).max() > 0.01:
            raise ValueError("The directions of a volume are at right angles.")
        for name in ("values", "affine"):
            array = getattr(self, name).view()
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def units(self) -> str:
        """Units of the values; empty if the series names none."""
        return self.look.modality_transform.units

    @property
    def centre(self) -> Point:
        """The centre of the voxel in the middle of the volume."""
        middle = [length // 2 for length in self.values.shape]
        x, y, z = self.affine[:3, :3] @ middle + self.affine[:3, 3]
        return float(x), float(y), float(z)

    def value_at(self, point: Point) -> float | None:
        """The value of the voxel that a point lies in; None outside."""
        place = np.linalg.solve(self.affine[:3, :3], np.asarray(point) - self.affine[:3, 3])
        voxel = np.floor(place + 0.5).astype(int)
        if (voxel < 0).any() or (voxel >= self.values.shape).any():
            return None
        return float(self.values[tuple(voxel)])


@dataclass(frozen=True, slots=True, eq=False)
class PlaneGrid:
    """How the pictures of one plane lie in a volume.

    `shape`: (number of pictures, rows, columns). `spacing_mm`: from picture to picture, row to row, column to
    column. `affine`: 4 × 4, from (picture, row, column, 1) of a pixel's centre to mm. `letters`: patient
    directions towards the right of a row and the bottom of a column, as in `FrameSource`.
    """

    plane: Plane
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    affine: NDArray[np.float64]
    letters: tuple[str, str]
    axes: tuple[int, int, int]
    turned: tuple[bool, bool, bool]

    def to_patient(self, picture: float, row: float, column: float) -> Point:
        """The position in mm of a continuous frame position; pixel (r, c) covers r to r + 1, c to c + 1."""
        place = np.array([picture, row - 0.5, column - 0.5])
        x, y, z = self.affine[:3, :3] @ place + self.affine[:3, 3]
        return float(x), float(y), float(z)

    def from_patient(self, point: Point) -> tuple[float, float, float]:
        """(picture, row, column) of a position: the picture as a fraction, row and column continuous."""
        offset = np.asarray(point, np.float64) - self.affine[:3, 3]
        picture, row, column = np.linalg.solve(self.affine[:3, :3], offset)
        return float(picture), float(row) + 0.5, float(column) + 0.5

    def picture_at(self, point: Point) -> int:
        """The picture that a point lies in, or the first or last one."""
        return min(max(round(self.from_patient(point)[0]), 0), self.shape[0] - 1)

    def slab(self, picture: int, thickness_mm: float) -> tuple[int, int]:
        """First and one past the last picture of a slab around one; at least one, fewer at the ends."""
        count = max(1, round(thickness_mm / self.spacing_mm[0]))
        first = picture - (count - 1) // 2
        return max(first, 0), min(first + count, self.shape[0])


def why_no_volume(modality: str, slices: int) -> str:
    """Why a series cannot be seen as a volume, as far as a glance at it tells; "" if it may be one."""
    if modality not in VOLUME_MODALITIES:
        return f"Planes are for CT, MR and PET, not for {modality or 'images of unknown modality'}."
    if slices < LEAST_SLICES:
        return f"A volume takes {LEAST_SLICES} slices; this series has {slices}."
    return ""


def plane_grid(volume: Volume, plane: Plane) -> PlaneGrid:
    """How a plane lies in a volume: along those of its axes that are nearest to the patient's."""
    steps = volume.affine[:3, :3]
    axis_of = nearest_axes(steps)
    # Which patient axis runs through the pictures, down the rows and along the columns, and which way.
    wanted = {
        Plane.AXIAL: ((2, 1), (1, 1), (0, 1)),
        Plane.CORONAL: ((1, 1), (2, -1), (0, 1)),
        Plane.SAGITTAL: ((0, 1), (2, -1), (1, 1)),
    }[plane]
    axes = tuple(axis_of[patient] for patient, _ in wanted)
    turned = tuple(
        bool(steps[patient, axis] * way < 0) for axis, (patient, way) in zip(axes, wanted, strict=True)
    )
    shape = tuple(int(volume.values.shape[axis]) for axis in axes)
    affine = np.eye(4)
    affine[:3, 3] = volume.affine[:3, 3]
    for place, (axis, turn, length) in enumerate(zip(axes, turned, shape, strict=True)):
        affine[:3, place] = -steps[:, axis] if turn else steps[:, axis]
        if turn:
            affine[:3, 3] += steps[:, axis] * (length - 1)
    affine.setflags(write=False)
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    return PlaneGrid(
        plane=plane,
        shape=(shape[0], shape[1], shape[2]),
        spacing_mm=(float(lengths[0]), float(lengths[1]), float(lengths[2])),
        affine=affine,
        letters=(direction_letters(affine[:3, 2]), direction_letters(affine[:3, 1])),
        axes=(axes[0], axes[1], axes[2]),
        turned=(turned[0], turned[1], turned[2]),
    )


def picture_of(
    volume: Volume, grid: PlaneGrid, picture: int, thickness_mm: float = 0.0, how: Projection | None = None
) -> Values:
    """One picture of a plane, `(rows, columns)`: a view of the volume, or the projection of a slab.

    Means of whole numbers are rounded. Any thread.
    """
    first, last = grid.slab(picture, thickness_mm) if how is not None else (picture, picture + 1)
    count = grid.shape[0]
    if grid.turned[0]:
        first, last = count - last, count - first
    through, down, across = grid.axes
    cut: list[slice] = [slice(None)] * 3
    cut[through] = slice(first, last)
    part = volume.values[tuple(cut)]
    flat = part[tuple(0 if axis == through else slice(None) for axis in range(3))]
    if how is not None and last - first > 1:
        flat = _projected(part, through, how)
    # What is left of the axes is in their order: turn it if the plane's rows come after its columns.
    if down > across:
        flat = flat.T
    return flat[:: -1 if grid.turned[1] else 1, :: -1 if grid.turned[2] else 1]


def slab_voxels(grid: PlaneGrid, picture: int, thickness_mm: float) -> int:
    """How many voxels a slab holds: what its projection costs."""
    first, last = grid.slab(picture, thickness_mm)
    return (last - first) * grid.shape[1] * grid.shape[2]


def nearest_axes(steps: NDArray[np.float64]) -> tuple[int, int, int]:
    """For the patient's x, y and z, the column of `steps` that runs along it best, each once."""
    directions = np.abs(steps / np.linalg.norm(steps, axis=0))
    x, y, z = max(
        permutations(range(3)), key=lambda order: sum(directions[k, axis] for k, axis in enumerate(order))
    )
    return x, y, z


def direction_letters(direction: NDArray[np.float64]) -> str:
    """Letters of a direction in the patient, the strongest first: "L", "LA", "PHR" (PS3.3 C.7.6.1.1.1)."""
    unit = direction / np.linalg.norm(direction)
    order = np.argsort(-np.abs(unit), kind="stable")
    return "".join(_DIRECTIONS[axis][int(unit[axis] > 0)] for axis in order if abs(unit[axis]) > _LEANS)


def place_words(point: Point) -> str:
    """A position in the reader's words: "R 12.3 P 40.1 H 20.0 mm"."""
    parts = [f"{_DIRECTIONS[axis][int(value >= 0)]} {abs(value):.1f}" for axis, value in enumerate(point)]
    return f"{' '.join(parts)} mm"


def height_words(grid: PlaneGrid, point: Point) -> str:
    """Where a plane stands along the patient's axis that it cuts: "H 20.0 mm"."""
    axis = {Plane.AXIAL: 2, Plane.CORONAL: 1, Plane.SAGITTAL: 0}[grid.plane]
    return f"{_DIRECTIONS[axis][int(point[axis] >= 0)]} {abs(point[axis]):.1f} mm"


def _projected(part: Values, axis: int, how: Projection) -> Values:
    if how is Projection.MAXIMUM:
        return np.asarray(part.max(axis=axis))
    if how is Projection.MINIMUM:
        return np.asarray(part.min(axis=axis))
    if part.dtype == np.float32:
        return np.asarray(part.mean(axis=axis, dtype=np.float64).astype(np.float32))
    total = np.add.reduce(part, axis=axis, dtype=np.int32)
    return np.asarray(np.rint(total / part.shape[axis]).astype(np.int16))
