"""A marked square on a large film comes back on the same square: on screen, in pictures and in the report."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pypdf
import pytest
from numpy.typing import NDArray
from PIL import Image
from pytestqt.qtbot import QtBot
from twin_cases import compared, opinion, shot, view_of

from core.imaging.findings import extract_findings
from core.imaging.frame import Frame, FrameSource
from core.imaging.heatmap import HeatmapStyle
from core.imaging.model_input import ModelInputSpec
from core.imaging.registration import EDGE_COLOUR
from core.inference.analysis import Analysis, Answer, ModelChoice
from core.reporting.panels import ORIGINAL_PICTURE, Look, Panel, difference_name, render_panels
from core.reporting.report import Decisions, draft
from viewer.panel import screen_rect
from viewer.report_window import write_pdf
from viewer.viewpoint import Mapping, Viewpoint
from viewer.wish import Panel as Place

ROWS, COLUMNS = 2600, 2100
SQUARE = (1100, 700, 400)  # row, column, side: off the middle, so that a mirrored one is elsewhere
SIZES = (64, 128, 256)
STYLE = HeatmapStyle(0.1, opacity=1.0, registration=True)


@lru_cache(maxsize=1)
def film() -> Frame:
    """A dark film with a border, and one bright square."""
    stored = np.zeros((ROWS, COLUMNS), np.uint16)
    noise = np.random.default_rng(2).integers(0, 8, (ROWS - 200, COLUMNS - 120))
    stored[100:-100, 60:-60] = 800 + noise
    row, column, side = SQUARE
    stored[row : row + side, column : column + side] = 3200
    source = FrameSource(sop_instance_uid="1.2.9", modality="DX")
    return Frame(stored, bits_stored=12, source=source)


@lru_cache(maxsize=4)
def analysis(size: int) -> Analysis:
    """What a perfect model would say: denser where the input that it was given is bright."""
    made = opinion(film(), spec=ModelInputSpec(size=size))
    denser = np.where(made.model_input.pixels > 0.5, np.float32(0.25), np.float32(0.0))
    return replace(made, denser=denser, lucent=np.zeros_like(denser))


def cell(size: int) -> float:
    return analysis(size).model_input.pixels_per_cell


def extent(marked: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    """First row, first column, and one past the last of each."""
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert rows.size, "nothing is marked"
    return float(rows[0]), float(columns[0]), float(rows[-1] + 1), float(columns[-1] + 1)


def is_line(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Turquoise, also where a line is thinner than a pixel."""
    red, green, blue = (picture[..., channel].astype(int) for channel in range(3))
    return np.asarray((green - red > 40) & (blue - red > 40) & (abs(green - blue) < 60))


def is_wash(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    red, _, blue = (picture[..., channel].astype(int) for channel in range(3))
    return np.asarray(red - blue > 60)


@pytest.mark.parametrize("size", SIZES)
def test_on_the_screen_however_it_is_seen(qtbot: QtBot, size: int) -> None:
    comparison = compared(qtbot, film(), analysis(size), size=(1100, 560))
    comparison.set_heatmap(STYLE)
    comparison.set_texts_visible(False)
    row, column, side = SQUARE
    for turns in range(4):
        for flipped in (False, True):
            for zoom in (0.11, 0.3, 0.7):
                comparison.set_viewpoint(Viewpoint(row + 150, column + 230, zoom, turns, flipped))
                view = view_of(comparison, Place.ORIGINAL)
                there = screen_rect(view.mapping, row, column, side, side)
                wanted = (there.top(), there.left(), there.bottom(), there.right())
                # Within one cell, the least that the grid can tell, and two pixels of the screen.
                within = 0.9 * cell(size) * zoom + 2
                seen = _seen(wanted, view.mapping)
                assert extent(is_line(shot(view))) == pytest.approx(seen, abs=within), (turns, flipped, zoom)
                washed = is_wash(shot(view_of(comparison, Place.DIFFERENCE)))
                assert extent(washed) == pytest.approx(seen, abs=within), (turns, flipped, zoom)


def _seen(wanted: tuple[float, float, float, float], mapping: Mapping) -> tuple[float, float, float, float]:
    top, left, bottom, right = wanted
    return max(top, 0), max(left, 0), min(bottom, mapping.height), min(right, mapping.width)


def pictures(size: int, longest_side_px: int | None) -> dict[str, Panel]:
    one = analysis(size)
    made = render_panels(film(), [one], [0.1], Look(style=STYLE), longest_side_px=longest_side_px)
    return {panel.name: panel for panel in made}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("longest_side_px", [None, 900])
def test_in_the_pictures_that_are_exported(size: int, longest_side_px: int | None) -> None:
    made = pictures(size, longest_side_px)
    scale = 1.0 if longest_side_px is None else longest_side_px / ROWS
    row, column, side = SQUARE
    wanted = [value * scale for value in (row, column, row + side, column + side)]
    within = 0.9 * cell(size) * scale + 2
    for name, mark in ((ORIGINAL_PICTURE, is_line), (difference_name(analysis(size)), is_wash)):
        with Image.open(io.BytesIO(made[name].png())) as stored:
            film_part = np.asarray(stored)[: round(ROWS * scale)]
        assert extent(mark(film_part)) == pytest.approx(wanted, abs=within), name
    lines = np.array(EDGE_COLOUR)
    assert (np.abs(made[ORIGINAL_PICTURE].pixels.astype(int) - lines).max(axis=2) < 30).sum() > 100


def test_in_the_report(qtbot: QtBot, tmp_path: Path) -> None:
    """In the PDF pictures are scaled: the square's share of the film says where it is."""
    one = analysis(128)
    answer = Answer(film().digest, ModelChoice.HEALTHYGAN, (one,))
    report = draft(film(), answer, Decisions(thresholds={"healthygan": 0.1}), look=Look(style=STYLE))
    write_pdf(report, tmp_path / "report.pdf")
    found = set()
    shape = report.panels[0].pixels.shape
    for page in pypdf.PdfReader(tmp_path / "report.pdf").pages:
        for stored in page.images:
            picture = np.asarray(Image.open(io.BytesIO(stored.data)).convert("RGB"))
            if abs(picture.shape[1] / picture.shape[0] - shape[1] / shape[0]) > 0.01:
                continue
            scale = picture.shape[1] / COLUMNS
            for mark in (is_line, is_wash):
                marked = mark(picture)[: round(ROWS * scale)]
                if marked.sum() < 100:
                    continue
                row, column, side = SQUARE
                wanted = [value * scale for value in (row, column, row + side, column + side)]
                assert extent(marked) == pytest.approx(wanted, abs=0.9 * cell(128) * scale + 2)
                found.add(mark)
    assert found == {is_line, is_wash}, "the original with its lines, and the difference"


@pytest.mark.parametrize("size", SIZES)
def test_in_the_list_of_findings(size: int) -> None:
    one = analysis(size)
    (finding,) = extract_findings(
        one.denser,
        sign=STYLE.sign,
        threshold=0.1,
        model_input=one.model_input,
        analyzed=one.analyzed,
        frame_spacing=film().spacing,
        frame_source=film().source,
        model_kind="healthygan",
    )
    row, column, side = SQUARE
    wanted = (row, column, row + side, column + side)
    assert finding.box == pytest.approx(wanted, abs=0.9 * cell(size) + 1)
    assert finding.centre == pytest.approx((row + side / 2, column + side / 2), abs=0.5 * cell(size))
