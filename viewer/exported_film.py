"""A panel as a picture of its own, at the resolution of the frame: what leaves the window as PNG."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from core.imaging.display import Levels
from viewer.legend import LEGEND_PX, Legend, paint_legend
from viewer.panel import (
    PanelContent,
    elided,
    paint_drawings,
    paint_letters,
    paint_lines,
    paint_map,
    text_font,
)
from viewer.picture import Picture, image_of
from viewer.theme import SMALL_TEXT_PX, TEXT_PX, Colour
from viewer.viewpoint import Mapping, Viewpoint


def film_image(
    picture: Picture, levels: Levels, content: PanelContent, meaning: Legend | None, footer: tuple[str, ...]
) -> QImage:
    """A panel as a picture for export: each frame pixel once, whatever the window shows.

    The frame fills the upper left; `meaning` adds a legend strip on the right, `footer` lines below.
    A panel with a coloured border (the twin) carries its title burned into the film itself.
    """
    rows, columns = picture.shape
    # Letters grow with the film and never fall below 11 pixels.
    scale = max(11 / SMALL_TEXT_PX, min(rows, columns) / 700)
    strip = round(LEGEND_PX * scale) if meaning is not None else 0
    line = math.ceil(SMALL_TEXT_PX * scale * 1.5)
    image = QImage(columns + strip, rows + line * len(footer), QImage.Format.Format_RGB32)
    image.fill(QColor(Colour.FILM))
    with QPainter(image) as painter:
        painter.drawImage(0, 0, image_of(levels[picture.codes]))
        mapping = Mapping(Viewpoint(rows / 2, columns / 2, 1.0), columns, rows)
        painter.save()
        painter.setClipRect(0, 0, columns, rows)
        paint_map(painter, content, mapping, scale)
        paint_drawings(painter, content, mapping, scale)
        paint_letters(painter, content, mapping, scale)
        if content.border is not Colour.LINE:
            gap = 8 * scale
            bold = text_font(painter, TEXT_PX, scale, bold=True)
            title = elided(
                (f"{content.title} {content.subtitle}".strip(),), QFontMetricsF(bold), columns - gap
            )
            paint_lines(painter, title, QPointF(gap, gap), bold, content.border)
            painter.setPen(QPen(QColor(content.border), 4 * scale))
            painter.drawRect(0, 0, columns, rows)
        painter.restore()
        if meaning is not None:
            paint_legend(painter, meaning, QRectF(columns, 0, strip, min(rows, round(420 * scale))), scale)
        font = text_font(painter, SMALL_TEXT_PX, scale)
        shown = elided(footer, QFontMetricsF(font), columns + strip - 12 * scale)
        for number, text in enumerate(shown):
            place = QPointF(6 * scale, rows + number * line)
            paint_lines(painter, (text,), place, font, Colour.TEXT)
    return image
