"""The shipped models on the CPU: networks as PyTorch runs them or made ready, films one by one or together.

One group a model and number of films, so that the ratio stands in the table. What is asserted is that the
answers are the same, never a time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from phantoms import chest_picture
from pytest_benchmark.fixture import BenchmarkFixture

from core.imaging.frame import Frame, FrameSource
from core.inference.analysis import Answer
from core.inference.analyze import ModelShelf
from core.inference.engine import LARGEST_DIFFERENCE, prepared
from core.models.anomaly_model import AnomalyModel
from core.models.registry import open_model
from core.resources import resource_path

SHIPPED = sorted(resource_path("models").glob("*.safetensors"))
CPU = torch.device("cpu")


@pytest.fixture(params=SHIPPED, ids=lambda path: path.stem)
def plain(request: pytest.FixtureRequest) -> AnomalyModel:
    """A shipped model as PyTorch runs it, on the threads that torch has now."""
    path: Path = request.param
    return open_model(path, CPU)


def _answers(network: AnomalyModel, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
    return network.healthy(batch), network.realism(batch)


@pytest.mark.parametrize("form", ["plain", "prepared"])
@pytest.mark.parametrize("films", [1, 8])
def test_network(benchmark: BenchmarkFixture, plain: AnomalyModel, films: int, form: str):
    side = plain.card.input_spec.size
    pictures = [torch.from_numpy(chest_picture(side, side, seed=seed)[0]) for seed in range(films)]
    batch = torch.stack(pictures)[:, None].float()
    network = plain if form == "plain" else prepared(plain, CPU)
    assert (network is plain) == (form == "plain")
    benchmark.group = f"{plain.card.name}, {films} film{'s' if films > 1 else ''} at once, CPU"
    twin, realism = benchmark.pedantic(_answers, args=(network, batch), rounds=15, warmup_rounds=3)
    expected, expected_realism = _answers(plain, batch)
    assert float((twin - expected).abs().max()) < LARGEST_DIFFERENCE
    if expected_realism is not None:
        assert realism is not None
        assert float((realism - expected_realism).abs().max()) < LARGEST_DIFFERENCE


@pytest.mark.parametrize("way", ["one by one", "together"])
@pytest.mark.parametrize("model", SHIPPED, ids=lambda path: path.stem)
def test_series(benchmark: BenchmarkFixture, model: Path, way: str):
    """Eight films from frame to answer, as `healthytwin analyze` takes a folder."""
    age = 3.0 if "child" in model.stem else 45.0
    source = FrameSource(modality="DX", body_part_examined="CHEST", view_position="PA", patient_age_years=age)
    frames = [
        Frame((chest_picture(512, 480, seed=seed)[0] * 4095).astype(np.uint16), bits_stored=12, source=source)
        for seed in range(8)
    ]
    shelf = ModelShelf("cpu")

    def answers() -> tuple[Answer, ...]:
        if way == "together":
            return shelf.analyze_series(frames, model)
        return tuple(shelf.analyze(frame, model) for frame in frames)

    benchmark.group = f"{model.stem}, 8 films of a folder, CPU"
    made = benchmark.pedantic(answers, rounds=7, warmup_rounds=2)
    assert [one.frame_digest for one in made] == [frame.digest for frame in frames]
