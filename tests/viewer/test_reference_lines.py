"""Lines where the planes of other viewports cut an image: in their place, and only where they are true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from marked_volumes import AXIAL, CORONAL, Acquisition, write_series
from pytestqt.qtbot import QtBot
from reading_room import beside, original, rest, series_of

from core.session import Session
from viewer.guides import Cut
from viewer.main_window import MainWindow
from viewer.theme import Colour


@pytest.fixture
def crossed(window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """An axial and a coronal series of one frame of reference."""
    shared = {"FrameOfReferenceUID": "1.2.3", "StudyInstanceUID": "1.2.4"}
    for number, (name, directions) in enumerate((("axial", AXIAL), ("coronal", CORONAL)), 1):
        write_series(
            tmp_path / name,
            Acquisition(directions=directions),
            SeriesNumber=number,
            SeriesDescription=name,
            **shared,
        )
    session.open([tmp_path])
    rest(session, qtbot)
    session.select(*series_of(session, 1).images[0])
    window.desk.choose_grid(1, 2)
    rest(session, qtbot)
    return window


def cuts(window: MainWindow, qtbot: QtBot, place: int | None = None) -> tuple[Cut, ...]:
    qtbot.waitUntil(lambda: not window.desk._cuts.isActive())
    return original(window if place is None else beside(window, place))._cuts


def test_each_image_shows_where_the_other_plane_lies(
    crossed: MainWindow, session: Session, qtbot: QtBot
) -> None:
    crossed.desk.step_image(7)
    rest(session, qtbot)
    (line,) = cuts(crossed, qtbot, 0)
    main = crossed.desk.main
    side = beside(crossed).viewport
    assert main.plane is not None
    assert side.plane is not None
    for end in (line.start, line.end):
        assert main.plane.from_patient(side.plane.to_patient(*end))[0] == pytest.approx(0, abs=1e-6)
    assert line.colour is Colour.ACCENT
    before = line
    crossed.desk.step_image(3)
    rest(session, qtbot)
    (line,) = cuts(crossed, qtbot, 0)
    assert line != before


def test_the_active_plane_is_the_bright_one(crossed: MainWindow, qtbot: QtBot) -> None:
    crossed.desk.activate_next()
    assert [cut.colour for cut in cuts(crossed, qtbot, 0)] == [Colour.QUIET]
    assert [cut.colour for cut in cuts(crossed, qtbot)] == [Colour.ACCENT]


def test_the_lines_are_there_for_viewports_that_go_their_own_way(crossed: MainWindow, qtbot: QtBot) -> None:
    crossed.desk.toggle_link()
    assert len(cuts(crossed, qtbot, 0)) == 1


def test_the_lines_can_be_switched_off(crossed: MainWindow, session: Session, qtbot: QtBot) -> None:
    session.change_settings(replace(session.settings, reference_lines=False))
    assert cuts(crossed, qtbot) == cuts(crossed, qtbot, 0) == ()
    session.change_settings(replace(session.settings, reference_lines=True))
    assert len(cuts(crossed, qtbot)) == 1


def test_parallel_planes_draw_no_lines(two_series: MainWindow, qtbot: QtBot) -> None:
    assert cuts(two_series, qtbot) == cuts(two_series, qtbot, 0) == ()


def test_the_lines_are_seen(crossed: MainWindow, session: Session, qtbot: QtBot) -> None:
    assert cuts(crossed, qtbot, 0)
    view = original(beside(crossed))
    qtbot.waitUntil(lambda: not session.jobs.active)
    with_lines = view.grab().toImage()
    view.set_cuts(())
    assert view.grab().toImage() != with_lines
