"""Which keys each command has now: those of the program, and what the reader changed in them."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from core.settings import Table
from viewer.action import Action
from viewer.actions import ACTIONS

_NO_KEYS_OF_THEIR_OWN = {
    key.value
    for key in (
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_ScrollLock,
        Qt.Key.Key_unknown,
        # They walk from control to control, and must go on to.
        Qt.Key.Key_Tab,
        Qt.Key.Key_Backtab,
    )
}

SCHEMES: dict[str, dict[str, tuple[str, ...]]] = {
    "HealthyTwin": {},
    # Of the two others, the keys that their own tables name for what this program has, too.
    "Weasis": {
        "tool_pan": ("T",),
        "turn_right": ("Alt+R",),
        "turn_left": ("Alt+L",),
        "mirror": ("Alt+F",),
        "fit": ("Ctrl+Return",),
        "analyze": ("Ctrl+Alt+Return",),
    },
    "OHIF": {
        "reset_view": ("Space",),
        "corner_texts": ("Shift+Space",),
        "fit": ("=",),
        "one_to_one": ("Shift+Z",),
        "zoom_in": ("+",),
        "zoom_out": ("-",),
        "next_image": ("Down",),
        "previous_image": ("Up",),
        "threshold_reset": ("Shift+Backspace",),
    },
}
"""Keys of well-known viewers: what differs from ours, by command."""


@dataclass(frozen=True, slots=True)
class KeyTable:
    """The keys of all commands; no key belongs to two of them.

    `own`: commands whose keys differ from the program's, with all their keys. `foreign`: rows of commands
    that this version does not have; they are kept for the version that has them.
    """

    own: dict[str, tuple[str, ...]] = field(default_factory=dict)
    foreign: Table = ()
    actions: tuple[Action, ...] = ACTIONS

    @classmethod
    def of(cls, rows: Table, actions: tuple[Action, ...] = ACTIONS) -> KeyTable:
        """The table that the settings ask for.

        What they say is never an error: keys that do not exist are left out, a command that would have no
        other keeps the program's own, and of two commands with one key the one named first has it.
        """
        known = {action.id: action for action in actions}
        taken: set[str] = set()
        own: dict[str, tuple[str, ...]] = {}
        for name, *wished in rows:
            sound = [key for key in map(portable, wished) if key]
            if name in known and name not in own and (sound or not wished):
                keys = tuple(dict.fromkeys(key for key in sound if key not in taken))
                taken.update(keys)
                own[name] = keys
        foreign = tuple(row for row in rows if row[0] not in known)
        return cls(_trimmed(own, actions), foreign, actions)

    @property
    def rows(self) -> Table:
        """The differences from the program's keys, for the settings."""
        return (*((name, *keys) for name, keys in self.own.items()), *self.foreign)

    def keys(self, name: str) -> tuple[str, ...]:
        """The keys of a command, by its identifier. What the reader gave to another one is not among them."""
        if name in self.own:
            return self.own[name]
        given = {key for keys in self.own.values() for key in keys}
        return tuple(key for key in self._action(name).shortcuts if key not in given)

    def holder(self, key: str) -> Action | None:
        """The command that a key belongs to, if it does to any."""
        return next((action for action in self.actions if key in self.keys(action.id)), None)

    def with_keys(self, name: str, keys: Sequence[str]) -> KeyTable:
        """The table in which a command has these keys, and no other command has any of them."""
        changed: dict[str, Iterable[str]] = {name: keys}
        for key in keys:
            before = self.holder(key)
            if before is not None and before.id != name:
                changed[before.id] = [one for one in self.keys(before.id) if one not in keys]
        return self._changed(changed)

    def swapped(self, name: str, key: str) -> KeyTable:
        """The table in which a command has a key, and the one that had it gets the keys it had instead."""
        before = self.holder(key)
        if before is None or before.id == name:
            return self.with_keys(name, (key,))
        freed = [one for one in self.keys(before.id) if one != key]
        return self._changed({name: (key,), before.id: (*self.keys(name), *freed)})

    def with_default(self, name: str) -> KeyTable:
        """The table in which a command has the program's keys for it again, taken back where need be."""
        return self.with_keys(name, self._action(name).shortcuts)

    def by_scheme(self, scheme: str) -> KeyTable:
        """The program's keys with those of a scheme; what the reader changed otherwise is gone."""
        known = {action.id for action in self.actions}
        table = KeyTable({}, self.foreign, self.actions)
        for name, keys in SCHEMES[scheme].items():
            if name in known:
                table = table.with_keys(name, keys)
        return table

    @property
    def scheme(self) -> str:
        """The scheme that these keys are, or "" for the reader's own."""
        return next((name for name in SCHEMES if self.by_scheme(name).own == self.own), "")

    def sheet(self) -> tuple[tuple[str, str, str], ...]:
        """(menu, command, keys) of every command that has keys."""
        return tuple(
            (action.menu, action.text.removesuffix("…"), " or ".join(keys))
            for action in self.actions
            if (keys := self.keys(action.id))
        )

    def _action(self, name: str) -> Action:
        return next(action for action in self.actions if action.id == name)

    def _changed(self, changed: dict[str, Iterable[str]]) -> KeyTable:
        own = self.own | {name: tuple(dict.fromkeys(keys)) for name, keys in changed.items()}
        return KeyTable(_trimmed(own, self.actions), self.foreign, self.actions)


def _trimmed(own: dict[str, tuple[str, ...]], actions: tuple[Action, ...]) -> dict[str, tuple[str, ...]]:
    """What has to be said: not that a command lost a key because another one has it now."""
    defaults = {action.id: action.shortcuts for action in actions}
    given = {key: name for name, keys in own.items() for key in keys}
    return {
        name: keys
        for name, keys in own.items()
        if keys != tuple(key for key in defaults[name] if given.get(key, name) == name)
    }


def portable(text: str) -> str:
    """A key as it is written down, "" if the text names none that a command can have."""
    sequence = QKeySequence(text, QKeySequence.SequenceFormat.PortableText)
    if sequence.count() != 1 or key_code(text) in _NO_KEYS_OF_THEIR_OWN:
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def key_code(text: str) -> int:
    """Qt's number of a key, without its modifiers."""
    combination = QKeySequence(text, QKeySequence.SequenceFormat.PortableText)[0]  # type: ignore[index]  # not in the stubs
    return int(combination.key().value)


def pressed_key(event: QKeyEvent) -> str:
    """The key that was pressed, as it is written down; "" for one that no command can have."""
    modifiers = event.modifiers()
    modifiers &= ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier)
    key = event.key()
    sign = chr(key) if key < 0x80 else " "
    if modifiers == Qt.KeyboardModifier.ShiftModifier and sign in string.punctuation:
        # Whether a sign needs Shift depends on the keyboard: it is the sign that counts.
        modifiers = Qt.KeyboardModifier.NoModifier
    if key in _NO_KEYS_OF_THEIR_OWN:
        return ""
    return portable(QKeySequence(key | modifiers.value).toString(QKeySequence.SequenceFormat.PortableText))
