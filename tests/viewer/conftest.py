"""A session over scripted models on the real main thread, for the widgets of the shell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from phantoms import write_chest_film
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from reading_room import command, go_to, rest, series_of, write_films, write_two_series
from scripted_shelf import ScriptedShelf

from core.jobs import JobQueue
from core.session import Session
from core.settings import Settings
from viewer.app import make_application
from viewer.main_thread import MainThread
from viewer.main_window import MainWindow

WAIT_MS = 20_000


@pytest.fixture
def shelf() -> ScriptedShelf:
    """Models that answer by rule."""
    return ScriptedShelf()


@pytest.fixture
def session(qapp: QApplication, shelf: ScriptedShelf) -> Iterator[Session]:
    """A session whose workers deliver through Qt."""
    make_application()
    bridge = MainThread()
    made = Session(JobQueue(bridge.post), Settings(show_welcome=False), open_shelf=lambda wished: shelf)
    yield made
    made.close()
    QCoreApplication.processEvents()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A phantom film with a lesion."""
    return write_chest_film(tmp_path / "film.dcm", rows=320, columns=300).path


@pytest.fixture
def opened(session: Session, qtbot: QtBot) -> Callable[..., Session]:
    """Open paths and wait until everything has come to rest."""

    def open_them(*paths: Path) -> Session:
        session.open(paths)
        qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
        return session

    return open_them


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> MainWindow:
    """A main window of 1280 × 800 with nothing open."""
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


@pytest.fixture
def two_series(window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """Two CT series of one frame of reference beside each other; the first is active."""
    write_two_series(tmp_path / "ct")
    session.open([tmp_path / "ct"])
    rest(session, qtbot)
    session.select(*series_of(session, 1).images[0])
    rest(session, qtbot)
    command(window, "layout_beside").trigger()
    rest(session, qtbot)
    return window


@pytest.fixture
def film_and_prior(window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """A film and its prior beside each other."""
    now, before = write_films(tmp_path)
    session.open([now, before])
    rest(session, qtbot)
    go_to(session, now, qtbot)
    command(window, "prior").trigger()
    rest(session, qtbot)
    return window
