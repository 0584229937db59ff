from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.frame import Frame, ModalityTransform, PixelSpacing, SpacingSource
from core.imaging.measurements import (
    Angle,
    Drawings,
    Length,
    Region,
    RegionShape,
    angle_degrees,
    length_mm,
    length_px,
    length_words,
    region_statistics,
)

UNKNOWN = PixelSpacing()
TALL = PixelSpacing(0.4, 0.2, SpacingSource.CALIBRATED)
RAMP = np.arange(100, dtype=np.int16).reshape(10, 10)

coordinates = st.floats(-1e4, 1e4, allow_subnormal=False)
points = st.tuples(coordinates, coordinates)


def rectangle(top: float, left: float, bottom: float, right: float) -> Region:
    return Region(RegionShape.RECTANGLE, (top, left), (bottom, right))


def ellipse(top: float, left: float, bottom: float, right: float) -> Region:
    return Region(RegionShape.ELLIPSE, (top, left), (bottom, right))


def test_length_in_pixels_and_in_millimetres() -> None:
    length = Length((1.0, 1.0), (4.0, 5.0))
    assert length_px(length) == 5.0
    assert length_mm(length, TALL) == pytest.approx(math.hypot(1.2, 0.8))


def test_unknown_spacing_has_no_millimetres() -> None:
    assert length_mm(Length((0, 0), (3, 4)), UNKNOWN) is None
    statistics = region_statistics(Frame(RAMP), rectangle(0, 0, 2, 2))
    assert statistics is not None
    assert statistics.area_mm2 is None


def test_millimetres_are_spoken_of_only_with_their_source() -> None:
    length = Length((10, 10), (13, 14))
    assert length_words(length, UNKNOWN) == "5.0 px"
    assert length_words(length, TALL) == f"1.4 mm ({SpacingSource.CALIBRATED})"


def test_drawings_have_names_in_the_order_of_drawing() -> None:
    one, two = Length((0, 0), (1, 1)), Length((0, 0), (2, 2))
    drawn = Drawings((two, one), (one,))
    assert drawn.named_lengths == (("M1", two), ("M2", one))
    assert drawn.named_arrows == (("A1", one),)


def test_angle_takes_the_shape_of_the_pixels_into_account() -> None:
    corner = Angle((0.0, 5.0), (0.0, 0.0), (5.0, 0.0))
    assert angle_degrees(corner, UNKNOWN) == pytest.approx(90)
    diagonal = Angle((0.0, 1.0), (0.0, 0.0), (1.0, 1.0))
    assert angle_degrees(diagonal, UNKNOWN) == pytest.approx(45)
    assert angle_degrees(diagonal, TALL) == pytest.approx(math.degrees(math.atan(2)))
    assert angle_degrees(Angle((0, 1), (0, 0), (0, -1)), UNKNOWN) == pytest.approx(180)


def test_angle_without_an_arm_is_none() -> None:
    assert angle_degrees(Angle((1.0, 1.0), (1.0, 1.0), (5.0, 0.0)), UNKNOWN) is None


@given(points, points, points)
def test_angles_are_numbers_and_do_not_depend_on_the_order_of_arms(
    first: tuple[float, float], vertex: tuple[float, float], second: tuple[float, float]
) -> None:
    angle = angle_degrees(Angle(first, vertex, second), TALL)
    assert angle == angle_degrees(Angle(second, vertex, first), TALL)
    assert angle is None or 0 <= angle <= 180


def test_statistics_are_in_modality_units_over_pixel_centres() -> None:
    frame = Frame(RAMP, modality_transform=ModalityTransform(2.0, -10.0, units="HU"), spacing=TALL)
    statistics = region_statistics(frame, rectangle(1.6, 2.5, 4.4, 3.6))
    assert statistics is not None
    values = np.array([22, 23, 32, 33]) * 2.0 - 10.0
    # Rows 2 and 3 have their centres inside; so has column 2, on the edge that belongs to the region, and 3.
    assert statistics.pixels == 4
    assert (statistics.mean, statistics.spread) == (pytest.approx(values.mean()), pytest.approx(values.std()))
    assert (statistics.minimum, statistics.maximum, statistics.units) == (34.0, 56.0, "HU")
    assert statistics.area_mm2 == pytest.approx(4 * 0.08)


def test_corners_come_in_any_order() -> None:
    frame = Frame(RAMP)
    assert region_statistics(frame, ellipse(1, 2, 7, 9)) == region_statistics(frame, ellipse(7, 9, 1, 2))


def test_neighbouring_rectangles_share_no_pixel() -> None:
    frame = Frame(RAMP)
    halves = [region_statistics(frame, rectangle(0, left, 10, left + 4.5)) for left in (0.0, 4.5)]
    assert sum(half.pixels for half in halves if half) == 90
    halves = [region_statistics(frame, rectangle(top, 0, top + 4.5, 10)) for top in (0.0, 4.5)]
    assert sum(half.pixels for half in halves if half) == 90


def test_ellipse_covers_what_an_ellipse_covers() -> None:
    frame = Frame(np.zeros((200, 300), np.uint8))
    statistics = region_statistics(frame, ellipse(20, 30, 180, 250))
    assert statistics is not None
    assert statistics.pixels == pytest.approx(math.pi * 80 * 110, rel=0.005)
    half_outside = region_statistics(frame, ellipse(-80, 30, 80, 250))
    assert half_outside is not None
    assert half_outside.pixels == pytest.approx(math.pi * 80 * 110 / 2, rel=0.01)


def test_single_pixel_and_constant_regions_spread_nothing() -> None:
    for region in (rectangle(3, 3, 4, 4), ellipse(3, 3, 4, 4)):
        one = region_statistics(Frame(RAMP), region)
        assert one is not None
        assert (one.pixels, one.mean, one.spread) == (1, 33.0, 0.0)


@pytest.mark.parametrize(
    "region",
    [
        rectangle(3.1, 3.1, 3.4, 3.4),
        rectangle(3, 3, 3, 8),
        ellipse(3, 3, 3, 8),
        ellipse(3, 3, 3, 3),
        rectangle(-9, -9, -1, -1),
        rectangle(10, 10, 30, 30),
    ],
)
def test_empty_regions_have_no_statistics(region: Region) -> None:
    assert region_statistics(Frame(RAMP), region) is None


def test_padding_and_values_that_are_no_numbers_do_not_count() -> None:
    stored = np.array([[np.nan, np.inf, -1000.0, 4.0, 6.0]], np.float32)
    statistics = region_statistics(Frame(stored, padding=(-1000.0, -1000.0)), rectangle(0, 0, 1, 5))
    assert statistics is not None
    assert (statistics.pixels, statistics.mean) == (2, 5.0)
    assert region_statistics(Frame(stored[:, :2]), rectangle(0, 0, 1, 5)) is None


def test_colour_has_no_modality_values() -> None:
    assert region_statistics(Frame(np.zeros((4, 4, 3), np.uint8), "RGB"), rectangle(0, 0, 4, 4)) is None


@given(st.sampled_from(RegionShape), points, points, st.sampled_from([np.uint8, np.float32]))
def test_statistics_are_none_or_finite(
    shape: RegionShape, corner: tuple[float, float], opposite: tuple[float, float], kind: Any
) -> None:
    statistics = region_statistics(Frame(RAMP.astype(kind)), Region(shape, corner, opposite))
    if statistics is not None:
        numbers = (statistics.mean, statistics.spread, statistics.minimum, statistics.maximum)
        assert np.isfinite(numbers).all()
        assert statistics.minimum <= statistics.mean <= statistics.maximum
