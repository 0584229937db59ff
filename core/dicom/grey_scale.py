"""What the file says of its grey scale: modality transform, windows, VOI LUTs, padding, inversion.

Every part may stand at the top of the data set or in the functional groups of an enhanced object, and
every part may be damaged; `core.imaging.display` then computes with what is given here (PS3.3 C.11.1,
C.11.2, C.7.6.16.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.imaging.frame import LookupTable, ModalityTransform, VoiFunction, Window

if TYPE_CHECKING:
    from core.dicom.image_pixel import PixelDescription
    from core.dicom.tags import Attributes

GREY_SCALE_KEYWORDS = (
    *("RescaleSlope", "RescaleIntercept", "RescaleType", "ModalityLUTSequence"),
    *("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction", "VOILUTSequence"),
    *("PresentationLUTShape", "PixelPaddingValue", "PixelPaddingRangeLimit"),
    *("FloatPixelPaddingValue", "FloatPixelPaddingRangeLimit"),
    *("DoubleFloatPixelPaddingValue", "DoubleFloatPixelPaddingRangeLimit"),
    *("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"),
)
# X-ray angiography and radiofluoroscopy: the Modality LUT describes beam intensity there, not the values
# that VOI attributes apply to (PS3.3 C.8.7.1.1.2).
_XA_XRF = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.12.1",
        "1.2.840.10008.5.1.4.1.1.12.1.1",
        "1.2.840.10008.5.1.4.1.1.12.2",
        "1.2.840.10008.5.1.4.1.1.12.2.1",
    }
)


class FunctionalGroups(NamedTuple):
    """The functional groups of one frame of an enhanced object: its own go before the shared ones."""

    own: Attributes | None = None
    shared: Attributes | None = None

    def item(self, sequence: str) -> Attributes | None:
        """The macro's item for this frame, or None."""
        return next(iter(self.items(sequence)), None)

    def items(self, sequence: str) -> tuple[Attributes, ...]:
        """All items of a macro for this frame."""
        for group in (self.own, self.shared):
            found = group.items(sequence) if group is not None else ()
            if found:
                return found
        return ()


class GreyScale(NamedTuple):
    """All of a frame's grey scale that a `Frame` carries."""

    modality_transform: ModalityTransform
    windows: tuple[Window, ...]
    voi_tables: tuple[LookupTable, ...]
    inverse_presentation: bool
    padding: tuple[float, float] | None


def functional_groups(attributes: Attributes, frame_index: int) -> FunctionalGroups:
    """The groups of one frame; empty for what is no enhanced object."""
    shared = attributes.item("SharedFunctionalGroupsSequence")
    per_frame = attributes.items("PerFrameFunctionalGroupsSequence")
    own = per_frame[frame_index] if frame_index < len(per_frame) else None
    if per_frame and own is None:
        attributes.note("The file has fewer functional groups than frames.")
    return FunctionalGroups(own, shared)


def grey_scale(attributes: Attributes, groups: FunctionalGroups, pixels: PixelDescription) -> GreyScale:
    """The grey scale of one frame, complete and valid; what is damaged is left out with a note."""
    signed = pixels.pixel_representation == 1
    transform = modality_transform(attributes, groups, signed=signed)
    voi = groups.item("FrameVOILUTSequence") or attributes
    voi_signed = transform.table is None and (signed or transform.intercept < 0 or transform.slope < 0)
    tables = (lookup_table(item, "VOI LUT", signed=voi_signed) for item in voi.items("VOILUTSequence"))
    return GreyScale(
        modality_transform=transform,
        windows=windows_of(voi),
        voi_tables=tuple(table for table in tables if table is not None),
        inverse_presentation=attributes.code("PresentationLUTShape") == "INVERSE",
        padding=_padding(attributes, pixels),
    )


def modality_transform(
    attributes: Attributes, groups: FunctionalGroups, *, signed: bool
) -> ModalityTransform:
    """LUT if there is one, else rescale; a slope of 0 or no number is taken as 1 (PS3.3 C.11.1)."""
    item = attributes.item("ModalityLUTSequence")
    if item is not None:
        if attributes.uid("SOPClassUID") in _XA_XRF:
            attributes.note(
                "The Modality LUT of an angiographic image is for beam intensity; it is not applied."
            )
        else:
            table = lookup_table(item, "Modality LUT", signed=signed)
            if table is not None:
                return ModalityTransform(table=table, units=item.text("ModalityLUTType"))
            attributes.note("The Modality LUT is damaged: stored values are used as they are.")
            return ModalityTransform()
    source = groups.item("PixelValueTransformationSequence") or attributes
    slope, intercept = source.number("RescaleSlope"), source.number("RescaleIntercept")
    if slope is None and intercept is None:
        return ModalityTransform()
    if slope is None or slope == 0:
        attributes.note(f"Rescale Slope is {'missing' if slope is None else '0'}; 1 is used.")
        slope = 1.0
    units = source.text("RescaleType")
    if not units and attributes.code("Modality") == "CT":
        units = "HU"  # PS3.3 C.8.2.1.1.2: the default for CT
    return ModalityTransform(slope, intercept or 0.0, units="" if units == "US" else units)


def windows_of(voi: Attributes) -> tuple[Window, ...]:
    """All windows that can be used, each with its explanation."""
    centers, widths = voi.places("WindowCenter"), voi.places("WindowWidth")
    explanations = voi.texts("WindowCenterWidthExplanation")
    name = voi.code("VOILUTFunction") or "LINEAR"
    if name not in VoiFunction.__members__:
        voi.note(f"VOI LUT Function {name} is unknown; LINEAR is used.")
        name = "LINEAR"
    if len(centers) != len(widths):
        voi.note(f"Window centers: {len(centers)}, widths: {len(widths)}; the pairs that exist are used.")
    windows: list[Window] = []
    for index, (center, width) in enumerate(zip(centers, widths, strict=False)):
        explanation = explanations[index] if index < len(explanations) else ""
        if center is None or width is None:
            continue
        try:
            windows.append(Window(center, width, VoiFunction[name], explanation))
        except ValueError:
            voi.note(f"Window {center:g}/{width:g} is not allowed for {name} and is left out.")
    return tuple(windows)


def lookup_table(item: Attributes, kind: str, *, signed: bool) -> LookupTable | None:
    """A table with unsigned entries, or None with a note if it is damaged (PS3.3 C.11.1.1, C.11.2.1.1)."""
    descriptor, data = item.words("LUTDescriptor"), item.words("LUTData")
    if descriptor is None or len(descriptor) != 3 or not data:
        item.note(f"A {kind} is damaged and is not used.")
        return None
    count, first, bits = descriptor
    count = count or 65_536  # 65,536 does not fit 16 bits and is written as 0
    entries = np.array(data, dtype=np.uint16)
    if bits <= 8 and len(entries) < count <= 2 * len(entries):
        entries = entries.astype("<u2").view(np.uint8).astype(np.uint16)  # two 8-bit entries in each word
    if len(entries) < count:
        item.note(f"A {kind} has {len(entries)} of {count} declared entries and is not used.")
        return None
    entries = entries[:count]
    needed = max(int(entries.max()).bit_length(), 8)
    if not 8 <= bits <= 16 or needed > bits:
        item.note(f"A {kind} declares {bits} bits an entry; {needed} are used.")
        bits = needed
    first = first - 65_536 if signed and first >= 32_768 else first
    return LookupTable(first, bits, entries, item.text("LUTExplanation"))


def _padding(attributes: Attributes, pixels: PixelDescription) -> tuple[float, float] | None:
    """Stored values that mean "no image here", both ends included (PS3.3 C.7.5.1.1.2)."""
    if pixels.pixel_keyword == "PixelData":
        signed = pixels.pixel_representation == 1
        value: float | None = _stored_word(attributes, "PixelPaddingValue", signed=signed)
        limit: float | None = _stored_word(attributes, "PixelPaddingRangeLimit", signed=signed)
    else:
        kind = pixels.pixel_keyword.removesuffix("PixelData")
        value = attributes.number(f"{kind}PixelPaddingValue")
        limit = attributes.number(f"{kind}PixelPaddingRangeLimit")
    if value is None:
        return None
    other = value if limit is None else limit
    return float(min(value, other)), float(max(value, other))


def _stored_word(attributes: Attributes, keyword: str, *, signed: bool) -> int | None:
    """A value written as US or SS, read as the pixels are (its VR is often the wrong one of the two)."""
    words = attributes.words(keyword)
    if not words:
        return None
    word = words[0]
    return word - 65_536 if signed and word >= 32_768 else word
