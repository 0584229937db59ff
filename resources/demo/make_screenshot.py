"""Makes the picture of the README: the window, offscreen, with both shipped models on a synthetic film.

Run `python -m resources.demo.make_screenshot` when the window or the models have changed. Only films that
this project draws are shown, never one of a person.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from core.jobs import NO_JOB
from core.resources import resource_path

PICTURE = "window.png"


def make_screenshot(target: Path) -> None:
    """Write the picture of the window on the film with the lesion."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Imported here: Qt reads its platform when it is loaded.
    from viewer.demo_run import run_demo

    with tempfile.TemporaryDirectory() as folder:
        film = resource_path("demo", "synthetic-lesion.dcm")
        outcome = run_demo(Path(folder), NO_JOB, films=(film,))
        shutil.copyfile(outcome.pictures[0], target)


if __name__ == "__main__":
    make_screenshot(Path(sys.argv[1]) if len(sys.argv) > 1 else resource_path("demo", PICTURE))
