"""The edge of the curtain: where it stands, what is at its sides, and that the twin is never unnamed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot
from twin_cases import compared, film, holds_colour, opinion, shot, view_of

from viewer.curtain import GRAB_PX, Curtain
from viewer.theme import Colour
from viewer.viewpoint import Mapping, Viewpoint
from viewer.wish import Panel

MAPPING = Mapping(Viewpoint(100, 100, 1.3), 400, 300)


@given(st.floats(-3, 4), st.booleans())
def test_the_edge_stays_in_sight_and_the_parts_fill_the_viewport(place: float, upright: bool) -> None:
    curtain = Curtain(place, upright)
    one, other = curtain.parts(MAPPING)
    assert one.width() > 0 < one.height()
    assert other.width() > 0 < other.height()
    assert one.united(other).getRect() == (0, 0, 400, 300)
    assert not one.intersects(other)


@given(st.floats(0.05, 0.95), st.booleans())
def test_it_goes_where_it_is_drawn_to(share: float, upright: bool) -> None:
    spot = QPointF(share * 400, share * 300)
    curtain = Curtain(0.5, upright).at(spot, MAPPING)
    assert curtain.place == pytest.approx(share)
    assert curtain.grabbed_at(spot, MAPPING)
    assert not curtain.grabbed_at(spot + QPointF(3, 3) * GRAB_PX, MAPPING)
    assert curtain.turned().turned() == curtain


@pytest.mark.parametrize("upright", [True, False])
@pytest.mark.parametrize(
    "viewpoint",
    [
        Viewpoint(120, 100, 1.0),
        Viewpoint(90, 80, 2.5, 1),
        Viewpoint(120, 100, 3, 2, True),
        Viewpoint(60, 60, 6, 3, True),
    ],
)
def test_each_side_is_the_picture_of_its_own_panel(qtbot: QtBot, upright: bool, viewpoint: Viewpoint) -> None:
    frame = film()
    comparison = compared(qtbot, frame, opinion(frame))
    comparison.set_texts_visible(False)
    comparison.set_viewpoint(viewpoint)
    original, twin = (shot(view_of(comparison, panel)) for panel in (Panel.ORIGINAL, Panel.TWIN))
    comparison.twin_tools.set_curtain(Curtain(0.4, upright))
    view = view_of(comparison, Panel.ORIGINAL)
    seen = shot(view)
    one, other = Curtain(0.4, upright).parts(view.mapping)
    for part, source, unlike in ((one, original, twin), (other, twin, original)):
        # Away from the edge, its grip and the rim; the names take up to 2 %.
        rows = slice(int(part.top()) + 30, int(part.bottom()) - 30)
        columns = slice(int(part.left()) + 30, int(part.right()) - 30)
        here, own, others = seen[rows, columns], source[rows, columns], unlike[rows, columns]
        differs = (own != others).any(axis=2)
        same = (here == own).all(axis=2)
        assert same.mean() > 0.98
        assert not differs.any() or same[differs].mean() > 0.95
    assert (original != twin).any()


@pytest.mark.parametrize("place", [0.0, 0.3, 0.97, 1.0])
@pytest.mark.parametrize("upright", [True, False])
def test_the_twins_part_always_has_its_rim_and_its_name(qtbot: QtBot, place: float, upright: bool) -> None:
    frame = film()
    comparison = compared(qtbot, frame, opinion(frame))
    comparison.set_texts_visible(False)
    view = view_of(comparison, Panel.ORIGINAL)
    assert not holds_colour(shot(view), Colour.TWIN).any()
    comparison.twin_tools.set_curtain(Curtain(place, upright))
    marked = holds_colour(shot(view), Colour.TWIN)
    _, part = Curtain(place, upright).parts(view.mapping)
    assert marked[int(part.bottom()) - 1, int(part.left()) : int(part.right())].mean() > 0.8
    assert marked[int(part.top()) : int(part.bottom()), int(part.right()) - 1].mean() > 0.9
    inner = marked[4:-4, 4:-4]
    # Letters: short runs away from rim, edge and grip.
    rows = np.flatnonzero(inner.sum(axis=1) > 12)
    assert rows.size > 5
