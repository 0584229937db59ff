"""Long work in slices."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from viewer.slices import Slices


def busy_steps(count: int, done: list[int]) -> Iterator[None]:
    """Steps of a millisecond each."""
    for number in range(count):
        end = perf_counter() + 0.001
        while perf_counter() < end:
            pass
        done.append(number)
        yield


def test_short_work_is_done_at_once(qtbot: QtBot) -> None:
    ended: list[str] = []
    owner = QObject()
    slices = Slices(owner)
    slices.start(iter([None, None]), lambda: ended.append("end"))
    assert ended == ["end"]
    assert not slices.running


def test_long_work_lets_the_window_live(qtbot: QtBot) -> None:
    done: list[int] = []
    between: list[int] = []
    ended: list[int] = []
    owner = QObject()
    slices = Slices(owner)
    slices.start(busy_steps(60, done), lambda: ended.append(len(done)))
    assert slices.running
    assert len(done) < 60
    QTimer.singleShot(0, owner, lambda: between.append(len(done)))
    qtbot.waitUntil(lambda: bool(ended))
    assert done == list(range(60))
    assert between[0] < 60, "another event came in between"


def test_new_work_takes_the_place_of_the_old(qtbot: QtBot) -> None:
    old: list[int] = []
    ended: list[str] = []
    owner = QObject()
    slices = Slices(owner)
    slices.start(busy_steps(1000, old), lambda: ended.append("old"))
    slices.start(iter([None]), lambda: ended.append("new"))
    assert ended == ["new"]
    slices.start(busy_steps(1000, old), lambda: ended.append("old"))
    slices.stop()
    assert not slices.running
    assert ended == ["new"]


def test_work_may_begin_other_work(qtbot: QtBot) -> None:
    ended: list[str] = []
    owner = QObject()
    slices = Slices(owner)
    slices.start(iter([None]), lambda: slices.start(iter([None]), lambda: ended.append("second")))
    assert ended == ["second"]
