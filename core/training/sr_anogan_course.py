"""What SR-AnoGAN trains on, step by step: stages, streams, evaluation. The losses are next door.

Leakage rule (models.md 3.4): the core fits its own training films better than new ones, so the
super-resolution stage is trained on other patients (an overlap of 30 % is kept where films are few).
"""

from __future__ import annotations

import hashlib
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from core.models.sr_anogan import (
    DcganDiscriminator,
    DcganGenerator,
    HealingGenerator,
    SrDiscriminator,
    build_patch_discriminator,
    build_stages,
    latent_search,
)
from core.training.config import TrainingConfig
from core.training.dataset import Films, TrainingData
from core.training.sr_anogan_steps import (
    discriminator_loss,
    encoder_loss,
    feature_distance,
    fooling_loss,
    healing_loss,
    healing_sr_loss,
    paper_sr_loss,
    take_step,
)
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

_CORE_SIZE = 64
_BLUR_SHARE = 21 / 128
_SEARCH_BATCH = 32


class SrAnoGanCourse:
    """`plus`, `lite`: stages "core" and "sr". `paper`: "gan", "encoder", "sr-mse", "sr-gan"."""

    def __init__(
        self,
        config: TrainingConfig,
        data: TrainingData,
        device: torch.device,
        network: dict[str, Any] | None = None,  # JSON of a parent's card; None: as the config says
    ) -> None:
        self.config = config
        self.data = data
        self.device = device
        self.paper = config.preset == "paper"
        self.network = network or _network(config)
        self.sample_titles = SampleTitles()
        torch.manual_seed(config.seed)
        self.nets = build_stages(self.network).to(device)
        self.sr_critic: nn.Module = (SrDiscriminator() if self.paper else build_patch_discriminator()).to(
            device
        )
        mean_film = data.train.pixels.mean(axis=0)
        self.prior = lung_prior(mean_film)
        if not self.paper:
            generator = self.nets["generator"]
            assert isinstance(generator, HealingGenerator)  # noqa: S101  # of the healing core
            small = functional.interpolate(
                torch.from_numpy(mean_film)[None, None], (_CORE_SIZE, _CORE_SIZE), mode="area"
            )
            generator.set_template(to_signed(small))
        self.average: AveragedModel = averaged(self.nets, config.ema_decay)
        self.stages: tuple[tuple[str, int], ...] = (
            (
                ("gan", config.core_steps),
                ("encoder", config.encoder_steps),
                ("sr-mse", config.warm_steps),
                ("sr-gan", config.steps),
            )
            if self.paper
            else (("core", config.core_steps), ("sr", config.steps))
        )
        self._stage = ""
        self._optimizers: dict[str, torch.optim.Optimizer] = {}
        self._draw: Draw | None = None
        self._pairs: tuple[torch.Tensor, torch.Tensor] | None = None

    @property
    def _averaged(self) -> nn.ModuleDict:
        return cast(nn.ModuleDict, self.average.module)

    @property
    def modules(self) -> dict[str, nn.Module]:
        """Everything whose weights a checkpoint keeps."""
        return {"nets": self.nets, "sr_critic": self.sr_critic, "average": self.average}

    def load_parent(self, weights: dict[str, torch.Tensor]) -> None:
        """Start from another model's weights (fine-tuning)."""
        self.nets.load_state_dict(weights)
        self.average.module.load_state_dict(weights)

    def begin(self, stage: str) -> None:
        """Choose films, networks and optimizers of a stage."""
        self._stage = stage
        config = self.config
        core = stage in {"core", "gan", "encoder"}
        films = self.data.train.where(_in_core(self.data.train) if core else _in_sr(self.data.train))
        size = _CORE_SIZE if stage == "core" else config.size
        self._draw = Draw(films, films, size, config)
        nets, rate = self.nets, config.learning_rate

        def adam(names: list[str], betas: tuple[float, float]) -> torch.optim.Optimizer:
            return torch.optim.Adam(
                [weight for name in names for weight in nets[name].parameters()], rate, betas
            )

        if stage == "core":
            self._optimizers = {"main": adam(["encoder", "generator"], (0.5, 0.99))}
        elif stage == "gan":
            self._optimizers = {
                "main": adam(["generator"], (0.5, 0.999)),
                "critic": adam(["discriminator"], (0.5, 0.999)),
            }
        elif stage == "encoder":
            self._optimizers = {"main": adam(["encoder"], (0.5, 0.999))}
        else:
            self._optimizers = {
                "main": adam(["reducer", "super_resolution"], (0.9, 0.99)),
                "critic": torch.optim.Adam(self.sr_critic.parameters(), rate, (0.5, 0.99)),
            }
            if self.paper:
                self._pairs = self._reconstructed(films)

    def step(self, stage: str, step: int, steps: int) -> dict[str, float]:
        """Take step number `step` (from 0) of `steps`; the same step always sees the same films."""
        places = [name for name, _ in self.stages]
        rng = np.random.default_rng([self.config.seed, 10 + places.index(stage), step])
        randomness = torch.Generator().manual_seed(int(rng.integers(2**62)))
        fraction = step / max(1, steps)
        if stage == "core":
            return self._heal(rng, randomness)
        if stage == "gan":
            return self._dcgan(rng, randomness)
        if stage == "encoder":
            return self._encode(rng, randomness)
        if stage == "sr":
            return self._enlarge(rng, randomness, step, fraction)
        return self._paper_enlarge(rng, adversarial=stage == "sr-gan")

    def after_step(self) -> None:
        """Follow with the averaged weights."""
        self.average.update_parameters(self.nets)
        if self.paper:
            for own, followed in zip(self.average.module.buffers(), self.nets.buffers(), strict=True):
                own.copy_(followed)

    def set_learning_rate(self, rate: float) -> None:
        """Of the stage's optimizers."""
        for optimizer in self._optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = rate

    def evaluate(self) -> tuple[dict[str, float], NDArray[np.uint8]]:
        """Label-free figures on held-out films, and the sample grid; with the averaged weights."""
        healthy, mixed = held_out(self.data), held_out_mixed(self.data)
        lesions = fixed_lesions(healthy, self.prior)
        clean, sick, other = (self._reconstruct(pixels) for pixels in (healthy, lesions.film, mixed))
        figures = film_scores(healthy, clean, lesions, sick, mixed, other, _BLUR_SHARE)
        rows = [
            *((healthy[k], clean[k]) for k in range(min(4, len(healthy)))),
            *((mixed[k], other[k]) for k in range(min(4, len(mixed)))),
            *((lesions.film[k], sick[k]) for k in range(min(2, len(healthy)))),
        ]
        self.sample_titles = sample_titles((), min(4, len(healthy)), min(4, len(mixed)), min(2, len(healthy)))
        return figures, sample_grid(rows, usual_excess(healthy, clean, _BLUR_SHARE), _BLUR_SHARE)

    def state(self) -> dict[str, Any]:  # tensors and numbers
        """Optimizers of the running stage, for an exact resume."""
        return {
            "stage": self._stage,
            **{name: optimizer.state_dict() for name, optimizer in self._optimizers.items()},
        }

    def restore(self, state: dict[str, Any]) -> None:  # of `state`
        """The inverse of `state`; a stage that has just begun has nothing to restore."""
        if state["stage"] == self._stage:
            for name, optimizer in self._optimizers.items():
                optimizer.load_state_dict(state[name])

    def export(self) -> tuple[dict[str, nn.Module], dict[str, Any]]:  # JSON of the card
        """Modules of the model file by prefix, and the network description of the card."""
        return {"": self.average.module}, self.network

    def _heal(self, rng: np.random.Generator, randomness: torch.Generator) -> dict[str, float]:
        film, target, mask = self._lesions(rng, randomness)
        encoder, generator = self.nets["encoder"], self.nets["generator"]
        code = encoder(film)
        noisy = code + 0.1 * torch.randn(code.shape, generator=randomness).to(code)
        healed = generator(noisy)
        loss = healing_loss(target, healed, mask, code)
        norm = take_step(loss, self._optimizers["main"], [encoder, generator], self.config.clip)
        error = (target - healed.detach()).abs().mean() / 2
        return {"loss_g": float(loss.detach()), "gradient_norm": norm, "error_healthy": float(error)}

    def _dcgan(self, rng: np.random.Generator, randomness: torch.Generator) -> dict[str, float]:
        real = torch.cat([self._films(rng, randomness) for _ in range(4)])  # batch 64 at the preset's 16
        generator, discriminator = self.nets["generator"].train(), self.nets["discriminator"].train()
        figures = {}
        for name in ("critic", "main", "main"):  # the generator twice for each discriminator step
            code = torch.randn(len(real), int(self.network["latent"]), generator=randomness).to(self.device)
            if name == "critic":
                loss = discriminator_loss(discriminator(real), discriminator(generator(code).detach()))
                figures["loss_d"] = float(loss.detach())
                take_step(loss, self._optimizers[name], [discriminator], self.config.clip)
            else:
                loss = fooling_loss(discriminator(generator(code)))
                figures["loss_g"] = float(loss.detach())
                take_step(loss, self._optimizers[name], [generator], self.config.clip)
        return figures

    def _encode(self, rng: np.random.Generator, randomness: torch.Generator) -> dict[str, float]:
        images = self._films(rng, randomness)
        generator, discriminator = self.nets["generator"].eval(), self.nets["discriminator"].eval()
        assert isinstance(discriminator, DcganDiscriminator)  # noqa: S101  # of the dcgan core
        drawn = generator(self.nets["encoder"].train()(images))
        loss = encoder_loss(
            images, drawn, discriminator.features(images).detach(), discriminator.features(drawn)
        )
        norm = take_step(loss, self._optimizers["main"], [self.nets["encoder"]], self.config.clip)
        return {"loss_e": float(loss.detach()), "gradient_norm": norm}

    def _enlarge(
        self, rng: np.random.Generator, randomness: torch.Generator, step: int, fraction: float
    ) -> dict[str, float]:
        film, target, mask = self._lesions(rng, randomness)
        film, target, mask = film[::2], target[::2], mask[::2]
        small = functional.interpolate(film, (_CORE_SIZE, _CORE_SIZE), mode="area")
        with torch.no_grad():
            core = self._averaged["generator"](self._averaged["encoder"](small))
        reduced = self.nets["reducer"](core)
        large = self.nets["super_resolution"](reduced)
        loss = healing_sr_loss(target, large, reduced, mask)
        figures = {}
        if fraction >= 0.4:
            if step % 2 == 0:
                hinge = (1 - self.sr_critic(target)).clamp_min(0).mean() + (
                    1 + self.sr_critic(large.detach())
                ).clamp_min(0).mean()
                take_step(hinge, self._optimizers["critic"], [self.sr_critic], self.config.clip)
                figures["loss_d"] = float(hinge.detach())
            critic: Any = self.sr_critic  # PatchCritic
            matching = feature_distance(critic.features(target)[:3], critic.features(large)[:3])
            loss = loss + 0.02 * matching - 0.005 * critic(large).mean()
        modules = [self.nets["reducer"], self.nets["super_resolution"]]
        norm = take_step(loss, self._optimizers["main"], modules, self.config.clip)
        error = (target - large.detach()).abs().mean() / 2
        return {
            "loss_g": float(loss.detach()),
            "gradient_norm": norm,
            "error_healthy": float(error),
        } | figures

    def _paper_enlarge(self, rng: np.random.Generator, *, adversarial: bool) -> dict[str, float]:
        assert self._pairs is not None  # noqa: S101  # made by begin
        places = rng.integers(0, len(self._pairs[0]), self.config.batch)
        core, target = (part[places].to(self.device) for part in self._pairs)
        reducer, enlarger = self.nets["reducer"].train(), self.nets["super_resolution"].train()
        small = reducer(core)
        large = enlarger(small)
        figures = {}
        fooling = matching = None
        if adversarial:
            critic: Any = self.sr_critic  # SrDiscriminator
            loss_d = discriminator_loss(critic(target), critic(large.detach()))
            take_step(loss_d, self._optimizers["critic"], [critic], self.config.clip)
            figures["loss_d"] = float(loss_d.detach())
            fooling = fooling_loss(critic(large))
            matching = feature_distance(critic.features(target), critic.features(large))
        loss = paper_sr_loss(target, large, small, fooling, matching)
        norm = take_step(loss, self._optimizers["main"], [reducer, enlarger], self.config.clip)
        return {"loss_g": float(loss.detach()), "gradient_norm": norm} | figures

    def _films(self, rng: np.random.Generator, randomness: torch.Generator) -> torch.Tensor:
        assert self._draw is not None  # noqa: S101  # made by begin
        return to_signed(self._draw.healthy(rng, randomness, None)).to(self.device)

    def _lesions(
        self, rng: np.random.Generator, randomness: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """x_S, t, M_S: three quarters with a lesion, the rest clean."""
        assert self._draw is not None  # noqa: S101  # made by begin
        films = self._draw.healthy(rng, randomness, None)[:, 0].numpy()
        prior = (at_size(self.prior[None], self._draw.size)[0] > 0.5).astype(np.float32)
        sick, targets, masks = [], [], []
        for place, film in enumerate(films):
            if place % 4 == 3:
                sick.append(film)
                targets.append(film)
                masks.append(np.zeros_like(film))
                continue
            lesion = paste_lesion(film, prior, films[place - 1], rng)
            sick.append(lesion.film)
            targets.append(lesion.target)
            masks.append(lesion.mask)

        def tensor(parts: list[NDArray[np.float32]]) -> torch.Tensor:
            return torch.from_numpy(np.stack(parts))[:, None].to(self.device)

        return to_signed(tensor(sick)), to_signed(tensor(targets)), tensor(masks)

    def _reconstructed(self, films: Films) -> tuple[torch.Tensor, torch.Tensor]:
        """g(i) of the super-resolution films by latent search, once, with their targets (`paper`)."""
        targets = to_signed(torch.from_numpy(np.array(films.pixels))[:, None])
        return self._search(targets), targets

    def _search(self, images: torch.Tensor) -> torch.Tensor:
        generator, discriminator = (
            self._averaged["generator"].eval(),
            self._averaged["discriminator"].eval(),
        )
        assert isinstance(generator, DcganGenerator)  # noqa: S101  # of the dcgan core
        assert isinstance(discriminator, DcganDiscriminator)  # noqa: S101
        found = []
        for part in images.split(_SEARCH_BATCH):
            part = part.to(self.device)
            if "encoder" in self.nets:
                start = self._averaged["encoder"].eval()(part)
            else:
                seed = torch.Generator().manual_seed(0)
                start = (
                    torch.randn(1, int(self.network["latent"]), generator=seed).to(part).expand(len(part), -1)
                )
            code = latent_search(generator, discriminator, part, start, int(self.network["latent_steps"]))
            with torch.no_grad():
                found.append(generator(code).cpu())
        return torch.cat(found)

    def _reconstruct(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Reconstructions at the model's size with the averaged weights, `(n, size, size)` in [0, 1]."""
        if not len(pixels):
            return pixels
        stages = self._averaged.eval()
        images = to_signed(torch.from_numpy(np.array(pixels))[:, None])
        if self.paper:
            core = self._search(images)
        else:
            small = functional.interpolate(images, (_CORE_SIZE, _CORE_SIZE), mode="area").to(self.device)
            with torch.inference_mode():
                core = stages["generator"](stages["encoder"](small)).cpu()
        with torch.inference_mode():
            if self._stage in {"core", "gan", "encoder"}:
                large = functional.interpolate(core, images.shape[-2:], mode="bilinear", align_corners=False)
            else:
                parts = [
                    stages["super_resolution"](stages["reducer"](part.to(self.device))).cpu()
                    for part in core.split(8)
                ]
                large = torch.cat(parts)
        return ((large[:, 0] + 1) / 2).clamp(0, 1).numpy()


def _draw_of(films: Films) -> NDArray[np.float64]:
    """A fixed number in [0, 1) for each film's patient."""
    digests = (hashlib.sha256(f"sr-1|{file.source}|{file.patient}".encode()).digest() for file in films.files)
    return np.array([int.from_bytes(digest[:4]) / 2**32 for digest in digests])


def _in_core(films: Films) -> list[bool]:
    return list(_draw_of(films) < 0.7)


def _in_sr(films: Films) -> list[bool]:
    return list(_draw_of(films) >= 0.4)


def _network(config: TrainingConfig) -> dict[str, Any]:  # JSON of the card
    if config.preset == "paper":
        return {
            "core": "dcgan",
            "latent": 100,
            "width": config.width,
            "size": config.size,
            "latent_steps": 500,
            "encoder": config.encoder_steps > 0,
            "sr_channels": 64,
            "sr_blocks": 16,
            "sr_size": config.size,
            "sr_batch_norm": True,
        }
    return {
        "core": "healing",
        "width": config.width,
        "code": 16,
        "size": _CORE_SIZE,
        "sr_channels": 32,
        "sr_blocks": 5,
        "sr_size": config.size,
        "sr_batch_norm": False,
    }
