"""One update of weights: half precision where wished, networks that stand still, a clipped step."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from core.models.healthygan import Translation, build_critic, build_generator
from core.training.config import PRESETS
from core.training.healthygan_steps import HealingBatch, HealthyGanStep, gradient_penalty
from core.training.updates import bf16_is_faster, computed, still, take_step

NETWORK = {"generator": "u-net", "width": 8, "critic_widths": [8, 16]}


def test_a_step_clips_the_gradient_and_tells_its_norm() -> None:
    net = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(net.weight)
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
    norm = take_step((net.weight * 30).sum(), optimizer, [net], clip=5.0)

    assert norm == pytest.approx(30)
    assert net.weight.item() == pytest.approx(-5, rel=1e-4)


def test_what_stands_still_learns_nothing_and_learns_again_afterwards() -> None:
    pupil, judge = nn.Linear(2, 2), nn.Linear(2, 1)
    with still(judge):
        loss = judge(pupil(torch.ones(1, 2))).sum()
    torch.autograd.backward(loss)

    assert all(weight.grad is None and weight.requires_grad for weight in judge.parameters())
    assert all(weight.grad is not None for weight in pupil.parameters())


def test_networks_compute_in_bfloat16_and_answer_in_fp32() -> None:
    torch.manual_seed(0)
    generator, critic = build_generator(NETWORK), build_critic(NETWORK)
    inside = []
    critic.head.register_forward_hook(lambda _, __, output: inside.append(output.dtype))
    films = torch.rand(2, 1, 64, 64) * 2 - 1
    answer = computed(generator, films, bf16=True)
    exact = computed(generator, films, bf16=False)

    assert isinstance(answer, Translation)
    assert all(part.dtype == torch.float32 for part in answer)
    assert not torch.equal(answer.mask, exact.mask)
    torch.testing.assert_close(answer.mask, exact.mask, atol=0.02, rtol=0.05)
    assert all(part.dtype == torch.float32 for part in computed(critic.features, films, bf16=True))
    assert computed(critic, films, bf16=True).dtype == torch.float32
    assert inside == [torch.bfloat16]


def test_the_gradient_penalty_stays_in_fp32() -> None:
    torch.manual_seed(0)
    critic = build_critic(NETWORK)
    films = torch.rand(2, 1, 64, 64)
    inside = []
    critic.head.register_forward_hook(lambda _, __, output: inside.append(output.dtype))
    with torch.autocast("cpu", torch.bfloat16):
        gradient_penalty(critic, films.bfloat16(), films, torch.rand(2, 1, 1, 1))

    assert inside == [torch.float32]


def test_a_step_in_bfloat16_is_near_one_in_fp32() -> None:
    def figures(precision: str) -> dict[str, float]:
        torch.manual_seed(0)
        generator, critic = build_generator(NETWORK), build_critic(NETWORK)
        config = PRESETS["healthygan", "lite"].with_changes(size=64, width=8, precision=precision)
        films = torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
        return HealthyGanStep(config, generator, critic).run(
            [(films, films.flip(0))] * 2,
            HealingBatch(films, films, torch.zeros_like(films)),
            fraction=0.5,
            adversarial=True,
            healed=True,
            randomness=torch.Generator().manual_seed(0),
        )

    exact, half = figures("fp32"), figures("bf16")
    assert half != exact
    assert half == pytest.approx(exact, rel=0.05, abs=0.02)


def test_a_cpu_is_never_measured() -> None:
    assert not bf16_is_faster(nn.Linear(1, 1), torch.zeros(1, 1))
