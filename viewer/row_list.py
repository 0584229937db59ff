"""A list whose rows have some lines each and are known by an identifier."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QListWidget, QListWidgetItem

from viewer.theme import Colour, text_height_px

_IDENTIFIER = Qt.ItemDataRole.UserRole
_MARGIN_PX = 6


@dataclass(frozen=True, slots=True)
class Row:
    """What a row says, in lines, and its tool tip. `quiet`: it counts for less, and is in grey."""

    identifier: str
    text: str
    tip: str
    quiet: bool = False


class RowList(QListWidget):
    """Each row as high as its own lines. Says nothing of what the program changes, only of the reader's."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def rows(self) -> tuple[str, ...]:
        """The list as it reads, top to bottom."""
        return tuple(self.item(place).text() for place in range(self.count()))

    def fill(self, rows: Iterable[Row]) -> None:
        """Show these rows, none of them chosen."""
        with QSignalBlocker(self):
            self.clear()
            for row in rows:
                item = QListWidgetItem(row.text)
                item.setData(_IDENTIFIER, row.identifier)
                item.setToolTip(row.tip)
                # A row that is too low loses its last line.
                item.setSizeHint(QSize(0, text_height_px(row.text, self.font()) + _MARGIN_PX))
                if row.quiet:
                    item.setForeground(QColor(Colour.QUIET))
                self.addItem(item)

    def choose(self, identifier: str) -> bool:
        """Make the row of an identifier the current one, or none; returns whether there is one."""
        places = range(self.count())
        place = next((n for n in places if identifier_of(self.item(n)) == identifier), -1)
        with QSignalBlocker(self):
            self.setCurrentRow(place)
        return place >= 0


def identifier_of(item: QListWidgetItem | None) -> str:
    """What a row is known by; "" for no row."""
    return "" if item is None else str(item.data(_IDENTIFIER))
