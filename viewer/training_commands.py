"""Commands that make, measure and accept models. `viewer.commands` registers them."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.jobs import NO_JOB
from viewer.console import Progress, put, put_json, say
from viewer.options import (
    STOPPED,
    AsJson,
    Device,
    HealthyFilms,
    Kind,
    OnDevice,
    Population,
    Precision,
    Preset,
    own_models,
    test_films,
)

if TYPE_CHECKING:
    from core.training.config import TrainingConfig
    from core.training.evaluation import Evaluation


def train(
    run: Annotated[
        Path, typer.Argument(file_okay=False, help="Folder of the run; an unfinished one goes on.")
    ],
    healthy: HealthyFilms = None,
    mixed: Annotated[
        Path | None, typer.Option(exists=True, help="Folder or CSV list of films of any kind (HealthyGAN).")
    ] = None,
    test: Annotated[
        Path | None,
        typer.Option(exists=True, help="Labelled films kept apart for the end: as for evaluate."),
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Which network; healthygan unless said.")] = None,
    preset: Annotated[Preset | None, typer.Option(help="Which set of knobs; lite unless said.")] = None,
    parent: Annotated[
        Path | None, typer.Option("--from", exists=True, dir_okay=False, help="Model file to start from.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the model that comes out.")] = None,
    population: Annotated[Population | None, typer.Option(help="Whose films these are.")] = None,
    size: Annotated[int | None, typer.Option(help="Side of the model grid in pixels.")] = None,
    steps: Annotated[int | None, typer.Option(help="Steps at full size (of the last stage).")] = None,
    warm_steps: Annotated[int | None, typer.Option(help="Steps before them, at half size or weight.")] = None,
    heal_steps: Annotated[
        int | None, typer.Option(help="Steps between them: HealthyGAN's healing at full size.")
    ] = None,
    core_steps: Annotated[int | None, typer.Option(help="Steps of the first stage of SR-AnoGAN.")] = None,
    batch: Annotated[
        int | None, typer.Option(help="Films of each stream in a step, in each process.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of weights, order and augmentation.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Of Adam at the start.")] = None,
    evaluate_every: Annotated[int | None, typer.Option(help="Steps between two evaluations.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; 0 takes all.")] = None,
    device: Annotated[Device | None, typer.Option(help="Where to compute.")] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only say what the run would do and how long; write nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
    background: Annotated[
        bool, typer.Option("--background", hidden=True, help="No progress on standard error.")
    ] = False,
    precision: Annotated[
        Precision | None, typer.Option(help="Numbers of the networks; auto takes bf16 where it is faster.")
    ] = None,
) -> int:
    """Train a model on folders of films; started again on the same folder, it goes on where it stopped.

    Several graphics cards or machines: torchrun --nproc-per-node=N -m viewer train RUN ...
    """
    from core.training.run_folder import RunFolder

    changes: dict[str, Any] = {  # knobs of TrainingConfig by name
        key: value.value if isinstance(value, StrEnum) else value
        for key, value in {
            "kind": kind,
            "preset": preset,
            "name": name,
            "population": population,
            "size": size,
            "steps": steps,
            "warm_steps": warm_steps,
            "heal_steps": heal_steps,
            "core_steps": core_steps,
            "batch": batch,
            "seed": seed,
            "learning_rate": learning_rate,
            "evaluate_every": evaluate_every,
            "threads": threads,
            "device": device,
            "precision": precision,
        }.items()
        if value is not None
    }
    begun = RunFolder(run).read_config() if (run / "config.json").exists() else None
    if begun is None:
        config = _config(changes, parent)
    else:
        config, origin = begun
        _check_same(run, config, changes, origin)
        healthy = healthy or Path(origin["healthy"])
        mixed = mixed or (Path(origin["mixed"]) if origin.get("mixed") else None)
        test = test or (Path(origin["test"]) if origin.get("test") else None)
        parent = parent or _same_parent(origin)
        if origin.get("parent") and parent is None:
            raise typer.BadParameter(
                f"the run in {run} began from a model; name it again.", param_hint="--from"
            )
    if healthy is None:
        raise typer.BadParameter("a new run needs a folder of healthy films.", param_hint="--healthy")
    if mixed is None and config.kind == Kind.HEALTHYGAN.value:
        raise typer.BadParameter("HealthyGAN needs a folder of films of any kind.", param_hint="--mixed")
    if plan:
        return _tell_plan(config, (healthy, mixed, test, parent), as_json, at_once=background)
    return _trained(run, config, healthy, mixed, test, parent, background)


def _same_parent(origin: Mapping[str, str]) -> Path | None:
    """The model file that a run began from, if it still lies there with the same weights."""
    from core.models.model_file import read_card

    file = Path(origin.get("parent_file") or ".")
    if file.is_file() and read_card(file).weights_digest == origin.get("parent"):
        return file
    return None


def _tell_plan(
    config: TrainingConfig,
    films: tuple[Path, Path | None, Path | None, Path | None],
    as_json: bool,
    *,
    at_once: bool,
) -> int:
    """Say the plan; `at_once`: as lines of JSON, the first one before the times are measured."""
    from core.training.plan import TrainingPlan, make_plan

    def seen(plan: TrainingPlan) -> None:
        if at_once:
            put(json.dumps(plan.to_json()))

    with Progress(level=logging.WARNING) as progress:
        made = make_plan(config, *films, progress, seen=seen)
    if at_once:
        put(json.dumps(made.to_json()))
    elif as_json:
        put_json(made.to_json())
    else:
        for line in made.lines():
            put(line)
    return 0


def _trained(
    run: Path,
    config: TrainingConfig,
    healthy: Path,
    mixed: Path | None,
    test: Path | None,
    parent: Path | None,
    background: bool,
) -> int:
    """Train as the only process of the folder; a stop that was asked for leaves a checkpoint."""
    from core.jobs import Cancelled
    from core.training.processes import is_first
    from core.training.run_control import OwnRun
    from core.training.run_folder import RunFolder
    from core.training.trainer import Trainer

    first = is_first()  # of the processes that torchrun started: it alone writes and speaks
    ctx = NO_JOB
    try:
        with ExitStack() as stack:
            if first and not background:
                # In the background the run's log is enough, and nobody empties what standard error fills.
                ctx = stack.enter_context(Progress(level=logging.INFO))
            if first:
                ctx = stack.enter_context(OwnRun(run, ctx))
            written = Trainer(RunFolder(run), config, healthy, mixed, parent, test).run(ctx)
    except Cancelled:
        if first:
            say("Stopped as asked. The same command goes on from here.")
        return STOPPED
    finally:
        if first and not background:  # else somebody reads from the folder why
            RunFolder(run).remove_if_unused()
    if first:
        put(str(written))
    return 0


def calibrate(
    model: Annotated[str, typer.Argument(help="A model file or the name of a model.")],
    healthy: HealthyFilms = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The model file to write; the given one unless said.")
    ] = None,
    device: OnDevice = Device.AUTO,
    as_json: AsJson = False,
) -> int:
    """Calibrate a model on held-out healthy films of your own site: threshold, score and p-values.

    At least 52 films; no weights change. Models that ship with the program are never overwritten: use --out.
    """
    from core.models.collection import find_model
    from core.resources import resource_path
    from core.training.calibrating import calibrate as calibrated

    if healthy is None:
        raise typer.BadParameter("calibration needs a folder of healthy films.", param_hint="--healthy")
    file = find_model(model, own_models())
    target = out or file
    if target.resolve().parent == resource_path("models").resolve():
        raise typer.BadParameter(
            "this model ships with the program; name a file to write.", param_hint="--out"
        )
    with Progress(level=logging.INFO) as progress:
        card = calibrated(file, healthy, target, device.value, progress)
    say(f"Calibrated {card.name} on {healthy}.")
    if as_json:
        put_json({"file": str(target), "weights_digest": card.weights_digest})
    else:
        put(str(target))
    return 0


def evaluate(
    model: Annotated[str, typer.Argument(help="A model file or the name of a model.")],
    data: Annotated[
        Path,
        typer.Argument(
            exists=True, help="Folder with healthy/ and abnormal/, or CSV with the columns file and label."
        ),
    ],
    boxes: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV of boxes, for the pointing game.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Write a page (HTML) with plots, tables and films to this file.")
    ] = None,
    without_films: Annotated[
        bool, typer.Option("--without-films", help="No pictures of patients on the page.")
    ] = False,
    device: OnDevice = Device.AUTO,
    as_json: AsJson = False,
) -> int:
    """Measure a model on held-out films: figures by source with 95 % intervals, beside trivial baselines.

    Exit status 1 if films had to be left out.
    """
    from core.models.collection import find_model
    from core.training.evaluation import evaluate as evaluated

    if page is not None and not page.absolute().parent.is_dir():
        raise typer.BadParameter("its folder does not exist.", param_hint="--page")
    file = find_model(model, own_models())
    with Progress(level=logging.INFO) as progress:
        evaluation = evaluated(file, data, boxes, device.value, progress)
    if page is not None:
        _write_page(page, evaluation, file, data, with_films=not without_films)
    if as_json:
        put_json(_finite(evaluation.to_json()))
        for entry in evaluation.left_out:
            say(f"Left out: {entry.path}: {entry.reason}")
    else:
        for line in evaluation.lines():
            put(line)
    return 1 if evaluation.left_out else 0


def accept(
    model: Annotated[str, typer.Argument(help="The new model: a file or the name of a model.")],
    test: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            help="Held-out films: a folder with healthy/ and abnormal/, or a CSV with file and label; "
            "those of the settings unless said.",
        ),
    ] = None,
    current: Annotated[
        str | None,
        typer.Option(help="The model to compare with; the one in use for the same films unless said."),
    ] = None,
    boxes: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="CSV of boxes, for the pointing game.")
    ] = None,
    activate: Annotated[
        bool, typer.Option("--activate", help="If it passes, copy it to your own models and use it at once.")
    ] = False,
    device: OnDevice = Device.AUTO,
    as_json: AsJson = False,
) -> int:
    """Test a new model beside the current one on held-out films, and take it into use if it passes.

    It must be calibrated, keep the promised rate of false alarms, and be no worse than the current model.
    Exit status 0 if it passed, 1 if it did not; the reasons are told.
    """
    from core.models.collection import current_model, find_model
    from core.training import acceptance

    test = test or test_films()
    if test is None:
        raise typer.BadParameter("the test needs held-out films.", param_hint="--test")
    folders = own_models()
    candidate = find_model(model, folders)
    beside = find_model(current, folders) if current else current_model(candidate, folders)
    with Progress(level=logging.INFO) as progress:
        verdict = acceptance.compare(candidate, beside, test, boxes, device.value, progress)
    active = acceptance.activate(candidate, verdict, folders[-1]) if activate and verdict.passed else None
    if as_json:
        put_json(_finite(verdict.to_json()) | {"active": None if active is None else str(active)})
    else:
        for line in verdict.lines():
            put(line)
    if active is not None:
        say(f"{verdict.candidate.name} is in use from now on: {active}")
    elif activate:
        say("The current model stays in use.")
    return 0 if verdict.passed else 1


def _write_page(page: Path, evaluation: Evaluation, model: Path, data: Path, *, with_films: bool) -> None:
    from core.files import write_whole
    from core.models.model_file import read_card
    from core.training.evaluation_page import evaluation_page

    content = evaluation_page(
        evaluation,
        read_card(model),
        data=data.absolute().name,
        made_on=datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"),
        with_films=with_films,
    )
    write_whole(page, content.encode())
    say(f"The page is in {page}.")


def _config(changes: dict[str, Any], parent: Path | None) -> TrainingConfig:  # knobs by name
    """The preset with what was said on the command line. Raises `BadParameter` for impossible values.

    A run that starts from a model is of its kind and preset, unless something else was said.
    """
    from core.models.model_file import read_card
    from core.training.config import PRESETS, fine_tuning

    card = read_card(parent) if parent else None
    kind = changes.get("kind", card.kind if card else Kind.HEALTHYGAN.value)
    preset = changes.get("preset", card.preset if card else Preset.LITE.value)
    try:
        config = PRESETS[(kind, preset)]
        if card:
            config = fine_tuning(card, config)
        return config.with_changes(**changes)
    except KeyError:
        raise typer.BadParameter(f"there is no training for {kind} {preset}.", param_hint="--from") from None
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _check_same(
    run: Path,
    config: TrainingConfig,
    changes: dict[str, Any],  # knobs by name
    origin: dict[str, str],
) -> None:
    """A run goes on as it began: another value would be silently ignored, or spoil the schedule.

    What the run has settled by itself (a halved batch, the precision) may be asked for as at its beginning.
    """
    settled = {"batch": origin.get("asked_batch", ""), "precision": Precision.AUTO.value}
    for key, value in changes.items():
        if getattr(config, key) != value and settled.get(key) != str(value):
            raise typer.BadParameter(
                f"the run in {run} began with {getattr(config, key)}; start a new folder for {value}.",
                param_hint=f"--{key.replace('_', '-')}",
            )


def _finite(value: Any) -> Any:  # JSON
    """The same JSON with null for what is no number: NaN and infinity are not JSON."""
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    if isinstance(value, float) and value - value != 0:
        return None
    return value
