"""The circle shows what is under the cursor, larger, in place, and goes with the mouse."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.imaging.frame import Frame, Window
from viewer import magnifier
from viewer.image_view import ImageView
from viewer.magnifier import FACTORS, magnified
from viewer.panel import PanelContent
from viewer.picture import Picture
from viewer.pointer import Tool
from viewer.theme import Colour
from viewer.viewpoint import Mapping, Viewpoint

WHITE_SQUARE = (slice(28, 32), slice(38, 42))


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ImageView]:
    widget = ImageView()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    stored = np.zeros((60, 80), np.uint8)
    stored[WHITE_SQUARE] = 255
    picture = Picture.of_frame(Frame(stored))
    widget.set_picture(picture)
    widget.set_levels(picture.levels_of(Window(128, 256), False))
    widget.set_content(PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80)))
    widget.set_viewpoint(Viewpoint(30, 40, 3.0))
    widget.set_tool(Tool.MAGNIFIER)
    widget.show()
    qtbot.waitExposed(widget)
    before = magnifier._steps[0]
    yield widget
    magnifier._steps[0] = before


def white(view: ImageView) -> int:
    """Pixels as bright as the square."""
    image = view.grab().toImage()
    top = view.viewport.top()
    return sum(
        QColor(image.pixel(x, y)).lightness() > 250 for x in range(100, 400) for y in range(top + 40, 320)
    )


def over_the_square(view: ImageView) -> QPoint:
    x, y = view.mapping.to_screen(30, 40)
    return QPoint(round(x), round(y)) + view.viewport.topLeft()


def hover(qtbot: QtBot, view: ImageView, place: QPoint) -> None:
    qtbot.mouseMove(view, place - QPoint(9, 9))  # the mouse may be there already, from a test before
    qtbot.mouseMove(view, place)


def test_what_is_under_the_cursor_grows_by_the_factor(view: ImageView, qtbot: QtBot) -> None:
    plain = white(view)
    hover(qtbot, view, over_the_square(view))
    # Four pixels wide at zoom 3; single pixels are squares from zoom 4 on, and smoothed below.
    assert white(view) == (4 * 3 * 2.5) ** 2
    assert plain < (4 * 3) ** 2
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert white(view) == plain


def test_shift_and_wheel_go_through_the_factors_and_stop_at_their_ends(view: ImageView, qtbot: QtBot) -> None:
    hover(qtbot, view, over_the_square(view))
    place = QPointF(over_the_square(view))
    looks: list[Viewpoint] = []
    view.viewpointChanged.connect(looks.append)

    def turn(degrees: int, modifiers: Qt.KeyboardModifier) -> None:
        event = QWheelEvent(
            place, view.mapToGlobal(place), QPoint(), QPoint(0, degrees),
            Qt.MouseButton.NoButton, modifiers, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, event)

    small = white(view)
    for _ in range(9):
        turn(120, Qt.KeyboardModifier.ShiftModifier)
    assert FACTORS[magnifier._steps[0]] == 4.0
    assert white(view) > small
    for _ in range(9):
        turn(-120, Qt.KeyboardModifier.ShiftModifier)
    assert FACTORS[magnifier._steps[0]] == 2.0
    assert looks == [], "the panel itself did not zoom"
    turn(120, Qt.KeyboardModifier.NoModifier)
    assert looks != []


def test_held_with_another_button_it_goes_with_it(view: ImageView, qtbot: QtBot) -> None:
    view.set_tool(Tool.WINDOW)
    bare = view.grab().toImage()
    right, ctrl = Qt.MouseButton.RightButton, Qt.KeyboardModifier.ControlModifier
    place = over_the_square(view)
    qtbot.mousePress(view, right, ctrl, place)
    assert view.grab().toImage() != bare
    qtbot.mouseMove(view, place + QPoint(30, 10))
    qtbot.mouseRelease(view, right, ctrl, place + QPoint(30, 10))
    assert view.grab().toImage() == bare


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("flipped", [False, True])
def test_the_middle_is_the_place_and_turned_as_the_panel(turns: int, flipped: bool) -> None:
    mapping = Mapping(Viewpoint(300, 400, 0.5, turns, flipped), 640, 480, 1.3)
    place = QPointF(200, 150)
    inner = magnified(mapping, place, 100, 3)
    assert inner.to_frame(100, 100) == pytest.approx(mapping.to_frame(200, 150))
    beside = mapping.to_frame(200 + 10, 150 + 5)
    assert inner.to_screen(*beside) == pytest.approx((100 + 30, 100 + 15))
