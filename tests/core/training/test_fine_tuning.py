"""What a run from a parent model does otherwise: it waits, it is held, and its critic is alone at first."""

from __future__ import annotations

import pytest
import torch
from film_folders import FilmLists
from torch import nn

from core.imaging.model_input import ModelInputSpec
from core.models.healthygan import PaperGenerator, UNetGenerator
from core.training.config import PRESETS, TrainingConfig
from core.training.dataset import TrainingData, gather
from core.training.fine_tuning import FineTuning
from core.training.healthygan_course import HealthyGanCourse
from core.training.healthygan_steps import first_layers
from core.training.sr_anogan_course import SrAnoGanCourse

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def data(film_lists: FilmLists) -> TrainingData:
    """Drawn films at 64 px."""
    return gather(film_lists.healthy, film_lists.mixed, ModelInputSpec(size=64))


def _nets() -> tuple[nn.Linear, nn.Linear]:
    first, last = nn.Linear(1, 1, bias=False), nn.Linear(1, 1, bias=False)
    nn.init.constant_(first.weight, 2.0)
    nn.init.constant_(last.weight, 3.0)
    return first, last


def test_weights_are_pulled_to_the_parents() -> None:
    """The gradient of pull / 2 (w - w0)^2 is pull (w - w0)."""
    first, last = _nets()
    tuning = FineTuning(TrainingConfig(tune_pull=0.1, tune_frozen=0.0), [first, last], [first])
    tuning.at(0.0)
    nn.init.constant_(last.weight, 5.0)
    torch.autograd.backward(last.weight.sum() + first.weight.sum())
    tuning.adjust_gradients()

    assert last.weight.grad is not None
    assert last.weight.grad.item() == pytest.approx(1 + 0.1 * (5 - 3))
    assert first.weight.grad is not None
    assert first.weight.grad.item() == pytest.approx(1)


@pytest.mark.parametrize(("done", "waits"), [(0.0, True), (0.19, True), (0.2, False), (0.9, False)])
def test_the_first_layers_wait_for_a_fifth_of_the_run(done: float, waits: bool) -> None:
    first, last = _nets()
    tuning = FineTuning(TrainingConfig(), [first, last], [first])
    tuning.at(done)
    torch.autograd.backward(last.weight.sum() + first.weight.sum())
    tuning.adjust_gradients()

    assert (first.weight.grad is None) is waits
    assert last.weight.grad is not None


@pytest.mark.parametrize(("steps", "alone"), [(3000, 200), (100, 20), (4, 0)])
def test_the_critic_is_alone_for_some_steps_but_for_no_more_than_a_fifth(steps: int, alone: int) -> None:
    tuning = FineTuning(TrainingConfig(), [], [])

    assert [tuning.critic_alone(step, steps) for step in range(alone + 1)] == [True] * alone + [False]


def test_the_first_layers_are_the_first_three() -> None:
    for generator in (UNetGenerator(8), PaperGenerator(4, 1)):
        waiting = [weight for layer in first_layers(generator) for weight in layer.parameters()]
        all_of_it = list(generator.parameters())
        assert all(one is other for one, other in zip(waiting, all_of_it, strict=False))
        assert 0 < len(waiting) < len(all_of_it) / 2 + 2


def test_a_tuned_healthygan_first_teaches_its_critic_then_its_last_layers(data: TrainingData) -> None:
    config = PRESETS["healthygan", "lite"].with_changes(
        size=64, width=8, batch=2, warm_steps=0, steps=10, tune_critic_steps=1, tune_frozen=0.5
    )
    parent = HealthyGanCourse(config, data, CPU)
    weights = {
        f"{prefix}{name}": value.clone()
        for prefix, module in parent.export()[0].items()
        for name, value in module.state_dict().items()
    }
    course = HealthyGanCourse(config.with_changes(seed=5), data, CPU)
    course.load_parent(weights)
    course.begin("translate")

    def moved(part: str) -> bool:
        now = {f"generator.{name}": value for name, value in course.generator.state_dict().items()}
        now |= {f"critic.{name}": value for name, value in course.critic.state_dict().items()}
        names = [name for name in weights if name.startswith(part)]
        return any(not torch.equal(now[name], weights[name]) for name in names)

    assert not moved("")
    figures = course.step("translate", 0, 10)
    assert (moved("critic."), moved("generator.")) == (True, False)
    assert "loss_d" in figures
    assert "loss_g" not in figures
    course.step("translate", 1, 10)
    assert (moved("generator.stem."), moved("generator.head.")) == (False, True)
    course.step("translate", 5, 10)
    assert moved("generator.stem.")


def test_a_tuned_sr_anogan_lets_its_encoders_trunk_wait(data: TrainingData) -> None:
    config = PRESETS["sr-anogan", "lite"].with_changes(
        size=64, batch=4, core_steps=4, steps=4, tune_critic_steps=0, tune_frozen=0.25
    )
    course = SrAnoGanCourse(config, data, CPU)
    start = {name: value.clone() for name, value in course.nets.state_dict().items()}
    course.load_parent(start)
    course.begin("core")
    course.step("core", 0, 4)
    now = course.nets.state_dict()

    assert torch.equal(now["encoder.trunk.0.weight"], start["encoder.trunk.0.weight"])
    assert not torch.equal(now["generator.template"], start["generator.template"])
    course.step("core", 3, 4)
    assert not torch.equal(
        course.nets.state_dict()["encoder.trunk.0.weight"], start["encoder.trunk.0.weight"]
    )


def test_a_run_from_scratch_is_not_tuned(data: TrainingData) -> None:
    config = PRESETS["healthygan", "lite"].with_changes(size=64, width=8, batch=2)
    other = config.with_changes(tune_critic_steps=0, tune_frozen=1.0, tune_pull=1.0, tune_rate=0.1)
    figures = []
    for one in (config, other):
        course = HealthyGanCourse(one, data, CPU)
        course.begin("translate")
        figures.append([course.step("translate", step, 10) for step in range(2)])

    assert figures[0] == figures[1]
