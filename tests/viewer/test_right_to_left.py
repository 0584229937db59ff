"""Hebrew and Arabic names, alone and beside Latin numbers: drawn right to left, whole, with our own fonts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_chest_film
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QRawFont, QTextLayout
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.session import Session
from core.visible import isolated
from viewer.app import make_application
from viewer.main_window import MainWindow
from viewer.theme import load_fonts

NAMES = {"hebrew": "כהן דוד", "arabic": "محمد عبد الرحمن", "persian": "پژمان گلی", "mixed": "KIM דוד"}


def glyph_runs(text: str, font: QFont) -> list[tuple[QRawFont, list[int], list[float], bool]]:
    """Fonts, glyphs and their places from left to right, as Qt lays out a line."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(10_000)
    layout.endLayout()
    return [
        (
            run.rawFont(),
            list(run.glyphIndexes()),
            [point.x() for point in run.positions()],
            run.isRightToLeft(),
        )
        for run in layout.glyphRuns()
    ]


def place_of_letter(text: str, at: int, font: QFont) -> float:
    layout = QTextLayout(text, font)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(10_000)
    layout.endLayout()
    here, after = line.cursorToX(at), line.cursorToX(at + 1)
    first = lambda place: place[0] if isinstance(place, tuple) else place  # noqa: E731  # PySide gives x and cursor
    return (first(here) + first(after)) / 2


@pytest.fixture
def font(qapp: QApplication) -> QFont:
    make_application()
    return qapp.font()


@pytest.mark.parametrize("script", NAMES)
def test_every_letter_has_a_glyph_in_a_font_that_ships(font: QFont, script: str) -> None:
    shipped = set(load_fonts())
    for raw, glyphs, _, _ in glyph_runs(NAMES[script], font):
        assert raw.familyName() in shipped
        assert all(glyphs), "glyph 0 is the box"
    ours = [QRawFont.fromFont(QFont(family)) for family in shipped]
    for letter in NAMES[script]:
        assert any(raw.supportsCharacter(ord(letter)) for raw in ours), letter


@pytest.mark.parametrize("script", ["hebrew", "arabic", "persian"])
def test_the_first_letter_stands_at_the_right(font: QFont, script: str) -> None:
    name = NAMES[script]
    assert place_of_letter(name, 0, font) > place_of_letter(name, len(name) - 1, font)
    assert all(right_to_left for *_, right_to_left in glyph_runs(name.replace(" ", ""), font))


def test_latin_numbers_beside_a_name_stay_where_they_are_put(font: QFont) -> None:
    number, age = isolated("ת.ז. 12"), "045Y"
    line = f"{number} {age}"
    at = line.index(age)
    assert place_of_letter(line, 1, font) < place_of_letter(line, at, font), "the age is at the right"
    digits = [place_of_letter(line, at + place, font) for place in range(3)]
    assert digits == sorted(digits)


def test_marks_of_isolation_take_no_room(font: QFont) -> None:
    metrics = QFontMetricsF(font)
    name = NAMES["hebrew"]
    assert metrics.horizontalAdvance(isolated(name)) == pytest.approx(metrics.horizontalAdvance(name))


@pytest.mark.parametrize("script", ["hebrew", "arabic"])
def test_a_patient_is_named_in_title_list_and_corner(
    script: str, window: MainWindow, opened: Callable[..., Session], qtbot: QtBot, tmp_path: Path
) -> None:
    name = NAMES[script]
    film = write_chest_film(
        tmp_path / "film.dcm",
        rows=320,
        columns=300,
        patient_name=name.replace(" ", "^"),
        patient_id="ת.ז. 12",
        SpecificCharacterSet="ISO_IR 192",
    ).path
    opened(film)
    words = name.split()
    assert all(word in window.windowTitle() for word in words)
    qtbot.waitUntil(lambda: any(all(word in row for word in words) for row in window.browser.rows))
    caption = window._caption()
    assert all(word in caption[0] for word in words)
    assert caption[1].startswith("\u2068ת.ז. 12\u2069")


def test_a_name_is_drawn_and_not_a_row_of_boxes(font: QFont) -> None:
    """Ten different letters, ten different pictures: boxes would all look alike."""

    def picture(letter: str) -> bytes:
        image = QImage(40, 40, QImage.Format.Format_Grayscale8)
        image.fill(0)
        with QPainter(image) as painter:
            painter.setFont(font)
            painter.setPen(Qt.GlobalColor.white)
            painter.drawText(image.rect(), Qt.AlignmentFlag.AlignCenter, letter)
        pixels = np.frombuffer(bytes(image.constBits()), np.uint8)
        assert pixels.max() > 100, letter
        return pixels.tobytes()

    for letters in ("אבגדהוזחטי", "ابجدهوزحطي"):
        assert len({picture(letter) for letter in letters}) == len(letters)
