"""What is wished for of a volume, and what the planes therefore show: pure, without a window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from marked_volumes import MARKS, Acquisition, marked_stack

from core.imaging.frame import LookupTable, Window
from core.imaging.regridding import volume_of
from core.imaging.volume import Plane, Projection, plane_grid
from viewer.panel import StatusKind
from viewer.theme import Colour
from viewer.volume_wish import (
    Cut,
    VolumeWish,
    guides_of,
    lookup_basis,
    moved_within,
    plane_content,
    readout,
    scrolled,
    slab_words,
    thickest_mm,
    wished_cut,
)

VOLUME = volume_of(marked_stack(Acquisition()))
GRIDS = {plane: plane_grid(VOLUME, plane) for plane in Plane}
WISH = VolumeWish(MARKS["left"], Window(40, 400))


def test_the_crosshair_says_which_pictures_are_cut():
    # Voxels are 2.0 mm wide, 1.5 mm high, slices 3 mm apart, the middle of the grid at the origin.
    assert wished_cut(GRIDS[Plane.AXIAL], WISH) == Cut(11)
    assert wished_cut(GRIDS[Plane.CORONAL], WISH).picture == GRIDS[Plane.CORONAL].picture_at(MARKS["left"])
    thick = replace(WISH, projection=Projection.MEAN, slab_mm=12.0)
    assert wished_cut(GRIDS[Plane.AXIAL], thick) == Cut(11, 12.0, Projection.MEAN)
    assert wished_cut(GRIDS[Plane.AXIAL], replace(WISH, slab_mm=99.0)) == Cut(11)


def test_a_panel_says_which_plane_it_is_and_where():
    content = plane_content(GRIDS[Plane.AXIAL], Cut(14), WISH, ("Name",), pending=False)
    assert (content.title, content.subtitle) == ("AXIAL", "H 6.0 mm · 15/25")
    assert content.status == "slices 3.0 mm apart"
    assert content.patient_orientation == ("L", "P")
    assert (content.spacing.row_mm, content.spacing.column_mm) == pytest.approx((1.5, 2.0))
    assert content.corners.top_left == ("Name",)
    assert content.corners.bottom_left == ("W 400  C 40",)
    assert content.stripe is Colour.AXIAL


def test_a_panel_says_what_a_slab_is_made_of():
    cut = Cut(10, 12.0, Projection.MAXIMUM)
    assert slab_words(GRIDS[Plane.AXIAL], cut) == "MIP of 12.0 mm (4 slices)"
    assert slab_words(GRIDS[Plane.AXIAL], Cut(0, 12.0, Projection.MAXIMUM)) == "MIP of 9.0 mm (3 slices)"
    content = plane_content(GRIDS[Plane.AXIAL], cut, WISH, (), pending=True)
    assert (content.status, content.status_kind) == ("Projecting …", StatusKind.RUNNING)


def test_a_look_up_table_is_named():
    table = LookupTable(0, 8, np.arange(256, dtype=np.uint16), "FILM")
    wish = replace(WISH, grey=table, invert=True)
    content = plane_content(GRIDS[Plane.AXIAL], Cut(0), wish, (), pending=False)
    assert content.corners.bottom_left == ("FILM  inverted",)
    assert lookup_basis(table) == (0, 255)
    low, high = lookup_basis(WISH.grey)
    assert min(-5.0, low) == -5.0
    assert max(5.0, high) == 5.0


@pytest.mark.parametrize("plane", Plane)
def test_guides_cross_at_the_point_in_the_colours_of_the_other_planes(plane: Plane):
    guides = guides_of(GRIDS, plane, WISH)
    assert guides is not None
    _, row, column = GRIDS[plane].from_patient(WISH.point)
    assert (guides.row, guides.column) == (row, column)
    own = {Plane.AXIAL: Colour.AXIAL, Plane.CORONAL: Colour.CORONAL, Plane.SAGITTAL: Colour.SAGITTAL}
    assert {guides.row_colour, guides.column_colour} == set(own.values()) - {own[plane]}
    assert guides_of(GRIDS, plane, replace(WISH, crosshair=False)) is None


def test_the_line_across_an_axial_picture_is_the_coronal_plane():
    guides = guides_of(GRIDS, Plane.AXIAL, WISH)
    assert guides is not None
    assert guides.row_colour is Colour.CORONAL
    assert guides.column_colour is Colour.SAGITTAL


def test_guides_show_how_thick_the_other_slabs_are():
    thick = replace(WISH, projection=Projection.MEAN, slab_mm=9.0, point=(0.0, 0.0, 3.0))
    guides = guides_of(GRIDS, Plane.CORONAL, thick)
    assert guides is not None
    # The axial slab of three slices about the one at 3 mm: from 7.5 to −1.5 mm, 3 mm to a row.
    assert sorted(abs(edge - guides.row) for edge in guides.row_edges) == pytest.approx([1.5, 1.5])
    assert len(guides.column_edges) == 2


@pytest.mark.parametrize("plane", Plane)
def test_the_point_moves_within_its_plane(plane: Plane):
    grid = GRIDS[plane]
    moved = moved_within(grid, WISH.point, 4.5, 6.5)
    before, after = grid.from_patient(WISH.point), grid.from_patient(moved)
    assert after == pytest.approx((before[0], 4.5, 6.5))


def test_scrolling_stops_at_the_ends_and_keeps_the_place():
    grid = GRIDS[Plane.AXIAL]
    on = scrolled(grid, WISH.point, 3)
    assert on[:2] == pytest.approx(WISH.point[:2])
    assert grid.from_patient(on)[0] == pytest.approx(14)
    assert grid.from_patient(scrolled(grid, WISH.point, 900))[0] == pytest.approx(24)
    assert grid.from_patient(scrolled(grid, WISH.point, -900))[0] == pytest.approx(0)


def test_the_readout_says_value_position_and_slice():
    words = readout(VOLUME, (21.0, 3.0, -3.0), number_of_slices=25, what="Crosshair")
    value = VOLUME.value_at((21.0, 3.0, -3.0))
    assert words == f"Crosshair: {value:.0f} HU · L 21.0 P 3.0 F 3.0 mm · slice 12 of 25"
    assert readout(VOLUME, (900, 0, 0), number_of_slices=25, what="Mouse").startswith("Mouse: outside")


def test_no_slab_need_be_thicker_than_the_volume():
    assert thickest_mm(GRIDS) == pytest.approx(80.0)
