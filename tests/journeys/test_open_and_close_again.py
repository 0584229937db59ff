"""Windows opened and closed again and again leave nothing behind: no widget, no thread, no memory."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from phantoms import write_ct_series
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core import settings as settings_file
from core.settings import Settings
from viewer.app import build_window, make_application
from viewer.main_window import MainWindow

OTHER_TIMES, FIRST_OTHER_TIMES = 20, 3
MOST_MB = 20
PAGE_MB = 4096 / 2**20
WAIT_MS = 30_000
STATM = Path("/proc/self/statm")

# Windows beside the main one, by what opens them.
BESIDE = (
    "show_report",
    "show_trainer",
    "show_models",
    "show_planes",
    "show_import_doctor",
    "show_attributes",
    "show_settings",
    "show_shortcuts",
    "show_about",
    "show_first_steps",
    "show_log",
)


def _memory_mb() -> float:
    return int(STATM.read_text().split()[1]) * PAGE_MB if STATM.exists() else 0.0


def _let_go() -> None:
    """Carry out what was put off, and look for cycles."""
    for _ in range(3):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QCoreApplication.processEvents()
        gc.collect()


def _left() -> tuple[list[str], list[str]]:
    """Kinds of all widgets, and names of all threads that are at work."""
    widgets = sorted(type(one).__name__ for one in QApplication.allWidgets())
    threads = sorted(one.name for one in threading.enumerate())
    return widgets, threads


@pytest.fixture
def preferences(tmp_path: Path) -> Path:
    """Settings of a reader who analyzes nothing by itself."""
    path = tmp_path / "settings.json"
    settings_file.save(Settings(analyze_automatically=False, show_welcome=False), path)
    return path


@pytest.fixture
def open_window(qtbot: QtBot, preferences: Path) -> Callable[..., MainWindow]:
    """Builds the window as the program does, shows it, and waits until the files are read."""
    make_application()

    def opened(*paths: Path) -> MainWindow:
        window = build_window(preferences)
        window.session._warm = True  # networks are not what this is about
        window.resize(1280, 800)
        window.show()
        window.open_paths(paths)
        session = window.session
        qtbot.waitUntil(lambda: session.frame is not None and not session.jobs.active, timeout=WAIT_MS)
        return window

    return opened


def _closed(window: QWidget) -> None:
    window.close()
    window.deleteLater()


@pytest.fixture
def window(tmp_path: Path, open_window: Callable[..., MainWindow]) -> Iterator[MainWindow]:
    """The window with a CT, whose planes can be shown."""
    write_ct_series(tmp_path / "ct", 12)
    made = open_window(tmp_path / "ct")
    _let_go()
    gc.freeze()  # looking for cycles goes through what comes from here on, not through every module each time
    yield made
    gc.unfreeze()
    _closed(made)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("verb", BESIDE)
def test_a_window_beside_it_opened_and_closed_twenty_times(
    qtbot: QtBot, window: MainWindow, verb: str
) -> None:
    known = set(QApplication.topLevelWidgets())
    for time in range(OTHER_TIMES):
        getattr(window, verb)()
        qtbot.waitUntil(lambda: not window.session.jobs.active, timeout=WAIT_MS)
        beside = [one for one in QApplication.topLevelWidgets() if one not in known and one.isVisible()]
        assert beside, f"{verb} shows no window"
        for one in beside:
            one.close()
        del beside, one
        _let_go()
        if time == FIRST_OTHER_TIMES - 1:
            before, memory = _left(), _memory_mb()
    assert _left() == before
    grown = _memory_mb() - memory
    assert grown < MOST_MB, f"{grown:.1f} MB more after {OTHER_TIMES - FIRST_OTHER_TIMES} windows"
