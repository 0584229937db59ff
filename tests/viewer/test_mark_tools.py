"""Drawing and editing marks with the mouse in one view, however the film is turned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from core.imaging.display import default_grey
from core.imaging.frame import Frame, PixelSpacing, SpacingSource
from core.imaging.mark_geometry import handles_of
from core.imaging.marks import POINTS, Mark, MarkKind, Point
from core.imaging.measurements import Measured
from viewer.image_view import ImageView
from viewer.mark_tools import REACH_PX
from viewer.panel import PanelContent
from viewer.picture import Picture
from viewer.pointer import Tool
from viewer.theme import Colour
from viewer.toolbox import DRAWN
from viewer.viewpoint import Viewpoint

FRAME = Frame(
    np.random.default_rng(2).integers(0, 4096, (300, 400), dtype=np.uint16),
    spacing=PixelSpacing(0.5, 0.25, SpacingSource.PIXEL_SPACING),
)
LEFT = Qt.MouseButton.LeftButton
VIEWPOINTS = (
    Viewpoint(150, 200, 1.5),
    Viewpoint(150, 200, 1.2, quarter_turns=1),
    Viewpoint(140, 220, 1.7, quarter_turns=2, flipped=True),
    Viewpoint(150, 200, 0.9, quarter_turns=3, flipped=True),
)
Drawn = Callable[[], list[Mark]]


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ImageView]:
    widget = ImageView()
    qtbot.addWidget(widget)
    widget.resize(700, 760)
    picture = Picture.of_frame(FRAME)
    widget.set_picture(picture)
    widget.set_levels(picture.levels_of(default_grey(FRAME), False))
    _show(widget)
    widget.set_viewpoint(VIEWPOINTS[0])
    widget.show()
    yield widget
    widget.close()


def _show(view: ImageView, *marks: Mark, selected: str = "") -> None:
    content = PanelContent(
        "ORIGINAL",
        Colour.LINE,
        frame_shape=(300, 400),
        spacing=FRAME.spacing,
        marks=marks,
        selected_mark=selected,
        measured=Measured(FRAME),
    )
    view.set_content(content)
    view.grab()


def _at(view: ImageView, point: Point) -> QPoint:
    return view.viewport.topLeft() + QPointF(*view.mapping.to_screen(*point)).toPoint()


def _drag(qtbot: QtBot, view: ImageView, *way: QPoint) -> None:
    qtbot.mousePress(view, LEFT, pos=way[0])
    for place in way[1:]:
        qtbot.mouseMove(view, place)
    qtbot.mouseRelease(view, LEFT, pos=way[-1])


def _close(points: tuple[Point, ...], other: tuple[Point, ...], view: ImageView) -> bool:
    """Within a pixel of the screen."""
    one, two = (np.array([view.mapping.to_screen(*point) for point in some]) for some in (points, other))
    return bool(np.abs(one - two).max() <= 1.5)


SIX: tuple[Point, ...] = ((60, 190), (240, 195), (150, 150), (160, 260), (170, 90), (175, 320))


@pytest.mark.parametrize("viewpoint", VIEWPOINTS)
@pytest.mark.parametrize("tool", DRAWN)
def test_each_kind_is_drawn_where_the_mouse_went(
    qtbot: QtBot, view: ImageView, tool: Tool, viewpoint: Viewpoint
):
    heard: list[Mark] = []
    view.markDrawn.connect(heard.append)
    view.set_viewpoint(viewpoint)
    view.set_tool(tool)
    kind = DRAWN[tool]
    places = [_at(view, point) for point in SIX]
    if kind is MarkKind.FREEHAND:
        _drag(qtbot, view, *places[:5])
        assert _close(heard[0].points, SIX[:5], view)
        return
    if kind in {MarkKind.PROBE, MarkKind.TEXT}:
        qtbot.mouseClick(view, LEFT, pos=places[0])
    elif kind in {MarkKind.ANGLE, MarkKind.COBB, MarkKind.HEART}:
        for place in places[: POINTS[kind]]:
            assert not heard
            qtbot.mouseMove(view, place)
            qtbot.mouseClick(view, LEFT, pos=place)
    else:
        _drag(qtbot, view, places[0], places[2], places[1])
    if kind is MarkKind.TEXT:
        assert not heard
        editor = view.findChild(QLineEdit)
        qtbot.keyClicks(editor, "scar")
        qtbot.keyClick(editor, Qt.Key.Key_Return)
        assert heard[0].text == "scar"
    (mark,) = heard
    assert mark.kind is kind
    drawn = 2 if kind is MarkKind.BIDIRECTIONAL else POINTS[kind]
    assert _close(mark.points[:drawn], SIX[:drawn], view)


@pytest.mark.parametrize("tool", [Tool.ANGLE, Tool.COBB, Tool.HEART])
def test_drags_give_two_points_each(qtbot: QtBot, view: ImageView, tool: Tool):
    heard: list[Mark] = []
    view.markDrawn.connect(heard.append)
    view.set_tool(tool)
    places = [_at(view, point) for point in SIX]
    wanted = POINTS[DRAWN[tool]]
    for first in range(0, wanted, 2):
        if first + 1 < wanted:
            _drag(qtbot, view, places[first], places[first + 1])
        else:
            _drag(qtbot, view, places[first] + QPoint(30, 9), places[first])
    (mark,) = heard
    assert _close(mark.points, SIX[:wanted], view)


def test_a_value_is_seen_while_it_is_drawn(qtbot: QtBot, view: ImageView):
    for tool in (Tool.MEASURE, Tool.RECTANGLE, Tool.BIDIRECTIONAL, Tool.FREEHAND):
        view.set_tool(tool)
        qtbot.mousePress(view, LEFT, pos=_at(view, (100, 100)))
        seen = []
        for column in (150, 200, 250):
            qtbot.mouseMove(view, _at(view, (100 + column / 10, column)))
            qtbot.mouseMove(view, _at(view, (160, column)))
            seen.append(view.grab().toImage())
        assert all(one != other for one, other in pairwise(seen))
        qtbot.mouseRelease(view, LEFT, pos=_at(view, (160, 250)))


def test_the_next_step_is_said_and_esc_begins_anew(qtbot: QtBot, view: ImageView):
    heard: list[Mark] = []
    view.markDrawn.connect(heard.append)
    view.set_tool(Tool.HEART)
    assert not view.chosen.unfinished
    for point in SIX[:3]:
        qtbot.mouseClick(view, LEFT, pos=_at(view, point))
        qtbot.mouseMove(view, _at(view, point) + QPoint(20, 0))
    unfinished = view.grab().toImage()
    assert view.chosen.unfinished
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.chosen.unfinished
    assert view.grab().toImage() != unfinished
    for point in SIX:
        qtbot.mouseClick(view, LEFT, pos=_at(view, point))
    assert len(heard) == 1


def test_a_text_without_letters_or_after_esc_is_no_mark(qtbot: QtBot, view: ImageView):
    heard: list[Mark] = []
    view.markDrawn.connect(heard.append)
    view.set_tool(Tool.TEXT)
    for words, key in (("", Qt.Key.Key_Return), ("scar", Qt.Key.Key_Escape)):
        qtbot.mouseClick(view, LEFT, pos=_at(view, (100, 100)))
        editor = view.findChildren(QLineEdit)[-1]
        qtbot.keyClicks(editor, words)
        qtbot.keyClick(editor, key)
        assert editor.isHidden()
    assert not heard


def _marks() -> list[Mark]:
    around = tuple((150 + 60 * np.sin(turn), 200 + 80 * np.cos(turn)) for turn in np.linspace(0, 6.2, 40))
    return [
        Mark(kind, around if kind is MarkKind.FREEHAND else SIX[: POINTS[kind]], "x", kind.value, "M1")
        for kind in MarkKind
    ]


@pytest.mark.parametrize("viewpoint", VIEWPOINTS)
@pytest.mark.parametrize("mark", _marks(), ids=lambda mark: mark.kind.name)
def test_every_handle_can_be_dragged_at_any_turn(
    qtbot: QtBot, view: ImageView, mark: Mark, viewpoint: Viewpoint
):
    changed: list[Mark] = []
    view.markChanged.connect(changed.append)
    view.set_viewpoint(viewpoint)
    _show(view, mark, selected=mark.identifier)
    handles = () if mark.kind is MarkKind.TEXT else handles_of(mark)
    for place in handles:
        changed.clear()
        start = _at(view, place) + QPoint(2, -2)  # beside it: nothing jumps
        _drag(qtbot, view, start, start + QPoint(20, 9), start + QPoint(40, 30))
        (after,) = changed
        assert (after.identifier, after.text, after.name) == (mark.identifier, mark.text, mark.name)
        target = view.mapping.to_frame(
            *(QPointF(*view.mapping.to_screen(*place)) + QPointF(40, 30)).toTuple()
        )
        assert any(_close((handle,), (target,), view) for handle in handles_of(after))


def test_a_mark_is_moved_as_a_whole_by_its_line(qtbot: QtBot, view: ImageView):
    changed: list[Mark] = []
    selected: list[str] = []
    windows: list[object] = []
    view.markChanged.connect(changed.append)
    view.markSelected.connect(selected.append)
    view.windowed.connect(windows.append)
    mark = Mark(MarkKind.LENGTH, ((100, 100), (100, 300)), "", "a", "M1")
    _show(view, mark)
    line = _at(view, (100, 180))
    _drag(qtbot, view, line + QPoint(0, 4), line + QPoint(0, 60))
    assert selected == ["a"]
    assert not windows
    down = 56 / (view.mapping.viewpoint.zoom * view.mapping.aspect)
    assert _close(changed[0].points, ((100 + down, 100), (100 + down, 300)), view)
    _drag(qtbot, view, line + QPoint(0, -int(REACH_PX) - 4), line + QPoint(0, -60))
    assert len(changed) == 1


def test_a_click_selects_and_one_elsewhere_lets_go(qtbot: QtBot, view: ImageView):
    selected: list[str] = []
    view.markSelected.connect(selected.append)
    marks = [
        Mark(MarkKind.LENGTH, ((100, 100), (100, 300)), "", "a", "M1"),
        Mark(MarkKind.LENGTH, ((103, 100), (180, 300)), "", "b", "M2"),
    ]
    _show(view, *marks)
    qtbot.mouseClick(view, LEFT, pos=_at(view, (100, 250)))
    qtbot.mouseClick(view, LEFT, pos=_at(view, (180, 300)))
    assert selected == ["a", "b"]
    _show(view, *marks, selected="a")
    # Where two are in reach, the selected one stays.
    qtbot.mouseClick(view, LEFT, pos=_at(view, (101, 100)))
    assert selected == ["a", "b"]
    qtbot.mouseClick(view, LEFT, pos=_at(view, (250, 50)))
    assert selected == ["a", "b", ""]


def test_a_double_click_writes_on_a_mark_in_its_place(qtbot: QtBot, view: ImageView):
    changed: list[Mark] = []
    view.markChanged.connect(changed.append)
    whole: list[bool] = []
    view.maximiseRequested.connect(lambda: whole.append(True))
    mark = Mark(MarkKind.LENGTH, ((100, 100), (100, 300)), "", "a", "M1")
    _show(view, mark)
    qtbot.mouseDClick(view, LEFT, pos=_at(view, (100, 180)))
    editor = view.findChild(QLineEdit)
    assert editor.isVisible()
    assert view.rect().contains(editor.geometry())
    qtbot.keyClicks(editor, "nodule")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert changed == [replace(mark, text="nodule")]
    qtbot.mouseDClick(view, LEFT, pos=_at(view, (250, 50)))
    assert whole == [True]


def test_while_a_mark_is_begun_others_are_not_in_the_way(qtbot: QtBot, view: ImageView):
    heard: list[Mark] = []
    view.markDrawn.connect(heard.append)
    _show(view, Mark(MarkKind.LENGTH, ((100, 100), (100, 300)), "", "a", "M1"))
    view.set_tool(Tool.ANGLE)
    for point in ((50, 50), (100, 200), (100, 250)):
        qtbot.mouseClick(view, LEFT, pos=_at(view, point))
    assert len(heard) == 1


def test_the_pointer_says_what_can_be_grabbed(qtbot: QtBot, view: ImageView):
    _show(view, Mark(MarkKind.LENGTH, ((100, 100), (100, 300)), "", "a", "M1"))
    for point, shape in (((100, 200), Qt.CursorShape.SizeAllCursor), ((250, 50), Qt.CursorShape.CrossCursor)):
        qtbot.mouseMove(view, _at(view, point))
        assert view.cursor().shape() is shape


@pytest.mark.parametrize("viewpoint", [Viewpoint(150, 200, 1.1), Viewpoint(290, 390, 9.0)])
def test_words_of_marks_stay_in_the_viewport_and_off_each_other(view: ImageView, viewpoint: Viewpoint):
    far = [
        Mark(MarkKind.LENGTH, ((100, 100), (299, 399)), "word " * 30, "a", "M1"),
        *(Mark(MarkKind.PROBE, ((290, 395),), "", f"p{n}", f"P{n}") for n in range(3)),
        Mark(MarkKind.RECTANGLE, ((-500, -500), (900, 900)), "", "r", "R1"),
        Mark(MarkKind.PROBE, ((0.2, 0.2),), "", "corner", "P9"),
    ]
    view.set_viewpoint(viewpoint)
    _show(view, *far)
    rooms = [room for room in view._overlays[0]._words.values() if room.isValid()]
    area = view.viewport
    assert len(rooms) >= 5
    for room in rooms:
        assert 0 <= room.left() <= room.right() <= area.width()
        assert 0 <= room.top() <= room.bottom() <= area.height()
    for number, room in enumerate(rooms):
        assert not any(room.intersects(other) for other in rooms[:number])
