"""Where an instance stands is found in a moment, also where two files have one UID."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.dicom.study import Instance, Patient, Series, Study, StudyIndex


def _series(*frames: int, uid: str = "1.2") -> Series:
    return Series(
        uid,
        instances=tuple(
            Instance(Path(f"/{uid}/{place}"), f"{uid}.{place}", number_of_frames=count)
            for place, count in enumerate(frames)
        ),
    )


def test_a_frame_is_at_its_place_among_the_images() -> None:
    for series in (_series(1, 1, 1), _series(3, 1, 2)):
        for position, (instance, frame) in enumerate(series.images):
            assert series.position_of(instance, frame) == position
        assert series.number_of_images == len(series.images)
        assert StudyIndex.frames_of(series) is series.images


def test_what_is_not_in_a_series_has_no_place() -> None:
    series = _series(2, 1)
    other = replace(series.instances[0], rows=7)
    assert series.place_of(other) is None
    assert series.place_of(_series(1, uid="1.3").instances[0]) is None
    for instance, frame in ((other, 0), (series.instances[0], 2), (series.instances[0], -1)):
        with pytest.raises(KeyError, match="is not in this series"):
            series.position_of(instance, frame)


def test_two_files_with_one_uid_have_two_places() -> None:
    one, two = Instance(Path("/a"), "1.2.3"), Instance(Path("/b"), "1.2.3")
    series = Series("1.2", instances=(one, two))
    assert (series.place_of(one), series.place_of(two)) == (0, 1)
    assert series.place_of(replace(one, rows=3)) is None


def test_an_index_knows_the_place_of_each_instance() -> None:
    first, second = _series(1, 2), _series(1, uid="1.3")
    study, other = Study("1", series=(first,)), Study("2", series=(second,))
    patient = Patient("P", studies=(study, other))
    index = StudyIndex((patient,))
    assert index.place_of(first.instances[1]) == (patient, study, first)
    assert index.place_of(second.instances[0]) == (patient, other, second)
    assert index.instance_at(Path("/1.3/0")) == second.instances[0]
    with pytest.raises(KeyError, match="is not in this index"):
        index.place_of(Instance(Path("/x"), "9"))


def test_frames_of_a_file_may_stand_in_any_order_and_in_two_series() -> None:
    clip = Instance(Path("clip"), "1.9", number_of_frames=4)
    first = Series("1.2", instances=(clip,), frame_order=((0, 2), (0, 0)))
    second = Series("1.2", stack=1, instances=(clip,), frame_order=((0, 3), (0, 1)))
    index = StudyIndex((Patient(studies=(Study("1", series=(first, second)),)),))
    assert first.images == ((clip, 2), (clip, 0))
    assert [first.position_of(clip, 2), first.position_of(clip, 0)] == [0, 1]
    with pytest.raises(KeyError):
        first.position_of(clip, 1)
    assert (first.number_of_images, index.instances) == (2, (clip,))
    assert [index.place_of(clip, frame)[2].stack for frame in range(4)] == [0, 1, 0, 1]
