"""Commands of the View menu: from where, what of the panels, and what lies over the film."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.imaging.volume import why_no_volume
from core.session import Session
from viewer.action import Action, has_frame
from viewer.language import marked
from viewer.next_screen import to_next_screen
from viewer.wish import Panel

if TYPE_CHECKING:
    from viewer.main_window import MainWindow


def _has_overlays(session: Session) -> bool:
    shown = session.presented
    return shown is not None and bool(shown.frame.overlays or shown.graphics)


def _has_shutter(session: Session) -> bool:
    return session.presented is not None and session.presented.frame.shutter is not None


def _has_states(session: Session) -> bool:
    return any(not state.refusal for state in session.states.about(session.frame))


def _why_no_planes(session: Session) -> str:
    if session.selection is None:
        return marked("No series is open.")
    return why_no_volume(session.selection.series.modality, session.selection.count)


def _has_planes(session: Session) -> bool:
    return not _why_no_planes(session)


def _go_to_next_screen(window: MainWindow) -> None:
    words = to_next_screen(window)
    if words:
        window.messages.notice(words)


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


VIEW_ACTIONS: tuple[Action, ...] = (
    Action(
        "reset_view",
        "View",
        "Reset view",
        lambda w: w.desk.reset(),
        ("Esc",),
        of_active=has_frame,
        icon="reset",
        in_toolbar=True,
        in_context_menu=True,
        in_panels=True,
    ),
    Action(
        "fit", "View", "Fit the panels", lambda w: w.desk.fit(), ("Ctrl+0",), of_active=has_frame, icon="fit"
    ),
    Action(
        "one_to_one",
        "View",
        "One to one",
        lambda w: w.desk.one_to_one(),
        ("=",),
        of_active=has_frame,
        icon="one-to-one",
    ),
    Action(
        "real_size",
        "View",
        "Real size",
        lambda w: w.desk.real_size(),
        ("Alt+Z",),
        of_active=has_frame,
        icon="real-size",
        in_context_menu=True,
    ),
    Action(
        "zoom_in",
        "View",
        "Zoom in",
        lambda w: w.desk.zoom_by(1.25),
        ("Ctrl++", "+"),
        of_active=has_frame,
        icon="zoom-in",
    ),
    Action(
        "zoom_out",
        "View",
        "Zoom out",
        lambda w: w.desk.zoom_by(0.8),
        ("Ctrl+-", "-"),
        of_active=has_frame,
        icon="zoom-out",
    ),
    Action(
        "turn_right",
        "View",
        "Turn right",
        lambda w: w.desk.turn(1),
        ("R",),
        of_active=has_frame,
        icon="rotate-right",
    ),
    Action(
        "turn_left",
        "View",
        "Turn left",
        lambda w: w.desk.turn(-1),
        ("L",),
        of_active=has_frame,
        icon="rotate-left",
    ),
    Action(
        "mirror",
        "View",
        "Mirror left and right",
        lambda w: w.desk.mirror(left_right=True),
        ("H",),
        of_active=has_frame,
        icon="flip-horizontal",
    ),
    Action(
        "mirror_vertical",
        "View",
        "Mirror top and bottom",
        lambda w: w.desk.mirror(left_right=False),
        ("V",),
        of_active=has_frame,
        icon="flip-vertical",
    ),
    Action(
        "all_panels",
        "View",
        "All three panels",
        lambda w: w.desk.choose_panels(None),
        ("Alt+0",),
        icon="layout-three",
    ),
    Action(
        "only_original",
        "View",
        "Only the original",
        lambda w: w.desk.choose_panels(Panel.ORIGINAL),
        ("Alt+1",),
    ),
    Action(
        "only_twin",
        "View",
        "Only the healthy twin",
        lambda w: w.desk.choose_panels(Panel.TWIN),
        ("Alt+2",),
    ),
    Action(
        "only_difference",
        "View",
        "Only the difference",
        lambda w: w.desk.choose_panels(Panel.DIFFERENCE),
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
    Action("next_screen", "View", "To the next screen", _go_to_next_screen, ("Shift+F11",)),
    Action(
        "full_screen",
        "View",
        "Full screen",
        lambda w: w.toggle_full_screen(),
        ("F11",),
        icon="full-screen",
        checked=lambda w: w.isFullScreen(),
    ),
)
