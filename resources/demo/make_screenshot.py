"""Makes the pictures of the README: the window, offscreen, with the shipped models on a film that we drew.

Run `python -m resources.demo.make_screenshot` when the window or the models have changed. Only films that
this project draws are shown, never one of a person. Each picture is made by a process of its own, since Qt
asks for the scale of the screen once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from core.files import write_whole
from core.jobs import NO_JOB
from core.resources import resource_path

_COLOURS = 255


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: the window's size in the units of its screen, how many pixels those have, what is seen."""

    name: str
    size: tuple[int, int]
    scale: int = 1
    first_start: bool = False


SHOTS = (
    Shot("window.png", (1280, 800)),
    Shot("window-1920x1080.png", (1920, 1080)),
    Shot("window-3840x2160.png", (1920, 1080), scale=2),
    Shot("first-steps.png", (1280, 800), first_start=True),
)


def make_screenshot(target: Path, shot: Shot = SHOTS[0]) -> None:
    """Write one picture, with few colours, so that it stays small; of this process's scale."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Imported here: Qt reads its platform when it is loaded.
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        whole = _first_start(shot, Path(folder)) if shot.first_start else _on_film(shot, Path(folder))
        with Image.open(BytesIO(whole)) as picture:
            few = picture.convert("RGB").quantize(
                _COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
            )
        stored = BytesIO()
        few.save(stored, "PNG", optimize=True)
    write_whole(target, stored.getvalue())


def _on_film(shot: Shot, folder: Path) -> bytes:
    from viewer.demo_run import run_demo

    film = resource_path("demo", "synthetic-lesion.dcm")
    return run_demo(folder, NO_JOB, films=(film,), size=shot.size).pictures[0].read_bytes()


def _first_start(shot: Shot, folder: Path) -> bytes:
    from viewer.app import build_window, make_application
    from viewer.demo_run import picture_of

    application = make_application()
    window = build_window(folder / "settings.json", folder)
    try:
        window.resize(*shot.size)
        window.show()
        application.processEvents()
        return picture_of(window)
    finally:
        window.close()
        window.deleteLater()


def main() -> int:
    """Write all pictures, or the one that is named, each in a process of its own."""
    named = sys.argv[1:]
    if named:
        shot = next(one for one in SHOTS if one.name == named[0])
        make_screenshot(resource_path("demo", shot.name), shot)
        return 0
    for shot in SHOTS:
        scaled = os.environ | {"QT_SCALE_FACTOR": str(shot.scale)}
        command = [sys.executable, "-m", "resources.demo.make_screenshot", shot.name]
        subprocess.run(command, check=True, env=scaled)  # noqa: S603  # this very module
        print(resource_path("demo", shot.name), resource_path("demo", shot.name).stat().st_size)
    return 0


if __name__ == "__main__":
    sys.exit(main())
