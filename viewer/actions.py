"""Every command of the window: menus, toolbar, context menu and shortcut sheet come from this table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from core.imaging.measurements import Drawings
from core.imaging.volume import why_no_volume
from core.inference.analysis import ModelChoice
from core.reading import RunPhase
from core.session import Session
from viewer.display_panel import THRESHOLD_MAX, THRESHOLD_STEP
from viewer.image_view import Tool
from viewer.wish import Panel

if TYPE_CHECKING:
    from viewer.main_window import MainWindow

_THRESHOLD_KEY_STEP = 0.005
MENUS = ("File", "Edit", "View", "Image", "Tools", "Analysis", "Help")


def _always(session: Session) -> bool:
    return True


def _has_frame(session: Session) -> bool:
    return session.frame is not None


def _has_grey(session: Session) -> bool:
    return session.frame is not None and session.frame.is_grey


def _has_overlays(session: Session) -> bool:
    shown = session.presented
    return shown is not None and bool(shown.frame.overlays or shown.graphics)


def _has_shutter(session: Session) -> bool:
    return session.presented is not None and session.presented.frame.shutter is not None


def _has_states(session: Session) -> bool:
    return any(not state.refusal for state in session.states.about(session.frame))


def _has_result(session: Session) -> bool:
    return session.reading.shown is not None


def _has_findings(session: Session) -> bool:
    return bool(session.reading.findings)


def _has_selected_finding(session: Session) -> bool:
    return bool(session.selected_finding)


def _has_stack(session: Session) -> bool:
    return session.selection is not None and session.selection.count > 1


def _why_no_planes(session: Session) -> str:
    if session.selection is None:
        return "No series is open."
    return why_no_volume(session.selection.series.modality, session.selection.count)


def _has_planes(session: Session) -> bool:
    return not _why_no_planes(session)


def _is_busy(session: Session) -> bool:
    return session.status.phase in (RunPhase.QUEUED, RunPhase.RUNNING)


@dataclass(frozen=True, slots=True)
class Action:
    """A command: where it stands, what it is called, which keys, when it can be used, what it does.

    `shortcuts` in Qt's portable form. `in_panels`: the keys work while one of the three panels has the
    focus, and keep their usual meaning in lists and buttons elsewhere. `why_not` says why the command cannot
    be used now; "" if it can. `held`: `run` is called with True
    and False as the key goes down and up. `checked` says whether a switch is on.
    """

    id: str
    menu: str
    text: str
    run: Callable[[MainWindow], object]
    shortcuts: tuple[str, ...] = ()
    enabled: Callable[[Session], bool] = _always
    checked: Callable[[MainWindow], bool] | None = None
    why_not: Callable[[Session], str] | None = None
    icon: str = ""
    in_toolbar: bool = False
    in_context_menu: bool = False
    in_panels: bool = False
    held: bool = False


def _show_preset(number: int, window: MainWindow) -> None:
    window.session.set_grey(window.session.presets[number].grey)


def _has_preset(number: int, session: Session) -> bool:
    return number < len(session.presets)


def _step_threshold(steps: int, window: MainWindow) -> None:
    style = window.session.heatmap
    # Keys walk on a grid of their own, coarser than the slider's; an infinite threshold begins at its end.
    place = round(min(style.threshold, THRESHOLD_MAX) / _THRESHOLD_KEY_STEP) + steps
    window.session.set_threshold(min(max(place * _THRESHOLD_KEY_STEP, THRESHOLD_STEP), THRESHOLD_MAX))


def _step_opacity(step: float, window: MainWindow) -> None:
    style = window.session.heatmap
    window.session.set_heatmap(replace(style, opacity=min(max(style.opacity + step, 0.05), 1.0)))


def _toggle_heatmap(window: MainWindow) -> None:
    style = window.session.heatmap
    window.session.set_heatmap(replace(style, visible=not style.visible))


def _toggle_contour(window: MainWindow) -> None:
    style = window.session.heatmap
    window.session.set_heatmap(replace(style, contour=not style.contour))


def _toggle_texts(window: MainWindow) -> None:
    settings = window.session.settings
    window.session.change_settings(replace(settings, show_corner_texts=not settings.show_corner_texts))


def _toggle_overlays(window: MainWindow) -> None:
    layers = window.session.layers
    window.session.set_layers(replace(layers, overlays=not layers.overlays))


def _toggle_shutter(window: MainWindow) -> None:
    layers = window.session.layers
    window.session.set_layers(replace(layers, shutter=not layers.shutter))


def _next_state(window: MainWindow) -> None:
    session = window.session
    ways = [None, *(one for one in session.states.about(session.frame) if not one.refusal)]
    here = None if session.presented is None else session.presented.state
    session.show_by(ways[(ways.index(here) + 1) % len(ways)])


def _choose(choice: ModelChoice, window: MainWindow) -> None:
    window.session.choose_model(choice)


def _chosen(choice: ModelChoice, window: MainWindow) -> bool:
    return window.session.choice == choice


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


def _model(choice: ModelChoice, text: str) -> Action:
    return Action(
        f"model_{choice.value}", "Analysis", text, partial(_choose, choice), checked=partial(_chosen, choice)
    )


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
    Action("close_all", "File", "Close all studies", lambda w: w.session.close_all(), ("Ctrl+W",)),
    Action(
        "report",
        "File",
        "Report…",
        lambda w: w.show_report(),
        ("Ctrl+R",),
        _has_frame,
        icon="report",
        in_toolbar=True,
    ),
    Action(
        "export_panel",
        "File",
        "Export panel as PNG…",
        lambda w: w.ask_export(),
        ("Ctrl+E",),
        _has_frame,
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
        _has_frame,
        icon="note",
    ),
    # View
    Action(
        "reset_view",
        "View",
        "Reset view",
        lambda w: w.comparison.reset(),
        ("Esc",),
        _has_frame,
        icon="fit",
        in_toolbar=True,
        in_context_menu=True,
        in_panels=True,
    ),
    Action(
        "one_to_one",
        "View",
        "One to one",
        lambda w: w.comparison.one_to_one(),
        ("=",),
        _has_frame,
        icon="one-to-one",
    ),
    Action(
        "zoom_in",
        "View",
        "Zoom in",
        lambda w: w.comparison.zoom_by(1.25),
        ("Ctrl++", "+"),
        _has_frame,
        icon="zoom-in",
    ),
    Action(
        "zoom_out",
        "View",
        "Zoom out",
        lambda w: w.comparison.zoom_by(0.8),
        ("Ctrl+-", "-"),
        _has_frame,
        icon="zoom-out",
    ),
    Action(
        "turn_right",
        "View",
        "Turn right",
        lambda w: w.comparison.turn(1),
        ("R",),
        _has_frame,
        icon="rotate-right",
    ),
    Action(
        "turn_left",
        "View",
        "Turn left",
        lambda w: w.comparison.turn(-1),
        ("L",),
        _has_frame,
        icon="rotate-left",
    ),
    Action(
        "mirror",
        "View",
        "Mirror left and right",
        lambda w: w.comparison.mirror(left_right=True),
        ("H",),
        _has_frame,
        icon="flip-horizontal",
    ),
    Action(
        "mirror_vertical",
        "View",
        "Mirror top and bottom",
        lambda w: w.comparison.mirror(left_right=False),
        ("V",),
        _has_frame,
        icon="flip-vertical",
    ),
    Action(
        "all_panels",
        "View",
        "All three panels",
        lambda w: w.comparison.set_layout(None),
        ("Alt+0",),
        icon="layout-three",
    ),
    Action(
        "only_original",
        "View",
        "Only the original",
        lambda w: w.comparison.set_layout(Panel.ORIGINAL),
        ("Alt+1",),
    ),
    Action(
        "only_twin",
        "View",
        "Only the healthy twin",
        lambda w: w.comparison.set_layout(Panel.TWIN),
        ("Alt+2",),
    ),
    Action(
        "only_difference",
        "View",
        "Only the difference",
        lambda w: w.comparison.set_layout(Panel.DIFFERENCE),
        ("Alt+3",),
    ),
    Action(
        "planes",
        "View",
        "Three planes…",
        lambda w: w.show_planes(),
        ("M",),
        _has_planes,
        why_not=_why_no_planes,
        icon="planes",
        in_toolbar=True,
    ),
    Action(
        "flicker",
        "View",
        "Original ↔ twin while held",
        lambda w: None,
        ("F",),
        _has_result,
        icon="flicker",
        held=True,
    ),
    Action(
        "overlays",
        "View",
        "Overlays and graphics",
        _toggle_overlays,
        ("Shift+G",),
        _has_overlays,
        checked=lambda w: w.session.layers.overlays,
        in_context_menu=True,
    ),
    Action(
        "shutter",
        "View",
        "Shutter",
        _toggle_shutter,
        ("Shift+O",),
        _has_shutter,
        checked=lambda w: w.session.layers.shutter,
    ),
    Action(
        "presentation",
        "View",
        "Next presentation state, or as the file says",
        _next_state,
        ("Shift+I",),
        _has_states,
    ),
    Action(
        "corner_texts",
        "View",
        "Texts in the corners",
        _toggle_texts,
        ("Space",),
        icon="corner-texts",
        in_panels=True,
        checked=lambda w: w.session.settings.show_corner_texts,
    ),
    Action(
        "side_panels", "View", "Fold side panels", lambda w: w.fold_side_panels(), ("F9",), icon="sidebar"
    ),
    Action(
        "full_screen",
        "View",
        "Full screen",
        lambda w: w.toggle_full_screen(),
        ("F11",),
        icon="full-screen",
        checked=lambda w: w.isFullScreen(),
    ),
    # Image
    Action(
        "next_image",
        "Image",
        "Next image",
        lambda w: w.session.scroll(1),
        ("Down", "Right"),
        _has_stack,
        in_panels=True,
    ),
    Action(
        "previous_image",
        "Image",
        "Previous image",
        lambda w: w.session.scroll(-1),
        ("Up", "Left"),
        _has_stack,
        in_panels=True,
    ),
    Action(
        "ten_on",
        "Image",
        "Ten images on",
        lambda w: w.session.scroll(10),
        ("Shift+Down",),
        _has_stack,
        in_panels=True,
    ),
    Action(
        "ten_back",
        "Image",
        "Ten images back",
        lambda w: w.session.scroll(-10),
        ("Shift+Up",),
        _has_stack,
        in_panels=True,
    ),
    Action(
        "first_image",
        "Image",
        "First image",
        lambda w: w.session.show_frame(0),
        ("Home",),
        _has_stack,
        in_panels=True,
    ),
    Action(
        "last_image",
        "Image",
        "Last image",
        lambda w: w.session.show_frame(10**9),
        ("End",),
        _has_stack,
        in_panels=True,
    ),
    Action(
        "play",
        "Image",
        "Play or pause",
        lambda w: w.stack_bar.toggle(),
        ("C",),
        _has_stack,
        checked=lambda w: w.stack_bar.playing,
        icon="play",
    ),
    Action("slower", "Image", "Play slower", lambda w: w.stack_bar.change_speed(-1), (",",), _has_stack),
    Action("faster", "Image", "Play faster", lambda w: w.stack_bar.change_speed(1), (".",), _has_stack),
    Action(
        "next_series", "Image", "Next series", lambda w: w.session.step_series(1), ("PgDown",), _has_frame
    ),
    Action(
        "previous_series",
        "Image",
        "Previous series",
        lambda w: w.session.step_series(-1),
        ("PgUp",),
        _has_frame,
    ),
    Action(
        "invert",
        "Image",
        "Invert",
        lambda w: w.session.set_invert(not w.session.invert),
        ("I",),
        _has_frame,
        checked=lambda w: w.session.invert,
        icon="invert",
        in_context_menu=True,
    ),
    Action(
        "reset_window",
        "Image",
        "Window of the file",
        lambda w: w.session.reset_grey(),
        ("0",),
        _has_grey,
        icon="reset",
        in_context_menu=True,
    ),
    *(
        Action(
            f"preset_{number + 1}",
            "Image",
            f"Preset {number + 1}",
            partial(_show_preset, number),
            (str(number + 1),),
            partial(_has_preset, number),
        )
        for number in range(9)
    ),
    # Tools
    _tool(Tool.WINDOW, "Window", "W", "window-level"),
    _tool(Tool.PAN, "Pan", "P", "pan"),
    _tool(Tool.ZOOM, "Zoom", "Z", "zoom"),
    _tool(Tool.SCROLL, "Scroll", "S", "scroll"),
    _tool(Tool.MEASURE, "Length", "D", "measure"),
    _tool(Tool.ARROW, "Arrow", "Shift+D", "arrow"),
    Action(
        "remove_drawings",
        "Tools",
        "Remove lengths and arrows",
        lambda w: w.session.amend(w.session.review.without_drawings()),
        enabled=lambda s: s.review.drawings != Drawings(),
    ),
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
    # Analysis
    Action(
        "analyze",
        "Analysis",
        "Analyze",
        lambda w: w.session.analyze(),
        ("Ctrl+Return",),
        lambda s: _has_frame(s) and not _is_busy(s),
        icon="analyze",
    ),
    Action(
        "stop",
        "Analysis",
        "Stop the analysis",
        lambda w: w.session.stop_analysis(),
        enabled=_is_busy,
        icon="cancel",
    ),
    _model(ModelChoice.HEALTHYGAN, "Ask HealthyGAN"),
    _model(ModelChoice.SR_ANOGAN, "Ask SR-AnoGAN"),
    _model(ModelChoice.BOTH, "Ask both: agreement"),
    Action(
        "heatmap",
        "Analysis",
        "Heatmap",
        _toggle_heatmap,
        ("G",),
        _has_result,
        icon="heatmap",
        in_toolbar=True,
        in_context_menu=True,
        checked=lambda w: w.session.heatmap.visible,
    ),
    Action(
        "contour",
        "Analysis",
        "Outline only",
        _toggle_contour,
        ("O",),
        _has_result,
        icon="contour",
        in_toolbar=True,
        checked=lambda w: w.session.heatmap.contour,
    ),
    Action(
        "threshold_down", "Analysis", "Lower threshold", partial(_step_threshold, -1), ("[",), _has_result
    ),
    Action("threshold_up", "Analysis", "Higher threshold", partial(_step_threshold, 1), ("]",), _has_result),
    Action(
        "threshold_reset",
        "Analysis",
        "Calibrated threshold",
        lambda w: w.session.set_threshold(None),
        ("Backspace",),
        _has_result,
        icon="threshold",
    ),
    Action("opacity_down", "Analysis", "Less opaque", partial(_step_opacity, -0.1), ("Q",), _has_result),
    Action("opacity_up", "Analysis", "More opaque", partial(_step_opacity, 0.1), ("E",), _has_result),
    Action(
        "next_finding",
        "Analysis",
        "Next finding",
        lambda w: w.session.step_finding(1),
        ("N",),
        _has_findings,
        icon="next",
    ),
    Action(
        "previous_finding",
        "Analysis",
        "Previous finding",
        lambda w: w.session.step_finding(-1),
        ("Shift+N",),
        _has_findings,
        icon="previous",
    ),
    Action(
        "accept",
        "Analysis",
        "Accept finding",
        lambda w: w.accept_finding(),
        ("A",),
        _has_selected_finding,
        icon="accept",
        in_context_menu=True,
    ),
    Action(
        "dismiss",
        "Analysis",
        "Dismiss finding",
        lambda w: w.dismiss_finding(),
        ("X",),
        _has_selected_finding,
        icon="dismiss",
        in_context_menu=True,
    ),
    # Help
    Action("shortcuts", "Help", "Keys", lambda w: w.show_shortcuts(), ("F1",), icon="help"),
    Action("about", "Help", "About HealthyTwin", lambda w: w.show_about(), icon="info"),
)


def shortcut_rows() -> tuple[tuple[str, str, str], ...]:
    """(menu, command, keys) of every command that has keys: for the sheet and the README."""
    return tuple(
        (action.menu, action.text.removesuffix("…"), " or ".join(action.shortcuts))
        for action in ACTIONS
        if action.shortcuts
    )
