"""A tree of texts for long lists."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, QObject, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from viewer.text_tree import Branch, TextTree


@pytest.fixture
def owner(qapp: QApplication) -> QObject:
    """What the model belongs to."""
    return QObject()


def test_the_model_keeps_the_rules_of_qt(owner: QObject) -> None:
    model = TextTree(("a", "b"), owner)
    # Complaints of the tester are warnings, which fail the test.
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, owner)
    model.set_branches([Branch("1", "2", children=[Branch("x", children=[Branch("in")])]), Branch("3")])
    first = model.index(0, 0)
    inner = model.index(0, 0, first)
    assert model.parent(inner) == first
    assert model.hasChildren(inner)
    model.append(model.branch_at(first), [Branch("y", children=[Branch("z")])])
    model.append(model.top, [Branch("4")])
    assert [branch.texts[0] for branch in model.top.walk()] == ["1", "x", "in", "y", "z", "3", "4"]
    assert model.index(0, 0, model.index(1, 0, first)).data() == "z"
    assert model.index(2, 1).data() == ""
    model.set_branches([])
    assert model.rowCount() == 0
    assert tester is not None


def test_rows_may_come_when_they_are_asked_for(owner: QObject) -> None:
    model = TextTree(("a",), owner)
    asked: list[str] = []

    def later() -> list[Branch]:
        asked.append("asked")
        return [Branch("late"), Branch("later")]

    model.set_branches([Branch("1", later=later)])
    first = model.index(0, 0)
    assert model.hasChildren(first)
    assert model.rowCount(first) == 0
    assert not asked
    assert model.canFetchMore(first)
    model.fetchMore(first)
    assert [model.index(row, 0, first).data() for row in range(2)] == ["late", "later"]
    assert not model.canFetchMore(first)
    model.fetchMore(first)
    assert asked == ["asked"]


def test_a_stale_place_finds_nothing_that_is_gone(owner: QObject) -> None:
    model = TextTree(("a",), owner)
    model.set_branches([Branch(str(n)) for n in range(10)])
    stale = model.index(9, 0)
    model.set_branches([])
    assert model.branch_at(stale) is model.top
    assert model.branch_at(QModelIndex()) is model.top
    assert model.place_of(model.top) == QModelIndex()


def test_rows_are_marked(owner: QObject) -> None:
    model = TextTree(("a",), owner)
    model.set_branches(
        [Branch("w", mark=True), Branch("q", quiet=True), Branch("h", heading=True), Branch("n")]
    )
    colours = [model.index(n, 0).data(Qt.ItemDataRole.ForegroundRole) for n in range(4)]
    assert colours[0] != colours[1]
    assert colours[3] is None
    assert model.index(2, 0).data(Qt.ItemDataRole.FontRole).bold()
    assert model.headerData(0, Qt.Orientation.Horizontal) == "a"
    assert model.headerData(0, Qt.Orientation.Vertical) is None
