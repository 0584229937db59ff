"""Training from films to a calibrated model file; stopped or killed, it goes on with the same numbers."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from film_folders import FilmLists, write_films

from core.errors import ModelFileInvalid, OutOfMemory
from core.imaging.model_input import ModelInputSpec
from core.jobs import Cancelled, JobContext
from core.models.anomaly_model import ModelCard
from core.models.healthygan import build_generator
from core.models.model_file import ModelFile, read_model_file, write_model_file
from core.models.registry import open_model, weights_of
from core.training import trainer
from core.training.config import PRESETS, TrainingConfig
from core.training.healthygan_course import HealthyGanCourse
from core.training.run_folder import RunFolder
from core.training.trainer import Diverged, Trainer

_SMALL = {"size": 64, "batch": 2, "log_every": 1, "evaluate_every": 4, "checkpoint_every": 2, "threads": 1}
CONFIGS = {
    "healthygan-lite": PRESETS["healthygan", "lite"].with_changes(
        **_SMALL, width=8, warm_steps=4, steps=4, population="adult"
    ),
    "healthygan-paper": PRESETS["healthygan", "paper"].with_changes(**_SMALL, width=4, steps=8),
    "sr-anogan-lite": PRESETS["sr-anogan", "lite"].with_changes(
        **(_SMALL | {"batch": 4}), core_steps=4, steps=6
    ),
}


@dataclass
class _StopAt(JobContext):
    """Cancels before the given number of training steps."""

    steps: int
    taken: int = 0

    def report(self, done: int, total: int, text: str = "") -> None:
        if text.startswith("Stage"):
            self.taken += 1
            if self.taken > self.steps:
                raise Cancelled


def _metrics(folder: Path) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in line.items() if name != "seconds"}
        for line in RunFolder(folder).read_metrics()
    ]


@pytest.fixture(scope="module", params=list(CONFIGS))
def finished(
    request: pytest.FixtureRequest, film_lists: FilmLists, tmp_path_factory: pytest.TempPathFactory
) -> tuple[TrainingConfig, Path, ModelFile]:
    """A run from start to end, of each kind."""
    config = CONFIGS[request.param]
    folder = tmp_path_factory.mktemp("run") / request.param
    file = Trainer(RunFolder(folder), config, film_lists.healthy, film_lists.mixed).run()
    return config, folder, read_model_file(file)


def test_a_run_ends_with_a_calibrated_model_that_says_what_it_is(
    finished: tuple[TrainingConfig, Path, ModelFile],
) -> None:
    config, folder, model = finished
    card = model.card

    assert model.calibrated
    assert (card.kind, card.preset, card.population) == (config.kind, config.preset, config.population)
    assert card.training["data"]["healthy train"] == {"drawn": 24}
    assert card.training["data"]["calibration p-values"] == {"drawn": 50}
    assert (
        sum(steps for _, steps in card.training["stages"])
        == config.core_steps * (config.kind == "sr-anogan")
        + config.warm_steps * (config.kind == "healthygan")
        + config.steps
    )
    assert "baseline.template" in model.aux
    text = json.dumps(card.to_json())
    assert str(folder.parent) not in text
    assert "film0" not in text
    assert open_model(model, torch.device("cpu")).healthy(torch.rand(1, 1, 64, 64)).shape == (1, 1, 64, 64)


def test_a_run_leaves_metrics_samples_and_no_half_file(
    finished: tuple[TrainingConfig, Path, ModelFile],
) -> None:
    _, folder, _ = finished
    lines = _metrics(folder)

    assert all(
        math.isfinite(value) for line in lines for value in line.values() if not isinstance(value, str)
    )
    assert any("synthetic_auroc" in line for line in lines)
    assert len(list((folder / "samples").glob("*.png"))) >= 2
    assert not list(folder.rglob("*.part"))


@pytest.mark.parametrize("stop_at", [1, 4, 7])
def test_a_stopped_run_goes_on_as_if_it_had_never_been_stopped(
    finished: tuple[TrainingConfig, Path, ModelFile], film_lists: FilmLists, tmp_path: Path, stop_at: int
) -> None:
    config, folder, model = finished
    trainer = Trainer(RunFolder(tmp_path / "run"), config, film_lists.healthy, film_lists.mixed)
    with pytest.raises(Cancelled):
        trainer.run(_StopAt(stop_at))
    assert not (tmp_path / "run" / "model.safetensors").exists()
    file = Trainer(RunFolder(tmp_path / "run"), config, film_lists.healthy, film_lists.mixed).run()

    assert _metrics(tmp_path / "run") == _metrics(folder)
    assert read_model_file(file).card.weights_digest == model.card.weights_digest


def test_another_seed_is_another_model(
    finished: tuple[TrainingConfig, Path, ModelFile], film_lists: FilmLists, tmp_path: Path
) -> None:
    config, _, model = finished
    other = config.with_changes(seed=1)
    file = Trainer(RunFolder(tmp_path), other, film_lists.healthy, film_lists.mixed).run()

    assert read_model_file(file).card.weights_digest != model.card.weights_digest


def test_a_killed_run_goes_on_with_the_same_numbers(film_lists: FilmLists, tmp_path: Path) -> None:
    config = CONFIGS["healthygan-lite"].with_changes(warm_steps=40)
    whole = Trainer(RunFolder(tmp_path / "whole"), config, film_lists.healthy, film_lists.mixed).run()
    code = (
        "import sys; from pathlib import Path\n"
        "from core.training.config import TrainingConfig\n"
        "from core.training.run_folder import RunFolder\n"
        "from core.training.trainer import Trainer\n"
        "run, config, healthy, mixed = sys.argv[1:]\n"
        "Trainer(RunFolder(Path(run)), TrainingConfig.from_json(config), Path(healthy), Path(mixed)).run()\n"
    )
    killed = tmp_path / "killed"
    arguments = [str(killed), config.to_json(), str(film_lists.healthy), str(film_lists.mixed)]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    )
    try:
        patience = time.monotonic() + 120
        while not (killed / "checkpoint.pt").exists():
            assert process.poll() is None, "the run ended before it could be killed"
            assert time.monotonic() < patience
            time.sleep(0.01)  # another process writes it: there is nothing to wait on but the disk
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (killed / "model.safetensors").exists()
    file = Trainer(RunFolder(killed), config, film_lists.healthy, film_lists.mixed).run()

    assert _metrics(killed) == _metrics(tmp_path / "whole")
    assert read_model_file(file).card.weights_digest == read_model_file(whole).card.weights_digest


def test_fine_tuning_starts_from_the_parent_and_names_it(
    finished: tuple[TrainingConfig, Path, ModelFile], film_lists: FilmLists, tmp_path: Path
) -> None:
    config, folder, parent = finished
    still = config.with_changes(
        learning_rate=1e-7, ema_decay=0.0, warm_steps=0, core_steps=0, steps=1, tune_frozen=0.0
    )
    trainer = Trainer(
        RunFolder(tmp_path), still, film_lists.healthy, film_lists.mixed, folder / "model.safetensors"
    )
    child = read_model_file(trainer.run())

    assert child.card.training["parent"] == parent.card.weights_digest
    assert child.card.input_spec == parent.card.input_spec
    prefix = "generator." if config.kind == "healthygan" else "super_resolution."
    moved = [
        abs(child.weights[name] - parent.weights[name]).max()
        for name in parent.weights
        if name.startswith(prefix)
    ]
    assert 0 < max(moved) < 1e-5


def test_a_run_from_a_parent_takes_a_quarter_of_the_rate(tmp_path: Path) -> None:
    config = PRESETS["healthygan", "lite"]
    scratch, tuned, plain = (
        Trainer(RunFolder(tmp_path), one, tmp_path, tmp_path, parent)._rate(1000, 3000)
        for one, parent in (
            (config, None),
            (config, tmp_path / "parent"),
            (config.with_changes(tune_rate=1.0), tmp_path / "parent"),
        )
    )

    assert tuned == pytest.approx(scratch / 4)
    assert plain == scratch


def test_a_run_that_diverges_stops_and_says_where(
    film_lists: FilmLists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = HealthyGanCourse.step

    def poisoned(self: HealthyGanCourse, stage: str, step: int, steps: int) -> dict[str, float]:
        figures = honest(self, stage, step, steps)
        return figures | {"loss_g": math.nan} if (stage, step) == ("translate", 3) else figures

    monkeypatch.setattr(HealthyGanCourse, "step", poisoned)
    trainer = Trainer(RunFolder(tmp_path), CONFIGS["healthygan-lite"], film_lists.healthy, film_lists.mixed)
    with pytest.raises(Diverged, match="stage translate at step 3"):
        trainer.run()
    state = RunFolder(tmp_path).read_checkpoint()
    assert state is not None
    assert (state["place"], state["step"]) == (2, 2)
    assert not (tmp_path / "model.safetensors").exists()


@pytest.mark.expect_log
def test_a_batch_that_does_not_fit_is_halved_once_and_said(
    film_lists: FilmLists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No memory at the batch of 2: the run goes on from its checkpoint with 1, also after another start."""
    honest = HealthyGanCourse.step
    steps: list[tuple[int, str, int]] = []

    def hungry(self: HealthyGanCourse, stage: str, step: int, steps_: int) -> dict[str, float]:
        if self.config.batch > 1 and (stage, step) == ("translate", 2):
            raise torch.OutOfMemoryError("CUDA out of memory")
        steps.append((self.config.batch, stage, step))
        return honest(self, stage, step, steps_)

    monkeypatch.setattr(HealthyGanCourse, "step", hungry)
    config = CONFIGS["healthygan-lite"]
    Trainer(RunFolder(tmp_path), config, film_lists.healthy, film_lists.mixed).run()

    assert steps[-3:] == [(2, "translate", 1), (1, "translate", 2), (1, "translate", 3)]
    assert "does not fit into the memory of cpu; going on with 1" in caplog.text
    kept, _ = RunFolder(tmp_path).read_config() or (None, None)
    assert kept == config.with_changes(batch=1, precision="fp32")


@pytest.mark.expect_log
def test_a_run_that_never_fits_says_so_and_keeps_its_checkpoint(
    film_lists: FilmLists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hungry(self: HealthyGanCourse, stage: str, step: int, steps: int) -> dict[str, float]:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(HealthyGanCourse, "step", hungry)
    trainer = Trainer(RunFolder(tmp_path), CONFIGS["healthygan-lite"], film_lists.healthy, film_lists.mixed)
    with pytest.raises(OutOfMemory, match="A batch of 1 films does not fit"):
        trainer.run()


@pytest.mark.expect_log
def test_cautions_are_logged_and_kept_in_the_card(
    film_lists: FilmLists, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere = film_lists.mixed.parent / "elsewhere.csv"
    elsewhere.write_text(film_lists.mixed.read_text().replace(",drawn,", ",elsewhere,"))
    file = Trainer(RunFolder(tmp_path), CONFIGS["healthygan-lite"], film_lists.healthy, elsewhere).run()
    training = read_model_file(file).card.training

    assert "Calibration films come from drawn, of which no mixed film is" in caplog.text
    assert training["cautions"][-1] in caplog.text
    assert 0 <= training["source_confound_auroc"] <= 1


def test_too_few_films_to_calibrate_make_an_uncalibrated_model(tmp_path: Path) -> None:
    healthy = write_films(tmp_path / "healthy", 40, lesion=False)
    mixed = write_films(tmp_path / "mixed", 12, lesion=True, first_seed=400)
    model = read_model_file(
        Trainer(RunFolder(tmp_path / "run"), CONFIGS["healthygan-lite"], healthy, mixed).run()
    )

    assert not model.calibrated


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_minute_of_healing_finds_synthetic_lesions(tmp_path: Path) -> None:
    """At its start a network changes all films alike: it is at chance."""
    healthy = write_films(tmp_path / "healthy", 120, lesion=False, veil_share=0.15)
    mixed = write_films(tmp_path / "mixed", 20, lesion=True, first_seed=1000, veil_share=0.15)
    config = PRESETS["healthygan", "lite"].with_changes(
        size=128,
        warm_steps=240,
        steps=1,
        log_every=100,
        evaluate_every=240,
        checkpoint_every=1000,
        seed=2,
        threads=1,
    )
    folder = RunFolder(tmp_path / "run")
    Trainer(folder, config, healthy, mixed).run()
    measured = [
        line for line in folder.read_metrics() if "synthetic_auroc" in line and line["stage"] == "heal"
    ]

    assert measured[-1]["synthetic_auroc"] >= 0.70
    assert measured[-1]["synthetic_pixel_auroc"] >= 0.70


def test_the_exported_step_is_the_one_that_label_free_figures_choose(
    film_lists: FilmLists, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long run can get worse; its last step is no better than its best one."""
    config = CONFIGS["healthygan-lite"].with_changes(evaluate_every=1)
    merits = iter([0.1, 0.1, 0.1, 0.1, 0.5, 0.9, 0.6, 0.7])  # four of each stage
    monkeypatch.setattr(trainer, "merit", lambda figures: next(merits))
    folder = RunFolder(tmp_path / "run")
    file = Trainer(folder, config, film_lists.healthy, film_lists.mixed).run()

    model = read_model_file(file)
    best = folder.read_best()
    assert best is not None
    assert (best["stage"], best["step"]) == ("translate", 2)
    assert model.card.training["exported_step"] == 2
    kept = best["modules"]["generator."]
    for name, array in model.weights.items():
        if name.startswith("generator."):
            assert torch.equal(torch.from_numpy(array.copy()), kept[name.removeprefix("generator.")]), name
    last = folder.read_checkpoint()
    assert last is not None
    after = {name.removeprefix("module."): value for name, value in last["modules"]["average"].items()}
    assert any(not torch.equal(after[name], value) for name, value in kept.items())


def test_healing_at_full_size_is_a_stage_of_its_own(film_lists: FilmLists, tmp_path: Path) -> None:
    config = CONFIGS["healthygan-lite"].with_changes(warm_steps=1, heal_steps=2, steps=1, evaluate_every=2)
    folder = RunFolder(tmp_path / "run")
    Trainer(folder, config, film_lists.healthy, film_lists.mixed).run()
    lines = folder.read_metrics()
    assert list(dict.fromkeys(line["stage"] for line in lines)) == [
        "heal",
        "heal-full",
        "translate",
    ]
    assert not any("loss_d" in line for line in lines if line["stage"] != "translate")


def test_labelled_films_are_measured_at_the_end_and_never_trained_on(
    film_lists: FilmLists, tmp_path: Path
) -> None:
    config = CONFIGS["healthygan-lite"].with_changes(warm_steps=0, steps=1)
    folder = RunFolder(tmp_path / "run")
    with_test = Trainer(folder, config, film_lists.healthy, film_lists.mixed, test=film_lists.labelled).run()
    without = Trainer(RunFolder(tmp_path / "other"), config, film_lists.healthy, film_lists.mixed).run()

    assert "8 healthy, 8 abnormal" in (folder.path / "test.txt").read_text()
    measured, plain = read_model_file(with_test).card, read_model_file(without).card
    assert measured.figures["test"]["sources"]
    assert measured.weights_digest == plain.weights_digest


def test_a_stop_keeps_the_very_step(film_lists: FilmLists, tmp_path: Path) -> None:
    config = CONFIGS["healthygan-lite"].with_changes(checkpoint_every=1000)
    with pytest.raises(Cancelled):
        Trainer(RunFolder(tmp_path), config, film_lists.healthy, film_lists.mixed).run(_StopAt(3))
    state = RunFolder(tmp_path).read_checkpoint()
    assert state is not None
    assert (state["place"], state["step"]) == (0, 3)


def test_a_child_has_the_networks_of_its_parent(
    film_lists: FilmLists, small_models: Path, tmp_path: Path
) -> None:
    """Whatever the preset's own width: else the weights fit nowhere."""
    parent = small_models / "healthygan-small.safetensors"
    config = CONFIGS["healthygan-lite"].with_changes(width=32, size=128, warm_steps=0, steps=1)
    file = Trainer(RunFolder(tmp_path), config, film_lists.healthy, film_lists.mixed, parent).run()
    child = read_model_file(file).card

    assert child.network == read_model_file(parent).card.network
    assert child.input_spec.size == 64
    with pytest.raises(ModelFileInvalid, match="sr-anogan"):
        Trainer(
            RunFolder(tmp_path / "wrong"), CONFIGS["sr-anogan-lite"], film_lists.healthy, None, parent
        ).run()


def test_a_run_does_not_start_from_a_model_without_a_critic(film_lists: FilmLists, tmp_path: Path) -> None:
    network = {"generator": "paper", "width": 8, "residual_blocks": 2, "critic_layers": 0}
    parent = tmp_path / "alone.safetensors"
    weights = weights_of({"generator.": build_generator(network)})
    card = ModelCard("alone", "healthygan", "paper", "1", network, ModelInputSpec(size=64))
    write_model_file(parent, ModelFile(card, weights, {}, None))
    config = PRESETS[("healthygan", "paper")]
    trainer = Trainer(RunFolder(tmp_path / "run"), config, film_lists.healthy, film_lists.mixed, parent)
    with pytest.raises(ModelFileInvalid, match="no critic"):
        trainer.run()
