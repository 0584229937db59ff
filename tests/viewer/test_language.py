"""English in the source, German from the translation file, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from core.session import Session
from core.study_database import RecentStudy
from viewer.demo_study import demo_note
from viewer.language import counted, marked, speak, spoken, tr
from viewer.main_window import MainWindow
from viewer.recent_menu import _words


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """The window speaks German, and English again afterwards."""
    assert speak("Deutsch") == "de"
    yield
    speak("English")
    assert spoken() == "en"


def test_english_is_what_stands_in_the_source(qapp: QApplication) -> None:
    assert spoken() == "en"
    assert tr("Open folder…") == "Open folder…"
    assert tr("no such text in any file") == "no such text in any file"
    assert marked("Open folder…") == "Open folder…"
    assert [counted("%n image", "%n images", count) for count in (0, 1, 2)] == [
        "0 images",
        "1 image",
        "2 images",
    ]


@pytest.mark.usefixtures("german")
def test_german_comes_from_the_translation_file() -> None:
    assert spoken() == "de"
    assert tr("Open folder…") == "Ordner öffnen …"
    assert tr("no such text in any file") == "no such text in any file"


@pytest.mark.usefixtures("german")
def test_one_english_word_with_two_meanings_has_two_translations() -> None:
    assert tr("View", "menu") == "Ansicht"
    assert tr("Window") == "Fensterung"


@pytest.mark.usefixtures("german")
def test_the_buttons_of_qt_speak_german_too(qtbot: QtBot) -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)
    assert buttons.buttons()[0].text().replace("&", "") == "Abbrechen"


@pytest.mark.usefixtures("german")
def test_menus_and_tool_tips_speak_german(session: Session, qtbot: QtBot) -> None:
    window = MainWindow(session)
    qtbot.addWidget(window)
    menus = [action.text() for action in window.menuBar().actions()]
    assert menus == [
        "Datei",
        "Bearbeiten",
        "Ansicht",
        "Anordnung",
        "Bild",
        "Werkzeuge",
        "Zwilling",
        "Analyse",
        "Hilfe",
    ]
    action = window.findChild(QAction, "report")
    assert isinstance(action, QAction)
    assert action.text() == "Bericht …"
    assert "Ctrl+R" in action.toolTip()
    assert action.shortcut().toString() == "Ctrl+R"
    planes = window.findChild(QAction, "planes")
    assert isinstance(planes, QAction)
    assert planes.toolTip().endswith("\nKeine Serie ist geöffnet.")


@pytest.mark.usefixtures("german")
def test_lines_that_are_put_together_are_german_too(monkeypatch: pytest.MonkeyPatch) -> None:
    study = RecentStudy("1.2", "", "20250110", "Thorax", Path("films"), 0.0, 3)
    assert _words(study) == "(ohne Namen)  ·  2025-01-10  ·  Thorax  ·  3 Bilder"
    monkeypatch.setattr("viewer.demo_study._real_film", lambda: None)  # the package may be installed here
    assert demo_note().startswith("Die Demostudie enthält nur")


@pytest.mark.parametrize(
    ("languages", "code"),
    [(["de-CH", "en"], "de"), (["fr-FR", "de"], "de"), (["en-GB", "de"], "en"), (["fi"], "en"), ([], "en")],
)
def test_the_system_is_asked_for_its_languages(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, languages: list[str], code: str
) -> None:
    class Locale:
        def uiLanguages(self) -> list[str]:
            return languages

    monkeypatch.setattr(QLocale, "system", lambda: Locale())  # any system's languages
    try:
        assert speak("system") == code
    finally:
        speak("English")


@pytest.mark.expect_log
def test_a_missing_translation_leaves_english(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    # An installation without its translations.
    monkeypatch.setattr("viewer.language.resource_path", lambda *parts: tmp_path.joinpath(*parts))
    assert speak("Deutsch") == "en"
    assert spoken() == "en"
    assert tr("Open folder…") == "Open folder…"
