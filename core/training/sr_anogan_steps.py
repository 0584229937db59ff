"""SR-AnoGAN's losses and the steps of its three stages, for `paper` (DCGAN) and `plus`/`lite` (healing).

Symbols: t healthy film, x_S the same with a synthetic lesion at M_S, z code, g generator, c the size-reducing
CNN, SR the super-resolution generator, s^ = SR(c(g(.))). Images in [-1, 1]. Sources: models.md section 3 for
`paper`, recipe.md S3 for the healing core.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from core.models.sr_anogan import DcganGenerator, HealingEncoder, SrResNet
from core.training.processes import ALONE, Share


def first_layers(networks: nn.ModuleDict) -> list[nn.Module]:
    """The first layers of encoder, generator and super-resolution, which wait at first in fine-tuning."""
    layers: list[nn.Module] = []
    for network in networks.values():
        if isinstance(network, HealingEncoder):
            layers.append(network.trunk)
        elif isinstance(network, DcganGenerator):
            layers.append(network.main[:9])  # three times convolution, norm, ReLU
        elif isinstance(network, SrResNet):
            layers.append(network.stem)
    return layers


def discriminator_loss(
    real_logits: torch.Tensor, fake_logits: torch.Tensor, smooth: float = 0.9
) -> torch.Tensor:
    """Non-saturating BCE with label smoothing on real films (DCGAN, SRGAN)."""
    real = functional.binary_cross_entropy_with_logits(real_logits, torch.full_like(real_logits, smooth))
    fake = functional.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    return real + fake


def fooling_loss(fake_logits: torch.Tensor) -> torch.Tensor:
    """The generator's side of it: fakes called real."""
    return functional.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


def gradient_difference(target: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    """|d/dx (t - y)|_1 + |d/dy (t - y)|_1, means over all elements."""
    error = target - image
    across = (error[..., :, 1:] - error[..., :, :-1]).abs().mean()
    down = (error[..., 1:, :] - error[..., :-1, :]).abs().mean()
    total: torch.Tensor = across + down
    return total


def healing_loss(
    target: torch.Tensor, healed: torch.Tensor, mask: torch.Tensor, code: torch.Tensor
) -> torch.Tensor:
    """L_1st = E[(1 + 6 M_S)|t - g(z)|] + gradient difference + 1e-3 E z^2."""
    error = ((1 + 6 * mask) * (target - healed).abs()).mean()
    total: torch.Tensor = error + gradient_difference(target, healed) + 1e-3 * code.square().mean()
    return total


def encoder_loss(
    images: torch.Tensor, drawn: torch.Tensor, features: torch.Tensor, drawn_features: torch.Tensor
) -> torch.Tensor:
    """izi_f: MSE(x, G(E(x))) + kappa MSE(f(x), f(G(E(x)))), kappa = 1 (f-AnoGAN)."""
    return functional.mse_loss(drawn, images) + functional.mse_loss(drawn_features, features)


def healing_sr_loss(
    target: torch.Tensor, large: torch.Tensor, small: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """E[(1 + 6 M)|t - s^|] + gradient difference + 0.2 |c - area(t)|: c stays a small picture."""
    error = ((1 + 6 * mask) * (target - large).abs()).mean()
    anchor = (small - functional.interpolate(target, size=small.shape[-2:], mode="area")).abs().mean()
    total: torch.Tensor = error + gradient_difference(target, large) + 0.2 * anchor
    return total


def feature_distance(
    real: list[torch.Tensor], fake: list[torch.Tensor], share: Share = ALONE
) -> torch.Tensor:
    """Sum over layers of |f(t) - f(s^)| / |f(t)|, means over all elements of the whole batch."""
    parts = [
        share.mean((one.detach() - other).abs().mean())
        / share.mean(one.detach().abs().mean()).clamp_min(1e-6)
        for one, other in zip(real, fake, strict=True)
    ]
    return torch.stack(parts).sum()


def paper_sr_loss(
    target: torch.Tensor,
    large: torch.Tensor,
    small: torch.Tensor,
    fooling: torch.Tensor | None,
    matching: torch.Tensor | None,
    share: Share = ALONE,
) -> torch.Tensor:
    """MSE + 0.1 anchor + 2e-8 TV; second phase + 1e-3 adversarial + feature matching (models.md 3.4).

    TV is a sum over the films of all processes, the rest are means.
    """
    anchor = (small - functional.interpolate(target, size=small.shape[-2:], mode="area")).abs().mean()
    variation = (large[..., :, 1:] - large[..., :, :-1]).abs().sum() + (
        large[..., 1:, :] - large[..., :-1, :]
    ).abs().sum()
    loss = functional.mse_loss(large, target) + 0.1 * anchor + 2e-8 * share.world * variation
    if fooling is not None and matching is not None:
        loss = loss + 1e-3 * fooling + matching
    total: torch.Tensor = loss
    return total
