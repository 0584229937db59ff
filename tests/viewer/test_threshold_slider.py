"""The slider stands on counted steps, and its mark is where the handle would stand when calibrated."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from viewer.threshold_slider import THRESHOLD_MAX, THRESHOLD_STEP, ThresholdSlider


@pytest.fixture
def slider(qtbot: QtBot) -> ThresholdSlider:
    made = ThresholdSlider()
    qtbot.addWidget(made)
    made.resize(120, 24)
    made.show()
    return made


def handle_x(slider: QSlider) -> float:
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    part = QStyle.SubControl.SC_SliderHandle
    rect = slider.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, slider)
    return rect.left() + rect.width() / 2


@pytest.mark.parametrize("threshold", [THRESHOLD_STEP, 0.1, 0.25, THRESHOLD_MAX])
def test_the_mark_is_where_the_handle_would_be(slider: ThresholdSlider, threshold: float) -> None:
    slider.show_threshold(threshold, threshold)
    assert slider.value() == round(threshold / THRESHOLD_STEP)
    assert slider.mark_x() == pytest.approx(handle_x(slider), abs=1.5)


def test_the_mark_is_seen_and_said(slider: ThresholdSlider) -> None:
    slider.show_threshold(0.4, None)
    without = slider.grab().toImage()
    assert slider.mark is None
    assert slider.accessibleDescription() == ""
    slider.show_threshold(0.4, 0.123)
    assert slider.accessibleDescription() == "Calibrated: 0.123"
    marked = slider.grab().toImage()
    changed = [
        x for x in range(marked.width()) for y in range(24) if marked.pixel(x, y) != without.pixel(x, y)
    ]
    scale = marked.devicePixelRatio()
    assert changed
    assert abs((min(changed) + max(changed)) / 2 / scale - slider.mark_x()) <= 1.5


def test_a_threshold_without_end_stands_at_the_end_and_has_no_mark(slider: ThresholdSlider) -> None:
    slider.show_threshold(math.inf, math.inf)
    assert slider.value() == slider.maximum()
    assert slider.mark is None
    with pytest.raises(ValueError, match="no mark"):
        slider.mark_x()


def test_a_key_is_one_counted_step(slider: ThresholdSlider) -> None:
    slider.show_threshold(0.1, 0.1)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() * THRESHOLD_STEP == pytest.approx(0.1 + THRESHOLD_STEP)
