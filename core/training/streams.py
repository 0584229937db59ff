"""What both courses share: streams of augmented films, averaged weights, label-free figures, samples."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from torch import nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel

from core.imaging.residuals import (
    BLUR_SHARES,
    HealthyStatistics,
    blurred_excess,
    healthy_statistics,
    top_share,
)
from core.training.config import TrainingConfig
from core.training.dataset import Films, TrainingData
from core.training.processes import ALONE, Share
from core.training.synthetic_lesions import Lesion, paste_lesion

FloatImage = NDArray[np.float32]

_SHOWN = 48
_FULL_DIFFERENCE = 0.25  # white in a sample grid; models.md 7.10
_FULL_Z = 5.0
_FEWEST_FOR_Z = 4  # healthy films; the spread of fewer says nothing


def to_signed(films: torch.Tensor) -> torch.Tensor:
    """[0, 1] -> [-1, 1]."""
    return films * 2 - 1


def at_size(films: FloatImage, size: int) -> FloatImage:
    """Films `(n, s, s)` area-averaged to another size."""
    if len(films) == 0 or films.shape[-1] == size:
        return films
    batch = torch.from_numpy(np.array(films, np.float32))[:, None]
    return functional.interpolate(batch, size=(size, size), mode="area")[:, 0].numpy()


def held_out(data: TrainingData) -> FloatImage:
    """Up to 48 healthy films that no network is trained on; never those of the p-values."""
    return (data.healthy_val if len(data.healthy_val) else data.cal1).pixels[:_SHOWN]


def held_out_mixed(data: TrainingData) -> FloatImage:
    """Up to 48 mixed films that are not trained on; training ones where none are held out."""
    return (data.mixed_val if len(data.mixed_val) else data.mixed).pixels[:_SHOWN]


class Draw:
    """Random, augmented batches of healthy and mixed films at one size, `(n, 1, size, size)` in [0, 1].

    `batch`: films of a batch in each process, the config's unless said. Drawn are those of all processes,
    returned is the `share` of this one.
    """

    def __init__(
        self,
        healthy: Films,
        mixed: Films,
        size: int,
        config: TrainingConfig,
        share: Share = ALONE,
        batch: int | None = None,
    ) -> None:
        self.size = size
        self.config = config
        self._share = share
        self._total = (batch or config.batch) * share.world
        self._healthy = _Pool(healthy, at_size(healthy.pixels, size))
        self._mixed = _Pool(mixed, at_size(mixed.pixels, size)) if len(mixed) else self._healthy

    @property
    def places(self) -> slice:
        """Places of this process's films in the whole batch."""
        return self._share.places(self._total)

    def seeds(self, rng: np.random.Generator) -> NDArray[np.int64]:
        """A seed for the lesion of each film: it depends on no neighbour."""
        return rng.integers(2**62, size=self._total)[self.places]

    def healthy(
        self, rng: np.random.Generator, randomness: torch.Generator, source: str | None
    ) -> torch.Tensor:
        """A batch of healthy films of one source (None: of any)."""
        return self._augment(self._healthy.take(rng, self._total, source, self.places), randomness)

    def mixed(
        self, rng: np.random.Generator, randomness: torch.Generator, source: str | None
    ) -> torch.Tensor:
        """A batch of unlabelled films of one source (None: of any)."""
        return self._augment(self._mixed.take(rng, self._total, source, self.places), randomness)

    def _augment(self, films: torch.Tensor, randomness: torch.Generator) -> torch.Tensor:
        """Small rotation, scale, shift and gamma; no flip: a chest has a heart on one side."""
        config = self.config

        def draw(reach: float, columns: int = 1) -> torch.Tensor:
            return (torch.rand(self._total, columns, generator=randomness)[self.places] * 2 - 1) * reach

        angle = draw(config.rotation_deg * torch.pi / 180)[:, 0]
        scale = 1 + draw(config.scale)[:, 0]
        shift = draw(2 * config.shift, 2)
        gamma = 1 + draw(config.gamma)
        turn = torch.stack(
            [
                torch.stack([torch.cos(angle) * scale, -torch.sin(angle) * scale, shift[:, 0]], dim=1),
                torch.stack([torch.sin(angle) * scale, torch.cos(angle) * scale, shift[:, 1]], dim=1),
            ],
            dim=1,
        )
        grid = functional.affine_grid(turn, list(films.shape), align_corners=False)
        moved = functional.grid_sample(films, grid, padding_mode="border", align_corners=False)
        return moved.clamp(0, 1) ** gamma[:, :, None, None]


class _Pool:
    def __init__(self, films: Films, pixels: FloatImage) -> None:
        self._pixels = torch.from_numpy(np.array(pixels, np.float32))[:, None]
        sources = np.array([file.source for file in films.files])
        self._places = {source: np.flatnonzero(sources == source) for source in films.sources}
        self._all = np.arange(len(films))

    def take(self, rng: np.random.Generator, count: int, source: str | None, own: slice) -> torch.Tensor:
        places = self._all if source is None or source not in self._places else self._places[source]
        return self._pixels[rng.choice(places, count)[own]]


def averaged(module: nn.Module, decay: float) -> AveragedModel:
    """Averaged weights with the warm-up min(decay, (1 + n) / (10 + n)); decay 0 follows the weights."""

    def blend(average: torch.Tensor, value: torch.Tensor, count: torch.Tensor | int) -> torch.Tensor:
        n = float(count)
        keep = min(decay, (1 + n) / (10 + n))
        return average * keep + value * (1 - keep)

    return AveragedModel(module, avg_fn=blend, use_buffers=False)


def fixed_lesions(films: FloatImage, prior: FloatImage) -> Lesion:
    """The same synthetic lesions at every evaluation, stacked: film, target, mask `(n, size, size)`."""
    pasted = [
        paste_lesion(film, prior, films[place - 1], np.random.default_rng([17, place]))
        for place, film in enumerate(films)
    ]
    return Lesion(
        *(np.stack([getattr(lesion, name) for lesion in pasted]) for name in ("film", "target", "mask"))
    )


def film_scores(
    healthy: FloatImage,
    healthy_twin: FloatImage,
    lesions: Lesion,
    lesion_twin: FloatImage,
    mixed: FloatImage,
    mixed_twin: FloatImage,
    blur_share: float = BLUR_SHARES["healthygan"],
) -> dict[str, float]:
    """Label-free figures: sAUROC and pixel AUROC on synthetic lesions, AUCp, change on healthy films.

    AUCp = AUROC of held-out healthy against held-out mixed films: it follows the true AUROC without labels.
    """
    whole = np.ones(healthy.shape[1:], np.float32)

    def scores(films: FloatImage, twins: FloatImage) -> list[float]:
        return [
            top_share(blurred_excess(film, twin, blur_share), whole)
            for film, twin in zip(films, twins, strict=True)
        ]

    clean, sick, other = (
        scores(healthy, healthy_twin),
        scores(lesions.film, lesion_twin),
        scores(mixed, mixed_twin),
    )
    pixel = [
        roc_auc_score(mask.ravel() > 0.5, blurred_excess(film, twin, blur_share).ravel())
        for film, twin, mask in zip(lesions.film, lesion_twin, lesions.mask, strict=True)
        if 0 < mask.mean() < 1
    ]
    figures = {
        "synthetic_auroc": _auroc(
            clean, [score for score, mask in zip(sick, lesions.mask, strict=True) if mask.any()]
        ),
        "synthetic_pixel_auroc": float(np.mean(pixel)) if pixel else 0.5,
        "change_healthy_val": float(np.abs(healthy - healthy_twin).mean()),
        "residual_lesion_error": _lesion_error(lesions, lesion_twin),
    }
    if other:
        figures["auc_p"] = _auroc(clean, other)
    return figures


def merit(figures: dict[str, float]) -> float:
    """What chooses the exported step, without any label: the mean of AUCp and the two synthetic AUROCs.

    A step that paints healthy films is worth less, since all three fall when healthy films light up.
    """
    parts = [
        figures[name] for name in ("auc_p", "synthetic_auroc", "synthetic_pixel_auroc") if name in figures
    ]
    return float(np.mean(parts))


@dataclass(frozen=True, slots=True)
class SampleTitles:
    """What stands in the columns and rows of a sample grid, for whoever shows it."""

    columns: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


def usual_excess(healthy: FloatImage, twins: FloatImage, blur_share: float) -> HealthyStatistics | None:
    """What the model changes on healthy films `(n, size, size)`, per pixel; None with fewer than four."""
    if len(healthy) < _FEWEST_FOR_Z:
        return None
    pairs = zip(healthy, twins, strict=True)
    return healthy_statistics(np.stack([blurred_excess(film, twin, blur_share) for film, twin in pairs]))


def sample_grid(
    rows: Iterable[tuple[FloatImage, ...]],
    usual: HealthyStatistics | None = None,
    blur_share: float = BLUR_SHARES["healthygan"],
) -> NDArray[np.uint8]:
    """Films in rows: x | twin | other pictures of the model | difference, 0 to 0.25 | z, 0 to 5.

    All pictures `(size, size)` in [0, 1]. z: how far the film is denser than its twin beyond what is `usual`
    on healthy films, in their spreads; black without them, so that each grid has the same columns.
    """
    lines = []
    for row in rows:
        film, twin = row[:2]
        z = np.zeros_like(film)
        if usual is not None:
            z = (blurred_excess(film, twin, blur_share) - usual.mean) / usual.spread
        lines.append(np.hstack([*row, np.abs(film - twin) / _FULL_DIFFERENCE, z / _FULL_Z]))
    return np.asarray(np.clip(np.vstack(lines), 0, 1) * 255, np.uint8)


def sample_titles(others: tuple[str, ...], healthy: int, mixed: int, lesions: int) -> SampleTitles:
    """Titles of a grid whose rows are healthy films, mixed films and films with a synthetic lesion."""
    return SampleTitles(
        ("Original", "Twin", *others, "Difference", "z"),
        ("healthy",) * healthy + ("mixed",) * mixed + ("lesion",) * lesions,
    )


def _auroc(negatives: list[float], positives: list[float]) -> float:
    if not negatives or not positives:
        return 0.5
    truth = [0] * len(negatives) + [1] * len(positives)
    return float(roc_auc_score(truth, negatives + positives))


def _lesion_error(lesions: Lesion, twins: FloatImage) -> float:
    """Mean |twin - target| inside the lesions, divided by the mean |film - target| there (1 = not healed)."""
    inside = lesions.mask > 0.5
    before = np.abs(lesions.film - lesions.target)[inside].mean()
    return float(np.abs(twins - lesions.target)[inside].mean() / max(float(before), 1e-6))
