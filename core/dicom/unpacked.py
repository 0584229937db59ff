"""Private folders for what archives hold: removed when closed, at the end, or after a crash.

They lie in the user's cache folder and only the user may look into them (0700). Each process has one of its
own, with a lock that a dead process frees, so that what a crash left behind is found at the next start.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import platformdirs

from core.errors import CannotWrite
from core.files import take_lock

if TYPE_CHECKING:
    from collections.abc import Iterable

_log = logging.getLogger(__name__)
_LOCK = "lock"


class _OwnFolder:
    """The folder of this process, with its lock held; made at the first call of `make`."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._folder: Path | None = None
        self._lock: IO[bytes] | None = None
        self._process = 0

    def make(self) -> Path:
        with self._guard:
            if self._folder is None or self._process != os.getpid() or not self._folder.is_dir():
                root = _root()
                root.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._folder = Path(tempfile.mkdtemp(dir=root))  # only its owner may enter it
                self._lock = (self._folder / _LOCK).open("ab")
                take_lock(self._lock)
                self._process = os.getpid()
                atexit.register(self.remove)
            return self._folder

    def remove(self) -> None:
        with self._guard:
            # A process that was forked off must leave its parent's folder alone.
            if self._folder is not None and self._process == os.getpid():
                if self._lock is not None:
                    self._lock.close()
                shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = self._lock = None


_own = _OwnFolder()


def new_folder() -> Path:
    """A new, empty, private folder. Raises `CannotWrite`. Any thread."""
    try:
        return Path(tempfile.mkdtemp(dir=_own.make()))
    except OSError as error:
        raise CannotWrite(
            f"No archive can be opened: {_root()} cannot be written: {error.strerror or error}.",
            "Free some space, or unpack the archive yourself and open the folder.",
        ) from error


def keep_only(paths: Iterable[Path]) -> None:
    """Remove the folders of archives of which none of these files is one. Any thread."""
    folder = _own._folder
    if folder is None:
        return
    kept = {path.relative_to(folder).parts[0] for path in paths if path.is_relative_to(folder)}
    for one in folder.iterdir():
        if one.is_dir() and one.name not in kept:
            shutil.rmtree(one, ignore_errors=True)


def remove_all() -> None:
    """Remove all that this process unpacked. Any thread; a later archive gets a new folder."""
    _own.remove()


def remove_leftovers() -> int:
    """Remove what processes that live no more have left; how many of their folders. Any thread."""
    removed = 0
    with suppress(OSError):
        for folder in _root().iterdir():
            if folder != _own._folder and _is_left(folder):
                shutil.rmtree(folder, ignore_errors=True)
                removed += not folder.exists()
    if removed:
        _log.info("Removed what %d earlier runs had unpacked.", removed)
    return removed


def _is_left(folder: Path) -> bool:
    """Whether nobody holds the lock of a folder. Where there are no locks nothing is called left."""
    try:
        with (folder / _LOCK).open("r+b") as lock:
            return take_lock(lock) is True
    except FileNotFoundError:
        # Made a moment ago, or torn down half way: empty ones are no loss.
        with suppress(OSError):
            folder.rmdir()
        return False
    except OSError:
        return False


def _root() -> Path:
    return platformdirs.user_cache_path("healthytwin", appauthor=False) / "unpacked"
