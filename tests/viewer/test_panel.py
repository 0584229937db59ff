"""Scale bars, lengths and exported pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from core.imaging.display import default_grey, render
from core.imaging.frame import Frame, PixelSpacing, SpacingSource
from core.imaging.heatmap import HeatmapStyle
from viewer.exported_film import film_image
from viewer.legend import Legend
from viewer.panel import (
    FindingBox,
    Mark,
    MarkKind,
    PanelContent,
    StatusKind,
    length_text,
    scale_bar,
    status_colour,
)
from viewer.picture import Picture
from viewer.theme import Colour
from viewer.viewpoint import Mapping, Viewpoint

KNOWN = PixelSpacing(0.2, 0.1, SpacingSource.IMAGER)
LENGTH = Mark("m", MarkKind.LENGTH, (10, 10), (13, 14))


def test_millimetres_are_spoken_of_only_with_their_source():
    assert length_text(LENGTH, PixelSpacing()) == "5.0 px"
    assert length_text(LENGTH, KNOWN) == "0.7 mm (at detector)"


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


def _grey_at(image: QImage, row: int, column: int) -> int:
    return QColor(image.pixel(column, row)).red()


@pytest.fixture
def frame() -> Frame:
    return Frame(np.random.default_rng(0).integers(0, 4096, (150, 203), dtype=np.uint16))


def test_an_exported_film_has_each_pixel_once(qapp: object, frame: Frame):
    picture, grey = Picture.of_frame(frame), default_grey(frame)
    content = PanelContent("ORIGINAL", Colour.LINE, frame_shape=(150, 203))
    image = film_image(picture, picture.levels_of(grey, False), content, None, ("footer",))
    expected = render(frame, grey)
    assert image.width() == 203
    assert image.height() > 150
    assert all(
        _grey_at(image, row, column) == expected[row, column]
        for row, column in ((0, 0), (149, 202), (75, 100), (0, 202))
    )


def test_an_exported_map_has_its_legend_and_lies_on_its_place(qapp: object, frame: Frame):
    picture, grey = Picture.of_frame(frame), default_grey(frame)
    heat = QImage(64, 64, QImage.Format.Format_RGBA8888)
    heat.fill(QColor(255, 0, 0, 255))
    content = PanelContent(
        "DIFFERENCE", Colour.LINE, frame_shape=(150, 203), crop=(40, 60, 50), heat=heat,
        boxes=(FindingBox("a", (42, 62, 80, 90)),),
    )  # fmt: skip
    levels = picture.levels_of(grey, False)
    image = film_image(picture, levels, content, Legend(HeatmapStyle(0.1)), ())
    assert image.width() > 203
    assert image.height() == 150
    assert QColor(image.pixel(105, 85)).getRgb()[:3] == (255, 0, 0)
    outside = QColor(image.pixel(105, 100))
    assert outside.red() == outside.green() == outside.blue()
    strip = image.copy(203, 0, image.width() - 203, 150)
    colours = {strip.pixel(x, y) for x in range(strip.width()) for y in range(strip.height())}
    assert len(colours) > 20


def test_the_twin_carries_its_border_and_title_in_the_film(qapp: object, frame: Frame):
    picture, grey = Picture.of_frame(frame), default_grey(frame)
    content = PanelContent("HEALTHY TWIN", Colour.TWIN, subtitle="SYNTHETIC", frame_shape=(150, 203))
    image = film_image(picture, picture.levels_of(grey, False), content, None, ())
    assert (image.width(), image.height()) == (203, 150)
    assert QColor(image.pixel(0, 75)) == QColor(Colour.TWIN)
    colours = [QColor(image.pixel(x, y)) for x in range(6, 190) for y in range(6, 30)]
    # Smoothed letters: towards the border's magenta, which no grey film has.
    magenta = sum(colour.red() > colour.green() + 50 < colour.blue() for colour in colours)
    assert magenta > 20
