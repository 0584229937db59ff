"""How long the reader's own question waits while a whole series is analyzed, and what the window stalls.

Three ways in one run: nothing else runs; a series runs and gives way; the question waits for the turn that is
under way, as it would without giving way. Figures are printed and kept in extra_info; nothing here is a gate.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from film_series import write_film_series
from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from core import settings as settings_file
from core.jobs import JobState
from core.settings import Settings
from viewer import scored_series
from viewer.app import build_window, make_application, spare_collections
from viewer.main_window import MainWindow

FILMS, ASKED = 24, 4
BEAT_MS = 16
WAIT_MS = 170_000


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    make_application()
    preferences = tmp_path / "settings.json"
    wished = Settings(analyze_automatically=False, show_welcome=False, model="healthygan")
    settings_file.save(wished, preferences)
    made = build_window(preferences)
    spare_collections(made.session)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()
    QCoreApplication.processEvents()
    gc.unfreeze()


def at_rest(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    qtbot.waitUntil(lambda: session.frame is not None and not session.jobs.active, timeout=WAIT_MS)


def in_the_network(window: MainWindow) -> bool:
    """Whether films of the series are in the network now."""
    run = window.session.series_analysis._run
    return run is not None and "turn" in run.jobs and run.jobs["turn"].state is JobState.RUNNING


def ask(window: MainWindow, qtbot: QtBot, place: int) -> float:
    """Seconds from the question about an image to its answer on screen."""
    session = window.session
    session.show_frame(place)
    qtbot.waitUntil(
        lambda: (
            session.selection is not None
            and session.selection.position == place
            and not session.selection.loading
        ),
        timeout=WAIT_MS,
    )
    began = time.perf_counter()
    session.analyze()
    while session.reading.shown is None:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    return time.perf_counter() - began


def test_the_readers_question_beside_a_whole_series(
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    benchmark: BenchmarkFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    session = window.session
    window.open_paths([write_film_series(tmp_path / "films", FILMS)])
    at_rest(window, qtbot)
    ask(window, qtbot, FILMS - 1)  # loads the model

    def asked(places: range, *, beside: bool) -> float:
        """Median seconds to the answers about images that nobody has asked about yet."""
        found = []
        for place in places:
            if beside:
                session.series_analysis.forget()
                session.analyze_series(session.selection.series)  # type: ignore[union-attr]  # selected
                qtbot.waitUntil(lambda: in_the_network(window), timeout=WAIT_MS)
            found.append(ask(window, qtbot, place))
        session.series_analysis.stop()
        at_rest(window, qtbot)
        return statistics.median(found)

    alone = asked(range(FILMS - 1 - ASKED, FILMS - 1), beside=False)
    beside = benchmark.pedantic(
        asked, args=(range(FILMS - 1 - 2 * ASKED, FILMS - 1 - ASKED),), kwargs={"beside": True}, rounds=1
    )
    with monkeypatch.context() as changed:
        # As it would be if a series did not give way, which no setting asks for.
        changed.setattr(session.series_analysis, "give_way", lambda: None)
        waiting = asked(range(FILMS - 1 - 3 * ASKED, FILMS - 1 - 2 * ASKED), beside=True)
    told = {"alone_s": alone, "beside": beside / alone, "waiting_for_a_turn": waiting / alone}
    benchmark.extra_info.update(told)
    print(  # noqa: T201 - a figure of a benchmark is to be read
        f"\nthe reader's question: {alone * 1000:.0f} ms alone, x {beside / alone:.2f} beside a series "
        f"that gives way, x {waiting / alone:.2f} where it waits for its turn"
    )


def test_the_window_while_a_series_is_analyzed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, benchmark: BenchmarkFixture
) -> None:
    session = window.session
    window.open_paths([write_film_series(tmp_path / "films", FILMS)])
    at_rest(window, qtbot)
    ask(window, qtbot, 1)  # loads the model
    gaps = heartbeat()

    def analyzed() -> float:
        began = time.perf_counter()
        scored_series.analyze(session)
        qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
        return time.perf_counter() - began

    took = benchmark.pedantic(analyzed, rounds=1)
    worst = sorted(gaps())
    p99, longest = worst[int(0.99 * len(worst))], worst[-1]
    benchmark.extra_info.update(p99_ms=p99, longest_ms=longest, per_film_ms=took / FILMS * 1000)
    print(  # noqa: T201 - a figure of a benchmark is to be read
        f"\n{FILMS} films: {took / FILMS * 1000:.0f} ms each; the window's beat of {BEAT_MS} ms: "
        f"p99 {p99:.0f} ms, longest {longest:.0f} ms"
    )


def heartbeat() -> Callable[[], list[float]]:
    """Starts a beat; the call that it returns ends it and gives the time between beats, in ms."""
    times = [time.perf_counter()]
    timer = QTimer(timerType=Qt.TimerType.PreciseTimer)
    timer.setInterval(BEAT_MS)
    timer.timeout.connect(lambda: times.append(time.perf_counter()))
    timer.start()

    def stop() -> list[float]:
        timer.stop()
        return [(after - before) * 1000 for before, after in pairwise(times)]

    return stop
