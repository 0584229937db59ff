"""Two small calibrated models made in code: real networks and files, without any training.

HealthyGAN is a U-Net as it begins; SR-AnoGAN always answers with the mean healthy phantom. Both are
calibrated on phantoms, so that a phantom's lesion stands out of the map of SR-AnoGAN. Imports torch.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from phantoms import chest_picture

from core.imaging.frame import Frame
from core.imaging.model_input import ModelInputSpec, to_model_grid
from core.inference.calibration import MINIMUM_FILMS
from core.models.acceptance_record import write_record
from core.models.anomaly_model import ModelCard
from core.models.healthygan import build_critic, build_generator
from core.models.model_file import ModelFile, weights_digest, write_model_file
from core.models.registry import weights_of
from core.models.sr_anogan import build_stages
from core.training.calibrating import calibration_for

SPEC = ModelInputSpec(size=64)
_FIRST_FILMS = 12


def write_small_models(folder: Path) -> tuple[Path, Path]:
    """Write `healthygan-small` and `sr-anogan-small` into the folder."""
    films = healthy_films(_FIRST_FILMS + MINIMUM_FILMS)
    return (
        _written(folder / "healthygan-small.safetensors", _healthygan(), films),
        _written(folder / "sr-anogan-small.safetensors", _sr_anogan(films.mean(axis=0)), films),
    )


def healthy_films(count: int) -> NDArray[np.float32]:
    """Healthy phantoms on the model grid, `(count, 64, 64)` in [0, 1]."""
    films = []
    for seed in range(count):
        picture, _, _ = chest_picture(160, 150, lesion=False, seed=seed)
        frame = Frame((picture * 4095).astype(np.uint16), bits_stored=12)
        films.append(to_model_grid(frame, SPEC).pixels)
    return np.stack(films)


def _card(kind: str, network: dict[str, object]) -> ModelCard:
    return ModelCard(
        name=f"{kind} small",
        kind=kind,
        preset="lite",
        version="0",
        network=network,
        input_spec=SPEC,
        limits=("Made in code for tests; knows nothing of people.",),
    )


def _healthygan() -> ModelFile:
    torch.manual_seed(7)
    card = _card("healthygan", {"generator": "u-net", "width": 8, "critic_widths": [8, 16]})
    generator, critic = build_generator(card.network), build_critic(card.network)
    with torch.no_grad():
        # Louder than at the start of a training, so that the twin differs from the film at all.
        generator.head.weight.mul_(4.0)  # type: ignore[operator,union-attr]  # a convolution
    return ModelFile(card, weights_of({"generator.": generator, "critic.": critic}), {}, None)


def _sr_anogan(mean_film: NDArray[np.float32]) -> ModelFile:
    torch.manual_seed(7)
    card = _card(
        "sr-anogan",
        {
            "core": "healing",
            "width": 8,
            "code": 8,
            "sr_channels": 8,
            "sr_blocks": 1,
            "sr_size": 64,
            "sr_batch_norm": False,
        },
    )
    stages = build_stages(card.network)
    template = torch.from_numpy(mean_film * 2 - 1)[None, None]
    with torch.no_grad():
        stages["generator"].set_template(template)
        stages["generator"].body[-1].weight.zero_()
        stages["generator"].body[-1].bias.zero_()
        _average(stages["reducer"].body)
        stages["super_resolution"].head.weight.zero_()
        stages["super_resolution"].head.bias.zero_()
    return ModelFile(card, weights_of({"": stages}), {}, None)


def _average(body: torch.nn.Sequential) -> None:
    """Make the two-layer CNN a mean of 3x3: x and -x through LeakyReLU(0.2) are 1.2 x when taken apart."""
    first, second = body[0], body[2]
    for layer in (first, second):
        layer.weight.zero_()
        layer.bias.zero_()
    first.weight[0, 0] = 1 / 9
    first.weight[1, 0] = -1 / 9
    second.weight[0, 0, 1, 1] = 1 / 1.2
    second.weight[0, 1, 1, 1] = -1 / 1.2


def _written(path: Path, model: ModelFile, films: NDArray[np.float32]) -> Path:
    card = replace(model.card, weights_digest=weights_digest(model.weights))
    named = replace(model, card=card)
    calibration = calibration_for(
        named, films[:_FIRST_FILMS], films[_FIRST_FILMS:], "phantoms", torch.device("cpu")
    )
    write_model_file(path, replace(named, calibration=calibration.to_arrays()))
    write_record(path, {"passed": True})  # as if it had passed the local test: the program uses it by itself
    return path
