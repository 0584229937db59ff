"""Every kind and preset of network, as narrow as it can be made: untrained, seeded, quick. Imports torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch

from core.imaging.model_input import ModelInputSpec
from core.models.anomaly_model import ModelCard
from core.models.healthygan import build_critic, build_generator
from core.models.model_file import ModelFile, weights_digest
from core.models.registry import weights_of
from core.models.sr_anogan import build_stages


@dataclass(frozen=True, slots=True)
class Case:
    """A kind and preset with a network that has all its parts; `size`: side of the model grid in px."""

    kind: str
    preset: str
    size: int
    network: dict[str, Any]  # JSON of a model card

    def __str__(self) -> str:
        return f"{self.kind}-{self.preset}-{self.size}"


_PAPER = {"generator": "paper", "width": 8, "residual_blocks": 2, "critic_layers": 4}
_U_NET = {"generator": "u-net", "width": 8, "critic_widths": [8, 16, 16]}
_DCGAN = {
    "core": "dcgan",
    "latent": 6,
    "width": 4,
    "size": 64,
    "latent_steps": 12,
    "encoder": False,
    "sr_channels": 8,
    "sr_blocks": 2,
    "sr_size": 64,
    "sr_batch_norm": True,
}
_HEALING = {
    "core": "healing",
    "width": 8,
    "code": 4,
    "size": 64,
    "sr_channels": 8,
    "sr_blocks": 2,
    "sr_size": 64,
    "sr_batch_norm": False,
}

CASES = (
    Case("healthygan", "paper", 64, _PAPER),
    Case("healthygan", "plus", 64, _U_NET | {"width": 16}),
    Case("healthygan", "lite", 64, _U_NET),
    Case("sr-anogan", "paper", 64, _DCGAN),
    Case("sr-anogan", "plus", 64, _HEALING | {"width": 16}),
    Case("sr-anogan", "lite", 64, _HEALING),
)
# Other grids than those of the networks' own cores, and the search that starts from an encoder.
OTHER_SIZES = (
    Case("healthygan", "paper", 76, _PAPER),
    Case("healthygan", "plus", 96, _U_NET),
    Case("healthygan", "lite", 32, _U_NET),
    Case("sr-anogan", "paper", 128, _DCGAN | {"size": 128, "sr_size": 128, "encoder": True}),
    Case("sr-anogan", "plus", 128, _HEALING | {"sr_size": 128}),
    Case("sr-anogan", "lite", 50, _HEALING),
)


def small_model(case: Case, seed: int = 3, **changes: Any) -> ModelFile:  # of the card
    """An uncalibrated model file in memory, its weights drawn from the seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        if case.kind == "healthygan":
            modules: dict[str, torch.nn.Module] = {
                "generator.": build_generator(case.network),
                "critic.": build_critic(case.network),
            }
        else:
            modules = {"": build_stages(case.network)}
    weights = weights_of(modules)
    card = ModelCard(
        name=f"{case} for tests",
        kind=case.kind,
        preset=case.preset,
        version="0",
        network=case.network,
        input_spec=ModelInputSpec(size=case.size),
        weights_digest=weights_digest(weights),
        limits=("Untrained.",),
    )
    return ModelFile(replace(card, **changes), weights, {}, None)
