"""What SR-AnoGAN trains on, step by step: stages, streams, evaluation. The losses are next door.

Leakage rule (models.md 3.4): the core fits its own training films better than new ones, so the
super-resolution stage is trained on other patients (an overlap of 30 % is kept where films are few).
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from core.imaging.residuals import BLUR_SHARES
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
from core.training.fine_tuning import FineTuning
from core.training.processes import ALONE, Formula, Share
from core.training.sr_anogan_steps import (
    discriminator_loss,
    encoder_loss,
    feature_distance,
    first_layers,
    fooling_loss,
    healing_loss,
    healing_sr_loss,
    paper_sr_loss,
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
from core.training.updates import computed, still, take_step

_CORE_SIZE = 64
_SMALL_SIZE = 32  # what the super-resolution starts from
_BLUR_SHARE = BLUR_SHARES["sr-anogan"]
_SEARCH_BATCH = 32
_CODE_SHAPE = (8, 8)  # of the healing core
_GAN_BATCHES = 4  # the DCGAN sees four batches at a time: 64 films at the preset's 16
_CRITIC_FROM = 0.4  # of the last stage: before, there is nothing yet that a critic could refine


class SrAnoGanCourse:
    """`plus`, `lite`: stages "core" and "sr". `paper`: "gan", "encoder", "sr-mse", "sr-gan".

    Batch norm (`paper`) takes its statistics over all processes on CUDA, elsewhere over the own films.
    """

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
        self.paper = config.preset == "paper"
        self.network = network or _network(config)
        self.sample_titles = SampleTitles()
        torch.manual_seed(config.seed)
        nets = share.with_shared_statistics(build_stages(self.network), device)
        critic: nn.Module = SrDiscriminator() if self.paper else build_patch_discriminator()
        critic = share.with_shared_statistics(critic, device)
        # channels_last: 1.02 to 1.10 times as fast on the CPU (measured), where HealthyGAN gains far more.
        self.nets = cast(nn.ModuleDict, nets.to(device).to(memory_format=torch.channels_last))
        self.sr_critic = critic.to(device).to(memory_format=torch.channels_last)
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
        self._compute = partial(computed, bf16=config.precision == "bf16")
        self._tuning: FineTuning | None = None
        self._stage = ""
        self._optimizers: dict[str, torch.optim.Optimizer] = {}
        self._learners: dict[str, list[nn.Module]] = {}
        self._losses: dict[str, Formula] = {}
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
        self._tuning = FineTuning(self.config, self.nets.values(), first_layers(self.nets))

    def begin(self, stage: str) -> None:
        """Choose films, networks and optimizers of a stage."""
        self._stage = stage
        self._learners, self._optimizers, self._losses = {}, {}, {}
        config = self.config
        core = stage in {"core", "gan", "encoder"}
        films = self.data.train.where(_in_core(self.data.train) if core else _in_sr(self.data.train))
        size = _CORE_SIZE if stage == "core" else config.size
        batch = max(1, config.batch // 2) if stage == "sr" else config.batch
        self._draw = Draw(films, films, size, config, self.share, batch)
        self.share.follow_first(self.modules)  # where each has batch norm statistics of its own
        if stage == "core":
            self._learn("main", ["encoder", "generator"], (0.5, 0.99), self._loss_of_healing)
        elif stage == "gan":
            self._learn("main", ["generator"], (0.5, 0.999), self._loss_of_drawing)
            self._learn("critic", ["discriminator"], (0.5, 0.999), self._loss_of_discriminator)
        elif stage == "encoder":
            self._learn("main", ["encoder"], (0.5, 0.999), self._loss_of_encoder)
        elif stage == "sr":
            self._learn("main", ["reducer", "super_resolution"], (0.9, 0.99), self._loss_of_enlarging)
            self._learn("critic", ["sr_critic"], (0.5, 0.99), self._loss_of_sr_critic)
        else:
            self._learn("main", ["reducer", "super_resolution"], (0.9, 0.99), self._loss_of_paper_enlarging)
            self._learn("critic", ["sr_critic"], (0.5, 0.99), self._loss_of_paper_critic)
            self._pairs = self._reconstructed(films)

    def _learn(self, name: str, names: list[str], betas: tuple[float, float], formula: Formula) -> None:
        """Give networks an optimizer and the loss that they learn by."""
        networks = [self.sr_critic if one == "sr_critic" else self.nets[one] for one in names]
        self._learners[name] = networks
        weights = [weight for network in networks for weight in network.parameters()]
        self._optimizers[name] = torch.optim.Adam(weights, self.config.learning_rate, betas)
        self._losses[name] = self.share.learning(networks, formula)

    def _update(self, name: str, *inputs: Any) -> dict[str, float]:  # of the loss's formula
        """One update of the networks that learn under this name, while all others stand still."""
        learners = self._learners[name]
        others = [net for net in (*self.nets.values(), self.sr_critic) if net not in learners]
        with still(*others):
            loss, figures = self._losses[name](*inputs)
        tuning = self._tuning if name == "main" else None
        norm = take_step(loss, self._optimizers[name], learners, self.config.clip, tuning)
        measured = {key: float(value.detach()) for key, value in figures.items()}
        return measured | ({"gradient_norm": norm} if name == "main" else {})

    def step(self, stage: str, step: int, steps: int) -> dict[str, float]:
        """Take step number `step` (from 0) of `steps`; the same step always sees the same films."""
        places = [name for name, _ in self.stages]
        place = places.index(stage)
        rng = np.random.default_rng([self.config.seed, 10 + place, step])
        randomness = torch.Generator().manual_seed(int(rng.integers(2**62)))
        alone = False
        if self._tuning:
            counts = [count for _, count in self.stages]
            self._tuning.at((sum(counts[:place]) + step) / max(1, sum(counts)))
            alone = self._tuning.critic_alone(step, steps)
        if stage == "core":
            return self._heal(rng, randomness)
        if stage == "gan":
            return self._dcgan(rng, randomness, alone)
        if stage == "encoder":
            return self._update("main", self._films(rng, randomness))
        if stage == "sr":
            return self._enlarge(rng, randomness, step, step / max(1, steps), alone)
        return self._paper_enlarge(rng, stage == "sr-gan", alone and stage == "sr-gan")

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
        figures["twin_spread"] = float(clean.std(axis=0).mean() / max(healthy.std(axis=0).mean(), 1e-6))
        rows = [
            *((healthy[k], clean[k]) for k in range(min(4, len(healthy)))),
            *((mixed[k], other[k]) for k in range(min(4, len(mixed)))),
            *((lesions.film[k], sick[k]) for k in range(min(2, len(healthy)))),
        ]
        self.sample_titles = sample_titles((), min(4, len(healthy)), min(4, len(mixed)), min(2, len(healthy)))
        return figures, sample_grid(rows, usual_excess(healthy, clean, _BLUR_SHARE), _BLUR_SHARE)

    def trial(self) -> tuple[nn.Module, torch.Tensor]:
        """The heaviest network and a batch for it, to measure a device with."""
        films = torch.zeros(self.config.batch, 1, _SMALL_SIZE, _SMALL_SIZE, device=self.device)
        return self.nets["super_resolution"], films

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
        shape = (len(film) * self.share.world, int(self.network["code"]), *_CODE_SHAPE)
        noise = self.share.cut(torch.randn(shape, generator=randomness)).to(self.device)
        return self._update("main", film, target, mask, noise)

    def _loss_of_healing(
        self, film: torch.Tensor, target: torch.Tensor, mask: torch.Tensor, noise: torch.Tensor
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        code = self._compute(self.nets["encoder"], film)
        healed = self._compute(self.nets["generator"], code + 0.1 * noise)
        loss = healing_loss(target, healed, mask, code)
        return loss, {"loss_g": loss, "error_healthy": (target - healed).abs().mean() / 2}

    def _dcgan(
        self, rng: np.random.Generator, randomness: torch.Generator, critic_alone: bool
    ) -> dict[str, float]:
        real = torch.cat([self._films(rng, randomness) for _ in range(_GAN_BATCHES)])
        self.nets["generator"].train()
        self.nets["discriminator"].train()

        def code() -> torch.Tensor:
            shape = (len(real) * self.share.world, int(self.network["latent"]))
            draws = torch.randn(shape, generator=randomness)
            return self.share.cut(draws, _GAN_BATCHES).to(self.device)

        figures = self._update("critic", real, code())
        for _ in range(0 if critic_alone else 2):  # the generator twice for each discriminator step
            figures |= self._update("main", code())
        return figures

    def _loss_of_discriminator(
        self, real: torch.Tensor, code: torch.Tensor
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        discriminator = self.nets["discriminator"]
        drawn = self._compute(self.nets["generator"], code).detach()
        loss = discriminator_loss(self._compute(discriminator, real), self._compute(discriminator, drawn))
        return loss, {"loss_d": loss}

    def _loss_of_drawing(self, code: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        drawn = self._compute(self.nets["generator"], code)
        loss = fooling_loss(self._compute(self.nets["discriminator"], drawn))
        return loss, {"loss_g": loss}

    def _loss_of_encoder(self, images: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        generator, discriminator = self.nets["generator"].eval(), self.nets["discriminator"].eval()
        assert isinstance(discriminator, DcganDiscriminator)  # noqa: S101  # of the dcgan core
        drawn = self._compute(generator, self._compute(self.nets["encoder"].train(), images))
        features = [self._compute(discriminator.features, films) for films in (images, drawn)]
        loss = encoder_loss(images, drawn, features[0].detach(), features[1])
        return loss, {"loss_e": loss}

    def _enlarge(
        self,
        rng: np.random.Generator,
        randomness: torch.Generator,
        step: int,
        fraction: float,
        critic_alone: bool,
    ) -> dict[str, float]:
        film, target, mask = self._lesions(rng, randomness)
        small = functional.interpolate(film, (_CORE_SIZE, _CORE_SIZE), mode="area")
        with torch.no_grad():
            code = self._compute(self._averaged["encoder"], small)
            core = self._compute(self._averaged["generator"], code)
        adversarial = fraction >= _CRITIC_FROM
        figures = {}
        if critic_alone or (adversarial and step % 2 == 0):
            figures = self._update("critic", core, target)
        return figures if critic_alone else figures | self._update("main", core, target, mask, adversarial)

    def _loss_of_sr_critic(
        self, core: torch.Tensor, target: torch.Tensor
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        large = self._enlarged(core)[1]
        on_real, on_fake = (self._compute(self.sr_critic, films) for films in (target, large))
        hinge = (1 - on_real).clamp_min(0).mean() + (1 + on_fake).clamp_min(0).mean()
        return hinge, {"loss_d": hinge}

    def _loss_of_enlarging(
        self, core: torch.Tensor, target: torch.Tensor, mask: torch.Tensor, adversarial: bool
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        reduced, large = self._enlarged(core)
        loss = healing_sr_loss(target, large, reduced, mask)
        if adversarial:
            critic: Any = self.sr_critic  # PatchCritic
            real, fake = (self._compute(critic.features, films)[:3] for films in (target, large))
            matching = feature_distance(real, fake, self.share)
            loss = loss + 0.02 * matching - 0.005 * self._compute(critic, large).mean()
        return loss, {"loss_g": loss, "error_healthy": (target - large).abs().mean() / 2}

    def _enlarged(self, core: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """c(g(.)) and s^ of a reconstruction."""
        reduced = self._compute(self.nets["reducer"], core)
        return reduced, self._compute(self.nets["super_resolution"], reduced)

    def _paper_enlarge(
        self, rng: np.random.Generator, adversarial: bool, critic_alone: bool
    ) -> dict[str, float]:
        assert self._pairs is not None  # noqa: S101  # made by begin
        total = self.config.batch * self.share.world
        places = rng.integers(0, len(self._pairs[0]), total)[self.share.places(total)]
        core, target = (part[places].to(self.device) for part in self._pairs)
        self.nets["reducer"].train()
        self.nets["super_resolution"].train()
        figures = self._update("critic", core, target) if adversarial else {}
        return figures if critic_alone else figures | self._update("main", core, target, adversarial)

    def _loss_of_paper_critic(
        self, core: torch.Tensor, target: torch.Tensor
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        large = self._enlarged(core)[1]
        loss = discriminator_loss(self._compute(self.sr_critic, target), self._compute(self.sr_critic, large))
        return loss, {"loss_d": loss}

    def _loss_of_paper_enlarging(
        self, core: torch.Tensor, target: torch.Tensor, adversarial: bool
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        small, large = self._enlarged(core)
        fooling = matching = None
        if adversarial:
            critic: Any = self.sr_critic  # SrDiscriminator
            fooling = fooling_loss(self._compute(critic, large))
            real, fake = (self._compute(critic.features, films) for films in (target, large))
            matching = feature_distance(real, fake, self.share)
        loss = paper_sr_loss(target, large, small, fooling, matching, self.share)
        return loss, {"loss_g": loss}

    def _films(self, rng: np.random.Generator, randomness: torch.Generator) -> torch.Tensor:
        assert self._draw is not None  # noqa: S101  # made by begin
        return to_signed(self._draw.healthy(rng, randomness, None)).to(self.device)

    def _lesions(
        self, rng: np.random.Generator, randomness: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """x_S, t, M_S; every fourth film of the core stage is clean."""
        draw = self._draw
        assert draw is not None  # noqa: S101  # made by begin
        seeds = draw.seeds(rng)
        films, others = (draw.healthy(rng, randomness, None)[:, 0].numpy() for _ in range(2))
        prior = (at_size(self.prior[None], draw.size)[0] > 0.5).astype(np.float32)
        sick, targets, masks = [], [], []
        for place, film in enumerate(films):
            if self._stage == "core" and (draw.places.start + place) % 4 == 3:
                sick.append(film)
                targets.append(film)
                masks.append(np.zeros_like(film))
                continue
            lesion = paste_lesion(film, prior, others[place], np.random.default_rng(seeds[place]))
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
