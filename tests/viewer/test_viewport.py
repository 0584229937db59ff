"""What links know of a viewport: nothing while another series is on its way."""

from __future__ import annotations

from pytestqt.qtbot import QtBot
from reading_room import beside, rest, series_of

from core.linking import Gaze
from core.session import Session
from viewer.main_window import MainWindow


def test_a_viewport_on_its_way_to_another_series_is_linked_to_nothing(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(two_series)
    assert side.viewport.linked is not None
    assert side.viewport.linked.series_instance_uid == series_of(session, 2).series_instance_uid
    side.stack._memory.clear()
    session._memory.clear()
    side.stack.show(series_of(session, 1), 3)
    assert side.viewport.linked is None
    assert side.viewport.grey_scale is None
    rest(session, qtbot)
    assert side.viewport.linked is not None
    assert side.viewport.linked.series_instance_uid == series_of(session, 1).series_instance_uid


def test_the_plane_is_that_of_the_image_on_its_way(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    main = two_series.desk.main
    assert main.plane is not None
    assert main.plane.distance_mm == -100
    assert main.plane is main.plane
    session.show_frame(5)
    assert main.plane.distance_mm == -80
    rest(session, qtbot)
    assert main.plane.distance_mm == -80


def test_looking_from_elsewhere_keeps_turns_and_mirrors(two_series: MainWindow) -> None:
    main = two_series.desk.main
    main.comparison.turn(1)
    main.look(Gaze(3.0, 4.0, 2.0, quarter_turns=3, flipped=True))
    view = main.comparison.viewpoint
    assert (view.row, view.column, view.zoom, view.quarter_turns, view.flipped) == (3.0, 4.0, 2.0, 1, False)


def test_nothing_open_is_nothing_to_link(window: MainWindow) -> None:
    main = window.desk.main
    assert (main.place, main.plane, main.linked, main.grey_scale) == (None, None, None, None)
