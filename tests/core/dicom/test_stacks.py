"""Stacks as they are shown: in order, measured, and what is odd about them in words."""

from __future__ import annotations

from pathlib import Path

from stack_files import AXIAL, CORONAL, File, axial

from core.dicom.arrangement import Arrangement, SortBy
from core.dicom.frame_places import FramePlace
from core.dicom.stacks import even_steps, stacks


def test_spacing_is_measured_and_gaps_are_named() -> None:
    even = even_steps([2.5 * z for z in range(5)])
    assert (even.spacing_mm, even.notes) == (2.5, ())
    gap = even_steps([0, 2, 4, 10, 12])
    assert gap.spacing_mm == 2
    assert gap.notes == ("Gap of 6.0 mm between slices 3 and 4 (usual spacing 2.0 mm).",)
    assert even_steps([0, 2, 4.2, 6.2]).notes == ("Slice spacing is uneven: 2.00 to 2.20 mm.",)
    assert even_steps([0, 0, 2, 2]).notes == ("2 slices lie at the place of another one.",)
    assert even_steps([0, 0, 2]).notes == ("1 slice lies at the place of another one.",)


def test_many_gaps_are_counted() -> None:
    places = [0.0]
    for step in [1, 1, 1, 1, 1, 1, 1, 1, 5, 5, 5, 5, 5, 5, 5]:
        places.append(places[-1] + step)
    notes = even_steps(places).notes
    assert len(notes) == 6
    assert notes[-1] == "2 more gaps."


def test_unknown_spacing_stays_unknown() -> None:
    assert even_steps([]).spacing_mm is None
    assert even_steps([3]).spacing_mm is None
    assert even_steps([3, 3]).spacing_mm is None
    (films,) = stacks([File(Path("a")), File(Path("b"))])
    assert (films.spacing_mm, films.notes) == (None, ())


def test_rounded_positions_are_even() -> None:
    rounded = even_steps([round(0.75 * z, 1) for z in range(100)])
    assert rounded.notes == ()
    assert rounded.spacing_mm is not None
    assert abs(rounded.spacing_mm - 0.75) < 1e-3


def test_a_stack_is_in_order_with_its_spacing() -> None:
    (stack,) = stacks([axial(z, name=f"{z}") for z in (4, 0, 2)])
    assert [file.path.name for file, _ in stack.frames] == ["0", "2", "4"]
    assert (stack.spacing_mm, stack.part_words, stack.notes, stack.frame_order) == (2, "", (), ())


def test_parts_say_what_they_are() -> None:
    found = stacks([*(axial(z, z) for z in range(2)), File(Path("c"), 9, (0.0, 0.0, 0.0), CORONAL)])
    assert [stack.part_words for stack in found] == ["axial", "coronal"]
    assert [stack.notes for stack in found] == [
        ("Part 1 of 2 of one series: axial.",),
        ("Part 2 of 2 of one series: coronal.",),
    ]


def test_merged_all_stand_in_one() -> None:
    files = [*(axial(z, z) for z in range(2)), File(Path("c"), 9, (0.0, 0.0, 0.0), CORONAL)]
    (stack,) = stacks(files, Arrangement(merged=True))
    assert [file.path.name for file, _ in stack.frames] == ["0", "1", "c"]
    assert stack.part_words == ""
    assert stack.notes == (
        "2 parts of one series are shown as one stack, as wished: axial; coronal.",
        "The images look in different directions; they are ordered by instance number.",
    )


def test_frames_of_one_file_are_told_by_their_numbers() -> None:
    places = tuple(FramePlace((0.0, 0.0, z), AXIAL) for z in (3.0, 1.0, 2.0))
    file = File(Path("a"), number_of_frames=3, frame_places=places)
    (stack,) = stacks([file])
    assert stack.frames == ((file, 1), (file, 2), (file, 0))
    assert stack.files == (file,)
    assert stack.frame_order == ((0, 1), (0, 2), (0, 0))


def test_a_clip_keeps_its_frames() -> None:
    clip, still = File(Path("b"), 2, number_of_frames=3), File(Path("a"), 1, number_of_frames=2)
    (stack,) = stacks([clip, still])
    assert stack.frames == ((still, 0), (still, 1), (clip, 0), (clip, 1), (clip, 2))
    assert stack.frame_order == ()


def test_missing_positions_and_numbers_are_said() -> None:
    (stack,) = stacks([axial(0, 1), axial(1, 2), File(Path("x"), 3, None, AXIAL)])
    assert stack.notes == ("1 of 3 images have no position; all are ordered by instance number.",)
    (stack,) = stacks([File(Path(f"{n}"), n) for n in (1, 2, 4, 5)])
    assert stack.notes == ("Instance number 3 is missing; an image may not have come along.",)
    (stack,) = stacks([File(Path(f"{n}"), n) for n in (1, 2, 3, 4, 5, 6, 8, 9, 11, 12)])
    assert stack.notes == ("Instance numbers 7, 10 are missing; images may not have come along.",)
    assert stacks([File(Path(f"{n}"), n) for n in (1, 100, 1000)])[0].notes == ()


def test_numbers_against_the_positions_are_said() -> None:
    assert stacks([axial(2, 1), axial(1, 2), axial(0, 3)])[0].notes == ()
    assert stacks([axial(2, 1), axial(0, 2), axial(1, 3)])[0].notes == (
        "Instance numbers do not follow the positions; the positions decide.",
    )


def test_nothing_makes_no_stack() -> None:
    assert stacks([]) == ()


def test_a_wished_order_is_told_and_the_spacing_stays_that_of_the_places() -> None:
    files = [axial(z, 9 - z, f"{z}") for z in (0, 1, 2, 5)]
    (stack,) = stacks(files, Arrangement(by=SortBy.NUMBER))
    assert [file.path.name for file, _ in stack.frames] == ["5", "2", "1", "0"]
    assert stack.spacing_mm == 1
    assert stack.notes == (
        "The images stand in the order that was wished for: by instance number. "
        "Other notes count the slices by position.",
        "Gap of 3.0 mm between slices 3 and 4 (usual spacing 1.0 mm).",
    )
    assert stack.frame_order == (), "files in this order, each with its one frame"


def test_by_time_nothing_is_said_of_instance_numbers() -> None:
    films = [File(Path(f"{n}"), n) for n in range(3)]
    (stack,) = stacks(films, Arrangement(by=SortBy.TIME))
    assert stack.notes == ("The images stand in the order that was wished for: by acquisition time.",)
