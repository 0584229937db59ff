"""The Analysis menu changes how the map is shown, in steps with ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QAction

from core.session import Session
from viewer.analysis_actions import ANALYSIS_ACTIONS
from viewer.main_window import MainWindow


def test_each_stands_in_its_menu() -> None:
    assert {action.menu for action in ANALYSIS_ACTIONS} == {"Analysis"}


def test_map_opacity_and_threshold_go_in_steps_to_their_ends(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)

    def press(name: str, times: int = 1) -> None:
        for _ in range(times):
            window.findChild(QAction, name).trigger()

    press("heatmap")
    press("contour")
    assert not session.heatmap.visible
    assert session.heatmap.contour
    press("opacity_up", 20)
    assert session.heatmap.opacity == pytest.approx(1.0)
    press("opacity_down", 30)
    assert session.heatmap.opacity == pytest.approx(0.05)
    press("threshold_down", 200)
    assert session.heatmap.threshold == pytest.approx(0.005)
    press("threshold_reset")
    assert session.heatmap.threshold != pytest.approx(0.005)
