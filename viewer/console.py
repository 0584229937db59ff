"""Where the command line speaks: results to standard output, all else to standard error.

Progress is a bar on a terminal, which replaces itself, and a plain line now and then elsewhere.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import sys
import time
from types import TracebackType
from typing import Any

import typer

from core.errors import CannotWrite
from core.jobs import JobContext
from core.visible import visible

_BAR_CELLS = 24
_SECONDS_BETWEEN_BARS = 0.1
_SECONDS_BETWEEN_LINES = 5.0


def put(text: str) -> None:
    """A line of the result, to standard output. Raises `CannotWrite` where that has no place for it."""
    _put(visible(text))


def _put(text: str) -> None:
    try:
        typer.echo(text)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # whoever read it has had enough, as `head` has: typer ends the program quietly
        # What could not be written stays in the buffer, to be tried and complained of again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CannotWrite(
            f"The result could not be written to standard output: {error.strerror or error}.",
            "Send it to another place.",
        ) from error


def put_json(value: Any) -> None:  # JSON
    """The whole result as JSON, to standard output; plain ASCII, so that any terminal and pipe takes it."""
    _put(json.dumps(value, indent=1, allow_nan=False))


def say(text: str) -> None:
    """A message, to standard error; work does not stop because there is no place for messages."""
    _tell(f"{visible(text)}\n")


def _tell(text: str) -> None:
    try:
        typer.echo(text, err=True, nl=False)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise


class Progress(JobContext):
    """How far a command is; use it as a context manager. Log records of at least `level` are shown too."""

    def __init__(self, level: int = logging.WARNING) -> None:
        # Without a standard error (closed, or a window's program on Windows) Python has None there.
        self._on_terminal = sys.stderr is not None and sys.stderr.isatty()
        # Short work needs no progress: plain lines begin after a while.
        self._shown_at = float("-inf") if self._on_terminal else time.monotonic()
        self._bar_is_there = False
        self._log = _LogLines(self)
        self._level = level

    def __enter__(self) -> Progress:
        self._log.setLevel(self._level)
        root = logging.getLogger()
        self._level_before = root.level
        root.setLevel(min(root.level, self._level))
        root.addHandler(self._log)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        root = logging.getLogger()
        root.removeHandler(self._log)
        root.setLevel(self._level_before)
        self.clear()

    def report(self, done: int, total: int, text: str = "") -> None:
        """Show how far the work is, not more often than is good to read."""
        now = time.monotonic()
        pause = _SECONDS_BETWEEN_BARS if self._on_terminal else _SECONDS_BETWEEN_LINES
        if now - self._shown_at < pause:
            return
        self._shown_at = now
        if self._on_terminal:
            self._draw(_bar(done, total, text))
        else:
            say(_line(done, total, text))

    def clear(self) -> None:
        """Take the bar away, so that a line can be written in its place."""
        if self._bar_is_there:
            _tell("\r\x1b[K")
            self._bar_is_there = False

    def _draw(self, bar: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        _tell(f"\r\x1b[K{visible(bar)[:width]}")
        self._bar_is_there = True


class _LogLines(logging.Handler):
    """Log records as plain lines between the bars."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def emit(self, record: logging.LogRecord) -> None:
        self._progress.clear()
        say(record.getMessage())


def _bar(done: int, total: int, text: str) -> str:
    if total <= 0:
        return text
    full = round(_BAR_CELLS * min(done / total, 1.0))
    return f"[{'#' * full}{'.' * (_BAR_CELLS - full)}] {done}/{total} {text}"


def _line(done: int, total: int, text: str) -> str:
    return f"{text} ({done} of {total})".strip() if total > 0 else text
