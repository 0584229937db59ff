"""The Import doctor's window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from phantoms import write_chest_film, write_ct_series, write_not_an_image, write_truncated
from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QLineEdit, QTreeView
from pytestqt.qtbot import QtBot

from core.dicom.index import SkippedFile
from core.session import Session
from viewer.import_doctor import ImportDoctor
from viewer.messages import MessageBar
from viewer.text_tree import TextTree


@pytest.fixture
def disc(tmp_path: Path) -> Path:
    """A CT series with a gap, a film without spacing or UIDs, and files that are skipped."""
    folder = tmp_path / "disc"
    paths = write_ct_series(folder / "ct", 6)
    paths[3].unlink()
    film = write_chest_film(folder / "film.dcm", patient_name="Yamada^Tarou", StudyInstanceUID=None).path
    write_truncated(folder / "cut.dcm", film, 300)
    write_not_an_image(folder / "report.dcm")
    (folder / "notes.txt").write_text("no image")
    return folder


@pytest.fixture
def doctor(session: Session, qtbot: QtBot, opened: Callable[..., Session], disc: Path) -> ImportDoctor:
    """The window over the disc."""
    opened(disc)
    made = ImportDoctor(session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: not made.busy)
    return made


def tree_of(doctor: ImportDoctor) -> QTreeView:
    return doctor.findChild(QTreeView)


def place_of(doctor: ImportDoctor, words: str) -> QModelIndex:
    model = tree_of(doctor).model()
    assert isinstance(model, TextTree)
    return model.place_of(next(one for one in model.top.walk() if words in one.texts[0]))


def first_below(doctor: ImportDoctor, place: QModelIndex, qtbot: QtBot) -> QModelIndex:
    """The first row below one that is unfolded; files come once the tree has been laid out."""
    tree_of(doctor).expand(place)
    qtbot.waitUntil(lambda: place.model().rowCount(place) > 0)
    return place.model().index(0, 0, place)


def gap_in(session: Session) -> str:
    """What the import says of the slice that is missing."""
    (note,) = next(one for one in session.index.series if one.modality == "CT").notes
    return note


def test_every_oddity_and_every_skipped_file_is_told(
    doctor: ImportDoctor, session: Session, qtbot: QtBot
) -> None:
    text = "\n".join(doctor.lines)
    assert gap_in(session) in text
    assert "no Study Instance UID" in text
    assert "Skipped: 1 file\n" in text
    assert "Skipped without loss: 2 files" in text
    assert "Yamada, Tarou" in text
    tree = tree_of(doctor)
    assert tree.isExpanded(place_of(doctor, "Skipped: 1"))
    assert not tree.isExpanded(place_of(doctor, "Skipped without loss"))
    lost = place_of(doctor, "1 × truncated")
    assert first_below(doctor, lost, qtbot).data().endswith("cut.dcm")


def test_a_click_shows_the_series_or_the_file(doctor: ImportDoctor, session: Session, qtbot: QtBot) -> None:
    tree_of(doctor).clicked.emit(place_of(doctor, "CT · 2"))
    assert session.selection.series.modality == "CT"
    tree_of(doctor).clicked.emit(place_of(doctor, "DX · 1"))
    assert session.selection.series.modality == "DX"
    tree_of(doctor).clicked.emit(place_of(doctor, "1 × truncated"))
    assert session.selection.series.modality == "DX"
    qtbot.waitUntil(lambda: not session.jobs.active)


def test_a_file_concerned_is_shown_too(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], disc: Path
) -> None:
    opened(disc)
    (series,) = [one for one in session.index.series if one.modality == "CT"]
    odd = replace(series.instances[2], notes=("Odd.",))
    doctor = ImportDoctor(session)
    qtbot.addWidget(doctor)
    doctor.show()
    index = session.index
    patient = next(one for one in index.patients if one.studies[0].series == (series,))
    other = replace(series, instances=(*series.instances[:2], odd, *series.instances[3:]))
    changed = replace(patient, studies=(replace(patient.studies[0], series=(other,)),))
    others = tuple(one for one in index.patients if one is not patient)
    session.index = replace(index, patients=(*others, changed))
    session.index_changed.emit(session.index)
    qtbot.waitUntil(lambda: not doctor.busy)
    sentence = place_of(doctor, "Odd. (1 of 5 files)")
    tree_of(doctor).clicked.emit(first_below(doctor, sentence, qtbot))
    assert session.selection.instance.path == odd.path
    qtbot.waitUntil(lambda: not session.jobs.active)


def test_the_list_follows_a_scan_and_keeps_what_was_unfolded(
    doctor: ImportDoctor, session: Session, qtbot: QtBot
) -> None:
    tree = tree_of(doctor)
    tree.expand(place_of(doctor, "Skipped without loss"))
    tree.collapse(place_of(doctor, "CT · 2"))
    more = tuple(SkippedFile(Path(f"/d/{n}"), "not a DICOM file.", harmless=True) for n in range(500))
    session.index = replace(session.index, skipped=(*session.index.skipped, *more))
    session.index_changed.emit(session.index)
    assert doctor.busy
    qtbot.waitUntil(lambda: not doctor.busy)
    assert "Skipped without loss: 502 files" in doctor.lines
    assert tree.isExpanded(place_of(doctor, "Skipped without loss"))
    assert not tree.isExpanded(place_of(doctor, "CT · 2"))
    session.close_all()
    qtbot.waitUntil(lambda: not doctor.busy)
    assert doctor.lines == ()


def test_search(doctor: ImportDoctor, session: Session, qtbot: QtBot) -> None:
    box = doctor.findChild(QLineEdit)
    box.setText(f"CT {gap_in(session).split()[0].upper()}")
    qtbot.waitUntil(lambda: not doctor.busy)
    assert doctor.lines[0].startswith("CT · 2")
    assert not any("DX" in line for line in doctor.lines)
    box.setText("notes.txt")
    qtbot.waitUntil(lambda: not doctor.busy)
    assert any("not a DICOM" in line for line in doctor.lines)
    assert not any("CT · 2" in line for line in doctor.lines)
    box.setText("nobody")
    qtbot.waitUntil(lambda: not doctor.busy)
    assert doctor.lines == ()
    assert "nobody" in doctor._empty.text()


def test_copies_hold_all_or_what_is_selected(doctor: ImportDoctor, session: Session) -> None:
    doctor.copy_all()
    text = QGuiApplication.clipboard().text()
    for words in (gap_in(session), "Yamada, Tarou", "cut.dcm", "notes.txt", "report.dcm"):
        assert words in text, words
    tree_of(doctor).setCurrentIndex(place_of(doctor, "CT · 2"))
    doctor.copy_selected()
    text = QGuiApplication.clipboard().text()
    assert gap_in(session) in text
    assert "Yamada" not in text
    tree_of(doctor).setCurrentIndex(place_of(doctor, "Skipped without loss"))
    doctor.copy_selected()
    assert "notes.txt" in QGuiApplication.clipboard().text()


def test_without_names_the_copy_names_nobody(doctor: ImportDoctor, disc: Path) -> None:
    doctor.findChild(QCheckBox).setChecked(True)
    doctor.copy_all()
    text = QGuiApplication.clipboard().text()
    for mark in ("Yamada", "Tarou", "PHANTOM-1", "PHANTOM-2", "2026", str(disc)):
        assert mark not in text
    assert "no Study Instance UID" in text
    assert "cut.dcm" in text


def test_it_is_saved_whole_or_the_failure_is_told(
    doctor: ImportDoctor, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    doctor.save(tmp_path / "doctor.txt")
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert (tmp_path / "doctor.txt").read_text(encoding="utf-8") == doctor.text(all_files=True)
    assert "doctor.txt" in doctor.findChild(MessageBar).text
    doctor.save(tmp_path / "missing" / "doctor.txt")
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert "missing" in doctor.findChild(MessageBar).text


def test_notes_that_only_the_pixels_tell_are_of_the_shown_image(
    session: Session, qtbot: QtBot, opened: Callable[..., Session], tmp_path: Path
) -> None:
    film = write_chest_film(tmp_path / "film.dcm", WindowWidth="0").path
    opened(film)
    assert session.frame.notes
    doctor = ImportDoctor(session)
    qtbot.addWidget(doctor)
    qtbot.waitUntil(lambda: not doctor.busy)
    assert doctor.lines[0] == "Shown image: film.dcm"
    assert doctor.lines[1] in session.frame.notes


def test_it_opens_at_one_series_and_says_where_nothing_was_odd(
    doctor: ImportDoctor, session: Session, qtbot: QtBot, tmp_path: Path, opened: Callable[..., Session]
) -> None:
    series = next(one for one in session.index.series if one.modality == "CT")
    doctor.show_series(series.key)
    assert tree_of(doctor).currentIndex() == place_of(doctor, "CT · 2")
    opened(write_chest_film(tmp_path / "good.dcm", patient_id="good").path)
    qtbot.waitUntil(lambda: not doctor.busy)
    good = next(one for one in session.index.series if not one.all_notes)
    doctor.show_series(good.key)
    assert "Nothing was odd" in doctor.findChild(MessageBar).text
