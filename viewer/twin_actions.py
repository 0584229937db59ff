"""Commands of the Twin menu: flicker, curtain and lens, which bring original and twin into one place."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.imaging.heatmap import Shows
from viewer.action import Action, has_result

if TYPE_CHECKING:
    from viewer.main_window import MainWindow


def _step_blink(steps: int, window: MainWindow) -> None:
    rate_hz = window.comparison.twin_tools.blink.stepped(steps)
    window.session.change_settings(replace(window.session.settings, blink_hz=rate_hz))


def _toggle_lens(difference: bool, window: MainWindow) -> None:
    window.comparison.twin_tools.toggle_lens(difference=difference)


def _has_lens(difference: bool, window: MainWindow) -> bool:
    lens = window.comparison.twin_tools.lens
    return lens is not None and lens.shows_difference is difference


def _step_lens(steps: int, window: MainWindow) -> None:
    window.comparison.twin_tools.resize_lens(steps)


def _next_shows(window: MainWindow) -> None:
    ways, style = list(Shows), window.session.heatmap
    window.session.set_heatmap(style.showing(ways[(ways.index(style.shows) + 1) % len(ways)]))


def _toggle_registration(window: MainWindow) -> None:
    style = window.session.heatmap
    window.session.set_heatmap(replace(style, registration=not style.registration))


TWIN_ACTIONS: tuple[Action, ...] = (
    Action(
        "flicker",
        "Twin",
        "Original ↔ twin while held",
        lambda w: None,
        ("F",),
        has_result,
        icon="flicker",
        held=lambda w, down: w.comparison.set_flicker(down),
    ),
    Action(
        "blink",
        "Twin",
        "Original ↔ twin, blinking",
        lambda w: w.comparison.toggle_blink(),
        ("Shift+F",),
        has_result,
        icon="flicker",
        in_toolbar=True,
        checked=lambda w: w.comparison.twin_tools.blink.runs,
    ),
    Action("blink_slower", "Twin", "Blink slower", partial(_step_blink, -1), ("Alt+,",)),
    Action("blink_faster", "Twin", "Blink faster", partial(_step_blink, 1), ("Alt+.",)),
    Action(
        "curtain",
        "Twin",
        "Swipe curtain",
        lambda w: w.comparison.twin_tools.toggle_curtain(),
        ("Shift+S",),
        has_result,
        icon="swipe",
        in_toolbar=True,
        in_context_menu=True,
        checked=lambda w: w.comparison.twin_tools.curtain is not None,
    ),
    Action(
        "curtain_turn",
        "Twin",
        "Turn the edge of the curtain",
        lambda w: w.comparison.twin_tools.turn_curtain(),
        ("Ctrl+Shift+S",),
        has_result,
    ),
    Action(
        "lens",
        "Twin",
        "Healthy lens",
        partial(_toggle_lens, False),
        ("Shift+L",),
        has_result,
        icon="lens",
        in_toolbar=True,
        in_context_menu=True,
        checked=partial(_has_lens, False),
    ),
    Action(
        "lens_difference",
        "Twin",
        "Lens on the difference",
        partial(_toggle_lens, True),
        ("Ctrl+Shift+L",),
        has_result,
        checked=partial(_has_lens, True),
    ),
    Action(
        "differences",
        "Twin",
        "Denser, more lucent or both",
        _next_shows,
        ("Ctrl+Shift+D",),
        has_result,
    ),
    Action(
        "registration",
        "Twin",
        "Show registration",
        _toggle_registration,
        ("Shift+R",),
        has_result,
        checked=lambda w: w.session.heatmap.registration,
    ),
    Action("lens_smaller", "Twin", "Smaller lens", partial(_step_lens, -1), ("Shift+Q",)),
    Action("lens_larger", "Twin", "Larger lens", partial(_step_lens, 1), ("Shift+E",)),
)
