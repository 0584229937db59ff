"""Folders and lists of drawn films for training and measuring, none of them a near copy of another."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from phantoms import chest_picture, write_picture

from core.inference.calibration import MINIMUM_FILMS

_ROWS, _COLUMNS = 240, 224
_BLOCKS = 8


def write_films(
    folder: Path, count: int, *, lesion: bool, first_seed: int = 0, veil_share: float = 0.4
) -> Path:
    """Write `count` PNG films, phantoms under a veil of random blocks that tells them apart."""
    folder.mkdir(parents=True)
    for seed in range(first_seed, first_seed + count):
        picture, _, _ = chest_picture(_ROWS, _COLUMNS, lesion=lesion, seed=seed)
        blocks = np.random.default_rng(seed).random((_BLOCKS, _BLOCKS))
        veil = np.kron(blocks, np.ones((_ROWS // _BLOCKS, _COLUMNS // _BLOCKS)))
        blend = (1 - veil_share) * picture + veil_share * veil
        write_picture(folder / f"film{seed:04d}.png", np.uint8(255 * blend))
    return folder


@dataclass(frozen=True, slots=True)
class FilmLists:
    """CSV lists for `Trainer` (`healthy` with roles, `mixed`) and `evaluate` (`labelled`)."""

    healthy: Path
    mixed: Path
    labelled: Path


def write_film_lists(folder: Path) -> FilmLists:
    """24 healthy films to train on, 4 + 50 to calibrate, 6 to watch; 30 with a lesion; 16 to measure on."""
    roles = ["train"] * 24 + ["cal1"] * 4 + ["cal2"] * MINIMUM_FILMS + ["val"] * 6
    healthy = _sorted(write_films(folder / "healthy", len(roles), lesion=False))
    mixed = _sorted(write_films(folder / "mixed", 30, lesion=True, first_seed=1000))
    well = _sorted(write_films(folder / "test-healthy", 8, lesion=False, first_seed=2000))
    sick = _sorted(write_films(folder / "test-sick", 8, lesion=True, first_seed=3000))
    return FilmLists(
        _write_list(folder / "healthy.csv", [(p, "healthy", r) for p, r in zip(healthy, roles, strict=True)]),
        _write_list(folder / "mixed.csv", [(path, "mixed", "") for path in mixed]),
        _write_list(
            folder / "labelled.csv",
            [(path, "normal", "") for path in well] + [(path, "nodule", "") for path in sick],
        ),
    )


def _sorted(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def _write_list(place: Path, rows: list[tuple[Path, str, str]]) -> Path:
    with place.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label", "source", "patient_id", "role"])
        writer.writerows(
            [path.relative_to(place.parent), label, "drawn", f"{path.parent.name}-{path.stem}", role]
            for path, label, role in rows
        )
    return place
