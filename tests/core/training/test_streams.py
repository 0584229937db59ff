"""Streams: the same step sees the same films, one source at a time; figures without labels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from core.imaging.residuals import HealthyStatistics
from core.training.config import TrainingConfig
from core.training.dataset import FilmFile, Films
from core.training.streams import Draw, at_size, averaged, film_scores, merit, sample_grid, usual_excess
from core.training.synthetic_lesions import Lesion

STILL = TrainingConfig(batch=16, rotation_deg=0, scale=0, shift=0, gamma=0)


def _films(values: dict[str, list[float]], size: int = 16) -> Films:
    """Constant films of the given grey by source."""
    from pathlib import Path

    listed = [(source, grey) for source, greys in values.items() for grey in greys]
    files = tuple(FilmFile(Path(f"{n}.png"), source=source) for n, (source, _) in enumerate(listed))
    pixels = np.stack([np.full((size, size), grey, np.float32) for _, grey in listed])
    count = len(listed)
    return Films(
        files,
        pixels,
        np.zeros((count, 7), np.float32),
        np.ones(count, np.float32),
        ((0, 0, size),) * count,
    )


def _greys(batch: torch.Tensor) -> set[float]:
    return {round(float(film.mean()), 4) for film in batch}


def _sources_of_randomness(seed: int) -> tuple[np.random.Generator, torch.Generator]:
    return np.random.default_rng(seed), torch.Generator().manual_seed(seed)


def test_a_batch_comes_from_the_asked_source_only() -> None:
    healthy = _films({"A": [0.1, 0.2], "B": [0.8]})
    draw = Draw(healthy, _films({"B": [0.9], "C": [0.5]}), 16, STILL)

    assert _greys(draw.healthy(*_sources_of_randomness(0), "A")) == {0.1, 0.2}
    assert _greys(draw.mixed(*_sources_of_randomness(0), "B")) == {0.9}
    assert _greys(draw.healthy(*_sources_of_randomness(0), None)) == {0.1, 0.2, 0.8}


def test_the_same_seed_draws_the_same_batch() -> None:
    rng = np.random.default_rng(0)
    films = _films({"": [0.5] * 6})
    films.pixels[:] = rng.random(films.pixels.shape, np.float32)
    draw = Draw(films, films, 16, TrainingConfig())
    first, again, other = (draw.healthy(*_sources_of_randomness(seed), None) for seed in (5, 5, 6))

    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert 0 <= first.min() <= first.max() <= 1


def test_no_augmentation_leaves_films_as_they_are() -> None:
    films = _films({"": [0.5]})
    films.pixels[:] = np.random.default_rng(0).random(films.pixels.shape, np.float32)
    batch = Draw(films, films, 16, STILL).healthy(*_sources_of_randomness(0), None)

    np.testing.assert_allclose(batch[0, 0].numpy(), films.pixels[0], atol=1e-5)


def test_augmentation_never_mirrors_a_chest() -> None:
    """The heart is on one side: a mirrored film would teach that either is healthy."""
    films = _films({"": [0.0]}, size=64)
    films.pixels[0, :, 44:] = 1.0
    config = TrainingConfig(batch=64, rotation_deg=10, scale=0.1, shift=0.05)
    batch = Draw(films, films, 64, config).healthy(*_sources_of_randomness(0), None)

    assert (batch[..., 50:].mean(dim=(1, 2, 3)) > batch[..., :14].mean(dim=(1, 2, 3))).all()


def test_without_mixed_films_healthy_ones_stand_in() -> None:
    healthy = _films({"": [0.3]})
    draw = Draw(healthy, healthy.where([False]), 16, STILL)

    assert _greys(draw.mixed(*_sources_of_randomness(0), None)) == {0.3}


def test_area_averaging_keeps_the_mean() -> None:
    films = np.random.default_rng(0).random((3, 64, 64), np.float32)
    small = at_size(films, 32)

    np.testing.assert_allclose(small[1, 4, 5], films[1, 8:10, 10:12].mean(), rtol=1e-5)
    assert at_size(films, 64) is films


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_averaged_weights_follow_with_a_warm_start(decay: float) -> None:
    net = nn.Linear(1, 1, bias=False)
    average = averaged(net, decay)
    expected = 0.0
    for count, value in enumerate([1.0, 2.0, 5.0, -3.0]):
        nn.init.constant_(net.weight, value)
        average.update_parameters(net)
        keep = min(decay, (1 + count) / (10 + count))
        expected = value if count == 0 else expected * keep + value * (1 - keep)

    assert average.module.weight.item() == pytest.approx(expected, rel=1e-5)


def _spots(count: int) -> tuple[NDArray[np.float32], Lesion]:
    healthy = np.random.default_rng(1).random((count, 64, 64), np.float32) * 0.02 + 0.4
    mask = np.zeros_like(healthy)
    mask[:, 20:30, 20:30] = 1
    return healthy, Lesion(healthy + 0.3 * mask, healthy, mask)


def test_figures_of_a_perfect_healer_and_of_an_idle_one() -> None:
    healthy, lesions = _spots(6)
    healed = film_scores(healthy, healthy, lesions, lesions.target, lesions.film, lesions.target)
    idle = film_scores(healthy, healthy, lesions, lesions.film, lesions.film, lesions.film)

    assert healed["synthetic_auroc"] == healed["auc_p"] == 1
    assert healed["synthetic_pixel_auroc"] > 0.99
    assert healed["residual_lesion_error"] == pytest.approx(0, abs=1e-6)
    assert idle["synthetic_auroc"] == idle["auc_p"] == 0.5
    assert idle["residual_lesion_error"] == pytest.approx(1)
    assert healed["change_healthy_val"] == 0


def test_auc_p_is_the_true_auroc_diluted_by_the_share_of_healthy_mixed_films() -> None:
    """AUCp = q/2 + (1 - q) AUROC for a share q of healthy films among the mixed (models.md 7.5)."""
    healthy, lesions = _spots(8)
    mixed = np.concatenate([lesions.film[:4], healthy[4:]])
    twin = np.concatenate([lesions.target[:4], healthy[4:]])
    figures = film_scores(healthy, healthy, lesions, lesions.target, mixed, twin)

    assert figures["auc_p"] == pytest.approx(0.5 * 0.5 + 0.5 * 1.0)


def test_the_sample_grid_has_a_fixed_scale() -> None:
    film, twin = np.full((4, 4), 0.5, np.float32), np.full((4, 4), 0.25, np.float32)
    grid = sample_grid([(film, twin), (film, film)])

    assert grid.shape == (8, 16)
    assert grid.dtype == np.uint8
    assert (grid[:4, 8:12] == 255).all()
    assert (grid[4:, 8:12] == 0).all()
    assert (grid[:, 12:] == 0).all(), "z without statistics"


def test_z_in_the_sample_grid_counts_spreads_beyond_the_usual() -> None:
    film, twin = np.full((32, 32), 0.5, np.float32), np.full((32, 32), 0.3, np.float32)
    usual = HealthyStatistics(*(np.full((32, 32), value, np.float32) for value in (0.1, 0.05, 0.1)))
    z = sample_grid([(film, twin), (film, film)], usual)[:, -32:]

    assert z[:32].mean() / 255 == pytest.approx((0.2 - 0.1) / 0.05 / 5, abs=0.01)
    assert (z[32:] == 0).all(), "less than usual is black"


def test_few_healthy_films_say_nothing_of_the_usual() -> None:
    films = np.random.default_rng(0).random((4, 32, 32)).astype(np.float32)
    assert usual_excess(films[:3], films[:3], 5 / 128) is None
    assert usual_excess(films, films, 5 / 128) is not None


def test_merit_is_the_mean_of_the_label_free_aurocs_at_hand() -> None:
    figures = {"auc_p": 0.9, "synthetic_auroc": 0.8, "synthetic_pixel_auroc": 0.7, "mask_healthy_val": 0.5}
    assert merit(figures) == pytest.approx(0.8)
    del figures["auc_p"]  # no mixed films
    assert merit(figures) == pytest.approx(0.75)
