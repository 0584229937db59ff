"""What the models point at and what the reader makes of it: accept, dismiss, note, impression."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QResizeEvent, QTextLayout
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.imaging.findings import Finding
from core.reading import Reading
from core.session import Session
from viewer.finding_words import finding_details, finding_words
from viewer.impression_box import ImpressionBox
from viewer.language import tr
from viewer.row_list import Row, RowList, identifier_of
from viewer.theme import HEADING_STYLE, Colour
from viewer.watch import watch

_NOTE_LINES = 3


class FindingsPanel(QWidget):
    """The list of findings with the reader's decisions, and the impression. Follows the session.

    By keyboard alone: Up and Down in the list, Return to its note, Return or Escape back to the list.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._title = QLabel()
        self._title.setStyleSheet(HEADING_STYLE)
        self._list = _FindingsList()
        self._list.currentItemChanged.connect(self._select)
        self._list.noteWanted.connect(self.focus_note)
        self._list.widthChanged.connect(lambda: self._show_reading(session.reading))
        self._veil = QLabel(
            tr(
                "Hidden until you have written your impression of this image: then press Show the twin. "
                "What the models say may be worked out meanwhile, and is not told."
            )
        )
        self._veil.setWordWrap(True)
        self._veil.setStyleSheet(f"color: {Colour.QUIET};")
        self._veil.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._accept = QPushButton(tr("Accept"))
        self._accept.setToolTip(tr("The finding goes into the report"))
        self._accept.clicked.connect(self.accept_selected)
        self._dismiss = QPushButton(tr("Dismiss"))
        self._dismiss.setToolTip(tr("The finding stays out of the report"))
        self._dismiss.clicked.connect(self.dismiss_selected)
        self._note = _NoteEdit()
        self._note.setPlaceholderText(tr("Note on this finding…"))
        self._note.setAccessibleName(tr("Note on this finding"))
        self._note.editingFinished.connect(self._write_note)
        self._note.left.connect(self._leave_note)
        self._impression = ImpressionBox(session)
        self._decisions = QWidget()
        buttons = QHBoxLayout(self._decisions)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.addWidget(self._accept)
        buttons.addWidget(self._dismiss)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 8)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._list, 3)
        column.addWidget(self._veil, 3)
        column.addWidget(self._decisions)
        column.addWidget(self._note)
        column.addWidget(self._impression, 2)
        watch(self, session.reading_changed, self._show_reading)
        watch(self, session.finding_selected, self._show_selected)
        self._show_reading(session.reading)

    @property
    def rows(self) -> tuple[str, ...]:
        """The list as it reads, top to bottom."""
        return self._list.rows

    def accept_selected(self) -> None:
        """Confirm the selected finding, or take the confirmation back."""
        review, findings = self._session.review, self._session.reading.findings
        for finding in findings:
            if finding.identifier == self._session.selected_finding:
                taken_back = review.accepts(finding.identifier)
                self._session.amend(
                    review.undecide(finding.identifier) if taken_back else review.accept(finding)
                )

    def dismiss_selected(self) -> None:
        """Reject the selected finding, or take the rejection back."""
        review, identifier = self._session.review, self._session.selected_finding
        if identifier:
            taken_back = identifier in review.dismissed
            self._session.amend(review.undecide(identifier) if taken_back else review.dismiss(identifier))

    def focus_impression(self) -> None:
        """Put the cursor into the impression."""
        self._impression.focus()

    def focus_note(self) -> None:
        """Put the cursor into the note on the selected finding."""
        if self._note.isEnabled():
            self._note.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._note.end(False)

    # --- the session says what is new --------------------------------------------------------------

    def _show_reading(self, reading: Reading) -> None:
        veiled = self._session.veiled
        for widget in (self._list, self._decisions, self._note):
            widget.setVisible(not veiled)
        self._veil.setVisible(veiled)
        several = len({finding.model_kind for finding in reading.findings}) > 1
        self._list.fill(self._row(finding, reading, name_model=several) for finding in reading.findings)
        count = len(reading.findings)
        title = tr("Findings ({count})").format(count=count) if reading.analyses else tr("Findings")
        self._title.setText(title)
        self._show_selected(self._session.selected_finding)

    def _show_selected(self, identifier: str) -> None:
        there = self._list.choose(identifier)
        review = self._session.review
        for widget in (self._accept, self._dismiss, self._note):
            widget.setEnabled(there)
        self._accept.setText(tr("Undo accept") if review.accepts(identifier) else tr("Accept"))
        self._dismiss.setText(tr("Undo dismiss") if identifier in review.dismissed else tr("Dismiss"))
        if not self._note.hasFocus() or not self._note.isModified():
            self._note.setText(review.note_on(identifier) if there else "")

    def _row(self, finding: Finding, reading: Reading, *, name_model: bool) -> Row:
        review, font, width = self._session.review, self._list.font(), self._list.room_px
        note = review.note_on(finding.identifier)
        lines = _broken(f"“{note}”", font, width - _width_px("    ", font)) if note else []
        words = finding_words(finding, review, reading, name_model=name_model).split("\n")
        words = [part for line in words for part in _fitted(line, font, width)]
        return Row(
            finding.identifier,
            "\n".join(words + [f"    {line}" for line in lines]),
            "\n".join([finding_details(finding), *([note] if note else [])]),
            quiet=finding.identifier in review.dismissed,
        )

    # --- the reader decides ------------------------------------------------------------------------

    def _select(self, item: QListWidgetItem | None) -> None:
        self._session.select_finding(identifier_of(item))

    def _write_note(self) -> None:
        if self._session.selected_finding and self._note.isModified():
            self._note.setModified(False)
            review = self._session.review
            self._session.amend(review.with_note(self._session.selected_finding, self._note.text()))

    def _leave_note(self, taken: bool) -> None:
        if not taken:
            self._note.setModified(False)
            self._note.setText(self._session.review.note_on(self._session.selected_finding))
        self._list.setFocus(Qt.FocusReason.ShortcutFocusReason)


class _FindingsList(RowList):
    """Some lines a finding; asks for little room and takes what is left."""

    widthChanged = Signal()
    noteWanted = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Findings"))
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setMinimumHeight(64)

    @property
    def room_px(self) -> int:
        """How wide a line may be, whether or not there is a scroll bar."""
        return self.width() - self.verticalScrollBar().sizeHint().width() - 12

    def sizeHint(self) -> QSize:
        """Room for two findings."""
        return QSize(200, 84)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return goes to the note."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentRow() >= 0:
            self.noteWanted.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width: notes are broken at other words."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.widthChanged.emit()


class _NoteEdit(QLineEdit):
    """A note: Return takes it, Escape leaves what was there; both go back to the list."""

    left = Signal(bool)  # whether the text was taken

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave by Return and Escape, once the text is taken or not."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit(True)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit(False)


def _broken(text: str, font: QFont, width_px: int) -> list[str]:
    """Words in lines of a width, three at most; the tool tip has them all."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    lines: list[str] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(width_px, 40))
        lines.append(text[line.textStart() : line.textStart() + line.textLength()].strip())
    layout.endLayout()
    if len(lines) > _NOTE_LINES:
        return [*lines[: _NOTE_LINES - 1], lines[_NOTE_LINES - 1][:-1] + "…"]
    return lines


def _fitted(line: str, font: QFont, width_px: int) -> list[str]:
    """A line whose parts stand two spaces apart, broken between parts where it is too long."""
    parts = line.strip().split("  ")
    lines = [line[: len(line) - len(line.lstrip())] + parts[0]]
    for part in parts[1:]:
        if _width_px(f"{lines[-1]}  {part}", font) <= width_px:
            lines[-1] += f"  {part}"
        else:
            lines.append(f"    {part}")
    return lines


def _width_px(text: str, font: QFont) -> int:
    return QFontMetrics(font).horizontalAdvance(text)
