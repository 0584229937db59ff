"""How a row of the study list is painted: names in lines, a small picture, modality, the mark of notes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import lru_cache

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from core.study_list import SeriesRow
from core.visible import visible
from viewer.language import tr
from viewer.theme import SMALL_TEXT_PX, Colour, icon, scaled, text_height_px
from viewer.thumbnails import Thumbnails

_MARGIN_PX = 4
_GAP_PX = 6
_MARK_PX = 14
_BADGE_TEXT_PX = 11
_MOST_NOTES_TOLD = 8
_MOST_FACES = 64  # a screen full, at some 60 kB each
# One letter of each script that our fonts hold: the tallest gives every line its room.
# Latin, Greek and Cyrillic letters are of one font.
_OTHER_FONTS_FROM = "\u0530"
_SCRIPTS = "Aعשकส漢"

Index = QModelIndex | QPersistentModelIndex


class StudyPainter(QStyledItemDelegate):
    """Paints rows of lines; rows of a series have a picture at the left.

    `row_at` gives the series of an index, None for patients and studies; their lines are the texts of
    the model. The height of a row is the model's size hint, so that a list of thousands is laid out fast.
    """

    def __init__(
        self,
        row_at: Callable[[Index], SeriesRow | None],
        thumbnails: Thumbnails,
        side_px: int,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._row_at = row_at
        self._thumbnails = thumbnails
        self._side_px = side_px
        self._mark = icon("info")
        self._no_picture = icon("cancel")
        self._faces: OrderedDict[tuple[object, ...], QPixmap] = OrderedDict()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Background as every list has it, then the picture and the lines."""
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        lines = str(index.data(Qt.ItemDataRole.DisplayRole)).split("\n")
        shown.text = ""
        style = shown.widget.style() if shown.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, shown.widget)
        if not shown.rect.isEmpty():
            face = self._face(shown, lines, index, painter.device().devicePixelRatioF())
            painter.drawPixmap(shown.rect.topLeft(), face)

    def _face(self, shown: QStyleOptionViewItem, lines: list[str], index: Index, ratio: float) -> QPixmap:
        """What is on the background of a row, kept: while a folder is read the list is painted many times."""
        row = self._row_at(index)
        found = None if row is None else self._thumbnails.get(row)
        look = (
            *(() if row is None else (row.badge, row.has_notes)),
            found.cacheKey() if isinstance(found, QPixmap) else found,
            row is None and not index.parent().isValid(),
        )
        letters = (shown.font.key(), shown.direction, scaled(SMALL_TEXT_PX), scaled(_BADGE_TEXT_PX))
        key = (*lines, look, shown.rect.width(), shown.rect.height(), ratio, letters)
        face = self._faces.get(key)
        if face is None:
            face = QPixmap(shown.rect.size() * ratio)
            face.setDevicePixelRatio(ratio)
            face.fill(Qt.GlobalColor.transparent)
            with QPainter(face) as painter:
                painter.setFont(shown.font)
                painter.setLayoutDirection(shown.direction)
                self._paint_face(painter, QRect(QPoint(0, 0), shown.rect.size()), shown.font, lines, index)
            self._faces[key] = face
            if len(self._faces) > _MOST_FACES:
                self._faces.popitem(last=False)
        self._faces.move_to_end(key)
        return face

    def _paint_face(
        self, painter: QPainter, rect: QRect, font: QFont, lines: list[str], index: Index
    ) -> None:
        area = rect.adjusted(_MARGIN_PX, _MARGIN_PX // 2, -_MARGIN_PX, -_MARGIN_PX // 2)
        row = self._row_at(index)
        if row is None:
            self._paint_lines(painter, area, lines, font, bold=not index.parent().isValid())
            return
        place = self._picture_place(area)
        self._paint_picture(painter, place, row)
        area.setLeft(place.right() + _GAP_PX)
        if row.has_notes:
            self._mark.paint(painter, self._mark_place(area))
        self._paint_lines(painter, area, lines, font, mark=row.has_notes)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        """All that is too long for the row, and why there is no picture or what the mark means."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), self.tip_at(index, option.rect, event.pos()), view)
        return True

    def tip_at(self, index: Index, rect: QRect, place: QPoint) -> str:
        """The tool tip of a row for a place in it."""
        row = self._row_at(index)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        if row is None:
            return text
        area = rect.adjusted(_MARGIN_PX, _MARGIN_PX // 2, -_MARGIN_PX, -_MARGIN_PX // 2)
        found = self._thumbnails.get(row)
        if isinstance(found, str) and self._picture_place(area).contains(place):
            return tr("No picture: {why}").format(why=found)
        notes = row.notes
        more = len(notes) - _MOST_NOTES_TOLD
        told = list(notes[:_MOST_NOTES_TOLD])
        if more > 0:
            told.append(tr("… {more} more: see the Import doctor").format(more=more))
        return "\n".join([text, visible(str(row.instances[0].named_path)), *(f"ⓘ {note}" for note in told)])

    def row_height_px(self, lines: Sequence[str], *, picture: bool) -> int:
        """Room for these lines, and for the picture."""
        needed = sum(line_height_px(line) for line in lines) + _MARGIN_PX
        return max(needed, self._side_px + _MARGIN_PX) if picture else needed

    def _picture_place(self, area: QRect) -> QRect:
        top = area.top() + (area.height() - self._side_px) // 2
        return QRect(QPoint(area.left(), top), QSize(self._side_px, self._side_px))

    def _mark_place(self, area: QRect) -> QRect:
        return QRect(area.right() - _MARK_PX, area.top() + 2, _MARK_PX, _MARK_PX)

    def _paint_picture(self, painter: QPainter, place: QRect, row: SeriesRow) -> None:
        painter.fillRect(place, QColor(Colour.FILM))
        found = self._thumbnails.get(row)
        if isinstance(found, QPixmap):
            size = found.deviceIndependentSize().toSize()
            corner = QPoint((place.width() - size.width()) // 2, (place.height() - size.height()) // 2)
            painter.drawPixmap(place.topLeft() + corner, found)
        elif isinstance(found, str):
            mark = QRect(0, 0, 20, 20)
            mark.moveCenter(place.center())
            self._no_picture.paint(painter, mark, mode=QIcon.Mode.Disabled)
        font = QFont(painter.font())
        font.setPixelSize(scaled(_BADGE_TEXT_PX))
        painter.setFont(font)
        badge = QRect(0, 0, QFontMetrics(font).horizontalAdvance(row.badge) + 8, scaled(_BADGE_TEXT_PX) + 5)
        badge.moveBottomLeft(place.bottomLeft())
        painter.fillRect(badge, QColor(Colour.HOVER))
        painter.setPen(QColor(Colour.TEXT))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, row.badge)

    def _paint_lines(
        self,
        painter: QPainter,
        area: QRect,
        lines: list[str],
        font: QFont,
        *,
        bold: bool = False,
        mark: bool = False,
    ) -> None:
        top = area.top() + max((area.height() - sum(line_height_px(line) for line in lines)) // 2, 0)
        for number, line in enumerate(lines):
            height = line_height_px(line)
            used = QFont(font)
            used.setBold(bold and number == 0)
            if number:
                used.setPixelSize(scaled(SMALL_TEXT_PX))
            place = QRect(area.left(), top, area.width(), height)
            top += height
            if mark and place.top() < area.top() + _MARK_PX:
                place.setRight(place.right() - _MARK_PX - 2)
            painter.setFont(used)
            painter.setPen(QColor(Colour.TEXT if number == 0 else Colour.QUIET))
            elided = QFontMetrics(used).elidedText(line, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(
                place,
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter,
                elided,
            )


def line_height_px(line: str) -> int:
    """Room for one line of the list: letters beyond Cyrillic come from taller fonts."""
    letters = "A" if line.isascii() or max(line) < _OTHER_FONTS_FROM else _SCRIPTS
    return _height_px(letters, QApplication.font())


@lru_cache(maxsize=4)
def _height_px(letters: str, font: QFont) -> int:
    """Room for the tallest of some letters: measured once, since a font that is new is slow."""
    return max(text_height_px(letter, font) for letter in letters)
