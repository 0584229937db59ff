"""Commands about marks: the tools that draw them, hide, delete, key image."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.imaging.marks import Drawings
from core.session import Session
from viewer.action import Action, has_frame
from viewer.language import marked
from viewer.pointer import Tool

if TYPE_CHECKING:
    from viewer.main_window import MainWindow

MEASURE, ANNOTATE = marked("Measure"), marked("Annotate")
"""Names of the drop-downs in the toolbar."""


def _take_tool(tool: Tool, window: MainWindow) -> None:
    window.take_tool(tool)


def _has_tool(tool: Tool, window: MainWindow) -> bool:
    return window.tool is tool


def _has_marks(session: Session) -> bool:
    return session.review.drawings != Drawings()


def _draws(tool: Tool, text: str, key: str, icon: str, group: str) -> Action:
    return Action(
        f"tool_{tool.value}",
        "Tools",
        text,
        partial(_take_tool, tool),
        (key,),
        checked=partial(_has_tool, tool),
        icon=icon,
        in_toolbar=True,
        toolbar_group=group,
    )


MARK_ACTIONS: tuple[Action, ...] = (
    _draws(Tool.MEASURE, "Length", "D", "measure", MEASURE),
    _draws(Tool.ANGLE, "Angle", "Shift+A", "angle", MEASURE),
    _draws(Tool.COBB, "Cobb angle", "Shift+C", "cobb", MEASURE),
    _draws(Tool.BIDIRECTIONAL, "Two diameters", "Shift+B", "bidirectional", MEASURE),
    _draws(Tool.HEART, "Cardiothoracic ratio", "Shift+T", "heart", MEASURE),
    _draws(Tool.RECTANGLE, "Rectangle", "U", "rectangle", MEASURE),
    _draws(Tool.ELLIPSE, "Ellipse", "Shift+V", "ellipse", MEASURE),
    _draws(Tool.FREEHAND, "Freehand region", "Y", "freehand", MEASURE),
    _draws(Tool.PROBE, "Probe", "Shift+P", "probe", MEASURE),
    _draws(Tool.ARROW, "Arrow", "Shift+D", "arrow", ANNOTATE),
    _draws(Tool.TEXT, "Text", "T", "text", ANNOTATE),
    Action(
        "key_image",
        "Tools",
        "Key image",
        lambda w: w.marking.toggle_key_image(),
        ("K",),
        has_frame,
        checked=lambda w: w.session.review.key_image,
        icon="star",
        in_toolbar=True,
        in_context_menu=True,
    ),
    Action(
        "show_marks",
        "Tools",
        "Show marks",
        lambda w: w.marking.set_visible(not w.marking.visible),
        ("Shift+X",),
        has_frame,
        checked=lambda w: w.marking.visible,
    ),
    Action(
        "delete_mark",
        "Tools",
        "Delete the selected mark",
        lambda w: w.marking.delete_selected(),
        ("Del",),
        _has_marks,
        in_panels=True,
    ),
    Action(
        "remove_drawings",
        "Tools",
        "Remove all marks",
        lambda w: w.session.amend(w.session.review.without_drawings()),
        enabled=_has_marks,
    ),
)
