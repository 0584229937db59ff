"""The strip below a picture explains it: scale and thresholds, or patterns, within its width."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.imaging.heatmap import HeatmapStyle
from core.reporting.picture_legend import STRIP_COLOUR, draw_legend, draw_swatches, stripe_period

STYLES = {
    "denser": HeatmapStyle(0.1),
    "both": HeatmapStyle(0.1, both_signs=True, opposite_threshold=0.2),
    "none": HeatmapStyle(float("inf")),
    "none of both": HeatmapStyle(float("inf"), both_signs=True),
}


def strip(width: int) -> Image.Image:
    return Image.new("RGB", (width + 40, 40), STRIP_COLOUR)


def marked(image: Image.Image) -> NDArray[np.intp]:
    """Columns with something in them."""
    pixels = np.asarray(image)
    return np.flatnonzero((pixels != STRIP_COLOUR).any(axis=(0, 2)))


@pytest.mark.parametrize("name", STYLES)
@pytest.mark.parametrize("width", [220, 500, 1800])
def test_the_scale_keeps_within_its_width(name: str, width: int) -> None:
    image = strip(width)
    draw_legend(image, (20, 8), width, STYLES[name], 20)
    columns = marked(image)
    assert columns.min() >= 19
    assert columns.max() <= width + 21


def test_both_signs_show_both_ends() -> None:
    image = strip(700)
    draw_legend(image, (20, 8), 700, STYLES["both"], 20)
    colours = np.asarray(image).reshape(-1, 3).astype(int)
    warm = (colours[:, 0] > 180) & (colours[:, 2] < 90)
    cold = (colours[:, 2] > 180) & (colours[:, 0] < 120)
    assert warm.sum() > 500
    assert cold.sum() > 500


def test_patterns_are_those_of_the_film() -> None:
    font_px = 30
    image = Image.new("RGB", (900, 60), STRIP_COLOUR)
    draw_swatches(image, (10, 10), 880, ("HealthyGAN", "SR-AnoGAN"), font_px)
    assert marked(image).max() <= 890
    pixels = np.asarray(image).astype(int)[10 : 10 + font_px]
    blue = (pixels[..., 2] > 180) & (pixels[..., 0] < 100)
    columns = np.flatnonzero(blue.any(axis=0))
    tile = blue[:, columns.min() : columns.max() + 1]
    period = stripe_period(font_px)
    assert (tile[1:, :-1] == tile[:-1, 1:]).all(), "rising"
    assert (tile[:, period:] == tile[:, :-period]).mean() > 0.97
