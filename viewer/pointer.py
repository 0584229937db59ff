"""The mouse over a film: what a tool is asked, and which button has which tool.

`ImageView` turns events into calls of a `PointerTool`, one object a view and tool. `viewer.mouse_table` says
which button has which tool. A new tool is a class here or in a module of
its own, a value of `Tool` and a row in `viewer.toolbox`. What lies on the film whatever the tool is (lines to
drag, handles, a lens) is a `PointerTool` as well, given to `ImageView.add_overlay`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from core.imaging.frame import Window
from viewer.viewpoint import Mapping

if TYPE_CHECKING:
    from viewer.image_view import ImageView

CLICK_PX = 4
"""A button that moves less than this, held down, was a click."""


class Tool(StrEnum):
    """What dragging with a button does."""

    WINDOW = "window"
    PAN = "pan"
    ZOOM = "zoom"
    SCROLL = "scroll"
    MEASURE = "measure"
    ANGLE = "angle"
    COBB = "cobb"
    BIDIRECTIONAL = "bidirectional"
    HEART = "heart"
    RECTANGLE = "rectangle"
    ELLIPSE = "ellipse"
    FREEHAND = "freehand"
    PROBE = "probe"
    ARROW = "arrow"
    TEXT = "text"
    CROSSHAIR = "crosshair"
    REGION = "region"
    MAGNIFIER = "magnifier"


@dataclass(frozen=True, slots=True)
class WindowBasis:
    """Where a window drag starts and how far it may go.

    `lowest`, `highest`: the union of the ranges of the data and of its LUTs, in modality values.
    `inverted`: whether low values are shown bright; up is brighter either way.
    """

    window: Window
    lowest: float
    highest: float
    inverted: bool = False


@dataclass(slots=True)
class Drag:
    """A button held down: everything is computed from where it began, so nothing drifts.

    Positions are in the viewport, in device-independent pixels; `mapping` and `basis` are those of the
    beginning. `moved`: it is more than a click by now. `modifiers` are those of the last event.
    """

    button: Qt.MouseButton
    start: QPointF
    here: QPointF
    mapping: Mapping
    basis: WindowBasis | None
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    moved: bool = False

    @property
    def travelled(self) -> QPointF:
        """From where the button went down to where the mouse is."""
        return self.here - self.start


class PointerTool:
    """What one tool does with the mouse; each of these may be left as it is. GUI thread only.

    A tool changes nothing by itself: it emits the signals of its view. `draws`: a press begins a drawing,
    so lines on the film are not grabbed.
    """

    cursor = Qt.CursorShape.CrossCursor
    draws = False

    def __init__(self, view: ImageView) -> None:
        self._view = view

    @property
    def unfinished(self) -> bool:
        """Whether something is begun that Esc would cancel."""
        return False

    def grabs(self, position: QPointF, chosen: PointerTool) -> bool:
        """Whether an overlay takes a press of the left button here, before the `chosen` tool."""
        return False

    def press(self, drag: Drag) -> None:
        """A button goes down."""

    def move(self, drag: Drag) -> None:
        """The button is held and the mouse moved, farther than a click."""

    def release(self, drag: Drag) -> None:
        """The button goes up after it moved."""

    def click(self, drag: Drag) -> bool:
        """The button goes up where it went down. False: the view does what a click usually does."""
        return False

    def double_click(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """A double click of the left button. False: the view asks to be shown alone."""
        return False

    def hover(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse moves with no button down; asked of the chosen tool and of all overlays."""

    def leave(self) -> None:
        """The mouse is over the film no more."""

    def wheel(self, turned: int, position: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        """The wheel turned by so many eighths of a degree. False: the view scrolls or zooms."""
        return False

    def cancel(self) -> None:
        """Another tool or film takes over: forget what is unfinished."""

    def paint(self, painter: QPainter, mapping: Mapping) -> None:
        """Over the film, under the texts; the painter stands at the corner of the viewport."""
