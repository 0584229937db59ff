"""Room and tool tips of the rows of the study list."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import QStandardItem, QStandardItemModel

from core.dicom.index import Instance, Series
from core.session import Session
from core.study_list import SeriesRow, rows_of
from viewer.study_painter import Index, StudyPainter, line_height_px
from viewer.theme import text_height_px
from viewer.thumbnails import Thumbnails


@pytest.fixture
def row() -> SeriesRow:
    """A stack of one file with a hostile name."""
    instance = Instance(Path("/d/evil\u202efdp.exe"), "1", notes=("The file is odd.",))
    return rows_of(Series("1", modality="CT", description="Axial", instances=(instance,)))[0]


def test_a_tip_holds_all_that_the_row_cuts_off(session: Session, row: SeriesRow) -> None:
    owner = QObject()
    model = QStandardItemModel(owner)
    model.appendRow(QStandardItem("\n".join(row.lines)))

    def row_at(index: Index) -> SeriesRow:
        return row

    painter = StudyPainter(row_at, Thumbnails(session, owner), 64, owner)
    tip = painter.tip_at(model.index(0, 0), QRect(0, 0, 200, 68), QPoint(150, 10))
    assert tip.split("\n") == [
        "Axial",
        "1 image",
        "evil\\u202efdp.exe",
        "/d/evil\\u202efdp.exe",
        "ⓘ The file is odd.",
    ]


@pytest.mark.parametrize("letters", ["Agp", "Ä", "ΆЙ", "Ẫ", "山", "ع", "ש", "ส", "क", "한"])
def test_a_line_has_room_for_its_letters(session: Session, letters: str) -> None:
    from PySide6.QtWidgets import QApplication

    assert line_height_px(letters) >= text_height_px(letters, QApplication.font())


def test_a_row_is_as_high_as_its_lines_or_its_picture(session: Session) -> None:
    owner = QObject()
    painter = StudyPainter(lambda index: None, Thumbnails(session, owner), 64, owner)
    one, three = painter.row_height_px(["a"], picture=False), painter.row_height_px(["a"] * 3, picture=False)
    assert three - one == 2 * line_height_px("a")
    assert painter.row_height_px(["a"], picture=True) > 64
    assert painter.row_height_px(["山"] * 9, picture=True) == painter.row_height_px(["山"] * 9, picture=False)
