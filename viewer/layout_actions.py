"""Commands of the Layout menu: how the desk is divided, what stands beside, and what moves together."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.linking import LinkKind, Relation
from core.session import Session
from viewer.action import Action, has_frame

if TYPE_CHECKING:
    from viewer.main_window import MainWindow


def _grid(rows: int, columns: int, window: MainWindow) -> None:
    window.desk.choose_grid(rows, columns)


def _is_grid(rows: int, columns: int, window: MainWindow) -> bool:
    shown = window.desk.layout_shown
    return (shown.rows, shown.columns) == (rows, columns)


def _layout(name: str, text: str, rows: int, columns: int, keys: tuple[str, ...], icon: str = "") -> Action:
    return Action(
        f"layout_{name}",
        "Layout",
        text,
        partial(_grid, rows, columns),
        keys,
        has_frame,
        checked=partial(_is_grid, rows, columns),
        icon=icon,
    )


def _toggle_kind(kind: LinkKind, window: MainWindow) -> None:
    window.desk.toggle_kind(kind)


def _is_shared(kind: LinkKind, window: MainWindow) -> bool:
    return kind in window.desk.linker.kinds


def _link(kind: LinkKind, text: str) -> Action:
    return Action(
        f"link_{kind.value}",
        "Layout",
        text,
        partial(_toggle_kind, kind),
        checked=partial(_is_shared, kind),
    )


def _is_linked(window: MainWindow) -> bool:
    return window.desk.linker.relation_of(window.desk.active) is not Relation.NONE


def _toggle_lines(window: MainWindow) -> None:
    settings = window.session.settings
    window.session.change_settings(replace(settings, reference_lines=not settings.reference_lines))


def _has_layouts(session: Session) -> bool:
    return bool(session.settings.layouts)


LAYOUT_ACTIONS: tuple[Action, ...] = (
    _layout("one", "One viewport", 1, 1, ("Alt+4",), "layout-one"),
    _layout("beside", "Two beside each other", 1, 2, ("Alt+5",), "layout-two"),
    _layout("above", "Two above each other", 2, 1, ("Alt+6",)),
    _layout("four", "Four", 2, 2, ("Alt+7",), "layout-four"),
    _layout("three", "Three beside each other", 1, 3, ()),
    _layout("six", "Six", 2, 3, ()),
    Action(
        "prior",
        "Layout",
        "Prior beside, then the next older one",
        lambda w: w.desk.show_prior(),
        ("Alt+P",),
        has_frame,
    ),
    Action(
        "maximise",
        "Layout",
        "Active viewport alone, or all again",
        lambda w: w.desk.toggle_maximised(w.desk.active),
        ("Alt+Return",),
        has_frame,
    ),
    Action(
        "own_window",
        "Layout",
        "Panel or viewport in a window of its own, or back",
        lambda w: w.desk.toggle_own_window(),
        ("Ctrl+F11",),
        has_frame,
    ),
    Action("next_viewport", "Layout", "Next viewport", lambda w: w.desk.activate_next(), ("F6",), has_frame),
    Action(
        "previous_viewport",
        "Layout",
        "Previous viewport",
        lambda w: w.desk.activate_next(-1),
        ("Shift+F6",),
        has_frame,
    ),
    Action(
        "close_viewport",
        "Layout",
        "Take the series off the active viewport",
        lambda w: w.desk.close_side(w.desk.active),
        ("Ctrl+Shift+W",),
        has_frame,
    ),
    Action(
        "link_viewport",
        "Layout",
        "Link or unlink the active viewport",
        lambda w: w.desk.toggle_link(),
        ("Alt+L",),
        has_frame,
        checked=_is_linked,
        icon="link",
    ),
    _link(LinkKind.SCROLL, "Link scrolling"),
    _link(LinkKind.PAN, "Link panning"),
    _link(LinkKind.ZOOM, "Link zoom"),
    _link(LinkKind.WINDOW, "Link windows"),
    Action(
        "reference_lines",
        "Layout",
        "Reference lines",
        _toggle_lines,
        checked=lambda w: w.session.settings.reference_lines,
    ),
    Action(
        "forget_layouts",
        "Layout",
        "Hang by protocol again",
        lambda w: w.desk.hanger.forget_choices(),
        enabled=_has_layouts,
    ),
)
