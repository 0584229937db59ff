"""The page of the preferences on which every key can be changed: choose a command, press a key."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from core.settings import Settings
from viewer.action import Action
from viewer.actions import ACTIONS, MENUS
from viewer.key_table import SCHEMES, KeyTable, pressed_key
from viewer.language import tr
from viewer.settings_pages import Page
from viewer.theme import Colour, scaled

_ID = Qt.ItemDataRole.UserRole
_COMMAND, _KEYS, _DEFAULT = range(3)


class KeyField(QLineEdit):
    """A field that takes the key that is pressed in it, whatever the key does elsewhere. Tab leaves it."""

    pressed = Signal(str)
    """The key as it is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setPlaceholderText(tr("click here, then press the key"))

    def event(self, event: QEvent) -> bool:
        """Keep keys of commands, and of the dialog, for this field."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the key; modifiers alone are the beginning of one."""
        key = pressed_key(event)
        if key:
            self.setText(key)
            self.pressed.emit(key)
        event.accept()


class KeysPage(Page):
    """All commands by menu with their keys; a clash is told in words before a key moves."""

    def __init__(self) -> None:
        super().__init__()
        self._table = KeyTable()
        self._scheme = QComboBox()
        self._scheme.setAccessibleName(tr("Keys like those of"))
        for name in SCHEMES:
            self._scheme.addItem(tr(name), name)
        self._scheme.activated.connect(self._take_scheme)
        self._reset_all = QPushButton(tr("Reset all keys"))
        self._reset_all.clicked.connect(lambda: self._change(KeyTable({}, self._table.foreign)))
        self._tree = QTreeWidget()
        self._tree.setObjectName("keys")
        self._tree.setAccessibleName(tr("Commands and their keys"))
        self._tree.setHeaderLabels([tr("Command"), tr("Keys"), tr("Changed from")])
        self._tree.setRootIsDecorated(False)
        self._tree.setItemsExpandable(False)
        self._tree.setIndentation(14)
        self._tree.setUniformRowHeights(True)
        self._tree.setAllColumnsShowFocus(True)
        self._menus: dict[str, QTreeWidgetItem] = {}
        self._items: dict[str, QTreeWidgetItem] = {}
        self._make_rows()
        header = self._tree.header()
        header.setSectionResizeMode(_COMMAND, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_KEYS, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_DEFAULT, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        self._tree.currentItemChanged.connect(lambda now, before: self._show_row())
        self._tree.itemActivated.connect(lambda item, column: self._field.setFocus())
        self._made_bar()
        self._lay_out()
        self._show_table()
        self._tree.setCurrentItem(self._items[ACTIONS[0].id])

    # A page of the preferences

    def fill(self, settings: Settings) -> None:
        """Show the keys of these settings."""
        self._table = KeyTable.of(settings.own_keys)
        self._show_table()
        self._show_row()

    def wished(self) -> dict[str, object]:
        """The keys that differ from the program's."""
        return {"own_keys": self._table.rows}

    def narrow(self, words: tuple[str, ...]) -> int:
        """Show the commands whose name, menu or keys hold all the words."""
        hits = 0
        for action in ACTIONS:
            item = self._items[action.id]
            text = f"{tr(action.menu, 'menu')} {item.text(_COMMAND)} {item.text(_KEYS)} {tr('Keys')}"
            hit = all(word in text.casefold() for word in words)
            item.setHidden(not hit)
            hits += hit
        for name, menu in self._menus.items():
            rows = [self._items[action.id] for action in ACTIONS if action.menu == name]
            menu.setHidden(all(row.isHidden() for row in rows))
        return hits

    # What is shown

    def _make_rows(self) -> None:
        for name in MENUS:
            menu = self._menus[name] = QTreeWidgetItem(self._tree, [tr(name, "menu")])
            menu.setFlags(Qt.ItemFlag.ItemIsEnabled)
            menu.setForeground(_COMMAND, QColor(Colour.ACCENT))
            menu.setFirstColumnSpanned(True)
            for action in (one for one in ACTIONS if one.menu == name):
                item = self._items[action.id] = QTreeWidgetItem(menu, [_name(action)])
                item.setData(_COMMAND, _ID, action.id)
            menu.setExpanded(True)

    def _made_bar(self) -> None:
        self._asked = QLabel()
        self._field = KeyField()
        self._field.setObjectName("new_key")
        self._field.setAccessibleName(tr("New key"))
        self._field.setFixedWidth(scaled(220))
        self._field.pressed.connect(lambda key: self._show_clash())
        self._words = QLabel()
        self._words.setObjectName("clash")
        self._words.setWordWrap(True)
        self._words.setMinimumHeight(scaled(36))
        self._words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._use = _button(tr("Use it"), "use", self._use_key)
        self._swap = _button(tr("Swap"), "swap", self._swap_keys)
        self._add = _button(tr("Use it, too"), "add", self._add_key)
        self._remove = _button(tr("No key"), "no_key", lambda: self._change_row(()))
        self._reset = _button(tr("Reset"), "reset", self._reset_row)
        self._add.setToolTip(tr("The keys that the command has stay"))
        self._reset.setToolTip(tr("The program's own key for this command"))

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        label = QLabel(tr("Keys like those of"))
        label.setBuddy(self._scheme)
        top.addWidget(label)
        top.addWidget(self._scheme)
        top.addStretch(1)
        top.addWidget(self._reset_all)
        below = QHBoxLayout()
        for widget in (self._field, self._use, self._swap, self._add, self._remove, self._reset):
            below.addWidget(widget)
        below.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self._tree, 1)
        column.addWidget(self._asked)
        column.addLayout(below)
        column.addWidget(self._words)

    def _show_table(self) -> None:
        for action in ACTIONS:
            item, keys = self._items[action.id], self._table.keys(action.id)
            changed = keys != action.shortcuts
            item.setText(_KEYS, " / ".join(keys))
            item.setText(_DEFAULT, (" / ".join(action.shortcuts) or tr("no key")) if changed else "")
            item.setForeground(_KEYS, QColor(Colour.ACCENT if changed else Colour.TEXT))
            item.setForeground(_DEFAULT, QColor(Colour.QUIET))
        scheme = self._table.scheme
        own = self._scheme.findData("")
        with QSignalBlocker(self._scheme):
            if not scheme and own < 0:
                self._scheme.addItem(tr("Own keys"), "")
            elif scheme and own >= 0:
                self._scheme.removeItem(own)
            self._scheme.setCurrentIndex(self._scheme.findData(scheme))
        self._reset_all.setEnabled(bool(self._table.own))

    def _show_row(self) -> None:
        """Another command: nothing is pressed for it yet."""
        self._field.clear()
        action = self._chosen()
        self._asked.setText(
            "" if action is None else tr("New key for “{command}”:").format(command=_name(action))
        )
        self._show_clash()

    def _show_clash(self) -> None:
        action, key = self._chosen(), self._field.text()
        holder = self._table.holder(key) if key else None
        other = holder is not None and action is not None and holder.id != action.id
        same = holder is not None and action is not None and holder.id == action.id
        words = ""
        if holder is not None and other:
            told = tr("{key} belongs to “{other}” ({menu}). Use it, and that one loses it; or swap the keys.")
            words = told.format(key=key, other=_name(holder), menu=tr(holder.menu, "menu"))
        elif same:
            words = tr("{key} is a key of this command already.").format(key=key)
        self._words.setText(words)
        self._words.setStyleSheet(f"color: {Colour.WARNING if other else Colour.QUIET};")
        ready = action is not None and bool(key) and not same
        for button, on in (
            (self._use, ready),
            (self._swap, ready and other),
            (self._add, ready and action is not None and bool(self._table.keys(action.id))),
            (self._remove, action is not None and bool(self._table.keys(action.id))),
            (
                self._reset,
                action is not None and self._table.keys(action.id) != action.shortcuts,
            ),
        ):
            button.setEnabled(on)
        if ready and self._field.hasFocus():
            # The next Return takes the key: in the field it would be the next key.
            (self._swap if other else self._use).setFocus()

    # What the reader wishes

    def _chosen(self) -> Action | None:
        item = self._tree.currentItem()
        name = None if item is None else item.data(_COMMAND, _ID)
        return next((action for action in ACTIONS if action.id == name), None)

    def _use_key(self) -> None:
        self._change_row((self._field.text(),))

    def _add_key(self) -> None:
        action = self._chosen()
        if action is not None:
            self._change_row((*self._table.keys(action.id), self._field.text()))

    def _swap_keys(self) -> None:
        action = self._chosen()
        if action is not None:
            self._change(self._table.swapped(action.id, self._field.text()))

    def _reset_row(self) -> None:
        action = self._chosen()
        if action is not None:
            self._change(self._table.with_default(action.id))

    def _change_row(self, keys: tuple[str, ...]) -> None:
        action = self._chosen()
        if action is not None:
            self._change(self._table.with_keys(action.id, keys))

    def _take_scheme(self, place: int) -> None:
        scheme = self._scheme.itemData(place)
        if scheme:
            self._change(self._table.by_scheme(scheme))

    def _change(self, table: KeyTable) -> None:
        self._table = table
        self._show_table()
        self._show_row()
        self._tree.setFocus()
        self.changed.emit()


def _name(action: Action) -> str:
    return tr(action.text).removesuffix("…").rstrip()


def _button(text: str, name: str, pressed: object) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    # Return presses the button that has the focus, not OK.
    button.setAutoDefault(True)
    button.clicked.connect(pressed)
    return button
