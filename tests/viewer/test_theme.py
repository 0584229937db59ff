"""Palette, fonts and icons."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QFontDatabase, QIcon, QPalette
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from core.resources import resource_path
from viewer.theme import SMALL_TEXT_PX, TEXT_PX, Colour, apply_theme, check_fonts, icon, load_fonts

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
