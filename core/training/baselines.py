"""Trivial baselines: what anybody gets without a model. Printed beside every figure, for honesty.

On public chest films a template or seven numbers separate the folders well (recipe.md section 0.1); a
model is worth only what it adds to them on the same films. They are fitted on the films of the training
run (healthy against mixed folder, no labels) and travel in the model file.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from core.imaging.model_input import thumbnails
from core.models.model_file import TEMPLATE
from core.training.dataset import Films, TrainingData

Floats = NDArray[np.float32]

_COMPONENTS = 16
NUMBERS = ("mean", "spread", "10 %", "90 %", "centre mean", "gradient", "border mean")


def fit_baselines(data: TrainingData) -> dict[str, Floats]:
    """Arrays of all baselines, for the `aux` part of a model file."""
    arrays: dict[str, Floats] = {TEMPLATE: data.train.pixels.mean(axis=0)}
    arrays["baseline.template_spread"] = np.maximum(data.train.pixels.std(axis=0), 0.02)
    arrays["baseline.pca_healthy"] = _principal(_vectors(data.train.pixels))
    if len(data.mixed) >= _COMPONENTS:
        together = np.concatenate([data.train.pixels, data.mixed.pixels])
        arrays["baseline.pca_all"] = _principal(_vectors(together))
        shared = sorted(set(data.train.sources) & set(data.mixed.sources)) or list(data.train.sources)
        healthy, mixed = data.train.of_sources(shared), data.mixed.of_sources(shared)
        if len(healthy) >= 10 and len(mixed) >= 10:
            arrays["baseline.seven"] = _seven_numbers(healthy, mixed)
    return arrays


def score_baselines(films: Films, arrays: dict[str, NDArray[np.generic]]) -> dict[str, Floats]:
    """A score of each film by each baseline that is at hand, larger = more abnormal, `(n,)` each."""
    scores: dict[str, Floats] = {
        "aspect ratio": films.aspect,
        "centre mean": films.numbers[:, NUMBERS.index("centre mean")],
        "−gradient": -films.numbers[:, NUMBERS.index("gradient")],
    }
    if TEMPLATE in arrays:
        template = np.asarray(arrays[TEMPLATE], np.float32)
        scores["template |x − mean|"] = np.abs(films.pixels - template).mean(axis=(1, 2))
        spread = np.asarray(arrays["baseline.template_spread"], np.float32)
        scores["template z+"] = np.maximum((films.pixels - template) / spread, 0).mean(axis=(1, 2))
    if "baseline.pca_healthy" in arrays:
        small = _vectors(films.pixels)
        own = _reconstruction_error(small, np.asarray(arrays["baseline.pca_healthy"], np.float32))
        scores["PCA residual"] = own
        if "baseline.pca_all" in arrays:
            both = _reconstruction_error(small, np.asarray(arrays["baseline.pca_all"], np.float32))
            scores["two PCAs"] = np.log(np.maximum(own, 1e-9)) - np.log(np.maximum(both, 1e-9))
    if "baseline.seven" in arrays:
        mean, scale, weight, offset = np.asarray(arrays["baseline.seven"], np.float32)
        scores["seven numbers"] = ((films.numbers - mean) / scale) @ weight + offset[0]
    return scores


def _vectors(films: Floats) -> Floats:
    small = thumbnails(films)
    return small.reshape(len(small), -1)


def _principal(vectors: Floats) -> Floats:
    """Mean and components, `(1 + components, values)`."""
    count = min(_COMPONENTS, len(vectors) - 1)
    pca = PCA(count, svd_solver="full").fit(vectors.astype(np.float64))
    return np.vstack([pca.mean_, pca.components_]).astype(np.float32)


def _reconstruction_error(vectors: Floats, principal: Floats) -> Floats:
    centred = vectors - principal[0]
    rest = centred - (centred @ principal[1:].T) @ principal[1:]
    return np.asarray(np.square(rest).mean(axis=1), np.float32)


def _seven_numbers(healthy: Films, mixed: Films) -> Floats:
    """Logistic regression, healthy against mixed folder: mean, scale, weight, repeated offset, `(4, 7)`."""
    numbers = np.concatenate([healthy.numbers, mixed.numbers])
    truth = np.r_[np.zeros(len(healthy)), np.ones(len(mixed))]
    scaler = StandardScaler().fit(numbers)
    fit = LogisticRegression(class_weight="balanced").fit(scaler.transform(numbers), truth)
    offset = np.full(numbers.shape[1], fit.intercept_[0])
    return np.vstack([scaler.mean_, scaler.scale_, fit.coef_[0], offset]).astype(np.float32)
