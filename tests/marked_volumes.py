"""Volumes made in code with marks at known places in the patient, as stacks and as DICOM series."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from phantoms import uid, write_grey
from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, EnhancedCTImageStorage, MRImageStorage

from core.imaging.frame import Frame, FrameSource, ModalityTransform, Window
from core.imaging.regridding import PlacedSlices, thinned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

AIR = -1000.0
MARKS: dict[str, tuple[float, float, float]] = {
    "left": (22.0, 3.0, -4.0),
    "back": (-5.0, 20.0, 6.0),
    "head": (4.0, -6.0, 24.0),
}
"""Centres in mm, LPS: none lies on an axis, so that no turn of a volume hides behind another."""
_WIDTH_MM = 7.0
_PEAKS = {"left": 1000.0, "back": 700.0, "head": 400.0}

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))
SAGITTAL = ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0))


def turned(
    directions: tuple[tuple[float, float, float], tuple[float, float, float]], *degrees: float
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """An orientation turned about x, then y, then z."""
    turn = np.eye(3)
    for axis, angle in enumerate(degrees):
        one, other = (axis + 1) % 3, (axis + 2) % 3
        step = np.eye(3)
        cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        step[one, one] = step[other, other] = cosine
        step[one, other], step[other, one] = -sine, sine
        turn = step @ turn
    row, column = (tuple(float(part) for part in turn @ np.array(one)) for one in directions)
    return row, column  # type: ignore[return-value]  # three parts each


@dataclass(frozen=True, slots=True)
class Acquisition:
    """How slices are taken: about the origin, `places` along `through` (the normal if None) in mm."""

    directions: tuple[tuple[float, float, float], tuple[float, float, float]] = AXIAL
    rows: int = 48
    columns: int = 40
    row_mm: float = 1.5
    column_mm: float = 2.0
    places: tuple[float, ...] = field(default_factory=lambda: tuple(3.0 * n - 36.0 for n in range(25)))
    through: tuple[float, float, float] | None = None

    @property
    def normal(self) -> NDArray[np.float64]:
        return np.cross(*self.directions)

    @property
    def positions_mm(self) -> NDArray[np.float64]:
        """Centre of the first pixel of each slice."""
        along = self.normal if self.through is None else np.array(self.through)
        row, column = (np.array(one) for one in self.directions)
        corner = -row * self.column_mm * (self.columns - 1) / 2 - column * self.row_mm * (self.rows - 1) / 2
        return corner + np.outer(self.places, along)

    def sampled(self, value: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> NDArray[np.float64]:
        """`(slices, rows, columns)` of a function of positions `(..., 3)`."""
        row, column = (np.array(one) for one in self.directions)
        down = np.arange(self.rows)[:, None, None] * self.row_mm * column
        across = np.arange(self.columns)[None, :, None] * self.column_mm * row
        return np.stack([value(first + down + across) for first in self.positions_mm])


def marked(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Air with a soft ball of its own height at each mark."""
    values = np.full(places.shape[:-1], AIR)
    for name, centre in MARKS.items():
        distance = np.linalg.norm(places - np.array(centre), axis=-1)
        values += (_PEAKS[name] - AIR) * np.exp(-((distance / _WIDTH_MM) ** 2))
    return values


def marked_stack(taken: Acquisition, *, order: NDArray[np.intp] | None = None) -> PlacedSlices:
    """The marks as a stack, in another order of the slices if one is given."""
    values = np.rint(taken.sampled(marked)).astype(np.int16)
    positions = taken.positions_mm
    if order is not None:
        values, positions = values[order], positions[order]
    look = Frame(
        thinned(values),
        modality_transform=ModalityTransform(units="HU"),
        windows=(Window(40, 400),),
        source=FrameSource(modality="CT", series_instance_uid="1.2.3"),
    )
    return PlacedSlices(
        values=values,
        positions_mm=positions,
        along_row=np.array(taken.directions[0]),
        along_column=np.array(taken.directions[1]),
        row_mm=taken.row_mm,
        column_mm=taken.column_mm,
        look=look,
        digests=tuple(str(number) for number in range(len(values))),
        numbers=tuple(range(len(values))),
    )


def brightest(values: NDArray[np.generic]) -> tuple[int, ...]:
    """The voxel of the highest value."""
    return tuple(int(place) for place in np.unravel_index(np.argmax(values), values.shape))


def write_series(
    folder: Path, taken: Acquisition, *, modality: str = "CT", shuffle: bool = True, **changes: object
) -> tuple[Path, ...]:
    """The marks as a series of single-frame files, in the order of their places; `changes` as in phantoms."""
    folder.mkdir(parents=True, exist_ok=True)
    stored = np.rint(taken.sampled(marked) - AIR).astype(np.uint16)
    names = np.random.default_rng(3).permutation(len(stored)) if shuffle else np.arange(len(stored))
    row, column = taken.directions
    attributes: dict[str, object] = {
        "SOPClassUID": CTImageStorage if modality == "CT" else MRImageStorage,
        "StudyInstanceUID": uid("marked study", folder.name),
        "SeriesInstanceUID": uid("marked series", folder.name),
        "FrameOfReferenceUID": uid("marked frame", folder.name),
        "PatientID": "PHANTOM-V",
        "PatientName": "Phantom^Marked",
        "Modality": modality,
        "SeriesNumber": 3,
        "SeriesDescription": "Marked",
        "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"],
        "ImageOrientationPatient": [*row, *column],
        "PixelSpacing": [taken.row_mm, taken.column_mm],
        "RescaleSlope": 1,
        "RescaleIntercept": AIR,
        "WindowCenter": 0,
        "WindowWidth": 2000,
    }
    paths = []
    for number, (picture, position) in enumerate(zip(stored, taken.positions_mm, strict=True)):
        path = folder / f"{names[number]:05d}"
        own = {
            "SOPInstanceUID": uid("marked", folder.name, number),
            "ImagePositionPatient": [round(float(part), 6) for part in position],
            "InstanceNumber": number + 1,
        }
        write_grey(path, picture, **(attributes | own | changes))
        paths.append(path)
    return tuple(paths)


def write_enhanced(path: Path, taken: Acquisition, **changes: object) -> Path:
    """The marks as one multi-frame file, its frames in any order; every other frame with a slope of 2."""
    values = np.rint(taken.sampled(marked) - AIR)
    order = np.random.default_rng(4).permutation(len(values))
    slopes = [1 + number % 2 for number in range(len(values))]
    stored = np.stack([np.rint(values[place] / slopes[place]) for place in order]).astype(np.uint16)
    row, column = taken.directions
    shared = _item(
        PlaneOrientationSequence=_item(ImageOrientationPatient=[*row, *column]),
        PixelMeasuresSequence=_item(PixelSpacing=[taken.row_mm, taken.column_mm]),
        FrameVOILUTSequence=_item(WindowCenter=50, WindowWidth=350),
    )
    frames = [
        _item(
            PlanePositionSequence=_item(
                ImagePositionPatient=[float(part) for part in taken.positions_mm[place]]
            ),
            PixelValueTransformationSequence=_item(
                RescaleSlope=slopes[place], RescaleIntercept=AIR, RescaleType="HU"
            ),
        )
        for place in order
    ]
    attributes: dict[str, object] = {
        "SOPClassUID": EnhancedCTImageStorage,
        "StudyInstanceUID": uid("marked study", path.name),
        "SeriesInstanceUID": uid("marked series", path.name),
        "PatientID": "PHANTOM-V",
        "Modality": "CT",
        "SharedFunctionalGroupsSequence": [shared],
        "PerFrameFunctionalGroupsSequence": frames,
    }
    write_grey(path, stored, **(attributes | changes))
    return path


def _item(**attributes: object) -> Dataset:
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, [value] if isinstance(value, Dataset) else value)
    return made
