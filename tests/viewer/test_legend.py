"""The legend: fixed units, the threshold on it, and a key to two models' agreement."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from core.imaging.heatmap import HeatmapStyle
from viewer.legend import LEGEND_PX, Legend, LegendStrip


@pytest.fixture
def strip(qtbot: QtBot) -> LegendStrip:
    widget = LegendStrip(None)
    qtbot.addWidget(widget)
    widget.resize(LEGEND_PX, 600)
    return widget


def shown(strip: LegendStrip, meaning: Legend | None) -> QImage:
    strip.show_meaning(meaning)
    return strip.grab().toImage()


def test_without_a_map_there_is_no_legend(strip: LegendStrip):
    nothing = shown(strip, None)
    assert shown(strip, Legend(HeatmapStyle(0.1))) != nothing
    assert shown(strip, None) == nothing


def test_the_threshold_is_marked_where_it_is(strip: LegendStrip):
    low, high, beyond = (
        shown(strip, Legend(HeatmapStyle(threshold))) for threshold in (0.05, 0.2, float("inf"))
    )
    assert low != high != beyond != low

    def brightest_row(image: QImage) -> int:
        """The row of the mark: white beside the bar, where nothing else is."""
        return max(range(100, 560), key=lambda y: image.pixelColor(6, y).lightness())

    assert brightest_row(low) > brightest_row(high) + 100


def test_two_models_have_a_key_of_their_own(strip: LegendStrip):
    scale = shown(strip, Legend(HeatmapStyle(0.1)))
    key = shown(strip, Legend(HeatmapStyle(0.1), ("HealthyGAN", "SR-AnoGAN")))
    assert key != scale
    assert key != shown(strip, Legend(HeatmapStyle(0.1), ("SR-AnoGAN", "HealthyGAN")))
