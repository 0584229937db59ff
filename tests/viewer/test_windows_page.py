"""Windows of a modality are changed in a table; what is no window is said and not taken."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QTableWidget
from pytestqt.qtbot import QtBot

from core.imaging.window_presets import NamedWindow, presets_of
from core.settings import Settings
from viewer.windows_page import WindowsPage


@pytest.fixture
def page(qtbot: QtBot) -> WindowsPage:
    made = WindowsPage()
    qtbot.addWidget(made)
    made.show()
    return made


def table(page: WindowsPage) -> QTableWidget:
    return page.findChild(QTableWidget, "windows")


def click(page: WindowsPage, name: str) -> None:
    page.findChild(QPushButton, name).click()


def names(page: WindowsPage) -> list[str]:
    return [one.name for one in presets_of(page.wished()["own_presets"])["CT"]]


def test_the_programs_windows_are_no_difference(page: WindowsPage) -> None:
    assert table(page).rowCount() == 5
    assert page.wished() == {"own_presets": ()}


def test_a_cell_is_changed_and_a_window_added_moved_and_removed(page: WindowsPage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(page.changed):
        table(page).item(4, 2).setText("1600")
    assert presets_of(page.wished()["own_presets"])["CT"][4] == NamedWindow("Lung", 1600, -500)
    table(page).setCurrentCell(4, 1)
    click(page, "up")
    assert names(page) == ["Brain", "Abdomen", "Mediastinum", "Lung", "Bone"]
    click(page, "add_window")
    assert names(page)[-1] == "New window"
    click(page, "remove_window")
    table(page).setCurrentCell(0, 0)
    click(page, "remove_window")
    assert names(page) == ["Abdomen", "Mediastinum", "Lung", "Bone"]
    click(page, "reset_windows")
    assert page.wished() == {"own_presets": ()}


def test_what_is_no_window_is_said_and_not_taken(page: WindowsPage) -> None:
    table(page).item(0, 2).setText("wide")
    assert "not taken" in page.findChild(QLabel, "fault").text()
    assert names(page) == ["Abdomen", "Mediastinum", "Bone", "Lung"]
    table(page).item(0, 2).setText("100")
    assert page.findChild(QLabel, "fault").text() == ""
    assert names(page)[0] == "Brain"


def test_another_modality_and_none_at_all(page: WindowsPage) -> None:
    page.fill(Settings(own_presets=(("MR", "Spine", "800", "400"),)))
    assert ("MR", "Spine", "800", "400") in page.wished()["own_presets"]
    for _ in range(6):
        table(page).setCurrentCell(0, 0)
        click(page, "remove_window")
    assert page.wished() == {"own_presets": (("CT",),)}


def test_windows_are_narrowed(page: WindowsPage) -> None:
    assert page.narrow(("lung",)) == 1
    assert page.narrow(("windows", "ct")) == 5
    assert page.narrow(("nowhere",)) == 0
