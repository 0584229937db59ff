"""What the models say of the images of a series, one small value an image and model, without the maps.

Colours and heights of a strip follow the p-value alone, in the same steps for every patient and model.
What was not analyzed, was refused or has failed is never counted as unremarkable. Pure answers, torch-free.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from core.imaging.findings import Sign
from core.imaging.frame import Frame
from core.inference.analysis import Analysis, Answer, ImageHeader, Refusal, model_name
from core.reading import analyzed_by_itself, findings_above

if TYPE_CHECKING:
    from core.dicom.index import Instance, Series

P_STEPS = (0.2, 0.05, 0.01)
"""Bounds of the steps of a strip: p above the first, then at most each of them. The same everywhere."""
STANDS_OUT_P = P_STEPS[1]
"""At most this p-value: 5 % of healthy films score as high."""
_GREY = frozenset({"MONOCHROME1", "MONOCHROME2", ""})


class Outcome(StrEnum):
    """How far an image has come with one model."""

    WAITING = "not analyzed"
    SCORED = "scored"
    REFUSED = "not suitable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ImageResult:
    """What one model says of one image. Numbers only where `outcome` is SCORED.

    `frame_digest` and `weights_digest` say of which pixels, by which weights. `p_value` None: the model is
    uncalibrated. `findings`: regions above the calibrated threshold of the "denser" map, whatever threshold
    the reader has chosen. `words`: warnings of a score, reasons of a refusal or failure.
    """

    outcome: Outcome = Outcome.WAITING
    frame_digest: str = ""
    model: str = ""
    weights_digest: str = ""
    score: float | None = None
    p_value: float | None = None
    findings: int = 0
    words: tuple[str, ...] = ()

    @property
    def stands_out(self) -> bool:
        """Whether at most 5 % of healthy films score as high, or a region is above the threshold."""
        rare = self.p_value is not None and self.p_value <= STANDS_OUT_P
        return self.outcome is Outcome.SCORED and (rare or self.findings > 0)

    @property
    def step(self) -> int:
        """0 to 3: how small the p-value is, in `P_STEPS`; 0 without one."""
        return 0 if self.p_value is None else sum(self.p_value <= bound for bound in P_STEPS)

    @property
    def lines(self) -> tuple[str, ...]:
        """What is told of the image: score, p-value and findings, or why there are none."""
        if self.outcome is Outcome.WAITING:
            return ("Not analyzed yet.",)
        if self.outcome is not Outcome.SCORED:
            what = "Not suitable, no opinion." if self.outcome is Outcome.REFUSED else "The analysis failed."
            return (what, *self.words)
        rare = "uncalibrated, no p-value" if self.p_value is None else f"p = {self.p_value:.3f}"
        count = "no findings" if not self.findings else f"{self.findings} finding"
        count += "s" if self.findings > 1 else ""
        return (f"Score {self.score:.2f}, {rare}, {count} above the calibrated threshold.", *self.words)


WAITING = ImageResult()


def result_of(frame: Frame, answer: Answer) -> ImageResult:
    """What is kept of the answer of one model, for good. Some milliseconds: not on the GUI thread."""
    if answer.analyses:
        return _scored(frame, answer.analyses[0])
    return refused(answer.refusals[0]) if answer.refusals else WAITING


def refused(refusal: Refusal) -> ImageResult:
    """The result of an image that does not suit a model."""
    reasons = (*refusal.suitability.reasons, refusal.hint)
    words = tuple(reason for reason in reasons if reason)
    return ImageResult(Outcome.REFUSED, refusal.frame_digest, model_name(refusal.kind), words=words)


def failed(words: str) -> ImageResult:
    """The result of an image that could not be read or analyzed."""
    return ImageResult(Outcome.FAILED, words=(words,))


def _scored(frame: Frame, analysis: Analysis) -> ImageResult:
    found = findings_above(frame, analysis, Sign.DENSER, analysis.threshold)
    return ImageResult(
        Outcome.SCORED,
        frame_digest=analysis.frame_digest,
        model=analysis.card.name,
        weights_digest=analysis.card.weights_digest,
        score=analysis.score,
        p_value=analysis.p_value,
        findings=len(found),
        words=(*analysis.suitability.reasons, *analysis.warnings),
    )


@dataclass(frozen=True, slots=True)
class Scores:
    """One model's results on the images of a series, in the order in which they are scrolled."""

    title: str
    results: tuple[ImageResult, ...]

    @property
    def done(self) -> int:
        """How many images have a result of any kind."""
        return sum(one.outcome is not Outcome.WAITING for one in self.results)

    @property
    def known(self) -> bool:
        """Whether anything is known of any image."""
        return any(one.outcome is not Outcome.WAITING for one in self.results)

    @property
    def summary(self) -> str:
        """In a few words how many images stand out, and how many cannot say so."""
        out = sum(one.stands_out for one in self.results)
        counts = Counter([one.outcome for one in self.results])
        words = [f"{out} stand{'s' if out == 1 else ''} out"]
        for outcome, name in (
            (Outcome.FAILED, "failed"),
            (Outcome.REFUSED, "not suitable"),
            (Outcome.WAITING, "not analyzed"),
        ):
            words += [f"{counts[outcome]:,} {name}"] if counts[outcome] else []
        return ", ".join(words)

    @property
    def common_refusal(self) -> str:
        """Why none of the images suits the model, if there is one reason for all; else ""."""
        if not self.results or any(one.outcome is not Outcome.REFUSED for one in self.results):
            return ""
        reasons = {one.words for one in self.results}
        return " ".join(self.results[0].words) if len(reasons) == 1 else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of a strip: images `first` to `last` (counted from 0) and the one result that stands for all.

    `at`: the image that it belongs to.
    """

    first: int
    last: int
    at: int
    result: ImageResult


def cells(results: Sequence[ImageResult], most: int) -> tuple[Cell, ...]:
    """A cell for each image, or `most` of them where there are more images.

    Of several images the one shows that matters most: one that stands out, the smallest p-value first; then
    what failed, was not analyzed, or was refused; a cell looks unremarkable only if all its images are.
    """
    count = min(len(results), max(most, 1))
    if count == len(results):
        return tuple(Cell(place, place, place, result) for place, result in enumerate(results))
    weights = [_weight(result) for result in results]
    found = []
    for number in range(count):
        first, end = number * len(results) // count, (number + 1) * len(results) // count
        at = max(range(first, end), key=lambda place: (weights[place], -place))
        found.append(Cell(first, end - 1, at, results[at]))
    return tuple(found)


_UNKNOWN = {Outcome.FAILED: 3.0, Outcome.WAITING: 2.0, Outcome.REFUSED: 1.0}


def _weight(result: ImageResult) -> tuple[float, float]:
    rare = -1.0 if result.p_value is None else -result.p_value
    if result.stands_out:
        return 4.0, rare
    return _UNKNOWN.get(result.outcome, 0.0), rare


def next_standing_out(scores: Sequence[Scores], here: int, steps: int) -> int | None:
    """The next image (steps 1) or the one before (-1) that stands out for any model, round and round."""
    places = sorted({n for one in scores for n, result in enumerate(one.results) if result.stands_out})
    if not places:
        return None
    if steps > 0:
        return next((place for place in places if place > here), places[0])
    return next((place for place in reversed(places) if place < here), places[-1])


# --- which images can be asked about ------------------------------------------------------------------


def why_no_scores(series: Series | None, *, own_model: bool = False) -> str:
    """Why a series has no scores, from what its files say of themselves; "" if it may have some.

    `own_model`: a model from a file is asked, which may be made for other modalities than those that ship.
    """
    if series is None:
        return "No series is open."
    if series.number_of_images < 2:
        return "The series has one image only; it is analyzed by itself."
    if all(not _is_grey(instance) for instance in series.instances):
        return "No scores: these are colour images, and the models read grey X-ray films."
    if not own_model and not analyzed_by_itself(header_of(series, series.instances[0], grey=True)):
        return f"No scores: {series.modality} is no plain radiograph, and no model here reads it."
    return ""


def header_of(series: Series, instance: Instance, *, grey: bool | None = None) -> ImageHeader:
    """What the index knows of an image that decides whether a model would refuse it.

    The part of the body is left out: it is known for the series alone, and its images may differ.
    """
    is_grey = _is_grey(instance) if grey is None else grey
    return ImageHeader(is_grey, instance.rows, instance.columns, series.modality, instance.view_position)


def _is_grey(instance: Instance) -> bool:
    return not instance.is_dicom or instance.photometric_interpretation in _GREY
