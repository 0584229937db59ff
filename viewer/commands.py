"""The command line: what can be asked, and the exit status of the answer.

0: all that was asked succeeded. 1: something failed, the rest is done and the failures are listed. 2: wrong
usage or wrong input, nothing was done. 130: stopped with Ctrl+C. Results go to standard output, messages
and progress to standard error. Everything heavy is imported by the command that needs it.
"""

from __future__ import annotations

import functools
import io
import logging
import signal
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

import core
from core.errors import CannotWrite, DatasetTooSmall, ModelFileInvalid, NoImages, ProductError
from viewer.console import Progress, put, put_json, say
from viewer.screen import NoScreen, has_screen, require_qt, require_screen

if TYPE_CHECKING:
    from core.dicom.index import SkippedFile, StudyIndex
    from core.imaging.display import Grey
    from core.imaging.frame import Frame
    from core.inference.analysis import ModelChoice
    from core.training.config import TrainingConfig

Arguments = ParamSpec("Arguments")

# Errors after which nothing at all was done, since what was pointed at cannot be used.
_WRONG_INPUT = (NoImages, ModelFileInvalid, DatasetTooSmall, NoScreen)
_STOPPED = 130

app = typer.Typer(
    help=(
        "HealthyTwin shows each chest X-ray beside its healthy twin and the difference between the two. "
        "Without a command it opens the window. Research use only. Not for diagnosis. "
        "Exit status: 0 all done, 1 something failed (the rest is done), 2 wrong usage or input, 130 stopped."
    ),
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Kind(StrEnum):
    """Kinds of model that can be trained."""

    HEALTHYGAN = "healthygan"
    SR_ANOGAN = "sr-anogan"


class Preset(StrEnum):
    """Sets of training knobs."""

    PAPER = "paper"
    PLUS = "plus"
    LITE = "lite"


class Population(StrEnum):
    """Whose films a model learns."""

    ADULT = "adult"
    CHILD = "child"
    ANY = "any"


class Device(StrEnum):
    """Where a model computes."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


Paths = Annotated[
    list[Path], typer.Argument(exists=True, help="Files and folders; folders are searched whole.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
OnDevice = Annotated[
    Device, typer.Option(help="Where to compute; auto takes a graphics card if there is one.")
]
HealthyFilms = Annotated[
    Path | None, typer.Option("--healthy", exists=True, help="Folder or CSV list of healthy films.")
]


def _command(run: Callable[Arguments, int]) -> Callable[Arguments, None]:
    """Turn what a command returns or raises into its exit status and one clear sentence."""

    @functools.wraps(run)
    def command(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            status = run(*args, **kwargs)
        except KeyboardInterrupt:
            say("Stopped. What was finished is kept; nothing is half-written.")
            status = _STOPPED
        except ProductError as error:
            say(f"Error: {error}")
            status = 2 if isinstance(error, _WRONG_INPUT) else 1
        raise typer.Exit(status)

    return command


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Open the window when no command is given."""
    if version:
        put(f"healthytwin {core.__version__}")
        raise typer.Exit(0)
    if context.invoked_subcommand is None:
        _command(_open_window)(())


@app.command("open")
@_command
def open_paths(paths: Paths) -> int:
    """Open the window on files and folders."""
    return _open_window(tuple(paths))


@app.command()
@_command
def demo(
    out: Annotated[
        Path, typer.Option(help="Folder for the pictures and the report, without a display.")
    ] = Path("out"),
) -> int:
    """Try the main job on the demo study: in the window, or without a display into files."""
    if has_screen():
        return _open_window((), demo=True)
    require_qt()
    import os

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from viewer.demo_run import run_demo

    with Progress() as progress:
        outcome = run_demo(out, progress, _own_models())
    for line in outcome.lines:
        put(line)
    for path in outcome.pictures:
        put(f"Picture of the window: {path}")
    put(f"Report: {outcome.report}")
    if outcome.analyzed < outcome.films:
        without = outcome.films - outcome.analyzed
        say(f"{without} of {outcome.films} films got no analysis; the reasons are above.")
    return 0 if outcome.analyzed == outcome.films else 1


@app.command()
@_command
def inspect(paths: Paths, as_json: AsJson = False) -> int:
    """List studies, series and frames, what was odd or assumed, and skipped files with the reason.

    Frames are counted from 1. Exit status 1 if a file is damaged, or if one that was named holds no image.
    """
    from viewer.listing import failed_files, index_as_json, index_as_lines

    index = _index(paths)
    if as_json:
        put_json(index_as_json(index))
    else:
        for line in index_as_lines(index):
            put(line)
        if not index:
            say("No images were found.")
    return 1 if failed_files(index, paths) else 0


@app.command()
@_command
def render(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A DICOM, PNG or JPEG file.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The PNG file to write.")],
    frame: Annotated[int, typer.Option(min=1, help="Which frame, counted from 1.")] = 1,
    window: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="C W", help="Window center and width, modality values."),
    ] = None,
    voi: Annotated[
        int | None,
        typer.Option(min=1, help="Which of the file's own VOI LUTs, then windows, counted from 1."),
    ] = None,
) -> int:
    """Write one frame as the window shows it: 8-bit presentation values, one for each pixel of the frame.

    Without --window and --voi: as the file asks for, its first VOI LUT, else its first window, else one
    that fits the values.
    """
    from PIL import Image

    from core.dicom.frames import read_frame
    from core.files import write_whole
    from core.imaging.display import render as presentation_values

    if out.suffix.lower() != ".png":
        raise typer.BadParameter(f"{out} must end in .png.", param_hint="--out")
    if window is not None and voi is not None:
        raise typer.BadParameter("choose one of --window and --voi.", param_hint="--voi")
    index = _index([file])
    if index:
        count = index.instances[0].number_of_frames
        if frame > count:
            raise typer.BadParameter(f"{file.name} has {count} frames.", param_hint="--frame")
    read = read_frame(file, frame - 1)
    levels = presentation_values(read, _grey(read, window, voi))
    stored = io.BytesIO()
    Image.fromarray(levels).save(stored, "PNG")
    write_whole(out, stored.getvalue())
    say(f"Wrote {out} ({read.columns} × {read.rows} px).")
    return 0


@app.command()
@_command
def analyze(
    paths: Paths,
    model: Annotated[
        str, typer.Option(help="healthygan, sr-anogan, both, a model file, or the name of a model.")
    ] = "healthygan",
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for pictures (PNG at frame resolution) and a JSON file a frame."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="One PDF with a report on every frame.")] = None,
    without_names: Annotated[
        bool, typer.Option("--without-names", help="Leave name, number and dates out of the report.")
    ] = False,
    device: OnDevice = Device.AUTO,
    as_json: AsJson = False,
) -> int:
    """Analyze every image and say score, p-value, suitability, findings and the files that were written.

    An image that does not suit the model gets its reason, which is an answer. A file that cannot be read or
    analyzed is a failure: the rest is done and the exit status is 1.
    """
    from core.inference.analyze import ModelShelf
    from viewer.batch import Wanted, analyze_films
    from viewer.listing import failed_files

    if report is not None:
        _check_report(report)
    folders = _own_models()
    question = _question(model, folders)
    index = _index(paths)
    skipped = failed_files(index, paths)
    if not index and not skipped:
        raise NoImages(
            "There are no images in what was named.", "Name files or folders with DICOM, PNG or JPEG images."
        )
    with Progress() as progress:
        shelf = ModelShelf(device=device.value, folders=folders)
        wanted = Wanted(out, report is not None, without_names)
        outcome = analyze_films(
            index, lambda frame, ctx: shelf.analyze(frame, question, ctx), wanted, progress
        )
        if report is not None and outcome.reports:
            from viewer.report_window import write_pdf

            write_pdf(outcome.reports, report)
    failed = _failures(skipped, outcome.failed)
    if as_json:
        put_json(
            {
                "device": shelf.device_text,
                "frames": list(outcome.films),
                "report": str(report) if report is not None and outcome.reports else None,
                "failed": failed,
                "skipped": [{"file": str(one.path), "reason": one.reason} for one in index.skipped],
            }
        )
    else:
        for line in outcome.lines:
            put(line)
    _tell_failures(failed)
    if report is not None:
        say(f"Report: {report}" if outcome.reports else "No report was written: there is no image for it.")
    return 1 if failed else 0


@app.command()
@_command
def train(
    run: Annotated[
        Path, typer.Argument(file_okay=False, help="Folder of the run; an unfinished one goes on.")
    ],
    healthy: HealthyFilms = None,
    mixed: Annotated[
        Path | None, typer.Option(exists=True, help="Folder or CSV list of films of any kind (HealthyGAN).")
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
    core_steps: Annotated[int | None, typer.Option(help="Steps of the first stage of SR-AnoGAN.")] = None,
    batch: Annotated[int | None, typer.Option(help="Films of each stream in a step.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of weights, order and augmentation.")] = None,
    threads: Annotated[int | None, typer.Option(help="CPU threads; 0 takes all.")] = None,
    device: Annotated[Device | None, typer.Option(help="Where to compute.")] = None,
) -> int:
    """Train a model on folders of films; started again on the same folder, it goes on where it stopped."""
    from core.training.run_folder import RunFolder
    from core.training.trainer import Trainer

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
            "core_steps": core_steps,
            "batch": batch,
            "seed": seed,
            "threads": threads,
            "device": device,
        }.items()
        if value is not None
    }
    begun = RunFolder(run).read_config() if (run / "config.json").exists() else None
    if begun is None:
        config = _config(changes)
    else:
        config, origin = begun
        _check_same(run, config, changes)
        healthy = healthy or Path(origin["healthy"])
        mixed = mixed or (Path(origin["mixed"]) if origin.get("mixed") else None)
        if origin.get("parent") and parent is None:
            raise typer.BadParameter(
                f"the run in {run} began from a model; name it again.", param_hint="--from"
            )
    if healthy is None:
        raise typer.BadParameter("a new run needs a folder of healthy films.", param_hint="--healthy")
    if mixed is None and config.kind == Kind.HEALTHYGAN.value:
        raise typer.BadParameter("HealthyGAN needs a folder of films of any kind.", param_hint="--mixed")
    with Progress(level=logging.INFO) as progress:
        written = Trainer(RunFolder(run), config, healthy, mixed, parent).run(progress)
    put(str(written))
    return 0


@app.command()
@_command
def calibrate(
    model: Annotated[str, typer.Argument(help="A model file or the name of a model.")],
    healthy: HealthyFilms = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The model file to write; the given one unless said.")
    ] = None,
    device: OnDevice = Device.AUTO,
) -> int:
    """Calibrate a model on held-out healthy films of your own site: threshold, score and p-values.

    At least 52 films; no weights change. Models that ship with the program are never overwritten: use --out.
    """
    from core.models.registry import find_model
    from core.resources import resource_path
    from core.training.calibrating import calibrate as calibrated

    if healthy is None:
        raise typer.BadParameter("calibration needs a folder of healthy films.", param_hint="--healthy")
    file = find_model(model, _own_models())
    target = out or file
    if target.resolve().parent == resource_path("models").resolve():
        raise typer.BadParameter(
            "this model ships with the program; name a file to write.", param_hint="--out"
        )
    with Progress(level=logging.INFO) as progress:
        card = calibrated(file, healthy, target, device.value, progress)
    say(f"Calibrated {card.name} on {healthy}.")
    put(str(target))
    return 0


@app.command()
@_command
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
    device: OnDevice = Device.AUTO,
    as_json: AsJson = False,
) -> int:
    """Measure a model on held-out films: figures by source with 95 % intervals, beside trivial baselines.

    Exit status 1 if films had to be left out.
    """
    from core.models.registry import find_model
    from core.training.evaluation import evaluate as evaluated

    with Progress(level=logging.INFO) as progress:
        evaluation = evaluated(find_model(model, _own_models()), data, boxes, device.value, progress)
    if as_json:
        put_json(_finite(evaluation.to_json()))
    else:
        for line in evaluation.lines():
            put(line)
    for entry in evaluation.left_out:
        say(f"Left out: {entry.path}: {entry.reason}")
    return 1 if evaluation.left_out else 0


@app.command()
@_command
def selftest(
    write_fingerprints: Annotated[
        bool, typer.Option("--write-fingerprints", hidden=True, help="Store what the shipped models answer.")
    ] = False,
) -> int:
    """Check decoders, shipped models, fonts and libraries of this installation; one line each."""
    import os

    from viewer import selftest as checks

    if not has_screen():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if write_fingerprints:
        put(str(checks.write_fingerprints()))
        return 0
    failed = 0
    for check in checks.selftest():
        put(str(check))
        failed += not check.passed
    say("All checks passed." if failed == 0 else f"{failed} checks failed.")
    return 1 if failed else 0


# --- what the commands share ------------------------------------------------------------------------


def _open_window(paths: tuple[Path, ...], demo: bool = False) -> int:
    require_screen()
    require_qt()
    # Qt's loop hears no KeyboardInterrupt: Ctrl+C in the terminal ends the program at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from viewer.app import run

    return run(list(paths), demo=demo)


def _index(paths: list[Path]) -> StudyIndex:
    from core.dicom.index import scan

    with Progress() as progress:
        return scan(paths, progress)


def _grey(frame: Frame, window: tuple[float, float] | None, voi: int | None) -> Grey:
    """The grey scale that was asked for. Raises `BadParameter` for one that the frame cannot have."""
    from core.imaging.display import default_grey
    from core.imaging.frame import VoiFunction, Window

    if (window is not None or voi is not None) and not frame.is_grey:
        raise typer.BadParameter("a colour image has no window.", param_hint="--window, --voi")
    if window is not None:
        # The file's VOI LUT Function says how its windows are to be understood (PS3.3 C.11.2.1.3).
        function = frame.windows[0].function if frame.windows else VoiFunction.LINEAR
        try:
            return Window(*window, function)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--window") from error
    if voi is not None:
        own: tuple[Grey, ...] = (*frame.voi_tables, *frame.windows)
        if voi > len(own):
            raise typer.BadParameter(f"the file has {len(own)} VOI LUTs and windows.", param_hint="--voi")
        return own[voi - 1]
    return default_grey(frame)


def _own_models() -> tuple[Path, ...]:
    """The reader's own folder of models, as in the window's settings."""
    from core import settings as settings_file

    settings, notes = settings_file.load(settings_file.settings_path())
    for note in notes:
        say(note)
    return (Path(settings.model_folder),) if settings.model_folder else ()


def _question(model: str, folders: tuple[Path, ...]) -> ModelChoice | Path:
    from core.inference.analysis import ModelChoice
    from core.models.model_file import read_card
    from core.models.registry import find_model

    if model in set(ModelChoice):
        return ModelChoice(model)
    file = find_model(model, folders)
    read_card(file)  # a wrong file is said before any image is read
    return file


def _check_report(report: Path) -> None:
    """Say before the work, not after it, that a report cannot be written."""
    import os

    if not has_screen():
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    require_qt()
    if report.suffix.lower() != ".pdf":
        raise typer.BadParameter(f"{report} must end in .pdf.", param_hint="--report")
    if not report.absolute().parent.is_dir():
        raise CannotWrite(
            f"There is no folder {report.parent} for the report.", "Make it, or choose another."
        )


def _failures(
    skipped: tuple[SkippedFile, ...], failed: tuple[tuple[Path, int, ProductError], ...]
) -> list[dict[str, Any]]:  # JSON objects
    return [
        *({"file": str(one.path), "frame": None, "reason": one.reason} for one in skipped),
        *({"file": str(path), "frame": frame, "reason": str(error)} for path, frame, error in failed),
    ]


def _tell_failures(failed: list[dict[str, Any]]) -> None:  # JSON objects
    for one in failed:
        place = one["file"] if one["frame"] in (None, 1) else f"{one['file']} frame {one['frame']}"
        say(f"Failed: {place}: {one['reason']}")


def _config(changes: dict[str, Any]) -> TrainingConfig:  # knobs by name
    """The preset with what was said on the command line. Raises `BadParameter` for impossible values."""
    from core.training.config import PRESETS

    kind = changes.get("kind", Kind.HEALTHYGAN.value)
    preset = changes.get("preset", Preset.LITE.value)
    try:
        return PRESETS[(kind, preset)].with_changes(**changes)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _check_same(run: Path, config: TrainingConfig, changes: dict[str, Any]) -> None:  # knobs by name
    """A run goes on as it began: another value would be silently ignored, or spoil the schedule."""
    for key, value in changes.items():
        if getattr(config, key) != value:
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
