"""HealthyGAN's losses against formulas written down a second time, and who learns in which step."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.models.healthygan import Translation, build_critic, build_generator
from core.training.config import PRESETS
from core.training.healthygan_steps import (
    HealingBatch,
    HealthyGanStep,
    critic_loss,
    diff_augment,
    focus,
    gradient_penalty,
    paper_generator_loss,
    paper_mask_loss,
    ramp,
    recipe_generator_loss,
    untranslated_mix,
)

NETWORK = {"generator": "u-net", "width": 8, "critic_widths": [8, 16]}
CONFIG = PRESETS["healthygan", "lite"].with_changes(size=64, width=8, batch=2)


class _Linear(nn.Module):
    """D(x) = w · x."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return (images * self.weight).sum(dim=(1, 2, 3))


def _images(count: int = 3, seed: int = 0, size: int = 8) -> torch.Tensor:
    return torch.rand(count, 1, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def _translation(images: torch.Tensor, seed: int) -> Translation:
    randomness = torch.Generator().manual_seed(seed)
    raw = torch.rand(images.shape, generator=randomness) * 2 - 1
    mask = torch.rand(images.shape, generator=randomness)
    return Translation(raw, mask, mask * raw + (1 - mask) * images)


def test_the_penalty_of_a_linear_critic_is_known() -> None:
    """Grad D = w everywhere, so the penalty is (|w| - 1)^2 for any images and any alpha."""
    weight = torch.randn(1, 8, 8, generator=torch.Generator().manual_seed(1))
    critic = _Linear(weight)
    penalty = gradient_penalty(critic, _images(seed=1), _images(seed=2), torch.rand(3, 1, 1, 1))

    assert penalty.item() == pytest.approx((weight.norm().item() - 1) ** 2, rel=1e-5)


def test_the_penalty_pulls_the_critics_slope_to_one() -> None:
    """It must itself be differentiable: without `create_graph` the critic would never hear of it."""
    critic = _Linear(torch.full((1, 8, 8), 2.0 / 8))  # |w| = 2
    penalty = gradient_penalty(critic, _images(seed=1), _images(seed=2), torch.rand(3, 1, 1, 1))
    torch.autograd.backward(penalty)

    assert critic.weight.grad is not None
    direction = critic.weight.grad / critic.weight.detach()
    torch.testing.assert_close(direction, torch.ones_like(direction))  # d (|w|-1)^2 / dw = 2 (|w|-1) w/|w|


def test_the_critic_is_paid_for_telling_apart() -> None:
    critic = _Linear(torch.ones(1, 8, 8))
    real, fake = torch.full((2, 1, 8, 8), 0.5), torch.full((2, 1, 8, 8), -0.25)
    loss, figures = critic_loss(critic, real, fake, penalty_weight=0, generator=torch.Generator())

    assert loss.item() == pytest.approx(-64 * 0.75)
    assert figures == {"critic_gap": pytest.approx(64 * 0.75), "loss_d": pytest.approx(-64 * 0.75)}


def test_half_of_the_fakes_are_the_untranslated_films() -> None:
    original, composite = torch.zeros(2000, 1, 1, 1), torch.ones(2000, 1, 1, 1)
    mixed = untranslated_mix(composite, original, torch.Generator().manual_seed(0))

    assert set(mixed.unique().tolist()) == {0.0, 1.0}
    assert mixed.mean().item() == pytest.approx(0.5, abs=0.05)


def test_the_papers_mask_loss_has_the_two_traps_that_the_recipe_avoids() -> None:
    """At 0 and 1 it is least, with a slope against leaving; `focus` has a finite slope in between."""
    zero, half, one = (torch.full((1, 1, 4, 4), value) for value in (0.0, 0.5, 1.0))

    assert paper_mask_loss(zero).item() == pytest.approx(0, abs=1e-5)
    assert paper_mask_loss(one).item() == pytest.approx(1, abs=1e-5)
    assert paper_mask_loss(half).item() == pytest.approx(0.25 + 100 - 1 / 0.51, rel=1e-4)
    near = torch.full((1, 1, 4, 4), 0.49, requires_grad=True)
    torch.autograd.backward(paper_mask_loss(near))
    assert near.grad is not None
    steep = near.grad.sum().item()
    near.grad = None
    torch.autograd.backward(focus(near, 0.35))
    assert abs(near.grad.sum().item()) < 5 < abs(steep)


def test_focus_bears_small_areas_only() -> None:
    small = torch.zeros(1, 1, 10, 10)
    small[..., :3] = 1  # 30 %
    large = torch.zeros(1, 1, 10, 10)
    large[..., :5] = 1  # 50 %

    assert focus(small, 0.35).item() == 0
    assert focus(large, 0.35).item() == pytest.approx(10 * 0.15**2)


def test_the_papers_generator_loss_is_the_papers() -> None:
    critic = _Linear(torch.full((1, 8, 8), 0.01))
    mixed, healthy = _images(seed=3), _images(seed=4)
    a, b = _translation(mixed, 5), _translation(healthy, 6)
    loss = paper_generator_loss(critic, mixed, healthy, a, b)

    fooled = -critic(a.composite).mean() - critic(b.composite).mean()
    identity = (healthy - b.raw).abs().mean()
    reverse = ((1 - a.mask) * (mixed - a.raw).abs()).mean()
    masks = sum(
        0.5 * (m.mean() ** 2 + (1 / ((m - 0.5).abs() + 0.01) - 1 / 0.51).mean()) for m in (a.mask, b.mask)
    )
    torch.testing.assert_close(loss, fooled + identity + reverse + 0.1 * masks)


def test_a_perfect_twin_costs_less_than_one_that_changes_the_healthy() -> None:
    mixed, healthy = _images(seed=3), _images(seed=4)
    mask = torch.zeros_like(mixed)
    mask[..., 2:4, 2:4] = 1
    lesions = HealingBatch(healthy + mask * 0.3, healthy, mask)
    off = torch.full_like(mixed, 1e-3)
    untouched = Translation(healthy, off, healthy)
    healed = Translation(healthy, mask, healthy)

    def loss(on_healthy: Translation, on_lesions: Translation) -> float:
        on_mixed = Translation(mixed, off, mixed)
        return recipe_generator_loss(mixed, healthy, lesions, on_mixed, on_healthy, on_lesions, 1.0).item()

    assert loss(untouched, healed) < 0.05
    assert loss(Translation(healthy * 0.8, 1 - off, healthy * 0.8), healed) > 1
    assert loss(untouched, Translation(lesions.film, off, lesions.film)) > 1


@pytest.mark.parametrize(
    ("fraction", "height"), [(0.0, 0.0), (0.1, 0.0), (0.15, 0.5), (0.2, 1.0), (1.0, 1.0)]
)
def test_a_ramp_is_linear_between_its_ends(fraction: float, height: float) -> None:
    assert ramp(fraction, 0.1, 0.2) == pytest.approx(height)


@pytest.mark.parametrize("adversarial", [False, True])
def test_the_critic_learns_only_in_adversarial_steps_and_the_generator_always(adversarial: bool) -> None:
    torch.manual_seed(0)
    generator, critic = build_generator(NETWORK), build_critic(NETWORK)
    before = [[weight.clone() for weight in net.parameters()] for net in (generator, critic)]
    films = _images(2, seed=7, size=64)
    figures = HealthyGanStep(CONFIG, generator, critic).run(
        [(films, films)] * 2,
        HealingBatch(films, films, torch.zeros_like(films)),
        fraction=0.5,
        adversarial=adversarial,
        healed=True,
        randomness=torch.Generator().manual_seed(0),
    )

    moved = [
        any(not torch.equal(a, b) for a, b in zip(old, net.parameters(), strict=True))
        for old, net in zip(before, (generator, critic), strict=True)
    ]
    assert moved == [True, adversarial]
    assert ("loss_d" in figures) is adversarial
    assert all(weight.requires_grad for weight in critic.parameters())


def test_a_generator_step_alone_leaves_the_critic_as_it_was() -> None:
    torch.manual_seed(0)
    generator, critic = build_generator(NETWORK), build_critic(NETWORK)
    films = _images(2, seed=7, size=64)
    step = HealthyGanStep(CONFIG.with_changes(adversarial=10.0), generator, critic)
    before = {name: value.clone() for name, value in critic.state_dict().items()}
    healing = HealingBatch(films, films, torch.zeros_like(films))
    step._generator_step(films, films, healing, 1.0, 10.0, torch.Generator().manual_seed(0))

    for name, value in critic.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(weight.grad is None for weight in critic.parameters())


def test_diff_augment_changes_framing_and_exposure_and_lets_the_gradient_through() -> None:
    films = _images(4, seed=3, size=64).requires_grad_(True)
    seen = diff_augment(films, torch.Generator().manual_seed(1))
    again = diff_augment(films, torch.Generator().manual_seed(1))
    other = diff_augment(films, torch.Generator().manual_seed(2))

    assert torch.equal(seen, again)
    assert (seen - other).abs().mean() > 0.01
    assert (seen - films).abs().mean(dim=(1, 2, 3)).min() > 0.001, "each film is changed"
    (slope,) = torch.autograd.grad(seen.mean(), films)
    assert (slope.abs().sum(dim=(1, 2, 3)) > 0).all()


def test_the_critic_sees_augmented_films_only_where_the_config_says_so() -> None:
    films = _images(2, seed=7, size=64)
    for wished in (False, True):
        torch.manual_seed(0)
        generator, critic = build_generator(NETWORK), build_critic(NETWORK)
        step = HealthyGanStep(CONFIG.with_changes(critic_augment=wished), generator, critic)
        seen = []
        critic.register_forward_pre_hook(lambda _, inputs, seen=seen: seen.append(inputs[0].detach()))
        step._critic_step(films, films, torch.Generator().manual_seed(0))
        assert any(torch.equal(one, films) for one in seen) is not wished
