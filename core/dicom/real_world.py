"""Real World Value Mapping: what stored values mean in units of the world (PS3.3 C.7.6.16.2.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.imaging.quantities import RealWorldMapping

if TYPE_CHECKING:
    from core.dicom.grey_scale import FunctionalGroups
    from core.dicom.tags import Attributes

REAL_WORLD_KEYWORDS = ("RealWorldValueMappingSequence",)
_MAX_VALUES = 2**20


def real_world_mappings(
    attributes: Attributes, groups: FunctionalGroups, *, signed: bool
) -> tuple[RealWorldMapping, ...]:
    """All mappings of one frame: of its own groups, else of the shared ones, else of the whole image."""
    items = groups.items("RealWorldValueMappingSequence") or attributes.items("RealWorldValueMappingSequence")
    found = (_mapping(item, signed=signed) for item in items)
    return tuple(mapping for mapping in found if mapping is not None)


def _mapping(item: Attributes, *, signed: bool) -> RealWorldMapping | None:
    """One mapping, or None with a note if it is damaged."""
    first = _end(item, "RealWorldValueFirstValueMapped", signed=signed)
    last = _end(item, "RealWorldValueLastValueMapped", signed=signed)
    if first is None or last is None or last < first:
        item.note("A real-world value mapping has no usable range and is left out.")
        return None
    unit = item.item("MeasurementUnitsCodeSequence")
    units = ""
    if unit is not None:
        # The code of UCUM is what physicists write ("{SUVbw}g/ml"), its meaning what a reader reads.
        units = unit.text("CodeMeaning") or unit.text("CodeValue")
    label = item.text("LUTLabel") or item.text("LUTExplanation")
    if item.has("RealWorldValueLUTData"):
        values = item.numbers("RealWorldValueLUTData")
        if not 0 < len(values) <= _MAX_VALUES or len(values) != last - first + 1:
            item.note("A table of real-world values is damaged and is left out.")
            return None
        return RealWorldMapping(first, last, units, label, values=np.array(values))
    slope, intercept = item.number("RealWorldValueSlope"), item.number("RealWorldValueIntercept")
    if slope is None or intercept is None:
        item.note("A real-world value mapping has no slope or intercept and is left out.")
        return None
    return RealWorldMapping(first, last, units, label, slope, intercept)


def _end(item: Attributes, keyword: str, *, signed: bool) -> float | None:
    """An end of the range: US or SS read as the pixels are, or FD for floats."""
    floating = item.number(f"DoubleFloat{keyword}")
    if floating is not None:
        return floating
    words = item.words(keyword)
    if not words:
        return None
    return float(words[0] - 65_536 if signed and words[0] >= 32_768 else words[0])
