"""Options that several commands share, and where the reader's own models are."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from viewer.console import say

STOPPED = 130
"""Exit status of a command that was stopped; as a shell says it of Ctrl+C."""


class Kind(StrEnum):
    """Kinds of model that can be trained."""

    HEALTHYGAN = "healthygan"
    SR_ANOGAN = "sr-anogan"


class Preset(StrEnum):
    """Sets of training knobs."""

    PAPER = "paper"
    PLUS = "plus"
    LITE = "lite"


class Population(StrEnum):
    """Whose films a model learns."""

    ADULT = "adult"
    CHILD = "child"
    ANY = "any"


class Device(StrEnum):
    """Where a model computes."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    MPS = "mps"


class Precision(StrEnum):
    """In what numbers networks are trained."""

    AUTO = "auto"
    FP32 = "fp32"
    BF16 = "bf16"


Paths = Annotated[
    list[Path], typer.Argument(exists=True, help="Files and folders; folders are searched whole.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
OnDevice = Annotated[
    Device, typer.Option(help="Where to compute; auto takes a graphics card if there is one.")
]
HealthyFilms = Annotated[
    Path | None, typer.Option("--healthy", exists=True, help="Folder or CSV list of healthy films.")
]


def test_films() -> Path | None:
    """The reader's own held-out films, as in the window's settings; None where none are named."""
    from core import settings as settings_file

    settings, _ = settings_file.load(settings_file.settings_path())
    return Path(settings.test_films).expanduser() if settings.test_films else None


def own_models() -> tuple[Path, ...]:
    """The reader's own folder of models, as in the window's settings."""
    from core import settings as settings_file
    from core.models.collection import own_model_folder

    settings, notes = settings_file.load(settings_file.settings_path())
    for note in notes:
        say(note)
    return (own_model_folder(settings),)
