"""From a frame to its result: the same every time, of the right model, with a word on whatever went wrong."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from model_cases import CASES, small_model
from numpy.typing import NDArray
from phantoms import chest_picture
from small_models import SPEC, healthy_films

from core.errors import ModelFileInvalid, OutOfMemory
from core.imaging.frame import Frame, FrameSource, Window
from core.imaging.model_input import ModelInput, ModelInputSpec, to_model_grid
from core.inference.analysis import Analysis, Answer, ImageHeader, ModelChoice, Refusal, Verdict
from core.inference.analyze import ModelShelf, film_answers, film_residuals, map_weight
from core.inference.engine import CONVOLUTIONS
from core.jobs import Cancelled, JobContext
from core.models.acceptance_record import write_record
from core.models.model_file import ModelFile, read_model_file, write_model_file
from core.models.registry import open_model

CPU = torch.device("cpu")
HEALTHYGAN, SR_ANOGAN = "healthygan-small.safetensors", "sr-anogan-small.safetensors"
ADULT: dict[str, Any] = {
    "body_part_examined": "CHEST",
    "modality": "DX",
    "view_position": "PA",
    "patient_age_years": 45.0,
}

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the models in the folders that a test names are on the machine."""
    monkeypatch.setattr("core.models.collection.resource_path", lambda *_: tmp_path / "no such folder")


@pytest.fixture
def shelf(small_models: Path, nothing_shipped: None) -> ModelShelf:
    return ModelShelf("cpu", (small_models,))


def film(*, lesion: bool = False, seed: int = 100, **source: Any) -> Frame:  # of the source
    """A phantom that the calibration has not seen."""
    picture, _, _ = chest_picture(160, 150, lesion=lesion, seed=seed)
    return Frame((picture * 4095).astype(np.uint16), bits_stored=12, source=FrameSource(**(ADULT | source)))


def one(answer: Answer) -> Analysis:
    assert not answer.refusals
    (analysis,) = answer.analyses
    return analysis


def refused(answer: Answer) -> Refusal:
    assert not answer.analyses
    (refusal,) = answer.refusals
    assert refusal.suitability.verdict is Verdict.REFUSED
    return refusal


def assert_same(first: Analysis, second: Analysis) -> None:
    """Equal to the last bit, whatever can be seen of it."""
    for name in ("twin", "denser", "lucent", "weight"):
        assert getattr(first, name).tobytes() == getattr(second, name).tobytes(), name
    assert (first.score, first.p_value, first.threshold) == (second.score, second.p_value, second.threshold)
    assert first.frame_digest == second.frame_digest
    assert first.card == second.card


def steered(raw_change: float, mask: float = 20.0, **changes: Any) -> ModelFile:  # of the card
    """A real U-Net that changes every pixel alike: x' = x + m tanh(o), both from the biases of its head."""
    model = small_model(CASES[2], **changes)
    head = {
        "generator.head.weight": np.zeros((2, 8, 3, 3), np.float32),
        "generator.head.bias": np.array([np.arctanh(raw_change), mask / 2], np.float32),
    }
    return replace(model, weights=dict(model.weights) | head)


# --- what a result is -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [HEALTHYGAN, SR_ANOGAN])
def test_result_is_complete(shelf: ModelShelf, small_models: Path, name: str) -> None:
    frame = film()
    analysis = one(shelf.analyze(frame, small_models / name))
    file = read_model_file(small_models / name)
    assert analysis.frame_digest == frame.digest == analysis.model_input.frame_digest
    assert analysis.card == file.card
    assert analysis.suitability.verdict is Verdict.ACCEPTED
    assert not analysis.warnings
    for grid in (analysis.twin, analysis.denser, analysis.lucent, analysis.weight):
        assert grid.shape == (64, 64)
        assert grid.dtype == np.float32
        assert np.isfinite(grid).all()
        assert grid.min() >= 0
    assert analysis.twin.max() <= 1
    assert analysis.calibration is not None
    assert analysis.calibration.weights_digest == analysis.card.weights_digest
    assert analysis.p_value is not None
    assert 0 < analysis.p_value <= 1
    assert analysis.threshold == analysis.calibration.threshold()
    assert analysis.device == "CPU, 1 thread"
    assert analysis.elapsed_s > 0
    for grid in (analysis.twin, analysis.denser, analysis.lucent):
        with pytest.raises(ValueError, match="read-only"):
            grid[0, 0] = 0.5


def test_both_opinions_come_in_the_order_of_the_choice(shelf: ModelShelf) -> None:
    answer = shelf.analyze(film(), ModelChoice.BOTH)
    assert answer.choice is ModelChoice.BOTH
    assert [analysis.card.kind for analysis in answer.analyses] == ["healthygan", "sr-anogan"]
    assert_same(answer.analyses[0], one(shelf.analyze(film(), ModelChoice.HEALTHYGAN)))
    assert_same(answer.analyses[1], one(shelf.analyze(film(), ModelChoice.SR_ANOGAN)))


@pytest.mark.parametrize("name", [HEALTHYGAN, SR_ANOGAN])
def test_a_model_by_its_file_gives_the_choice_of_its_kind(
    shelf: ModelShelf, small_models: Path, name: str
) -> None:
    answer = shelf.analyze(film(), small_models / name)
    assert answer.choice.value == one(answer).card.kind


@pytest.mark.parametrize("name", [HEALTHYGAN, SR_ANOGAN])
def test_the_same_film_has_the_same_result_to_the_last_bit(small_models: Path, name: str) -> None:
    """Again, after another film, on another shelf, and in another thread than the one that loaded."""
    first, again = ModelShelf("cpu"), ModelShelf("cpu")
    result = one(first.analyze(film(), small_models / name))
    one(first.analyze(film(seed=7), small_models / name))
    assert_same(one(first.analyze(film(), small_models / name)), result)
    assert_same(one(again.analyze(film(), small_models / name)), result)
    with ThreadPoolExecutor(1) as lane:
        assert_same(one(lane.submit(again.analyze, film(), small_models / name).result()), result)


def test_a_file_of_the_papers_form_is_as_repeatable(tmp_path: Path) -> None:
    """With its latent search, which starts from random numbers that are always the same."""
    path = tmp_path / "paper.safetensors"
    write_model_file(path, small_model(CASES[3]))
    result = one(ModelShelf("cpu").analyze(film(), path))
    torch.rand(5)
    assert_same(one(ModelShelf("cpu").analyze(film(), path)), result)


def test_other_pixels_have_another_result(shelf: ModelShelf) -> None:
    first, second = (one(shelf.analyze(film(seed=seed), ModelChoice.HEALTHYGAN)) for seed in (100, 101))
    assert first.frame_digest != second.frame_digest
    assert not np.array_equal(first.denser, second.denser)


def test_the_display_window_never_matters(shelf: ModelShelf) -> None:
    frame = film()
    narrow = replace(frame, windows=(Window(300.0, 20.0),))
    assert_same(
        one(shelf.analyze(frame, ModelChoice.HEALTHYGAN)), one(shelf.analyze(narrow, ModelChoice.HEALTHYGAN))
    )


def test_a_lesion_lights_up_where_it_is_and_nowhere_else_on_a_healthy_film(shelf: ModelShelf) -> None:
    """The lesion of the phantom against the mean healthy phantom, which the small SR-AnoGAN answers."""
    picture_centre = chest_picture(160, 150, seed=100)[1]
    ill = one(shelf.analyze(film(lesion=True), ModelChoice.SR_ANOGAN))
    well = one(shelf.analyze(film(), ModelChoice.SR_ANOGAN))
    cell = np.unravel_index(int(np.argmax(ill.denser)), ill.denser.shape)
    where = ill.model_input
    row, column = (
        first + (place + 0.5) * where.pixels_per_cell
        for first, place in zip((where.row, where.column), cell, strict=True)
    )
    assert np.hypot(row - picture_centre[0], column - picture_centre[1]) < 0.08 * 160
    assert ill.denser.max() > ill.threshold
    assert well.denser.max() < ill.denser.max() / 3
    assert ill.p_value is not None
    assert well.p_value is not None
    assert ill.p_value < well.p_value
    assert ill.score > well.score


# --- units ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [-0.05, 0.04])
def test_a_tenth_on_the_map_is_a_tenth_of_the_grey_range(tmp_path: Path, change: float) -> None:
    """Models.md 1.9 and residuals.py: (x - x') / 2 with images in [-1, 1], blurred, signs apart.

    Where twin or film are black or white nothing can be changed, so cells far from both are looked at.
    """
    path = tmp_path / "steered.safetensors"
    write_model_file(path, steered(change))
    analysis = one(ModelShelf("cpu").analyze(film(), path))
    film_values = analysis.model_input.pixels
    inside = (film_values > 0.1) & (film_values < 0.9)
    np.testing.assert_allclose((analysis.twin - film_values)[inside], change, atol=1e-6)
    lit, dark = (analysis.denser, analysis.lucent) if change < 0 else (analysis.lucent, analysis.denser)
    middle = np.zeros((64, 64), np.bool_)
    middle[8:56, 8:56] = True
    around = np.lib.stride_tricks.sliding_window_view(np.pad(inside, 3), (7, 7)).all(axis=(2, 3))
    assert (middle & around).sum() > 200
    np.testing.assert_allclose(lit[middle & around], abs(change), atol=1e-6)
    assert dark.max() == 0
    np.testing.assert_allclose(analysis.score, analysis.denser.mean(), atol=1e-6)


def test_mean_change_is_the_papers_score() -> None:
    """The mean over all cells of |x - x'| in units of the grey range, before any blur."""
    network = open_model(steered(-0.05), CPU)
    grey = np.full((2, 64, 64), 0.5, np.float32)
    for residuals in film_residuals(network, grey, CPU):
        assert residuals.mean_change == pytest.approx(0.05, abs=1e-6)


@pytest.mark.parametrize(("kind", "cells"), [("healthygan", 7), ("sr-anogan", 11)])
def test_residuals_are_blurred_as_widely_as_the_kind_needs(kind: str, cells: int) -> None:
    """13/128 of the side for HealthyGAN, 21/128 for SR-AnoGAN, whose missing ribs must cancel (recipe.md)."""
    network = open_model(steered(-0.05), CPU)
    network.card = replace(network.card, kind=kind)
    film_values = np.zeros((1, 64, 64), np.float32)  # black cannot become darker
    film_values[0, 32, 32] = 0.5
    (residuals,) = film_residuals(network, film_values, CPU)
    assert np.count_nonzero(residuals.denser > 1e-7) == cells**2
    assert residuals.denser[32, 32] == pytest.approx(0.05 / cells**2, rel=1e-3)


# --- film_residuals ---------------------------------------------------------------------------------------


def test_many_films_are_as_good_as_one_by_one(small_models: Path) -> None:
    """17 films: one more than a batch. Tolerance as in the contract of the models."""
    network = open_model(small_models / HEALTHYGAN, CPU)
    films = healthy_films(17)
    together = film_residuals(network, films, CPU)
    assert len(together) == 17
    for place in (0, 15, 16):
        (alone,) = film_residuals(network, films[place : place + 1], CPU)
        np.testing.assert_allclose(together[place].denser, alone.denser, atol=1e-5)
        np.testing.assert_allclose(together[place].lucent, alone.lucent, atol=1e-5)
        assert together[place].realism == pytest.approx(alone.realism, abs=1e-4)
    assert film_residuals(network, films[:0], CPU) == []


def test_each_twin_comes_with_what_is_said_of_its_film(small_models: Path) -> None:
    network, films = open_model(small_models / HEALTHYGAN, CPU), healthy_films(3)
    answers = list(film_answers(network, films, CPU))

    assert len(answers) == 3
    for film_values, (twin, residuals) in zip(films, answers, strict=True):
        assert twin.shape == film_values.shape
        assert residuals.mean_change == pytest.approx(float(np.abs(film_values - twin).mean()))


def test_films_are_analyzed_as_the_calibration_saw_them(shelf: ModelShelf, small_models: Path) -> None:
    """The same film through calibrating and through analyzing is the same number."""
    path = small_models / HEALTHYGAN
    analysis = one(shelf.analyze(film(), path))
    network = open_model(path, CPU)
    (residuals,) = film_residuals(network, to_model_grid(film(), SPEC).pixels[None], CPU)
    assert analysis.calibration is not None
    assert analysis.score == analysis.calibration.score(residuals)
    denser, lucent = analysis.calibration.maps(residuals)
    np.testing.assert_array_equal(analysis.denser, denser)
    np.testing.assert_array_equal(analysis.lucent, lucent)


def test_a_series_is_answered_as_its_films_are_one_by_one(shelf: ModelShelf) -> None:
    """Three that suit, one that does not and one that is constant; in their order, for both models."""
    blank = Frame(np.full((160, 150), 700, np.uint16), source=FrameSource(**ADULT))
    frames = (film(), film(view_position="LATERAL"), film(lesion=True), blank, film(seed=101))
    sizes: set[int] = set()
    with listening(lambda values: sizes.add(values.shape[0])):
        together = shelf.analyze_series(frames, ModelChoice.BOTH)
    assert 3 in sizes, "they went through the networks together"
    for frame, answer in zip(frames, together, strict=True):
        alone = shelf.analyze(frame, ModelChoice.BOTH)
        assert answer.refusals == alone.refusals
        assert answer.frame_digest == frame.digest
        assert [one.card.kind for one in answer.analyses] == [one.card.kind for one in alone.analyses]
        for joint, single in zip(answer.analyses, alone.analyses, strict=True):
            assert joint.frame_digest == frame.digest
            np.testing.assert_allclose(joint.twin, single.twin, atol=1e-5)
            np.testing.assert_allclose(joint.denser, single.denser, atol=1e-5)
            assert joint.score == pytest.approx(single.score, abs=1e-3)
            assert joint.model_input.pixels.tobytes() == single.model_input.pixels.tobytes()
    assert shelf.analyze_series((), ModelChoice.BOTH) == ()


# --- calibration ------------------------------------------------------------------------------------------


def test_changed_weights_have_no_p_value(small_models: Path, tmp_path: Path) -> None:
    """One bit of one weight: the calibration in the file is of other weights and counts for nothing."""
    model = read_model_file(small_models / HEALTHYGAN)
    moved = {name: array.copy() for name, array in model.weights.items()}
    head = moved["generator.head.weight"]
    head.flat[0] = np.nextafter(head.flat[0], np.float32(1))
    path = tmp_path / "moved.safetensors"
    write_model_file(path, replace(model, weights=moved))
    assert_uncalibrated(one(ModelShelf("cpu").analyze(film(), path)))


def test_changed_preprocessing_has_no_p_value(small_models: Path, tmp_path: Path) -> None:
    model = read_model_file(small_models / HEALTHYGAN)
    spec = replace(model.card.input_spec, low_percentile=1.0)
    path = tmp_path / "moved.safetensors"
    write_model_file(path, replace(model, card=replace(model.card, input_spec=spec)))
    assert_uncalibrated(one(ModelShelf("cpu").analyze(film(), path)))


def assert_uncalibrated(analysis: Analysis) -> None:
    assert analysis.calibration is None
    assert analysis.p_value is None
    assert analysis.threshold == 0.1
    assert any("uncalibrated" in warning for warning in analysis.warnings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda arrays, info: info.pop("films"), "cannot be used"),
        (lambda arrays, info: arrays.pop("weight"), "cannot be used"),
        (
            lambda arrays, info: arrays.update(
                {name: array[:32, :32] for name, array in arrays.items() if array.ndim == 2}
            ),
            "64 × 64 cells",
        ),
    ],
)
def test_a_calibration_that_makes_no_sense_is_named_by_its_file(
    small_models: Path, tmp_path: Path, change: Callable[[Any, Any], None], words: str
) -> None:
    model = read_model_file(small_models / HEALTHYGAN)
    assert model.calibration is not None
    arrays, info = dict(model.calibration[0]), dict(model.calibration[1])
    change(arrays, info)
    path = tmp_path / "odd.safetensors"
    write_model_file(path, replace(model, calibration=(arrays, info)))
    with pytest.raises(ModelFileInvalid, match=r"odd\.safetensors") as caught:
        ModelShelf("cpu").analyze(film(), path)
    assert words in caught.value.message


# --- where the map counts ---------------------------------------------------------------------------------


def test_map_counts_in_the_central_window_only() -> None:
    """92 % of the side: what lies at the rim is collimation, labels and arms."""
    weight = map_weight(small_model(CASES[2]))
    inside = np.zeros((64, 64), np.float32)
    inside[3:61, 3:61] = 1
    np.testing.assert_array_equal(weight, inside)


def test_lung_prior_narrows_the_map_of_sr_anogan_alone() -> None:
    prior = np.zeros((64, 64), np.float32)
    prior[20:40, 10:25] = 1
    aux: Any = {"lung_prior": prior}
    weight = map_weight(replace(small_model(CASES[5]), aux=aux))
    assert weight[30, 17] == 1
    assert weight[30, 50] == 0
    assert 0 < weight[30, 25] < 1, "a soft edge, outside of the prior"
    assert map_weight(replace(small_model(CASES[2]), aux=aux))[30, 50] == 1


def test_a_lung_prior_of_another_grid_is_refused() -> None:
    aux: Any = {"lung_prior": np.ones((32, 32), np.float32)}
    with pytest.raises(ModelFileInvalid, match=r"sr-anogan.* lung prior is of the shape"):
        map_weight(replace(small_model(CASES[5]), aux=aux))


@pytest.mark.parametrize("change", [-0.05, 0.05])
def test_padding_is_not_analyzed(tmp_path: Path, change: float) -> None:
    """No map, not even the blur of what lies beside, and marked: "nothing found" is said of what was seen."""
    path = tmp_path / "steered.safetensors"
    write_model_file(path, steered(change))
    frame = film()
    stored = np.array(frame.stored)
    stored[50:90, 20:70] = 4095  # as behind a shutter
    shuttered = Frame(stored, bits_stored=12, padding=(4095.0, 4095.0), source=frame.source)
    analysis = one(ModelShelf("cpu").analyze(shuttered, path))
    hidden = ~analysis.model_input.valid
    assert hidden.any()
    assert analysis.denser[hidden].max() == analysis.lucent[hidden].max() == 0
    assert max(analysis.denser.max(), analysis.lucent.max()) > 0.04
    assert not analysis.analyzed[hidden].any()
    assert analysis.analyzed.any()


# --- which model ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def by_age(small_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models for adults and for children of both kinds, as shipped."""
    folder = tmp_path_factory.mktemp("by age")
    for name in (HEALTHYGAN, SR_ANOGAN):
        model = read_model_file(small_models / name)
        for population, ages in (("adult", (16.0, 150.0)), ("child", (0.5, 10.0))):
            card = replace(model.card, name=population, population=population, age_years=ages)
            path = folder / f"{model.card.kind}-{population}.safetensors"
            write_model_file(path, replace(model, card=card))
            write_record(path, {"passed": True})
    return folder


@pytest.mark.parametrize("choice", list(ModelChoice))
@pytest.mark.parametrize(
    ("age", "chosen"),
    [(45.0, "adult"), (16.0, "adult"), (10.0, "child"), (0.5, "child"), (4.0, "child"), (None, "adult")],
)
@pytest.mark.usefixtures("nothing_shipped")
def test_the_age_chooses_the_model(by_age: Path, choice: ModelChoice, age: float | None, chosen: str) -> None:
    answer = ModelShelf("cpu", (by_age,)).analyze(film(patient_age_years=age), choice)
    assert not answer.refusals
    assert {analysis.card.population for analysis in answer.analyses} == {chosen}
    for analysis in answer.analyses:
        assumed = [reason for reason in analysis.suitability.reasons if "age is not known" in reason]
        assert len(assumed) == (age is None), "an assumption is said"


@pytest.mark.parametrize("age", [0.25, 10.5, 12.0, 15.9, 15.994])
@pytest.mark.usefixtures("nothing_shipped")
def test_between_the_models_there_is_no_result(by_age: Path, age: float) -> None:
    """All ages at hand are said, and the patient's so that it is outside of them: not "16 years"."""
    answer = ModelShelf("cpu", (by_age,)).analyze(film(patient_age_years=age), ModelChoice.BOTH)
    assert not answer.analyses
    assert [refusal.kind for refusal in answer.refusals] == ["healthygan", "sr-anogan"]
    for refusal in answer.refusals:
        (reason,) = refusal.suitability.reasons
        assert f"a patient of {round(age, 2):g} years" in reason
        assert "those at hand are for 0.5 to 10 or 16 to 150 years" in reason
        assert refusal.no_model
        assert refusal.hint


@pytest.mark.parametrize("age", [5.0, 12.0, 45.0, None])
@pytest.mark.usefixtures("nothing_shipped")
def test_a_lateral_film_is_refused_for_that_alone_where_the_age_would_do(
    by_age: Path, age: float | None
) -> None:
    frame = film(patient_age_years=age, view_position="LL")
    refusal = refused(ModelShelf("cpu", (by_age,)).analyze(frame, ModelChoice.HEALTHYGAN))
    assert "lateral" in refusal.suitability.reasons[0]
    assert len(refusal.suitability.reasons) == (2 if age == 12 else 1)
    assert not refusal.no_model


@pytest.mark.usefixtures("nothing_shipped")
def test_a_model_of_the_readers_own_goes_before_the_others(by_age: Path, tmp_path: Path) -> None:
    model = read_model_file(by_age / "healthygan-adult.safetensors")
    path = tmp_path / "own.safetensors"
    write_model_file(path, replace(model, card=replace(model.card, name="own")))
    write_record(path, {"passed": True})
    analysis = one(ModelShelf("cpu", (by_age, tmp_path)).analyze(film(), ModelChoice.HEALTHYGAN))
    assert analysis.card.name == "own"


@pytest.mark.usefixtures("nothing_shipped")
def test_a_machine_without_models_says_so() -> None:
    answer = ModelShelf("cpu").analyze(film(), ModelChoice.BOTH)
    assert [refusal.kind for refusal in answer.refusals] == ["healthygan", "sr-anogan"]
    for refusal in answer.refusals:
        assert "model" in refusal.suitability.reasons[0]
        assert refusal.hint


# --- films that do not suit -------------------------------------------------------------------------------


@pytest.mark.parametrize("by_file", [True, False])
@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"view_position": "LATERAL"}, "lateral view"),
        ({"modality": "CT"}, "not for CT"),
        ({"body_part_examined": "HAND"}, "HAND"),
    ],
)
def test_a_film_of_something_else_is_refused(
    shelf: ModelShelf, small_models: Path, source: dict[str, Any], words: str, by_file: bool
) -> None:
    choice = small_models / HEALTHYGAN if by_file else ModelChoice.HEALTHYGAN
    refusal = refused(shelf.analyze(film(**source), choice))
    assert words in refusal.suitability.reasons[0]
    assert refusal.kind == "healthygan"


def test_a_constant_film_is_refused(shelf: ModelShelf) -> None:
    blank = Frame(np.full((160, 150), 700, np.uint16), source=FrameSource(**ADULT))
    refusal = refused(shelf.analyze(blank, ModelChoice.HEALTHYGAN))
    assert "same value everywhere" in refusal.suitability.reasons[0]
    assert refusal.hint == "Choose another image."
    assert refusal.frame_digest == blank.digest


def test_a_refused_film_never_meets_a_network(shelf: ModelShelf) -> None:
    with listening() as layers:
        shelf.analyze(film(view_position="LATERAL"), ModelChoice.BOTH)
    assert not layers


@pytest.mark.usefixtures("nothing_shipped")
def test_one_model_may_refuse_what_the_other_takes(small_models: Path, tmp_path: Path) -> None:
    for name, modalities in ((HEALTHYGAN, ("DX",)), (SR_ANOGAN, ("CR",))):
        model = read_model_file(small_models / name)
        write_model_file(tmp_path / name, replace(model, card=replace(model.card, modalities=modalities)))
        write_record(tmp_path / name, {"passed": True})
    answer = ModelShelf("cpu", (tmp_path,)).analyze(film(), ModelChoice.BOTH)
    assert [analysis.card.kind for analysis in answer.analyses] == ["healthygan"]
    assert [refusal.kind for refusal in answer.refusals] == ["sr-anogan"]
    assert "not for DX" in answer.refusals[0].suitability.reasons[0]


def test_a_twin_that_differs_everywhere_is_withheld(tmp_path: Path) -> None:
    path = tmp_path / "wild.safetensors"
    write_model_file(path, steered(-0.6))
    assert "differs everywhere" in refused(ModelShelf("cpu").analyze(film(), path)).suitability.reasons[-1]


def test_a_network_that_overflows_is_withheld(tmp_path: Path) -> None:
    """Its weights are numbers, its answer is none."""
    model = small_model(CASES[2])
    stem = {"generator.stem.0.weight": np.full((8, 1, 5, 5), 3e38, np.float32)}
    path = tmp_path / "loud.safetensors"
    write_model_file(path, replace(model, weights=dict(model.weights) | stem))
    reasons = refused(ModelShelf("cpu").analyze(film(), path)).suitability.reasons
    assert "no numbers" in reasons[-1]


# --- files ------------------------------------------------------------------------------------------------


def test_a_file_that_is_gone_or_damaged_is_named(small_models: Path, tmp_path: Path) -> None:
    shelf, path = ModelShelf("cpu"), tmp_path / "mine.safetensors"
    with pytest.raises(ModelFileInvalid, match=r"mine\.safetensors cannot be opened"):
        shelf.analyze(film(), path)
    path.write_bytes((small_models / HEALTHYGAN).read_bytes()[:-1])
    with pytest.raises(ModelFileInvalid, match=r"mine\.safetensors"):
        shelf.analyze(film(), path)


def test_a_replaced_file_is_read_anew_and_the_old_network_let_go(tmp_path: Path) -> None:
    """As when the reader's own model is calibrated again while the window is open."""
    shelf, path = ModelShelf("cpu"), tmp_path / "mine.safetensors"
    write_model_file(path, steered(-0.05, version="1"))
    assert one(shelf.analyze(film(), path)).card.version == "1"
    write_model_file(path, steered(-0.04, version="2"))
    assert one(shelf.analyze(film(), path)).card.version == "2"
    assert len(shelf._loaded) == 1


def test_a_model_is_read_once(small_models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted_reads(monkeypatch)
    shelf = ModelShelf("cpu")
    for seed in range(3):
        shelf.analyze(film(seed=seed), small_models / HEALTHYGAN)
    assert read == [HEALTHYGAN]


# --- made ready --------------------------------------------------------------------------------------------


def counted_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    read: list[str] = []

    def counted(path: Path) -> ModelFile:
        read.append(path.name)
        return read_model_file(path)

    monkeypatch.setattr("core.inference.analyze.read_model_file", counted)
    return read


@pytest.mark.parametrize(
    ("choice", "first"), [(ModelChoice.HEALTHYGAN, HEALTHYGAN), (ModelChoice.SR_ANOGAN, SR_ANOGAN)]
)
def test_a_warm_shelf_reads_no_file_again(
    choice: ModelChoice, first: str, shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The chosen model is the first to be there."""
    read = counted_reads(monkeypatch)
    with listening() as layers:
        shelf.warm_up(film(), choice)
    assert layers
    assert read[0] == first
    assert sorted(read) == [HEALTHYGAN, SR_ANOGAN]
    shelf.analyze(film(), ModelChoice.BOTH)
    shelf.warm_up(film(), choice)
    assert len(read) == 2


def test_a_warm_shelf_answers_what_a_cold_one_does(shelf: ModelShelf, small_models: Path) -> None:
    shelf.warm_up(film(), small_models / HEALTHYGAN)
    warm = one(shelf.analyze(film(), small_models / HEALTHYGAN))
    assert_same(warm, one(ModelShelf("cpu").analyze(film(), small_models / HEALTHYGAN)))


def test_nothing_is_loaded_for_a_film_that_no_model_suits(
    shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = counted_reads(monkeypatch)
    shelf.warm_up(film(body_part_examined="KNEE"), ModelChoice.BOTH)
    assert read == []


def test_warming_up_starts_no_latent_search(tmp_path: Path, nothing_shipped: None) -> None:
    """It would take a minute."""
    path = tmp_path / "paper.safetensors"
    write_model_file(path, small_model(replace(CASES[3], network=CASES[3].network | {"latent_steps": 10**9})))
    with listening() as layers:
        ModelShelf("cpu").warm_up(film(), path)
    assert layers == []


def test_warming_up_can_be_cancelled(shelf: ModelShelf) -> None:
    whole = Stopping()
    ModelShelf("cpu", shelf._folders).warm_up(film(), ModelChoice.BOTH, whole)
    assert whole.calls > 10
    for at in (1, 2, 3, whole.calls):
        with pytest.raises(Cancelled):
            ModelShelf("cpu", shelf._folders).warm_up(film(), ModelChoice.BOTH, Stopping(at))


def test_two_models_of_one_grid_share_the_film_on_it(
    shelf: ModelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Frame] = []

    def counted(frame: Frame, spec: ModelInputSpec) -> ModelInput:
        made.append(frame)
        return to_model_grid(frame, spec)

    monkeypatch.setattr("core.inference.analyze.to_model_grid", counted)
    first, second = film(), film(seed=101)
    both = shelf.analyze(first, ModelChoice.BOTH)
    assert made == [first]
    assert both.analyses[0].model_input is both.analyses[1].model_input
    shelf.analyze(second, ModelChoice.BOTH)
    shelf.analyze(first, ModelChoice.BOTH)
    assert made == [first, second, first]


# --- cancel and progress ----------------------------------------------------------------------------------


class Stopping(JobContext):
    """Cancels at the given call, counted over reports and checkpoints; hears what is reported."""

    def __init__(self, at: int = -1) -> None:
        self.at = at
        self.calls = 0
        self.heard: list[tuple[int, int, str]] = []

    def checkpoint(self) -> None:
        self.calls += 1
        if self.calls == self.at:
            raise Cancelled

    def report(self, done: int, total: int, text: str = "") -> None:
        self.heard.append((done, total, text))
        self.checkpoint()


@contextmanager
def listening(meet: Callable[[torch.Tensor], None] = lambda _: None) -> Iterator[list[torch.nn.Module]]:
    """Every single convolution that computes inside; `meet` is called before it with its input."""
    layers: list[torch.nn.Module] = []

    def before(layer: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if isinstance(layer, CONVOLUTIONS):
            layers.append(layer)
            meet(inputs[0])

    handle = torch.nn.modules.module.register_module_forward_pre_hook(before)
    try:
        yield layers
    finally:
        handle.remove()


@pytest.mark.parametrize("case", [CASES[2], CASES[3]], ids=str)
def test_an_analysis_can_be_cancelled_before_any_convolution(case: Any, tmp_path: Path) -> None:
    """And leaves nothing behind: the next analysis on the same shelf is whole and the same."""
    path = tmp_path / "model.safetensors"
    write_model_file(path, small_model(case))
    shelf, whole = ModelShelf("cpu"), Stopping()
    shelf.analyze(film(), path)  # loaded and prepared
    with listening() as layers:
        result = one(shelf.analyze(film(), path, whole))
    assert whole.calls > len(layers) > 5, "every convolution asks"
    places = np.unique(np.linspace(1, whole.calls, 25).astype(int))
    for at in places:
        with listening() as layers, pytest.raises(Cancelled):
            shelf.analyze(film(), path, Stopping(int(at)))
        assert len(layers) <= at
    stopped = Stopping()
    assert_same(one(shelf.analyze(film(), path, stopped)), result)
    assert stopped.calls == whole.calls, "no question of an earlier job is left on a layer"


def test_a_cancelled_job_does_not_stop_the_next(tmp_path: Path) -> None:
    """What asked for a job that was cancelled is not asked for the jobs after it."""
    path = tmp_path / "model.safetensors"
    write_model_file(path, small_model(CASES[3]))
    shelf, cancelled = ModelShelf("cpu"), Stopping()
    shelf.analyze(film(), path, cancelled)
    before = cancelled.calls
    shelf.analyze(film(), path)
    assert cancelled.calls == before


def test_many_films_can_be_cancelled_and_are_reported(small_models: Path) -> None:
    network, films, ctx = open_model(small_models / HEALTHYGAN, CPU), healthy_films(17), Stopping()
    film_residuals(network, films, CPU, ctx)
    assert [(done, total) for done, total, _ in ctx.heard] == [(0, 17), (16, 17)]
    with pytest.raises(Cancelled):
        film_residuals(network, films, CPU, Stopping(ctx.calls - 1))


def test_progress_counts_the_models(shelf: ModelShelf) -> None:
    ctx = Stopping()
    shelf.analyze(film(), ModelChoice.BOTH, ctx)
    assert [(done, total) for done, total, _ in ctx.heard] == [(0, 2), (1, 2)]
    assert all(text for _, _, text in ctx.heard)


def test_cancelled_from_another_thread_in_the_middle(tmp_path: Path) -> None:
    """As the window does it: the lane's thread computes, the owner's thread cancels."""
    path = tmp_path / "paper.safetensors"
    case = replace(CASES[3], network=CASES[3].network | {"latent_steps": 10**9})
    write_model_file(path, small_model(case))
    cancelled, at_work = threading.Event(), threading.Event()

    class Watching(JobContext):
        def checkpoint(self) -> None:
            if cancelled.is_set():
                raise Cancelled

    def meet(_: torch.Tensor) -> None:
        at_work.set()

    with listening(meet), ThreadPoolExecutor(1) as lane:
        endless = lane.submit(ModelShelf("cpu").analyze, film(), path, Watching())
        assert at_work.wait(20)
        cancelled.set()
        with pytest.raises(Cancelled):
            endless.result(20)


# --- devices that fail ------------------------------------------------------------------------------------


@pytest.fixture
def absent_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shelf that believes in a graphics card: torch's meta device, which holds shapes and no numbers."""
    monkeypatch.setattr("core.inference.analyze.choose_device", lambda wish: torch.device("meta"))


def raising(error: BaseException, device: str) -> Callable[[torch.Tensor], None]:
    def meet(values: torch.Tensor) -> None:
        if values.device.type == device:
            raise error

    return meet


@pytest.mark.expect_log
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB."), "has too little memory"),
        (RuntimeError("MPS backend out of memory (MPS allocated: 18 GB)."), "has too little memory"),
        (torch.AcceleratorError("CUDA error: unspecified launch failure"), "failed"),
    ],
    ids=["cuda", "mps", "lost"],
)
@pytest.mark.usefixtures("absent_card")
def test_the_cpu_steps_in_for_a_card_and_says_so(small_models: Path, error: RuntimeError, words: str) -> None:
    shelf, path = ModelShelf("auto"), small_models / HEALTHYGAN
    with listening(raising(error, "meta")):
        analysis = one(shelf.analyze(film(), path))
    assert analysis.warnings == (f"The graphics card {words}; the CPU computed this result.",)
    assert analysis.device == shelf.device_text == "CPU, 1 thread"
    again = one(shelf.analyze(film(), path))
    assert not again.warnings, "from now on the CPU is the device"
    assert_same(again, analysis)
    assert_same(analysis, one(cpu_shelf(small_models).analyze(film(), path)))


def cpu_shelf(folder: Path) -> ModelShelf:
    shelf = ModelShelf("cpu", (folder,))
    shelf._device = CPU  # whatever choose_device says in this test
    return shelf


def too_much_for_torch() -> None:
    torch.empty(2**52)


def too_much_for_numpy() -> None:
    np.empty(2**60, np.uint8)


@pytest.mark.parametrize("allocate", [too_much_for_torch, too_much_for_numpy])
def test_a_full_machine_is_said_to_be_one(small_models: Path, allocate: Callable[[], None]) -> None:
    """A petabyte is really asked for: the error is the one that the CPU's own allocator has."""
    shelf = ModelShelf("cpu")
    with listening(lambda _: allocate()), pytest.raises(OutOfMemory, match="too little memory") as caught:
        shelf.analyze(film(), small_models / HEALTHYGAN)
    assert caught.value.hint
    one(shelf.analyze(film(), small_models / HEALTHYGAN))


def test_a_series_that_is_too_large_together_goes_one_by_one(small_models: Path) -> None:
    """No word about the device: every film was answered on the one that was asked for."""
    sizes: list[int] = []

    def meet(values: torch.Tensor) -> None:
        sizes.append(values.shape[0])
        if values.shape[0] > 1:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    shelf, path = ModelShelf("cpu"), small_models / HEALTHYGAN
    shelf.analyze(film(), path)  # loaded and prepared
    with listening(meet):
        answers = shelf.analyze_series((film(), film(seed=101)), path)
    assert sizes[:2] == [2, 1]
    assert [one(answer).warnings for answer in answers] == [(), ()]


@pytest.mark.usefixtures("absent_card")
def test_when_the_cpu_has_no_room_either_that_is_said(small_models: Path) -> None:
    """Not the error of torch, which the reader cannot act on."""
    shelf, devices = ModelShelf("auto"), []

    def meet(values: torch.Tensor) -> None:
        devices.append(values.device.type)
        raise torch.OutOfMemoryError("CUDA out of memory.")

    with listening(meet), pytest.raises(OutOfMemory, match="too little memory"):
        shelf.analyze(film(), small_models / HEALTHYGAN)
    assert devices == ["meta", "cpu"]


@pytest.mark.usefixtures("absent_card")
def test_a_card_without_room_for_the_weights_is_left_too(
    small_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading is where a large model fails first."""
    move = torch.nn.Module.to

    def to(module: torch.nn.Module, device: torch.device) -> torch.nn.Module:
        if device.type == "meta":
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return move(module, device)

    monkeypatch.setattr(torch.nn.Module, "to", to)
    analysis = one(ModelShelf("auto").analyze(film(), small_models / HEALTHYGAN))
    assert analysis.device == "CPU, 1 thread"
    assert "too little memory" in analysis.warnings[0]


@pytest.mark.parametrize("error", [RuntimeError("shape mismatch"), ValueError("no")])
@pytest.mark.usefixtures("absent_card")
def test_a_fault_of_the_program_is_not_one_of_the_card(small_models: Path, error: Exception) -> None:
    with listening(raising(error, "meta")), pytest.raises(type(error), match=str(error)):
        ModelShelf("auto").analyze(film(), small_models / HEALTHYGAN)


def test_shelves_in_two_threads_do_not_disturb_each_other(small_models: Path) -> None:
    """One shelf belongs to one thread at a time; two shelves share nothing."""
    films = [film(seed=seed) for seed in range(4)]

    def run(kind: str) -> list[NDArray[np.float32]]:
        shelf = ModelShelf("cpu")
        return [one(shelf.analyze(frame, small_models / kind)).denser for frame in films]

    alone = {kind: run(kind) for kind in (HEALTHYGAN, SR_ANOGAN)}
    with ThreadPoolExecutor(2) as lanes:
        together = {kind: lanes.submit(run, kind) for kind in alone}
    for kind, maps in alone.items():
        for first, second in zip(maps, together[kind].result(), strict=True):
            np.testing.assert_array_equal(first, second)


def test_what_will_be_refused_is_foreseen_without_pixels_and_nothing_else_is(
    shelf: ModelShelf, small_models: Path
) -> None:
    films = (film(), film(view_position="LL"), film(modality="CT"), film(view_position=""))
    headers = [
        ImageHeader(one.is_grey, one.rows, one.columns, one.source.modality, one.source.view_position)
        for one in films
    ]
    headers.append(ImageHeader(False, 200, 200, "DX", "PA"))
    for choice in (ModelChoice.HEALTHYGAN, ModelChoice.BOTH, small_models / SR_ANOGAN):
        foreseen = shelf.foresee(headers, choice)
        assert [one is not None for one in foreseen] == [False, True, True, False, True]
        for frame, refusal in zip(films, foreseen, strict=False):
            (answer,) = shelf.analyze_series((frame,), choice)
            if refusal is not None:
                assert not answer.analyses
                assert refusal.suitability.reasons == answer.refusals[0].suitability.reasons
