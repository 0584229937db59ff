"""Approved pictures of what film and twin are compared with: overlay, legend, curtain, lens, registration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from approved_images import Approved, unlike
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from twin_cases import COLUMNS, ROWS, SPEC, answer, compared, film, opinion, shot, view_of

from core.imaging.frame import Frame
from core.imaging.heatmap import HeatmapStyle, Shows
from core.inference.analysis import Analysis
from viewer.app import make_application
from viewer.comparison import Comparison
from viewer.curtain import Curtain
from viewer.legend import LEGEND_PX, Legend, LegendStrip
from viewer.lens import Lens
from viewer.viewpoint import Viewpoint
from viewer.wish import Panel

STYLE = HeatmapStyle(0.08)
BOTH = replace(STYLE.showing(Shows.BOTH), opposite_threshold=0.05)


def smooth_film() -> Frame:
    """A lung-like pair of dark ellipses on a grey ground, without noise, so that the pictures stay small."""
    down, across = np.mgrid[:ROWS, :COLUMNS]
    stored = np.full((ROWS, COLUMNS), 2600.0)
    for middle in (58, 142):
        lies_in = ((across - middle) / 34) ** 2 + ((down - 120) / 78) ** 2 < 1
        stored[lies_in] = 900 + 4 * down[lies_in]
    return replace(film(), stored=stored.astype(np.uint16))


def ramped(frame: Frame, kind: str = "healthygan", shift: int = 0) -> Analysis:
    """Maps with slopes, so that colours from the threshold up are seen, and an unanalyzed border."""
    made = opinion(frame, kind)
    rows, columns = np.mgrid[: SPEC.size, : SPEC.size]

    def hill(row: float, column: float, height: float) -> np.ndarray:
        return height * np.exp(-((rows - row) ** 2 + (columns - column - shift) ** 2) / 14)

    denser, lucent = hill(10, 8, 0.3).astype(np.float32), hill(21, 22, 0.25).astype(np.float32)
    weight = np.ones((SPEC.size, SPEC.size), np.float32)
    weight[:, :2] = weight[:, -2:] = 0
    return replace(made, denser=denser, lucent=lucent, weight=weight)


FRAME = smooth_film()
ONE = ramped(FRAME)


@pytest.fixture
def comparison(qtbot: QtBot) -> Iterator[Comparison]:
    make_application()
    widget = compared(qtbot, FRAME, ONE, size=(760, 380))
    widget.set_heatmap(STYLE)
    widget.set_texts_visible(False)
    yield widget
    widget.close()


def seen(comparison: Comparison, panel: Panel = Panel.DIFFERENCE) -> np.ndarray:
    return shot(view_of(comparison, panel))


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("overlay-denser", STYLE),
        ("overlay-lucent", STYLE.showing(Shows.LUCENT)),
        ("overlay-both", BOTH),
        ("overlay-outline", replace(STYLE, contour=True)),
        ("overlay-both-outline", replace(BOTH, contour=True)),
    ],
)
def test_overlay(comparison: Comparison, approved: Approved, name: str, style: HeatmapStyle) -> None:
    comparison.set_heatmap(style)
    approved(name, seen(comparison))


@pytest.mark.parametrize(("name", "turns"), [("agreement", 0), ("agreement-turned", 1)])
def test_agreement(comparison: Comparison, approved: Approved, name: str, turns: int) -> None:
    comparison.set_answer(answer(ONE, ramped(FRAME, "sr-anogan", shift=2)))
    comparison.set_opinion("agreement")
    comparison.set_heatmap(STYLE, (0.08, 0.08))
    comparison.set_viewpoint(replace(comparison.viewpoint, quarter_turns=turns))
    approved(name, seen(comparison))


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("legend-denser", Legend(STYLE)),
        ("legend-both", Legend(BOTH)),
        ("legend-both-near-zero", Legend(replace(BOTH, threshold=0.003, opposite_threshold=0.0))),
        ("legend-off-scale", Legend(HeatmapStyle(float("inf")))),
        ("legend-agreement", Legend(STYLE, ("HealthyGAN", "SR-AnoGAN"))),
    ],
)
def test_legend(qtbot: QtBot, approved: Approved, name: str, meaning: Legend) -> None:
    make_application()
    strip = LegendStrip(None)
    qtbot.addWidget(strip)
    strip.resize(LEGEND_PX, 400)
    strip.show_meaning(meaning)
    approved(name, strip.grab().toImage().convertToFormat(QImage.Format.Format_RGB888))


@pytest.mark.parametrize(("name", "upright"), [("curtain", True), ("curtain-level", False)])
def test_curtain(comparison: Comparison, approved: Approved, name: str, upright: bool) -> None:
    comparison.twin_tools.set_curtain(Curtain(0.55, upright))
    approved(name, seen(comparison, Panel.ORIGINAL))


@pytest.mark.parametrize(("name", "difference"), [("lens", False), ("lens-difference", True)])
def test_lens(comparison: Comparison, approved: Approved, name: str, difference: bool) -> None:
    comparison._point_at((95.0, 80.0), Panel.ORIGINAL)
    comparison.twin_tools.set_lens(Lens(60, difference))
    approved(name, seen(comparison, Panel.ORIGINAL))


def test_registration(comparison: Comparison, approved: Approved) -> None:
    comparison.set_heatmap(replace(STYLE, registration=True))
    comparison.set_viewpoint(Viewpoint(110, 90, 2.0, 0, True))
    approved("registration", seen(comparison, Panel.ORIGINAL))


def test_another_picture_is_not_approved(comparison: Comparison) -> None:
    """The comparison itself: a moved legend, another colour and a missing line are seen."""
    comparison.set_heatmap(STYLE)
    one = seen(comparison)
    assert unlike(one, one) == ""
    assert unlike(np.roll(one, 3, axis=1), one)
    for style in (
        replace(STYLE, colour_map="lagoon"),
        replace(STYLE, threshold=0.2),
        replace(STYLE, contour=True),
    ):
        comparison.set_heatmap(style)
        assert unlike(seen(comparison), one)
    assert unlike(one[:-1], one)
