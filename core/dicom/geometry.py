"""The volume that a series spans: one affine from (column, row, slice) to the patient, and whether it holds.

PS3.3 C.7.6.2.1.1 gives the place of a pixel of one slice; the step from slice to slice is measured on the
positions, never taken from Slice Thickness. What keeps a series from being a regular grid is said in words.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.dicom.frame_places import FramePlace, place_of_frame
from core.dicom.stacks import even_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.dicom.index import Instance, Series

# Cosines that differ by more, and rows that are not at right angles to columns by more, are another plane.
_SAME_DIRECTION = 1e-3
# A step that leans from the normal by less shifts no slice of a usual stack by a pixel.
_UPRIGHT_DEG = 0.1
_SAME_SPACING_PART = 1e-3
_OTHER_DIRECTIONS = "The images look in different directions."


@dataclass(frozen=True, slots=True, eq=False)
class StackGeometry:
    """Where the pixels of a stack lie, in the order of `frames_of`.

    `affine` (4, 4) float64, read-only: (column, row, slice, 1) → mm in the patient's LPS axes; for an
    irregular stack it is right for the first slice and in the mean for the others. `places_mm` is where
    each slice really lies along the normal, from the first one. `regular`: one grid, at right angles, and
    every slice on it within a fiftieth of a step; `reasons` says why not. `shear_deg` is the lean of the
    steps from the normal, as a tilted gantry leaves it. `spacing_mm` is (slice, row, column). `obstacles` are
    those of the reasons that no resampling mends.
    """

    affine: NDArray[np.float64]
    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    places_mm: tuple[float, ...]
    shear_deg: float
    reasons: tuple[str, ...]
    obstacles: tuple[str, ...] = ()

    @property
    def regular(self) -> bool:
        """Whether the affine holds for every pixel."""
        return not self.reasons


def stack_geometry(series: Series) -> StackGeometry | None:
    """Geometry of a stack; None if an image has no place, no direction or no spacing in mm. Any thread."""
    from core.dicom.index import StudyIndex  # the index knows the order, and stands above this module

    frames = StudyIndex.frames_of(series)
    places = [place_of_frame(instance, frame_index) for instance, frame_index in frames]
    if not places or not all(one.position_mm and one.orientation and one.spacing.known for one in places):
        return None
    positions = np.array([one.position_mm for one in places], np.float64)
    row, column = _directions(places[0])
    normal = np.cross(row, column)
    normal /= np.linalg.norm(normal)
    along = (positions - positions[0]) @ normal
    obstacles = _of_planes(places, float(row @ column)) + _of_sizes([instance for instance, _ in frames])
    reasons = [*obstacles]
    count = len(frames)
    step = (positions[-1] - positions[0]) / (count - 1) if count > 1 else normal.copy()
    spacing_mm = float(step @ normal)
    shear_deg = 0.0
    if count == 1:
        reasons.append("There is one slice only; the distance to a next one is not known.")
    elif _OTHER_DIRECTIONS not in reasons:
        steps = even_steps(along.tolist())
        reasons.extend(steps.notes)
        if spacing_mm <= 0 and not steps.notes:
            reasons.append("The slices do not rise along their normal.")
        if spacing_mm <= 0:
            step, spacing_mm = normal.copy(), 1.0
        else:
            shear_deg = math.degrees(math.acos(min(spacing_mm / float(np.linalg.norm(step)), 1.0)))
        reasons.extend(_of_lean(positions, step, normal, shear_deg, spacing_mm))
    first = places[0].spacing
    row_mm, column_mm = float(first.row_mm or 0), float(first.column_mm or 0)
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = row * column_mm, column * row_mm, step
    affine[:3, 3] = positions[0]
    affine.setflags(write=False)
    instance = frames[0][0]
    return StackGeometry(
        affine,
        (count, instance.rows, instance.columns),
        (spacing_mm, row_mm, column_mm),
        tuple(along.tolist()),
        shear_deg,
        tuple(dict.fromkeys(reasons)),
        tuple(obstacles),
    )


def _directions(place: FramePlace) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors along a row and down a column."""
    row, column = np.array(place.orientation, np.float64)
    row = row / np.linalg.norm(row)
    column = column / np.linalg.norm(column)
    return row, column


def _of_planes(places: list[FramePlace], cosine: float) -> list[str]:
    """Why the planes of the slices are no grid."""
    reasons = []
    if abs(cosine) > _SAME_DIRECTION:
        reasons.append("The rows are not at right angles to the columns.")
    cosines = np.array([one.orientation for one in places], np.float64)
    if np.abs(cosines - cosines[0]).max() > _SAME_DIRECTION:
        reasons.append(_OTHER_DIRECTIONS)
    spacings = np.array([(one.spacing.row_mm, one.spacing.column_mm) for one in places], np.float64)
    if (np.abs(spacings - spacings[0]) > _SAME_SPACING_PART * spacings[0]).any():
        reasons.append("The images differ in pixel spacing.")
    return reasons


def _of_sizes(instances: list[Instance]) -> list[str]:
    sizes = {(one.rows, one.columns) for one in instances}
    return ["The images differ in rows and columns."] if len(sizes) > 1 else []


def _of_lean(
    positions: NDArray[np.float64],
    step: NDArray[np.float64],
    normal: NDArray[np.float64],
    shear_deg: float,
    spacing_mm: float,
) -> list[str]:
    """Why the slices do not stand straight above each other."""
    reasons = []
    if shear_deg > _UPRIGHT_DEG:
        reasons.append(
            f"The slices are shifted against each other (tilt {shear_deg:.1f}°), as with a tilted gantry."
        )
    # How far each slice lies beside the straight line through the first and the last one.
    beside = positions - positions[0] - np.outer(np.arange(len(positions)), step)
    beside -= np.outer(beside @ normal, normal)
    farthest = float(np.linalg.norm(beside, axis=1).max())
    if farthest > max(0.1 * spacing_mm, 0.1):
        reasons.append(f"The slices do not lie on one line: up to {farthest:.1f} mm beside it.")
    return reasons
