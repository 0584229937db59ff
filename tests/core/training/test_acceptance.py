"""The gate before the viewer: a new model beside the current one on a frozen local test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from phantoms import chest_picture, write_picture

from core.errors import ModelFileInvalid
from core.models.acceptance_record import read_record, record_path
from core.models.collection import active_models, current_model
from core.models.model_file import read_card, read_head, read_model_file, weights_digest, write_model_file
from core.training import intervals
from core.training.acceptance import AUROC, Verdict, activate, compare
from core.training.calibrating import calibrate

CHANGE = "mean change on healthy films (0–1)"


@pytest.fixture(scope="module", autouse=True)
def _fewer_resamples() -> Iterator[None]:
    """What is tested needs no thousand bootstrap samples."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intervals, "_RESAMPLES", 100)
        yield


def write_phantoms(folder: Path, count: int, *, lesion: bool, first_seed: int) -> Path:
    folder.mkdir()
    for seed in range(first_seed, first_seed + count):
        picture, _, _ = chest_picture(240, 224, lesion=lesion, seed=seed)
        write_picture(folder / f"{folder.name}{seed}.png", (255 * picture).astype("uint8"))
    return folder


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 healthy and 12 ill phantoms in a folder with healthy/ and abnormal/."""
    folder = tmp_path_factory.mktemp("frozen")
    write_phantoms(folder / "healthy", 12, lesion=False, first_seed=0)
    write_phantoms(folder / "abnormal", 12, lesion=True, first_seed=50)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """60 other healthy phantoms of the same kind, to calibrate on."""
    return write_phantoms(tmp_path_factory.mktemp("site") / "well", 60, lesion=False, first_seed=100)


@pytest.fixture(scope="module")
def good(small_models: Path, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SR-AnoGAN that answers with the mean healthy phantom: lesions stand out."""
    place = tmp_path_factory.mktemp("good") / "good.safetensors"
    calibrate(small_models / "sr-anogan-small.safetensors", site, place, "cpu")
    return place


@pytest.fixture(scope="module")
def twin_of_good(good: Path, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As good, with slightly other weights: a candidate that should pass."""
    place = tmp_path_factory.mktemp("twin") / "twin of good.safetensors"
    model = read_model_file(good)
    weights = dict(model.weights)
    weights["generator.template"] = weights["generator.template"] * np.float32(0.999)
    write_model_file(place, replace(model, weights=weights))
    calibrate(place, site, place, "cpu")
    return place


@pytest.fixture(scope="module")
def blind(good: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Answers with black, and claims the calibration of the good model: what lights up are no lesions."""
    place = tmp_path_factory.mktemp("blind") / "blind.safetensors"
    model = read_model_file(good)
    weights = dict(model.weights)
    weights["generator.template"] = np.full_like(weights["generator.template"], -3.0)
    assert model.calibration is not None
    arrays, info = model.calibration
    claimed = arrays, info | {"weights_digest": weights_digest(weights)}
    write_model_file(place, replace(model, weights=weights, calibration=claimed))
    return place


@pytest.fixture(scope="module")
def passed(twin_of_good: Path, good: Path, films: Path) -> Verdict:
    return compare(twin_of_good, good, films, device="cpu")


@pytest.fixture(scope="module")
def failed(blind: Path, good: Path, films: Path) -> Verdict:
    return compare(blind, good, films, device="cpu")


def test_an_equal_model_passes_with_the_figures_of_both(
    passed: Verdict, twin_of_good: Path, good: Path
) -> None:
    assert passed.passed, passed.reasons
    (source,) = passed.sources
    assert (source.healthy, source.abnormal) == (12, 12)
    assert source.candidate[AUROC].value > 0.95
    assert source.current[AUROC].value > 0.95
    assert source.difference[AUROC].low <= 0 <= source.difference[AUROC].high
    assert passed.candidate.weights_digest == read_card(twin_of_good).weights_digest
    assert passed.current is not None
    assert passed.current.weights_digest == read_card(good).weights_digest


def test_a_worse_model_is_rejected_in_plain_sentences(failed: Verdict) -> None:
    assert not failed.passed
    words = " ".join(failed.reasons)
    assert "worse than the current model" in words
    assert "more than twice as much as the current model" in words
    assert "healthy patients" in words
    assert failed.lines()[0].endswith("did not pass against sr-anogan small.")
    assert failed.sources[0].difference[AUROC].high < 0


def test_the_difference_is_drawn_on_the_same_patients(films: Path, good: Path) -> None:
    """A model beside itself differs by nothing at all, however wide the interval of its own figure is."""
    verdict = compare(good, good, films, device="cpu")
    (source,) = verdict.sources
    for name, figure in source.difference.items():
        assert (figure.value, figure.low, figure.high) == (0, 0, 0), name
    assert source.candidate[CHANGE].low < source.candidate[CHANGE].high


def test_an_uncalibrated_model_never_passes(good: Path, films: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.safetensors"
    write_model_file(bare, replace(read_model_file(good), calibration=None))
    verdict = compare(bare, good, films, device="cpu")

    assert not verdict.passed
    assert "not calibrated" in verdict.reasons[0]


def test_a_calibration_of_other_weights_is_none(good: Path, films: Path, tmp_path: Path) -> None:
    model = read_model_file(good)
    weights = model.weights | {"generator.template": model.weights["generator.template"] + 1}
    write_model_file(tmp_path / "other.safetensors", replace(model, weights=weights))
    verdict = compare(tmp_path / "other.safetensors", None, films, device="cpu")

    assert not verdict.passed
    assert "not calibrated" in verdict.reasons[0]


def test_without_a_current_model_the_absolute_rules_apply(good: Path, blind: Path, films: Path) -> None:
    assert compare(good, None, films, device="cpu").passed
    verdict = compare(blind, None, films, device="cpu")

    assert not verdict.passed
    assert "worse than the current" not in " ".join(verdict.reasons)
    assert "no current model" in verdict.remarks[0]


def test_too_few_patients_are_said_and_pass_nothing(
    twin_of_good: Path, good: Path, films: Path, tmp_path: Path
) -> None:
    """All films are there, but of four patients a side: one patient's films are not ten patients."""
    place = tmp_path / "few.csv"
    lines = [
        f"{path},{'normal' if path.parent.name == 'healthy' else 'ill'},{path.parent.name}-{number % 4}"
        for number, path in enumerate(sorted(films.rglob("*.png")))
    ]
    place.write_text("\n".join(["file,label,patient_id", *lines]))
    verdict = compare(twin_of_good, good, place, device="cpu")

    assert not verdict.passed
    assert verdict.reasons == (
        "The test is too small: no source has 10 healthy and 10 ill patients at least, and fewer say "
        "nothing of a model.",
    )
    assert "4 healthy and 4 ill patients are too few" in " ".join(verdict.remarks)
    assert verdict.sources[0].candidate[AUROC].value > 0.95


def test_false_alarms_beyond_the_promise_are_counted_by_patient(
    twin_of_good: Path, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ill films under the label normal light up: that many the calibration cannot explain."""
    place = tmp_path / "wrong.csv"
    ill = sorted((films / "abnormal").iterdir())
    place.write_text("\n".join(["file,label,patient_id", *(f"{path},normal,{path.stem}" for path in ill)]))
    many = compare(twin_of_good, None, place, device="cpu")
    place.write_text("\n".join(["file,label,patient_id", *(f"{path},normal,one" for path in ill)]))
    one = compare(twin_of_good, None, place, device="cpu")

    assert "12 of 12 healthy patients" in " ".join(many.reasons)
    assert "1 of 1 healthy patients" not in " ".join(one.reasons), "one patient may be bad luck"


def test_the_test_is_known_again_wherever_it_lies(
    passed: Verdict, twin_of_good: Path, good: Path, films: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(films, elsewhere)
    assert compare(twin_of_good, good, elsewhere, device="cpu").test_digest == passed.test_digest
    next((elsewhere / "healthy").iterdir()).unlink()
    assert compare(twin_of_good, good, elsewhere, device="cpu").test_digest != passed.test_digest


def test_models_of_two_kinds_are_not_compared(small_models: Path, good: Path, films: Path) -> None:
    with pytest.raises(ModelFileInvalid, match="different kinds"):
        compare(small_models / "healthygan-small.safetensors", good, films, device="cpu")


def test_a_verdict_survives_json(passed: Verdict, failed: Verdict) -> None:
    for verdict in (passed, failed):
        text = json.dumps(verdict.to_json(), allow_nan=False)
        assert Verdict.from_json(json.loads(text)) == verdict


# --- taking it into use ------------------------------------------------------------------------------


def test_an_accepted_model_is_used_before_all_others(
    passed: Verdict, twin_of_good: Path, films: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "own models"
    before = active_models((folder,))
    target = activate(twin_of_good, passed, folder)

    assert target == folder / "twin-of-good.safetensors"
    assert target.read_bytes() == twin_of_good.read_bytes()
    assert active_models((folder,)) == ((target, read_card(target)), *before)
    record = read_record(target, read_head(target))
    assert record is not None
    assert Verdict.from_json(record.verdict) == passed
    again = compare(twin_of_good, target, films, device="cpu")
    assert "the one on which the current model was accepted" in " ".join(again.remarks)


def test_what_did_not_pass_is_not_used(failed: Verdict, blind: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFileInvalid, match="did not pass"):
        activate(blind, failed, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_verdict_passes_no_other_weights(passed: Verdict, good: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelFileInvalid, match="The verdict is about"):
        activate(good, passed, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_calibration_made_after_the_test_ends_the_acceptance(
    passed: Verdict, twin_of_good: Path, tmp_path: Path
) -> None:
    target = activate(twin_of_good, passed, tmp_path)
    model = read_model_file(target)
    assert model.calibration is not None
    arrays, info = model.calibration
    later = arrays, info | {"source": "another ward"}
    write_model_file(target, replace(model, calibration=later))

    assert read_record(target, read_head(target)) is None
    assert target not in [path for path, _ in active_models((tmp_path,))]
    with pytest.raises(ModelFileInvalid, match="The verdict is about"):
        activate(target, passed, tmp_path / "other")


def test_another_model_of_the_same_file_name_is_kept(
    passed: Verdict, twin_of_good: Path, good: Path, tmp_path: Path
) -> None:
    other = tmp_path / "twin-of-good.safetensors"
    shutil.copy(good, other)
    target = activate(twin_of_good, passed, tmp_path)

    assert target != other
    assert other.read_bytes() == good.read_bytes()
    assert activate(target, passed, tmp_path) == target, "a file of the folder stays where it is"


def test_the_current_model_is_the_accepted_one_of_the_kind(
    passed: Verdict, twin_of_good: Path, good: Path, tmp_path: Path
) -> None:
    target = activate(twin_of_good, passed, tmp_path)

    assert current_model(good, (tmp_path,)) == target
    assert current_model(target, (tmp_path,)) != target, "a model is not compared with itself"


@pytest.mark.parametrize("content", ["", "[]", '{"format": "x"}', "{" * 5000])
def test_a_damaged_record_is_none(passed: Verdict, twin_of_good: Path, tmp_path: Path, content: str) -> None:
    target = activate(twin_of_good, passed, tmp_path)
    record_path(target).write_text(content)

    assert read_record(target, read_head(target)) is None
