"""Values of marks: against numpy, never "not a number", and never a millimetre without its source."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.imaging.frame import Frame, ModalityTransform, PixelSpacing, SpacingSource
from core.imaging.marks import POINTS, Mark, MarkKind, Point
from core.imaging.measurements import Measured, region_spans, region_statistics
from core.imaging.quantities import Uptake

UNKNOWN = PixelSpacing()
TALL = PixelSpacing(0.4, 0.2, SpacingSource.CALIBRATED)
RAMP = np.arange(100, dtype=np.int16).reshape(10, 10)

coordinates = st.floats(-1e4, 1e4, allow_subnormal=False)
points = st.tuples(coordinates, coordinates)
near = st.tuples(st.floats(-4, 14), st.floats(-4, 14))
REGIONS = (MarkKind.RECTANGLE, MarkKind.ELLIPSE, MarkKind.FREEHAND)


def rectangle(top: float, left: float, bottom: float, right: float) -> Mark:
    return Mark(MarkKind.RECTANGLE, ((top, left), (bottom, right)))


def ellipse(top: float, left: float, bottom: float, right: float) -> Mark:
    return Mark(MarkKind.ELLIPSE, ((top, left), (bottom, right)))


def freehand(*around: Point) -> Mark:
    return Mark(MarkKind.FREEHAND, around)


def mask_of(mark: Mark, rows: int, columns: int) -> NDArray[np.bool_]:
    mask = np.zeros((rows, columns), np.bool_)
    for row, first, end in region_spans(mark, rows, columns):
        assert not mask[row, first:end].any(), "counted twice"
        mask[row, first:end] = True
    return mask


def lines(mark: Mark, frame: Frame) -> str:
    return " | ".join(Measured(frame).lines(mark))


def test_millimetres_are_spoken_of_only_with_their_source() -> None:
    for mark in (
        Mark(MarkKind.LENGTH, ((10, 10), (13, 14))),
        Mark(MarkKind.BIDIRECTIONAL, ((0, 0), (0, 4), (-1, 2), (1, 2))),
        Mark(MarkKind.HEART, ((0, 5), (9, 5), (4, 3), (4, 7), (6, 1), (6, 9))),
        rectangle(0, 0, 4, 4),
    ):
        known, unknown = (Measured(Frame(RAMP, spacing=one)).words(mark) for one in (TALL, UNKNOWN))
        assert "mm" in known
        assert f"({SpacingSource.CALIBRATED})" in known
        assert "mm" not in unknown
        assert "px" in unknown
        assert unknown.endswith("(spacing unknown)")


def test_values_in_words() -> None:
    known, unknown = Frame(RAMP, spacing=TALL), Frame(RAMP)
    assert lines(Mark(MarkKind.LENGTH, ((10, 10), (13, 14))), unknown) == "5.0 px"
    assert lines(Mark(MarkKind.LENGTH, ((10, 10), (13, 14))), known) == "1.4 mm (calibrated)"
    assert lines(Mark(MarkKind.ANGLE, ((0, 5), (0, 0), (5, 0))), known) == "90.0°"
    assert lines(Mark(MarkKind.ANGLE, ((0, 0), (0, 0), (5, 0))), known) == "no angle: a line has no length"
    cobb = Mark(MarkKind.COBB, ((0, 0), (0, 9), (9, 0), (9, -9)))
    assert lines(cobb, known) == "0.0°"
    assert Measured(unknown).words(cobb) == "0.0° (pixels taken as square)"
    heart = Mark(MarkKind.HEART, ((0, 5), (9, 5), (4, 3), (4, 8), (6, 0), (6, 10)))
    assert lines(heart, unknown) == "CTR 0.50 | heart 5.0 (2.0 + 3.0) | thorax 10.0 px"
    flat = Mark(MarkKind.HEART, ((0, 5), (9, 5), (4, 3), (4, 8), (6, 5), (6, 5)))
    assert lines(flat, unknown).startswith("no ratio: the thorax has no width")
    assert lines(rectangle(0, 0, 1, 3), known) == (
        "mean 1 ± 0.816 | min 0  max 2 | 0.24 mm² (calibrated), 3 px"
    )
    assert lines(rectangle(20, 20, 30, 30), known) == "no pixel"
    assert (
        Measured(known).words(Mark(MarkKind.ARROW, ((0, 0), (5, 6)))).startswith("points at row 5, column 6")
    )


def test_names_and_words_stand_beside_the_value() -> None:
    measured = Measured(Frame(RAMP))
    short = Mark(MarkKind.LENGTH, ((0, 0), (3, 4)), "hilum", name="M1")
    assert measured.beside(short) == ("M1 hilum 5.0 px",)
    long = Mark(MarkKind.LENGTH, ((0, 0), (3, 4)), "right hilum, to the aortic arch", name="M1")
    assert measured.beside(long) == ("M1 right hilum, to the aortic arch", "5.0 px")
    assert measured.beside(Mark(MarkKind.TEXT, ((0, 0),), "scar", name="T1")) == ("scar",)
    assert measured.beside(Mark(MarkKind.ARROW, ((0, 0), (1, 1)), name="A1")) == ("A1",)


def test_a_probe_says_what_is_stored_what_it_means_and_what_is_shown() -> None:
    probe = Mark(MarkKind.PROBE, ((2.9, 3.1),))
    frame = Frame(RAMP, modality_transform=ModalityTransform(2.0, -10.0, units="HU"))
    assert Measured(frame, shown=lambda row, column: row * 10 + column).lines(probe) == (
        "stored 23",
        "value 36 HU",
        "shown 23",
    )
    assert Measured(frame, RAMP.astype(np.float32) + 0.25).lines(probe) == ("value 23.2 HU",)
    assert Measured(frame, lengths_only=True).lines(probe) == ()
    for outside in ((-0.1, 3.0), (10.0, 3.0), (3.0, 1e6)):
        assert Measured(frame).lines(Mark(MarkKind.PROBE, (outside,))) == ("outside the image",)
    padded = Frame(RAMP, padding=(23.0, 23.0))
    assert "padding" in Measured(padded).lines(probe)
    colour = Frame(np.full((4, 4, 3), (1, 2, 3), np.uint8), "RGB")
    assert Measured(colour).lines(probe) == ("red 1  green 2  blue 3",)
    uptake = Frame(RAMP, uptake=Uptake(0.5))
    assert "SUVbw 11.5 g/ml" in Measured(uptake).lines(probe)
    assert "SUVbw mean 11.5  max 11.5 g/ml" in Measured(uptake).lines(rectangle(2, 3, 3, 4))


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
    assert region_statistics(Frame(RAMP), rectangle(0, 0, 2, 2)).area_mm2 is None  # type: ignore[union-attr]  # four pixels


def test_corners_come_in_any_order() -> None:
    frame = Frame(RAMP)
    assert region_statistics(frame, ellipse(1, 2, 7, 9)) == region_statistics(frame, ellipse(7, 9, 1, 2))


def test_neighbouring_rectangles_share_no_pixel() -> None:
    frame = Frame(RAMP)
    halves = [region_statistics(frame, rectangle(0, left, 10, left + 4.5)) for left in (0.0, 4.5)]
    assert sum(half.pixels for half in halves if half) == 90
    halves = [region_statistics(frame, rectangle(top, 0, top + 4.5, 10)) for top in (0.0, 4.5)]
    assert sum(half.pixels for half in halves if half) == 90


def test_an_ellipse_covers_what_an_ellipse_covers() -> None:
    frame = Frame(np.zeros((200, 300), np.uint8))
    statistics = region_statistics(frame, ellipse(20, 30, 180, 250))
    assert statistics is not None
    assert statistics.pixels == pytest.approx(math.pi * 80 * 110, rel=0.005)
    half_outside = region_statistics(frame, ellipse(-80, 30, 80, 250))
    assert half_outside is not None
    assert half_outside.pixels == pytest.approx(math.pi * 80 * 110 / 2, rel=0.01)


@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 200)), min_size=3, max_size=9, unique=True))
def test_a_freehand_region_without_crossings_covers_its_area(around: list[Point]) -> None:
    """Sorted around their middle, points make a line that crosses itself nowhere; Gauss knows its area."""
    middle = np.mean(around, axis=0)
    around = sorted(around, key=lambda at: math.atan2(at[0] - middle[0], at[1] - middle[1]))
    rows, columns = np.array(around).T
    area = abs(np.dot(rows, np.roll(columns, 1)) - np.dot(columns, np.roll(rows, 1))) / 2
    counted = int(mask_of(freehand(*around), 200, 200).sum())
    edge = float(np.hypot(rows - np.roll(rows, 1), columns - np.roll(columns, 1)).sum())
    assert counted == pytest.approx(area, abs=edge + 1)


def test_a_freehand_region_is_filled_as_by_another_program() -> None:
    generator = np.random.default_rng(5)
    for _ in range(20):
        around = [tuple(map(float, at)) for at in generator.uniform(-20, 120, (7, 2))]
        mine = mask_of(freehand(*around), 100, 100)
        # At four times the size, seen only at the middles of the pixels.
        other = Image.new("1", (400, 400))
        ImageDraw.Draw(other).polygon([(4 * x - 0.5, 4 * y - 0.5) for y, x in around], fill=1)
        assert (mine != np.array(other)[2::4, 2::4]).mean() < 0.03


def test_a_freehand_square_is_the_rectangle() -> None:
    frame = Frame(RAMP)
    square = freehand((1.2, 2.2), (1.2, 7.7), (6.6, 7.7), (6.6, 2.2))
    assert region_statistics(frame, square) == region_statistics(frame, rectangle(1.2, 2.2, 6.6, 7.7))


def test_single_pixel_and_constant_regions_spread_nothing() -> None:
    for region in (rectangle(3, 3, 4, 4), ellipse(3, 3, 4, 4), freehand((3, 3), (3, 4), (4, 4), (4, 3))):
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
        freehand((3, 3), (5, 5), (7, 7)),
        freehand((-9, -9), (-1, -9), (-1, -1)),
        freehand((2, 2), (2, 2), (2, 2)),
    ],
)
def test_empty_regions_have_no_statistics(region: Mark) -> None:
    assert region_statistics(Frame(RAMP), region) is None
    assert lines(region, Frame(RAMP)) == "no pixel"


def test_padding_and_values_that_are_no_numbers_do_not_count() -> None:
    stored = np.array([[np.nan, np.inf, -1000.0, 4.0, 6.0]], np.float32)
    frame = Frame(stored, padding=(-1000.0, -1000.0))
    statistics = region_statistics(frame, rectangle(0, 0, 1, 5))
    assert statistics is not None
    assert (statistics.pixels, statistics.mean) == (2, 5.0)
    assert region_statistics(Frame(stored[:, :2]), rectangle(0, 0, 1, 5)) is None
    assert lines(rectangle(0, 0, 1, 2), frame) == "no value: padding or no number | 2 px"


def test_colour_has_no_modality_values() -> None:
    colour = Frame(np.zeros((4, 4, 3), np.uint8), "RGB")
    assert region_statistics(colour, rectangle(0, 0, 4, 4)) is None
    assert lines(rectangle(0, 0, 4, 4), colour) == "colour, no values | 16 px"


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.float32])
def test_large_regions_agree_with_numpy(kind: Any) -> None:
    generator = np.random.default_rng(3)
    stored = generator.integers(-90, 90, (400, 500)).astype(kind)
    frame = Frame(stored, modality_transform=ModalityTransform(0.5, -7.0), padding=(3.0, 5.0))
    found = region_statistics(frame, ellipse(10, 10, 390, 490))
    assert found is not None
    down, across = np.mgrid[:400, :500] + 0.5
    values = stored[((down - 200) / 190) ** 2 + ((across - 250) / 240) ** 2 <= 1]
    values = values[(values < 3) | (values > 5)].astype(float) * 0.5 - 7
    assert found.pixels == values.size
    assert found.mean == pytest.approx(values.mean())
    assert found.spread == pytest.approx(values.std())
    assert (found.minimum, found.maximum) == (values.min(), values.max())


@pytest.mark.parametrize("size", [1e308, 1e-308])
def test_numbers_of_any_size_have_a_mean(size: float) -> None:
    stored = np.array([[size, -size, size, size]], np.float64)
    found = region_statistics(Frame(stored), rectangle(0, 0, 1, 4))
    assert found is not None
    assert found.mean == pytest.approx(size / 2)
    assert found.spread == pytest.approx(size * math.sqrt(3) / 2)


@settings(max_examples=200)
@given(
    st.sampled_from(REGIONS),
    st.lists(near, min_size=3, max_size=6),
    st.lists(st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 1.5, -3e38, 3e38]), min_size=100, max_size=100),
)
def test_statistics_are_none_or_finite(kind: MarkKind, around: list[Point], pixels: list[float]) -> None:
    frame = Frame(np.array(pixels, np.float32).reshape(10, 10))
    mark = Mark(kind, tuple(around[: POINTS.get(kind, 6)]))
    statistics = region_statistics(frame, mark)
    if statistics is not None:
        numbers = (statistics.mean, statistics.spread, statistics.minimum, statistics.maximum)
        assert np.isfinite(numbers).all()
        assert statistics.minimum <= statistics.mean <= statistics.maximum
        assert statistics.spread >= 0


@given(st.sampled_from(MarkKind), st.lists(points, min_size=9, max_size=9), st.sampled_from([UNKNOWN, TALL]))
def test_no_words_speak_of_what_is_no_number(
    kind: MarkKind, around: list[Point], spacing: PixelSpacing
) -> None:
    mark = Mark(kind, tuple(around[: POINTS.get(kind, 9)]))
    for frame in (Frame(RAMP, spacing=spacing), Frame(np.full((3, 3), np.nan, np.float32), spacing=spacing)):
        said = Measured(frame).words(mark).replace("no number", "")
        assert "nan" not in said
        assert "inf" not in said


def test_what_was_computed_is_kept_and_forgotten_in_time() -> None:
    measured = Measured(Frame(RAMP))
    for place in range(600):
        assert measured.lines(Mark(MarkKind.LENGTH, ((0, 0), (0, place)))) == (f"{place}.0 px",)
    assert len(measured._known) <= 256
