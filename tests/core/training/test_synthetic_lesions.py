"""Synthetic lesions: known film, known target, known place."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from small_models import healthy_films

from core.training.synthetic_lesions import Lesion, lung_prior, paste_lesion

FloatImage = NDArray[np.float32]


@pytest.fixture(scope="module")
def films() -> FloatImage:
    return healthy_films(8)


@pytest.fixture(scope="module")
def lesions(films: FloatImage) -> list[tuple[FloatImage, Lesion]]:
    prior = lung_prior(films.mean(axis=0))
    return [
        (films[seed % 8], paste_lesion(films[seed % 8], prior, films[seed % 7], np.random.default_rng(seed)))
        for seed in range(200)
    ]


def test_the_lung_prior_finds_both_lungs(films: FloatImage) -> None:
    """The phantom's lungs are centred at 0.29 and 0.71 of the width and 0.47 of the height."""
    prior = lung_prior(films.mean(axis=0))

    assert set(np.unique(prior)) == {0.0, 1.0}
    assert prior[30, 18] == prior[30, 45] == 1
    assert prior[30, 32] == prior[2, 2] == prior[60, 32] == 0
    assert 0.1 < prior.mean() < 0.4


def test_a_lesion_heals_to_the_film_it_was_pasted_on(lesions: list[tuple[FloatImage, Lesion]]) -> None:
    for film, lesion in lesions:
        assert lesion.film.dtype == lesion.target.dtype == np.float32
        assert 0 <= lesion.film.min() <= lesion.film.max() <= 1
        assert set(np.unique(lesion.mask)) <= {0.0, 1.0}
        if lesion.mask.any():
            np.testing.assert_array_equal(lesion.target, film)
            moved = np.abs(lesion.film - lesion.target)
            assert moved[lesion.mask == 1].min() > 0.03
            assert moved[lesion.mask == 0].max() <= 0.03 + 1e-6


def test_a_nuisance_is_its_own_target(lesions: list[tuple[FloatImage, Lesion]]) -> None:
    """Gamma and noise are of the acquisition: a twin that "heals" them would call every other machine ill."""
    bent = [lesion for film, lesion in lesions if not np.array_equal(lesion.target, film)]

    assert 2 <= len(bent) <= 30  # 5 % of 200
    for lesion in bent:
        np.testing.assert_array_equal(lesion.film, lesion.target)
        assert not lesion.mask.any()


def test_most_lesions_are_opacities_inside_the_chest(lesions: list[tuple[FloatImage, Lesion]]) -> None:
    sick = [lesion for _, lesion in lesions if lesion.mask.any()]
    denser = [float((lesion.film - lesion.target)[lesion.mask == 1].mean()) > 0 for lesion in sick]

    assert len(sick) > 150
    assert np.mean(denser) > 0.85
    assert np.mean([lesion.mask.mean() < 0.5 for lesion in sick]) > 0.95


def test_the_same_seed_pastes_the_same_lesion(films: FloatImage) -> None:
    prior = lung_prior(films.mean(axis=0))
    first, again, other = (
        paste_lesion(films[0], prior, films[1], np.random.default_rng(seed)) for seed in (3, 3, 4)
    )

    np.testing.assert_array_equal(first.film, again.film)
    assert not np.array_equal(first.film, other.film)


def test_a_film_without_any_dark_lung_still_gets_its_lesion() -> None:
    bright = np.full((64, 64), 0.8, np.float32)
    nothing = np.zeros_like(bright)

    for seed in range(40):
        lesion = paste_lesion(bright, nothing, bright, np.random.default_rng(seed))
        assert np.isfinite(lesion.film).all()
