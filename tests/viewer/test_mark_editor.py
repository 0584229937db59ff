"""A text on the film is taken by Return or by going elsewhere, and left by Esc; told once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from viewer.mark_editor import MarkEditor


@pytest.fixture
def view(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    return widget


def _edited(view: QWidget, place: QPoint, text: str = "") -> tuple[MarkEditor, list[str]]:
    heard: list[str] = []
    editor = MarkEditor(view, place, text)
    editor.written.connect(heard.append)
    return editor, heard


@pytest.mark.parametrize("place", [QPoint(-50, -50), QPoint(390, 290), QPoint(9000, 150), QPoint(60, 60)])
def test_it_stands_inside_the_view(view: QWidget, place: QPoint) -> None:
    editor, _ = _edited(view, place)
    assert view.rect().contains(editor.geometry())
    editor.close_unwritten()


def test_what_stands_there_counts_when_the_reader_goes_on(qtbot: QtBot, view: QWidget) -> None:
    editor, heard = _edited(view, QPoint(60, 60), "old")
    qtbot.keyClicks(editor, "  new ")
    view.setFocus()
    assert heard == ["new"]
    assert editor.isHidden()


def test_return_tells_once_and_esc_never(qtbot: QtBot, view: QWidget) -> None:
    for key, told in ((Qt.Key.Key_Return, ["scar"]), (Qt.Key.Key_Escape, [])):
        editor, heard = _edited(view, QPoint(60, 60))
        qtbot.keyClicks(editor, "scar")
        qtbot.keyClick(editor, key)
        view.setFocus()
        assert heard == told
