"""Where each frame of a multi-frame file lies in the patient, and what tells it from its neighbours.

Enhanced objects say it in their functional groups (PS3.3 C.7.6.16.2), dose grids by an offset for each
frame (C.8.8.3.2), reconstructed nuclear medicine by the first slice and a signed step (C.8.4.15). A clip
has no such places: its frames follow each other in time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol

from core.dicom.spacing import SPACING_KEYWORDS, pixel_spacing
from core.dicom.tags import Attributes, read_attributes
from core.imaging.frame import PixelSpacing
from core.imaging.placed_slice import PlacedSlice

if TYPE_CHECKING:
    from collections.abc import Sequence

Triple = tuple[float, float, float]
Orientation = tuple[Triple, Triple]

# What such an object must be asked for, beside position and orientation at its top.
_KEYWORDS = (
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "ImagePositionPatient"),
    *("ImageOrientationPatient", "GridFrameOffsetVector", "DetectorInformationSequence", "SliceVector"),
    *("SpacingBetweenSlices", "FrameIncrementPointer", *SPACING_KEYWORDS),
)
_ROOT = "1.2.840.10008.5.1.4.1.1."
_NM_IMAGE, _RT_DOSE = f"{_ROOT}20", f"{_ROOT}481.2"
# Only these are asked, for it takes a second look into the file: enhanced and legacy converted CT, MR, PET;
# 3D X-ray and breast tomosynthesis; ultrasound volumes; segmentations, parametric maps; optical tomography.
_WITH_GROUPS = frozenset(
    f"{_ROOT}{end}"
    for end in (
        *("2.1", "2.2", "4.1", "4.3", "4.4", "130", "128.1", "13.1.1", "13.1.2", "13.1.3", "6.2"),
        *("66.4", "66.7", "30", "77.1.5.4", "14.1", "14.2", "12.1.1", "12.2.1"),
    )
)
# What tells images of one series apart where their places do not: one value each, in the order in which
# a stack is split by them, with the words for it. Functional groups hold them by other names (PS3.3
# C.7.6.16, C.8.13.5, C.8.15.3).
SPLITTING_KEYWORDS = {
    "TemporalPositionIdentifier": "time point",
    "DiffusionBValue": "b-value",
    "SequenceName": "pulse sequence",
    "EchoTime": "echo time",
    "InversionTime": "inversion time",
    "KVP": "tube voltage",
    "ConvolutionKernel": "reconstruction kernel",
    "TriggerTime": "phase of the heart",
    "ReferencedSegmentNumber": "segment",
    "AcquisitionNumber": "acquisition",
}
_IN_GROUPS = {
    "TemporalPositionIdentifier": ("FrameContentSequence", "TemporalPositionIndex"),
    "DiffusionBValue": ("MRDiffusionSequence", "DiffusionBValue"),
    "EchoTime": ("MREchoSequence", "EffectiveEchoTime"),
    "KVP": ("CTXRayDetailsSequence", "KVP"),
    "ConvolutionKernel": ("CTReconstructionSequence", "ConvolutionKernel"),
    "TriggerTime": ("CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"),
    "ReferencedSegmentNumber": ("SegmentIdentificationSequence", "ReferencedSegmentNumber"),
    "AcquisitionNumber": ("FrameContentSequence", "FrameAcquisitionNumber"),
}
_FRAME_TYPES = ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence", "PETFrameTypeSequence")


@dataclass(frozen=True, slots=True)
class FramePlace:
    """Place, directions of rows and columns (unit vectors) and spacing of one frame; None: not said.

    `stack` is its Stack ID, `dimensions` its Dimension Index Values, `kind` its Frame Type and `values` one
    text for each of `SPLITTING_KEYWORDS`, "" where the file does not say it.
    """

    position_mm: Triple | None = None
    orientation: Orientation | None = None
    spacing: PixelSpacing = field(default_factory=PixelSpacing)
    stack: str = ""
    dimensions: tuple[int, ...] = ()
    kind: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class Framed(Protocol):
    """What is to be known of an instance to place its frames."""

    @property
    def number_of_frames(self) -> int: ...  # noqa: D102 - the names say it
    @property
    def position_mm(self) -> Triple | None: ...  # noqa: D102 - as above
    @property
    def orientation(self) -> Orientation | None: ...  # noqa: D102 - as above
    @property
    def spacing(self) -> PixelSpacing: ...  # noqa: D102 - as above
    @property
    def frame_places(self) -> tuple[FramePlace, ...]: ...  # noqa: D102 - as above


def place_of_frame(instance: Framed, frame_index: int) -> FramePlace:
    """Place of one frame of an instance; a frame of a clip has none, whatever the file says of its first."""
    if frame_index < len(instance.frame_places):
        return instance.frame_places[frame_index]
    if instance.number_of_frames > 1:
        return FramePlace(orientation=instance.orientation, spacing=instance.spacing)
    return FramePlace(instance.position_mm, instance.orientation, instance.spacing)


def placed_slice(instance: Framed, frame_index: int) -> PlacedSlice | None:
    """Where the pixels of one frame lie in the patient; None if position, direction or spacing is missing."""
    place = place_of_frame(instance, frame_index)
    row_mm, column_mm = place.spacing.row_mm, place.spacing.column_mm
    if place.position_mm is None or place.orientation is None or row_mm is None or column_mm is None:
        return None
    return PlacedSlice.of(place.position_mm, place.orientation, row_mm, column_mm)


def splitting_values(attributes: Attributes) -> tuple[str, ...]:
    """One text for each of `SPLITTING_KEYWORDS` as the top of a data set gives them; () if it gives none."""
    values = tuple(_value(attributes, keyword) for keyword in SPLITTING_KEYWORDS)
    return values if any(values) else ()


def has_frame_places(sop_class_uid: str) -> bool:
    """Whether objects of this kind may say where each of their frames lies."""
    return sop_class_uid in _WITH_GROUPS or sop_class_uid in (_NM_IMAGE, _RT_DOSE)


def read_frame_places(
    stream: BinaryIO, attributes: Attributes, sop_class_uid: str, frames: int
) -> tuple[FramePlace, ...]:
    """Places of all frames of an object that has them, else (). What is odd becomes a note of `attributes`.

    The stream of an admitted file is read from its start. Raises one of `READING_ERRORS`.
    """
    if not has_frame_places(sop_class_uid):
        return ()
    stream.seek(0)
    own = read_attributes(stream, _KEYWORDS)
    if sop_class_uid == _RT_DOSE:
        places = _of_dose(own, frames)
    elif sop_class_uid == _NM_IMAGE:
        places = _of_nuclear(own, frames)
    else:
        places = _of_groups(own, frames)
    for note in own.notes:
        attributes.note(note)
    return places


def _of_groups(attributes: Attributes, frames: int) -> tuple[FramePlace, ...]:
    """Places as functional groups give them; none at all where no frame says anything."""
    per_frame = attributes.items("PerFrameFunctionalGroupsSequence")
    shared = attributes.item("SharedFunctionalGroupsSequence")
    if len(per_frame) < frames:
        if per_frame:
            attributes.note("The file has fewer functional groups than frames; places of frames are unknown.")
        return ()
    of_all = _of_frame(attributes, shared, FramePlace()) if shared is not None else FramePlace()
    places = tuple(_of_frame(attributes, own, of_all) for own in per_frame[:frames])
    return places if any(one.position_mm or one.dimensions for one in places) else ()


def _of_frame(attributes: Attributes, groups: Attributes, of_all: FramePlace) -> FramePlace:
    """What one item of the functional groups says; the rest is as all frames share it."""
    plane, directions = groups.item("PlanePositionSequence"), groups.item("PlaneOrientationSequence")
    measures, content = groups.item("PixelMeasuresSequence"), groups.item("FrameContentSequence")
    types = next((found for one in _FRAME_TYPES if (found := groups.item(one)) is not None), None)
    values = tuple(
        _group_value(groups, keyword) or (of_all.values[number] if of_all.values else "")
        for number, keyword in enumerate(SPLITTING_KEYWORDS)
    )
    return FramePlace(
        (_position(plane) if plane is not None else None) or of_all.position_mm,
        (_orientation(directions) if directions is not None else None) or of_all.orientation,
        pixel_spacing(attributes, measures) if measures is not None else of_all.spacing,
        content.text("StackID") if content is not None else "",
        tuple(map(int, content.numbers("DimensionIndexValues"))) if content is not None else (),
        types.texts("FrameType") if types is not None else of_all.kind,
        values,
    )


def _group_value(groups: Attributes, keyword: str) -> str:
    sequence, name = _IN_GROUPS.get(keyword, ("", ""))
    item = groups.item(sequence) if sequence else None
    return _value(item, name) if item is not None else ""


def _of_dose(attributes: Attributes, frames: int) -> tuple[FramePlace, ...]:
    """A dose grid: each frame lies at its offset along the normal (PS3.3 C.8.8.3.2).

    Offsets count from the first frame; in the older way the first offset is the place itself and counts
    from nowhere, so only its steps are used.
    """
    offsets = attributes.numbers("GridFrameOffsetVector")
    if len(offsets) != frames:
        return ()
    return _along_normal(attributes, attributes, [offset - offsets[0] for offset in offsets])


def _of_nuclear(attributes: Attributes, frames: int) -> tuple[FramePlace, ...]:
    """Reconstructed slices: the first one's place and a signed step (PS3.3 C.8.4.15)."""
    detector = attributes.item("DetectorInformationSequence")
    step_mm = attributes.number("SpacingBetweenSlices")
    slices = attributes.numbers("SliceVector")
    if detector is None or not step_mm or sorted(slices) != list(range(1, frames + 1)):
        return ()
    return _along_normal(attributes, detector, [(number - 1) * step_mm for number in slices])


def _along_normal(
    attributes: Attributes, placed: Attributes, offsets_mm: Sequence[float]
) -> tuple[FramePlace, ...]:
    """Frames at offsets from a first position along its normal."""
    first, orientation = _position(placed), _orientation(placed)
    if first is None or orientation is None:
        return ()
    (a, b, c), (d, e, f) = orientation
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    spacing = pixel_spacing(attributes)
    return tuple(
        FramePlace(
            (first[0] + mm * normal[0], first[1] + mm * normal[1], first[2] + mm * normal[2]),
            orientation,
            spacing,
        )
        for mm in offsets_mm
    )


def _position(attributes: Attributes) -> Triple | None:
    numbers = attributes.numbers("ImagePositionPatient")
    return (numbers[0], numbers[1], numbers[2]) if len(numbers) == 3 else None


def _orientation(attributes: Attributes) -> Orientation | None:
    """Two directions that are not the same line, else None."""
    numbers = attributes.numbers("ImageOrientationPatient")
    if len(numbers) != 6:
        return None
    a, b, c, d, e, f = numbers
    if math.hypot(b * f - c * e, c * d - a * f, a * e - b * d) < 0.5:
        attributes.note("Orientation of the image is no pair of directions and is not used.")
        return None
    return (a, b, c), (d, e, f)


def _value(attributes: Attributes, keyword: str) -> str:
    """A value as a text that is the same for the same number."""
    text = attributes.text(keyword)
    try:
        return f"{float(text):.6g}" if text else ""
    except ValueError:
        return text
