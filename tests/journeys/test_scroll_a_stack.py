"""A reader's way through stacks and clips, in the real window: wheel, keys, slider, play."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from journeys_words import press
from phantoms import write_colour, write_ct_series
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QSlider
from pytestqt.qtbot import QtBot

from viewer.main_window import MainWindow

WAIT_MS = 60_000
OpenWindow = Callable[..., MainWindow]


def turn_wheel(window: MainWindow, steps: int) -> None:
    """Turn the mouse wheel over the original, towards the reader if `steps` is positive."""
    view = window.comparison._views[0]
    place = QPointF(view.width() / 2, view.height() / 2)
    for _ in range(abs(steps)):
        turned = QPoint(0, -120 if steps > 0 else 120)
        event = QWheelEvent(
            place,
            view.mapToGlobal(place),
            QPoint(),
            turned,
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(view, event)


def at_rest(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: window.session.frame is not None and not window.session.jobs.active, timeout=WAIT_MS
    )


def shown(window: MainWindow) -> int:
    """The slice on screen by its pixels, which must be the selected one."""
    session = window.session
    assert session.frame is not None
    assert session.selection is not None
    number = int(session.frame.stored[-1, -1]) - 100
    assert number == session.selection.position
    return number


def test_through_a_ct_by_wheel_keys_and_slider(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    write_ct_series(tmp_path / "ct", 40)
    window = open_window(analyze_automatically=False)
    window.open_paths([tmp_path / "ct"])
    at_rest(window, qtbot)
    assert all(window.session.is_at_hand(place) for place in range(40)), "all of it was read ahead"
    window.session.show_frame(0)  # the first file that was found need not be the first slice
    turn_wheel(window, 5)
    assert shown(window) == 5
    turn_wheel(window, -2)
    assert shown(window) == 3
    window.comparison.setFocus()
    for key, modifiers, place in (
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, 4),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 3),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, 13),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 39),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, 39),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier, 29),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
    ):
        press(window, key, modifiers)
        assert shown(window) == place
    slider = window.stack_bar.findChild(QSlider)
    slider.setValue(22)
    assert shown(window) == 22
    assert window.stack_bar.place_text == "23 / 40"
    viewpoint = window.comparison.viewpoint
    turn_wheel(window, 3)
    assert window.comparison.viewpoint == viewpoint


def test_a_stack_larger_than_the_memory_is_scrolled_all_the_same(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    write_ct_series(tmp_path / "ct", 24, rows=256, columns=512)
    window = open_window(analyze_automatically=False, frame_memory_mb=2)
    window.open_paths([tmp_path / "ct"])
    at_rest(window, qtbot)
    session = window.session
    for steps in (4, 9, 10, -20, 7):
        turn_wheel(window, steps)
        at_rest(window, qtbot)
        shown(window)
        assert session._memory.held_bytes <= 2 * 2**20
    assert session.selection is not None
    assert session.selection.position == 10


@pytest.mark.parametrize("key", [Qt.Key.Key_C, None])
def test_a_clip_plays_until_it_is_stopped(
    open_window: OpenWindow, qtbot: QtBot, tmp_path: Path, key: Qt.Key | None
) -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (8, 24, 32, 3), dtype=np.uint8)
    write_colour(tmp_path / "clip.dcm", rgb, FrameTime="10")
    window = open_window()
    window.open_paths([tmp_path / "clip.dcm"])
    at_rest(window, qtbot)
    qtbot.waitUntil(lambda: window.stack_bar.rate_text == "file's rate", timeout=WAIT_MS)
    assert window.stack_bar.frames_per_second == pytest.approx(100)
    seen: set[int] = set()
    wrong: list[int] = []

    def look(frame: object) -> None:
        assert window.session.frame is not None
        place = window.session.frame.source.frame_index
        seen.add(place)
        if not np.array_equal(window.session.frame.stored, rgb[place]):
            wrong.append(place)

    window.session.frame_changed.connect(look)
    press(window, Qt.Key.Key_C)
    assert window.stack_bar.playing
    qtbot.waitUntil(lambda: len(seen) == 8, timeout=WAIT_MS)
    if key is not None:
        press(window, key)
    else:
        turn_wheel(window, 1)
    qtbot.waitUntil(lambda: not window.stack_bar.playing, timeout=WAIT_MS)
    assert not wrong
    at_rest(window, qtbot)


def test_a_stack_is_turned_round_and_says_so(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    write_ct_series(tmp_path / "ct", 12)
    window = open_window(analyze_automatically=False)
    window.open_paths([tmp_path / "ct"])
    at_rest(window, qtbot)
    window.comparison.setFocus()
    window.session.show_frame(0)
    at_rest(window, qtbot)
    press(window, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert window.stack_bar.place_text == "12 / 12", "the shown slice stays, and is the last one now"
    captions = window.comparison._wish.caption
    assert "Order: backwards" in captions
    assert window._actions["order_backwards"].isChecked()
    press(window, Qt.Key.Key_Up)
    at_rest(window, qtbot)
    frame = window.session.frame
    assert frame is not None
    assert int(frame.stored[-1, -1]) - 100 == 1, "what was the second slice stands before what was the first"
    assert "Order: backwards" in window.comparison._wish.caption
    planes = window.show_planes()
    assert planes is not None
    qtbot.waitUntil(lambda: planes.volume is not None, timeout=WAIT_MS)
    assert not planes.series.arrangement.backwards, "a volume is made in the order of the places"
    planes.close()
    window._actions["order_backwards"].trigger()
    assert window.stack_bar.place_text == "2 / 12"
    assert not any("Order" in line for line in window.comparison._wish.caption)
