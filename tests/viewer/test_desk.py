"""The desk through the real window: layouts, series beside the image, links, hanging, the active viewport."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from phantoms import write_chest_film, write_ct_series
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from reading_room import beside, distance_mm, go_to, rest, series_of, write_films, write_two_series

from core.hanging import Layout
from core.imaging.frame import Window
from core.linking import LinkKind, LinkMode, Relation
from core.session import Session
from core.study_list import rows_of
from viewer.image_view import ImageView
from viewer.main_window import MainWindow
from viewer.series_drag import mime_of
from viewer.wish import Panel


@pytest.fixture
def window(session: Session, qtbot: QtBot) -> MainWindow:
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    return made


def command(window: MainWindow, name: str) -> QAction:
    action = window.findChild(QAction, name)
    assert isinstance(action, QAction)
    return action


def original(viewport: object) -> ImageView:
    return viewport.comparison._views[Panel.ORIGINAL]  # type: ignore[attr-defined]  # a viewport or a side


@pytest.fixture
def series(window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """Two CT series of one frame of reference beside each other; the first is active."""
    write_two_series(tmp_path / "ct")
    session.open([tmp_path / "ct"])
    rest(session, qtbot)
    session.select(*series_of(session, 1).images[0])
    rest(session, qtbot)
    command(window, "layout_beside").trigger()
    rest(session, qtbot)
    return window


@pytest.fixture
def films(window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """A film and its prior beside each other."""
    now, before = write_films(tmp_path)
    session.open([now, before])
    rest(session, qtbot)
    go_to(session, now, qtbot)
    command(window, "prior").trigger()
    rest(session, qtbot)
    return window


# --- layouts -----------------------------------------------------------------------------------------


def test_a_film_opens_in_three_panels_and_a_stack_alone(
    window: MainWindow, opened: Callable[..., Session], film: Path, tmp_path: Path
) -> None:
    opened(film)
    assert window.desk.layout_shown == Layout(1, 1, "all")
    write_ct_series(tmp_path / "ct")
    opened(tmp_path / "ct")
    assert window.desk.layout_shown == Layout(1, 1, "original")
    opened(film)
    assert window.desk.layout_shown == Layout(1, 1, "all")


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [("beside", 1, 2), ("above", 2, 1), ("four", 2, 2), ("three", 1, 3), ("six", 2, 3), ("one", 1, 1)],
)
def test_each_layout_has_its_viewports_on_the_desk(
    window: MainWindow,
    opened: Callable[..., Session],
    tmp_path: Path,
    qtbot: QtBot,
    name: str,
    rows: int,
    columns: int,
) -> None:
    write_two_series(tmp_path / "ct")
    session = opened(tmp_path / "ct")
    command(window, f"layout_{name}").trigger()
    rest(session, qtbot)
    desk = window.desk
    assert command(window, f"layout_{name}").isChecked()
    assert desk.layout_shown == Layout(rows, columns, "original")
    places = [widget.geometry() for widget in (desk.comparison, *desk.sides)]
    assert len(places) == rows * columns
    assert len({place.left() for place in places}) == columns
    assert len({place.top() for place in places}) == rows
    for number, place in enumerate(places):
        assert desk.rect().contains(place)
        assert not any(place.intersects(other) for other in places[number + 1 :])


def test_new_viewports_are_filled_with_the_other_series_and_then_left_empty(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    assert beside(series).stack.place[2].series_number == 2  # type: ignore[index]  # shown
    command(series, "layout_four").trigger()
    rest(session, qtbot)
    assert beside(series).stack.place[2].series_number == 2  # type: ignore[index]  # still shown
    assert [side.stack.selection for side in series.desk.sides[1:]] == [None, None]


def test_the_layout_of_each_modality_is_remembered(
    window: MainWindow,
    session: Session,
    opened: Callable[..., Session],
    film: Path,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    write_two_series(tmp_path / "ct")
    opened(tmp_path / "ct")
    QTest.keyClick(window, Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
    opened(film)
    assert window.desk.layout_shown == Layout(1, 1, "all")
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert json.loads(session.settings.layouts) == {"CT": "2x1 original", "DX": "1x1 original"}
    go_to(session, series_of(session, 2).images[0][0].path, qtbot)
    assert window.desk.layout_shown == Layout(2, 1, "original")
    assert beside(window).stack.selection is not None
    command(window, "forget_layouts").trigger()
    assert session.settings.layouts == ""
    assert window.desk.layout_shown == Layout(1, 1, "original")


def test_a_double_click_shows_one_viewport_alone_and_all_again(series: MainWindow) -> None:
    side = beside(series)
    view = original(side)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=view.viewport.center())
    assert side.geometry() == series.desk.rect()
    assert not series.comparison.isVisible()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=view.viewport.center())
    assert series.comparison.isVisible()
    assert side.isVisible()


def test_a_double_click_on_the_twin_shows_the_twin_alone_and_is_not_remembered(
    window: MainWindow, session: Session, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    twin = window.comparison._views[Panel.TWIN]
    QTest.mouseDClick(twin, Qt.MouseButton.LeftButton, pos=twin.viewport.center())
    assert window.comparison.alone is Panel.TWIN
    QTest.mouseDClick(twin, Qt.MouseButton.LeftButton, pos=twin.viewport.center())
    assert window.comparison.alone is None
    assert session.settings.layouts == ""


def test_viewports_that_are_taken_away_leave_nothing(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    def settle() -> int:
        rest(session, qtbot)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()
        gc.collect()
        return len(QApplication.allWidgets())

    before, gone = settle(), []
    for _ in range(5):
        series.desk.choose_grid(2, 2)
        gone += [weakref.ref(side) for side in series.desk.sides[1:]]
        series.desk.choose_grid(1, 2)
    assert settle() == before
    assert not [one for one in gone if one() is not None]


# --- series beside each other -----------------------------------------------------------------------


def test_a_series_is_dropped_where_the_mouse_lets_it_go(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    (row,) = rows_of(series_of(session, 1))
    data = mime_of(row)  # the event keeps no hold of it
    side = beside(series)
    drop = QDropEvent(
        QPointF(side.geometry().center()),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    series.desk.dropEvent(drop)
    rest(session, qtbot)
    assert side.stack.place[2].series_number == 1  # type: ignore[index]  # shown
    assert series.desk.active is side.viewport
    assert drop.isAccepted()


def test_a_series_shown_beside_from_the_list_divides_the_desk(
    window: MainWindow, opened: Callable[..., Session], tmp_path: Path, qtbot: QtBot
) -> None:
    write_two_series(tmp_path / "ct")
    session = opened(tmp_path / "ct")
    session.select(*series_of(session, 1).images[0])
    (row,) = rows_of(series_of(session, 2))
    window.browser.besideWanted.emit(row)
    rest(session, qtbot)
    assert window.desk.layout_shown == Layout(1, 2, "original")
    assert beside(window).stack.place[2].series_number == 2  # type: ignore[index]  # shown
    command(window, "close_viewport").trigger()
    assert window.desk.layout_shown == Layout(1, 1, "original")


def test_the_prior_stands_beside_under_its_own_name_and_date(films: MainWindow, session: Session) -> None:
    side = beside(films)
    content = original(side)._content
    assert content.title == "PRIOR 2025-01-10"
    assert "2025-01-10" in content.corners.top_left
    assert not side.other_patient
    assert films.desk.layout_shown.columns == 2
    assert original(films)._content.title == "ORIGINAL"
    assert session.reading.shown is not None
    assert side.comparison._wish.answer is None


def test_without_a_prior_the_reader_is_told(
    window: MainWindow, opened: Callable[..., Session], film: Path
) -> None:
    opened(film)
    command(window, "prior").trigger()
    assert "No earlier study" in window.messages.text
    assert window.desk.sides == ()


def test_a_prior_of_another_patient_is_never_hung(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    now, before = write_films(tmp_path, other_patient=True)
    session.open([now, before])
    rest(session, qtbot)
    go_to(session, now, qtbot)
    command(window, "prior").trigger()
    assert "No earlier study" in window.messages.text


def test_another_patient_beside_the_image_is_called_so_in_alarm(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    now, before = write_films(tmp_path, other_patient=True)
    session.open([now, before])
    rest(session, qtbot)
    go_to(session, now, qtbot)
    other = next(one for one in session.index.series if one.images[0][0].path == before)  # type: ignore[union-attr]  # opened
    (row,) = rows_of(other)
    window.browser.besideWanted.emit(row)
    rest(session, qtbot)
    side = beside(window)
    assert side.other_patient
    assert "DIFFERENT PATIENT: Zebra, Zoe · Z-9" in side._alarm.text()
    assert "DIFFERENT PATIENT" in original(side)._content.status
    assert not original(side)._content.title.startswith("PRIOR")
    assert window.desk.linker.relation_of(side.viewport) is Relation.NONE
    # The session goes to that patient: nothing of the first one stays beside it.
    go_to(session, before, qtbot)
    assert all(side.stack.selection is None for side in window.desk.sides)


def test_nothing_of_one_patient_stays_beside_the_next(
    films: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    other = write_chest_film(tmp_path / "other.dcm", seed=5, patient_id="Q", patient_name="Quince^Q").path
    session.open([other])
    rest(session, qtbot)
    assert session.selection is not None
    assert session.selection.instance.path == other
    assert all(side.stack.selection is None for side in films.desk.sides)


def test_an_unreadable_image_beside_is_said_in_its_place(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(series)
    path = side.stack.selection.series.images[20][0].path  # type: ignore[union-attr]  # shown
    path.write_bytes(path.read_bytes()[:700])
    side.stack._memory.clear()
    side.stack.show(series_of(session, 2), 20)
    rest(session, qtbot)
    assert path.name in side._note.text()
    assert side._note.isVisible()
    assert series.messages.text == ""


# --- the active viewport -----------------------------------------------------------------------------


def test_commands_act_on_the_viewport_that_has_the_focus(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(series)
    command(series, "link_viewport").trigger()
    QTest.mouseClick(original(side), Qt.MouseButton.LeftButton, pos=original(side).viewport.center())
    assert series.desk.active is side.viewport
    QTest.keyClick(original(side), Qt.Key.Key_End)
    rest(session, qtbot)
    QTest.keyClick(original(side), Qt.Key.Key_I)
    QTest.keyClick(original(side), Qt.Key.Key_2)
    QTest.keyClick(original(side), Qt.Key.Key_R)
    assert side.stack.selection.position == 23  # type: ignore[union-attr]  # shown
    assert side.stack.invert
    assert side.stack.grey == side.stack.presets[1].grey
    assert side.comparison.viewpoint.quarter_turns == 1
    assert session.selection.position == 0  # type: ignore[union-attr]  # shown
    assert not session.invert
    assert series.comparison.viewpoint.quarter_turns == 0


def test_the_keyboard_goes_from_viewport_to_viewport(series: MainWindow) -> None:
    desk = series.desk
    QTest.keyClick(series, Qt.Key.Key_F6)
    assert desk.active is beside(series).viewport
    assert QApplication.focusWidget() is original(beside(series))
    QTest.keyClick(series, Qt.Key.Key_F6)
    assert desk.active is desk.main


def test_the_active_viewport_is_seen_to_be_so(series: MainWindow) -> None:
    desk = series.desk

    def edge(place: int) -> str:
        corner = desk._cell(place).topLeft()
        return desk.grab().toImage().pixelColor(corner).name()

    assert (edge(0), edge(1)) == ("#4fc3e8", "#16181b")
    desk.activate_next()
    assert (edge(0), edge(1)) == ("#16181b", "#4fc3e8")


def test_the_wheel_scrolls_what_is_under_it_and_makes_it_active(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(series)
    command(series, "link_viewport").trigger()
    view = original(side)
    event = QWheelEvent(
        QPointF(view.viewport.center()),
        QPointF(view.mapToGlobal(view.viewport.center())),
        QPoint(),
        QPoint(0, -240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)
    rest(session, qtbot)
    assert side.stack.selection.position == 2  # type: ignore[union-attr]  # shown
    assert series.desk.active is side.viewport
    assert session.selection.position == 0  # type: ignore[union-attr]  # shown


def test_the_next_series_comes_into_the_active_viewport(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    series.desk.activate_next()
    command(series, "previous_series").trigger()
    rest(session, qtbot)
    assert beside(series).stack.place[2].series_number == 1  # type: ignore[index]  # shown
    assert session.selection.series.series_number == 1  # type: ignore[union-attr]  # as before


# --- links -------------------------------------------------------------------------------------------


def test_scrolling_one_series_brings_the_other_to_the_same_place(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(series)
    assert series.desk.linker.relation_of(series.desk.main) is Relation.PLACE
    series.desk.step_image(3)
    rest(session, qtbot)
    assert distance_mm(session) == distance_mm(side.stack) == -88
    series.desk.activate_next()
    series.desk.step_image(5)
    rest(session, qtbot)
    assert distance_mm(side.stack) == -78
    assert distance_mm(session) == -80  # the nearest that it has; and it leads nobody back
    series.desk.show_frame(10**9)
    rest(session, qtbot)
    assert distance_mm(side.stack) == -54
    assert distance_mm(session) == -56


def test_a_new_series_comes_to_the_place_of_the_one_that_stays(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    """Weasis #840: links were lost when a viewport got another series."""
    series.desk.step_image(6)
    rest(session, qtbot)
    side = beside(series)
    side.stack.show(series_of(session, 1))
    rest(session, qtbot)
    assert distance_mm(side.stack) == distance_mm(session) == -76
    side.stack.show(series_of(session, 2))
    rest(session, qtbot)
    assert distance_mm(side.stack) == -76
    series.desk.activate(series.desk.main)
    series.desk.step_image(-2)
    rest(session, qtbot)
    assert distance_mm(side.stack) == distance_mm(session) == -84
    session.select(*series_of(session, 2).images[0])
    rest(session, qtbot)
    assert distance_mm(session) == -84


def test_pan_and_zoom_show_the_same_place_at_the_same_scale(series: MainWindow) -> None:
    """Weasis #700."""
    side = beside(series)
    series.desk.zoom_by(2.0)
    view = original(series)
    start = view.viewport.center()
    QTest.mousePress(view, Qt.MouseButton.MiddleButton, pos=start)
    QTest.mouseMove(view, start + QPoint(30, 10))
    QTest.mouseRelease(view, Qt.MouseButton.MiddleButton, pos=start + QPoint(30, 10))
    here, there = series.desk.main, side.viewport
    one, other = here.comparison.viewpoint, there.comparison.viewpoint
    assert here.plane is not None
    assert there.plane is not None
    place, seen = here.plane.to_patient(one.row, one.column), there.plane.to_patient(other.row, other.column)
    assert seen[:2] == pytest.approx(place[:2])
    assert other.zoom / 1.4 == pytest.approx(one.zoom / 0.7)
    series.desk.activate_next()
    series.desk.zoom_by(1.5)
    assert here.comparison.viewpoint.zoom / 0.7 == pytest.approx(there.comparison.viewpoint.zoom / 1.4)


def test_reset_turn_and_mirror_are_shared(series: MainWindow) -> None:
    """Weasis #848: a reset left the other viewport where it was."""
    side = beside(series)
    series.desk.turn(1)
    series.desk.mirror(left_right=True)
    series.desk.zoom_by(3.0)
    assert side.comparison.viewpoint.quarter_turns == series.comparison.viewpoint.quarter_turns != 0
    assert side.comparison.viewpoint.flipped
    QTest.keyClick(series.desk, Qt.Key.Key_Escape)
    for viewport in series.desk.viewports:
        view = viewport.comparison.viewpoint
        assert (view.quarter_turns, view.flipped) == (0, False)
    fitted = series.comparison.viewpoint.zoom
    assert side.comparison.viewpoint.zoom / 1.4 == pytest.approx(fitted / 0.7)


def test_presets_windows_and_inversion_are_shared_at_once(series: MainWindow, session: Session) -> None:
    """Weasis #860: a preset showed in the other viewport only after scrolling."""
    side = beside(series)
    lung = next(number for number, one in enumerate(session.presets) if one.name == "LUNG")
    before = original(side).grab().toImage()
    QTest.keyClick(series.desk, Qt.Key(Qt.Key.Key_1 + lung))
    assert side.stack.grey == next(one.grey for one in side.stack.presets if one.name == "LUNG")
    assert original(side).grab().toImage() != before
    series.comparison.windowed.emit(Window(-900, 200), False)
    assert side.stack.grey == session.grey == Window(-900, 200)
    QTest.keyClick(series.desk, Qt.Key.Key_I)
    assert side.stack.invert
    command(series, "reset_window").trigger()
    assert (side.stack.grey.center, session.grey.center) == (50, 40)  # type: ignore[union-attr]  # each file's own window
    assert not side.stack.invert
    series.desk.activate_next()
    QTest.keyClick(series.desk, Qt.Key.Key_I)
    assert session.invert


def test_a_viewport_can_go_its_own_way_and_come_back(
    series: MainWindow, session: Session, qtbot: QtBot
) -> None:
    side = beside(series)
    controls = series.desk._controls[side.viewport]
    assert "same place" in controls.link.toolTip()
    QTest.mouseClick(controls.link, Qt.MouseButton.LeftButton)
    assert side.viewport.mode is LinkMode.OFF
    assert "as you chose" in controls.link.toolTip()
    series.desk.activate(series.desk.main)
    series.desk.step_image(4)
    series.desk.zoom_by(2.0)
    series.comparison.windowed.emit(Window(1, 200), False)
    rest(session, qtbot)
    assert distance_mm(side.stack) == -100
    assert side.stack.grey != session.grey
    QTest.mouseClick(controls.link, Qt.MouseButton.LeftButton)
    rest(session, qtbot)
    assert distance_mm(side.stack) == distance_mm(session) == -84
    assert side.comparison.viewpoint.zoom / 1.4 == pytest.approx(series.comparison.viewpoint.zoom / 0.7)


@pytest.mark.parametrize("kind", LinkKind)
def test_each_kind_of_link_can_be_switched_off_for_all(
    series: MainWindow, session: Session, qtbot: QtBot, kind: LinkKind
) -> None:
    side = beside(series)
    command(series, f"link_{kind.value}").trigger()
    assert not command(series, f"link_{kind.value}").isChecked()
    assert kind.value not in session.settings.links.split()
    view = side.comparison.viewpoint
    series.desk.step_image(4)
    series.comparison.windowed.emit(Window(1, 200), False)
    series.desk.zoom_by(2.0)
    series.desk.center_on(3.0, 4.0)
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


def test_films_move_together_only_when_the_reader_links_them(films: MainWindow) -> None:
    side = beside(films)
    before = side.comparison.viewpoint
    films.desk.zoom_by(1.5)
    assert side.comparison.viewpoint == before
    command(films, "link_viewport").trigger()
    films.desk.zoom_by(2.0)
    films.desk.center_on(films.comparison.viewpoint.row + 30, films.comparison.viewpoint.column - 20)
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


# --- hanging -----------------------------------------------------------------------------------------


def test_a_prior_that_is_found_later_still_comes_to_its_place(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    window.resize(2200, 900)
    now, before = write_films(tmp_path)
    session.open([now])
    rest(session, qtbot)
    assert window.desk.layout_shown == Layout(1, 1, "all")
    shown = session.frame
    session.open([before])
    rest(session, qtbot)
    go_to(session, now, qtbot)
    assert window.desk.layout_shown == Layout(1, 2, "all")
    assert beside(window).stack.place[1].study_date == "20250110"  # type: ignore[index]  # shown
    assert shown is not None


def test_what_the_reader_changed_is_not_hung_anew(
    series: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    before = series.desk.layout_shown
    write_ct_series(tmp_path / "more", 3, series_number=7)
    session.open([tmp_path / "more"])
    rest(session, qtbot)
    assert series.desk.layout_shown == before


def test_a_protocol_of_the_reader_hangs_with_preset_and_zoom(
    session: Session,
    opened: Callable[..., Session],
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = tmp_path / "config"
    (config / "healthytwin").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(config))
    (config / "healthytwin" / "hanging.toml").write_text(
        '[[protocol]]\nname = "Lungs"\nmodality = ["CT"]\nlayout = "1x2"\npanels = "original"\n'
        'beside = ["next series"]\npreset = "LUNG"\nzoom = "one to one"\n'
    )
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.show()
    write_two_series(tmp_path / "ct")
    opened(tmp_path / "ct")
    assert made.desk.layout_shown == Layout(1, 2, "original")
    assert session.grey == next(one.grey for one in session.presets if one.name == "LUNG")
    assert made.comparison.viewpoint.zoom == pytest.approx(1.0)


def test_a_broken_protocol_file_is_said_at_the_start(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "healthytwin").mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "healthytwin" / "hanging.toml").write_text('[[protocol]]\nname = "x"\nlayout = "9x9"\n')
    made = MainWindow(session)
    qtbot.addWidget(made)
    assert "Hanging protocol “x”" in made.messages.text


def test_the_tool_is_the_same_in_every_viewport(series: MainWindow) -> None:
    command(series, "tool_pan").trigger()
    command(series, "layout_four").trigger()
    assert {view._tool for viewport in series.desk.viewports for view in viewport.comparison._views} == {
        series.tool
    }


def test_corner_texts_are_hidden_everywhere(series: MainWindow, session: Session) -> None:
    session.change_settings(replace(session.settings, show_corner_texts=False))
    assert not original(beside(series))._texts_visible
