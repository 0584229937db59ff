"""A field on the film in which the reader writes a text or the label of a mark."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from viewer.language import tr
from viewer.theme import scaled

_WIDTH_PX = 200


class MarkEditor(QLineEdit):
    """Return or a click elsewhere takes the text, Esc leaves it as it was. Goes by itself afterwards."""

    written = Signal(str)
    """The text, stripped; told once, and not after Esc."""

    def __init__(self, view: QWidget, place: QPoint, text: str = "") -> None:
        super().__init__(text, view)
        self.setAccessibleName(tr("Text of the mark"))
        self.setPlaceholderText(tr("Text"))
        wide, high = scaled(_WIDTH_PX), self.sizeHint().height()
        x = max(min(place.x(), view.width() - wide - 4), 4)
        self.setGeometry(x, max(min(place.y(), view.height() - high - 4), 4), wide, high)
        self._open = True
        self.returnPressed.connect(self._take)
        self.show()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def event(self, event: QEvent) -> bool:
        """Keep Esc, which the window would take for its own."""
        if (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc: no text."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_unwritten()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The reader went on: what stands here counts. A menu of the field itself is no going on."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.PopupFocusReason:
            self._take()

    def close_unwritten(self) -> None:
        """Go without a word."""
        if self._open:
            self._open = False
            view = self.parentWidget()
            self.hide()
            self.deleteLater()
            if view is not None and view.window().isActiveWindow():
                view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self) -> None:
        if self._open:
            text = self.text().strip()
            self.close_unwritten()
            self.written.emit(text)
