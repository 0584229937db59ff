"""What the models point at and what the reader makes of it: accept, dismiss, note, impression."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QTextCursor
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.imaging.findings import Finding
from core.inference.analysis import model_name
from core.reading import Reading
from core.review import Review
from core.session import Session
from viewer.theme import Colour, text_height_px
from viewer.watch import watch

_HEADING = f"color: {Colour.QUIET}; border-top: 1px solid {Colour.LINE}; padding-top: 6px;"
_IDENTIFIER = Qt.ItemDataRole.UserRole
_ROW_MARGIN_PX = 6


class FindingsPanel(QWidget):
    """The list of findings with the reader's decisions, and the impression. Follows the session."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._title = QLabel()
        self._title.setStyleSheet(_HEADING)
        self._list = _FindingsList()
        self._list.currentItemChanged.connect(self._select)
        self._accept = QPushButton("Accept")
        self._accept.setToolTip("The finding goes into the report (A)")
        self._accept.clicked.connect(self.accept_selected)
        self._dismiss = QPushButton("Dismiss")
        self._dismiss.setToolTip("The finding stays out of the report (X)")
        self._dismiss.clicked.connect(self.dismiss_selected)
        self._note = QLineEdit()
        self._note.setPlaceholderText("Note on this finding…")
        self._note.setAccessibleName("Note on this finding")
        self._note.editingFinished.connect(self._write_note)
        self._impression = _ImpressionEdit()
        self._impression.setPlaceholderText("Your impression, for the report…")
        self._impression.setAccessibleName("Impression")
        self._impression.textChanged.connect(self._write_impression)
        buttons = QHBoxLayout()
        buttons.addWidget(self._accept)
        buttons.addWidget(self._dismiss)
        impression_title = QLabel("Impression")
        impression_title.setStyleSheet(_HEADING)
        impression_title.setBuddy(self._impression)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 8)
        column.setSpacing(6)
        column.addWidget(self._title)
        column.addWidget(self._list, 3)
        column.addLayout(buttons)
        column.addWidget(self._note)
        column.addWidget(impression_title)
        column.addWidget(self._impression, 2)
        watch(self, session.reading_changed, self._show_reading)
        watch(self, session.review_changed, self._show_review)
        watch(self, session.finding_selected, self._show_selected)
        self._show_reading(session.reading)
        self._show_review(session.review)

    @property
    def rows(self) -> tuple[str, ...]:
        """The list as it reads, top to bottom."""
        return tuple(self._list.item(place).text() for place in range(self._list.count()))

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
        self._impression.setFocus()

    # --- the session says what is new --------------------------------------------------------------

    def _show_reading(self, reading: Reading) -> None:
        review = self._session.review
        several = len({finding.model_kind for finding in reading.findings}) > 1
        with QSignalBlocker(self._list):
            self._list.clear()
            for finding in reading.findings:
                item = QListWidgetItem(finding_words(finding, review, reading, name_model=several))
                item.setData(_IDENTIFIER, finding.identifier)
                item.setToolTip(finding_details(finding))
                item.setSizeHint(self._row_size(item.text()))
                if finding.identifier in review.dismissed:
                    item.setForeground(QColor(Colour.QUIET))
                self._list.addItem(item)
        count = len(reading.findings)
        self._title.setText(f"Findings ({count})" if reading.analyses else "Findings")
        self._show_selected(self._session.selected_finding)

    def _show_review(self, review: Review) -> None:
        if self._impression.toPlainText() != review.impression:
            with QSignalBlocker(self._impression):
                self._impression.setPlainText(review.impression)
                self._impression.moveCursor(QTextCursor.MoveOperation.End)
        self._impression.setEnabled(self._session.frame is not None)

    def _show_selected(self, identifier: str) -> None:
        place = next((n for n in range(self._list.count()) if self._identifier(n) == identifier), -1)
        with QSignalBlocker(self._list):
            self._list.setCurrentRow(place)
        review = self._session.review
        for widget in (self._accept, self._dismiss, self._note):
            widget.setEnabled(place >= 0)
        self._accept.setText("Undo accept" if review.accepts(identifier) else "Accept")
        self._dismiss.setText("Undo dismiss" if identifier in review.dismissed else "Dismiss")
        if not self._note.hasFocus() or not self._note.isModified():
            self._note.setText(review.note_on(identifier) if place >= 0 else "")

    def _row_size(self, text: str) -> QSize:
        # A row that is too low loses its last line.
        return QSize(0, text_height_px(text, self._list.font()) + _ROW_MARGIN_PX)

    def _identifier(self, place: int) -> str:
        return str(self._list.item(place).data(_IDENTIFIER))

    # --- the reader decides ------------------------------------------------------------------------

    def _select(self, item: QListWidgetItem | None) -> None:
        self._session.select_finding(str(item.data(_IDENTIFIER)) if item is not None else "")

    def _write_note(self) -> None:
        if self._session.selected_finding and self._note.isModified():
            self._note.setModified(False)
            review = self._session.review
            self._session.amend(review.with_note(self._session.selected_finding, self._note.text()))

    def _write_impression(self) -> None:
        text = self._impression.toPlainText()
        # One undo step a word: a letter is too little, the whole text too much.
        step = f"impression, word {len(text.split())}"
        self._session.amend(self._session.review.with_impression(text), step=step)


class _FindingsList(QListWidget):
    """Two lines a finding; asks for little room and takes what is left."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Findings")
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumHeight(64)

    def sizeHint(self) -> QSize:
        """Room for two findings."""
        return QSize(200, 84)


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


def finding_words(finding: Finding, review: Review, reading: Reading, *, name_model: bool) -> str:
    """One finding as a row: decision, place, size, how strong and how rare among healthy films.

    An accepted one says at which threshold that was, and why it is not among the regions of now.
    """
    accepted = review.accepts(finding.identifier)
    mark = "●" if accepted else "○"
    if finding.identifier in review.dismissed:
        mark = "✕"
    place = f"{finding.side} {finding.zone} zone".strip()
    rare = "" if finding.p_value is None else f"  p {finding.p_value:.2g}"
    kind = f"{model_name(finding.model_kind)} {finding.sign}" if name_model else finding.sign.value
    note = review.note_on(finding.identifier)
    why = _why_not_above(finding, reading)
    decided = [f"    accepted at {finding.threshold:.3f}", *([f"    {why}"] if why else [])]
    first = f"{mark} {place[:1].upper()}{place[1:]}  {size_words(finding)}"
    second = f"    {kind}  peak {finding.peak:.2f}{rare}"
    return "\n".join([first, second, *(decided if accepted else []), *([f"    “{note}”"] if note else [])])


def _why_not_above(finding: Finding, reading: Reading) -> str:
    """Why an accepted finding is none of the regions of now; "" when it is one."""
    if any(one.identifier == finding.identifier for one in reading.above):
        return ""
    own_sign = finding.sign is reading.style.sign
    thresholds = reading.thresholds if own_sign else reading.opposite_thresholds
    for analysis, threshold in zip(reading.analyses, thresholds, strict=False):
        if analysis.card.kind == finding.model_kind:
            return "below the threshold now" if finding.peak < threshold else "part of a larger region now"
    return "not in the map shown"


def size_words(finding: Finding) -> str:
    """Height by width: millimetres only where the spacing is known."""
    if finding.size_mm is not None:
        return f"{finding.size_mm[0]:.0f}×{finding.size_mm[1]:.0f} mm"
    first_row, first_column, end_row, end_column = finding.box
    return f"{end_row - first_row}×{end_column - first_column} px"


def finding_details(finding: Finding) -> str:
    """All that is known of a finding, for its tool tip."""
    area = f"{finding.area_px:.0f} px"
    if finding.area_mm2 is not None:
        area += f", {finding.area_mm2:.0f} mm² ({finding.spacing_source.value})"
    rare = ""
    if finding.p_value is not None:
        rare = f"\n{finding.p_value:.1%} of healthy films peak as high anywhere"
    return f"Area {area}\nPeak {finding.peak:.3f} of the grey range{rare}"
