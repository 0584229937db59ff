"""The window with all attributes of the shown image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from phantoms import write_chest_film, write_ct_series, write_grey
from PIL import Image
from pydicom.dataset import Dataset
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QTreeView
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer import tag_browser
from viewer.tag_browser import TagBrowser
from viewer.text_tree import Branch, TextTree


@pytest.fixture
def browse(session: Session, qtbot: QtBot, opened: Callable[..., Session]) -> Callable[..., TagBrowser]:
    """Open files and the window over the first of them."""

    def browse_them(*paths: Path) -> TagBrowser:
        opened(*paths)
        made = TagBrowser(session)
        qtbot.addWidget(made)
        made.show()
        qtbot.waitUntil(lambda: not made.busy)
        return made

    return browse_them


def model_of(browser: TagBrowser) -> TextTree:
    model = browser.findChild(QTreeView).model()
    assert isinstance(model, TextTree)
    return model


def branch_of(browser: TagBrowser, words: str) -> Branch:
    """The first row one of whose cells begins with these words."""
    rows = model_of(browser).top.walk()
    return next(row for row in rows if any(text.startswith(words) for text in row.texts))


def choose(browser: TagBrowser, words: str) -> None:
    browser.findChild(QTreeView).setCurrentIndex(model_of(browser).place_of(branch_of(browser, words)))


def current(browser: TagBrowser) -> Branch:
    return model_of(browser).branch_at(browser.findChild(QTreeView).currentIndex())


def find(browser: TagBrowser, qtbot: QtBot, text: str) -> None:
    browser.activateWindow()
    browser.focus_search()
    qtbot.waitUntil(browser.findChild(QLineEdit).hasFocus)
    browser.findChild(QLineEdit).setText(text)
    qtbot.waitUntil(lambda: not browser.busy)


def enhanced(path: Path, frames: int = 4) -> Path:
    """A clip whose frames have functional groups."""
    write_grey(path, np.arange(16 * frames, dtype=np.uint16).reshape(frames, 4, 4), NumberOfFrames=frames)
    ds = pydicom.dcmread(path)
    groups = []
    for number in range(frames):
        group, content = Dataset(), Dataset()
        content.FrameComments = f"comment {number + 1}"
        group.FrameContentSequence = [content]
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = groups
    ds.save_as(path)
    return path


def test_all_attributes_of_the_shown_file_are_there(browse: Callable[..., TagBrowser], film: Path) -> None:
    browser = browse(film)
    assert browser.windowTitle() == "Attributes of film.dcm"
    assert branch_of(browser, "PatientID").texts == ("(0010,0020)", "LO", "1", "PatientID", "PHANTOM-1")
    assert branch_of(browser, "TransferSyntaxUID")
    assert branch_of(browser, "PixelData").texts[4].startswith("pixel data (")
    assert "rows" in browser.status


def test_the_search_goes_through_numbers_names_and_values(
    browse: Callable[..., TagBrowser], film: Path, qtbot: QtBot
) -> None:
    browser = browse(film)
    for text, tag in (
        ("0010,0020", "(0010,0020)"),
        ("00100020", "(0010,0020)"),
        ("patient's id", "(0010,0020)"),
        ("PHANTOM-1", "(0010,0020)"),
        ("window center", "(0028,1050)"),
        ("windowwidth", "(0028,1051)"),
    ):
        find(browser, qtbot, text)
        assert current(browser).texts[0] == tag, text
    choose(browser, "PatientID")
    find(browser, qtbot, "window")
    assert browser._hit_words.text() == "1 of 2"
    browser.step_hit(1)
    assert current(browser).texts[3] == "WindowWidth"
    assert browser._hit_words.text() == "2 of 2"
    browser.step_hit(1)
    assert current(browser).texts[3] == "WindowCenter"
    browser.step_hit(-1)
    assert current(browser).texts[3] == "WindowWidth"
    lit = [model_of(browser).index(row, 0) for row in range(model_of(browser).rowCount())]
    lit = [index for index in lit if index.data(Qt.ItemDataRole.BackgroundRole) is not None]
    assert [index.siblingAtColumn(3).data() for index in lit] == ["WindowCenter", "WindowWidth"]
    find(browser, qtbot, "nothing like it")
    assert browser._hit_words.text() == "not found"
    browser.step_hit(1)
    QTest.keyClick(browser.findChild(QLineEdit), Qt.Key.Key_Escape)
    assert browser.findChild(QLineEdit).text() == ""


def test_it_follows_the_selection_and_stays_at_the_chosen_attribute(
    browse: Callable[..., TagBrowser], session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    write_ct_series(tmp_path / "ct", 5)
    browser = browse(tmp_path / "ct")
    choose(browser, "ImagePositionPatient")
    assert current(browser).texts[4].endswith("-100.0")
    session.scroll(2)
    qtbot.waitUntil(lambda: not browser.busy and not session.jobs.active)
    assert current(browser).texts[3] == "ImagePositionPatient"
    assert current(browser).texts[4].endswith("-95.0")
    session.close_all()
    qtbot.waitUntil(lambda: not browser.busy)
    assert browser.lines == ()
    assert browser.status == "No image is shown."


def test_hurrying_through_images_reads_only_the_last(
    browse: Callable[..., TagBrowser], session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    write_ct_series(tmp_path / "ct", 8)
    browser = browse(tmp_path / "ct")
    read: list[str] = []
    session.jobs.changed.connect(lambda job: read.append(job.title) if "attributes" in job.title else None)
    for _ in range(7):
        session.scroll(1)
    qtbot.waitUntil(lambda: not browser.busy and not session.jobs.active)
    assert branch_of(browser, "ImagePositionPatient").texts[4].endswith("-82.5")
    assert len(read) <= 4, "one job: queued, running, done"


def test_the_functional_groups_of_the_shown_frame_lie_on_top(
    browse: Callable[..., TagBrowser], session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    browser = browse(enhanced(tmp_path / "enhanced.dcm"))
    top = model_of(browser).top.children[0]
    assert top.texts[0] == "Image 1 of 4"
    assert [row.texts[4] for row in top.walk() if row.texts[3] == "FrameComments"] == ["comment 1"]
    browser.findChild(QTreeView).setCurrentIndex(
        model_of(browser).place_of(next(row for row in top.walk() if row.texts[3] == "FrameComments"))
    )
    whole = len(browser.lines)
    session.scroll(2)
    qtbot.waitUntil(lambda: not browser.busy and not session.jobs.active)
    assert model_of(browser).top.children[0].texts[0] == "Image 3 of 4"
    assert current(browser).texts[3:] == ("FrameComments", "comment 3")
    assert len(browser.lines) == whole


def test_long_files_are_read_on_when_asked(
    browse: Callable[..., TagBrowser], qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_browser, "_ROWS_BY_THEMSELVES", 700)
    path = tmp_path / "long.dcm"
    write_chest_film(path, rows=20, columns=20)
    ds = pydicom.dcmread(path)
    codes = []
    for number in range(1000):
        item = Dataset()
        item.CodeMeaning = f"meaning {number}"
        codes.append(item)
    ds.AnatomicRegionSequence = codes
    ds.save_as(path)
    browser = browse(path)
    assert "first 1,000 rows" in browser.status
    assert browser._more.isVisible()
    assert not any("meaning 999" in line for line in browser.lines)
    browser.copy_all()
    assert QGuiApplication.clipboard().text().endswith("were not read")
    while browser._more.isVisible():
        browser._more.click()
        qtbot.waitUntil(lambda: not browser.busy)
    assert any("meaning 999" in line for line in browser.lines)
    parent = branch_of(browser, "AnatomicRegionSequence")
    assert len(parent.children) == 1000
    find(browser, qtbot, "meaning 998")
    assert current(browser).texts[4] == "meaning 998"


def test_rows_and_values_are_copied(browse: Callable[..., TagBrowser], qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "film.dcm"
    write_chest_film(path, rows=20, columns=20, StudyComments="long " * 200)
    browser = browse(path)
    choose(browser, "PatientID")
    browser.copy_rows()
    assert QGuiApplication.clipboard().text() == "(0010,0020)  LO  1  PatientID  PHANTOM-1"
    choose(browser, "StudyComments")
    assert "more characters" in current(browser).texts[4]
    browser.copy_value()
    assert QGuiApplication.clipboard().text() == ("long " * 200).strip()
    assert browser.findChild(QPlainTextEdit).toPlainText() == ("long " * 200).strip()
    browser.copy_all()
    assert QGuiApplication.clipboard().text().count("\n") + 1 == len(browser.lines)


def test_a_file_that_is_gone_is_told_in_the_window(
    browse: Callable[..., TagBrowser], session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    paths = write_ct_series(tmp_path / "ct", 3)
    browser = browse(tmp_path / "ct")
    session.failed.connect(lambda error, tried: None)
    paths[2].unlink()
    session.scroll(2)
    qtbot.waitUntil(lambda: not browser.busy and not session.jobs.active)
    assert "cannot be read: no such file" in browser.status
    assert browser.lines == ()


def test_a_picture_shows_its_own_fields(browse: Callable[..., TagBrowser], tmp_path: Path) -> None:
    Image.fromarray(np.zeros((50, 70), np.uint8)).save(tmp_path / "a.png", dpi=(300, 300))
    browser = browse(tmp_path / "a.png")
    assert browser.lines[0].startswith("A picture file, not DICOM")
    assert branch_of(browser, "Columns").texts[4] == "70"
