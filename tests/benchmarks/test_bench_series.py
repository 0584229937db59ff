"""A series from disk to memory beside SimpleITK, and the stalls of the window while it scrolls and plays.

Figures are printed and kept in extra_info; nothing here is a gate. A heartbeat of 16 ms tells the stalls: the
longest time in which the window answered nothing.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
import SimpleITK as sitk
from phantoms import write_colour, write_ct_series
from pydicom.uid import JPEGBaseline8Bit
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot

from core import settings as settings_file
from core.dicom.frames import read_frame
from core.dicom.index import Instance, scan
from core.imaging.frame import Frame
from core.settings import Settings
from viewer.app import build_window, make_application, spare_collections
from viewer.main_window import MainWindow

SLICES, LONG_STACK = 500, 1000
SCROLLED = 200
BEAT_MS = 16
WAIT_MS = 120_000


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> tuple[Instance, ...]:
    """A CT of 500 slices of 512 x 512."""
    folder = tmp_path_factory.mktemp("ct") / "500"
    write_ct_series(folder, SLICES, rows=512, columns=512)
    return scan([folder]).instances


@pytest.fixture(scope="module")
def long_stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CT of 1,000 slices of 512 x 512."""
    folder = tmp_path_factory.mktemp("ct") / "1000"
    write_ct_series(folder, LONG_STACK, rows=512, columns=512)
    return folder


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[Path], MainWindow]]:
    """The window on a folder, with its first image on screen."""
    make_application()
    preferences = tmp_path / "settings.json"
    settings_file.save(Settings(analyze_automatically=False, show_welcome=False), preferences)
    made = build_window(preferences)
    spare_collections(made.session)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)

    def open_folder(folder: Path) -> MainWindow:
        made.open_paths([folder])
        qtbot.waitUntil(lambda: made.session.frame is not None, timeout=WAIT_MS)
        return made

    yield open_folder
    made.close()
    made.deleteLater()
    QCoreApplication.processEvents()
    gc.unfreeze()


def read_by_simpleitk(instances: tuple[Instance, ...]) -> None:
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(one.path) for one in instances])
    reader.Execute()


def read_raw(instances: tuple[Instance, ...]) -> None:
    """The floor: the bytes of the pixels, and nothing asked of the header."""
    for one in instances:
        with one.path.open("rb") as stream:
            stream.seek(-2 * 512 * 512, 2)
            np.frombuffer(stream.read(), np.uint16).reshape(512, 512)


@pytest.mark.benchmark(group="500 slices of 512 x 512 into memory")
@pytest.mark.parametrize("reader", ["ours", "SimpleITK", "raw bytes"])
def test_whole_series(benchmark: BenchmarkFixture, series: tuple[Instance, ...], reader: str) -> None:
    def ours(instances: tuple[Instance, ...]) -> None:
        held = [read_frame(one) for one in instances]
        assert len(held) == SLICES

    read = {"ours": ours, "SimpleITK": read_by_simpleitk, "raw bytes": read_raw}[reader]
    benchmark.pedantic(lambda: read(series), rounds=5, warmup_rounds=1)


def test_series_beside_simpleitk(
    benchmark: BenchmarkFixture,
    series: tuple[Instance, ...],
    open_window: Callable[[Path], MainWindow],
    qtbot: QtBot,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Turn by turn in one run: the first slice on screen, and the whole series in memory by reading ahead."""
    window = open_window(series[0].path.parent)
    session = window.session
    first_s, whole_s, peer_s = [], [], []
    for _ in range(5):
        qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
        began = time.perf_counter()
        read_by_simpleitk(series)
        peer_s.append(time.perf_counter() - began)
        session._prefetch.stop()
        session._memory.clear()
        session._set_frame(None)
        began = time.perf_counter()
        session.select(series[0])
        while session.frame is None:
            QApplication.processEvents()
        window.comparison.repaint()
        QApplication.processEvents()
        first_s.append(time.perf_counter() - began)
        while len(session._memory) < SLICES:
            QApplication.processEvents()
        whole_s.append(time.perf_counter() - began)
    benchmark.pedantic(lambda: None, rounds=1)
    peer = float(np.median(peer_s))
    ratios = {
        "first_slice_to_simpleitk": float(np.median(first_s)) / peer,
        "whole_series_to_simpleitk": float(np.median(whole_s)) / peer,
        "simpleitk_s": peer,
    }
    benchmark.extra_info.update(ratios)
    with capsys.disabled():
        print(  # noqa: T201  # the figures are what this is for
            f"\n500-slice CT beside SimpleITK ({peer:.2f} s): "
            f"first slice {ratios['first_slice_to_simpleitk']:.3f}, "
            f"whole series {ratios['whole_series_to_simpleitk']:.3f}"
        )


class Heart:
    """A timer that should beat every 16 ms, and the gaps between its beats."""

    def __init__(self) -> None:
        self.gaps_ms: list[float] = []
        self._last_s = 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        self._last_s = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now_s = time.perf_counter()
        self.gaps_ms.append(1000 * (now_s - self._last_s))
        self._last_s = now_s

    def words(self) -> str:
        gaps = np.array(self.gaps_ms)
        return f"gaps p50 {np.median(gaps):.1f}, p99 {np.percentile(gaps, 99):.1f}, max {gaps.max():.1f} ms"

    def figures(self) -> dict[str, float]:
        gaps = np.array(self.gaps_ms)
        return {"gap_p99_ms": float(np.percentile(gaps, 99)), "gap_max_ms": float(gaps.max())}


def wheel(view: object) -> None:
    place = QPointF(view.width() / 2, view.height() / 2)
    event = QWheelEvent(
        place,
        view.mapToGlobal(place),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


def beat_while(turn: Callable[[], None], turns: int) -> Heart:
    """The heartbeat while something is done every 16 ms."""
    heart, done = Heart(), [0]

    def one() -> None:
        done[0] += 1
        turn()

    clock = QTimer()
    clock.setTimerType(Qt.TimerType.PreciseTimer)
    clock.setInterval(BEAT_MS)
    clock.timeout.connect(one)
    heart.start()
    clock.start()
    while done[0] < turns:
        QApplication.processEvents()
        time.sleep(0.0005)  # as the event loop of the system waits
    clock.stop()
    heart.stop()
    return heart


@pytest.mark.parametrize("read_ahead", [True, False], ids=["in memory", "just opened"])
def test_stalls_while_a_ct_is_scrolled(
    benchmark: BenchmarkFixture,
    long_stack: Path,
    open_window: Callable[[Path], MainWindow],
    qtbot: QtBot,
    capsys: pytest.CaptureFixture[str],
    read_ahead: bool,
) -> None:
    window = open_window(long_stack)
    session = window.session
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    if not read_ahead:
        session._prefetch.stop()
        session._memory.clear()
    shown: list[Frame] = []
    session.frame_changed.connect(shown.append)
    view = window.comparison._views[0]
    heart = beat_while(lambda: wheel(view), SCROLLED)
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    benchmark.pedantic(lambda: None, rounds=1)
    benchmark.extra_info.update(heart.figures() | {"shown": len(shown), "asked": SCROLLED})
    with capsys.disabled():
        print(  # noqa: T201  # the figures are what this is for
            f"\nscrolling a CT of 1,000 slices, {'in memory' if read_ahead else 'just opened'}: "
            f"{len(shown)} of {SCROLLED} shown; {heart.words()}"
        )


def test_scrolling_in_pyqtgraph(
    benchmark: BenchmarkFixture, long_stack: Path, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    """The peer: the same slices, read before, in one pyqtgraph item of the size of one of our panels."""
    make_application()
    frames = [read_frame(one) for one in scan([long_stack]).instances[: SCROLLED + 1]]
    widget = pg.GraphicsLayoutWidget()
    qtbot.addWidget(widget)
    widget.resize(420, 560)
    box = widget.addViewBox(lockAspect=True, invertY=True)
    item = pg.ImageItem(np.array(frames[0].stored), axisOrder="row-major", levels=(0, 4000))
    box.addItem(item)
    widget.show()
    qtbot.waitExposed(widget)
    places = iter(range(1, SCROLLED + 1))
    heart = beat_while(lambda: item.setImage(frames[next(places)].stored, autoLevels=False), SCROLLED)
    benchmark.pedantic(lambda: None, rounds=1)
    benchmark.extra_info.update(heart.figures())
    with capsys.disabled():
        print(f"\nthe same slices in pyqtgraph, alone: {heart.words()}")  # noqa: T201  # the peer's figures


@pytest.mark.parametrize("packed", [False, True], ids=["uncompressed", "JPEG"])
def test_stalls_while_a_colour_clip_plays(
    benchmark: BenchmarkFixture,
    open_window: Callable[[Path], MainWindow],
    qtbot: QtBot,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    packed: bool,
) -> None:
    rng = np.random.default_rng(0)
    base = rng.integers(0, 255, (1, 75, 100, 3), dtype=np.uint8).repeat(8, axis=1).repeat(8, axis=2)
    clip = np.concatenate([np.roll(base, 4 * step, axis=2) for step in range(60)])
    told = {"transfer_syntax_uid": JPEGBaseline8Bit} if packed else {}
    write_colour(tmp_path / "clip.dcm", clip, FrameTime="33.3", **told)
    window = open_window(tmp_path / "clip.dcm")
    bar = window.stack_bar
    qtbot.waitUntil(lambda: bar.rate_text == "file's rate", timeout=WAIT_MS)
    window.session._prefetch.stop()
    window.session._memory.clear()
    bar.play()
    heart = beat_while(lambda: None, 300)
    bar._show_rate()
    reached = bar.rate_text
    bar.pause()
    benchmark.pedantic(lambda: None, rounds=1)
    benchmark.extra_info.update(heart.figures() | {"reached": reached, "wished": bar.frames_per_second})
    with capsys.disabled():
        print(  # noqa: T201  # the figures are what this is for
            f"\nplaying 60 frames of 800 x 600 in colour, {'JPEG' if packed else 'uncompressed'}: "
            f"{reached} of {bar.frames_per_second:.1f}; {heart.words()}"
        )
