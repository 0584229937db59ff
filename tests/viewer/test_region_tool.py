"""A box is dragged from any corner, and told in frame pixels."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from core.imaging.display import default_grey
from core.imaging.frame import Frame
from viewer.image_view import ImageView
from viewer.panel import PanelContent
from viewer.picture import Picture
from viewer.pointer import Tool
from viewer.theme import Colour
from viewer.viewpoint import Viewpoint

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    widget = ImageView()
    qtbot.addWidget(widget)
    widget.resize(500, 400)
    frame = Frame(np.zeros((60, 80), np.uint8))
    picture = Picture.of_frame(frame)
    widget.set_picture(picture)
    widget.set_levels(picture.levels_of(default_grey(frame), False))
    widget.set_content(PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80)))
    widget.set_viewpoint(Viewpoint(30, 40, 3.0))
    widget.set_tool(Tool.REGION)
    widget.show()
    return widget


@pytest.mark.parametrize("turns", range(4))
def test_a_dragged_box_is_told_in_frame_pixels(view: ImageView, qtbot: QtBot, turns: int) -> None:
    view.set_viewpoint(Viewpoint(30, 40, 3.0, quarter_turns=turns, flipped=turns == 3))
    boxes: list[tuple[float, ...]] = []
    view.regionDrawn.connect(lambda *box: boxes.append(box))
    corner = view.viewport.topLeft()
    ends = [
        QPoint(round(x), round(y)) + corner
        for x, y in (view.mapping.to_screen(20, 30), view.mapping.to_screen(40, 55))
    ]
    qtbot.mousePress(view, LEFT, pos=ends[0])
    bare = view.grab().toImage()
    qtbot.mouseMove(view, ends[1])
    assert view.grab().toImage() != bare, "the box is seen while it is drawn"
    qtbot.mouseRelease(view, LEFT, pos=ends[1])
    assert view.grab().toImage() == bare
    (box,) = boxes
    assert box == pytest.approx((20, 30, 40, 55), abs=0.4)


def test_a_click_is_no_box_and_another_tool_forgets_one(view: ImageView, qtbot: QtBot) -> None:
    boxes: list[tuple[float, ...]] = []
    view.regionDrawn.connect(lambda *box: boxes.append(box))
    qtbot.mouseClick(view, LEFT, pos=QPoint(200, 200))
    bare = view.grab().toImage()
    qtbot.mousePress(view, LEFT, pos=QPoint(100, 200))
    qtbot.mouseMove(view, QPoint(160, 260))
    view.set_tool(Tool.WINDOW)
    assert view.grab().toImage() == bare
    assert boxes == []
