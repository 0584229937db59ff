"""The real window with models at hand, as a reader meets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from core import settings as settings_file
from core.settings import Settings
from viewer.app import build_window, make_application
from viewer.main_window import MainWindow

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[OpenWindow]:
    """Open the window over given settings; closed and destroyed at the end."""
    make_application()
    opened: list[MainWindow] = []

    def open_one(**preferences: object) -> MainWindow:
        path = tmp_path / f"settings-{len(opened)}.json"
        wished = {"show_welcome": False, "model": "both"} | preferences
        settings_file.save(Settings(**wished), path)  # type: ignore[arg-type]  # fields by name
        window = build_window(path)
        opened.append(window)
        window.resize(1280, 800)
        window.show()
        qtbot.waitExposed(window)
        window.activateWindow()
        return window

    yield open_one
    for window in opened:
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
