"""The model files at hand: those that ship, the reader's own, and which of them the program uses by itself.

Of the reader's own models only those count that passed the local test (`core.training.acceptance`), the one
accepted last before the others; all can be asked by name. Torch-free, so that the window can list them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import platformdirs

from core.errors import ModelFileInvalid
from core.models.acceptance_record import read_record
from core.models.anomaly_model import ModelCard
from core.models.model_file import ModelHead, read_head
from core.resources import resource_path
from core.settings import Settings


def own_model_folder(settings: Settings) -> Path:
    """The folder of the reader's own models; it need not be there yet."""
    if settings.model_folder:
        return Path(settings.model_folder).expanduser()
    return platformdirs.user_data_path("healthytwin", appauthor=False) / "models"


def available_models(folders: tuple[Path, ...] = ()) -> tuple[tuple[Path, ModelCard], ...]:
    """Files and cards of the shipped models and of those in the given folders; later folders come first.

    Files that cannot be read are left out here; opening one by name says what is wrong with it.
    """
    return tuple(
        (path, head.card)
        for folder in (*reversed(folders), resource_path("models"))
        for path, head in _heads(folder)
    )


def active_models(folders: tuple[Path, ...] = ()) -> tuple[tuple[Path, ModelCard], ...]:
    """The models that may answer without being asked by name: the reader's accepted ones, then the shipped.

    Accepted ones in the order of their acceptance, the newest first.
    """
    accepted = []
    for folder in folders:
        for path, head in _heads(folder):
            record = read_record(path, head)
            if record is not None:
                accepted.append((record.accepted_at, path, head.card))
    accepted.sort(key=lambda entry: entry[0], reverse=True)
    shipped = ((path, head.card) for path, head in _heads(resource_path("models")))
    return (*((path, card) for _, path, card in accepted), *shipped)


def current_model(card: ModelCard, folders: tuple[Path, ...] = ()) -> Path | None:
    """The model that answers now for the films of `card`: same kind, same population; None if none does."""
    for path, other in active_models(folders):
        suits = other.population == card.population or "any" in {other.population, card.population}
        if other.kind == card.kind and suits and other.weights_digest != card.weights_digest:
            return path
    return None


def find_model(name: str, folders: tuple[Path, ...] = ()) -> Path:
    """The file of a model by path or by name (e.g. "healthygan-chest-adult"). Raises `ModelFileInvalid`."""
    path = Path(name)
    if path.suffix == ".safetensors" or path.exists():
        return path
    known = available_models(folders)
    for file, card in known:
        if name in {file.stem, card.name}:
            return file
    names = ", ".join(file.stem for file, _ in known) or "none"
    raise ModelFileInvalid(
        f"There is no model called {name}.", f"Known models: {names}. A path to a file works too."
    )


def _heads(folder: Path) -> Iterator[tuple[Path, ModelHead]]:
    for path in sorted(folder.glob("*.safetensors")) if folder.is_dir() else []:
        try:
            yield path, read_head(path)
        except ModelFileInvalid:
            continue
