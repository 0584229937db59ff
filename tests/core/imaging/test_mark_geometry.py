"""Lines, handles and lengths: what holds for any film, however it is turned and whatever its pixels are."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.imaging.frame import PixelSpacing, SpacingSource
from core.imaging.mark_geometry import (
    angle_of,
    crossed,
    distance,
    handles_of,
    heart_parts,
    lines_of,
    moved,
    with_handle,
    words_place,
)
from core.imaging.marks import POINTS, Mark, MarkKind, Point

UNKNOWN = PixelSpacing()
TALL = PixelSpacing(0.4, 0.2, SpacingSource.CALIBRATED)
WIDE = PixelSpacing(0.2, 0.4, SpacingSource.CALIBRATED)
coordinates = st.floats(-3000, 3000, allow_subnormal=False).map(lambda value: round(value, 3))
points = st.tuples(coordinates, coordinates)

# What a view does to a film: a turn exchanges rows and columns, and with them their spacings.
TURNS: dict[str, tuple[Callable[[Point], Point], PixelSpacing]] = {
    "left to right": (lambda at: (at[0], 900 - at[1]), TALL),
    "upside down": (lambda at: (700 - at[0], at[1]), TALL),
    "a quarter": (lambda at: (at[1], 700 - at[0]), WIDE),
    "a half": (lambda at: (700 - at[0], 900 - at[1]), TALL),
}


@given(st.tuples(*[points] * 6), st.sampled_from(sorted(TURNS)))
def test_turning_and_mirroring_a_film_changes_no_measurement(six: tuple[Point, ...], name: str) -> None:
    turn, spacing = TURNS[name]
    there = tuple(turn(point) for point in six)
    assert distance(there[0], there[1], spacing) == pytest.approx(distance(six[0], six[1], TALL))
    for kind in (MarkKind.ANGLE, MarkKind.COBB):
        count = POINTS[kind]
        angles = [angle_of(Mark(kind, some[:count]), of) for some, of in ((six, TALL), (there, spacing))]
        assert angles[0] == pytest.approx(angles[1], abs=1e-4)
    parts = heart_parts(six, TALL), heart_parts(there, spacing)
    if parts[0] is None or parts[1] is None:
        assert parts[0] is parts[1] is None
    else:
        assert parts[0][0] + parts[0][1] == pytest.approx(parts[1][0] + parts[1][1], abs=1e-6)
        assert parts[0][2] == pytest.approx(parts[1][2], abs=1e-6)


def test_lengths_and_angles_know_the_shape_of_the_pixels() -> None:
    assert distance((1, 1), (4, 5), UNKNOWN) == 5
    assert distance((1, 1), (4, 5), TALL) == pytest.approx(math.hypot(1.2, 0.8))
    diagonal = Mark(MarkKind.ANGLE, ((0.0, 1.0), (0.0, 0.0), (1.0, 1.0)))
    assert angle_of(diagonal, UNKNOWN) == pytest.approx(45)
    assert angle_of(diagonal, TALL) == pytest.approx(math.degrees(math.atan(2)))
    straight = Mark(MarkKind.ANGLE, ((0.0, 1.0), (0.0, 0.0), (0.0, -1.0)))
    assert angle_of(straight, UNKNOWN) == pytest.approx(180)


def test_an_angle_without_an_arm_is_none() -> None:
    assert angle_of(Mark(MarkKind.ANGLE, ((1.0, 1.0), (1.0, 1.0), (5.0, 0.0))), UNKNOWN) is None
    assert angle_of(Mark(MarkKind.COBB, ((1.0, 1.0), (1.0, 1.0), (5.0, 0.0), (5.0, 9.0))), TALL) is None


@given(st.tuples(*[points] * 4))
def test_cobb_does_not_ask_which_way_a_line_was_drawn(four: tuple[Point, ...]) -> None:
    one, other, first, last = four
    angle = angle_of(Mark(MarkKind.COBB, four), TALL)
    assert angle is None or 0 <= angle <= 90
    for order in ((other, one, first, last), (one, other, last, first), (first, last, one, other)):
        assert angle_of(Mark(MarkKind.COBB, order), TALL) == pytest.approx(angle, abs=1e-6)


def test_the_heart_is_measured_across_the_midline() -> None:
    six = ((0.0, 500.0), (800.0, 500.0), (500.0, 400.0), (560.0, 720.0), (600.0, 200.0), (630.0, 840.0))
    spacing = PixelSpacing(0.5, 0.5, SpacingSource.IMAGER)
    assert heart_parts(six, spacing) == pytest.approx((50.0, 110.0, 320.0))
    assert heart_parts(six, UNKNOWN) == pytest.approx((100, 220, 640))
    assert heart_parts((six[0], six[0], *six[2:]), spacing) is None
    # Both points on one side of a midline that was drawn beside the heart: the width stays that of the heart.
    beside = ((0.0, 300.0), (800.0, 300.0), *six[2:])
    left, right, _ = heart_parts(beside, spacing) or (0, 0, 0)
    assert left + right == pytest.approx(160)
    assert left < 0


@given(points, points, st.sampled_from([0.5, 1.0, 2.0]), st.integers(0, 3), points)
def test_the_axes_stay_perpendicular_and_a_dragged_end_is_where_the_mouse_is(
    start: Point, end: Point, aspect: float, number: int, to: Point
) -> None:
    assume(math.hypot(end[0] - start[0], end[1] - start[1]) > 1)
    mark = Mark(MarkKind.BIDIRECTIONAL, crossed(start, end, aspect))
    assume(
        number > 1 or math.hypot(to[0] - mark.points[1 - number][0], to[1] - mark.points[1 - number][1]) > 1
    )
    dragged = with_handle(mark, number, to, aspect)
    assert dragged.points[number] == pytest.approx(to, abs=1e-6)
    scaled = np.array(dragged.points) * (aspect, 1)
    long, short = scaled[1] - scaled[0], scaled[3] - scaled[2]
    assert abs(long @ short) <= 1e-6 * max(1.0, float(np.linalg.norm(long) * np.linalg.norm(short)))


@given(st.sampled_from(MarkKind), st.lists(points, min_size=40, max_size=40), points, st.data())
def test_every_handle_goes_where_it_is_dragged(
    kind: MarkKind, many: list[Point], to: Point, data: st.DataObject
) -> None:
    mark = Mark(kind, tuple(many[: POINTS.get(kind, 40)]))
    number = data.draw(st.integers(0, len(handles_of(mark)) - 1))
    dragged = with_handle(mark, number, to)
    assert dragged.kind is kind
    assert len(dragged.points) == len(mark.points)
    if kind is not MarkKind.BIDIRECTIONAL:
        # A corner may change places with the others: the handles are the same, in another order.
        assert any(handle == pytest.approx(to, abs=1e-6) for handle in handles_of(dragged))


@given(st.sampled_from(MarkKind), st.lists(points, min_size=9, max_size=9), points)
def test_a_moved_mark_measures_the_same(kind: MarkKind, many: list[Point], by: Point) -> None:
    mark = Mark(kind, tuple(many[: POINTS.get(kind, 9)]))
    there = moved(mark, *by)
    for line, other in zip(lines_of(kind, mark.points), lines_of(kind, there.points), strict=True):
        assert np.allclose(np.array(line) + by, np.array(other), atol=1e-3)
    assert np.allclose(np.array(words_place(kind, mark.points)) + by, words_place(kind, there.points))


@pytest.mark.parametrize("kind", MarkKind)
def test_an_unfinished_mark_can_be_drawn_at_every_step(kind: MarkKind) -> None:
    many = [(10.0 * place, 7.0 * place % 11) for place in range(8)]
    for count in range(1, POINTS.get(kind, 8) + 1):
        lines = lines_of(kind, many[:count])
        assert all(len(line) >= 2 for line in lines)
        assert len(words_place(kind, many[:count])) == 2


def test_a_pulled_outline_follows_as_far_as_its_neighbours() -> None:
    around = [2 * math.pi * step / 60 for step in range(60)]
    mark = Mark(MarkKind.FREEHAND, tuple((50 + 20 * math.sin(t), 50 + 20 * math.cos(t)) for t in around))
    pulled = with_handle(mark, 0, (50.0, 80.0))
    moves = [math.dist(one, other) for one, other in zip(mark.points, pulled.points, strict=True)]
    assert moves[0] == pytest.approx(10)
    assert moves[1] > moves[3] > 0
    assert moves[5:56] == pytest.approx([0] * 51)
