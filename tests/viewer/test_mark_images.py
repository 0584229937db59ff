"""Approved pictures of all kinds of marks: in the window, turned, begun, and in a picture that is saved."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from approved_images import Approved
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from core.imaging.display import default_grey
from core.imaging.frame import Frame, PixelSpacing, SpacingSource
from core.imaging.marks import Drawings, Mark, MarkKind, Point
from core.imaging.measurements import Measured
from core.reporting.panels import Look, render_panels
from viewer.app import make_application
from viewer.image_view import ImageView
from viewer.panel import PanelContent
from viewer.picture import Picture
from viewer.pointer import Tool
from viewer.theme import Colour
from viewer.viewpoint import Viewpoint

ROWS, COLUMNS = 300, 360
_STEPS = np.add.outer(np.arange(ROWS) // 60 * 160, np.arange(COLUMNS) // 60 * 160)
FRAME = Frame(
    (_STEPS + 500).astype(np.uint16),
    bits_stored=12,
    spacing=PixelSpacing(0.5, 0.5, SpacingSource.IMAGER),
)
AROUND: tuple[Point, ...] = ((255, 300), (240, 330), (262, 350), (285, 340), (280, 310))


def _all_marks() -> Drawings:
    drawings = Drawings()
    for kind, points, text in (
        (MarkKind.LENGTH, ((30, 20), (30, 90)), "hilum"),
        (MarkKind.ANGLE, ((60, 20), (90, 30), (60, 70)), ""),
        (MarkKind.COBB, ((120, 20), (115, 70), (150, 20), (165, 70)), ""),
        (MarkKind.BIDIRECTIONAL, ((200, 20), (220, 60), (220, 35), (200, 45)), ""),
        (MarkKind.HEART, ((20, 200), (280, 205), (180, 170), (190, 250), (230, 130), (235, 290)), ""),
        (MarkKind.RECTANGLE, ((250, 15), (280, 50)), ""),
        (MarkKind.ELLIPSE, ((20, 230), (60, 290)), ""),
        (MarkKind.FREEHAND, AROUND, ""),
        (MarkKind.PROBE, ((120, 270),), ""),
        (MarkKind.ARROW, ((80, 150), (120, 180)), "tip"),
        (MarkKind.TEXT, ((10, 130),), "line in place"),
    ):
        drawings = drawings.with_mark(Mark(kind, points, text))
    return drawings


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ImageView]:
    make_application()
    widget = ImageView()
    qtbot.addWidget(widget)
    widget.resize(764, 690)
    picture = Picture.of_frame(FRAME)
    widget.set_picture(picture)
    widget.set_levels(picture.levels_of(default_grey(FRAME), False))
    widget.set_texts_visible(False)
    _show(widget, Drawings())
    widget.set_viewpoint(Viewpoint(ROWS / 2, COLUMNS / 2, 2.0))
    widget.show()
    yield widget
    widget.close()


def _show(view: ImageView, drawings: Drawings, selected: str = "") -> None:
    view.set_content(
        PanelContent(
            "ORIGINAL",
            Colour.LINE,
            frame_shape=(ROWS, COLUMNS),
            spacing=FRAME.spacing,
            marks=drawings.marks,
            selected_mark=selected,
            measured=Measured(FRAME),
        )
    )


def test_every_kind_of_mark(view: ImageView, approved: Approved) -> None:
    drawings = _all_marks()
    _show(view, drawings, drawings.marks[3].identifier)
    approved("marks", view.grab().toImage())


def test_marks_on_a_film_that_is_turned_and_mirrored(view: ImageView, approved: Approved) -> None:
    _show(view, _all_marks())
    view.set_viewpoint(Viewpoint(ROWS / 2, COLUMNS / 2, 1.75, quarter_turns=1, flipped=True))
    approved("marks-turned", view.grab().toImage())


def test_a_mark_that_is_begun(qtbot: QtBot, view: ImageView, approved: Approved) -> None:
    view.set_tool(Tool.HEART)
    for row, column in ((20, 200), (280, 205), (180, 170)):
        spot = view.viewport.topLeft() + QPointF(*view.mapping.to_screen(row, column)).toPoint()
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=spot)
    spot = view.viewport.topLeft() + QPointF(*view.mapping.to_screen(190, 250)).toPoint()
    qtbot.mouseMove(view, spot)
    approved("marks-begun", view.grab().toImage())


def test_marks_in_a_picture_that_is_saved(qtbot: QtBot, approved: Approved) -> None:
    (panel,) = render_panels(FRAME, (), (), Look(), drawings=_all_marks(), longest_side_px=720)
    approved("marks-saved", panel.pixels)
