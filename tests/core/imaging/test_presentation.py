"""Choosing among states, and what a state does to a frame."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.imaging.display import render
from core.imaging.frame import Frame, FrameSource, LookupTable, ModalityTransform
from core.imaging.presentation import (
    Presentation,
    Voi,
    carried_over,
    present,
    states_for,
)
from core.imaging.quantities import Uptake

FRAME = Frame(
    np.arange(4096, dtype=np.uint16).reshape(64, 64),
    "MONOCHROME1",
    12,
    source=FrameSource(sop_instance_uid="1.2"),
    uptake=Uptake(2.0),
)


def state(name: str, created: str = "20240101", **changes: object) -> Presentation:
    plain = Presentation(Path(name), name, {"1.2": frozenset()}, created=created)
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields by name


def test_the_newest_comes_first_and_what_cannot_be_applied_last() -> None:
    old, new = state("old"), state("new", "20250101")
    colour = state("colour", "20260101", refusal="colour")
    other = replace(state("other", "20270101"), scope={"9": frozenset()})
    assert states_for([old, colour, other, new], FRAME) == (new, old, colour)


def test_a_state_replaces_the_inversion_of_the_file() -> None:
    shown = present(FRAME, state("plain")).frame
    assert not shown.inverted
    assert present(FRAME, state("turned", inverse=True)).frame.inverted


def test_without_voi_the_whole_range_is_the_whole_scale() -> None:
    shown = present(FRAME, state("plain", modality_transform=ModalityTransform(-2, 5))).frame
    levels = render(shown, shown.windows[0])
    assert levels[0, 0] == 255
    assert levels[-1, -1] == 0


def test_first_inputs_of_tables_follow_the_sign_of_the_pixels() -> None:
    table = LookupTable(65_535, 8, np.array([1, 2], np.uint16))
    signed = replace(FRAME, stored=FRAME.stored.astype(np.int16))
    for frame, first in ((FRAME, 65_535), (signed, -1)):
        shown = present(frame, state("table", vois=(Voi(None, (), (table,)),))).frame
        assert shown.voi_tables[0].first_mapped == first


def test_the_uptake_goes_with_the_files_own_values_only() -> None:
    assert present(FRAME, state("same")).frame.uptake == Uptake(2.0)
    assert present(FRAME, state("other", modality_transform=ModalityTransform(2, 0))).frame.uptake is None


def test_a_twin_is_carried_over_to_the_values_of_the_state() -> None:
    shown = present(FRAME, state("rescaled", modality_transform=ModalityTransform(0.5, -10))).frame
    values = FRAME.stored.astype(np.float32)
    assert np.allclose(carried_over(values, FRAME, shown), values / 2 - 10)
    assert carried_over(values, FRAME, FRAME) is values
    entries = np.arange(4096, dtype=np.uint16) * 16
    through_table = replace(FRAME, modality_transform=ModalityTransform(table=LookupTable(0, 16, entries)))
    assert np.allclose(
        carried_over(entries[:64].astype(np.float32), through_table, shown), np.arange(64) / 2 - 10
    )
