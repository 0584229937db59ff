"""A folder is typed, dropped or chosen; its files are counted without holding anything up."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer.place_field import PlaceField


@pytest.fixture
def field(session: Session, qtbot: QtBot) -> PlaceField:
    made = PlaceField("Healthy films", "folder or list", session.jobs)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films" / "deeper"
    folder.mkdir(parents=True)
    for name in ("one.png", "two.dcm", ".hidden"):
        (folder / name).touch()
    return folder.parent


def count(field: PlaceField) -> str:
    return field.findChild(QLabel).text()


def test_a_typed_place_counts_once_it_is_whole(field: PlaceField, films: Path, qtbot: QtBot) -> None:
    line = field.findChild(QLineEdit)
    heard: list[object] = []
    field.changed.connect(lambda: heard.append(field.place))
    QTest.keyClicks(line, str(films))
    assert heard == [], "half a name is no place"
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert heard == [films]
    qtbot.waitUntil(lambda: count(field) == "2 files")


def test_a_folder_and_the_folder_of_a_film_can_be_dropped(field: PlaceField, films: Path) -> None:
    assert not field.findChild(QLineEdit).acceptDrops(), "it would take a folder for text"
    for dropped in (films / "deeper", films / "deeper" / "one.png"):
        field.set_place(None)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(dropped))])
        action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        event = QDropEvent(QPointF(), action, data, button, Qt.KeyboardModifier.NoModifier)
        field.dropEvent(event)
        assert field.place == films / "deeper"


def test_a_folder_can_be_chosen(field: PlaceField, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(films))
    field.findChild(QPushButton).click()
    assert field.place == films


@pytest.mark.parametrize(
    ("name", "words"),
    [("absent", "does not exist"), ("list.csv", "A list of films"), ("page.txt", "Neither a folder")],
)
def test_what_is_no_folder_is_said(
    field: PlaceField, tmp_path: Path, qtbot: QtBot, name: str, words: str
) -> None:
    if name != "absent":
        (tmp_path / name).touch()
    field.set_place(tmp_path / name)
    qtbot.waitUntil(lambda: words in count(field))
