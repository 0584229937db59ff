"""A reader measures and marks a film, corrects it, takes it back, finds it in the list and in the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from phantoms import write_chest_film
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListWidget, QToolButton
from pytestqt.qtbot import QtBot

from core.imaging.mark_geometry import moved
from core.imaging.marks import MarkKind
from core.session import Session
from viewer.image_view import ImageView
from viewer.main_window import MainWindow
from viewer.wish import Panel

WAIT_MS = 120_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(open_window: Callable[..., MainWindow], tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """A film without an analysis: measuring needs none."""
    return _with_film(open_window(analyze_automatically=False), tmp_path, qtbot)


def _with_film(window: MainWindow, folder: Path, qtbot: QtBot) -> MainWindow:
    window.open_paths([write_chest_film(folder / "film.dcm").path])
    qtbot.waitUntil(lambda: window.session.frame is not None, timeout=WAIT_MS)
    view_of(window, Panel.ORIGINAL).setFocus()
    return window


@pytest.fixture
def session(window: MainWindow) -> Session:
    return window.session


def view_of(window: MainWindow, panel: Panel) -> ImageView:
    return window.comparison.findChildren(ImageView)[panel]


def place(view: ImageView, down: float, across: float) -> QPoint:
    """A place on the film by its shares of height and width."""
    rows, columns = view.content.frame_shape
    spot = view.mapping.to_screen(down * rows, across * columns)
    return view.viewport.topLeft() + QPointF(*spot).toPoint()


def drag(view: ImageView, *way: QPoint) -> None:
    QTest.mousePress(view, LEFT, pos=way[0])
    for spot in way[1:]:
        QTest.mouseMove(view, spot)
    QTest.mouseRelease(view, LEFT, pos=way[-1])


NONE = Qt.KeyboardModifier.NoModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def key(window: MainWindow, code: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> None:
    QTest.keyClick(view_of(window, Panel.ORIGINAL), code, modifiers)


def test_every_tool_from_its_key_to_the_report(
    open_window: Callable[..., MainWindow], tmp_path: Path, qtbot: QtBot
) -> None:
    window = _with_film(open_window(), tmp_path, qtbot)
    session = window.session
    qtbot.waitUntil(lambda: session.twin is not None and not session.jobs.active, timeout=WAIT_MS)
    film, twin, difference = (view_of(window, panel) for panel in Panel)
    # Each in another panel: they are all the same film.
    key(window, Qt.Key.Key_D)
    drag(film, place(film, 0.3, 0.3), place(film, 0.3, 0.5))
    key(window, Qt.Key.Key_B, SHIFT)
    drag(twin, place(twin, 0.5, 0.3), place(twin, 0.6, 0.4))
    for code, count in ((Qt.Key.Key_A, 3), (Qt.Key.Key_C, 4), (Qt.Key.Key_T, 6)):
        key(window, code, SHIFT)
        spots = ((0.2, 0.52), (0.8, 0.53), (0.6, 0.4), (0.62, 0.7), (0.66, 0.2), (0.67, 0.85))
        for spot in spots[:count]:
            QTest.mouseClick(difference, LEFT, pos=place(difference, *spot))
        # The next one is drawn beside it, not taken hold of.
        session.amend(session.review.with_changed_mark(moved(session.review.drawings.marks[-1], 4000, 4000)))
    for code, modifiers in ((Qt.Key.Key_U, NONE), (Qt.Key.Key_V, SHIFT)):
        key(window, code, modifiers)
        left = 0.1 if code == Qt.Key.Key_U else 0.8
        drag(film, place(film, 0.88, left), place(film, 0.93, left + 0.02), place(film, 0.95, left + 0.08))
    key(window, Qt.Key.Key_Y)
    drag(film, *(place(film, *at) for at in ((0.08, 0.1), (0.08, 0.2), (0.14, 0.2), (0.15, 0.12))))
    key(window, Qt.Key.Key_P, SHIFT)
    QTest.mouseClick(film, LEFT, pos=place(film, 0.1, 0.3))
    key(window, Qt.Key.Key_D, SHIFT)
    drag(film, place(film, 0.1, 0.8), place(film, 0.15, 0.85))
    key(window, Qt.Key.Key_T)
    QTest.mouseClick(film, LEFT, pos=place(film, 0.05, 0.5))
    editor = film.findChild(QLineEdit)
    QTest.keyClicks(editor, "line tip [k]")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    marks = session.review.drawings.marks
    assert [mark.kind for mark in marks] == [
        MarkKind.LENGTH,
        MarkKind.BIDIRECTIONAL,
        MarkKind.ANGLE,
        MarkKind.COBB,
        MarkKind.HEART,
        MarkKind.RECTANGLE,
        MarkKind.ELLIPSE,
        MarkKind.FREEHAND,
        MarkKind.PROBE,
        MarkKind.ARROW,
        MarkKind.TEXT,
    ]
    assert marks[-1].text == "line tip [k]"
    assert not session.review.key_image
    key(window, Qt.Key.Key_K)
    assert session.review.key_image
    assert len(window.marks_panel.rows) == len(marks)
    draft = session.draft_report()
    assert draft is not None
    report = draft.written(deidentified=False)
    assert [line.name for line in report.measurements] == [mark.name for mark in marks]
    assert ("Image", "key image") in report.subject


def test_a_handle_is_dragged_and_one_step_takes_it_back(window: MainWindow, session: Session) -> None:
    film = view_of(window, Panel.ORIGINAL)
    key(window, Qt.Key.Key_D)
    drag(film, place(film, 0.3, 0.3), place(film, 0.3, 0.5))
    (drawn,) = session.review.drawings.marks
    assert window.marking.selected == drawn.identifier
    drag(film, place(film, 0.3, 0.5), *(place(film, 0.3 + step / 50, 0.55) for step in range(8)))
    (dragged,) = session.review.drawings.marks
    assert dragged.points[0] == drawn.points[0]
    assert dragged.points[1] != drawn.points[1]
    key(window, Qt.Key.Key_Z, CONTROL)
    assert session.review.drawings.marks == (drawn,)
    key(window, Qt.Key.Key_Z, CONTROL)
    assert session.review.drawings.marks == ()
    assert window.marking.selected == ""
    key(window, Qt.Key.Key_Y, CONTROL)
    key(window, Qt.Key.Key_Y, CONTROL)
    assert session.review.drawings.marks == (dragged,)


def test_delete_asks_nothing_and_undo_brings_it_back(window: MainWindow, session: Session) -> None:
    film = view_of(window, Panel.ORIGINAL)
    key(window, Qt.Key.Key_D)
    drag(film, place(film, 0.3, 0.3), place(film, 0.3, 0.5))
    drag(film, place(film, 0.6, 0.3), place(film, 0.6, 0.5))
    first, second = session.review.drawings.marks
    QTest.mouseClick(film, LEFT, pos=place(film, 0.3, 0.4))
    assert window.marking.selected == first.identifier
    key(window, Qt.Key.Key_Delete)
    assert session.review.drawings.marks == (second,)
    key(window, Qt.Key.Key_Delete)
    assert session.review.drawings.marks == (second,), "nothing is selected"
    key(window, Qt.Key.Key_Z, CONTROL)
    assert session.review.drawings.marks == (first, second)


def test_the_list_and_the_film_show_the_same(window: MainWindow, session: Session) -> None:
    film = view_of(window, Panel.ORIGINAL)
    assert not window.marks_panel.isVisible()
    key(window, Qt.Key.Key_D)
    drag(film, place(film, 0.1, 0.1), place(film, 0.1, 0.3))
    drag(film, place(film, 0.8, 0.5), place(film, 0.8, 0.7))
    first, second = session.review.drawings.marks
    assert window.marks_panel.isVisible()
    listed = window.marks_panel.findChild(QListWidget)
    window.comparison.set_viewpoint(film.mapping.zoomed(4, 10, 10))
    listed.setCurrentRow(0)
    assert window.marking.selected == first.identifier
    middle = film.mapping.to_screen(first.points[0][0], (first.points[0][1] + first.points[1][1]) / 2)
    assert middle == pytest.approx((film.viewport.width() / 2, film.viewport.height() / 2), abs=2)
    field = window.marks_panel.findChild(QLineEdit)
    field.setFocus()
    QTest.keyClicks(field, "hilum")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert session.review.drawings.marks[0].text == "hilum"
    assert "M1  hilum" in window.marks_panel.rows[0]
    assert film.content.marks == session.review.drawings.marks
    window.marking.toggle_hidden(first.identifier)
    assert film.content.marks == (second,)
    assert "(hidden)" in window.marks_panel.rows[0]
    QTest.keyClick(listed, Qt.Key.Key_Delete)
    assert session.review.drawings.marks == (second,)


def test_all_marks_are_hidden_and_shown_by_one_key(window: MainWindow, session: Session) -> None:
    film = view_of(window, Panel.ORIGINAL)
    bare = film.grab().toImage()
    key(window, Qt.Key.Key_D)
    drag(film, place(film, 0.3, 0.3), place(film, 0.3, 0.5))
    window.marking.select("")
    drawn = film.grab().toImage()
    assert drawn != bare
    key(window, Qt.Key.Key_X, SHIFT)
    assert film.content.marks == ()
    assert session.review.drawings.marks
    key(window, Qt.Key.Key_X, SHIFT)
    assert film.grab().toImage() == drawn
    key(window, Qt.Key.Key_X, SHIFT)
    drag(film, place(film, 0.6, 0.3), place(film, 0.6, 0.5))
    assert len(film.content.marks) == 2, "what is drawn is seen"


def test_a_drop_down_shows_the_tool_that_was_used_last(window: MainWindow, qtbot: QtBot) -> None:
    measure, annotate = (
        next(
            one
            for one in window.findChildren(QToolButton)
            if one.menu() is not None and name in [entry.objectName() for entry in one.menu().actions()]
        )
        for name in ("tool_angle", "tool_text")
    )
    assert measure.defaultAction().objectName() == "tool_measure"
    assert annotate.defaultAction().objectName() == "tool_arrow"
    ellipse = window.findChild(QAction, "tool_ellipse")
    ellipse.trigger()
    assert measure.defaultAction() is ellipse
    window.findChild(QAction, "tool_window").trigger()
    assert measure.defaultAction() is ellipse
    assert not ellipse.isChecked()
