"""Commands of this program in processes of their own: a run that outlives the window, and questions to it.

Nothing blocks the window: a run speaks through its folder, a question (`Question`) through signals.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

import core
from core.errors import CannotWrite
from core.files import make_folder, write_whole
from viewer.language import tr

_PATIENCE_MS = 5000  # for a killed process to be gone
_ERROR = "Error: "


def start_run(run: Path, arguments: Sequence[str]) -> None:
    """Train in a folder, in a process that lives on when the window and the program are closed.

    `arguments`: of `healthytwin train RUN`; without any, the run goes on as it was begun. Raises
    `CannotWrite` where no process can be started.
    """
    make_folder(run)
    begun_with = run / "arguments.json"
    if arguments:
        write_whole(begun_with, json.dumps(list(arguments)).encode())
    elif not (run / "config.json").exists():
        # Paused while it read its films: it has nothing of its own yet to go on with.
        arguments = _kept_arguments(begun_with)
    # A request of before must not be read by whoever looks before the new process does.
    (run / "request").unlink(missing_ok=True)
    console = run / "console.txt"
    write_whole(console, b"")
    process = QProcess()
    _prepare(process, ("train", str(run), "--background", *arguments))
    process.setStandardInputFile(QProcess.nullDevice())
    process.setStandardOutputFile(QProcess.nullDevice())
    process.setStandardErrorFile(str(console), QProcess.OpenModeFlag.Append)
    started = process.startDetached()
    if not (started[0] if isinstance(started, tuple) else started):
        raise CannotWrite(
            tr("No training process could be started: {why}.").format(why=process.errorString()),
            tr("Close other programs and try again."),
        )


def _kept_arguments(file: Path) -> tuple[str, ...]:
    try:
        kept = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return ()
    return tuple(map(str, kept)) if isinstance(kept, list) else ()


class Question(QObject):
    """A command whose answer is JSON on its standard output, asked without waiting. GUI thread only.

    `progressed(text)`: its newest line of progress. `said(value)`: a whole line of JSON before the last. Then
    one of `answered(value)` and `failed(sentence)`; nothing after `stop`. A command with exit status 1 that
    says JSON has answered.
    """

    progressed = Signal(str)
    said = Signal(object)
    answered = Signal(object)
    failed = Signal(str)

    def __init__(self, arguments: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._complaints = ""
        self._output = b""
        self._over = False
        self._process = QProcess(self)
        _prepare(self._process, arguments)
        self._process.readyReadStandardError.connect(self._hear)
        self._process.readyReadStandardOutput.connect(self._listen)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._complain)

    def ask(self) -> None:
        """Start the command."""
        self._process.start()

    def stop(self) -> None:
        """End it; nothing more is said."""
        self._over = True
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(_PATIENCE_MS)

    def _hear(self) -> None:
        heard = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
        self._complaints = (self._complaints + heard)[-20_000:]
        lines = [line.strip() for line in heard.splitlines() if line.strip()]
        if lines and not self._over:
            self.progressed.emit(lines[-1])

    def _finish(self, status: int, how: QProcess.ExitStatus) -> None:
        if self._over:
            return
        self._over = True
        self._output += bytes(self._process.readAllStandardOutput().data())
        last = self._output.rstrip().rpartition(b"\n")[2]
        for text in (last, self._output):  # one line, or one value over many
            value = _json(text)
            if value is not None:
                self.answered.emit(value)
                return
        self.failed.emit(_sentence(self._complaints, crashed=how is QProcess.ExitStatus.CrashExit))

    def _listen(self) -> None:
        self._output += bytes(self._process.readAllStandardOutput().data())
        line, ended, _ = self._output.partition(b"\n")
        value = _json(line) if ended else None
        if value is not None and not self._over:
            self.said.emit(value)

    def _complain(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and not self._over:
            self._over = True
            self.failed.emit(
                tr("No process could be started: {why}.").format(why=self._process.errorString())
            )


def _json(text: bytes) -> object:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _sentence(said: str, *, crashed: bool) -> str:
    """What went wrong, from what a command said on standard error."""
    _, found, complaint = said.rpartition(_ERROR)
    if found:
        return " ".join(complaint.split())
    if crashed:
        return "The process that looked was ended by the system. Is there enough memory?"
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "The process that looked ended without an answer."


def _prepare(process: QProcess, arguments: Sequence[str]) -> None:
    """The same program again: a bundle starts itself, otherwise Python starts the package."""
    environment = QProcessEnvironment.systemEnvironment()
    if getattr(sys, "frozen", False):
        # PyInstaller: an instance of its own, not a worker of this one.
        environment.insert("PYINSTALLER_RESET_ENVIRONMENT", "1")
        program = list(arguments)
    else:
        root = str(Path(core.__file__).resolve().parents[1])
        paths = [path for path in environment.value("PYTHONPATH").split(os.pathsep) if path]
        environment.insert("PYTHONPATH", os.pathsep.join([root, *paths]))
        # -P: a file in the folder where the program was started must not be taken for a module.
        program = ["-P", "-m", "viewer", *arguments]
    environment.insert("PYTHONUNBUFFERED", "1")
    process.setProcessEnvironment(environment)
    process.setProgram(sys.executable)
    process.setArguments(program)
