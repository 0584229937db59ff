"""Every tool has a class that does its work."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.imaging.marks import MarkKind
from viewer.image_view import ImageView
from viewer.pointer import PointerTool, Tool
from viewer.toolbox import DRAWN, TOOLS


def test_every_tool_has_an_object_of_its_own(qtbot: QtBot):
    view = ImageView()
    qtbot.addWidget(view)
    assert set(TOOLS) == set(Tool)
    made = [view.tool_object(tool) for tool in Tool]
    assert all(isinstance(one, PointerTool) for one in made)
    assert len(set(made)) == len(Tool)
    assert all(view.tool_object(tool).draws for tool in DRAWN)


def test_every_kind_of_mark_has_its_tool():
    assert sorted(DRAWN.values()) == sorted(MarkKind)
