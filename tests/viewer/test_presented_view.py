"""From where a state wants a frame to be seen."""

from __future__ import annotations

import numpy as np

from core.imaging.frame import Frame
from core.imaging.presentation import DisplayedArea, Presented, SizeMode
from viewer.presented_view import box_of, home_of, zoom_of

FRAME = Frame(np.zeros((40, 80), np.uint8))


def shown(
    box: tuple[float, float, float, float], mode: SizeMode = SizeMode.FIT, **facts: object
) -> Presented:
    return Presented(FRAME, area=DisplayedArea(box, mode, **facts))  # type: ignore[arg-type]  # fields by name


def test_the_area_is_what_a_fitted_view_shows() -> None:
    assert box_of(shown((5, 6, 20, 30))) == (5, 6, 20, 30)
    assert box_of(Presented(FRAME)) == (0, 0, 40, 80)
    assert box_of(shown((20, 6, 20, 30))) == (0, 0, 40, 80)


def test_turned_and_mirrored_as_the_state_wants() -> None:
    home = home_of(Presented(FRAME, quarter_turns=3, flipped=True))
    assert (home.quarter_turns, home.flipped) == (3, True)


def test_sizes_where_they_are_said() -> None:
    box = (0.0, 0.0, 40.0, 80.0)
    assert zoom_of(shown(box), 4.0, 2.0) is None
    assert zoom_of(shown(box, SizeMode.MAGNIFY, magnification=3.0), 4.0, 2.0) == 1.5
    assert zoom_of(shown(box, SizeMode.TRUE_SIZE, spacing_mm=(0.2, 0.25)), 4.0, 2.0) == 1.0
    assert zoom_of(shown(box, SizeMode.TRUE_SIZE), 4.0, 2.0) is None
    assert zoom_of(Presented(FRAME), 4.0, 2.0) is None
