"""A drop-down of tools shows and takes the one that was used last."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from viewer.tool_drop_down import ToolDropDown


def test_it_shows_the_tool_used_last_and_takes_it(qtbot: QtBot) -> None:
    actions = [QAction(name) for name in ("Length", "Angle", "Probe")]
    for action in actions:
        action.setCheckable(True)
    button = ToolDropDown("Measure", actions)
    qtbot.addWidget(button)
    assert button.defaultAction() is actions[0]
    assert button.menu().actions() == actions
    actions[1].setChecked(True)
    assert button.defaultAction() is actions[1]
    assert button.accessibleName() == "Measure: Angle"
    actions[1].setChecked(False)
    assert button.defaultAction() is actions[1]
    with qtbot.waitSignal(actions[1].triggered, timeout=1000):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center() / 2)
