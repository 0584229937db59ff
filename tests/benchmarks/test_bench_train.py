"""Training steps a second of each stage on the CPU, as the presets have them (a round is one step).

The last one sets HealthyGAN's step beside a plain loop of the same networks and losses, by turns in one run:
a busy machine is unfair to neither. `ratio` in its extra info says how many times as fast ours is.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count

import numpy as np
import pytest
import torch
from film_folders import write_films
from pytest_benchmark.fixture import BenchmarkFixture

from core.imaging.model_input import ModelInputSpec
from core.models.healthygan import Translation, build_critic, build_generator
from core.training.config import PRESETS
from core.training.dataset import TrainingData, gather
from core.training.healthygan_course import HealthyGanCourse
from core.training.healthygan_steps import critic_loss, recipe_generator_loss, untranslated_mix
from core.training.sr_anogan_course import SrAnoGanCourse

ROUNDS = 5


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> TrainingData:
    """Ninety films, two thirds of them healthy."""
    root = tmp_path_factory.mktemp("films")
    healthy = write_films(root / "healthy", 60, lesion=False)
    mixed = write_films(root / "mixed", 30, lesion=True, first_seed=1000)
    return gather(healthy, mixed, ModelInputSpec(size=128))


@pytest.mark.benchmark(group="HealthyGAN, one step, CPU")
@pytest.mark.parametrize("stage", ["heal", "translate"])
@pytest.mark.parametrize("preset", ["lite", "plus"])
def test_healthygan(benchmark: BenchmarkFixture, data: TrainingData, preset: str, stage: str):
    course = HealthyGanCourse(PRESETS["healthygan", preset], data, torch.device("cpu"))
    course.begin(stage)
    steps = count()
    benchmark.pedantic(lambda: course.step(stage, next(steps), 1000), rounds=ROUNDS, warmup_rounds=1)


@pytest.mark.benchmark(group="SR-AnoGAN, one step, CPU")
@pytest.mark.parametrize("stage", ["core", "sr"])
def test_sr_anogan(benchmark: BenchmarkFixture, data: TrainingData, stage: str):
    course = SrAnoGanCourse(PRESETS["sr-anogan", "plus"], data, torch.device("cpu"))
    course.begin(stage)
    steps = count()
    benchmark.pedantic(lambda: course.step(stage, next(steps), 1000), rounds=ROUNDS, warmup_rounds=1)


class _PlainLoop:
    """The same films, networks and losses as one writes them down first: no second layout of memory.

    Penalty at every critic step, the generator run once for each set of films, all three with gradient.
    """

    def __init__(self, course: HealthyGanCourse) -> None:
        torch.manual_seed(0)
        self.course = course
        self.generator, self.critic = build_generator(course.network), build_critic(course.network)
        self.optimizers = [
            torch.optim.Adam(net.parameters(), 3e-4, (0.5, 0.999)) for net in (self.generator, self.critic)
        ]

    def step(self, step: int) -> None:
        draw, randomness = self.course._draw, torch.Generator().manual_seed(step)
        assert draw is not None
        rng = np.random.default_rng(step)
        for _ in range(2):
            mixed, healthy = (take(rng, randomness, None) * 2 - 1 for take in (draw.mixed, draw.healthy))
            fake = untranslated_mix(self.generator(mixed).composite.detach(), mixed, randomness)
            loss, _ = critic_loss(self.critic, healthy, fake, penalty_weight=10, generator=randomness)
            self._learn(loss, 1)
        lesions = self.course._lesions(draw, rng, randomness)
        answers = [Translation(*self.generator(films)) for films in (mixed, healthy, lesions.film)]
        loss = recipe_generator_loss(mixed, healthy, lesions, *answers, composite_weight=1.0)
        for answer in answers[:2]:
            loss = loss - 0.25 * self.critic(answer.composite).mean()
        self._learn(loss, 0)

    def _learn(self, loss: torch.Tensor, place: int) -> None:
        self.optimizers[place].zero_grad()
        torch.autograd.backward(loss)
        self.optimizers[place].step()


@pytest.mark.benchmark(group="HealthyGAN, one step beside a plain loop, CPU")
def test_healthygan_beside_a_plain_loop(benchmark: BenchmarkFixture, data: TrainingData):
    course = HealthyGanCourse(PRESETS["healthygan", "lite"], data, torch.device("cpu"))
    course.begin("translate")
    plain, steps = _PlainLoop(course), count(500)  # the ramps are over
    spent = {"ours": 0.0, "plain": 0.0}

    def timed(name: str, step: Callable[[], object]) -> None:
        started = time.process_time()
        step()
        spent[name] += time.process_time() - started

    def both() -> None:
        number = next(steps)
        timed("ours", lambda: course.step("translate", number, 1000))
        timed("plain", lambda: plain.step(number))

    both()
    spent.update(ours=0.0, plain=0.0)
    benchmark.pedantic(both, rounds=ROUNDS + 1)  # even: ours takes the penalty at every second critic step
    benchmark.extra_info["ratio"] = round(spent["plain"] / spent["ours"], 2)
