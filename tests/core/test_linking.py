"""What linked viewports do together: only by the same place in the patient, or as the reader left them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.display import default_grey, presets
from core.imaging.frame import Frame, FrameSource, LookupTable, PixelSpacing, SpacingSource, Window
from core.imaging.placed_slice import PlacedSlice
from core.linking import (
    ALL_LINKS,
    Gaze,
    GreyScale,
    Linked,
    LinkKind,
    LinkMode,
    Relation,
    StackPlaces,
    followed_gaze,
    followed_grey,
    followed_place,
    relation,
)

AXES = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))


def view(
    position: int = 0,
    *,
    start_mm: float = 0.0,
    step_mm: float = 2.0,
    count: int = 20,
    pixel_mm: float = 1.0,
    corner: tuple[float, float] = (0.0, 0.0),
    axes=AXES,
    frame_of_reference: str = "1.2.3",
    mode: LinkMode = LinkMode.BY_PLACE,
    gaze: Gaze | None = None,
    series: str = "1",
    patient: object = "A",
    placed: bool = True,
) -> Linked:
    plane = PlacedSlice.of((*corner, start_mm + position * step_mm), axes, pixel_mm, pixel_mm)
    return Linked(
        mode=mode,
        patient=patient,
        series_instance_uid=series,
        frame_of_reference_uid=frame_of_reference,
        spacing=PixelSpacing(pixel_mm, pixel_mm, SpacingSource.PIXEL_SPACING) if placed else PixelSpacing(),
        shape=(100, 80),
        plane=plane if placed else None,
        places=StackPlaces(tuple(start_mm + place * step_mm if placed else None for place in range(count))),
        position=position,
        gaze=gaze or Gaze(50, 40, 1.0),
    )


def film(**changes: object) -> Linked:
    return replace(view(count=1, placed=False, frame_of_reference="", series="film"), **changes)


# --- who is linked -------------------------------------------------------------------------------


def test_one_frame_of_reference_links_and_nothing_else_does_by_itself():
    other = view(series="2")
    assert relation(view(), other) is Relation.PLACE
    assert relation(view(), replace(other, frame_of_reference_uid="9")) is Relation.NONE
    assert relation(view(), replace(other, frame_of_reference_uid="")) is Relation.NONE
    unknown = replace(view(), frame_of_reference_uid="")
    assert relation(unknown, replace(other, frame_of_reference_uid="")) is Relation.NONE
    assert relation(view(), replace(other, plane=None)) is Relation.NONE


def test_the_same_series_twice_shares_its_place_whatever_it_says_of_the_frame_of_reference():
    once = view(frame_of_reference="")
    assert relation(once, view(frame_of_reference="7")) is Relation.PLACE


def test_two_patients_are_never_linked_by_a_shared_frame_of_reference():
    assert relation(view(), view(patient="B", series="2")) is Relation.NONE


def test_a_viewport_that_goes_its_own_way_is_linked_to_none():
    for mode in LinkMode:
        assert relation(view(mode=LinkMode.OFF), view(mode=mode, series="2")) is Relation.NONE


def test_films_are_linked_by_hand_only():
    assert relation(film(), film(series_instance_uid="2")) is Relation.NONE
    assert relation(film(), film(series_instance_uid="2", mode=LinkMode.BY_HAND)) is Relation.HAND


# --- scrolling ---------------------------------------------------------------------------------------


@given(
    st.integers(0, 19),
    st.floats(-30, 30),
    st.floats(0.5, 6),
    st.integers(1, 60),
)
def test_scrolling_goes_to_the_slice_nearest_in_the_patient(position, start_mm, step_mm, count):
    leader = view(position)
    follower = view(start_mm=start_mm, step_mm=step_mm, count=count, series="2")
    found = followed_place(leader, follower, None)
    assert found is not None
    place, aside_mm = found
    here = position * 2.0
    distances = [abs(start_mm + one * step_mm - here) for one in range(count)]
    assert aside_mm == pytest.approx(min(distances), abs=1e-9)
    assert distances[place] == pytest.approx(min(distances), abs=1e-9)


def test_a_stack_that_lies_the_other_way_round_is_scrolled_by_place_not_by_number():
    leader = view(3)
    backwards = replace(
        view(series="2"), places=StackPlaces(tuple(38.0 - 2.0 * place for place in range(20)))
    )
    assert followed_place(leader, backwards, None) == (16, 0.0)


def test_another_direction_is_not_scrolled():
    assert followed_place(view(3), view(axes=CORONAL, series="2"), None) is None


@given(st.integers(0, 19), st.integers(0, 19), st.integers(0, 19))
def test_by_hand_the_difference_in_mm_is_kept_between_two_examinations(led, followed, now):
    leader = view(led)
    follower = view(
        followed, frame_of_reference="9", series="2", step_mm=2.0, start_mm=-300, mode=LinkMode.BY_HAND
    )
    found = followed_place(view(now), follower, (leader, follower))
    assert found is not None
    assert found[0] == min(max(followed + now - led, 0), 19)


def test_by_hand_images_without_a_place_go_by_their_number():
    leader, follower = (
        view(4, placed=False, frame_of_reference=""),
        view(9, placed=False, frame_of_reference="", series="2", mode=LinkMode.BY_HAND, count=12),
    )
    anchors = (leader, follower)
    assert followed_place(replace(leader, position=6), follower, anchors) == (11, 0.0)
    assert followed_place(replace(leader, position=18), follower, anchors) == (11, 0.0)
    assert followed_place(replace(leader, position=0), follower, anchors) == (5, 0.0)


def test_without_a_tie_nothing_follows():
    stranger = view(frame_of_reference="9", series="2")
    assert followed_place(view(3), stranger, (view(), stranger)) is None
    assert followed_gaze(view(3), stranger, (view(), stranger), ALL_LINKS) == stranger.gaze


def test_places_of_a_stack_are_found_by_distance_and_the_lower_of_two_wins():
    places = StackPlaces((4.0, None, 0.0, 2.0))
    assert places.nearest(1.9) == (3, pytest.approx(0.1))
    assert places.nearest(1.0) == (2, 1.0)
    assert places.nearest(99.0) == (0, 95.0)
    assert StackPlaces((None, None)).nearest(1.0) is None


# --- pan and zoom ------------------------------------------------------------------------------------

rows, columns, zooms = st.floats(0, 100), st.floats(0, 80), st.floats(0.1, 8)


@given(rows, columns, zooms, st.floats(0.3, 4), st.tuples(st.floats(-50, 50), st.floats(-50, 50)))
def test_the_same_place_of_the_patient_stands_in_the_middle_at_the_same_scale(
    row, column, zoom, pixel_mm, corner
):
    leader = view(gaze=Gaze(row, column, zoom))
    follower = view(pixel_mm=pixel_mm, corner=corner, series="2", gaze=Gaze(1, 2, 3, 1, True))
    gaze = followed_gaze(leader, follower, None, ALL_LINKS)
    assert leader.plane is not None
    assert follower.plane is not None
    there = follower.plane.to_patient(gaze.row, gaze.column)
    assert there == pytest.approx(leader.plane.to_patient(row, column), abs=1e-6)
    assert gaze.zoom / pixel_mm == pytest.approx(zoom)
    assert (gaze.quarter_turns, gaze.flipped) == (1, True)


def test_another_direction_shares_the_scale_and_not_the_place():
    leader = view(gaze=Gaze(10, 20, 2.0))
    follower = view(axes=CORONAL, pixel_mm=0.5, series="2")
    gaze = followed_gaze(leader, follower, None, ALL_LINKS)
    assert (gaze.row, gaze.column, gaze.zoom) == (50, 40, 1.0)


def test_each_kind_can_be_shared_alone():
    leader = view(gaze=Gaze(10, 20, 2.0))
    follower = view(series="2")
    pan = followed_gaze(leader, follower, None, frozenset({LinkKind.PAN}))
    assert (pan.row, pan.column, pan.zoom) == (10, 20, 1.0)
    zoom = followed_gaze(leader, follower, None, frozenset({LinkKind.ZOOM}))
    assert (zoom.row, zoom.column, zoom.zoom) == (50, 40, 2.0)


@given(rows, columns, zooms, st.integers(0, 3), st.booleans(), st.integers(0, 3), st.booleans())
def test_by_hand_both_films_move_alike_on_the_screen(row, column, zoom, turns, flips, other, mirrored):
    leader = film(gaze=Gaze(50, 40, 1.0, turns, flips))
    follower = film(series_instance_uid="2", mode=LinkMode.BY_HAND, gaze=Gaze(30, 20, 0.5, other, mirrored))
    moved = replace(leader, gaze=Gaze(row, column, zoom, turns, flips))
    gaze = followed_gaze(moved, follower, (leader, follower), ALL_LINKS)
    assert gaze.zoom == pytest.approx(0.5 * zoom)
    steps = []
    for before, after, shape in ((leader.gaze, moved.gaze, (100, 80)), (follower.gaze, gaze, (100, 80))):
        steps.append(
            on_screen(before, (after.row - before.row) / shape[0], (after.column - before.column) / shape[1])
        )
    assert steps[0] == pytest.approx(steps[1], abs=1e-9)


def on_screen(gaze: Gaze, down: float, across: float) -> tuple[float, float]:
    turn = np.linalg.matrix_power(np.array([[0, -1], [1, 0]]), gaze.quarter_turns)
    x, y = turn @ np.array([-across if gaze.flipped else across, down])
    return float(x), float(y)


@given(rows, columns, zooms)
def test_by_hand_the_way_back_ends_where_it_began(row, column, zoom):
    leader, follower = film(), film(series_instance_uid="2", mode=LinkMode.BY_HAND, gaze=Gaze(7, 9, 2.0))
    anchors = (leader, follower)
    away = replace(leader, gaze=Gaze(row, column, zoom))
    there = followed_gaze(away, follower, anchors, ALL_LINKS)
    back = followed_gaze(leader, replace(follower, gaze=there), anchors, ALL_LINKS)
    assert (back.row, back.column, back.zoom) == pytest.approx((7, 9, 2.0))


def test_by_hand_films_of_known_spacing_move_by_millimetres():
    fine = PixelSpacing(0.1, 0.1, SpacingSource.IMAGER)
    coarse = PixelSpacing(0.2, 0.2, SpacingSource.IMAGER)
    leader = film(spacing=fine)
    follower = film(spacing=coarse, series_instance_uid="2", mode=LinkMode.BY_HAND)
    moved = replace(leader, gaze=Gaze(60, 20, 1.0))
    gaze = followed_gaze(moved, follower, (leader, follower), ALL_LINKS)
    assert (gaze.row, gaze.column) == pytest.approx((55, 30))


# --- windows -----------------------------------------------------------------------------------------


def scale(modality: str = "CT", window: Window | None = None, series: str = "1") -> GreyScale:
    frame = Frame(
        np.arange(64, dtype=np.uint16).reshape(8, 8),
        windows=() if window is None else (window,),
        source=FrameSource(modality=modality, series_instance_uid=series),
    )
    return GreyScale.of(frame, presets(frame))


def test_hounsfield_units_mean_the_same_everywhere():
    here, there = scale(window=Window(40, 400)), scale(window=Window(50, 350), series="2")
    assert followed_grey(here, Window(-20, 123), there) == Window(-20, 123)


def test_a_preset_goes_by_its_name_and_the_window_of_the_file_stays_that_of_each_file():
    here, there = scale(window=Window(40, 400)), scale(window=Window(50, 350), series="2")
    lung = next(preset.grey for preset in here.presets if preset.name == "Lung")
    assert followed_grey(here, lung, there) == next(
        preset.grey for preset in there.presets if preset.name == "Lung"
    )
    assert followed_grey(here, here.own, there) is there.own


def test_other_modalities_share_windows_in_proportion():
    here, there = scale("MR", Window(500, 1000)), scale("MR", Window(50, 200), "2")
    assert followed_grey(here, Window(600, 500), there) == Window(70, 100)
    assert followed_grey(here, Window(600, 500), scale("MR", Window(50, 200))) == Window(600, 500)


def test_windows_stay_within_one_modality():
    assert followed_grey(scale("CT"), Window(1, 2), scale("PT")) is None


def test_colour_and_falling_tables_are_not_shared():
    here = scale("MR", Window(500, 1000))
    colour = replace(here, is_grey=False)
    assert followed_grey(colour, Window(1, 2), here) is None
    assert followed_grey(here, Window(1, 2), colour) is None
    falling = LookupTable(0, 8, np.arange(255, -1, -1).astype(np.uint16))
    assert followed_grey(here, falling, scale("MR", Window(50, 200), "2")) is None


def test_the_own_way_of_an_image_is_what_its_file_asks_for():
    frame = Frame(np.arange(64, dtype=np.uint16).reshape(8, 8), windows=(Window(3, 4),))
    assert GreyScale.of(frame, ()).own is default_grey(frame)
