"""Every tool has a class that does its work."""

from __future__ import annotations

from viewer.pointer import PointerTool, Tool
from viewer.toolbox import TOOLS


def test_every_tool_has_one_class():
    assert set(TOOLS) == set(Tool)
    assert all(issubclass(one, PointerTool) for one in TOOLS.values())
