"""Lines, handles and lengths of marks: what every painter and every measurement shares.

Where pixels are not square, lengths, angles and what is perpendicular are those of the body: points are
scaled by the spacing of rows and columns first. `aspect` is row spacing over column spacing, 1 while unknown.
`lines_of` and `words_place` also take the points of an unfinished mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import acos, cos, degrees, hypot, pi, sin

from core.imaging.frame import PixelSpacing
from core.imaging.marks import Mark, MarkKind, Point

Line = tuple[Point, ...]

_ROUND_STEPS = 72
_FREE_HANDLES = 12
_PAIRS = {MarkKind.LENGTH, MarkKind.ARROW, MarkKind.COBB, MarkKind.BIDIRECTIONAL}
_BOXES = {MarkKind.RECTANGLE, MarkKind.ELLIPSE}


def lines_of(kind: MarkKind, points: Sequence[Point], aspect: float = 1.0) -> tuple[Line, ...]:
    """What is drawn, in frame positions; a region is a line that ends where it begins."""
    if kind in _PAIRS:
        return tuple(tuple(points[start : start + 2]) for start in range(0, len(points) - 1, 2))
    if kind is MarkKind.ANGLE:
        return (tuple(points),) if len(points) > 1 else ()
    if kind in _BOXES:
        if len(points) < 2:
            return ()
        corners = _corners(points)
        return ((*corners, corners[0]) if kind is MarkKind.RECTANGLE else _ellipse(points),)
    if kind is MarkKind.FREEHAND:
        return ((*points, points[0]),) if points else ()
    if kind is MarkKind.HEART:
        return _heart_lines(points, aspect)
    return ()


def handles_of(mark: Mark) -> Line:
    """Where a mark can be grabbed to change its form."""
    if mark.kind in _BOXES:
        return _corners(mark.points)
    if mark.kind is MarkKind.FREEHAND:
        return tuple(mark.points[place] for place in _grips(mark))
    return mark.points


def with_handle(mark: Mark, number: int, to: Point, aspect: float = 1.0) -> Mark:
    """The mark after one of its handles was dragged to a place.

    A corner leaves the opposite one where it is; the axes of a bidirectional mark stay perpendicular; a
    freehand outline follows as far as the next handles.
    """
    points = list(mark.points)
    if mark.kind in _BOXES:
        return replace(mark, points=(_corners(points)[(number + 2) % 4], to))
    if mark.kind is MarkKind.FREEHAND:
        return replace(mark, points=_pulled(mark, number, to))
    if mark.kind is MarkKind.BIDIRECTIONAL:
        return replace(mark, points=_perpendicular(points, number, to, aspect))
    points[number] = to
    return replace(mark, points=tuple(points))


def moved(mark: Mark, down: float, across: float) -> Mark:
    """The whole mark elsewhere."""
    return replace(mark, points=tuple((row + down, column + across) for row, column in mark.points))


def crossed(start: Point, end: Point, aspect: float = 1.0) -> tuple[Point, Point, Point, Point]:
    """A long axis with a short one across its middle, half as long."""
    down, across = (end[0] - start[0]) * aspect, end[1] - start[1]
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    arm = across / 4 / aspect, -down / 4
    return start, end, (middle[0] - arm[0], middle[1] - arm[1]), (middle[0] + arm[0], middle[1] + arm[1])


def words_place(kind: MarkKind, points: Sequence[Point]) -> Point:
    """Beside which point the words stand: the end of a line, the lower right of a region, the vertex."""
    if kind in _BOXES or kind is MarkKind.FREEHAND:
        return max(row for row, _ in points), max(column for _, column in points)
    if kind is MarkKind.ANGLE:
        return points[1] if len(points) > 1 else points[0]
    if kind is MarkKind.ARROW:
        return points[0]
    return points[1] if kind is MarkKind.BIDIRECTIONAL and len(points) > 1 else points[-1]


def distance(start: Point, end: Point, spacing: PixelSpacing) -> float:
    """In mm; in pixels, as if they were square, while the spacing is unknown."""
    row, column = spacing.row_mm or 1.0, spacing.column_mm or 1.0
    return hypot((end[0] - start[0]) * row, (end[1] - start[1]) * column)


def angle_between(
    one: tuple[Point, Point], other: tuple[Point, Point], spacing: PixelSpacing
) -> float | None:
    """The angle between two directions, 0 to 180 degrees; None if one of them has no length."""
    row, column = spacing.row_mm or 1.0, spacing.column_mm or 1.0
    arms = [((end[0] - start[0]) * row, (end[1] - start[1]) * column) for start, end in (one, other)]
    lengths = hypot(*arms[0]), hypot(*arms[1])
    if 0.0 in lengths:
        return None
    (down_1, right_1), (down_2, right_2) = (
        (down / length, right / length) for (down, right), length in zip(arms, lengths, strict=True)
    )
    return degrees(acos(max(-1.0, min(1.0, down_1 * down_2 + right_1 * right_2))))


def angle_of(mark: Mark, spacing: PixelSpacing) -> float | None:
    """At the vertex, 0 to 180 degrees; between the two lines of Cobb's method, 0 to 90. None if undefined."""
    points = mark.points
    if mark.kind is MarkKind.ANGLE:
        return angle_between((points[1], points[0]), (points[1], points[2]), spacing)
    angle = angle_between((points[0], points[1]), (points[2], points[3]), spacing)
    return None if angle is None else min(angle, 180 - angle)


def heart_parts(points: Sequence[Point], spacing: PixelSpacing) -> tuple[float, float, float] | None:
    """Reach of the heart from the midline on either side and the inner width of the thorax, in mm or px.

    All are measured across the midline. The reach is below 0 on the wrong side of the other point: their sum
    is the width of the heart in any case. None while the midline has no length.
    """
    row, column = spacing.row_mm or 1.0, spacing.column_mm or 1.0
    scaled = [(down * row, across * column) for down, across in points]
    top, bottom = scaled[0], scaled[1]
    length = distance(top, bottom, PixelSpacing())
    if length == 0:
        return None
    normal = -(bottom[1] - top[1]) / length, (bottom[0] - top[0]) / length
    one, other, first, last = (
        (down - top[0]) * normal[0] + (across - top[1]) * normal[1] for down, across in scaled[2:]
    )
    left, right = (-one, other) if one <= other else (one, -other)
    return left, right, abs(last - first)


def _corners(points: Sequence[Point]) -> tuple[Point, Point, Point, Point]:
    """In a round; the first and the third are the points themselves."""
    (top, left), (bottom, right) = points[0], points[1]
    return (top, left), (top, right), (bottom, right), (bottom, left)


def _ellipse(points: Sequence[Point]) -> Line:
    (top, left), (bottom, right) = points[0], points[1]
    turns = [2 * pi * step / _ROUND_STEPS for step in range(_ROUND_STEPS)]
    around = tuple(
        (
            (top + bottom) / 2 + (bottom - top) / 2 * sin(turn),
            (left + right) / 2 + (right - left) / 2 * cos(turn),
        )
        for turn in turns
    )
    return (*around, around[0])


def _heart_lines(points: Sequence[Point], aspect: float) -> tuple[Line, ...]:
    lines: list[Line] = [tuple(points[:2])] if len(points) > 1 else []
    if lines and points[0] != points[1]:
        lines += [(_foot(points[0], points[1], point, aspect), point) for point in points[2:4]]
    if len(points) > 5:
        lines.append(tuple(points[4:6]))
    return tuple(lines)


def _foot(start: Point, end: Point, point: Point, aspect: float) -> Point:
    """The place on a line, made longer where needed, that is nearest to a point."""
    down, across = (end[0] - start[0]) * aspect, end[1] - start[1]
    along = ((point[0] - start[0]) * aspect * down + (point[1] - start[1]) * across) / (down**2 + across**2)
    return start[0] + along * (end[0] - start[0]), start[1] + along * (end[1] - start[1])


def _perpendicular(points: list[Point], number: int, to: Point, aspect: float) -> tuple[Point, ...]:
    """The axes after an end of one was dragged; the other one keeps its length and where it crosses."""
    start, end, first, last = points
    if start == end:
        points[number] = to
        return crossed(points[0], points[1], aspect)
    if number < 2:
        foot = _foot(start, end, first, aspect)
        share = _share(start, end, foot)
        reach = [_across(start, end, foot, one, aspect) for one in (first, last)]
        ends = [start, end]
        ends[number] = to
        if ends[0] == ends[1]:
            return tuple(points)
        foot = (
            ends[0][0] + share * (ends[1][0] - ends[0][0]),
            ends[0][1] + share * (ends[1][1] - ends[0][1]),
        )
        arms = [_step(ends[0], ends[1], foot, one, aspect) for one in reach]
        return ends[0], ends[1], arms[0], arms[1]
    foot = _foot(start, end, to, aspect)
    other = _across(start, end, _foot(start, end, points[5 - number], aspect), points[5 - number], aspect)
    arms = [to, _step(start, end, foot, other, aspect)]
    return start, end, *(arms if number == 2 else arms[::-1])


def _share(start: Point, end: Point, on: Point) -> float:
    down, across = end[0] - start[0], end[1] - start[1]
    return ((on[0] - start[0]) * down + (on[1] - start[1]) * across) / (down**2 + across**2)


def _across(start: Point, end: Point, foot: Point, point: Point, aspect: float) -> float:
    """How far a point is from its foot: above 0 on one side of the line, below on the other."""
    down, across = (end[0] - start[0]) * aspect, end[1] - start[1]
    length = hypot(down, across)
    return ((point[1] - foot[1]) * down - (point[0] - foot[0]) * aspect * across) / length


def _step(start: Point, end: Point, foot: Point, far: float, aspect: float) -> Point:
    """The point so far from a foot, on that side of the line."""
    down, across = (end[0] - start[0]) * aspect, end[1] - start[1]
    length = hypot(down, across)
    return foot[0] - far * across / length / aspect, foot[1] + far * down / length


def _grips(mark: Mark) -> list[int]:
    """Which points of a freehand outline can be grabbed: a few, evenly."""
    count = len(mark.points)
    wanted = min(_FREE_HANDLES, count)
    return [place * count // wanted for place in range(wanted)]


def _pulled(mark: Mark, number: int, to: Point) -> Line:
    """A freehand outline after a handle was dragged: points in between follow, the less the farther."""
    points, grips, count = list(mark.points), _grips(mark), len(mark.points)
    place = grips[number]
    down, across = to[0] - points[place][0], to[1] - points[place][1]
    before = (place - grips[number - 1]) % count or count
    after = (grips[(number + 1) % len(grips)] - place) % count or count
    for step in range(1 - before, after):
        share = (1 + cos(pi * step / (before if step < 0 else after))) / 2
        row, column = mark.points[(place + step) % count]
        points[(place + step) % count] = row + share * down, column + share * across
    return tuple(points)
