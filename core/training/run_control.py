"""Who trains in a run folder, how far it is, and requests to pause or stop it. Knows no torch, no window.

    RUN/state.json   where the run stands: state, progress, process, what went wrong
    RUN/request      "pause" or "stop"; the training process sees it between two steps
    RUN/lock         held by the process while it lives; the system lets go of it at any kind of death
    RUN/log.txt      what the process says; log.txt.1 is the part before

A process that was killed leaves "running" in `state.json` and a free lock: so its end is known whatever
its number means by now.
"""

from __future__ import annotations

import json
import logging
import logging.handlers
import os
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from core.errors import CannotWrite, ProductError
from core.files import make_folder, take_lock, write_whole
from core.jobs import NO_JOB, Cancelled, JobContext

_log = logging.getLogger(__name__)

CONTROL_FILES = ("state.json", "request", "lock", "log.txt")
"""What this module leaves in a run folder."""

_BEAT_S = 1.0
_SILENT_S = 30.0  # where the file system knows no locks: without a sign for so long, a process is dead
_LOOK_S = 0.2  # between two looks at the request: on a share each may cost a millisecond
_LOCK_PATIENCE_S = 2.0  # whoever looks whether a run lives holds its lock for a moment
_LOG_BYTES = 1_000_000


class RunBusy(ProductError):
    """Another process trains in this folder."""


class RunState(StrEnum):
    """Where a run stands. `INTERRUPTED`: its process died without a word; its last checkpoint is good."""

    NEW = "new"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"

    @property
    def alive(self) -> bool:
        """Whether a process works on it."""
        return self in {RunState.STARTING, RunState.RUNNING}

    @property
    def can_go_on(self) -> bool:
        """Whether training it again makes sense."""
        return not self.alive and self is not RunState.FINISHED


class Request(StrEnum):
    """What a training process can be asked for."""

    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a run stands: `done` of `total` steps, since `seconds` in this process; what went wrong.

    `asked`: a request that the process has not seen yet.
    """

    state: RunState = RunState.NEW
    done: int = 0
    total: int = 0
    text: str = ""
    seconds: float = 0.0
    process: int = 0
    beat: float = 0.0
    message: str = ""
    hint: str = ""
    asked: str = ""


def read_standing(run: Path) -> Standing:
    """Where the run in a folder stands now; `NEW` for a folder without a run. Never raises; a few reads."""
    stored = _stored(run)
    alive = _is_alive(run, stored)
    state = stored.state
    if alive and state is not RunState.RUNNING:
        # Of an earlier start; the new process has not said anything yet.
        return Standing(RunState.STARTING, text="Starting")
    if not alive and state is RunState.RUNNING:
        state = RunState.INTERRUPTED
    if state is RunState.NEW:
        state = _from_before(run)
    return replace(stored, state=state, asked=_request(run) if alive else "")


def ask(run: Path, request: Request) -> None:
    """Ask the process that trains in a folder to pause or stop. Raises `CannotWrite`."""
    write_whole(run / "request", request.value.encode())


class OwnRun(JobContext):
    """The only training process of a folder, for as long as the `with` lasts; passes reports on to `ctx`.

    Keeps `state.json` and `log.txt`, and turns a request into `Cancelled` at the next checkpoint. How the
    block ends is how the run stands afterwards. Entering raises `RunBusy` or `CannotWrite`.
    """

    def __init__(self, run: Path, ctx: JobContext = NO_JOB) -> None:
        self._run = run
        self._ctx = ctx
        self._standing = Standing(RunState.RUNNING, text="Starting", process=os.getpid())
        self._began = self._looked_at = time.monotonic()
        self._ended = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="run-beat", daemon=True)

    def __enter__(self) -> OwnRun:
        make_folder(self._run)
        self._lock = _lock_of(self._run)
        with ExitStack() as otherwise:
            otherwise.callback(self._lock.close)
            try:
                (self._run / "request").unlink(missing_ok=True)
                self._write(self._standing)
                self._handler = logging.handlers.RotatingFileHandler(
                    self._run / "log.txt", maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8"
                )
            except OSError as error:
                raise CannotWrite(
                    f"The folder {self._run} cannot be used: {error.strerror or error}.",
                    "Choose another folder.",
                ) from error
            otherwise.pop_all()
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
        self._handler.setLevel(logging.INFO)
        root = logging.getLogger()
        self._level_before = root.level
        root.setLevel(min(root.level, logging.INFO))
        root.addHandler(self._handler)
        self._beating.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._beating.join()
        try:
            if error is not None and not isinstance(error, ProductError | Cancelled | KeyboardInterrupt):
                _log.critical("The program met an error of its own", exc_info=error)
            self._write(self._final(error))
            (self._run / "request").unlink(missing_ok=True)
        except (CannotWrite, OSError) as failure:
            _log.error("Where the run stands could not be written: %s", failure)
        root = logging.getLogger()
        root.removeHandler(self._handler)
        root.setLevel(self._level_before)
        self._handler.close()
        self._lock.close()

    def report(self, done: int, total: int, text: str = "") -> None:
        """Say how far it is, and stop here if that was asked for."""
        self._ctx.report(done, total, text)
        self._standing = replace(self._standing, done=done, total=total, text=text)
        self.checkpoint()

    def checkpoint(self) -> None:
        """Stop here if that was asked for."""
        self._ctx.checkpoint()
        now = time.monotonic()
        if now - self._looked_at < _LOOK_S:
            return
        self._looked_at = now
        if _request(self._run):
            raise Cancelled

    def _beat(self) -> None:
        """Own thread: a sign of life with the newest progress, also during a long evaluation."""
        while not self._ended.wait(_BEAT_S):
            try:
                self._write(self._standing)
            except CannotWrite as error:  # a full disk: the training itself will say it
                _log.info("No sign of life could be written: %s", error)

    def _write(self, standing: Standing) -> None:
        values = asdict(replace(standing, seconds=round(time.monotonic() - self._began, 1), beat=time.time()))
        values.pop("asked")
        write_whole(self._run / "state.json", json.dumps(values, indent=1).encode())

    def _final(self, error: BaseException | None) -> Standing:
        now = self._standing
        if error is None:
            return replace(now, state=RunState.FINISHED, done=now.total, text="Finished")
        if isinstance(error, Cancelled | KeyboardInterrupt):
            paused = _request(self._run) == Request.PAUSE
            return replace(now, state=RunState.PAUSED if paused else RunState.STOPPED)
        if isinstance(error, ProductError):
            return replace(now, state=RunState.FAILED, message=error.message, hint=error.hint)
        words = "The program met an error of its own; the log says where."
        return replace(now, state=RunState.FAILED, message=words)


def _stored(run: Path) -> Standing:
    """What the last process wrote; all that is missing or strange is as in a new run."""
    try:
        values: dict[str, Any] = json.loads((run / "state.json").read_bytes())
        known = {name: values[name] for name in Standing.__dataclass_fields__ if name in values}
        standing = Standing(**known | {"state": RunState(values["state"])})
        # Numbers that another program put there must not reach a progress bar as text.
        return replace(
            standing, done=int(standing.done), total=int(standing.total), seconds=float(standing.seconds)
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Standing()


def _from_before(run: Path) -> RunState:
    """The state of a run whose process said nothing: of an earlier version, or killed in its first moment."""
    with suppress(OSError):
        if (run / "model.safetensors").exists():
            return RunState.FINISHED
        if (run / "config.json").exists():
            return RunState.INTERRUPTED
    return RunState.NEW


def _request(run: Path) -> str:
    try:
        return Request((run / "request").read_text(encoding="utf-8")).value
    except (OSError, ValueError):
        return ""


def _is_alive(run: Path, stored: Standing) -> bool:
    try:
        handle = (run / "lock").open("r+b")
    except OSError:
        return False
    with handle:
        free = take_lock(handle)
    if free is None:
        return _beats(stored)
    return not free


def _beats(stored: Standing) -> bool:
    return stored.state is RunState.RUNNING and abs(time.time() - stored.beat) < _SILENT_S


def _lock_of(run: Path) -> IO[bytes]:
    """The lock of a run, taken. Raises `RunBusy` or `CannotWrite`."""
    try:
        handle = (run / "lock").open("ab")
    except OSError as error:
        raise CannotWrite(
            f"The folder {run} cannot be written: {error.strerror or error}.", "Choose another folder."
        ) from error
    patience = time.monotonic() + _LOCK_PATIENCE_S
    while True:
        free = take_lock(handle)
        if free or (free is None and not _beats(_stored(run))):
            return handle
        if time.monotonic() > patience:
            handle.close()
            number = _stored(run).process
            raise RunBusy(
                f"Another process trains in {run}" + (f" (number {number})." if number else "."),
                "Wait for it, pause it, or choose another folder.",
            )
        time.sleep(0.05)  # a system tells nobody when it frees a lock
