"""A ring around what has the focus, where nothing else shows it: choices, switches, sliders, tabs."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QRegion
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QScrollBar,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from viewer.theme import Colour

SHOWS_FOCUS = "showsFocus"
"""Property of widgets that paint it themselves."""
# The style sheet gives these a border of their own; menus mark the row.
_SHOWN_ALREADY = (
    QAbstractItemView,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QAbstractSpinBox,
    QMenu,
    QMenuBar,
    QScrollBar,
)
_WIDTH_PX = 2
_LEAVES = {
    QEvent.Type.Hide,
    QEvent.Type.ParentAboutToChange,
    QEvent.Type.ParentChange,
    QEvent.Type.DeferredDelete,
    QEvent.Type.Close,
}
_MOVES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.ZOrderChange}


def show_focus(app: QApplication) -> None:
    """From now on every widget that takes the focus can be told from the others; once is enough."""
    if app.findChild(_Follower) is None:
        app.focusChanged.connect(_Follower(app).follow)


class FocusRing(QWidget):
    """A rounded line in the accent colour around a widget, beside it in the same parent.

    Qt's own frame for this ends the program when its widget loses its parent.
    """

    def __init__(self, around: QWidget, parent: QWidget) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        # A splitter that heard of it would make room for it.
        self.setAttribute(Qt.WidgetAttribute.WA_NoChildEventsForParent)
        self.setParent(parent)
        self.around = around
        self.lie()
        self.show()

    def lie(self) -> None:
        """Around the widget, before all others."""
        self.setGeometry(self.around.geometry().adjusted(-_WIDTH_PX, -_WIDTH_PX, _WIDTH_PX, _WIDTH_PX))
        whole, inside = self.rect(), self.rect().adjusted(_WIDTH_PX, _WIDTH_PX, -_WIDTH_PX, -_WIDTH_PX)
        self.setMask(QRegion(whole) - QRegion(inside))  # what is below is not painted once more
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line."""
        half = _WIDTH_PX / 2
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(Colour.ACCENT), _WIDTH_PX))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), 2.0, 2.0)


class _Follower(QObject):
    """Keeps the one ring of the program where the focus is."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: FocusRing | None = None

    @Slot()
    def follow(self) -> None:
        """The focus moved; what had it before may be on its way out."""
        self._drop()
        now = QApplication.focusWidget()
        parent = None if now is None else now.parentWidget()
        if now is None or parent is None or now.isWindow() or not _needs_ring(now):
            return
        self._ring = FocusRing(now, parent)
        now.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Go with the widget, and go away before it does."""
        ring = self._ring
        if ring is not None and isValid(ring) and watched is ring.around:
            if event.type() in _LEAVES:
                self._drop()
            elif event.type() in _MOVES:
                ring.lie()
        return False

    def _drop(self) -> None:
        ring, self._ring = self._ring, None
        if ring is None or not isValid(ring):
            return
        if isValid(ring.around):
            ring.around.removeEventFilter(self)
        ring.hide()
        ring.deleteLater()


def _needs_ring(widget: QWidget) -> bool:
    return not isinstance(widget, _SHOWN_ALREADY) and not widget.property(SHOWS_FOCUS)
