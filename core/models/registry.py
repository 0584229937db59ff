"""The known kinds of model, the files that are at hand, and how a file becomes a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from core.errors import ModelFileInvalid
from core.models.anomaly_model import AnomalyModel, ModelCard
from core.models.healthygan import HealthyGan, build_critic, build_generator
from core.models.model_file import Arrays, ModelFile, read_card, read_model_file
from core.models.sr_anogan import SrAnoGan, build_stages
from core.resources import resource_path

KINDS = ("healthygan", "sr-anogan")


def open_model(file: Path | ModelFile, device: torch.device) -> AnomalyModel:
    """A model ready for use on a device. Raises `ModelFileInvalid` when weights and card do not fit."""
    model = read_model_file(file) if isinstance(file, Path) else file
    card = model.card
    try:
        if card.kind == "healthygan":
            generator, critic = build_generator(card.network), build_critic(card.network)
            _load(generator, model.weights, "generator.")
            _load(critic, model.weights, "critic.")
            return HealthyGan(card, generator, critic).to(device)
        if card.kind == "sr-anogan":
            stages = build_stages(card.network)
            _load(stages, model.weights, "")
            return SrAnoGan(card, stages).to(device)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelFileInvalid(
            f"The weights of the model {card.name} do not fit its card: {error}.", "Export the model again."
        ) from error
    raise ModelFileInvalid(
        f"The model {card.name} is of the kind {card.kind!r}, which this version does not know.",
        "Update the program, or choose another model.",
    )


def weights_of(modules: dict[str, torch.nn.Module]) -> Arrays:
    """Weights of named modules as arrays for a model file."""
    return {
        f"{prefix}{name}": tensor.detach().cpu().numpy().copy()
        for prefix, module in modules.items()
        for name, tensor in module.state_dict().items()
    }


def available_models(folders: tuple[Path, ...] = ()) -> tuple[tuple[Path, ModelCard], ...]:
    """Files and cards of the shipped models and of those in the given folders; later folders come first.

    Files that cannot be read are left out here; opening one by name says what is wrong with it.
    """
    found = []
    for folder in (*reversed(folders), resource_path("models")):
        for path in sorted(folder.glob("*.safetensors")) if folder.is_dir() else []:
            try:
                found.append((path, read_card(path)))
            except ModelFileInvalid:
                continue
    return tuple(found)


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


def _load(module: torch.nn.Module, weights: Arrays, prefix: str) -> None:
    state = {
        name.removeprefix(prefix): torch.from_numpy(np.array(array))
        for name, array in weights.items()
        if name.startswith(prefix)
    }
    module.load_state_dict(state, strict=True)
