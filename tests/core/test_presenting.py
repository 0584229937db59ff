"""Which state a frame is shown by: the newest, until the reader chooses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from phantoms import write_grey
from state_files import voi, write_state

from core.dicom.index import scan
from core.dicom.presentation_state import read_presentations
from core.imaging.frame import Frame, FrameSource
from core.imaging.presentation import Presentation
from core.presenting import States

FRAME = Frame(np.zeros((4, 4), np.uint8), source=FrameSource(sop_instance_uid="1", series_instance_uid="9"))
NEXT = replace(FRAME, source=replace(FRAME.source, sop_instance_uid="2"))


def state(name: str, created: str, *images: str, refusal: str = "") -> Presentation:
    scope = {image: frozenset[int]() for image in images}
    return Presentation(Path(name), name, scope, created=created, refusal=refusal)


def test_the_newest_is_applied_until_the_reader_chooses() -> None:
    states = States()
    old, new = state("old", "2023", "1", "2"), state("new", "2024", "1")
    states.add([old, new])
    assert states.for_frame(FRAME) is new
    states.choose(FRAME, old)
    assert states.for_frame(FRAME) is old
    states.choose(FRAME, None)
    assert states.for_frame(FRAME) is None
    assert states.for_frame(NEXT) is None


def test_a_choice_holds_where_it_is_about_the_image() -> None:
    states = States()
    both, one = state("both", "2023", "1", "2"), state("one", "2024", "1")
    states.add([both, one])
    states.choose(FRAME, one)
    assert states.for_frame(NEXT) is both


def test_what_cannot_be_applied_is_offered_and_never_chosen_by_itself() -> None:
    states = States()
    colour = state("colour", "2025", "1", refusal="colour")
    states.add([colour])
    assert states.about(FRAME) == (colour,)
    assert states.for_frame(FRAME) is None
    assert states.about(None) == ()


def test_files_are_asked_for_once(tmp_path: Path) -> None:
    image = write_grey(tmp_path / "image", np.zeros((4, 4), np.uint16))
    write_state(tmp_path / "state", image, SoftcopyVOILUTSequence=[voi(5, 9)])
    states, index = States(), scan([tmp_path])
    files = states.unread(index)
    states.add(read_presentations(files))
    assert files == (tmp_path / "state",)
    assert states.unread(index) == ()
