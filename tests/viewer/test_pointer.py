"""What a tool is asked, and in which order, by the view that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QPainter, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.imaging.display import default_grey
from core.imaging.frame import Frame
from viewer import mouse_table
from viewer.image_view import ImageView
from viewer.mouse_table import MouseTable
from viewer.panel import PanelContent
from viewer.picture import Picture
from viewer.pointer import CLICK_PX, Drag, PointerTool, Tool
from viewer.theme import Colour
from viewer.viewpoint import Mapping, Viewpoint

LEFT = Qt.MouseButton.LeftButton


class Recorder(PointerTool):
    """Writes down what it is asked; takes all that it may, left of a line."""

    def __init__(self, view: ImageView, line: float = 0.0) -> None:
        super().__init__(view)
        self.told: list[str] = []
        self.line = line

    def grabs(self, position: QPointF, chosen: PointerTool) -> bool:
        return position.x() < self.line

    def press(self, drag: Drag) -> None:
        self.told.append("press")

    def move(self, drag: Drag) -> None:
        self.told.append(f"move {drag.travelled.x():.0f}")

    def release(self, drag: Drag) -> None:
        self.told.append("release")

    def click(self, drag: Drag) -> bool:
        self.told.append("click")
        return self.line > 0

    def double_click(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        self.told.append("double click")
        return position.x() < self.line

    def hover(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self.told.append("hover")

    def leave(self) -> None:
        self.told.append("leave")

    def wheel(self, turned: int, position: QPointF, modifiers: Qt.KeyboardModifier) -> bool:
        self.told.append(f"wheel {turned}")
        return position.x() < self.line

    def paint(self, painter: QPainter, mapping: Mapping) -> None:
        self.told.append("paint")


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ImageView]:
    widget = ImageView()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    frame = Frame(np.zeros((60, 80), np.uint8))
    picture = Picture.of_frame(frame)
    widget.set_picture(picture)
    widget.set_levels(picture.levels_of(default_grey(frame), False))
    widget.set_content(PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80)))
    widget.set_viewpoint(Viewpoint(30, 40, 3.0))
    widget.show()
    yield widget
    widget.close()


def _drag(qtbot: QtBot, view: ImageView, start: QPoint, across: int) -> None:
    qtbot.mousePress(view, LEFT, pos=start)
    qtbot.mouseMove(view, start + QPoint(across, 0))
    qtbot.mouseRelease(view, LEFT, pos=start + QPoint(across, 0))


def test_what_lies_on_the_film_takes_a_press_before_the_tool(qtbot: QtBot, view: ImageView):
    looks: list[object] = []
    view.viewpointChanged.connect(looks.append)
    view.set_tool(Tool.PAN)
    below, above = Recorder(view, 400.0), Recorder(view, 200.0)
    view.add_overlay(below)
    view.add_overlay(above)
    for x, by in ((100, above), (300, below)):
        by.told.clear()
        _drag(qtbot, view, QPoint(x, 200), 40)
        assert [one for one in by.told if one != "paint"] == ["press", "move 40", "release"]
    assert not looks
    _drag(qtbot, view, QPoint(450, 200), 30)
    assert looks
    view.remove_overlay(below)
    looks.clear()
    _drag(qtbot, view, QPoint(300, 200), 40)
    assert looks


def test_less_than_a_few_pixels_is_a_click_and_may_be_taken(qtbot: QtBot, view: ImageView):
    pointed: list[float] = []
    view.pointed.connect(lambda row, column: pointed.append(column))
    overlay = Recorder(view, 200.0)
    view.add_overlay(overlay)
    _drag(qtbot, view, QPoint(100, 200), CLICK_PX - 1)
    assert [one for one in overlay.told if one != "paint"] == ["press", "click"]
    assert not pointed
    _drag(qtbot, view, QPoint(300, 200), 0)
    assert pointed


def test_double_click_and_wheel_can_be_taken(qtbot: QtBot, view: ImageView):
    asked: list[bool] = []
    looks: list[object] = []
    view.maximiseRequested.connect(lambda: asked.append(True))
    view.viewpointChanged.connect(looks.append)
    overlay = Recorder(view, 200.0)
    view.add_overlay(overlay)
    for x, taken in ((100, True), (300, False)):
        asked.clear()
        looks.clear()
        qtbot.mouseDClick(view, LEFT, pos=QPoint(x, 200))
        at = QPointF(x, 200)
        wheel = QWheelEvent(
            at, view.mapToGlobal(at), QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view, wheel)
        assert (bool(asked), bool(looks)) == (not taken, not taken)
    assert overlay.told.count("wheel 120") == overlay.told.count("double click") == 2


def test_a_tool_is_told_of_the_mouse_above_it_and_painted(qtbot: QtBot, view: ImageView):
    overlay = Recorder(view)
    view.add_overlay(overlay)
    qtbot.mouseMove(view, QPoint(100, 200))
    view.grab()
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert {"hover", "paint", "leave"} <= set(overlay.told)


def test_taking_another_tool_forgets_what_is_unfinished(qtbot: QtBot, view: ImageView):
    bare = view.grab().toImage()
    view.set_tool(Tool.MEASURE)
    qtbot.mousePress(view, LEFT, pos=QPoint(100, 200))
    qtbot.mouseMove(view, QPoint(160, 200))
    assert view.grab().toImage() != bare
    view.set_tool(Tool.WINDOW)
    assert view.grab().toImage() == bare


def test_a_button_takes_the_tool_of_the_table(qtbot: QtBot, view: ImageView):
    looks: list[Viewpoint] = []
    view.viewpointChanged.connect(looks.append)
    right = Qt.MouseButton.RightButton
    for tool in (Tool.ZOOM, Tool.PAN):
        mouse_table.use(MouseTable().with_choice("right", tool.value))
        qtbot.mousePress(view, right, pos=QPoint(100, 200))
        qtbot.mouseMove(view, QPoint(140, 260))
        qtbot.mouseRelease(view, right, pos=QPoint(140, 260))
        assert (looks[-1].zoom == 3.0) is (tool is Tool.PAN)
    mouse_table.use(MouseTable())
