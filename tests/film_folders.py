"""Folders of drawn films for training and measuring, none of them a near copy of another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from phantoms import chest_picture, write_picture

_ROWS, _COLUMNS = 240, 224
_BLOCKS = 8


def write_films(folder: Path, count: int, *, lesion: bool, first_seed: int = 0) -> Path:
    """Write `count` PNG films, phantoms under a veil of random blocks that tells them apart."""
    folder.mkdir(parents=True)
    for seed in range(first_seed, first_seed + count):
        picture, _, _ = chest_picture(_ROWS, _COLUMNS, lesion=lesion, seed=seed)
        blocks = np.random.default_rng(seed).random((_BLOCKS, _BLOCKS))
        veil = np.kron(blocks, np.ones((_ROWS // _BLOCKS, _COLUMNS // _BLOCKS)))
        write_picture(folder / f"film{seed:04d}.png", np.uint8(255 * (0.6 * picture + 0.4 * veil)))
    return folder
