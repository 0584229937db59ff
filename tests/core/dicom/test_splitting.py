"""What may not be scrolled together stands apart, and no more than that."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stack_files import AXIAL, CORONAL, File, axial

from core.dicom.frame_places import SPLITTING_KEYWORDS, FramePlace
from core.dicom.ordering import images_of
from core.dicom.splitting import split

SAGITTAL = ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0))


def parts(files: list[File]) -> dict[str, int]:
    """Words and size of each part, in their order."""
    return {part.words: len(part.images) for part in split(images_of(files))}


def values(**named: str) -> tuple[str, ...]:
    assert set(named) <= set(SPLITTING_KEYWORDS)
    return tuple(named.get(keyword, "") for keyword in SPLITTING_KEYWORDS)


def repeated(keyword: str, texts: list[str], places: int) -> list[File]:
    """A stack that is there once for each text."""
    return [
        axial(z, number, f"{text}-{z}", splitting_values=values(**{keyword: text}))
        for number, text in enumerate(texts)
        for z in range(places)
    ]


files = st.builds(
    File,
    path=st.text("ab0123456789", min_size=1, max_size=6).map(Path),
    instance_number=st.none() | st.integers(-5, 50),
    position_mm=st.none() | st.tuples(st.just(0.0), st.just(0.0), st.integers(0, 3).map(float)),
    orientation=st.none() | st.sampled_from([AXIAL, CORONAL]),
    number_of_frames=st.sampled_from([1, 1, 1, 3]),
    rows=st.sampled_from([8, 16]),
    echo=st.sampled_from(["", "1", "2"]),
    splitting_values=st.just(()) | st.sampled_from(["", "1", "2"]).map(lambda text: values(EchoTime=text)),
)


@given(st.lists(files, max_size=16, unique_by=lambda file: file.path), st.randoms())
def test_splitting_loses_and_doubles_nothing(some: list[File], rng: random.Random) -> None:
    found = split(images_of(some))
    paths = [image.file.path for part in found for image in part.images]
    assert sorted(paths) == sorted(file.path for file in some)
    for part in found:
        assert len({image.file.sop_class_uid for image in part.images}) == 1
    shuffled = some.copy()
    rng.shuffle(shuffled)
    again = split(images_of(shuffled))
    assert [[image.file for image in part.images] for part in again] == [
        [image.file for image in part.images] for part in found
    ]


def test_a_scout_an_echo_and_a_derived_image_stand_apart() -> None:
    some = [
        *(axial(z, z, f"a{z}") for z in range(3)),
        File(Path("scout"), 10, (0.0, 0.0, 0.0), CORONAL),
        axial(0, 11, "echo", echo="2"),
        axial(0, 12, "mip", image_type=("DERIVED", "SECONDARY", "MIP")),
        axial(0, 13, "capture", sop_class_uid="1.2.840.10008.5.1.4.1.1.7"),
    ]
    assert list(parts(some).values()) == [3, 1, 1, 1, 1]
    assert "Secondary Capture Image" in parts(some)
    assert "another kind of object, coronal" in parts(some)


def test_a_localiser_falls_into_its_planes() -> None:
    some = [
        File(Path(f"{plane}{n}"), n, (float(n), float(n), float(n)), orientation)
        for n, (plane, orientation) in enumerate([("a", AXIAL), ("c", CORONAL), ("s", SAGITTAL)] * 2)
    ]
    assert parts(some) == {"axial": 2, "coronal": 2, "sagittal": 2}


def test_two_views_of_a_chest_stay_together() -> None:
    some = [
        File(Path("pa"), 1, image_type=("ORIGINAL", "PRIMARY")),
        File(Path("lat"), 2, image_type=("DERIVED",), rows=9),
    ]
    assert parts(some) == {"": 2}


@pytest.mark.parametrize("views", [12, 200])
def test_a_series_that_turns_stays_whole(views: int) -> None:
    some = [
        File(Path(f"{n}"), n, (0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, n / 10))) for n in range(views)
    ]
    assert parts(some) == {"": views}


def test_an_image_type_that_counts_splits_nothing() -> None:
    assert parts([axial(z, z, image_type=("ORIGINAL", "PRIMARY", f"S{z}")) for z in range(8)]) == {"": 8}


def test_empty_values_of_an_image_type_do_not_matter() -> None:
    assert parts([axial(0, image_type=("A", "B", "")), axial(1, image_type=("A", "B"))]) == {"": 2}


def test_images_of_another_size_stand_apart() -> None:
    assert parts([axial(z, z, rows=8 if z < 3 else 16) for z in range(6)]) == {"8 × 8 px": 3, "8 × 16 px": 3}


@pytest.mark.parametrize(
    ("keyword", "texts", "words"),
    [
        ("TemporalPositionIdentifier", ["1", "2", "10"], ["time point 1", "time point 2", "time point 10"]),
        ("DiffusionBValue", ["", "500", "1000"], ["no b-value", "b-value 500", "b-value 1000"]),
        ("KVP", ["80", "140"], ["tube voltage 80", "tube voltage 140"]),
        ("EchoTime", ["4.6", "9.2"], ["echo time 4.6", "echo time 9.2"]),
        ("AcquisitionNumber", ["1", "2"], ["acquisition 1", "acquisition 2"]),
    ],
)
def test_what_repeats_a_whole_stack_splits_it(keyword: str, texts: list[str], words: list[str]) -> None:
    assert list(parts(repeated(keyword, texts, 4)).items()) == [(word, 4) for word in words]


def test_b_values_and_their_directions_split_one_after_the_other() -> None:
    some = [
        axial(
            z,
            number,
            f"{b}-{number}-{z}",
            splitting_values=values(DiffusionBValue=b, AcquisitionNumber=str(number)),
        )
        for number, b in enumerate(["0", "1000", "1000"])
        for z in range(3)
    ]
    assert parts(some) == {"b-value 0": 3, "b-value 1000, acquisition 1": 3, "b-value 1000, acquisition 2": 3}


def test_a_voltage_that_changes_along_the_patient_splits_nothing() -> None:
    assert parts([axial(z, splitting_values=values(KVP="100" if z < 4 else "120")) for z in range(8)]) == {
        "": 8
    }


def test_two_acquisitions_that_meet_in_one_slice_stay_together() -> None:
    some = [axial(z, splitting_values=values(AcquisitionNumber="1"), name=f"a{z}") for z in range(5)]
    some += [axial(z, splitting_values=values(AcquisitionNumber="2"), name=f"b{z}") for z in range(4, 9)]
    assert parts(some) == {"": 10}


def test_a_last_time_point_that_was_broken_off_is_one_all_the_same() -> None:
    some = repeated("TemporalPositionIdentifier", ["1", "2", "3"], 5)[:-2]
    assert list(parts(some).values()) == [5, 5, 3]


def test_many_phases_of_few_slices_are_watched_slice_by_slice() -> None:
    some = repeated("TriggerTime", [str(20 * phase) for phase in range(25)], 3)
    assert parts(some) == {"": 75}
    one_slice = repeated("TemporalPositionIdentifier", [str(phase) for phase in range(6)], 1)
    assert parts(one_slice) == {"": 6}
    perfusion = repeated("TemporalPositionIdentifier", [str(time) for time in range(40)], 10)
    assert parts(perfusion) == {"": 400}


def test_stacks_in_one_file_stand_apart() -> None:
    def place(z: float, stack: str, frame_type: str) -> FramePlace:
        return FramePlace((0.0, 0.0, z), AXIAL, stack=stack, kind=("ORIGINAL", "PRIMARY", frame_type))

    places = [place(z, stack, kind) for z in range(3) for stack in "12" for kind in "MP"]
    file = File(Path("a"), number_of_frames=len(places), frame_places=tuple(places))
    assert parts([file]) == {
        "stack 1, image type M": 3,
        "stack 1, image type P": 3,
        "stack 2, image type M": 3,
        "stack 2, image type P": 3,
    }
