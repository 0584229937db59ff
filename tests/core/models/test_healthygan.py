"""HealthyGAN to the paper's numbers and formulas, and the recipe's U-Net in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from model_cases import CASES, small_model
from torch import nn

from core.models.blocks import PatchCritic
from core.models.healthygan import (
    HealthyGan,
    PaperGenerator,
    Translation,
    UNetGenerator,
    build_critic,
    build_generator,
)
from core.models.registry import open_model

pytestmark = pytest.mark.usefixtures("one_thread")

CPU = torch.device("cpu")
PAPER = {"generator": "paper", "width": 64, "residual_blocks": 6, "critic_layers": 6}
RECIPE = {"generator": "u-net", "width": 16, "critic_widths": [24, 48, 96, 192, 192]}
GENERATORS: dict[str, Callable[[], nn.Module]] = {
    "paper": lambda: PaperGenerator(width=8, residual_blocks=2),
    "u-net": lambda: UNetGenerator(width=8),
}


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def signed(channels: int, size: int = 64, count: int = 2) -> torch.Tensor:
    """Images in [-1, 1] with both ends in them."""
    noise = torch.rand(count, channels, size, size, generator=torch.Generator().manual_seed(1))
    return (noise * 3 - 1.5).clamp(-1, 1)


@pytest.fixture(params=GENERATORS)
def generator(request: pytest.FixtureRequest) -> nn.Module:
    torch.manual_seed(2)
    return GENERATORS[request.param]()


def images_for(generator: nn.Module) -> torch.Tensor:
    return signed(3 if isinstance(generator, PaperGenerator) else 1)


def close_mask(generator: nn.Module, logit: float) -> None:
    """Add `logit` to what the mask is made of, as a bias would; the paper's last layer has none."""
    if isinstance(generator, UNetGenerator):
        with torch.no_grad():
            assert generator.head.bias is not None
            generator.head.bias[1] += logit
    else:
        main = generator.get_submodule("main")
        shift = torch.tensor([0.0, 0.0, 0.0, logit])[:, None, None]
        main.register_forward_hook(lambda _layer, _inputs, output: output + shift)


# --- to the paper -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "network", "parameters"),
    [
        (build_generator, PAPER, 8_417_984),
        (build_critic, PAPER, 44_721_088),
        (build_generator, RECIPE, 1_067_810),
    ],
)
def test_numbers_of_parameters(
    build: Callable[[dict[str, Any]], nn.Module], network: dict[str, Any], parameters: int
) -> None:
    with torch.device("meta"):
        assert count(build(network)) == parameters


def test_names_are_those_of_the_reference() -> None:
    """So that its published generators can be read: models.md 1.2, without the running statistics."""
    convolutions = [0, 3, 6, *(f"{block}.main.{layer}" for block in range(9, 15) for layer in (0, 3))]
    norms = [1, 4, 7, *(f"{block}.main.{layer}" for block in range(9, 15) for layer in (1, 4)), 16, 19]
    convolutions += [15, 18, 21]
    with torch.device("meta"):
        names = set(PaperGenerator().state_dict())
    wanted = {f"main.{place}.weight" for place in (*convolutions, *norms)}
    assert names == wanted | {f"main.{place}.bias" for place in norms}


@pytest.mark.parametrize(("size", "side"), [(256, 4), (128, 2), (64, 1)])
def test_critic_of_the_paper_scores_patches_of_64_px(size: int, side: int) -> None:
    with torch.device("meta"):
        critic = build_critic(PAPER)
        assert critic(torch.empty(2, 3, size, size)).shape == (2, 1, side, side)
    assert critic.smallest_px == 64


@pytest.mark.parametrize("network", [PAPER, RECIPE])
def test_generators_keep_the_size(network: dict[str, Any]) -> None:
    channels = 3 if network is PAPER else 1
    with torch.device("meta"):
        raw, mask, composite = build_generator(network)(torch.empty(2, channels, 256, 256))
    assert raw.shape == composite.shape == (2, channels, 256, 256)
    assert mask.shape == (2, 1, 256, 256)


def test_paper_takes_image_and_mask_from_tanh() -> None:
    """Models.md 1.3: y = tanh(r), m = (tanh(a) + 1) / 2 = sigmoid(2 a)."""
    generator = PaperGenerator(width=8, residual_blocks=1)
    output = generator.main(signed(3))
    raw, mask, _ = generator(signed(3))
    torch.testing.assert_close(raw, torch.tanh(output[:, :3]))
    torch.testing.assert_close(mask, torch.sigmoid(2 * output[:, 3:]))


def test_each_film_is_normed_by_itself_in_the_paper() -> None:
    """The reference's running statistics, which it never uses, would change what eval mode answers."""
    norms = [layer for layer in PaperGenerator(width=8).modules() if isinstance(layer, nn.InstanceNorm2d)]
    assert norms
    assert not any(norm.track_running_stats for norm in norms)


# --- what both generators promise -------------------------------------------------------------------------


def test_composite_is_raw_where_the_mask_is_open_and_film_elsewhere(generator: nn.Module) -> None:
    images = images_for(generator)
    with torch.no_grad():
        raw, mask, composite = generator(images)
    torch.testing.assert_close(composite, mask * raw + (1 - mask) * images)
    for values, low in ((raw, -1), (mask, 0), (composite, -1)):
        assert low <= values.min().item() <= values.max().item() <= 1
    assert mask.min().item() > 0
    assert mask.max().item() < 1


@pytest.mark.parametrize("logit", [-1e3, -float("inf")])
def test_a_closed_mask_leaves_the_film_to_the_last_bit(generator: nn.Module, logit: float) -> None:
    images = images_for(generator)
    close_mask(generator, logit)
    raw, mask, composite = generator(images)
    assert torch.equal(mask, torch.zeros_like(mask))
    assert torch.equal(composite, images)
    assert not torch.equal(raw, images), "only the mask is closed"


def test_an_open_mask_shows_the_raw_image(generator: nn.Module) -> None:
    close_mask(generator, 1e3)
    raw, _, composite = generator(images_for(generator))
    assert torch.equal(composite, raw)


def test_training_and_analyzing_are_the_same_network(generator: nn.Module) -> None:
    images = images_for(generator)
    for trained, analyzed in zip(generator.train()(images), generator.eval()(images), strict=True):
        assert torch.equal(trained, analyzed)


def test_every_weight_learns_from_the_composite(generator: nn.Module) -> None:
    generator(images_for(generator)).composite.square().mean().backward()
    for name, parameter in generator.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


def test_behind_a_closed_mask_only_the_raw_image_learns(generator: nn.Module) -> None:
    """Why the losses have terms on y and m themselves: through m * (y - x) nothing comes back."""
    images = images_for(generator)
    close_mask(generator, -60.0)
    weights = list(generator.parameters())
    translation: Translation = generator(images)
    through_composite = torch.autograd.grad(
        (translation.composite - 0.1).square().mean(), weights, retain_graph=True
    )
    assert max(float(gradient.abs().max()) for gradient in through_composite) < 1e-12
    through_raw = torch.autograd.grad((translation.raw - 0.1).square().mean(), weights)
    assert max(float(gradient.abs().max()) for gradient in through_raw) > 1e-6


def test_u_net_begins_as_the_identity_with_a_half_closed_mask() -> None:
    """Recipe.md section 3: nothing of the budget is spent on copying; neither absorbing state is near."""
    torch.manual_seed(0)
    images = signed(1)
    raw, mask, composite = UNetGenerator(16)(images)
    assert mask.mean().item() == pytest.approx(float(torch.sigmoid(torch.tensor(-2.0))), abs=0.02)
    assert (raw - images).abs().mean().item() < 0.1
    assert (composite - images).abs().mean().item() < 0.02


def test_raw_image_of_the_u_net_is_the_film_and_a_change_of_at_most_all_grey_values() -> None:
    """Y = clamp(x + 2 tanh(o)): black can become white and white black."""
    generator = UNetGenerator(8)
    film = torch.cat([torch.full((1, 1, 32, 32), value) for value in (-1.0, 0.0, 1.0)])
    for logit, wanted in ((20.0, [1.0, 1.0, 1.0]), (-20.0, [-1.0, -1.0, -1.0])):
        with torch.no_grad():
            assert generator.head.bias is not None
            generator.head.weight.zero_()
            generator.head.bias[0] = logit
            raw = generator(film).raw
        assert raw.amin(dim=(1, 2, 3)).tolist() == wanted
        assert raw.amax(dim=(1, 2, 3)).tolist() == wanted


# --- the critic -------------------------------------------------------------------------------------------


@pytest.fixture
def critic() -> PatchCritic:
    torch.manual_seed(4)
    return PatchCritic(1, (8, 16), 0.2)


def test_scores_of_the_critic_come_from_the_last_of_its_features(critic: PatchCritic) -> None:
    features = critic.features(signed(1))
    assert [tuple(one.shape[1:]) for one in features] == [(8, 32, 32), (16, 16, 16)]
    assert torch.equal(critic.head(features[-1]), critic(signed(1)))


def test_critic_sees_neighbours_only(critic: PatchCritic) -> None:
    """A patch score speaks of its place: a change far away does not move it, one in place does."""
    images = signed(1)
    before = critic(images)
    changed = images.clone()
    changed[:, :, 0:4, 0:4] += 0.5
    moved = (critic(changed) != before)[0, 0].nonzero()
    assert moved.shape[0] > 0
    assert int(moved.max()) <= 3


def test_gradient_penalty_reaches_every_weight_but_the_last_bias(critic: PatchCritic) -> None:
    """WGAN-GP is a gradient of a gradient; a score's bias has no slope."""
    images = signed(1).requires_grad_(True)
    (slope,) = torch.autograd.grad(critic(images).sum(), images, create_graph=True)
    penalty = ((slope.flatten(1).norm(dim=1) - 1) ** 2).mean()
    weights = {name: weight for name, weight in critic.named_parameters() if name.endswith("weight")}
    for gradient in torch.autograd.grad(penalty, list(weights.values())):
        assert gradient.abs().max() > 0


def test_critic_of_the_paper_has_no_bias_in_its_head_and_a_flat_slope() -> None:
    with torch.device("meta"):
        critic = build_critic(PAPER)
    assert critic.head.bias is None
    assert {layer.negative_slope for layer in critic.body if isinstance(layer, nn.LeakyReLU)} == {0.01}


# --- as the program uses it -------------------------------------------------------------------------------


def grey(size: int = 64) -> torch.Tensor:
    return torch.rand(2, 1, size, size, generator=torch.Generator().manual_seed(6)) * 0.8 + 0.1


@pytest.mark.parametrize("case", CASES[:3], ids=str)
def test_grey_films_go_in_and_out_in_units_of_the_grey_range(case: Any) -> None:
    """[0, 1] at the border is [-1, 1] inside; three channels inside are one outside."""
    model = open_model(small_model(case), CPU)
    assert isinstance(model, HealthyGan)
    films = grey()
    inside = films * 2 - 1
    channels = 3 if case.preset == "paper" else 1
    raw, mask, composite = model.generator(inside.expand(-1, channels, -1, -1))
    outside = model.translate(films)
    torch.testing.assert_close(outside.raw, (raw.mean(1, keepdim=True) + 1) / 2)
    torch.testing.assert_close(outside.mask, mask)
    torch.testing.assert_close(outside.composite, (composite.mean(1, keepdim=True) + 1) / 2)
    assert torch.equal(model.healthy(films), outside.composite)
    scores = model.critic(inside.expand(-1, channels, -1, -1))
    torch.testing.assert_close(model.realism(films), scores.flatten(1).mean(dim=1))


@pytest.mark.parametrize("case", CASES[:3], ids=str)
def test_with_a_closed_mask_the_twin_is_the_film(case: Any) -> None:
    """Tolerance: 2 x - 1 and back rounds once each way, and the paper's three channels are averaged."""
    model = open_model(small_model(case), CPU)
    assert isinstance(model, HealthyGan)
    close_mask(model.generator, -1e3)
    torch.testing.assert_close(model.healthy(grey()), grey(), atol=1.2e-7, rtol=0)


def test_paper_score_is_the_mean_difference_in_units_of_the_grey_range() -> None:
    """Models.md 1.9: d = |x - x'| / 2 with images in [-1, 1] is |x - x'| with images in [0, 1]."""
    model = open_model(small_model(CASES[0]), CPU)
    assert isinstance(model, HealthyGan)
    films = grey()
    inside = (films * 2 - 1).expand(-1, 3, -1, -1)
    paper = (inside - model.generator(inside).composite).mean(dim=1, keepdim=True).abs() / 2
    torch.testing.assert_close((films - model.healthy(films)).abs(), paper, atol=2e-7, rtol=0)
