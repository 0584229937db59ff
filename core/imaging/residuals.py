"""Translated pair -> residual maps -> the difference map that is shown, thresholded and scored.

All maps live on the model grid, float32 in units of the matched grey range [0, 1]: 0.1 means "a tenth
of the grey range denser than the healthy twin". Fixed units for every film: never per-image min-max.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FloatImage = NDArray[np.float32]

UPSAMPLING = 4
# HealthyGAN: the width that finds synthetic lesions on held-out healthy films best (pixel AUROC; README,
# Design). SR-AnoGAN (recipe.md): its reconstruction misses ribs and edges, which must cancel before the sign
# is taken.
BLUR_SHARES = {"healthygan": 13 / 128, "sr-anogan": 21 / 128}
_SPEAKS = 0.05  # below this weight a map is hatched, not shown


@dataclass(frozen=True, slots=True, eq=False)
class HealthyStatistics:
    """What a model still changes on healthy films, per pixel `(size, size)`, for one sign of difference.

    `mean`, `spread`: for z scores. `q90`: the 90 % quantile, taken off the map that is shown.
    """

    mean: FloatImage
    spread: FloatImage
    q90: FloatImage


def blurred_excess(image: FloatImage, twin: FloatImage, blur_share: float) -> FloatImage:
    """How much denser the image is than its twin: max(0, box blur of (image - twin)), `(size, size)`.

    `blur_share`: width of the box as a share of the side, `BLUR_SHARES` of the kind of model. Swap the
    arguments for "more lucent than the twin".
    """
    import SimpleITK as sitk  # 60 ms: for the first map, not before the window shows

    radius = max(1, round(blur_share * image.shape[0] / 2 - 0.5))
    blurred = sitk.BoxMean(sitk.GetImageFromArray(np.asarray(image - twin, np.float32)), [radius, radius])
    return np.maximum(np.asarray(sitk.GetArrayFromImage(blurred), np.float32), np.float32(0.0))


def map_recipe(kind: str) -> str:
    """How maps of a kind of model are made, in words: thresholds of maps made otherwise do not hold for them.

    Raises `KeyError` for a kind that is not known.
    """
    return (
        f"positive part of a box blur of {BLUR_SHARES[kind]:.4f} of the side, less the healthy 90 % quantile"
    )


def healthy_statistics(excess: FloatImage) -> HealthyStatistics:
    """Per-pixel statistics of `excess` `(films, size, size)` over held-out healthy films (models.md 4.2).

    Mean and spread are smoothed over size/32, the variance is shrunk towards its mean with the weight
    of 20 films and floored at a tenth of the median spread.
    """
    films, size = excess.shape[0], excess.shape[1]
    sigma = size / 32
    mean = _smooth(excess.mean(axis=0), sigma)
    variance = _smooth(excess.var(axis=0), sigma)
    variance = (films * variance + 20 * variance.mean()) / (films + 20)
    spread = np.sqrt(np.maximum(variance, 0))
    spread = np.maximum(spread, max(0.1 * float(np.median(spread)), 1e-4))
    q90 = _smooth(np.quantile(excess, 0.9, axis=0), sigma / 2)
    return HealthyStatistics(
        mean.astype(np.float32), spread.astype(np.float32), np.maximum(q90, 0).astype(np.float32)
    )


def difference_map(excess: FloatImage, statistics: HealthyStatistics, weight: FloatImage) -> FloatImage:
    """The map that is shown: weight * max(0, excess - q90 of healthy films), same units as `excess`."""
    return np.asarray(weight * np.maximum(excess - statistics.q90, 0.0), np.float32)


def upsampled(difference_map: FloatImage, valid: NDArray[np.bool_] | None = None) -> FloatImage:
    """A map `(size, size)` on the finer grid on which it is drawn, thresholded and counted.

    `(4 size, 4 size)`, bilinear: what is shown is what is counted. Not-a-number where the map is not
    finite or `valid` (on the model grid) is False: not analyzed is never "nothing found".
    """
    size = difference_map.shape[0] * UPSAMPLING
    analyzed = np.isfinite(difference_map)
    if valid is not None:
        analyzed = analyzed & valid
    whole = bool(analyzed.all())
    # Cells that were not analyzed must not pull down (or lift) their neighbours: the mean around
    # stands in for them while interpolating.
    values = difference_map if whole else _filled(difference_map, analyzed)
    source = Image.fromarray(np.ascontiguousarray(values, np.float32))
    fine = np.array(source.resize((size, size), Image.Resampling.BILINEAR), np.float32)
    if not whole:
        fine[~analyzed.repeat(UPSAMPLING, axis=0).repeat(UPSAMPLING, axis=1)] = np.nan
    return fine


def analyzed_cells(weight: FloatImage) -> NDArray[np.bool_]:
    """Which cells `(size, size)` a map of this weight speaks of. On screen, in counts and in calibrations."""
    return np.asarray(weight > _SPEAKS)


def map_peak(difference_map: FloatImage, analyzed: NDArray[np.bool_]) -> float:
    """The largest value of a map as it is shown; 0 where nothing was analyzed."""
    fine = upsampled(difference_map, analyzed)
    return float(np.nanmax(fine)) if analyzed.any() else 0.0


def top_share(values: FloatImage, weight: FloatImage, share: float = 0.02) -> float:
    """Mean of the largest `share` of the values where the weight is above one half."""
    inside = np.sort(values[weight > 0.5])
    if inside.size == 0:
        return 0.0
    return float(inside[-max(1, round(share * inside.size)) :].mean())


def _filled(values: FloatImage, known: NDArray[np.bool_]) -> FloatImage:
    """`values` with the unknown cells replaced by the mean of their known neighbours, else by zero."""
    weight = np.pad(known.astype(np.float32), 1)
    total = np.pad(np.where(known, values, 0.0).astype(np.float32), 1)
    rows, columns = values.shape
    around = [
        (slice(row, row + rows), slice(column, column + columns)) for row in range(3) for column in range(3)
    ]
    count = np.add.reduce([weight[place] for place in around])
    mean = np.add.reduce([total[place] for place in around]) / np.maximum(count, 1.0)
    return np.where(known, values, mean).astype(np.float32)


def _smooth(image: NDArray[np.floating], sigma: float) -> FloatImage:
    import SimpleITK as sitk  # as above

    blurred = sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(np.asarray(image, np.float32)), sigma)
    return np.asarray(sitk.GetArrayFromImage(blurred), np.float32)
