"""One affine for a stack, right to the pixel, and in words why a stack is no regular grid."""

from __future__ import annotations

import math
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given
from hypothesis import strategies as st
from phantoms import write_ct_series

from core.dicom.geometry import StackGeometry, stack_geometry
from core.dicom.index import Instance, Series, StudyIndex, scan
from core.imaging.frame import PixelSpacing, SpacingSource

AXIAL = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
SPACING = PixelSpacing(0.5, 0.8, SpacingSource.PIXEL_SPACING)


def stack(positions: list[tuple[float, float, float]], **changes: object) -> Series:
    instances = tuple(
        Instance(
            Path(f"{number}"),
            f"1.{number}",
            rows=20,
            columns=30,
            position_mm=position,
            orientation=AXIAL,
            spacing=SPACING,
        )
        for number, position in enumerate(positions)
    )
    first = replace(instances[0], **changes)  # type: ignore[arg-type]  # names of its fields
    return Series("1", instances=(first, *instances[1:]))


def geometry(series: Series) -> StackGeometry:
    found = stack_geometry(series)
    assert found is not None
    return found


def test_an_upright_stack_is_a_regular_grid() -> None:
    found = geometry(stack([(-10.0, -20.0, 5.0 + 2.5 * z) for z in range(7)]))
    assert found.regular
    assert (found.shape, found.spacing_mm, found.shear_deg) == ((7, 20, 30), (2.5, 0.5, 0.8), 0)
    assert found.places_mm == (0, 2.5, 5, 7.5, 10, 12.5, 15)
    # One column on is 0.8 mm to the left of the patient, one row on 0.5 mm to the back.
    assert (found.affine @ [1, 2, 3, 1]).tolist() == [-9.2, -19.0, 12.5, 1]
    assert not found.affine.flags.writeable


@given(
    st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(0.1, 1)),
    st.floats(0.3, 8),
    st.integers(2, 40),
)
def test_any_orientation_gives_the_places_of_the_slices(
    turn: tuple[float, float, float, float], step: float, count: int
) -> None:
    x, y, z, w = np.array(turn) / np.linalg.norm(turn)
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    origin = np.array([3.0, -4.0, 50.0])
    positions = [tuple(origin + rotation[:, 2] * step * k) for k in range(count)]
    orientation = (tuple(rotation[:, 0]), tuple(rotation[:, 1]))
    series = stack(positions)
    turned = tuple(replace(one, orientation=orientation) for one in series.instances)
    found = geometry(replace(series, instances=turned))
    assert found.reasons == ()
    for k in (0, count // 2, count - 1):
        assert found.affine @ [0, 0, k, 1] == pytest.approx([*positions[k], 1], abs=1e-6)
    assert np.linalg.det(found.affine[:3, :3]) == pytest.approx(0.5 * 0.8 * step)


def test_a_tilted_gantry_is_a_shear_of_its_angle() -> None:
    tilt = math.radians(20)
    found = geometry(stack([(0, 3 * z * math.tan(tilt), 3.0 * z) for z in range(10)]))
    assert found.shear_deg == pytest.approx(20)
    assert found.reasons == (
        "The slices are shifted against each other (tilt 20.0°), as with a tilted gantry.",
    )
    assert found.spacing_mm[0] == pytest.approx(3)
    # The affine follows the shear: the last slice is where it is.
    assert (found.affine @ [0, 0, 9, 1])[:3] == pytest.approx([0, 27 * math.tan(tilt), 27])


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ([0, 2, 4, 10, 12], "Gap of 6.0 mm between slices 3 and 4 (usual spacing 2.0 mm)."),
        ([0, 2, 4.4, 6.4], "Slice spacing is uneven: 2.00 to 2.40 mm."),
        ([0, 2, 2, 4], "1 slice lies at the place of another one."),
        ([5], "There is one slice only; the distance to a next one is not known."),
    ],
)
def test_what_keeps_a_stack_from_being_a_grid_is_said(places: list[float], reason: str) -> None:
    found = geometry(stack([(0.0, 0.0, float(z)) for z in places]))
    assert not found.regular
    assert found.reasons == (reason,)


def test_positions_that_were_rounded_are_even() -> None:
    found = geometry(stack([(0.0, 0.0, round(-100 + 0.75 * z, 1)) for z in range(200)]))
    assert found.regular
    assert found.spacing_mm[0] == pytest.approx(0.75, abs=1e-3)


def test_slices_beside_the_line_are_found() -> None:
    positions = [(0.0, 0.0, 2.0 * z) for z in range(5)]
    positions[2] = (7.5, 0.0, 4.0)
    assert geometry(stack(positions)).reasons == (
        "The slices do not lie on one line: up to 7.5 mm beside it.",
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rows": 21}, "The images differ in rows and columns."),
        (
            {"spacing": PixelSpacing(0.6, 0.8, SpacingSource.PIXEL_SPACING)},
            "The images differ in pixel spacing.",
        ),
        ({"orientation": ((1.0, 0.0, 0.0), (0.0, 0.9, 0.1))}, "The images look in different directions."),
    ],
)
def test_images_that_differ_are_no_grid(changes: dict[str, object], reason: str) -> None:
    assert reason in geometry(stack([(0.0, 0.0, 2.0 * z) for z in range(4)], **changes)).reasons


def test_rows_that_are_not_upright_on_columns_are_said() -> None:
    series = stack([(0.0, 0.0, 2.0 * z) for z in range(4)])
    leaning = ((1.0, 0.0, 0.0), (0.1, math.sqrt(0.99), 0.0))
    series = replace(series, instances=tuple(replace(one, orientation=leaning) for one in series.instances))
    assert geometry(series).reasons == ("The rows are not at right angles to the columns.",)


@pytest.mark.parametrize(
    "changes",
    [{"position_mm": None}, {"orientation": None}, {"spacing": PixelSpacing()}, {"number_of_frames": 2}],
)
def test_what_is_not_known_is_not_made_up(changes: dict[str, object]) -> None:
    assert stack_geometry(stack([(0.0, 0.0, 2.0 * z) for z in range(4)], **changes)) is None
    assert stack_geometry(Series("1")) is None


def test_a_series_of_files_agrees_with_simpleitk(tmp_path: Path) -> None:
    paths = write_ct_series(tmp_path, 6, ImageOrientationPatient=[0.96, 0.28, 0, -0.28, 0.96, 0])
    agrees_with_simpleitk(paths, scan([tmp_path]))


def agrees_with_simpleitk(paths: tuple[Path, ...], index: StudyIndex) -> None:
    (series,) = index.series
    found = geometry(series)
    image = sitk.ReadImage([str(instance.path) for instance in series.instances])
    assert found.regular
    assert found.shape == tuple(reversed(image.GetSize()))
    for at in ((0, 0, 0), (3, 5, len(paths) - 1)):
        assert (found.affine @ [*at, 1])[:3] == pytest.approx(
            image.TransformIndexToPhysicalPoint(at), abs=1e-3
        )


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ct_chest_lidc0314_60", "mr_t1_studyforrest_64", "pt_qin_headneck0024_60"])
def test_real_series_agree_with_simpleitk(shared_data: Path, tmp_path: Path, name: str) -> None:
    with tarfile.open(shared_data / "dicom" / "series" / f"{name}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    agrees_with_simpleitk(tuple(tmp_path.rglob("*.dcm")), scan([tmp_path]))
