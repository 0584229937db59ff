"""SSIM and AnoGAN's sum, of the whole SR-AnoGAN and of its first stage alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from small_models import SPEC, healthy_films

from core.models.anomaly_model import ModelCard
from core.models.sr_anogan import SrAnoGan, build_stages
from core.training import reference_scores
from core.training.reference_scores import (
    anomaly_sums,
    comparison_words,
    stage_one_alone,
    structural_similarity,
)

CPU = torch.device("cpu")


_SUPER_RESOLUTION = {"sr_channels": 4, "sr_blocks": 1, "sr_size": 64, "sr_batch_norm": False}
_NETWORKS = {
    "healing": {"core": "healing", "width": 8, "code": 8, **_SUPER_RESOLUTION},
    "paper": {"core": "dcgan", "latent": 4, "width": 2, "size": 32, "latent_steps": 30, **_SUPER_RESOLUTION},
}


def _model(name: str) -> SrAnoGan:
    """An untrained network whose images depend on the code; the DCGAN core searches without an encoder."""
    torch.manual_seed(3)
    card = ModelCard(name, "sr-anogan", "lite", "0", _NETWORKS[name], SPEC)
    stages = build_stages(card.network)
    if name == "paper":
        with torch.no_grad():
            for layer in stages["generator"].modules():
                if isinstance(layer, torch.nn.ConvTranspose2d):
                    torch.nn.init.normal_(layer.weight, std=0.4)
    return SrAnoGan(card, stages)


def test_the_similarity_of_equal_films_is_one_and_falls_with_what_is_changed() -> None:
    film = healthy_films(1)[0]
    little, much = film.copy(), film.copy()
    little[20:30, 20:30] += 0.05
    much[20:30, 20:30] += 0.3

    assert structural_similarity(film, film) == pytest.approx(1)
    assert 1 > structural_similarity(film, little) > structural_similarity(film, much) > 0


def test_the_similarity_of_flat_films_is_that_of_their_brightness() -> None:
    """Without structure SSIM is (2 x y + C1) / (x^2 + y^2 + C1)."""
    dark, light = np.full((32, 32), 0.25, np.float32), np.full((32, 32), 0.5, np.float32)

    expected = (2 * 0.125 + 1e-4) / (0.3125 + 1e-4)
    assert structural_similarity(dark, light) == pytest.approx(expected, rel=1e-6)


def test_a_is_nine_tenths_of_the_sum_where_there_is_no_discriminator() -> None:
    healing = _model("healing")
    films = healthy_films(3)
    changed = films.copy()
    changed[1, :4, :4] -= 0.5

    assert anomaly_sums(healing, films, changed) == pytest.approx([0, 0.9 * 16 * 0.5, 0], rel=1e-5)
    assert "no discriminator" in comparison_words(healing, 3)


def test_a_adds_a_tenth_of_the_difference_of_features() -> None:
    paper = _model("paper")
    films = healthy_films(2)
    changed = np.clip(films + 0.2, 0, 1)
    sums = anomaly_sums(paper, films, changed)

    pixels = 0.9 * np.abs(films - changed).sum(axis=(1, 2))
    assert np.all(sums > pixels)
    assert np.all(anomaly_sums(paper, films, films) == 0)
    assert "0.1 Σ|f(x) − f(s)|" in comparison_words(paper, 2)


@pytest.mark.parametrize("name", _NETWORKS)
def test_stage_one_alone_comes_closer_by_search_and_asks_no_encoder(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    network, films = _model(name), healthy_films(3)
    monkeypatch.setattr(reference_scores, "SEARCH_STEPS", 3)
    start = network.stage_one(torch.from_numpy(films)[:, None], 0)
    asked = []
    for stage, module in network.stages.items():
        module.register_forward_hook(lambda *_, stage=stage: asked.append(stage))
    found = stage_one_alone(network, films, CPU)

    assert found.shape == films.shape
    assert 0 <= found.min() <= found.max() <= 1
    assert set(asked) <= {"generator"}
    at_start = torch.nn.functional.interpolate(start, size=films.shape[1:], mode="bilinear")[:, 0].numpy()
    assert np.abs(films - found).sum() < np.abs(films - at_start).sum()
