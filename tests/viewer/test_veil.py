"""A second picture within a panel: the same pixels as in its own, and no others."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter, QPainterPath
from pytestqt.qtbot import QtBot
from twin_cases import compared, film, opinion

from viewer.veil import paint_second
from viewer.viewpoint import Mapping, Viewpoint


@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize("turns", [0, 1])
def test_only_the_part_is_painted_and_it_is_the_other_panels_picture(
    qtbot: QtBot, ratio: float, turns: int
) -> None:
    frame = film()
    comparison = compared(qtbot, frame, opinion(frame))
    second = comparison._seconds[0]
    assert second is not None
    assert second.synthetic
    assert second.name == "SYNTHETIC TWIN"
    mapping = Mapping(Viewpoint(120, 100, 1.0, turns), 300, 260)
    image = QImage(round(300 * ratio), round(260 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(0x00FF00)
    part = QPainterPath()
    part.addRect(QRectF(100, 90, 80, 60))
    with QPainter(image) as painter:
        paint_second(painter, second, part, mapping, ratio)
    green = QImage(image).convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(green.constBits(), np.uint32).reshape(green.height(), green.width()) & 0xFFFFFF
    inside = np.zeros(pixels.shape, bool)
    inside[round(90 * ratio) : round(150 * ratio), round(100 * ratio) : round(180 * ratio)] = True
    assert (pixels[~inside] == 0x00FF00).all()
    sample = second.picture.sample(mapping, ratio)
    assert sample is not None
    levels = second.levels[sample.codes]
    there = np.zeros(pixels.shape, np.uint8)
    there[sample.top : sample.top + levels.shape[0], sample.left : sample.left + levels.shape[1]] = levels
    assert ((pixels[inside] & 0xFF) == there[inside]).all()
