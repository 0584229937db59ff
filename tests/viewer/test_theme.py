"""Palette, fonts and icons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from core.resources import resource_path
from viewer.panel import text_font
from viewer.theme import (
    LEAST_TEXT_PX,
    SMALL_TEXT_PX,
    TEXT_PX,
    Colour,
    apply_text_size,
    apply_theme,
    check_fonts,
    icon,
    load_fonts,
    scaled,
    take_size,
)

ICONS = sorted(file.stem for file in resource_path("icons").glob("*.svg"))


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[QApplication]:
    """The program's look, and the look of before again afterwards."""
    before = (qapp.style().objectName(), qapp.palette(), qapp.font(), qapp.styleSheet(), qapp.windowIcon())
    apply_theme(qapp)
    yield qapp
    style, palette, font, sheet, window_icon = before
    qapp.setStyle(style)
    qapp.setPalette(palette)
    qapp.setFont(font)
    qapp.setStyleSheet(sheet)
    qapp.setWindowIcon(window_icon)


def test_the_window_is_dark_and_its_text_large_enough(themed: QApplication):
    palette = themed.palette()
    assert palette.color(QPalette.ColorRole.Window).lightness() < 60
    assert palette.color(QPalette.ColorRole.WindowText).lightness() > 180
    assert themed.font().pixelSize() >= SMALL_TEXT_PX >= 11
    assert TEXT_PX >= 11
    assert not themed.windowIcon().isNull()


def _contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.1."""

    def luminance(name: str) -> float:
        parts = [part / 255 for part in QColor(name).getRgb()[:3]]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    "colour", [Colour.TEXT, Colour.QUIET, Colour.ACCENT, Colour.TWIN, Colour.WARNING, Colour.FAILURE]
)
def test_every_colour_of_text_can_be_read(colour: Colour):
    assert min(_contrast(colour, ground) for ground in (Colour.WINDOW, Colour.RAISED, Colour.FILM)) >= 4.5


@pytest.mark.parametrize("name", ICONS)
def test_each_icon_is_a_drawing_of_24_by_24_that_takes_our_colours(qapp: QApplication, name: str):
    drawing = QSvgRenderer(str(resource_path("icons", f"{name}.svg")))
    assert drawing.isValid()
    assert (drawing.defaultSize().width(), drawing.defaultSize().height()) == (24, 24)
    made = icon(name)
    picture = made.pixmap(24, 24).toImage()
    drawn = [
        picture.pixelColor(x, y)
        for x in range(24)
        for y in range(24)
        if picture.pixelColor(x, y).alpha() > 200
    ]
    assert drawn
    if name != "app":
        assert all(abs(colour.red() - QColor(Colour.TEXT).red()) < 12 for colour in drawn)
        lit = made.pixmap(24, 24, QIcon.Mode.Normal, QIcon.State.On).toImage()
        assert lit != picture


def test_an_icon_without_a_file_is_a_bug(qapp: QApplication):
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")


def test_missing_fonts_are_said_in_words(qapp: QApplication, monkeypatch: pytest.MonkeyPatch):
    assert check_fonts() == ""
    monkeypatch.setattr("viewer.theme._families", list)
    assert "fonts-dejavu-core" in check_fonts()


def test_shipped_fonts_come_first(themed: QApplication):
    shipped = [file for file in resource_path("fonts").rglob("*") if file.suffix in {".ttf", ".otf"}]
    if not shipped:
        pytest.skip("no fonts ship with this tree")
    assert themed.font().families()[0] in QFontDatabase.families()
    assert themed.font().families()[0] == "HealthyTwin Sans"


def test_a_damaged_font_file_is_passed_over(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "broken.ttf").write_bytes(b"no font")
    (tmp_path / "fonts" / "README").write_text("not a font")
    monkeypatch.setattr("viewer.theme.resource_path", lambda *parts: tmp_path.joinpath(*parts))
    assert load_fonts.__wrapped__() == ()


def test_a_new_window_is_no_larger_than_its_screen(qtbot: QtBot):
    window = QWidget()
    qtbot.addWidget(window)
    room = window.screen().availableSize()
    take_size(window, 300, 200)
    assert window.size().toTuple() == (300, 200)
    take_size(window, room.width() + 500, room.height() + 500)
    assert window.width() < room.width()
    assert window.height() < room.height()


@pytest.mark.parametrize("percent", [100, 125, 150, 200])
def test_the_size_of_the_text_reaches_widgets_and_painted_texts(
    themed: QApplication, qtbot: QtBot, percent: int
):
    plain, small, heading = QLabel("text"), QLabel("text"), QLabel("text")
    for label in (plain, small, heading):
        qtbot.addWidget(label)
    small.setProperty("textSize", "small")
    heading.setProperty("textSize", "heading")
    try:
        apply_text_size(percent)
        for label, px in ((plain, TEXT_PX), (small, SMALL_TEXT_PX), (heading, 20)):
            label.ensurePolished()
            assert label.font().pixelSize() == pytest.approx(px * percent / 100, abs=1)
            assert label.font().pixelSize() >= LEAST_TEXT_PX
        picture = QPixmap(8, 8)
        with QPainter(picture) as painter:
            assert text_font(painter, SMALL_TEXT_PX).pixelSize() == scaled(SMALL_TEXT_PX)
        assert scaled(100) == pytest.approx(percent, abs=5)  # text has whole pixels
    finally:
        apply_text_size(100)
    assert themed.font().pixelSize() == TEXT_PX


# What a reader who lacks one kind of cones sees: Machado, Oliveira, Fernandes 2009, severity 1, linear RGB.
_COLOUR_BLIND = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Colours that tell things apart by themselves: borders of panels, stripes, and lines of the three planes.
_MEANINGS = [
    (Colour.ACCENT, Colour.TWIN),  # the panel with the focus, and the twin
    (Colour.LINE, Colour.TWIN),  # a panel of the patient, and the twin
    (Colour.LINE, Colour.ACCENT),
    (Colour.TEXT, Colour.FAILURE),
    (Colour.ACCENT, Colour.FAILURE),  # stripe of the message line: notice, failure
    (Colour.ACCENT, Colour.WARNING),  # boxes of findings, outlines of the map
    (Colour.TEXT, Colour.ACCENT),  # an icon that is switched on stands on another ground, too
    (Colour.AXIAL, Colour.CORONAL),
    (Colour.CORONAL, Colour.SAGITTAL),
    (Colour.AXIAL, Colour.SAGITTAL),
]


def _lab(name: str, blindness: str) -> np.ndarray:
    """CIE L*a*b* (D65) of a colour as a reader with this blindness sees it; "" = all cones."""
    parts = np.array(QColor(name).getRgb()[:3]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    if blindness:
        linear = np.clip(np.array(_COLOUR_BLIND[blindness]) @ linear, 0, 1)
    to_xyz = np.array(
        (
            (0.4124564, 0.3575761, 0.1804375),
            (0.2126729, 0.7151522, 0.072175),
            (0.0193339, 0.119192, 0.9503041),
        )
    )
    ratio = (to_xyz @ linear) / np.array((0.95047, 1.0, 1.08883))
    cubic = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array((116 * cubic[1] - 16, 500 * (cubic[0] - cubic[1]), 200 * (cubic[1] - cubic[2])))


@pytest.mark.parametrize("blindness", ["", *_COLOUR_BLIND])
@pytest.mark.parametrize(("one", "other"), _MEANINGS)
def test_colours_that_carry_meaning_differ_for_every_reader(one: Colour, other: Colour, blindness: str):
    """A difference of 2.3 can just be seen side by side; these stand apart, so it is five times that."""
    difference = float(np.linalg.norm(_lab(one, blindness) - _lab(other, blindness)))
    assert difference > 11.5, f"{one.name} and {other.name} differ by {difference:.1f}"
