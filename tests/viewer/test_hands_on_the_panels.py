"""Every tool works alike in all three panels: the same hand does the same, wherever it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_ct_series
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer.image_view import ImageView
from viewer.main_window import MainWindow
from viewer.pointer import Tool
from viewer.wish import Panel

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def window(window: MainWindow, opened: Callable[..., Session], film: Path) -> MainWindow:
    """The shared window, wider, with a film."""
    window.resize(1400, 860)
    opened(film)
    return window


def panel_view(window: MainWindow, panel: Panel) -> ImageView:
    names = {Panel.ORIGINAL: "Original", Panel.TWIN: "Healthy twin", Panel.DIFFERENCE: "Difference"}
    return next(
        view for view in window.findChildren(ImageView) if view.accessibleName().startswith(names[panel])
    )


def drag(
    qtbot: QtBot, view: ImageView, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier = NONE
) -> None:
    start = view.viewport.center()
    qtbot.mousePress(view, button, modifiers, start)
    for step in (QPoint(10, 6), QPoint(40, 30)):
        qtbot.mouseMove(view, start + step)
    qtbot.mouseRelease(view, button, modifiers, start + QPoint(40, 30))


def turn_wheel(view: ImageView, degrees: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    place = QPointF(view.viewport.center())
    event = QWheelEvent(
        place, view.mapToGlobal(place), QPoint(), QPoint(0, degrees),
        Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def state(window: MainWindow) -> tuple[object, ...]:
    return (window.comparison.viewpoint, window.session.grey, window.session.invert)


HANDS: dict[str, Callable[[QtBot, ImageView], None]] = {
    "left": lambda qtbot, view: drag(qtbot, view, LEFT),
    "middle": lambda qtbot, view: drag(qtbot, view, MIDDLE),
    "right": lambda qtbot, view: drag(qtbot, view, RIGHT),
    "wheel": lambda qtbot, view: turn_wheel(view, 240),
    "ctrl wheel": lambda qtbot, view: turn_wheel(view, -120, CTRL),
    "ctrl left": lambda qtbot, view: drag(qtbot, view, LEFT, CTRL),
}
TOOLS = [Tool.WINDOW, Tool.PAN, Tool.ZOOM, Tool.REGION]


@pytest.mark.parametrize(
    ("hand", "tool"), [*((hand, Tool.WINDOW) for hand in HANDS), *(("left", tool) for tool in TOOLS)]
)
def test_the_same_hand_does_the_same_in_every_panel(
    window: MainWindow, qtbot: QtBot, hand: str, tool: Tool
) -> None:
    results = []
    for panel in Panel:
        window.comparison.reset()
        window.session.reset_grey()
        window.take_tool(tool)
        before = state(window)
        HANDS[hand](qtbot, panel_view(window, panel))
        assert state(window) != before, f"{hand} does nothing in {panel.name}"
        results.append(state(window))
    assert results[0] == results[1] == results[2]


@pytest.mark.parametrize("panel", Panel)
def test_the_magnifier_shows_each_panel_with_its_own_pixels(
    window: MainWindow, qtbot: QtBot, panel: Panel
) -> None:
    view = panel_view(window, panel)
    window.take_tool(Tool.MAGNIFIER)
    bare = view.grab().toImage()
    for place in (view.viewport.center() - QPoint(9, 9), view.viewport.center()):
        qtbot.mouseMove(view, place)
    assert view.grab().toImage() != bare
    others = [panel_view(window, other) for other in Panel if other is not panel]
    assert all(other.picture is not None for other in others)


@pytest.mark.parametrize("name", ["turn_right", "mirror", "mirror_vertical", "one_to_one", "zoom_in", "fit"])
def test_commands_about_the_view_reach_all_panels(window: MainWindow, name: str) -> None:
    window.comparison.zoom_by(3.0)
    before = [panel_view(window, panel).mapping.viewpoint for panel in Panel]
    window.run_command(name)
    after = [panel_view(window, panel).mapping.viewpoint for panel in Panel]
    assert after[0] == after[1] == after[2]
    assert after != before


def test_inverting_reaches_all_panels(window: MainWindow) -> None:
    before = [panel_view(window, panel).levels for panel in Panel]
    window.run_command("invert")
    for panel, levels in zip(Panel, before, strict=True):
        now = panel_view(window, panel).levels
        assert now is not None
        assert levels is not None
        assert np.array_equal(255 - now.astype(int), levels.astype(int)), panel.name


def test_the_wheel_goes_through_a_stack_from_every_panel(
    window: MainWindow, session: Session, qtbot: QtBot, opened: Callable[..., Session], tmp_path: Path
) -> None:
    write_ct_series(tmp_path / "ct", slices=5)
    opened(tmp_path / "ct")
    first = session.selection.position
    for turned, panel in enumerate(Panel, start=1):
        turn_wheel(panel_view(window, panel), -120)
        qtbot.waitUntil(lambda turned=turned: session.selection.position == first + turned)


def test_the_window_as_shown_is_that_of_what_is_in_sight(window: MainWindow) -> None:
    session = window.session
    window.run_command("auto_shown")
    whole = session.grey
    window.comparison.zoom_by(6.0)
    window.run_command("auto_shown")
    assert session.grey != whole
    top, left, bottom, right = window.comparison.box_in_sight
    seen = session.frame.stored[int(top) : int(bottom) + 1, int(left) : int(right) + 1]
    assert session.grey.center - session.grey.width / 2 >= seen.min()
    assert session.grey.center + session.grey.width / 2 <= seen.max()
