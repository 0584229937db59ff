"""Every command of the window: menus, toolbar, context menu and shortcut sheet come from this table.

File, Edit and Help stand here; the other menus have modules of their own, for their rows and what these do.
"""

from __future__ import annotations

from viewer.action import Action, has_frame
from viewer.analysis_actions import ANALYSIS_ACTIONS
from viewer.image_actions import IMAGE_ACTIONS
from viewer.kept_decisions import ask_log_file, ask_to_forget
from viewer.layout_actions import LAYOUT_ACTIONS
from viewer.tool_actions import TOOL_ACTIONS
from viewer.twin_actions import TWIN_ACTIONS
from viewer.view_actions import VIEW_ACTIONS

__all__ = ["ACTIONS", "MENUS", "Action", "shortcut_rows"]

MENUS = ("File", "Edit", "View", "Layout", "Image", "Tools", "Twin", "Analysis", "Help")

ACTIONS: tuple[Action, ...] = (
    # File
    Action(
        "open_folder",
        "File",
        "Open folder…",
        lambda w: w.ask_folder(),
        ("Ctrl+O",),
        icon="open-folder",
        in_toolbar=True,
    ),
    Action("open_files", "File", "Open files…", lambda w: w.ask_files(), ("Ctrl+Shift+O",), icon="open-file"),
    Action("open_demo", "File", "Open demo study", lambda w: w.open_demo(), icon="demo"),
    Action("forget_studies", "File", "Forget all studies", lambda w: w.session.forget_studies()),
    Action("forget_decisions", "File", "Forget all decisions…", lambda w: ask_to_forget(w.session, w)),
    Action("close_all", "File", "Close all studies", lambda w: w.session.close_all(), ("Ctrl+W",)),
    Action(
        "report",
        "File",
        "Report…",
        lambda w: w.show_report(),
        ("Ctrl+R",),
        has_frame,
        icon="report",
        in_toolbar=True,
    ),
    Action("reading_log", "File", "Export reading log…", lambda w: ask_log_file(w.session, w)),
    Action(
        "export_panel",
        "File",
        "Export panel as PNG…",
        lambda w: w.ask_export(),
        ("Ctrl+E",),
        has_frame,
        icon="export",
        in_context_menu=True,
    ),
    Action("settings", "File", "Settings…", lambda w: w.show_settings(), ("Ctrl+,",), icon="settings"),
    Action("quit", "File", "Quit", lambda w: w.close(), ("Ctrl+Q",)),
    # Edit
    Action(
        "undo", "Edit", "Undo", lambda w: w.session.undo(), ("Ctrl+Z",), lambda s: s.can_undo, icon="undo"
    ),
    Action(
        "redo",
        "Edit",
        "Redo",
        lambda w: w.session.redo(),
        ("Ctrl+Y", "Ctrl+Shift+Z"),
        lambda s: s.can_redo,
        icon="redo",
    ),
    Action("search", "Edit", "Search studies", lambda w: w.focus_search(), ("Ctrl+F",), icon="search"),
    Action(
        "impression",
        "Edit",
        "Write impression",
        lambda w: w.focus_impression(),
        ("Ctrl+T",),
        has_frame,
        icon="note",
    ),
    *VIEW_ACTIONS,
    *LAYOUT_ACTIONS,
    *IMAGE_ACTIONS,
    *TOOL_ACTIONS,
    *TWIN_ACTIONS,
    *ANALYSIS_ACTIONS,
    # Help
    Action("shortcuts", "Help", "Keys", lambda w: w.show_shortcuts(), ("F1",), icon="help"),
    Action("first_steps", "Help", "First steps…", lambda w: w.show_first_steps(), icon="demo"),
    Action("log", "Help", "Log…", lambda w: w.show_log(), ("Ctrl+L",), icon="text"),
    Action("computer", "Help", "This computer…", lambda w: w.show_about().show_computer(), icon="settings"),
    Action("about", "Help", "About HealthyTwin", lambda w: w.show_about(), icon="info"),
)


def shortcut_rows() -> tuple[tuple[str, str, str], ...]:
    """(menu, command, keys) of every command that has keys of its own: for the README."""
    return tuple(
        (action.menu, action.text.removesuffix("…"), " or ".join(action.shortcuts))
        for action in ACTIONS
        if action.shortcuts
    )
