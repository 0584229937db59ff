"""Two processes under `torchrun` are one process with the doubled batch; they stop together."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from film_folders import FilmLists

from core.jobs import Cancelled
from core.models.model_file import read_model_file
from core.training.config import PRESETS
from core.training.processes import ALONE, ProcessesApart, Share, joined
from core.training.run_folder import RunFolder
from core.training.trainer import Trainer

_SMALL = {
    "size": 64,
    "log_every": 1,
    "evaluate_every": 1000,
    "checkpoint_every": 1000,
    "threads": 1,
    "device": "cpu",
}
CONFIGS = {  # of each of the two
    "healthygan-lite": PRESETS["healthygan", "lite"].with_changes(
        **_SMALL, width=8, batch=2, warm_steps=2, steps=4, critic_augment=True
    ),
    "healthygan-paper": PRESETS["healthygan", "paper"].with_changes(**_SMALL, width=4, batch=1, steps=2),
    "sr-anogan-lite": PRESETS["sr-anogan", "lite"].with_changes(**_SMALL, batch=2, core_steps=2, steps=5),
}
# The slopes of the reference's mask loss, up to 10^4, enlarge what is nothing but rounding.
_TOLERANCE = dict.fromkeys(CONFIGS, 1e-4) | {"healthygan-paper": 1e-3}
_PROGRAM = """
import os
import sys
from pathlib import Path

import torch

from core.errors import ProductError
from core.jobs import NO_JOB, Cancelled, JobContext
from core.training.config import TrainingConfig
from core.training.healthygan_course import HealthyGanCourse
from core.training.processes import joined
from core.training.run_folder import RunFolder
from core.training.trainer import Trainer

rank = os.environ["RANK"]
healthy, mixed, *runs = map(Path, sys.argv[1:])


class Impatient(JobContext):
    def report(self, done, total, text=""):
        if rank == "1" and text.startswith("Stage translate: step 1"):
            raise Cancelled


def train(run, config, ctx=NO_JOB):
    config = TrainingConfig.from_json(config.with_suffix(".json").read_text())
    Trainer(RunFolder(run), config, healthy, mixed).run(ctx)


def hungry(course, stage, step, steps):
    if rank == "1" and (stage, step) == ("heal", 1):
        raise torch.OutOfMemoryError
    return honest(course, stage, step, steps)


try:
    with joined("cpu"):  # once for all runs: two groups in a process would find each other's addresses
        for run in runs:
            train(run, run)
        try:
            train(Path("stopped"), runs[0], Impatient())
        except Cancelled:
            Path("stopped", f"cancelled-{rank}").touch()
        honest, HealthyGanCourse.step = HealthyGanCourse.step, hungry
        train(Path("full"), runs[0])
except ProductError as error:
    Path("full", f"error-{rank}").write_text(str(error))
"""


def _together(folder: Path, *arguments: Path) -> None:
    """Run a program in two processes, in `folder`."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    process = subprocess.Popen(
        [*command, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _, told = process.communicate()
    finally:
        process.terminate()  # torchrun then ends its processes; killed, it would leave them behind
        process.wait()
    assert process.returncode == 0, told


@pytest.fixture(scope="module")
def runs_of_two(film_lists: FilmLists, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the finished run of each config, trained by two processes."""
    folder = tmp_path_factory.mktemp("two")
    program = folder / "train.py"
    program.write_text(_PROGRAM)
    for name, config in CONFIGS.items():
        (folder / name).with_suffix(".json").write_text(config.to_json())
    _together(folder, program, film_lists.healthy, film_lists.mixed, *(folder / name for name in CONFIGS))
    return folder


def _losses(folder: Path) -> dict[tuple[str, int], dict[str, float]]:
    """Losses by stage and step."""
    told = {"stage", "step", "seconds"}
    return {
        (line["stage"], line["step"]): {name: value for name, value in line.items() if name not in told}
        for line in RunFolder(folder).read_metrics()
        if "loss_g" in line
    }


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CONFIGS)
def test_two_processes_are_one_with_the_doubled_batch(
    runs_of_two: Path, film_lists: FilmLists, tmp_path: Path, name: str
) -> None:
    config = CONFIGS[name].with_changes(batch=2 * CONFIGS[name].batch)
    alone = Trainer(RunFolder(tmp_path), config, film_lists.healthy, film_lists.mixed).run()
    together = read_model_file(runs_of_two / name / "model.safetensors")

    expected, losses = _losses(tmp_path), _losses(runs_of_two / name)
    assert losses.keys() == expected.keys()
    assert {stage for stage, _ in losses} == {
        stage for stage, steps in together.card.training["stages"] if steps
    }
    assert any("loss_d" in figures for figures in losses.values())
    for place, figures in losses.items():
        assert figures == pytest.approx(expected[place], rel=_TOLERANCE[name], abs=2e-6), place
    weights = read_model_file(alone).weights
    for key, array in together.weights.items():
        # Adam makes whole steps of gradients that are nothing but rounding (of a bias before a norm).
        assert np.abs(array - weights[key]).mean() < 0.1 * config.learning_rate, key
    assert together.card.training["processes"] == 2
    assert together.calibrated


@pytest.mark.timeout(600)
def test_where_one_process_is_cancelled_all_stop_and_the_run_can_go_on(
    runs_of_two: Path, film_lists: FilmLists
) -> None:
    stopped = runs_of_two / "stopped"
    state = RunFolder(stopped).read_checkpoint()

    assert {file.name for file in stopped.glob("cancelled-*")} == {"cancelled-0", "cancelled-1"}
    assert not (stopped / "model.safetensors").exists()
    assert state is not None
    assert (state["place"], state["step"]) == (2, 1)

    config = CONFIGS["healthygan-lite"]
    alone = config.with_changes(batch=2 * config.batch)
    Trainer(RunFolder(stopped), alone, film_lists.healthy, film_lists.mixed).run()
    for place, figures in _losses(runs_of_two / "healthygan-lite").items():
        assert _losses(stopped)[place] == pytest.approx(figures, rel=1e-4, abs=2e-6), place


def test_where_the_batch_does_not_fit_into_one_of_them_all_stop_and_the_next_start_takes_half(
    runs_of_two: Path,
) -> None:
    full = runs_of_two / "full"
    kept = RunFolder(full).read_config()

    assert "Another process of this run has stopped" in (full / "error-0").read_text()
    assert "goes on from its last checkpoint with 1 film" in (full / "error-1").read_text()
    assert kept is not None
    assert (kept[0].batch, kept[1]["asked_batch"]) == (1, "2")


def test_parts_of_a_batch_are_contiguous_and_each_half_of_a_pair_is_cut_by_itself() -> None:
    shares = [Share(rank, 3) for rank in range(3)]
    drawn = torch.arange(12)
    thirds = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    of_pairs = [[0, 1, 6, 7], [2, 3, 8, 9], [4, 5, 10, 11]]

    assert [list(range(12))[share.places(12)] for share in shares] == thirds
    assert [share.cut(drawn).tolist() for share in shares] == thirds
    assert [share.cut(drawn, parts=2).tolist() for share in shares] == of_pairs
    assert ALONE.cut(drawn, parts=4).tolist() == drawn.tolist()


def test_alone_nothing_is_asked_of_others() -> None:
    value = torch.tensor(3.0, requires_grad=True)

    assert ALONE.first
    assert ALONE.mean(value) is value
    assert ALONE.means({"a": 1.5, "b": 0.1}) == {"a": 1.5, "b": 0.1}
    assert ALONE.as_first(7) == 7
    assert not ALONE.any(False)
    assert ALONE.any(True)
    ALONE.check_same("anything", "things")


def test_being_cancelled_is_heeded() -> None:
    def ask() -> None:
        raise Cancelled

    ALONE.heed(lambda: None)
    with pytest.raises(Cancelled):
        ALONE.heed(ask)


def test_a_process_whose_others_do_not_come_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")  # but no torchrun: neither rank nor address
    monkeypatch.delenv("RANK", raising=False)
    with pytest.raises(ProcessesApart, match="did not find each other"), joined("cpu"):
        pass
