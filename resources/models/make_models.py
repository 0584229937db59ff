"""How the shipped models are made: lists from the film set, training, figures into the cards.

    python resources/models/make_models.py FILMS RUNS lists
    python resources/models/make_models.py FILMS RUNS train MODEL      (resumable; one process a model)
    python resources/models/make_models.py FILMS RUNS ship
    python resources/models/make_models.py FILMS RUNS count           (after lists: needs no run folder)

FILMS: the folder with `cxr_manifest.csv` and `boxes.csv`; only films of its train split with an open licence
are trained on, and its val split is only measured. RUNS: where lists and run folders are kept. Adults and
children have models of their own, since pooled ones fail; the critic compares films of one source only.
"""

from __future__ import annotations

import csv
import logging
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.imaging.residuals import analyzed_cells, map_peak
from core.inference.analyze import film_residuals
from core.inference.calibration import Calibration
from core.inference.device import choose_device
from core.models.model_file import ModelFile, read_model_file, write_model_file
from core.models.registry import open_model
from core.training.calibrating import calibration_for
from core.training.cautions import cautions_of
from core.training.config import PRESETS, TrainingConfig
from core.training.dataset import gather
from core.training.evaluation import evaluate, write_figures
from core.training.run_folder import RunFolder
from core.training.trainer import Trainer

Row = dict[str, str]
Listed = list[tuple[Row, str, str]]

_HERE = Path(__file__).parent

_CONFIGS: dict[str, TrainingConfig] = {
    "healthygan-chest-adult": PRESETS["healthygan", "lite"].with_changes(
        population="adult", warm_steps=9000, steps=5000, evaluate_every=1000, threads=1
    ),
    "healthygan-chest-child": PRESETS["healthygan", "lite"].with_changes(
        population="child", warm_steps=6000, steps=3200, evaluate_every=1000, threads=1
    ),
    "sr-anogan-chest-adult": PRESETS["sr-anogan", "plus"].with_changes(
        population="adult", core_steps=7000, steps=1800, evaluate_every=1000, threads=1
    ),
    "sr-anogan-chest-child": PRESETS["sr-anogan", "plus"].with_changes(
        population="child", core_steps=4500, steps=1200, evaluate_every=1000, threads=1
    ),
}
_NIH = (
    "NIH Clinical Center, ChestX-ray14, https://nihcc.app.box.com/v/ChestXray-NIHCC; Wang et al., CVPR 2017.",
)
_RSNA = ("RSNA Pneumonia Detection Challenge 2018 (labels of the healthy films; pixels NIH).",)
_KERMANY = ("Kermany et al., Labeled Chest X-Ray Images, doi:10.17632/rscbjbr9sj, CC BY 4.0.",)
_CREDITS = {"adult": (*_NIH, *_RSNA), "child": (*_KERMANY, *_NIH)}


def make_lists(films: Path, runs: Path) -> None:
    """Write the lists of both populations: healthy films by role, mixed films, and the val films."""
    runs.mkdir(parents=True, exist_ok=True)
    rows = _rows(films / "cxr_manifest.csv")
    sound = [row for row in rows if row["label_quality"] != "conflict"]
    train = [row for row in sound if row["split"] == "train" and row["licence_class"] == "open"]
    val = [row for row in sound if row["split"] == "val"]
    rng = np.random.default_rng(5)

    def of(source: str, age: str, *labels: str) -> list[Row]:
        return [r for r in train if r["source"] == source and r["age_group"] == age and r["label"] in labels]

    sick = of("nih", "adult", "pneumonia", "other_abnormal")
    clean, both = _apart(of("nih", "adult", "normal"), sick)
    plan = [("cal2", 100), ("cal1", 20), ("val", 20), ("mixed", 20)]
    healthy, mixed = _shared_out(_deal(clean, plan, rng))
    healthy += [
        (r, "healthy", role) for r, role in _deal(of("rsna_normal", "adult*", "normal"), [("cal1", 130)], rng)
    ]
    mixed += [(row, "mixed", "train") for row in both]
    mixed += [(row, "mixed", role) for row, role in _deal(sick, [("val", 28)], rng)]
    _write(runs / "adult_healthy.csv", films, healthy)
    _write(runs / "adult_mixed.csv", films, mixed)

    sick = of("kermany", "child", "pneumonia")
    clean, both = _apart(of("kermany", "child", "normal"), sick)
    plan = [("cal2", 56), ("cal1", 12), ("val", 8), ("mixed", 8)]
    healthy, mixed = _shared_out(_deal(clean, plan, rng))
    healthy += [(r, "healthy", role) for r, role in _deal(of("nih", "child", "normal"), [("cal1", 12)], rng)]
    mixed += [(row, "mixed", "train") for row in both]
    mixed += [(row, "mixed", role) for row, role in _deal(sick, [("val", 14)], rng)]
    _write(runs / "child_healthy.csv", films, healthy)
    _write(runs / "child_mixed.csv", films, mixed)

    boxed = {row["file"] for row in _rows(films / "boxes.csv")}
    _write_labelled(
        runs / "val_adult.csv", films, val, lambda r: r["source"] == "nih" and r["age_group"] == "adult"
    )
    _write_labelled(runs / "val_child.csv", films, val, lambda r: r["source"] == "kermany")
    _write_labelled(runs / "boxed.csv", films, rows, lambda r: r["file"] in boxed)


def train_model(name: str, runs: Path) -> None:
    """Train one model, or go on with it; its run folder ends with a calibrated model file."""
    config = _CONFIGS[name].with_changes(name=name)
    healthy, mixed = (runs / f"{config.population}_{part}.csv" for part in ("healthy", "mixed"))
    Trainer(RunFolder(runs / name), config, healthy, mixed).run()


def ship_models(films: Path, runs: Path) -> None:
    """Copy the trained models here with data credits and figures of the val split in their cards."""
    boxes = films / "boxes.csv"
    for name, config in _CONFIGS.items():
        model = _as_of_today(read_model_file(runs / name / "model.safetensors"), runs, config.population)
        file = _HERE / f"{name}.safetensors"
        card = replace(model.card, data_credit=_CREDITS[config.population])
        write_model_file(file, replace(model, card=card))
        adult = config.population == "adult"
        measured = {"val": evaluate(file, runs / f"val_{config.population}.csv", boxes if adult else None)}
        if adult:
            words = "all films with drawn boxes (most were, unlabelled, in the mixed training set)"
            measured[words] = evaluate(file, runs / "boxed.csv", boxes)
        for split, evaluation in measured.items():
            write_figures(file, evaluation, split)
            logging.info("%s\n%s", split, "\n".join(evaluation.lines()))


def count_regions_of_shipped(runs: Path) -> None:
    """Count false regions on the films of the calibration, for shipped models that lack the counts.

    Weights, thresholds, p-values and figures stay as they are: the films' peaks must be those of the file.
    """
    for name, config in _CONFIGS.items():
        file = _HERE / f"{name}.safetensors"
        model = read_model_file(file)
        if model.calibration is None:
            raise ValueError(f"{name} has no calibration")
        calibration = Calibration.from_arrays(dict(model.calibration[0]), model.calibration[1])
        healthy, mixed = (runs / f"{config.population}_{part}.csv" for part in ("healthy", "mixed"))
        films = gather(healthy, mixed, model.card.input_spec, histogram_match=False).cal2
        device = choose_device("cpu")
        maps = [
            calibration.maps(film) for film in film_residuals(open_model(model, device), films.pixels, device)
        ]
        denser, lucent = [one for one, _ in maps], [other for _, other in maps]
        analyzed = analyzed_cells(calibration.weight)
        for peaks, of_sign in ((calibration.denser_peaks, denser), (calibration.lucent_peaks, lucent)):
            np.testing.assert_allclose(
                np.sort([map_peak(one, analyzed) for one in of_sign]), peaks, atol=1e-4
            )
        counted = calibration.with_counts(denser, lucent)
        np.testing.assert_allclose(counted.denser_regions, calibration.denser_regions, atol=0.021)
        card = write_model_file(file, replace(model, calibration=counted.to_arrays()))
        if card.weights_digest != model.card.weights_digest:
            raise ValueError(f"the weights of {name} changed")
        logging.info("%s: counted on %d films", name, len(maps))


def _as_of_today(model: ModelFile, runs: Path, population: str) -> ModelFile:
    """Calibration and cautions made again from the lists: the way they are made may have changed since."""
    healthy, mixed = (runs / f"{population}_{part}.csv" for part in ("healthy", "mixed"))
    data = gather(healthy, mixed, model.card.input_spec, histogram_match=False)
    source = ", ".join(data.cal2.sources)
    calibration = calibration_for(model, data.cal1.pixels, data.cal2.pixels, source, choose_device("cpu"))
    cautions = cautions_of(data)
    training = model.card.training | {
        "cautions": list(cautions.words),
        "source_confound_auroc": cautions.source_confound,
    }
    card = replace(model.card, training=training)
    return replace(model, card=card, calibration=calibration.to_arrays())


def _rows(file: Path) -> list[Row]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def _apart(healthy: list[Row], sick: list[Row]) -> tuple[list[Row], list[Row]]:
    """Healthy films of patients without and with films among the sick ones."""
    groups = {row["group"] for row in sick}
    return [row for row in healthy if row["group"] not in groups], [
        row for row in healthy if row["group"] in groups
    ]


def _deal(rows: list[Row], plan: list[tuple[str, int]], rng: np.random.Generator) -> list[tuple[Row, str]]:
    """Deal patients to roles until each has its count of films; the rest are trained on."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["group"]].append(row)
    names = sorted(groups)
    rng.shuffle(names)
    dealt: list[tuple[Row, str]] = []
    for role, count in (*plan, ("train", len(rows))):
        given = 0
        while names and given < count:
            films = groups[names.pop(0)]
            dealt += [(row, role) for row in films]
            given += len(films)
    return dealt


def _shared_out(dealt: list[tuple[Row, str]]) -> tuple[Listed, Listed]:
    healthy: Listed = [(row, "healthy", role) for row, role in dealt if role != "mixed"]
    mixed: Listed = [(row, "mixed", "train") for row, role in dealt if role == "mixed"]
    return healthy, mixed


def _write(file: Path, films: Path, listed: Listed) -> None:
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(["file", "label", "source", "patient_id", "role"])
        for row, label, role in listed:
            writer.writerow([str((films / row["file"]).resolve()), label, row["source"], row["group"], role])


def _write_labelled(file: Path, films: Path, rows: list[Row], wanted: Callable[[Row], bool]) -> None:
    # Labels as the film set has them: an evaluation keeps them apart, and all but "normal" are abnormal.
    labels = {"normal", "pneumonia", "covid", "other_abnormal"}
    chosen = [row for row in rows if wanted(row) and row["label"] in labels]
    _write(file, films, [(row, row["label"], "") for row in chosen])


def main() -> None:
    """Do one of the steps; see the head of this file."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    films, runs, step = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if step == "lists":
        make_lists(films, runs)
    elif step == "train":
        train_model(sys.argv[4], runs)
    elif step == "count":
        count_regions_of_shipped(runs)
    else:
        ship_models(films, runs)


if __name__ == "__main__":
    main()
