"""The ring is where the focus is, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QSlider, QSplitter, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from viewer.app import make_application
from viewer.focus_ring import FocusRing, show_focus
from viewer.theme import Colour


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QWidget]:
    make_application()
    made = QWidget()
    qtbot.addWidget(made)
    column = QVBoxLayout(made)
    for widget in (QLineEdit(), QCheckBox("a switch"), QSlider(Qt.Orientation.Horizontal)):
        column.addWidget(widget)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def rings(window: QWidget) -> list[FocusRing]:
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QApplication.processEvents()
    return [ring for ring in window.findChildren(FocusRing) if ring.isVisible()]


def test_the_ring_follows_the_focus(window: QWidget, qtbot: QtBot) -> None:
    line, check, slider = (window.findChild(kind) for kind in (QLineEdit, QCheckBox, QSlider))
    line.setFocus()
    assert rings(window) == [], "the style sheet shows it already"
    for widget in (check, slider):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert widget.hasFocus()
        (ring,) = rings(window)
        assert ring.around is widget
        assert ring.geometry().contains(widget.geometry())
    line.setFocus()
    assert rings(window) == []


def test_the_ring_has_the_accent_colour_and_lets_the_mouse_through(window: QWidget, qtbot: QtBot) -> None:
    check = window.findChild(QCheckBox)
    check.setFocus()
    (ring,) = rings(window)
    picture = window.grab().toImage()
    top = ring.geometry().center().x(), ring.geometry().top() + 1
    assert picture.pixelColor(*top) == QColor(Colour.ACCENT)
    qtbot.mouseClick(check, Qt.MouseButton.LeftButton, pos=QPoint(8, check.height() // 2))
    assert check.isChecked()


def test_a_widget_that_goes_takes_its_ring_along(window: QWidget) -> None:
    check = window.findChild(QCheckBox)
    check.setFocus()
    assert len(rings(window)) == 1
    check.setParent(None)
    check.deleteLater()
    assert all(isinstance(ring.around, QSlider) for ring in rings(window)), "the focus went on"
    window.findChild(QSlider).setFocus()
    assert len(rings(window)) == 1


def test_asking_twice_makes_no_second_ring(window: QWidget, qapp: QApplication) -> None:
    show_focus(qapp)
    window.findChild(QCheckBox).setFocus()
    assert len(rings(window)) == 1


def test_a_splitter_makes_no_room_for_it(qtbot: QtBot) -> None:
    make_application()
    splitter = QSplitter()
    qtbot.addWidget(splitter)
    for name in "ab":
        splitter.addWidget(QCheckBox(name))
    splitter.show()
    splitter.activateWindow()
    qtbot.waitUntil(splitter.isActiveWindow)
    splitter.widget(0).setFocus()
    assert len(rings(splitter)) == 1
    assert splitter.count() == 2


def test_the_ring_goes_with_its_widget(window: QWidget) -> None:
    check = window.findChild(QCheckBox)
    check.setFocus()
    window.resize(window.width() + 100, window.height() + 60)
    (ring,) = rings(window)
    assert ring.geometry().contains(check.geometry())
    check.hide()
    assert all(one.around is not check for one in rings(window))
