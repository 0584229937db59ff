"""What a run would do, before it starts: films by role, what is left out and why, cautions, how long.

Reads the very films that the run would read and takes a few real steps; writes nothing. The values know no
torch, so that the window can read them; `make_plan` belongs into a process of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.inference.calibration import MINIMUM_FILMS
from core.jobs import NO_JOB, JobContext

if TYPE_CHECKING:
    from core.training.config import TrainingConfig
    from core.training.dataset import Films, LeftOut, TrainingData


_HEALTHYGAN_STAGES = (("heal", "warm_steps"), ("heal-full", "heal_steps"), ("translate", "steps"))
_STAGES = {
    ("healthygan", False): _HEALTHYGAN_STAGES,
    ("healthygan", True): _HEALTHYGAN_STAGES,
    ("sr-anogan", False): (("core", "core_steps"), ("sr", "steps")),
    ("sr-anogan", True): (
        ("gan", "core_steps"),
        ("encoder", "encoder_steps"),
        ("sr-mse", "warm_steps"),
        ("sr-gan", "steps"),
    ),
}
"""Stages by kind and whether it is the reference preset, with the knob that says how long each is."""


@dataclass(frozen=True, slots=True)
class Part:
    """The films of one role. `sources`: how many of each source; films of a plain folder have none."""

    role: str
    films: int
    patients: int
    sources: dict[str, int]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why films are left out: how many for this reason, and one of them."""

    reason: str
    films: int
    example: str


@dataclass(frozen=True, slots=True)
class StageTime:
    """A stage of a run and how long it takes, in seconds, from the fastest and slowest measured step."""

    stage: str
    steps: int
    low_s: float
    high_s: float


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What a run would do. `cautions`: sentences, worst first. `left_out`: (file, reason) of each film."""

    kind: str
    preset: str
    size: int
    device: str
    parts: tuple[Part, ...]
    reasons: tuple[Reason, ...]
    left_out: tuple[tuple[str, str], ...]
    cautions: tuple[str, ...]
    source_confound: float | None
    stages: tuple[StageTime, ...]

    @property
    def seconds(self) -> tuple[float, float]:
        """How long the run takes, from and to."""
        return sum(stage.low_s for stage in self.stages), sum(stage.high_s for stage in self.stages)

    def with_steps(self, config: TrainingConfig) -> TrainingPlan | None:
        """The same plan for other numbers of steps; None where that needs another look (a stage is new)."""
        stages = _STAGES[self.kind, self.preset == "paper"]
        wanted: dict[str, int] = {stage: getattr(config, knob) for stage, knob in stages}
        known = {stage.stage: stage for stage in self.stages}
        if any(steps and stage not in known for stage, steps in wanted.items()):
            return None
        scaled = tuple(
            StageTime(one.stage, steps, one.low_s * steps / one.steps, one.high_s * steps / one.steps)
            for one in self.stages
            if (steps := wanted[one.stage])
        )
        return replace(self, stages=scaled)

    def to_json(self) -> dict[str, Any]:  # JSON object
        """Plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> TrainingPlan:  # JSON object
        """The inverse of `to_json`. Raises `KeyError` or `TypeError` for something else."""
        return cls(
            **{
                **{name: values[name] for name in cls.__dataclass_fields__},
                "parts": tuple(Part(**one) for one in values["parts"]),
                "reasons": tuple(Reason(**one) for one in values["reasons"]),
                "left_out": tuple((file, reason) for file, reason in values["left_out"]),
                "cautions": tuple(values["cautions"]),
                "stages": tuple(StageTime(**one) for one in values["stages"]),
            }
        )

    def lines(self) -> list[str]:
        """The plan as plain text."""
        lines = [f"{self.kind} {self.preset}, {self.size} px, on {self.device}"]
        for part in self.parts:
            named = ", ".join(f"{name} {count}" for name, count in part.sources.items() if name)
            sources = f" ({named})" if named else ""
            lines.append(f"  {part.role:<24} {part.films:>6} films of {part.patients} patients{sources}")
        lines += [f"  left out: {one.films} like {one.example}: {one.reason}" for one in self.reasons] or [
            "  nothing is left out"
        ]
        lines += [f"Caution: {words}" for words in self.cautions]
        low, high = self.seconds
        lines.append(f"Time: {spoken_time(low)} to {spoken_time(high)}")
        lines += [
            f"  {stage.stage:<24} {stage.steps:>6} steps, {spoken_time(stage.low_s)} to "
            f"{spoken_time(stage.high_s)}"
            for stage in self.stages
        ]
        return lines


def spoken_time(seconds: float) -> str:
    """A length of time as people say it: two units at most."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if minutes < 90:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} days {hours} h"


def make_plan(
    config: TrainingConfig,
    healthy: Path,
    mixed: Path | None = None,
    test: Path | None = None,
    parent: Path | None = None,
    ctx: JobContext = NO_JOB,
    *,
    seen: Callable[[TrainingPlan], None] = lambda plan: None,
) -> TrainingPlan:
    """Read the films of a run and measure a few of its steps; raises what the run itself would raise.

    `seen` is called with all but the times as soon as the films are read.
    """
    import torch  # with all that follows: only where a plan is made, never where one is read

    from core.inference.device import choose_device, device_text
    from core.models.model_file import read_model_file
    from core.training.cautions import cautions_of
    from core.training.config import fitted_to, input_spec
    from core.training.dataset import gather
    from core.training.evaluation import labelled_films
    from core.training.processes import threads_of_this_process
    from core.training.step_probe import measured_stages

    torch.set_num_threads(config.threads or threads_of_this_process())
    device = choose_device(config.device)
    start = read_model_file(parent) if parent else None
    if start:
        config = fitted_to(start.card, config)
    data = gather(
        healthy,
        mixed,
        input_spec(config, start.card if start else None),
        histogram_match=config.histogram_match and start is None,
        minimum_side_px=config.minimum_side_px,
        test=labelled_films(test) if test else (),
        ctx=ctx,
    )
    ctx.report(0, 0, "Looking for what to be wary of")
    cautions = cautions_of(data)
    plan = TrainingPlan(
        kind=config.kind,
        preset=config.preset,
        size=config.size,
        device=device_text(device),
        parts=tuple(_parts(data)),
        reasons=_grouped(data.left_out),
        left_out=tuple((str(entry.path), entry.reason) for entry in data.left_out),
        cautions=(*cautions.words, *_shortages(data)),
        source_confound=cautions.source_confound,
        stages=(),
    )
    seen(plan)
    return replace(plan, stages=measured_stages(config, data, device, start, ctx))


def _parts(data: TrainingData) -> Iterable[Part]:
    yield _part("Healthy, training", data.train)
    yield _part("Healthy, validation", data.healthy_val)
    yield _part("Healthy, calibration 1", data.cal1)
    yield _part("Healthy, calibration 2", data.cal2)
    yield _part("Mixed, training", data.mixed)
    yield _part("Mixed, validation", data.mixed_val)
    if data.test is not None:
        well = [file.healthy for file in data.test.files]
        yield _part("Test, healthy", data.test.where(well))
        yield _part("Test, abnormal", data.test.where(not one for one in well))


def _part(role: str, films: Films) -> Part:
    patients = {(file.source, file.patient) for file in films.files}
    sources = Counter(file.source for file in films.files)
    return Part(role, len(films), len(patients), dict(sorted(sources.items())))


def _shortages(data: TrainingData) -> Iterable[str]:
    """What is missing for a calibrated model or honest figures."""
    if len(data.cal2) < MINIMUM_FILMS or len(data.cal1) < 2:
        yield (
            f"The model will be uncalibrated: {len(data.cal2)} healthy films are held out for its p-values, "
            f"{MINIMUM_FILMS} are needed. Add healthy films, or calibrate it afterwards."
        )
    if not len(data.healthy_val):
        yield "No healthy film is held out for validation: the figures come from films of the calibration."
    if data.test is not None and not {True, False} <= {file.healthy for file in data.test.files}:
        yield "The test needs healthy and abnormal films; only one of the two can be used."


def _grouped(left_out: Iterable[LeftOut]) -> tuple[Reason, ...]:
    """Equal reasons as one, the most frequent first; without the file names that some begin with."""
    examples: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for entry in left_out:
        reason = entry.reason.removeprefix(f"{entry.path.name}: ")
        examples.setdefault(reason, entry.path.name)
        counts[reason] += 1
    return tuple(Reason(reason, count, examples[reason]) for reason, count in counts.most_common())
