"""A reader compares a film with its twin: flicker, blinking, curtain, lens; by keys, in the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from journeys_words import press
from phantoms import write_chest_film
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot
from twin_cases import shot, view_of

from core.reading import RunPhase
from viewer.main_window import MainWindow
from viewer.theme import Colour
from viewer.wish import Panel

WAIT_MS = 60_000
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL_SHIFT = Qt.KeyboardModifier.ControlModifier | SHIFT
ALT = Qt.KeyboardModifier.AltModifier
OpenWindow = Callable[..., MainWindow]


def wait_for_the_twin(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    qtbot.waitUntil(
        lambda: (
            session.status.phase is RunPhase.DONE and session.twin is not None and not session.jobs.active
        ),
        timeout=WAIT_MS,
    )


def go_to_the_other_film(window: MainWindow) -> None:
    session = window.session
    assert session.index is not None
    shown = session.selection
    press(window, Qt.Key.Key_PageDown)
    if session.selection is shown:
        press(window, Qt.Key.Key_PageUp)
    assert session.selection is not shown


@pytest.fixture
def window(open_window: OpenWindow, small_models: Path, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """The window with two films of one folder open, the twin of the first drawn, its panels in focus."""
    study = tmp_path / "study"
    study.mkdir()
    for number in (1, 2):
        write_chest_film(
            study / f"film{number}.dcm", rows=480, columns=420, seed=number, patient_id=f"P{number}"
        )
    window = open_window(model_folder=str(small_models), model="healthygan")
    window.open_paths([study])
    wait_for_the_twin(window, qtbot)
    window.activateWindow()
    window.comparison.setFocus()
    return window


def title(window: MainWindow) -> tuple[str, str, bool]:
    content = view_of(window.comparison, Panel.ORIGINAL)._content
    return content.title, content.subtitle, content.border is Colour.TWIN


def test_f_held_shows_the_twin_and_shift_f_blinks(window: MainWindow, qtbot: QtBot) -> None:
    blink = window.comparison.twin_tools.blink
    QTest.keyPress(window, Qt.Key.Key_F)
    assert title(window) == ("HEALTHY TWIN", "synthetic", True)
    QTest.keyRelease(window, Qt.Key.Key_F)
    assert title(window)[0] == "ORIGINAL"

    press(window, Qt.Key.Key_F, SHIFT)
    assert blink.runs
    assert window.findChild(QAction, "blink").isChecked()
    for _ in range(8):
        press(window, Qt.Key.Key_Period, ALT)
    assert blink.rate_hz == 4.0, "never faster"
    assert window.session.settings.blink_hz == 4.0
    seen = set()
    for _ in range(3):
        with qtbot.waitSignal(window.comparison.twin_tools.swapped, timeout=3000):
            pass
        seen.add(title(window))
    assert seen == {("HEALTHY TWIN", "synthetic", True), ("ORIGINAL", "", False)}

    dialog = QDialog(window)
    with qtbot.waitSignal(blink.stopped, timeout=3000):
        dialog.open()
    dialog.close()
    window.activateWindow()
    assert title(window)[0] == "ORIGINAL"
    assert not window.findChild(QAction, "blink").isChecked()


def test_another_film_ends_the_blinking(window: MainWindow, qtbot: QtBot) -> None:
    press(window, Qt.Key.Key_F, SHIFT)
    assert window.comparison.twin_tools.blink.runs
    with qtbot.waitSignal(window.comparison.twin_tools.blink.stopped):
        go_to_the_other_film(window)
    wait_for_the_twin(window, qtbot)
    assert title(window)[0] == "ORIGINAL"


def test_the_curtain_by_keys_survives_the_next_film(window: MainWindow, qtbot: QtBot) -> None:
    tools, view = window.comparison.twin_tools, view_of(window.comparison, Panel.ORIGINAL)
    before = shot(view)
    press(window, Qt.Key.Key_S, SHIFT)
    assert tools.curtain is not None
    assert window.findChild(QAction, "curtain").isChecked()
    assert (shot(view) != before).any()
    view.setFocus()
    place = tools.curtain.place
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert tools.curtain.place > place
    QTest.keyClick(view, Qt.Key.Key_S, CONTROL_SHIFT)
    assert not tools.curtain.upright
    kept = tools.curtain
    go_to_the_other_film(window)
    assert view.veils == (), "of the film before nothing is left"
    wait_for_the_twin(window, qtbot)
    assert tools.curtain == kept
    assert len(view.veils) == 1
    press(window, Qt.Key.Key_S, SHIFT)
    assert view.veils == ()


def test_the_lens_in_one_panel_alone_keeps_its_size(window: MainWindow, qtbot: QtBot) -> None:
    tools = window.comparison.twin_tools
    press(window, Qt.Key.Key_1, ALT)
    press(window, Qt.Key.Key_L, SHIFT)
    press(window, Qt.Key.Key_E, SHIFT)
    assert tools.lens is not None
    assert tools.lens.radius_px > 110
    assert window.session.settings.lens_radius_px == tools.lens.radius_px
    view = view_of(window.comparison, Panel.ORIGINAL)
    qtbot.mouseMove(view, view.viewport.center())
    assert len(view.veils) == 1
    press(window, Qt.Key.Key_L, CONTROL_SHIFT)
    assert tools.lens.shows_difference
    assert window.findChild(QAction, "lens_difference").isChecked()
    assert not window.findChild(QAction, "lens").isChecked()
    press(window, Qt.Key.Key_L, CONTROL_SHIFT)
    assert tools.lens is None
