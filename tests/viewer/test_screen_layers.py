"""The agreement on the screen: each pixel has the label under it, stripes lean as in the legend, always."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter

from core.imaging.heatmap import AGREEMENT_NOT_ANALYZED, AGREEMENT_ONLY_A, AGREEMENT_ONLY_B
from viewer.screen_layers import (
    STRIPES_PX,
    Labels,
    agreement_image,
    labels_on_screen,
    lit_part,
    paint_agreement,
)
from viewer.viewpoint import Mapping, Viewpoint

CROP = (30, 20, 160)
LABELS = np.random.default_rng(1).choice([0, 1, 2, 3, 255], (64, 64)).astype(np.uint8)

viewpoints = st.builds(
    Viewpoint,
    st.floats(0, 220),
    st.floats(0, 200),
    st.floats(0.2, 30),
    st.integers(0, 3),
    st.booleans(),
)


@given(viewpoints, st.sampled_from([1.0, 1.25, 2.0]), st.floats(0.5, 2), st.data())
def test_each_device_pixel_has_the_label_under_its_centre(
    viewpoint: Viewpoint, ratio: float, aspect: float, data: st.DataObject
) -> None:
    mapping = Mapping(viewpoint, 150, 110, aspect)
    taken = labels_on_screen(LABELS, CROP, mapping, ratio)
    if taken is None:
        return
    shown, left, top = taken
    row = data.draw(st.integers(0, shown.shape[0] - 1))
    column = data.draw(st.integers(0, shown.shape[1] - 1))
    place = mapping.to_frame((left + column + 0.5) / ratio, (top + row + 0.5) / ratio)
    cells = [(place[0] - CROP[0]) / CROP[2] * 64, (place[1] - CROP[1]) / CROP[2] * 64]
    if any(abs(cell - round(cell)) < 1e-6 for cell in cells):
        return  # on a border either neighbour is right
    assert shown[row, column] == LABELS[int(cells[0]), int(cells[1])]


def test_a_crop_out_of_sight_draws_nothing() -> None:
    assert labels_on_screen(LABELS, CROP, Mapping(Viewpoint(1000, 1000, 4), 100, 100), 1.0) is None


def painted(label: int, viewpoint: Viewpoint, ratio: float = 1.0) -> np.ndarray:
    image = QImage(round(120 * ratio), round(120 * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    labels = Labels(np.full((8, 8), label, np.uint8), 1.0)
    with QPainter(image) as painter:
        paint_agreement(painter, labels, (0, 0, 200), Mapping(viewpoint, 120, 120), ratio)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., 3].copy()


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("zoom", [0.7, 3.0, 40.0])
@pytest.mark.parametrize("ratio", [1.0, 2.0])
def test_stripes_lean_and_repeat_alike_however_the_film_is_seen(
    turns: int, flipped: bool, zoom: float, ratio: float
) -> None:
    view = Viewpoint(100, 100, zoom, turns, flipped)
    a, b = painted(AGREEMENT_ONLY_A, view, ratio), painted(AGREEMENT_ONLY_B, view, ratio)
    period = round(STRIPES_PX * ratio)
    assert len(np.unique(a)) == len(np.unique(b)) == 2
    assert (a[1:, :-1] == a[:-1, 1:]).all(), "only A rises"
    assert (b[1:, 1:] == b[:-1, :-1]).all(), "only B falls"
    assert (a[:, period:] == a[:, :-period]).all()
    swatch = agreement_image(np.full((4 * period, 4 * period), AGREEMENT_ONLY_A, np.uint8), 1.0, ratio)
    key = np.frombuffer(swatch.constBits(), np.uint8).reshape(4 * period, 4 * period, 4)[..., 3]
    assert (key[1:, :-1] == key[:-1, 1:]).all()
    assert (key == key.max()).mean() == pytest.approx((a == a.max()).mean(), abs=0.03)


def test_not_analyzed_has_a_hatch_of_its_own() -> None:
    view = Viewpoint(100, 100, 2)
    hatch = painted(AGREEMENT_NOT_ANALYZED, view)
    assert hatch.min() > 0
    assert len(np.unique(hatch)) == 2


def test_the_part_of_a_map_that_is_lit(qapp: object):
    heat = QImage(64, 32, QImage.Format.Format_ARGB32_Premultiplied)
    heat.fill(0)
    assert lit_part(heat).isEmpty()
    heat.setPixel(20, 10, 0x80400000)
    heat.setPixel(30, 31, 0x80400000)
    assert lit_part(heat).getRect() == (18, 8, 15, 24)
