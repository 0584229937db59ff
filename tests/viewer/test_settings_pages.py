"""A page is made from the fields it is about; none is forgotten, none is there twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields

import pytest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from core.settings import Settings
from viewer.settings_pages import GENERAL, MODELS, PAGES, RowsPage, fields_of


def test_each_field_stands_on_one_page() -> None:
    placed = Counter(one.name for page in PAGES for one in fields_of(page))
    assert set(placed) == {one.name for one in fields(Settings) if one.metadata["in_dialog"]}
    assert set(placed.values()) == {1}


@pytest.mark.parametrize("page", PAGES)
def test_what_is_filled_in_is_wished(page: str, qtbot: QtBot) -> None:
    made = RowsPage(page)
    qtbot.addWidget(made)
    settings = Settings(heatmap_opacity=1 / 3, reader_name="이민수", model="both", frame_memory_mb=1234)
    made.fill(settings)
    assert made.wished() == {one.name: getattr(settings, one.name) for one in fields_of(page)}


def test_rows_are_narrowed_to_those_that_hold_all_words(qtbot: QtBot) -> None:
    page = RowsPage(GENERAL)
    qtbot.addWidget(page)
    everything = page.narrow(())
    assert everything == len(fields_of(GENERAL))
    assert page.narrow(("name", "impression")) == 1
    assert page.narrow(("name", "nowhere")) == 0


def test_a_folder_is_typed_or_chosen(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    page = RowsPage(MODELS)
    qtbot.addWidget(page)
    line = page.findChild(QLineEdit, "model_folder")
    # The dialog would wait for a person.
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *asked: "/films/models")
    choose = next(one for one in page.findChildren(QPushButton) if "own models" in one.accessibleName())
    with qtbot.waitSignal(page.changed):
        choose.click()
    assert page.wished()["model_folder"] == line.text() == "/films/models"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *asked: "")
    choose.click()
    assert line.text() == "/films/models", "nothing was chosen"
