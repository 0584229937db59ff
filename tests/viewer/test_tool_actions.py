"""The Tools menu gives the left button another tool, and says which one it has."""

from __future__ import annotations

from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer.main_window import MainWindow
from viewer.pointer import Tool
from viewer.tool_actions import TOOL_ACTIONS


def test_each_stands_in_its_menu() -> None:
    assert {action.menu for action in TOOL_ACTIONS} == {"Tools"}


def test_one_tool_at_a_time_is_taken_and_ticked(session: Session, qtbot: QtBot) -> None:
    window = MainWindow(session)
    qtbot.addWidget(window)
    tools = {one.id: window.findChild(QAction, one.id) for one in TOOL_ACTIONS if one.id.startswith("tool_")}
    for name, action in tools.items():
        action.trigger()
        assert window.tool is Tool(name.removeprefix("tool_"))
        assert [one for one, other in tools.items() if other.isChecked()] == [name]
