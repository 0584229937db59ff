"""Every tool has a class that does its work."""

from __future__ import annotations

from viewer.pointer import BUTTON_TOOLS, PointerTool, Tool
from viewer.toolbox import TOOLS


def test_every_tool_has_one_class():
    assert set(TOOLS) == set(Tool)
    assert all(issubclass(one, PointerTool) for one in TOOLS.values())


def test_the_tools_of_the_buttons_exist():
    assert set(BUTTON_TOOLS.values()) <= set(TOOLS)
