"""The flat legend: the scale of the upright one from left to right, and where narrow films get it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from core.imaging.frame import Frame
from core.imaging.heatmap import SCALE_MAX, HeatmapStyle
from viewer.app import make_application
from viewer.comparison import Comparison
from viewer.flat_legend import FLAT_LEGEND_PX, paint_flat_legend
from viewer.legend import Legend
from viewer.wish import Panel

WIDTH = 800


@pytest.fixture(autouse=True)
def _application(qapp: object) -> None:
    make_application()


def painted(meaning: Legend) -> NDArray[np.int64]:
    """The legend on black, `(rows, columns, 3)`."""
    image = QImage(WIDTH, FLAT_LEGEND_PX, QImage.Format.Format_RGB888)
    image.fill(0)
    with QPainter(image) as painter:
        paint_flat_legend(painter, meaning, QRectF(10, 0, WIDTH - 20, FLAT_LEGEND_PX))
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(FLAT_LEGEND_PX, image.bytesPerLine())
    return rows[:, : 3 * WIDTH].reshape(FLAT_LEGEND_PX, WIDTH, 3).astype(np.int64)


def bar_of(picture: NDArray[np.int64]) -> tuple[int, int]:
    """Where the bar begins and ends: its frame is a line of one colour along its lower edge."""
    frame = np.array([0x3A, 0x3F, 0x46])
    alike = np.abs(picture[13] - frame).sum(axis=1) < 40
    edges = np.flatnonzero(np.diff(np.concatenate([[0], alike.astype(np.int8), [0]])))
    begins, ends = edges[::2], edges[1::2]
    # A line at the threshold cuts the frame: all long pieces belong to it, single pixels of letters do not.
    long = ends - begins > 20
    return int(begins[long][0]), int(ends[long][-1]) - 1


def test_the_scale_gets_brighter_from_left_to_right() -> None:
    picture = painted(Legend(HeatmapStyle(0.05)))
    left, right = bar_of(picture)
    middle = picture[8].sum(axis=1)
    shares = [middle[left + round(share * (right - left))] for share in (0.3, 0.6, 0.95)]
    assert shares == sorted(shares)
    assert shares[-1] > 1.5 * shares[0]


@pytest.mark.parametrize("threshold", [0.05, 0.15, 0.25])
def test_the_line_stands_at_the_threshold(threshold: float) -> None:
    picture = painted(Legend(HeatmapStyle(threshold)))
    left, right = bar_of(picture)
    above = picture[2].sum(axis=1)  # only the line reaches over the bar
    place = int(np.argmax(above[left : right + 1])) + left
    assert above[place] > 300
    assert place == pytest.approx(left + threshold / SCALE_MAX * (right - left), abs=2)


def test_a_threshold_off_the_scale_has_no_line() -> None:
    picture = painted(Legend(HeatmapStyle(2 * SCALE_MAX)))
    left, right = bar_of(picture)
    assert picture[2, left : right + 1].sum() == 0
    assert left > bar_of(painted(Legend(HeatmapStyle(0.1))))[0] + 60  # the words take their room


def test_both_signs_have_a_scale_with_zero_in_the_middle() -> None:
    style = HeatmapStyle(0.1, both_signs=True, opposite_threshold=0.2)
    picture = painted(Legend(style))
    left, right = bar_of(picture)
    row = picture[8].sum(axis=1)
    middle = (left + right) // 2
    assert row[middle] < row[left + 8]
    assert row[middle] < row[right - 8]
    assert np.count_nonzero(picture[2, left : right + 1].sum(axis=1) > 300) >= 2  # a line for each sign


def test_two_models_have_a_pattern_each() -> None:
    picture = painted(Legend(HeatmapStyle(0.1), ("One", "Two")))
    share = (WIDTH - 20) // 4
    patterns = [picture[4:28, 10 + place * share : 10 + place * share + 24] for place in range(4)]
    for number, one in enumerate(patterns[:3]):
        assert one.sum() > 0
        assert all((one != other).any() for other in patterns[number + 1 :])


@pytest.mark.parametrize(
    ("width", "height", "flat"), [(830, 690, True), (1500, 690, False), (830, 300, False)]
)
def test_narrow_high_panels_get_the_legend_below(qtbot: QtBot, width: int, height: int, flat: bool) -> None:
    comparison = Comparison()
    qtbot.addWidget(comparison)
    comparison.resize(width, height)
    comparison.set_frame(Frame(np.zeros((40, 40), np.uint16)))
    comparison.show()
    legend, views = comparison._legend, comparison._views
    assert (legend.width() > legend.height()) is flat
    assert not legend.geometry().intersects(views[Panel.DIFFERENCE].geometry())
    assert not legend.geometry().intersects(comparison._readout.geometry())
    assert len({view.size() for view in views}) == 1
    assert views[Panel.DIFFERENCE].geometry().right() <= width
    if flat:
        assert views[Panel.DIFFERENCE].geometry().right() >= width - 4
