"""The reader's impression of an image, and the way from it to the twin when the impression comes first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize
from PySide6.QtGui import QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from core.reading import Reading
from core.review import Review
from core.session import Session
from viewer.language import tr
from viewer.theme import HEADING_STYLE
from viewer.watch import watch


class ImpressionBox(QWidget):
    """Title, text, and Show the twin while that waits for the text. Follows the session."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._edit = _ImpressionEdit()
        self._edit.setPlaceholderText(tr("Your impression, for the report…"))
        self._edit.setAccessibleName(tr("Impression"))
        self._edit.textChanged.connect(self._write)
        title = QLabel(tr("Impression"))
        title.setStyleSheet(HEADING_STYLE)
        title.setBuddy(self._edit)
        self._reveal = QPushButton(tr("Show the twin"))
        self._reveal.clicked.connect(session.reveal)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(title)
        column.addWidget(self._edit, 1)
        column.addWidget(self._reveal)
        watch(self, session.review_changed, self._show_review)
        watch(self, session.reading_changed, self._show_veil)
        self._show_review(session.review)
        self._show_veil(session.reading)

    def focus(self) -> None:
        """Put the cursor into the text."""
        self._edit.setFocus()

    def _show_review(self, review: Review) -> None:
        if self._edit.toPlainText() != review.impression:
            with QSignalBlocker(self._edit):
                self._edit.setPlainText(review.impression)
                self._edit.moveCursor(QTextCursor.MoveOperation.End)
        self._edit.setEnabled(self._session.frame is not None)

    def _show_veil(self, _: Reading) -> None:
        veiled = self._session.veiled
        written = bool(self._session.review.impression.strip())
        # The focus must not fall from a button that goes away onto something else by chance.
        if not veiled and self._reveal.hasFocus():
            self._edit.setFocus()
        self._reveal.setVisible(veiled)
        self._reveal.setEnabled(written)
        self._reveal.setToolTip(
            tr("Twin, difference, score and findings of this image; your impression is kept as the first one")
            if written
            else tr("Write your impression first")
        )

    def _write(self) -> None:
        text = self._edit.toPlainText()
        # One undo step a word: a letter is too little, the whole text too much.
        step = f"impression, word {len(text.split())}"
        self._session.amend(self._session.review.with_impression(text), step=step)


class _ImpressionEdit(QPlainTextEdit):
    """A text whose undo is the session's: one row of steps for everything that the reader decides."""

    def __init__(self) -> None:
        super().__init__()
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(48)

    def event(self, event: QEvent) -> bool:
        """Leave undo and redo to the window, which Qt's text editor would keep for itself."""
        undoing = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and any(event.matches(key) for key in undoing)
        ):
            event.ignore()
            return True
        return super().event(event)

    def sizeHint(self) -> QSize:
        """A few lines; more room comes from the panel."""
        return QSize(200, 60)
