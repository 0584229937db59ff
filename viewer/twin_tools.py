"""Flicker, curtain and lens of a comparison: what is on, and the mouse and keys that move it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from viewer.blink import Blink
from viewer.curtain import Curtain, CurtainVeil
from viewer.image_view import ImageView
from viewer.language import tr
from viewer.lens import Lens, LensVeil
from viewer.panel import PanelContent
from viewer.veil import Second, Veil

_KEY_STEP = 0.02
_MOVING_KEYS = {
    Qt.Key.Key_Left: (True, -_KEY_STEP),
    Qt.Key.Key_Right: (True, _KEY_STEP),
    Qt.Key.Key_Up: (False, -_KEY_STEP),
    Qt.Key.Key_Down: (False, _KEY_STEP),
}


class TwinTools(QObject):
    """What of original and twin is seen in one panel, the host. GUI thread only.

    Takes only mouse and keys that concern an edge or a circle that is shown: all else reaches the panel's
    own tools. `stage`: the comparison, whose arrow keys move the curtain while it is open.
    """

    swapped = Signal()
    """The pictures changed places."""
    changed = Signal()
    """Curtain or lens is another, or on or off."""
    blinkStopped = Signal()
    lensResized = Signal(float)
    """New radius in screen pixels, after wheel or key."""

    def __init__(self, stage: QWidget, views: tuple[ImageView, ...]) -> None:
        super().__init__(stage)
        self._views = views
        self._host: ImageView | None = None
        self._held = False
        self._kept_curtain = Curtain()
        self._kept_lens = Lens()
        self._curtain: Curtain | None = None
        self._lens: Lens | None = None
        self._dragged = False
        self._over_edge = False
        self.blink = Blink(stage)
        self.blink.turned.connect(self.swapped)
        self.blink.stopped.connect(self.blinkStopped)
        for watched in (stage, *views):
            watched.installEventFilter(self)

    # What is on

    @property
    def shows_twin(self) -> bool:
        """Whether the host shows the other picture whole: the key is held, or it blinks."""
        return self._held or self.blink.shows_twin

    def hold(self, on: bool) -> None:
        """The other picture as long as a key is held."""
        if on != self._held:
            before = self.shows_twin
            self._held = on
            if self.shows_twin != before:
                self.swapped.emit()

    def set_blink_rate(self, rate_hz: float) -> None:
        """Another rate of the blinking, in its bounds; the panel says which."""
        if rate_hz != self.blink.rate_hz:
            self.blink.set_rate(rate_hz)
            self.swapped.emit()

    @property
    def curtain(self) -> Curtain | None:
        """The open curtain, or None."""
        return self._curtain

    def set_curtain(self, curtain: Curtain | None) -> None:
        """Open the curtain, move it, or close it; where it stood is kept for the next time."""
        if curtain == self._curtain:
            return
        self._curtain = curtain
        self._kept_curtain = curtain or self._kept_curtain
        if curtain is None:
            self._leave_edge()
        self.changed.emit()

    def toggle_curtain(self) -> None:
        """Open the curtain where it stood last, or close it."""
        self.set_curtain(self._kept_curtain if self._curtain is None else None)

    def turn_curtain(self) -> None:
        """The edge the other way; opens the curtain if it is closed."""
        self.set_curtain((self._curtain or self._kept_curtain).turned())

    @property
    def lens(self) -> Lens | None:
        """The lens, or None."""
        return self._lens

    def set_lens(self, lens: Lens | None) -> None:
        """Take the lens, change it, or lay it aside; its size is kept for the next time."""
        if lens != self._lens:
            self._lens = lens
            self._kept_lens = lens or self._kept_lens
            self.changed.emit()

    def toggle_lens(self, *, difference: bool) -> None:
        """Take the lens on the twin or on the difference; lay it aside if it shows that already."""
        wished = replace(self._kept_lens, shows_difference=difference)
        self.set_lens(None if wished == self._lens else wished)

    def resize_lens(self, steps: float) -> None:
        """So many steps larger, or smaller."""
        if self._lens is not None:
            self.set_lens(self._lens.resized(steps))
            self.lensResized.emit(self._kept_lens.radius_px)

    def set_lens_radius(self, radius_px: float) -> None:
        """The size of the lens from now on."""
        self._kept_lens = replace(self._kept_lens, radius_px=radius_px)
        if self._lens is not None:
            self.set_lens(replace(self._lens, radius_px=radius_px))

    # What the comparison shows of it

    def set_host(self, host: ImageView) -> None:
        """In which panel all this is seen."""
        self._host = host

    def dressed(self, content: PanelContent) -> PanelContent:
        """The host's content with words for what goes on in it."""
        if self.blink.runs:
            return replace(content, status=tr("blinking at {rate:g} Hz").format(rate=self.blink.rate_hz))
        return content

    def veils(
        self,
        own_name: str,
        twin: Second | None,
        difference: Second | None,
        place: tuple[float, float],
    ) -> tuple[Veil, ...]:
        """What lies over the host. `twin`: the other picture of the pair; None, and nothing is covered."""
        if self.shows_twin:
            return ()
        veils: list[Veil] = []
        if self._curtain is not None and twin is not None:
            veils.append(CurtainVeil(self._curtain, twin, own_name))
        if self._lens is not None:
            second = difference if self._lens.shows_difference else twin
            if second is not None:
                veils.append(LensVeil(self._lens, second, place))
        return tuple(veils)

    # Mouse and keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that move the open curtain, and the mouse on its edge or turning the lens's wheel."""
        if isinstance(event, QKeyEvent):
            return self._take_key(event)
        if watched is self._host:
            if isinstance(event, QMouseEvent):
                return self._take_mouse(self._host, event)
            if isinstance(event, QWheelEvent):
                return self._take_wheel(event)
            if event.type() == QEvent.Type.Leave and not self._dragged:
                self._leave_edge()
        return False

    def _take_key(self, event: QKeyEvent) -> bool:
        curtain = self._curtain
        # The arrows of a keypad are arrows, too.
        bare = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if curtain is None or not self._covers() or not bare or event.key() not in _MOVING_KEYS:
            return False
        upright, step = _MOVING_KEYS[Qt.Key(event.key())]
        if upright is not curtain.upright:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # else the arrow scrolls through the images
            return True
        if event.type() == QEvent.Type.KeyPress:
            self.set_curtain(replace(curtain, place=curtain.place + step))
            return True
        return False

    def _take_mouse(self, host: ImageView, event: QMouseEvent) -> bool:
        curtain, kind = self._curtain, event.type()
        if curtain is None or not self._covers():
            self._dragged = False
            return False
        position = event.position() - QPointF(host.viewport.topLeft())
        on_edge = position.y() >= 0 and curtain.grabbed_at(position, host.mapping)
        if self._dragged:
            if kind == QEvent.Type.MouseMove:
                self.set_curtain(curtain.at(position, host.mapping))
            elif kind == QEvent.Type.MouseButtonRelease and event.button() is Qt.MouseButton.LeftButton:
                self._dragged = False
            return True
        if kind == QEvent.Type.MouseMove and not event.buttons():
            self._show_edge(host, on_edge)
        left = event.button() is Qt.MouseButton.LeftButton
        if left and on_edge and kind in {QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick}:
            self._dragged = True
            return True
        return False

    def _take_wheel(self, event: QWheelEvent) -> bool:
        """Shift and the wheel make the lens larger or smaller."""
        if self._lens is None or not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            return False
        turned = event.angleDelta().y() or event.angleDelta().x()
        self.resize_lens(turned / 120)
        return True

    def _covers(self) -> bool:
        """Whether the curtain is seen: without a twin it lies over nothing."""
        return self._host is not None and any(isinstance(one, CurtainVeil) for one in self._host.veils)

    def _show_edge(self, host: ImageView, over: bool) -> None:
        """The mouse says that the edge can be taken."""
        if over and self._curtain is not None:
            upright = self._curtain.upright
            host.set_edge_cursor(Qt.CursorShape.SplitHCursor if upright else Qt.CursorShape.SplitVCursor)
            self._over_edge = True
        elif self._over_edge:
            self._leave_edge()

    def _leave_edge(self) -> None:
        self._over_edge = self._dragged = False
        if self._host is not None:
            self._host.set_edge_cursor(None)
