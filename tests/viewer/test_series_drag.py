"""Rows that are dragged: what travels, and that a press alone still shows a series."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTreeView
from pytestqt.qtbot import QtBot
from reading_room import rest, series_of

from core.session import Session
from core.study_list import rows_of
from viewer.main_window import MainWindow
from viewer.series_drag import DraggedSeries, dragged_series, mime_of


def tree_of(window: MainWindow) -> QTreeView:
    tree = window.browser.findChild(QTreeView)
    assert isinstance(tree, QTreeView)
    return tree


def place_of(window: MainWindow, number: int, qtbot: QtBot) -> QPoint:
    """Where the row of a series is in the tree."""
    tree = tree_of(window)
    qtbot.waitUntil(lambda: not window.browser.busy)

    def rows() -> list[QPoint]:
        found, index = [], tree.indexAt(QPoint(1, 1))
        while index.isValid():
            row = window.browser._row_at(index)
            if row is not None and row.series.series_number == number:
                found.append(tree.visualRect(index).center())
            index = tree.indexBelow(index)
        return found

    qtbot.waitUntil(lambda: bool(rows()))
    return rows()[0]


def test_a_row_travels_by_its_names(two_series: MainWindow, session: Session) -> None:
    (row,) = rows_of(series_of(session, 2))
    instance, frame_index = row.first
    assert dragged_series(mime_of(row)) == DraggedSeries(*row.series.key, str(instance.path), frame_index)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1, 2]", b'["a", "b", "c", 0]', b'["a", 0, 1, 0]', b"[" * 9999]
)
def test_what_is_not_ours_is_not_taken(content: bytes) -> None:
    data = QMimeData()
    data.setData("application/x-healthytwin-series", QByteArray(content))
    assert dragged_series(data) is None
    assert dragged_series(QMimeData()) is None


def test_a_press_that_is_let_go_shows_the_series(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    place = place_of(two_series, 2, qtbot)
    view = tree_of(two_series).viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=place)
    assert session.selection is not None
    assert session.selection.series.series_number == 1
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place)
    rest(session, qtbot)
    assert session.selection.series.series_number == 2
    assert tree_of(two_series).hasFocus()


def test_a_press_that_moves_drags_the_row_and_shows_nothing(
    two_series: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dragged: list[DraggedSeries | None] = []

    def end_at_once(drag: QDrag, action: Qt.DropAction) -> Qt.DropAction:
        dragged.append(dragged_series(drag.mimeData()))
        return Qt.DropAction.IgnoreAction

    # A real drag waits for the mouse of the system.
    monkeypatch.setattr(QDrag, "exec", end_at_once)
    place = place_of(two_series, 2, qtbot)
    view = tree_of(two_series).viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseMove(view, place + QPoint(2, 0))
    assert dragged == []
    QTest.mouseMove(view, place + QPoint(QApplication.startDragDistance() + 5, 0))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place)
    (one,) = dragged
    assert one is not None
    assert one.series_instance_uid == series_of(session, 2).series_instance_uid
    assert session.selection is not None
    assert session.selection.series.series_number == 1
