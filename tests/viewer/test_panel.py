"""Scale bars, lengths, colours of the status."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from core.imaging.frame import PixelSpacing, SpacingSource
from viewer.panel import (
    PanelContent,
    StatusKind,
    looks_the_same,
    paint_corners,
    paint_letters,
    paint_map,
    scale_bar,
    status_colour,
)
from viewer.picture import sheet_transform
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


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_a_map_is_painted_in_part_as_it_is_whole(qapp: object, turns: int):
    heat = QImage(32, 32, QImage.Format.Format_ARGB32_Premultiplied)
    heat.fill(0)
    with QPainter(heat) as painter:
        painter.fillRect(8, 5, 9, 14, QColor(200, 60, 0, 150))
    content = PanelContent("D", Colour.LINE, frame_shape=(100, 80), crop=(10, 0, 80), heat=heat)
    mapping = Mapping(Viewpoint(50, 40, 2.3, turns), 240, 260)
    sheets = []
    for whole in (False, True):
        sheet = QImage(240, 260, QImage.Format.Format_RGB32)
        sheet.fill(0x808080)
        with QPainter(sheet) as painter:
            if whole:
                painter.save()
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                painter.setTransform(sheet_transform(mapping), True)
                painter.drawImage(QRectF(0, 10, 80, 80), heat)
                painter.restore()
                paint_map(painter, replace(content, heat=None), mapping)
            else:
                paint_map(painter, content, mapping)
        sheets.append(np.frombuffer(sheet.constBits(), np.uint8).reshape(260, 240, 4).astype(int))
    assert np.abs(sheets[0] - sheets[1]).max() <= 2
    assert np.abs(sheets[0] - 0x80).max() > 40


def test_what_was_not_analyzed_is_dimmed_all_around_and_nothing_else(qapp: object):
    content = PanelContent("D", Colour.LINE, frame_shape=(100, 80), crop=(20, 10, 50))
    sheet = QImage(160, 200, QImage.Format.Format_RGB32)
    sheet.fill(0xFFFFFF)
    with QPainter(sheet) as painter:
        paint_map(painter, content, Mapping(Viewpoint(50, 40, 2.0), 160, 200))
    grey = np.frombuffer(sheet.constBits(), np.uint8).reshape(200, 160, 4)[..., 0]
    assert (grey[40:140, 20:120] == 255).all()
    dimmed = grey < 255
    dimmed[40:140, 20:120] = True
    assert dimmed.all()
