"""What goes out: a `Report` is complete before any writer sees it; writers only format.

`draft` decides all that matters: who is named, what is claimed, and with which caveats. It is a pure
function of frame, answer and what the reader decided, so that the same input gives the same report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from core import RESEARCH_USE
from core.imaging.display import default_grey, display_table
from core.imaging.findings import OPPOSITE, Finding, Sign, count_regions, side_basis
from core.imaging.frame import Frame
from core.imaging.heatmap import (
    AGREEMENT_BOTH,
    AGREEMENT_NOT_ANALYZED,
    AGREEMENT_ONLY_A,
    AGREEMENT_ONLY_B,
)
from core.imaging.marks import Drawings
from core.imaging.measurements import Measured
from core.inference.analysis import Analysis, Answer, model_name
from core.reporting.identity import Fact, Identity, state
from core.reporting.panels import (
    Look,
    Panel,
    agreement_labels,
    render_panels,
    same_crop,
)

PANEL_SIDE_PX = 1200

_NO_NOTES: Mapping[str, str] = MappingProxyType({})
_SIDES = MappingProxyType({"R": "Right", "L": "Left", "midline": "Midline"})


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the reader decided. `reviewed` False: nobody did, `findings` are all that reach the threshold.

    `findings`: those that the reader accepted, in order. `notes`: finding identifier -> words.
    `thresholds`: model kind -> map value; a kind that is missing has the calibrated one.
    """

    findings: tuple[Finding, ...] = ()
    notes: Mapping[str, str] = field(default_factory=lambda: _NO_NOTES)
    impression: str = ""
    reader: str = ""
    thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    reviewed: bool = True
    drawings: Drawings = field(default_factory=Drawings)
    key_image: bool = False


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One row of the findings table, all in words; `number` is the one drawn on the difference panel."""

    number: int
    place: str
    kind: str
    size: str
    threshold: str
    peak: str
    p_value: str
    model: str
    note: str


@dataclass(frozen=True, slots=True)
class MeasurementLine:
    """One row of the measurements table; `name` is the one written on the original."""

    name: str
    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one model said, or why it said nothing (`refused`), as facts to be read."""

    title: str
    facts: tuple[Fact, ...]
    refused: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """All that goes out. Plain text everywhere: a writer escapes it, and adds nothing.

    `case`: a name for files, never the patient's. `running_title` stands on each page and names the
    patient unless `deidentified`. `banners` are for what must be seen first, `cautions` for what must be
    known. `panels` begins with the original; `key_images` are others of the study.
    """

    title: str
    case: str
    running_title: str
    deidentified: bool
    subject: tuple[Fact, ...]
    banners: tuple[str, ...]
    cautions: tuple[str, ...]
    panels: tuple[Panel, ...]
    findings_title: str
    findings: tuple[FindingLine, ...]
    findings_note: str
    measurements: tuple[MeasurementLine, ...]
    impression: str
    reader: str
    opinions: tuple[Opinion, ...]
    agreement: str
    provenance: tuple[Fact, ...]
    research_use: str = RESEARCH_USE
    key_images: tuple[Panel, ...] = ()

    @property
    def pictures(self) -> tuple[Panel, ...]:
        """All pictures: those of the image itself, then the key images of its study."""
        return (*self.panels, *self.key_images)


def draft(
    frame: Frame,
    answer: Answer | None,
    decisions: Decisions,
    *,
    identity: Identity | None = None,
    look: Look | None = None,
    deidentified: bool = False,
    made_on: str = "",
    panel_side_px: int | None = PANEL_SIDE_PX,
    key_images: Sequence[tuple[str, Frame, Drawings]] = (),
    key_images_missing: Sequence[str] = (),
) -> Report:
    """The report on one frame. `made_on`: date in words, left out of a de-identified report.

    De-identified: no name, number, date, institution, UID, description or path; their text is also taken
    out of what the reader wrote; age is stated up to 89. Burned-in text in the pixels stays, and the
    report says so. Raises `ValueError` when the answer or a finding's model belongs to another frame.
    """
    identity, look = identity or Identity(), look or Look()
    if answer is not None and answer.frame_digest != frame.digest:
        raise ValueError("This answer belongs to another frame.")
    analyses = answer.analyses if answer is not None else ()
    thresholds = tuple(_threshold(analysis, decisions, look.style.sign) for analysis in analyses)
    drawn_at = _drawn_at(analyses, thresholds, look)
    stated = state(identity, frame, deidentified=deidentified, made_on=made_on)
    written = {key: stated.clean(words) for key, words in decisions.notes.items()}
    return Report(
        title="Image report",
        case=stated.case,
        running_title=stated.running_title,
        deidentified=deidentified,
        subject=(*stated.subject, *((("Image", "key image"),) if decisions.key_image else ())),
        banners=_banners(answer, analyses),
        cautions=_once(
            [
                stated.clean(one)
                for one in (*_cautions(frame, analyses, decisions, deidentified), *key_images_missing)
            ]
        ),
        panels=render_panels(
            frame, analyses, thresholds, look, decisions.findings, decisions.drawings, panel_side_px
        ),
        findings_title="Findings accepted by the reader"
        if decisions.reviewed
        else "Regions above the threshold, not reviewed by a reader",
        findings=tuple(
            _finding_line(number, finding, frame, written.get(finding.identifier, ""))
            for number, finding in enumerate(decisions.findings, 1)
        ),
        findings_note=_findings_note(frame, decisions, analyses, drawn_at),
        measurements=(
            *_measurements(frame, look, decisions.drawings),
            *(
                replace(line, name=f"K{number} {line.name}")
                for number, (_, other, drawings) in enumerate(key_images, 1)
                for line in _measurements(other, Look(), drawings)
            ),
        ),
        key_images=tuple(
            _key_picture(number, stated.clean(title), other, drawings, panel_side_px)
            for number, (title, other, drawings) in enumerate(key_images, 1)
        ),
        impression=stated.clean(decisions.impression),
        reader="" if deidentified else decisions.reader,
        opinions=(
            *(
                _opinion(one, {sign: at for (kind, sign), at in drawn_at.items() if kind == one.card.kind})
                for one in analyses
            ),
            *_refusals(answer),
        ),
        agreement=_agreement_words(analyses, thresholds, look.style.sign),
        provenance=stated.provenance,
    )


def _key_picture(
    number: int, title: str, frame: Frame, drawings: Drawings, panel_side_px: int | None
) -> Panel:
    """A key image as its file wants to be shown, with the reader's marks."""
    (panel,) = render_panels(frame, (), (), Look(), drawings=drawings, longest_side_px=panel_side_px)
    return replace(panel, name=f"key-{number}", title=f"Key image K{number}: {title}")


def _threshold(analysis: Analysis, decisions: Decisions, sign: Sign) -> float:
    chosen = decisions.thresholds.get(analysis.card.kind)
    if chosen is not None:
        return chosen
    if sign is Sign.LUCENT and analysis.calibration is not None:
        return analysis.calibration.threshold(lucent=True)
    return analysis.threshold


def _banners(answer: Answer | None, analyses: Sequence[Analysis]) -> tuple[str, ...]:
    banners = []
    if answer is None:
        banners.append("NOT ANALYZED. No model was asked about this image.")
    elif not analyses:
        missing = all(refusal.no_model for refusal in answer.refusals)
        why = "No model for this image is installed" if missing else "The image does not suit the model"
        banners.append(f"NO ANALYSIS. {why}; the reason stands below.")
    uncalibrated = [model_name(one.card.kind) for one in analyses if one.calibration is None]
    if uncalibrated:
        banners.append(
            f"UNCALIBRATED: {' and '.join(uncalibrated)}. Threshold and score have no known meaning on "
            "healthy films; there are no p-values."
        )
    return tuple(banners)


def _cautions(
    frame: Frame, analyses: Sequence[Analysis], decisions: Decisions, deidentified: bool
) -> list[str]:
    said_by: dict[str, list[str]] = {}
    for analysis in analyses:
        for reason in (*analysis.suitability.reasons, *analysis.warnings):
            said_by.setdefault(reason, []).append(model_name(analysis.card.kind))
    words = [f"{', '.join(names)}: {reason}" for reason, names in said_by.items()]
    if not decisions.reviewed:
        words.append("No reader has looked at these regions.")
    if frame.source.lossy:
        words.append("The image has been compressed with loss.")
    words += frame.notes
    if deidentified and frame.source.burned_in_annotation is not False:
        words.append("Text burned into the image itself was not searched for; look before passing it on.")
    return words


def _finding_line(number: int, finding: Finding, frame: Frame, note: str) -> FindingLine:
    side = _SIDES.get(finding.side, "Side not known")
    if finding.size_mm is not None:
        size = f"{finding.size_mm[0]:.0f} × {finding.size_mm[1]:.0f} mm ({finding.spacing_source})"
    else:
        first_row, first_column, end_row, end_column = finding.box
        size = f"{end_row - first_row} × {end_column - first_column} px (spacing unknown)"
    return FindingLine(
        number=number,
        place=f"{side}, {finding.zone} zone" if finding.zone else side,
        kind=finding.sign.value,
        size=size,
        threshold=_threshold_words(finding.threshold),
        peak=f"{finding.peak:.2f}",
        p_value="none (uncalibrated)" if finding.p_value is None else _p_words(finding.p_value),
        model=model_name(finding.model_kind),
        note=note,
    )


def _measurements(frame: Frame, look: Look, drawings: Drawings) -> tuple[MeasurementLine, ...]:
    """One row a mark, hidden ones too: what was measured is not lost with its line."""
    shown_frame = frame if look.presented is None else look.presented.frame
    grey = default_grey(shown_frame) if look.grey is None else look.grey

    def shown(row: int, column: int) -> int:
        pixel = frame.stored[row : row + 1, column : column + 1]
        return int(display_table(shown_frame, grey, look.invert).apply(pixel)[0, 0])

    measured = Measured(frame, shown=shown)
    lines = []
    for mark in drawings.marks:
        words = [mark.text, measured.words(mark), "not in the picture" if mark.hidden else ""]
        lines.append(MeasurementLine(mark.name, mark.kind.words, "; ".join(part for part in words if part)))
    return tuple(lines)


def _findings_note(
    frame: Frame,
    decisions: Decisions,
    analyses: Sequence[Analysis],
    drawn_at: Mapping[tuple[str, Sign], float],
) -> str:
    if not decisions.findings:
        if not analyses:
            return ""
        if not decisions.reviewed:
            return "No region reaches the threshold. That does not mean that the image is healthy."
        return "The reader accepted no finding."
    words = [
        "Size: height × width, at the threshold. Threshold, peak: difference from the twin as a share of the "
        "grey range.",
        "p: share of held-out healthy films whose map peaks at least as high anywhere.",
    ]
    basis = side_basis(frame.source)
    if basis:
        words.append(f"Side by {basis}.")
    words += _what_the_pictures_lack(decisions, drawn_at)
    return " ".join(words)


def _drawn_at(
    analyses: Sequence[Analysis], thresholds: Sequence[float], look: Look
) -> dict[tuple[str, Sign], float]:
    """The threshold of each map that the pictures show, by kind of model and sign."""
    own, other = look.style.sign, OPPOSITE[look.style.sign]
    kinds = [analysis.card.kind for analysis in analyses]
    drawn = {(kind, own): threshold for kind, threshold in zip(kinds, thresholds, strict=True)}
    # Empty where one sign is shown alone.
    drawn |= {(kind, other): at for kind, at in zip(kinds, look.opposite_thresholds, strict=False)}
    return drawn


def _what_the_pictures_lack(decisions: Decisions, drawn_at: Mapping[tuple[str, Sign], float]) -> list[str]:
    """What a reader who compares table and pictures would else stumble over."""
    words = []
    outlined = [one for one in decisions.findings if (one.model_kind, one.sign) in drawn_at]
    if any(one.threshold != drawn_at[one.model_kind, one.sign] for one in outlined):
        words.append(
            "A finding keeps the threshold at which it was accepted; colours are drawn at that of its model."
        )
    missing = [str(number) for number, one in enumerate(decisions.findings, 1) if one not in outlined]
    if missing:
        words.append(f"Not outlined in the pictures, which show another model or sign: {', '.join(missing)}.")
    return words


def _opinion(analysis: Analysis, thresholds: Mapping[Sign, float]) -> Opinion:
    """What a model says, at the threshold of each sign that the pictures show."""
    card, calibration = analysis.card, analysis.calibration
    facts = [
        ("Model", f"{card.name} {card.version} ({card.preset})"),
        ("Weights, SHA-256", card.weights_digest[:12] or "not stated"),
        (
            "Made for",
            f"{'/'.join(card.modalities)} {card.body_part} {'/'.join(card.views)}, {_population(analysis)}",
        ),
    ]
    if calibration is None:
        facts += [
            ("Calibration", "none"),
            ("Score", f"{analysis.score:.3g} (mean excess, no healthy reference)"),
        ]
    else:
        p_words = "none" if analysis.p_value is None else _p_words(analysis.p_value)
        facts += [
            ("Calibration", f"{calibration.films[1]} healthy films, {calibration.source}"),
            ("Score", f"{analysis.score:.2f} (0: mean of healthy films, 1: their spread); p = {p_words}"),
        ]
    for sign, threshold in thresholds.items():
        regions = count_regions(analysis.map_of(sign), threshold, analysis.analyzed)
        facts += [
            ("Threshold", f"{_threshold_words(threshold)}: {_price_words(analysis, sign, threshold)}"),
            ("Regions", f"{regions} above the threshold, {sign} than the twin"),
        ]
    facts.append(("Device, time", f"{analysis.device}, {analysis.elapsed_s:.1f} s"))
    return Opinion(model_name(card.kind), tuple(facts))


def _price_words(analysis: Analysis, sign: Sign, threshold: float) -> str:
    """What a threshold lights up on healthy films."""
    calibration = analysis.calibration
    if calibration is None:
        return "what it lights up on healthy films is not known"
    lucent = sign is Sign.LUCENT
    rate = calibration.false_alarm_rate(threshold, lucent=lucent)
    lights = f"lights up {_percent(rate)} of {calibration.films[1]} held-out healthy films"
    regions = calibration.false_regions(threshold, lucent=lucent)
    return lights if regions is None else f"{lights} ({regions:.2g} false regions a film)"


def _refusals(answer: Answer | None) -> tuple[Opinion, ...]:
    """Why there is no result, one entry for each model that gave none."""
    opinions = []
    for refusal in answer.refusals if answer is not None else ():
        facts = [
            ("No analysis", " ".join(refusal.suitability.reasons) or "The image does not suit the model.")
        ]
        if refusal.hint:
            facts.append(("What to do", refusal.hint))
        opinions.append(Opinion(model_name(refusal.kind), tuple(facts), refused=True))
    return tuple(opinions)


def _agreement_words(analyses: Sequence[Analysis], thresholds: Sequence[float], sign: Sign) -> str:
    if len(analyses) != 2:
        return ""
    names = [model_name(analysis.card.kind) for analysis in analyses]
    if not same_crop(analyses[0], analyses[1]):
        return "The two models looked at different parts of the image, so their maps are not compared."
    labels = agreement_labels(analyses, thresholds, sign)
    analyzed = max(1, int(np.count_nonzero(labels != AGREEMENT_NOT_ANALYZED)))
    both, only_a, only_b = (
        np.count_nonzero(labels == label) / analyzed
        for label in (AGREEMENT_BOTH, AGREEMENT_ONLY_A, AGREEMENT_ONLY_B)
    )
    if both + only_a + only_b == 0:
        return "Neither model lights up anything above its threshold."
    return (
        f"Of the analyzed area, both models light up {_percent(both)}, only {names[0]} {_percent(only_a)}, "
        f"only {names[1]} {_percent(only_b)}."
    )


def _population(analysis: Analysis) -> str:
    card = analysis.card
    if card.population == "any":
        return "any age"
    return {"adult": "adults", "child": "children"}.get(card.population, card.population)


def _threshold_words(threshold: float) -> str:
    return f"{threshold:.3f}" if np.isfinite(threshold) else "above every value"


def _p_words(p_value: float) -> str:
    return "< 0.001" if p_value < 0.001 else f"{p_value:.3f}"


def _percent(share: float) -> str:
    percent = 100 * share
    if 0 < percent < 0.1:
        return "less than 0.1 %"
    return f"{percent:.1f} %" if percent < 10 else f"{percent:.0f} %"


def _once(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word))
