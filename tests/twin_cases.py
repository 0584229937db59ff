"""A film with its twin in the comparison, for tests of what is done with the two: all of known places."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from core.imaging.display import default_grey
from core.imaging.frame import Frame, FrameSource, PixelSpacing, SpacingSource
from core.imaging.heatmap import HeatmapStyle
from core.imaging.model_input import ModelInputSpec, to_model_grid, twin_in_modality_values
from core.inference.analysis import Analysis, Answer, ModelChoice, Suitability, Verdict
from core.models.anomaly_model import ModelCard
from viewer.comparison import Comparison
from viewer.image_view import ImageView
from viewer.panel import StatusKind
from viewer.wish import Panel

ROWS, COLUMNS = 240, 200
SPEC = ModelInputSpec(size=32)


def film(seed: int = 0, rows: int = ROWS, columns: int = COLUMNS, **changes: object) -> Frame:
    """A gradient with noise, so that no two films are the same."""
    random = np.random.default_rng(seed)
    down, across = np.mgrid[:rows, :columns]
    grey = 1000 + 4 * down * ROWS / rows + 2 * across * COLUMNS / columns
    stored = (grey + random.integers(0, 50, (rows, columns))).astype(np.uint16)
    source = FrameSource(series_instance_uid="1.2", modality="DX", patient_orientation=("L", "F"))
    spacing = PixelSpacing(0.2, 0.2, SpacingSource.IMAGER)
    return replace(Frame(stored), **{"source": source, "spacing": spacing, **changes})


def opinion(
    frame: Frame, kind: str = "healthygan", rows: slice = slice(8, 16), spec: ModelInputSpec = SPEC
) -> Analysis:
    """Denser than its twin in a square of the model grid, columns 8 to 16; more lucent in one below."""
    model_input = to_model_grid(frame, spec)
    denser, lucent = np.zeros((2, spec.size, spec.size), np.float32)
    denser[rows, 8:16] = 0.2
    lucent[20:26, 18:26] = 0.15
    return Analysis(
        frame_digest=frame.digest,
        card=ModelCard(f"{kind} test", kind, "plus", "1", {}, spec, weights_digest=kind),
        suitability=Suitability(Verdict.ACCEPTED),
        model_input=model_input,
        twin=np.clip(model_input.pixels - 3 * denser + 3 * lucent, 0, 1),
        denser=denser,
        lucent=lucent,
        weight=np.ones((spec.size, spec.size), np.float32),
        score=2.0,
        p_value=0.01,
        calibration=None,
        device="cpu",
        elapsed_s=0.1,
    )


def answer(*analyses: Analysis) -> Answer:
    choice = ModelChoice.BOTH if len(analyses) > 1 else ModelChoice.HEALTHYGAN
    return Answer(analyses[0].frame_digest, choice, analyses)


def compared(
    qtbot: QtBot, frame: Frame, *analyses: Analysis, size: tuple[int, int] = (1200, 700)
) -> Comparison:
    """The comparison with a film, its twin and its map, shown and active."""
    widget = Comparison()
    qtbot.addWidget(widget)
    widget.resize(*size)
    widget.set_frame(frame, ("KIM Minsoo", "0012345"))
    widget.set_grey(default_grey(frame))
    widget.set_answer(answer(*analyses))
    widget.set_heatmap(HeatmapStyle(0.1))
    give_twin(widget, frame, analyses[0])
    widget.set_status("1 finding", StatusKind.FOUND)
    widget.show()
    qtbot.waitExposed(widget)
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    return widget


def give_twin(widget: Comparison, frame: Frame, analysis: Analysis) -> NDArray[np.float32]:
    """Bring the twin of an analysis onto the panels; its values."""
    values = twin_in_modality_values(frame, analysis.model_input, analysis.twin)
    widget.set_twin_pixels(analysis, values)
    return values


def view_of(comparison: Comparison, panel: Panel) -> ImageView:
    return comparison._views[panel]


def shot(view: ImageView) -> NDArray[np.uint8]:
    """What a panel shows in its viewport, RGB `(rows, columns, 3)`."""
    image = view.grab(view.viewport).toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def holds_colour(picture: NDArray[np.uint8], colour: str, tolerance: int = 40) -> NDArray[np.bool_]:
    """Where a picture has about a colour."""
    wanted = np.array(QColor(colour).getRgb()[:3])
    return np.asarray(np.abs(picture.astype(int) - wanted).max(axis=2) <= tolerance)
