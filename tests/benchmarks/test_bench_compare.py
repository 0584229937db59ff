"""Flicker and lens on a film of 3,000 x 2,500, beside pyqtgraph's own item in the same run.

Aims: the first swapped picture within 50 ms of the key, the lens at 30 pictures a second. Never a gate.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

import numpy as np
import pyqtgraph as pg
import pytest
from numpy.typing import NDArray
from PySide6.QtWidgets import QApplication, QWidget
from pytest_benchmark.fixture import BenchmarkFixture
from pytestqt.qtbot import QtBot
from twin_cases import answer, film, give_twin, opinion, view_of

from core.imaging.display import default_grey
from core.imaging.frame import Frame
from core.imaging.heatmap import HeatmapStyle
from core.imaging.model_input import ModelInputSpec
from viewer.comparison import Comparison
from viewer.curtain import Curtain
from viewer.lens import Lens
from viewer.wish import Panel

ROWS, COLUMNS = 3000, 2500
SIZE = (1920, 1000)
_ROUNDS = 150


@pytest.fixture(scope="module")
def large() -> Frame:
    return film(rows=ROWS, columns=COLUMNS)


@pytest.fixture
def comparison(qtbot: QtBot, qapp: QApplication, large: Frame) -> Comparison:
    widget = Comparison()
    qtbot.addWidget(widget)
    widget.resize(*SIZE)
    _give(widget, large)
    widget.show()
    qapp.processEvents()
    return widget


def _give(widget: Comparison, frame: Frame) -> None:
    analysis = opinion(frame, spec=ModelInputSpec(size=128))
    widget.set_frame(frame, ("Bench", "1"))
    widget.set_grey(default_grey(frame))
    widget.set_answer(answer(analysis))
    widget.set_heatmap(HeatmapStyle(0.1))
    give_twin(widget, frame, analysis)


@pytest.fixture
def peer(qtbot: QtBot, large: Frame) -> tuple[QWidget, Callable[[], None]]:
    """Pyqtgraph with the same film in a view of the size of one panel; the step swaps two pictures."""
    widget = pg.GraphicsLayoutWidget()
    qtbot.addWidget(widget)
    widget.resize(SIZE[0] // 3, SIZE[1])
    box = widget.addViewBox(lockAspect=True, invertY=True, enableMenu=False)
    pictures = (np.array(large.stored), np.array(large.stored)[::-1].copy())
    levels = (float(large.stored.min()), float(large.stored.max()))
    item = pg.ImageItem(pictures[0], axisOrder="row-major", levels=levels)
    box.addItem(item)
    widget.show()
    turns = count(1)
    return widget, lambda: item.setImage(pictures[next(turns) % 2], autoLevels=False)


def _timed(qapp: QApplication, widget: QWidget, change: Callable[[], None]) -> float:
    """From the change until it is painted, in ms."""
    began = time.perf_counter()
    change()
    widget.repaint()
    qapp.processEvents()
    return 1000 * (time.perf_counter() - began)


def _told(
    benchmark: BenchmarkFixture,
    capsys: pytest.CaptureFixture[str],
    what: str,
    ours_ms: NDArray[np.float64],
    peer_ms: NDArray[np.float64],
    first_ms: float | None = None,
) -> None:
    p50, p99 = np.percentile(ours_ms, [50, 99])
    ratio = p50 / np.median(peer_ms)
    figures = {"p50_ms": float(p50), "p99_ms": float(p99), "ratio_to_pyqtgraph": float(ratio)}
    words = f"\n{what}: p50 {p50:.1f} ms ({1000 / p50:.0f} a second), p99 {p99:.1f} ms; "
    words += f"{ratio:.2f} x pyqtgraph's setImage ({np.median(peer_ms):.1f} ms)"
    if first_ms is not None:
        figures["first_ms"] = first_ms
        words += f"; the very first {first_ms:.1f} ms"
    benchmark.pedantic(lambda: None, rounds=1)
    benchmark.extra_info.update(figures)
    with capsys.disabled():
        print(words)  # noqa: T201  # the figures are what this is for


@pytest.mark.parametrize("alone", [None, Panel.ORIGINAL])
def test_flicker(
    benchmark: BenchmarkFixture,
    qapp: QApplication,
    comparison: Comparison,
    peer: tuple[QWidget, Callable[[], None]],
    large: Frame,
    capsys: pytest.CaptureFixture[str],
    alone: Panel | None,
):
    """Key down to the first swapped picture, then on and off in turns with the peer."""
    comparison.set_layout(alone)
    qapp.processEvents()
    first = _timed(qapp, comparison, lambda: comparison.set_flicker(True))
    widget, swap = peer
    ours, theirs = [], []
    for number in range(_ROUNDS):
        ours.append(_timed(qapp, comparison, lambda on=number % 2 == 1: comparison.set_flicker(on)))
        theirs.append(_timed(qapp, widget, swap))
    layout = "three panels" if alone is None else "one panel"
    _told(benchmark, capsys, f"flicker, {layout}", np.array(ours), np.array(theirs), first)


@pytest.mark.parametrize("difference", [False, True])
def test_lens(
    benchmark: BenchmarkFixture,
    qapp: QApplication,
    comparison: Comparison,
    peer: tuple[QWidget, Callable[[], None]],
    capsys: pytest.CaptureFixture[str],
    difference: bool,
):
    """The mouse moves over the film in one panel; all panels have the cursor, one has the lens."""
    comparison.set_layout(Panel.ORIGINAL)
    comparison.twin_tools.set_lens(Lens(200, difference))
    qapp.processEvents()
    widget, swap = peer
    steps = count()

    def move() -> None:
        step = next(steps) % 100
        comparison._point_at((1000.0 + 11 * step, 900.0 + 7 * step), Panel.ORIGINAL)

    ours, theirs = [], []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        move()
        qapp.processEvents()  # what was marked for painting, and no more
        ours.append(1000 * (time.perf_counter() - began))
        theirs.append(_timed(qapp, widget, swap))
    what = "lens on the difference" if difference else "healthy lens"
    _told(benchmark, capsys, f"{what}, 400 pixels wide", np.array(ours), np.array(theirs))
    assert view_of(comparison, Panel.ORIGINAL).veils


def test_curtain(
    benchmark: BenchmarkFixture,
    qapp: QApplication,
    comparison: Comparison,
    peer: tuple[QWidget, Callable[[], None]],
    capsys: pytest.CaptureFixture[str],
):
    comparison.set_layout(Panel.ORIGINAL)
    widget, swap = peer
    steps = count()

    def draw() -> None:
        comparison.twin_tools.set_curtain(Curtain(0.2 + 0.006 * (next(steps) % 100)))

    draw()
    ours = []
    theirs = []
    for _ in range(_ROUNDS):
        ours.append(_timed(qapp, comparison, draw))
        theirs.append(_timed(qapp, widget, swap))
    _told(benchmark, capsys, "curtain, one panel of 1,920 x 1,000", np.array(ours), np.array(theirs))
