"""Films analyzed a few at a time without a window: answers as JSON and lines, pictures, one PDF.

A film that does not suit a model gets its reason: that is an answer. A film that cannot be read or
analyzed is a failure; it is listed, and the rest goes on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import CannotWrite, ProductError
from core.files import make_folder, write_whole
from core.imaging.findings import Finding, Sign
from core.imaging.frame import Frame
from core.inference.analysis import Analysis, Answer, Refusal, model_name
from core.jobs import JobContext
from core.reading import findings_above

if TYPE_CHECKING:
    from core.dicom.index import Instance, Patient, Series, Study, StudyIndex
    from core.reporting.report import Report

Analyze = Callable[[Sequence[Frame], JobContext], Sequence[Answer]]
Place = tuple["Patient", "Study", "Series"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is written beside the answers: pictures and JSON into `folder`, reports on each film."""

    folder: Path | None = None
    reports: bool = False
    deidentified: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class FilmAnswer:
    """What came out of one frame; `number` counts the frames of the batch from 1."""

    number: int
    instance: Instance
    frame_index: int
    frame: Frame
    answer: Answer
    findings: tuple[Finding, ...]
    place: Place

    def to_json(self, files: tuple[Path, ...] = ()) -> dict[str, Any]:  # JSON object
        """Scores, p-values, suitability, findings and written files of the frame; frames count from 1."""
        return {
            "file": str(self.instance.named_path),
            "frame": self.frame_index + 1,
            "sop_uid": self.instance.sop_instance_uid,
            "series_uid": self.place[2].series_instance_uid,
            "pixels_sha256": self.frame.digest,
            "results": [
                *(_analysis_as_json(one, self.findings) for one in self.answer.analyses),
                *(_refusal_as_json(one) for one in self.answer.refusals),
            ],
            "files": [str(path) for path in files],
        }

    def lines(self) -> tuple[str, ...]:
        """The same to read, one line a model."""
        frames = f" frame {self.frame_index + 1}" if self.instance.number_of_frames > 1 else ""
        name = f"{self.instance.named_path.name}{frames}"
        return (
            *(f"{name}: {_analysis_words(one, self.findings)}" for one in self.answer.analyses),
            *(f"{name}: {_refusal_words(one)}" for one in self.answer.refusals),
        )

    def report(self, deidentified: bool) -> Report:
        """A report that says that nobody has looked at the regions."""
        from core.reporting.identity import Identity
        from core.reporting.report import Decisions, draft

        return draft(
            self.frame,
            self.answer,
            Decisions(findings=self.findings, reviewed=False),
            identity=Identity(*self.place),
            deidentified=deidentified,
            made_on=date.today().isoformat(),
        )


# Read and analyzed together: enough to share what a network's run costs beside its arithmetic, and little
# enough that the films of one turn (15 MB each) do not matter.
_TOGETHER = 8


class _OneTurn(JobContext):
    """Progress within the films of one turn, told as progress of the batch."""

    def __init__(self, batch: JobContext, done: int, total: int, name: str) -> None:
        self._batch = batch
        self._place = (done, total)
        self._name = name

    def report(self, done: int, total: int, text: str = "") -> None:
        """Say what is done with these films."""
        self._batch.report(*self._place, f"{self._name}: {text}")

    def checkpoint(self) -> None:
        """Stop here if the batch was cancelled."""
        self._batch.checkpoint()


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """All that came out of a batch. `failed`: file, frame (from 1) and why.

    `stopped_at`: how many frames were begun when no more could be written, None if all were.
    """

    films: tuple[dict[str, Any], ...]  # JSON objects
    lines: tuple[str, ...]
    failed: tuple[tuple[Path, int, ProductError], ...]
    reports: tuple[Report, ...]
    stopped_at: int | None = None


def analyze_films(index: StudyIndex, analyze: Analyze, wanted: Wanted, ctx: JobContext) -> Outcome:
    """Analyze every frame of an index, in its order. Raises what `ctx` raises.

    Where the folder takes no more files the batch ends; what was answered until then is in the outcome.
    Raises `CannotWrite` if the folder cannot be made at all.
    """
    if wanted.folder is not None:
        make_folder(wanted.folder)
    films: list[dict[str, Any]] = []  # JSON objects
    lines: list[str] = []
    failed: list[tuple[Path, int, ProductError]] = []
    reports: list[Report] = []
    stopped_at: int | None = None
    for done, (instance, frame_index), result in _answered(index, analyze, ctx):
        if isinstance(result, ProductError):
            failed.append((instance.named_path, frame_index + 1, result))
            continue
        frame, answer = result
        try:
            film = film_answer(done + 1, instance, frame_index, frame, answer, index.place_of(instance))
            if wanted.reports:
                reports.append(film.report(wanted.deidentified))
        except ProductError as error:
            failed.append((instance.named_path, frame_index + 1, error))
            continue
        lines += film.lines()
        try:
            files = () if wanted.folder is None else _written(film, wanted.folder)
        except CannotWrite as error:
            films.append(film.to_json())
            failed.append((instance.named_path, frame_index + 1, error))
            stopped_at = done + 1
            break
        films.append(film.to_json(files))
    return Outcome(tuple(films), tuple(lines), tuple(failed), tuple(reports), stopped_at)


def _answered(
    index: StudyIndex, analyze: Analyze, ctx: JobContext
) -> Iterator[tuple[int, tuple[Instance, int], tuple[Frame, Answer] | ProductError]]:
    """Each frame of the index in its order with its answer, or with what stood against one."""
    from core.dicom.frames import read_frame

    places = [place for series in index.series for place in index.frames_of(series)]
    for first in range(0, len(places), _TOGETHER):
        turn = places[first : first + _TOGETHER]
        read: list[Frame | ProductError] = []
        for done, place in enumerate(turn, first):
            ctx.report(done, len(places), place[0].named_path.name)
            try:
                read.append(read_frame(*place))
            except ProductError as error:
                read.append(error)
        within = _OneTurn(ctx, first, len(places), turn[0][0].named_path.name)
        asked = iter(_asked([one for one in read if isinstance(one, Frame)], analyze, within))
        for done, (place, one) in enumerate(zip(turn, read, strict=True), first):
            yield done, place, one if isinstance(one, ProductError) else next(asked)


def _asked(
    frames: list[Frame], analyze: Analyze, ctx: JobContext
) -> list[tuple[Frame, Answer] | ProductError]:
    """Each frame with its answer; where all together fail, each by itself: none costs another its answer."""
    if not frames:
        return []
    try:
        return list(zip(frames, analyze(frames, ctx), strict=True))
    except ProductError as error:
        if len(frames) == 1:
            return [error]
    return [answer for frame in frames for answer in _asked([frame], analyze, ctx)]


def film_answer(
    number: int, instance: Instance, frame_index: int, frame: Frame, answer: Answer, place: Place
) -> FilmAnswer:
    """The answer on a frame with all regions above the calibrated thresholds."""
    findings = tuple(
        finding
        for analysis in answer.analyses
        for finding in findings_above(frame, analysis, Sign.DENSER, analysis.threshold)
    )
    return FilmAnswer(number, instance, frame_index, frame, answer, findings, place)


def _written(film: FilmAnswer, folder: Path) -> tuple[Path, ...]:
    """Original, twins and differences as PNG at frame resolution, and the answer as JSON.

    Names say number and pixels, never the patient.
    """
    from core.reporting.panels import Look, render_panels

    stem = f"{film.number:04d}-{film.frame.digest[:8]}"
    thresholds = [analysis.threshold for analysis in film.answer.analyses]
    panels = render_panels(film.frame, film.answer.analyses, thresholds, Look(), film.findings)
    files = [folder / f"{stem}-{panel.name}.png" for panel in panels]
    files.append(folder / f"{stem}.json")
    text = json.dumps(film.to_json(tuple(files)), indent=1, allow_nan=False)
    contents = (*(panel.png for panel in panels), text.encode)
    for done, (path, content) in enumerate(zip(files, contents, strict=True)):
        try:
            write_whole(path, content())
        except CannotWrite:
            for written in files[:done]:  # half a film's files would be taken for all of them
                written.unlink(missing_ok=True)
            raise
    return tuple(files)


def _analysis_as_json(analysis: Analysis, findings: tuple[Finding, ...]) -> dict[str, Any]:  # JSON object
    card, calibration, threshold = analysis.card, analysis.calibration, analysis.threshold
    return {
        "model": card.name,
        "kind": card.kind,
        "version": card.version,
        "weights_sha256": card.weights_digest,
        "suitability": analysis.suitability.verdict.value,
        "reasons": list(analysis.suitability.reasons),
        "warnings": list(analysis.warnings),
        "calibrated": calibration is not None,
        "score": _number(analysis.score),
        "p_value": _number(analysis.p_value),
        "threshold": _number(threshold),
        "false_alarm_rate": None if calibration is None else _number(calibration.false_alarm_rate(threshold)),
        "findings": [_finding_as_json(one) for one in findings if one.model_kind == card.kind],
        "device": analysis.device,
        "elapsed_s": round(analysis.elapsed_s, 3),
    }


def _refusal_as_json(refusal: Refusal) -> dict[str, Any]:  # JSON object
    return {
        "model": None,
        "kind": refusal.kind,
        "suitability": refusal.suitability.verdict.value,
        "reasons": list(refusal.suitability.reasons),
        "hint": refusal.hint,
        "score": None,
        "p_value": None,
        "findings": [],
    }


def _finding_as_json(finding: Finding) -> dict[str, Any]:  # JSON object
    return {
        "sign": finding.sign.value,
        "side": finding.side,
        "zone": finding.zone,
        "box": list(finding.box),
        "centre": [round(float(part), 1) for part in finding.centre],
        "area_px": round(float(finding.area_px), 1),
        "area_mm2": None if finding.area_mm2 is None else round(finding.area_mm2, 1),
        "size_mm": None if finding.size_mm is None else [round(part, 1) for part in finding.size_mm],
        "spacing_source": finding.spacing_source.value,
        "peak": _number(finding.peak),
        "p_value": _number(finding.p_value),
    }


def _number(value: float | None) -> float | None:
    """A number that JSON can hold: an infinite threshold is null."""
    return float(value) if value is not None and math.isfinite(value) else None


def _analysis_words(analysis: Analysis, findings: tuple[Finding, ...]) -> str:
    count = sum(one.model_kind == analysis.card.kind for one in findings)
    p_words = "uncalibrated" if analysis.p_value is None else f"p = {analysis.p_value:.3f}"
    words = f"{analysis.card.name}: score {analysis.score:.2f}, {p_words}, "
    words += f"{count} finding{'' if count == 1 else 's'} above {analysis.threshold:.3f}"
    words += f" ({analysis.elapsed_s:.1f} s)"
    return " ".join((words, *analysis.suitability.reasons, *analysis.warnings))


def _refusal_words(refusal: Refusal) -> str:
    verdict = "no model" if refusal.no_model else "not suitable"
    return " ".join(
        part
        for part in (f"{model_name(refusal.kind)}: {verdict}.", *refusal.suitability.reasons, refusal.hint)
        if part
    )
