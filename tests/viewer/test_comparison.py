"""The three linked panels: what they show, what they refuse to show, and what they say."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from core.imaging.composition import Layers
from core.imaging.display import default_grey, render, render_modality
from core.imaging.findings import Finding, Sign
from core.imaging.frame import (
    Frame,
    FrameSource,
    LookupTable,
    ModalityTransform,
    PixelSpacing,
    SpacingSource,
    Window,
)
from core.imaging.graphics import Graphic, GraphicKind
from core.imaging.heatmap import HeatmapStyle
from core.imaging.marks import Mark, MarkKind
from core.imaging.model_input import ModelInputSpec, to_model_grid, twin_in_modality_values
from core.imaging.presentation import DisplayedArea, Presentation, present
from core.imaging.quantities import RealWorldMapping, Uptake
from core.imaging.shutter import Shutter
from core.inference.analysis import Analysis, Answer, ModelChoice, Suitability, Verdict
from core.models.anomaly_model import ModelCard
from core.reading import AGREEMENT
from viewer.comparison import Comparison
from viewer.image_view import ImageView
from viewer.panel import StatusKind
from viewer.pointer import Tool
from viewer.probe import readout
from viewer.theme import Colour
from viewer.viewpoint import Viewpoint
from viewer.wish import Panel, TwinMode, Wish, drawn_map, resolve

SPEC = ModelInputSpec(size=32)


def film(seed: int = 0, **changes: object) -> Frame:
    """A film of 240 x 200 pixels: a gradient with noise, so that no two are the same."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[:240, :200]
    stored = (1000 + 4 * rows + 2 * columns + random.integers(0, 50, (240, 200))).astype(np.uint16)
    source = FrameSource(series_instance_uid="1.2", modality="DX", patient_orientation=("L", "F"))
    spacing = PixelSpacing(0.2, 0.2, SpacingSource.IMAGER)
    return replace(Frame(stored), **{"source": source, "spacing": spacing, **changes})


def opinion(frame: Frame, kind: str = "healthygan", rows: slice = slice(8, 16)) -> Analysis:
    """An analysis that lights up a square of the model grid."""
    model_input = to_model_grid(frame, SPEC)
    denser = np.zeros((32, 32), np.float32)
    denser[rows, 8:16] = 0.2
    return Analysis(
        frame_digest=frame.digest,
        card=ModelCard(f"{kind} test", kind, "plus", "1", {}, SPEC),
        suitability=Suitability(Verdict.ACCEPTED),
        model_input=model_input,
        twin=np.clip(model_input.pixels - denser, 0, 1),
        denser=denser,
        lucent=np.zeros((32, 32), np.float32),
        weight=np.ones((32, 32), np.float32),
        score=2.0,
        p_value=0.01,
        calibration=None,
        device="cpu",
        elapsed_s=0.1,
    )


def answer(*analyses: Analysis) -> Answer:
    choice = ModelChoice.BOTH if len(analyses) > 1 else ModelChoice.HEALTHYGAN
    return Answer(analyses[0].frame_digest, choice, analyses)


def finding(identifier: str, box: tuple[int, int, int, int]) -> Finding:
    centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    return Finding(
        identifier, "healthygan", Sign.DENSER, box, centre, "R", "upper", 100.0, None, None,
        SpacingSource.UNKNOWN, 0.1, 0.2, 0.01,
    )  # fmt: skip


FRAME = film()
ANALYSIS = opinion(FRAME)
TWIN = twin_in_modality_values(FRAME, ANALYSIS.model_input, ANALYSIS.twin)
GREY = default_grey(FRAME)


@pytest.fixture
def comparison(qtbot: QtBot) -> Iterator[Comparison]:
    """The comparison with the film, without an analysis."""
    widget = Comparison()
    qtbot.addWidget(widget)
    widget.resize(1200, 700)
    widget.set_frame(FRAME, ("KIM Minsoo", "0012345"))
    widget.set_grey(GREY)
    widget.show()
    yield widget
    widget.close()


@pytest.fixture
def analyzed(comparison: Comparison) -> Comparison:
    """The comparison with an analysis and its twin."""
    comparison.set_answer(answer(ANALYSIS))
    comparison.set_heatmap(HeatmapStyle(0.1))
    comparison.set_twin_pixels(ANALYSIS, TWIN)
    comparison.set_status("1 finding", StatusKind.FOUND)
    return comparison


def view_of(comparison: Comparison, panel: Panel) -> ImageView:
    return comparison._views[panel]


def shot(comparison: Comparison, panel: Panel) -> QImage:
    return view_of(comparison, panel).grab().toImage()


def one_to_one(comparison: Comparison, panel: Panel) -> Callable[[int, int], QColor]:
    """Look at each frame pixel on one screen pixel, without texts; the answer tells the colour of one."""
    comparison.set_texts_visible(False)
    comparison.set_viewpoint(Viewpoint(FRAME.rows / 2, FRAME.columns / 2, 1.0))
    view, picture = view_of(comparison, panel), shot(comparison, panel)

    def seen(row: int, column: int) -> QColor:
        across, down = view.mapping.to_screen(row + 0.5, column + 0.5)
        corner = view.viewport.topLeft()
        return picture.pixelColor(int(corner.x() + across), int(corner.y() + down))

    return seen


def colourful(image: QImage) -> int:
    """Pixels in colour (the quiet blue-grey of texts is none), below the title bar and inside the border."""
    pixels = np.frombuffer(image.convertToFormat(QImage.Format.Format_RGB32).constBits(), np.uint8)
    colours = pixels.reshape(image.height(), image.width(), 4)[60:-8, 8:-8, :3].astype(int)
    return int((np.ptp(colours, axis=2) > 30).sum())


# What is shown, and what never is


def test_all_panels_have_one_size_and_one_viewpoint(analyzed: Comparison):
    mappings = {view_of(analyzed, panel).mapping for panel in Panel}
    assert len(mappings) == 1
    analyzed.set_viewpoint(Viewpoint(100, 90, 3.0, 1, True))
    assert {view_of(analyzed, panel).mapping.viewpoint for panel in Panel} == {analyzed.viewpoint}


def test_all_panels_have_one_window(analyzed: Comparison):
    before = [shot(analyzed, panel) for panel in Panel]
    analyzed.set_grey(Window(1500, 200))
    assert all(shot(analyzed, panel) != picture for panel, picture in zip(Panel, before, strict=True))


def test_the_heatmap_of_another_film_is_never_drawn(comparison: Comparison):
    other = film(seed=1)
    comparison.set_answer(answer(opinion(other)))
    comparison.set_heatmap(HeatmapStyle(0.01))
    assert colourful(shot(comparison, Panel.DIFFERENCE)) == 0
    assert comparison.picture_name(Panel.DIFFERENCE) == ""


def test_an_answer_that_mixes_films_counts_as_none(comparison: Comparison):
    comparison.set_answer(Answer(FRAME.digest, ModelChoice.BOTH, (ANALYSIS, opinion(film(seed=1)))))
    assert comparison.picture_name(Panel.DIFFERENCE) == ""


def test_the_twin_of_another_analysis_is_never_drawn(comparison: Comparison):
    comparison.set_answer(answer(ANALYSIS))
    comparison.set_twin_pixels(opinion(FRAME, "sr-anogan"), TWIN)
    assert comparison.picture_name(Panel.TWIN) == ""
    comparison.set_answer(None)
    comparison.set_twin_pixels(ANALYSIS, TWIN)
    assert comparison.picture_name(Panel.TWIN) == ""


def test_another_film_takes_all_results_away(analyzed: Comparison):
    analyzed.set_findings((finding("a", (50, 50, 90, 90)),), selected="a")
    analyzed.set_frame(film(seed=2))
    analyzed.set_grey(GREY)
    for panel in Panel:
        assert colourful(shot(analyzed, panel)) == 0
    for panel in (Panel.TWIN, Panel.DIFFERENCE):
        assert analyzed.picture_name(panel) == ""


def test_another_model_in_front_takes_its_predecessors_twin_away(analyzed: Comparison):
    second = opinion(FRAME, "sr-anogan")
    analyzed.set_answer(answer(ANALYSIS, second))
    assert analyzed.picture_name(Panel.TWIN) == "twin-healthygan"
    analyzed.set_opinion("sr-anogan")
    assert analyzed.picture_name(Panel.TWIN) == ""
    analyzed.set_twin_pixels(ANALYSIS, TWIN)
    assert analyzed.picture_name(Panel.TWIN) == ""
    analyzed.set_twin_pixels(second, TWIN)
    assert analyzed.picture_name(Panel.TWIN) == "twin-sr-anogan"


@pytest.mark.parametrize("kind", StatusKind)
def test_an_empty_panel_always_says_why(comparison: Comparison, kind: StatusKind):
    comparison.set_status("", StatusKind.NOT_RUN)
    silent = [shot(comparison, panel) for panel in (Panel.TWIN, Panel.DIFFERENCE)]
    comparison.set_status(f"status {kind.value}", kind)
    assert [shot(comparison, panel) for panel in (Panel.TWIN, Panel.DIFFERENCE)] != silent
    contents = resolve(comparison._wish, comparison.viewpoint)
    assert contents[Panel.TWIN].message
    assert contents[Panel.DIFFERENCE].message
    assert contents[Panel.TWIN].status == contents[Panel.DIFFERENCE].status == f"status {kind.value}"


@pytest.mark.parametrize("mode", TwinMode)
@pytest.mark.parametrize("flicker", [False, True])
def test_the_twin_is_called_synthetic_in_every_state(analyzed: Comparison, mode: TwinMode, flicker: bool):
    analyzed.set_twin_pixels(ANALYSIS, TWIN, mode)
    analyzed.set_flicker(flicker)
    for panel in [Panel.TWIN, *([Panel.ORIGINAL] if flicker else [])]:
        content = view_of(analyzed, panel)._content
        assert content.title == "HEALTHY TWIN"
        assert content.subtitle == "synthetic"
        assert any(mode.value in line for line in content.corners.top_left)
        assert QColor(shot(analyzed, panel).pixel(0, 300)) == QColor(Colour.TWIN)
    analyzed.set_flicker(False)
    assert view_of(analyzed, Panel.ORIGINAL)._content.title == "ORIGINAL"


def test_the_original_is_the_untouched_frame(analyzed: Comparison):
    seen = one_to_one(analyzed, Panel.ORIGINAL)
    expected = render(FRAME, GREY)
    for row, column in ((30, 30), (120, 60), (200, 150)):
        assert seen(row, column).red() == expected[row, column]
    assert colourful(shot(analyzed, Panel.ORIGINAL)) == 0


def test_the_twin_is_shown_with_the_films_own_window(analyzed: Comparison):
    seen = one_to_one(analyzed, Panel.TWIN)
    expected = render_modality(TWIN, FRAME, GREY).astype(int)
    for row, column in ((90, 80), (120, 60), (200, 150)):
        assert abs(seen(row, column).red() - expected[row, column]) <= 1


def test_the_map_lies_where_the_model_saw_it(analyzed: Comparison):
    seen = one_to_one(analyzed, Panel.DIFFERENCE)
    spot = ANALYSIS.model_input
    inside = (int(spot.row + 12 / 32 * spot.side), int(spot.column + 12 / 32 * spot.side))
    outside = (int(spot.row + 22 / 32 * spot.side), int(spot.column + 22 / 32 * spot.side))
    lit, unlit = seen(*inside), seen(*outside)
    assert abs(lit.red() - lit.blue()) > 12
    assert unlit.red() == unlit.green() == unlit.blue()


def test_what_the_model_did_not_see_is_marked(analyzed: Comparison):
    seen = one_to_one(analyzed, Panel.DIFFERENCE)
    film_levels = render(FRAME, GREY)
    spot = ANALYSIS.model_input
    assert spot.row > 4
    band = [seen(spot.row // 2, column).red() for column in range(110, 190)]
    assert band != film_levels[spot.row // 2, 110:190].tolist()


def test_hiding_the_map_hides_it_and_says_so(analyzed: Comparison):
    assert colourful(shot(analyzed, Panel.DIFFERENCE)) > 500
    analyzed.set_heatmap(HeatmapStyle(0.1, visible=False))
    assert colourful(shot(analyzed, Panel.DIFFERENCE)) == 0
    assert view_of(analyzed, Panel.DIFFERENCE)._content.subtitle == "map hidden"


def test_outlines_take_the_place_of_the_wash(analyzed: Comparison):
    wash = colourful(shot(analyzed, Panel.DIFFERENCE))
    analyzed.set_heatmap(HeatmapStyle(0.1, contour=True))
    assert 0 < colourful(shot(analyzed, Panel.DIFFERENCE)) < wash / 2


def test_two_models_can_be_compared_at_their_own_thresholds(comparison: Comparison):
    second = opinion(FRAME, "sr-anogan", rows=slice(12, 20))
    wish = Wish(FRAME, answer=answer(ANALYSIS, second), opinion=AGREEMENT, style=HeatmapStyle(0.1))
    both = drawn_map(wish)
    only_first = drawn_map(replace(wish, thresholds=(0.1, 0.25)))
    assert both is not None
    assert only_first is not None
    assert both != only_first
    assert wish.shows_agreement
    assert not replace(wish, answer=answer(ANALYSIS)).shows_agreement


def test_maps_of_different_crops_are_not_compared():
    moved = replace(ANALYSIS, model_input=replace(ANALYSIS.model_input, row=ANALYSIS.model_input.row + 1))
    assert not Wish(FRAME, answer=answer(ANALYSIS, moved), opinion=AGREEMENT).shows_agreement


def test_boxes_follow_the_readers_decisions(analyzed: Comparison):
    findings = tuple(finding(name, (50, 50, 90, 90)) for name in "abc")
    analyzed.set_findings(findings, frozenset("a"), frozenset("b"), "a")
    boxes = view_of(analyzed, Panel.DIFFERENCE)._content.boxes
    assert [(box.identifier, box.accepted, box.selected) for box in boxes] == [
        ("c", False, False),
        ("a", True, True),
    ]
    for panel in (Panel.ORIGINAL, Panel.TWIN):
        assert [box.identifier for box in view_of(analyzed, panel)._content.boxes] == ["a"]


def test_only_decided_boxes_outlive_their_map(analyzed: Comparison):
    findings = tuple(finding(name, (50, 50, 90, 90)) for name in "abc")
    others = tuple(
        replace(one, identifier=f"other {one.identifier}", model_kind="sr-anogan") for one in findings
    )
    analyzed.set_findings((*findings, *others), frozenset({"a", "other a"}), frozenset(), "other b")

    def shown() -> list[str]:
        return [box.identifier for box in view_of(analyzed, Panel.DIFFERENCE)._content.boxes]

    assert shown() == ["a", "b", "c", "other a", "other b"]
    analyzed.set_heatmap(HeatmapStyle(0.1, sign=Sign.LUCENT))
    assert shown() == ["a", "other a", "other b"]


def test_the_readers_marks_are_in_all_panels_with_the_values_of_each(analyzed: Comparison):
    bare = [shot(analyzed, panel) for panel in Panel]
    region = Mark(MarkKind.RECTANGLE, ((20, 20), (80, 120)), identifier="a", name="R1")
    analyzed.set_marks((region,))
    plain = [shot(analyzed, panel) for panel in Panel]
    assert all(one != before for one, before in zip(plain, bare, strict=True))
    film, twin, difference = (view_of(analyzed, panel).content.measured for panel in Panel)
    assert film is not None
    assert twin is not None
    assert difference is not None
    assert film.lines(region)[0].startswith("mean ")
    assert twin.lines(region)[0].startswith("mean ")
    assert film.lines(region) != twin.lines(region)
    assert difference.lines(region) == ()
    analyzed.set_marks((region,), "a", key_image=True)
    assert all(shot(analyzed, panel) != before for panel, before in zip(Panel, plain, strict=True))
    assert "★ key image" in view_of(analyzed, Panel.ORIGINAL).content.corners.top_right
    analyzed.set_marks(())
    assert [shot(analyzed, panel) for panel in Panel] == bare


def test_the_agreement_is_drawn_with_its_own_legend(comparison: Comparison):
    comparison.set_answer(answer(ANALYSIS, opinion(FRAME, "sr-anogan", rows=slice(12, 20))))
    comparison.set_heatmap(HeatmapStyle(0.1), (0.1, 0.1))
    comparison.set_opinion(AGREEMENT)
    assert colourful(shot(comparison, Panel.DIFFERENCE)) > 200
    assert "agreement" in view_of(comparison, Panel.DIFFERENCE)._content.subtitle
    assert comparison.picture_name(Panel.DIFFERENCE) == "agreement"


def test_texts_and_captions_can_be_changed_and_hidden(comparison: Comparison):
    before = shot(comparison, Panel.ORIGINAL)
    comparison.set_caption(("anonymous",))
    anonymous = shot(comparison, Panel.ORIGINAL)
    assert anonymous != before
    comparison.set_texts_visible(False)
    assert shot(comparison, Panel.ORIGINAL) != anonymous
    comparison.set_single_image(False)


# From where


def test_a_fitted_film_stays_fitted_and_another_view_stays(analyzed: Comparison):
    fitted_zoom = analyzed.viewpoint.zoom
    analyzed.resize(1600, 1000)
    assert analyzed.viewpoint.zoom > fitted_zoom
    analyzed.one_to_one()
    assert analyzed.viewpoint.zoom * analyzed.devicePixelRatioF() == 1.0
    analyzed.resize(1200, 700)
    assert analyzed.viewpoint.zoom * analyzed.devicePixelRatioF() == 1.0
    analyzed.zoom_by(2)
    analyzed.center_on(30, 40)
    assert (analyzed.viewpoint.row, analyzed.viewpoint.column) == (30, 40)
    analyzed.reset()
    assert analyzed.viewpoint == Viewpoint(120, 100, fitted_zoom)


def test_turning_a_fitted_film_fits_it_again(analyzed: Comparison):
    analyzed.turn(1)
    mapping = view_of(analyzed, Panel.ORIGINAL).mapping
    corners = [mapping.to_screen(row, column) for row in (0, 240) for column in (0, 200)]
    assert min(x for x, _ in corners) >= -1e-6
    assert max(x for x, _ in corners) <= mapping.width + 1e-6
    analyzed.mirror(left_right=True)
    assert analyzed.viewpoint.flipped


def test_the_film_cannot_be_lost(analyzed: Comparison):
    analyzed.set_viewpoint(Viewpoint(-5000, 9000, 1.0))
    assert (analyzed.viewpoint.row, analyzed.viewpoint.column) == (0, 200)


def test_scrolling_in_a_series_keeps_the_place_and_another_series_does_not(analyzed: Comparison):
    analyzed.set_viewpoint(Viewpoint(50, 60, 3.0))
    analyzed.set_frame(film(seed=3))
    assert analyzed.viewpoint == Viewpoint(50, 60, 3.0)
    analyzed.set_frame(film(seed=4, source=FrameSource(series_instance_uid="9.9")))
    assert (analyzed.viewpoint.row, analyzed.viewpoint.column) == (120, 100)


@pytest.mark.parametrize("panel", Panel)
def test_each_panel_can_stand_alone(qtbot: QtBot, analyzed: Comparison, panel: Panel):
    with qtbot.waitSignal(analyzed.layoutChanged, timeout=1000):
        analyzed.set_layout(panel)
    assert [view_of(analyzed, each).isVisible() for each in Panel] == [each is panel for each in Panel]
    assert view_of(analyzed, panel).width() > 1000
    qtbot.mouseDClick(view_of(analyzed, panel), Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    assert analyzed.alone is None
    assert all(view_of(analyzed, each).isVisible() for each in Panel)


# What the reader does


def test_a_drag_on_any_panel_wishes_for_one_window(qtbot: QtBot, analyzed: Comparison):
    heard: list[tuple[Window, bool]] = []
    analyzed.windowed.connect(lambda window, invert: heard.append((window, invert)))
    for panel in Panel:
        view = view_of(analyzed, panel)
        qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 200))
        qtbot.mouseMove(view, QPoint(130, 210))
        qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(130, 210))
    assert heard[0] == heard[1] == heard[2]
    assert heard[0][1] is False


def test_a_drag_from_a_falling_lut_takes_its_inversion_along(qtbot: QtBot, comparison: Comparison):
    falling = LookupTable(1000, 12, np.arange(2048, dtype=np.uint16)[::-1].copy())
    comparison.set_grey(falling)
    heard: list[tuple[Window, bool]] = []
    comparison.windowed.connect(lambda window, invert: heard.append((window, invert)))
    view = view_of(comparison, Panel.ORIGINAL)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 200))
    qtbot.mouseMove(view, QPoint(104, 200))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(104, 200))
    assert heard[-1][1] is True
    comparison.set_grey(*heard[-1])


def test_the_cursor_is_one_in_all_panels_and_read_once(qtbot: QtBot, analyzed: Comparison):
    view = view_of(analyzed, Panel.TWIN)
    x, y = view.mapping.to_screen(100.5, 60.5)
    qtbot.mouseMove(view, view.viewport.topLeft() + QPointF(x, y).toPoint())
    places = [view_of(analyzed, panel)._cursor for panel in Panel]
    assert places[Panel.TWIN] is None
    assert places[Panel.ORIGINAL] == places[Panel.DIFFERENCE] == pytest.approx((100.5, 60.5), abs=1)
    row, column = (int(value) for value in places[Panel.ORIGINAL])
    text = analyzed._readout.text()
    assert f"row {row}  column {column}" in text
    assert f"stored {FRAME.stored[row, column]}" in text
    assert f"shown {render(FRAME, GREY)[row, column]}" in text
    assert "mm at detector" in text
    QApplication.sendEvent(view, QEvent(QEvent.Type.Leave))
    assert analyzed._readout.text() == ""


def test_the_readout_is_signed_and_knows_where_the_model_did_not_look():
    wish = Wish(FRAME, answer=answer(ANALYSIS), style=HeatmapStyle(0.1))
    spot = ANALYSIS.model_input
    inside = (spot.row + 12 / 32 * spot.side, spot.column + 12 / 32 * spot.side)
    text = readout(wish, inside, 10, FRAME.stored.astype(np.float32) - 30)
    assert "difference +30" in text
    assert "denser 0.200" in text
    assert "  not analyzed  " in readout(wish, (0.5, 0.5), 10, None)
    assert readout(Wish(), (0, 0), None, None) == ""


def test_without_spacing_and_in_colour_the_readout_speaks_of_what_is_known():
    bare = Wish(Frame(np.arange(6, dtype=np.uint16).reshape(2, 3)))
    assert "mm" not in readout(bare, (1, 2), 3, None)
    assert "stored 5" in readout(bare, (1, 2), 3, None)
    colour = Frame(np.full((2, 2, 3), (1, 2, 3), np.uint8), "RGB", 8)
    assert readout(Wish(colour), (1, 1), None, None).startswith("red 1  green 2  blue 3")
    hole = Frame(np.array([[np.nan, 1.5]], np.float32))
    assert "stored –  value –" in readout(Wish(hole), (0, 0), 0, None)


def test_clicks_and_drawings_come_out(qtbot: QtBot, analyzed: Comparison):
    analyzed.set_findings((finding("a", (50, 50, 190, 150)),))
    view = view_of(analyzed, Panel.DIFFERENCE)
    x, y = view.mapping.to_screen(100, 100)
    place = view.viewport.topLeft() + QPointF(x, y).toPoint()
    with qtbot.waitSignal(analyzed.findingClicked, timeout=1000) as clicked:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == ["a"]
    with qtbot.waitSignal(analyzed.contextRequested, timeout=1000):
        qtbot.mouseClick(view, Qt.MouseButton.RightButton, pos=place)
    for tool, panel in zip((Tool.MEASURE, Tool.ARROW, Tool.ELLIPSE), Panel, strict=True):
        analyzed.set_tool(tool)
        drawn_in = view_of(analyzed, panel)
        with qtbot.waitSignal(analyzed.markDrawn, timeout=1000) as drawn:
            qtbot.mousePress(drawn_in, Qt.MouseButton.LeftButton, pos=place)
            qtbot.mouseMove(drawn_in, place + QPoint(30, 40))
            qtbot.mouseRelease(drawn_in, Qt.MouseButton.LeftButton, pos=place + QPoint(30, 40))
        (mark,) = drawn.args
        assert mark.points[0] == pytest.approx(view.mapping.to_frame(x, y), abs=0.5)


def test_the_kind_of_twin_is_wished_for_and_named_when_it_comes(qtbot: QtBot, analyzed: Comparison):
    button = analyzed.findChild(QToolButton)
    assert button.text() == "detail-preserving"
    with qtbot.waitSignal(analyzed.twinModeChanged, timeout=1000) as wished:
        button.menu().actions()[1].trigger()
    assert wished.args == [TwinMode.NETWORK_OUTPUT]
    assert analyzed.twin_mode is TwinMode.NETWORK_OUTPUT
    assert "detail-preserving" in " ".join(view_of(analyzed, Panel.TWIN)._content.corners.top_left)
    assert button.text().endswith("…")
    analyzed.set_twin_pixels(ANALYSIS, TWIN.copy(), TwinMode.NETWORK_OUTPUT)
    assert "network output" in " ".join(view_of(analyzed, Panel.TWIN)._content.corners.top_left)
    assert button.text() == "network output"


# Without an image


def test_the_empty_window_teaches_and_its_buttons_speak(qtbot: QtBot):
    comparison = Comparison()
    qtbot.addWidget(comparison)
    comparison.resize(800, 600)
    comparison.show()
    folder, demo = (
        next(button for button in comparison.findChildren(QPushButton) if words in button.text())
        for words in ("folder", "demo")
    )
    with qtbot.waitSignal(comparison.openRequested, timeout=1000):
        folder.click()
    with qtbot.waitSignal(comparison.demoRequested, timeout=1000):
        demo.click()
    for verb in (comparison.fit, comparison.one_to_one, comparison.reset):
        verb()
    assert comparison.picture_name(Panel.ORIGINAL) == ""


def test_loading_and_failing_clear_the_film(analyzed: Comparison):
    analyzed.set_loading("Reading IM0001 …")
    loading = analyzed.grab().toImage()
    assert analyzed.picture_name(Panel.ORIGINAL) == ""
    analyzed.set_failed("IM0001 is cut off.", "Copy it again.")
    failed = analyzed.grab().toImage()
    assert failed != loading
    analyzed.set_frame(FRAME)
    analyzed.set_grey(GREY)
    assert analyzed.picture_name(Panel.ORIGINAL) == "original"


# Life and death


def test_opening_and_closing_leaves_nothing_behind(qapp: QApplication):
    def once() -> weakref.ref[Comparison]:
        widget = Comparison()
        widget.resize(700, 500)
        widget.set_frame(FRAME)
        widget.set_grey(GREY)
        widget.set_answer(answer(ANALYSIS))
        widget.set_twin_pixels(ANALYSIS, TWIN)
        widget.show()
        qapp.processEvents()
        widget.close()
        widget.deleteLater()
        return weakref.ref(widget)

    def settle() -> None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qapp.processEvents()
        gc.collect()

    once()
    settle()
    before = len(QApplication.allWidgets())
    remains = [once() for _ in range(20)]
    settle()
    assert len(QApplication.allWidgets()) == before
    assert not [one for one in remains if one() is not None]


@pytest.mark.shared
def test_real_films_fill_their_panels(qtbot: QtBot, comparison: Comparison, shared_data: Path):
    pytest.importorskip("core.dicom.frames")
    from core.dicom.frames import read_frame

    for name in ("RG1_J2KR.dcm", "CR-MONO1-10-chest.dcm", "udacity_nih_test1.dcm"):
        frame = read_frame(shared_data / "dicom" / "chest" / name)
        comparison.set_frame(frame)
        comparison.set_grey(default_grey(frame))
        analysis = opinion(frame)
        comparison.set_answer(answer(analysis))
        picture = shot(comparison, Panel.ORIGINAL)
        mapping = view_of(comparison, Panel.ORIGINAL).mapping
        top_left, bottom_right = mapping.to_screen(0, 0), mapping.to_screen(frame.rows, frame.columns)
        assert bottom_right[0] - top_left[0] == pytest.approx(mapping.width, abs=1) or bottom_right[
            1
        ] - top_left[1] == pytest.approx(mapping.height, abs=1)
        grey = _levels(picture)[100:-100, 20:-20]
        assert np.ptp(grey.astype(int)) > 100


def _levels(image: QImage) -> NDArray[np.uint8]:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].copy()


def test_the_readout_says_real_world_values_uptake_and_what_hides_a_pixel() -> None:
    frame = Frame(
        np.array([[0, 100], [200, 300]], np.uint16),
        modality_transform=ModalityTransform(2, 0, units="BQML"),
        padding=(0, 0),
        shutter=Shutter(rectangle=(0, 0, 1, 0)),
        real_world=(RealWorldMapping(0, 250, "mm2/s", "ADC", slope=1e-6),),
        uptake=Uptake(0.001),
    )
    wish = Wish(frame=frame)
    assert "stored 100  value 200 BQML  shown 7  behind the shutter" in readout(wish, (0, 1), 7, None)
    assert "padding" in readout(wish, (0, 0), 0, None)
    words = readout(wish, (1, 0), 9, None)
    assert "ADC 0.000200 mm2/s" in words
    assert "SUVbw 0.400 g/ml" in words
    assert "ADC" not in readout(wish, (1, 1), 9, None)
    unknown = Wish(frame=replace(frame, uptake=Uptake(reason="the injected dose is not given")))
    assert "no SUV: the injected dose is not given" in readout(unknown, (1, 0), 9, None)


def test_a_state_shows_its_grey_scale_area_and_turn_and_leaves_the_frame(qtbot: QtBot) -> None:
    comparison = Comparison()
    qtbot.addWidget(comparison)
    comparison.resize(900, 500)
    frame = film()
    state = Presentation(
        Path("state"),
        "1",
        {frame.source.sop_instance_uid: frozenset()},
        description="hip",
        quarter_turns=1,
        areas=((None, DisplayedArea((40, 20, 140, 120))),),
        graphics=((None, Graphic(GraphicKind.POINT, ((60, 60),))),),
    )
    comparison.set_frame(frame)
    comparison.set_presented(present(frame, state))
    view = comparison.viewpoint
    assert (view.row, view.column, view.quarter_turns) == (90, 70, 1)
    original = resolve(comparison._wish, view)[0]
    assert original.corners.bottom_left[0] == "shown by: hip"
    assert len(original.graphics) == 1
    comparison.set_layers(Layers(overlays=False))
    original = resolve(comparison._wish, view)[0]
    assert original.graphics == ()
    assert "overlays hidden" in original.corners.top_right
    comparison.set_presented(present(frame))
    assert comparison.viewpoint.quarter_turns == 0
    assert comparison._wish.frame is frame


def test_the_state_of_another_frame_is_ignored(qtbot: QtBot) -> None:
    comparison = Comparison()
    qtbot.addWidget(comparison)
    frame = film()
    comparison.set_frame(frame)
    comparison.set_presented(present(film(1)))
    assert comparison._wish.frame is frame


def test_while_a_new_slice_settles_the_panels_wait_for_all_of_it(qtbot: QtBot):
    comparison = Comparison()
    qtbot.addWidget(comparison)
    one, two = film(1), film(2)
    other = film(3, source=FrameSource(series_instance_uid="3.4"))
    comparison.set_frame(one)
    comparison.set_grey(Window(2000, 4000))
    view = comparison._views[Panel.ORIGINAL]
    before = view._picture
    comparison.set_frame(two, settling=True)
    comparison.set_grey(Window(2000, 4000))
    assert view._picture is before
    comparison.settle()
    assert view._picture is comparison._picture is not before
    comparison.set_frame(other, settling=True)
    assert view._picture is comparison._picture, "another series is fitted at once"
    comparison.settle()


def test_a_film_that_was_resized_under_the_hand_is_exact_at_rest(analyzed: Comparison, qtbot: QtBot):
    view = view_of(analyzed, Panel.ORIGINAL)
    for step in range(4):
        view.viewpointChanged.emit(Viewpoint(60, 50, 2.1 + step * 0.2))
    rough = [shot(analyzed, panel) for panel in Panel]
    qtbot.waitUntil(lambda: shot(analyzed, Panel.ORIGINAL) != rough[0])
    resting = [shot(analyzed, panel) for panel in Panel]
    analyzed.set_viewpoint(Viewpoint(1, 1, 9.0))
    analyzed.set_viewpoint(Viewpoint(60, 50, 2.7))
    again = [shot(analyzed, panel) for panel in Panel]
    for one, other in zip(resting, again, strict=True):
        grey = [np.frombuffer(sheet.constBits(), np.uint8).astype(int) for sheet in (one, other)]
        assert np.abs(grey[0] - grey[1]).max() <= 2


def test_one_step_of_the_wheel_is_exact_at_once(analyzed: Comparison):
    view_of(analyzed, Panel.ORIGINAL).viewpointChanged.emit(Viewpoint(60, 50, 2.7))
    before = shot(analyzed, Panel.ORIGINAL)
    analyzed.set_viewpoint(Viewpoint(1, 1, 9.0))
    analyzed.set_viewpoint(Viewpoint(60, 50, 2.7))
    assert shot(analyzed, Panel.ORIGINAL) == before
