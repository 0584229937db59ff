"""How long a run takes on this device: a few real steps of each stage, with the real networks and films."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from core.jobs import NO_JOB, JobContext
from core.models.model_file import ModelFile
from core.training.config import TrainingConfig
from core.training.dataset import Films, TrainingData
from core.training.plan import StageTime
from core.training.streams import held_out, held_out_mixed
from core.training.trainer import Course, make_course
from core.training.updates import bf16_is_faster

_STEPS = 4  # timed in each stage, after one that is not
_PATIENCE_S = 15.0  # of a stage: slow steps are measured less often
_FILMS = 32  # of each part; a step costs the same however many films there are
_WATCHED = 4  # of the films that every evaluation looks at
_MARGIN = 1.15  # on the slowest step: writing, and a machine that does other things too


def measured_stages(
    config: TrainingConfig,
    data: TrainingData,
    device: torch.device,
    parent: ModelFile | None = None,
    ctx: JobContext = NO_JOB,
) -> tuple[StageTime, ...]:
    """Stages of the run with their times from its own steps and evaluations; nothing of it is kept."""
    few = _few(data)
    card = parent.card if parent else None
    course = make_course(config, few, device, card)
    if config.precision == "auto" and bf16_is_faster(*course.trial()):
        course = make_course(config.with_changes(precision="bf16"), few, device, card)
    if parent:
        course.load_parent(
            {name: torch.from_numpy(np.array(array)) for name, array in parent.weights.items()}
        )
    more_films = len(data.train) / max(1, len(few.train))
    stages = tuple((name, steps) for name, steps in course.stages if steps)
    measured = []
    for done, (stage, steps) in enumerate(stages):
        ctx.report(done, len(stages), f"Measuring a few steps of stage {stage}")
        beginning = _timed(partial(course.begin, stage), device)
        course.set_learning_rate(config.learning_rate)
        spent = _steps(course, stage, steps, device, ctx)
        looking = _timed(course.evaluate, device) * _more_watched(data, few)
        evaluations = max(1, steps // config.evaluate_every)
        rest = beginning * more_films + evaluations * looking
        measured.append(
            StageTime(stage, steps, steps * min(spent) + rest, (steps * max(spent) + rest) * _MARGIN)
        )
    return tuple(measured)


def _steps(course: Course, stage: str, steps: int, device: torch.device, ctx: JobContext) -> list[float]:
    """Seconds of some steps in the last third of a stage, when all of its losses are at work."""
    first = 2 * steps // 3
    course.step(stage, first, steps)  # the first one also chooses algorithms and fills caches
    spent: list[float] = []
    while len(spent) < _STEPS and sum(spent) < _PATIENCE_S:
        ctx.checkpoint()
        place = min(first + 1 + len(spent), steps - 1)
        spent.append(_timed(partial(_whole_step, course, stage, place, steps), device))
    return spent


def _whole_step(course: Course, stage: str, place: int, steps: int) -> None:
    course.step(stage, place, steps)
    course.after_step()


def _timed(work: Callable[[], object], device: torch.device) -> float:
    begun = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - begun


def _few(data: TrainingData) -> TrainingData:
    def first(films: Films, count: int) -> Films:
        return films.where(place < count for place in range(len(films)))

    return replace(
        data,
        train=first(data.train, _FILMS),
        mixed=first(data.mixed, _FILMS),
        mixed_val=first(data.mixed_val, _WATCHED),
        healthy_val=first(data.healthy_val, _WATCHED),
        cal1=first(data.cal1, _WATCHED),
    )


def _more_watched(data: TrainingData, few: TrainingData) -> float:
    """How many times the films of the probe's evaluation one of the run looks at."""

    def watched(one: TrainingData) -> int:
        return 2 * len(held_out(one)) + len(held_out_mixed(one))

    return watched(data) / max(1, watched(few))
