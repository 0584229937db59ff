"""The one road of a foreign file into the reader's folder of models: read whole, built once, then written.

Imports torch. Any thread; seconds.
"""

from __future__ import annotations

from pathlib import Path

import torch

from core.models.collection import add_model
from core.models.model_file import read_model_file
from core.models.published_checkpoint import import_published
from core.models.registry import open_model

CHECKPOINT_ENDINGS = (".ckpt", ".pt", ".pth")


def import_model(
    file: Path,
    folder: Path,
    *,
    critic: Path | None = None,
    name: str = "",
    size: int = 256,
    population: str = "any",
) -> Path:
    """Add a model file of this program, or a published HealthyGAN checkpoint, to the reader's folder.

    Returns its file there. It answers when it is asked by name; by itself only after the local test. The
    options are those of `import_published` and mean nothing for a model file. Raises `ModelFileInvalid`
    naming the file and what is wrong with it, and `CannotWrite`.
    """
    published = file.suffix.lower() in CHECKPOINT_ENDINGS
    if published:
        model = import_published(file, critic, name=name, size=size, population=population)
    else:
        model = read_model_file(file)
    open_model(model, torch.device("cpu"))  # weights that do not fit the card are said now, not at a film
    return add_model(model, model.card.name if published else file.stem, folder)
