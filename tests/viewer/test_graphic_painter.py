"""Graphics of a state on the screen."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from core.imaging.graphics import Graphic, GraphicKind, TextNote
from viewer.graphic_painter import paint_graphics
from viewer.viewpoint import Mapping, Viewpoint


def painted(*graphics: Graphic | TextNote, view: Viewpoint | None = None) -> np.ndarray:
    target = QImage(200, 100, QImage.Format.Format_RGB888)
    target.fill(0xFF404040)
    mapping = Mapping(view or Viewpoint(50, 100, 1), 200, 100)
    with QPainter(target) as painter:
        paint_graphics(painter, graphics, mapping)
    rows = np.frombuffer(target.constBits(), np.uint8).reshape(100, target.bytesPerLine())
    return rows[:, :600].reshape(100, 200, 3).copy()


def test_lines_lie_where_the_frame_positions_are(qapp: QApplication) -> None:
    shown = painted(Graphic(GraphicKind.POLYLINE, ((30, 20), (30, 120)), colour=(255, 0, 0)))
    red = (shown[..., 0] > 150) & (shown[..., 1] < 90)
    rows, columns = np.nonzero(red)
    assert set(rows.tolist()) <= {29, 30}
    assert columns.min() <= 21
    assert columns.max() >= 118


def test_lines_turn_with_the_view(qapp: QApplication) -> None:
    line = Graphic(GraphicKind.POLYLINE, ((50, 80), (50, 120)))
    shown = painted(line, view=Viewpoint(50, 100, 1, quarter_turns=1))
    rows, columns = np.nonzero(shown[..., 0] > 130)
    assert rows.max() - rows.min() > 35
    assert columns.max() - columns.min() < 4


def test_filled_shapes_points_and_texts_leave_ink(qapp: QApplication) -> None:
    shown = painted(
        Graphic(GraphicKind.CIRCLE, ((50, 50), (50, 60)), filled=True),
        Graphic(GraphicKind.POINT, ((50, 100),)),
        TextNote(("some", "words"), box=(10, 120, 40, 190), anchor=(80, 100), anchor_visible=True),
        TextNote(("more",), anchor=(80, 150), justification="RIGHT"),
    )
    assert shown[50, 50].min() == 255
    assert shown[50, 100].max() > 200
    assert (shown[10:40, 120:190].max(axis=-1) > 200).any()
    assert (shown[70:90, 155:195].max(axis=-1) > 200).any()
