"""Commands of the Image menu: through a stack, how fast it plays, and how it becomes grey."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.imaging.display import automatic_window
from core.session import Session
from viewer.action import Action, has_frame, has_grey, has_stack

if TYPE_CHECKING:
    from viewer.main_window import MainWindow


def _show_preset(number: int, window: MainWindow) -> None:
    window.session.set_grey(window.session.presets[number].grey)


def _show_automatic(window: MainWindow) -> None:
    presented = window.session.presented
    if presented is not None:
        window.session.set_grey(automatic_window(presented.frame))


def _has_preset(number: int, session: Session) -> bool:
    return number < len(session.presets)


IMAGE_ACTIONS: tuple[Action, ...] = (
    Action(
        "next_image",
        "Image",
        "Next image",
        lambda w: w.session.scroll(1),
        ("Down", "Right"),
        has_stack,
        in_panels=True,
    ),
    Action(
        "previous_image",
        "Image",
        "Previous image",
        lambda w: w.session.scroll(-1),
        ("Up", "Left"),
        has_stack,
        in_panels=True,
    ),
    Action(
        "ten_on",
        "Image",
        "Ten images on",
        lambda w: w.session.scroll(10),
        ("Shift+Down",),
        has_stack,
        in_panels=True,
    ),
    Action(
        "ten_back",
        "Image",
        "Ten images back",
        lambda w: w.session.scroll(-10),
        ("Shift+Up",),
        has_stack,
        in_panels=True,
    ),
    Action(
        "first_image",
        "Image",
        "First image",
        lambda w: w.session.show_frame(0),
        ("Home",),
        has_stack,
        in_panels=True,
    ),
    Action(
        "last_image",
        "Image",
        "Last image",
        lambda w: w.session.show_frame(10**9),
        ("End",),
        has_stack,
        in_panels=True,
    ),
    Action(
        "play",
        "Image",
        "Play or pause",
        lambda w: w.stack_bar.toggle(),
        ("C",),
        has_stack,
        checked=lambda w: w.stack_bar.playing,
        icon="play",
    ),
    Action("slower", "Image", "Play slower", lambda w: w.stack_bar.change_speed(-1), (",",), has_stack),
    Action("faster", "Image", "Play faster", lambda w: w.stack_bar.change_speed(1), (".",), has_stack),
    Action("next_series", "Image", "Next series", lambda w: w.session.step_series(1), ("PgDown",), has_frame),
    Action(
        "previous_series",
        "Image",
        "Previous series",
        lambda w: w.session.step_series(-1),
        ("PgUp",),
        has_frame,
    ),
    Action(
        "invert",
        "Image",
        "Invert",
        lambda w: w.session.set_invert(not w.session.invert),
        ("I",),
        has_frame,
        checked=lambda w: w.session.invert,
        icon="invert",
        in_context_menu=True,
    ),
    Action(
        "auto_window", "Image", "Automatic window", _show_automatic, ("0",), has_grey, in_context_menu=True
    ),
    Action(
        "reset_window",
        "Image",
        "Window of the file",
        lambda w: w.session.reset_grey(),
        ("Alt+W",),
        has_grey,
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
)
