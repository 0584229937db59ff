"""Figures of a model on labelled films: by source, with intervals, beside the trivial baselines."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from phantoms import chest_picture, write_picture
from scipy.stats import binomtest

from core.errors import DatasetTooSmall, NoImages, UnreadableFile
from core.inference.analyze import calibration_of
from core.models.model_file import read_model_file, write_model_file
from core.training import evaluation as evaluation_module
from core.training import intervals, reference_scores
from core.training.evaluation import Evaluation, SourceFigures, evaluate, write_figures

AUROC = "AUROC of the anomaly score"
CHANGE = "mean change on healthy films (0–1)"
FALSE_ALARMS = "false alarms of the score at α = 5 %"


@pytest.fixture(scope="module", autouse=True)
def _fewer_resamples() -> Iterator[None]:
    """A thousand bootstrap samples and a hundred steps take seconds; what is tested needs no more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intervals, "_RESAMPLES", 100)
        patch.setattr(reference_scores, "SEARCH_STEPS", 2)
        yield


@pytest.fixture(scope="module")
def template_model(small_models: Path) -> Path:
    """SR-AnoGAN that answers with the mean healthy phantom: lesions stand out."""
    return small_models / "sr-anogan-small.safetensors"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The labelled films without their veil of blocks, in a folder with healthy/ and abnormal/."""
    folder = tmp_path_factory.mktemp("labelled")
    for name, lesion in (("healthy", False), ("abnormal", True)):
        (folder / name).mkdir()
        for seed in range(10):
            picture, _, _ = chest_picture(240, 224, lesion=lesion, seed=seed + 50 * lesion)
            write_picture(folder / name / f"{name}{seed}.png", (255 * picture).astype("uint8"))
    return folder


@pytest.fixture(scope="module")
def result(template_model: Path, films: Path) -> Evaluation:
    return evaluate(template_model, films, device="cpu")


def _only(evaluation: Evaluation) -> SourceFigures:
    (source,) = evaluation.sources
    return source


def test_lesions_that_stand_out_are_found(result: Evaluation) -> None:
    source = _only(result)

    assert (source.healthy, source.abnormal) == (10, 10)
    assert source.figures[AUROC].value > 0.95
    assert source.figures["AUROC of the map (top 2 %)"].value > 0.95
    assert source.figures["abnormal films with a lit region at α = 5 %"].value > 0.9
    assert source.figures[CHANGE].value < 0.1


def test_every_figure_has_an_interval_around_it_and_its_count(result: Evaluation) -> None:
    source = _only(result)

    for name, figure in (source.figures | source.baselines).items():
        assert figure.low <= figure.value <= figure.high, name
        assert figure.films > 0, name
    alarms = source.figures[FALSE_ALARMS]
    exact = binomtest(round(alarms.value * 10), 10).proportion_ci(0.95)
    assert (alarms.low, alarms.high) == (pytest.approx(exact.low), pytest.approx(exact.high))


def test_trivial_baselines_stand_beside_it(result: Evaluation) -> None:
    assert {"aspect ratio", "centre mean"} <= set(_only(result).baselines)
    assert _only(result).baselines["aspect ratio"].value == 0.5


def test_the_result_is_plain_json_and_plain_text(result: Evaluation) -> None:
    text = json.dumps(result.to_json(), allow_nan=False)

    assert json.loads(text)["sources"][0]["figures"][AUROC]["films"] == 20
    assert any(AUROC in line for line in result.lines())


def test_a_list_and_a_folder_of_the_same_films_give_the_same_figures(
    template_model: Path, films: Path, result: Evaluation, tmp_path: Path
) -> None:
    place = tmp_path / "list.csv"
    with place.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label"])
        for path in sorted(films.rglob("*.png")):
            writer.writerow([path, "normal" if path.parent.name == "healthy" else "nodule"])
    listed = evaluate(template_model, place, device="cpu")

    assert _only(listed).figures[AUROC].value == _only(result).figures[AUROC].value
    assert _only(listed).figures[FALSE_ALARMS] == _only(result).figures[FALSE_ALARMS]


def test_sources_are_never_pooled(template_model: Path, films: Path, tmp_path: Path) -> None:
    """Healthy films of one source and ill ones of another say nothing: no AUROC is made of them."""
    place = tmp_path / "list.csv"
    lines = [
        f"{path},{'normal' if path.parent.name == 'healthy' else 'ill'},{path.parent.name}"
        for path in sorted(films.rglob("*.png"))
    ]
    place.write_text("\n".join(["file,label,source", *lines]))
    evaluation = evaluate(template_model, place, device="cpu")

    assert {source.source: (source.healthy, source.abnormal) for source in evaluation.sources} == {
        "healthy": (10, 0),
        "abnormal": (0, 10),
    }
    assert all(AUROC not in source.figures for source in evaluation.sources)


def test_intervals_are_drawn_by_patient(template_model: Path, films: Path, tmp_path: Path) -> None:
    """Ten films of two patients are not ten patients: drawn singly, both were the same."""
    widths = []
    for patients in (10, 2):
        place = tmp_path / f"{patients}.csv"
        lines = [
            f"{path},{'normal' if path.parent.name == 'healthy' else 'ill'},{path.parent.name}{n % patients}"
            for n, path in enumerate(sorted(films.rglob("*.png")))
        ]
        place.write_text("\n".join(["file,label,patient_id", *lines]))
        figure = _only(evaluate(template_model, place, device="cpu")).figures[
            "mean change on healthy films (0–1)"
        ]
        widths.append(figure.high - figure.low)

    assert widths[0] != widths[1]


def test_the_peak_is_looked_for_in_the_drawn_boxes(template_model: Path, films: Path, tmp_path: Path) -> None:
    """Boxes around the lesion catch every peak; the same boxes in the other lung catch none."""
    _, (row, column), radius = chest_picture(240, 224)
    hits, energies = [], []
    for name, middle in (("here", column), ("there", 224 - column)):
        place = tmp_path / f"{name}.csv"
        side = 2.4 * radius
        lines = [
            f"{path},{middle - side / 2},{row - side / 2},{side},{side}"
            for path in sorted((films / "abnormal").iterdir())
        ]
        place.write_text("\n".join(["file,column,row,width,height", *lines]))
        figures = _only(evaluate(template_model, films, place, device="cpu")).figures
        hits.append(figures["pointing game in drawn boxes"].value)
        energies.append(figures["share of the map's energy in drawn boxes"].value)
        assert figures["share of the area in drawn boxes (chance)"].value == pytest.approx(
            side**2 / (224 * 224), rel=0.25
        )

    assert hits == [1.0, 0.0]
    assert energies[0] > 0.5 > 0.1 > energies[1]


def test_an_uncalibrated_model_makes_no_promise(template_model: Path, films: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.safetensors"
    write_model_file(bare, replace(read_model_file(template_model), calibration=None))
    evaluation = evaluate(bare, films, device="cpu")

    assert not evaluation.calibrated
    assert "uncalibrated" in evaluation.lines()[0]
    assert not [name for name in _only(evaluation).figures if "α" in name]


def test_unreadable_films_are_named_and_the_rest_is_measured(
    template_model: Path, films: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "films"
    shutil.copytree(films, folder)
    (folder / "healthy" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n nothing more")
    evaluation = evaluate(template_model, folder, device="cpu")

    (left_out,) = evaluation.left_out
    assert left_out.path.name == "broken.png"
    assert _only(evaluation).healthy == 10
    assert "broken.png" in evaluation.lines()[-1]


@pytest.mark.parametrize(
    ("text", "error", "named"),
    [
        ("file,label\na.png,\n", UnreadableFile, "no label"),
        ("file,label\nabsent.png,normal\n", DatasetTooSmall, "0 films"),
    ],
)
def test_a_list_that_cannot_be_measured_on_says_why(
    template_model: Path, tmp_path: Path, text: str, error: type[Exception], named: str
) -> None:
    place = tmp_path / "list.csv"
    place.write_text(text)

    with pytest.raises(error, match=named):
        evaluate(template_model, place, device="cpu")


def test_a_folder_without_the_two_folders_says_what_is_missing(template_model: Path, tmp_path: Path) -> None:
    with pytest.raises(NoImages, match="no folders healthy and abnormal"):
        evaluate(template_model, tmp_path, device="cpu")


def test_boxes_without_their_columns_are_named(template_model: Path, films: Path, tmp_path: Path) -> None:
    place = tmp_path / "boxes.csv"
    place.write_text("file,x,y\na.png,1,2\n")

    with pytest.raises(UnreadableFile, match=r"boxes\.csv"):
        evaluate(template_model, films, place, device="cpu")


def test_figures_go_into_the_card_without_file_names(
    template_model: Path, result: Evaluation, tmp_path: Path
) -> None:
    model = tmp_path / "model.safetensors"
    shutil.copy(template_model, model)
    write_figures(model, result, "val")
    card = read_model_file(model).card

    stored = card.figures["val"]["sources"][0]["figures"][AUROC]["value"]
    assert math.isclose(stored, _only(result).figures[AUROC].value)
    assert card.weights_digest == read_model_file(template_model).card.weights_digest
    assert read_model_file(model).calibrated
    assert "abnormal0" not in json.dumps(card.to_json())
    assert len(json.dumps(card.figures)) < 10_000, "people read cards: no curves in them"


def test_each_film_is_told_with_what_was_measured_on_it(result: Evaluation, films: Path) -> None:
    assert {film.file for film in result.films} == {str(path) for path in films.rglob("*.png")}
    assert {film.label for film in result.films} == {"healthy", "abnormal"}
    for film in result.films:
        assert film.healthy == (film.label == "healthy")
        assert 0 < film.p_value <= 1  # type: ignore[operator]  # the model is calibrated
        assert 0 < film.ssim < 1
    likeness = [film.ssim for film in result.films if film.healthy]
    assert _only(result).figures["SSIM of healthy films and their twins"].value == pytest.approx(
        sum(likeness) / 10
    )


def test_the_thresholds_are_those_of_the_two_rules(result: Evaluation, template_model: Path) -> None:
    calibration = calibration_of(read_model_file(template_model))
    assert calibration is not None
    limit = result.score_threshold
    assert limit is not None
    assert calibration.p_value(limit) > 0.05 >= calibration.p_value(np.nextafter(np.float32(limit), np.inf))
    assert result.map_threshold == calibration.threshold()
    for film in result.films:
        assert (film.score > limit) == (film.p_value <= 0.05)  # type: ignore[operator]  # calibrated


def test_sr_anogan_stands_beside_its_first_stage_alone(result: Evaluation) -> None:
    well, ill = result.sums

    assert (well.label, well.healthy, ill.label, ill.healthy) == ("healthy", True, "abnormal", False)
    assert well.whole.films == ill.whole.films == well.stage_one.films == 10
    assert well.whole.mean < ill.whole.mean, "lesions stand out of the mean phantom"
    assert _only(result).figures["AUROC of the sum A, whole model"].films == 20
    assert not [name for name in _only(result).figures if "searched" in name], "all were"
    assert {film.stage_one_sum is None for film in result.films} == {False}
    assert "2 steps" in result.comparison
    assert any("stage 1 alone" in line for line in result.lines())


def test_the_search_takes_a_fixed_share_of_each_label(
    template_model: Path, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_module, "SEARCHED_FILMS", 3)
    place = tmp_path / "list.csv"
    lines = [
        f"{path},{'Normal' if path.parent.name == 'healthy' else ('nodule', 'Mass')[number % 2]}"
        for number, path in enumerate(sorted(films.rglob("*.png")))
    ]
    results = []
    for order in (lines, [line for line in reversed(lines) if "Mass" not in line]):
        place.write_text("\n".join(["file,label", *order]))
        results.append(evaluate(template_model, place, device="cpu"))

    assert [(row.label, row.whole.films, row.stage_one.films) for row in results[0].sums] == [
        ("healthy", 10, 3),
        ("mass", 5, 3),
        ("nodule", 5, 3),
    ]
    assert all(row.whole_searched.films == 3 for row in results[0].sums)
    figures = _only(results[0]).figures
    names = ("whole model", "stage 1 alone", "whole model, the searched films")
    assert [figures[f"AUROC of the sum A, {name}"].films for name in names] == [20, 9, 9]
    searched, alone = (
        {film.file for film in one.films if film.stage_one_sum is not None and film.label != "mass"}
        for one in results
    )
    assert searched == alone, "neither the order of a list nor its other films change which are taken"


def test_other_models_have_no_such_sums(small_models: Path, films: Path) -> None:
    evaluation = evaluate(small_models / "healthygan-small.safetensors", films, device="cpu")

    assert (evaluation.sums, evaluation.comparison) == ((), "")
    assert {film.anomaly_sum for film in evaluation.films} == {None}
    assert not [name for name in _only(evaluation).figures if "sum A" in name]


def test_curves_belong_to_the_figures_beside_them(result: Evaluation) -> None:
    source = _only(result)
    assert source.roc is not None
    assert source.alarms is not None
    at = source.alarms.alphas.index(0.05)
    promise = source.figures["range that the calibration promises"]

    assert source.alarms.realised[at] == source.figures[FALSE_ALARMS].value
    assert (source.alarms.promised_low[at], source.alarms.promised_high[at]) == (promise.low, promise.high)
    assert np.mean(source.roc.sensitivity) == pytest.approx(source.figures[AUROC].value, abs=0.06)


def test_samples_stand_at_fixed_places_of_their_kind(result: Evaluation) -> None:
    for healthy in (True, False):
        scores = sorted(film.score for film in result.films if film.healthy == healthy)
        chosen = [sample for sample in result.samples if sample.values.healthy == healthy]

        assert [sample.share for sample in chosen] == [0.1, 0.5, 0.9]
        assert [scores.index(sample.values.score) for sample in chosen] == [1, 4, 8]
        for sample in chosen:
            assert sample.film.shape == sample.twin.shape == sample.map.shape == (64, 64)
