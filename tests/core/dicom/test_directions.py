"""Letters at the edges: said, or worked out from direction cosines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from pydicom.dataset import Dataset

from core.dicom.frames import read_frame

STORED = np.zeros((4, 4), np.uint16)


def letters(tmp_path: Path, **changes: object) -> tuple[str, str]:
    write_grey(tmp_path / "f", STORED, **changes)
    return read_frame(tmp_path / "f").source.patient_orientation


@pytest.mark.parametrize(
    ("cosines", "expected"),
    [
        ([1, 0, 0, 0, 1, 0], ("L", "P")),  # axial, head first supine
        ([1, 0, 0, 0, 0, -1], ("L", "F")),  # coronal
        ([0, 1, 0, 0, 0, -1], ("P", "F")),  # sagittal
        ([-1, 0, 0, 0, -1, 0], ("R", "A")),  # axial, prone
        ([0, 0, 0, 0, 1, 0], ("", "")),
        ([1, 0, 0], ("", "")),
    ],
)
def test_cosines_become_letters(tmp_path: Path, cosines: list[float], expected: tuple[str, str]) -> None:
    assert letters(tmp_path, ImageOrientationPatient=cosines) == expected


def test_what_is_said_in_letters_goes_first(tmp_path: Path) -> None:
    said = {"PatientOrientation": ["A", "F"], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0]}
    assert letters(tmp_path, **said) == ("A", "F")


def test_each_frame_of_an_enhanced_object_has_its_own(tmp_path: Path) -> None:
    groups = []
    for cosines in ([1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1]):
        plane, group = Dataset(), Dataset()
        plane.ImageOrientationPatient = cosines
        group.PlaneOrientationSequence = [plane]
        groups.append(group)
    write_grey(tmp_path / "f", np.stack([STORED, STORED]), PerFrameFunctionalGroupsSequence=groups)
    found = [read_frame(tmp_path / "f", number).source.patient_orientation for number in (0, 1)]
    assert found == [("L", "P"), ("P", "F")]
