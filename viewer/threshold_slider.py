"""The threshold as a slider: one step for each counted price, and a mark where the calibrated value is."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider

from core.inference.calibration import HIGHEST_LEVEL, LEVEL_STEP
from viewer.language import tr
from viewer.theme import Colour

# What each step costs on healthy films was counted.
THRESHOLD_STEP = LEVEL_STEP
THRESHOLD_MAX = HIGHEST_LEVEL
_STEPS = round(THRESHOLD_MAX / THRESHOLD_STEP)
_MARK_PX = 5.0


class ThresholdSlider(QSlider):
    """A slider from one step to the highest threshold, in steps; the mark may lie between two of them."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._mark: float | None = None
        self.setRange(1, _STEPS)
        self.setPageStep(_STEPS // 10)
        self.setMinimumWidth(60)

    @property
    def mark(self) -> float | None:
        """The calibrated threshold; None where there is none, or none on this scale."""
        return self._mark

    def show_threshold(self, threshold: float, calibrated: float | None) -> None:
        """Stand at a threshold, infinite ones at the end, with the mark at the calibrated one."""
        self.setValue(_STEPS if math.isinf(threshold) else round(threshold / THRESHOLD_STEP))
        mark = calibrated if calibrated is not None and calibrated <= THRESHOLD_MAX else None
        if mark != self._mark:
            self._mark = mark
            words = "" if mark is None else tr("Calibrated: {value}").format(value=f"{mark:.3f}")
            self.setAccessibleDescription(words)
            self.update()

    def mark_x(self) -> float:
        """Where the mark is, in widget coordinates: as the middle of the handle if it stood there."""
        if self._mark is None:
            raise ValueError("There is no mark.")
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style, slider = self.style(), QStyle.ComplexControl.CC_Slider
        groove = style.subControlRect(slider, option, QStyle.SubControl.SC_SliderGroove, self)
        handle = style.subControlRect(slider, option, QStyle.SubControl.SC_SliderHandle, self)
        share = (self._mark / THRESHOLD_STEP - self.minimum()) / (self.maximum() - self.minimum())
        room = groove.width() - handle.width()
        return groove.left() + handle.width() / 2 + min(max(share, 0.0), 1.0) * room

    def paintEvent(self, event: QPaintEvent) -> None:
        """The slider, and a small triangle under its groove."""
        super().paintEvent(event)
        if self._mark is None or not self.isEnabled():
            return
        x, bottom = self.mark_x(), float(self.height())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(Colour.TEXT))
            corners = ((x, bottom - _MARK_PX), (x - _MARK_PX / 1.6, bottom), (x + _MARK_PX / 1.6, bottom))
            painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
