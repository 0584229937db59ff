"""The commands of the main window as Qt knows them: with the reader's keys, ticks, tool tips and menus."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu

from core.imaging.display import Grey
from core.imaging.frame import Window
from core.settings import Table
from viewer import mouse_table
from viewer.action import Action, always
from viewer.actions import ACTIONS, MENUS
from viewer.core_sentences import said
from viewer.key_table import KeyTable, key_code, pressed_key
from viewer.language import tr
from viewer.theme import icon

if TYPE_CHECKING:
    from viewer.main_window import MainWindow
    from viewer.shortcut_sheet import SheetPart

_ABOUT_A_FINDING = ("accept", "dismiss")
_WINDOWS = ("auto_window", "auto_shown", "reset_window", "invert")
_BESIDE = ("link_viewport", "maximise", "close_viewport")
"""Commands for a viewport beside the first."""


class WindowCommands(QObject):
    """One `QAction` for each command of the table; a child of the window. GUI thread only."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._keys = KeyTable()
        self._preset_names: list[tuple[str, str]] | None = None
        self._held: set[str] = set()
        self._made = {action.id: self._built(action) for action in ACTIONS}
        # Commands that can be used at any time, and say nothing of the state, need not be asked again.
        self._changing = tuple(
            (action, self._made[action.id])
            for action in ACTIONS
            if action.enabled is not always or action.of_active or action.why_not or action.checked
        )
        self._enabled: dict[str, bool] = {}
        self._take_keys()

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    @property
    def keys(self) -> KeyTable:
        """The keys as they are now."""
        return self._keys

    def take_keys(self, rows: Table) -> None:
        """Use the keys that the settings ask for, at once."""
        keys = KeyTable.of(rows)
        if keys != self._keys:
            self._keys = keys
            self._take_keys()

    def refresh(self) -> None:
        """Say which commands can be used, and which switches are on; once for each new image."""
        window, session = self._window, self._window.session
        if session.settling:
            return
        document = window.desk.document
        for action, made in self._changing:
            # Only what is new is told: this runs several times for each image that is scrolled through.
            enabled = action.can_run(session, document)
            if self._enabled.get(action.id) != enabled:
                self._enabled[action.id] = enabled
                made.setEnabled(enabled)
            if action.why_not is not None:
                why_not = action.why_not(session)
                tip = "\n".join((self._tip(action), said(why_not))) if why_not else self._tip(action)
                if made.toolTip() != tip:
                    made.setToolTip(tip)
            if action.checked is not None:
                checked = action.checked(window)
                if made.isChecked() != checked:
                    made.setChecked(checked)
        self._refresh_presets()

    def context_menu(self, *, beside: bool = False, finding: str = "") -> QMenu:
        """The menu for a right click on a panel; it goes when it is closed.

        `beside`: for a series beside the session's image: no command that is about that image. `finding`: the
        identifier of the one under the mouse.
        """
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if finding:
            for name in _ABOUT_A_FINDING:
                made = self._made[name]
                of_this = menu.addAction(made.icon(), made.text())
                of_this.triggered.connect(partial(self._about_finding, finding, name))
            menu.addSeparator()
        tools = menu.addMenu(tr("Tools", "menu"))
        tools.addActions([self._made[one.id] for one in ACTIONS if one.id.startswith("tool_")])
        windows = menu.addMenu(tr("Windows"))
        windows.addActions([self._made[name] for name in _WINDOWS])
        windows.addSeparator()
        windows.addActions([self._made[one.id] for one in ACTIONS if one.id.startswith("preset_")])
        before = ""
        selected = self._window.session.selected_finding
        for action in ACTIONS:
            if action.id in _ABOUT_A_FINDING and (finding or not selected):
                continue
            if action.in_context_menu and (action.of_active is not None or not beside):
                if action.menu != before:
                    menu.addSeparator()
                before = action.menu
                menu.addAction(self._made[action.id])
        if beside:
            menu.addSeparator()
            menu.addActions([self._made[name] for name in _BESIDE])
        return menu

    def _about_finding(self, identifier: str, name: str) -> None:
        self._window.session.select_finding(identifier)
        self.run(name)

    def run(self, name: str) -> None:
        """Run a command by its identifier, if it can be used now."""
        self._run(next(action for action in ACTIONS if action.id == name))

    def sheet(self) -> tuple[SheetPart, ...]:
        """All keys as they are now, by menu, under the names that the menus show now; then the mouse."""
        from viewer.mouse_page import mouse_rows
        from viewer.shortcut_sheet import SheetPart

        parts = [
            SheetPart(
                tr(menu, "menu"),
                tuple(
                    (" / ".join(keys), self._name(action))
                    for action in ACTIONS
                    if action.menu == menu and (keys := self._keys.keys(action.id))
                ),
            )
            for menu in MENUS
        ]
        return (
            *(part for part in parts if part.rows),
            SheetPart(tr("Mouse"), mouse_rows(mouse_table.current())),
        )

    # Keys that are held down

    def key_down(self, event: QKeyEvent) -> bool:
        """Begin what lasts while a key is held; False if this key is of no such command."""
        if event.isAutoRepeat():
            return False
        key = pressed_key(event)
        for action in ACTIONS:
            if action.held is not None and key and key in self._keys.keys(action.id):
                if action.enabled(self._window.session):
                    self._held.add(action.id)
                    action.held(self._window, True)
                return True
        return False

    def key_up(self, event: QKeyEvent) -> bool:
        """End what lasted while a key was held, whatever modifiers were let go before it."""
        if event.isAutoRepeat() or not self._held:
            return False
        released = {
            name for name in self._held if any(key_code(key) == event.key() for key in self._keys.keys(name))
        }
        self._end(released)
        return bool(released)

    def end_held(self) -> None:
        """A key that is let go in another window is never heard of here: end all that is held."""
        self._end(set(self._held))

    def _end(self, names: set[str]) -> None:
        for action in ACTIONS:
            if action.id in names and action.held is not None:
                self._held.discard(action.id)
                action.held(self._window, False)

    # Inside

    def _built(self, action: Action) -> QAction:
        made = QAction(tr(action.text), self._window)
        made.setObjectName(action.id)
        if action.icon:
            made.setIcon(icon(action.icon))
        made.setCheckable(action.checked is not None)
        if action.held is not None:
            return made
        made.triggered.connect(partial(self._run, action))
        if action.in_panels:
            made.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self._window.desk.addAction(made)
        else:
            self._window.addAction(made)
        return made

    def _run(self, action: Action) -> None:
        window = self._window
        if action.can_run(window.session, window.desk.document):
            action.run(window)
        # A switch that was clicked shows the state, not the click.
        self.refresh()

    def _take_keys(self) -> None:
        for action in ACTIONS:
            made, keys = self._made[action.id], self._keys.keys(action.id)
            made.setToolTip(self._tip(action))
            if action.held is not None:
                # Seen in the menu; the key itself is followed down and up.
                made.setText("\t".join(filter(None, (tr(action.text), " / ".join(keys)))))
            else:
                made.setShortcuts([QKeySequence(key) for key in keys])

    def _refresh_presets(self) -> None:
        """Name the commands of the presets after those of the image."""
        presets = self._window.desk.document.presets
        names = [(preset.name, _numbers(preset.grey)) for preset in presets]
        if names == self._preset_names:
            return
        self._preset_names = names
        for place, action in enumerate(one for one in ACTIONS if one.id.startswith("preset_")):
            made = self._made[action.id]
            made.setVisible(place < len(names))
            made.setText(names[place][0] if place < len(names) else tr(action.text))
            made.setToolTip(self._tip(action))

    def _tip(self, action: Action) -> str:
        keys, name = " / ".join(self._keys.keys(action.id)), _plain(tr(action.text))
        number = action.id.removeprefix("preset_")
        if number != action.id and self._preset_names and int(number) <= len(self._preset_names):
            name = " ".join(filter(None, self._preset_names[int(number) - 1]))
        return f"{name} ({keys})" if keys else name

    def _name(self, action: Action) -> str:
        """Without what a menu adds to it: keys that are held, dots."""
        made = self._made[action.id]
        return _plain(made.text().partition("\t")[0] if made.isVisible() else tr(action.text))


def _plain(text: str) -> str:
    return text.removesuffix("…").rstrip()


def _numbers(grey: Grey) -> str:
    """Width and centre of a window in short; a VOI LUT has none."""
    return f"W {grey.width:g} C {grey.center:g}" if isinstance(grey, Window) else ""
