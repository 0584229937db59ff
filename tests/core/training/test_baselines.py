"""Trivial baselines: what anybody gets without a network."""

from __future__ import annotations

import numpy as np
import pytest
from film_folders import FilmLists
from sklearn.metrics import roc_auc_score

from core.imaging.model_input import ModelInputSpec
from core.training.baselines import fit_baselines, score_baselines
from core.training.dataset import TrainingData, gather, list_films, read_films


@pytest.fixture(scope="module")
def data(film_lists: FilmLists) -> TrainingData:
    return gather(film_lists.healthy, film_lists.mixed, ModelInputSpec(size=64))


def test_all_baselines_of_the_recipe_are_scored(data: TrainingData, film_lists: FilmLists) -> None:
    films, _ = read_films(list_films(film_lists.labelled), data.spec)
    scores = score_baselines(films, fit_baselines(data))

    assert set(scores) == {
        "aspect ratio",
        "centre mean",
        "−gradient",
        "template |x − mean|",
        "template z+",
        "PCA residual",
        "two PCAs",
        "seven numbers",
    }
    for name, values in scores.items():
        assert values.shape == (16,), name
        assert np.isfinite(values).all(), name


def test_the_seven_numbers_learn_a_grey_difference_without_labels(data: TrainingData) -> None:
    """Mixed films are brighter in this world: that alone separates, and must be seen to."""
    brighter = data.mixed.numbers + np.float32([0.2, 0, 0.2, 0.2, 0.2, 0, 0.2])
    shifted = TrainingData(
        data.spec,
        data.train,
        data.cal1,
        data.cal2,
        data.healthy_val,
        type(data.mixed)(data.mixed.files, data.mixed.pixels, brighter, data.mixed.aspect, data.mixed.crops),
        data.mixed_val,
        (),
    )
    arrays = fit_baselines(shifted)
    healthy = score_baselines(data.healthy_val, arrays)["seven numbers"]
    sick = score_baselines(shifted.mixed, arrays)["seven numbers"]

    truth = [0] * len(healthy) + [1] * len(sick)
    assert roc_auc_score(truth, [*healthy, *sick]) > 0.95


def test_the_template_knows_its_own_mean(data: TrainingData) -> None:
    arrays = fit_baselines(data)

    np.testing.assert_allclose(arrays["baseline.template"], data.train.pixels.mean(axis=0))
    distances = score_baselines(data.train, arrays)["template |x − mean|"]
    by_hand = np.abs(data.train.pixels[3] - data.train.pixels.mean(axis=0)).mean()
    assert distances[3] == pytest.approx(by_hand, rel=1e-5)


def test_without_mixed_films_the_two_set_baselines_are_left_out(film_lists: FilmLists) -> None:
    alone = gather(film_lists.healthy, None, ModelInputSpec(size=64))
    arrays = fit_baselines(alone)

    assert set(arrays) == {"baseline.template", "baseline.template_spread", "baseline.pca_healthy"}
    assert "two PCAs" not in score_baselines(alone.train, arrays)


def test_the_boundary_of_pca_is_its_own_films(data: TrainingData) -> None:
    """Healthy films that the components were fitted on are described better than others."""
    arrays = fit_baselines(data)
    own = score_baselines(data.train, arrays)["PCA residual"].mean()
    other = score_baselines(data.mixed, arrays)["PCA residual"].mean()

    assert own < other


def test_aux_arrays_hold_no_single_film(data: TrainingData) -> None:
    """They travel in shipped files: means and components only, far fewer than the films."""
    arrays = fit_baselines(data)

    for name, values in arrays.items():
        assert values.dtype == np.float32, name
        for film in data.train.pixels:
            assert values.shape != film.shape or not np.allclose(values, film), name
