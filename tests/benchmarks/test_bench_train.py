"""Training steps a second of each stage on the CPU, as the presets have them (a round is one step)."""

from __future__ import annotations

from itertools import count

import pytest
import torch
from film_folders import write_films
from pytest_benchmark.fixture import BenchmarkFixture

from core.imaging.model_input import ModelInputSpec
from core.training.config import PRESETS
from core.training.dataset import TrainingData, gather
from core.training.healthygan_course import HealthyGanCourse
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
