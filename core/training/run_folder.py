"""What a run leaves behind: config, metrics, samples, checkpoints; and how it is taken up again.

    RUN/config.json      the frozen config, the folders, the parent model
    RUN/metrics.jsonl    one JSON object a line: {"stage", "step", losses ...}
    RUN/left_out.csv     films that were not used, with reasons
    RUN/samples/*.png    sample grids at fixed films; titles.json says what stands in their columns and rows
    RUN/checkpoint.pt    networks, optimizers, averages, place in the schedule (loaded with weights_only=True)
    RUN/best.pt          networks of the step that the label-free figures chose, with that step
    RUN/test.txt         figures of the finished model on labelled films, where some were given
    RUN/model.safetensors  the exported model with card and calibration

Everything is written to a temporary name, flushed to the disk and renamed: a kill at any moment leaves the
old file or the new one.
"""

from __future__ import annotations

import csv
import io
import json
import pickle  # only its error: torch raises it where a checkpoint asks for more than tensors
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.errors import CannotWrite, UnreadableFile
from core.files import make_folder, write_whole
from core.training.config import TrainingConfig
from core.training.dataset import LeftOut
from core.training.run_control import CONTROL_FILES


class RunFolder:
    """One run on disk. Raises `CannotWrite` naming the file when something cannot be kept."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model_file = path / "model.safetensors"
        self._metrics = path / "metrics.jsonl"
        self._checkpoint = path / "checkpoint.pt"
        self._best = path / "best.pt"
        make_folder(path / "samples")

    def remove_if_unused(self) -> None:
        """Leave nothing of a run that could not begin; a folder that holds anything else stays."""
        if (self.path / "config.json").exists():
            return
        for name in CONTROL_FILES:
            (self.path / name).unlink(missing_ok=True)
        for folder in (self.path / "samples", self.path):
            with suppress(OSError):  # not empty, or gone
                folder.rmdir()

    def write_config(self, config: TrainingConfig, **origin: str) -> None:
        """Keep the config and where the films and the parent model came from."""
        text = json.dumps({"config": json.loads(config.to_json()), **origin}, indent=1)
        self._write("config.json", text.encode())

    def read_config(self) -> tuple[TrainingConfig, dict[str, str]] | None:
        """Config and origin of an earlier start, or None for a new folder. Raises `UnreadableFile`."""
        file = self.path / "config.json"
        if not file.exists():
            return None
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            config = TrainingConfig.from_json(json.dumps(values.pop("config")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnreadableFile(f"{file} cannot be read: {error}.", "Start a new run folder.") from error
        return config, {name: str(value) for name, value in values.items()}

    def append_metrics(self, values: dict[str, Any]) -> None:  # JSON object
        """Add one line of metrics."""
        try:
            with self._metrics.open("a", encoding="utf-8") as file:
                file.write(json.dumps(values) + "\n")
        except OSError as error:
            raise CannotWrite(
                f"{self._metrics} cannot be written: {error.strerror}.", "Free some space."
            ) from error

    def read_metrics(self) -> list[dict[str, Any]]:  # JSON objects
        """All whole lines of metrics so far."""
        if not self._metrics.exists():
            return []
        lines = self._metrics.read_text(encoding="utf-8").splitlines()
        values = []
        for line in lines:
            try:
                values.append(json.loads(line))
            except ValueError:
                continue  # the line that was being written when the run was killed
        return values

    def forget_metrics(self) -> None:
        """Forget all lines: the run starts anew."""
        self._write("metrics.jsonl", b"")

    def trim_metrics(self, stage: str, step: int, stages: tuple[str, ...]) -> None:
        """Forget lines after the checkpoint that a resumed run starts from: they will be written again."""
        order = {name: place for place, name in enumerate(stages)}
        now = (order[stage], step)
        kept = [
            line
            for line in self.read_metrics()
            if (order.get(line.get("stage", ""), -1), line.get("step", 0)) <= now
        ]
        self._write("metrics.jsonl", "".join(json.dumps(line) + "\n" for line in kept).encode())

    def write_left_out(self, left_out: Iterable[LeftOut]) -> None:
        """Keep the list of films that were not used."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["file", "reason"])
        writer.writerows([str(entry.path), entry.reason] for entry in left_out)
        self._write("left_out.csv", text.getvalue().encode())

    def write_sample(self, name: str, grid: NDArray[np.uint8], titles: Mapping[str, Any]) -> None:
        """Keep a sample grid as PNG, and what stands in its columns and rows (JSON)."""
        buffer = io.BytesIO()
        Image.fromarray(grid).save(buffer, "PNG")
        self._write(f"samples/{name}.png", buffer.getvalue())
        self._write("samples/titles.json", json.dumps(dict(titles)).encode())

    def write_test(self, lines: Iterable[str]) -> None:
        """Keep the figures on the labelled films, as plain text."""
        self._write("test.txt", "".join(f"{line}\n" for line in lines).encode())

    def write_checkpoint(self, state: dict[str, Any]) -> None:  # tensors, numbers, strings only
        """Replace the checkpoint atomically."""
        self._write_state("checkpoint.pt", state)

    def read_checkpoint(self) -> dict[str, Any] | None:  # tensors, numbers, strings only
        """The last checkpoint, or None. Raises `UnreadableFile` when it is damaged."""
        return _read_state(self._checkpoint, "Delete it to start this run anew.")

    def write_best(self, state: dict[str, Any]) -> None:  # tensors, numbers, strings only
        """Replace the chosen step's networks atomically."""
        self._write_state("best.pt", state)

    def read_best(self) -> dict[str, Any] | None:  # tensors, numbers, strings only
        """The chosen step's networks, or None. Raises `UnreadableFile` when they are damaged."""
        return _read_state(self._best, "Delete it to use the last step's networks.")

    def forget_best(self) -> None:
        """Forget the chosen step: the run starts anew."""
        self._best.unlink(missing_ok=True)

    def _write_state(self, name: str, state: dict[str, Any]) -> None:  # tensors, numbers, strings only
        buffer = io.BytesIO()
        torch.save(state, buffer)
        self._write(name, buffer.getvalue())

    def _write(self, name: str, content: bytes) -> None:
        write_whole(self.path / name, content)


def _read_state(file: Path, remedy: str) -> dict[str, Any] | None:  # tensors, numbers, strings only
    if not file.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except (RuntimeError, ValueError, EOFError, KeyError, OSError, pickle.UnpicklingError) as error:
        raise UnreadableFile(f"{file} is damaged: {error}.", remedy) from error
    return state
