"""Writing a file whole or not at all, under a name that every system takes; locks that a dead process frees.

What was there before stays until the new one is on the disk.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import IO

from core.errors import CannotWrite

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_log = logging.getLogger(__name__)
_FAR_BYTE = 1 << 30  # Windows keeps others from reading what is locked: a byte that is never read


def write_whole(path: Path, content: bytes) -> None:
    """Write to a temporary name, flush to the disk, rename. Raises `CannotWrite` with what to do."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            # mkstemp lets only the owner read; a result is a file like any other of this user.
            Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CannotWrite(
            f"{path} could not be written: {error.strerror or error}.",
            "Check that the folder exists, that you may write there and that the disk is not full; "
            "or choose another folder.",
        ) from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it. Raises `CannotWrite`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(
            f"The folder {path} cannot be made: {error.strerror or error}.", "Choose another folder."
        ) from error


def make_private(path: Path) -> bool:
    """Make folder and file so that only this user may read them; whether the file may be written.

    Raises `OSError` if it cannot even be read.
    """
    try:
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.parent.chmod(0o700)
        path.chmod(0o600)
    except OSError:
        os.close(os.open(path, os.O_RDONLY))
        return False
    return True


def _umask() -> int:
    """The rights that new files of this process lack; reading them means setting them for a moment."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def safe_stem(words: str) -> str:
    """Words as the name of a file on every system, without an ending; empty where nothing is left."""
    return re.sub(r"[^\w.-]+", "-", words).strip("-.")[:80]


def take_lock(handle: IO[bytes]) -> bool | None:
    """Take the lock of an open file until that is closed: whether it was free; None: no locks here."""
    try:
        if sys.platform == "win32":
            handle.seek(_FAR_BYTE)
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError as error:
        _log.info("Files cannot be locked here (%s); signs of life tell whether a process lives.", error)
        return None
    return True
