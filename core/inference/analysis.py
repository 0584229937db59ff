"""What a result is. Torch-free: the window and the reports read it, `core.inference.analyze` makes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.imaging.findings import Sign
from core.imaging.frame import FrameSource
from core.imaging.model_input import ModelInput
from core.imaging.residuals import FloatImage, analyzed_cells
from core.inference.calibration import Calibration
from core.models.anomaly_model import ModelCard


class ModelChoice(StrEnum):
    """Which opinion the reader asked for."""

    HEALTHYGAN = "healthygan"
    SR_ANOGAN = "sr-anogan"
    BOTH = "both"


_MODEL_NAMES = {"healthygan": "HealthyGAN", "sr-anogan": "SR-AnoGAN"}


def model_name(kind: str) -> str:
    """What readers call a kind of model; a kind that is not known keeps its own name."""
    return _MODEL_NAMES.get(kind, kind)


class Verdict(StrEnum):
    """Whether an image suits a model."""

    ACCEPTED = "accepted"
    WARNED = "warned"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What is known of an image before its pixels are read, for the rules that can say no to it already."""

    is_grey: bool
    rows: int
    columns: int
    modality: str = ""
    view_position: str = ""

    @property
    def source(self) -> FrameSource:
        """The same as a frame says it; all else is not known."""
        return FrameSource(modality=self.modality, view_position=self.view_position)

    @property
    def digest(self) -> str:
        """Without pixels there is none."""
        return ""


@dataclass(frozen=True, slots=True)
class Suitability:
    """The verdict on an image before any map is made, with its reasons in plain sentences."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """The result of one model on one frame; nothing in it depends on how it is shown.

    `twin`: healthy twin on the model grid, `(size, size)` in [0, 1]. `denser`, `lucent`: difference
    maps in units of the matched grey range (see `core.imaging.residuals`), calibrated when `calibration`
    is there, else raw. `score`: 0 is the healthy mean, 1 its spread; raw mean excess when uncalibrated.
    `weight`: where the map counts, 0 to 1, `(size, size)`. `p_value` is None without a calibration.
    `frame_digest` says which pixels it belongs to: never show it on others.
    """

    frame_digest: str
    card: ModelCard
    suitability: Suitability
    model_input: ModelInput
    twin: FloatImage
    denser: FloatImage
    lucent: FloatImage
    weight: FloatImage
    score: float
    p_value: float | None
    calibration: Calibration | None
    device: str
    elapsed_s: float
    warnings: tuple[str, ...] = ()

    @property
    def analyzed(self) -> NDArray[np.bool_]:
        """Which cells of the model grid the map speaks of, `(size, size)`; all else is not analyzed."""
        return np.asarray(self.model_input.valid & analyzed_cells(self.weight))

    def map_of(self, sign: Sign) -> FloatImage:
        """The difference map of one sign."""
        return self.lucent if sign is Sign.LUCENT else self.denser

    @property
    def threshold(self) -> float:
        """The calibrated threshold of the "denser" map at 5 %; a fixed 0.1 when uncalibrated."""
        return 0.1 if self.calibration is None else self.calibration.threshold()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no result: the image does not suit, or no model for it is installed (`no_model`)."""

    frame_digest: str
    kind: str
    suitability: Suitability
    hint: str = ""
    no_model: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """All that the models said of one frame, in the order of the choice; one entry a model."""

    frame_digest: str
    choice: ModelChoice
    analyses: tuple[Analysis, ...] = ()
    refusals: tuple[Refusal, ...] = field(default=())
