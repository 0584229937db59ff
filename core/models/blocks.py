"""Blocks that both kinds of network share. Group norm or none: nothing differs between train and eval."""

from __future__ import annotations

import torch
from torch import nn

_GROUPS = 8
_SLOPE = 0.1


def conv_norm(inputs: int, outputs: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    """Convolution, group norm (8 groups), leaky ReLU 0.1; keeps the size for stride 1, halves it for 2."""
    padding = (kernel - stride) // 2 if kernel % 2 == 0 else kernel // 2
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding),
        nn.GroupNorm(_GROUPS, outputs),
        nn.LeakyReLU(_SLOPE),
    )


def down(inputs: int, outputs: int) -> nn.Sequential:
    """Halve the size with a 4x4 convolution, then refine with a 3x3 one."""
    return nn.Sequential(conv_norm(inputs, outputs, 4, 2), conv_norm(outputs, outputs))


class Residual(nn.Module):
    """Two 3x3 convolutions with group norm around an identity skip."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            conv_norm(channels, channels),
            nn.Conv2d(channels, channels, 3, 1, 1),
            nn.GroupNorm(_GROUPS, channels),
        )

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        """Same shape out as in."""
        result: torch.Tensor = features + self.body(features)
        return result


class PatchCritic(nn.Module):
    """Strided 4x4 convolutions with leaky ReLU, then one score for each patch; no norm, no sigmoid.

    `(n, channels, side, side)` -> `(n, 1, side / 2^layers, ...)`. `widths` one entry a layer.
    `smallest_px`: side of the smallest image that leaves a patch.
    """

    def __init__(
        self, channels: int, widths: tuple[int, ...], slope: float, *, head_bias: bool = True
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in zip((channels, *widths[:-1]), widths, strict=True):
            layers += [nn.Conv2d(inputs, outputs, 4, 2, 1), nn.LeakyReLU(slope)]
        self.body = nn.Sequential(*layers)
        self.head = nn.Conv2d(widths[-1], 1, 3, 1, 1, bias=head_bias)
        self.smallest_px = 2 ** len(widths)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Patch scores; larger = more like a healthy image."""
        scores: torch.Tensor = self.head(self.body(images))
        return scores

    def features(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Outputs of every layer, for feature matching."""
        outputs = []
        for layer in self.body:
            images = layer(images)
            if isinstance(layer, nn.LeakyReLU):
                outputs.append(images)
        return outputs
