"""The known kinds of model, and how a file becomes one."""

from __future__ import annotations

from pathlib import Path

import torch

from core.errors import ModelFileInvalid
from core.models.anomaly_model import AnomalyModel
from core.models.healthygan import HealthyGan, build_critic, build_generator, has_critic
from core.models.model_file import Arrays, ModelFile, read_model_file
from core.models.sr_anogan import SrAnoGan, build_stages

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


def _healthygan(model: ModelFile) -> AnomalyModel:
    card = model.card
    with torch.device("meta"):  # a card that asks for too much must not get the memory first
        generator = build_generator(card.network)
        critic = build_critic(card.network) if has_critic(card.network) else None
    parts = {"generator": generator} | ({} if critic is None else {"critic": critic})
    _load(torch.nn.ModuleDict(parts), model.weights)
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
