"""From slices with their places in the patient to a volume: even, upright, and what had to be changed said.

Slices that are evenly spaced, stacked straight and along the patient's axes become a volume untouched. Uneven
spacing, a tilted gantry (the stack is sheared) and slices that lie obliquely are resampled linearly, the last
two in one pass by SimpleITK. What cannot be one volume is refused in a sentence.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray

from core.errors import ProductError
from core.imaging.frame import Frame
from core.imaging.volume import LEAST_SLICES, SourceSlices, Values, Volume, nearest_axes
from core.jobs import NO_JOB, JobContext

# Positions closer than this are the same place: scanners write them with three or four decimals.
_SAME_PLACE_MM = 1e-3
# Spacing is called uneven from this part of its median on.
_UNEVEN_PART = 0.02
# A stack is straight while its slices stay in line to this part of a pixel.
_ASKEW_PIXELS = 0.5
UPRIGHT_DEGREES = 1.0
"""Slices along the patient's axes to this angle are shown as they are."""
_THINNED_SIDE = 64
_BLOCK_SLICES = 8


class Axes(StrEnum):
    """Along which directions a volume lies."""

    PATIENT = "patient"
    SLICES = "slices"


@dataclass(frozen=True, slots=True, eq=False)
class PlacedSlices:
    """Slices of one size as they were read, in the order of the series.

    `values`: `(slices, rows, columns)` modality values. `positions_mm`: `(slices, 3)`, the centres of their
    first pixels. `along_row`, `along_column`: unit vectors towards the next column and the next row (the two
    halves of Image Orientation (Patient)). `look`: see `Volume`. `digests` and `numbers`: of each slice, the
    latter its place in the series, from 0. `corrections`: what a reader must know of the slices already.
    """

    values: Values
    positions_mm: NDArray[np.float64]
    along_row: NDArray[np.float64]
    along_column: NDArray[np.float64]
    row_mm: float
    column_mm: float
    look: Frame
    digests: tuple[str, ...]
    numbers: tuple[int, ...]
    corrections: tuple[str, ...] = ()

    @property
    def normal(self) -> NDArray[np.float64]:
        """Row direction × column direction (PS3.3 C.7.6.2.1.1)."""
        normal = np.cross(self.along_row, self.along_column)
        return np.asarray(normal / np.linalg.norm(normal))

    @property
    def axes(self) -> NDArray[np.float64]:
        """Unit vectors along the normal, down the rows and along the columns, side by side."""
        return np.stack([self.normal, self.along_column, self.along_row], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Values on the way to a volume; `affine` may still be sheared or oblique."""

    values: Values
    affine: NDArray[np.float64]
    corrections: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def volume_of(stack: PlacedSlices, *, axes: Axes = Axes.PATIENT, ctx: JobContext = NO_JOB) -> Volume:
    """The volume of a stack along the axes of the patient, or of its slices where those lie obliquely.

    Raises `ProductError` for what is no volume. Any thread; stops at `ctx.checkpoint`.
    """
    lowest, highest = float(stack.values.min()), float(stack.values.max())
    grid = _even(stack, ctx)
    grid = _upright(grid, stack, axes, lowest, ctx)
    identity = hashlib.sha256("".join(stack.digests).encode())
    identity.update(stack.positions_mm.tobytes() + grid.affine.tobytes())
    return Volume(
        values=grid.values,
        affine=grid.affine,
        look=stack.look,
        sources=SourceSlices(stack.normal, stack.positions_mm @ stack.normal, stack.numbers),
        lowest=lowest,
        highest=highest,
        digest=identity.hexdigest(),
        tilt_degrees=_tilt_degrees(stack.axes),
        corrections=(*stack.corrections, *grid.corrections),
        notes=grid.notes,
    )


def bytes_needed(
    affine: NDArray[np.float64], shape: tuple[int, int, int], itemsize: int, axes: Axes, *, even: bool
) -> int:
    """Memory at the fullest moment while slices become a volume; before they are read.

    `affine` from (slice, row, column) to mm and `shape` are those of the slices; `even`: at one distance.
    """
    slices = math.prod(shape) * itemsize
    steps = affine[:3, :3]
    normal = np.cross(steps[:, 2], steps[:, 1])
    own = np.stack([normal, steps[:, 1], steps[:, 2]], axis=1)
    directions = _resampled_to(affine, shape[0], own / np.linalg.norm(own, axis=0), axes)
    needed = slices + slices // 8 if even else 2 * slices
    if directions is not None:
        # SimpleITK works on a copy of its own.
        needed += slices + math.prod(_box(affine, shape, directions)[0]) * itemsize
    return needed


def thinned(values: Values) -> Values:
    """Every n-th voxel of a volume as one picture `(rows, columns)`: for windows that suit all of it."""
    step = tuple(max(1, length // _THINNED_SIDE) for length in values.shape)
    few = values[:: step[0], :: step[1], :: step[2]]
    picture: Values = np.ascontiguousarray(few.reshape(-1, few.shape[2]))  # type: ignore[assignment]  # dtype of `values`
    picture.setflags(write=False)
    return picture


def _even(stack: PlacedSlices, ctx: JobContext) -> _Grid:
    """Slices in order along the normal at one distance; doubled places keep their first slice."""
    along = stack.positions_mm @ stack.normal
    order = np.argsort(np.round(along, 3), kind="stable")
    kept = order[np.concatenate([[True], np.diff(along[order]) > _SAME_PLACE_MM])]
    if len(kept) < LEAST_SLICES:
        raise ProductError(
            f"{_slices(len(kept))} at places of their own make no volume; it takes {LEAST_SLICES}.",
            "Choose a series with more slices.",
        )
    corrections: list[str] = []
    if len(kept) < len(order):
        corrections.append(
            f"{_slices(len(order) - len(kept))} at the place of another one: the first at each place is used."
        )
    places, positions = along[kept], stack.positions_mm[kept]
    offsets = positions - positions[0]
    share = (places - places[0]) / (places[-1] - places[0])
    astray = float(np.linalg.norm(offsets - share[:, None] * offsets[-1], axis=1).max())
    if astray > _ASKEW_PIXELS * min(stack.row_mm, stack.column_mm):
        raise ProductError(
            f"The slices do not lie in one line: some are {astray:.1f} mm beside it.",
            "This series can be looked at slice by slice.",
        )
    steps = np.diff(places)
    usual = float(np.median(steps))
    values = stack.values if np.array_equal(kept, np.arange(len(order))) else stack.values[kept]
    count = len(kept)
    if float(np.abs(steps - usual).max()) > max(_UNEVEN_PART * usual, 0.01):
        count = round((places[-1] - places[0]) / _even_step(steps)) + 1
        step = (places[-1] - places[0]) / (count - 1)
        corrections.append(
            f"Slice spacing is uneven ({steps.min():.2f} to {steps.max():.2f} mm): the slices were "
            f"interpolated to one every {step:.2f} mm."
        )
        values = _interpolated(values, places, count, ctx)
    affine = np.eye(4)
    affine[:3, 0] = offsets[-1] / (count - 1)
    affine[:3, 1] = stack.along_column * stack.row_mm
    affine[:3, 2] = stack.along_row * stack.column_mm
    affine[:3, 3] = positions[0]
    return _Grid(values, affine, tuple(corrections))


def _even_step(steps: NDArray[np.float64]) -> float:
    """The spacing that loses no slice, unless a few lie so close that the volume would become huge."""
    usual = float(np.median(steps))
    return max(float(steps.min()), usual / 4)


def _interpolated(values: Values, places: NDArray[np.float64], count: int, ctx: JobContext) -> Values:
    """Slices at `count` even places between the first and the last."""
    made = np.empty((count, *values.shape[1:]), values.dtype)
    for number, wanted in enumerate(np.linspace(places[0], places[-1], count)):
        ctx.report(number, count, "evening out the slices")
        above = min(max(int(np.searchsorted(places, wanted, side="right")), 1), len(places) - 1)
        share = float((wanted - places[above - 1]) / (places[above] - places[above - 1]))
        mixed = values[above - 1].astype(np.float32)
        mixed += np.float32(share) * (values[above].astype(np.float32) - mixed)
        made[number] = np.rint(mixed) if made.dtype == np.int16 else mixed
    return made


def _upright(grid: _Grid, stack: PlacedSlices, axes: Axes, lowest: float, ctx: JobContext) -> _Grid:
    """A grid with right angles, along the patient's axes where that is wished for."""
    normal = stack.normal
    step = grid.affine[:3, 0]
    tilt = _tilt_degrees(stack.axes)
    directions = _resampled_to(grid.affine, len(grid.values), stack.axes, axes)
    corrections, notes = grid.corrections, grid.notes
    if directions is None:
        if tilt > UPRIGHT_DEGREES:
            notes += (f"The planes lie along the slices, {tilt:.0f}° oblique to the patient's axes.",)
        straight = grid.affine.copy()
        straight[:3, 0] = normal * (step @ normal)
        return _Grid(grid.values, straight, corrections, notes)
    if _is_askew(grid.affine, len(grid.values), normal):
        lean = math.degrees(math.acos(min(float(step @ normal) / float(np.linalg.norm(step)), 1.0)))
        corrections += (
            f"The slices are stacked askew by {lean:.1f}°, as with a tilted gantry: they were resampled "
            "to a grid with right angles.",
        )
    else:
        notes += (f"The slices lie {tilt:.0f}° oblique; the planes were resampled to the patient's axes.",)
    values, affine = _resampled(grid, directions, lowest, ctx)
    return _Grid(values, affine, corrections, notes)


def _resampled_to(
    affine: NDArray[np.float64], slices: int, own: NDArray[np.float64], axes: Axes
) -> NDArray[np.float64] | None:
    """The directions to which slices along `own` must be resampled; None if they can stay as they are."""
    oblique = axes is Axes.PATIENT and _tilt_degrees(own) > UPRIGHT_DEGREES
    if oblique:
        nearest = nearest_axes(own)
        wanted = np.eye(3)[:, [nearest.index(axis) for axis in range(3)]]
        return np.asarray(wanted * np.sign(np.sum(wanted * own, axis=0)))
    return own if _is_askew(affine, slices, own[:, 0]) else None


def _is_askew(affine: NDArray[np.float64], slices: int, normal: NDArray[np.float64]) -> bool:
    """Whether the last slice lies beside the first one by more than a part of a pixel."""
    step = affine[:3, 0]
    aside = (step - normal * (step @ normal)) * (slices - 1)
    pixel_mm = np.linalg.norm(affine[:3, 1:3], axis=0).min()
    return bool(np.linalg.norm(aside) > _ASKEW_PIXELS * pixel_mm)


def _tilt_degrees(directions: NDArray[np.float64]) -> float:
    """The largest angle between the directions (columns) and the patient's axes next to them."""
    nearest = nearest_axes(directions)
    cosines = [abs(float(directions[k, axis])) for k, axis in enumerate(nearest)]
    return math.degrees(math.acos(min(min(cosines), 1.0)))


def _resampled(
    grid: _Grid, directions: NDArray[np.float64], lowest: float, ctx: JobContext
) -> tuple[Values, NDArray[np.float64]]:
    """Linear resampling to the box along `directions` that holds all voxels; outside is the lowest value."""
    shape, affine = _box(grid.affine, grid.values.shape, directions)
    # Output index straight to input index, both in SimpleITK's order: no physical space in between.
    way = (np.linalg.inv(grid.affine) @ affine)[[2, 1, 0, 3]][:, [2, 1, 0, 3]]
    source = sitk.GetImageFromArray(grid.values)
    values = np.empty(shape, grid.values.dtype)
    for start in range(0, shape[0], _BLOCK_SLICES):
        ctx.report(start, shape[0], "resampling")
        stop = min(start + _BLOCK_SLICES, shape[0])
        transform = sitk.AffineTransform(3)
        transform.SetMatrix(way[:3, :3].ravel().tolist())
        transform.SetTranslation((way[:3, 3] + way[:3, 2] * start).tolist())
        block = sitk.Resample(
            source,
            [shape[2], shape[1], stop - start],
            transform,
            sitk.sitkLinear,
            [0.0, 0.0, 0.0],
            [1.0, 1.0, 1.0],
            np.eye(3).ravel().tolist(),
            lowest,
            sitk.sitkFloat32,  # SimpleITK would cut the fractions off
        )
        made = sitk.GetArrayViewFromImage(block)
        values[start:stop] = np.rint(made) if values.dtype == np.int16 else made
    return values, affine


def _box(
    affine: NDArray[np.float64], shape: tuple[int, ...], directions: NDArray[np.float64]
) -> tuple[tuple[int, int, int], NDArray[np.float64]]:
    """Shape and affine of the grid along `directions` that holds all voxels of another.

    Spacing along each direction follows how densely the slices sample it, so that nothing is lost.
    """
    spacing = 1 / np.linalg.norm(np.linalg.inv(affine)[:3, :3] @ directions, axis=0)
    corners = np.array(np.meshgrid(*[[0, length - 1] for length in shape])).reshape(3, -1)
    reached = directions.T @ (affine[:3, :3] @ corners + affine[:3, 3:])
    first, last = reached.min(axis=1), reached.max(axis=1)
    counts = np.ceil((last - first) / spacing - 1e-6).astype(int) + 1
    first = (first + last) / 2 - (counts - 1) * spacing / 2
    box = np.eye(4)
    box[:3, :3] = directions * spacing
    box[:3, 3] = directions @ first
    return (int(counts[0]), int(counts[1]), int(counts[2])), box


def _slices(count: int) -> str:
    return "1 slice" if count == 1 else f"{count} slices"
