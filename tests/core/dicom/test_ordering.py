"""The one order: by place, then number, then name, whatever order the files come in."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stack_files import AXIAL, CORONAL, File, axial

from core.dicom.arrangement import Arrangement, SortBy
from core.dicom.frame_places import FramePlace
from core.dicom.ordering import arranged, images_of, in_order, natural_key

files = st.builds(
    File,
    path=st.text("ab0123456789", min_size=1, max_size=6).map(Path),
    instance_number=st.none() | st.integers(-5, 50),
    position_mm=st.none() | st.tuples(*[st.floats(-500, 500)] * 3),
    orientation=st.none() | st.sampled_from([AXIAL, CORONAL]),
    number_of_frames=st.sampled_from([1, 1, 1, 3]),
    acquisition_time=st.sampled_from(["", "20200101120000", "20200101120001"]),
)
lists_of_files = st.lists(files, max_size=12, unique_by=lambda file: file.path)


def ordered(some: list[File]) -> list[File]:
    return [image.file for image in in_order(images_of(some))]


def names(some: list[File]) -> list[str]:
    return [str(file.path) for file in ordered(some)]


@given(lists_of_files, st.randoms())
def test_order_does_not_depend_on_the_order_of_files(some: list[File], rng: random.Random) -> None:
    shuffled = some.copy()
    rng.shuffle(shuffled)
    assert ordered(some) == ordered(shuffled)


@given(lists_of_files)
def test_ordering_twice_changes_nothing(some: list[File]) -> None:
    once = in_order(images_of(some))
    assert in_order(once) == once


@given(st.lists(st.floats(-300, 300), min_size=1, max_size=20), st.randoms())
def test_slices_rise_along_the_normal(places: list[float], rng: random.Random) -> None:
    some = [axial(z, number=rng.randint(0, 99), name=f"n{index}") for index, z in enumerate(places)]
    found = [file.position_mm[2] for file in ordered(some) if file.position_mm]
    # Places within a thousandth of a millimetre are one; there the number rules.
    assert all(after >= before - 1.001e-3 for before, after in pairwise(found))


@given(st.floats(0, 2e-4), st.integers(-400, 400), st.randoms())
def test_noise_in_positions_parts_no_place(noise: float, tenth: int, rng: random.Random) -> None:
    some = [axial(tenth / 10 + noise * (n % 2 - 0.5), n, f"n{n}") for n in range(6)]
    rng.shuffle(some)
    assert [file.instance_number for file in ordered(some)] == list(range(6))


@given(st.lists(st.floats(-0.004, 0.004), min_size=2, max_size=8), st.randoms())
def test_a_wobbling_gantry_keeps_the_order(wobble: list[float], rng: random.Random) -> None:
    some = [
        File(Path(f"{n}"), -n, (0.0, 0.0, 5.0 * n), ((1.0, 0.0, lean), (0.0, 1.0, 0.0)))
        for n, lean in enumerate(wobble)
    ]
    shuffled = some.copy()
    rng.shuffle(shuffled)
    assert ordered(shuffled) == some


def test_coronal_slices_go_by_their_own_normal() -> None:
    some = [File(Path(f"{y}"), 1, (0.0, y, 0.0), CORONAL) for y in (3.0, 1.0, 2.0)]
    assert [file.position_mm for file in ordered(some)] == [(0, 1.0, 0), (0, 2.0, 0), (0, 3.0, 0)]


def test_positions_decide_against_numbers() -> None:
    assert names([axial(2, 1), axial(0, 2), axial(1, 3)]) == ["0", "1", "2"]


def test_same_place_goes_by_number_then_by_natural_name() -> None:
    some = [axial(0, 2, "IM1"), axial(0, 1, "IM10"), axial(0, 1, "IM2"), axial(0, None, "IM0")]
    assert names(some) == ["IM2", "IM10", "IM1", "IM0"]


def test_without_all_places_the_number_rules() -> None:
    some = [axial(5, 1), File(Path("x"), 2), axial(1, 3)]
    assert [file.instance_number for file in ordered(some)] == [1, 2, 3]


@pytest.mark.parametrize(
    "first", ["20200101120100", "20200101120100.25", "2020.01.0112:01:00", "20200101120100+0100"]
)
def test_clips_go_by_time_however_it_is_written(first: str) -> None:
    some = [
        File(Path("a"), 1, number_of_frames=30, acquisition_time="20200101120200"),
        File(Path("b"), 2, number_of_frames=30, acquisition_time=first),
        File(Path("c"), 3, number_of_frames=30),
        File(Path("d"), 0, number_of_frames=30, acquisition_time="20200101120200"),
    ]
    assert names(some) == ["b", "d", "a", "c"]


def test_frames_of_a_file_go_by_their_places() -> None:
    places = [FramePlace((0.0, 0.0, z), AXIAL) for z in (4.0, 0.0, 2.0)]
    file = File(Path("a"), number_of_frames=3, frame_places=tuple(places))
    assert [image.frames[0] for image in in_order(images_of([file]))] == [1, 2, 0]


def test_frames_of_two_files_make_one_stack() -> None:
    def part(name: str, *zs: float) -> File:
        return File(
            Path(name),
            number_of_frames=len(zs),
            frame_places=tuple(FramePlace((0.0, 0.0, z), AXIAL) for z in zs),
        )

    found = in_order(images_of([part("b", 3, 2), part("a", 1, 4)]))
    assert [(image.file.path.name, image.frames[0]) for image in found] == [
        ("a", 0),
        ("b", 1),
        ("b", 0),
        ("a", 1),
    ]


def test_frames_without_places_go_by_their_dimensions() -> None:
    places = tuple(FramePlace(dimensions=index) for index in ((2, 1), (1, 2), (1, 1), (10, 1)))
    file = File(Path("a"), number_of_frames=4, frame_places=places)
    assert [image.frames[0] for image in in_order(images_of([file]))] == [2, 1, 0, 3]


@given(st.lists(st.text(max_size=12)))
def test_natural_keys_can_be_compared(some: list[str]) -> None:
    assert sorted(some, key=natural_key) == sorted(sorted(some), key=natural_key)


def test_natural_names_count() -> None:
    assert sorted(["IM10", "IM9", "IM1"], key=natural_key) == ["IM1", "IM9", "IM10"]


ODD = [
    axial(0, 3, "im10", acquisition_time="100003"),
    axial(1, None, "im2", acquisition_time="100001"),
    axial(2, 1, "im1", acquisition_time=""),
    axial(3, 2, "im3", acquisition_time="100002.5"),
]


@pytest.mark.parametrize(
    ("by", "places"),
    [
        (SortBy.POSITION, [0, 1, 2, 3]),
        (SortBy.NUMBER, [2, 3, 0, 1]),
        (SortBy.TIME, [1, 3, 0, 2]),
        (SortBy.NAME, [2, 1, 3, 0]),
    ],
)
def test_the_reader_may_wish_for_another_order(by: SortBy, places: list[int]) -> None:
    frames = arranged(images_of(ODD), Arrangement(by=by))
    assert [file.position_mm[2] for file, _ in frames if file.position_mm] == places
    backwards = arranged(images_of(ODD), Arrangement(by=by, backwards=True))
    assert backwards == frames[::-1]


@given(lists_of_files, st.sampled_from(SortBy), st.booleans(), st.randoms())
def test_no_order_loses_a_frame_or_depends_on_that_of_the_files(
    some: list[File], by: SortBy, backwards: bool, rng: random.Random
) -> None:
    wish = Arrangement(by=by, backwards=backwards)
    found = arranged(images_of(some), wish)
    assert sorted((str(file.path), index) for file, index in found) == sorted(
        (str(file.path), index) for file in some for index in range(file.number_of_frames)
    )
    shuffled = some.copy()
    rng.shuffle(shuffled)
    assert arranged(images_of(shuffled), wish) == found


def test_a_clip_turned_round_plays_its_last_frame_first() -> None:
    clip = File(Path("clip"), 1, number_of_frames=3)
    assert [index for _, index in arranged(images_of([clip]), Arrangement(backwards=True))] == [2, 1, 0]
