"""What the window needs of the system: a display, and Qt's system libraries. Told in words, before Qt aborts.

Imports no Qt. On a bare Debian the libraries are absent, and the linker's own words help nobody.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys

from core.errors import ProductError

# Library -> Debian package, found one by one on a bare Debian 12 (`import PySide6.QtWidgets`, then a window).
_PACKAGES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libX11.so.6": "libx11-6",
}
_ALL_FOR_QT = "libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1"
# Needed by the plug-in that draws on X11; Qt aborts the whole process without them.
_FOR_X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
_MISSING = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")


class NoScreen(ProductError):
    """The window cannot be shown on this machine as it is."""


def has_screen() -> bool:
    """Whether a window could be seen: always assumed on macOS and Windows."""
    if os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0] in {"offscreen", "minimal"}:
        return False
    shown = (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or os.environ.get("QT_QPA_PLATFORM")
    )
    return not sys.platform.startswith("linux") or bool(shown)


def require_screen() -> None:
    """Raise `NoScreen`, saying what is missing, where a window cannot be opened."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not has_screen():
        raise NoScreen(
            "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set.",
            "Start it on a desktop, or use 'healthytwin demo' and 'healthytwin analyze', which need none.",
        )
    if os.environ.get("WAYLAND_DISPLAY"):
        return
    missing = [package for library, package in _FOR_X11.items() if not _loads(library)]
    if missing:
        raise NoScreen(
            f"System libraries that windows need are missing: {' '.join(missing)}.",
            f"Install them (Debian, Ubuntu): apt install {' '.join(missing)}",
        )
    if not _x11_answers():
        raise NoScreen(
            f"The display {os.environ.get('DISPLAY')} does not answer.",
            "Start it on a desktop, or unset DISPLAY for 'healthytwin demo'.",
        )


def require_qt() -> None:
    """Raise `NoScreen` with the package to install where Qt's system libraries are missing."""
    try:
        import PySide6.QtGui
        import PySide6.QtWidgets  # noqa: F401 - only whether it loads
    except ImportError as error:
        raise NoScreen(*_words_for(str(error))) from error


def _words_for(linker_error: str) -> tuple[str, str]:
    """What a failed import of Qt means, and what to do."""
    found = _MISSING.search(linker_error)
    if found is None:
        return f"Qt cannot be loaded: {linker_error}.", "Install the program again: pip install healthytwin"
    library = found.group(1)
    package = _PACKAGES.get(library)
    if package is None:
        return (
            f"The system library {library}, which the window and the PDF need, is missing.",
            f"Install what Qt needs (Debian, Ubuntu): apt install {_ALL_FOR_QT}",
        )
    return (
        f"The system library {library}, which the window and the PDF need, is missing; "
        f"the package {package} brings it.",
        f"Install all that Qt needs (Debian, Ubuntu): apt install {_ALL_FOR_QT}",
    )


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _x11_answers() -> bool:
    """Whether the X server of DISPLAY takes connections (xcb is there: the libraries above need it)."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed
