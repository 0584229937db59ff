"""The list of what is open: patients, studies, series with small pictures; search, order, notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QKeyEvent, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from core.jobs import Job, Lane
from core.session import Selection, Session
from core.settings import Settings
from core.study_list import (
    SeriesRow,
    in_list_order,
    patient_lines,
    rows_of,
    search_words,
    searched_of,
    study_lines,
)
from core.visible import visible
from viewer.core_sentences import said, said_lines
from viewer.language import tr
from viewer.series_drag import SeriesDrag
from viewer.series_menu import add_series_commands
from viewer.slices import Slices
from viewer.study_painter import StudyPainter
from viewer.theme import Colour, icon
from viewer.thumbnails import Thumbnails
from viewer.watch import watch

if TYPE_CHECKING:
    from core.dicom.index import Patient, Study, StudyIndex

_NODE = Qt.ItemDataRole.UserRole
_INDENT_PX = 10
# Rows below the sight whose pictures are made as well, so that a slow scroll finds them ready.
_ROWS_AHEAD = 3
_UPDATE_MS = 250
_ORDERS = {
    "sort_patients": ("Patients", {"name": "By name", "newest study": "Newest study first"}),
    "sort_studies": ("Studies", {"newest first": "Newest first", "oldest first": "Oldest first"}),
    "sort_series": (
        "Series",
        {
            "number": "By number",
            "time": "By time",
            "description": "By description",
            "number of images": "Most images first",
        },
    ),
}


class _Node:
    """A row of the tree: what it stands for, its text, and the folded text of the search.

    The items of the model belong to Qt alone; a row is found by its place among its siblings.
    """

    __slots__ = ("children", "key", "listed", "parent", "row", "searched", "study", "study_uid", "text")

    def __init__(self, key: object, parent: _Node | None = None, study_uid: str = "") -> None:
        self.key = key
        self.parent = parent
        self.study_uid = study_uid
        self.children: list[_Node] = []
        self.text = ""
        self.study: tuple[Patient, Study] | None = None
        self.listed: Study | None = None  # whose series are the children
        self.row: SeriesRow | None = None
        self.searched: str | None = None


# Puts into a node what it stands for; its lines, or None where nothing has changed.
_Fill = Callable[[_Node], tuple[str, ...] | None]


class StudyBrowser(QWidget):
    """The tree of what is open. A click shows the image; arrows walk the rows.

    A new index changes only the rows that differ: what is selected, unfolded and in sight stays. Long
    changes are made in slices.
    """

    doctorWanted = Signal(object)
    """The key of a series (`Series.key`), or None: what was odd in all of them."""
    attributesWanted = Signal()
    besideWanted = Signal(object)
    """A `SeriesRow` that is to be shown beside the image."""
    imageWanted = Signal()
    """Enter on a row: on to the image itself."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._index: StudyIndex | None = None
        self._pending = False
        self._top = _Node("")
        self._nodes: dict[int, _Node] = {}
        # Damaged discs use one Series Instance UID for several studies.
        self._of_series: dict[object, list[_Node]] = {}
        self._words: tuple[str, ...] = ()
        self._some_hidden = False
        self._enter_waits = False
        self._following = False
        self._thumbnails = Thumbnails(session, self)
        self._thumbnails.made.connect(self._repaint)
        self._updates, self._filters, self._counts = Slices(self), Slices(self), Slices(self)
        self._later = _single_shot(self, _UPDATE_MS, self._update)
        # One shot after the event that moved the rows: their places are not known before.
        self._sight = _single_shot(self, 0, self._want_pictures)
        self._after = _single_shot(self, 0, self._go_on)
        self._model = QStandardItemModel(self)
        self._tree = self._made_tree()
        self._search = self._made_search()
        self._build()
        watch(self, session.index_changed, self._take)
        watch(self, session.selection_changed, self._mark)
        watch(self, session.settings_changed, self._reorder)
        watch(self, session.jobs.changed, self._show_reading)
        self._settings = session.settings
        self._take(session.index)
        self._mark(session.selection)

    def sizeHint(self) -> QSize:
        """Narrow: the film is the largest thing on the screen."""
        return QSize(220, 600)

    @property
    def rows(self) -> tuple[str, ...]:
        """Texts of the rows that are shown, top to bottom, unfolded or not."""
        return tuple(node.text for node in _walk(self._top) if not self._is_hidden(node))

    @property
    def busy(self) -> bool:
        """Whether rows are still being put in or looked through."""
        waits = self._later.isActive() or self._after.isActive()
        return waits or self._updates.running or self._filters.running

    @property
    def current(self) -> SeriesRow | None:
        """The series or film that the cursor is on."""
        return self._row_at(self._tree.currentIndex())

    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self._search.setFocus()
        self._search.selectAll()

    # --- built once --------------------------------------------------------------------------------

    def _build(self) -> None:
        self._order = QToolButton()
        self._order.setIcon(icon("series"))
        self._order.setToolTip(tr("Order of patients, studies and series"))
        self._order.setAccessibleName(tr("Order of the list"))
        self._order.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._order.setMenu(self._order_menu())
        self._empty = _quiet_label(tr("Nothing is open."))
        self._no_match = self._made_no_match()
        self._pages = QStackedWidget()
        for page in (self._empty, self._tree, self._no_match):
            self._pages.addWidget(page)
        self._doctor = QPushButton()
        self._doctor.setFlat(True)
        self._doctor.setToolTip(tr("What was skipped, and what was odd or assumed: the Import doctor"))
        self._doctor.clicked.connect(lambda: self.doctorWanted.emit(None))
        top = QHBoxLayout()
        top.addWidget(self._search, 1)
        top.addWidget(self._order)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addLayout(top)
        column.addWidget(self._pages, 1)
        column.addWidget(self._doctor)

    def _made_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setPlaceholderText(tr("Search…"))
        search.setToolTip(
            tr(
                "Name in any script, number, date, description, modality, accession number or file name "
                "(Ctrl+F). Enter takes the first, Esc clears."
            )
        )
        search.setAccessibleName(tr("Search studies"))
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self._filter)
        search.returnPressed.connect(self._enter_first)
        search.installEventFilter(self)
        return search

    def _made_tree(self) -> QTreeView:
        tree = QTreeView()
        tree.setModel(self._model)
        painter = StudyPainter(self._row_at, self._thumbnails, self._session.settings.thumbnail_px, tree)
        self._painter = painter
        tree.setItemDelegate(painter)
        tree.setHeaderHidden(True)
        tree.setIndentation(_INDENT_PX)
        tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tree.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.setAccessibleName(tr("Studies"))
        tree.customContextMenuRequested.connect(self._show_menu)
        tree.selectionModel().currentChanged.connect(self._chosen)
        # Not `start` itself: it would take the place of the scroll bar for an interval.
        for moved in (tree.verticalScrollBar().valueChanged, tree.expanded, tree.collapsed):
            moved.connect(lambda _where: self._sight.start())
        tree.installEventFilter(self)
        tree.viewport().installEventFilter(self)
        SeriesDrag(tree, self._row_at)
        return tree

    def _made_no_match(self) -> QWidget:
        page = QWidget()
        self._no_match_words = _quiet_label("")
        clear = QPushButton(tr("Clear the search"))
        clear.clicked.connect(self._search.clear)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._no_match_words)
        column.addWidget(clear, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def _order_menu(self) -> QMenu:
        menu = QMenu(self)
        self._order_actions: list[tuple[QAction, str, str]] = []
        for field, (title, choices) in _ORDERS.items():
            menu.addSection(title)
            group = QActionGroup(menu)
            for value, words in choices.items():
                action = menu.addAction(words)
                action.setCheckable(True)
                action.setActionGroup(group)
                action.triggered.connect(lambda _on, field=field, value=value: self._wish_order(field, value))
                self._order_actions.append((action, field, value))
        self._check_order(self._session.settings)
        return menu

    def _wish_order(self, field: str, value: str) -> None:
        wished = {field: value}
        self._session.change_settings(replace(self._session.settings, **wished))  # type: ignore[arg-type]  # a field of texts

    def _check_order(self, settings: Settings) -> None:
        wished = {
            "sort_patients": settings.sort_patients,
            "sort_studies": settings.sort_studies,
            "sort_series": settings.sort_series,
        }
        for action, field, value in self._order_actions:
            action.setChecked(wished[field] == value)

    def _reorder(self, settings: Settings) -> None:
        before, self._settings = self._settings, settings
        self._check_order(settings)
        if any(getattr(before, field) != getattr(settings, field) for field in _ORDERS):
            self._take(self._session.index)

    # --- from the index to the rows ----------------------------------------------------------------

    def _take(self, index: StudyIndex | None) -> None:
        """Show another index. During a scan they come often: the newest is shown when the last is done."""
        first = self._index is None
        self._index = index
        if index is None:
            self._thumbnails.clear()
        if first or index is None:
            self._update()
        elif not self._later.isActive():
            self._later.start()

    def _update(self) -> None:
        if self._updates.running and self._index is not None:
            self._pending = True
            return
        self._pending = False
        self._filters.stop()
        self._pages.setCurrentWidget(self._tree if self._index else self._empty)
        anchor = self._anchor()
        self._updates.start(self._changes(self._index), lambda: self._updated(anchor))

    def _updated(self, anchor: tuple[QPersistentModelIndex, int] | None) -> None:
        self._restore(anchor)
        self._mark(self._session.selection)
        self._repaint()
        # An event of its own: what follows is short, but not beside a layout of thousands of rows.
        self._after.start()

    def _go_on(self) -> None:
        if self._updates.running:
            return
        self._filter(self._search.text())
        self._count_notes()
        self._sight.start()
        if self._pending:
            self._later.start()

    def _changes(self, index: StudyIndex | None) -> Iterator[None]:
        """Make the tree that of the index, step by step; after each step the tree is whole."""
        patients = in_list_order(index, self._session.settings) if index is not None else ()
        wanted = [((one.patient_id, one.name, one.birth_date), _patient_fill(one)) for one in patients]
        yield from self._match(self._top, wanted)
        for node, patient in zip(self._top.children, patients, strict=True):
            studies = [(study.study_instance_uid, _study_fill(patient, study)) for study in patient.studies]
            yield from self._match(node, studies)
            for child, study in zip(node.children, patient.studies, strict=True):
                if child.listed is study:
                    continue  # a scan keeps the studies to which it adds nothing
                rows = [(row.key, _series_fill(row)) for series in study.series for row in rows_of(series)]
                child.listed = None
                yield from self._match(child, rows, study.study_instance_uid)
                child.listed = study

    def _match(
        self, parent: _Node, wanted: Sequence[tuple[object, _Fill]], study_uid: str = ""
    ) -> Iterator[None]:
        """Give a node children with these keys in this order; children that are there already stay."""
        keys = {key for key, _ in wanted}
        for place in reversed(range(len(parent.children))):
            if parent.children[place].key not in keys:
                self._remove(parent, place)
                yield
        known = {child.key: child for child in parent.children}
        for place, (key, fill) in enumerate(wanted):
            yield  # what stays as it is takes its time as well: two thousand studies, 40 ms (measured)
            node = known.get(key)
            if node is None:
                node = _Node(key, parent, study_uid)
                lines = fill(node)
                self._insert(parent, place, node, hidden=bool(study_uid and self._words))
                self._write(node, lines or (), self._place_of(node))
                yield
                continue
            if parent.children[place] is not node:
                self._move(parent, place, node)
                yield
            lines = fill(node)
            if lines is not None and node.text != "\n".join(lines):
                self._write(node, lines, self._place_of(node))
                yield

    def _insert(self, parent: _Node, place: int, node: _Node, *, hidden: bool = False) -> None:
        """Put a node with all below it into the tree, unfolded."""
        above = self._place_of(parent)
        if self._model.columnCount(above) == 0:
            self._model.insertColumn(0, above)
        self._model.insertRow(place, above)
        parent.children.insert(place, node)
        self._nodes[id(node)] = node
        index = self._model.index(place, 0, above)
        self._model.setData(index, id(node), _NODE)
        if node.study_uid:
            self._of_series.setdefault(node.key, []).append(node)
        else:
            self._tree.setExpanded(index, True)
        if hidden:  # until the search has looked at it
            self._tree.setRowHidden(place, above, True)

    def _write(self, node: _Node, lines: Sequence[str], index: QModelIndex) -> None:
        node.text = "\n".join(lines)
        height = self._painter.row_height_px(lines, picture=node.row is not None)
        self._model.setData(index, QSize(0, height), Qt.ItemDataRole.SizeHintRole)
        self._model.setData(index, node.text, Qt.ItemDataRole.DisplayRole)

    def changeEvent(self, event: QEvent) -> None:
        """Text of another size needs rows of another height."""
        if event.type() is QEvent.Type.FontChange:
            for node in self._nodes.values():
                height = self._painter.row_height_px(node.text.split("\n"), picture=node.row is not None)
                self._model.setData(self._place_of(node), QSize(0, height), Qt.ItemDataRole.SizeHintRole)
        super().changeEvent(event)

    def _remove(self, parent: _Node, place: int) -> None:
        node = parent.children.pop(place)
        for below in (node, *_walk(node)):
            del self._nodes[id(below)]
            if below.study_uid:
                self._of_series[below.key].remove(below)
        self._following = True
        self._model.removeRow(place, self._place_of(parent))
        self._following = False

    def _move(self, parent: _Node, place: int, node: _Node) -> None:
        """Bring a node to another place among its siblings: taken out, and put in again as it was."""
        index = self._place_of(node)
        folded = {id(one) for one in (node, *_walk(node)) if not self._tree.isExpanded(self._place_of(one))}
        hidden = {id(one) for one in (node, *_walk(node)) if self._is_hidden(one)}
        self._remove(parent, index.row())
        self._put_back(parent, place, node, folded, hidden)

    def _put_back(self, parent: _Node, place: int, node: _Node, folded: set[int], hidden: set[int]) -> None:
        children, node.children = node.children, []
        self._insert(parent, place, node, hidden=id(node) in hidden)
        index = self._place_of(node)
        self._write(node, node.text.split("\n"), index)
        for below, child in enumerate(children):
            self._put_back(node, below, child, folded, hidden)
        self._tree.setExpanded(index, id(node) not in folded)

    def _place_of(self, node: _Node) -> QModelIndex:
        """Where a node is in the model; the place of the top is invalid, as Qt wants it."""
        if node.parent is None:
            return QModelIndex()
        return self._model.index(node.parent.children.index(node), 0, self._place_of(node.parent))

    def _anchor(self) -> tuple[QPersistentModelIndex, int] | None:
        """A row in sight and where it stands: the current one, else the topmost of a scrolled list."""
        current = self._tree.currentIndex()
        in_sight = self._tree.visualRect(current).intersects(self._tree.viewport().rect())
        if not (current.isValid() and in_sight):
            if self._tree.verticalScrollBar().value() == 0:
                return None
            current = self._tree.indexAt(QPoint(1, 1))
        return QPersistentModelIndex(current), self._tree.visualRect(current).top()

    def _restore(self, anchor: tuple[QPersistentModelIndex, int] | None) -> None:
        if anchor is not None and anchor[0].isValid():
            bar = self._tree.verticalScrollBar()
            self._tree.executeDelayedItemsLayout()
            index = self._model.index(anchor[0].row(), 0, anchor[0].parent())
            bar.setValue(bar.value() + self._tree.visualRect(index).top() - anchor[1])

    def _count_notes(self) -> None:
        self._counts.start(self._counting())

    def _counting(self) -> Iterator[None]:
        index, odd = self._index, 0
        for series in index.series if index is not None else ():
            odd += bool(series.notes) or any(instance.notes for instance in series.instances)
            yield
        skipped = len(index.skipped) if index is not None else 0
        words = [tr("{count} skipped").format(count=f"{skipped:,}")] if skipped else []
        words += [tr("{count} with notes").format(count=f"{odd:,}")] if odd else []
        self._doctor.setText(", ".join(words) + "  ⓘ")
        self._doctor.setVisible(bool(words))

    def _show_reading(self, job: Job) -> None:
        """While the first files are looked through the empty page says so."""
        if self._index is not None:
            return
        active = (one for one in self._session.jobs.active if one.shown and one.lane is Lane.SCAN)
        running = next(active, None)
        if running is None:
            self._empty.setText(tr("Nothing is open."))
            return
        done, total = running.progress.done, running.progress.total
        words = f"{said(running.title)} …"
        if total:
            count = tr("{done} of {total} files").format(done=f"{done:,}", total=f"{total:,}")
            words += f"\n{count}"
        self._empty.setText(words)

    # --- which row is which -------------------------------------------------------------------------

    def _row_at(self, index: QModelIndex | QPersistentModelIndex) -> SeriesRow | None:
        node = self._node_at(index)
        return None if node is None else node.row

    def _node_at(self, index: QModelIndex | QPersistentModelIndex) -> _Node | None:
        return self._nodes.get(index.data(_NODE)) if index.isValid() else None

    def _chosen(self, index: QModelIndex) -> None:
        row = self._row_at(index)
        if row is not None and not self._following:
            self._session.select(*row.first)

    def _mark(self, selection: Selection | None) -> None:
        """Follow the session; the row itself must not select again."""
        node = None
        if selection is not None:
            node = self._node_of(selection)
        index = QModelIndex() if node is None else self._place_of(node)
        if index == self._tree.currentIndex() or (node is None and selection is not None):
            return
        self._following = True
        self._tree.setCurrentIndex(index)
        self._following = False

    def _node_of(self, selection: Selection) -> _Node | None:
        key, path = selection.series.key, selection.instance.path
        nodes = self._of_series.get((*key, "")) or self._of_series.get((*key, str(path))) or []
        if len(nodes) == 1:
            return nodes[0]
        rows = ((node, node.row) for node in nodes)
        holding = (node for node, row in rows if row and any(one.path == path for one in row.instances))
        return next(holding, None)

    # --- the search --------------------------------------------------------------------------------

    def _filter(self, text: str) -> None:
        self._words = search_words(text)
        if self._updates.running:
            return  # places are moving; the search follows when they have come to rest
        if not self._words and not self._some_hidden:
            self._filtered()
            return
        self._some_hidden = bool(self._words)
        self._filters.start(self._filtering(self._words), self._filtered)

    def _filtering(self, words: tuple[str, ...]) -> Iterator[None]:
        for number, patient in enumerate(self._top.children):
            any_study, whose = False, self._model.index(number, 0)
            for which, study in enumerate(patient.children):
                above, any_row = self._model.index(which, 0, whose), False
                for place, row in enumerate(study.children):
                    matches = not words or self._matches(words, study, row)
                    self._hide(place, above, hidden=not matches)
                    any_row |= matches
                    yield
                self._hide(above.row(), above.parent(), hidden=not any_row)
                any_study |= any_row
            self._hide(number, QModelIndex(), hidden=not any_study)

    def _filtered(self) -> None:
        found = not self._words or any(not self._is_hidden(node) for node in self._top.children)
        if not found:
            self._no_match_words.setText(
                tr("No study matches “{words}”.").format(words=visible(self._search.text()))
            )
        if self._index:
            self._pages.setCurrentWidget(self._tree if found else self._no_match)
        self._sight.start()
        if self._enter_waits:
            self._enter_first()

    def _matches(self, words: tuple[str, ...], study: _Node, row: _Node) -> bool:
        if study.searched is None and study.study is not None:
            study.searched = searched_of(*study.study)
        if row.searched is None and row.row is not None:
            row.searched = row.row.searched()
        own, shared = row.searched or "", study.searched or ""
        return all(word in own or word in shared for word in words)

    def _hide(self, place: int, above: QModelIndex, *, hidden: bool) -> None:
        if self._tree.isRowHidden(place, above) != hidden:
            self._tree.setRowHidden(place, above, hidden)

    def _is_hidden(self, node: _Node) -> bool:
        index = self._place_of(node)
        return self._tree.isRowHidden(index.row(), index.parent())

    def _enter_first(self) -> None:
        """Take the first series that was found, as soon as it is known which."""
        self._enter_waits = self._filters.running or self._updates.running or self._after.isActive()
        if self._enter_waits:
            return
        for node in _walk(self._top):
            if node.row is not None and not self._is_hidden(node) and self._index:
                self._tree.setCurrentIndex(self._place_of(node))
                self._tree.setFocus()
                return

    # --- keys and menu -----------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc and Down in the search box, Enter in the list; rows that come into sight with the window."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show) and watched is self._tree.viewport():
            self._sight.start()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if watched is self._search and self._search_key(Qt.Key(event.key())):
                return True
            if watched is self._tree and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._enter_row()
                return True
        return super().eventFilter(watched, event)

    def _search_key(self, key: Qt.Key) -> bool:
        if key == Qt.Key.Key_Escape:
            if self._search.text():
                self._search.clear()
            else:
                self._tree.setFocus()
            return True
        if key == Qt.Key.Key_Down:
            self._tree.setFocus()
            return True
        return False

    def _enter_row(self) -> None:
        index = self._tree.currentIndex()
        if self._row_at(index) is not None:
            self.imageWanted.emit()
        elif index.isValid():
            self._tree.setExpanded(index, not self._tree.isExpanded(index))

    def _show_menu(self, place: QPoint) -> None:
        node = self._node_at(self._tree.indexAt(place))
        if node is not None:
            menu = self.menu_of(self._tree.indexAt(place))
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self._tree.viewport().mapToGlobal(place))

    def menu_of(self, index: QModelIndex) -> QMenu:
        """What can be done with a row; empty for a patient."""
        menu = QMenu(self)
        node = self._node_at(index)
        if node is None:
            return menu
        row = node.row
        if row is not None:
            first = row.instances[0]
            menu.addAction(tr("Show beside the image"), lambda: self.besideWanted.emit(row))
            menu.addAction(tr("What was odd (Import doctor)"), lambda: self.doctorWanted.emit(row.series.key))
            menu.addAction(tr("Attributes of the file"), lambda: self._show_attributes(row))
            series_uid, merged = row.series.series_instance_uid, row.series.merged
            if merged or row.series.part_words:
                words = (
                    tr("Show the parts of the series apart") if merged else tr("Show all parts as one stack")
                )
                wish = replace(row.series.arrangement, merged=not merged)
                menu.addAction(words, lambda: self._session.arrange(series_uid, wish))
            add_series_commands(menu, self._session, row.series)
            menu.addSeparator()
            menu.addAction(tr("Copy path"), lambda: _copy(str(first.named_path)))
            uids = [("Study", node.study_uid), ("Series", row.series.series_instance_uid)]
            uids += [("SOP", first.sop_instance_uid)] if len(row.instances) == 1 else []
            menu.addAction(
                tr("Copy UIDs"), lambda: _copy("\n".join(f"{what} Instance UID: {uid}" for what, uid in uids))
            )
            menu.addSeparator()
        study_uid = node.study_uid or (node.study[1].study_instance_uid if node.study is not None else "")
        if study_uid:
            menu.addAction(tr("Close this study"), lambda: self._session.close_study(study_uid))
        return menu

    def _show_attributes(self, row: SeriesRow) -> None:
        selection = self._session.selection
        if selection is None or selection.instance not in row.instances:
            self._session.select(*row.first)
        self.attributesWanted.emit()

    # --- the pictures ------------------------------------------------------------------------------

    def _want_pictures(self) -> None:
        """Ask for the pictures of the rows in sight, and of the next few."""
        if not self._tree.isVisible():
            return
        rows: list[SeriesRow] = []
        index, ahead = self._tree.indexAt(QPoint(1, 1)), 0
        bottom = self._tree.viewport().height()
        while index.isValid() and ahead < _ROWS_AHEAD:
            row = self._row_at(index)
            ahead += self._tree.visualRect(index).top() >= bottom
            if row is not None:
                rows.append(row)
            index = self._tree.indexBelow(index)
        self._thumbnails.want(rows, self.devicePixelRatioF())

    def _repaint(self) -> None:
        self._tree.viewport().update()


def _patient_fill(patient: Patient) -> _Fill:
    return lambda node: said_lines(patient_lines(patient))


def _study_fill(patient: Patient, study: Study) -> _Fill:
    def fill(node: _Node) -> tuple[str, ...]:
        node.study, node.searched = (patient, study), None
        return said_lines(study_lines(study))

    return fill


def _series_fill(row: SeriesRow) -> _Fill:
    def fill(node: _Node) -> tuple[str, ...] | None:
        if node.row is not None and node.row.series is row.series:
            return None
        node.row, node.searched = row, None
        return said_lines(row.lines)

    return fill


def _walk(node: _Node) -> Iterator[_Node]:
    for child in node.children:
        yield child
        yield from _walk(child)


def _copy(text: str) -> None:
    QGuiApplication.clipboard().setText(text)


def _quiet_label(text: str) -> QLabel:
    label = QLabel(text)
    label.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setStyleSheet(f"color: {Colour.QUIET}; padding-top: 16px;")
    return label


def _single_shot(parent: QObject, interval_ms: int, call: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(interval_ms)
    timer.timeout.connect(call)
    return timer
