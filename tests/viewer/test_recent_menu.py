"""File, Open recent: newest first, opened again with a click; what is gone is said and taken off the list."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from phantoms import write_chest_film, write_ct_series
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from core.settings import Settings, save
from viewer.app import build_window, make_application
from viewer.main_window import MainWindow
from viewer.recent_menu import RecentMenu

WAIT_MS = 20_000


@pytest.fixture
def window(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    make_application()
    save(Settings(analyze_automatically=False, show_welcome=False), tmp_path / "settings.json")
    made = build_window(tmp_path / "settings.json")
    made.session._warm = True  # no model is wanted here
    made.show()
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.processEvents()


def _menu(window: MainWindow) -> tuple[QMenu, RecentMenu]:
    recent = window.findChild(RecentMenu)
    assert isinstance(recent, RecentMenu)
    file = recent.parent()
    assert file is window
    (above,) = (
        menu for menu in window.menuBar().findChildren(QMenu) if recent.menuAction() in menu.actions()
    )
    return above, recent


def _texts(window: MainWindow, qtbot: QtBot) -> list[str]:
    above, recent = _menu(window)
    above.aboutToShow.emit()
    qtbot.waitUntil(lambda: not window.session.jobs.active, timeout=WAIT_MS)
    return [action.text() for action in recent.actions()]


def test_studies_are_listed_opened_again_and_forgotten(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    assert _texts(window, qtbot) == ["No study was opened before"]
    write_chest_film(
        tmp_path / "a" if (tmp_path / "a").mkdir() else tmp_path / "a" / "film", patient_name="A&B"
    )
    write_ct_series(tmp_path / "ct", 3)
    for name in ("a", "ct"):
        window.open_paths([tmp_path / name])
        qtbot.waitUntil(lambda: not window.session.jobs.active, timeout=WAIT_MS)
    texts = _texts(window, qtbot)
    assert [text.split("  ")[0] for text in texts] == ["Phantom, Volume", "A&&B"]
    assert texts[0].endswith("3 images")
    assert texts[1].endswith("1 image")
    window.session.close_all()
    _, recent = _menu(window)
    recent.actions()[1].trigger()
    qtbot.waitUntil(lambda: window.session.frame is not None, timeout=WAIT_MS)
    shutil.rmtree(tmp_path / "ct")
    texts = _texts(window, qtbot)
    assert texts[1].endswith("(no longer there)")
    recent.actions()[1].trigger()
    assert "ct is no longer there" in window.messages.text
    qtbot.waitUntil(lambda: not window.session.jobs.active, timeout=WAIT_MS)
    assert len(_texts(window, qtbot)) == 1
    window.session.forget_studies()
    qtbot.waitUntil(lambda: "Nothing is remembered" in window.messages.text, timeout=WAIT_MS)
    assert _texts(window, qtbot) == ["No study was opened before"]


def test_the_list_can_be_hidden(window: MainWindow, qtbot: QtBot) -> None:
    _texts(window, qtbot)
    _, recent = _menu(window)
    assert recent.menuAction().isVisible()
    window.session.change_settings(replace(window.session.settings, show_recent_studies=False))
    _texts(window, qtbot)
    assert not recent.menuAction().isVisible()
