"""Where a slice lies: to millimetres and back, and where another plane cuts it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_volumes import AXIAL, CORONAL, SAGITTAL, turned

from core.imaging.placed_slice import PlacedSlice


def plane(directions: tuple[object, object] = AXIAL, at: tuple[float, float, float] = (0.0, 0.0, 0.0)):
    made = PlacedSlice.of(at, directions, 2.0, 1.0)
    assert made is not None
    return made


def test_a_placed_slice_goes_both_ways():
    row, column = (np.array(one) for one in turned(AXIAL, 20, -15, 10))
    place = PlacedSlice(np.array([5.0, -7.0, 90.0]), row * 0.7, column * 1.3)
    assert place.from_patient(place.to_patient(12.25, 31.5)) == pytest.approx((0.0, 12.25, 31.5))
    aside = np.array(place.to_patient(12.25, 31.5)) + 4.0 * np.cross(row, column)
    assert place.from_patient(tuple(aside)) == pytest.approx((4.0, 12.25, 31.5))


def test_directions_that_span_no_plane_are_no_slice():
    assert PlacedSlice.of((0, 0, 0), ((1, 0, 0), (1, 0, 0)), 1, 1) is None
    assert PlacedSlice.of((0, 0, 0), ((0, 0, 0), (0, 1, 0)), 1, 1) is None
    assert PlacedSlice.of((0, 0, 0), ((float("nan"), 0, 0), (0, 1, 0)), 1, 1) is None


def test_planes_look_alike_within_five_degrees_and_from_one_side():
    axial = plane()
    assert axial.looks_like(plane(turned(AXIAL, 4, 0, 0), (3, 4, 50)))
    assert not axial.looks_like(plane(turned(AXIAL, 6, 0, 0)))
    assert not axial.looks_like(plane(((-1, 0, 0), (0, 1, 0))))
    assert not axial.looks_like(plane(CORONAL))


def test_a_plane_at_right_angles_cuts_in_a_row_or_a_column():
    axial = plane()
    row_mm, column_mm = 2.0, 1.0
    ends = axial.cut_by(plane(CORONAL, (0.0, 14.0, 0.0)), 40, 30)
    assert ends is not None
    for row, column in ends:
        assert row == pytest.approx(14.0 / row_mm + 0.5)
        assert column in (0.0, 30.0)
    ends = axial.cut_by(plane(SAGITTAL, (8.0, 0.0, 0.0)), 40, 30)
    assert ends is not None
    assert [column for _, column in ends] == pytest.approx([8.0 / column_mm + 0.5] * 2)


def test_parallel_planes_and_planes_far_away_cut_nothing():
    axial = plane()
    assert axial.cut_by(plane(at=(0, 0, 30)), 40, 30) is None
    assert axial.cut_by(plane(turned(AXIAL, 3, 0, 0)), 40, 30) is None
    assert axial.cut_by(plane(CORONAL, (0, 500, 0)), 40, 30) is None


angles = st.floats(-180, 180)


@given(angles, angles, angles, st.tuples(*[st.floats(-20, 20)] * 3))
def test_both_ends_of_a_cut_lie_in_both_planes_and_on_the_slice(x, y, z, at):
    here = plane()
    there = plane(turned(CORONAL, x, y, z), at)
    ends = here.cut_by(there, 40, 30)
    if ends is None:
        return
    for row, column in ends:
        assert -1e-6 <= row <= 40 + 1e-6
        assert -1e-6 <= column <= 30 + 1e-6
        assert there.from_patient(here.to_patient(row, column))[0] == pytest.approx(0, abs=1e-6)
