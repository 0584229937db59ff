"""The View menu looks from elsewhere, and hides and shows what lies over the film."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction

from core.session import Session
from viewer.main_window import MainWindow
from viewer.view_actions import VIEW_ACTIONS
from viewer.wish import Panel


def test_each_stands_in_its_menu() -> None:
    assert {action.menu for action in VIEW_ACTIONS} == {"View"}


def test_turning_mirroring_and_panels_go_through_the_window(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    for name in ("turn_right", "mirror", "only_twin", "corner_texts"):
        window.findChild(QAction, name).trigger()
    assert window.comparison.viewpoint.quarter_turns == 3
    assert window.comparison.viewpoint.flipped
    assert window.comparison.alone is Panel.TWIN
    assert not session.settings.show_corner_texts
    window.findChild(QAction, "reset_view").trigger()
    assert window.comparison.viewpoint.quarter_turns == 0
    assert not window.comparison.viewpoint.flipped
