"""Figures of this computer, and what is said of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.memory import total_bytes, used_bytes
from viewer.computer import Computer, fitness, look, rows

SMALL = Computer(cores=2, threads=5, used=400_000_000, available=6_000_000_000, total=8_000_000_000)


def test_this_computer_is_looked_at() -> None:
    seen = look("CPU, 2 threads", images=(10_000_000, 500_000_000))
    assert seen.cores >= 1
    assert seen.threads >= 1
    assert seen.used == pytest.approx(used_bytes() or 0, rel=0.5)
    assert seen.total == total_bytes()
    assert seen.available is None or seen.total is None or seen.available <= seen.total
    told = dict(rows(seen))
    assert told["Models run on"] == "CPU, 2 threads"
    assert told["Images in memory"] == "10 MB of at most 500 MB"
    assert told["Processor cores"] == str(seen.cores)


def test_what_the_system_does_not_say_is_not_made_up() -> None:
    told = dict(rows(Computer(cores=1, threads=1, used=None, available=None, total=None)))
    assert told["Memory in use by the program"] == "not known"
    assert told["Memory that is free"] == "not known of not known"
    assert told["Models run on"] == "not loaded yet"
    assert "Images in memory" not in told


@pytest.mark.parametrize(
    ("computer", "words"),
    [
        (SMALL, "on 2 cores. Training works as well"),
        (replace(SMALL, cores=1), "on 1 core. Training takes longer"),
        (replace(SMALL, available=1_000_000_000), "Little memory is free"),
        (replace(SMALL, card=(70_000_000_000, 140_000_000_000)), "A graphics card computes"),
        (replace(SMALL, device="Apple GPU (MPS)"), "A graphics card computes"),
    ],
)
def test_what_a_computer_is_good_for(computer: Computer, words: str) -> None:
    assert words in fitness(computer)


def test_the_memory_of_a_card_is_told() -> None:
    told = dict(rows(replace(SMALL, card=(70_000_000_000, 140_000_000_000))))
    assert told["Memory of the graphics card that is free"] == "70.0 GB of 140.0 GB"
