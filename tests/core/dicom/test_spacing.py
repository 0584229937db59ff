"""Millimetres never travel without their source."""

from __future__ import annotations

import pytest
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset

from core.dicom.spacing import pixel_spacing
from core.dicom.tags import Attributes
from core.imaging.frame import SpacingSource


def spacing_of(**attributes: object) -> tuple[float | None, float | None, SpacingSource, str, list[str]]:
    ds = Dataset()
    with disable_value_validation():
        for keyword, value in attributes.items():
            setattr(ds, keyword, value)
    reader = Attributes(ds)
    spacing = pixel_spacing(reader)
    return spacing.row_mm, spacing.column_mm, spacing.source, spacing.note, reader.notes


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, (None, None, SpacingSource.UNKNOWN)),
        ({"PixelSpacing": [0.5, 0.6]}, (0.5, 0.6, SpacingSource.PIXEL_SPACING)),
        ({"PixelSpacing": [0.5, 0.6], "PixelSpacingCalibrationType": "GEOMETRY"},
         (0.5, 0.6, SpacingSource.CALIBRATED)),
        ({"ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2, SpacingSource.IMAGER)),
        ({"ImagerPixelSpacing": [0.3, 0.3], "EstimatedRadiographicMagnificationFactor": 1.5},
         (0.2, 0.2, SpacingSource.IMAGER_MAGNIFIED)),
        ({"ImagerPixelSpacing": [0.3, 0.3], "EstimatedRadiographicMagnificationFactor": 0},
         (0.3, 0.3, SpacingSource.IMAGER)),
        ({"PixelSpacing": [0.2, 0.2], "ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2, SpacingSource.IMAGER)),
        ({"PixelSpacing": [0.18, 0.18], "ImagerPixelSpacing": [0.2, 0.2]},
         (0.18, 0.18, SpacingSource.CALIBRATED)),
        ({"NominalScannedPixelSpacing": [0.1, 0.1]}, (0.1, 0.1, SpacingSource.NOMINAL)),
        ({"PixelSpacing": [0, 0]}, (None, None, SpacingSource.UNKNOWN)),
        ({"PixelSpacing": [0.5]}, (None, None, SpacingSource.UNKNOWN)),
        ({"PixelSpacing": [-1, 1], "ImagerPixelSpacing": [0.2, 0.2]}, (0.2, 0.2, SpacingSource.IMAGER)),
    ],
)  # fmt: skip
def test_source_of_spacing(
    attributes: dict[str, object], expected: tuple[object, object, SpacingSource]
) -> None:
    row, column, source, _, _ = spacing_of(**attributes)
    assert (row, column) == pytest.approx(expected[:2]) if expected[0] else row is None
    assert source is expected[2]


def test_a_projection_without_more_says_what_it_does_not_know() -> None:
    assert "corrected for magnification" in spacing_of(PixelSpacing=[0.2, 0.2], Modality="CR")[3]
    assert spacing_of(PixelSpacing=[0.2, 0.2], Modality="CT")[3] == ""


def test_how_it_was_calibrated_is_kept() -> None:
    note = spacing_of(
        PixelSpacing=[0.2, 0.2],
        PixelSpacingCalibrationType="FIDUCIAL",
        PixelSpacingCalibrationDescription="coin",
    )[3]
    assert note == "FIDUCIAL: coin"


def test_unusable_spacing_is_said() -> None:
    assert spacing_of(PixelSpacing=[0, 0])[4] == ["PixelSpacing holds 0, 0: no usable spacing; ignored."]
