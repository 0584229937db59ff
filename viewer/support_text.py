"""What somebody who helps needs to know of this installation, in plain text, and nothing of any patient.

Versions, platform, device, models with their digests, settings that are numbers or choices, and the last
lines of the log as `viewer.program_log` writes them for others. No Qt here.
"""

from __future__ import annotations

import importlib.metadata
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import fields
from logging import getLevelName

import core
from core.models.collection import ModelEntry
from core.settings import Settings
from viewer.program_log import LogLine

_LINES = 200
LIBRARIES = (
    "PySide6-Essentials",
    "torch",
    "torchvision",
    "numpy",
    "pydicom",
    "SimpleITK",
    "pyqtgraph",
    "imagecodecs",
    "pyjpegls",
    "pylibjpeg-openjpeg",
    "pylibjpeg-rle",
    "Pillow",
    "safetensors",
    "psygnal",
    "platformdirs",
    "typer",
    "highdicom",
    "scikit-learn",
    "scipy",
)
"""Distributions that the program stands on, by the names of their packages."""


def version_of(distribution: str) -> str:
    """The version of an installed library; "–" where it is absent. Nothing of it is imported."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "–"


def version_rows(qt: str) -> tuple[tuple[str, str], ...]:
    """(what, version) of the program, Python, Qt, the system and each library."""
    return (
        ("HealthyTwin", core.__version__),
        ("Python", platform.python_version()),
        ("Qt", qt),
        *((name, version_of(name)) for name in LIBRARIES),
        ("System", system_words()),
    )


def system_words() -> str:
    """The system and the processor's kind; never the name of the computer."""
    return f"{platform.system()} {platform.release()} {platform.machine()}"


def support_text(
    *,
    qt: str,
    computer: Iterable[str],
    models: Sequence[ModelEntry],
    settings: Settings,
    log: Sequence[LogLine],
) -> str:
    """The whole text. `qt`: version of Qt. `computer`: lines about memory, processor and device."""
    lines = [
        "HealthyTwin, for support",
        core.RESEARCH_USE,
        "No patient data: values are replaced by marks.",
        "",
    ]
    lines += [f"{name}: {version}" for name, version in version_rows(qt)]
    lines += ["", "Computer", *(f"  {line}" for line in computer)]
    lines += ["", "Models", *(f"  {model_words(model)}" for model in models)]
    lines += ["", "Settings that are not the default", *_setting_lines(settings)]
    lines += ["", f"The last {min(len(log), _LINES)} of {len(log)} lines of the log"]
    lines += [log_words(line) for line in log[-_LINES:]]
    return "\n".join(lines) + "\n"


def model_words(model: ModelEntry) -> str:
    """A model by what it is; the reader's own names may say more than they should."""
    card = model.card
    name = card.name if model.shipped else "own model"
    calibrated = "calibrated" if model.calibration is not None else "uncalibrated"
    return (
        f"{name}: {card.kind} {card.version} ({card.preset}, {card.population}), {calibrated}, "
        f"weights {card.weights_digest}"
    )


def log_words(line: LogLine) -> str:
    """A line of the log as it may leave the computer."""
    moment = time.strftime("%H:%M:%S", time.localtime(line.moment))
    return f"{moment} {getLevelName(line.level)} {line.source}: {line.safe}"


def _setting_lines(settings: Settings) -> list[str]:
    """Numbers, switches and choices as they are; of what was typed or remembered only that it is there."""
    lines = []
    for one in fields(settings):
        value = getattr(settings, one.name)
        if value == one.default or not one.metadata["in_dialog"]:
            continue
        plain = not isinstance(value, str) or one.metadata["choices"]
        lines.append(f"  {one.name}: {value if plain else 'set'}")
    return lines or ["  none"]
