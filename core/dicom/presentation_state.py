"""Softcopy presentation states as files: which images they are about and how they want them shown (A.33).

Grayscale states are read whole; of others (colour, pseudo-colour, blending, volumes) label and images, so
that they can be named with the reason why they are not applied.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.dicom.gate import Refused, open_admitted
from core.dicom.grey_scale import FunctionalGroups, lookup_table, modality_transform, windows_of
from core.dicom.overlays import OVERLAY_TAGS, activation_layers, overlays
from core.dicom.shutters import SHUTTER_KEYWORDS, display_shutter
from core.dicom.state_graphics import GRAPHIC_KEYWORDS, graphics_of
from core.dicom.tags import READING_ERRORS, Attributes, quiet_pydicom, read_attributes, uid_name
from core.imaging.presentation import DisplayedArea, Presentation, Scope, SizeMode, Voi

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.imaging.frame import LookupTable

_GRAYSCALE = frozenset({"1.2.840.10008.5.1.4.1.1.11.1", "1.2.840.10008.5.1.4.1.1.11.5"})
_KEYWORDS: tuple[str | int, ...] = (
    *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "Modality", "ReferencedSeriesSequence"),
    *("ContentLabel", "ContentDescription", "ContentCreatorName"),
    *("PresentationCreationDate", "PresentationCreationTime", "MaskSubtractionSequence"),
    *("RescaleSlope", "RescaleIntercept", "RescaleType", "ModalityLUTSequence", "SoftcopyVOILUTSequence"),
    *("PresentationLUTShape", "PresentationLUTSequence", "DisplayedAreaSelectionSequence"),
    *("ImageRotation", "ImageHorizontalFlip"),
    *SHUTTER_KEYWORDS,
    *GRAPHIC_KEYWORDS,
    *OVERLAY_TAGS,
)


def read_presentation(path: Path) -> Presentation:
    """One presentation state. Raises `UnreadableFile` for what is damaged beyond use or is none."""
    try:
        opened = open_admitted(path)
        with opened.stream as stream, quiet_pydicom():
            attributes = read_attributes(stream, _KEYWORDS)
            return _presentation(path, attributes)
    except OSError as error:
        words = (error.strerror or type(error).__name__).lower()
        raise Refused(path.name, f"cannot be opened: {words}.") from error
    except READING_ERRORS as error:
        raise Refused(path.name, f"the file is damaged ({type(error).__name__}: {error}).") from error


def read_presentations(paths: Iterable[Path]) -> tuple[Presentation, ...]:
    """All states that can be read; what cannot is named, so that its images are shown and it is said."""
    found = []
    for path in paths:
        try:
            found.append(read_presentation(path))
        except Refused:
            continue  # it stands in the list of skipped files; without its images it has no place here
    return tuple(found)


def _presentation(path: Path, attributes: Attributes) -> Presentation:
    sop_class = attributes.uid("SOPClassUID")
    scope = _series_scope(attributes)
    if not scope:
        raise Refused(path.name, "a presentation state that names no image.")
    named = Presentation(
        path=path,
        sop_instance_uid=attributes.uid("SOPInstanceUID"),
        scope=scope,
        label=attributes.text("ContentLabel"),
        description=attributes.text("ContentDescription"),
        creator=attributes.name("ContentCreatorName"),
        created=attributes.text("PresentationCreationDate") + attributes.text("PresentationCreationTime"),
        refusal=_why_not(sop_class, attributes),
        notes=tuple(attributes.notes),
    )
    if named.refusal:
        return named
    planes = overlays(attributes, 0, lambda: None)
    shutter = display_shutter(attributes, planes)
    hiding = None if shutter is None or shutter.bitmap is None else shutter.bitmap.group
    areas = _areas(attributes)
    turns = round((attributes.number("ImageRotation") or 0) / 90) % 4
    flipped = attributes.code("ImageHorizontalFlip") == "Y"
    box = areas[0][1].box if areas else None
    active = activation_layers(attributes)
    return Presentation(
        path=path,
        sop_instance_uid=named.sop_instance_uid,
        scope=scope,
        label=named.label,
        description=named.description,
        creator=named.creator,
        created=named.created,
        modality_transform=modality_transform(attributes, FunctionalGroups(), signed=False),
        vois=tuple(_vois(attributes)),
        presentation_table=_presentation_table(attributes),
        inverse=attributes.code("PresentationLUTShape") == "INVERSE",
        shutter=shutter,
        overlays=tuple(one for one in planes if one.group in active and one.group != hiding),
        activated=frozenset(active),
        areas=areas,
        quarter_turns=turns,
        flipped=flipped,
        graphics=graphics_of(attributes, scope_of, box, turns, flipped=flipped),
        notes=tuple(attributes.notes),
    )


def scope_of(item: Attributes) -> Scope | None:
    """The images that a part of a state names; None where it is about all of the state's."""
    images: dict[str, frozenset[int]] = {}
    for image in item.items("ReferencedImageSequence"):
        uid = image.uid("ReferencedSOPInstanceUID")
        if uid:
            numbers = frozenset(int(number) for number in image.numbers("ReferencedFrameNumber"))
            before = images.get(uid)
            # Named without frames once is named whole.
            images[uid] = (
                numbers if before is None else (numbers | before if numbers and before else frozenset())
            )
    return images or None


def _series_scope(attributes: Attributes) -> Scope:
    images: dict[str, frozenset[int]] = {}
    for series in attributes.items("ReferencedSeriesSequence"):
        images.update(scope_of(series) or {})
    return images


def _why_not(sop_class: str, attributes: Attributes) -> str:
    if sop_class not in _GRAYSCALE:
        kind = uid_name(sop_class).removesuffix(" Storage") or "an unknown kind"
        return f"{kind}: only grayscale states are applied"
    if attributes.items("MaskSubtractionSequence"):
        return "it subtracts a mask from the frames, which is not done here"
    return ""


def _vois(attributes: Attributes) -> Iterable[Voi]:
    for item in attributes.items("SoftcopyVOILUTSequence"):
        tables = (lookup_table(one, "VOI LUT", signed=False) for one in item.items("VOILUTSequence"))
        yield Voi(scope_of(item), windows_of(item), tuple(table for table in tables if table is not None))


def _presentation_table(attributes: Attributes) -> LookupTable | None:
    item = attributes.item("PresentationLUTSequence")
    return None if item is None else lookup_table(item, "Presentation LUT", signed=False)


def _areas(attributes: Attributes) -> tuple[tuple[Scope | None, DisplayedArea], ...]:
    """Displayed areas; corners are (column, row) counted from 1 and name pixels that are seen."""
    found = []
    for item in attributes.items("DisplayedAreaSelectionSequence"):
        first = item.numbers("DisplayedAreaTopLeftHandCorner")
        last = item.numbers("DisplayedAreaBottomRightHandCorner")
        if len(first) != 2 or len(last) != 2:
            attributes.note("A displayed area has no usable corners and is left out.")
            continue
        (left, right), (top, bottom) = sorted((first[0], last[0])), sorted((first[1], last[1]))
        mode = item.code("PresentationSizeMode")
        spacing = item.numbers("PresentationPixelSpacing")
        magnification = item.number("PresentationPixelMagnificationRatio")
        area = DisplayedArea(
            (top - 1, left - 1, bottom, right),
            SizeMode(mode) if mode in set(SizeMode) else SizeMode.FIT,
            magnification if magnification is not None and magnification > 0 else None,
            (spacing[0], spacing[1]) if len(spacing) == 2 and min(spacing) > 0 else None,
        )
        found.append((scope_of(item), area))
    return tuple(found)
