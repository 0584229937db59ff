"""The one order: by place, then number, then name, whatever order the files come in."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.dicom.ordering import in_order, natural_key, slice_spacing, split

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))


@dataclass(frozen=True)
class Image:
    """An image as the rules see it."""

    path: Path
    instance_number: int | None = None
    position_mm: tuple[float, float, float] | None = None
    orientation: tuple[tuple[float, float, float], tuple[float, float, float]] | None = None
    sop_class_uid: str = "1.2"
    number_of_frames: int = 1
    image_type: tuple[str, ...] = ()
    echo: str = ""
    acquisition_time: str = ""


def axial(z: float, number: int | None = None, name: str = "", **more: object) -> Image:
    return Image(Path(name or f"{z}"), number, (1.0, 2.0, z), AXIAL, **more)  # type: ignore[arg-type]


images = st.builds(
    Image,
    path=st.text("ab0123456789", min_size=1, max_size=6).map(Path),
    instance_number=st.none() | st.integers(-5, 50),
    position_mm=st.none() | st.tuples(*[st.floats(-500, 500)] * 3),
    orientation=st.none() | st.sampled_from([AXIAL, CORONAL]),
    number_of_frames=st.sampled_from([1, 1, 1, 3]),
    echo=st.sampled_from(["", "1", "2"]),
    acquisition_time=st.sampled_from(["", "20200101120000", "20200101120001"]),
)


@given(st.lists(images, max_size=12, unique_by=lambda image: image.path), st.randoms())
def test_order_does_not_depend_on_the_order_of_files(files: list[Image], rng: random.Random) -> None:
    shuffled = files.copy()
    rng.shuffle(shuffled)
    assert in_order(files) == in_order(shuffled)
    assert split(files) == split(shuffled)


@given(st.lists(images, max_size=12, unique_by=lambda image: image.path))
def test_splitting_loses_and_doubles_nothing(files: list[Image]) -> None:
    stacks = split(files)
    assert sorted(image.path for stack in stacks for image in stack) == sorted(image.path for image in files)
    for stack in stacks:
        assert len({(image.sop_class_uid, image.orientation) for image in stack}) == 1


@given(st.lists(st.floats(-300, 300), min_size=1, max_size=20), st.randoms())
def test_slices_rise_along_the_normal(places: list[float], rng: random.Random) -> None:
    files = [axial(z, number=rng.randint(0, 99), name=f"n{index}") for index, z in enumerate(places)]
    ordered = [round(image.position_mm[2], 3) for image in in_order(files) if image.position_mm]
    assert ordered == sorted(ordered)


def test_coronal_slices_go_by_their_own_normal() -> None:
    files = [Image(Path(f"{y}"), 1, (0.0, y, 0.0), CORONAL) for y in (3.0, 1.0, 2.0)]
    assert [image.position_mm for image in in_order(files)] == [(0, 1.0, 0), (0, 2.0, 0), (0, 3.0, 0)]


def test_same_place_goes_by_number_then_by_natural_name() -> None:
    files = [axial(0, 2, "IM1"), axial(0, 1, "IM10"), axial(0, 1, "IM2"), axial(0, None, "IM0")]
    assert [str(image.path) for image in in_order(files)] == ["IM2", "IM10", "IM1", "IM0"]


def test_without_all_places_the_number_rules() -> None:
    files = [axial(5, 1), Image(Path("x"), 2), axial(1, 3)]
    assert [image.instance_number for image in in_order(files)] == [1, 2, 3]


def test_clips_go_by_time() -> None:
    files = [
        Image(Path("a"), 1, number_of_frames=30, acquisition_time="20200101120200"),
        Image(Path("b"), 2, number_of_frames=30, acquisition_time="20200101120100"),
        Image(Path("c"), 3, number_of_frames=30),
    ]
    assert [str(image.path) for image in in_order(files)] == ["b", "a", "c"]


def test_a_scout_an_echo_and_a_derived_image_stand_apart() -> None:
    files = [
        *(axial(z, name=f"a{z}") for z in range(3)),
        Image(Path("scout"), 0, (0.0, 0.0, 0.0), CORONAL),
        axial(0, name="echo", echo="2"),
        axial(0, name="mip", image_type=("DERIVED", "SECONDARY", "MIP")),
        axial(0, name="capture", sop_class_uid="1.3"),
    ]
    assert sorted(len(stack) for stack in split(files)) == [1, 1, 1, 1, 3]


def test_two_views_of_a_chest_stay_together() -> None:
    files = [
        Image(Path("pa"), 1, image_type=("ORIGINAL", "PRIMARY")),
        Image(Path("lat"), 2, image_type=("DERIVED",)),
    ]
    assert len(split(files)) == 1


def test_a_series_that_turns_stays_whole() -> None:
    files = [
        Image(Path(f"{n}"), n, (0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, n / 10))) for n in range(200)
    ]
    stacks = split(files)
    assert len(stacks) == 1
    assert [image.instance_number for image in stacks[0]] == list(range(200))


def test_spacing_is_measured_and_gaps_are_named() -> None:
    even = slice_spacing([axial(z * 2.5) for z in range(5)])
    assert (even.spacing_mm, even.notes) == (2.5, ())
    gap = slice_spacing([axial(z) for z in (0, 2, 4, 10, 12)])
    assert gap.spacing_mm == 2
    assert gap.notes == ("Gap of 6.0 mm between slices 3 and 4 (usual spacing 2.0 mm).",)
    uneven = slice_spacing([axial(z) for z in (0, 2, 4.2, 6.2)])
    assert uneven.notes == ("Slice spacing is uneven: 2.00 to 2.20 mm.",)
    doubled = slice_spacing([axial(z, name=f"{i}") for i, z in enumerate((0, 0, 2, 2))])
    assert doubled.notes == ("2 slices lie at the place of another one.",)
    one = slice_spacing([axial(z, name=f"{i}") for i, z in enumerate((0, 0, 2))])
    assert one.notes == ("1 slice lies at the place of another one.",)


def test_many_gaps_are_counted() -> None:
    places = [0.0]
    for step in [1, 1, 1, 1, 1, 1, 1, 1, 5, 5, 5, 5, 5, 5, 5]:
        places.append(places[-1] + step)
    notes = slice_spacing([axial(z) for z in places]).notes
    assert len(notes) == 6
    assert notes[-1] == "2 more gaps."


def test_unknown_spacing_stays_unknown() -> None:
    assert slice_spacing([]).spacing_mm is None
    assert slice_spacing([axial(0)]).spacing_mm is None
    assert slice_spacing([Image(Path("a")), Image(Path("b"))]).spacing_mm is None
    assert slice_spacing([axial(0, name="a"), axial(0, name="b")]).spacing_mm is None


@given(st.lists(st.text(max_size=12)))
def test_natural_keys_can_be_compared(names: list[str]) -> None:
    assert sorted(names, key=natural_key) == sorted(sorted(names), key=natural_key)
