"""The list of studies: rows, search, order, pictures, keys, and that nothing jumps when it grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_chest_film, write_ct_series, write_not_an_image
from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QTreeView
from pytestqt.qtbot import QtBot

from core.dicom.index import Instance, Patient, Series, Study, StudyIndex
from core.session import Session
from viewer.study_browser import StudyBrowser
from viewer.study_painter import StudyPainter
from viewer.theme import Colour


@pytest.fixture
def browser(session: Session, qtbot: QtBot) -> StudyBrowser:
    """A list in a window of its own."""
    made = StudyBrowser(session)
    qtbot.addWidget(made)
    made.resize(220, 600)
    made.show()
    return made


@pytest.fixture
def open_all(browser: StudyBrowser, opened: Callable[..., Session], qtbot: QtBot) -> Callable[..., None]:
    """Open paths and wait until the list has come to rest."""

    def open_them(*paths: Path) -> None:
        opened(*paths)
        qtbot.waitUntil(lambda: not browser.busy)

    return open_them


def tree_of(browser: StudyBrowser) -> QTreeView:
    return browser.findChild(QTreeView)


def place_of(browser: StudyBrowser, words: str) -> QModelIndex:
    """The row whose text begins with these words."""
    index = tree_of(browser).model().index(0, 0)
    while index.isValid() and not str(index.data()).startswith(words):
        index = tree_of(browser).indexBelow(index)
    assert index.isValid(), words
    return index


def search(browser: StudyBrowser, qtbot: QtBot, text: str) -> None:
    browser.findChild(QLineEdit).setText(text)
    qtbot.waitUntil(lambda: not browser.busy)


def index_of(patients: int, series: int = 3, first: int = 0, images: int = 4) -> StudyIndex:
    """An index without files."""

    def one(number: int, part: int) -> Series:
        uid = f"1.{number}.{part}"
        slices = tuple(Instance(Path(f"/none/{number}/{part}/{n}"), f"{uid}.{n}") for n in range(images))
        return Series(uid, series_number=part, description=f"Axial {part}", modality="CT", instances=slices)

    return StudyIndex(
        tuple(
            Patient(
                f"P{number:04}",
                f"Name {number:04}",
                studies=(Study(f"1.{number}", series=tuple(one(number, part) for part in range(series))),),
            )
            for number in range(first, first + patients)
        )
    )


def show(session: Session, browser: StudyBrowser, qtbot: QtBot, index: StudyIndex | None) -> None:
    session.index = index
    session.index_changed.emit(index)
    qtbot.waitUntil(lambda: not browser.busy)


def test_films_stand_alone_and_stacks_are_one_row(
    browser: StudyBrowser, open_all: Callable[..., None], tmp_path: Path
) -> None:
    write_chest_film(tmp_path / "a.dcm", seed=1)
    write_chest_film(tmp_path / "b.dcm", seed=2)
    write_ct_series(tmp_path / "ct", 5)
    open_all(tmp_path)
    assert [row for row in browser.rows if "image" in row] == [
        "1 · Chest\n1 image · PA U · CHEST\na.dcm",
        "1 · Chest\n1 image · PA U · CHEST\nb.dcm",
        "2 · Axial\n5 images\n5 files",
    ]


def test_a_click_selects_and_the_session_is_followed(
    browser: StudyBrowser, session: Session, open_all: Callable[..., None], qtbot: QtBot, tmp_path: Path
) -> None:
    paths = [write_chest_film(tmp_path / f"{n}.dcm", seed=n, patient_id=str(n)).path for n in range(3)]
    open_all(*paths)
    tree = tree_of(browser)
    third = tree.model().index(2, 0)
    tree.setCurrentIndex(third.model().index(0, 0, third.model().index(0, 0, third)))
    assert session.selection is not None
    assert session.selection.instance.path == paths[2]
    session.step_series(-1)
    assert browser.current is not None
    assert browser.current.instances[0].path == paths[1]
    qtbot.waitUntil(lambda: not session.jobs.active)


@pytest.mark.parametrize(
    "asked", ["ИВАНОВ chest", "петр", "chest иванов", "20260302 иванов", "a.dcm", "P-1 dx", "иванов a-1"]
)
def test_search_hides_what_does_not_match(
    browser: StudyBrowser, open_all: Callable[..., None], qtbot: QtBot, tmp_path: Path, asked: str
) -> None:
    open_all(
        write_chest_film(tmp_path / "a.dcm", patient_name="Иванов^Пётр", patient_id="P-1").path,
        write_chest_film(tmp_path / "b.dcm", patient_name="Smith^Ann", patient_id="P-2").path,
    )
    search(browser, qtbot, asked)
    assert any("Иванов" in row for row in browser.rows)
    assert not any("Smith" in row for row in browser.rows)
    search(browser, qtbot, "")
    assert any("Smith" in row for row in browser.rows)


def test_without_a_match_the_way_out_is_offered(
    browser: StudyBrowser, open_all: Callable[..., None], qtbot: QtBot, film: Path
) -> None:
    open_all(film)
    search(browser, qtbot, "nobody")
    assert browser.rows == ()
    assert not tree_of(browser).isVisible()
    clear = next(
        button for button in browser.findChildren(QPushButton) if button.text() == "Clear the search"
    )
    assert clear.isVisible()
    clear.click()
    qtbot.waitUntil(lambda: not browser.busy)
    assert tree_of(browser).isVisible()
    assert browser.rows


def test_the_keys_of_the_search(
    browser: StudyBrowser, session: Session, open_all: Callable[..., None], qtbot: QtBot, tmp_path: Path
) -> None:
    for number in range(3):
        write_chest_film(tmp_path / f"{number}.dcm", seed=number, patient_id=f"P{number}")
    open_all(tmp_path)
    browser.activateWindow()
    browser.focus_search()
    box = browser.findChild(QLineEdit)
    qtbot.waitUntil(box.hasFocus)
    QTest.keyClicks(box, "p2")
    QTest.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: browser.current is not None and browser.current.lines[-1] == "2.dcm")
    assert tree_of(browser).hasFocus()
    assert session.selection.instance.path.name == "2.dcm"
    browser.focus_search()
    QTest.keyClick(box, Qt.Key.Key_Escape)
    assert box.text() == ""
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert tree_of(browser).hasFocus()
    with qtbot.waitSignal(browser.imageWanted):
        QTest.keyClick(tree_of(browser), Qt.Key.Key_Return)
    tree = tree_of(browser)
    tree.setCurrentIndex(tree.model().index(0, 0))
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert not tree.isExpanded(tree.model().index(0, 0))
    QTest.keyClick(tree, Qt.Key.Key_End)
    assert session.selection.instance.path.name == "2.dcm"
    qtbot.waitUntil(lambda: not session.jobs.active)


def test_the_order_is_chosen_and_the_keys_for_series_follow_it(
    browser: StudyBrowser, session: Session, open_all: Callable[..., None], qtbot: QtBot, tmp_path: Path
) -> None:
    write_ct_series(tmp_path / "a", 2, series_number=1, SeriesDescription="Zoom")
    write_ct_series(tmp_path / "b", 3, series_number=2, SeriesDescription="axial")
    open_all(tmp_path)

    def order() -> list[str]:
        return [row.split("\n")[0] for row in browser.rows if "images" in row]

    assert order() == ["1 · Zoom", "2 · axial"]
    menu = browser._order.menu()
    action = next(action for action in menu.actions() if action.text() == "By description")
    action.trigger()
    qtbot.waitUntil(lambda: not browser.busy)
    assert session.settings.sort_series == "description"
    assert order() == ["2 · axial", "1 · Zoom"]
    assert [one.text() for one in menu.actions() if one.isChecked()] == [
        "By name",
        "Newest first",
        "By description",
    ]
    session.select(session.index.series[1].instances[0])
    session.step_series(1)
    assert session.selection.series.description == "Zoom"
    assert browser.current.series.description == "Zoom"
    qtbot.waitUntil(lambda: not session.jobs.active)


def test_a_growing_index_moves_nothing_that_the_reader_looks_at(
    browser: StudyBrowser, session: Session, qtbot: QtBot
) -> None:
    show(session, browser, qtbot, index_of(30, first=50))
    tree = tree_of(browser)
    tree.collapse(place_of(browser, "Name 0052"))
    index = place_of(browser, "Name 0060")
    tree.scrollTo(index, QTreeView.ScrollHint.PositionAtTop)
    before = tree.visualRect(index).top()
    for count in (40, 80, 130):
        grown = StudyIndex((*index_of(count - 30).patients, *index_of(30, first=50).patients))
        show(session, browser, qtbot, StudyIndex(tuple({one.name: one for one in grown.patients}.values())))
        assert tree.visualRect(place_of(browser, "Name 0060")).top() == before
    assert not tree.isExpanded(place_of(browser, "Name 0052"))
    assert tree.isExpanded(place_of(browser, "Name 0001"))


def test_only_rows_that_differ_are_touched(browser: StudyBrowser, session: Session, qtbot: QtBot) -> None:
    first = index_of(20)
    show(session, browser, qtbot, first)
    model = tree_of(browser).model()
    changed: list[str] = []
    model.rowsInserted.connect(lambda parent, place: changed.append("in"))
    model.rowsRemoved.connect(lambda parent, place: changed.append("out"))
    model.modelReset.connect(lambda: changed.append("reset"))
    model.dataChanged.connect(lambda top, bottom: changed.append("data"))
    patient = first.patients[5]
    other = replace(patient, studies=(replace(patient.studies[0], series=patient.studies[0].series[:2]),))
    show(session, browser, qtbot, StudyIndex((*first.patients[:5], other, *first.patients[6:])))
    assert changed == ["out"]


def test_what_stays_is_gone_through_step_by_step(
    browser: StudyBrowser, session: Session, qtbot: QtBot
) -> None:
    index = index_of(20)
    show(session, browser, qtbot, index)
    # A step for each patient and each study: no slice holds the window up for all of them.
    assert sum(1 for _ in browser._changes(index)) >= 40


def test_a_row_that_changes_its_place_keeps_what_was_unfolded(
    browser: StudyBrowser, session: Session, qtbot: QtBot
) -> None:
    index = index_of(4)
    show(session, browser, qtbot, index)
    tree = tree_of(browser)
    tree.collapse(place_of(browser, "Name 0001"))
    show(session, browser, qtbot, StudyIndex(tuple(reversed(index.patients))))
    assert [row for row in browser.rows if row.startswith("Name")] == [
        f"Name {number:04}\nP{number:04}" for number in (3, 2, 1, 0)
    ]
    assert [tree.isExpanded(tree.model().index(place, 0)) for place in range(4)] == [True, True, False, True]
    assert len(browser.rows) == 4 * (1 + 1 + 3)


def test_the_search_holds_while_the_index_grows(
    browser: StudyBrowser, session: Session, qtbot: QtBot
) -> None:
    show(session, browser, qtbot, index_of(5))
    search(browser, qtbot, "0003")
    show(session, browser, qtbot, index_of(40))
    assert [row for row in browser.rows if row.startswith("Name")] == ["Name 0003\nP0003"]
    show(session, browser, qtbot, None)
    assert browser.rows == ()


def test_one_series_uid_in_two_studies_marks_the_right_row(
    browser: StudyBrowser, session: Session, qtbot: QtBot
) -> None:
    index = index_of(2, series=1)
    one, two = index.patients
    series = replace(two.studies[0].series[0], series_instance_uid="1.0.0")
    two = replace(two, studies=(replace(two.studies[0], series=(series,)),))
    show(session, browser, qtbot, StudyIndex((one, two)))
    session.select(series.instances[1])
    assert browser.current.series is series
    with qtbot.waitSignal(session.jobs.changed, raising=False, timeout=1):
        session._leave_frame()  # there is no file to read
    qtbot.waitUntil(lambda: not session.jobs.active)


@pytest.mark.parametrize("name", ["Smith^Ann", "山田^太郎", "الرحمن^عبد الله", "สมชาย^ใจดี"])
def test_every_line_of_a_row_has_its_room_in_every_script(
    browser: StudyBrowser, open_all: Callable[..., None], name: str, tmp_path: Path
) -> None:
    """Letters of another font may be taller."""
    open_all(write_chest_film(tmp_path / "a.dcm", patient_name=name, patient_id="PID-7").path)
    tree = tree_of(browser)
    index = tree.model().index(0, 0)
    row = tree.visualRect(index)
    assert "PID-7" in index.data()
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


def test_pictures_come_for_the_rows_in_sight_and_stay(
    browser: StudyBrowser, session: Session, open_all: Callable[..., None], qtbot: QtBot, tmp_path: Path
) -> None:
    for number in range(12):
        write_chest_film(
            tmp_path / f"{number:02}.dcm", seed=number, patient_id=f"{number:02}", rows=64, columns=60
        )
    open_all(tmp_path)
    rows = [node.row for node in browser._of_series.values() for node in node]

    def with_picture() -> list[str]:
        return [row.lines[-1] for row in rows if isinstance(browser._thumbnails.get(row), QPixmap)]

    qtbot.waitUntil(lambda: "00.dcm" in with_picture())
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert "11.dcm" not in with_picture(), "nobody sees it"
    bar = tree_of(browser).verticalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: "11.dcm" in with_picture())
    before = browser._thumbnails.get(rows[0])
    open_all(write_chest_film(tmp_path / "other.dcm", seed=5, patient_id="other").path)
    assert browser._thumbnails.get(rows[0]) is before
    qtbot.waitUntil(lambda: not session.jobs.active)


def test_a_row_without_picture_says_why(
    browser: StudyBrowser, session: Session, open_all: Callable[..., None], qtbot: QtBot, film: Path
) -> None:
    open_all(film)
    qtbot.waitUntil(lambda: not session.jobs.active)
    row = next(iter(browser._of_series.values()))[0].row
    browser._thumbnails.clear()
    film.write_bytes(film.read_bytes()[:500])
    browser._want_pictures()
    qtbot.waitUntil(lambda: isinstance(browser._thumbnails.get(row), str))
    index = place_of(browser, "1 · Chest")
    painter = tree_of(browser).itemDelegate()
    assert isinstance(painter, StudyPainter)
    rect = tree_of(browser).visualRect(index)
    over_picture = painter.tip_at(index, rect, rect.topLeft() + QPoint(20, 20))
    assert over_picture.startswith("No picture: film.dcm")
    beside = painter.tip_at(index, rect, rect.topRight() - QPoint(5, -20))
    assert beside.startswith("1 · Chest")
    assert str(film) in beside


def test_notes_are_marked_and_told(browser: StudyBrowser, session: Session, qtbot: QtBot) -> None:
    index = index_of(1, series=2)
    (patient,) = index.patients
    odd = replace(patient.studies[0].series[0], notes=tuple(f"Odd {n}." for n in range(12)))
    patient = replace(
        patient, studies=(replace(patient.studies[0], series=(odd, patient.studies[0].series[1])),)
    )
    show(session, browser, qtbot, StudyIndex((patient,)))
    place = place_of(browser, "0 · Axial")
    tip = tree_of(browser).itemDelegate().tip_at(place, QRect(0, 0, 200, 68), QPoint(150, 30))
    assert "ⓘ Odd 7." in tip
    assert "Odd 8." not in tip
    assert "4 more" in tip
    assert browser._doctor.text().startswith("1 with notes")


def test_what_was_skipped_is_counted_and_leads_to_the_doctor(
    browser: StudyBrowser, open_all: Callable[..., None], qtbot: QtBot, film: Path
) -> None:
    write_not_an_image(film.parent / "report.dcm")
    (film.parent / "notes.txt").write_text("no image")
    open_all(film.parent)
    assert browser._doctor.text().startswith("2 skipped")
    with qtbot.waitSignal(browser.doctorWanted):
        browser._doctor.click()


def test_the_menu_of_a_row(
    browser: StudyBrowser, session: Session, open_all: Callable[..., None], qtbot: QtBot, film: Path
) -> None:
    open_all(film)
    row = session.index.series[0]
    actions = {action.text(): action for action in browser.menu_of(place_of(browser, "1 · Chest")).actions()}
    actions["Copy path"].trigger()
    assert QGuiApplication.clipboard().text() == str(film)
    actions["Copy UIDs"].trigger()
    copied = QGuiApplication.clipboard().text()
    assert row.series_instance_uid in copied
    assert row.instances[0].sop_instance_uid in copied
    with qtbot.waitSignal(browser.doctorWanted) as wanted:
        actions["What was odd (Import doctor)"].trigger()
    assert wanted.args == [row.key]
    with qtbot.waitSignal(browser.attributesWanted):
        actions["Attributes of the file"].trigger()
    study = browser.menu_of(place_of(browser, "2026"))
    next(action for action in study.actions() if action.text() == "Close this study").trigger()
    qtbot.waitUntil(lambda: not browser.busy)
    assert session.index is None
    assert browser.rows == ()
    assert not browser.menu_of(QModelIndex()).actions()
    qtbot.waitUntil(lambda: not session.jobs.active)


def test_the_parts_of_a_series_can_be_shown_as_one_stack(
    browser: StudyBrowser, session: Session, open_all: Callable[..., None], qtbot: QtBot, tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 3)
    write_ct_series(tmp_path / "s", 1, SOPInstanceUID="1.2.9", ImageOrientationPatient=[1, 0, 0, 0, 0, -1])
    open_all(tmp_path)

    def trigger(words: str) -> None:
        menu = browser.menu_of(place_of(browser, "2 · Axial"))
        next(action for action in menu.actions() if action.text() == words).trigger()
        qtbot.waitUntil(lambda: not session.jobs.active and not browser.busy)

    trigger("Show all parts as one stack")
    assert [series.number_of_images for series in session.index.series] == [4]
    trigger("Show the parts of the series apart")
    assert [series.number_of_images for series in session.index.series] == [1, 3]


def test_while_the_first_files_are_read_the_list_says_so(
    browser: StudyBrowser, session: Session, qtbot: QtBot, film: Path
) -> None:
    assert browser._empty.text() == "Nothing is open."
    session.open([film])
    assert "Looking through film.dcm" in browser._empty.text()
    qtbot.waitUntil(lambda: not session.jobs.active and not browser.busy)
    assert browser.rows
    session.close_all()
    assert browser._empty.isVisible()


def test_badge_and_mark_are_painted(browser: StudyBrowser, session: Session, qtbot: QtBot) -> None:
    show(session, browser, qtbot, index_of(1, series=1))
    tree = tree_of(browser)
    rect = tree.visualRect(place_of(browser, "0 · Axial"))
    image = tree.viewport().grab().toImage()
    rgb = np.array(
        [
            [image.pixelColor(x, y).lightness() for x in range(rect.left(), rect.left() + 40)]
            for y in range(rect.bottom() - 20, rect.bottom() - 4)
        ]
    )
    assert (rgb > 150).any(), "the letters of the modality over the picture's corner"
