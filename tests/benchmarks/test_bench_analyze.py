"""From a file to its heatmap on the CPU, models loaded; untrained networks cost what trained ones do."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from phantoms import write_chest_film
from pytest_benchmark.fixture import BenchmarkFixture

from core.dicom.frames import read_frame
from core.imaging.heatmap import HeatmapStyle, overlay
from core.imaging.model_input import ModelInputSpec, to_model_grid
from core.inference.analyze import ModelShelf
from core.models.anomaly_model import ModelCard
from core.models.healthygan import build_critic, build_generator
from core.models.model_file import ModelFile, write_model_file
from core.models.registry import weights_of
from core.models.sr_anogan import build_stages
from core.resources import resource_path

SHIPPED = sorted(resource_path("models").glob("*-adult.safetensors"))
WIDTHS = {"lite": 16, "plus": 24}


def _healthygan(size: int, width: int) -> ModelFile:
    network: dict[str, object] = {"generator": "u-net", "width": width, "critic_widths": [64, 128, 128]}
    modules = {"generator.": build_generator(network), "critic.": build_critic(network)}
    return ModelFile(_card("healthygan", size, network), weights_of(modules), {}, None)


def _sr_anogan(size: int) -> ModelFile:
    network: dict[str, object] = {
        "core": "healing",
        "width": 16,
        "code": 128,
        "sr_channels": 32,
        "sr_blocks": 8,
        "sr_size": size,
        "sr_batch_norm": False,
    }
    return ModelFile(_card("sr-anogan", size, network), weights_of({"": build_stages(network)}), {}, None)


def _card(kind: str, size: int, network: dict[str, object]) -> ModelCard:
    return ModelCard(f"{kind} {size}", kind, "plus", "0", network, ModelInputSpec(size=size))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of 3,000 x 2,500."""
    return write_chest_film(tmp_path_factory.mktemp("film") / "film", rows=3000, columns=2500).path


@pytest.fixture
def shelf() -> ModelShelf:
    """Models on the CPU."""
    torch.manual_seed(0)
    return ModelShelf(device="cpu")


def _opened_to_heatmap(shelf: ModelShelf, film: Path, model: Path) -> None:
    frame = read_frame(film)
    answer = shelf.analyze(frame, model)
    for analysis in answer.analyses:
        overlay(analysis.denser, HeatmapStyle(threshold=analysis.threshold), analysis.analyzed)


@pytest.mark.benchmark(group="open to heatmap, 3,000 x 2,500 film, CPU, warm")
@pytest.mark.parametrize("size", [128, 256])
@pytest.mark.parametrize("preset", WIDTHS)
def test_healthygan(
    benchmark: BenchmarkFixture, shelf: ModelShelf, film: Path, tmp_path: Path, size: int, preset: str
):
    model = tmp_path / "model.safetensors"
    write_model_file(model, _healthygan(size, WIDTHS[preset]))
    benchmark.pedantic(_opened_to_heatmap, args=(shelf, film, model), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="open to heatmap, 3,000 x 2,500 film, CPU, warm")
@pytest.mark.parametrize("size", [128, 256])
def test_sr_anogan(benchmark: BenchmarkFixture, shelf: ModelShelf, film: Path, tmp_path: Path, size: int):
    model = tmp_path / "model.safetensors"
    write_model_file(model, _sr_anogan(size))
    benchmark.pedantic(_opened_to_heatmap, args=(shelf, film, model), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="open to heatmap, 3,000 x 2,500 film, CPU, warm")
@pytest.mark.parametrize("model", SHIPPED, ids=lambda path: path.stem)
def test_shipped_model(benchmark: BenchmarkFixture, shelf: ModelShelf, film: Path, model: Path):
    benchmark.pedantic(_opened_to_heatmap, args=(shelf, film, model), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="film to the grid of the model")
def test_film_to_model_grid(benchmark: BenchmarkFixture, film: Path):
    frame = read_frame(film)
    spec = ModelInputSpec(size=256)
    benchmark(lambda: to_model_grid(frame, spec))
