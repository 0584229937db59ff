"""The marks on the shown image in a list: value, label, hide, delete."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.imaging.frame import Frame
from core.imaging.marks import Mark
from core.imaging.measurements import Measured
from core.review import Review
from core.session import Session
from viewer.language import tr
from viewer.marking import Marking
from viewer.row_list import Row, RowList, identifier_of
from viewer.theme import HEADING_STYLE
from viewer.watch import watch

_MOST_PX = 190


class MarksPanel(QWidget):
    """A view of the marks in the session's review; not there while there are none. Follows the session."""

    def __init__(self, session: Session, marking: Marking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._marking = session, marking
        self._measured: Measured | None = None
        self._title = QLabel()
        self._title.setStyleSheet(HEADING_STYLE)
        self._list = _MarksList(marking)
        self._list.currentItemChanged.connect(self._select)
        self._list.itemActivated.connect(self._select)
        self._list.itemClicked.connect(self._select)
        self._label = QLineEdit()
        self._label.setPlaceholderText(tr("Label of this mark…"))
        self._label.setAccessibleName(tr("Label of this mark"))
        self._label.editingFinished.connect(self._write)
        self._hide = QPushButton(tr("Hide"))
        self._hide.clicked.connect(lambda: marking.toggle_hidden(marking.selected))
        self._delete = QPushButton(tr("Delete"))
        self._delete.setToolTip(tr("Take this mark away; undo brings it back"))
        self._delete.clicked.connect(marking.delete_selected)
        buttons = QHBoxLayout()
        buttons.addWidget(self._hide)
        buttons.addWidget(self._delete)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 8)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._list)
        column.addWidget(self._label)
        column.addLayout(buttons)
        watch(self, session.frame_changed, self._show_frame)
        watch(self, session.review_changed, self._show_review)
        marking.selected_changed.connect(self._show_selected)
        self._show_frame(session.frame)

    @property
    def rows(self) -> tuple[str, ...]:
        """The list as it reads, top to bottom."""
        return self._list.rows

    def _show_frame(self, frame: Frame | None) -> None:
        self._measured = None if frame is None else Measured(frame)
        self._show_review(self._session.review)

    def _show_review(self, review: Review) -> None:
        marks = review.drawings.marks
        self._title.setText(f"{tr('Marks')} ({len(marks)})")
        self._list.fill(self._row(mark) for mark in marks)
        high = sum(self._list.sizeHintForRow(place) for place in range(self._list.count()))
        self._list.setFixedHeight(min(high, _MOST_PX) + 2 * self._list.frameWidth() + 2)
        self._show_selected(self._marking.selected)
        self.setVisible(bool(marks))

    def _row(self, mark: Mark) -> Row:
        value = "" if self._measured is None else self._measured.words(mark)
        label = mark.text or mark.kind.words
        hidden = f" ({tr('hidden')})" if mark.hidden else ""
        text = f"{mark.name}  {label}{hidden}" + (f"\n    {value}" if value else "")
        tip = f"{mark.kind.words}: {value}" if value else mark.kind.words
        return Row(mark.identifier, text, tip, quiet=mark.hidden)

    def _show_selected(self, identifier: str) -> None:
        self._list.choose(identifier)
        mark = self._marking.selected_mark
        for widget in (self._label, self._hide, self._delete):
            widget.setEnabled(mark is not None)
        self._hide.setText(tr("Show") if mark is not None and mark.hidden else tr("Hide"))
        if not self._label.hasFocus() or not self._label.isModified():
            self._label.setText("" if mark is None else mark.text)

    def _select(self, item: QListWidgetItem | None) -> None:
        self._marking.select(identifier_of(item), centre=True)

    def _write(self) -> None:
        if self._label.isModified():
            self._label.setModified(False)
            self._marking.write(self._marking.selected, self._label.text())


class _MarksList(RowList):
    """Two lines a mark; Delete takes the selected one away."""

    def __init__(self, marking: Marking) -> None:
        super().__init__(tr("Marks"))
        self._marking = marking
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, beside what a list does."""
        if event.key() == Qt.Key.Key_Delete:
            self._marking.delete_selected()
        else:
            super().keyPressEvent(event)
