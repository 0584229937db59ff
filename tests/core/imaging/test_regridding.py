"""Slices become a volume: untouched where they can, resampled and said so where they must."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from marked_volumes import (
    AXIAL,
    CORONAL,
    MARKS,
    Acquisition,
    brightest,
    marked,
    marked_stack,
    turned,
)

from core.errors import ProductError
from core.imaging.regridding import Axes, PlacedSlices, bytes_needed, volume_of
from core.imaging.volume import Plane, Volume, picture_of, plane_grid
from core.jobs import Cancelled, JobContext

TILT = turned(AXIAL, 18.0)
# The table moves along the patient while the gantry leans: slices are stacked askew.
GANTRY = Acquisition(TILT, through=(0.0, 0.0, 1.0), column_mm=1.5)
GAPPED = tuple(3.0 * n - 36.0 for n in range(25) if n not in (9, 17))


def truth_at(volume: Volume) -> np.ndarray:
    """What the marks are at the centre of each voxel."""
    places = np.moveaxis(np.indices(volume.values.shape), 0, -1) @ volume.affine[:3, :3].T
    return marked(places + volume.affine[:3, 3])


def found(volume: Volume, plane: Plane) -> np.ndarray:
    grid = plane_grid(volume, plane)
    pictures = np.stack([picture_of(volume, grid, number) for number in range(grid.shape[0])])
    picture, row, column = brightest(pictures)
    return np.array(grid.to_patient(picture, row + 0.5, column + 0.5))


@pytest.mark.parametrize("directions", [AXIAL, CORONAL])
def test_a_straight_and_even_stack_is_untouched(directions):
    stack = marked_stack(Acquisition(directions))
    volume = volume_of(stack)
    assert volume.values.base is stack.values or np.shares_memory(volume.values, stack.values)
    assert not volume.corrections
    assert not volume.notes
    assert np.abs(truth_at(volume) - volume.values).max() <= 0.5


def test_the_order_of_the_slices_does_not_matter():
    """Their places do: the volume is the same, and each slice still knows its number."""
    order = np.random.default_rng(5).permutation(25)
    straight, mixed = (
        volume_of(marked_stack(Acquisition())),
        volume_of(marked_stack(Acquisition(), order=order)),
    )
    assert np.array_equal(straight.values, mixed.values)
    assert np.array_equal(straight.affine, mixed.affine)
    assert mixed.sources.nearest((0, 0, -36)) == int(np.flatnonzero(order == 0)[0])


def test_slices_given_from_head_to_feet_come_out_from_feet_to_head():
    taken = Acquisition(places=tuple(36.0 - 3.0 * n for n in range(25)))
    assert (
        np.abs(truth_at(volume_of(marked_stack(taken))) - volume_of(marked_stack(taken)).values).max() <= 0.5
    )


def test_uneven_spacing_is_evened_out_and_said():
    volume = volume_of(marked_stack(Acquisition(places=GAPPED)))
    assert volume.values.shape[0] == 25
    assert plane_grid(volume, Plane.AXIAL).spacing_mm[0] == pytest.approx(3.0)
    assert volume.corrections == (
        "Slice spacing is uneven (3.00 to 6.00 mm): the slices were interpolated to one every 3.00 mm.",
    )
    kept = [n for n in range(25) if n not in (9, 17)]
    assert np.abs(truth_at(volume)[kept] - volume.values[kept]).max() <= 0.5
    between = (truth_at(volume)[8] + truth_at(volume)[10]) / 2
    assert np.abs(between - volume.values[9]).max() <= 1


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.parametrize("axes", Axes)
def test_a_tilted_gantry_is_straightened_and_said(plane: Plane, axes: Axes):
    volume = volume_of(marked_stack(GANTRY), axes=axes)
    assert "18.0°" in volume.corrections[0]
    assert np.linalg.norm(found(volume, plane) - MARKS["left"]) < 2.5
    inside = np.zeros(volume.values.shape, bool)
    inside[6:-6, 6:-6, 6:-6] = True
    # Linear interpolation between slices 3 mm apart of balls 7 mm wide: the error is that of the method.
    assert np.abs(truth_at(volume) - volume.values)[inside].max() < 130
    assert np.abs(truth_at(volume) - volume.values)[inside].mean() < 5


def test_uneven_and_tilted_at_once():
    volume = volume_of(marked_stack(replace(GANTRY, places=GAPPED)))
    assert len(volume.corrections) == 2
    assert np.linalg.norm(found(volume, Plane.AXIAL) - MARKS["left"]) < 2.5


def test_oblique_slices_come_to_the_axes_of_the_patient():
    taken = Acquisition(turned(AXIAL, 20, -15, 10), column_mm=1.5)
    volume = volume_of(marked_stack(taken))
    assert np.allclose(
        np.abs(volume.affine[:3, :3] / np.linalg.norm(volume.affine[:3, :3], axis=0)).sum(axis=0), 1
    )
    assert not volume.corrections
    assert "oblique" in volume.notes[0]


def test_oblique_slices_can_stay_as_they_are():
    stack = marked_stack(Acquisition(turned(AXIAL, 20, -15, 10), column_mm=1.5))
    volume = volume_of(stack, axes=Axes.SLICES)
    assert np.shares_memory(volume.values, stack.values)
    assert np.abs(truth_at(volume) - volume.values).max() <= 0.5
    grid = plane_grid(volume, Plane.AXIAL)
    assert grid.letters[0][0] == "L"
    assert len(grid.letters[0]) > 1


def test_resampling_is_that_of_simpleitk():
    """Beside SimpleITK with its own origin, spacing and direction: the same values."""
    taken = Acquisition(turned(AXIAL, 12, -7, 5), column_mm=1.5)
    stack = marked_stack(taken)
    volume = volume_of(stack)
    image = sitk.GetImageFromArray(stack.values.astype(np.float32))
    image.SetOrigin(stack.positions_mm[0].tolist())
    image.SetSpacing([taken.column_mm, taken.row_mm, 3.0])
    image.SetDirection(np.stack([*taken.directions, taken.normal], axis=1).ravel().tolist())
    target = sitk.Image(list(volume.values.shape[::-1]), sitk.sitkFloat32)
    steps = volume.affine[:3, [2, 1, 0]]
    lengths = np.linalg.norm(steps, axis=0)
    target.SetOrigin(volume.affine[:3, 3].tolist())
    target.SetSpacing(lengths.tolist())
    target.SetDirection((steps / lengths).ravel().tolist())
    expected = sitk.Resample(image, target, sitk.Transform(), sitk.sitkLinear, volume.lowest)
    difference = np.abs(sitk.GetArrayFromImage(expected) - volume.values)
    # Voxels on the rim itself may fall to either side of it.
    assert np.quantile(difference, 0.999) <= 0.51
    assert difference[2:-2, 2:-2, 2:-2].mean() < 0.3


def test_outside_of_the_slices_is_the_lowest_value():
    volume = volume_of(marked_stack(GANTRY))
    assert volume.values.min() == volume.lowest == volume.values[0, 0, 0]


def test_broken_numbers_stay_broken():
    stack = marked_stack(Acquisition(places=GAPPED))
    broken = replace(stack, values=stack.values.astype(np.float32) / 7)
    volume = volume_of(broken)
    assert volume.values.dtype == np.float32
    assert np.abs(volume.values * 7 - np.rint(volume.values * 7)).max() > 0.1


def test_of_doubled_places_the_first_is_used():
    stack = marked_stack(Acquisition(places=(-6.0, -3.0, 0.0, 0.0, 3.0, 6.0)))
    other = stack.values.copy()
    other[3] = 77
    volume = volume_of(replace(stack, values=other))
    assert volume.values.shape[0] == 5
    assert volume.values.max() != 77
    assert volume.corrections == ("1 slice at the place of another one: the first at each place is used.",)


@pytest.mark.parametrize("places", [(0.0, 3.0), (0.0, 0.0, 0.0, 3.0)])
def test_too_few_places_are_refused(places: tuple[float, ...]):
    with pytest.raises(ProductError, match="2 slices at places of their own make no volume; it takes 3"):
        volume_of(marked_stack(Acquisition(places=places)))


def test_slices_beside_each_other_are_refused():
    stack = marked_stack(Acquisition())
    aside = stack.positions_mm.copy()
    aside[7, 0] += 5.0
    with pytest.raises(ProductError, match=r"some are 5\.0 mm beside it"):
        volume_of(replace(stack, positions_mm=aside))


def test_small_steps_aside_are_no_tilt():
    stack = marked_stack(Acquisition())
    wobble = stack.positions_mm.copy()
    wobble[7, 0] += 0.3
    assert not volume_of(replace(stack, positions_mm=wobble)).corrections


def test_one_pair_of_close_slices_does_not_multiply_the_volume():
    places = (*(3.0 * n for n in range(20)), 57.1)
    volume = volume_of(marked_stack(Acquisition(places=places)))
    assert volume.values.shape[0] == 77
    assert "every 0.75 mm" in volume.corrections[0]


@pytest.mark.parametrize("taken", [GANTRY, Acquisition(places=GAPPED)])
def test_it_can_be_stopped(taken: Acquisition):
    class Stopping(JobContext):
        def report(self, done: int, total: int, text: str = "") -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        volume_of(marked_stack(taken), ctx=Stopping())


def test_a_digest_tells_volumes_apart():
    stack = marked_stack(GANTRY)
    one = volume_of(stack)
    assert one.digest == volume_of(stack).digest
    assert one.digest != volume_of(stack, axes=Axes.SLICES).digest
    assert one.digest != volume_of(replace(stack, digests=("x", *stack.digests[1:]))).digest


def test_memory_is_counted_before_it_is_taken():
    """As much as is there when it is fullest: the slices, SimpleITK's copy, and the new grid."""
    slices = 500 * 512 * 512 * 2
    straight = np.diag([1.0, 0.7, 0.7, 1.0])[[2, 1, 0, 3]]
    assert bytes_needed(straight, (500, 512, 512), 2, Axes.PATIENT, even=True) == slices * 9 // 8
    assert bytes_needed(straight, (500, 512, 512), 2, Axes.PATIENT, even=False) == slices * 2
    for taken in (GANTRY, Acquisition(turned(AXIAL, 20, -15, 10), column_mm=1.5)):
        stack = marked_stack(taken)
        affine = np.eye(4)
        affine[:3, 0] = (stack.positions_mm[-1] - stack.positions_mm[0]) / 24
        affine[:3, 1], affine[:3, 2] = stack.along_column * stack.row_mm, stack.along_row * stack.column_mm
        needed = bytes_needed(affine, stack.values.shape, 2, Axes.PATIENT, even=True)
        assert needed == stack.values.nbytes * 17 // 8 + volume_of(stack).values.nbytes
        if taken is not GANTRY:
            own = bytes_needed(affine, stack.values.shape, 2, Axes.SLICES, even=True)
            assert own == stack.values.nbytes * 9 // 8


def test_a_stack_keeps_no_copy_of_what_it_was_made_from():
    stack: PlacedSlices = marked_stack(Acquisition())
    assert not volume_of(stack).values.flags.writeable
