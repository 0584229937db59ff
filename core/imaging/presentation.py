"""Presentation states: how somebody wants frames to be shown, and a frame shown so.

A state takes the place of all that the image itself says of its grey scale (PS3.4 N.2): it is complete. What
comes out is a frame with the same stored values and other transforms, so that everything that shows a frame
shows this one, too; models and statistics keep the frame as it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.imaging.display import to_modality
from core.imaging.frame import Frame, FrameSource, LookupTable, ModalityTransform, VoiFunction, Window
from core.imaging.graphics import Graphic, TextNote
from core.imaging.overlay import Overlay
from core.imaging.shutter import Shutter

Scope = Mapping[str, frozenset[int]]
"""Images by SOP Instance UID, each with its frames counted from 1; no frames mean all of them."""

AS_STORED_NAME = "As the file says"


class SizeMode(StrEnum):
    """Presentation Size Mode (0070,0100)."""

    FIT = "SCALE TO FIT"
    TRUE_SIZE = "TRUE SIZE"
    MAGNIFY = "MAGNIFY"


@dataclass(frozen=True, slots=True)
class DisplayedArea:
    """The part of a frame that is to be seen: (top, left, bottom, right), continuous frame positions.

    `magnification`: screen pixels a frame pixel, for `MAGNIFY`. `spacing_mm`: (row, column) for
    `TRUE_SIZE`; None where the state does not say.
    """

    box: tuple[float, float, float, float]
    mode: SizeMode = SizeMode.FIT
    magnification: float | None = None
    spacing_mm: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Voi:
    """Windows and VOI LUTs for the images of `scope`; None means all of the state."""

    scope: Scope | None
    windows: tuple[Window, ...] = ()
    tables: tuple[LookupTable, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Presentation:
    """A presentation state as a file holds it.

    `refusal`: why it is named and not applied, "" if it can be. `created`: date and time, YYYYMMDDHHMMSS.
    `overlays` are planes of the state's own, `activated` the groups of the image that it shows. Of tables,
    the first input is as written: it follows the sign of the pixels, which only the frame knows.
    """

    path: Path
    sop_instance_uid: str
    scope: Scope
    label: str = ""
    description: str = ""
    creator: str = ""
    created: str = ""
    refusal: str = ""
    modality_transform: ModalityTransform = field(default_factory=ModalityTransform)
    vois: tuple[Voi, ...] = ()
    presentation_table: LookupTable | None = None
    inverse: bool = False
    shutter: Shutter | None = None
    overlays: tuple[Overlay, ...] = ()
    activated: frozenset[int] = frozenset()
    areas: tuple[tuple[Scope | None, DisplayedArea], ...] = ()
    quarter_turns: int = 0
    flipped: bool = False
    graphics: tuple[tuple[Scope | None, Graphic | TextNote], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What a reader calls it: its label, or what it describes, with its day."""
        words = self.description or self.label.capitalize() or "Presentation state"
        day = self.created[:8]
        return f"{words} ({day[:4]}-{day[4:6]}-{day[6:]})" if len(day) == 8 and day.isdigit() else words


@dataclass(frozen=True, slots=True, eq=False)
class Presented:
    """A frame as it is to be shown; `state` None: as its own file says.

    `quarter_turns` clockwise, after the mirroring `flipped` (left to right).
    """

    frame: Frame
    state: Presentation | None = None
    graphics: tuple[Graphic | TextNote, ...] = ()
    area: DisplayedArea | None = None
    quarter_turns: int = 0
    flipped: bool = False


def covers(scope: Scope | None, source: FrameSource) -> bool:
    """Whether a frame is among those of a scope."""
    if scope is None:
        return True
    frames = scope.get(source.sop_instance_uid)
    return frames is not None and (not frames or source.frame_index + 1 in frames)


def states_for(states: Iterable[Presentation], frame: Frame) -> tuple[Presentation, ...]:
    """The states that are about a frame, the newest first; those that cannot be applied last."""
    about = [one for one in states if covers(one.scope, frame.source)]
    about.sort(key=lambda one: (one.created, one.sop_instance_uid), reverse=True)
    return tuple(sorted(about, key=lambda one: bool(one.refusal)))


def present(frame: Frame, state: Presentation | None = None) -> Presented:
    """A frame as a state wants it to be shown, or as its own file does."""
    if state is None or state.refusal or not frame.is_grey:
        return Presented(frame)
    signed = frame.stored.dtype.kind == "i"
    transform = state.modality_transform
    if transform.table is not None:
        transform = replace(transform, table=_signed(transform.table, signed=signed))
    windows, tables = _voi(state, frame, transform, signed=signed)
    own = {overlay.group for overlay in state.overlays}
    shown = replace(
        frame,
        photometric_interpretation="MONOCHROME2",
        modality_transform=transform,
        windows=windows,
        voi_tables=tables,
        inverse_presentation=state.inverse,
        presentation_table=state.presentation_table,
        overlays=(
            *(one for one in frame.overlays if one.group in state.activated - own),
            *state.overlays,
        ),
        shutter=state.shutter and replace(state.shutter, aspect=frame.spacing.aspect),
        # The uptake is a multiple of the file's own modality values.
        uptake=frame.uptake if _same_values(transform, frame.modality_transform) else None,
        notes=(*frame.notes, *state.notes),
    )
    areas = [area for scope, area in state.areas if covers(scope, frame.source)]
    turns = state.quarter_turns
    return Presented(
        frame=shown,
        state=state,
        graphics=tuple(one for scope, one in state.graphics if covers(scope, frame.source)),
        area=areas[0] if areas else None,
        # The standard turns first and mirrors then (PS3.3 C.10.6); here it is the other way round.
        quarter_turns=-turns % 4 if state.flipped else turns % 4,
        flipped=state.flipped,
    )


def carried_over(values: NDArray[np.float32], frame: Frame, shown: Frame) -> NDArray[np.float32]:
    """Modality values of a frame (its twin, say) as modality values of the same frame in a state.

    Float32. Where the file's own transform is a table, the nearest input is taken.
    """
    before, after = frame.modality_transform, shown.modality_transform
    if _same_values(before, after):
        return values
    if before.table is None:
        stored = (values.astype(np.float64) - before.intercept) / before.slope
    else:
        entries = before.table.entries.astype(np.float64)
        order = np.argsort(entries, kind="stable")
        place = np.clip(np.searchsorted(entries[order], values), 0, entries.size - 1)
        stored = (order[place] + float(before.table.first_mapped)).astype(np.float64)
    return to_modality(stored, after).astype(np.float32)


def _same_values(one: ModalityTransform, other: ModalityTransform) -> bool:
    """Whether two transforms give the same values, whatever they call them."""
    return replace(one, units="") == replace(other, units="")


def _voi(
    state: Presentation, frame: Frame, transform: ModalityTransform, *, signed: bool
) -> tuple[tuple[Window, ...], tuple[LookupTable, ...]]:
    """What the state says for this frame; without a word, the whole range of modality values."""
    about = [voi for voi in state.vois if covers(voi.scope, frame.source)]
    about.sort(key=lambda voi: voi.scope is None)  # what names the image goes before what is for all
    table_signed = transform.table is None and (signed or transform.intercept < 0 or transform.slope < 0)
    for voi in about:
        if voi.windows or voi.tables:
            return voi.windows, tuple(_signed(table, signed=table_signed) for table in voi.tables)
    return (_whole_range(frame, transform),), ()


def _whole_range(frame: Frame, transform: ModalityTransform) -> Window:
    """No VOI is the identity: the whole range that modality values can have becomes the whole grey scale."""
    if transform.table is not None:
        ends = np.array([0.0, 2.0**transform.table.bits - 1], np.float64)
    elif frame.stored.dtype.kind in "iu":
        bits = frame.bits_stored
        low = -(2.0 ** (bits - 1)) if frame.stored.dtype.kind == "i" else 0.0
        ends = to_modality(np.array([low, low + 2.0**bits - 1], np.float64), transform)
    else:
        finite = frame.stored[np.isfinite(frame.stored)].astype(np.float64)
        ends = to_modality(np.array([finite.min(initial=0), finite.max(initial=1)], np.float64), transform)
    low, high = float(ends.min()), float(ends.max())
    return Window((low + high) / 2, max(high - low, 1e-9), VoiFunction.LINEAR_EXACT, "Whole range")


def _signed(table: LookupTable, *, signed: bool) -> LookupTable:
    """A table whose first input is read as the pixels are."""
    if not signed or table.first_mapped < 32_768:
        return table
    return replace(table, first_mapped=table.first_mapped - 65_536)
