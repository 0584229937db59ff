"""Open a disc of all kinds, find a patient, ask what was odd, look at the attributes, close a study."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from journeys_words import press
from phantoms import write_chest_film, write_ct_series, write_truncated
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QTreeView
from pytestqt.qtbot import QtBot

from viewer.import_doctor import ImportDoctor
from viewer.main_window import MainWindow
from viewer.tag_browser import TagBrowser

WAIT_MS = 60_000
OpenWindow = Callable[..., MainWindow]
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    """Two films, a series with a missing slice, and a file that is cut short."""
    folder = tmp_path / "disc"
    folder.mkdir()
    write_chest_film(
        folder / "a.dcm",
        patient_name="Yamada^Tarou=山田^太郎=やまだ^たろう",
        patient_id="J-1",
        SpecificCharacterSet=["", "ISO 2022 IR 87"],
    )
    film = write_chest_film(folder / "b.dcm", patient_name="Иванов^Пётр", patient_id="R-1", seed=2).path
    slices = write_ct_series(folder / "ct", 8)
    slices[4].unlink()
    write_truncated(folder / "cut.dcm", film, 300)
    return folder


def at_rest(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.session.jobs.active and not window.browser.busy, timeout=WAIT_MS)


def window_of(kind: type, qtbot: QtBot) -> object:
    def found() -> list[object]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]

    qtbot.waitUntil(lambda: bool(found()))
    return found()[0]


def test_find_a_study_and_question_it(open_window: OpenWindow, qtbot: QtBot, disc: Path) -> None:
    window = open_window(analyze_automatically=False)
    window.open_paths([disc])
    at_rest(window, qtbot)
    assert sum("image" in row for row in window.browser.rows) == 3

    # By the spoken form of the name, from the keyboard alone.
    press(window, Qt.Key.Key_F, CTRL)
    box = window.browser.findChild(QLineEdit)
    qtbot.waitUntil(box.hasFocus)
    box.setText("ヤマダ")
    QTest.keyClick(box, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.selection.instance.path.name == "a.dcm")
    assert not any("Иванов" in row for row in window.browser.rows)
    QTest.keyClick(box, Qt.Key.Key_Escape)
    at_rest(window, qtbot)
    assert any("Иванов" in row for row in window.browser.rows)

    # What was odd: the series with the missing slice, and the file that could not be read.
    press(window, Qt.Key.Key_D, CTRL)
    doctor = window_of(ImportDoctor, qtbot)
    assert isinstance(doctor, ImportDoctor)
    qtbot.waitUntil(lambda: not doctor.busy)
    text = doctor.text()
    assert "cut.dcm" in text
    note = next(one for one in window.session.index.series if one.modality == "CT").notes[0]
    assert note in text
    tree = doctor.findChild(QTreeView)
    model = tree.model()
    row = next(n for n in range(model.rowCount()) if str(model.index(n, 0).data()).startswith("CT"))
    tree.clicked.emit(model.index(row, 0))
    at_rest(window, qtbot)
    assert window.session.selection.series.modality == "CT"

    # The attributes follow the image.
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    press(window, Qt.Key.Key_I, CTRL)
    attributes = window_of(TagBrowser, qtbot)
    assert isinstance(attributes, TagBrowser)
    qtbot.waitUntil(lambda: not attributes.busy)
    before = next(line for line in attributes.lines if "ImagePositionPatient" in line)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.comparison.setFocus()
    press(window, Qt.Key.Key_Down)
    assert window.session.selection.position == 1
    qtbot.waitUntil(lambda: not attributes.busy and not window.session.jobs.active)
    assert next(line for line in attributes.lines if "ImagePositionPatient" in line) != before

    # Close that study; the others stay.
    uid = next(study for _, study in window.session.index.studies if study.series[0].modality == "CT")
    window.session.close_study(uid.study_instance_uid)
    at_rest(window, qtbot)
    assert sum("image" in row for row in window.browser.rows) == 2
    qtbot.waitUntil(lambda: not attributes.busy and not doctor.busy)
    assert note not in doctor.text()
    assert not any("ImagePositionPatient" in line for line in attributes.lines)


@pytest.mark.shared
def test_a_disc_of_everything_is_listed_and_every_picture_or_reason_comes(
    open_window: OpenWindow, qtbot: QtBot, shared_data: Path
) -> None:
    """All real files: each row in sight gets its picture or the reason why it has none."""
    window = open_window(analyze_automatically=False)
    window.open_paths([shared_data / "dicom"])
    at_rest(window, qtbot)
    index = window.session.index
    assert index is not None
    rows = [row for row in window.browser.rows if "image" in row.split("\n", 1)[-1]]
    assert len(rows) >= len(index.series)
    tree = window.browser.findChild(QTreeView)
    bar = tree.verticalScrollBar()
    for part in range(4):
        bar.setValue(bar.maximum() * part // 3)
        qtbot.wait(10)
        at_rest(window, qtbot)
    doctor = window.show_import_doctor()
    qtbot.waitUntil(lambda: not doctor.busy, timeout=WAIT_MS)
    text = doctor.text(all_files=True)
    assert all(str(one.path) in text for one in index.skipped)
    noted = [series for series in index.series if series.all_notes]
    assert all(note in text for series in noted for note in series.notes)
