"""A tree of texts in columns for long lists: rows are added, never changed, and may come when unfolded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from viewer.theme import Colour

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class Branch:
    """One row: a text for each column, what it stands for, and the rows below it.

    `later` gives the rows below when they are asked for the first time. `mark`: written in the colour of
    warnings; `quiet`: in grey; `heading`: bold.
    """

    __slots__ = (
        "children",
        "heading",
        "later",
        "mark",
        "number",
        "parent",
        "place",
        "quiet",
        "texts",
        "value",
    )

    def __init__(
        self,
        *texts: str,
        value: object = None,
        children: Iterable[Branch] = (),
        later: Callable[[], Sequence[Branch]] | None = None,
        mark: bool = False,
        quiet: bool = False,
        heading: bool = False,
    ) -> None:
        self.texts = texts
        self.value = value
        self.later = later
        self.mark, self.quiet, self.heading = mark, quiet, heading
        self.parent: Branch | None = None
        self.place = 0
        self.number = 0
        self.children: list[Branch] = []
        for child in children:
            self.add(child)

    def add(self, child: Branch) -> None:
        """Put a row below this one, before the model knows of it."""
        child.parent, child.place = self, len(self.children)
        self.children.append(child)

    def walk(self) -> Iterator[Branch]:
        """The rows below that are there already, in their order."""
        for child in self.children:
            yield child
            yield from child.walk()


class TextTree(QAbstractItemModel):
    """A read-only model of branches. `titles` are the heads of the columns."""

    def __init__(self, titles: Sequence[str], parent: QObject) -> None:
        super().__init__(parent)
        self._titles = tuple(titles)
        self.top = Branch()
        # Qt keeps numbers, not objects: a stale index finds nothing instead of what is gone.
        self._branches: list[Branch] = [self.top]
        self._bold = QFont()
        self._bold.setBold(True)
        self._hits: frozenset[int] = frozenset()
        self._hit = QBrush(QColor(Colour.ACCENT_DARK))
        self._warning, self._quiet = QBrush(QColor(Colour.WARNING)), QBrush(QColor(Colour.QUIET))

    def set_branches(self, branches: Iterable[Branch]) -> None:
        """Show these rows and no others."""
        self.beginResetModel()
        self.top = Branch(children=branches)
        self._hits = frozenset()
        self._branches = [self.top]
        self._number(self.top.walk())
        self.endResetModel()

    def append(self, parent: Branch, branches: Sequence[Branch]) -> None:
        """Put rows, with all below them, at the end of a row that is shown (or of `top`)."""
        if not branches:
            return
        first = len(parent.children)
        self.beginInsertRows(self.place_of(parent), first, first + len(branches) - 1)
        for branch in branches:
            parent.add(branch)
            self._number([branch])
            self._number(branch.walk())
        self.endInsertRows()

    def remove_below(self, branch: Branch) -> None:
        """Take all rows below one away."""
        if branch.children:
            self.beginRemoveRows(self.place_of(branch), 0, len(branch.children) - 1)
            for gone in branch.walk():
                self._branches[gone.number] = self.top
            branch.children = []
            self.endRemoveRows()

    def rename(self, branch: Branch, *texts: str) -> None:
        """Give a row other texts."""
        branch.texts = texts
        self.dataChanged.emit(self.place_of(branch), self.place_of(branch, len(self._titles) - 1))

    def mark_hits(self, branches: Iterable[Branch]) -> None:
        """Light up the rows that a search has found, and no others; whoever shows them paints them anew."""
        self._hits = frozenset(branch.number for branch in branches)

    def branch_at(self, index: Index) -> Branch:
        """The row of an index; `top` for an invalid one."""
        number = index.internalId() if index.isValid() else 0
        return self._branches[number] if number < len(self._branches) else self.top

    def place_of(self, branch: Branch, column: int = 0) -> QModelIndex:
        """Where a row is."""
        if branch is self.top:
            return QModelIndex()
        return self.createIndex(branch.place, column, branch.number)

    def _number(self, branches: Iterable[Branch]) -> None:
        for branch in branches:
            branch.number = len(self._branches)
            self._branches.append(branch)

    # --- what Qt asks -----------------------------------------------------------------------------

    def index(self, row: int, column: int, parent: Index = _NOWHERE) -> QModelIndex:
        """Place of a row below another."""
        children = self.branch_at(parent).children
        if not (0 <= row < len(children) and 0 <= column < len(self._titles)):
            return QModelIndex()
        return self.createIndex(row, column, children[row].number)

    def parent(self, index: Index = _NOWHERE) -> QModelIndex:  # type: ignore[override]  # QObject.parent is another
        """Place of the row above."""
        above = self.branch_at(index).parent
        return QModelIndex() if above is None else self.place_of(above)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Rows below one that are there already."""
        return 0 if parent.column() > 0 else len(self.branch_at(parent).children)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Columns of the tree."""
        return len(self._titles)

    def hasChildren(self, parent: Index = _NOWHERE) -> bool:
        """Whether there are rows below, also those that come later."""
        branch = self.branch_at(parent)
        return parent.column() <= 0 and bool(branch.children or branch.later)

    def canFetchMore(self, parent: Index) -> bool:
        """Whether rows below have not come yet."""
        return self.branch_at(parent).later is not None

    def fetchMore(self, parent: Index) -> None:
        """Let the rows below come."""
        branch = self.branch_at(parent)
        later, branch.later = branch.later, None
        if later is not None:
            self.append(branch, later())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, tool tip, colour and weight of a cell."""
        branch = self.branch_at(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return branch.texts[index.column()] if index.column() < len(branch.texts) else ""
        if role == Qt.ItemDataRole.ForegroundRole and (branch.mark or branch.quiet):
            return self._warning if branch.mark else self._quiet
        if role == Qt.ItemDataRole.BackgroundRole and branch.number in self._hits:
            return self._hit
        if role == Qt.ItemDataRole.FontRole and branch.heading:
            return self._bold
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Titles of the columns."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles[section]
        return None
