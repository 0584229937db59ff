"""Rows of some lines: read whole, found by what they are known by, quiet about what the program does."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from viewer.row_list import Row, RowList, identifier_of
from viewer.theme import Colour

ROWS = (Row("a", "one", "the first"), Row("b", "one\ntwo\nthree", "the second", quiet=True))


@pytest.fixture
def listed(qtbot: QtBot) -> RowList:
    made = RowList("Things")
    qtbot.addWidget(made)
    made.resize(300, 200)
    made.fill(ROWS)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_it_reads_as_it_was_filled(listed: RowList) -> None:
    assert listed.rows == ("one", "one\ntwo\nthree")
    assert [listed.item(n).toolTip() for n in range(2)] == ["the first", "the second"]
    grey = [listed.item(n).foreground().color() == QColor(Colour.QUIET) for n in range(2)]
    assert grey == [False, True]
    listed.fill(ROWS[1:])
    assert listed.rows == ("one\ntwo\nthree",)


def test_each_row_has_room_for_its_lines(listed: RowList) -> None:
    line = listed.fontMetrics().height()
    assert line <= listed.visualItemRect(listed.item(0)).height() < 2 * line
    assert listed.visualItemRect(listed.item(1)).height() >= 3 * line


def test_only_the_readers_choice_is_told(listed: RowList, qtbot: QtBot) -> None:
    told: list[str] = []
    listed.currentItemChanged.connect(lambda item: told.append(identifier_of(item)))
    assert listed.choose("b")
    assert identifier_of(listed.currentItem()) == "b"
    assert not listed.choose("c")
    assert identifier_of(listed.currentItem()) == ""
    listed.choose("a")
    listed.fill(ROWS)
    assert told == []
    listed.choose("a")
    QTest.keyClick(listed, Qt.Key.Key_Down)
    assert told == ["b"]
