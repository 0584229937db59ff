"""The rate of a clip is the file's, with its source; what the file does not say is not made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from phantoms import write_colour, write_grey, write_picture
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from core.dicom.cine import CineTiming, cine_timing
from core.dicom.index import Instance, scan

FRAME_TIME, FRAME_TIME_VECTOR = Tag("FrameTime"), Tag("FrameTimeVector")


def timing(path: Path, frames: int = 4, **attributes: object) -> CineTiming | None:
    write_colour(path / "clip", np.zeros((frames, 4, 4, 3), np.uint8), **attributes)
    (instance,) = scan([path]).instances
    return cine_timing(instance)


def items(*values: dict[str, object]) -> list[Dataset]:
    made = []
    for value in values:
        item = Dataset()
        for keyword, one in value.items():
            setattr(item, keyword, one)
        made.append(item)
    return made


def test_the_pointer_names_the_frame_time(tmp_path: Path) -> None:
    assert timing(tmp_path, FrameIncrementPointer=FRAME_TIME, FrameTime="33.333", CineRate="10") == (
        CineTiming(33.333, "FrameTime")
    )


def test_the_pointer_decides_between_time_and_vector(tmp_path: Path) -> None:
    both: dict[str, object] = {"FrameTime": "40", "FrameTimeVector": ["0", "10", "20", "30"]}
    assert timing(tmp_path, FrameIncrementPointer=FRAME_TIME, **both) == CineTiming(40, "FrameTime")
    vector = timing(tmp_path, FrameIncrementPointer=FRAME_TIME_VECTOR, **both)
    assert vector == CineTiming((10, 20, 30, 30), "FrameTimeVector")
    assert [vector.duration_ms(index) for index in range(4)] == [10, 20, 30, 30]


def test_a_pointer_to_several_vectors_finds_the_time(tmp_path: Path) -> None:
    pointer = [Tag("SliceVector"), FRAME_TIME]
    assert timing(tmp_path, FrameIncrementPointer=pointer, FrameTime="50") == CineTiming(50, "FrameTime")


def test_without_pointer_what_is_written_counts(tmp_path: Path) -> None:
    assert timing(tmp_path, FrameTime="25") == CineTiming(25, "FrameTime")
    assert timing(tmp_path, RecommendedDisplayFrameRate="20", CineRate="10") == CineTiming(
        50, "RecommendedDisplayFrameRate"
    )
    assert timing(tmp_path, CineRate="10") == CineTiming(100, "CineRate")
    assert timing(tmp_path, ActualFrameDuration="200") == CineTiming(200, "ActualFrameDuration")


@pytest.mark.parametrize("bad", ["0", "-5", "1E-12", ""])
def test_a_time_that_is_none_gives_way_to_the_next(tmp_path: Path, bad: str) -> None:
    assert timing(tmp_path, FrameIncrementPointer=FRAME_TIME, FrameTime=bad, CineRate="5") == CineTiming(
        200, "CineRate"
    )
    assert timing(tmp_path, FrameIncrementPointer=FRAME_TIME, FrameTime=bad) is None
    assert timing(tmp_path, FrameTime=bad, ActualFrameDuration="99999999") is None


@pytest.mark.parametrize(
    "vector",
    [
        ["0", "10"],  # fewer than frames
        ["0", "10", "-10", "10"],
        ["0", "10", "0", "10"],
    ],
)
def test_a_vector_that_does_not_fit_is_not_used(tmp_path: Path, vector: list[str]) -> None:
    assert (
        timing(tmp_path, FrameIncrementPointer=FRAME_TIME_VECTOR, FrameTimeVector=vector, CineRate="5")
    ) == CineTiming(200, "CineRate")


def test_a_vector_without_its_first_zero_or_with_more_than_the_frames_is_read(tmp_path: Path) -> None:
    assert timing(tmp_path, FrameTimeVector=["10", "20", "30"]) == CineTiming(
        (10, 20, 30, 30), "FrameTimeVector"
    )
    assert timing(tmp_path, FrameTimeVector=["0", "10", "20", "30", "40", "50"]) == CineTiming(
        (10, 20, 30, 30), "FrameTimeVector"
    )


def test_phases_of_a_dynamic_study(tmp_path: Path) -> None:
    phases = items(
        {"ActualFrameDuration": "1000", "NumberOfFramesInPhase": 1},
        {"ActualFrameDuration": "5000", "NumberOfFramesInPhase": 3},
    )
    assert timing(tmp_path, PhaseInformationSequence=phases) == CineTiming(
        (1000, 5000, 5000, 5000), "ActualFrameDuration"
    )
    # Frames of two detectors: the phases tell of half of them, so nothing is known.
    assert timing(tmp_path, frames=8, PhaseInformationSequence=phases) is None


def test_time_slots_of_a_gated_study(tmp_path: Path) -> None:
    data = items({"FrameTime": "62.5"})
    gated = items({"DataInformationSequence": data})
    assert timing(tmp_path, GatedInformationSequence=gated) == CineTiming(62.5, "FrameTime")


def test_acquisition_times_of_an_enhanced_object(tmp_path: Path) -> None:
    moments = ["20260301235959.900000", "20260302000000", "20260302000000.25", "20260302000001+0100"]

    def groups(moments: list[str]) -> list[Dataset]:
        return items(*({"FrameContentSequence": items({"FrameAcquisitionDateTime": one})} for one in moments))

    assert timing(tmp_path, PerFrameFunctionalGroupsSequence=groups(moments)) == CineTiming(
        (100, 250, 750, 750), "FrameAcquisitionDateTime"
    )
    same = [moments[0]] * 4  # all slices of a volume are taken at once: no rate
    assert timing(tmp_path, PerFrameFunctionalGroupsSequence=groups(same)) is None
    assert timing(tmp_path, PerFrameFunctionalGroupsSequence=groups(["20260301", *moments[1:]])) is None
    assert timing(tmp_path, PerFrameFunctionalGroupsSequence=groups(moments[:3])) is None


def test_a_file_that_says_nothing_has_no_rate(tmp_path: Path) -> None:
    assert timing(tmp_path) is None
    write_grey(tmp_path / "single", np.zeros((4, 4), np.uint16), CineRate="30")
    assert cine_timing(scan([tmp_path / "single"]).instances[0]) == CineTiming(1000 / 30, "CineRate")


def test_no_file_and_no_dicom_have_no_rate(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", np.zeros((4, 4), np.uint8))
    assert cine_timing(scan([tmp_path]).instances[0]) is None
    assert cine_timing(Instance(tmp_path / "gone", "1.2", number_of_frames=3)) is None
    (tmp_path / "no").write_bytes(b"no DICOM")
    assert cine_timing(Instance(tmp_path / "no", "1.2", number_of_frames=3)) is None


@pytest.mark.shared
def test_real_clips(shared_data: Path) -> None:
    def of(name: str) -> CineTiming | None:
        (instance,) = scan([shared_data / "dicom" / name]).instances
        return cine_timing(instance)

    assert of("pydicom/test_files/examples_ybr_color.dcm") == CineTiming(33.333, "FrameTime")
    assert of("objects/xa_96f_jpeg_fragments.dcm") == CineTiming(33, "FrameTime")
    vector = of("matrix/dicomParser__IM00001.fragmented_no_bot_jpeg_baseline.50.dcm")
    assert vector is not None
    assert vector.source == "FrameTimeVector"
    assert isinstance(vector.durations_ms, tuple)
    assert len(vector.durations_ms) == 8
    assert of("pydicom/test_files/rtdose.dcm") is None  # its pointer names places, not times
