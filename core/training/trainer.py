"""The story of a run: read the films, train stage by stage, evaluate, keep checkpoints, calibrate, export."""

from __future__ import annotations

import dataclasses
import logging
import math
import platform
import time
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core import __version__
from core.errors import ModelFileInvalid, OutOfMemory, ProductError
from core.inference.calibration import MINIMUM_FILMS
from core.inference.device import choose_device
from core.jobs import NO_JOB, Cancelled, JobContext
from core.models.anomaly_model import CHEST_LIMITS, ModelCard, ages_of
from core.models.healthygan import has_critic
from core.models.model_file import Arrays, ModelFile, read_model_file, weights_digest, write_model_file
from core.models.registry import weights_of
from core.training.baselines import fit_baselines
from core.training.calibrating import calibration_for
from core.training.cautions import Cautions, cautions_of, collapse_alarm
from core.training.config import TrainingConfig, fitted_to, input_spec
from core.training.dataset import TrainingData, gather
from core.training.evaluation import evaluate, labelled_films, write_figures
from core.training.healthygan_course import HealthyGanCourse
from core.training.processes import ALONE, Share, joined, threads_of_this_process
from core.training.run_folder import RunFolder
from core.training.sr_anogan_course import SrAnoGanCourse
from core.training.streams import SampleTitles, merit
from core.training.synthetic_lesions import lung_prior
from core.training.updates import bf16_is_faster

_log = logging.getLogger(__name__)


_SETTLED = 0.25  # of the last stage: before, its losses are still ramping up


class Diverged(ProductError):
    """The losses are no numbers any more; the last checkpoint is still good."""


class Course(Protocol):
    """What a kind of model trains on; `HealthyGanCourse` and `SrAnoGanCourse`."""

    stages: tuple[tuple[str, int], ...]
    sample_titles: SampleTitles

    @property
    def modules(self) -> dict[str, nn.Module]:
        """Everything whose weights a checkpoint keeps."""
        ...

    def begin(self, stage: str) -> None:
        """Prepare a stage."""
        ...

    def step(self, stage: str, step: int, steps: int) -> dict[str, float]:
        """Take one step; the same step always sees the same films."""
        ...

    def after_step(self) -> None:
        """Follow with the averaged weights."""
        ...

    def set_learning_rate(self, rate: float) -> None:
        """Of all optimizers."""
        ...

    def evaluate(self) -> tuple[dict[str, float], NDArray[np.uint8]]:
        """Label-free figures and a sample grid."""
        ...

    def state(self) -> dict[str, Any]:  # tensors, numbers, strings
        """What an exact resume needs beside the weights."""
        ...

    def restore(self, state: dict[str, Any]) -> None:  # of `state`
        """The inverse of `state`."""
        ...

    def load_parent(self, weights: dict[str, torch.Tensor]) -> None:
        """Start from another model's weights."""
        ...

    def trial(self) -> tuple[nn.Module, torch.Tensor]:
        """The heaviest network and a batch for it, to measure a device with."""
        ...

    def export(self) -> tuple[dict[str, nn.Module], dict[str, Any]]:  # JSON of the card
        """Modules of the model file by prefix, and the network description of the card."""
        ...


def make_course(
    config: TrainingConfig,
    data: TrainingData,
    device: torch.device,
    parent: ModelCard | None = None,
    share: Share = ALONE,
) -> Course:
    """The course of a kind of model; with a parent its networks have the parent's shape."""
    network = parent.network if parent else None
    if config.kind == "healthygan":
        return HealthyGanCourse(config, data, device, network, share)
    return SrAnoGanCourse(config, data, device, network, share)


class Trainer:
    """Trains one model from local folders; started by `healthytwin train`, in a process of its own.

    `run` may be called again on the same folder after a stop or a kill: it goes on from the last
    checkpoint with the same films, order and losses (on the CPU, with the same number of threads).
    Started by `torchrun`, each process runs this same code on its share of every batch; the first one writes.
    """

    def __init__(
        self,
        run: RunFolder,
        config: TrainingConfig,
        healthy: Path,
        mixed: Path | None,
        parent: Path | None = None,
        test: Path | None = None,
    ) -> None:
        self.folder = run
        self.config = config
        self.healthy = healthy
        self.mixed = mixed
        self.parent = parent
        self.test = test
        self.share: Share = ALONE

    def run(self, ctx: JobContext = NO_JOB) -> Path:
        """Train to the end and return the model file. Raises `ProductError` kinds, or `Cancelled`."""
        with joined(self.config.device) as self.share:
            return self._run(ctx)

    def _run(self, ctx: JobContext) -> Path:
        started = time.monotonic()
        torch.set_num_threads(self.config.threads or threads_of_this_process())
        device = choose_device(self.config.device)
        if device.type == "mps" and self.share.world > 1:
            device = torch.device("cpu")  # Gloo does not reach an Apple GPU
        self.share.check_same(device.type, "kind of device")
        parent = read_model_file(self.parent) if self.parent else None
        if parent and not has_critic(parent.card.network):
            raise ModelFileInvalid(
                f"{parent.card.name} has no critic, so that a run cannot start from it.",
                "Import it together with its critic, the file NNNNNN-D.ckpt.",
            )
        if parent:
            self.config = fitted_to(parent.card, self.config)
        spec = input_spec(self.config, parent.card if parent else None)
        data = gather(
            self.healthy,
            self.mixed,
            spec,
            histogram_match=self.config.histogram_match and parent is None,
            minimum_side_px=self.config.minimum_side_px,
            test=labelled_films(self.test) if self.test else (),
            ctx=ctx,
        )
        self.share.check_same(f"{data.summary()}{[file.path.name for file in data.train.files]}", "films")
        cautions = cautions_of(data)
        if self.share.first:
            self.folder.write_left_out(data.left_out)
            for words in cautions.words:
                _log.warning("%s", words)
        course, seconds = self._within_memory(data, device, parent, ctx)
        if self.share.first:
            ctx.report(1, 1, "Calibrating and writing the model")
            self._export(course, data, cautions, device, seconds, time.monotonic() - started, parent)
            if self.test:
                self._measure(self.folder.model_file, self.test, ctx)
        return self.folder.model_file

    def _measure(self, file: Path, test: Path, ctx: JobContext) -> None:
        """Keep what the finished model does on the labelled films, which nothing else has looked at."""
        try:
            evaluation = evaluate(file, test, None, self.config.device, ctx)
        except ProductError as error:
            _log.warning("The model is finished, but could not be measured: %s", error)
            return
        write_figures(file, evaluation, "test")
        self.folder.write_test(evaluation.lines())
        for line in evaluation.lines():
            _log.info("%s", line)

    def _within_memory(
        self, data: TrainingData, device: torch.device, parent: ModelFile | None, ctx: JobContext
    ) -> tuple[Course, float]:
        """Train; where the batch does not fit, once more from the last checkpoint with half of it."""
        halved = False
        while True:
            course: Course | None = None
            try:
                course = self._course(data, device, parent)
                if self.share.first:
                    self._keep_config(parent)
                return course, self._train(course, ctx)
            except torch.OutOfMemoryError as error:
                words = f"A batch of {self.config.batch} films does not fit into the memory of {device}"
                if halved or self.config.batch == 1:
                    raise OutOfMemory(
                        f"{words}.", "Start a new run with a smaller batch, or on the CPU."
                    ) from error
                self.config, halved = self.config.with_changes(batch=self.config.batch // 2), True
                if self.share.world > 1:  # the others wait for this one's gradients and cannot be asked
                    self._keep_config(parent)
                    raise OutOfMemory(
                        f"{words}.",
                        f"Start the same command again: the run goes on from its last checkpoint with "
                        f"{self.config.batch} film(s) in each process.",
                    ) from error
            # Only outside of the except block does no traceback hold the device's memory any more.
            course = None
            if device.type == "cuda":
                torch.cuda.empty_cache()
            _log.warning("%s; going on with %d.", words, self.config.batch)

    def _keep_config(self, parent: ModelFile | None) -> None:
        self.folder.write_config(
            self.config,
            healthy=str(self.healthy),
            mixed=str(self.mixed or ""),
            test=str(self.test or ""),
            parent=parent.card.weights_digest if parent else "",
            parent_file=str(self.parent.resolve()) if self.parent else "",
            asked_batch=str(self._asked_batch()),
        )

    def _asked_batch(self) -> int:
        """The batch that the run began with."""
        begun = self.folder.read_config()
        return int(begun[1].get("asked_batch", begun[0].batch)) if begun else self.config.batch

    def _course(self, data: TrainingData, device: torch.device, parent: ModelFile | None) -> Course:
        card = parent.card if parent else None
        course = make_course(self.config, data, device, card, self.share)
        if self.config.precision == "auto":
            begun = self.folder.read_config()
            if begun and begun[0].precision != "auto":  # a run goes on as it began
                bf16 = begun[0].precision == "bf16"
            else:
                bf16 = bf16_is_faster(*course.trial())
            bf16 = self.share.as_first(bf16) > 0
            self.config = self.config.with_changes(precision="bf16" if bf16 else "fp32")
            if bf16 or device.type == "cuda":  # measuring has moved running statistics
                course = make_course(self.config, data, device, card, self.share)
        if parent:
            course.load_parent(
                {name: torch.from_numpy(np.array(array)) for name, array in parent.weights.items()}
            )
        return course

    def _train(self, course: Course, ctx: JobContext) -> float:
        """All stages that are not done yet; returns the seconds spent training over all starts."""
        state = self._resume(course)
        first_stage, first_step, spent = (
            (int(state["place"]), int(state["step"]), float(state["seconds"])) if state else (0, 0, 0.0)
        )
        total = sum(steps for _, steps in course.stages)
        begun = time.monotonic()
        for place, (stage, steps) in enumerate(course.stages):
            if place < first_stage or steps == 0:
                continue
            course.begin(stage)
            if state:  # also where the stage after the checkpoint has no steps
                course.restore(state["course"])
                state = None
            for step in range(first_step if place == first_stage else 0, steps):
                done = sum(count for _, count in course.stages[:place]) + step
                try:
                    self.share.heed(partial(_ask, ctx, done, total, f"Stage {stage}: step {step} of {steps}"))
                except Cancelled:
                    if self.share.first:
                        self._save(course, place, step, spent + time.monotonic() - begun)
                    raise
                course.set_learning_rate(self._rate(step, steps))
                figures = self.share.means(course.step(stage, step, steps))
                if not all(math.isfinite(value) for value in figures.values()):
                    raise Diverged(
                        f"Training diverged in stage {stage} at step {step}: a loss is no number.",
                        "The last checkpoint is good; start again with a smaller learning rate.",
                    )
                course.after_step()
                if self.share.first:
                    now = spent + time.monotonic() - begun
                    self._record(course, stage, step + 1, steps, figures, now)
            if self.share.first:
                self._save(course, place + 1, 0, spent + time.monotonic() - begun)
        return spent + time.monotonic() - begun

    def _rate(self, step: int, steps: int) -> float:
        """Cosine to 5 % (recipe), or linear to 0 over the last quarter (paper, as its authors meant)."""
        fraction = step / max(1, steps)
        rate = self.config.learning_rate * (self.config.tune_rate if self.parent else 1.0)
        if self.config.preset == "paper":
            return rate * min(1.0, max((1 - fraction) / 0.25, 1e-3))
        start = min(1.0, (step + 1) / 30)
        return rate * start * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * fraction)))

    def _record(
        self, course: Course, stage: str, step: int, steps: int, figures: dict[str, float], spent: float
    ) -> None:
        last = step == steps
        line: dict[str, Any] = {"stage": stage, "step": step, "seconds": round(spent, 1)}
        if step % self.config.log_every == 0 or last:
            self.folder.append_metrics(line | {name: round(value, 6) for name, value in figures.items()})
        if step % self.config.evaluate_every == 0 or last:
            measured, grid = course.evaluate()
            measured["merit"] = merit(measured)
            self.folder.append_metrics(line | {name: round(value, 5) for name, value in measured.items()})
            self.folder.write_sample(f"{stage}-{step:07d}", grid, dataclasses.asdict(course.sample_titles))
            words = ", ".join(f"{name} {value:.4f}" for name, value in measured.items())
            _log.info("Stage %s, step %d: %s", stage, step, words)
            alarm = collapse_alarm(measured, last=last)
            if alarm:
                _log.warning("Stage %s, step %d: %s", stage, step, alarm)
            elif stage == course.stages[-1][0] and step >= _SETTLED * steps:
                self._keep_if_best(course, stage, step, measured["merit"])
        if step % self.config.checkpoint_every == 0:
            place = [name for name, _ in course.stages].index(stage)
            self._save(course, place, step, spent)

    def _keep_if_best(self, course: Course, stage: str, step: int, value: float) -> None:
        """Keep what would be exported: a long run can get worse towards its end (measured on real films)."""
        best = self.folder.read_best()
        if best is None or value > float(best["merit"]) or int(best["step"]) >= step:
            modules, _ = course.export()
            self.folder.write_best(
                {
                    "stage": stage,
                    "step": step,
                    "merit": value,
                    "modules": {name: module.state_dict() for name, module in modules.items()},
                }
            )

    def _save(self, course: Course, place: int, step: int, spent: float) -> None:
        self.folder.write_checkpoint(
            {
                "config": self.config.to_json(),
                "place": place,
                "step": step,
                "seconds": spent,
                "threads": torch.get_num_threads(),
                "modules": {name: module.state_dict() for name, module in course.modules.items()},
                "course": course.state(),
            }
        )

    def _resume(self, course: Course) -> dict[str, Any] | None:  # as `_save` wrote it
        """Load the weights of the last checkpoint and forget the metrics written after it."""
        state = self.folder.read_checkpoint()
        self.share.check_same(f"{state['place']} {state['step']}" if state else "", "checkpoint")
        if state is None:
            if self.share.first:
                self.folder.forget_metrics()
                self.folder.forget_best()
            return None
        for name, module in course.modules.items():
            module.load_state_dict(state["modules"][name])
        if not self.share.first:
            return state
        if state["threads"] != torch.get_num_threads():
            _log.info(
                "This run began with %d threads; with another number its losses differ slightly.",
                state["threads"],
            )
        names = tuple(name for name, _ in course.stages)
        place = int(state["place"])
        done = place >= len(names)
        self.folder.trim_metrics(
            names[min(place, len(names) - 1)], 10**9 if done else int(state["step"]), names
        )
        return state

    def _export(
        self,
        course: Course,
        data: TrainingData,
        cautions: Cautions,
        device: torch.device,
        seconds: float,
        elapsed: float,
        parent: ModelFile | None,
    ) -> None:
        modules, network = course.export()
        best = self.folder.read_best()
        if best:
            for name, module in modules.items():
                module.load_state_dict(best["modules"][name])
        weights = weights_of(modules)
        measured, _ = course.evaluate()
        card = ModelCard(
            name=self.config.name or f"{self.config.kind} {self.folder.path.name}",
            kind=self.config.kind,
            preset=self.config.preset,
            version="1",
            network=network,
            input_spec=data.spec,
            weights_digest=weights_digest(weights),
            population=self.config.population,
            age_years=ages_of(self.config.population),
            limits=(
                *CHEST_LIMITS,
                "Trained on public films whose labels come partly from text mining.",
            ),
            training={
                "data": data.summary(),
                "cautions": list(cautions.words),
                "source_confound_auroc": cautions.source_confound,
                "config": dataclasses.asdict(self.config),
                "stages": [list(stage) for stage in course.stages],
                "exported_step": int(best["step"]) if best else course.stages[-1][1],
                "training_seconds": round(seconds),
                "device": f"{device} ({platform.machine()}, {torch.get_num_threads()} threads)",
                "processes": self.share.world,
                "software": f"healthytwin {__version__}, torch {torch.__version__}",
                "parent": parent.card.weights_digest if parent else "",
                "last_label_free_figures": {name: round(value, 4) for name, value in measured.items()},
            },
        )
        aux: Arrays = {"lung_prior": lung_prior(data.train.pixels.mean(axis=0)), **fit_baselines(data)}
        model = ModelFile(card, weights, aux, None)
        if len(data.cal2) >= MINIMUM_FILMS and len(data.cal1) >= 2:
            source = ", ".join(name or "folder" for name in data.cal2.sources)
            calibration = calibration_for(model, data.cal1.pixels, data.cal2.pixels, source, device)
            model = dataclasses.replace(model, calibration=calibration.to_arrays())
        else:
            _log.info(
                "The model is uncalibrated: only %d healthy films were held out for it.", len(data.cal2)
            )
        write_model_file(self.folder.model_file, model)
        _log.info("Wrote %s after %.0f s.", self.folder.model_file, elapsed)


def _ask(ctx: JobContext, done: int, total: int, text: str) -> None:
    """Whether to stop; raises `Cancelled`."""
    ctx.checkpoint()
    ctx.report(done, total, text)
