"""The page of the preferences on which the named windows of each modality are changed."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from core.imaging.window_presets import DEFAULTS, NamedWindow, Presets, number_words, presets_of, rows_of
from core.settings import Settings
from viewer.language import tr
from viewer.settings_pages import Page
from viewer.theme import Colour

_COLUMNS = ("Modality", "Name", "Width", "Centre")


class WindowsPage(Page):
    """A table of modality, name, width and centre; their order is that of the keys, after the file's own."""

    def __init__(self) -> None:
        super().__init__()
        self._table = QTableWidget(0, len(_COLUMNS))
        self._table.setObjectName("windows")
        self._table.setAccessibleName(tr("Windows"))
        self._table.setHorizontalHeaderLabels([tr("Modality"), tr("Name"), tr("Width"), tr("Centre")])
        self._table.verticalHeader().setVisible(False)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setTabKeyNavigation(False)
        self._table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self._table.itemChanged.connect(lambda item: self._taken())
        note = QLabel(
            tr(
                "Shown after the windows of the file, in this order, on the keys of the presets. Films (DX, "
                "CR, MG) have none: their values mean nothing without their own windows."
            )
        )
        note.setWordWrap(True)
        note.setStyleSheet(f"color: {Colour.QUIET};")
        self._fault = QLabel()
        self._fault.setObjectName("fault")
        self._fault.setStyleSheet(f"color: {Colour.WARNING};")
        below = QHBoxLayout()
        for words, name, pressed in (
            (tr("Add"), "add_window", self._add),
            (tr("Remove"), "remove_window", self._remove),
            (tr("Up"), "up", lambda: self._move(-1)),
            (tr("Down"), "down", lambda: self._move(1)),
            (tr("Reset the windows"), "reset_windows", lambda: self._show(DEFAULTS, tell=True)),
        ):
            button = QPushButton(words)
            button.setObjectName(name)
            button.clicked.connect(pressed)
            below.addWidget(button)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 8, 0)
        column.addWidget(note)
        column.addWidget(self._table, 1)
        column.addWidget(self._fault)
        column.addLayout(below)
        self.fill(Settings())

    def fill(self, settings: Settings) -> None:
        """Show the windows of these settings."""
        self._show(presets_of(settings.own_presets))

    def wished(self) -> dict[str, object]:
        """The windows of the modalities that differ from the program's."""
        presets: dict[str, list[NamedWindow]] = {}
        for row in range(self._table.rowCount()):
            window = self._window(row)
            if window is not None:
                presets.setdefault(self._text(row, 0).upper(), []).append(window)
        emptied: Presets = {modality: () for modality in DEFAULTS if modality not in presets}
        return {"own_presets": rows_of({**emptied, **{name: tuple(ones) for name, ones in presets.items()}})}

    def narrow(self, words: tuple[str, ...]) -> int:
        """Show the windows whose texts hold all the words."""
        hits = 0
        for row in range(self._table.rowCount()):
            text = " ".join([tr("Windows"), *(self._text(row, column) for column in range(len(_COLUMNS)))])
            hit = all(word in text.casefold() for word in words)
            self._table.setRowHidden(row, not hit)
            hits += hit
        return hits

    def _show(self, presets: Presets, *, tell: bool = False) -> None:
        with QSignalBlocker(self._table):
            self._table.setRowCount(0)
            for modality, windows in presets.items():
                for one in windows:
                    self._append(modality, one.name, number_words(one.width), number_words(one.center))
        self._check()
        if tell:
            self.changed.emit()

    def _append(self, *texts: str) -> int:
        row = self._table.rowCount()
        self._table.insertRow(row)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            if column >= 2:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._table.setItem(row, column, item)
        return row

    def _add(self) -> None:
        here = max(self._table.currentRow(), 0)
        modality = self._text(here, 0) or "CT"
        with QSignalBlocker(self._table):
            row = self._append(modality, tr("New window"), "400", "40")
        self._table.setCurrentCell(row, 1)
        self._taken()
        self._table.edit(self._table.model().index(row, 1))

    def _remove(self) -> None:
        if self._table.currentRow() >= 0:
            self._table.removeRow(self._table.currentRow())
            self._taken()

    def _move(self, steps: int) -> None:
        row, column = self._table.currentRow(), max(self._table.currentColumn(), 0)
        there = row + steps
        if row < 0 or not 0 <= there < self._table.rowCount():
            return
        with QSignalBlocker(self._table):
            for place in range(len(_COLUMNS)):
                one, other = self._table.takeItem(row, place), self._table.takeItem(there, place)
                self._table.setItem(row, place, other)
                self._table.setItem(there, place, one)
        self._table.setCurrentCell(there, column)
        self._taken()

    def _taken(self) -> None:
        self._check()
        self.changed.emit()

    def _check(self) -> None:
        """Say which rows are no windows; they are not taken."""
        faults = []
        with QSignalBlocker(self._table):
            for row in range(self._table.rowCount()):
                sound = self._window(row) is not None
                for column in range(len(_COLUMNS)):
                    item = self._table.item(row, column)
                    if item is not None:
                        item.setForeground(QColor(Colour.TEXT if sound else Colour.FAILURE))
                if not sound:
                    faults.append(row)
        words = tr("Red rows are not taken: they need a modality, a name, a width from 1 on and a centre.")
        self._fault.setText(words if faults else "")

    def _window(self, row: int) -> NamedWindow | None:
        modality, name, width, center = (self._text(row, column) for column in range(len(_COLUMNS)))
        try:
            return NamedWindow(name, float(width), float(center)) if modality else None
        except ValueError:
            return None

    def _text(self, row: int, column: int) -> str:
        item = self._table.item(row, column)
        return "" if item is None else item.text().strip()
