"""The checkpoint of the published HealthyGAN code as a model file: weights only, never its pickled code.

The published code (github.com/mahfuzmohammad/HealthyGAN) saves plain state dicts, `NNNNNN-G.ckpt` of the
generator and `NNNNNN-D.ckpt` of the critic. Names and shapes are those of models.md 1.2 and 1.4. Written
from these facts. Imports torch; any thread.
"""

from __future__ import annotations

import pickle  # only the type of the error that torch's weights-only reader raises
from pathlib import Path
from typing import Any

import torch

from core.errors import ModelFileInvalid
from core.imaging.model_input import PAPER_TOP_CROP, ModelInputSpec
from core.models.anomaly_model import CHEST_LIMITS, ModelCard, ages_of
from core.models.healthygan import NO_CRITIC, PaperGenerator
from core.models.model_file import Arrays, ModelFile, weights_digest

_LARGEST_FILE = 512 * 1024**2
_RUNNING = ("running_mean", "running_var", "num_batches_tracked")
_FIRST_BLOCK = 9
_NOT_ONE = "Choose the file NNNNNN-G.ckpt that the published HealthyGAN code wrote."
_LIMITS = (
    *CHEST_LIMITS,
    "Imported from a checkpoint of the published HealthyGAN code, which does not say what it learned from.",
)


def import_published(
    generator: Path,
    critic: Path | None = None,
    *,
    name: str = "",
    size: int = 256,
    population: str = "any",
    data_credit: tuple[str, ...] = (),
) -> ModelFile:
    """An uncalibrated model with the weights of a published checkpoint.

    `size`: side of the grid in px that it was trained at (the published one: 256). Running statistics of
    the instance norms are dropped: the published code never uses them, neither in training nor in its
    test. Without the critic's file the model has none, and its score comes from the map alone. Raises
    `ModelFileInvalid` naming the file and what does not fit.
    """
    weights, width, blocks = _generator(generator)
    network: dict[str, Any] = {"generator": "paper", "width": width, "residual_blocks": blocks}  # of a card
    limits = list(_LIMITS)
    if critic is None:
        network["critic_layers"] = NO_CRITIC
        limits.append("It has no critic: its score comes from the map alone.")
    else:
        of_critic, critic_width, layers = _critic(critic)
        if critic_width != width:
            raise ModelFileInvalid(
                f"The critic in {critic.name} is {critic_width} channels wide, the generator {width}.",
                "Choose the two files of one run: NNNNNN-G.ckpt and NNNNNN-D.ckpt.",
            )
        weights |= of_critic
        network["critic_layers"] = layers
    card = ModelCard(
        name=name or f"healthygan-{generator.stem}",
        kind="healthygan",
        preset="paper",
        version="1",
        network=network,
        input_spec=ModelInputSpec(size=size, top_crop=PAPER_TOP_CROP),
        weights_digest=weights_digest(weights),
        population=population,
        age_years=ages_of(population),
        limits=tuple(limits),
        data_credit=data_credit,
        training={"imported_from": generator.name, "critic_from": critic.name if critic else ""},
    )
    return ModelFile(card, weights, {}, None, generator.name)


def _generator(file: Path) -> tuple[Arrays, int, int]:
    """Weights under this program's names, width, number of residual blocks."""
    state = {name: tensor for name, tensor in _state(file).items() if not name.endswith(_RUNNING)}
    stem = state.get("main.0.weight")
    if stem is None or stem.dim() != 4:
        raise ModelFileInvalid(f"{file.name} holds no generator of HealthyGAN.", _NOT_ONE)
    if stem.shape[1] != 3:
        raise ModelFileInvalid(
            f"The generator in {file.name} takes {stem.shape[1]} channels; HealthyGAN's takes the 3 of the "
            "picture alone. With label maps beside them it is one of StarGAN or Fixed-Point GAN.",
            _NOT_ONE,
        )
    blocks = sum(f"main.{_FIRST_BLOCK + place}.main.0.weight" in state for place in range(len(state)))
    width = int(stem.shape[0])
    with torch.device("meta"):
        expected = PaperGenerator(width, blocks).state_dict()
    _check(file, state, {name: tuple(tensor.shape) for name, tensor in expected.items()})
    return {f"generator.{name}": tensor.numpy().copy() for name, tensor in state.items()}, width, blocks


def _critic(file: Path) -> tuple[Arrays, int, int]:
    """Weights under this program's names, width, number of strided layers."""
    state = _state(file)
    first = state.get("main.0.weight")
    layers = sum(f"main.{2 * place}.weight" in state for place in range(len(state)))
    if first is None or first.dim() != 4 or "conv1.weight" not in state:
        raise ModelFileInvalid(
            f"{file.name} holds no critic of HealthyGAN.", "Choose the file NNNNNN-D.ckpt of the same run."
        )
    width = int(first.shape[0])
    shapes: dict[str, tuple[int, ...]] = {"conv1.weight": (1, width * 2 ** (layers - 1), 3, 3)}
    for layer in range(layers):
        outputs = width * 2**layer
        shapes[f"main.{2 * layer}.weight"] = (outputs, 3 if layer == 0 else outputs // 2, 4, 4)
        shapes[f"main.{2 * layer}.bias"] = (outputs,)
    _check(file, state, shapes)
    return (
        {
            "critic." + name.replace("main.", "body.").replace("conv1.", "head."): tensor.numpy().copy()
            for name, tensor in state.items()
        },
        width,
        layers,
    )


def _check(file: Path, state: dict[str, torch.Tensor], shapes: dict[str, tuple[int, ...]]) -> None:
    for name in sorted(shapes.keys() | state.keys()):
        if name not in state:
            problem = f"{name} is missing"
        elif name not in shapes:
            problem = f"{name} is no part of it"
        elif tuple(state[name].shape) != shapes[name]:
            problem = f"{name} has the shape {tuple(state[name].shape)}, not {shapes[name]}"
        elif state[name].dtype != torch.float32:
            problem = f"{name} is of the type {state[name].dtype}, not torch.float32"
        elif not bool(torch.isfinite(state[name]).all()):
            problem = f"{name} holds values that are no numbers"
        else:
            continue
        raise ModelFileInvalid(f"The network in {file.name} is not that of HealthyGAN: {problem}.", _NOT_ONE)


def _state(file: Path) -> dict[str, torch.Tensor]:
    """The state dict of a file, read without running anything that lies in it."""
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ModelFileInvalid(f"{file.name} is larger than any checkpoint of HealthyGAN.", _NOT_ONE)
        state = torch.load(file, map_location="cpu", weights_only=True)
    except OSError as error:
        raise ModelFileInvalid(f"{file} cannot be opened: {error.strerror or error}.", _NOT_ONE) from error
    except pickle.UnpicklingError as error:
        raise ModelFileInvalid(
            f"{file.name} is no checkpoint, or holds more than weights: what else lies in it could run "
            "hidden code, so it is not opened.",
            _NOT_ONE,
        ) from error
    except (RuntimeError, EOFError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise ModelFileInvalid(f"{file.name} cannot be read as a checkpoint.", _NOT_ONE) from error
    if not isinstance(state, dict) or not all(
        isinstance(name, str) and isinstance(tensor, torch.Tensor) for name, tensor in state.items()
    ):
        raise ModelFileInvalid(f"{file.name} is no list of weights.", _NOT_ONE)
    return state
