"""The Twin menu switches what is seen in one panel, and its steps end at their bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction

from core.session import Session
from viewer.main_window import MainWindow
from viewer.twin_actions import TWIN_ACTIONS


def test_each_stands_in_its_menu() -> None:
    assert {action.menu for action in TWIN_ACTIONS} == {"Twin"}


def test_nothing_is_compared_without_a_result(session: Session) -> None:
    offered = {action.id for action in TWIN_ACTIONS if action.enabled(session)}
    assert offered.isdisjoint({"flicker", "blink", "curtain", "curtain_turn", "lens", "lens_difference"})


def test_switches_and_steps(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    tools = window.comparison.twin_tools

    def press(name: str, times: int = 1) -> QAction:
        action = window.findChild(QAction, name)
        for _ in range(times):
            action.trigger()
        return action

    assert press("curtain").isChecked()
    press("curtain_turn")
    assert tools.curtain is not None
    assert not tools.curtain.upright
    assert not press("curtain").isChecked()
    assert press("lens").isChecked()
    press("lens_larger", 40)
    assert session.settings.lens_radius_px == 400
    press("lens_smaller", 40)
    assert session.settings.lens_radius_px == 40
    assert press("lens_difference").isChecked()
    assert not window.findChild(QAction, "lens").isChecked()
    press("blink_slower", 10)
    assert tools.blink.rate_hz == session.settings.blink_hz == 1.0
    press("blink_faster", 10)
    assert tools.blink.rate_hz == session.settings.blink_hz == 4.0
