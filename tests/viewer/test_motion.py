"""Quick steps are a motion, one alone is none, and a motion ends by itself."""

from __future__ import annotations

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from viewer.motion import Motion


def test_one_step_is_no_motion_and_quick_ones_are_until_they_end(qtbot: QtBot) -> None:
    parent, ends = QObject(), []
    motion = Motion(parent, lambda: ends.append("rest"))
    assert not motion.step()
    assert motion.step()
    assert motion.step()
    assert not ends
    qtbot.waitUntil(lambda: ends == ["rest"])
    assert not motion.step()
    qtbot.waitUntil(lambda: ends == ["rest"] * 2)
