"""The healthy lens: over the place that it is held on, as large as wished, and never unnamed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot
from twin_cases import compared, film, holds_colour, opinion, shot, view_of

from viewer.lens import LEAST_RADIUS_PX, MOST_RADIUS_PX, Lens
from viewer.theme import Colour, apply_text_size
from viewer.viewpoint import Viewpoint
from viewer.wish import Panel


@given(st.floats(0, 5000), st.integers(-50, 50))
def test_the_circle_keeps_a_useful_size(radius: float, steps: int) -> None:
    lens = Lens(radius).resized(steps)
    assert LEAST_RADIUS_PX <= lens.radius_px <= MOST_RADIUS_PX
    larger = Lens(100).resized(1)
    assert larger.radius_px > 100 > Lens(100).resized(-1).radius_px


@pytest.mark.parametrize("difference", [False, True])
@pytest.mark.parametrize(
    "viewpoint", [Viewpoint(120, 100, 1.6), Viewpoint(100, 90, 2.2, 1), Viewpoint(120, 100, 4, 3, True)]
)
def test_within_the_circle_is_the_other_panel_and_outside_the_original(
    qtbot: QtBot, viewpoint: Viewpoint, difference: bool
) -> None:
    frame = film()
    comparison = compared(qtbot, frame, opinion(frame))
    comparison.set_texts_visible(False)
    comparison.set_viewpoint(viewpoint)
    view = view_of(comparison, Panel.ORIGINAL)
    place = (90.0, 80.0)
    other = Panel.DIFFERENCE if difference else Panel.TWIN
    before, inside = shot(view), shot(view_of(comparison, other))
    comparison._point_at(place, Panel.ORIGINAL)
    comparison.twin_tools.set_lens(Lens(60, difference))
    comparison._point_at(place, Panel.ORIGINAL)
    seen = shot(view)
    x, y = view.mapping.to_screen(*place)
    down, across = np.mgrid[: seen.shape[0], : seen.shape[1]]
    far = np.hypot(across + 0.5 - x, down + 0.5 - y)
    same_inside = (np.abs(seen.astype(int) - inside).max(axis=2) <= 2)[far < 56]
    assert same_inside.mean() > 0.99
    # The name stands below or above the circle.
    same_outside = (seen == before).all(axis=2)[(far > 66) & (np.abs(across - x) > 90)]
    assert same_outside.all()
    assert (seen != before).any()


def test_the_rim_and_the_name_have_the_twins_colour(qtbot: QtBot) -> None:
    frame = film()
    comparison = compared(qtbot, frame, opinion(frame))
    comparison.set_texts_visible(False)
    view = view_of(comparison, Panel.ORIGINAL)
    comparison.twin_tools.set_lens(Lens(70))
    x, y = view.mapping.to_screen(frame.rows / 2, frame.columns / 2)
    marked = holds_colour(shot(view), Colour.TWIN, 60)
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    on_rim = [
        marked[
            int(y + 70 * np.sin(a)) - 1 : int(y + 70 * np.sin(a)) + 2,
            int(x + 70 * np.cos(a)) - 1 : int(x + 70 * np.cos(a)) + 2,
        ].any()
        for a in angles
    ]
    assert np.mean(on_rim) > 0.95
    below = marked[int(y + 74) : int(y + 92), int(x - 70) : int(x + 70)]
    assert below.sum() > 60


@pytest.mark.parametrize("corner", [(0.5, 0.5), (239.0, 199.0), (239.0, 0.5), (0.5, 199.0)])
def test_the_name_stays_in_the_viewport(qtbot: QtBot, corner: tuple[float, float]) -> None:
    frame = film()
    comparison = compared(qtbot, frame, opinion(frame))
    comparison.set_texts_visible(False)
    view = view_of(comparison, Panel.ORIGINAL)
    comparison.set_viewpoint(Viewpoint(120, 100, 3.4))
    comparison.twin_tools.set_lens(Lens(400))
    comparison._point_at(corner, Panel.ORIGINAL)
    (veil,) = view.veils
    assert veil.place == corner  # type: ignore[attr-defined]  # a lens
    letters = holds_colour(shot(view), Colour.TWIN, 60)
    assert letters.sum() > 100


def test_moving_it_paints_only_where_it_was_and_is(qtbot: QtBot) -> None:
    frame = film()
    comparison = compared(qtbot, frame, opinion(frame))
    view = view_of(comparison, Panel.ORIGINAL)
    comparison.twin_tools.set_lens(Lens(50))
    comparison._point_at((60.0, 60.0), Panel.ORIGINAL)
    view.grab()
    painted = []
    comparison._point_at((60.0, 61.0), Panel.ORIGINAL)
    (veil,) = view.veils
    painted.append(veil.reach(view.mapping))
    assert painted[0].width() < 200
    assert painted[0].height() < 200
    fresh = shot(view)
    comparison.twin_tools.set_lens(None)
    comparison.twin_tools.set_lens(Lens(50))
    assert (shot(view) == fresh).all()


@pytest.mark.parametrize("text_percent", [100, 200])
@pytest.mark.parametrize("place", [(120.0, 100.0), (120.0, 4.0), (120.0, 196.0), (4.0, 4.0)])
def test_it_paints_nowhere_but_where_it_says(
    qtbot: QtBot, request: pytest.FixtureRequest, place: tuple[float, float], text_percent: int
) -> None:
    request.addfinalizer(lambda: apply_text_size(100))
    apply_text_size(text_percent)
    frame = film()
    comparison = compared(qtbot, frame, opinion(frame))
    view = view_of(comparison, Panel.ORIGINAL)
    comparison.twin_tools.set_lens(Lens(LEAST_RADIUS_PX))
    comparison._point_at(place, Panel.ORIGINAL)
    (veil,) = view.veils
    image = QImage(view.viewport.size(), QImage.Format.Format_RGB32)
    image.fill(0x00FF00)
    with QPainter(image) as painter:
        painter.setFont(view.font())
        veil.paint(painter, view.mapping, 1.0)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width()) & 0xFFFFFF
    touched = pixels != 0x00FF00
    assert touched.any()
    reach = veil.reach(view.mapping)
    touched[max(reach.top(), 0) : reach.bottom() + 1, max(reach.left(), 0) : reach.right() + 1] = False
    assert not touched.any()
