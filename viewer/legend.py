"""What the colours of the difference panel mean: a scale in fixed units, or two models' agreement."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from core.imaging.heatmap import (
    AGREEMENT_BOTH,
    AGREEMENT_ONLY_A,
    AGREEMENT_ONLY_B,
    SCALE_MAX,
    HeatmapStyle,
    agreement_overlay,
    legend,
)
from viewer.image_view import header_px
from viewer.panel import text_font
from viewer.picture import image_of
from viewer.theme import Colour

LEGEND_PX = 66
"""Width of the legend strip on the screen, at a text size of 100 %."""
_LEGEND_TEXT_PX = 11
_LONGEST_PX = 460
_AGREEMENT_SWATCH = 24


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours of the difference panel mean: a scale in fixed units, or two models' agreement.

    `models`: names of the two models whose agreement is shown; empty for a scale.
    """

    style: HeatmapStyle
    models: tuple[str, ...] = ()


def _paint_legend(painter: QPainter, meaning: Legend, room: QRectF) -> None:
    """The legend in an upright strip: fixed units, highest on top, the threshold marked on it."""
    painter.save()
    painter.setFont(text_font(painter, _LEGEND_TEXT_PX))
    painter.setPen(QColor(Colour.QUIET))
    if meaning.models:
        _paint_agreement_legend(painter, meaning, room)
    else:
        _paint_scale_legend(painter, meaning.style, room)
    painter.restore()


class LegendStrip(QWidget):
    """The legend beside the difference panel; empty while there is no map."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._meaning: Legend | None = None

    def show_meaning(self, meaning: Legend | None) -> None:
        """Explain another map, or none."""
        self._meaning = meaning
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title bar's continuation, then the legend."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(Colour.FILM))
            painter.fillRect(0, 0, self.width(), header_px(), QColor(Colour.RAISED))
            if self._meaning is not None:
                room = QRectF(self.rect()).adjusted(0, header_px() + 8, 0, -8)
                room.setHeight(min(room.height(), _LONGEST_PX))
                _paint_legend(painter, self._meaning, room)


def _paint_scale_legend(painter: QPainter, style: HeatmapStyle, room: QRectF) -> None:
    metrics = QFontMetricsF(painter.font())
    high = metrics.height()
    centred = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
    for number, text in enumerate(("share of", "grey range")):
        painter.drawText(QRectF(room.left(), room.top() + number * high, room.width(), high), centred, text)
    below = 2.6 * high
    bar = QRectF(room.left() + 8, room.top() + 2.6 * high, 16, 0)
    bar.setBottom(max(room.bottom() - below, bar.top() + 8))
    painter.fillRect(bar, QColor(Colour.FILM))
    painter.drawImage(bar, image_of(legend(style, max(1, round(bar.height())))))
    painter.setPen(QPen(QColor(Colour.LINE)))
    painter.drawRect(bar)
    for step in range(7):
        value = step * SCALE_MAX / 6
        y = bar.bottom() - value / SCALE_MAX * bar.height()
        if abs(value - style.threshold) / SCALE_MAX * bar.height() < high and style.threshold <= SCALE_MAX:
            continue
        painter.setPen(QColor(Colour.QUIET))
        painter.drawText(QPointF(bar.right() + 6, y + metrics.ascent() / 2 - 1), f"{value:.2f}")
    if style.threshold <= SCALE_MAX:
        y = bar.bottom() - style.threshold / SCALE_MAX * bar.height()
        painter.setPen(QPen(QColor(Colour.TEXT), 1.6))
        painter.drawLine(QPointF(bar.left() - 4, y), QPointF(bar.right() + 4, y))
        painter.setPen(QColor(Colour.TEXT))
        place = QPointF(bar.right() + 6, y + metrics.ascent() / 2 - 1)
        painter.drawText(place, f"{style.threshold:.3f}")
        note = ("line =", "threshold")
    else:
        painter.setPen(QColor(Colour.TEXT))
        note = ("threshold", "off scale")
    for number, text in enumerate(note):
        top = bar.bottom() + 0.5 * high + number * high
        painter.drawText(QRectF(room.left(), top, room.width(), high), centred, text)


def _paint_agreement_legend(painter: QPainter, meaning: Legend, room: QRectF) -> None:
    high = QFontMetricsF(painter.font()).height()
    side = _AGREEMENT_SWATCH
    top = room.top()
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    first, second = meaning.models[:2]
    for label, text in (
        (AGREEMENT_BOTH, "both models"),
        (AGREEMENT_ONLY_A, f"only {first}"),
        (AGREEMENT_ONLY_B, f"only {second}"),
    ):
        labels = np.full((_AGREEMENT_SWATCH, _AGREEMENT_SWATCH), label, np.uint8)
        swatch = image_of(agreement_overlay(labels, 1.0))
        painter.drawImage(QRectF(room.center().x() - side / 2, top, side, side), swatch)
        words = QRectF(room.left() + 2, top + side + 2, room.width() - 4, 3 * high)
        painter.drawText(words, flags, text)
        top += side + 3.6 * high
