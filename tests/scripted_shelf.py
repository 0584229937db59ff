"""Models that answer by rule, in no time and without torch: real analyses, counted and held back at will."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from owner import PATIENCE_S

from core.imaging.frame import Frame
from core.imaging.model_input import ModelInputSpec, to_model_grid
from core.inference.analysis import Analysis, Answer, ImageHeader, ModelChoice, Refusal, Suitability, Verdict
from core.jobs import NO_JOB, JobContext
from core.models.anomaly_model import ModelCard

SPEC = ModelInputSpec(size=64)


class ScriptedShelf:
    """Finds everything denser than 0.75 of the grey range. `asked` lists what was asked, in order.

    `warmed`: what it was warmed up for. `hold` keeps answers back until `release`. `error` is raised
    instead of an answer. `refuse`: reason.
    """

    device_text = "Script, 1 thread"

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.warmed: list[tuple[str, ModelChoice | Path]] = []
        self.warming = threading.Event()
        self.warming_held = False
        self.started = threading.Event()
        self.released = threading.Event()
        self.released.set()
        self.error: BaseException | None = None
        self.refuse = ""
        self.together: list[int] = []

    def hold(self) -> None:
        """Keep answers back from now on."""
        self.started.clear()
        self.released.clear()

    def release(self) -> None:
        """Let answers go."""
        self.released.set()

    def warm_up(self, frame: Frame, choice: ModelChoice | Path, ctx: JobContext = NO_JOB) -> None:
        """Note it; while `warming_held`, take as long as it takes to be stopped."""
        self.warming.set()
        end = time.monotonic() + PATIENCE_S
        while self.warming_held and time.monotonic() < end:
            ctx.checkpoint()
        if self.error is not None:
            raise self.error
        self.warmed.append((frame.digest, choice))

    def analyze(self, frame: Frame, choice: ModelChoice | Path, ctx: JobContext = NO_JOB) -> Answer:
        """The answer by rule."""
        kind = choice.stem if isinstance(choice, Path) else choice.value
        self.asked.append((frame.digest, kind))
        self.started.set()
        ctx.report(1, 2, "thinking")
        assert self.released.wait(PATIENCE_S)
        if self.error is not None:
            raise self.error
        if self.refuse:
            words = Suitability(Verdict.REFUSED, (self.refuse,))
            return Answer(
                frame.digest, ModelChoice.HEALTHYGAN, (), (Refusal(frame.digest, kind, words, "Try."),)
            )
        return Answer(frame.digest, ModelChoice.HEALTHYGAN, (analysis_of(frame, kind),))

    def analyze_series(
        self, frames: Sequence[Frame], choice: ModelChoice | Path, ctx: JobContext = NO_JOB
    ) -> tuple[Answer, ...]:
        """The answers by rule, one after the other; `together` lists how many were asked at once."""
        self.together.append(len(frames))
        answers = []
        for frame in frames:
            ctx.checkpoint()
            answers.append(self.analyze(frame, choice, ctx))
        return tuple(answers)

    def foresee(
        self, headers: Sequence[ImageHeader], choice: ModelChoice | Path
    ) -> tuple[Refusal | None, ...]:
        """Lateral views are refused ahead, as by the real rules."""
        words = Suitability(Verdict.REFUSED, ("This is a lateral view.",))
        return tuple(
            Refusal("", "healthygan", words) if header.view_position == "LL" else None for header in headers
        )


def analysis_of(frame: Frame, kind: str = "healthygan") -> Analysis:
    """An uncalibrated analysis whose twin clips everything above 0.75."""
    grid = to_model_grid(frame, SPEC)
    twin = np.minimum(grid.pixels, np.float32(0.75))
    denser = (grid.pixels - twin).astype(np.float32)
    lucent = np.maximum(np.float32(0.1) - grid.pixels, 0).astype(np.float32)
    known = kind if kind in {"healthygan", "sr-anogan"} else "healthygan"
    return Analysis(
        frame_digest=frame.digest,
        card=ModelCard(f"{kind} script", known, "lite", "0", {}, SPEC, weights_digest=f"weights of {kind}"),
        suitability=Suitability(Verdict.ACCEPTED),
        model_input=grid,
        twin=twin,
        denser=denser,
        lucent=lucent,
        weight=np.ones((SPEC.size, SPEC.size), np.float32),
        score=float(denser.mean()),
        p_value=None,
        calibration=None,
        device=ScriptedShelf.device_text,
        elapsed_s=0.0,
    )
