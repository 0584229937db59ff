"""The known kinds of model, the files that are at hand, and how a file becomes a model."""

from __future__ import annotations

from pathlib import Path

import torch

from core.errors import ModelFileInvalid
from core.models.anomaly_model import AnomalyModel, ModelCard
from core.models.healthygan import HealthyGan, build_critic, build_generator
from core.models.model_file import Arrays, ModelFile, read_card, read_model_file
from core.models.sr_anogan import SrAnoGan, build_stages
from core.resources import resource_path

KINDS = ("healthygan", "sr-anogan")


def open_model(file: Path | ModelFile, device: torch.device) -> AnomalyModel:
    """A model ready for use on a device.

    Raises `ModelFileInvalid` naming the file when weights and card do not fit; `RuntimeError` of torch when
    the device has too little memory.
    """
    model = read_model_file(file) if isinstance(file, Path) else file
    card = model.card
    name = model.file_name or f"the model {card.name}"
    if card.kind not in KINDS:
        raise ModelFileInvalid(
            f"{name} is of the kind {card.kind!r}, which this version does not know.",
            "Update the program, or choose another model.",
        )
    try:
        network = _healthygan(model) if card.kind == "healthygan" else _sr_anogan(model)
    except (KeyError, TypeError, ValueError, ArithmeticError, RuntimeError) as error:
        raise ModelFileInvalid(
            f"The weights in {name} do not fit its card: {error}.", "Export the model again."
        ) from error
    return network.to(device)


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


def _healthygan(model: ModelFile) -> AnomalyModel:
    card = model.card
    with torch.device("meta"):  # a card that asks for too much must not get the memory first
        generator, critic = build_generator(card.network), build_critic(card.network)
    _load(torch.nn.ModuleDict({"generator": generator, "critic": critic}), model.weights)
    return HealthyGan(card, generator, critic)


def _sr_anogan(model: ModelFile) -> AnomalyModel:
    with torch.device("meta"):
        stages = build_stages(model.card.network)
    _load(stages, model.weights)
    return SrAnoGan(model.card, stages)


def _load(parts: torch.nn.ModuleDict, weights: Arrays) -> None:
    """Fill networks made on the meta device. Raises `ValueError` naming a weight that does not fit."""
    state = {name: torch.tensor(array) for name, array in weights.items()}
    expected = parts.state_dict()
    for name in sorted(expected.keys() | state.keys()):
        if name not in state:
            raise ValueError(f"{name} is missing")
        if name not in expected:
            raise ValueError(f"{name} is not part of the network")
        is_, should = state[name], expected[name]
        if is_.shape != should.shape:
            raise ValueError(f"{name} has the shape {tuple(is_.shape)}, not {tuple(should.shape)}")
        if is_.dtype != should.dtype:
            raise ValueError(f"{name} is of the type {is_.dtype}, not {should.dtype}")
    parts.load_state_dict(state, assign=True)
