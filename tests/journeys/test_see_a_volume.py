"""A reader looks at a CT in three planes: opens it by a key, follows a mark, makes it thick, goes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from journeys_words import press
from marked_volumes import MARKS, Acquisition, write_series
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.imaging.volume import Plane, Point, Projection
from viewer.main_window import MainWindow
from viewer.volume_window import VolumeWindow

WAIT_MS = 60_000
OpenWindow = Callable[..., MainWindow]


def planes_by_key(window: MainWindow, qtbot: QtBot) -> VolumeWindow:
    qtbot.waitUntil(lambda: window.session.frame is not None, timeout=WAIT_MS)
    window.comparison.setFocus()
    press(window, Qt.Key.Key_M)
    opened = window.findChild(VolumeWindow)
    assert opened is not None
    qtbot.waitUntil(lambda: opened.volume is not None, timeout=WAIT_MS)
    return opened


def spot_of(window: VolumeWindow, plane: Plane, point: Point) -> QPoint:
    planes = window.planes
    assert planes is not None
    view = planes.view(plane)
    _, row, column = planes.grids[plane].from_patient(point)
    return view.viewport.topLeft() + QPointF(*view.mapping.to_screen(row, column)).toPoint()


def test_from_the_stack_to_a_mark_and_back(open_window: OpenWindow, qtbot: QtBot, tmp_path: Path) -> None:
    places = tuple(2.0 * n - 36.0 for n in range(37))
    write_series(tmp_path, Acquisition(places=places))
    window = open_window(analyze_automatically=False)
    window.open_paths([tmp_path])
    volume_window = planes_by_key(window, qtbot)
    planes, volume = volume_window.planes, volume_window.volume
    assert planes is not None
    assert volume is not None

    # Two clicks bring the crosshair to a mark: one sets two of its coordinates, the other the third.
    head = MARKS["head"]
    left_button = Qt.MouseButton.LeftButton
    qtbot.mouseClick(planes.view(Plane.AXIAL), left_button, pos=spot_of(volume_window, Plane.AXIAL, head))
    qtbot.mouseClick(planes.view(Plane.CORONAL), left_button, pos=spot_of(volume_window, Plane.CORONAL, head))
    assert planes.wish.point == pytest.approx(head, abs=0.6)
    value = volume.value_at(planes.wish.point)
    assert value is not None
    assert value > 200
    assert f"{value:.0f} HU" in volume_window.readout.text()

    # A slab of the whole volume shows all three marks at once.
    volume_window.controls.kind.setCurrentText("MIP slab")
    volume_window.controls.thickness.setValue(volume_window.controls.thickness.maximum())
    qtbot.waitUntil(lambda: planes.settled, timeout=WAIT_MS)
    assert planes.wish.projection is Projection.MAXIMUM
    grid = planes.grids[Plane.AXIAL]
    picture = planes.view(Plane.AXIAL)._picture
    assert picture is not None
    for mark in MARKS.values():
        _, row, column = grid.from_patient(mark)
        assert picture.codes[int(row), int(column)] > picture.codes[2, 2] + 20_000

    # Back to the slice where the crosshair is, in the main window, as it was before in everything else.
    turned_before = window.comparison.viewpoint.quarter_turns
    number = volume.sources.nearest(planes.wish.point)
    QTest.keyClick(volume_window, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: window.session.selection is not None and window.session.selection.position == number,
        timeout=WAIT_MS,
    )
    assert places[number] == pytest.approx(head[2], abs=1.0)
    assert window.comparison.viewpoint.quarter_turns == turned_before
    volume_window.close()
    qtbot.waitUntil(lambda: not window.session.jobs.active, timeout=WAIT_MS)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ct_chest_lidc0314_60", "mr_t1_studyforrest_64"])
def test_real_series_in_three_planes(
    open_window: OpenWindow, qtbot: QtBot, real_series: Callable[[str], Path], name: str
) -> None:
    window = open_window(analyze_automatically=False)
    window.open_paths([real_series(name)])
    volume_window = planes_by_key(window, qtbot)
    planes, volume = volume_window.planes, volume_window.volume
    assert planes is not None
    assert volume is not None
    assert not volume.corrections
    for plane in Plane:
        planes.step(plane, 5)
        assert planes.view(plane)._picture is not None
    assert planes.settled
    press(window, Qt.Key.Key_End)
    assert volume_window.volume is volume
    volume_window.close()
    qtbot.waitUntil(lambda: not window.session.jobs.active, timeout=WAIT_MS)
