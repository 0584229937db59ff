"""The command line: what can be asked, and the exit status of the answer.

0: all that was asked succeeded. 1: something failed, the rest is done and the failures are listed. 2: wrong
usage or wrong input, nothing was done. 130: stopped with Ctrl+C. Results go to standard output, messages
and progress to standard error. Everything heavy is imported by the command that needs it.
"""

from __future__ import annotations

import functools
import io
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ParamSpec

import typer

import core
from core.errors import (
    CannotWrite,
    DatasetTooSmall,
    ModelFileInvalid,
    NoImages,
    ProductError,
    UnreadableFile,
)
from viewer import model_commands
from viewer.conformance_table import conformance
from viewer.console import Progress, put, put_json, say
from viewer.options import STOPPED, AsJson, Device, OnDevice, Paths, own_models
from viewer.screen import NoScreen, has_screen, require_qt, require_screen
from viewer.training_commands import accept, calibrate, evaluate, train

if TYPE_CHECKING:
    from core.dicom.index import SkippedFile, StudyIndex
    from core.imaging.display import Grey
    from core.imaging.frame import Frame
    from core.imaging.presentation import Presentation
    from core.inference.analysis import ModelChoice
    from core.reporting.report import Report

Arguments = ParamSpec("Arguments")

# Errors after which nothing at all was done, since what was pointed at cannot be used.
_WRONG_INPUT = (NoImages, ModelFileInvalid, DatasetTooSmall, NoScreen)

app = typer.Typer(
    help=(
        "HealthyTwin shows each chest X-ray beside its healthy twin and the difference between the two. "
        f"Without a command it opens the window. {core.RESEARCH_USE} "
        "Exit status: 0 all done, 1 something failed (the rest is done), 2 wrong usage or input, 130 stopped."
    ),
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _command(
    run: Callable[Arguments, int], wrong_input: tuple[type[ProductError], ...] = _WRONG_INPUT
) -> Callable[Arguments, None]:
    """Turn what a command returns or raises into its exit status and one clear sentence."""

    @functools.wraps(run)
    def command(*args: Arguments.args, **kwargs: Arguments.kwargs) -> None:
        try:
            status = run(*args, **kwargs)
        except KeyboardInterrupt:
            say("Stopped. What was finished is kept; nothing is half-written.")
            status = STOPPED
        except ProductError as error:
            say(f"Error: {error}")
            status = 2 if isinstance(error, wrong_input) else 1
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
        outcome = run_demo(out, progress, own_models())
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
    presentation: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Show it by this presentation state."),
    ] = None,
    without_overlays: Annotated[
        bool, typer.Option("--without-overlays", help="Leave overlays and graphics of a state away.")
    ] = False,
    without_shutter: Annotated[
        bool, typer.Option("--without-shutter", help="Show what a shutter hides.")
    ] = False,
) -> int:
    """Write one frame as the window shows it: 8-bit presentation values, one for each pixel of the frame.

    Without --window and --voi: as the file asks for, its first VOI LUT, else its first window, else one
    that fits the values. Shutter and overlays lie over it as in the window; a presentation state takes the
    place of what the file says of grey scale, overlays and shutter, turns and mirrors.
    """
    from PIL import Image

    from core.dicom.frames import read_frame
    from core.dicom.presentation_state import read_presentation
    from core.files import write_whole
    from core.imaging.composition import Layers
    from core.imaging.display import render as presentation_values
    from core.imaging.presentation import present
    from core.reporting.presented_picture import presented_picture

    if out.suffix.lower() != ".png":
        raise typer.BadParameter(f"{out} must end in .png.", param_hint="--out")
    if window is not None and voi is not None:
        raise typer.BadParameter("choose one of --window and --voi.", param_hint="--voi")
    index = _index([file])
    if index:
        count = index.instances[0].number_of_frames
        if frame > count:
            raise typer.BadParameter(f"the last frame of {file.name} is {count}.", param_hint="--frame")
    read = read_frame(file, frame - 1)
    shown = present(
        read, None if presentation is None else _state_about(read, read_presentation(presentation))
    )
    levels = presentation_values(shown.frame, _grey(shown.frame, window, voi))
    picture = presented_picture(levels, shown, Layers(not without_shutter, not without_overlays))
    stored = io.BytesIO()
    Image.fromarray(picture).save(stored, "PNG")
    write_whole(out, stored.getvalue())
    say(f"Wrote {out} ({picture.shape[1]} × {picture.shape[0]} px).")
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
        typer.Option(
            file_okay=False, help="Folder for pictures (PNG at frame resolution) and a JSON file a frame."
        ),
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
    folders = own_models()
    question = _question(model, folders)
    index = _index(paths, without=out)
    skipped = failed_files(index, paths)
    if not index and not skipped:
        raise NoImages(
            "There are no images in what was named.", "Name files or folders with DICOM, PNG or JPEG images."
        )
    with Progress() as progress:
        shelf = ModelShelf(device=device.value, folders=folders)
        wanted = Wanted(out, report is not None, without_names)
        outcome = analyze_films(
            index, lambda frames, ctx: shelf.analyze_series(frames, question, ctx), wanted, progress
        )
        written, unwritten = _written_report(report, outcome.reports)
    failed = _failures(skipped, outcome.failed)
    if unwritten is not None:
        failed.append({"file": str(report), "frame": None, "reason": str(unwritten)})
    if as_json:
        put_json(
            {
                "device": shelf.device_text,
                "frames": list(outcome.films),
                "report": None if written is None else str(written),
                "failed": failed,
                "skipped": [{"file": str(one.path), "reason": one.reason} for one in index.skipped],
            }
        )
    else:
        for line in outcome.lines:
            put(line)
    _tell_failures(failed)
    if outcome.stopped_at is not None:
        count = sum(series.number_of_images for series in index.series)
        say(f"Stopped after {outcome.stopped_at} of {count} images, since no more can be written.")
    if written is not None:
        say(f"Report: {written}")
    elif report is not None and unwritten is None:
        say("No report was written: there is no image for it.")
    return 1 if failed else 0


for _run in (train, calibrate, evaluate, accept):
    # A film that cannot be read is left out of these; what remains unreadable is a list or a run folder.
    app.command()(_command(_run, (*_WRONG_INPUT, UnreadableFile)))


_models = typer.Typer(help="The model files at hand, and what each of them is.", no_args_is_help=True)
for _name, _act in (
    ("list", model_commands.list_all),
    ("show", model_commands.show),
    ("import", model_commands.import_file),
    ("export", model_commands.export),
    ("delete", model_commands.delete),
):
    _models.command(_name)(_command(_act))
app.add_typer(_models, name="models")


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
    words = "1 check failed." if failed == 1 else f"{failed} checks failed."
    say(words if failed else "All checks passed.")
    return 1 if failed else 0


app.command()(_command(conformance))


@app.command("reading-log")
@_command
def reading_log(
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write; otherwise it goes to standard output.")
    ] = None,
) -> int:
    """Write what happened when images were read with the impression first: a CSV row for each moment."""
    from core.files import write_whole
    from core.reading_log import as_csv, kept_events
    from core.review_journal import journal_path

    events = kept_events(journal_path())
    table = as_csv(events)
    if out is None:
        put(table.replace("\r\n", "\n").rstrip("\n"))
    else:
        write_whole(out, table.encode("utf-8", "replace"))
    say(f"{len(events)} moments." if events else "Nothing was logged: see the setting Read first.")
    return 0


# --- what the commands share ------------------------------------------------------------------------


def _open_window(paths: tuple[Path, ...], demo: bool = False) -> int:
    require_screen()
    require_qt()
    stopped = _quit_on_ctrl_c()
    from viewer.app import run

    status = run(list(paths), demo=demo)
    return STOPPED if stopped.is_set() else status


def _quit_on_ctrl_c() -> threading.Event:
    """Close the window in order on Ctrl+C in the terminal; the event says that it happened.

    Qt's loop runs no Python while nothing happens, so a handler would not be heard: a thread waits instead.
    """
    stopped = threading.Event()
    if sys.platform == "win32":
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        return stopped

    def wait() -> None:
        signal.sigwait({signal.SIGINT})
        from PySide6.QtCore import QCoreApplication, QMetaObject, Qt

        stopped.set()
        while (application := QCoreApplication.instance()) is None:  # it was pressed while Qt was loading
            time.sleep(0.05)
        QMetaObject.invokeMethod(application, "quit", Qt.ConnectionType.QueuedConnection)

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    threading.Thread(target=wait, name="ctrl-c", daemon=True).start()
    return stopped


def _index(paths: list[Path], without: Path | None = None) -> StudyIndex:
    from core.dicom.index import scan

    with Progress() as progress:
        return scan(paths, progress, without=without)


def _state_about(frame: Frame, state: Presentation) -> Presentation:
    """The state if it can show this frame. Raises `BadParameter` with the reason if not."""
    from core.imaging.presentation import covers

    if not covers(state.scope, frame.source):
        raise typer.BadParameter("it is about other images.", param_hint="--presentation")
    if state.refusal or not frame.is_grey:
        raise typer.BadParameter(
            f"{state.refusal or 'a colour image has no grayscale state'}.", param_hint="--presentation"
        )
    return state


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


def _question(model: str, folders: tuple[Path, ...]) -> ModelChoice | Path:
    from core.inference.analysis import ModelChoice
    from core.models.collection import find_model
    from core.models.model_file import read_card

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
    if report.is_dir():
        raise typer.BadParameter(f"{report} is a folder.", param_hint="--report")
    folder = report.absolute().parent
    if not folder.is_dir():
        raise CannotWrite(
            f"There is no folder {report.parent} for the report.", "Make it, or choose another."
        )
    if not os.access(folder, os.W_OK):
        raise CannotWrite(f"The report cannot be written into {folder}.", "Choose another folder.")


def _written_report(path: Path | None, reports: tuple[Report, ...]) -> tuple[Path | None, CannotWrite | None]:
    """The report if it was asked for, has an image and could be written, else the reason if that failed."""
    if path is None or not reports:
        return None, None
    from viewer.report_window import write_pdf

    try:
        write_pdf(reports, path)
    except CannotWrite as error:
        return None, error
    return path, None


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
