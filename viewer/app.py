"""Builds the program: settings, queue, session, window, hooks. The only place that puts them together."""

from __future__ import annotations

import gc
import logging
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

import core
from core import review_journal, study_database
from core import settings as settings_file
from core.jobs import JobQueue, Lane
from core.session import Session
from viewer.focus_ring import show_focus
from viewer.language import speak, tr
from viewer.main_thread import MainThread
from viewer.main_window import MainWindow
from viewer.messages import install_crash_hook
from viewer.program_log import catch_crashes, program_log, start_file, write_down
from viewer.theme import apply_text_size, apply_theme, check_fonts

_log = logging.getLogger(__name__)

# Worker threads give the interpreter back ten times as often: the longest pauses of the window during a
# scan fall by a quarter (measured).
_SWITCH_INTERVAL_S = 0.001


def run(paths: list[Path], demo: bool = False) -> int:
    """Show the window, open what was asked for, and return the exit status when it is closed."""
    program_log()
    log_folder = start_file()
    if log_folder is not None:
        catch_crashes(log_folder)
    _log.info("HealthyTwin %s starts", core.__version__)
    app = make_application()
    window = build_window()
    restore_hook = install_crash_hook(window.show_fault)
    spare_collections(window.session)
    window.show()
    complaint = check_fonts()
    if complaint:
        _log.error("%s", complaint)
        sys.stderr.write(complaint + "\n")
    # After the first paint: the window is there before anything is read.
    QTimer.singleShot(0, window.open_demo if demo else lambda: window.open_paths(paths))
    QTimer.singleShot(0, lambda: clear_leftovers(window.session))
    status = app.exec()
    restore_hook()
    return status


def clear_leftovers(session: Session) -> None:
    """Remove what a run that crashed had unpacked, behind everything else."""
    from core.dicom.unpacked import remove_leftovers

    session.jobs.submit(
        Lane.READ, tr("Clearing up"), lambda ctx: remove_leftovers(), lambda _removed: None, shown=False
    )


def make_application() -> QApplication:
    """The Qt application with its name and its look; the running one if there is one."""
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("HealthyTwin")
    app.setApplicationVersion(core.__version__)
    apply_theme(app)
    show_focus(app)
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    return app


def build_window(settings_path: Path | None = None, kept_in: Path | None = None) -> MainWindow:
    """The window with its session and its workers. `settings_path` None: where this user's settings live.

    `kept_in`: a folder for what is remembered of studies and decided about images, instead of the user's own.
    """
    path = settings_path or settings_file.settings_path()
    settings, notes = settings_file.load(path)
    speak(settings.language)
    apply_text_size(settings.text_percent)
    post = MainThread(QApplication.instance())
    session = Session(
        JobQueue(post.post),
        settings,
        settings_path=path,
        studies_path=study_database.database_path() if kept_in is None else kept_in / "studies.sqlite",
        journal_path=review_journal.journal_path() if kept_in is None else kept_in / "decisions.sqlite",
    )
    write_down(session.jobs)
    window = MainWindow(session)
    if notes:
        window.messages.notice(" ".join(notes))
    return window


def spare_collections(session: Session) -> None:
    """Leave what lives long out of Python's search for cycles, whenever much of that kind has come.

    Looking through all studies and libraries in memory stopped a window that scrolled for 90 to 400 ms, four
    times in 250 slices on a busy machine (measured). What has no owner any more is freed as ever.
    """
    gc.freeze()
    session.index_changed.connect(_freeze)  # a scan, and the libraries that it needs
    session.device_changed.connect(_freeze)  # the networks and theirs


def _freeze(*_: object) -> None:
    gc.freeze()
