"""The way between frame and screen, at any zoom, flip and rotation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.viewpoint import MAXIMUM_ZOOM, Mapping, Viewpoint, edge_letters, fitted

viewpoints = st.builds(
    Viewpoint,
    row=st.floats(0, 4000),
    column=st.floats(0, 4000),
    zoom=st.floats(0.02, 32),
    quarter_turns=st.integers(0, 3),
    flipped=st.booleans(),
)
mappings = st.builds(
    Mapping,
    viewpoint=viewpoints,
    width=st.floats(10, 4000),
    height=st.floats(10, 4000),
    aspect=st.floats(0.2, 5),
)


@given(mapping=mappings, row=st.floats(0, 4000), column=st.floats(0, 4000))
def test_frame_to_screen_and_back_is_the_same_pixel(mapping: Mapping, row: float, column: float):
    back = mapping.to_frame(*mapping.to_screen(row, column))
    assert back == pytest.approx((row, column), abs=1e-4)


@given(mapping=mappings, x=st.floats(0, 4000), y=st.floats(0, 4000), factor=st.floats(0.5, 2))
def test_zooming_leaves_what_is_under_the_cursor(mapping: Mapping, x: float, y: float, factor: float):
    before = mapping.to_frame(x, y)
    after = Mapping(mapping.zoomed(factor, x, y), mapping.width, mapping.height, mapping.aspect)
    assert after.to_screen(*before) == pytest.approx((x, y), abs=1e-3)


@given(mapping=mappings, across=st.floats(-500, 500), down=st.floats(-500, 500))
def test_dragging_moves_the_image_with_the_hand(mapping: Mapping, across: float, down: float):
    after = Mapping(mapping.dragged(across, down), mapping.width, mapping.height, mapping.aspect)
    x, y = mapping.to_screen(100, 200)
    assert after.to_screen(100, 200) == pytest.approx((x + across, y + down), abs=1e-3)


@given(mapping=mappings, row=st.floats(0, 4000), column=st.floats(0, 4000))
def test_mirroring_is_what_the_screen_shows(mapping: Mapping, row: float, column: float):
    x, y = mapping.to_screen(row, column)
    sideways = Mapping(
        mapping.viewpoint.mirrored(left_right=True), mapping.width, mapping.height, mapping.aspect
    )
    assert sideways.to_screen(row, column) == pytest.approx((mapping.width - x, y), abs=1e-3)
    upside = Mapping(
        mapping.viewpoint.mirrored(left_right=False), mapping.width, mapping.height, mapping.aspect
    )
    assert upside.to_screen(row, column) == pytest.approx((x, mapping.height - y), abs=1e-3)


def test_a_clockwise_turn_brings_the_left_edge_to_the_top():
    upright = Mapping(Viewpoint(50, 50, 1.0), 100, 100)
    turned = Mapping(upright.viewpoint.turned(1), 100, 100)
    assert upright.to_screen(50, 0) == (0, 50)
    assert turned.to_screen(50, 0) == (50, 0)


@pytest.mark.parametrize("turns", range(4))
def test_fitting_shows_the_whole_frame_and_fills_one_side(turns: int):
    mapping = Mapping(fitted((300, 200), 640, 480, aspect=1.5, quarter_turns=turns), 640, 480, 1.5)
    corners = [mapping.to_screen(row, column) for row in (0, 300) for column in (0, 200)]
    xs, ys = zip(*corners, strict=True)
    assert min(xs) >= -1e-6
    assert max(xs) <= 640 + 1e-6
    assert min(ys) >= -1e-6
    assert max(ys) <= 480 + 1e-6
    assert max(xs) - min(xs) == pytest.approx(640) or max(ys) - min(ys) == pytest.approx(480)


def test_zoom_stays_within_its_limits_and_numbers_are_finite():
    assert Viewpoint(0, 0, 1e9).zoom == MAXIMUM_ZOOM
    with pytest.raises(ValueError, match="finite"):
        Viewpoint(float("nan"), 0, 1)


@pytest.mark.parametrize(
    ("viewpoint", "letters"),
    [
        (Viewpoint(0, 0, 1), ("R", "H", "L", "F")),
        (Viewpoint(0, 0, 1, flipped=True), ("L", "H", "R", "F")),
        (Viewpoint(0, 0, 1, quarter_turns=1), ("F", "R", "H", "L")),
        (Viewpoint(0, 0, 1, quarter_turns=2), ("L", "F", "R", "H")),
        (Viewpoint(0, 0, 1, quarter_turns=1, flipped=True), ("F", "L", "H", "R")),
    ],
)
def test_letters_follow_the_turning(viewpoint: Viewpoint, letters: tuple[str, str, str, str]):
    assert edge_letters(("L", "F"), viewpoint) == letters


def test_letter_groups_have_opposites_and_unknown_stays_unknown():
    assert edge_letters(("LA", "FP"), Viewpoint(0, 0, 1)) == ("RP", "HA", "LA", "FP")
    assert edge_letters(("", ""), Viewpoint(0, 0, 1)) == ("", "", "", "")
