"""Known lesions on healthy films: what HealthyGAN learns to heal, and what it is measured with.

Families and their shares follow recipe.md section 3. Films are float32 `(size, size)` in [0, 1] on the model
grid. Never used for calibration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import SimpleITK as sitk
from numpy.typing import NDArray
from PIL import Image

FloatImage = NDArray[np.float32]

_CHANGED = 0.03  # a pixel belongs to the lesion when it moved by more than this


@dataclass(frozen=True, slots=True, eq=False)
class Lesion:
    """A film with a synthetic lesion, what it should be healed to, and where the lesion is (0 or 1)."""

    film: FloatImage
    target: FloatImage
    mask: FloatImage


def lung_prior(mean_film: FloatImage) -> FloatImage:
    """Where the lungs of a population usually are, 0 or 1, from its mean healthy film `(size, size)`.

    The two dark regions (Otsu inside the central window) around the darkest place of each half.
    """
    size = mean_film.shape[0]
    smooth = _gaussian(mean_film, size / 64)
    rows = slice(round(0.08 * size), round(0.85 * size))
    columns = slice(round(0.10 * size), round(0.90 * size))
    inside = sitk.GetImageFromArray(np.ascontiguousarray(smooth[rows, columns]))
    dark = np.zeros((size, size), np.uint8)
    dark[rows, columns] = sitk.GetArrayFromImage(sitk.OtsuThreshold(inside, 1, 0, 128))
    labels = sitk.GetArrayFromImage(sitk.ConnectedComponent(sitk.GetImageFromArray(dark)))
    prior = np.zeros((size, size), np.float32)
    for first, last in ((0.2, 0.42), (0.58, 0.8)):
        search = (
            slice(round(0.22 * size), round(0.55 * size)),
            slice(round(first * size), round(last * size)),
        )
        place = np.unravel_index(np.argmin(smooth[search]), smooth[search].shape)
        label = labels[search[0].start + place[0], search[1].start + place[1]]
        if label:
            prior[labels == label] = 1.0
    return prior


def paste_lesion(
    film: FloatImage, prior: FloatImage, foreign: FloatImage, rng: np.random.Generator
) -> Lesion:
    """One random lesion (or nuisance) on a healthy film.

    `prior`: lung prior of the population. `foreign`: another healthy film, for patches. Nuisances change the
    acquisition (gamma, noise) and are their own target, so that healing leaves acquisition alone.
    """
    place = _centre_weights(film, prior)
    draw = rng.random()
    for share, family in _FAMILIES:
        if draw < share:
            changed = family(film, prior, place, foreign, rng)
            break
        draw -= share
    else:
        return _nuisance(film, rng)
    changed = np.clip(changed, 0, 1).astype(np.float32)
    mask = (np.abs(changed - film) > _CHANGED).astype(np.float32)
    return Lesion(changed, film, mask)


def _blobs(
    film: FloatImage, prior: FloatImage, place: FloatImage, foreign: FloatImage, rng: np.random.Generator
) -> FloatImage:
    size = film.shape[0]
    shape = np.zeros_like(film)
    for _ in range(int(rng.integers(1, 5))):
        row, column = _draw_place(place, rng)
        spread = rng.uniform(0.03, 0.15, 2) * size
        shape = np.maximum(shape, rng.uniform(0.3, 1.0) * _super_gaussian(size, row, column, spread, rng))
    return _towards(film, 85, shape * _texture(size, rng), rng.uniform(0.25, 0.9))


def _basal(
    film: FloatImage, prior: FloatImage, place: FloatImage, foreign: FloatImage, rng: np.random.Generator
) -> FloatImage:
    size = film.shape[0]
    side = _one_side(prior, rng)
    rows = np.flatnonzero(side.any(axis=1))
    if rows.size == 0:
        return _haze(film, prior, place, foreign, rng)
    level = rows[0] + rng.uniform(0.45, 0.85) * (rows[-1] - rows[0])
    columns = np.linspace(-1, 1, size)
    line = level + size * (
        rng.uniform(-0.08, 0.08) * columns + 0.015 * np.sin(columns * rng.uniform(4, 10) + rng.uniform(0, 6))
    )
    below = (np.arange(size)[:, None] > line[None, :]).astype(np.float32)
    reach = _gaussian(_grow(side, size // 16), size / 40)
    shape = _gaussian(below, size / 64) * reach
    return _towards(film, 88, shape, rng.uniform(0.4, 0.95))


def _haze(
    film: FloatImage, prior: FloatImage, place: FloatImage, foreign: FloatImage, rng: np.random.Generator
) -> FloatImage:
    size = film.shape[0]
    where = prior if rng.random() < 0.5 else _one_side(prior, rng)
    shape = _gaussian(_grow(where, size // 32), size / 24)
    return _towards(film, 85, shape * _texture(size, rng), 0.6 * rng.uniform(0.25, 0.9))


def _patch(
    film: FloatImage, prior: FloatImage, place: FloatImage, foreign: FloatImage, rng: np.random.Generator
) -> FloatImage:
    size = film.shape[0]
    row, column = _draw_place(place, rng)
    shape = _super_gaussian(size, row, column, rng.uniform(0.05, 0.14, 2) * size, rng)
    moved = np.roll(foreign, tuple(rng.integers(-size // 5, size // 5, 2)), (0, 1))
    alpha = rng.uniform(0.5, 1.0) * shape
    return np.asarray(film * (1 - alpha) + moved * alpha, np.float32)


def _interstitial(
    film: FloatImage, prior: FloatImage, place: FloatImage, foreign: FloatImage, rng: np.random.Generator
) -> FloatImage:
    size = film.shape[0]
    where = prior if rng.random() < 0.6 else _one_side(prior, rng)
    noise = rng.standard_normal(film.shape).astype(np.float32)
    band = _gaussian(noise, size / 100) - _gaussian(noise, size / 32)
    band /= max(float(band.std()), 1e-6)
    return np.asarray(film + rng.uniform(0.02, 0.07) * band * _gaussian(where, size / 40), np.float32)


_Family = Callable[[FloatImage, FloatImage, FloatImage, FloatImage, np.random.Generator], FloatImage]
_FAMILIES: tuple[tuple[float, _Family], ...] = (
    (0.45, _blobs),
    (0.12, _basal),
    (0.13, _haze),
    (0.15, _patch),
    (0.10, _interstitial),
)


def _nuisance(film: FloatImage, rng: np.random.Generator) -> Lesion:
    bent = film ** np.float32(rng.uniform(0.85, 1.18)) + rng.normal(0, 0.01, film.shape)
    changed: FloatImage = np.clip(bent, 0, 1).astype(np.float32)
    return Lesion(changed, changed, np.zeros_like(film))


def _centre_weights(film: FloatImage, prior: FloatImage) -> FloatImage:
    """Lesions start inside the lung prior where this film is dark; anywhere in the prior if it is not."""
    dark = prior * (_gaussian(film, film.shape[0] / 32) < 0.62)
    return np.asarray(dark if dark.any() else prior if prior.any() else np.ones_like(film), np.float32)


def _draw_place(weights: FloatImage, rng: np.random.Generator) -> tuple[int, int]:
    places = np.flatnonzero(weights > 0)
    row, column = divmod(int(places[rng.integers(places.size)]), weights.shape[1])
    return row, column


def _super_gaussian(
    size: int, row: int, column: int, spread: NDArray[np.float64], rng: np.random.Generator
) -> FloatImage:
    angle = rng.uniform(0, np.pi)
    down, right = np.mgrid[0:size, 0:size].astype(np.float32)
    down -= row
    right -= column
    along = (np.cos(angle) * right + np.sin(angle) * down) / spread[0]
    across = (np.cos(angle) * down - np.sin(angle) * right) / spread[1]
    return np.asarray(np.exp(-((along**2 + across**2) ** rng.uniform(1, 3))), np.float32)


def _towards(film: FloatImage, percentile: float, shape: FloatImage, strength: float) -> FloatImage:
    """Blend towards the grey of dense tissue; never darker than the film."""
    dense = float(np.percentile(film, percentile))
    return np.asarray(film + strength * shape * np.maximum(dense - film, 0), np.float32)


def _texture(size: int, rng: np.random.Generator) -> FloatImage:
    return 0.75 + 0.25 * _noise(size, 6, rng) + 0.15 * _noise(size, 24, rng)


def _noise(size: int, cells: int, rng: np.random.Generator) -> FloatImage:
    coarse = Image.fromarray(rng.standard_normal((cells, cells)).astype(np.float32))
    return np.array(coarse.resize((size, size), Image.Resampling.BICUBIC), np.float32)


def _one_side(prior: FloatImage, rng: np.random.Generator) -> FloatImage:
    half = np.zeros_like(prior)
    middle = prior.shape[1] // 2
    columns = slice(0, middle) if rng.random() < 0.5 else slice(middle, None)
    half[:, columns] = prior[:, columns]
    return half


def _grow(mask: FloatImage, radius: int) -> FloatImage:
    if radius < 1:
        return mask
    grown = sitk.BinaryDilate(sitk.GetImageFromArray((mask > 0.5).astype(np.uint8)), [radius, radius])
    return sitk.GetArrayFromImage(grown).astype(np.float32)


def _gaussian(image: NDArray[np.floating], sigma: float) -> FloatImage:
    blurred = sitk.SmoothingRecursiveGaussian(
        sitk.GetImageFromArray(np.asarray(image, np.float32)), max(sigma, 0.3)
    )
    return np.asarray(sitk.GetArrayFromImage(blurred), np.float32)
