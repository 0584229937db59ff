"""Where the planes of the other viewports cut each image, in one frame of reference (PS3.3 C.7.4.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.linking import Linked, LinkMode, Relation, relation
from viewer.guides import Cut
from viewer.theme import Colour
from viewer.viewport import Viewport


def draw_reference_lines(viewports: Iterable[Viewport], active: Viewport, *, wanted: bool) -> None:
    """A line on each image for each plane that cuts it; the active viewport's in the accent colour.

    A viewport that goes its own way still lies where it lies.
    """
    shown = [(viewport, viewport.linked) for viewport in viewports]
    for viewport, here in shown:
        cuts: list[Cut] = []
        for other, there in shown:
            if wanted and other is not viewport and here is not None and there is not None:
                cuts += _cut(here, there, Colour.ACCENT if other is active else Colour.QUIET)
        viewport.comparison.set_cuts(tuple(cuts))


def _cut(here: Linked, there: Linked, colour: Colour) -> list[Cut]:
    by_place = (replace(one, mode=LinkMode.BY_PLACE) for one in (here, there))
    if relation(*by_place) is not Relation.PLACE or here.plane is None or there.plane is None:
        return []
    ends = here.plane.cut_by(there.plane, *here.shape)
    return [] if ends is None else [Cut(*ends, colour)]
