"""How good is a model on held-out films? Figures per source, with intervals, beside the trivial baselines.

Normal and abnormal films are compared inside one source only: across sources a model can win by recognising
the source. Intervals are 95 %: by patient-level bootstrap for areas and means, exact binomial for shares.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from core.errors import DatasetTooSmall, NoImages, UnreadableFile
from core.imaging.residuals import analyzed_cells, map_peak, top_share
from core.inference.analyze import calibration_of, film_answers, film_residuals, map_weight
from core.inference.calibration import DEFAULT_ALPHA, Calibration, FilmResiduals
from core.inference.device import choose_device
from core.jobs import NO_JOB, JobContext
from core.models.anomaly_model import AnomalyModel
from core.models.model_file import ModelFile, read_model_file, write_model_file
from core.models.registry import open_model
from core.models.sr_anogan import SrAnoGan
from core.training.baselines import score_baselines
from core.training.curves import (
    AlarmCurve,
    Quartiles,
    RocCurve,
    alarm_curve,
    promised_range,
    quartiles,
    roc_curve,
)
from core.training.dataset import FilmFile, Films, LeftOut, list_films, read_films, why_left_out
from core.training.film_list import listed_path, read_list
from core.training.intervals import Figure, area_figure, mean_figure, share_figure
from core.training.reference_scores import (
    SEARCHED_FILMS,
    anomaly_sums,
    comparison_words,
    stage_one_alone,
    structural_similarity,
)
from core.training.streams import fixed_lesions

Boxes = dict[Path, list[tuple[float, float, float, float]]]  # column, row, width, height

_FOLDER = "folder"
_SAMPLE_SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """All figures of one source; what cannot be measured there is left out.

    `roc`: None unless both kinds of film are there; `alarms`: None without calibration or healthy films.
    """

    source: str
    healthy: int
    abnormal: int
    figures: dict[str, Figure]
    baselines: dict[str, Figure]
    roc: RocCurve | None = None
    alarms: AlarmCurve | None = None


@dataclass(frozen=True, slots=True)
class FilmValues:
    """What was measured on one film.

    `score`: of the calibration, else the mean of the map; `p_value`: None without a calibration. `ssim`:
    likeness of film and twin. `anomaly_sum`, `stage_one_sum`: the papers' A of SR-AnoGAN and of its first
    stage alone; None for other models and films that were not searched for.
    """

    file: str
    label: str
    source: str
    healthy: bool
    score: float
    p_value: float | None
    ssim: float
    anomaly_sum: float | None = None
    stage_one_sum: float | None = None


@dataclass(frozen=True, slots=True)
class LabelSums:
    """Quartiles of A for the films of one label of one source: whole model, and stage 1 alone.

    `whole_searched`: the whole model on just the films on which stage 1 was searched.
    """

    source: str
    label: str
    healthy: bool
    whole: Quartiles
    whole_searched: Quartiles
    stage_one: Quartiles


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A film to look at, chosen by the rank of its score: arrays `(size, size)` on the model's grid.

    `share`: the quantile of the scores of its kind in its source that it stands at. `map`: as in the window.
    """

    values: FilmValues
    share: float
    film: NDArray[np.float32]
    twin: NDArray[np.float32]
    map: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result for a model on a set of films.

    `score_threshold`, `map_threshold`: values above and from which the two rules of alpha = 5 % raise an
    alarm; None when uncalibrated or when too few films calibrate them. `comparison`: what `sums` compare.
    """

    model: str
    weights_digest: str
    calibrated: bool
    calibration: str
    sources: tuple[SourceFigures, ...]
    left_out: tuple[LeftOut, ...]
    score_threshold: float | None = None
    map_threshold: float | None = None
    films: tuple[FilmValues, ...] = ()
    comparison: str = ""
    sums: tuple[LabelSums, ...] = ()
    samples: tuple[Sample, ...] = ()

    def to_json(self) -> dict[str, Any]:  # JSON object
        """Plain JSON values without the pictures; names of the files are among them."""
        values = asdict(replace(self, samples=()))
        values.pop("samples")
        values["left_out"] = [{"file": str(entry.path), "reason": entry.reason} for entry in self.left_out]
        return values

    def lines(self) -> list[str]:
        """The figures as plain text."""
        lines = [f"{self.model} ({self.weights_digest[:12]}), {self.calibration}"]
        for source in self.sources:
            lines.append(f"{source.source}: {source.healthy} healthy, {source.abnormal} abnormal")
            lines += [f"  {name:<52} {figure}  n={figure.films}" for name, figure in source.figures.items()]
            lines += [f"  baseline {name:<43} {figure}" for name, figure in source.baselines.items()]
        lines += [self.comparison] if self.comparison else []
        lines += [
            f"  A, {name}, {row.source} {row.label}: mean {part.mean:.1f}, quartiles {part.quarter:.1f} "
            f"{part.median:.1f} {part.three_quarters:.1f}, n={part.films}"
            for row in self.sums
            for name, part in (("whole model", row.whole), ("stage 1 alone", row.stage_one))
        ]
        lines += [f"left out: {entry.path}: {entry.reason}" for entry in self.left_out]
        return lines


@dataclass(frozen=True, slots=True, eq=False)
class _Measured:
    """All films with what the model says of them, in one order."""

    films: Films
    twins: NDArray[np.float32]
    residuals: list[FilmResiduals]
    maps: list[NDArray[np.float32]]
    values: list[FilmValues]

    def places(self, source: str, *, healthy: bool | None = None) -> NDArray[np.intp]:
        """Places of the films of a source, of one kind if asked."""
        return np.flatnonzero(
            [film.source == (source or _FOLDER) and healthy in (None, film.healthy) for film in self.values]
        )


def evaluate(
    model_file: Path, data: Path, boxes: Path | None = None, device: str = "auto", ctx: JobContext = NO_JOB
) -> Evaluation:
    """Evaluate on a folder with `healthy/` and `abnormal/`, or on a CSV with columns file and label.

    `boxes`: CSV with file, column, row, width, height in pixels of the films, for the pointing game. Raises
    `NoImages`, `UnreadableFile`, `ModelFileInvalid` or `DatasetTooSmall`.
    """
    model = read_model_file(model_file)
    films, left_out = read_films(labelled_films(data), model.card.input_spec, ctx=ctx)
    if len(films) < 2:
        raise DatasetTooSmall(
            f"{len(films)} films of {data} can be used; two at least are needed.", why_left_out(left_out)
        )
    target = choose_device(device)
    network = open_model(model, target)
    calibration = calibration_of(model)
    measured = _measured(films, network, target, calibration, map_weight(model), ctx)
    lesions = _lesion_pairs(model, films)
    on_lesions = film_residuals(network, lesions[0], target, ctx) if lesions else []
    places = read_boxes(boxes) if boxes else {}
    sources = tuple(
        _source(source, measured, calibration, model, lesions, on_lesions, places) for source in films.sources
    )
    words = (
        f"calibrated on {calibration.films[1]} healthy films of {calibration.source}"
        if calibration
        else "uncalibrated"
    )
    searched = [film for film in measured.values if film.stage_one_sum is not None]
    return Evaluation(
        model=model.card.name,
        weights_digest=model.card.weights_digest,
        calibrated=calibration is not None,
        calibration=words,
        sources=sources,
        left_out=left_out,
        score_threshold=_score_threshold(calibration),
        map_threshold=_finite(calibration.threshold()) if calibration else None,
        films=tuple(measured.values),
        comparison=comparison_words(network, len(searched)) if isinstance(network, SrAnoGan) else "",
        sums=_label_sums(measured.values),
        samples=_samples(measured),
    )


def write_figures(model_file: Path, evaluation: Evaluation, split: str) -> None:
    """Keep an evaluation in the card of a model file under the name of the split; replaces what was there.

    Figures and quartiles only: a card is read by people, so neither films nor curves go into it.
    """
    model = read_model_file(model_file)
    values = evaluation.to_json()
    for name in ("left_out", "films"):
        values.pop(name)
    for source in values["sources"]:
        source.pop("roc")
        source.pop("alarms")
    card = replace(model.card, figures=model.card.figures | {split: values})
    write_model_file(model_file, replace(model, card=card))


def _measured(
    films: Films,
    network: AnomalyModel,
    device: torch.device,
    calibration: Calibration | None,
    weight: NDArray[np.float32],
    ctx: JobContext,
) -> _Measured:
    answers = list(film_answers(network, films.pixels, device, ctx))
    twins, residuals = np.stack([twin for twin, _ in answers]), [film for _, film in answers]
    scores = [calibration.score(film) if calibration else float(film.denser.mean()) for film in residuals]
    values = [
        FilmValues(
            file=str(file.path),
            label="healthy" if file.healthy else file.label.strip().lower(),
            source=file.source or _FOLDER,
            healthy=file.healthy,
            score=score,
            p_value=calibration.p_value(score) if calibration else None,
            ssim=structural_similarity(film, twin),
        )
        for file, film, twin, score in zip(films.files, films.pixels, twins, scores, strict=True)
    ]
    if isinstance(network, SrAnoGan):
        sums = anomaly_sums(network, films.pixels, twins)
        values = [replace(film, anomaly_sum=float(own)) for film, own in zip(values, sums, strict=True)]
        chosen = _searched(values)
        alone = stage_one_alone(network, films.pixels[chosen], device, ctx)
        for place, own in zip(chosen, anomaly_sums(network, films.pixels[chosen], alone), strict=True):
            values[place] = replace(values[place], stage_one_sum=float(own))
    maps = [calibration.maps(film)[0] if calibration else film.denser * weight for film in residuals]
    return _Measured(films, twins, residuals, maps, values)


def _searched(films: list[FilmValues]) -> NDArray[np.intp]:
    """Places of the films on which the first stage is searched: so many of each label of a source.

    Drawn with a fixed seed from the sorted files of each label: whatever else a list holds, the same films.
    """
    chosen: list[int] = []
    for key in sorted({(film.source, film.label) for film in films}):
        own = [place for place, film in enumerate(films) if (film.source, film.label) == key]
        own.sort(key=lambda place: films[place].file)
        chosen += np.random.default_rng(0).permutation(own)[:SEARCHED_FILMS].tolist()
    return np.sort(np.array(chosen, np.intp))


def _label_sums(films: list[FilmValues]) -> tuple[LabelSums, ...]:
    """One row a label, healthy films of each source first; none for models without such sums."""
    rows = []
    for source, well, label in sorted({(film.source, not film.healthy, film.label) for film in films}):
        own = [film for film in films if (film.source, film.label) == (source, label)]
        whole = np.array([film.anomaly_sum for film in own if film.anomaly_sum is not None])
        searched = [film for film in own if film.stage_one_sum is not None]
        if whole.size and searched:
            rows.append(
                LabelSums(
                    source,
                    label,
                    not well,
                    quartiles(whole),
                    quartiles(np.array([film.anomaly_sum for film in searched], np.float64)),
                    quartiles(np.array([film.stage_one_sum for film in searched], np.float64)),
                )
            )
    return tuple(rows)


def _samples(measured: _Measured) -> tuple[Sample, ...]:
    """Of each kind in each source the films whose scores stand at fixed quantiles: chosen by no one."""
    samples = []
    for source in measured.films.sources:
        for healthy in (True, False):
            places = measured.places(source, healthy=healthy)
            ranked = places[np.argsort([measured.values[place].score for place in places], kind="stable")]
            ranks = {round(share * (len(ranked) - 1)): share for share in _SAMPLE_SHARES if len(ranked)}
            for rank, share in ranks.items():
                place = ranked[rank]
                film, twin = measured.films.pixels[place], measured.twins[place]
                samples.append(Sample(measured.values[place], share, film, twin, measured.maps[place]))
    return tuple(samples)


def _score_threshold(calibration: Calibration | None) -> float | None:
    """The healthy score that a film must exceed for p <= 5 %."""
    if calibration is None:
        return None
    place = int(np.floor(DEFAULT_ALPHA * (calibration.scores.size + 1) + 1e-9))
    return float(calibration.scores[-place]) if place else None


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _source(
    source: str,
    measured: _Measured,
    calibration: Calibration | None,
    model: ModelFile,
    lesions: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]] | None,
    on_lesions: list[FilmResiduals],
    boxes: Boxes,
) -> SourceFigures:
    weight = map_weight(model)
    chosen = measured.places(source)
    own = [measured.residuals[place] for place in chosen]
    maps = [measured.maps[place] for place in chosen]
    values = [measured.values[place] for place in chosen]
    here = measured.films.where([file.source == source for file in measured.films.files])
    abnormal = np.array([not file.healthy for file in here.files])
    patients = np.array([file.patient for file in here.files])
    scores = np.array([film.score for film in values])
    figures: dict[str, Figure] = {}
    baselines: dict[str, Figure] = {}
    both = bool(abnormal.any() and not abnormal.all())
    if both:
        figures["AUROC of the anomaly score"] = area_figure(abnormal, scores, patients)
        figures["average precision"] = area_figure(abnormal, scores, patients, average_precision_score)
        figures["AUROC of the map (top 2 %)"] = area_figure(
            abnormal, np.array([top_share(film, weight) for film in maps]), patients
        )
        if own[0].realism is not None:
            doubt = np.array([-float(film.realism or 0.0) for film in own])
            figures["AUROC of the critic"] = area_figure(abnormal, doubt, patients)
        for name, numbers in score_baselines(here, model.aux).items():
            baselines[name] = area_figure(abnormal, numbers, patients)
    if calibration:
        figures |= alarm_figures(calibration, abnormal, *alarms_of(calibration, scores, maps))
    if (~abnormal).any():
        well = [film for film, sick in zip(own, abnormal, strict=True) if not sick]
        change = np.array([film.mean_change for film in well])
        figures["mean change on healthy films (0–1)"] = mean_figure(change, patients[~abnormal])
        likeness = np.array([film.ssim for film in values])[~abnormal]
        figures["SSIM of healthy films and their twins"] = mean_figure(likeness, patients[~abnormal])
    if lesions:
        figures |= _on_lesions(lesions, on_lesions, measured.residuals, chosen, measured.films, weight)
    figures |= pointing_figures(here, maps, boxes)
    figures |= _sum_figures(values, patients)
    p_values = np.array([film.p_value for film in values if film.healthy and film.p_value is not None])
    return SourceFigures(
        source or _FOLDER,
        int((~abnormal).sum()),
        int(abnormal.sum()),
        figures,
        baselines,
        roc_curve(abnormal, scores, patients) if both else None,
        alarm_curve(p_values, calibration.films[1]) if calibration and p_values.size else None,
    )


def _sum_figures(values: list[FilmValues], patients: NDArray[np.str_]) -> dict[str, Figure]:
    """Whether the papers' A puts the abnormal films of a source above its healthy ones, as an AUROC."""
    whole, alone = [film.anomaly_sum for film in values], [film.stage_one_sum for film in values]
    known = {"whole model": whole, "stage 1 alone": alone}
    if any(one is None for one in alone):
        searched = [own if one is not None else None for own, one in zip(whole, alone, strict=True)]
        known["whole model, the searched films"] = searched
    figures = {}
    for name, sums in known.items():
        places = np.flatnonzero([value is not None for value in sums])
        abnormal = np.array([not values[place].healthy for place in places], np.bool_)
        if abnormal.any() and not abnormal.all():
            numbers = np.array([sums[place] for place in places], np.float64)
            figures[f"AUROC of the sum A, {name}"] = area_figure(abnormal, numbers, patients[places])
    return figures


def alarms_of(
    calibration: Calibration, scores: NDArray[np.float64], maps: Sequence[NDArray[np.float32]]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which films raise an alarm of the score, and which get a lit region in the map, at alpha = 5 %."""
    analyzed, threshold = analyzed_cells(calibration.weight), calibration.threshold()
    raised = np.array([calibration.p_value(score) <= DEFAULT_ALPHA for score in scores], bool)
    return raised, np.array([map_peak(film, analyzed) >= threshold for film in maps], bool)


def alarm_figures(
    calibration: Calibration,
    abnormal: NDArray[np.bool_],
    raised: NDArray[np.bool_],
    lit: NDArray[np.bool_],
) -> dict[str, Figure]:
    """Realised rates of the two calibrated rules at alpha = 5 %, and the range the calibration allows."""
    figures = {}
    if (~abnormal).any():
        figures["false alarms of the score at α = 5 %"] = share_figure(raised[~abnormal])
        figures["healthy films with a lit region at α = 5 %"] = share_figure(lit[~abnormal])
        count = calibration.films[1]
        low, high = promised_range(DEFAULT_ALPHA, count)
        if high > 0:
            figures["range that the calibration promises"] = Figure(DEFAULT_ALPHA, low, high, count)
    if abnormal.any():
        figures["sensitivity of the score at α = 5 %"] = share_figure(raised[abnormal])
        figures["abnormal films with a lit region at α = 5 %"] = share_figure(lit[abnormal])
    return figures


def _lesion_pairs(
    model: ModelFile, films: Films
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]] | None:
    """Healthy films with fixed synthetic lesions: films, masks, and the places of their originals."""
    prior = model.aux.get("lung_prior")
    healthy = np.flatnonzero([file.healthy for file in films.files])
    if prior is None or healthy.size < 2:
        return None
    pasted = fixed_lesions(films.pixels[healthy], np.asarray(prior, np.float32))
    return pasted.film, pasted.mask, healthy


def _on_lesions(
    lesions: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]],
    on_lesions: list[FilmResiduals],
    residuals: list[FilmResiduals],
    chosen: NDArray[np.intp],
    films: Films,
    weight: NDArray[np.float32],
) -> dict[str, Figure]:
    """Pixel AUROC inside films and image AUROC between films, on synthetic lesions of known place."""
    _, masks, healthy = lesions
    mine = [
        place for place, film in enumerate(healthy) if film in set(chosen.tolist()) and masks[place].any()
    ]
    if len(mine) < 2:
        return {}
    patients = np.array([films.files[healthy[place]].patient for place in mine])
    pixel = np.array(
        [roc_auc_score(masks[place].ravel() > 0.5, on_lesions[place].denser.ravel()) for place in mine]
    )
    clean = [top_share(residuals[healthy[place]].denser, weight) for place in mine]
    sick = [top_share(on_lesions[place].denser, weight) for place in mine]
    truth = np.r_[np.zeros(len(clean), bool), np.ones(len(sick), bool)]
    return {
        "synthetic lesions, pixel AUROC": mean_figure(pixel, patients),
        "synthetic lesions, image AUROC": area_figure(
            truth, np.array(clean + sick), np.concatenate([patients, patients])
        ),
    }


def pointing_figures(films: Films, maps: list[NDArray[np.float32]], boxes: Boxes) -> dict[str, Figure]:
    """Pointing game (is the map's largest value inside a box?), energy inside the boxes, and their chance."""
    hits, energy, area, patients = [], [], [], []
    for place, file in enumerate(films.files):
        drawn = boxes.get(file.path.resolve())
        if not drawn:
            continue
        inside = np.zeros(maps[place].shape, bool)
        row, column, side = films.crops[place]
        cell = side / maps[place].shape[0]
        for left, top, width, height in drawn:
            edges = np.array([top - row, top + height - row, left - column, left + width - column]) / cell
            first_row, last_row, first, last = np.clip(np.round(edges), 0, len(maps[place])).tolist()
            inside[int(first_row) : int(last_row), int(first) : int(last)] = True
        peak = int(np.argmax(maps[place]))
        hits.append(bool(inside.ravel()[peak]) and bool(maps[place].max() > 0))
        energy.append(float(maps[place][inside].sum() / max(float(maps[place].sum()), 1e-9)))
        area.append(float(inside.mean()))
        patients.append(file.patient)
    if not hits:
        return {}
    return {
        "pointing game in drawn boxes": share_figure(np.array(hits)),
        "share of the map's energy in drawn boxes": mean_figure(np.array(energy), np.array(patients)),
        "share of the area in drawn boxes (chance)": mean_figure(np.array(area), np.array(patients)),
    }


def labelled_films(data: Path) -> tuple[FilmFile, ...]:
    """Films of a folder with `healthy/` and `abnormal/`, or of a list with labels. Raises `ProductError`."""
    if data.is_dir():
        healthy, abnormal = data / "healthy", data / "abnormal"
        if not (healthy.is_dir() and abnormal.is_dir()):
            raise NoImages(
                f"{data} has no folders healthy and abnormal.", "Sort the films into these two folders."
            )
        return (*list_films(healthy, "healthy"), *list_films(abnormal, "abnormal"))
    films = list_films(data)
    bare = [film.path.name for film in films if not film.label]
    if bare:
        raise UnreadableFile(
            f"{data} gives no label to {bare[0]}" + (f" and {len(bare) - 1} more." if len(bare) > 1 else "."),
            "Give each film a label in the column label; normal means healthy.",
        )
    return films


_BOX_COLUMNS = ("column", "row", "width", "height")


def read_boxes(place: Path) -> Boxes:
    """Boxes of a CSV list by film, in pixels. Raises `UnreadableFile`."""
    drawn: Boxes = {}
    for row in read_list(place, "file", *_BOX_COLUMNS):
        try:
            left, top, width, height = (float(row[name]) for name in _BOX_COLUMNS)
        except ValueError as error:
            raise UnreadableFile(
                f"Line {row.number} of {place} is no box: {error}.",
                "Its columns column, row, width and height are numbers of pixels.",
            ) from error
        drawn.setdefault(listed_path(place, row["file"]).resolve(), []).append((left, top, width, height))
    return drawn
