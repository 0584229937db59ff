"""Linked viewports: the same place, scale and window, each with its way out; and each old complaint."""

from __future__ import annotations

from pathlib import Path

import pytest
from phantoms import write_ct_series
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from reading_room import (
    beside,
    command,
    distance_mm,
    original,
    rest,
    series_of,
    write_two_series,
)

from core.imaging.frame import Window
from core.linking import LinkKind, LinkMode, Relation
from core.session import Session
from viewer.main_window import MainWindow


def test_scrolling_one_series_brings_the_other_to_the_same_place(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(two_series)
    assert two_series.desk.linker.relation_of(two_series.desk.main) is Relation.PLACE
    two_series.desk.step_image(3)
    rest(session, qtbot)
    assert distance_mm(session) == distance_mm(side.stack) == -88
    two_series.desk.activate_next()
    two_series.desk.step_image(5)
    rest(session, qtbot)
    assert distance_mm(side.stack) == -78
    assert distance_mm(session) == -80  # the nearest that it has; and it leads nobody back
    two_series.desk.show_frame(10**9)
    rest(session, qtbot)
    assert distance_mm(side.stack) == -54
    assert distance_mm(session) == -56


def test_a_new_series_comes_to_the_place_of_the_one_that_stays(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    """Weasis #840: links were lost when a viewport got another two_series."""
    two_series.desk.step_image(6)
    rest(session, qtbot)
    side = beside(two_series)
    side.stack.show(series_of(session, 1))
    rest(session, qtbot)
    assert distance_mm(side.stack) == distance_mm(session) == -76
    side.stack.show(series_of(session, 2))
    rest(session, qtbot)
    assert distance_mm(side.stack) == -76
    two_series.desk.activate(two_series.desk.main)
    two_series.desk.step_image(-2)
    rest(session, qtbot)
    assert distance_mm(side.stack) == distance_mm(session) == -84
    session.select(*series_of(session, 2).images[0])
    rest(session, qtbot)
    assert distance_mm(session) == -84


def test_pan_and_zoom_show_the_same_place_at_the_same_scale(two_series: MainWindow) -> None:
    """Weasis #700."""
    side = beside(two_series)
    two_series.desk.zoom_by(2.0)
    view = original(two_series)
    start = view.viewport.center()
    QTest.mousePress(view, Qt.MouseButton.MiddleButton, pos=start)
    QTest.mouseMove(view, start + QPoint(30, 10))
    QTest.mouseRelease(view, Qt.MouseButton.MiddleButton, pos=start + QPoint(30, 10))
    here, there = two_series.desk.main, side.viewport
    one, other = here.comparison.viewpoint, there.comparison.viewpoint
    assert here.plane is not None
    assert there.plane is not None
    place, seen = here.plane.to_patient(one.row, one.column), there.plane.to_patient(other.row, other.column)
    assert seen[:2] == pytest.approx(place[:2])
    assert other.zoom / 1.4 == pytest.approx(one.zoom / 0.7)
    two_series.desk.activate_next()
    two_series.desk.zoom_by(1.5)
    assert here.comparison.viewpoint.zoom / 0.7 == pytest.approx(there.comparison.viewpoint.zoom / 1.4)


def test_reset_turn_and_mirror_are_shared(two_series: MainWindow) -> None:
    """Weasis #848: a reset left the other viewport where it was."""
    side = beside(two_series)
    two_series.desk.turn(1)
    two_series.desk.mirror(left_right=True)
    two_series.desk.zoom_by(3.0)
    assert side.comparison.viewpoint.quarter_turns == two_series.comparison.viewpoint.quarter_turns != 0
    assert side.comparison.viewpoint.flipped
    QTest.keyClick(two_series.desk, Qt.Key.Key_Escape)
    for viewport in two_series.desk.viewports:
        view = viewport.comparison.viewpoint
        assert (view.quarter_turns, view.flipped) == (0, False)
    fitted = two_series.comparison.viewpoint.zoom
    assert side.comparison.viewpoint.zoom / 1.4 == pytest.approx(fitted / 0.7)


def test_presets_windows_and_inversion_are_shared_at_once(two_series: MainWindow, session: Session) -> None:
    """Weasis #860: a preset showed in the other viewport only after scrolling."""
    side = beside(two_series)
    lung = next(number for number, one in enumerate(session.presets) if one.name == "LUNG")
    before = original(side).grab().toImage()
    QTest.keyClick(two_series.desk, Qt.Key(Qt.Key.Key_1 + lung))
    assert side.stack.grey == next(one.grey for one in side.stack.presets if one.name == "LUNG")
    assert original(side).grab().toImage() != before
    two_series.comparison.windowed.emit(Window(-900, 200), False)
    assert side.stack.grey == session.grey == Window(-900, 200)
    QTest.keyClick(two_series.desk, Qt.Key.Key_I)
    assert side.stack.invert
    command(two_series, "reset_window").trigger()
    assert (side.stack.grey.center, session.grey.center) == (50, 40)  # type: ignore[union-attr]  # each file's own window
    assert not side.stack.invert
    two_series.desk.activate_next()
    QTest.keyClick(two_series.desk, Qt.Key.Key_I)
    assert session.invert


def test_a_viewport_can_go_its_own_way_and_come_back(
    two_series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(two_series)
    controls = two_series.desk._controls[side.viewport]
    assert "same place" in controls.link.toolTip()
    QTest.mouseClick(controls.link, Qt.MouseButton.LeftButton)
    assert side.viewport.mode is LinkMode.OFF
    assert "as you chose" in controls.link.toolTip()
    two_series.desk.activate(two_series.desk.main)
    two_series.desk.step_image(4)
    two_series.desk.zoom_by(2.0)
    two_series.comparison.windowed.emit(Window(1, 200), False)
    rest(session, qtbot)
    assert distance_mm(side.stack) == -100
    assert side.stack.grey != session.grey
    QTest.mouseClick(controls.link, Qt.MouseButton.LeftButton)
    rest(session, qtbot)
    assert distance_mm(side.stack) == distance_mm(session) == -84
    assert side.comparison.viewpoint.zoom / 1.4 == pytest.approx(two_series.comparison.viewpoint.zoom / 0.7)


@pytest.mark.parametrize("kind", LinkKind)
def test_each_kind_of_link_can_be_switched_off_for_all(
    two_series: MainWindow, session: Session, qtbot: QtBot, kind: LinkKind
) -> None:
    side = beside(two_series)
    command(two_series, f"link_{kind.value}").trigger()
    assert not command(two_series, f"link_{kind.value}").isChecked()
    assert kind.value not in session.settings.links.split()
    view = side.comparison.viewpoint
    two_series.desk.step_image(4)
    two_series.comparison.windowed.emit(Window(1, 200), False)
    two_series.desk.zoom_by(2.0)
    two_series.desk.center_on(3.0, 4.0)
    rest(session, qtbot)
    after = side.comparison.viewpoint
    assert (distance_mm(side.stack) == -84) is (kind is not LinkKind.SCROLL)
    assert (side.stack.grey == session.grey) is (kind is not LinkKind.WINDOW)
    assert (after.zoom != view.zoom) is (kind is not LinkKind.ZOOM)
    assert ((after.row, after.column) != (view.row, view.column)) is (kind is not LinkKind.PAN)


def test_series_of_another_frame_of_reference_are_linked_only_by_hand(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    write_two_series(tmp_path / "ct", shared=False)
    session.open([tmp_path / "ct"])
    rest(session, qtbot)
    session.select(*series_of(session, 1).images[0])
    command(window, "layout_beside").trigger()
    rest(session, qtbot)
    side = beside(window)
    assert window.desk.linker.relation_of(side.viewport) is Relation.NONE
    window.desk.step_image(2)
    rest(session, qtbot)
    assert distance_mm(side.stack) == -100
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.AltModifier)
    assert window.desk.linker.relation_of(side.viewport) is Relation.HAND
    assert window.desk._controls[side.viewport].link.text() == "by hand"
    window.desk.step_image(3)
    rest(session, qtbot)
    assert distance_mm(session) == -80
    assert distance_mm(side.stack) == -88  # 12 mm on, as the session's, with the 8 mm of before between them


def test_films_move_together_only_when_the_reader_links_them(film_and_prior: MainWindow) -> None:
    side = beside(film_and_prior)
    before = side.comparison.viewpoint
    film_and_prior.desk.zoom_by(1.5)
    assert side.comparison.viewpoint == before
    command(film_and_prior, "link_viewport").trigger()
    film_and_prior.desk.zoom_by(2.0)
    film_and_prior.desk.center_on(
        film_and_prior.comparison.viewpoint.row + 30, film_and_prior.comparison.viewpoint.column - 20
    )
    after = side.comparison.viewpoint
    assert after.zoom == pytest.approx(2 * before.zoom)
    assert (after.row - before.row, after.column - before.column) == pytest.approx((30, -20))


def test_a_viewport_says_when_it_has_no_slice_at_the_place(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    write_ct_series(tmp_path / "long", 20, series_number=1, spacing_mm=4.0)
    write_ct_series(tmp_path / "short", 4, series_number=2, spacing_mm=4.0)
    session.open([tmp_path])
    rest(session, qtbot)
    session.select(*series_of(session, 1).images[0])
    command(window, "layout_beside").trigger()
    rest(session, qtbot)
    side = beside(window)
    window.desk.show_frame(2)
    rest(session, qtbot)
    assert side.comparison._wish.aside == ""
    window.desk.show_frame(10)
    rest(session, qtbot)
    assert side.stack.selection.position == 3  # type: ignore[union-attr]  # its last
    assert "28 mm away" in "".join(original(side)._content.corners.top_right)
