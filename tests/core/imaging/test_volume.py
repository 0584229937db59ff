"""Where a voxel of a plane lies in the patient, and what a thick slab holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_volumes import AXIAL, CORONAL, MARKS, SAGITTAL, Acquisition, brightest, marked_stack, turned

from core.imaging.regridding import volume_of
from core.imaging.volume import (
    Plane,
    Projection,
    Volume,
    direction_letters,
    height_words,
    picture_of,
    place_words,
    plane_grid,
    slab_voxels,
)

LETTERS = {Plane.AXIAL: ("L", "P"), Plane.CORONAL: ("L", "F"), Plane.SAGITTAL: ("P", "F")}
ACQUISITIONS = {
    "axial": Acquisition(AXIAL),
    "axial from the head down": Acquisition(AXIAL, places=tuple(36.0 - 3.0 * n for n in range(25))),
    "coronal": Acquisition(CORONAL),
    "sagittal": Acquisition(SAGITTAL),
    "feet first, prone": Acquisition(((1.0, 0.0, 0.0), (0.0, -1.0, 0.0))),
    "turned in its plane": Acquisition(((0.0, 1.0, 0.0), (1.0, 0.0, 0.0))),
    "slightly oblique": Acquisition(turned(AXIAL, 0.5, -0.4, 0.3)),
    "oblique": Acquisition(turned(AXIAL, 20, -15, 10), column_mm=1.5),
    "oblique sagittal": Acquisition(turned(SAGITTAL, -12, 25, 8), column_mm=1.5),
}


@pytest.fixture(scope="module", params=ACQUISITIONS)
def volume(request: pytest.FixtureRequest) -> Volume:
    return volume_of(marked_stack(ACQUISITIONS[request.param]))


@pytest.mark.parametrize("plane", Plane)
def test_a_mark_is_at_its_place_in_every_plane(volume: Volume, plane: Plane):
    """Whatever was acquired: the brightest voxel of the pictures lies at the mark, in mm."""
    grid = plane_grid(volume, plane)
    pictures = np.stack([picture_of(volume, grid, number) for number in range(grid.shape[0])])
    assert pictures.shape == grid.shape
    picture, row, column = brightest(pictures)
    found = grid.to_patient(picture, row + 0.5, column + 0.5)
    voxel_mm = np.array(grid.spacing_mm)
    assert np.linalg.norm(np.array(found) - MARKS["left"]) <= np.linalg.norm(voxel_mm) / 2 + 0.5
    assert grid.picture_at(MARKS["left"]) == pytest.approx(picture, abs=1)


@pytest.mark.parametrize("plane", Plane)
def test_planes_hang_as_radiologists_hang_them(volume: Volume, plane: Plane):
    grid = plane_grid(volume, plane)
    assert grid.letters == LETTERS[plane]
    # Pictures follow each other towards the left, the back and the head.
    step = grid.affine[:3, 0]
    axis = {Plane.AXIAL: 2, Plane.CORONAL: 1, Plane.SAGITTAL: 0}[plane]
    assert step[axis] == pytest.approx(np.linalg.norm(step), rel=0.02)


@pytest.mark.parametrize("plane", Plane)
def test_pixels_and_positions_are_each_others_inverse(volume: Volume, plane: Plane):
    grid = plane_grid(volume, plane)
    assert grid.from_patient(grid.to_patient(3.25, 7.5, 11.0)) == pytest.approx((3.25, 7.5, 11.0))


@pytest.mark.parametrize("plane", Plane)
def test_a_pixel_of_a_plane_is_the_voxel_at_its_position(volume: Volume, plane: Plane):
    grid = plane_grid(volume, plane)
    for picture, row, column in ((0, 0, 0), (2, 5, 7), (grid.shape[0] - 1, grid.shape[1] - 1, 3)):
        point = grid.to_patient(picture, row + 0.5, column + 0.5)
        assert volume.value_at(point) == picture_of(volume, grid, picture)[row, column]


def test_pixels_that_are_not_square_keep_their_millimetres():
    volume = volume_of(marked_stack(Acquisition(AXIAL, row_mm=1.5, column_mm=2.0)))
    assert plane_grid(volume, Plane.AXIAL).spacing_mm == pytest.approx((3.0, 1.5, 2.0))
    assert plane_grid(volume, Plane.CORONAL).spacing_mm == pytest.approx((1.5, 3.0, 2.0))
    assert plane_grid(volume, Plane.SAGITTAL).spacing_mm == pytest.approx((2.0, 3.0, 1.5))


def test_a_plane_is_a_view_and_cannot_be_written():
    volume = volume_of(marked_stack(Acquisition()))
    for plane in Plane:
        picture = picture_of(volume, plane_grid(volume, plane), 4)
        assert np.shares_memory(picture, volume.values)
        with pytest.raises(ValueError, match="read-only"):
            picture[0, 0] = 0


@pytest.mark.parametrize("taken", [Acquisition(AXIAL), Acquisition(CORONAL), Acquisition(SAGITTAL)])
@pytest.mark.parametrize("plane", Plane)
def test_slabs_are_what_numpy_says(taken: Acquisition, plane: Plane):
    volume = volume_of(marked_stack(taken))
    grid = plane_grid(volume, plane)
    pictures = np.stack([picture_of(volume, grid, number) for number in range(grid.shape[0])])
    for picture in (0, grid.shape[0] // 2, grid.shape[0] - 1):
        first, last = grid.slab(picture, 12.0)
        part = pictures[first:last]
        assert first <= picture < last
        assert slab_voxels(grid, picture, 12.0) == part.size
        for how, expected in (
            (Projection.MAXIMUM, part.max(axis=0)),
            (Projection.MINIMUM, part.min(axis=0)),
            (Projection.MEAN, np.rint(part.mean(axis=0))),
        ):
            slab = picture_of(volume, grid, picture, 12.0, how)
            assert slab.dtype == np.int16
            assert np.array_equal(slab, expected), how


def test_means_of_broken_numbers_are_not_rounded():
    volume = volume_of(marked_stack(Acquisition()))
    broken = replace(volume, values=volume.values.astype(np.float32) / 3)
    grid = plane_grid(broken, Plane.AXIAL)
    mean = picture_of(broken, grid, 5, 9.0, Projection.MEAN)
    assert mean.dtype == np.float32
    assert mean == pytest.approx(broken.values[4:7].mean(axis=0), abs=1e-3)


def test_a_slab_without_a_projection_is_one_picture():
    volume = volume_of(marked_stack(Acquisition()))
    grid = plane_grid(volume, Plane.AXIAL)
    assert np.array_equal(picture_of(volume, grid, 5, 30.0), volume.values[5])


@given(st.integers(0, 24), st.floats(0, 200))
def test_a_slab_lies_around_its_picture(picture: int, thickness_mm: float):
    grid = plane_grid(VOLUME, Plane.AXIAL)
    first, last = grid.slab(picture, thickness_mm)
    assert 0 <= first <= picture < last <= 25
    if thickness_mm <= 3.0:
        assert last - first == 1


VOLUME = volume_of(marked_stack(Acquisition()))


def test_the_original_slice_of_a_point():
    taken = Acquisition(places=tuple(36.0 - 3.0 * n for n in range(25)))
    volume = volume_of(marked_stack(taken))
    assert volume.sources.nearest((0, 0, 36)) == 0
    assert volume.sources.nearest((5, 5, 31)) == 2
    assert volume.sources.nearest((0, 0, -900)) == 24


def test_nothing_is_read_outside():
    assert VOLUME.value_at(VOLUME.centre) is not None
    assert VOLUME.value_at((0, 0, 38)) is None
    assert VOLUME.value_at((900, 0, 0)) is None


def test_words_of_places():
    assert place_words((12.34, -40.1, 20.0)) == "L 12.3 A 40.1 H 20.0 mm"
    assert place_words((-0.2, 3.0, -1.0)) == "R 0.2 P 3.0 F 1.0 mm"
    assert height_words(plane_grid(VOLUME, Plane.CORONAL), (1, -2, 3)) == "A 2.0 mm"
    assert direction_letters(np.array([0.0, -0.9, 0.3])) == "AH"
    assert direction_letters(np.array([0.99, 0.1, 0.0])) == "L"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"values": np.zeros((3, 4), np.int16)}, "no volume"),
        ({"values": np.zeros((3, 4, 5), np.float64)}, "int16 or float32"),
        ({"affine": np.zeros((4, 4))}, "a length"),
        ({"affine": np.array([[1, 0.5, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])}, "right angles"),
    ],
)
def test_a_volume_is_valid_from_birth(changes: dict[str, object], complaint: str):
    with pytest.raises(ValueError, match=complaint):
        replace(VOLUME, **changes)  # type: ignore[arg-type]  # fields by name
