"""Blinking: within its bounds, at the rate that it says, and never behind the reader's back."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from viewer.blink import DEFAULT_HZ, FASTEST_HZ, SLOWEST_HZ, Blink


@pytest.fixture
def stage(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


@pytest.mark.parametrize("wished", [-3.0, 0.0, 0.5, 1.0, 2.0, 4.0, 4.5, 60.0, float("inf")])
def test_no_rate_is_beyond_four_a_second(stage: QWidget, wished: float) -> None:
    blink = Blink(stage)
    blink.set_rate(wished)
    assert SLOWEST_HZ <= blink.rate_hz <= FASTEST_HZ == 4.0
    # Both pictures together: a full turn.
    assert 250 <= 2 * blink.interval_ms <= 1000
    assert 2 * blink.interval_ms == pytest.approx(1000 / blink.rate_hz, abs=1)


def test_the_default_is_two_and_steps_end_at_the_bounds(stage: QWidget) -> None:
    blink = Blink(stage)
    assert blink.rate_hz == DEFAULT_HZ == 2.0
    for _ in range(20):
        blink.set_rate(blink.stepped(1))
    assert blink.rate_hz == FASTEST_HZ
    for _ in range(20):
        blink.set_rate(blink.stepped(-1))
    assert blink.rate_hz == SLOWEST_HZ


def test_it_begins_with_the_twin_goes_on_by_itself_and_ends_with_the_original(
    stage: QWidget, qtbot: QtBot
) -> None:
    blink = Blink(stage)
    turns: list[bool] = []
    blink.turned.connect(turns.append)
    blink.set_rate(4)
    blink.start()
    assert turns == [True]
    qtbot.waitUntil(lambda: len(turns) >= 4, timeout=3000)
    assert turns[:4] == [True, False, True, False]
    qtbot.waitUntil(lambda: blink.shows_twin, timeout=3000)
    with qtbot.waitSignal(blink.stopped):
        blink.stop()
    assert not blink.shows_twin
    assert not blink.runs


def test_it_stops_under_a_dialog(stage: QWidget, qtbot: QtBot) -> None:
    blink = Blink(stage)
    blink.set_rate(4)
    blink.start()
    dialog = QDialog(stage)
    with qtbot.waitSignal(blink.stopped, timeout=3000):
        dialog.open()
    assert not blink.shows_twin
    dialog.close()


@pytest.mark.parametrize("leave", ["hide", "minimise", "another window"])
def test_it_stops_when_the_window_is_left(stage: QWidget, qtbot: QtBot, leave: str) -> None:
    other = QWidget()
    qtbot.addWidget(other)
    blink = Blink(stage)
    blink.set_rate(4)
    blink.start()
    with qtbot.waitSignal(blink.stopped, timeout=3000):
        if leave == "hide":
            stage.hide()
        elif leave == "minimise":
            stage.showMinimized()
        else:
            other.show()
            other.activateWindow()
    assert not blink.shows_twin
