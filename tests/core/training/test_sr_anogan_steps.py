"""SR-AnoGAN's losses against formulas written down a second time."""

from __future__ import annotations

import math

import pytest
import torch

from core.training.sr_anogan_steps import (
    discriminator_loss,
    encoder_loss,
    feature_distance,
    fooling_loss,
    gradient_difference,
    healing_loss,
    healing_sr_loss,
    paper_sr_loss,
)


def _images(seed: int, size: int = 8) -> torch.Tensor:
    return torch.rand(2, 1, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_adversarial_losses_are_cross_entropies_with_smoothed_real_labels() -> None:
    real, fake = torch.tensor([[2.0]]), torch.tensor([[-1.0]])
    p_real, p_fake = 1 / (1 + math.exp(-2)), 1 / (1 + math.exp(1))

    expected = -(0.9 * math.log(p_real) + 0.1 * math.log(1 - p_real)) - math.log(1 - p_fake)
    assert discriminator_loss(real, fake).item() == pytest.approx(expected, rel=1e-5)
    assert fooling_loss(fake).item() == pytest.approx(-math.log(p_fake), rel=1e-5)


def test_gradient_difference_sees_edges_and_no_shift() -> None:
    image = _images(0)
    stripes = torch.zeros(1, 1, 4, 4)
    stripes[..., ::2] = 1

    assert gradient_difference(image, image + 0.3).item() == pytest.approx(0, abs=1e-6)
    assert gradient_difference(stripes, torch.zeros_like(stripes)).item() == pytest.approx(1)


def test_healing_weighs_the_lesion_seven_times() -> None:
    target, code = torch.zeros(1, 1, 8, 8), torch.zeros(1, 4)
    mask = torch.zeros_like(target)
    mask[..., 4, 4] = 1
    flat = torch.full_like(target, 0.5)

    outside = healing_loss(target, flat, torch.zeros_like(mask), code).item()
    assert outside == pytest.approx(0.5)
    assert healing_loss(target, flat, mask, code).item() == pytest.approx(0.5 * (64 + 6) / 64)
    assert healing_loss(target, flat, mask, code + 2).item() == pytest.approx(0.5 * 70 / 64 + 4e-3)


def test_the_encoder_is_held_to_image_and_features() -> None:
    a, b = _images(1), _images(2)
    loss = encoder_loss(a, b, a * 3, b * 3)

    torch.testing.assert_close(loss, (a - b).square().mean() + 9 * (a - b).square().mean())


def test_the_reducing_cnn_is_anchored_to_a_small_picture() -> None:
    target = _images(3)
    small = torch.nn.functional.avg_pool2d(target, 2)
    none = torch.zeros_like(target)

    assert healing_sr_loss(target, target, small, none).item() == pytest.approx(0, abs=1e-6)
    assert healing_sr_loss(target, target, small + 0.5, none).item() == pytest.approx(0.1, rel=1e-4)
    assert paper_sr_loss(target, target, small + 0.5, None, None).item() == pytest.approx(
        0.05 + 2e-8 * _variation(target), rel=1e-4
    )


def test_the_papers_second_phase_adds_both_terms() -> None:
    target, large = _images(4), _images(5)
    small = torch.nn.functional.avg_pool2d(target, 2)
    first = paper_sr_loss(target, large, small, None, None)
    second = paper_sr_loss(target, large, small, torch.tensor(2.0), torch.tensor(0.25))

    assert (second - first).item() == pytest.approx(1e-3 * 2 + 0.25, rel=1e-4)


def test_feature_distance_is_relative_and_teaches_the_fake_side_only() -> None:
    real = [torch.full((1, 2), 2.0, requires_grad=True), torch.full((1, 2), 100.0)]
    fake = [torch.full((1, 2), 3.0, requires_grad=True), torch.full((1, 2), 110.0)]
    distance = feature_distance(real, fake)
    torch.autograd.backward(distance)

    assert distance.item() == pytest.approx(0.5 + 0.1)
    assert real[0].grad is None
    assert fake[0].grad is not None


def _variation(image: torch.Tensor) -> float:
    across = (image[..., :, 1:] - image[..., :, :-1]).abs().sum()
    down = (image[..., 1:, :] - image[..., :-1, :]).abs().sum()
    return float(across + down)
