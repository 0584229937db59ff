"""What HealthyGAN trains on, step by step: streams, stages, evaluation. The losses are next door."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim.swa_utils import AveragedModel

from core.imaging.residuals import BLUR_SHARES
from core.models.healthygan import Translation, build_critic, build_generator
from core.training.config import TrainingConfig
from core.training.dataset import TrainingData
from core.training.fine_tuning import FineTuning
from core.training.healthygan_steps import HealingBatch, HealthyGanStep, first_layers
from core.training.processes import ALONE, Share
from core.training.streams import (
    Draw,
    SampleTitles,
    at_size,
    averaged,
    film_scores,
    fixed_lesions,
    held_out,
    held_out_mixed,
    sample_grid,
    sample_titles,
    to_signed,
    usual_excess,
)
from core.training.synthetic_lesions import lung_prior, paste_lesion

_CRITIC_STEPS = 2
_BLUR_SHARE = BLUR_SHARES["healthygan"]


class HealthyGanCourse:
    """Stages "heal" (half size, healing alone), "heal-full" (full size) and "translate" (with the critic)."""

    def __init__(
        self,
        config: TrainingConfig,
        data: TrainingData,
        device: torch.device,
        network: dict[str, Any] | None = None,  # JSON of a parent's card; None: as the config says
        share: Share = ALONE,
    ) -> None:
        self.config = config
        self.share = share
        self.data = data
        self.device = device
        self.stages: tuple[tuple[str, int], ...] = (
            ("heal", config.warm_steps),
            ("heal-full", config.heal_steps),
            ("translate", config.steps),
        )
        torch.manual_seed(config.seed)
        self.network = network or _network(config)
        self.sample_titles = SampleTitles()
        generator, critic = build_generator(self.network), build_critic(self.network)
        # channels_last: 1.5 to 1.8 times as fast for these widths on the CPU (measured). Not for the
        # reference: for a batch of one film torch's instance norm then gives wrong gradients (torch 2.14).
        layout = torch.contiguous_format if config.preset == "paper" else torch.channels_last
        self.generator = generator.to(device).to(memory_format=layout)
        self.critic = critic.to(device).to(memory_format=layout)
        self.step_taker = HealthyGanStep(config, self.generator, self.critic, share)
        self.average: AveragedModel = averaged(self.generator, config.ema_decay)
        self.prior = lung_prior(data.train.pixels.mean(axis=0))
        self._shared = tuple(sorted(set(data.train.sources) & set(data.mixed.sources))) or data.train.sources
        self._size = config.size
        self._healed = False
        self._draw: Draw | None = None

    @property
    def modules(self) -> dict[str, nn.Module]:
        """Everything whose weights a checkpoint keeps."""
        return {"generator": self.generator, "critic": self.critic, "average": self.average}

    def load_parent(self, weights: dict[str, torch.Tensor]) -> None:
        """Start from another model's weights (fine-tuning)."""
        self._healed = True
        for prefix, module in (
            ("generator.", self.generator),
            ("critic.", self.critic),
            ("generator.", self.average.module),
        ):
            module.load_state_dict(
                {
                    name.removeprefix(prefix): value
                    for name, value in weights.items()
                    if name.startswith(prefix)
                }
            )
        self.step_taker.tuning = FineTuning(self.config, [self.generator], first_layers(self.generator))

    def begin(self, stage: str) -> None:
        """Prepare the streams of a stage."""
        self._size = self.config.size // 2 if stage == "heal" else self.config.size
        self._draw = Draw(self.data.train, self.data.mixed, self._size, self.config, self.share)

    def step(self, stage: str, step: int, steps: int) -> dict[str, float]:
        """Take step number `step` (from 0) of `steps`; the same step always sees the same films."""
        assert self._draw is not None  # noqa: S101  # made by begin
        draw = self._draw
        place = [name for name, _ in self.stages].index(stage)
        rng = np.random.default_rng([self.config.seed, place, step])
        randomness = torch.Generator().manual_seed(int(rng.integers(2**62)))
        adversarial = stage == "translate"
        pairs = []
        for _ in range(_CRITIC_STEPS if adversarial else 1):
            source = self._shared[int(rng.integers(len(self._shared)))] if adversarial else None
            mixed = draw.mixed(rng, randomness, source)
            healthy = draw.healthy(rng, randomness, source)
            pairs.append((self._to(mixed), self._to(healthy)))
        lesions = None if self.config.preset == "paper" else self._lesions(draw, rng, randomness)
        tuning = self.step_taker.tuning
        if tuning:
            counts = [count for _, count in self.stages]
            tuning.at((sum(counts[:place]) + step) / max(1, sum(counts)))
        return self.step_taker.run(
            pairs,
            lesions,
            fraction=step / max(1, steps),
            adversarial=adversarial,
            healed=self._healed or any(count for _, count in self.stages[:place]),
            randomness=randomness,
            critic_alone=adversarial and tuning is not None and tuning.critic_alone(step, steps),
        )

    def after_step(self) -> None:
        """Follow with the averaged weights."""
        self.average.update_parameters(self.generator)

    def set_learning_rate(self, rate: float) -> None:
        """Of both networks."""
        self.step_taker.set_learning_rate(rate)

    def evaluate(self) -> tuple[dict[str, float], NDArray[np.uint8]]:
        """Label-free figures on held-out films, and the sample grid; with the averaged weights."""
        size = self._size
        healthy, mixed = (at_size(films, size) for films in (held_out(self.data), held_out_mixed(self.data)))
        lesions = fixed_lesions(healthy, (at_size(self.prior[None], size)[0] > 0.5).astype(np.float32))
        clean, sick, other = (self._translate(pixels) for pixels in (healthy, lesions.film, mixed))
        figures = film_scores(healthy, clean[2], lesions, sick[2], mixed, other[2], _BLUR_SHARE)
        figures["mask_mixed_val"] = float(other[1].mean()) if len(mixed) else 0.0
        figures["mask_healthy_val"] = float(clean[1].mean())
        rows = [
            *((healthy[k], clean[2][k], clean[1][k], clean[0][k]) for k in range(min(4, len(healthy)))),
            *((mixed[k], other[2][k], other[1][k], other[0][k]) for k in range(min(4, len(mixed)))),
            *((lesions.film[k], sick[2][k], sick[1][k], sick[0][k]) for k in range(min(2, len(healthy)))),
        ]
        self.sample_titles = sample_titles(
            ("Mask", "Painted"), min(4, len(healthy)), min(4, len(mixed)), min(2, len(healthy))
        )
        return figures, sample_grid(rows, usual_excess(healthy, clean[2], _BLUR_SHARE), _BLUR_SHARE)

    def trial(self) -> tuple[nn.Module, torch.Tensor]:
        """The heaviest network and a batch for it, to measure a device with."""
        films = torch.zeros(self.config.batch, 1, self.config.size, self.config.size)
        return self.generator, self._to(films)

    def state(self) -> dict[str, Any]:  # tensors and numbers
        """Optimizers, for an exact resume."""
        return self.step_taker.state()

    def restore(self, state: dict[str, Any]) -> None:  # of `state`
        """The inverse of `state`."""
        self.step_taker.restore(state)

    def export(self) -> tuple[dict[str, nn.Module], dict[str, Any]]:  # JSON of the card
        """Modules of the model file by prefix, and the network description of the card."""
        return {"generator.": self.average.module, "critic.": self.critic}, self.network

    def _to(self, films: torch.Tensor) -> torch.Tensor:
        signed = to_signed(films).to(self.device, memory_format=torch.channels_last)
        return signed.expand(-1, 3, -1, -1) if self.config.preset == "paper" else signed

    def _lesions(self, draw: Draw, rng: np.random.Generator, randomness: torch.Generator) -> HealingBatch:
        seeds = draw.seeds(rng)
        films = draw.healthy(rng, randomness, None)[:, 0].numpy()
        foreign = draw.healthy(rng, randomness, None)[:, 0].numpy()
        prior = at_size(self.prior[None], draw.size)[0]
        pasted = [
            paste_lesion(film, (prior > 0.5).astype(np.float32), other, np.random.default_rng(seed))
            for film, other, seed in zip(films, foreign, seeds, strict=True)
        ]

        def stack(name: str) -> torch.Tensor:
            return torch.from_numpy(np.stack([getattr(lesion, name) for lesion in pasted]))[:, None]

        return HealingBatch(self._to(stack("film")), self._to(stack("target")), stack("mask").to(self.device))

    @torch.inference_mode()
    def _translate(self, pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        """Raw, mask and composite `(n, size, size)` in [0, 1] with the averaged weights."""
        parts: list[list[torch.Tensor]] = [[], [], []]
        for first in range(0, len(pixels), 8):
            batch = self._to(torch.from_numpy(np.ascontiguousarray(pixels[first : first + 8]))[:, None])
            raw, mask, composite = Translation(*self.average(batch))
            for part, value in zip(parts, ((raw + 1) / 2, mask, (composite + 1) / 2), strict=True):
                part.append(value.mean(dim=1).float().cpu())
        if not len(pixels):
            return tuple(np.zeros_like(pixels) for _ in range(3))
        return tuple(torch.cat(part).numpy() for part in parts)


def _network(config: TrainingConfig) -> dict[str, Any]:  # JSON of the card
    if config.preset == "paper":
        return {"generator": "paper", "width": config.width, "residual_blocks": 6, "critic_layers": 6}
    return {"generator": "u-net", "width": config.width, "critic_widths": [24, 48, 96, 192, 192]}
