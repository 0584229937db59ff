"""What is shown of the models' answers, and in one sentence where the analysis stands: pure answers.

Answers + review + style -> `Reading`, which widgets draw without knowing how it came about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from math import inf, isfinite

from core.errors import ModelDoesNotFit, ProductError
from core.imaging.findings import OPPOSITE, Finding, Sign, extract_findings, lit_cells
from core.imaging.frame import Frame
from core.imaging.heatmap import HeatmapStyle
from core.imaging.residuals import upsampled
from core.inference.analysis import Analysis, Answer, ImageHeader, ModelChoice, Refusal, model_name
from core.jobs import Job, JobState, Progress
from core.review import Review, calibrated_threshold

AGREEMENT = "agreement"
"""In front when both models are asked: where they agree, instead of one of them."""

# Radiographs: what the shipped models are made for. Others can be asked for by hand and are then refused
# with the reason, but scrolling a CT must not keep the device busy with refusals.
_ANALYZED_BY_THEMSELVES = frozenset({"CR", "DX", "RG", ""})

FindingsOf = Callable[[Analysis, Sign, float], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the models say of the shown frame at the reader's thresholds; all that the widgets draw.

    `shown` is the analysis whose twin, map and threshold are in front (None: no result). `style` carries
    its threshold. `thresholds` belong to `analyses`, in their order, and to the sign of `style`;
    `opposite_thresholds` to the other sign where both are shown, else empty. `above`: the regions of all
    maps above them. `findings`: what is listed, those regions and all that the reader accepted, as it was:
    below a higher threshold, of the other sign or of a model that is not asked any more.
    `specks`: something lights up, but nothing large enough to be a finding.
    """

    style: HeatmapStyle
    shown: Analysis | None = None
    analyses: tuple[Analysis, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    thresholds: tuple[float, ...] = ()
    opposite_thresholds: tuple[float, ...] = ()
    above: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()
    specks: bool = False

    @property
    def answer(self) -> Answer | None:
        """All that was said, as one answer; None while nobody has answered."""
        digests = [one.frame_digest for one in self.analyses] + [one.frame_digest for one in self.refusals]
        if not digests:
            return None
        kinds = [one.card.kind for one in self.analyses] + [one.kind for one in self.refusals]
        choice = ModelChoice.BOTH if len(kinds) > 1 else ModelChoice(kinds[0])
        return Answer(digests[0], choice, self.analyses, self.refusals)


def resolve(
    answers: Sequence[Answer], review: Review, style: HeatmapStyle, in_front: str, findings_of: FindingsOf
) -> Reading:
    """What is shown, from all that was answered, decided and wished.

    `in_front`: a model kind or `AGREEMENT`. For the agreement one slider moves both thresholds: the
    second model keeps the ratio of the first to its calibrated threshold.
    """
    analyses = tuple(analysis for answer in answers for analysis in answer.analyses)
    refusals = tuple(refusal for answer in answers for refusal in answer.refusals)
    if not analyses:
        return Reading(style, refusals=refusals, findings=review.accepted)
    thresholds = tuple(review.threshold_for(analysis, style.sign) for analysis in analyses)
    if in_front == AGREEMENT:
        thresholds = _moved_together(analyses, thresholds[0], style.sign)
    place = next((n for n, analysis in enumerate(analyses) if analysis.card.kind == in_front), 0)
    asked = tuple(zip(analyses, thresholds, strict=True))
    both = _shows_both_signs(style, in_front, analyses)
    other = OPPOSITE[style.sign]
    opposite = tuple(review.threshold_for(analysis, other) for analysis in analyses) if both else ()
    above = tuple(
        finding for analysis, threshold in asked for finding in findings_of(analysis, style.sign, threshold)
    ) + tuple(
        finding
        for analysis, threshold in zip(analyses, opposite, strict=False)
        for finding in findings_of(analysis, other, threshold)
    )
    return Reading(
        style=replace(
            style,
            threshold=thresholds[place],
            opposite_threshold=opposite[place] if both else inf,
        ),
        shown=analyses[place],
        analyses=analyses,
        refusals=refusals,
        thresholds=thresholds,
        opposite_thresholds=opposite,
        above=above,
        findings=_listed(above, review),
        specks=not above
        and any(_lights_up(analysis, style.sign, threshold) for analysis, threshold in asked),
    )


def with_threshold(review: Review, reading: Reading, value: float | None) -> Review:
    """The review with another threshold for the map in front; None is the calibrated one.

    Where both signs are shown one slider moves both: the other sign keeps the ratio to its calibrated
    threshold, and that itself where it is none that a map can reach. No result: nothing moves.
    """
    shown, sign = reading.shown, reading.style.sign
    if shown is None:
        return review
    moved, other = review.with_threshold(shown, sign, value), OPPOSITE[sign]
    calibrated, others = calibrated_threshold(shown, sign), calibrated_threshold(shown, other)
    if not reading.opposite_thresholds or (value is not None and not isfinite(others)):
        return moved
    ratio = value / calibrated if value is not None and isfinite(calibrated) and calibrated > 0 else 1.0
    return moved.with_threshold(shown, other, None if value is None else others * ratio)


def _shows_both_signs(style: HeatmapStyle, in_front: str, analyses: Sequence[Analysis]) -> bool:
    """The agreement of two models is that of one sign: denser and more lucent do not agree."""
    return style.both_signs and not (in_front == AGREEMENT and len(analyses) > 1)


def _listed(above: Sequence[Finding], review: Review) -> tuple[Finding, ...]:
    """The regions of now, an accepted one as it was accepted, then the accepted that are no regions now."""
    accepted = {finding.identifier: finding for finding in review.accepted}
    now = [accepted.pop(finding.identifier, finding) for finding in above]
    return (*now, *accepted.values())


def _lights_up(analysis: Analysis, sign: Sign, threshold: float) -> bool:
    return bool(lit_cells(upsampled(analysis.map_of(sign), analysis.analyzed), threshold).any())


def _moved_together(analyses: Sequence[Analysis], first: float, sign: Sign) -> tuple[float, ...]:
    calibrated = [calibrated_threshold(analysis, sign) for analysis in analyses]
    # A set too small for a threshold has an infinite one, a map of zeros a threshold of zero: no ratio.
    ratio = first / calibrated[0] if isfinite(calibrated[0]) and calibrated[0] > 0 else 1.0
    return (first, *(own * ratio for own in calibrated[1:]))


def findings_above(frame: Frame, analysis: Analysis, sign: Sign, threshold: float) -> tuple[Finding, ...]:
    """The regions of one map above a threshold. Raises `ValueError` for the map of another frame."""
    if frame.digest != analysis.frame_digest:
        raise ValueError("This analysis belongs to another frame.")
    lucent = sign is Sign.LUCENT
    calibration = analysis.calibration
    return extract_findings(
        analysis.map_of(sign),
        sign=sign,
        threshold=threshold,
        model_input=analysis.model_input,
        analyzed=analysis.analyzed,
        frame_spacing=frame.spacing,
        frame_source=frame.source,
        model_kind=analysis.card.kind,
        peak_p_value=None if calibration is None else partial(calibration.peak_p_value, lucent=lucent),
        peak_percentile=None if calibration is None else partial(calibration.peak_percentile, lucent=lucent),
    )


def analyzed_by_itself(frame: Frame | ImageHeader) -> bool:
    """Whether an image is of a kind that is analyzed without being asked for."""
    return frame.is_grey and is_radiograph(frame.source.modality)


def is_radiograph(modality: str) -> bool:
    """Whether this is a modality that the models are made for; "" is a picture that does not say."""
    return modality in _ANALYZED_BY_THEMSELVES


class RunPhase(StrEnum):
    """Where the analysis of the shown frame stands."""

    NOT_RUN = "not run"
    QUEUED = "queued"
    RUNNING = "running"
    FAILED = "failed"
    NOT_SUITABLE = "not suitable"
    NO_MODEL = "no model"
    VEILED = "veiled"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class RunStatus:
    """Phase, one plain sentence, and progress while it runs; `details` are reasons and warnings."""

    phase: RunPhase
    text: str
    progress: Progress | None = None
    details: tuple[str, ...] = ()


def run_status(
    frame: Frame | None,
    reading: Reading,
    jobs: Sequence[Job],
    errors: Sequence[BaseException],
    *,
    loading: bool = False,
    veiled: bool = False,
) -> RunStatus:
    """Where the analysis stands: failures first, then what goes on, then what came out.

    `jobs`, `errors`: of the runs for this frame. `loading`: the image itself is still being read. `veiled`:
    nothing of it is to be told before the reader has written an impression.
    """
    if loading:
        return RunStatus(RunPhase.NOT_RUN, "Reading the image…")
    if frame is None:
        return RunStatus(RunPhase.NOT_RUN, "No image is shown.")
    if veiled:
        return RunStatus(RunPhase.VEILED, "Write your impression first.")
    if errors:
        return _failure(errors[0])
    active = [job for job in jobs if job.active]
    if active:
        return _progress(active)
    if reading.analyses:
        return _outcome(reading)
    if reading.refusals:
        return _refused(reading.refusals)
    return RunStatus(RunPhase.NOT_RUN, _why_not_run(frame))


def _refused(refusals: Sequence[Refusal]) -> RunStatus:
    """Why no model has an opinion; one that is not installed is no fault of the film."""
    reasons = [refusal.suitability.reasons for refusal in refusals]
    hints = [refusal.hint for refusal in refusals if refusal.hint]
    details = [reason for one in reasons for reason in one] + hints
    if all(refusal.no_model for refusal in refusals):
        return RunStatus(RunPhase.NO_MODEL, "No model for this film is installed.", details=_once(details))
    if len(set(reasons)) > 1:
        details = [f"{model_name(refusal.kind)}: {_why(refusal)}" for refusal in refusals]
    words = "Not suitable for this model." if len(refusals) == 1 else "Not suitable for these models."
    return RunStatus(RunPhase.NOT_SUITABLE, words, details=_once(details))


def _why(refusal: Refusal) -> str:
    return " ".join((*refusal.suitability.reasons, refusal.hint)).strip()


def _failure(error: BaseException) -> RunStatus:
    if isinstance(error, ModelDoesNotFit):
        return RunStatus(RunPhase.NOT_SUITABLE, "Not suitable for this model.", details=(str(error),))
    words = str(error) if isinstance(error, ProductError) else "The program met an error of its own."
    return RunStatus(RunPhase.FAILED, "The analysis failed.", details=(words,))


def _progress(active: Sequence[Job]) -> RunStatus:
    for job in active:
        if job.state is JobState.RUNNING:
            return RunStatus(RunPhase.RUNNING, f"Analyzing with {job.title.partition(':')[0]}", job.progress)
    return RunStatus(RunPhase.QUEUED, "Waiting for its turn.")


def _outcome(reading: Reading) -> RunStatus:
    count = len(reading.above)
    nothing = "Only specks above the threshold." if reading.specks else "Nothing above the threshold."
    words = {0: nothing, 1: "1 finding above the threshold."}
    details = [reason for one in reading.analyses for reason in (*one.suitability.reasons, *one.warnings)]
    details += [f"{model_name(one.kind)} gives no opinion: {_why(one)}" for one in reading.refusals]
    return RunStatus(
        RunPhase.DONE, words.get(count, f"{count} findings above the threshold."), details=_once(details)
    )


def _why_not_run(frame: Frame) -> str:
    if not frame.is_grey:
        return "Not analyzed: a colour image."
    if not analyzed_by_itself(frame):
        return f"Not analyzed: {frame.source.modality} is no plain radiograph."
    return "Not analyzed yet."


def _once(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))
