"""The Image menu goes through a stack and changes how it becomes grey."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from phantoms import write_ct_series
from PySide6.QtGui import QAction

from core.session import Session
from viewer.image_actions import IMAGE_ACTIONS
from viewer.main_window import MainWindow


def test_each_stands_in_its_menu() -> None:
    assert {action.menu for action in IMAGE_ACTIONS} == {"Image"}


def test_images_presets_and_inversion_go_through_the_window(
    window: MainWindow, session: Session, opened: Callable[..., Session], tmp_path: Path
) -> None:
    write_ct_series(tmp_path, slices=4)
    opened(tmp_path)
    first = session.frame
    for name in ("next_image", "invert", "preset_2"):
        window.findChild(QAction, name).trigger()
    opened()
    assert session.frame is not first
    assert session.invert
    assert session.grey == session.presets[1].grey
    window.findChild(QAction, "reset_window").trigger()
    assert not session.invert
    window.findChild(QAction, "auto_window").trigger()
    assert "Auto" in session.grey.explanation
