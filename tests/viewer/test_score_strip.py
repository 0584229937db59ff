from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from film_series import write_film_series
from phantoms import write_ct_series
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.inference.analysis import ModelChoice
from core.series_scores import WAITING, ImageResult, Outcome, Scores, failed
from core.session import Session
from viewer import score_strip, scored_series
from viewer.score_strip import ROW_PX, ScoreBar, ScoreStrip
from viewer.theme import Colour, apply_text_size

Opened = Callable[..., Session]
WAIT_MS = 20_000


def scored(p: float, count: int = 0) -> ImageResult:
    return ImageResult(Outcome.SCORED, score=1.5, p_value=p, findings=count)


REFUSED = ImageResult(Outcome.REFUSED, words=("A lateral view.",))
CLEAN, OUT, FAILED = scored(0.6), scored(0.01, 2), failed("It is damaged.")


@pytest.fixture
def strip(qtbot: QtBot) -> ScoreStrip:
    made = ScoreStrip()
    qtbot.addWidget(made)
    made.resize(300, ROW_PX)
    made.show()
    return made


@pytest.fixture
def bar(session: Session, qtbot: QtBot) -> Iterator[ScoreBar]:
    parent = QWidget()
    parent.resize(900, 60)
    qtbot.addWidget(parent)
    made = ScoreBar(session, parent)
    parent.show()
    yield made
    parent.hide()


def colours(strip: ScoreStrip, number: int, row: int = 0) -> set[str]:
    """The colours inside a cell, without the frame of the shown image."""
    image: QImage = strip.grab().toImage()
    place = strip.place_of(number).adjusted(2, 0, -2, 0)
    return {
        image.pixelColor(x, y).name()
        for x in range(place.left(), place.right() + 1)
        for y in range(row * ROW_PX + 1, (row + 1) * ROW_PX - 1)
    }


def bar_height(strip: ScoreStrip, number: int) -> int:
    image = strip.grab().toImage()
    x = strip.place_of(number).center().x()
    return sum(image.pixelColor(x, y).name() in score_strip._STEP_COLOURS for y in range(ROW_PX))


def test_what_has_no_score_never_looks_like_what_is_clean(strip: ScoreStrip) -> None:
    strip.show_scores((Scores("A", (CLEAN, WAITING, REFUSED, FAILED, OUT)),), 0)
    looks = [frozenset(colours(strip, number)) for number in range(5)]
    assert len(set(looks)) == 5
    steps = {QColor(name).name() for name in score_strip._STEP_COLOURS}
    assert looks[0] & steps
    assert looks[4] & steps
    assert not any(look & steps for look in looks[1:4])
    assert QColor(Colour.TWIN).name() in looks[4]
    assert QColor(Colour.FAILURE).name() in looks[3]


def test_smaller_p_values_are_higher_and_brighter_the_same_everywhere(strip: ScoreStrip) -> None:
    steps = (1.0, 0.1, 0.03, 0.005)
    strip.show_scores((Scores("A", tuple(scored(p) for p in steps)),), 0)
    heights = [bar_height(strip, number) for number in range(4)]
    assert heights == sorted(heights)
    assert len(set(heights)) == 4
    lightness = [QColor(name).lightnessF() for name in score_strip._STEP_COLOURS]
    brighter = [0.2126 * QColor(n).redF() + 0.7152 * QColor(n).greenF() for n in score_strip._STEP_COLOURS]
    assert brighter == sorted(brighter), lightness
    alone = colours(strip, 1)
    strip.show_scores((Scores("A", (scored(0.1), scored(0.1))),), 0)
    assert colours(strip, 1) == alone, "the colour depends on nothing but the image's own p-value"


def test_a_click_and_a_drag_go_to_the_image_under_the_mouse(strip: ScoreStrip, qtbot: QtBot) -> None:
    strip.show_scores((Scores("A", (CLEAN,) * 10),), 0)
    wanted: list[int] = []
    strip.imageWanted.connect(wanted.append)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(6).center())
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(2).center())
    QTest.mouseMove(strip, strip.place_of(3).center())
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(9999, 2))
    assert wanted[:2] == [6, 2]
    QTest.mouseClick(strip, Qt.MouseButton.RightButton, pos=strip.place_of(1).center())
    assert 1 not in wanted


def test_a_thousand_images_are_aggregated_by_what_matters_most(strip: ScoreStrip) -> None:
    results = [CLEAN] * 1000
    results[501], results[502], results[900] = REFUSED, OUT, WAITING
    strip.show_scores((Scores("A", tuple(results)),), 0)
    assert strip.count == strip.width()
    wanted: list[int] = []
    strip.imageWanted.connect(wanted.append)
    number = next(n for n, cell in enumerate(strip._cells[0]) if cell.first <= 502 <= cell.last)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.place_of(number).topLeft())
    assert wanted == [502], "the click goes to the image that the cell stands for"
    words = strip.words_at(QPointF(strip.place_of(number).topLeft()))
    assert words.startswith("Image 503 of 1,000 (stands for images ")
    strip.resize(150, ROW_PX)
    assert strip.count == 150
    strip.resize(2000, ROW_PX)
    assert strip.count == 1000


def test_the_tool_tip_says_number_score_p_and_findings_of_each_model(strip: ScoreStrip) -> None:
    strip.show_scores((Scores("A", (CLEAN, OUT)), Scores("B", (REFUSED, WAITING))), 0)
    assert strip.height() == 2 * ROW_PX
    first, second = (strip.words_at(QPointF(strip.place_of(n).center())) for n in (0, 1))
    assert first.splitlines() == [
        "Image 1 of 2",
        "A: Score 1.50, p = 0.600, no findings above the calibrated threshold.",
        "B: Not suitable, no opinion. A lateral view.",
    ]
    assert second.splitlines() == [
        "Image 2 of 2",
        "A: Score 1.50, p = 0.010, 2 findings above the calibrated threshold.",
        "B: Not analyzed yet.",
    ]


@pytest.mark.parametrize("count", [2, 9, 40, 300, 999, 1000])
def test_the_frame_is_around_the_shown_image(strip: ScoreStrip, count: int) -> None:
    for position in {0, count // 3, count - 1}:
        strip.show_scores((Scores("A", (CLEAN,) * count),), position)
        image = strip.grab().toImage()
        light = [x for x in range(strip.width()) if image.pixelColor(x, 0).name() == Colour.TEXT]
        shown = next(n for n, cell in enumerate(strip._cells[0]) if cell.first <= position <= cell.last)
        place = strip.place_of(shown)
        assert light
        assert place.left() - 1 <= min(light) <= max(light) <= place.right() + 1


def test_the_strip_comes_with_a_series_of_films_and_tells_what_came_out(
    bar: ScoreBar, session: Session, opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    assert bar.strip.isHidden()
    opened(write_film_series(tmp_path / "films", 6, lesions={2}, laterals={5}))
    assert not bar.strip.isHidden()
    assert not bar.legend.isHidden()
    assert bar.line.isHidden()
    assert "not analyzed" in bar.lead._words._lines[0]
    bar.lead.button.click()
    assert scored_series.is_running(session)
    assert bar.lead.button.accessibleName().startswith("Stop")
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    assert "1 not suitable" in bar.lead._words._lines[0]
    assert not bar.lead.button.isEnabled(), "nothing is left to ask"
    session.choose_model(ModelChoice.BOTH)
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    assert bar.strip.height() == 2 * ROW_PX
    assert bar.lead.button.isEnabled()


def test_images_that_no_model_reads_get_one_line(
    bar: ScoreBar, session: Session, opened: Opened, tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 6)
    opened(tmp_path)
    assert bar.strip.isHidden()
    assert not bar.line.isHidden()
    assert "CT is no plain radiograph" in bar.line.text()


def test_films_that_are_all_refused_for_one_reason_get_one_line(
    bar: ScoreBar, session: Session, opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    session.change_settings(replace(session.settings, analyze_automatically=False))
    opened(write_film_series(tmp_path / "films", 4, laterals={0, 1, 2, 3}))
    scored_series.analyze(session)
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    assert bar.strip.isHidden()
    assert bar.line.text() == "No scores: This is a lateral view."


def test_while_answers_are_hidden_so_is_the_strip(
    bar: ScoreBar, session: Session, opened: Opened, tmp_path: Path
) -> None:
    opened(write_film_series(tmp_path / "films", 4, lesions={2}))
    assert not bar.strip.isHidden()
    session.change_settings(replace(session.settings, read_first=True))
    session.scroll(1)
    assert bar.strip.isHidden()
    assert bar.line.isHidden()
    assert bar.lead.isHidden()


def test_a_single_film_has_no_strip(bar: ScoreBar, opened: Opened, film: Path) -> None:
    opened(film)
    assert bar.strip.isHidden()
    assert bar.line.isHidden()


def test_the_legend_names_every_look(bar: ScoreBar) -> None:
    words = bar.legend.accessibleName()
    assert all(part in words for part in ("p above 0.2", "at most 0.01", "not suitable", "not analyzed"))
    assert len(bar.legend.toolTip().splitlines()) == len(score_strip._EXAMPLES) == 8


def test_the_legend_is_as_high_as_a_row_at_any_text_size(
    bar: ScoreBar, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: apply_text_size(100))
    for percent in (100, 200):
        apply_text_size(percent)
        assert bar.legend.height() == ROW_PX * percent // 100
