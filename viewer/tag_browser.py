"""All attributes of the shown image's file, with search: a window that follows the selection."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from core.jobs import Job, JobContext, Lane
from core.session import Selection, Session
from core.study_list import folded, search_words
from core.visible import visible
from viewer.language import tr
from viewer.messages import words_for
from viewer.slices import Slices
from viewer.text_tree import Branch, TextTree
from viewer.theme import Colour, icon
from viewer.watch import watch

if TYPE_CHECKING:
    from core.dicom.attribute_list import AttributePage, AttributeRow, Cursor

_FOLLOW_MS = 120
_ROWS_BY_THEMSELVES = 20_000
# (0010,0020) in any of the ways in which it is written; folded texts have no commas.
_TAG = re.compile(r"\(?([0-9A-Fa-f]{4})\s*,\s*([0-9A-Fa-f]{4})\)?")
_WIDTHS_PX = (210, 70, 50, 260)


@dataclass(frozen=True, slots=True)
class _Place:
    """Which frame of which file the window is about."""

    path: Path
    name: str
    frame_index: int
    number_of_frames: int


class TagBrowser(QWidget):
    """A tree of attributes, read page by page in the read lane. GUI thread only.

    While the reader scrolls through images it waits for the last one; what was found for another file is
    dropped. Long files are read on by themselves up to a limit, then when asked.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Attributes"))
        self.setMinimumSize(640, 420)
        self.resize(980, 700)
        self._session = session
        self._place: _Place | None = None
        self._next: Cursor | None = None
        self._limit = _ROWS_BY_THEMSELVES
        self._count = 0
        self._path_open: list[Branch] = []
        self._frame_branch: Branch | None = None
        self._jobs: list[Job] = []
        self._hits: list[Branch] = []
        self._wanted_tags: tuple[str, ...] = ()
        self._scroll_to = 0
        self._searches = Slices(self)
        self._follow = QTimer(self)
        self._follow.setSingleShot(True)
        self._follow.setInterval(_FOLLOW_MS)
        self._follow.timeout.connect(self._show_selection)
        self._model = TextTree(("Tag", "VR", "VM", "Name", "Value"), self)
        self._build()
        watch(self, session.selection_changed, self._selected)
        self._show_selection()

    @property
    def lines(self) -> tuple[str, ...]:
        """All rows that were read, as plain text."""
        return tuple(_text(branch) for branch in self._model.top.walk())

    @property
    def busy(self) -> bool:
        """Whether anything is still being read or searched."""
        return self._follow.isActive() or self._searches.running or any(job.active for job in self._jobs)

    @property
    def status(self) -> str:
        """What the line under the list says."""
        return self._status.text()

    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self._search.setFocus()
        self._search.selectAll()

    def step_hit(self, steps: int) -> None:
        """Go to the next or previous row that the search has found, round and round."""
        if not self._hits:
            return
        current = self._model.branch_at(self._tree.currentIndex())
        numbers = [hit.number for hit in self._hits]
        if current in self._hits:
            place = (self._hits.index(current) + steps) % len(self._hits)
        else:
            # From where the cursor is: the first hit behind it, or the last before it.
            behind = [n for n, number in enumerate(numbers) if number > current.number]
            place = (behind[0] if behind else 0) if steps > 0 else (behind[0] if behind else 0) - 1
        self._go_to(self._hits[place])
        self._say_hits()

    def read_on(self) -> None:
        """Read another part of a file with very many attributes."""
        self._limit += _ROWS_BY_THEMSELVES
        self._read_next()

    def copy_rows(self) -> None:
        """Copy the selected rows as plain text, each with its tag, name and value."""
        rows = sorted(self._tree.selectionModel().selectedRows(), key=self._number_at)
        if rows:
            QGuiApplication.clipboard().setText("\n".join(_text(self._model.branch_at(row)) for row in rows))

    def copy_value(self) -> None:
        """Copy the value of the current row, as much of it as was read."""
        row = self._model.branch_at(self._tree.currentIndex()).value
        if row is not None:
            QGuiApplication.clipboard().setText(_full(row))

    def copy_all(self) -> None:
        """Copy all rows that were read as plain text."""
        rest = [] if self._next is None else ["… more attributes were not read"]
        QGuiApplication.clipboard().setText("\n".join([*self.lines, *rest]))

    # --- built once --------------------------------------------------------------------------------

    def _build(self) -> None:
        self._search = QLineEdit()
        self._search.setPlaceholderText(tr("Search numbers, names and values…"))
        self._search.setToolTip(tr("Enter and F3: next, Shift+F3: previous, Esc: clear"))
        self._search.setAccessibleName(tr("Search the attributes"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(lambda _text: self._find())
        self._search.returnPressed.connect(lambda: self.step_hit(1))
        self._hit_words = QLabel()
        self._hit_words.setStyleSheet(f"color: {Colour.QUIET};")
        top = QHBoxLayout()
        top.addWidget(self._search, 1)
        top.addWidget(self._hit_words)
        for name, steps, words in (("previous", -1, "Previous (Shift+F3)"), ("next", 1, "Next (F3)")):
            step = QToolButton()
            step.setIcon(icon(name))
            step.setToolTip(words)
            step.setAccessibleName(words)
            step.clicked.connect(partial(self._step, steps))
            top.addWidget(step)
        self._tree = self._made_tree()
        self._value = QPlainTextEdit()
        self._value.setReadOnly(True)
        self._value.setAccessibleName(tr("Value"))
        self._value.setPlaceholderText(tr("The whole value of the chosen row"))
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self._tree)
        split.addWidget(self._value)
        split.setSizes([540, 90])
        split.setCollapsible(0, False)
        self._status = QLabel()
        self._status.setWordWrap(True)
        self._status.setTextFormat(Qt.TextFormat.PlainText)
        self._more = QPushButton(tr("Read on"))
        self._more.clicked.connect(self.read_on)
        bottom = QHBoxLayout()
        bottom.addWidget(self._status, 1)
        bottom.addWidget(self._more)
        for words, call in (
            (tr("Copy rows"), self.copy_rows),
            (tr("Copy value"), self.copy_value),
            (tr("Copy all"), self.copy_all),
        ):
            button = QPushButton(words)
            button.clicked.connect(call)
            bottom.addWidget(button)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(split, 1)
        column.addLayout(bottom)
        for keys, call in (
            (QKeySequence(QKeySequence.StandardKey.Copy), self.copy_rows),
            (QKeySequence(QKeySequence.StandardKey.Find), self.focus_search),
            (QKeySequence("F3"), partial(self.step_hit, 1)),
            (QKeySequence("Shift+F3"), partial(self.step_hit, -1)),
            (QKeySequence("Esc"), self._search.clear),
        ):
            QShortcut(keys, self, call)

    def _made_tree(self) -> QTreeView:
        tree = QTreeView()
        tree.setModel(self._model)
        tree.setUniformRowHeights(True)
        tree.setIndentation(14)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        tree.setAccessibleName(tr("Attributes"))
        for column, width in enumerate(_WIDTHS_PX):
            tree.setColumnWidth(column, width)
        tree.selectionModel().currentChanged.connect(self._show_value)
        return tree

    def _step(self, steps: int, _on: bool = False) -> None:
        self.step_hit(steps)

    # --- which file ---------------------------------------------------------------------------------

    def _selected(self, selection: Selection | None) -> None:
        if _place_of(selection) != self._place:
            self._follow.start()

    def _show_selection(self) -> None:
        """Read the file of the selected image; of a file that is shown already only its other frame."""
        place = _place_of(self._session.selection)
        before, self._place = self._place, place
        if place is None:
            self._stop()
            self._clear()
            self._say(tr("No image is shown."))
            self.setWindowTitle(tr("Attributes"))
            return
        name = place.name
        self.setWindowTitle(tr("Attributes of {name}").format(name=name))
        if before is not None and before.path == place.path:
            if before.frame_index != place.frame_index:
                self._read_frame()
            return
        self._stop()
        self._wanted_tags = self._tags_to(self._model.branch_at(self._tree.currentIndex()))
        self._scroll_to = self._tree.verticalScrollBar().value()
        self._clear()
        if place.number_of_frames > 1:
            self._frame_branch = Branch("", heading=True)
            self._model.append(self._model.top, [self._frame_branch])
        self._limit = _ROWS_BY_THEMSELVES
        self._say(tr("Reading {name} …").format(name=name))
        self._submit(partial(_page, place.path, None), partial(self._take_page, place), urgent=True)

    def _clear(self) -> None:
        self._searches.stop()
        self._model.set_branches([])
        self._frame_branch = None
        self._path_open, self._hits = [], []
        self._next, self._count = None, 0
        self._more.hide()
        self._value.clear()
        self._hit_words.clear()

    def _stop(self) -> None:
        for job in self._jobs:
            job.cancel()
        self._jobs = []

    def _submit(self, work: object, on_done: object, *, urgent: bool) -> None:
        place = self._place
        job = self._session.jobs.submit(
            Lane.READ,
            tr("Reading attributes"),
            work,  # type: ignore[arg-type]  # a page or the rows of a frame, each with its own taker
            on_done,  # type: ignore[arg-type]  # as above
            partial(self._fail, place),
            urgent=urgent,
            shown=False,
        )
        self._jobs = [*(one for one in self._jobs if one.active), job]

    def _fail(self, place: _Place | None, error: BaseException) -> None:
        if place == self._place:
            self._say(words_for(error, tr("Read the attributes"))[0], failed=True)

    # --- rows --------------------------------------------------------------------------------------

    def _take_page(self, place: _Place, page: AttributePage) -> None:
        if self._place is None or place.path != self._place.path:
            return
        first = self._count == 0
        added = self._add(page.rows)
        self._next = page.next_page
        self._count += len(page.rows)
        if first:
            self._tree.verticalScrollBar().setValue(self._scroll_to)
            if self._frame_branch is not None:
                self._read_frame()
        self._choose_again(added)
        self._read_next()
        self._find_in(added)

    def _read_next(self) -> None:
        """The next page, or the end, or the question whether to go on."""
        place = self._place
        self._more.setVisible(self._next is not None and self._count >= self._limit)
        words = tr("{count} rows").format(count=f"{self._count:,}")
        if self._next is None:
            self._say(words)
        elif self._count >= self._limit:
            self._say(tr("The first {rows}; the file holds more.").format(rows=words))
        elif place is not None:
            self._say(tr("{rows}, reading on …").format(rows=words))
            self._submit(
                partial(_page, place.path, self._next), partial(self._take_page, place), urgent=False
            )

    def _add(self, rows: Sequence[AttributeRow]) -> list[Branch]:
        """Put rows where their depth says; those below rows that are shown already are announced there."""
        new: set[int] = set()
        below: dict[int, tuple[Branch, list[Branch]]] = {}
        added: list[Branch] = []
        for row in rows:
            branch = _branch(row)
            depth = min(row.depth, len(self._path_open))
            parent = self._path_open[depth - 1] if depth else self._model.top
            self._path_open[depth:] = [branch]
            if id(parent) in new:
                parent.add(branch)
            else:
                below.setdefault(id(parent), (parent, []))[1].append(branch)
            new.add(id(branch))
            added.append(branch)
        for parent, branches in below.values():
            self._model.append(parent, branches)
        return added

    def _read_frame(self) -> None:
        place = self._place
        if place is not None and self._frame_branch is not None:
            work = partial(_frame, place.path, place.frame_index)
            self._submit(work, partial(self._take_frame, place), urgent=False)

    def _take_frame(self, place: _Place, rows: tuple[AttributeRow, ...]) -> None:
        """The functional groups of the shown frame, at the top of the list."""
        branch = self._frame_branch
        if branch is None or place != self._place:
            return
        chosen = self._tags_to(self._model.branch_at(self._tree.currentIndex()))
        inside = chosen[:1] == branch.texts[:1]
        self._model.remove_below(branch)
        number = tr("Image {number} of {count}").format(
            number=f"{place.frame_index + 1:,}", count=f"{place.number_of_frames:,}"
        )
        words = (
            (tr("Functional groups"), tr("its own, then those of all images"))
            if rows
            else (tr("No functional groups"),)
        )
        self._model.rename(branch, number, "", "", *words)
        outer = self._path_open
        self._path_open = [branch]
        for_frame = [_deeper(row) for row in rows]
        added = self._add(for_frame)
        self._path_open = outer
        self._tree.expandRecursively(self._model.place_of(branch), 2)
        if inside:
            self._wanted_tags = (number, *chosen[1:])
            self._choose_again([branch, *added])
        self._find_in(added)

    def _tags_to(self, branch: Branch) -> tuple[str, ...]:
        tags: list[str] = []
        above: Branch | None = branch
        while above is not None and above is not self._model.top:
            tags.append(above.texts[0])
            above = above.parent
        return tuple(reversed(tags))

    def _choose_again(self, added: Sequence[Branch]) -> None:
        """The same attribute in the new file, if the reader had chosen one in the old."""
        for branch in added if self._wanted_tags else ():
            if branch.texts[0] == self._wanted_tags[-1] and self._tags_to(branch) == self._wanted_tags:
                self._go_to(branch)
                self._wanted_tags = ()
                return

    def _go_to(self, branch: Branch) -> None:
        index = self._model.place_of(branch)
        self._tree.setCurrentIndex(index)
        self._tree.scrollTo(index)

    def _show_value(self, index: QModelIndex) -> None:
        row = self._model.branch_at(index).value
        self._value.setPlainText("" if row is None else _full(row))

    def _number_at(self, index: QModelIndex) -> int:
        return self._model.branch_at(index).number

    # --- the search --------------------------------------------------------------------------------

    def _find(self) -> None:
        """Look through all rows anew."""
        self._hits = []
        self._searches.start(self._finding(list(self._model.top.walk())), self._found)

    def _find_in(self, added: Sequence[Branch]) -> None:
        """Look through rows that came later."""
        if self._search.text():
            if self._searches.running:
                self._find()
            else:
                self._searches.start(self._finding(added), self._found)

    def _finding(self, branches: Sequence[Branch]) -> Iterator[None]:
        words = search_words(_TAG.sub(r"\1\2", self._search.text()))
        for branch in branches if words else ():
            if branch.value is not None and all(word in _searched(branch) for word in words):
                self._hits.append(branch)
            yield

    def _found(self) -> None:
        self._hits = [hit for hit in self._hits if self._model.branch_at(self._model.place_of(hit)) is hit]
        self._model.mark_hits(self._hits)
        self._tree.viewport().update()
        current = self._model.branch_at(self._tree.currentIndex())
        if self._hits and current not in self._hits and self._search.hasFocus():
            self._go_to(self._hits[0])
        self._say_hits()

    def _say_hits(self) -> None:
        if not search_words(self._search.text()):
            self._hit_words.clear()
            return
        current = self._model.branch_at(self._tree.currentIndex())
        place = f"{self._hits.index(current) + 1:,} of " if current in self._hits else ""
        self._hit_words.setText(f"{place}{len(self._hits):,}" if self._hits else tr("not found"))

    def _say(self, text: str, *, failed: bool = False) -> None:
        self._status.setText(text)
        self._status.setStyleSheet(f"color: {Colour.FAILURE if failed else Colour.QUIET};")


def _place_of(selection: Selection | None) -> _Place | None:
    if selection is None:
        return None
    instance, frame_index = selection.series.images[selection.position]
    return _Place(instance.path, visible(instance.named_path.name), frame_index, instance.number_of_frames)


def _branch(row: AttributeRow) -> Branch:
    name = row.keyword or row.name
    name = f"{name}  [{row.creator}]" if row.creator else name
    tag, vr = (row.tag or row.name, row.vr) if row.tag or row.vr else (row.name, "")
    shown = (tag, vr, row.vm, name if row.tag else "", row.value)
    return Branch(*shown, value=row, mark=row.problem, quiet=bool(row.creator))


def _deeper(row: AttributeRow) -> AttributeRow:
    return replace(row, depth=row.depth + 1)


def _text(branch: Branch) -> str:
    row: AttributeRow | None = branch.value  # type: ignore[assignment]  # what this window puts there
    return row.text if row is not None else "  ".join(text for text in branch.texts if text)


def _full(row: object) -> str:
    return str(getattr(row, "full_value", "") or getattr(row, "value", ""))


def _searched(branch: Branch) -> str:
    row: AttributeRow = branch.value  # type: ignore[assignment]  # what this window puts there
    parts = (row.tag.strip("()").replace(",", ""), row.vr, row.keyword, row.name, row.creator, _full(row))
    return folded("\n".join(parts))


# --- work in the read lane ---------------------------------------------------------------------------


def _page(path: Path, cursor: Cursor | None, ctx: JobContext) -> AttributePage:
    # Imported here: the window must not wait for pydicom.
    from core.dicom.attribute_list import read_page

    ctx.checkpoint()
    return read_page(path, cursor)


def _frame(path: Path, frame_index: int, ctx: JobContext) -> tuple[AttributeRow, ...]:
    from core.dicom.attribute_list import frame_rows

    ctx.checkpoint()
    return frame_rows(path, frame_index)
