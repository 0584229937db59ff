"""Calibrating an existing model on a site's own healthy films."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from film_folders import write_films

from core.errors import DatasetTooSmall
from core.inference.calibration import MINIMUM_FILMS, FilmResiduals
from core.models.model_file import read_model_file
from core.training import calibrating
from core.training.calibrating import calibrate


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_films(tmp_path_factory.mktemp("site") / "healthy", MINIMUM_FILMS + 10, lesion=False)


@pytest.fixture
def model(small_models: Path) -> Path:
    return small_models / "healthygan-small.safetensors"


def test_a_sites_calibration_replaces_the_models_own_and_keeps_the_weights(
    model: Path, healthy: Path, tmp_path: Path
) -> None:
    before = read_model_file(model)
    card = calibrate(model, healthy, tmp_path / "site.safetensors", device="cpu")
    after = read_model_file(tmp_path / "site.safetensors")

    assert card.weights_digest == before.card.weights_digest == after.card.weights_digest
    assert after.calibrated
    assert before.calibration is not None
    assert after.calibration is not None
    assert after.calibration[1]["source"] == "healthy"
    assert before.calibration[1]["source"] == "phantoms"
    assert after.calibration[1] != before.calibration[1]


def test_the_same_films_calibrate_alike(model: Path, healthy: Path, tmp_path: Path) -> None:
    files = [tmp_path / "one.safetensors", tmp_path / "two.safetensors"]
    for file in files:
        calibrate(model, healthy, file, device="cpu")
    one, two = (read_model_file(file).calibration for file in files)

    assert one is not None
    assert two is not None
    for name, values in one[0].items():
        np.testing.assert_array_equal(values, two[0][name])


def test_too_few_films_are_refused_and_nothing_is_written(model: Path, tmp_path: Path) -> None:
    few = write_films(tmp_path / "few", 20, lesion=False)
    (few / "notes.txt").write_text("no film")

    with pytest.raises(DatasetTooSmall, match=r"20 usable healthy films .* at least 52.*Left out: 1"):
        calibrate(model, few, tmp_path / "out.safetensors", device="cpu")
    assert not (tmp_path / "out.safetensors").exists()


def test_a_patient_stands_in_one_half_only(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Per-pixel statistics that know a patient make that patient's p-values too mild."""
    films = write_films(tmp_path / "films", 90, lesion=False)
    rows = [f"films/{path.name},patient-{number // 3}" for number, path in enumerate(sorted(films.iterdir()))]
    place = tmp_path / "list.csv"
    place.write_text("\n".join(["file,patient_id", *rows]))
    halves: list[list[bytes]] = []
    honest = calibrating.film_residuals

    def watched(network: object, pixels: np.ndarray, *rest: object) -> list[FilmResiduals]:
        halves.append([film.tobytes() for film in pixels])
        return honest(network, pixels, *rest)  # type: ignore[arg-type]  # passed through

    monkeypatch.setattr(calibrating, "film_residuals", watched)
    calibrate(model, place, tmp_path / "out.safetensors", device="cpu")
    first, second = halves

    assert len(first) + len(second) == 90
    assert len(first) % 3 == len(second) % 3 == 0
    assert not set(first) & set(second)
    assert len(second) >= MINIMUM_FILMS
