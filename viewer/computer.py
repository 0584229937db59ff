"""What this computer has for the program: processor, memory, graphics card, and what that is good for.

Asked for anew at each look. No Qt here, and torch only where it is loaded already.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

from core.memory import available_bytes, memory_words, total_bytes, used_bytes
from viewer.language import counted, tr

# What the shipped models took to be made, of two cores without a graphics card: README, Figures.
_TRAINED_MINUTES = (15, 67)
_SCARCE = 2e9


@dataclass(frozen=True, slots=True)
class Computer:
    """Figures of one moment. Bytes, None where the system does not say. `device`: "" until models are loaded.

    `images`: bytes of images in memory and their limit. `card`: bytes that are free on the graphics card and
    all of it; None without one.
    """

    cores: int
    threads: int
    used: int | None
    available: int | None
    total: int | None
    device: str = ""
    images: tuple[int, int] | None = None
    card: tuple[int, int] | None = None


def look(device: str, images: tuple[int, int] | None = None, card: tuple[int, int] | None = None) -> Computer:
    """The computer as it is now; `card` comes from `card_memory`, which runs in the lane of the models."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Computer(
        cores, threading.active_count(), used_bytes(), available_bytes(), total_bytes(), device, images, card
    )


def card_memory() -> tuple[int, int] | None:
    """Free bytes and all bytes of the graphics card; None without CUDA. Lane of the models."""
    # Imported here: it brings torch, which is loaded by now wherever this is asked.
    from core.inference.device import card_memory as of_device

    return of_device()


def rows(computer: Computer) -> tuple[tuple[str, str], ...]:
    """(what, how much) for a table."""
    unknown = tr("not known")
    made = [
        (tr("Models run on"), computer.device or tr("not loaded yet")),
        (tr("Processor cores"), str(computer.cores)),
        (tr("Threads of the program"), str(computer.threads)),
        (tr("Memory in use by the program"), _words(computer.used) or unknown),
        (
            tr("Memory that is free"),
            tr("{free} of {all}").format(
                free=_words(computer.available) or unknown, all=_words(computer.total) or unknown
            ),
        ),
    ]
    if computer.images is not None:
        held, limit = computer.images
        words = tr("{held} of at most {limit}").format(held=memory_words(held), limit=memory_words(limit))
        made.append((tr("Images in memory"), words))
    if computer.card is not None:
        free, every = computer.card
        words = tr("{free} of {all}").format(free=memory_words(free), all=memory_words(every))
        made.append((tr("Memory of the graphics card that is free"), words))
    return tuple(made)


def fitness(computer: Computer) -> str:
    """What the computer is good for, in a sentence or two."""
    if computer.available is not None and computer.available < _SCARCE:
        return tr(
            "Little memory is free. Large studies are read in parts; close other programs before you train."
        )
    if computer.card is not None or "CUDA" in computer.device or "MPS" in computer.device:
        return tr("A graphics card computes: films are analyzed and models trained on it.")
    low, high = _TRAINED_MINUTES
    return counted(
        "Good for reading and for analyzing films one after the other on %n core. Training takes longer than "
        "on two cores, where the models that ship took {low} to {high} minutes.",
        "Good for reading and for analyzing films one after the other on %n cores. Training works as well: "
        "the models that ship took {low} to {high} minutes on two cores.",
        computer.cores,
    ).format(low=low, high=high)


def _words(count: int | None) -> str:
    return "" if count is None else memory_words(count)
