"""SR-AnoGAN: three stages to the paper's numbers; only what the core draws from health reaches the twin."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from model_cases import CASES, OTHER_SIZES, Case, small_model
from torch import nn
from torch.nn import functional

from core.models.registry import open_model
from core.models.sr_anogan import (
    DcganDiscriminator,
    DcganGenerator,
    HealingEncoder,
    HealingGenerator,
    LatentEncoder,
    SizeReducer,
    SrAnoGan,
    SrDiscriminator,
    SrResNet,
    build_patch_discriminator,
    build_stages,
    latent_search,
)

pytestmark = pytest.mark.usefixtures("one_thread")

CPU = torch.device("cpu")
PAPER_CASE, PLUS_CASE = CASES[3], CASES[4]
PAPER: dict[str, Any] = {
    "core": "dcgan",
    "latent": 100,
    "width": 64,
    "size": 128,
    "latent_steps": 500,
    "encoder": True,
    "sr_channels": 64,
    "sr_blocks": 16,
    "sr_size": 128,
    "sr_batch_norm": True,
}


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def opened(case: Case) -> SrAnoGan:
    model = open_model(small_model(case), CPU)
    assert isinstance(model, SrAnoGan)
    return model


# --- to the paper -----------------------------------------------------------------------------------------


def test_numbers_of_parameters() -> None:
    with torch.device("meta"):
        stages = build_stages(PAPER)
        critic = SrDiscriminator()
    assert {name: count(stage) for name, stage in stages.items()} == {
        "generator": 12_784_512,
        "discriminator": 11_162_368,
        "encoder": 12_784_384,
        "reducer": 609,
        "super_resolution": 1_528_724,
    }
    assert count(critic) == 5_214_273


def test_sizes_through_the_stages_of_the_paper() -> None:
    with torch.device("meta"):
        stages = build_stages(PAPER)
        code = stages["encoder"](torch.empty(2, 1, 128, 128))
        drawn = stages["generator"](code)
        small = stages["reducer"](drawn)
        large = stages["super_resolution"](small)
        discriminator = stages["discriminator"]
        assert isinstance(discriminator, DcganDiscriminator)
        features = discriminator.features(drawn)
        logits = discriminator(drawn)
    assert code.shape == (2, 100)
    assert drawn.shape == (2, 1, 128, 128)
    assert small.shape == (2, 1, 32, 32)
    assert large.shape == (2, 1, 128, 128)
    assert features.shape == (2, 512, 8, 8), "f of models.md 3.2"
    assert logits.shape == (2, 1)


@pytest.mark.parametrize(("size", "doublings"), [(32, 0), (64, 1), (128, 2), (256, 3)])
@pytest.mark.parametrize("batch_norm", [True, False])
def test_super_resolution_doubles_as_often_as_asked(size: int, doublings: int, batch_norm: bool) -> None:
    with torch.device("meta"):
        enlarger = SrResNet(16, 2, doublings, batch_norm=batch_norm)
        assert enlarger(torch.empty(1, 1, 32, 32)).shape == (1, 1, size, size)


@pytest.mark.parametrize(("strides", "side"), [((2, 2), 32), ((2, 1), 64)])
def test_two_layers_decrease_the_size(strides: tuple[int, int], side: int) -> None:
    reducer = SizeReducer(strides)
    small = reducer(noise(2, 1, 128, 128) * 2 - 1)
    assert small.shape == (2, 1, side, side)
    assert small.abs().max().item() <= 1
    assert sum(isinstance(layer, nn.Conv2d) for layer in reducer.modules()) == 2


def test_discriminator_of_the_enlarger_reads_any_size() -> None:
    critic = SrDiscriminator().eval()
    for size in (32, 48):
        images = noise(2, 1, size, size)
        assert critic(images).shape == (2, 1)
        sides = [feature.shape[-1] for feature in critic.features(images)]
        assert sides == [size // 2, size // 4, size // 8]


def test_encoder_reaches_three_spreads_and_no_further() -> None:
    encoder = LatentEncoder(5, 4, 32).eval()
    with torch.no_grad():
        for parameter in encoder.trunk.head.parameters():
            parameter.mul_(1e7)
        code = encoder(noise(64, 1, 32, 32))
    assert code.shape == (64, 5)
    assert 2.9 < code.abs().max().item() <= 3


def test_patch_discriminator_is_spectrally_normed() -> None:
    """Each layer stretches no input by more than one, as far as power iterations have come."""
    critic = build_patch_discriminator().train()
    for _ in range(30):
        critic(noise(1, 1, 32, 32))
    layers = [layer for layer in critic.modules() if isinstance(layer, nn.Conv2d)]
    assert len(layers) == 5
    for layer in layers:
        stretch = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2)
        assert float(stretch) == pytest.approx(1, abs=0.05)


# --- where networks begin ---------------------------------------------------------------------------------


def test_networks_of_the_dcgan_begin_small() -> None:
    torch.manual_seed(0)
    for network in (DcganGenerator(16, 16, 32), DcganDiscriminator(1, 16, 32)):
        weights = torch.cat(
            [
                layer.weight.flatten()
                for layer in network.modules()
                if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)
            ]
        )
        assert weights.std().item() == pytest.approx(0.02, rel=0.02)


def test_no_checkerboard_is_there_to_unlearn() -> None:
    """The four pixels that a shuffle makes of one begin equal, else enlarging begins with a pattern."""
    torch.manual_seed(0)
    enlarger = SrResNet(8, 1, 2, batch_norm=False)
    features = noise(1, 8, 16, 16)
    with torch.no_grad():
        for place in range(0, len(enlarger.ups), 3):
            features = enlarger.ups[place : place + 3](features)
            blocks = functional.pixel_unshuffle(features, 2).unflatten(1, (8, 4))
            assert float((blocks - blocks[:, :, :1]).abs().max()) == 0


def test_enlarger_of_the_recipe_begins_as_bicubic() -> None:
    torch.manual_seed(0)
    small = functional.avg_pool2d(noise(2, 1, 128, 128), 4) * 2 - 1
    bicubic = functional.interpolate(small, scale_factor=4.0, mode="bicubic", align_corners=False)
    with torch.no_grad():
        large = SrResNet(32, 5, 2, batch_norm=False)(small)
    assert float((large - bicubic).std()) < 0.0015, "but for one grey value over all"


def test_template_costs_nothing_at_the_start() -> None:
    """With a silent network the generator draws the mean healthy film, but for its clipped ends."""
    generator = HealingGenerator(8, 4)
    mean_film = noise(1, 1, 64, 64) * 2 - 1
    generator.set_template(mean_film)
    last = generator.body[-1]
    assert isinstance(last, nn.Conv2d)
    with torch.no_grad():
        for parameter in last.parameters():
            parameter.zero_()
        drawn = generator(torch.randn(3, 4, 8, 8))
    torch.testing.assert_close(drawn, mean_film.clamp(-0.98, 0.98).expand(3, -1, -1, -1), atol=1e-5, rtol=0)


# --- what learns from what --------------------------------------------------------------------------------


def test_every_weight_of_the_healing_core_learns_the_template_too() -> None:
    torch.manual_seed(0)
    encoder, generator = HealingEncoder(8, 4), HealingGenerator(8, 4)
    drawn = generator(encoder(noise(2, 1, 64, 64) * 2 - 1))
    assert drawn.shape == (2, 1, 64, 64)
    (drawn - 0.3).square().mean().backward()
    for network in (encoder, generator):
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert parameter.grad.isfinite().all(), name
            assert parameter.grad.abs().max() > 0, name


def test_both_layers_of_the_reducer_learn_from_the_enlarged_image() -> None:
    torch.manual_seed(0)
    reducer, enlarger = SizeReducer((2, 1)), SrResNet(8, 1, 1, batch_norm=False)
    enlarger(reducer(noise(2, 1, 64, 64))).square().mean().backward()
    for parameter in (*reducer.parameters(), *enlarger.parameters()):
        assert parameter.grad is not None
        assert parameter.grad.abs().max() > 0


def test_code_sees_the_whole_film() -> None:
    """What the healthy half looks like is known where a lesion hides the other: the context branch."""
    torch.manual_seed(0)
    encoder = HealingEncoder(8, 4)
    film = (noise(1, 1, 64, 64) * 2 - 1).requires_grad_(True)
    code = encoder(film)
    (reach,) = torch.autograd.grad(code[:, :, 0, 0].sum(), film)
    assert reach[..., -8:, -8:].abs().max() > 0, "the opposite corner"


# --- the latent search ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dcgan() -> tuple[DcganGenerator, DcganDiscriminator]:
    """A frozen pair whose images depend on the code as much as those of a trained one."""
    torch.manual_seed(1)
    generator, discriminator = DcganGenerator(6, 4, 32).eval(), DcganDiscriminator(1, 4, 32).eval()
    with torch.no_grad():
        for layer in (*generator.modules(), *discriminator.modules()):
            if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                layer.weight.mul_(6)
    return generator.requires_grad_(False), discriminator.requires_grad_(False)


# Not zero: without biases a code of zero draws grey, and no gradient leads away from it.
START = torch.full((1, 6), 0.1)


def loss_of(
    pair: tuple[DcganGenerator, DcganDiscriminator], images: torch.Tensor, code: torch.Tensor
) -> torch.Tensor:
    """L(z) of models.md 3.2 with sums, written down again; one value an image."""
    drawn = pair[0](code)
    pixels = (images - drawn).abs().flatten(1).sum(1)
    features = (pair[1].features(images) - pair[1].features(drawn)).abs().flatten(1).sum(1)
    return torch.as_tensor(0.9 * pixels + 0.1 * features + 1e-3 * code.square().sum(1))


def test_search_finds_an_image_that_the_generator_can_draw(
    dcgan: tuple[DcganGenerator, DcganDiscriminator],
) -> None:
    wanted = torch.randn(3, 6, generator=torch.Generator().manual_seed(8))
    images, start = dcgan[0](wanted), START.expand(3, -1)
    found = latent_search(*dcgan, images, start, 150)
    before, after = loss_of(dcgan, images, start), loss_of(dcgan, images, found)
    assert (after < 0.25 * before).all(), (before, after)


def test_more_steps_never_lead_outside_of_the_ball(dcgan: tuple[DcganGenerator, DcganDiscriminator]) -> None:
    """|z| <= 1.2 sqrt(dim): far out the generator draws what it never saw."""
    start = torch.full((2, 6), 50.0)
    found = latent_search(*dcgan, noise(2, 1, 32, 32) * 2 - 1, start, 1)
    assert float(found.norm(dim=1).max()) <= 1.2 * 6**0.5 + 1e-4
    assert torch.equal(latent_search(*dcgan, noise(2, 1, 32, 32), start, 0), start), "no steps, no change"
    assert torch.equal(start, torch.full((2, 6), 50.0)), "the start belongs to the caller"


def test_search_learns_the_code_and_nothing_else(dcgan: tuple[DcganGenerator, DcganDiscriminator]) -> None:
    with torch.no_grad():  # as during an analysis
        found = latent_search(*dcgan, noise(1, 1, 32, 32), START, 3)
    assert not found.requires_grad
    assert not torch.equal(found, START)
    for network in dcgan:
        assert all(parameter.grad is None for parameter in network.parameters())


# --- as the program uses it -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "side"), [(PAPER_CASE, 64), (PLUS_CASE, 64), (OTHER_SIZES[3], 128)], ids=str
)
def test_reconstruction_has_the_size_of_the_core(case: Case, side: int) -> None:
    with torch.no_grad():
        reconstruction = opened(case).reconstruct(noise(2, 1, case.size, case.size))
    assert reconstruction.shape == (2, 1, side, side)
    assert 0 <= float(reconstruction.min()) <= float(reconstruction.max()) <= 1


@pytest.mark.parametrize("case", [PAPER_CASE, PLUS_CASE], ids=str)
def test_only_what_the_core_draws_reaches_the_twin(case: Case) -> None:
    """The enlarger's input is c(g(i)), never i: a lesion that the core does not draw is not in the twin."""
    model = opened(case)
    generator = model.stages["generator"]
    generator.register_forward_hook(lambda _layer, _inputs, output: torch.zeros_like(output))
    first, second = model.healthy(noise(1, 1, 64, 64)), model.healthy(noise(1, 1, 64, 64, seed=2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("case", [PAPER_CASE, PLUS_CASE], ids=str)
def test_the_twin_does_depend_on_the_film(case: Case) -> None:
    model = opened(case)
    assert not torch.equal(model.healthy(noise(1, 1, 64, 64)), model.healthy(noise(1, 1, 64, 64, seed=2)))


def test_search_starts_from_the_encoder_where_there_is_one() -> None:
    case = OTHER_SIZES[3]
    model = opened(case)
    images = noise(2, 1, 128, 128) * 2 - 1
    model.card.network["latent_steps"] = 0
    with torch.no_grad():
        assert torch.equal(model._latent(images), model.stages["encoder"](images))


def test_paper_form_norms_with_learned_statistics() -> None:
    """In eval mode a batch norm knows nothing of the batch; in the file are its means and counts."""
    names = small_model(PAPER_CASE).weights.keys()
    assert any(name.endswith("running_mean") for name in names)
    assert not any("running" in name for name in small_model(PLUS_CASE).weights)
