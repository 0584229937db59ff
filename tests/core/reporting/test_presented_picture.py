"""Whole pictures with all that lies over them."""

from __future__ import annotations

import numpy as np

from core.imaging.composition import Layers
from core.imaging.frame import Frame
from core.imaging.graphics import Graphic, GraphicKind, TextNote
from core.imaging.presentation import Presented
from core.reporting.presented_picture import presented_picture

FRAME = Frame(np.zeros((60, 100), np.uint8))
DARK = np.zeros((60, 100), np.uint8)


def line(**changes: object) -> Graphic:
    return Graphic(GraphicKind.POLYLINE, ((10.5, 20.5), (10.5, 40.5)), **changes)  # type: ignore[arg-type]


def test_lines_stand_on_the_pixels_that_they_name() -> None:
    picture = presented_picture(DARK, Presented(FRAME, graphics=(line(),)))
    rows, columns = np.nonzero(picture)
    assert set(rows.tolist()) == {10}
    assert (columns.min(), columns.max()) == (20, 40)


def test_lines_turn_with_the_picture() -> None:
    picture = presented_picture(DARK, Presented(FRAME, graphics=(line(),), quarter_turns=1, flipped=True))
    assert picture.shape == (100, 60)
    rows, columns = np.nonzero(picture)
    # Mirrored, the line lies at columns 59 to 79; turned clockwise, row 10 is column 60 - 1 - 10.
    assert set(columns.tolist()) == {49}
    assert (rows.min(), rows.max()) == (59, 79)


def test_a_coloured_layer_makes_a_coloured_picture() -> None:
    assert presented_picture(DARK, Presented(FRAME, graphics=(line(),))).ndim == 2
    red = presented_picture(DARK, Presented(FRAME, graphics=(line(colour=(250, 0, 0)),)))
    assert red[10, 30].tolist() == [250, 0, 0]


def test_graphics_go_with_the_overlays() -> None:
    presented = Presented(FRAME, graphics=(line(),))
    assert not presented_picture(DARK, presented, Layers(overlays=False)).any()


def test_filled_points_and_texts_leave_ink_where_they_belong() -> None:
    graphics = (
        Graphic(GraphicKind.POINT, ((30.5, 50.5),)),
        Graphic(GraphicKind.CIRCLE, ((45.5, 15.5), (45.5, 20.5)), filled=True),
        TextNote(("A", "B"), box=(2, 60, 20, 95), anchor=(30.5, 50.5), anchor_visible=True),
        TextNote(("C",), anchor=(55, 60)),
    )
    picture = presented_picture(DARK, Presented(FRAME, graphics=graphics))
    assert picture[30, 50] == 255
    assert picture[45, 15] == 255
    assert picture[2:20, 60:95].any()
