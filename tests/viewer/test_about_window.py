"""What the program says of itself."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

import core
from core.models.collection import list_models, own_model_folder
from core.session import Session
from viewer.about_window import AboutWindow


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> AboutWindow:
    made = AboutWindow(session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: not session.jobs.active)
    return made


def cells(window: AboutWindow, name: str) -> list[list[str]]:
    table = getattr(window, name)
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def test_it_says_what_the_program_is_and_is_not(window: AboutWindow) -> None:
    words = "\n".join(label.text() for label in window.findChildren(QLabel))
    assert core.RESEARCH_USE in words
    assert "No authority has cleared this program" in words
    assert core.__version__ in words


def test_it_names_versions_and_the_digest_of_every_model(window: AboutWindow, session: Session) -> None:
    versions = dict(cells(window, "versions"))
    assert {"HealthyTwin", "Python", "Qt", "torch", "pydicom", "SimpleITK", "System"} <= set(versions)
    known = {model.card.weights_digest for model in list_models(own_model_folder(session.settings))}
    assert {row[-1] for row in cells(window, "models")} == known
    assert len(known) == 4


def test_the_page_of_the_computer_lives_while_it_is_shown(
    window: AboutWindow, session: Session, qtbot: QtBot
) -> None:
    assert not window._clock.isActive()
    window.show_computer()
    assert window._clock.isActive()
    assert dict(cells(window, "computer"))["Images in memory"].startswith("1 MB of at most")
    assert window.fitness.text()
    session.device_text = "Script, 1 thread"
    qtbot.waitUntil(lambda: dict(cells(window, "computer"))["Models run on"] == "Script, 1 thread")
    window.pages.setCurrentIndex(0)
    assert not window._clock.isActive()


def test_licences_can_be_read(window: AboutWindow) -> None:
    names = [window.licences.itemText(row) for row in range(window.licences.count())]
    assert names[:2] == ["HealthyTwin (Apache-2.0)", "Credits and patents (NOTICE)"]
    assert {"OFL-1.1", "pydicom", "torch", "PySide6-Essentials"} <= set(names)
    assert "Apache License" in window.licence.toPlainText()
    window.licences.setCurrentText("pydicom")
    assert "MIT" in window.licence.toPlainText()


def test_it_copies_for_support(window: AboutWindow, qtbot: QtBot) -> None:
    window.copy.click()
    qtbot.waitUntil(window._copied.isVisible)
    assert "weights " in QApplication.clipboard().text()
