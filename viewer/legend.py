"""What the colours of the difference panel mean: a scale in fixed units, or two models' agreement."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from core.imaging.findings import Sign
from core.imaging.heatmap import (
    AGREEMENT_BOTH,
    AGREEMENT_NOT_ANALYZED,
    AGREEMENT_ONLY_A,
    AGREEMENT_ONLY_B,
    SCALE_MAX,
    HeatmapStyle,
    legend,
)
from viewer.core_sentences import said
from viewer.flat_legend import paint_flat_legend
from viewer.image_view import header_px
from viewer.language import tr
from viewer.panel import text_font
from viewer.picture import image_of
from viewer.screen_layers import agreement_image
from viewer.theme import Colour

LEGEND_PX = 66
"""Width of the legend strip on the screen, at a text size of 100 %."""
_LEGEND_TEXT_PX = 11
_LONGEST_PX = 460
_AGREEMENT_SWATCH = 24


@dataclass(frozen=True, slots=True)
class Legend:
    """What the colours of the difference panel mean: a scale in fixed units, or two models' agreement.

    `models`: names of the two models whose agreement is shown; empty for a scale. `reference`: which healthy
    films the words of the read-out rest on.
    """

    style: HeatmapStyle
    models: tuple[str, ...] = ()
    reference: str = ""


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
    """The legend beside the difference panel, or flat under the panels; empty while there is no map."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._meaning: Legend | None = None
        self._painted: QPixmap | None = None
        self._painted_for: tuple[object, ...] = ()

    def show_meaning(self, meaning: Legend | None) -> None:
        """Explain another map, or none."""
        self._meaning = meaning
        self.setToolTip("" if meaning is None else meaning.reference)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title bar's continuation, then the legend: as it was painted, until it means something else."""
        ratio = self.devicePixelRatioF()
        key = (self._meaning, self.size(), ratio, self.font(), header_px())
        if self._painted is None or key != self._painted_for:
            self._painted, self._painted_for = QPixmap(self.size() * ratio), key
            self._painted.setDevicePixelRatio(ratio)
            self._paint_on(self._painted)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._painted)

    def _paint_on(self, sheet: QPixmap) -> None:
        with QPainter(sheet) as painter:
            painter.setFont(self.font())
            painter.fillRect(self.rect(), QColor(Colour.FILM))
            if self.width() > 2 * self.height():
                if self._meaning is not None:
                    painter.setFont(text_font(painter, _LEGEND_TEXT_PX))
                    paint_flat_legend(painter, self._meaning, QRectF(self.rect()).adjusted(10, 0, -10, 0))
                return
            painter.fillRect(0, 0, self.width(), header_px(), QColor(Colour.RAISED))
            if self._meaning is not None:
                room = QRectF(self.rect()).adjusted(0, header_px() + 8, 0, -8)
                room.setHeight(min(room.height(), _LONGEST_PX))
                _paint_legend(painter, self._meaning, room)


def _paint_scale_legend(painter: QPainter, style: HeatmapStyle, room: QRectF) -> None:
    metrics = QFontMetricsF(painter.font())
    high = metrics.height()
    above = [tr("share of"), tr("grey range"), *([said("denser")] if style.both_signs else [])]
    _paint_centred(painter, above, room.top(), room)
    signs = tuple(Sign) if style.both_signs else (style.sign,)
    on_scale = [sign for sign in signs if style.threshold_of(sign) <= SCALE_MAX]
    note = [
        tr("line =") if len(on_scale) == 1 else tr("lines ="),
        tr("threshold") if len(on_scale) == 1 else tr("thresholds"),
    ]
    if not on_scale:
        note = [tr("threshold"), tr("off scale")]
    below = [*said("more lucent").split(" ", 1), *note] if style.both_signs else note
    bar = QRectF(room.left() + 8, room.top() + (len(above) + 0.6) * high, 16, 0)
    bar.setBottom(max(room.bottom() - (len(below) + 0.6) * high, bar.top() + 8))
    painter.fillRect(bar, QColor(Colour.FILM))
    painter.drawImage(bar, image_of(legend(style, max(1, round(bar.height())))))
    painter.setPen(QPen(QColor(Colour.LINE)))
    painter.drawRect(bar)
    lowest = -SCALE_MAX if style.both_signs else 0.0

    def height_of(value: float) -> float:
        return bar.bottom() - (value - lowest) / (SCALE_MAX - lowest) * bar.height()

    turned = {sign: -1.0 if style.both_signs and sign is Sign.LUCENT else 1.0 for sign in signs}
    marks = [turned[sign] * style.threshold_of(sign) for sign in on_scale]  # -0.0 is more lucent, too
    steps = [step * SCALE_MAX / 6 for step in range(-6 if style.both_signs else 0, 7)]
    painter.setPen(QColor(Colour.QUIET))
    for value in steps[:: 2 if style.both_signs else 1]:
        if all(abs(height_of(value) - height_of(mark)) >= high for mark in marks):
            place = QPointF(bar.right() + 6, height_of(value) + metrics.ascent() / 2 - 1)
            painter.drawText(place, _on_scale(value, style, 2))
    # Two thresholds near zero: their numbers give way to each other, their lines do not.
    apart = max(0.0, high - abs(height_of(marks[0]) - height_of(marks[1]))) / 2 if len(marks) == 2 else 0.0
    for mark in marks:
        y = height_of(mark)
        painter.setPen(QPen(QColor(Colour.TEXT), 1.6))
        painter.drawLine(QPointF(bar.left() - 4, y), QPointF(bar.right() + 4, y))
        base = y + metrics.ascent() / 2 - 1 - math.copysign(apart, mark)
        painter.drawText(QPointF(bar.right() + 6, base), _on_scale(mark, style, 3))
    painter.setPen(QColor(Colour.TEXT))
    _paint_centred(painter, below, bar.bottom() + 0.5 * high, room)


def _on_scale(value: float, style: HeatmapStyle, digits: int) -> str:
    """A value of the scale, with its sign where there are two."""
    if not style.both_signs or (value == 0 and digits == 2):
        return f"{value:.{digits}f}"
    return f"{value:+.{digits}f}".replace("-", "−")


def _paint_centred(painter: QPainter, lines: list[str], top: float, room: QRectF) -> None:
    high = QFontMetricsF(painter.font()).height()
    for number, text in enumerate(lines):
        place = QRectF(room.left(), top + number * high, room.width(), high)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop), text)


def _paint_agreement_legend(painter: QPainter, meaning: Legend, room: QRectF) -> None:
    """What each pattern means; painted as on the film, by the same function."""
    high = QFontMetricsF(painter.font()).height()
    side = _AGREEMENT_SWATCH
    top, ratio = room.top(), painter.device().devicePixelRatioF()
    flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
    first, second = meaning.models[:2]
    for label, text in (
        (AGREEMENT_BOTH, tr("both models")),
        (AGREEMENT_ONLY_A, tr("only {model}").format(model=first)),
        (AGREEMENT_ONLY_B, tr("only {model}").format(model=second)),
        (AGREEMENT_NOT_ANALYZED, tr("not analyzed")),
    ):
        labels = np.full((round(side * ratio),) * 2, label, np.uint8)
        painter.drawImage(QPointF(room.center().x() - side / 2, top), agreement_image(labels, 1.0, ratio))
        words = QRectF(room.left() + 2, top + side + 2, room.width() - 4, 3 * high)
        painter.drawText(words, flags, text)
        top += side + 3.6 * high
