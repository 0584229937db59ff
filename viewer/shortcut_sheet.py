"""The sheet of all keys and of the mouse (F1): as they are now, searched, copied, saved as PDF."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QMarginsF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QPageLayout, QPageSize, QPdfWriter, QResizeEvent, QTextDocument
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from core.errors import CannotWrite
from core.files import write_whole
from viewer.language import tr
from viewer.theme import Colour, scaled, take_size

_COLUMN_PX = 290
_MOST_COLUMNS = 4
_PDF_COLUMNS = 3
_MARGIN_MM = 12


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A heading with its rows of (keys or gesture, what it does), all as they are shown."""

    title: str
    rows: tuple[tuple[str, str], ...]

    def narrowed(self, words: Sequence[str]) -> SheetPart:
        """The rows that hold all the words, lower case; their heading counts as well."""
        return SheetPart(
            self.title,
            tuple(
                row
                for row in self.rows
                if all(word in f"{self.title} {row[0]} {row[1]}".casefold() for word in words)
            ),
        )


class ShortcutSheet(QDialog):
    """Parts in as many columns as there is room for. `failed` carries what could not be saved."""

    failed = Signal(object)

    def __init__(self, parts: tuple[SheetPart, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Keys and mouse"))
        self._parts = parts
        self._columns = 0
        self._search = QLineEdit()
        self._search.setPlaceholderText(tr("Search commands and keys"))
        self._search.setAccessibleName(tr("Search commands and keys"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(lambda text: self._show())
        self._text = QTextBrowser()
        self._text.setAccessibleName(tr("Keys and mouse"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        copy, save = QPushButton(tr("Copy")), QPushButton(tr("Save as PDF…"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(plain_text(self.shown)))
        save.clicked.connect(self._ask_pdf)
        for button in (copy, save):
            # Return in the search must not press one of them.
            button.setAutoDefault(False)
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.button(QDialogButtonBox.StandardButton.Close).setAutoDefault(False)
        top = QHBoxLayout()
        top.addWidget(self._search)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self._text, 1)
        column.addWidget(buttons)
        take_size(self, scaled(1240), scaled(940))
        self._search.setFocus()

    @property
    def shown(self) -> tuple[SheetPart, ...]:
        """The parts with the rows that the search leaves."""
        words = self._search.text().casefold().split()
        narrowed = (part.narrowed(words) for part in self._parts)
        return tuple(part for part in narrowed if part.rows)

    def save_pdf(self, path: Path) -> None:
        """Write the sheet as it is shown, black on white. Raises `CannotWrite`."""
        stored = QBuffer()
        stored.open(QBuffer.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(stored)
        writer.setTitle(self.windowTitle())
        writer.setResolution(96)
        margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        layout = QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4),
            QPageLayout.Orientation.Landscape,
            margins,
            QPageLayout.Unit.Millimeter,
        )
        writer.setPageLayout(layout)
        page = QTextDocument()
        page.setDefaultFont(self.font())
        page.setHtml(sheet_html(self.shown, _PDF_COLUMNS, on_paper=True))
        page.print_(writer)
        write_whole(path, bytes(stored.data().data()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many columns as there is room for."""
        super().resizeEvent(event)
        columns = min(max(self._text.width() // scaled(_COLUMN_PX), 1), _MOST_COLUMNS)
        if columns != self._columns:
            self._columns = columns
            self._show()

    def _show(self) -> None:
        parts = self.shown
        if parts:
            self._text.setHtml(sheet_html(parts, max(self._columns, 1)))
        else:
            self._text.setPlainText(tr("No command and no key holds these words."))

    def _ask_pdf(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Save as PDF…"), "keys.pdf", "PDF (*.pdf)")
        if name:
            try:
                self.save_pdf(Path(name))
            except CannotWrite as error:
                self.failed.emit(error)


def plain_text(parts: Sequence[SheetPart]) -> str:
    """The sheet in lines, with tabs between keys and commands."""
    blocks = ["\n".join([part.title, *(f"{keys}\t{does}" for keys, does in part.rows)]) for part in parts]
    return "\n\n".join(blocks)


def sheet_html(parts: Sequence[SheetPart], columns: int, *, on_paper: bool = False) -> str:
    """The parts in columns of about one height, in their order from top to bottom and left to right."""
    heading, keys = ("#000000", "#000000") if on_paper else (Colour.ACCENT, Colour.TEXT)
    does = "#333333" if on_paper else Colour.QUIET
    cells = []
    for column in _balanced(parts, columns):
        blocks = []
        for part in column:
            rows = "".join(
                f'<tr><td style="color: {keys}; padding-right: 10px;"><b>{_keys(one)}</b></td>'
                f'<td style="color: {does};">{html.escape(what)}</td></tr>'
                for one, what in part.rows
            )
            blocks.append(
                f'<p style="color: {heading}; margin: 6px 0 2px 0;"><b>{html.escape(part.title)}</b></p>'
                f'<table cellspacing="0" cellpadding="1">{rows}</table>'
            )
        cells.append(f'<td width="{100 // columns}%" style="padding-right: 14px;">{"".join(blocks)}</td>')
    return f'<table width="100%"><tr>{"".join(cells)}</tr></table>'


def _keys(text: str) -> str:
    """Never broken inside of a key, only between two."""
    return " / ".join(html.escape(one).replace(" ", "&nbsp;") for one in text.split(" / "))


def _balanced(parts: Sequence[SheetPart], columns: int) -> list[list[SheetPart]]:
    """Parts in columns of about one height; a long part goes on in the next column under its title."""
    total = sum(len(part.rows) + 2 for part in parts)
    room = max(-(-total // columns), 4)
    filled: list[list[SheetPart]] = [[]]
    left = room
    for part in parts:
        rows = part.rows
        while rows:
            last = len(filled) == columns
            if not last and left < 4:
                filled.append([])
                left = room
                continue
            count = len(rows) if last else min(len(rows), left - 2)
            if len(rows) - count < 3 and not last:
                count = len(rows)  # no orphans: a few rows more make no column too long
            filled[-1].append(SheetPart(part.title, rows[:count]))
            rows, left = rows[count:], left - count - 2
    return filled
