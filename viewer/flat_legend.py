"""The legend lying flat under the panels, where an upright one would take too much from narrow films."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

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
from viewer.language import tr
from viewer.picture import image_of
from viewer.screen_layers import agreement_image
from viewer.theme import Colour

if TYPE_CHECKING:
    from viewer.legend import Legend

FLAT_LEGEND_PX = 34
"""Height of the flat legend, at a text size of 100 %."""
_BAR_PX = 9
_GAP = 10.0
_STEPS = 6


def paint_flat_legend(painter: QPainter, meaning: Legend, room: QRectF) -> None:
    """The same scale, or the same patterns, as in the upright legend, from left to right."""
    painter.save()
    if meaning.models:
        _paint_agreement(painter, meaning.models, room)
    else:
        _paint_scale(painter, meaning.style, room)
    painter.restore()


def _paint_scale(painter: QPainter, style: HeatmapStyle, room: QRectF) -> None:
    """Words, the bar with lowest values at the left, a line and a number at each threshold."""
    metrics = QFontMetricsF(painter.font())
    signs = tuple(Sign) if style.both_signs else (style.sign,)
    marks = [
        -style.threshold_of(sign) if style.both_signs and sign is Sign.LUCENT else style.threshold_of(sign)
        for sign in signs
        if style.threshold_of(sign) <= SCALE_MAX
    ]
    before = tr("share of grey range") + ("" if marks else f"  ·  {tr('threshold off scale')}")
    before += f"  ·  {said('more lucent')}" if style.both_signs else ""
    after = said("denser") if style.both_signs else ""
    left = room.left() + metrics.horizontalAdvance(before) + 2 * _GAP
    right = room.right() - (metrics.horizontalAdvance(after) + _GAP if after else 0) - 2 * _GAP
    bar = QRectF(left, room.top() + 4, max(right - left, 1.0), _BAR_PX)
    base = bar.center().y() + metrics.ascent() / 2 - 1
    painter.setPen(QColor(Colour.QUIET))
    painter.drawText(QPointF(room.left(), base), before)
    painter.drawText(QPointF(bar.right() + _GAP, base), after)
    colours = np.ascontiguousarray(np.rot90(legend(style, max(1, round(bar.width()))), -1))
    painter.fillRect(bar, QColor(Colour.FILM))
    painter.drawImage(bar, image_of(colours))
    painter.setPen(QPen(QColor(Colour.LINE)))
    painter.drawRect(bar)
    lowest = -SCALE_MAX if style.both_signs else 0.0

    def across(value: float) -> float:
        return bar.left() + (value - lowest) / (SCALE_MAX - lowest) * bar.width()

    below, free = bar.bottom() + metrics.ascent() + 1, metrics.horizontalAdvance("+0.000") + 6
    painter.setPen(QColor(Colour.QUIET))
    for step in range(-_STEPS if style.both_signs else 0, _STEPS + 1, 2):
        value = step * SCALE_MAX / _STEPS
        if all(abs(across(value) - across(mark)) >= free for mark in marks):
            _paint_number(painter, value, across(value), below, style, 2)
    for mark in marks:
        painter.setPen(QPen(QColor(Colour.TEXT), 1.6))
        painter.drawLine(QPointF(across(mark), bar.top() - 3), QPointF(across(mark), bar.bottom() + 3))
        _paint_number(painter, mark, across(mark), below, style, 3)


def _paint_number(
    painter: QPainter, value: float, x: float, base: float, style: HeatmapStyle, digits: int
) -> None:
    signed = style.both_signs and value != 0
    words = f"{value:+.{digits}f}".replace("-", "−") if signed else f"{value:.{digits}f}"
    painter.drawText(QPointF(x - QFontMetricsF(painter.font()).horizontalAdvance(words) / 2, base), words)


def _paint_agreement(painter: QPainter, models: tuple[str, ...], room: QRectF) -> None:
    """What each pattern means, as it is painted on the film."""
    ratio, side = painter.device().devicePixelRatioF(), room.height() - 8
    first, second = models[:2]
    meanings = (
        (AGREEMENT_BOTH, tr("both models")),
        (AGREEMENT_ONLY_A, tr("only {model}").format(model=first)),
        (AGREEMENT_ONLY_B, tr("only {model}").format(model=second)),
        (AGREEMENT_NOT_ANALYZED, tr("not analyzed")),
    )
    share = room.width() / len(meanings)
    for place, (label, words) in enumerate(meanings):
        left = room.left() + place * share
        labels = np.full((round(side * ratio),) * 2, label, np.uint8)
        painter.drawImage(QPointF(left, room.top() + 4), agreement_image(labels, 1.0, ratio))
        beside = QRectF(left + side + 6, room.top(), share - side - 12, room.height())
        painter.setPen(QColor(Colour.QUIET))
        shown = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, beside.width())
        painter.drawText(beside, int(Qt.AlignmentFlag.AlignVCenter), shown)
