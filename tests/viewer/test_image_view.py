"""One viewport: what it paints, and what it says when the mouse is used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from core.imaging.display import default_grey, render
from core.imaging.frame import Frame, PixelSpacing, SpacingSource, Window
from core.imaging.marks import Mark, MarkKind
from core.imaging.measurements import Measured
from viewer.guides import Guides
from viewer.image_view import HEADER_PX, ImageView, _beside
from viewer.mouse_tools import dragged_window
from viewer.panel import CornerTexts, FindingBox, PanelContent
from viewer.picture import Picture
from viewer.pointer import Tool, WindowBasis
from viewer.theme import Colour
from viewer.viewpoint import Mapping, Viewpoint

FRAME = Frame(np.random.default_rng(2).integers(0, 4096, (60, 80), dtype=np.uint16))
BASIS = WindowBasis(Window(1000, 500), 0, 4095)
LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ImageView]:
    """A view of `FRAME`, its middle in the middle, at five screen pixels a frame pixel."""
    widget = ImageView()
    qtbot.addWidget(widget)
    widget.resize(504, 402 + HEADER_PX)
    picture = Picture.of_frame(FRAME)
    widget.set_picture(picture)
    widget.set_levels(picture.levels_of(default_grey(FRAME), False))
    widget.set_content(PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80)))
    widget.set_viewpoint(Viewpoint(30, 40, 5.0))
    widget.set_window_basis(BASIS)
    widget.show()
    yield widget
    widget.close()


def _at(view: ImageView, row: float, column: float) -> QPoint:
    x, y = view.mapping.to_screen(row, column)
    return view.viewport.topLeft() + QPointF(x, y).toPoint()


def _drag(qtbot: QtBot, view: ImageView, button: Qt.MouseButton, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(view, button, pos=start)
    qtbot.mouseMove(view, (start + end) / 2)
    qtbot.mouseMove(view, end)
    qtbot.mouseRelease(view, button, pos=end)


def _wheel(view: ImageView, place: QPoint, turned: int, keys: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(place), view.mapToGlobal(QPointF(place)), QPoint(), QPoint(0, turned),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_each_frame_pixel_is_painted_where_the_mapping_says(view: ImageView):
    shown, expected = view.grab().toImage(), render(FRAME, default_grey(FRAME))
    ratio = shown.devicePixelRatio()
    for row, column in ((10.5, 20.5), (30.5, 40.5), (12.5, 60.5), (55.5, 25.5)):
        place = _at(view, row, column) * ratio
        colour = QColor(shown.pixel(place))
        assert colour.red() == expected[int(row), int(column)]
        assert colour.red() == colour.green() == colour.blue()


def test_the_film_ends_where_the_frame_ends(view: ImageView):
    view.set_texts_visible(False)
    view.set_viewpoint(Viewpoint(30, 40, 4.0))
    shown = view.grab().toImage()
    for row, column in ((-2, 40), (62, 40), (30, -2), (30, 82)):
        assert QColor(shown.pixel(_at(view, row, column))) == QColor(Colour.FILM)


def test_pixels_that_are_not_square_are_shown_in_proportion(view: ImageView):
    spacing = PixelSpacing(0.4, 0.2, SpacingSource.PIXEL_SPACING)
    view.set_content(PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80), spacing=spacing))
    start, down, across = (view.mapping.to_screen(*place) for place in ((0, 0), (10, 0), (0, 20)))
    assert down[1] - start[1] == pytest.approx(across[0] - start[0])


def test_corner_texts_can_be_hidden(view: ImageView):
    corners = CornerTexts(("KIM Minsoo",), ("lossy",), ("W 1",))
    view.set_content(PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80), corners=corners))
    with_texts = view.grab().toImage()
    view.set_texts_visible(False)
    assert view.grab().toImage() != with_texts


def test_a_message_stands_where_there_are_no_pixels(view: ImageView):
    view.set_picture(None)
    bare = view.grab().toImage()
    view.set_content(PanelContent("HEALTHY TWIN", Colour.TWIN, message="Not analyzed"))
    assert view.grab().toImage() != bare


def test_left_drag_windows_and_starts_from_where_it_began(qtbot: QtBot, view: ImageView):
    heard: list[Window] = []
    view.windowed.connect(heard.append)
    _drag(qtbot, view, LEFT, QPoint(200, 200), QPoint(240, 180))
    assert heard[-1] == dragged_window(BASIS, 40, -20)


@pytest.mark.parametrize(("tool", "button"), [(Tool.WINDOW, MIDDLE), (Tool.PAN, LEFT)])
def test_panning_moves_the_film_with_the_mouse(
    qtbot: QtBot, view: ImageView, tool: Tool, button: Qt.MouseButton
):
    heard: list[Viewpoint] = []
    view.viewpointChanged.connect(heard.append)
    view.set_tool(tool)
    _drag(qtbot, view, button, QPoint(200, 200), QPoint(250, 225))
    assert heard[-1] == Viewpoint(25, 30, 5.0)


@pytest.mark.parametrize(("tool", "button"), [(Tool.WINDOW, RIGHT), (Tool.ZOOM, LEFT)])
def test_dragging_up_zooms_about_where_it_began(
    qtbot: QtBot, view: ImageView, tool: Tool, button: Qt.MouseButton
):
    heard: list[Viewpoint] = []
    view.viewpointChanged.connect(heard.append)
    view.set_tool(tool)
    start = QPoint(300, 300)
    local = QPointF(start - view.viewport.topLeft())
    before = view.mapping.to_frame(local.x(), local.y())
    _drag(qtbot, view, button, start, QPoint(300, 220))
    assert heard[-1].zoom > 5
    view.set_viewpoint(heard[-1])
    assert view.mapping.to_frame(local.x(), local.y()) == pytest.approx(before)


def test_a_right_click_asks_for_the_menu_and_a_right_drag_does_not(qtbot: QtBot, view: ImageView):
    heard: list[QPoint] = []
    view.contextRequested.connect(heard.append)
    _drag(qtbot, view, RIGHT, QPoint(200, 200), QPoint(200, 230))
    assert not heard
    qtbot.mouseClick(view, RIGHT, pos=QPoint(100, 120))
    assert heard == [view.mapToGlobal(QPoint(100, 120))]


def test_the_wheel_scrolls_a_series_and_zooms_a_single_film(view: ImageView):
    scrolled: list[int] = []
    looked: list[Viewpoint] = []
    view.scrolled.connect(scrolled.append)
    view.viewpointChanged.connect(looked.append)
    place = _at(view, 20, 50)
    _wheel(view, place, 120, Qt.KeyboardModifier.NoModifier)
    assert not scrolled
    assert looked[-1].zoom > 5
    view.set_single_image(False)
    for _ in range(4):
        _wheel(view, place, -60, Qt.KeyboardModifier.NoModifier)
    assert scrolled == [1, 1]
    _wheel(view, place, -120, Qt.KeyboardModifier.ControlModifier)
    assert looked[-1].zoom < 5
    here = QPointF(place - view.viewport.topLeft())
    view.set_viewpoint(looked[-1])
    assert view.mapping.to_frame(here.x(), here.y()) == pytest.approx((20, 50), abs=0.2)


def test_dragging_with_the_scroll_tool_scrolls_step_by_step(qtbot: QtBot, view: ImageView):
    heard: list[int] = []
    view.scrolled.connect(heard.append)
    view.set_tool(Tool.SCROLL)
    _drag(qtbot, view, LEFT, QPoint(200, 200), QPoint(200, 260))
    assert sum(heard) == 5


def test_the_cursor_is_told_in_frame_positions_and_leaves(qtbot: QtBot, view: ImageView):
    places: list[tuple[float, float]] = []
    left: list[bool] = []
    view.hovered.connect(lambda row, column: places.append((row, column)))
    view.cursorLeft.connect(lambda: left.append(True))
    qtbot.mouseMove(view, _at(view, 12.5, 33.5))
    assert places[-1] == pytest.approx((12.5, 33.5), abs=0.2)
    qtbot.mouseMove(view, QPoint(5, 5))
    assert left
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert len(left) >= 2


def test_a_click_on_a_box_names_its_finding_and_the_inner_one_first(qtbot: QtBot, view: ImageView):
    heard: list[str] = []
    view.findingClicked.connect(heard.append)
    boxes = (FindingBox("outer", (10, 10, 40, 60), accepted=True), FindingBox("inner", (20, 20, 26, 30)))
    view.set_content(PanelContent("DIFFERENCE", Colour.LINE, frame_shape=(60, 80), boxes=boxes))
    qtbot.mouseClick(view, LEFT, pos=_at(view, 23, 25))
    qtbot.mouseClick(view, LEFT, pos=_at(view, 35, 50))
    qtbot.mouseClick(view, LEFT, pos=_at(view, 50, 70))
    assert heard == ["inner", "outer"]


def test_marks_and_boxes_are_painted_each_in_its_way(view: ImageView):
    def painted(**parts: object) -> object:
        view.set_content(PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80), **parts))  # type: ignore[arg-type]  # parts of a panel
        return view.grab().toImage()

    box = (10, 10, 40, 60)
    pictures = [
        painted(),
        painted(boxes=(FindingBox("a", box),)),
        painted(boxes=(FindingBox("a", box, accepted=True),)),
        painted(boxes=(FindingBox("a", box, accepted=True, selected=True),)),
        painted(marks=(Mark(MarkKind.LENGTH, ((10, 10), (30, 40))),)),
        painted(marks=(Mark(MarkKind.ARROW, ((10, 10), (30, 40))),)),
        painted(outlines=(np.array([[10.0, 10], [20, 10], [20, 30], [10, 10]]),)),
        painted(crop=(0, 10, 60)),
    ]
    for number, one in enumerate(pictures):
        assert all(one != other for other in pictures[:number])


def test_how_long_a_line_is_can_be_read_at_the_rim_too(view: ImageView):
    end = Mark(MarkKind.LENGTH, ((50, 20), (58, 79.8)), name="M1")
    measured = Measured(FRAME)
    view.set_content(
        PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80), marks=(end,), measured=measured)
    )
    picture, area = view.grab().toImage(), view.viewport
    accent = QColor(Colour.ACCENT)
    letters = {
        x
        for x in range(area.right() - 90, area.right())
        for y in range(area.top() + 344, area.top() + 362)
        if picture.pixelColor(x, y).blue() > accent.blue() - 40 > picture.pixelColor(x, y).red()
    }
    assert max(letters) - min(letters) > 50


def test_a_double_click_asks_for_this_panel_alone(qtbot: QtBot, view: ImageView):
    with qtbot.waitSignal(view.maximiseRequested, timeout=1000):
        qtbot.mouseDClick(view, LEFT, pos=QPoint(200, 200))


def test_the_cross_hair_of_a_neighbour_is_shown_and_hidden(view: ImageView):
    bare = view.grab().toImage()
    view.set_cursor_place((30, 40))
    assert view.grab().toImage() != bare
    view.set_cursor_place(None)
    assert view.grab().toImage() == bare


def test_a_long_status_can_be_read_in_full(view: ImageView):
    status = "not suitable: a lateral view, and the model reads frontal films only " * 3
    view.set_content(PanelContent("DIFFERENCE", Colour.LINE, frame_shape=(60, 80), status=status))
    assert view.words_at(QPoint(30, 30)) == status
    assert view.words_at(QPoint(200, 200)) == ""
    over_the_film = QHelpEvent(QEvent.Type.ToolTip, QPoint(200, 200), QPoint(200, 200))
    QApplication.sendEvent(view, over_the_film)
    assert not QToolTip.isVisible()


def test_without_a_film_the_mouse_does_nothing(qtbot: QtBot, view: ImageView):
    heard: list[object] = []
    for signal in (view.windowed, view.viewpointChanged, view.contextRequested, view.findingClicked):
        signal.connect(heard.append)
    view.set_picture(None)
    view.set_window_basis(None)
    for button in (LEFT, MIDDLE, RIGHT):
        _drag(qtbot, view, button, QPoint(200, 200), QPoint(260, 260))
    _wheel(view, QPoint(200, 200), 120, Qt.KeyboardModifier.NoModifier)
    assert not heard


def test_the_view_holds_still_until_it_is_told(qtbot: QtBot, view: ImageView):
    before = view.mapping
    _drag(qtbot, view, MIDDLE, QPoint(200, 200), QPoint(260, 260))
    assert view.mapping == before == Mapping(Viewpoint(30, 40, 5.0), 500, 400)


def test_a_click_says_which_place_is_meant(qtbot: QtBot, view: ImageView):
    told: list[tuple[float, float]] = []
    view.pointed.connect(lambda row, column: told.append((row, column)))
    qtbot.mouseClick(view, LEFT, pos=_at(view, 12.0, 33.0))
    assert told == [pytest.approx((12.0, 33.0), abs=0.2)]
    qtbot.mouseClick(view, MIDDLE, pos=_at(view, 20.0, 33.0))
    assert len(told) == 1


def test_the_crosshair_tool_never_leaves_the_frame(qtbot: QtBot, view: ImageView):
    told: list[tuple[float, float]] = []
    view.pointed.connect(lambda row, column: told.append((row, column)))
    view.set_tool(Tool.CROSSHAIR)
    view.set_viewpoint(Viewpoint(30, 40, 2.0))
    _drag(qtbot, view, LEFT, _at(view, 30, 40), _at(view, -20, 200))
    assert told[-1] == (0.0, 80.0)


def test_lines_can_be_dragged_whatever_the_tool(qtbot: QtBot, view: ImageView):
    told: list[tuple[float, float]] = []
    windows: list[object] = []
    view.pointed.connect(lambda row, column: told.append((row, column)))
    view.windowed.connect(windows.append)
    view.set_guides(Guides(30.0, 40.0, Colour.AXIAL, Colour.CORONAL))
    _drag(qtbot, view, LEFT, _at(view, 30, 60), _at(view, 35, 62))
    assert told[-1] == pytest.approx((35, 62), abs=0.2)
    assert not windows
    view.set_guides(None)
    _drag(qtbot, view, LEFT, _at(view, 30, 60), _at(view, 35, 62))
    assert windows


def test_lines_and_stripe_are_painted(view: ImageView):
    before = view.grab().toImage()
    view.set_guides(Guides(30.0, 40.0, Colour.AXIAL, Colour.CORONAL))
    view.set_content(PanelContent("AXIAL", Colour.LINE, frame_shape=(60, 80), stripe=Colour.AXIAL))
    after = view.grab().toImage()
    line = _at(view, 30.0, 60.0)
    near = [QColor(after.pixel(line.x(), line.y() + down)).name() for down in (-1, 0, 1)]
    assert str(Colour.AXIAL) in near
    assert QColor(after.pixel(200, HEADER_PX - 1)).name() == str(Colour.AXIAL)
    assert QColor(before.pixel(200, HEADER_PX - 1)).name() != str(Colour.AXIAL)


@pytest.mark.parametrize("place", [(0, 0, 90, 70), (10, 20, 30, 5), (0, 0, 0, 0), (60, 0, 30, 70)])
def test_what_lies_beside_the_film_is_painted_once(place: tuple[int, int, int, int]):
    room = QRect(0, 0, 90, 70)
    times = np.zeros((70, 90), int)
    for part in (QRect(*place), *_beside(QRect(*place), room)):
        times[part.y() : part.y() + part.height(), part.x() : part.x() + part.width()] += 1
    assert (times == 1).all()


def test_a_film_that_moves_leaves_nothing_behind(view: ImageView):
    """What is kept from the paint before never shows: the same places give the same pictures."""
    places = [Viewpoint(30, 40, 5.0), Viewpoint(10, 70, 3.0), Viewpoint(45.3, 12, 1.2), Viewpoint(900, 0, 2)]
    contents = [
        PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80), status="1 finding"),
        PanelContent("ORIGINAL", Colour.LINE, frame_shape=(60, 80), corners=CornerTexts(("Name",))),
    ]
    seen = {}
    for turn in range(3):
        for place in places if turn % 2 else places[::-1]:
            for content in contents:
                view.set_viewpoint(place)
                view.set_content(content)
                image = view.grab().toImage()
                assert seen.setdefault((place, content.status), image) == image
    assert len({image.bits().tobytes() for image in seen.values()}) == len(seen)


def test_a_map_on_its_layer_looks_as_when_it_was_first_painted(view: ImageView):
    heat = QImage(16, 16, QImage.Format.Format_ARGB32_Premultiplied)
    heat.fill(0x60300010)
    rows, columns = view.picture.shape if view.picture is not None else (0, 0)
    view.set_content(replace(view.content, frame_shape=(rows, columns), crop=(1, 1, 5), heat=heat))
    first, second, third = (view.grab().toImage() for _ in range(3))
    sheets = [np.frombuffer(one.constBits(), np.uint8).astype(int) for one in (first, second, third)]
    assert np.abs(sheets[0] - sheets[1]).max() <= 2
    assert np.array_equal(sheets[1], sheets[2])
    view.set_viewpoint(view.mapping.dragged(9, 4))
    moved = view.grab().toImage()
    assert moved != third
