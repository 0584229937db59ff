"""The list of studies: rows, search, thumbnails, what was skipped."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from phantoms import write_chest_film, write_ct_series, write_not_an_image
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer.messages import TextDialog
from viewer.study_browser import StudyBrowser, date_words
from viewer.theme import Colour


def shown(session: Session, qtbot: QtBot) -> StudyBrowser:
    browser = StudyBrowser(session)
    qtbot.addWidget(browser)
    browser.resize(220, 600)
    browser.show()
    return browser


def test_films_stand_alone_and_stacks_are_one_row(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], tmp_path: Path
) -> None:
    browser = shown(session, qtbot)
    write_chest_film(tmp_path / "a.dcm", seed=1)
    write_chest_film(tmp_path / "b.dcm", seed=2)
    write_ct_series(tmp_path / "ct", 5)
    opened(tmp_path)
    rows = [row for row in browser.rows if ".dcm" in row or "images" in row]
    assert len(rows) == 3
    assert sum("5 images" in row for row in rows) == 1


def test_a_click_selects_and_the_session_is_followed(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], tmp_path: Path
) -> None:
    browser = shown(session, qtbot)
    paths = [write_chest_film(tmp_path / f"{n}.dcm", seed=n, patient_id=str(n)).path for n in range(3)]
    opened(*paths)
    tree = browser.findChild(QTreeWidget)
    tree.setCurrentItem(tree.topLevelItem(2).child(0).child(0))
    assert session.selection is not None
    assert session.selection.instance.path == paths[2]
    session.step_series(-1)
    assert paths[1].name in tree.currentItem().text(0)
    qtbot.waitUntil(lambda: not session.jobs.active)


def test_search_hides_what_does_not_match(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], tmp_path: Path
) -> None:
    browser = shown(session, qtbot)
    opened(
        write_chest_film(tmp_path / "a.dcm", patient_name="Иванов^Пётр", patient_id="1").path,
        write_chest_film(tmp_path / "b.dcm", patient_name="Smith^Ann", patient_id="2").path,
    )
    search = browser.findChild(QLineEdit)
    search.setText("ИВАНОВ chest")
    assert any("Иванов" in row for row in browser.rows)
    assert not any("Smith" in row for row in browser.rows)
    search.setText("nobody")
    assert browser.rows == ()
    search.clear()
    assert any("Smith" in row for row in browser.rows)


def icons_of(browser: StudyBrowser) -> list[QImage]:
    tree = browser.findChild(QTreeWidget)
    rows = [tree.topLevelItem(n).child(0).child(0) for n in range(tree.topLevelItemCount())]
    return [row.icon(0).pixmap(QSize(64, 64)).toImage() for row in rows]


def test_thumbnails_stay_when_another_study_is_added(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], film: Path, tmp_path: Path
) -> None:
    browser = shown(session, qtbot)
    opened(film)
    qtbot.waitUntil(lambda: not session.jobs.active)
    (before,) = icons_of(browser)
    opened(write_chest_film(tmp_path / "other.dcm", seed=5, patient_id="other").path)
    assert before in icons_of(browser)
    session.close_all()
    opened(film)
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert icons_of(browser) == [before]


@pytest.mark.parametrize("name", ["Smith^Ann", "山田^太郎", "الرحمن^عبد الله", "สมชาย^ใจดี"])
def test_every_line_of_a_row_has_its_room_in_every_script(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], name: str, tmp_path: Path
) -> None:
    """Letters of another font may be taller; Qt drops the last line of a row that is too low."""
    browser = shown(session, qtbot)
    opened(write_chest_film(tmp_path / "a.dcm", patient_name=name, patient_id="PID-7").path)
    tree = browser.findChild(QTreeWidget)
    item = tree.topLevelItem(0)
    row = tree.visualItemRect(item)
    assert "PID-7" in item.text(0)
    dark = QColor(Colour.WINDOW).lightness() + 40
    picture = tree.viewport().grab().toImage()
    lines = [
        any(
            picture.pixelColor(x, y).lightness() > dark + 60
            for x in range(row.left(), min(row.right(), picture.width()))
        )
        for y in range(row.top() + 1, row.bottom())
    ]
    starts = sum(now and not before for before, now in pairwise([False, *lines]))
    assert starts >= 2, "two lines of letters with a gap between"


def test_thumbnails_come_for_the_rows_in_sight(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], film: Path
) -> None:
    browser = shown(session, qtbot)
    opened(film)
    tree = browser.findChild(QTreeWidget)
    row = tree.topLevelItem(0).child(0).child(0)

    def has_picture() -> bool:
        image = row.icon(0).pixmap(QSize(64, 64)).toImage()
        return image.pixelColor(image.width() // 2, image.height() // 2).lightness() > 40

    qtbot.waitUntil(has_picture, timeout=20_000)


def test_what_was_skipped_is_told_with_the_reason(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], film: Path
) -> None:
    browser = shown(session, qtbot)
    write_not_an_image(film.parent / "report.dcm")
    (film.parent / "notes.txt").write_text("no image")
    opened(film.parent)
    button = browser.findChild(QPushButton)
    assert button.text().startswith("2 skipped")
    button.click()
    text = browser.window().findChild(TextDialog).findChild(QPlainTextEdit).toPlainText()
    assert "report.dcm" in text
    assert "notes.txt" in text


def test_dates_are_readable() -> None:
    assert date_words("20260302") == "2026-03-02"
    assert date_words("1996.12.02") == "1996.12.02"
