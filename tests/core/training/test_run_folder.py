"""A run on disk: whole files or the old ones, and nothing in it that could run code."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.errors import CannotWrite, UnreadableFile
from core.training.config import TrainingConfig
from core.training.dataset import LeftOut
from core.training.run_folder import RunFolder


def test_config_and_origin_come_back(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "run")
    assert run.read_config() is None
    run.write_config(TrainingConfig(batch=5), healthy="/films/healthy", mixed="")

    config, origin = RunFolder(tmp_path / "run").read_config() or (None, None)
    assert config == TrainingConfig(batch=5)
    assert origin == {"healthy": "/films/healthy", "mixed": ""}


def test_a_checkpoint_comes_back_bit_for_bit(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    weights = torch.randn(5, 3)
    run.write_checkpoint({"step": 7, "weights": weights})
    state = run.read_checkpoint()

    assert state is not None
    assert state["step"] == 7
    assert torch.equal(state["weights"], weights)


def test_a_write_that_fails_leaves_the_old_checkpoint_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = RunFolder(tmp_path)
    run.write_checkpoint({"step": 1})

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotWrite, match=r"checkpoint\.pt could not be written: No space left"):
        run.write_checkpoint({"step": 2})
    monkeypatch.undo()

    state = run.read_checkpoint()
    assert state is not None
    assert state["step"] == 1
    assert {path.name for path in tmp_path.iterdir()} == {"checkpoint.pt", "samples"}


@pytest.mark.parametrize("share", [0.0, 0.3, 0.95])
def test_a_damaged_checkpoint_is_named(tmp_path: Path, share: float) -> None:
    run = RunFolder(tmp_path)
    run.write_checkpoint({"weights": torch.zeros(1000)})
    file = tmp_path / "checkpoint.pt"
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])

    with pytest.raises(UnreadableFile, match=r"checkpoint\.pt is damaged"):
        run.read_checkpoint()


class _Trap:
    """What a hostile checkpoint would hold: an object whose unpickling runs a command."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def test_a_hostile_checkpoint_runs_nothing(tmp_path: Path) -> None:
    mark = tmp_path / "was-here"
    run = RunFolder(tmp_path)
    torch.save({"weights": _Trap(mark)}, tmp_path / "checkpoint.pt")

    with pytest.raises(UnreadableFile, match=r"checkpoint\.pt"):
        run.read_checkpoint()
    assert not mark.exists()


def test_metrics_after_the_checkpoint_are_forgotten(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    for stage, step in (("heal", 10), ("heal", 20), ("translate", 10), ("translate", 20)):
        run.append_metrics({"stage": stage, "step": step})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"stage": "translate", "st')  # killed while writing
    run.trim_metrics("translate", 10, ("heal", "translate"))

    places = [(line["stage"], line["step"]) for line in run.read_metrics()]
    assert places == [("heal", 10), ("heal", 20), ("translate", 10)]


def test_left_out_films_and_samples_can_be_looked_at(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    run.write_left_out([LeftOut(Path('odd, "name".dcm'), "It is a lateral view.")])
    run.write_sample("heal-0000010", np.arange(64, dtype=np.uint8).reshape(8, 8), {"columns": ["Original"]})

    assert (tmp_path / "left_out.csv").read_text().splitlines() == [
        "file,reason",
        '"odd, ""name"".dcm",It is a lateral view.',
    ]
    with Image.open(tmp_path / "samples" / "heal-0000010.png") as picture:
        assert picture.size == (8, 8)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CannotWrite, match="cannot be made"):
        RunFolder(tmp_path / "file" / "run")


def test_a_broken_config_is_named(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    (tmp_path / "config.json").write_text('{"config": {"batch": 0}}')

    with pytest.raises(UnreadableFile, match=r"config\.json"):
        run.read_config()
