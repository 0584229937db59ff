"""Which gesture of the mouse does what over a film: the program's choice, and what the reader changed in it.

A drag takes a tool; a double click and the side buttons run a command; the wheel scrolls or zooms. One table
is in use in all panels of all windows: `current`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import Qt

from core.settings import Table
from viewer.language import marked
from viewer.pointer import Tool

CHOSEN, NOTHING = "chosen", "nothing"
"""For a drag: the tool that is chosen for the left button; for any gesture: no effect."""
MAXIMISE = "maximise"
SCROLL_OR_ZOOM, SCROLL, SCROLL_TEN, ZOOM = "scroll or zoom", "scroll", "scroll ten", "zoom"

_DRAGS = (CHOSEN, *(tool.value for tool in Tool), NOTHING)
_WHEELS = (SCROLL_OR_ZOOM, SCROLL, SCROLL_TEN, ZOOM, NOTHING)
_DOUBLE = (MAXIMISE, "fit", "one_to_one", "reset_view", "reset_window", NOTHING)
_SIDES = (
    NOTHING,
    "previous_image",
    "next_image",
    "previous_series",
    "next_series",
    "previous_finding",
    "next_finding",
    "heatmap",
)


@dataclass(frozen=True, slots=True)
class Gesture:
    """Something that a hand does: `choices` are identifiers of tools, of commands, or the words above."""

    id: str
    text: str
    default: str
    choices: tuple[str, ...]


GESTURES: tuple[Gesture, ...] = (
    Gesture("left", marked("Left drag"), CHOSEN, _DRAGS),
    Gesture("shift+left", marked("Shift + left drag"), CHOSEN, _DRAGS),
    Gesture("ctrl+left", marked("Ctrl + left drag"), Tool.REGION.value, _DRAGS),
    Gesture("alt+left", marked("Alt + left drag"), CHOSEN, _DRAGS),
    Gesture("middle", marked("Middle drag"), Tool.PAN.value, _DRAGS),
    Gesture("shift+middle", marked("Shift + middle drag"), Tool.PAN.value, _DRAGS),
    Gesture("ctrl+middle", marked("Ctrl + middle drag"), Tool.PAN.value, _DRAGS),
    Gesture("right", marked("Right drag"), Tool.ZOOM.value, _DRAGS),
    Gesture("shift+right", marked("Shift + right drag"), Tool.ZOOM.value, _DRAGS),
    Gesture("ctrl+right", marked("Ctrl + right drag"), Tool.MAGNIFIER.value, _DRAGS),
    Gesture("wheel", marked("Wheel"), SCROLL_OR_ZOOM, _WHEELS),
    Gesture("shift+wheel", marked("Shift + wheel"), SCROLL_OR_ZOOM, _WHEELS),
    Gesture("ctrl+wheel", marked("Ctrl + wheel"), ZOOM, _WHEELS),
    Gesture("double", marked("Double click"), MAXIMISE, _DOUBLE),
    Gesture("back", marked("Back button"), NOTHING, _SIDES),
    Gesture("forward", marked("Forward button"), NOTHING, _SIDES),
)
_BY_ID = {gesture.id: gesture for gesture in GESTURES}
_BUTTONS = {
    Qt.MouseButton.LeftButton: "left",
    Qt.MouseButton.MiddleButton: "middle",
    Qt.MouseButton.RightButton: "right",
    Qt.MouseButton.BackButton: "back",
    Qt.MouseButton.ForwardButton: "forward",
}
_MODIFIERS = (
    (Qt.KeyboardModifier.ControlModifier, "ctrl"),
    (Qt.KeyboardModifier.ShiftModifier, "shift"),
    (Qt.KeyboardModifier.AltModifier, "alt"),
)


@dataclass(frozen=True, slots=True)
class MouseTable:
    """What each gesture does. `own`: those that differ from the program's; `foreign`: rows not known here."""

    own: dict[str, str] = field(default_factory=dict)
    foreign: Table = ()

    @classmethod
    def of(cls, rows: Table) -> MouseTable:
        """The table that the settings ask for; what they say is never an error."""
        own: dict[str, str] = {}
        foreign = []
        for row in rows:
            gesture = _BY_ID.get(row[0])
            if gesture is None or len(row) != 2 or row[1] not in gesture.choices:
                foreign.append(row)
            elif row[1] != gesture.default:
                own.setdefault(gesture.id, row[1])
        return cls(own, tuple(foreign))

    @property
    def rows(self) -> Table:
        """The differences from the program's table, for the settings."""
        return (*self.own.items(), *self.foreign)

    def does(self, name: str) -> str:
        """What a gesture does, by its identifier."""
        return self.own.get(name, _BY_ID[name].default)

    def with_choice(self, name: str, choice: str) -> MouseTable:
        """The table in which a gesture does something else."""
        own = {one: done for one, done in self.own.items() if one != name}
        if choice != _BY_ID[name].default:
            own[name] = choice
        return MouseTable(own, self.foreign)

    def drag(self, button: Qt.MouseButton, modifiers: Qt.KeyboardModifier, chosen: Tool) -> Tool | None:
        """The tool that a drag with this button takes, None for none; `chosen`: that of the left button."""
        done = self.does(_gesture(_BUTTONS.get(button, "left"), modifiers))
        if done == CHOSEN:
            return chosen
        return None if done == NOTHING else Tool(done)

    def command(self, button: Qt.MouseButton) -> str:
        """The command that a side button runs; "" for other buttons and for none."""
        if button not in (Qt.MouseButton.BackButton, Qt.MouseButton.ForwardButton):
            return ""
        done = self.does(_BUTTONS[button])
        return "" if done == NOTHING else done

    def wheel(self, modifiers: Qt.KeyboardModifier, *, single_image: bool) -> str:
        """`SCROLL`, `SCROLL_TEN`, `ZOOM` or `NOTHING`."""
        done = self.does(_gesture("wheel", modifiers))
        if done == SCROLL_OR_ZOOM:
            return ZOOM if single_image else SCROLL
        return done


_IN_USE = [MouseTable()]


def current() -> MouseTable:
    """The table in use."""
    return _IN_USE[0]


def use(table: MouseTable) -> None:
    """Use another table from the next gesture on."""
    _IN_USE[0] = table


def _gesture(name: str, modifiers: Qt.KeyboardModifier) -> str:
    """The gesture with the first modifier that is held and that it knows, else without one."""
    for modifier, prefix in _MODIFIERS:
        if modifiers & modifier and f"{prefix}+{name}" in _BY_ID:
            return f"{prefix}+{name}"
    return name
