"""The main job on the demo study without a display: the real window, offscreen, from study to report."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QDeadlineTimer, QIODevice
from PySide6.QtWidgets import QApplication, QWidget

from core import settings as settings_file
from core.errors import NoImages, ProductError
from core.files import make_folder, write_whole
from core.inference.analysis import ModelChoice
from core.jobs import JobContext
from core.reading import RunPhase
from core.reporting.report import Report
from core.settings import Settings
from viewer.app import build_window, make_application
from viewer.batch import film_answer
from viewer.demo_study import demo_paths
from viewer.main_window import MainWindow
from viewer.report_window import write_pdf

_SIZE_PX = (1280, 800)
_LONGEST_WAIT_S = 600
_STEP_S = 0.02


@dataclass(frozen=True, slots=True)
class DemoOutcome:
    """What the demo left: pictures of the window, one report, and in lines what the models said."""

    pictures: tuple[Path, ...]
    report: Path
    lines: tuple[str, ...]
    analyzed: int
    films: int


def run_demo(
    folder: Path,
    ctx: JobContext,
    models: tuple[Path, ...] = (),
    films: tuple[Path, ...] = (),
    size: tuple[int, int] = _SIZE_PX,
) -> DemoOutcome:
    """Open the demo study in the window, ask both models about each film, write pictures and report.

    Offscreen; the reader's own settings and decisions are neither read nor changed. `models`: folders of
    further models. `films`: others than those of the demo study. `size`: of the window.
    Raises `ProductError` kinds.
    """
    make_folder(folder)
    with tempfile.TemporaryDirectory() as private:
        preferences = Path(private) / "settings.json"
        wished = Settings(
            model=ModelChoice.BOTH.value, show_welcome=False, model_folder=str(models[0]) if models else ""
        )
        settings_file.save(wished, preferences)
        make_application()
        window = build_window(preferences, Path(private))
        try:
            window.resize(*size)
            return _films(window, films or demo_paths(), folder, ctx)
        finally:
            window.close()
            window.deleteLater()


def _films(window: MainWindow, films: tuple[Path, ...], folder: Path, ctx: JobContext) -> DemoOutcome:
    session = window.session
    failures: list[BaseException] = []
    session.failed.connect(lambda error, tried: failures.append(error))
    window.show()
    window.open_paths(films)
    _wait(lambda: not session.jobs.active, ctx)
    if session.index is None:
        raise NoImages("The demo study could not be opened.", "Install the program again.")
    pictures: list[Path] = []
    lines: list[str] = []
    reports: list[Report] = []
    instances = session.index.instances
    for number, instance in enumerate(instances, 1):
        session.select(instance)
        _wait(lambda: not session.jobs.active, ctx)
        _raise_first(failures)
        answer, frame = session.reading.answer, session.frame
        if answer is None or frame is None or session.status.phase is RunPhase.FAILED:
            raise NoImages(f"{instance.path.name} was not analyzed: {session.status.text}")
        film = film_answer(number, instance, 0, frame, answer, session.index.place_of(instance))
        lines += film.lines()
        reports.append(film.report(deidentified=False))
        pictures.append(folder / f"demo-window-{number}.png")
        write_whole(pictures[-1], picture_of(window))
    report = folder / "demo-report.pdf"
    write_pdf(reports, report)
    analyzed = sum(bool(one.opinions) and not all(said.refused for said in one.opinions) for one in reports)
    return DemoOutcome(tuple(pictures), report, tuple(lines), analyzed, len(instances))


def _raise_first(failures: list[BaseException]) -> None:
    for error in failures:
        if isinstance(error, ProductError):
            raise error
        raise RuntimeError("The window met an error of its own.") from error


def _wait(condition: Callable[[], bool], ctx: JobContext) -> None:
    """Let the window live until the condition holds."""
    application = QApplication.instance()
    deadline = QDeadlineTimer(1000 * _LONGEST_WAIT_S)
    while not condition():
        if application is None or deadline.hasExpired():
            raise NoImages(
                "The demo took too long and was stopped.", "Try again on a machine with less to do."
            )
        ctx.report(0, 0, "The models look at the demo study")
        # Short steps, so that Ctrl+C is heard: Python's handlers run between two calls of Qt only.
        application.processEvents()
        time.sleep(_STEP_S)


def picture_of(window: QWidget) -> bytes:
    """A PNG of a window, in the pixels of its screen."""
    stored = QBuffer()
    stored.open(QIODevice.OpenModeFlag.WriteOnly)
    window.grab().save(stored, "PNG")
    return bytes(stored.data().data())
