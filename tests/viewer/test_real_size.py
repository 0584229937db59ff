"""Real size: a millimetre is a millimetre, with its sources told; otherwise a sentence and no change."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.imaging.frame import Frame, PixelSpacing, SpacingSource
from viewer.comparison import Comparison
from viewer.real_size import show_real_size
from viewer.screen_scale import screen_key, with_measure


@pytest.fixture
def comparison(qtbot: QtBot) -> Comparison:
    made = Comparison()
    qtbot.addWidget(made)
    made.resize(900, 500)
    made.show()
    return made


def film(spacing: PixelSpacing) -> Frame:
    return Frame(np.zeros((400, 300), np.uint16), spacing=spacing)


def test_a_centimetre_is_a_centimetre(comparison: Comparison, qapp: QApplication) -> None:
    comparison.set_frame(film(PixelSpacing(0.2, 0.1, SpacingSource.IMAGER, "Measured at the detector.")))
    rows = with_measure(screen_key(qapp.primaryScreen()), 5.0, ())
    told = show_real_size(comparison, rows)
    assert "at detector" in told
    assert "measured by you" in told
    assert "Measured at the detector." in told
    mapping = comparison._views[0].mapping
    (x, y), (right, below) = mapping.to_screen(0, 0), mapping.to_screen(50, 100)  # 10 mm each
    ratio = comparison.devicePixelRatioF()
    assert ((right - x) * ratio, (below - y) * ratio) == pytest.approx((50, 50))


def test_without_spacing_it_is_refused(comparison: Comparison, qapp: QApplication) -> None:
    comparison.set_frame(film(PixelSpacing()))
    before = comparison.viewpoint
    told = show_real_size(comparison, with_measure(screen_key(qapp.primaryScreen()), 5.0, ()))
    assert "no pixel spacing" in told
    assert comparison.viewpoint == before


def test_a_screen_of_unknown_size_is_to_be_measured(
    comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparison.set_frame(film(PixelSpacing(0.2, 0.2, SpacingSource.PIXEL_SPACING)))
    before = comparison.viewpoint
    # The screen of the offscreen platform says a size.
    monkeypatch.setattr("viewer.real_size.scale_of", lambda screen, rows: None)
    assert "Measure it" in show_real_size(comparison, ())
    assert comparison.viewpoint == before
