"""What the program says of its work: in memory for the log window, and in a file that names no patient.

Messages name files, and files are named after patients. Whatever leaves the window is therefore made from the
words that stand in the source alone: each value but a number is replaced by a mark, the same for the same
value until the program ends, and of messages of libraries is said only that there was one. No Qt here.
"""

from __future__ import annotations

import contextlib
import faulthandler
import hashlib
import logging
import logging.handlers
import os
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path

import platformdirs

from core.jobs import Job, JobQueue, JobState, Lane
from viewer.faults import fault_places

FILE = "healthytwin.log"
_MOST_LINES = 2000
_LONGEST_TEXT = 4000
_FILE_BYTES = 1_000_000
_OLD_FILES = 2
_OURS = ("core", "viewer", "resources")
# Words that values may have and that name nobody.
_PLAIN_WORDS = {"auto", "cpu", "cuda", "cuda:0", "mps", "healthygan", "sr-anogan", "both", *Lane, *JobState}
_KEY = secrets.token_bytes(16)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One message. `number`: counted from the start. `moment`: seconds since 1970. `safe`: names nobody."""

    number: int
    moment: float
    level: int
    source: str
    text: str
    safe: str


class ProgramLog(logging.Handler):
    """Keeps the newest messages; any thread may speak, any may look."""

    def __init__(self, most: int = _MOST_LINES) -> None:
        super().__init__(logging.INFO)
        self._lines: deque[LogLine] = deque(maxlen=most)
        self._count = 0

    @property
    def count(self) -> int:
        """How many messages there were, also those that are forgotten by now."""
        return self._count

    @property
    def lines(self) -> tuple[LogLine, ...]:
        """The messages at hand, oldest first."""
        with self._guard():
            return tuple(self._lines)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message; called by `logging` under its lock."""
        self._count += 1
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += "\n" + logging.Formatter().formatException(record.exc_info)
        line = LogLine(
            self._count,
            record.created,
            record.levelno,
            record.name,
            text[:_LONGEST_TEXT],
            safe_words(record)[:_LONGEST_TEXT],
        )
        self._lines.append(line)

    def _guard(self) -> contextlib.AbstractContextManager[object]:
        return self.lock if self.lock is not None else contextlib.nullcontext()


def program_log() -> ProgramLog:
    """The log of this program; listens from the first call on."""
    root = logging.getLogger()
    for handler in root.handlers:
        if isinstance(handler, ProgramLog):
            return handler
    made = ProgramLog()
    root.addHandler(made)
    _hear_notices()
    return made


def write_down(jobs: JobQueue) -> None:
    """Note how each piece of work ended that the reader was told of. GUI thread."""
    program_log()
    jobs.changed.connect(_write_down_job)


def _write_down_job(job: Job) -> None:
    if job.shown and not job.active:
        _log.info("%s (lane %s): %s", job.title, job.lane.value, job.state.value)


def safe_words(record: logging.LogRecord) -> str:
    """A message without its values, and the places of its error without words: names nobody."""
    if record.name.split(".")[0] in _OURS and isinstance(record.msg, str):
        words = _without_values(record.msg, record.args)
    else:
        words = f"a message {_mark(record.getMessage())}"
    if record.exc_info and record.exc_info[1] is not None:
        words = "\n".join([words, *fault_places(record.exc_info[1])])
    return words


def start_file(folder: Path | None = None) -> Path | None:
    """Write what the program says into the user's own log folder, readable by the user alone.

    Returns the folder, None if nothing can be written.
    """
    place = folder or platformdirs.user_log_path("healthytwin", appauthor=False)
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFile(
            place / FILE, maxBytes=_FILE_BYTES, backupCount=_OLD_FILES, encoding="utf-8", delay=False
        )
    except OSError as error:
        _log.info("No log file: %s", error)
        return None
    handler.setFormatter(_SafeFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    _hear_notices()
    return place


def catch_crashes(folder: Path) -> None:
    """Have crashes of native code written beside the log: places in the program, no values."""
    try:
        faulthandler.enable(_opened_privately(folder / "crash.log", "a"))
    except OSError as error:
        _log.info("No file for crashes: %s", error)


def _hear_notices() -> None:
    """Notices of the program itself count; libraries are heard from warnings on."""
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)


class _SafeFormatter(logging.Formatter):
    """Writes `safe_words`."""

    def format(self, record: logging.LogRecord) -> str:
        shown = logging.LogRecord(record.name, record.levelno, "", 0, safe_words(record), None, None)
        shown.created, shown.msecs = record.created, record.msecs
        return super().format(shown)


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Files that only their owner can read, also after they were put aside."""

    def _open(self) -> TextIOWrapper:
        return _opened_privately(Path(self.baseFilename), self.mode)


def _opened_privately(path: Path, mode: str) -> TextIOWrapper:
    kind = os.O_APPEND if mode == "a" else os.O_TRUNC
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | kind, 0o600)
    with contextlib.suppress(OSError):  # a file of an earlier version, or a system without such rights
        path.chmod(0o600)
    return TextIOWrapper(os.fdopen(handle, f"{mode}b"), encoding="utf-8", line_buffering=True)


def _without_values(template: str, values: object) -> str:
    if not values:
        return template
    try:
        if isinstance(values, Mapping):
            return template % {name: _safe_value(value) for name, value in values.items()}
        return template % tuple(map(_safe_value, values if isinstance(values, tuple) else (values,)))
    except (TypeError, ValueError):
        return template


def _safe_value(value: object) -> object:
    if isinstance(value, bool | int | float):
        return value
    words = str(value)
    return words if words in _PLAIN_WORDS else _mark(words)


def _mark(words: str) -> str:
    """A mark for a value: keyed, so that nobody can try names until one fits."""
    return f"‹{hashlib.blake2b(words.encode('utf-8', 'replace'), key=_KEY, digest_size=3).hexdigest()}›"
