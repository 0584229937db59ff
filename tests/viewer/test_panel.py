"""Scale bars, lengths, colours of the status."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from core.imaging.frame import PixelSpacing, SpacingSource
from viewer.panel import (
    PanelContent,
    StatusKind,
    looks_the_same,
    paint_corners,
    paint_letters,
    scale_bar,
    status_colour,
)
from viewer.theme import Colour
from viewer.viewpoint import Mapping, Viewpoint

KNOWN = PixelSpacing(0.2, 0.1, SpacingSource.IMAGER)


@pytest.mark.parametrize("zoom", [0.013, 0.1, 1.0, 7.3])
def test_a_scale_bar_is_round_and_true(zoom: float):
    mapping = Mapping(Viewpoint(0, 0, zoom), 800, 600, 2.0)
    length, text = scale_bar(mapping, KNOWN, longest=240)
    number, unit, *source = text.split(maxsplit=2)
    assert unit == "mm"
    assert source == ["(at detector)"]
    assert number.strip("0.")[:1] in {"1", "2", "5"}
    start = mapping.to_screen(0, 0)
    across = mapping.to_screen(0, float(number) / 0.1)
    down = mapping.to_screen(float(number) / 0.2, 0)
    assert length == pytest.approx(across[0] - start[0]) == pytest.approx(down[1] - start[1])
    assert 240 / 2.6 < length <= 240


def test_without_spacing_the_bar_counts_pixels_and_no_parts_of_them():
    mapping = Mapping(Viewpoint(0, 0, 2.0), 800, 600)
    assert scale_bar(mapping, PixelSpacing(), longest=240) == (200, "100 px")
    assert scale_bar(Mapping(Viewpoint(0, 0, 64), 60, 60), PixelSpacing(), longest=18) == (0.0, "")


def test_each_status_can_be_told_from_a_clean_map():
    assert status_colour(StatusKind.FAILED) != status_colour(StatusKind.CLEAR)
    assert status_colour(StatusKind.UNSUITABLE) != status_colour(StatusKind.CLEAR)
    assert status_colour(StatusKind.NOT_RUN) != status_colour(StatusKind.CLEAR)


@pytest.mark.parametrize("width", [180, 250, 400, 900])
def test_the_letter_of_the_lower_edge_keeps_clear_of_the_scale_bar(qapp: QApplication, width: int):
    content = PanelContent("", Colour.QUIET, spacing=KNOWN, patient_orientation=("L", "F"))
    mapping = Mapping(Viewpoint(0, 0, 0.2), width, 300)

    def painted(paint: object) -> NDArray[np.bool_]:
        image = QImage(width, 300, QImage.Format.Format_Grayscale8)
        image.fill(255)
        painter = QPainter(image)
        paint(painter, content, mapping)  # type: ignore[operator]  # one of the two
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(300, image.bytesPerLine())
        return rows[:, :width] != 255

    bar, letters = painted(paint_corners), painted(paint_letters)
    assert bar.any()
    assert letters[200:].any()
    assert not (bar & letters).any()


def test_contents_look_the_same_if_nothing_in_them_differs(qapp: QApplication):
    lines, heat = np.zeros((4, 2)), QImage(2, 2, QImage.Format.Format_ARGB32)
    one = PanelContent("A", Colour.LINE, frame_shape=(3, 4), outlines=(lines,), heat=heat)
    assert looks_the_same(
        one, PanelContent("A", Colour.LINE, frame_shape=(3, 4), outlines=(lines,), heat=heat)
    )
    assert not looks_the_same(one, replace(one, title="B"))
    assert not looks_the_same(one, replace(one, outlines=(lines.copy(),)))
    assert not looks_the_same(one, replace(one, outlines=()))
    assert not looks_the_same(one, replace(one, heat=heat.copy()))
    assert not looks_the_same(one, replace(one, status_kind=StatusKind.FAILED))
