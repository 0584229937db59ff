"""What can be seen of a run while another process trains it: curves, pictures, log, time left, history.

Everything is read from the run folder, in bounded pieces, so that it can be asked for every second. Knows no
torch, no window; call it from a worker, since a folder may lie on a slow share.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.training.config import TrainingConfig
from core.training.plan import StageTime, TrainingPlan
from core.training.run_control import RunState, Standing, read_standing

_MOST_BYTES = 400_000  # of new metrics in one look: a long run comes in pieces that hold no window up
_LOG_TAIL_BYTES = 24_000
_PLAN = "plan.json"

Line = Mapping[str, Any]  # one JSON object of metrics.jsonl


@dataclass(frozen=True, slots=True)
class RunLook:
    """What is new in a run. `anew`: what was seen before does not count any more, `lines` are all there are.

    `samples`: sample pictures, oldest first; `columns`, `rows`: what stands in them. `measured`: figures on
    labelled films, as text. `test`: the labelled films of the run, if it has some.
    """

    standing: Standing
    lines: tuple[Line, ...] = ()
    anew: bool = False
    samples: tuple[Path, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    log: str = ""
    measured: str = ""
    plan: TrainingPlan | None = None
    model: Path | None = None
    test: Path | None = None


@dataclass(frozen=True, slots=True)
class KnownRun:
    """A run of the history. `changed`: seconds since 1970 of its last sign."""

    path: Path
    kind: str
    preset: str
    standing: Standing
    changed: float


class RunReader:
    """Follows one run: each `look` brings what is new. One thread at a time."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self._read = 0
        self._file = 0

    def look(self) -> RunLook:
        """What is new since the last look; never raises, what cannot be read is as if it were not there."""
        lines, anew = self._new_lines()
        standing = read_standing(self.run)
        columns, rows = _titles(self.run)
        model = self.run / "model.safetensors"
        return RunLook(
            standing=standing,
            lines=lines,
            anew=anew,
            samples=_samples(self.run),
            columns=columns,
            rows=rows,
            log=_log_tail(self.run, standing),
            measured=_text(self.run / "test.txt"),
            plan=_plan(self.run),
            model=model if standing.state is RunState.FINISHED and model.is_file() else None,
            test=_origin(self.run, "test"),
        )

    def _new_lines(self) -> tuple[tuple[Line, ...], bool]:
        """Whole lines of the metrics that were not read yet; all of them where the file was replaced."""
        try:
            with (self.run / "metrics.jsonl").open("rb") as file:
                # A run that is taken up again replaces the file: another number on the disk, or fewer bytes.
                number, size = _identity(file.fileno())
                anew = number != self._file or size < self._read
                if anew:
                    self._file, self._read = number, 0
                file.seek(self._read)
                block = file.read(_MOST_BYTES)
        except OSError:
            anew, self._file, self._read = self._read > 0, 0, 0
            return (), anew
        whole = block[: block.rfind(b"\n") + 1]
        self._read += len(whole)
        return tuple(_json_lines(whole)), anew


def remaining_s(stages: Sequence[StageTime], standing: Standing, lines: Sequence[Line]) -> float | None:
    """How long a running run will still take, in seconds, at the pace of its last lines; None: not known.

    The stages to come are reckoned from the plan, if there is one, corrected by how far it was off so far.
    """
    timed = [line for line in lines if "seconds" in line and "stage" in line][-40:]
    if not timed:
        return None
    last = timed[-1]
    same = [line for line in timed if line["stage"] == last["stage"]]
    steps = same[-1]["step"] - same[0]["step"]
    if not steps:
        return None
    pace = (same[-1]["seconds"] - same[0]["seconds"]) / steps
    names = [stage.stage for stage in stages]
    if last["stage"] not in names:
        return float(pace * max(0, standing.total - standing.done))
    now = stages[names.index(last["stage"])]
    planned = (now.low_s + now.high_s) / 2 / now.steps
    later = sum((stage.low_s + stage.high_s) / 2 for stage in stages[names.index(now.stage) + 1 :])
    off = pace / planned if planned > 0 else 1.0
    return float(pace * max(0, now.steps - last["step"]) + later * off)


def known_runs(folder: Path) -> tuple[KnownRun, ...]:
    """The runs in a folder, the newest first."""
    try:
        places = [place for place in folder.iterdir() if place.is_dir()]
    except OSError:
        return ()
    runs = [run for run in (known_run(place) for place in places) if run is not None]
    return tuple(sorted(runs, key=lambda run: run.changed, reverse=True))


def known_run(place: Path) -> KnownRun | None:
    """The run in a folder, or None if there is none."""
    changed = max(_changed(place / name) for name in ("state.json", "config.json", "metrics.jsonl", _PLAN))
    if not changed:
        return None
    kind = preset = ""
    try:
        config = TrainingConfig.from_json(json.dumps(_object(place / "config.json").get("config", {})))
        kind, preset = config.kind, config.preset
    except (TypeError, ValueError):
        pass  # of another version: its state can be shown all the same
    return KnownRun(place, kind, preset, read_standing(place), changed)


def plan_file(run: Path) -> Path:
    """Where the plan of a run is kept by whoever made one before the start."""
    return run / _PLAN


def _identity(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_ino, found.st_size


def _json_lines(block: bytes) -> list[Line]:
    lines: list[Line] = []
    for text in block.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and isinstance(line.get("step"), int):
            lines.append(line)
    return lines


def _samples(run: Path) -> tuple[Path, ...]:
    try:
        found = [(path.stat().st_mtime_ns, path) for path in (run / "samples").glob("*.png")]
    except OSError:
        return ()
    return tuple(path for _, path in sorted(found))


def _titles(run: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    stored = _object(run / "samples" / "titles.json")
    columns, rows = stored.get("columns", ()), stored.get("rows", ())
    if not isinstance(columns, list) or not isinstance(rows, list):
        return (), ()
    return tuple(map(str, columns)), tuple(map(str, rows))


def _log_tail(run: Path, standing: Standing) -> str:
    tail = _tail(run / "log.txt")
    if not standing.state.alive:
        # What a process says before it has a log, or in its last moment.
        tail += _tail(run / "console.txt")
    return tail


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _LOG_TAIL_BYTES))
            block = file.read(_LOG_TAIL_BYTES)
    except OSError:
        return ""
    if size > _LOG_TAIL_BYTES:
        block = block.partition(b"\n")[2]
    return block.decode("utf-8", "replace")


def _plan(run: Path) -> TrainingPlan | None:
    try:
        return TrainingPlan.from_json(_object(run / _PLAN))
    except (KeyError, TypeError, ValueError):
        return None


def _origin(run: Path, name: str) -> Path | None:
    value = _object(run / "config.json").get(name)
    return Path(value) if isinstance(value, str) and value else None


def _object(path: Path) -> dict[str, Any]:  # JSON object
    try:
        stored = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return stored if isinstance(stored, dict) else {}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
