"""One read-out for all panels: the pixel under the cursor, whatever the panel, zoom, turn and screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from report_cases import analysis, film
from twin_cases import compared, opinion, view_of
from twin_cases import film as plain_film

from core.imaging.findings import Sign
from core.imaging.frame import Frame, PixelSpacing, SpacingSource
from core.imaging.heatmap import HeatmapStyle, Shows
from core.inference.analysis import Answer, ModelChoice
from viewer.picture import Picture
from viewer.probe import readout
from viewer.viewpoint import Mapping, Viewpoint
from viewer.wish import Panel, Wish

FILM = film()
ONE = analysis(FILM)

viewpoints = st.builds(
    Viewpoint,
    st.floats(0, 240),
    st.floats(0, 200),
    st.floats(0.3, 40),
    st.integers(0, 3),
    st.booleans(),
)


def wish_with(style: HeatmapStyle) -> Wish:
    return Wish(frame=FILM, answer=Answer(FILM.digest, ModelChoice.HEALTHYGAN, (ONE,)), style=style)


def test_original_twin_difference_rank_and_place_in_this_order() -> None:
    fine = np.unravel_index(np.argmax(ONE.denser), ONE.denser.shape)
    scale = ONE.model_input.pixels_per_cell
    place = (ONE.model_input.row + (fine[0] + 0.5) * scale, ONE.model_input.column + (fine[1] + 0.5) * scale)
    twin = FILM.stored.astype(np.float32) - 75
    words = readout(wish_with(HeatmapStyle(0.1)), place, 88, twin)
    parts = words.split("  │  ")
    assert len(parts) == 4
    assert parts[0].startswith("stored ")
    assert parts[1].startswith("twin ")
    assert parts[1].endswith("difference +75")
    assert parts[2].startswith("denser 0.")
    assert "> P90 here" in parts[2]
    assert parts[3].startswith(f"row {int(place[0])}  column {int(place[1])}  (")
    assert "mm" in parts[3]


def test_of_both_signs_the_stronger_one_is_spoken_of() -> None:
    style = HeatmapStyle(0.1).showing(Shows.BOTH)
    lucent = np.zeros_like(ONE.lucent)
    lucent[10:20, 40:50] = 0.2
    one = replace(ONE, lucent=lucent)
    wish = replace(wish_with(style), answer=Answer(FILM.digest, ModelChoice.HEALTHYGAN, (one,)))
    scale = ONE.model_input.pixels_per_cell

    def at(row: int, column: int) -> str:
        place = (ONE.model_input.row + row * scale, ONE.model_input.column + column * scale)
        return readout(wish, place, None, None)

    assert "more lucent 0.2" in at(15, 45)
    assert "denser 0.2" in at(32, 17)
    alone = replace(wish, style=replace(style, both_signs=False, sign=Sign.DENSER))
    place = (ONE.model_input.row + 15 * scale, ONE.model_input.column + 45 * scale)
    assert "denser 0.000  ≤ P90 here" in readout(alone, place, None, None)


def test_without_calibration_the_value_stands_alone() -> None:
    raw = analysis(FILM, calibrated=False)
    wish = replace(wish_with(HeatmapStyle(0.1)), answer=Answer(FILM.digest, ModelChoice.HEALTHYGAN, (raw,)))
    words = readout(wish, (160, 150), None, None)
    assert "denser 0." in words
    assert "healthy" not in words


ROWS, COLUMNS = np.mgrid[:240, :200]
# The stored value of a pixel names it.
CODED = Frame((ROWS * 200 + COLUMNS).astype(np.uint16))
PICTURE = Picture.of_frame(CODED)
EVERY = np.arange(65536, dtype=np.float64)


@given(viewpoints, st.sampled_from([1.0, 1.25, 1.5, 2.0]), st.floats(0.6, 1.6), st.data())
def test_what_is_read_is_the_pixel_that_is_drawn(
    viewpoint: Viewpoint, ratio: float, aspect: float, data: st.DataObject
) -> None:
    """The mouse on a device pixel of the film asks for the source pixel that is drawn, within half of one."""
    mapping = Mapping(viewpoint, 160, 120, aspect)
    plane = Frame((ROWS * 128 + COLUMNS * 128).astype(np.uint16))
    for frame, slope in ((CODED, None), (plane, 128.0)):
        picture = PICTURE if slope is None else Picture.of_frame(frame)
        sample = picture.sample(mapping, ratio)
        if sample is None:
            continue
        row = data.draw(st.integers(0, sample.codes.shape[0] - 1))
        column = data.draw(st.integers(0, sample.codes.shape[1] - 1))
        place = mapping.to_frame((sample.left + column + 0.5) / ratio, (sample.top + row + 0.5) / ratio)
        if not (0.5 < place[0] < 239.5 and 0.5 < place[1] < 199.5):
            continue  # the half pixel at the rim is drawn as the rim
        code = int(sample.codes[row, column])
        if slope is None:
            if viewpoint.zoom >= 4 and all(abs(one - round(one)) > 1e-6 for one in place):
                drawn = divmod(_stored_of(PICTURE, CODED, code), 200)
                assert drawn == (int(place[0]), int(place[1]))
        elif viewpoint.zoom < 4:
            # Between pixels, and with halved copies, the plane's own value says where the sample was taken.
            drawn_sum = _stored_of(picture, frame, code) / slope
            assert drawn_sum == pytest.approx(place[0] + place[1] - 1, abs=1.0 + 1.0 / slope)


def _stored_of(picture: Picture, frame: Frame, code: int) -> int:
    low, high = int(frame.stored.min()), int(frame.stored.max())
    shift = 16 - max((high - low).bit_length(), 1)
    assert picture.codes.dtype == np.uint16
    return (code >> shift) + low


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(viewpoint=viewpoints, x=st.floats(0.02, 0.98), y=st.floats(0.02, 0.98))
def test_all_panels_read_the_same_pixel(qtbot: QtBot, viewpoint: Viewpoint, x: float, y: float) -> None:
    comparison = _comparison(qtbot)
    comparison.set_viewpoint(viewpoint)
    words, places = set(), []
    for panel in Panel:
        view = view_of(comparison, panel)
        area = view.viewport
        spot = QPoint(area.left() + int(x * (area.width() - 1)), area.top() + int(y * (area.height() - 1)))
        QTest.mouseMove(view, QPoint(area.left(), area.top()))
        QTest.mouseMove(view, spot)
        words.add(comparison._readout.text())
        places.append(view.mapping.to_frame(*(spot - area.topLeft()).toTuple()))
    assert len(words) == 1
    assert np.ptp(np.array(places), axis=0).max() < 1e-6
    row, column = places[0]
    if 0 <= row < 240 and 0 <= column < 200:
        assert f"row {int(row)}  column {int(column)}" in words.pop()
    else:
        assert words == {""}


_KEPT: list[object] = []


def _comparison(qtbot: QtBot):  # type: ignore[no-untyped-def]  # made once a test, kept between its examples
    if not _KEPT or _KEPT[0] is not qtbot:
        frame = plain_film(spacing=PixelSpacing(0.2, 0.2, SpacingSource.IMAGER))
        _KEPT[:] = [qtbot, compared(qtbot, frame, opinion(frame))]
    return _KEPT[1]
