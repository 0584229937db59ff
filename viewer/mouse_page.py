"""The page of the preferences on which each gesture of the mouse gets what it does."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox, QFormLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from core.settings import Settings
from viewer.actions import ACTIONS
from viewer.language import marked, tr
from viewer.mouse_table import (
    CHOSEN,
    GESTURES,
    MAXIMISE,
    NOTHING,
    SCROLL,
    SCROLL_OR_ZOOM,
    SCROLL_TEN,
    ZOOM,
    MouseTable,
)
from viewer.settings_pages import Page
from viewer.theme import Colour, scaled

_WORDS = {
    CHOSEN: marked("The chosen tool"),
    NOTHING: marked("Nothing"),
    MAXIMISE: marked("This panel alone, or all again"),
    SCROLL_OR_ZOOM: marked("Through the images; zooms a single one"),
    SCROLL: marked("Through the images"),
    SCROLL_TEN: marked("Ten images at a time"),
    ZOOM: marked("Zoom"),
}


class MousePage(Page):
    """A row for each gesture; the right click without a drag opens the menu, always."""

    def __init__(self) -> None:
        super().__init__()
        self._table = MouseTable()
        self._choices: dict[str, QComboBox] = {}
        self._form = QFormLayout()
        self._form.setVerticalSpacing(4)
        self._form.setHorizontalSpacing(scaled(24))
        for gesture in GESTURES:
            combo = self._choices[gesture.id] = QComboBox()
            combo.setObjectName(gesture.id)
            combo.setAccessibleName(tr(gesture.text))
            for choice in gesture.choices:
                combo.addItem(words_of(choice), choice)
            combo.currentIndexChanged.connect(lambda place: self._take())
            self._form.addRow(tr(gesture.text), combo)
        note = QLabel(tr("A right click without a drag opens the menu."))
        note.setStyleSheet(f"color: {Colour.QUIET};")
        self._reset = QPushButton(tr("Reset the mouse"))
        self._reset.clicked.connect(lambda: self._change(MouseTable({}, self._table.foreign)))
        below = QHBoxLayout()
        below.addWidget(note, 1)
        below.addWidget(self._reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 8, 0)
        column.addLayout(self._form)
        column.addStretch(1)
        column.addLayout(below)
        self.fill(Settings())

    def fill(self, settings: Settings) -> None:
        """Show the mouse of these settings."""
        self._table = MouseTable.of(settings.own_mouse)
        for name, combo in self._choices.items():
            with QSignalBlocker(combo):
                combo.setCurrentIndex(combo.findData(self._table.does(name)))
        self._reset.setEnabled(bool(self._table.own))

    def wished(self) -> dict[str, object]:
        """The gestures that differ from the program's."""
        return {"own_mouse": self._table.rows}

    def narrow(self, words: tuple[str, ...]) -> int:
        """Show the gestures whose name or choice holds all the words."""
        hits = 0
        for gesture in GESTURES:
            combo = self._choices[gesture.id]
            text = f"{tr('Mouse')} {tr(gesture.text)} {combo.currentText()}".casefold()
            hit = all(word in text for word in words)
            self._form.setRowVisible(combo, hit)
            hits += hit
        return hits

    def _take(self) -> None:
        table = self._table
        for name, combo in self._choices.items():
            table = table.with_choice(name, combo.currentData(Qt.ItemDataRole.UserRole))
        self._table = table
        self._reset.setEnabled(bool(table.own))
        self.changed.emit()

    def _change(self, table: MouseTable) -> None:
        self.fill(Settings(own_mouse=table.rows))
        self.changed.emit()


def words_of(choice: str) -> str:
    """What a gesture does, in words: of tools and commands those of the menus."""
    if choice in _WORDS:
        return tr(_WORDS[choice])
    named = {action.id: action.text for action in ACTIONS}
    text = named.get(choice) or named.get(f"tool_{choice}")
    return choice.capitalize() if text is None else tr(text).removesuffix("…").rstrip()


def mouse_rows(table: MouseTable) -> tuple[tuple[str, str], ...]:
    """(gesture, what it does) for the sheet; a modifier that changes nothing is not told."""
    rows = []
    for gesture in GESTURES:
        done = table.does(gesture.id)
        plain = gesture.id.rpartition("+")[2]
        if done != NOTHING and (plain == gesture.id or done != table.does(plain)):
            rows.append((tr(gesture.text), words_of(done)))
    return (*rows, (tr("Right click"), tr("The menu")))
