"""Graphics and texts of a presentation state, painted on the screen: lines of one width, texts upright."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from core.imaging.graphics import Graphic, GraphicKind, TextNote
from viewer.panel import screen_rect, text_font
from viewer.theme import SMALL_TEXT_PX
from viewer.viewpoint import Mapping

_LINE_PX = 1.4
_CROSS_PX = 5.0
_RIM = QColor(0, 0, 0, 190)


def paint_graphics(painter: QPainter, graphics: tuple[Graphic | TextNote, ...], mapping: Mapping) -> None:
    """All objects in their order; the painter stands at the corner of the viewport."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for one in graphics:
        if isinstance(one, Graphic):
            _paint_graphic(painter, one, mapping)
        else:
            _paint_note(painter, one, mapping)
    painter.restore()


def _paint_graphic(painter: QPainter, graphic: Graphic, mapping: Mapping) -> None:
    places = [QPointF(*mapping.to_screen(float(row), float(column))) for row, column in graphic.outline()]
    colour = QColor(*graphic.colour)
    if graphic.kind is GraphicKind.POINT:
        (at,) = places[:1]
        lines = [QPolygonF([at - arm, at + arm]) for arm in (QPointF(_CROSS_PX, 0), QPointF(0, _CROSS_PX))]
    else:
        lines = [QPolygonF(places)]
    if graphic.filled and graphic.kind is not GraphicKind.POINT:
        path = QPainterPath()
        path.addPolygon(lines[0])
        painter.fillPath(path, colour)
    _stroke(painter, lines, colour)


def _paint_note(painter: QPainter, note: TextNote, mapping: Mapping) -> None:
    """Text in its box or beside its anchor, and the line between the two where the state wants it."""
    font = text_font(painter, SMALL_TEXT_PX)
    metrics = QFontMetricsF(font)
    wide = max(metrics.horizontalAdvance(line) for line in note.lines)
    high = metrics.height() * len(note.lines)
    colour = QColor(*note.colour)
    anchor = None if note.anchor is None else QPointF(*mapping.to_screen(*note.anchor))
    if note.box is not None:
        top, left, bottom, right = note.box
        box = screen_rect(mapping, top, left, bottom - top, right - left)
        # Letters keep their size; a box that is too small for them grows from its place.
        room = QRectF(box.topLeft(), box.bottomRight())
        room.setWidth(max(box.width(), wide))
        room.setHeight(max(box.height(), high))
    else:
        corner = (anchor or QPointF()) + QPointF(8, -high / 2)
        room = QRectF(corner.x(), corner.y(), wide, high)
    if anchor is not None and note.anchor_visible:
        near = QPointF(
            min(max(anchor.x(), room.left()), room.right()), min(max(anchor.y(), room.top()), room.bottom())
        )
        _stroke(painter, [QPolygonF([anchor, near])], colour)
    align = {"RIGHT": Qt.AlignmentFlag.AlignRight, "CENTER": Qt.AlignmentFlag.AlignHCenter}
    flags = int(align.get(note.justification, Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignTop)
    flags |= int(Qt.TextFlag.TextDontClip)
    painter.setFont(font)
    text = "\n".join(note.lines)
    painter.setPen(_RIM)
    for across, down in ((1, 1), (-1, 0), (0, -1), (1, 0), (0, 1)):
        painter.drawText(room.translated(across, down), flags, text)
    painter.setPen(colour)
    painter.drawText(room, flags, text)


def _stroke(painter: QPainter, lines: list[QPolygonF], colour: QColor) -> None:
    for pen in (QPen(_RIM, _LINE_PX * 2), QPen(colour, _LINE_PX)):
        painter.setPen(pen)
        for line in lines:
            painter.drawPolyline(line)
