"""SR-AnoGAN: reconstruct an image from healthy anatomy alone, then super-resolve the reconstruction.

Three stages (models.md section 3): an AnoGAN core (i -> z -> g(i)), a two-layer CNN c that decreases the
size, and an SRGAN whose low-resolution input is c(g(i)) and whose target is the normal image.
`paper`: DCGAN at 128 px, latent search. `plus`: an encoder trained to heal synthetic lesions into a
spatial code (recipe.md S3). Images are in [-1, 1] inside, in [0, 1] at the border.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from core.models.anomaly_model import ModelCard
from core.models.blocks import PatchCritic, Residual, conv_norm, down


class DcganGenerator(nn.Module):
    """z `(n, dim)` -> image `(n, 1, size, size)`, tanh; no bias (models.md 3.2). 12.8 M parameters at 128."""

    def __init__(self, latent: int = 100, width: int = 64, size: int = 128) -> None:
        super().__init__()
        steps = int(math.log2(size)) - 3
        channels = width * 2**steps
        layers: list[nn.Module] = [nn.ConvTranspose2d(latent, channels, 4, 1, 0, bias=False)]
        layers += [nn.BatchNorm2d(channels), nn.ReLU()]
        for _ in range(steps):
            layers += [nn.ConvTranspose2d(channels, channels // 2, 4, 2, 1, bias=False)]
            layers += [nn.BatchNorm2d(channels // 2), nn.ReLU()]
            channels //= 2
        layers += [nn.ConvTranspose2d(channels, 1, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(*layers)
        _dcgan_init(self)

    def forward(self, latent: torch.Tensor) -> torch.Tensor:
        """Images in [-1, 1]."""
        images: torch.Tensor = self.main(latent[:, :, None, None])
        return images


class DcganDiscriminator(nn.Module):
    """Image -> logit; also the trunk of the encoder, with `outputs` numbers instead of one."""

    def __init__(self, outputs: int = 1, width: int = 64, size: int = 128) -> None:
        super().__init__()
        steps = int(math.log2(size)) - 3
        layers: list[nn.Module] = [nn.Conv2d(1, width, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
        channels = width
        for _ in range(steps):
            layers += [nn.Conv2d(channels, channels * 2, 4, 2, 1, bias=False)]
            layers += [nn.BatchNorm2d(channels * 2), nn.LeakyReLU(0.2)]
            channels *= 2
        self.body = nn.Sequential(*layers)
        self.head = nn.Conv2d(channels, outputs, 4, 1, 0, bias=False)
        _dcgan_init(self)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """`(n, outputs)`; logits when used as discriminator."""
        return torch.flatten(self.head(self.body(images)), 1)

    def features(self, images: torch.Tensor) -> torch.Tensor:
        """f: activations of the block before the last (512 channels, 8x8 at width 64, size 128)."""
        features: torch.Tensor = self.body[:-3](images)
        return features


class LatentEncoder(nn.Module):
    """izi_f encoder (f-AnoGAN): image -> z = 3 tanh(...), so that +-3 spreads of N(0, 1) can be reached."""

    def __init__(self, latent: int, width: int, size: int) -> None:
        super().__init__()
        self.trunk = DcganDiscriminator(latent, width, size)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """`(n, latent)`."""
        return 3 * torch.tanh(self.trunk(images))


class HealingEncoder(nn.Module):
    """Image `(n, 1, 64, 64)` -> spatial code `(n, code, 8, 8)`, with a context branch over the whole film.

    The wide view lets the code know what the healthy half looks like where a lesion hides the other.
    """

    def __init__(self, width: int = 16, code: int = 16) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(1, width, 5, 2, 2),
            nn.LeakyReLU(0.1),
            down(width, 2 * width),
            down(2 * width, 4 * width),
        )
        deep = 8 * width
        self.context = down(4 * width, deep)
        self.summary = nn.Sequential(
            nn.Flatten(), nn.Linear(deep * 16, deep), nn.LeakyReLU(0.1), nn.Linear(deep, deep)
        )
        self.refine = nn.Sequential(*(Residual(deep) for _ in range(3)))
        self.merge = nn.Conv2d(deep, 4 * width, 3, 1, 1)
        self.tail = nn.Sequential(*(Residual(4 * width) for _ in range(3)), nn.Conv2d(4 * width, code, 1))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Codes; the input side must be 64 px."""
        local = self.trunk(images)
        wide = self.context(local)
        wide = self.refine(wide + self.summary(wide)[:, :, None, None])
        wide = functional.interpolate(
            self.merge(wide), scale_factor=2.0, mode="bilinear", align_corners=False
        )
        code: torch.Tensor = self.tail(local + wide)
        return code


class HealingGenerator(nn.Module):
    """Code `(n, code, 8, 8)` -> `(n, 1, 64, 64)`: tanh(net + b), b a learnable image.

    b starts as atanh of the mean healthy film, so that the template costs nothing.
    """

    def __init__(self, width: int = 16, code: int = 16) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv_norm(code, 4 * width),
            _up(4 * width, 2 * width),
            conv_norm(2 * width, 2 * width),
            _up(2 * width, width),
            conv_norm(width, width),
            nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False),
            conv_norm(width, width),
            nn.Conv2d(width, 1, 3, 1, 1),
        )
        self.template = nn.Parameter(torch.zeros(1, 1, 64, 64))

    def set_template(self, mean_film: torch.Tensor) -> None:
        """Start from the mean healthy film `(1, 1, 64, 64)` in [-1, 1]."""
        with torch.no_grad():
            self.template.copy_(torch.atanh(mean_film.clamp(-0.98, 0.98)))

    def forward(self, code: torch.Tensor) -> torch.Tensor:
        """Images in [-1, 1]."""
        return torch.tanh(self.body(code) + self.template)


class SizeReducer(nn.Module):
    """c: the two-layer CNN that decreases the size to 32 px (models.md 3.3); 609 parameters."""

    def __init__(self, strides: tuple[int, int] = (2, 2)) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(1, 32, 3, strides[0], 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 1, 3, strides[1], 1),
            nn.Tanh(),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Small images in [-1, 1]."""
        small: torch.Tensor = self.body(images)
        return small


class SrResNet(nn.Module):
    """Super-resolution generator (models.md 3.4): `(n, 1, 32, 32)` -> `(n, 1, 32 * 2^doublings, ...)`.

    `batch_norm=False` is the `plus` form: blocks scaled by 0.2 and a bicubic skip, so that it starts as
    bicubic enlargement.
    """

    def __init__(self, channels: int, blocks: int, doublings: int, *, batch_norm: bool) -> None:
        super().__init__()
        edge = 9 if batch_norm else 5
        self.batch_norm = batch_norm
        self.stem = nn.Sequential(nn.Conv2d(1, channels, edge, 1, edge // 2), nn.PReLU())
        self.blocks = nn.ModuleList(_sr_block(channels, batch_norm) for _ in range(blocks))
        self.join = (
            nn.Sequential(nn.Conv2d(channels, channels, 3, 1, 1), nn.BatchNorm2d(channels))
            if batch_norm
            else nn.Identity()
        )
        ups: list[nn.Module] = []
        for _ in range(doublings):
            ups += [nn.Conv2d(channels, channels * 4, 3, 1, 1), nn.PixelShuffle(2), nn.PReLU()]
        self.ups = nn.Sequential(*ups)
        self.head = nn.Conv2d(channels, 1, edge, 1, edge // 2)
        if not batch_norm:
            _same_start_in_every_shuffle(self.ups)
            with torch.no_grad():
                self.head.weight.mul_(0.1)

    def forward(self, small: torch.Tensor) -> torch.Tensor:
        """Large images in [-1, 1]."""
        stem = self.stem(small)
        features = stem
        for block in self.blocks:
            step = block(features)
            features = features + (step if self.batch_norm else 0.2 * step)
        features = self.ups(self.join(features) + stem if self.batch_norm else features)
        output = self.head(features)
        if self.batch_norm:
            return torch.tanh(output)
        scale = output.shape[-1] // small.shape[-1]
        large = functional.interpolate(small, scale_factor=float(scale), mode="bicubic", align_corners=False)
        enlarged: torch.Tensor = (large + output).clamp(-1, 1)
        return enlarged


class SrDiscriminator(nn.Module):
    """SRGAN discriminator with global average pooling: size-independent, 5.2 M parameters."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(1, 64, 3, 1, 1), nn.LeakyReLU(0.2)]
        inputs = 64
        for outputs, stride in ((64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1), (512, 2)):
            layers += [nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2)]
            inputs = outputs
        self.body = nn.Sequential(*layers)
        self.head = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(512, 1024, 1), nn.LeakyReLU(0.2), nn.Conv2d(1024, 1, 1)
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits `(n, 1)`."""
        return torch.flatten(self.head(self.body(images)), 1)

    def features(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Outputs after three of the strided blocks, for feature matching."""
        outputs = []
        for place, layer in enumerate(self.body):
            images = layer(images)
            if place in {4, 10, 16}:
                outputs.append(images)
        return outputs


def build_stages(network: dict[str, Any]) -> nn.ModuleDict:  # JSON of a model card
    """All networks that a card describes, by role.

    `paper`: generator, discriminator, (encoder), reducer, super_resolution. `plus`: encoder, generator,
    reducer, super_resolution. Raises `ValueError` for sizes that cannot be built.
    """
    for name, smallest in (("size", 16), ("sr_size", 32)):
        side = int(network.get(name, smallest))
        if side < smallest or side & (side - 1):
            raise ValueError(f"{name} is {side} px; it must be a power of two from {smallest} px on")
    if network["core"] == "dcgan":
        latent, width, size = (int(network[name]) for name in ("latent", "width", "size"))
        stages: dict[str, nn.Module] = {
            "generator": DcganGenerator(latent, width, size),
            "discriminator": DcganDiscriminator(1, width, size),
        }
        if network.get("encoder"):
            stages["encoder"] = LatentEncoder(latent, width, size)
        strides = (2, 2) if size == 128 else (2, 1)
    elif network["core"] == "healing":
        width, code = int(network["width"]), int(network["code"])
        stages = {"encoder": HealingEncoder(width, code), "generator": HealingGenerator(width, code)}
        strides = (2, 1)
    else:
        raise ValueError(f"There is no SR-AnoGAN core called {network['core']!r}.")
    stages["reducer"] = SizeReducer(strides)
    stages["super_resolution"] = SrResNet(
        int(network["sr_channels"]),
        int(network["sr_blocks"]),
        int(math.log2(int(network["sr_size"]) // 32)),
        batch_norm=bool(network["sr_batch_norm"]),
    )
    return nn.ModuleDict(stages)


def latent_search(
    generator: nn.Module,
    discriminator: DcganDiscriminator | None,
    images: torch.Tensor,
    start: torch.Tensor,
    steps: int,
    *,
    feature_weight: float = 0.1,
) -> torch.Tensor:
    """AnoGAN's search: the z whose G(z) comes closest to the images, of the shape of `start`.

    Minimises (1 - l) sum|x - G(z)| + l sum|f(x) - f(G(z))| + 1e-3 |z|^2 with l = `feature_weight`; Adam,
    0.05 -> 0.005 by cosine; |z| is kept below 1.2 sqrt(dim). Networks must be frozen and in eval mode.
    Without a discriminator the part with its features f is left out.
    """
    with torch.enable_grad():
        wanted = None if discriminator is None else discriminator.features(images).detach()
        code = start.detach().clone().requires_grad_(True)
        optimizer = torch.optim.Adam([code], lr=0.05)
        radius = 1.2 * math.sqrt(code[0].numel())
        for step in range(steps):
            optimizer.param_groups[0]["lr"] = 0.005 + 0.0225 * (1 + math.cos(math.pi * step / max(1, steps)))
            drawn = generator(code)
            loss = (1 - feature_weight) * (images - drawn).abs().sum()
            if discriminator is not None and wanted is not None:
                loss = loss + feature_weight * (wanted - discriminator.features(drawn)).abs().sum()
            loss = loss + 1e-3 * code.square().sum()
            (gradient,) = torch.autograd.grad(loss, code)
            code.grad = gradient
            optimizer.step()
            with torch.no_grad():
                length = code.flatten(1).norm(dim=1).clamp_min(1e-6)
                code.mul_((radius / length).clamp_max(1.0).view(-1, *[1] * (code.dim() - 1)))
    return code.detach()


class SrAnoGan:
    """The model as the program uses it: grey [0, 1] in, super-resolved healthy reconstruction out."""

    def __init__(self, card: ModelCard, stages: nn.ModuleDict) -> None:
        self.card = card
        self.stages = stages.eval().requires_grad_(False)

    @property
    def networks(self) -> tuple[nn.Module, ...]:
        """All stages, as one."""
        return (self.stages,)

    def reconstruct(self, batch: torch.Tensor) -> torch.Tensor:
        """g(i): the AnoGAN core's reconstruction `(n, 1, s, s)` in [0, 1], at the core's own size."""
        images = batch * 2 - 1
        network = self.card.network
        if network["core"] == "healing":
            small = functional.interpolate(images, size=(64, 64), mode="area")
            result = self.stages["generator"](self.stages["encoder"](small))
        else:
            small = functional.interpolate(images, size=(network["size"], network["size"]), mode="area")
            result = self.stages["generator"](self._latent(small))
        reconstruction: torch.Tensor = (result + 1) / 2
        return reconstruction

    def stage_one(self, batch: torch.Tensor, steps: int) -> torch.Tensor:
        """Plain AnoGAN: g(z) `(n, 1, s, s)` in [0, 1], z found by `steps` of search and by no encoder.

        Begins at a fixed random code, for the healing core at the zero code, whose image is near the mean
        healthy film. For comparison only; the model itself never answers so.
        """
        network, generator = self.card.network, self.stages["generator"]
        healing = network["core"] == "healing"
        size = 64 if healing else int(network["size"])
        images = functional.interpolate(batch * 2 - 1, size=(size, size), mode="area")
        if healing:
            start = images.new_zeros(len(images), int(network["code"]), size // 8, size // 8)
            code = latent_search(generator, None, images, start, steps)
        else:
            discriminator = self.stages["discriminator"]
            assert isinstance(discriminator, DcganDiscriminator)  # noqa: S101  # the card said dcgan
            code = latent_search(generator, discriminator, images, self._fixed_code(images), steps)
        with torch.no_grad():
            return torch.as_tensor((generator(code) + 1) / 2)

    def _fixed_code(self, images: torch.Tensor) -> torch.Tensor:
        seed = torch.Generator(device="cpu").manual_seed(0)
        start = torch.randn(1, int(self.card.network["latent"]), generator=seed)
        return start.to(images).expand(len(images), -1)

    def _latent(self, images: torch.Tensor) -> torch.Tensor:
        steps = int(self.card.network["latent_steps"])
        start = self.stages["encoder"](images) if "encoder" in self.stages else self._fixed_code(images)
        generator, discriminator = self.stages["generator"], self.stages["discriminator"]
        assert isinstance(generator, DcganGenerator)  # noqa: S101  # the card said dcgan
        assert isinstance(discriminator, DcganDiscriminator)  # noqa: S101
        return latent_search(generator, discriminator, images, start, steps)

    @torch.no_grad()
    def healthy(self, batch: torch.Tensor) -> torch.Tensor:
        """Healthy reconstructions `(n, 1, s, s)` in [0, 1] at the size of the batch."""
        core = self.reconstruct(batch) * 2 - 1
        large = self.stages["super_resolution"](self.stages["reducer"](core))
        if large.shape[-1] != batch.shape[-1]:
            large = functional.interpolate(large, size=batch.shape[-2:], mode="bilinear", align_corners=False)
        return torch.as_tensor((large + 1) / 2).clamp(0, 1)

    def realism(self, batch: torch.Tensor) -> torch.Tensor | None:  # of the protocol
        """SR-AnoGAN has no critic of whole images: None."""
        return None

    def to(self, device: torch.device) -> SrAnoGan:
        """Move to a device; returns itself."""
        self.stages.to(device)
        return self


def build_patch_discriminator() -> PatchCritic:
    """Spectrally normalised patch discriminator of the `plus` SR stage; used in training only."""
    critic = PatchCritic(1, (32, 64, 128, 128), 0.2)
    for module in critic.modules():
        if isinstance(module, nn.Conv2d):
            nn.utils.parametrizations.spectral_norm(module)
    return critic


def _up(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(inputs, outputs, 4, 2, 1), nn.GroupNorm(8, outputs), nn.LeakyReLU(0.1)
    )


def _sr_block(channels: int, batch_norm: bool) -> nn.Sequential:
    norm = (lambda: nn.BatchNorm2d(channels)) if batch_norm else nn.Identity
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, 1, 1),
        norm(),
        nn.PReLU(),
        nn.Conv2d(channels, channels, 3, 1, 1),
        norm(),
    )


def _same_start_in_every_shuffle(ups: nn.Sequential) -> None:
    """ICNR: the four sub-pixels of a shuffle start equal, so that no checkerboard is there to unlearn."""
    for layer in ups:
        if isinstance(layer, nn.Conv2d):
            with torch.no_grad():
                for values in layer.parameters():  # the biases too: each would be a pattern of its own
                    values.copy_(values[::4].repeat_interleave(4, dim=0))


def _dcgan_init(module: nn.Module) -> None:
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0.0, 0.02)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1.0, 0.02)
