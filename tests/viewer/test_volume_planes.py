"""Three planes as a reader handles them: click, drag, wheel, double click, and slabs projected elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from marked_volumes import MARKS, Acquisition, marked_stack
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.imaging.display import render
from core.imaging.frame import Frame, Window
from core.imaging.regridding import volume_of
from core.imaging.volume import Plane, Projection, Volume, picture_of
from core.jobs import JobQueue
from viewer import volume_planes
from viewer.app import make_application
from viewer.image_view import ImageView
from viewer.main_thread import MainThread
from viewer.pointer import Tool
from viewer.volume_planes import VolumePlanes
from viewer.volume_wish import VolumeWish

LEFT, SHIFT, NO_KEY = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)
WISH = VolumeWish(MARKS["left"], Window(0, 2000))
MakePlanes = Callable[..., VolumePlanes]


@pytest.fixture
def make_planes(qapp: QApplication, qtbot: QtBot) -> Iterator[MakePlanes]:
    make_application()
    bridge = MainThread()
    jobs = JobQueue(bridge.post)
    made: list[VolumePlanes] = []
    failures: list[BaseException] = []

    def make(volume: Volume | None = None, wish: VolumeWish = WISH) -> VolumePlanes:
        planes = VolumePlanes(volume or volume_of(marked_stack(Acquisition())), wish, jobs, failures.append)
        qtbot.addWidget(planes)
        planes.resize(900, 600)
        planes.show()
        made.append(planes)
        return planes

    yield make
    for planes in made:
        planes.stop()
    jobs.shutdown()
    assert not failures


def spot(view: ImageView, row: float, column: float) -> QPoint:
    x, y = view.mapping.to_screen(row, column)
    return view.viewport.topLeft() + QPointF(x, y).toPoint()


def spot_of(planes: VolumePlanes, plane: Plane, point: tuple[float, float, float]) -> QPoint:
    _, row, column = planes.grids[plane].from_patient(point)
    return spot(planes.view(plane), row, column)


def shown_codes(planes: VolumePlanes, plane: Plane) -> np.ndarray:
    picture = planes.view(plane)._picture
    assert picture is not None
    return picture.codes


@pytest.mark.parametrize("plane", Plane)
def test_a_click_brings_the_other_planes_to_the_place(make_planes: MakePlanes, qtbot: QtBot, plane: Plane):
    planes = make_planes(wish=replace(WISH, point=(0.0, 0.0, 0.0)))
    on_plane = planes.grids[plane].from_patient((0.0, 0.0, 0.0))[0]
    qtbot.mouseClick(planes.view(plane), LEFT, pos=spot_of(planes, plane, MARKS["left"]))
    grid = planes.grids[plane]
    picture, row, column = grid.from_patient(planes.wish.point)
    _, wanted_row, wanted_column = grid.from_patient(MARKS["left"])
    assert picture == pytest.approx(on_plane)
    assert (row, column) == pytest.approx((wanted_row, wanted_column), abs=0.4)


def test_planes_show_the_volume_as_it_is(make_planes: MakePlanes):
    planes = make_planes()
    look = planes.volume.look
    for plane, grid in planes.grids.items():
        values = picture_of(planes.volume, grid, grid.picture_at(WISH.point))
        levels = planes.view(plane)._levels
        assert levels is not None
        expected = render(Frame(np.ascontiguousarray(values), windows=look.windows), WISH.grey)
        assert np.array_equal(levels[shown_codes(planes, plane)], expected)


def test_broken_numbers_show_the_same(make_planes: MakePlanes):
    whole = volume_of(marked_stack(Acquisition()))
    values = whole.values.astype(np.float32) + np.float32(0.25)
    look = Frame(whole.look.stored.astype(np.float32), windows=whole.look.windows)
    broken = replace(
        whole, values=values, look=look, lowest=whole.lowest + 0.25, highest=whole.highest + 0.25
    )
    planes = make_planes(broken)
    for plane, grid in planes.grids.items():
        picture = picture_of(broken, grid, grid.picture_at(WISH.point))
        expected = render(Frame(np.ascontiguousarray(picture)), WISH.grey).astype(int)
        levels = planes.view(plane)._levels
        assert levels is not None
        assert np.abs(levels[shown_codes(planes, plane)].astype(int) - expected).max() <= 1


def test_dragging_a_line_moves_the_crosshair_and_dragging_elsewhere_the_window(
    make_planes: MakePlanes, qtbot: QtBot
):
    planes = make_planes(wish=replace(WISH, point=(0.0, 0.0, 0.0)))
    view = planes.view(Plane.AXIAL)
    start = spot_of(planes, Plane.AXIAL, (25.0, 0.0, 0.0))
    end = spot_of(planes, Plane.AXIAL, (10.0, 12.0, 0.0))
    qtbot.mousePress(view, LEFT, pos=start)
    qtbot.mouseMove(view, (start + end) / 2)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, LEFT, pos=end)
    assert planes.wish.point == pytest.approx((10.0, 12.0, 0.0), abs=0.5)
    assert planes.wish.grey == WISH.grey
    start, end = start + QPoint(0, 90), end + QPoint(30, 90)
    qtbot.mousePress(view, LEFT, pos=start)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, LEFT, pos=end)
    assert planes.wish.point == pytest.approx((10.0, 12.0, 0.0), abs=0.5)
    assert planes.wish.grey != WISH.grey
    assert len({id(planes.view(plane)._levels) for plane in Plane}) == 1


def test_with_the_crosshair_tool_every_drag_moves_it(make_planes: MakePlanes, qtbot: QtBot):
    planes = make_planes(wish=replace(WISH, point=(0.0, 0.0, 0.0)))
    planes.set_tool(Tool.CROSSHAIR)
    view = planes.view(Plane.CORONAL)
    start, end = (spot_of(planes, Plane.CORONAL, place) for place in ((20.0, 0.0, 20.0), (-8.0, 0.0, -9.0)))
    qtbot.mousePress(view, LEFT, pos=start)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, LEFT, pos=end)
    assert planes.wish.point == pytest.approx((-8.0, 0.0, -9.0), abs=0.5)


def test_shift_and_move_takes_the_crosshair_along(make_planes: MakePlanes, qtbot: QtBot):
    planes = make_planes(wish=replace(WISH, point=(0.0, 0.0, 0.0)))
    view = planes.view(Plane.SAGITTAL)
    qtbot.mouseMove(view, spot_of(planes, Plane.SAGITTAL, (0.0, 8.0, 9.0)))
    assert planes.wish.point == (0.0, 0.0, 0.0)
    _move(view, spot_of(planes, Plane.SAGITTAL, (0.0, 8.0, 9.0)), SHIFT)
    assert planes.wish.point == pytest.approx((0.0, 8.0, 9.0), abs=0.5)


def _move(view: ImageView, place: QPoint, keys: Qt.KeyboardModifier) -> None:
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        view.mapToGlobal(QPointF(place)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        keys,
    )
    QApplication.sendEvent(view, event)


def test_the_wheel_scrolls_a_plane_and_takes_the_lines_of_the_others_along(make_planes: MakePlanes):
    planes = make_planes()
    view = planes.view(Plane.AXIAL)
    place = view.rect().center()
    event = QWheelEvent(
        QPointF(place), view.mapToGlobal(QPointF(place)), QPoint(), QPoint(0, -120),
        Qt.MouseButton.NoButton, NO_KEY, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    before = planes.grids[Plane.AXIAL].picture_at(planes.wish.point)
    QApplication.sendEvent(view, event)
    assert planes.grids[Plane.AXIAL].picture_at(planes.wish.point) == before + 1
    guides = planes.view(Plane.CORONAL)._guides
    assert guides is not None
    assert guides.row == pytest.approx(planes.grids[Plane.CORONAL].from_patient(planes.wish.point)[1])


def test_a_double_click_shows_one_plane_alone_and_moves_nothing(make_planes: MakePlanes, qtbot: QtBot):
    planes = make_planes()
    view = planes.view(Plane.SAGITTAL)
    place = spot(view, 5, 5)
    qtbot.mouseClick(view, LEFT, pos=place)
    qtbot.mouseDClick(view, LEFT, pos=place)
    assert planes.wish.alone is Plane.SAGITTAL
    assert planes.wish.point == WISH.point
    assert view.width() == planes.width()
    assert not planes.view(Plane.AXIAL).isVisible()
    qtbot.mouseDClick(view, LEFT, pos=place)
    assert planes.wish.alone is None
    assert planes.view(Plane.AXIAL).isVisible()


def test_a_hidden_plane_is_up_to_date_when_it_comes_back(make_planes: MakePlanes):
    planes = make_planes(wish=replace(WISH, alone=Plane.AXIAL))
    planes.set_wish(replace(planes.wish, point=MARKS["back"]))
    planes.set_wish(replace(planes.wish, alone=None))
    for plane, panel in planes._panels.items():
        assert panel.shown is not None
        assert panel.shown.picture == planes.grids[plane].picture_at(MARKS["back"])


def test_planes_are_whole_and_true_to_scale(make_planes: MakePlanes):
    planes = make_planes()
    planes.resize(1100, 700)
    for plane, grid in planes.grids.items():
        mapping = planes.view(plane).mapping
        corners = [
            mapping.to_screen(row, column) for row in (0, grid.shape[1]) for column in (0, grid.shape[2])
        ]
        assert all(-0.5 <= x <= mapping.width + 0.5 and -0.5 <= y <= mapping.height + 0.5 for x, y in corners)
        across_mm = (corners[1][0] - corners[0][0]) / (grid.shape[2] * grid.spacing_mm[2])
        down_mm = (corners[2][1] - corners[0][1]) / (grid.shape[1] * grid.spacing_mm[1])
        assert across_mm == pytest.approx(down_mm)


def test_a_heavy_slab_is_projected_elsewhere_and_the_newest_wins(
    make_planes: MakePlanes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(volume_planes, "_HEAVY_VOXELS", 0)
    planes = make_planes()
    before = shown_codes(planes, Plane.AXIAL).copy()
    planes.set_wish(replace(planes.wish, projection=Projection.MINIMUM, slab_mm=30.0))
    first = planes._panels[Plane.AXIAL].job
    assert not planes.settled
    assert np.array_equal(shown_codes(planes, Plane.AXIAL), before)
    assert planes.view(Plane.AXIAL)._content.status == "Projecting …"
    planes.set_wish(replace(planes.wish, projection=Projection.MAXIMUM))
    assert first is not None
    assert not first.active
    qtbot.waitUntil(lambda: planes.settled)
    grid = planes.grids[Plane.AXIAL]
    expected = picture_of(planes.volume, grid, grid.picture_at(WISH.point), 30.0, Projection.MAXIMUM)
    assert np.array_equal(shown_codes(planes, Plane.AXIAL), planes._coding.codes_of(expected))
    assert planes.view(Plane.AXIAL)._content.status.startswith("MIP of")


def test_the_mouse_tells_where_it_is_in_the_patient(make_planes: MakePlanes, qtbot: QtBot):
    planes = make_planes()
    told: list[object] = []
    planes.pointedAt.connect(told.append)
    place = (10.0, 5.0, planes.grids[Plane.AXIAL].to_patient(11, 0, 0)[2])
    qtbot.mouseMove(planes.view(Plane.AXIAL), spot_of(planes, Plane.AXIAL, place))
    assert told[-1] == pytest.approx(place, abs=0.5)
    QApplication.sendEvent(planes.view(Plane.AXIAL), QEvent(QEvent.Type.Leave))
    assert told[-1] is None
