"""Marks on a saved picture: each where it was drawn, its words on the picture and off those of others."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.imaging.frame import Frame
from core.imaging.mark_geometry import lines_of
from core.imaging.marks import POINTS, Mark, MarkKind
from core.imaging.measurements import Measured
from core.reporting.drawn_marks import MARK_COLOUR, draw_marks

FRAME = Frame(np.arange(10_000, dtype=np.uint16).reshape(100, 100))
SIDE = 600
SIX = ((20, 30), (80, 35), (50, 20), (55, 60), (60, 10), (62, 90))


def drawn(*marks: Mark) -> np.ndarray:
    image = Image.new("RGB", (SIDE, SIDE))
    draw_marks(
        ImageDraw.Draw(image), marks, Measured(FRAME), lambda at: (at[1] * 6, at[0] * 6), (SIDE, SIDE), 24
    )
    return (np.array(image) == MARK_COLOUR).all(axis=2)


@pytest.mark.parametrize("kind", [kind for kind in MarkKind if kind is not MarkKind.TEXT])
def test_each_kind_is_drawn_along_its_lines(kind: MarkKind) -> None:
    mark = Mark(kind, SIX[: POINTS.get(kind, 6)], name="M1")
    seen = drawn(mark)
    for line in lines_of(kind, mark.points):
        for (row, column), (end_row, end_column) in pairwise(line):
            middle = round((row + end_row) * 3), round((column + end_column) * 3)
            assert seen[middle[0] - 3 : middle[0] + 4, middle[1] - 3 : middle[1] + 4].any()
    assert seen.any()


def test_long_words_leave_room_for_the_film() -> None:
    seen = drawn(Mark(MarkKind.TEXT, ((50, 50),), "word " * 60))
    columns = np.flatnonzero(seen.any(axis=0))
    assert columns[0] >= 0
    assert np.ptp(columns) <= 0.62 * SIDE
    assert columns[-1] < SIDE - 2, "nothing is cut off"


def test_words_of_marks_at_one_place_do_not_lie_on_each_other() -> None:
    one = [Mark(MarkKind.TEXT, ((50, 50),), "MMMM")]
    # Letters on letters would cover each other.
    assert drawn(*one * 3).sum() >= 3 * drawn(*one).sum() > 0
