"""How much memory the system can still give, asked before something large is made."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_OWN = Path("/proc/self")
_CONTROL_GROUP = Path("/sys/fs/cgroup")


def available_bytes() -> int | None:
    """Bytes that a program can take without pushing others out; None where the system does not say.

    On Linux also within the limit of a container. Elsewhere than on Linux and Windows half of the machine's
    memory is assumed to be free.
    """
    if sys.platform == "win32":
        return _windows_available()
    figures = [_meminfo_available(), _control_group_left()]
    known = [figure for figure in figures if figure is not None]
    return min(known) if known else _half_of_all()


def used_bytes() -> int | None:
    """Bytes of the machine's memory that this program holds now; None where the system does not say."""
    try:
        pages = (_OWN / "statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def total_bytes() -> int | None:
    """Bytes of memory of the machine, or of its container if that may have less; None if nothing is known."""
    if sys.platform == "win32":
        status = _windows_status()
        return None if status is None else int(status.total)
    half = _half_of_all()
    known = [2 * half] if half is not None else []
    with contextlib.suppress(OSError, ValueError):
        known.append(int((_CONTROL_GROUP / "memory.max").read_text(encoding="ascii")))
    return min(known, default=None)


def memory_words(count: float) -> str:
    """A number of bytes as a reader knows it: "3.2 GB"."""
    if count >= 1e9:
        return f"{count / 1e9:.1f} GB"
    return f"{max(count / 1e6, 1):.0f} MB"


def _meminfo_available() -> int | None:
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    for line in lines:
        name, _, rest = line.partition(":")
        number = rest.split()[:1]
        if name == "MemAvailable" and number and number[0].isdecimal():
            return int(number[0]) * 1024
    return None


def _control_group_left() -> int | None:
    """What a container's limit leaves (control groups, version 2); None without a limit."""
    try:
        limit = (_CONTROL_GROUP / "memory.max").read_text(encoding="ascii").strip()
        used = (_CONTROL_GROUP / "memory.current").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    if not (limit.isdecimal() and used.isdecimal()):
        return None
    return max(int(limit) - int(used), 0)


def _half_of_all() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, OSError, ValueError):
        return None


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("available", ctypes.c_uint64),
        ("total_page_file", ctypes.c_uint64),
        ("available_page_file", ctypes.c_uint64),
        ("total_virtual", ctypes.c_uint64),
        ("available_virtual", ctypes.c_uint64),
        ("available_extended", ctypes.c_uint64),
    )


def _windows_available() -> int | None:
    status = _windows_status()
    return None if status is None else int(status.available)


def _windows_status() -> _MemoryStatus | None:
    status = _MemoryStatus()
    status.length = ctypes.sizeof(status)
    library = getattr(ctypes, "windll", None)
    if library is None or not library.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None
    return status
