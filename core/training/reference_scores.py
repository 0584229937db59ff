"""Numbers that papers state, for comparison only: SSIM, and AnoGAN's sum with and without later stages.

A(x) = (1 - l) sum|x - s| + l sum|f(x) - f(s)|, l = 0.1, grey values in [0, 1] on the model's grid (models.md
3.5). s is the super-resolved reconstruction; for plain AnoGAN it is that of the first stage alone, with a
code that a gradient search finds without any encoder.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from torch.nn import functional

from core.jobs import NO_JOB, JobContext
from core.models.sr_anogan import DcganDiscriminator, SrAnoGan

FloatImage = NDArray[np.float32]

SEARCH_STEPS = 100
SEARCHED_FILMS = 60
"""Of each label of a source: the search takes half a second a film on a slow core."""

_FEATURE_WEIGHT = 0.1
_BATCH = 12


def structural_similarity(film: FloatImage, twin: FloatImage) -> float:
    """SSIM of two images in [0, 1]: 11 x 11 Gaussian window of spread 1.5, K1 0.01, K2 0.03 (Wang, 2004)."""

    def blurred(image: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(gaussian_filter(image, 1.5, radius=5))

    x, y = film.astype(np.float64), twin.astype(np.float64)
    mean_x, mean_y = blurred(x), blurred(y)
    spread = blurred(x * x) - mean_x**2 + blurred(y * y) - mean_y**2
    together = blurred(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + 0.01**2) / (mean_x**2 + mean_y**2 + 0.01**2)
    return float((luminance * (2 * together + 0.03**2) / (spread + 0.03**2)).mean())


def anomaly_sums(network: SrAnoGan, films: FloatImage, reconstructions: FloatImage) -> NDArray[np.float64]:
    """A of films and their reconstructions `(n, size, size)` in [0, 1], `(n,)`.

    Without its second part where the model has no discriminator, as those of the healing core have none.
    """
    sums = (1 - _FEATURE_WEIGHT) * np.abs(films - reconstructions).sum(axis=(1, 2), dtype=np.float64)
    discriminator = _discriminator(network)
    if discriminator is None:
        return np.asarray(sums)
    size = int(network.card.network["size"])
    device = next(discriminator.parameters()).device

    def features(images: FloatImage) -> torch.Tensor:
        batch = torch.from_numpy(np.array(images * 2 - 1, np.float32))[:, None].to(device)
        return discriminator.features(functional.interpolate(batch, size=(size, size), mode="area"))

    with torch.no_grad():
        for first in range(0, len(films), _BATCH):
            part = slice(first, first + _BATCH)
            apart = (features(films[part]) - features(reconstructions[part])).abs().flatten(1).sum(dim=1)
            sums[part] += _FEATURE_WEIGHT * apart.cpu().numpy()
    return np.asarray(sums)


def stage_one_alone(
    network: SrAnoGan, films: FloatImage, device: torch.device, ctx: JobContext = NO_JOB
) -> FloatImage:
    """Plain AnoGAN's reconstructions of films `(n, size, size)` in [0, 1], enlarged to the films' grid."""
    steps = search_steps(network)
    found = []
    for first in range(0, len(films), _BATCH):
        ctx.checkpoint()
        ctx.report(first, len(films), "Searching for codes of the first stage alone")
        batch = torch.from_numpy(np.array(films[first : first + _BATCH], np.float32))[:, None].to(device)
        small = network.stage_one(batch, steps)
        large = functional.interpolate(small, size=batch.shape[-2:], mode="bilinear", align_corners=False)
        found.append(large[:, 0].clamp(0, 1).cpu().numpy())
    return np.concatenate(found)


def search_steps(network: SrAnoGan) -> int:
    """As many steps as the whole model takes where it searches too, else `SEARCH_STEPS`."""
    return int(network.card.network.get("latent_steps", 0)) or SEARCH_STEPS


def comparison_words(network: SrAnoGan, searched: int) -> str:
    """What exactly is compared, in one paragraph."""
    core_size = 64 if network.card.network["core"] == "healing" else int(network.card.network["size"])
    feature = (
        "A = 0.9 Σ|x − s| + 0.1 Σ|f(x) − f(s)|, f from the first stage's discriminator"
        if _discriminator(network)
        else "A = 0.9 Σ|x − s|: this model keeps no discriminator, so the part with its features is left out"
    )
    return (
        f"{feature}; grey values from 0 to 1 on the model's grid of {network.card.input_spec.size} pixels. "
        "Whole model: s is the super-resolved reconstruction. Stage 1 alone is plain AnoGAN: s is what the "
        f"first stage's generator makes at {core_size} pixels, enlarged, from the code that a gradient "
        f"search of {search_steps(network)} steps finds, beginning at the same code for every film and "
        f"without any encoder. The search is slow; it ran on {searched} films: up to {SEARCHED_FILMS} of "
        "each label of a source, drawn with a fixed seed."
    )


def _discriminator(network: SrAnoGan) -> DcganDiscriminator | None:
    has_one = "discriminator" in network.stages  # a ModuleDict has no get
    stage = network.stages["discriminator"] if has_one else None
    return stage if isinstance(stage, DcganDiscriminator) else None
