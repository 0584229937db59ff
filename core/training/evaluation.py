"""How good is a model on held-out films? Figures per source, with intervals, beside the trivial baselines.

Normal and abnormal films are compared inside one source only: across sources a model can win by recognising
the source. Intervals are 95 %: by patient-level bootstrap for areas and means, exact binomial for shares.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta
from sklearn.metrics import average_precision_score, roc_auc_score

from core.errors import DatasetTooSmall, NoImages, UnreadableFile
from core.imaging.residuals import analyzed_cells, map_peak, top_share
from core.inference.analyze import calibration_of, film_residuals, map_weight
from core.inference.calibration import DEFAULT_ALPHA, Calibration, FilmResiduals
from core.inference.device import choose_device
from core.jobs import NO_JOB, JobContext
from core.models.model_file import ModelFile, read_model_file, write_model_file
from core.models.registry import open_model
from core.training.baselines import score_baselines
from core.training.dataset import FilmFile, Films, LeftOut, list_films, read_films, why_left_out
from core.training.film_list import listed_path, read_list
from core.training.intervals import Figure, area_figure, mean_figure, share_figure
from core.training.streams import fixed_lesions

Boxes = dict[Path, list[tuple[float, float, float, float]]]  # column, row, width, height


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """All figures of one source; what cannot be measured there is left out."""

    source: str
    healthy: int
    abnormal: int
    figures: dict[str, Figure]
    baselines: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The result for a model on a set of films."""

    model: str
    weights_digest: str
    calibrated: bool
    calibration: str
    sources: tuple[SourceFigures, ...]
    left_out: tuple[LeftOut, ...]

    def to_json(self) -> dict[str, Any]:  # JSON object
        """Plain JSON values; file names of what was left out included."""
        values = asdict(self)
        values["left_out"] = [{"file": str(entry.path), "reason": entry.reason} for entry in self.left_out]
        return values

    def lines(self) -> list[str]:
        """The figures as plain text."""
        lines = [f"{self.model} ({self.weights_digest[:12]}), {self.calibration}"]
        for source in self.sources:
            lines.append(f"{source.source}: {source.healthy} healthy, {source.abnormal} abnormal")
            lines += [f"  {name:<52} {figure}  n={figure.films}" for name, figure in source.figures.items()]
            lines += [f"  baseline {name:<43} {figure}" for name, figure in source.baselines.items()]
        lines += [f"left out: {entry.path}: {entry.reason}" for entry in self.left_out]
        return lines


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
    residuals = film_residuals(network, films.pixels, target, ctx)
    calibration = calibration_of(model)
    lesions = _lesion_pairs(model, films)
    on_lesions = film_residuals(network, lesions[0], target, ctx) if lesions else []
    places = read_boxes(boxes) if boxes else {}
    sources = []
    for source in films.sources:
        chosen = np.flatnonzero([file.source == source for file in films.files])
        sources.append(
            _source(source, chosen, films, residuals, calibration, model, lesions, on_lesions, places)
        )
    words = (
        f"calibrated on {calibration.films[1]} healthy films of {calibration.source}"
        if calibration
        else "uncalibrated"
    )
    return Evaluation(
        model.card.name, model.card.weights_digest, calibration is not None, words, tuple(sources), left_out
    )


def write_figures(model_file: Path, evaluation: Evaluation, split: str) -> None:
    """Keep an evaluation in the card of a model file under the name of the split; replaces what was there."""
    model = read_model_file(model_file)
    values = evaluation.to_json()
    values.pop("left_out")
    card = replace(model.card, figures=model.card.figures | {split: values})
    write_model_file(model_file, replace(model, card=card))


def _source(
    source: str,
    chosen: NDArray[np.intp],
    films: Films,
    residuals: list[FilmResiduals],
    calibration: Calibration | None,
    model: ModelFile,
    lesions: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]] | None,
    on_lesions: list[FilmResiduals],
    boxes: Boxes,
) -> SourceFigures:
    weight = map_weight(model)
    own = [residuals[place] for place in chosen]
    here = films.where([file.source == source for file in films.files])
    abnormal = np.array([not file.healthy for file in here.files])
    patients = np.array([file.patient for file in here.files])
    maps = [calibration.maps(film)[0] if calibration else film.denser * weight for film in own]
    scores = np.array([calibration.score(film) if calibration else film.denser.mean() for film in own])
    figures: dict[str, Figure] = {}
    baselines: dict[str, Figure] = {}
    if abnormal.any() and not abnormal.all():
        figures["AUROC of the anomaly score"] = area_figure(abnormal, scores, patients)
        figures["average precision"] = area_figure(abnormal, scores, patients, average_precision_score)
        figures["AUROC of the map (top 2 %)"] = area_figure(
            abnormal, np.array([top_share(film, weight) for film in maps]), patients
        )
        if own[0].realism is not None:
            doubt = np.array([-float(film.realism or 0.0) for film in own])
            figures["AUROC of the critic"] = area_figure(abnormal, doubt, patients)
        for name, values in score_baselines(here, model.aux).items():
            baselines[name] = area_figure(abnormal, values, patients)
    if calibration:
        figures |= _alarms(calibration, abnormal, scores, maps)
    if (~abnormal).any():
        change = np.array([film.mean_change for film, sick in zip(own, abnormal, strict=True) if not sick])
        figures["mean change on healthy films (0–1)"] = mean_figure(change, patients[~abnormal])
    if lesions:
        figures |= _on_lesions(lesions, on_lesions, residuals, chosen, films, weight)
    figures |= pointing_figures(here, maps, boxes)
    return SourceFigures(source or "folder", int((~abnormal).sum()), int(abnormal.sum()), figures, baselines)


def _alarms(
    calibration: Calibration,
    abnormal: NDArray[np.bool_],
    scores: NDArray[np.float64],
    maps: list[NDArray[np.float32]],
) -> dict[str, Figure]:
    """Realised rates of the two calibrated rules at alpha = 5 %, and the range the calibration allows."""
    figures = {}
    raised = np.array([calibration.p_value(score) <= DEFAULT_ALPHA for score in scores])
    analyzed = analyzed_cells(calibration.weight)
    lit = np.array([map_peak(film, analyzed) >= calibration.threshold() for film in maps])
    if (~abnormal).any():
        figures["false alarms of the score at α = 5 %"] = share_figure(raised[~abnormal])
        figures["healthy films with a lit region at α = 5 %"] = share_figure(lit[~abnormal])
        count = calibration.films[1]
        place = count + 1 - int(np.ceil((1 - DEFAULT_ALPHA) * (count + 1)))
        if place >= 1:
            low, high = beta.ppf([0.025, 0.975], place, count + 1 - place)
            figures["range that the calibration promises"] = Figure(
                DEFAULT_ALPHA, float(low), float(high), count
            )
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
