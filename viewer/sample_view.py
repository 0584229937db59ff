"""Sample pictures of a training run with their titles: films in rows, what was made of them in columns."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.language import tr
from viewer.theme import SMALL_TEXT_PX, Colour, scaled

_LABELS_PX = 84
_HEAD_PX = 22


class SampleView(QWidget):
    """A sample grid with titles, as large as the room allows: all films in blocks, or one of them.

    `rowClicked(row)`: a film was clicked, -1 for the title row.
    """

    rowClicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(QSize(320, 160))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Sample pictures"))
        self._image = QImage()
        self._columns: tuple[str, ...] = ()
        self._rows: tuple[str, ...] = ()
        self._only: int | None = None
        self._places: list[tuple[QRect, int]] = []

    @property
    def columns(self) -> tuple[str, ...]:
        """Titles of the columns."""
        return self._columns

    @property
    def has_picture(self) -> bool:
        """Whether there is something to show."""
        return not self._image.isNull()

    def show_grid(self, image: QImage, columns: Sequence[str], rows: Sequence[str]) -> None:
        """Show a grid `(len(rows) x size, len(columns) x size)`; an empty image clears."""
        self._image, self._columns, self._rows = image, tuple(columns), tuple(rows)
        self.update()

    def show_only(self, row: int | None) -> None:
        """Show one film, or all of them."""
        self._only = row
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Blocks of films side by side, in the number that makes the pictures largest."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Colour.FILM.value)
        self._places = []
        rows, columns = len(self._rows), len(self._columns)
        if self._image.isNull() or not rows or not columns:
            painter.setPen(Colour.QUIET.value)
            words = tr("Pictures appear with the first evaluation.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
            return
        shown = [self._only] if self._only is not None and self._only < rows else list(range(rows))
        blocks, cell = _best_blocks(self.width(), self.height(), len(shown), columns)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        each = -(-len(shown) // blocks)
        width = scaled(_LABELS_PX) + columns * cell
        left = max(0, (self.width() - blocks * width) // 2)
        top = max(0, (self.height() - scaled(_HEAD_PX) - each * cell) // 2)
        for block in range(blocks):
            rows_of_block = shown[block * each : (block + 1) * each]
            self._paint_block(painter, QPoint(left + block * width, top), rows_of_block, cell)

    def _paint_block(self, painter: QPainter, corner: QPoint, rows: Sequence[int], cell: int) -> None:
        left = corner.x()
        source_w = self._image.width() // len(self._columns)
        source_h = self._image.height() // len(self._rows)
        painter.setPen(Colour.TEXT.value)
        font = painter.font()
        font.setPixelSize(scaled(SMALL_TEXT_PX))
        painter.setFont(font)
        metrics = painter.fontMetrics()
        for column, title in enumerate(self._columns):
            place = QRect(left + scaled(_LABELS_PX) + column * cell, corner.y(), cell, scaled(_HEAD_PX))
            twin = "twin" in title.lower()
            painter.setPen(Colour.TWIN.value if twin else Colour.TEXT.value)
            words = metrics.elidedText(title, Qt.TextElideMode.ElideRight, cell - 4)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        for place_in_block, row in enumerate(rows):
            top = corner.y() + scaled(_HEAD_PX) + place_in_block * cell
            painter.setPen(Colour.QUIET.value)
            label = QRect(left + 6, top, scaled(_LABELS_PX) - 12, cell)
            painter.drawText(
                label,
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight | Qt.TextFlag.TextWordWrap,
                f"{row + 1} {self._rows[row]}",
            )
            self._places.append((QRect(left, top, scaled(_LABELS_PX) + len(self._columns) * cell, cell), row))
            for column, title in enumerate(self._columns):
                target = QRect(left + scaled(_LABELS_PX) + column * cell, top, cell - 2, cell - 2)
                painter.drawImage(
                    target, self._image, QRect(column * source_w, row * source_h, source_w, source_h)
                )
                if "twin" in title.lower():
                    painter.setPen(QPen(Colour.TWIN.value))
                    painter.drawRect(target.adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """One film alone, or all again."""
        for place, row in self._places:
            if place.contains(event.position().toPoint()):
                self.rowClicked.emit(-1 if self._only is not None else row)
                return


def _best_blocks(width: int, height: int, rows: int, columns: int) -> tuple[int, int]:
    """In how many blocks side by side the pictures become largest, and their side in pixels."""
    sizes = {
        blocks: min(
            (width // blocks - scaled(_LABELS_PX)) // columns,
            (height - scaled(_HEAD_PX)) // -(-rows // blocks),
        )
        for blocks in (1, 2, 3)
        if blocks <= rows
    }
    best = max(sizes, key=lambda blocks: sizes[blocks])
    return best, max(8, sizes[best])
