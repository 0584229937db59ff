"""Commands of the Tools menu: what the left button does, and windows beside the main one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from viewer.action import Action
from viewer.mark_actions import MARK_ACTIONS
from viewer.pointer import Tool

if TYPE_CHECKING:
    from viewer.main_window import MainWindow


def _take_tool(tool: Tool, window: MainWindow) -> None:
    window.take_tool(tool)


def _has_tool(tool: Tool, window: MainWindow) -> bool:
    return window.tool is tool


def _tool(tool: Tool, text: str, key: str, icon: str) -> Action:
    return Action(
        f"tool_{tool.value}",
        "Tools",
        text,
        partial(_take_tool, tool),
        (key,),
        checked=partial(_has_tool, tool),
        icon=icon,
        in_toolbar=True,
    )


TOOL_ACTIONS: tuple[Action, ...] = (
    _tool(Tool.WINDOW, "Window", "W", "window-level"),
    _tool(Tool.PAN, "Pan", "P", "pan"),
    _tool(Tool.ZOOM, "Zoom", "Z", "zoom"),
    _tool(Tool.SCROLL, "Scroll", "S", "scroll"),
    _tool(Tool.REGION, "Window of a region", "Shift+W", "region"),
    _tool(Tool.MAGNIFIER, "Magnifier", "Shift+M", "magnifier"),
    *MARK_ACTIONS,
    Action(
        "import_doctor",
        "Tools",
        "Import doctor…",
        lambda w: w.show_import_doctor(),
        ("Ctrl+D",),
        lambda s: s.index is not None,
        icon="warning",
    ),
    Action(
        "attributes",
        "Tools",
        "Attributes of the file…",
        lambda w: w.show_attributes(),
        ("Ctrl+I",),
        lambda s: s.selection is not None,
        icon="text",
        in_context_menu=True,
    ),
    Action("models", "Tools", "Models…", lambda w: w.show_models(), icon="series"),
    Action(
        "compare_models",
        "Tools",
        "Compare two models…",
        lambda w: w.show_model_comparison(),
        icon="swipe",
    ),
    Action("train", "Tools", "Train a model…", lambda w: w.show_trainer(), ("Ctrl+Shift+T",), icon="trainer"),
)
