"""The sheet shows all keys as they are now, finds, copies and prints them."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QPushButton, QTextBrowser
from pytestqt.qtbot import QtBot

from core.errors import CannotWrite
from viewer.shortcut_sheet import SheetPart, ShortcutSheet, _balanced, plain_text, sheet_html

PARTS = (
    SheetPart("File", (("Ctrl+O", "Open folder"), ("Ctrl+R", "Report"))),
    SheetPart("View", tuple((f"Alt+{n}", f"View number {n}") for n in range(9))),
    SheetPart("Mouse", (("Left drag", "The chosen <tool>"),)),
)


@pytest.fixture
def sheet(qtbot: QtBot) -> ShortcutSheet:
    made = ShortcutSheet(PARTS)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(sheet: ShortcutSheet) -> str:
    return sheet.findChild(QTextBrowser).toPlainText()


def test_all_keys_are_shown_as_they_are(sheet: ShortcutSheet) -> None:
    for part in PARTS:
        for keys, does in part.rows:
            assert keys in shown(sheet)
            assert does in shown(sheet)


def test_the_search_leaves_rows_with_all_words(sheet: ShortcutSheet) -> None:
    search = sheet.findChild(QLineEdit)
    assert search.hasFocus()
    search.setText("ctrl rep")
    assert "Report" in shown(sheet)
    assert "Open folder" not in shown(sheet)
    search.setText("view")
    assert [part.title for part in sheet.shown] == ["View"], "the menu counts as well"
    search.setText("nowhere")
    assert "No command" in shown(sheet)


def test_what_is_shown_is_copied(sheet: ShortcutSheet) -> None:
    sheet.findChild(QLineEdit).setText("report")
    next(button for button in sheet.findChildren(QPushButton) if button.text() == "Copy").click()
    assert QGuiApplication.clipboard().text() == "File\nCtrl+R\tReport"
    assert plain_text(PARTS).count("\n\n") == 2


def test_it_is_printed_with_all_its_words(sheet: ShortcutSheet, tmp_path: Path) -> None:
    path = tmp_path / "keys.pdf"
    sheet.save_pdf(path)
    pages = PdfReader(path).pages
    text = " ".join("".join(page.extract_text() for page in pages).split())
    assert len(pages) == 1
    assert "Open folder" in text
    assert "View number 8" in text
    with pytest.raises(CannotWrite):
        sheet.save_pdf(tmp_path / "no such folder" / "keys.pdf")


def test_parts_are_shared_out_in_order_and_no_row_is_lost() -> None:
    for columns in (1, 2, 3, 4):
        filled = _balanced(PARTS, columns)
        assert len(filled) <= columns
        rows = [row for column in filled for part in column for row in part.rows]
        assert rows == [row for part in PARTS for row in part.rows]
    assert "&lt;tool&gt;" in sheet_html(PARTS, 2)
