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

    @property
    def folder(self) -> Path | None:
        return self._folder

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
    if _own.folder is None:
        remove_leftovers()
    try:
        return Path(tempfile.mkdtemp(dir=_own.make()))
    except OSError as error:
        raise CannotWrite(
            f"No archive can be opened: {_root()} cannot be written: {error.strerror or error}.",
            "Free some space, or unpack the archive yourself and open the folder.",
        ) from error


def set_aside(closed: Iterable[Path], kept: Iterable[Path]) -> tuple[Path, ...]:
    """Take what was unpacked for closed files, and for none that is kept, out of the way. Fast; any thread.

    The answer is to be given to `remove`, which may take its time.
    """
    own = _own.folder
    if own is None:
        return ()
    gone, stay = (
        {path.relative_to(own).parts[0] for path in paths if path.is_relative_to(own)}
        for paths in (closed, kept)
    )
    aside = []
    for name in sorted(gone - stay):
        with suppress(OSError):  # Windows lets no folder go of which a file is open; the end removes it
            aside.append((own / name).rename(own / f"{name}-closed"))
    return tuple(aside)


def remove(folders: Iterable[Path]) -> None:
    """Remove folders that were set aside. Any thread."""
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def remove_all() -> None:
    """Remove all that this process unpacked. Any thread; a later archive gets a new folder."""
    _own.remove()


def remove_leftovers() -> int:
    """Remove what processes that live no more have left; how many of their folders. Any thread."""
    removed = 0
    with suppress(OSError):
        for folder in _root().iterdir():
            if folder != _own.folder and _is_left(folder):
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
