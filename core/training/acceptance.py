"""May a new model take the place of the current one? A frozen local test decides, before the viewer uses it.

The rules, on held-out labelled films that neither model was trained or calibrated on; sources are never
pooled, and a patient counts as one in all of them:

1. The candidate is calibrated, for its own weights and preprocessing.
2. False alarms keep the promise. Of the healthy patients of each source (the first film of each) no more may
   raise an alarm at alpha = 5 %, of the score or of the map, than the calibration allows: the exact
   beta-binomial tail, which is the binomial one over all rates that a calibration of n films can have, must
   be 2.5 % at least.
3. It tells ill from healthy: in no source lies the whole 95 % interval of the score's AUROC below 0.5.
4. It is not worse than the current model: in no source lies the whole 95 % interval of the AUROC difference
   below 0; both models are drawn on the same bootstrap samples of patients.
5. It leaves healthy films alone: the mean change of healthy films is at most 0.01, or at most twice that of
   the current model.
6. The test is large enough: rules 3 and 4 speak only where a source has 10 healthy and 10 ill patients, and
   one source at least must have them.

Without a current model rules 4 and 5 do not apply.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import betabinom

from core.errors import CannotWrite, DatasetTooSmall, ModelFileInvalid
from core.files import make_folder, safe_stem, write_whole
from core.imaging.residuals import top_share
from core.inference.analyze import calibration_of, film_residuals, map_weight
from core.inference.calibration import DEFAULT_ALPHA, Calibration
from core.inference.device import choose_device
from core.jobs import NO_JOB, JobContext
from core.models.acceptance_record import calibration_digest, read_record, write_record
from core.models.model_file import ModelFile, ModelHead, read_head, read_model_file
from core.models.registry import open_model
from core.training.curves import promised_shape
from core.training.dataset import FilmFile, Films, LeftOut, read_films, why_left_out
from core.training.evaluation import (
    Boxes,
    alarm_figures,
    alarms_of,
    labelled_films,
    pointing_figures,
    read_boxes,
)
from core.training.intervals import Figure, auroc, patient_resamples

AUROC = "AUROC of the anomaly score"
_MAP_AUROC = "AUROC of the map (top 2 %)"
_CHANGE = "mean change on healthy films (0–1)"
_FEWEST = 10  # patients of a side, below which an AUROC says nothing
_LEAST_TAIL = 0.025
_CHANCE = 0.5
_SMALL_CHANGE, _MOST_GROWTH = 0.01, 2.0


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model was tested. `calibration_digest`: "" for an uncalibrated one."""

    name: str
    kind: str
    weights_digest: str
    calibration_digest: str

    @classmethod
    def of(cls, head: ModelHead) -> ModelIdentity:
        """The model of a file."""
        card = head.card
        return cls(card.name, card.kind, card.weights_digest, calibration_digest(head))


@dataclass(frozen=True, slots=True)
class SourceComparison:
    """Figures of both models on the films of one source; `difference` is candidate − current, paired.

    `healthy`, `abnormal`: numbers of films that both models could read.
    """

    source: str
    healthy: int
    abnormal: int
    candidate: dict[str, Figure]
    current: dict[str, Figure]
    difference: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a model may become active. `reasons`: all that spoke against it; empty when it passed.

    `remarks`: what limits the verdict. `test_digest`: SHA-256 over contents, labels and sources of the test
    films, so that a later comparison can say whether it is the same test.
    """

    passed: bool
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    candidate: ModelIdentity
    current: ModelIdentity | None
    test_digest: str
    sources: tuple[SourceComparison, ...]
    left_out: tuple[LeftOut, ...] = ()

    def to_json(self) -> dict[str, Any]:  # JSON object
        """Plain JSON values; file names of what was left out included."""
        values = asdict(self)
        values["left_out"] = [{"file": str(entry.path), "reason": entry.reason} for entry in self.left_out]
        plain: dict[str, Any] = json.loads(json.dumps(values))  # tuples become lists
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:  # JSON object
        """The inverse of `to_json`. Raises `KeyError`, `TypeError` or `ValueError` if it is none."""
        current = data["current"]
        return cls(
            passed=data["passed"] is True,
            reasons=tuple(map(str, data["reasons"])),
            remarks=tuple(map(str, data["remarks"])),
            candidate=ModelIdentity(**data["candidate"]),
            current=None if current is None else ModelIdentity(**current),
            test_digest=str(data["test_digest"]),
            sources=tuple(
                SourceComparison(
                    str(one["source"]),
                    int(one["healthy"]),
                    int(one["abnormal"]),
                    *(_figures(one[side]) for side in ("candidate", "current", "difference")),
                )
                for one in data["sources"]
            ),
            left_out=tuple(LeftOut(Path(one["file"]), str(one["reason"])) for one in data["left_out"]),
        )

    def lines(self) -> list[str]:
        """The verdict as plain text, worst first."""
        against = f" against {self.current.name}" if self.current else ""
        outcome = "passed" if self.passed else "did not pass"
        lines = [f"{self.candidate.name} ({self.candidate.weights_digest[:12]}) {outcome}{against}."]
        lines += [f"  - {reason}" for reason in self.reasons]
        lines += [f"  note: {remark}" for remark in self.remarks]
        for source in self.sources:
            lines.append(f"{source.source}: {source.healthy} healthy, {source.abnormal} abnormal")
            for name, figure in source.candidate.items():
                now, change = source.current.get(name), source.difference.get(name)
                lines.append(
                    f"  {name:<44} new {figure}"
                    + (f"  current {now}" if now else "")
                    + (f"  difference {change}" if change else "")
                )
        lines += [f"left out: {entry.path}: {entry.reason}" for entry in self.left_out]
        lines.append(f"test films: {self.test_digest[:12]}")
        return lines


def compare(
    candidate: Path,
    current: Path | None,
    test: Path,
    boxes: Path | None = None,
    device: str = "auto",
    ctx: JobContext = NO_JOB,
) -> Verdict:
    """Test a new model beside the current one; the rules stand at the top of this module.

    `test`, `boxes`: as for `core.training.evaluation.evaluate`. Raises `NoImages`, `UnreadableFile`,
    `ModelFileInvalid` (also when the two are of different kinds) or `DatasetTooSmall`.
    """
    new = ModelIdentity.of(read_head(candidate))
    now_head = None if current is None else read_head(current)
    now = None if now_head is None else ModelIdentity.of(now_head)
    if now is not None and now.kind != new.kind:
        raise ModelFileInvalid(
            f"{candidate.name} and the current model {now.name} are of different kinds.",
            "Compare models of one kind: only of its own kind a model can take the place.",
        )
    listed = labelled_films(test)
    test_digest = _test_digest(listed)
    if not new.calibration_digest:
        reason = (
            f"{new.name} is not calibrated for its weights, so that its threshold promises nothing. "
            "Calibrate it, then test it again."
        )
        return Verdict(False, (reason,), (), new, now, test_digest, ())
    drawn = read_boxes(boxes) if boxes else {}
    measured = _answers(candidate, listed, device, ctx)
    beside = None if current is None else _answers(current, listed, device, ctx, measured)
    both = _in_common(measured, beside)
    if len(both) < 2:
        raise DatasetTooSmall(
            f"{len(both)} films of {test} can be used; two at least are needed.",
            why_left_out(measured.left_out),
        )
    reasons: list[str] = []
    remarks = [] if now else ["There is no current model to compare with; only the absolute rules apply."]
    if current is not None and now_head is not None:
        remarks += _same_test(current, now_head, test_digest)
    sources, enough = [], False
    for source in sorted({measured.listed[place].source for place in both}):
        here = [place for place in both if measured.listed[place].source == source]
        one = _Side(measured, here, drawn)
        other = _Side(beside, here, drawn) if beside is not None else None
        comparison, large = _compared(source or "folder", one, other, reasons, remarks)
        sources.append(comparison)
        enough |= large
    if not enough:
        reasons.append(
            f"The test is too small: no source has {_FEWEST} healthy and {_FEWEST} ill patients at least, "
            "and fewer say nothing of a model."
        )
    left_out = measured.left_out if beside is None else (*measured.left_out, *beside.left_out)
    return Verdict(
        not reasons,
        tuple(reasons),
        tuple(remarks),
        new,
        now,
        test_digest,
        tuple(sources),
        tuple({entry.path: entry for entry in left_out}.values()),
    )


def activate(candidate: Path, verdict: Verdict, models_folder: Path) -> Path:
    """Put a model that passed into the reader's folder, with the record that lets the viewer use it.

    Returns its file there; from then on it answers before all others of its kind and population. Raises
    `ModelFileInvalid` when the verdict is another model's or did not pass, and `CannotWrite`.
    """
    model = read_model_file(candidate)
    tested = ModelIdentity.of(read_head(candidate))
    if tested != verdict.candidate:
        raise ModelFileInvalid(
            f"The verdict is about {verdict.candidate.name} ({verdict.candidate.weights_digest[:12]}), "
            f"not about the weights and calibration of {candidate.name}.",
            "Test this very file, then accept it.",
        )
    if not verdict.passed:
        raise ModelFileInvalid(
            f"{candidate.name} did not pass the test: {' '.join(verdict.reasons)}",
            "The current model stays in use.",
        )
    if not model.calibrated:
        raise ModelFileInvalid(f"{candidate.name} is not calibrated.", "Calibrate it, then test it again.")
    make_folder(models_folder)
    target = _place_for(candidate, models_folder, model.card.weights_digest)
    if target.resolve() != candidate.resolve():
        write_whole(target, _content(candidate))
    write_record(target, verdict.to_json())  # last: a file without its record is not used
    return target


# --- what each model says of the films ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """One model's answers to the listed films. `place_of`: place in the arrays by place in the list."""

    listed: tuple[FilmFile, ...]
    films: Films
    left_out: tuple[LeftOut, ...]
    model: ModelFile
    calibration: Calibration | None
    place_of: Mapping[int, int]
    scores: NDArray[np.float64]
    alarms: NDArray[np.bool_]
    tops: NDArray[np.float64]
    lit: NDArray[np.bool_]
    change: NDArray[np.float64]
    maps: tuple[NDArray[np.float32], ...]


def _answers(
    file: Path, listed: tuple[FilmFile, ...], device: str, ctx: JobContext, before: _Answers | None = None
) -> _Answers:
    """Ask a model about every film; what was read for a model of the same preprocessing is not read again."""
    model = read_model_file(file)
    if before is not None and before.model.card.input_spec.digest == model.card.input_spec.digest:
        films, left_out = before.films, before.left_out
    else:
        films, left_out = read_films(listed, model.card.input_spec, ctx=ctx)
    places = {film.path: place for place, film in enumerate(films.files)}
    target = choose_device(device)
    residuals = film_residuals(open_model(model, target), films.pixels, target, ctx)
    calibration, weight = calibration_of(model), map_weight(model)
    if calibration is None:
        maps = [film.denser * weight for film in residuals]
        scores = np.array([float(film.denser.mean()) for film in residuals])
        alarms = lit = np.zeros(len(residuals), bool)
    else:
        maps = [calibration.maps(film)[0] for film in residuals]
        scores = np.array([calibration.score(film) for film in residuals])
        alarms, lit = alarms_of(calibration, scores, maps)
    return _Answers(
        listed,
        films,
        left_out,
        model,
        calibration,
        {place: places[film.path] for place, film in enumerate(listed) if film.path in places},
        scores,
        alarms,
        np.array([top_share(one, weight) for one in maps]),
        lit,
        np.array([film.mean_change for film in residuals]),
        tuple(maps),
    )


def _in_common(one: _Answers, other: _Answers | None) -> list[int]:
    """Places in the list of the films that both could read."""
    return sorted(one.place_of.keys() & (one if other is None else other).place_of.keys())


class _Side:
    """One model's answers to the films of one source, in the order of the list."""

    def __init__(self, answers: _Answers, listed: list[int], boxes: Boxes) -> None:
        places = np.array([answers.place_of[place] for place in listed])
        files = [answers.films.files[place] for place in places]
        self.model = answers.model.card.name
        self.calibration = answers.calibration
        self.abnormal = np.array([not file.healthy for file in files])
        self.patients = np.array([file.patient for file in files])
        self.scores, self.tops = answers.scores[places], answers.tops[places]
        self.change = answers.change[places]
        # The first healthy film of each patient: films of one patient are no independent trials.
        firsts = np.unique(np.where(self.abnormal, "", self.patients), return_index=True)[1]
        self.firsts = np.array([place for place in firsts if not self.abnormal[place]], int)
        self.alarms, self.lit = answers.alarms[places], answers.lit[places]
        chosen = set(places.tolist())
        here = answers.films.where([place in chosen for place in range(len(answers.films))])
        ordered = sorted(chosen)
        self.pointing = pointing_figures(here, [answers.maps[place] for place in ordered], boxes)

    @property
    def patients_a_side(self) -> tuple[int, int]:
        """Numbers of healthy and ill patients."""
        return len(np.unique(self.patients[~self.abnormal])), len(np.unique(self.patients[self.abnormal]))


# --- the rules ---------------------------------------------------------------------------------------


def _compared(
    source: str, one: _Side, other: _Side | None, reasons: list[str], remarks: list[str]
) -> tuple[SourceComparison, bool]:
    """Figures of one source and whether its patients are enough; what speaks against goes into `reasons`."""
    new: dict[str, Figure] = {}
    now: dict[str, Figure] = {}
    change: dict[str, Figure] = {}
    healthy, ill = one.patients_a_side
    enough = min(healthy, ill) >= _FEWEST
    if not enough:
        remarks.append(
            f"{source}: {healthy} healthy and {ill} ill patients are too few; its AUROC decides nothing."
        )
    if healthy and ill:
        for name, values in (
            (AUROC, (one.scores, None if other is None else other.scores)),
            (_MAP_AUROC, (one.tops, None if other is None else other.tops)),
        ):
            _draw(name, _area(one.abnormal), values, one.patients, (new, now, change))
        if enough:
            reasons += _detection_reasons(source, new, now, change)
    if healthy:
        own = ~one.abnormal
        values = (one.change[own], None if other is None else other.change[own])
        _draw(_CHANGE, _mean, values, one.patients[own], (new, now, change))
        reasons += _change_reasons(source, new[_CHANGE], now.get(_CHANGE))
        reasons += _alarm_reasons(source, one)
    for side, figures in ((one, new), (other, now)):
        if side is not None and side.calibration is not None:
            figures |= alarm_figures(side.calibration, side.abnormal, side.alarms, side.lit)
    new |= one.pointing
    now |= other.pointing if other is not None else {}
    return (
        SourceComparison(source, int((~one.abnormal).sum()), int(one.abnormal.sum()), new, now, change),
        enough,
    )


def _detection_reasons(
    source: str, new: dict[str, Figure], now: dict[str, Figure], change: dict[str, Figure]
) -> list[str]:
    reasons = []
    if new[AUROC].high < _CHANCE:
        reasons.append(f"{source}: it tells ill from healthy films worse than chance: AUROC {new[AUROC]}.")
    if AUROC in change and change[AUROC].high < 0:
        reasons.append(
            f"{source}: it tells ill from healthy films worse than the current model: AUROC "
            f"{new[AUROC].value:.3f} instead of {now[AUROC].value:.3f}, difference {change[AUROC]}."
        )
    return reasons


def _change_reasons(source: str, new: Figure, now: Figure | None) -> list[str]:
    if now is None or new.value <= max(_SMALL_CHANGE, _MOST_GROWTH * now.value):
        return []
    return [
        f"{source}: it changes healthy films by {new.value:.3f} of the grey range on average, more than "
        f"twice as much as the current model ({now.value:.3f})."
    ]


def _alarm_reasons(source: str, side: _Side) -> list[str]:
    films = side.calibration.films[1] if side.calibration else 0
    promised = promised_shape(DEFAULT_ALPHA, films)
    if promised is None:
        return []
    reasons = []
    for hits, words in (
        (side.alarms, "raise an alarm of the score"),
        (side.lit, "get a lit region in the map"),
    ):
        total, false = len(side.firsts), int(hits[side.firsts].sum())
        tail = float(betabinom.sf(false - 1, total, *promised))
        if tail < _LEAST_TAIL:
            reasons.append(
                f"{source}: {false} of {total} healthy patients {words}; its calibration promises about "
                f"{DEFAULT_ALPHA:.0%}, and so many come by chance only with p = {tail:.2g}. "
                "Calibrate it on healthy films of this source."
            )
    return reasons


# --- paired figures ----------------------------------------------------------------------------------

_Measure = Callable[[NDArray[np.float64], NDArray[np.intp]], float | None]


def _draw(
    name: str,
    measure: _Measure,
    values: tuple[NDArray[np.float64], NDArray[np.float64] | None],
    patients: NDArray[np.str_],
    into: tuple[dict[str, Figure], dict[str, Figure], dict[str, Figure]],
) -> None:
    """Figure of the candidate, of the current model and of their difference, on the same resamples."""
    samples = [np.arange(len(patients)), *patient_resamples(patients)]  # first all films as they are
    one, other = (
        [measure(side, places) for places in samples] if side is not None else [] for side in values
    )
    into[0][name] = _figure(one, len(patients))
    if other:
        into[1][name] = _figure(other, len(patients))
        gained = [None if a is None or b is None else a - b for a, b in zip(one, other, strict=True)]
        into[2][name] = _figure(gained, len(patients))


def _figure(draws: list[float | None], films: int) -> Figure:
    value, *drawn = [draw for draw in draws if draw is not None]
    low, high = np.quantile(drawn, [0.025, 0.975]) if drawn else (value, value)
    return Figure(value, float(low), float(high), films)


def _area(abnormal: NDArray[np.bool_]) -> _Measure:
    def measure(scores: NDArray[np.float64], places: NDArray[np.intp]) -> float | None:
        truth = abnormal[places]
        return auroc(truth, scores[places]) if 0 < truth.sum() < len(truth) else None

    return measure


def _mean(values: NDArray[np.float64], places: NDArray[np.intp]) -> float | None:
    return float(values[places].mean())


# --- the test, the files -----------------------------------------------------------------------------


def _test_digest(listed: Iterable[FilmFile]) -> str:
    """The same for the same films with the same labels and sources, wherever they lie."""
    rows = []
    for film in listed:
        try:
            content = hashlib.sha256(film.path.read_bytes()).hexdigest()
        except OSError:
            continue  # it is left out of the test, too
        rows.append(f"{content}|{film.healthy}|{film.source}")
    return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()


def _same_test(current: Path, head: ModelHead, test_digest: str) -> list[str]:
    record = read_record(current, head)
    before = None if record is None else record.verdict.get("test_digest")
    if before is None:
        return []
    if before == test_digest:
        return ["The test is the one on which the current model was accepted."]
    return [f"The current model was accepted on another test ({str(before)[:12]})."]


def _figures(data: Mapping[str, Any]) -> dict[str, Figure]:  # JSON object
    return {str(name): Figure(**values) for name, values in data.items()}


def _place_for(candidate: Path, folder: Path, digest: str) -> Path:
    """Where a model goes in the folder: under its own name, never over another model's file."""
    if candidate.resolve().parent == folder.resolve():
        return candidate
    stem = safe_stem(candidate.stem) or "model"
    target = folder / f"{stem}.safetensors"
    return target if _is_free(target, digest) else folder / f"{stem}-{digest[:12]}.safetensors"


def _is_free(target: Path, digest: str) -> bool:
    """Whether no file is there, or one of the same weights, whose calibration may be replaced."""
    try:
        return not target.exists() or read_head(target).card.weights_digest == digest
    except ModelFileInvalid:
        return False


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CannotWrite(
            f"{file} cannot be copied: {error.strerror or error}.", "Check the file."
        ) from error
