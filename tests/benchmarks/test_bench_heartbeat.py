"""The heartbeat of the window: a timer of 16 ms while a large folder is read, films analyzed, a run trained.

Told beside the idle window of the same run. How long the window was busy between two beats (its thread's own
processor time) says more than the clock where the machine has other work. Never a gate.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from film_folders import write_films
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot
from test_bench_scan import write_archive

from core import settings as settings_file
from core.settings import Settings
from viewer.app import build_window, make_application, spare_collections
from viewer.demo_study import demo_paths
from viewer.main_window import MainWindow
from viewer.study_browser import StudyBrowser
from viewer.training_process import start_run

BEAT_MS = 16
FILES, IN_A_SERIES = 10_000, 5
WAIT_MS = 120_000
IDLE_MS = 2000

Figures = dict[str, float]


class Heart:
    """Notes when its timer fires, by the clock and by the processor time of the window's thread."""

    def __init__(self) -> None:
        self._beats: list[tuple[float, float]] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(lambda: self._beats.append((time.perf_counter(), time.thread_time())))
        self._timer.start()

    def stop(self) -> None:
        """No more beats."""
        self._timer.stop()

    def during(self, work: Callable[[], None]) -> Figures:
        """Gaps between the beats while something is done, in ms."""
        self._beats.clear()
        work()
        gaps: NDArray[np.float64] = 1000 * np.diff(np.array(self._beats), axis=0)
        (p50, _), (p99, busy_p99) = np.percentile(gaps, [50, 99], axis=0)
        longest, busiest = gaps.max(axis=0)
        figures = {"p50": p50, "p99": p99, "max": longest, "busy p99": busy_p99, "busy max": busiest}
        return {name: round(float(value), 1) for name, value in figures.items()}


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand series of five slices, each in a study of its own."""
    return write_archive(tmp_path_factory.mktemp("archive"), FILES, IN_A_SERIES)


@pytest.fixture
def heart() -> Iterator[Heart]:
    """The heartbeat."""
    make_application()
    made = Heart()
    yield made
    made.stop()


@pytest.fixture
def new_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[bool], MainWindow]]:
    """Makes the window, which analyzes by itself or not."""
    windows: list[MainWindow] = []

    def make(analyze: bool) -> MainWindow:
        preferences = tmp_path / "settings.json"
        settings_file.save(Settings(analyze_automatically=analyze, show_welcome=False), preferences)
        window = build_window(preferences)
        spare_collections(window.session)
        window.resize(1280, 800)
        window.show()
        windows.append(window)
        return window

    yield make
    for window in windows:
        window.close()
        window.deleteLater()


def _tell(
    benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str], figures: dict[str, Figures]
) -> None:
    benchmark.pedantic(lambda: None, rounds=1)
    benchmark.extra_info.update(figures)
    with capsys.disabled():
        for name, found in figures.items():
            print(f"\n{name}: gaps between beats of {BEAT_MS} ms: {found}")  # noqa: T201 - what this is for


def test_a_large_folder(
    benchmark: BenchmarkFixture,
    capsys: pytest.CaptureFixture[str],
    qtbot: QtBot,
    heart: Heart,
    archive: Path,
    new_window: Callable[[bool], MainWindow],
):
    """10,000 files in 2,000 series: the list of studies fills meanwhile."""
    window = new_window(False)
    idle = heart.during(lambda: qtbot.wait(IDLE_MS))
    browser = window.findChild(StudyBrowser)

    def read() -> None:
        window.open_paths([archive])
        qtbot.waitUntil(lambda: not window.session.jobs.active and not browser.busy, timeout=WAIT_MS)

    figures = {"idle": idle, "reading 10,000 files in 2,000 series": heart.during(read)}
    assert len(window.session.index.series) == FILES // IN_A_SERIES
    _tell(benchmark, capsys, figures)


def test_an_analysis(
    benchmark: BenchmarkFixture,
    capsys: pytest.CaptureFixture[str],
    qtbot: QtBot,
    heart: Heart,
    new_window: Callable[[bool], MainWindow],
):
    """From opening to the first answer of the shipped models, torch's import included; then one more."""
    window = new_window(True)
    idle = heart.during(lambda: qtbot.wait(IDLE_MS))
    session = window.session

    def first() -> None:
        window.open_paths(demo_paths())
        qtbot.waitUntil(
            lambda: session.reading.answer is not None and not session.jobs.active, timeout=WAIT_MS
        )

    def next_one() -> None:
        before = session.reading.answer
        session.step_series(1)
        qtbot.waitUntil(
            lambda: session.reading.answer not in (None, before) and not session.jobs.active, timeout=WAIT_MS
        )

    figures = {"idle": idle, "first analysis": heart.during(first)}
    figures["next analysis"] = heart.during(next_one)
    _tell(benchmark, capsys, figures)


def test_a_training_run(
    benchmark: BenchmarkFixture,
    capsys: pytest.CaptureFixture[str],
    qtbot: QtBot,
    heart: Heart,
    tmp_path: Path,
    new_window: Callable[[bool], MainWindow],
):
    """In its own process, as the window starts it; two threads of work on whatever cores there are."""
    window = new_window(False)
    window.open_paths(demo_paths())
    qtbot.waitUntil(lambda: window.session.frame is not None, timeout=WAIT_MS)
    healthy = write_films(tmp_path / "healthy", 60, lesion=False)
    mixed = write_films(tmp_path / "mixed", 12, lesion=True, first_seed=1000)
    idle = heart.during(lambda: qtbot.wait(IDLE_MS))
    run = tmp_path / "run"
    options = ["--preset", "lite", "--steps", "12", "--warm-steps", "4", "--heal-steps", "8", "--size", "64"]

    def train() -> None:
        start_run(run, ["--healthy", str(healthy), "--mixed", str(mixed), *options])
        qtbot.waitUntil(lambda: _state(run) in ("finished", "failed"), timeout=WAIT_MS)

    figures = {"idle": idle, "training": heart.during(train)}
    assert _state(run) == "finished"
    _tell(benchmark, capsys, figures)


def _state(run: Path) -> str:
    path = run / "state.json"
    return str(json.loads(path.read_text())["state"]) if path.exists() else ""
