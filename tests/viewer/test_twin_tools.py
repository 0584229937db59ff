"""Flicker, curtain and lens through mouse and keys, in every layout, and what ends them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from twin_cases import answer as answer_of
from twin_cases import compared, film, give_twin, opinion, shot, view_of

from viewer.comparison import Comparison
from viewer.curtain import Curtain
from viewer.language import speak
from viewer.lens import Lens
from viewer.theme import Colour
from viewer.viewpoint import Viewpoint
from viewer.wish import Panel

FRAME = film()
ANALYSIS = opinion(FRAME)


@pytest.fixture
def comparison(qtbot: QtBot) -> Iterator[Comparison]:
    widget = compared(qtbot, FRAME, ANALYSIS)
    yield widget
    widget.twin_tools.blink.stop()
    widget.close()


def edge_of(comparison: Comparison, panel: Panel = Panel.ORIGINAL) -> QPoint:
    """A place on the edge, in widget coordinates."""
    view, curtain = view_of(comparison, panel), comparison.twin_tools.curtain
    assert curtain is not None
    along = curtain.edge_px(view.mapping)
    spot = QPointF(along, 200) if curtain.upright else QPointF(60, along)
    return (spot + QPointF(view.viewport.topLeft())).toPoint()


@pytest.mark.parametrize("upright", [True, False])
def test_the_edge_is_dragged_and_the_window_stays(
    qtbot: QtBot, comparison: Comparison, upright: bool
) -> None:
    tools, view = comparison.twin_tools, view_of(comparison, Panel.ORIGINAL)
    tools.set_curtain(Curtain(0.5, upright))
    windows: list[object] = []
    comparison.windowed.connect(lambda window, invert: windows.append(window))
    start = edge_of(comparison)
    step = QPoint(60, 0) if upright else QPoint(0, 60)
    qtbot.mouseMove(view, start)
    assert view.cursor().shape() in {Qt.CursorShape.SplitHCursor, Qt.CursorShape.SplitVCursor}
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, start + step)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + step)
    assert (edge_of(comparison) - start - step).manhattanLength() <= 2
    assert windows == []
    away = start + step * 2
    qtbot.mouseMove(view, away)
    assert view.cursor().shape() is Qt.CursorShape.CrossCursor
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=away)
    qtbot.mouseMove(view, away + QPoint(20, 20))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=away + QPoint(20, 20))
    assert windows, "beside the edge the panel's own tool works"


def test_arrows_move_the_edge_and_only_along_its_way(comparison: Comparison) -> None:
    tools, view = comparison.twin_tools, view_of(comparison, Panel.ORIGINAL)
    tools.set_curtain(Curtain(0.5))
    for focused in (view, comparison, view_of(comparison, Panel.DIFFERENCE)):
        before = tools.curtain
        assert before is not None
        focused.setFocus()
        QTest.keyClick(focused, Qt.Key.Key_Right)
        assert tools.curtain is not None
        assert tools.curtain.place == pytest.approx(before.place + 0.02)
    place = tools.curtain.place
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        override = QKeyEvent(QEvent.Type.ShortcutOverride, key, Qt.KeyboardModifier.NoModifier)
        override.ignore()
        QApplication.sendEvent(view, override)
        assert not override.isAccepted(), "these scroll through the images"
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert tools.curtain.place == place
    tools.turn_curtain()
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert tools.curtain.place == pytest.approx(place + 0.02)
    tools.set_curtain(None)
    override = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)
    override.ignore()
    QApplication.sendEvent(view, override)
    assert not override.isAccepted()


def test_the_curtain_stays_where_it_is_on_the_screen(comparison: Comparison) -> None:
    tools = comparison.twin_tools
    tools.set_curtain(Curtain(0.3))
    before = edge_of(comparison)
    comparison.set_viewpoint(Viewpoint(60, 60, 4.0, 1, True))
    assert edge_of(comparison) == before
    other = film(1)
    comparison.set_frame(other)
    assert view_of(comparison, Panel.ORIGINAL).veils == (), "no twin, nothing to show"
    analysis = opinion(other)
    comparison.set_answer(answer_of(analysis))
    assert view_of(comparison, Panel.ORIGINAL).veils == ()
    give_twin(comparison, other, analysis)
    assert len(view_of(comparison, Panel.ORIGINAL).veils) == 1
    assert edge_of(comparison) == before
    tools.toggle_curtain()
    assert tools.curtain is None
    tools.toggle_curtain()
    assert tools.curtain == Curtain(0.3)


def test_without_a_twin_the_edge_takes_neither_mouse_nor_keys(qtbot: QtBot, comparison: Comparison) -> None:
    tools, view = comparison.twin_tools, view_of(comparison, Panel.ORIGINAL)
    tools.set_curtain(Curtain(0.5))
    start = edge_of(comparison)
    comparison.set_answer(None)
    windows: list[object] = []
    comparison.windowed.connect(lambda window, invert: windows.append(window))
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(view, start + QPoint(40, 0))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert windows
    assert tools.curtain == Curtain(0.5)


def wheel(view: object, steps: int, modifiers: Qt.KeyboardModifier) -> None:
    spot = QPointF(150, 250)
    event = QWheelEvent(
        spot, spot, QPoint(), QPoint(0, 120 * steps), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)  # type: ignore[arg-type]  # a view


def test_shift_and_the_wheel_size_the_lens_and_the_wheel_alone_zooms(
    qtbot: QtBot, comparison: Comparison
) -> None:
    tools, view = comparison.twin_tools, view_of(comparison, Panel.ORIGINAL)
    zoom = comparison.viewpoint.zoom
    wheel(view, 1, Qt.KeyboardModifier.ShiftModifier)
    assert comparison.viewpoint.zoom > zoom, "without a lens it is the panel's wheel"
    tools.toggle_lens(difference=False)
    zoom = comparison.viewpoint.zoom
    with qtbot.waitSignal(tools.lensResized) as told:
        wheel(view, 2, Qt.KeyboardModifier.ShiftModifier)
    assert tools.lens is not None
    assert told.args == [tools.lens.radius_px]
    assert tools.lens.radius_px > Lens().radius_px
    assert comparison.viewpoint.zoom == zoom
    wheel(view, 1, Qt.KeyboardModifier.NoModifier)
    assert comparison.viewpoint.zoom > zoom
    tools.toggle_lens(difference=True)
    assert tools.lens == Lens(told.args[0], True), "its size stays"
    tools.toggle_lens(difference=True)
    assert tools.lens is None


def test_the_lens_follows_the_cursor_of_any_panel(qtbot: QtBot, comparison: Comparison) -> None:
    comparison.twin_tools.toggle_lens(difference=False)
    for panel in Panel:
        view = view_of(comparison, panel)
        spot = QPoint(120 + 9 * panel, 260)
        qtbot.mouseMove(view, spot)
        (veil,) = view_of(comparison, Panel.ORIGINAL).veils
        wanted = view.mapping.to_frame(*(spot - view.viewport.topLeft()).toTuple())
        assert veil.place == pytest.approx(wanted, abs=1e-6)  # type: ignore[attr-defined]  # a lens


@pytest.mark.parametrize("panel", Panel)
def test_each_panel_alone_shows_the_other_picture(comparison: Comparison, panel: Panel) -> None:
    """One panel on the screen: flicker, curtain and lens work in it."""
    twin = shot(view_of(comparison, Panel.TWIN))
    comparison.set_layout(panel)
    comparison.set_texts_visible(False)
    view, tools = view_of(comparison, panel), comparison.twin_tools
    own = shot(view)
    tools.hold(True)
    content = view._content
    other = "ORIGINAL" if panel is Panel.TWIN else "HEALTHY TWIN"
    assert content.title == other
    assert (content.border is Colour.TWIN) is (panel is not Panel.TWIN)
    assert (content.subtitle == "synthetic") is (panel is not Panel.TWIN)
    swapped = shot(view)
    assert (swapped != own).any()
    tools.hold(False)
    # What lies over the film is painted at once, and from its second painting on from a layer: rounding.
    assert np.abs(shot(view).astype(int) - own).max() <= 1
    tools.set_curtain(Curtain(0.5))
    half = shot(view)
    left, right = slice(40, own.shape[1] // 2 - 200), slice(own.shape[1] // 2 + 200, -40)
    originals, twins = (swapped, own) if panel is Panel.TWIN else (own, swapped)
    assert (half[150:, left] == originals[150:, left]).mean() > 0.99
    assert (half[150:, right] == twins[150:, right]).mean() > 0.99
    tools.set_curtain(None)
    tools.set_lens(Lens(80))
    assert len(view.veils) == 1
    assert (shot(view) != own).any()
    comparison.set_layout(None)
    assert [len(view_of(comparison, one).veils) for one in Panel] == [1, 0, 0]
    assert twin.size


def test_while_it_blinks_the_panel_says_so_and_the_twin_is_never_unnamed(
    qtbot: QtBot, comparison: Comparison
) -> None:
    view = view_of(comparison, Panel.ORIGINAL)
    comparison.twin_tools.set_blink_rate(4)
    seen = []
    comparison.toggle_blink()
    for _ in range(4):
        content, picture = view._content, view._picture
        assert content.status == "blinking at 4 Hz"
        is_twin = picture is comparison._twin
        assert (content.title, content.border is Colour.TWIN, content.subtitle == "synthetic") == (
            ("HEALTHY TWIN", True, True) if is_twin else ("ORIGINAL", False, False)
        )
        seen.append(is_twin)
        with qtbot.waitSignal(comparison.twin_tools.swapped, timeout=3000):
            pass
    assert seen == [True, False, True, False]
    comparison.twin_tools.set_blink_rate(1)
    assert view._content.status == "blinking at 1 Hz"
    comparison.toggle_blink()
    assert view._content.title == "ORIGINAL"
    assert "blinking" not in view._content.status


@pytest.mark.parametrize("what", ["frame", "answer", "opinion"])
def test_another_film_or_result_ends_the_blinking(qtbot: QtBot, comparison: Comparison, what: str) -> None:
    comparison.toggle_blink()
    assert comparison.twin_tools.blink.runs
    with qtbot.waitSignal(comparison.twin_tools.blinkStopped):
        if what == "frame":
            comparison.set_frame(film(2, rows=100, columns=90))
        elif what == "answer":
            comparison.set_answer(None)
        else:
            comparison.set_answer(answer_of(opinion(FRAME, "sr-anogan")))
    assert view_of(comparison, Panel.ORIGINAL)._content.title == "ORIGINAL"
    comparison.toggle_blink()
    assert not comparison.twin_tools.blink.runs, "there is no twin to blink with"


def test_the_curtain_is_not_seen_while_the_twin_is_whole(comparison: Comparison) -> None:
    comparison.twin_tools.set_curtain(Curtain(0.5))
    assert len(view_of(comparison, Panel.ORIGINAL).veils) == 1
    comparison.set_flicker(True)
    assert view_of(comparison, Panel.ORIGINAL).veils == ()
    comparison.set_flicker(False)
    assert len(view_of(comparison, Panel.ORIGINAL).veils) == 1
    assert np.asarray(shot(view_of(comparison, Panel.ORIGINAL))).any()


def test_the_panel_says_in_the_readers_language_that_it_blinks(
    qtbot: QtBot, comparison: Comparison, request: pytest.FixtureRequest
) -> None:
    request.addfinalizer(lambda: speak("English"))
    speak("Deutsch")
    comparison.twin_tools.set_blink_rate(4)
    comparison.twin_tools.blink.start()
    assert comparison.twin_tools.blink.runs
    assert view_of(comparison, Panel.ORIGINAL).content.status == "blinkt mit 4 Hz"
