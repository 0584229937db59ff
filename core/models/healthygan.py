"""HealthyGAN: one-directional translation of any image to its healthy twin (arXiv 2209.01822).

`paper`: the reference to the layer (models.md section 1), three channels, instance norm.
`plus` and `lite`: U-Net with residual raw output and group norm (recipe.md section 3), one channel.
Written from the formulas; images are in [-1, 1] inside this module and in [0, 1] at its border.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn import functional

from core.models.anomaly_model import ModelCard
from core.models.blocks import PatchCritic, conv_norm, down

NO_CRITIC = 0  # `critic_layers` of a card whose model came without one


class Translation(NamedTuple):
    """What the generator answers: raw image y, attention mask m in (0, 1), composite x' = m*y + (1-m)*x."""

    raw: torch.Tensor
    mask: torch.Tensor
    composite: torch.Tensor


class PaperGenerator(nn.Module):
    """The generator of the reference: 7x7 stem, two strided, six residual, two transposed, 7x7 head.

    `(n, 3, s, s)` -> Translation. 8,417,984 parameters at width 64. Instance norm uses each image's own
    statistics always: the reference tracks running ones that it never uses (models.md 1.11, defect 4).
    """

    def __init__(self, width: int = 64, residual_blocks: int = 6) -> None:
        super().__init__()

        def norm(channels: int) -> nn.InstanceNorm2d:
            return nn.InstanceNorm2d(channels, affine=True, track_running_stats=False)

        layers: list[nn.Module] = [nn.Conv2d(3, width, 7, 1, 3, bias=False), norm(width), nn.ReLU()]
        for factor in (1, 2):
            inputs, outputs = width * factor, width * factor * 2
            layers += [nn.Conv2d(inputs, outputs, 4, 2, 1, bias=False), norm(outputs), nn.ReLU()]
        layers += [_PaperResidual(width * 4, norm) for _ in range(residual_blocks)]
        for factor in (4, 2):
            inputs, outputs = width * factor, width * factor // 2
            layers += [nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=False), norm(outputs), nn.ReLU()]
        layers.append(nn.Conv2d(width, 4, 7, 1, 3, bias=False))
        self.main = nn.Sequential(*layers)

    def forward(self, images: torch.Tensor) -> Translation:
        """Translate images in [-1, 1]; y = tanh(r), m = (tanh(a) + 1) / 2 (models.md 1.3)."""
        output = self.main(images)
        raw = torch.tanh(output[:, :3])
        mask = (torch.tanh(output[:, 3:]) + 1) / 2
        return Translation(raw, mask, mask * raw + (1 - mask) * images)


class _PaperResidual(nn.Module):
    def __init__(self, channels: int, norm: Any) -> None:  # Any: a local factory of InstanceNorm2d
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            norm(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            norm(channels),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = features + self.main(features)
        return result


class UNetGenerator(nn.Module):
    """Recipe v2: U-Net whose raw output is a residual, so that the identity is free at step 0.

    `(n, 1, s, s)` -> Translation; s divisible by 32. y = clamp(x + 2 tanh(o0)), m = sigmoid(2 o1).
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        widths = (width, 2 * width, 4 * width, 6 * width, 8 * width)
        self.stem = nn.Sequential(nn.Conv2d(1, width, 5, 2, 2), nn.LeakyReLU(0.1))
        self.downs = nn.ModuleList(down(inputs, outputs) for inputs, outputs in pairwise(widths))
        self.ups = nn.ModuleList(
            nn.Sequential(conv_norm(deep + skip, skip), conv_norm(skip, skip))
            for deep, skip in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        self.head = nn.Conv2d(width, 2, 3, 1, 1)
        with torch.no_grad():
            # Start as the identity with a half-closed mask: both absorbing states of the mask stay far.
            self.head.weight.mul_(0.05)
            self.head.bias.copy_(torch.tensor([0.0, -1.0]))  # type: ignore[union-attr]  # has a bias

    def forward(self, images: torch.Tensor) -> Translation:
        """Translate images in [-1, 1]."""
        skips = [self.stem(images)]
        for layer in self.downs:
            skips.append(layer(skips[-1]))
        features = skips.pop()
        for layer in self.ups:
            features = functional.interpolate(features, scale_factor=2.0, mode="nearest")
            features = layer(torch.cat([features, skips.pop()], dim=1))
        features = functional.interpolate(features, scale_factor=2.0, mode="bilinear", align_corners=False)
        output = self.head(features)
        raw = (images + 2 * torch.tanh(output[:, :1])).clamp(-1, 1)
        mask = torch.sigmoid(2 * output[:, 1:])
        return Translation(raw, mask, mask * raw + (1 - mask) * images)


def build_generator(network: dict[str, Any]) -> nn.Module:  # JSON of a model card
    """The generator that a card describes: {"generator": "paper" | "u-net", "width": n, ...}."""
    if network["generator"] == "paper":
        return PaperGenerator(int(network["width"]), int(network["residual_blocks"]))
    if network["generator"] == "u-net":
        return UNetGenerator(int(network["width"]))
    raise ValueError(f"There is no HealthyGAN generator called {network['generator']!r}.")


def has_critic(network: dict[str, Any]) -> bool:  # JSON of a model card
    """Whether the model came with a critic; an imported generator may have come alone."""
    return network.get("critic_layers") != NO_CRITIC


def build_critic(network: dict[str, Any]) -> PatchCritic:  # JSON of a model card
    """The critic that a card describes; `paper` has 44,721,088 parameters at width 64 and six layers."""
    if network["generator"] == "paper":
        width = int(network["width"])
        widths = tuple(width * 2**layer for layer in range(int(network["critic_layers"])))
        return PatchCritic(3, widths, 0.01, head_bias=False)
    return PatchCritic(1, tuple(int(width) for width in network["critic_widths"]), 0.2)


class HealthyGan:
    """The model as the program uses it: grey [0, 1] in, healthy twin out, with the critic's opinion if any.

    Raises `ValueError` when the networks cannot read films of the size that the card states.
    """

    def __init__(self, card: ModelCard, generator: nn.Module, critic: PatchCritic | None) -> None:
        size, step = card.input_spec.size, 4 if card.network["generator"] == "paper" else 32
        smallest = step if critic is None else critic.smallest_px
        if size % step or size < smallest:
            raise ValueError(
                f"a grid of {size} px is not a multiple of {step} px, or smaller than {smallest} px"
            )
        self.card = card
        self.generator = generator.eval().requires_grad_(False)
        self.critic = None if critic is None else critic.eval().requires_grad_(False)
        self._channels = 3 if card.network["generator"] == "paper" else 1

    @property
    def networks(self) -> tuple[nn.Module, ...]:
        """Generator, and critic if there is one."""
        return (self.generator,) if self.critic is None else (self.generator, self.critic)

    @torch.inference_mode()
    def translate(self, batch: torch.Tensor) -> Translation:
        """Raw image, mask and composite of grey images `(n, 1, s, s)` in [0, 1]; all three in [0, 1]."""
        result = self.generator((batch * 2 - 1).expand(-1, self._channels, -1, -1))
        raw, mask, composite = result
        return Translation(_grey(raw), mask, _grey(composite))

    def healthy(self, batch: torch.Tensor) -> torch.Tensor:
        """Healthy twins `(n, 1, s, s)` in [0, 1]."""
        return self.translate(batch).composite

    @torch.inference_mode()
    def realism(self, batch: torch.Tensor) -> torch.Tensor | None:
        """Mean patch score of the critic, larger = healthier; None without a critic."""
        if self.critic is None:
            return None
        scores = self.critic((batch * 2 - 1).expand(-1, self._channels, -1, -1))
        return torch.as_tensor(scores).mean(dim=(1, 2, 3))

    def to(self, device: torch.device) -> HealthyGan:
        """Move to a device; returns itself."""
        self.generator.to(device)
        if self.critic is not None:
            self.critic.to(device)
        return self


def _grey(images: torch.Tensor) -> torch.Tensor:
    return ((images.mean(dim=1, keepdim=True) + 1) / 2).clamp(0, 1)
