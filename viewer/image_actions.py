"""Commands of the Image menu: through a stack, how fast it plays, and how it becomes grey."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.dicom.arrangement import SortBy
from core.imaging.display import automatic_window
from core.imaging.region_window import shown_window
from core.side_stack import Document
from viewer import series_order
from viewer.action import Action, has_frame, has_grey, has_stack

if TYPE_CHECKING:
    from core.dicom.index import Series
    from viewer.main_window import MainWindow


def _show_preset(number: int, window: MainWindow) -> None:
    window.desk.show_preset(number)


def _show_automatic(window: MainWindow) -> None:
    presented = window.desk.document.presented
    if presented is not None:
        window.desk.document.set_grey(automatic_window(presented.frame))


def _series(window: MainWindow) -> Series | None:
    """The series of the active viewport."""
    selection = window.desk.document.selection
    return None if selection is None else selection.series


def _sort(by: SortBy, window: MainWindow) -> None:
    series_order.sort(window.session, by, _series(window))


def _is_sorted(by: SortBy, window: MainWindow) -> bool:
    return series_order.arrangement_of(window.session, _series(window)).by is by


def _show_as_shown(window: MainWindow) -> None:
    active = window.desk.active
    presented, box = active.document.presented, active.comparison.box_in_sight
    grey = None if presented is None else shown_window(presented.frame, box)
    if grey is not None:
        active.document.set_grey(grey)


def _has_preset(number: int, session: Document) -> bool:
    return number < len(session.presets)


IMAGE_ACTIONS: tuple[Action, ...] = (
    Action(
        "next_image",
        "Image",
        "Next image",
        lambda w: w.desk.step_image(1),
        ("Down", "Right"),
        of_active=has_stack,
        in_panels=True,
    ),
    Action(
        "previous_image",
        "Image",
        "Previous image",
        lambda w: w.desk.step_image(-1),
        ("Up", "Left"),
        of_active=has_stack,
        in_panels=True,
    ),
    Action(
        "ten_on",
        "Image",
        "Ten images on",
        lambda w: w.desk.step_image(10),
        ("Shift+Down",),
        of_active=has_stack,
        in_panels=True,
    ),
    Action(
        "ten_back",
        "Image",
        "Ten images back",
        lambda w: w.desk.step_image(-10),
        ("Shift+Up",),
        of_active=has_stack,
        in_panels=True,
    ),
    Action(
        "first_image",
        "Image",
        "First image",
        lambda w: w.desk.show_frame(0),
        ("Home",),
        of_active=has_stack,
        in_panels=True,
    ),
    Action(
        "last_image",
        "Image",
        "Last image",
        lambda w: w.desk.show_frame(10**9),
        ("End",),
        of_active=has_stack,
        in_panels=True,
    ),
    Action(
        "play",
        "Image",
        "Play or pause",
        lambda w: w.stack_bar.toggle(),
        ("C",),
        of_active=has_stack,
        checked=lambda w: w.stack_bar.playing,
        icon="play",
    ),
    Action(
        "slower", "Image", "Play slower", lambda w: w.stack_bar.change_speed(-1), (",",), of_active=has_stack
    ),
    Action(
        "faster", "Image", "Play faster", lambda w: w.stack_bar.change_speed(1), (".",), of_active=has_stack
    ),
    Action(
        "next_series",
        "Image",
        "Next series",
        lambda w: w.desk.step_series(1),
        ("PgDown",),
        of_active=has_frame,
    ),
    Action(
        "previous_series",
        "Image",
        "Previous series",
        lambda w: w.desk.step_series(-1),
        ("PgUp",),
        of_active=has_frame,
    ),
    *(
        Action(
            f"order_{sort_by.name.lower()}",
            "Image",
            words,
            partial(_sort, sort_by),
            of_active=has_stack,
            checked=partial(_is_sorted, sort_by),
        )
        for sort_by, words in series_order.SORT_WORDS.items()
    ),
    Action(
        "order_backwards",
        "Image",
        series_order.BACKWARDS_WORDS,
        lambda w: series_order.turn_round(w.session, _series(w)),
        ("Ctrl+Shift+Home",),
        of_active=has_stack,
        checked=lambda w: series_order.arrangement_of(w.session, _series(w)).backwards,
    ),
    Action(
        "invert",
        "Image",
        "Invert",
        lambda w: w.desk.set_invert(not w.desk.document.invert),
        ("I",),
        of_active=has_frame,
        checked=lambda w: w.desk.document.invert,
        icon="invert",
    ),
    Action(
        "auto_window",
        "Image",
        "Automatic window",
        _show_automatic,
        ("0",),
        of_active=has_grey,
    ),
    Action(
        "auto_shown",
        "Image",
        "Automatic window as shown",
        _show_as_shown,
        ("Alt+A",),
        of_active=has_grey,
    ),
    Action(
        "reset_window",
        "Image",
        "Window of the file",
        lambda w: w.desk.reset_grey(),
        ("Alt+W",),
        of_active=has_grey,
        icon="reset",
    ),
    *(
        Action(
            f"preset_{number + 1}",
            "Image",
            f"Preset {number + 1}",
            partial(_show_preset, number),
            (str(number + 1),),
            of_active=partial(_has_preset, number),
        )
        for number in range(9)
    ),
)
