"""Each frame of an enhanced object lies where its functional groups say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from pydicom.dataset import Dataset

from core.dicom.frame_places import SPLITTING_KEYWORDS, FramePlace, read_frame_places, splitting_values
from core.dicom.gate import open_admitted
from core.dicom.tags import read_attributes
from core.imaging.frame import PixelSpacing, SpacingSource

ENHANCED_CT, DOSE, NUCLEAR, CAPTURE = (
    f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("2.1", "481.2", "20", "7.2")
)


def item(**attributes: object) -> Dataset:
    made = Dataset()
    for keyword, value in attributes.items():
        setattr(made, keyword, [value] if isinstance(value, Dataset) else value)
    return made


def frame(z: float, number: int, **more: object) -> Dataset:
    return item(
        PlanePositionSequence=item(ImagePositionPatient=[1.0, 2.0, z]),
        FrameContentSequence=item(
            StackID="7", DimensionIndexValues=[1, number], TemporalPositionIndex=number
        ),
        **more,
    )


SHARED = item(
    PlaneOrientationSequence=item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0]),
    PixelMeasuresSequence=item(PixelSpacing=[0.5, 0.6]),
    CTImageFrameTypeSequence=item(FrameType=["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]),
)


def places(
    path: Path, sop_class: str, frames: int, **attributes: object
) -> tuple[tuple[FramePlace, ...], list[str]]:
    file = path / "file.dcm"
    write_grey(file, np.zeros((frames, 4, 4), np.uint16), SOPClassUID=sop_class, **attributes)
    opened = open_admitted(file)
    with opened.stream as stream:
        known = read_attributes(stream, ("SOPClassUID",))
        return read_frame_places(stream, known, sop_class, frames), known.notes


def test_functional_groups_place_each_frame(tmp_path: Path) -> None:
    own = item(PixelMeasuresSequence=item(PixelSpacing=[0.7, 0.8]), CTXRayDetailsSequence=item(KVP="80.0"))
    second = frame(3.0, 2)
    second.update(own)
    found, notes = places(
        tmp_path,
        ENHANCED_CT,
        2,
        SharedFunctionalGroupsSequence=[SHARED],
        PerFrameFunctionalGroupsSequence=[frame(5.0, 1), second],
    )
    assert notes == []
    assert [one.position_mm for one in found] == [(1, 2, 5), (1, 2, 3)]
    assert {one.orientation for one in found} == {((1, 0, 0), (0, 1, 0))}
    assert [one.spacing for one in found] == [
        PixelSpacing(0.5, 0.6, SpacingSource.PIXEL_SPACING),
        PixelSpacing(0.7, 0.8, SpacingSource.PIXEL_SPACING),
    ]
    assert [(one.stack, one.dimensions) for one in found] == [("7", (1, 1)), ("7", (1, 2))]
    assert found[0].kind == ("ORIGINAL", "PRIMARY", "VOLUME", "NONE")
    said = [dict(zip(SPLITTING_KEYWORDS, one.values, strict=True)) for one in found]
    assert [one["TemporalPositionIdentifier"] for one in said] == ["1", "2"]
    assert [one["KVP"] for one in said] == ["", "80"]


def test_fewer_groups_than_frames_place_nothing(tmp_path: Path) -> None:
    found, notes = places(tmp_path, ENHANCED_CT, 2, PerFrameFunctionalGroupsSequence=[frame(1.0, 1)])
    assert found == ()
    assert notes == ["The file has fewer functional groups than frames; places of frames are unknown."]
    assert places(tmp_path, ENHANCED_CT, 2) == ((), [])


def test_damaged_groups_leave_gaps_and_notes(tmp_path: Path) -> None:
    broken = item(
        PlanePositionSequence=item(ImagePositionPatient=[1.0, 2.0]),
        PlaneOrientationSequence=item(ImageOrientationPatient=[1, 0, 0, 1, 0, 0]),
    )
    found, notes = places(tmp_path, ENHANCED_CT, 2, PerFrameFunctionalGroupsSequence=[broken, frame(1.0, 2)])
    assert [one.position_mm for one in found] == [None, (1, 2, 1)]
    assert found[0].orientation is None
    assert notes == ["Orientation of the image is no pair of directions and is not used."]


def test_other_objects_are_not_asked(tmp_path: Path) -> None:
    groups = [frame(1.0, 1), frame(2.0, 2)]
    assert places(tmp_path, CAPTURE, 2, PerFrameFunctionalGroupsSequence=groups) == ((), [])


@pytest.mark.parametrize("offsets", [[0, 5, 10], [30, 35, 40]])
def test_a_dose_grid_lies_at_its_offsets(tmp_path: Path, offsets: list[float]) -> None:
    found, _ = places(
        tmp_path,
        DOSE,
        3,
        ImagePositionPatient=[1, 2, 30],
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
        PixelSpacing=[2, 2],
        GridFrameOffsetVector=offsets,
    )
    assert [one.position_mm for one in found] == [(1, 2, 30), (1, 2, 35), (1, 2, 40)]
    assert all(one.spacing.known for one in found)
    assert places(tmp_path, DOSE, 3, GridFrameOffsetVector=[0, 5])[0] == ()


def test_reconstructed_slices_step_with_their_sign(tmp_path: Path) -> None:
    detector = item(ImagePositionPatient=[0, 0, 90], ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    placed: dict[str, object] = {"DetectorInformationSequence": [detector], "SpacingBetweenSlices": "-4"}
    found, _ = places(tmp_path, NUCLEAR, 3, SliceVector=[1, 2, 3], **placed)
    assert [one.position_mm for one in found] == [(0, 0, 90), (0, 0, 86), (0, 0, 82)]
    assert places(tmp_path, NUCLEAR, 3, SliceVector=[1, 1, 2], **placed)[0] == ()


def test_values_that_tell_images_apart_are_the_same_for_the_same_number(tmp_path: Path) -> None:
    write_grey(tmp_path / "a", np.zeros((4, 4), np.uint16), KVP="120.0", SequenceName="*ep_b0")
    with open_admitted(tmp_path / "a").stream as stream:
        attributes = read_attributes(stream, tuple(SPLITTING_KEYWORDS))
    said = dict(zip(SPLITTING_KEYWORDS, splitting_values(attributes), strict=True))
    assert (said["KVP"], said["SequenceName"], said["EchoTime"]) == ("120", "*ep_b0", "")
    with open_admitted(tmp_path / "a").stream as stream:
        assert splitting_values(read_attributes(stream, ("Rows",))) == ()
