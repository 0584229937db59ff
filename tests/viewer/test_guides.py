"""Lines where other planes cut: where they are drawn, in which colour, and where they can be held."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from viewer.guides import Guides, guide_at, paint_guides
from viewer.theme import Colour
from viewer.viewpoint import Mapping, Viewpoint

GUIDES = Guides(20.0, 30.0, Colour.AXIAL, Colour.SAGITTAL)


def painted(guides: Guides, mapping: Mapping) -> QImage:
    image = QImage(int(mapping.width), int(mapping.height), QImage.Format.Format_RGB32)
    image.fill(0)
    with QPainter(image) as painter:
        paint_guides(painter, guides, mapping)
    return image


def colours(image: QImage, places: list[tuple[int, int]]) -> set[str]:
    return {QColor(image.pixel(x, y)).name() for x, y in places} - {"#000000"}


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("turns", range(4))
def test_each_line_runs_through_its_row_or_column(qapp: QApplication, turns: int, flipped: bool):
    mapping = Mapping(Viewpoint(25, 35, 4.0, turns, flipped), 300, 240)
    image = painted(GUIDES, mapping)
    for place, colour in (((20.0, 45.0), Colour.AXIAL), ((35.0, 30.0), Colour.SAGITTAL)):
        x, y = (int(part) for part in mapping.to_screen(*place))
        near = [(x + across, y + down) for across in (-1, 0, 1) for down in (-1, 0, 1)]
        assert str(colour) in colours(image, near)


def test_what_lies_under_the_crosshair_is_free(qapp: QApplication):
    mapping = Mapping(Viewpoint(25, 35, 4.0), 300, 240)
    image = painted(GUIDES, mapping)
    x, y = (round(part) for part in mapping.to_screen(20.0, 30.0))
    assert not colours(image, [(x + across, y + down) for across in range(-9, 10) for down in range(-9, 10)])


def test_the_edges_of_slabs_are_dotted(qapp: QApplication):
    mapping = Mapping(Viewpoint(25, 35, 4.0), 300, 240)
    thick = Guides(20.0, 30.0, Colour.AXIAL, Colour.SAGITTAL, (15.0, 25.0), (28.0,))
    image = painted(thick, mapping)
    for row in (15.0, 25.0):
        y = round(mapping.to_screen(row, 50.0)[1])
        line = [
            any(QColor(image.pixel(x, y + down)).lightness() > 20 for down in (-1, 0))
            for x in range(200, 260)
        ]
        assert any(line)
        assert not all(line)


def test_a_line_far_outside_is_not_there(qapp: QApplication):
    mapping = Mapping(Viewpoint(25, 35, 4.0), 300, 240)
    image = painted(Guides(-500.0, 30.0, Colour.AXIAL, Colour.SAGITTAL), mapping)
    every = [(x, y) for x in range(0, 300, 3) for y in range(240)]
    assert str(Colour.AXIAL) not in colours(image, every)


def test_where_lines_can_be_taken_hold_of():
    mapping = Mapping(Viewpoint(25, 35, 4.0), 300, 240)
    x, y = mapping.to_screen(20.0, 30.0)
    assert guide_at(GUIDES, mapping, QPointF(x + 70, y + 3))
    assert guide_at(GUIDES, mapping, QPointF(x - 4, y + 60))
    assert not guide_at(GUIDES, mapping, QPointF(x + 40, y + 40))
