"""HealthyGAN's losses and one training step, for the reference (`paper`) and the recipe (`plus`, `lite`).

Symbols: x_A unlabelled mixed films, x_B healthy films, x_S healthy films with a synthetic lesion whose healed
target is t_S and whose place is M_S; y raw image, m attention mask, x' = m*y + (1-m)*x composite. Images in
[-1, 1]. Sources: models.md section 1.6 for the reference, recipe.md section 3 for the recipe.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from core.models.healthygan import PaperGenerator, Translation, UNetGenerator
from core.training.config import TrainingConfig
from core.training.fine_tuning import FineTuning
from core.training.processes import ALONE, Share
from core.training.updates import computed, still, take_step


@dataclass(frozen=True, slots=True)
class HealingBatch:
    """x_S, t_S `(n, 1, s, s)` in [-1, 1] and M_S (0 or 1)."""

    film: torch.Tensor
    target: torch.Tensor
    mask: torch.Tensor


def gradient_penalty(
    critic: nn.Module, real: torch.Tensor, fake: torch.Tensor, alpha: torch.Tensor
) -> torch.Tensor:
    """WGAN-GP: E_n (|grad of the sum over patches at alpha*real + (1-alpha)*fake| - 1)^2; always in fp32."""
    with torch.autocast(real.device.type, enabled=False):
        mixed = (alpha * real.float() + (1 - alpha) * fake.float()).requires_grad_(True)
        scores = critic(mixed)
        (slope,) = torch.autograd.grad(scores.sum(), mixed, create_graph=True)
        penalty: torch.Tensor = (slope.flatten(1).norm(dim=1) - 1).square().mean()
        return penalty


def critic_loss(
    critic: nn.Module,
    real: torch.Tensor,
    fake: torch.Tensor,
    *,
    penalty_weight: float,
    generator: torch.Generator,
    share: Share = ALONE,
    bf16: bool = False,
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """L_D = -E D(x_B) + E D(fake) + w * gradient penalty (w = 0 skips the penalty)."""
    on_real, on_fake = (computed(critic, films, bf16=bf16).mean() for films in (real, fake))
    loss = on_fake - on_real
    figures = {"critic_gap": (on_real - on_fake).detach()}
    if penalty_weight > 0:
        alpha = share.cut(torch.rand(len(real) * share.world, 1, 1, 1, generator=generator)).to(real)
        penalty = gradient_penalty(critic, real, fake, alpha)
        loss = loss + penalty_weight * penalty
        figures["penalty"] = penalty.detach()
    return loss, figures | {"loss_d": loss.detach()}


def untranslated_mix(
    composite: torch.Tensor,
    original: torch.Tensor,
    generator: torch.Generator,
    share: Share = ALONE,
) -> torch.Tensor:
    """Fakes of the recipe: each is x'_A or, half of the time, the untranslated x_A.

    Keeps -D(x) a usable score of "unlike the healthy folder" after the generator has learned to fool D.
    """
    draws = torch.rand(len(original) * share.world, 1, 1, 1, generator=generator)
    return torch.where(share.cut(draws).to(original) < 0.5, original, composite)


def paper_generator_loss(
    critic: nn.Module,
    mixed: torch.Tensor,
    healthy: torch.Tensor,
    on_mixed: Translation,
    on_healthy: Translation,
    share: Share = ALONE,
    bf16: bool = False,
) -> torch.Tensor:
    """L_G of the reference (models.md 1.6): adversarial on both, identity on raw y_B, reverse, mask."""
    on_critic = [computed(critic, part.composite, bf16=bf16).mean() for part in (on_mixed, on_healthy)]
    adversarial = -on_critic[0] - on_critic[1]
    identity = (healthy - on_healthy.raw).abs().mean()  # L_id
    reverse = ((1 - on_mixed.mask) * (mixed - on_mixed.raw).abs()).mean()  # L_rec
    mask = 0.5 * paper_mask_loss(on_mixed.mask, share) + 0.5 * paper_mask_loss(on_healthy.mask, share)
    total: torch.Tensor = adversarial + identity + reverse + 0.1 * mask
    return total


def paper_mask_loss(
    mask: torch.Tensor,
    share: Share = ALONE,
) -> torch.Tensor:
    """L_m = (mean m)^2 + mean 1/(|m - 0.5| + 0.01) - 1/0.51: small and sharp, with two absorbing states."""
    small = share.mean(mask.mean()).square()  # of the whole batch, wherever its films are
    sharp = (1 / ((mask - 0.5).abs() + 0.01)).mean() - 1 / 0.51
    return small + sharp


def focus(mask: torch.Tensor, cap: float) -> torch.Tensor:
    """F(m; c) = 4 E[m(1-m)] + 10 E_n max(0, mean_p m_n - c)^2: finite slope everywhere, hinge on the area."""
    binarity = (mask * (1 - mask)).mean()
    area = (mask.mean(dim=(1, 2, 3)) - cap).clamp_min(0).square().mean()
    return 4 * binarity + 10 * area


def recipe_generator_loss(
    mixed: torch.Tensor,
    healthy: torch.Tensor,
    lesions: HealingBatch,
    on_mixed: Translation,
    on_healthy: Translation,
    on_lesions: Translation,
    composite_weight: float,
) -> torch.Tensor:
    """All of L_G of the recipe but the adversarial term; `composite_weight` is r_c(t) in [0, 1]."""
    identity = (healthy - on_healthy.raw).abs().mean()
    reverse = ((1 - on_mixed.mask) * (mixed - on_mixed.raw).abs()).mean()
    heal = ((on_lesions.raw - lesions.target).abs() * (1 + 4 * lesions.mask)).mean()
    heal = heal + 0.5 * identity
    place = _mask_entropy(on_lesions.mask, lesions.mask) + _mask_entropy(
        on_healthy.mask, torch.zeros_like(on_healthy.mask)
    )
    overlap = _dice_loss(on_lesions.mask, lesions.mask)
    sharp = focus(on_mixed.mask, 0.35) + focus(on_healthy.mask, 0.15)
    loss = identity + reverse + 5 * heal + 0.5 * place + 0.5 * overlap + 0.1 * sharp
    if composite_weight > 0:
        composite = (healthy - on_healthy.composite).abs().mean() + (
            lesions.target - on_lesions.composite
        ).abs().mean()
        loss = loss + 10 * composite_weight * composite
    total: torch.Tensor = loss
    return total


def _mask_entropy(mask: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    weight = 1 + 3 * truth  # positives count four times
    return functional.binary_cross_entropy(mask.clamp(1e-4, 1 - 1e-4), truth, weight=weight)


def _dice_loss(mask: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    both = (mask * truth).sum(dim=(1, 2, 3))
    either = mask.sum(dim=(1, 2, 3)) + truth.sum(dim=(1, 2, 3))
    present = (truth.sum(dim=(1, 2, 3)) > 0).float()
    loss = 1 - (2 * both + 1) / (either + 1)
    total: torch.Tensor = (loss * present).mean()  # a plain mean: halves of a batch average to the whole
    return total


def diff_augment(
    films: torch.Tensor,
    randomness: torch.Generator,
    share: Share = ALONE,
    parts: int = 1,
) -> torch.Tensor:
    """DiffAugment (arXiv 2006.10738) for grey films in [-1, 1]: brightness, contrast, shift by up to 1/8.

    Differentiable in `films`. Real and fake films go through it alike, so that the critic compares films and
    not their exposure or framing, which it would learn by heart from a few hundred.
    """

    def draw(low: float, high: float) -> torch.Tensor:
        draws = torch.rand(len(films) * share.world, 1, 1, 1, generator=randomness)
        return share.cut(draws, parts).to(films) * (high - low) + low

    mean = films.mean(dim=(2, 3), keepdim=True)
    films = (films - mean) * draw(0.75, 1.25) + mean + draw(-0.2, 0.2)
    still = torch.eye(2, 3, device=films.device, dtype=films.dtype).repeat(len(films), 1, 1)
    still[:, :, 2] = torch.cat([draw(-0.25, 0.25), draw(-0.25, 0.25)], dim=1)[:, :, 0, 0]
    grid = functional.affine_grid(still, list(films.shape), align_corners=False)
    return functional.grid_sample(films, grid, padding_mode="border", align_corners=False)


def ramp(fraction: float, first: float, last: float) -> float:
    """0 before `first`, 1 after `last`, linear between."""
    return min(1.0, max(0.0, (fraction - first) / (last - first)))


def first_layers(generator: nn.Module) -> list[nn.Module]:
    """Layers 0 to 2 of a generator, which wait at first in fine-tuning."""
    if isinstance(generator, PaperGenerator):
        return [generator.main[:9]]  # three times convolution, norm, ReLU
    assert isinstance(generator, UNetGenerator)  # noqa: S101  # there is no other
    return [generator.stem, *generator.downs[:2]]


class HealthyGanStep:
    """One generator step with its critic steps; owns both optimizers.

    Healing alone (`adversarial=False`) skips the critic: fast, and enough to learn places. Call on the
    training thread or process only. `share`: this process's part of the run.
    """

    def __init__(
        self,
        config: TrainingConfig,
        generator: nn.Module,
        critic: nn.Module,
        share: Share = ALONE,
    ) -> None:
        self.config = config
        self.generator = generator
        self.critic = critic
        self.tuning: FineTuning | None = None
        betas = (0.5, 0.999)
        self.generator_optimizer = torch.optim.Adam(generator.parameters(), config.learning_rate, betas)
        self.critic_optimizer = torch.optim.Adam(critic.parameters(), config.learning_rate, betas)
        self._share = share
        self._bf16 = config.precision == "bf16"
        self._critic_loss = share.learning([critic], self._loss_of_critic)
        self._generator_loss = share.learning([generator], self._loss_of_generator)
        self._critic_steps = 0

    def run(
        self,
        draws: list[tuple[torch.Tensor, torch.Tensor]],
        lesions: HealingBatch | None,
        *,
        fraction: float,
        adversarial: bool,
        healed: bool,
        randomness: torch.Generator,
        critic_alone: bool = False,
    ) -> dict[str, float]:
        """One step. `draws`: (x_A, x_B) pairs, one for each critic step; the last serves the generator too.

        `fraction`: done share of this stage, in [0, 1], which drives the ramps. `healed`: an earlier stage
        has taught healing already. Returns the losses.
        """
        figures: dict[str, float] = {}
        if adversarial:
            for mixed, healthy in draws:
                figures |= self._critic_step(mixed, healthy, randomness)
        if critic_alone:
            return figures
        mixed, healthy = draws[-1]
        reach = 1.0 if healed else ramp(fraction, 0.1, 0.2)
        weight = self.config.adversarial * ramp(fraction, 0.08, 0.2) if adversarial else 0.0
        figures |= self._generator_step(mixed, healthy, lesions, reach, weight, randomness)
        return figures

    def _critic_step(
        self, mixed: torch.Tensor, healthy: torch.Tensor, randomness: torch.Generator
    ) -> dict[str, float]:
        # The recipe takes the penalty at every second step with twice the weight: 1.4 times as fast.
        weight = 10.0 if self.config.preset == "paper" else (20.0 if self._critic_steps % 2 == 0 else 0.0)
        loss, figures = self._critic_loss(mixed, healthy, weight, randomness)
        take_step(loss, self.critic_optimizer, [self.critic], math.inf)
        self._critic_steps += 1
        return {name: float(value) for name, value in figures.items()}

    def _loss_of_critic(
        self, mixed: torch.Tensor, healthy: torch.Tensor, weight: float, randomness: torch.Generator
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        with torch.no_grad():
            fake = self._translate(mixed).composite
        if self.config.preset != "paper":
            fake = untranslated_mix(fake, mixed, randomness, self._share)
        healthy, fake = (self._as_critic_sees(films, randomness) for films in (healthy, fake))
        return critic_loss(
            self.critic,
            healthy,
            fake,
            penalty_weight=weight,
            generator=randomness,
            share=self._share,
            bf16=self._bf16,
        )

    def _as_critic_sees(
        self, films: torch.Tensor, randomness: torch.Generator, parts: int = 1
    ) -> torch.Tensor:
        return diff_augment(films, randomness, self._share, parts) if self.config.critic_augment else films

    def _generator_step(
        self,
        mixed: torch.Tensor,
        healthy: torch.Tensor,
        lesions: HealingBatch | None,
        reach: float,
        weight: float,
        randomness: torch.Generator,
    ) -> dict[str, float]:
        with still(self.critic):
            loss, figures = self._generator_loss(mixed, healthy, lesions, reach, weight, randomness)
        norm = take_step(
            loss, self.generator_optimizer, [self.generator], self.config.clip, tuning=self.tuning
        )
        return {name: float(value) for name, value in figures.items()} | {"gradient_norm": norm}

    def _loss_of_generator(
        self,
        mixed: torch.Tensor,
        healthy: torch.Tensor,
        lesions: HealingBatch | None,
        reach: float,
        weight: float,
        randomness: torch.Generator,
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        if self.config.preset == "paper":
            on_mixed, on_healthy = self._translate(mixed), self._translate(healthy)
            loss = paper_generator_loss(
                self.critic, mixed, healthy, on_mixed, on_healthy, self._share, self._bf16
            )
        else:
            assert lesions is not None  # noqa: S101  # the course draws them for these presets
            together = self._translate(torch.cat([mixed, healthy, lesions.film]))
            on_mixed, on_healthy, on_lesions = (
                Translation(*split)
                for split in zip(*(part.split(len(mixed)) for part in together), strict=True)
            )
            loss = recipe_generator_loss(mixed, healthy, lesions, on_mixed, on_healthy, on_lesions, reach)
            if weight > 0:
                fakes = torch.cat([on_mixed.composite, on_healthy.composite])
                seen = self._as_critic_sees(fakes, randomness, parts=2)
                # Both halves are as long, so twice the mean is the sum of their means.
                loss = loss - 2 * weight * computed(self.critic, seen, bf16=self._bf16).mean()
        figures = {
            "loss_g": loss,
            "mask_mixed": on_mixed.mask.mean(),
            "mask_healthy": on_healthy.mask.mean(),
            "change_healthy": (healthy - on_healthy.composite).abs().mean() / 2,
        }
        return loss, {name: value.detach() for name, value in figures.items()}

    def _translate(self, films: torch.Tensor) -> Translation:
        return Translation(*computed(self.generator, films, bf16=self._bf16))

    def state(self) -> dict[str, Any]:  # tensors and numbers, for torch.save
        """What an exact resume needs beside the weights."""
        return {
            "generator_optimizer": self.generator_optimizer.state_dict(),
            "critic_optimizer": self.critic_optimizer.state_dict(),
            "critic_steps": self._critic_steps,
        }

    def restore(self, state: dict[str, Any]) -> None:  # of `state`
        """The inverse of `state`."""
        self.generator_optimizer.load_state_dict(state["generator_optimizer"])
        self.critic_optimizer.load_state_dict(state["critic_optimizer"])
        self._critic_steps = int(state["critic_steps"])

    def set_learning_rate(self, rate: float) -> None:
        """Of both optimizers."""
        for optimizer in (self.generator_optimizer, self.critic_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = rate
