"""Plots: marks stand where their values are, ticks are round, texts are text."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.training.curves import quartiles
from core.training.plots import Axis, Group, Plot, box_plot, interval_mark


def points(svg: str, style: str) -> list[tuple[float, float]]:
    found = re.search(rf'class="{style}" points="([^"]+)"', svg)
    assert found, svg
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in found.group(1).split())]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_few_round_and_inside(low: float, span: float) -> None:
    axis = Axis(low, low + span, "x")
    ticks = axis.ticks()

    assert 1 <= len(ticks) <= 8
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in ticks)


def test_ticks_are_written_as_they_are_read() -> None:
    axis = Axis(-0.3, 0.3, "x")

    assert [axis.written(tick) for tick in axis.ticks()] == ["−0.2", "0", "0.2"]
    assert Axis(0, 1600, "x").written(1500.0) == "1500"


def test_a_line_goes_up_with_its_values_and_stays_inside() -> None:
    plot = Plot("t", "d", Axis(0, 1, "x"), Axis(0, 1, "y")).line((0, 0.5, 1), (0, 0.5, 2), "score")
    (x0, y0), (x1, y1), (x2, y2) = points(plot.svg(), "line score")

    assert x0 < x1 < x2
    assert y0 > y1 > y2
    assert x1 == pytest.approx((x0 + x2) / 2)
    assert y1 == pytest.approx((y0 + y2) / 2), "a value above the end of the axis is drawn at its end"


def test_steps_are_level_until_the_next_value() -> None:
    plot = Plot("t", "d", Axis(0, 2, "x"), Axis(0, 1, "y")).line((0, 1, 2), (0, 1, 1), "score", steps=True)
    drawn = points(plot.svg(), "line score")

    assert len(drawn) == 5
    assert drawn[0][1] == drawn[1][1] != drawn[2][1]
    assert drawn[1][0] == drawn[2][0]


def test_bars_stand_on_the_axis() -> None:
    plot = Plot("t", "d", Axis(0, 2, "x"), Axis(0, 4, "y")).bars((0, 1, 2), (4, 2), "healthy", "eight films")
    svg = plot.svg()
    drawn = points(svg, "bars healthy")

    assert drawn[0][1] == drawn[-1][1] == max(y for _, y in drawn)
    assert len({round(y, 1) for _, y in drawn}) == 3
    assert "eight films" in svg


def test_a_box_holds_the_middle_half() -> None:
    values = tuple(float(number) for number in range(101))
    svg = box_plot(
        "t", "d", Axis(0, 100, "A"), [Group("all", quartiles(np.array(values)), values, "healthy")]
    )
    box = re.search(r'class="bars healthy" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)
    frame = re.search(r'class="frame" x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', svg)

    assert box
    assert frame
    start, width, left, whole = (float(number) for number in (*box.groups(), *frame.groups()))
    assert (start - left) / whole == pytest.approx(0.25, abs=0.01)
    assert width / whole == pytest.approx(0.5, abs=0.01)
    assert svg.count('class="film healthy"') == 101


def test_texts_are_escaped_everywhere() -> None:
    bad = '<b>"&'
    plot = Plot(bad, bad, Axis(0, 1, bad), Axis(0, 1, bad)).line((0, 1), (0, 1), "score", bad)
    group = Group(bad, quartiles(np.array([1.0, 2.0])), (1.0, 2.0), "healthy")
    for svg in (
        plot.svg(),
        box_plot(bad, bad, Axis(0, 3, bad), [group]),
        interval_mark(0.1, 0.2, 0.3, "score", bad),
    ):
        root = ElementTree.fromstring(svg)  # noqa: S314  # our own words
        assert root.findtext("title") == bad
        assert not list(root.iter("b"))
