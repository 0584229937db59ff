"""Wrapped words have room for all their lines in a form, whatever they were before."""

from __future__ import annotations

from PySide6.QtWidgets import QFormLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from viewer.theme import Colour
from viewer.wrapped_label import WrappedLabel

LONG = "Where the words are longer than the room beside them they go on below. " * 3


def test_longer_words_and_less_width_take_more_lines(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    label = WrappedLabel(Colour.WARNING)
    QFormLayout(window).addRow("State", label)
    window.resize(420, 500)
    window.show()
    qtbot.waitExposed(window)
    label.setText("Short.")
    line = label.fontMetrics().height()
    qtbot.waitUntil(lambda: line <= label.height() < 2 * line)
    label.setText(LONG)
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()) > 2 * line)
    before = label.minimumHeight()
    window.resize(240, 500)
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()) > before)
    narrow = label.minimumHeight()
    window.resize(420, 500)
    qtbot.waitUntil(lambda: label.heightForWidth(label.width()) == label.minimumHeight() < narrow)
    label.setText("")
    assert label.minimumHeight() == 0


def test_signs_of_another_language_are_words(qtbot: QtBot) -> None:
    label, plain = WrappedLabel(), QLabel()
    qtbot.addWidget(label)
    qtbot.addWidget(plain)
    for one in (label, plain):
        one.setText("<b>a<b and c>d</b>")
    assert label.sizeHint().width() > plain.sizeHint().width()
