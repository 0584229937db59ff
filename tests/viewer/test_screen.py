"""What is said where there is no display, or where Qt's system libraries are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from viewer.screen import NoScreen, has_screen, require_qt, require_screen

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems always have a screen and bring Qt's libraries"
)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No display, and no platform asked for."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_no_display_is_said(bare: pytest.MonkeyPatch):
    assert not has_screen()
    with pytest.raises(NoScreen, match="neither DISPLAY nor WAYLAND_DISPLAY"):
        require_screen()


def test_a_platform_that_was_asked_for_is_taken(bare: pytest.MonkeyPatch):
    bare.setenv("QT_QPA_PLATFORM", "offscreen")
    assert not has_screen()
    require_screen()


def test_wayland_is_a_display(bare: pytest.MonkeyPatch):
    bare.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert has_screen()
    require_screen()


def test_a_display_that_does_not_answer_is_said(bare: pytest.MonkeyPatch):
    bare.setenv("DISPLAY", ":4711")
    assert has_screen()
    # Without the xcb libraries it is they that are named.
    with pytest.raises(NoScreen, match=r"does not answer|libxcb|libxkbcommon"):
        require_screen()


def test_missing_xcb_libraries_are_named_with_their_packages(bare: pytest.MonkeyPatch):
    bare.setenv("DISPLAY", ":0")
    bare.setattr("viewer.screen._loads", lambda library: "cursor" not in library and "shape" not in library)
    with pytest.raises(NoScreen, match="apt install libxcb-cursor0 libxcb-shape0"):
        require_screen()


@pytest.mark.parametrize(
    ("library", "words"),
    [
        ("libEGL.so.1", "the package libegl1 brings it"),
        ("libGL.so.1", "libgl1"),
        ("libglib-2.0.so.0", "libglib2.0-0"),
        ("libxkbcommon.so.0", "libxkbcommon0"),
        ("libdbus-1.so.3", "libdbus-1-3"),
        ("libfontconfig.so.1", "libfontconfig1"),
        ("libunheard-of.so.7", "libunheard-of.so.7"),
    ],
)
def test_a_missing_library_of_qt_is_named_with_its_package(library: str, words: str, tmp_path: Path):
    """A PySide6 that fails as the linker lets it fail on a bare Debian, in a process of its own."""
    package = tmp_path / "PySide6"
    package.mkdir()
    error = f"{library}: cannot open shared object file: No such file or directory"
    (package / "__init__.py").write_text("")
    (package / "QtGui.py").write_text(f"raise ImportError({error!r})")
    done = subprocess.run(
        [sys.executable, "-m", "viewer", "demo"],
        cwd=Path(__file__).resolve().parents[2],
        env={"PYTHONPATH": str(tmp_path), "HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert "apt install libglib2.0-0 libgl1 libegl1" in done.stderr
    assert "Traceback" not in done.stderr


def test_here_qt_is_whole():
    require_qt()
