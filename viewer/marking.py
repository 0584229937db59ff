"""Between the marks of the review and what shows them: which one is selected, and what is done to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from core.imaging.frame import Frame
from core.imaging.marks import Mark
from core.review import Review
from core.session import Session
from viewer.comparison import Comparison
from viewer.watch import watch


class Marking(QObject):
    """Which mark is selected and whether marks are shown; changes go through the session's one history.

    Neither is a decision: they are not undone and not kept. GUI thread only.
    """

    selected_changed = Signal(str)
    """Identifier of the selected mark, "" for none."""
    visible_changed = Signal(bool)

    def __init__(self, session: Session, comparison: Comparison) -> None:
        super().__init__(comparison)
        self._session, self._comparison = session, comparison
        self.selected = ""
        self.visible = True
        watch(self, session.review_changed, self._show_review)
        watch(self, session.frame_changed, self._forget_selection)
        comparison.markDrawn.connect(self.add)
        comparison.markChanged.connect(self.change)
        comparison.markSelected.connect(self.select)
        self._show_review(session.review)

    @property
    def selected_mark(self) -> Mark | None:
        """The selected mark; None while there is none."""
        return self._session.review.drawings.find(self.selected)

    def add(self, mark: Mark) -> None:
        """Keep a new mark, and select it."""
        if self._session.frame is None:
            return
        self.set_visible(True)
        review = self._session.review.with_mark(mark)
        self._session.amend(review)
        self.select(review.drawings.marks[-1].identifier)

    def change(self, mark: Mark) -> None:
        """Keep a mark as it is now: one step to undo."""
        self._session.amend(self._session.review.with_changed_mark(mark))

    def write(self, identifier: str, text: str) -> None:
        """Give a mark other words."""
        self._change(identifier, lambda mark: replace(mark, text=text.strip()))

    def toggle_hidden(self, identifier: str) -> None:
        """Show or hide one mark on the film."""
        self._change(identifier, lambda mark: replace(mark, hidden=not mark.hidden))

    def delete_selected(self) -> None:
        """Take the selected mark away; undo brings it back."""
        if self.selected_mark is not None:
            self._session.amend(self._session.review.without_marks([self.selected]))

    def select(self, identifier: str, *, centre: bool = False) -> None:
        """Look at one mark, "" for none; `centre`: bring it into the middle of all panels."""
        if identifier != self.selected:
            self.selected = identifier
            self._tell()
            self.selected_changed.emit(identifier)
        mark = self.selected_mark
        if centre and mark is not None:
            rows, columns = zip(*mark.points, strict=True)
            self._comparison.center_on((min(rows) + max(rows)) / 2, (min(columns) + max(columns)) / 2)

    def set_visible(self, visible: bool) -> None:
        """Show or hide all marks on the films."""
        if visible != self.visible:
            self.visible = visible
            self._tell()
            self.visible_changed.emit(visible)

    def toggle_key_image(self) -> None:
        """Make the shown image a key image, or take that back."""
        review = self._session.review
        self._session.amend(review.with_key_image(not review.key_image))

    def _change(self, identifier: str, changed: Callable[[Mark], Mark]) -> None:
        mark = self._session.review.drawings.find(identifier)
        if mark is not None:
            self.change(changed(mark))

    def _show_review(self, review: Review) -> None:
        if self.selected and review.drawings.find(self.selected) is None:
            self.select("")
        self._tell()

    def _forget_selection(self, frame: Frame | None) -> None:
        self.select("")

    def _tell(self) -> None:
        review = self._session.review
        marks = review.drawings.shown if self.visible else ()
        self._comparison.set_marks(marks, self.selected, key_image=review.key_image)
