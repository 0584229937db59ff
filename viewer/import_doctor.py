"""The Import doctor: what was odd or assumed in each series, and why files were skipped; a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from core.files import write_whole
from core.import_notes import (
    Mask,
    Sentence,
    SeriesNotes,
    SkippedGroup,
    frame_sentences,
    identity_mask,
    lines_of_series,
    lines_of_skipped,
    series_notes,
    skipped_groups,
)
from core.jobs import JobContext, Lane
from core.session import Session
from core.study_list import folded, search_words
from core.visible import visible
from viewer.language import tr
from viewer.messages import MessageBar, words_for
from viewer.slices import Slices
from viewer.text_tree import Branch, TextTree
from viewer.theme import Colour
from viewer.watch import watch

if TYPE_CHECKING:
    from core.dicom.index import StudyIndex
    from core.imaging.frame import Frame

_UPDATE_MS = 400
_SHOWN = "shown image"
_LOST, _HARMLESS = "skipped", "skipped without loss"


class ImportDoctor(QWidget):
    """Plain sentences by series, skipped files by reason; follows the session while files are still read.

    A click on a series or file shows it. Everything can be searched, copied and saved as text, with or
    without what names a patient. GUI thread only.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Import doctor"))
        self.setMinimumSize(560, 360)
        self.resize(820, 640)
        self._session = session
        self._index: StudyIndex | None = session.index
        self._series: list[SeriesNotes] = []
        self._without_notes = 0
        self._skipped: tuple[SkippedGroup, ...] = ()
        self._wanted_series: object = None
        self._reads, self._fills = Slices(self), Slices(self)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_UPDATE_MS)
        self._later.timeout.connect(self._read)
        self._model = TextTree(("",), self)
        self._build()
        watch(self, session.index_changed, self._take)
        watch(self, session.frame_changed, self._frame_changed)
        self._read()

    @property
    def lines(self) -> tuple[str, ...]:
        """Texts of all rows that are there, top to bottom."""
        return tuple(branch.texts[0] for branch in self._model.top.walk())

    @property
    def busy(self) -> bool:
        """Whether the list is still being put together."""
        return self._reads.running or self._fills.running or self._later.isActive()

    def show_series(self, key: object) -> None:
        """Unfold one series and bring it into sight, as soon as the list is complete."""
        self._wanted_series = key
        if not self.busy:
            self._find_series()

    def text(self, *, selected: bool = False, all_files: bool = False) -> str:
        """All, or the selected rows, as plain text; without names if that is wished."""
        mask = self._mask()
        values = (
            self._selected_values() if selected else [*self._frame_values(), *self._series, *self._skipped]
        )
        parts = [self._part(value, mask, all_files) for value in values]
        heading = "Import doctor" if selected else f"Import doctor: {self._summary.text()}"
        return "\n\n".join([heading, *("\n".join(part) for part in parts if part)]) + "\n"

    def copy_all(self) -> None:
        """Copy everything as plain text."""
        QGuiApplication.clipboard().setText(self.text())

    def copy_selected(self) -> None:
        """Copy the selected rows with all below them as plain text."""
        if self._selected_values():
            QGuiApplication.clipboard().setText(self.text(selected=True))

    def save(self, path: Path) -> None:
        """Write everything, with all files, as text; a failure is told in the window."""
        content = self.text(all_files=True).encode()

        def write(ctx: JobContext) -> Path:
            write_whole(path, content)
            return path

        self._session.jobs.submit(
            Lane.READ,
            tr("Writing {name}").format(name=path.name),
            write,
            lambda written: self._messages.notice(tr("Written: {written}").format(written=written)),
            lambda error: self._messages.failure(
                *words_for(error, tr("Write {name}").format(name=path.name))
            ),
            urgent=True,
        )

    # --- built once --------------------------------------------------------------------------------

    def _build(self) -> None:
        self._messages = MessageBar()
        self._search = QLineEdit()
        self._search.setPlaceholderText(tr("Search sentences, series and files…"))
        self._search.setAccessibleName(tr("Search the notes"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(lambda _text: self._fill())
        self._without_names = QCheckBox(tr("Without names"))
        self._without_names.setToolTip(
            tr(
                "Copied and saved texts hold no names, numbers and dates of the patients, and no folders. "
                "What a file is called stays: look the text through before it leaves the house."
            )
        )
        copy_all, copy_selected, save = (
            QPushButton(t) for t in ("Copy all", "Copy selected", "Save as text…")
        )
        copy_selected.setToolTip(tr("Copy the selected rows with all below them (Ctrl+C)"))
        copy_all.clicked.connect(self.copy_all)
        copy_selected.clicked.connect(self.copy_selected)
        save.clicked.connect(self._ask_save)
        self._summary = QLabel()
        self._summary.setWordWrap(True)
        self._summary.setStyleSheet(f"color: {Colour.QUIET};")
        self._tree = self._made_tree()
        self._empty = QLabel()
        self._empty.setStyleSheet(f"color: {Colour.QUIET}; padding: 24px;")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        top = QHBoxLayout()
        top.addWidget(self._search, 1)
        bottom = QHBoxLayout()
        bottom.addWidget(self._without_names)
        bottom.addStretch(1)
        for button in (copy_selected, copy_all, save):
            bottom.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(self._messages)
        column.addLayout(top)
        column.addWidget(self._summary)
        column.addWidget(self._tree, 1)
        column.addWidget(self._empty, 1)
        column.addLayout(bottom)
        for keys, call in (
            (QKeySequence.StandardKey.Copy, self.copy_selected),
            (QKeySequence.StandardKey.Find, self._focus_search),
        ):
            QShortcut(keys, self, call)

    def _made_tree(self) -> QTreeView:
        tree = QTreeView()
        tree.setModel(self._model)
        tree.setHeaderHidden(True)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        tree.setAccessibleName(tr("What was odd, assumed or skipped"))
        tree.clicked.connect(self._clicked)
        tree.activated.connect(self._clicked)
        return tree

    def _focus_search(self) -> None:
        self._search.setFocus()
        self._search.selectAll()

    def _ask_save(self) -> None:
        start = str(Path(self._session.settings.last_folder) / "import-doctor.txt")
        name, _ = QFileDialog.getSaveFileName(self, tr("Save as text"), start, tr("Text (*.txt)"))
        if name:
            self.save(Path(name))

    # --- from the index to the rows ----------------------------------------------------------------

    def _take(self, index: StudyIndex | None) -> None:
        """Another index; while a scan goes on they come often."""
        self._index = index
        if not self._later.isActive():
            self._later.start()

    def _frame_changed(self, frame: Frame | None) -> None:
        if not self.busy and (frame is None or frame.notes or self._has_frame_rows()):
            self._fill()

    def _read(self) -> None:
        found: list[SeriesNotes] = []
        self._fills.stop()
        self._reads.start(self._reading(found), lambda: self._have_read(found))

    def _reading(self, found: list[SeriesNotes]) -> Iterator[None]:
        self._without_notes = 0
        for notes in series_notes(self._index) if self._index is not None else ():
            if notes is None:
                self._without_notes += 1
            else:
                found.append(notes)
            yield

    def _have_read(self, found: list[SeriesNotes]) -> None:
        self._series = found
        self._skipped = skipped_groups(self._index.skipped if self._index is not None else ())
        self._fill()

    def _fill(self) -> None:
        """Make the rows anew, with what was unfolded and in sight before."""
        if self._reads.running:
            return  # it follows
        made: list[Branch] = []
        words = search_words(self._search.text())
        self._fills.start(self._filling(words, made), lambda: self._filled(made))

    def _filling(self, words: Sequence[str], made: list[Branch]) -> Iterator[None]:
        def wanted(searched: Callable[[], str]) -> bool:
            text = searched() if words else ""
            return all(word in text for word in words)

        frame = self._frame_values()
        if frame and wanted(lambda: folded("\n".join(one.text for one in frame))):
            made.append(
                Branch(self._frame_title(), value=_SHOWN, heading=True, children=map(_sentence_row, frame))
            )
        yield from self._fill_skipped(made, wanted, _LOST)
        for notes in self._series:
            if wanted(notes.searched):
                made.append(_series_row(notes))
            yield
        yield from self._fill_skipped(made, wanted, _HARMLESS)

    def _fill_skipped(
        self, made: list[Branch], wanted: Callable[[Callable[[], str]], bool], title: str
    ) -> Iterator[None]:
        """One heading with the groups of files below it, if there are any."""
        groups: list[Branch] = []
        count = 0
        for group in self._skipped:
            if group.harmless == (title == _HARMLESS) and wanted(group.searched):
                groups.append(_skipped_row(group))
                count += len(group.files)
            yield
        if groups:
            words = f"{title.capitalize()}: {count:,} file{'' if count == 1 else 's'}"
            made.append(Branch(words, value=title, heading=True, children=groups))

    def _filled(self, made: list[Branch]) -> None:
        unfolded = {
            _name(branch): self._tree.isExpanded(self._model.place_of(branch)) for branch in self._shown()
        }
        place = self._tree.verticalScrollBar().value()
        selected = {_name(self._model.branch_at(index)) for index in self._tree.selectedIndexes()}
        self._model.set_branches(made)
        for branch in self._shown():
            # Losses and sentences lie open; the long lists of what is harmless do not.
            usual = isinstance(branch.value, SeriesNotes) or branch.value in (_SHOWN, _LOST)
            index = self._model.place_of(branch)
            if unfolded.get(_name(branch), usual):
                self._tree.setExpanded(index, True)
            if _name(branch) in selected:
                self._tree.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)
        self._tree.verticalScrollBar().setValue(place)
        self._summary.setText(self._summary_words())
        self._tree.setVisible(bool(made))
        self._empty.setVisible(not made)
        self._empty.setText(self._empty_words())
        self._find_series()

    def _shown(self) -> Iterator[Branch]:
        """The upper rows: all but the files."""
        for branch in self._model.top.children:
            yield branch
            yield from branch.children

    def _summary_words(self) -> str:
        lost = sum(len(group.files) for group in self._skipped if not group.harmless)
        harmless = sum(len(group.files) for group in self._skipped if group.harmless)
        parts = [
            tr("{count} series with notes, {without} without").format(
                count=f"{len(self._series):,}", without=f"{self._without_notes:,}"
            )
        ]
        parts += [tr("{count} files skipped").format(count=f"{lost:,}")] if lost else []
        parts += [tr("{count} skipped without loss").format(count=f"{harmless:,}")] if harmless else []
        return " · ".join(parts)

    def _empty_words(self) -> str:
        if search_words(self._search.text()):
            return tr("Nothing here speaks of “{words}”.").format(words=visible(self._search.text()))
        return (
            tr("Nothing is open.") if self._index is None else tr("Nothing was odd, and no file was skipped.")
        )

    def _find_series(self) -> None:
        key, self._wanted_series = self._wanted_series, None
        if key is None:
            return
        for branch in self._model.top.children:
            if isinstance(branch.value, SeriesNotes) and branch.value.key == key:
                index = self._model.place_of(branch)
                self._tree.setExpanded(index, True)
                self._tree.setCurrentIndex(index)
                self._tree.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtTop)
                return
        self._messages.notice(tr("Nothing was odd in this series."))

    # --- the shown image ---------------------------------------------------------------------------

    def _frame_values(self) -> list[Sentence]:
        frame, selection = self._session.frame, self._session.selection
        if frame is None or selection is None:
            return []
        return list(frame_sentences(frame.notes, selection.instance.notes))

    def _frame_title(self) -> str:
        frame, selection = self._session.frame, self._session.selection
        if frame is None or selection is None:
            return ""
        source = frame.source
        name = visible(selection.instance.named_path.name)
        if source.number_of_frames == 1:
            return tr("Shown image: {name}").format(name=name)
        return tr("Shown image: {name}, image {number} of {count}").format(
            name=name, number=f"{source.frame_index + 1:,}", count=f"{source.number_of_frames:,}"
        )

    def _has_frame_rows(self) -> bool:
        return any(branch.value == _SHOWN for branch in self._model.top.children)

    # --- what the reader does ----------------------------------------------------------------------

    def _clicked(self, index: QModelIndex) -> None:
        """Show the series or the file of a row."""
        value = self._model.branch_at(index).value
        if self._index is None:
            return
        if isinstance(value, SeriesNotes):
            for series in self._index.series:
                if series.key == value.key:
                    selection = self._session.selection
                    if selection is None or selection.series.key != series.key:
                        self._session.select(*series.images[0])
                    return
        elif isinstance(value, Path):
            named = (one for one in self._index.instances if one.named_path == value)
            instance = next(named, None)
            if instance is not None:
                self._session.select(instance)

    def _mask(self) -> Mask | None:
        if not self._without_names.isChecked():
            return None
        return identity_mask(self._index) if self._index is not None else str

    def _part(self, value: object, mask: Mask | None, all_files: bool) -> list[str]:
        if isinstance(value, SeriesNotes):
            return list(lines_of_series(value, mask, all_files=all_files))
        if isinstance(value, SkippedGroup):
            return list(lines_of_skipped(value, mask, all_files=all_files))
        text = value.words if isinstance(value, Sentence) else visible(str(value))
        return [text if mask is None else mask(Path(text).name if isinstance(value, Path) else text)]

    def _selected_values(self) -> list[object]:
        """What the selected rows stand for, headings as what lies below them, nothing twice."""
        values: dict[int, object] = {}
        for index in self._tree.selectionModel().selectedRows():
            branch = self._model.branch_at(index)
            above = branch.parent
            if above is not None and self._model.place_of(above) in self._tree.selectedIndexes():
                continue
            found = (
                [branch.value]
                if not isinstance(branch.value, str)
                else [one.value for one in branch.children]
            )
            values |= {id(one): one for one in found}
        return list(values.values())


def _sentence_row(sentence: Sentence) -> Branch:
    files = sentence.files if len(sentence.files) != sentence.of else ()
    later = partial(_file_rows, files) if files else None
    return Branch(sentence.words, value=sentence, later=later)


def _file_rows(files: Sequence[Path]) -> list[Branch]:
    return [Branch(visible(str(path)), value=path, quiet=True) for path in files]


def _series_row(notes: SeriesNotes) -> Branch:
    title = f"{notes.title}   —   {notes.person}" if notes.person else notes.title
    return Branch(title, value=notes, heading=True, children=map(_sentence_row, notes.sentences))


def _skipped_row(group: SkippedGroup) -> Branch:
    def rows() -> list[Branch]:
        return [
            Branch(
                visible(str(one.path)) + (f": {one.reason}" if one.reason != group.reason else ""),
                value=one.path,
                quiet=True,
            )
            for one in group.files
        ]

    count = len(group.files)
    return Branch(f"{count:,} × {group.reason}", value=group, mark=not group.harmless, later=rows)


def _name(branch: Branch) -> object:
    """What tells a row from others, before and after it was made anew."""
    above = branch.parent.value if branch.parent is not None else None
    outer = above.key if isinstance(above, SeriesNotes) else above
    value = branch.value
    if isinstance(value, SeriesNotes):
        return value.key
    if isinstance(value, SkippedGroup):
        return value.reason, value.harmless
    if isinstance(value, Sentence):
        return str(outer), value.text
    return value
