"""Outlines of drawn objects."""

from __future__ import annotations

import numpy as np
import pytest

from core.imaging.graphics import Graphic, GraphicKind


def test_a_circle_goes_round_its_centre_through_its_point() -> None:
    line = Graphic(GraphicKind.CIRCLE, ((10, 20), (13, 24))).outline()
    assert np.allclose(np.hypot(*(line - (10, 20)).T), 5)
    assert np.allclose(line[0], line[-1])


def test_an_ellipse_goes_through_the_ends_of_its_axes() -> None:
    ends = ((5.0, 0.0), (5.0, 20.0), (0.0, 10.0), (10.0, 10.0))
    line = Graphic(GraphicKind.ELLIPSE, ends).outline()
    for end in ends:
        assert np.hypot(*(line - end).T).min() < 1e-9
    assert np.allclose(((line[:, 1] - 10) / 10) ** 2 + ((line[:, 0] - 5) / 5) ** 2, 1)


@pytest.mark.parametrize("closed", [False, True])
def test_an_interpolated_curve_goes_through_all_points_in_order(closed: bool) -> None:
    points = [(0.0, 0.0), (5.0, 9.0), (9.0, 2.0), (3.0, 1.0)]
    points += points[:1] if closed else []
    line = Graphic(GraphicKind.INTERPOLATED, tuple(points)).outline()
    places = [int(np.hypot(*(line - point).T).argmin()) for point in points[:4]]
    assert places == sorted(places)
    assert all(np.hypot(*(line[place] - point)) < 1e-9 for place, point in zip(places, points, strict=False))
    assert len(line) > 3 * len(points)


def test_lines_and_points_are_as_they_are() -> None:
    assert Graphic(GraphicKind.POLYLINE, ((1, 2), (3, 4))).outline().tolist() == [[1, 2], [3, 4]]
    assert Graphic(GraphicKind.POINT, ((1, 2),)).outline().tolist() == [[1, 2]]
