"""How fast a clip plays: the time each of its frames stands, from the file, with the attribute that says so.

Frame Increment Pointer goes first, as PS3.3 C.7.6.6 wants it: it names what the frames differ in. Only what
it leaves open is taken from the other attributes of the Cine module (C.7.6.5), of nuclear medicine
(C.8.4.8, C.8.4.14) and of the functional groups (C.7.6.16.2.2). A file that says nothing has no rate: the
reader chooses one, and nobody calls it the file's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from core.dicom.gate import Refused, open_admitted
from core.dicom.tags import READING_ERRORS, Attributes, quiet_pydicom, read_attributes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from core.dicom.index import Instance

_KEYWORDS = (
    *("FrameIncrementPointer", "FrameTime", "FrameTimeVector", "CineRate", "RecommendedDisplayFrameRate"),
    *("ActualFrameDuration", "PhaseInformationSequence", "GatedInformationSequence"),
    "RotationInformationSequence",
)
_GROUPS = ("PerFrameFunctionalGroupsSequence",)
# Frame Increment Pointer values that name a time, by their tags (PS3.6).
_POINTED_TIMES = {0x00181063: "FrameTime", 0x00181065: "FrameTimeVector"}
# A time outside of this is a slip of the writer (seconds for milliseconds, a date): 1 µs to 1 hour.
_SHORTEST_MS = 1e-3
_LONGEST_MS = 3.6e6


@dataclass(frozen=True, slots=True)
class CineTiming:
    """How long frames stand: `durations_ms` one number for all, or one for each frame; never ≤ 0.

    `source` is the keyword of the attribute that it comes from, for the reader and for the display.
    """

    durations_ms: tuple[float, ...] | float
    source: str

    def duration_ms(self, frame_index: int) -> float:
        """Time that one frame stands; `frame_index` counts from 0."""
        if isinstance(self.durations_ms, float):
            return self.durations_ms
        return self.durations_ms[frame_index]


def cine_timing(instance: Instance) -> CineTiming | None:
    """The timing that the file of an instance states, or None. Reads the header; any thread, no error."""
    if not instance.is_dicom:
        return None
    attributes = _attributes(instance.path, _KEYWORDS)
    if attributes is None:
        return None
    found = next(_stated(attributes, instance.number_of_frames), None)
    if found is None and instance.number_of_frames > 1:
        groups = _attributes(instance.path, _GROUPS)
        found = _from_groups(groups, instance.number_of_frames) if groups is not None else None
    return found


def _attributes(path: Path, keywords: Sequence[str]) -> Attributes | None:
    try:
        opened = open_admitted(path)
        with opened.stream, quiet_pydicom():
            return read_attributes(opened.stream, keywords)
    except (Refused, *READING_ERRORS):  # what is wrong with the file is said where it is shown
        return None


def _stated(attributes: Attributes, frames: int) -> Iterator[CineTiming]:
    """Every usable timing of the data set, the one to follow first."""
    pointed = [_POINTED_TIMES[tag] for tag in _pointers(attributes) if tag in _POINTED_TIMES]
    # What the pointer names goes first; a writer that forgot the pointer still meant what it wrote.
    for keyword in dict.fromkeys((*pointed, "FrameTimeVector", "FrameTime")):
        timing = (
            _vector(attributes, frames) if keyword == "FrameTimeVector" else _constant(attributes, keyword)
        )
        if timing is not None:
            yield timing
    yield from _nuclear(attributes, frames)
    for keyword in ("RecommendedDisplayFrameRate", "CineRate"):
        rate = attributes.number(keyword)
        if rate is not None and rate > 0 and _usable(1000 / rate):
            yield CineTiming(1000 / rate, keyword)
    timing = _constant(attributes, "ActualFrameDuration")
    if timing is not None:
        yield timing


def _pointers(attributes: Attributes) -> tuple[int, ...]:
    """Tags that Frame Increment Pointer names, as numbers."""
    return tuple(int(number) for number in attributes.numbers("FrameIncrementPointer"))


def _constant(attributes: Attributes, keyword: str) -> CineTiming | None:
    time_ms = attributes.number(keyword)
    return CineTiming(time_ms, keyword) if time_ms is not None and _usable(time_ms) else None


def _vector(attributes: Attributes, frames: int) -> CineTiming | None:
    """Increments between frames; the first is that before the first frame, 0 by PS3.3 C.7.6.5.1.2.

    Frame i stands until frame i + 1 comes. How long the last one stands is not in the file: as long as
    the one before it.
    """
    increments = attributes.numbers("FrameTimeVector")
    if len(increments) >= frames:
        increments = increments[1:frames]
    elif len(increments) != frames - 1:
        return None
    if not increments or not all(_usable(one) for one in increments):
        return None
    return CineTiming((*increments, increments[-1]), "FrameTimeVector")


def _nuclear(attributes: Attributes, frames: int) -> Iterator[CineTiming]:
    """Phases of a dynamic, time slots of a gated and views of a rotating study of nuclear medicine."""
    for sequence, count in (
        ("PhaseInformationSequence", "NumberOfFramesInPhase"),
        ("RotationInformationSequence", "NumberOfFramesInRotation"),
    ):
        durations: list[float] = []
        for item in attributes.items(sequence):
            duration, number = item.number("ActualFrameDuration"), item.integer(count)
            if duration is None or not _usable(duration) or not number or not 0 < number <= frames:
                durations.clear()
                break
            durations.extend([duration] * number)
        if len(durations) == frames:
            timing = durations[0] if len(set(durations)) == 1 else tuple(durations)
            yield CineTiming(timing, "ActualFrameDuration")
    gated = attributes.item("GatedInformationSequence")
    data = gated.item("DataInformationSequence") if gated is not None else None
    if data is not None and (timing_of_slots := _constant(data, "FrameTime")) is not None:
        yield timing_of_slots


def _from_groups(attributes: Attributes, frames: int) -> CineTiming | None:
    """Steps between the acquisition times of the frames of an enhanced object, if they only rise."""
    times: list[datetime] = []
    for item in attributes.items("PerFrameFunctionalGroupsSequence")[:frames]:
        content = item.item("FrameContentSequence")
        moment = _moment(content.text("FrameAcquisitionDateTime")) if content is not None else None
        if moment is None:
            return None
        times.append(moment)
    steps = [(after - before) / timedelta(milliseconds=1) for before, after in pairwise(times)]
    if len(times) != frames or not steps or not all(_usable(step) for step in steps):
        return None
    return CineTiming((*steps, steps[-1]), "FrameAcquisitionDateTime")


def _moment(text: str) -> datetime | None:
    """A DT value to the microsecond; its offset from UTC does not matter for steps."""
    digits, _, fraction = text.split("+")[0].split("-")[0].partition(".")
    if len(digits) != 14 or not digits.isdecimal() or not f"{fraction}0".isdecimal():
        return None
    try:
        moment = datetime.strptime(digits, "%Y%m%d%H%M%S")
    except ValueError:
        return None
    return moment + timedelta(microseconds=int(f"{fraction[:6]:0<6}"))


def _usable(time_ms: float) -> bool:
    return math.isfinite(time_ms) and _SHORTEST_MS <= time_ms <= _LONGEST_MS
