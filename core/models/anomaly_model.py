"""What a model is to the rest of the program: a card that says what it is, and one thing that it does.

Torch-free at run time, so that the window can show cards before any network is loaded.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from core import RESEARCH_USE
from core.imaging.model_input import ModelInputSpec

if TYPE_CHECKING:
    import torch


CHEST_LIMITS = (
    "Frontal chest X-rays only.",
    "The twin is invented: what it shows was never seen in this patient.",
)
"""What holds for every model of chest films, beside its own limits."""


def ages_of(population: str) -> tuple[float, float]:
    """Youngest and oldest patient of a population, in years."""
    return {"adult": (16.0, 150.0), "child": (0.5, 10.0)}.get(population, (0.0, 150.0))


@dataclass(frozen=True, slots=True)
class ModelCard:
    """All that a reader must be able to know of a model (everything but the weights).

    `kind`: "healthygan" or "sr-anogan"; `preset`: "paper", "plus" or "lite". `network`: the
    hyper-parameters from which the networks are rebuilt. `population`: "adult", "child" or "any".
    `weights_digest`: SHA-256 over names, shapes and bytes of all weights; results, calibrations and
    reports are bound to it. `training`: data, counts, steps, device, times, parent. `figures`: measured
    results with their confidence intervals and trivial baselines, one entry a source.
    """

    name: str
    kind: str
    preset: str
    version: str
    network: dict[str, Any]  # JSON: widths and counts, validated by the network's own constructor
    input_spec: ModelInputSpec
    weights_digest: str = ""
    modalities: tuple[str, ...] = ("CR", "DX", "RG")
    body_part: str = "CHEST"
    views: tuple[str, ...] = ("PA", "AP")
    population: str = "any"
    age_years: tuple[float, float] = (0.0, 150.0)
    intended_use: str = RESEARCH_USE
    limits: tuple[str, ...] = ()
    data_credit: tuple[str, ...] = ()
    training: dict[str, Any] = field(default_factory=dict)  # JSON, shown as it is
    figures: dict[str, Any] = field(default_factory=dict)  # JSON, shown as it is

    def to_json(self) -> dict[str, Any]:  # JSON object
        """The card as plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ModelCard:  # JSON object
        """A card from `to_json`'s form. Raises `TypeError`, `KeyError` or `ValueError` if it is none."""
        values = dict(data)
        spec = dict(values.pop("input_spec"))
        spec["reference_quantiles"] = tuple(float(value) for value in spec.get("reference_quantiles", ()))
        for name in ("modalities", "views", "limits", "data_credit"):
            values[name] = tuple(str(value) for value in values.get(name, ()))
        youngest, oldest = values.get("age_years", (0.0, 150.0))
        values["age_years"] = (float(youngest), float(oldest))
        return cls(input_spec=ModelInputSpec(**spec), **values)


@runtime_checkable
class AnomalyModel(Protocol):
    """A network that answers with the healthy twin. Scores and maps are not the model's business."""

    card: ModelCard

    @property
    def networks(self) -> tuple[torch.nn.Module, ...]:
        """What computes, frozen and in eval mode; whoever waits may hang a question on their layers."""
        ...

    def healthy(self, batch: torch.Tensor) -> torch.Tensor:
        """Healthy twins of `batch`: float32 `(n, 1, size, size)` in [0, 1], same shape and range out."""
        ...

    def realism(self, batch: torch.Tensor) -> torch.Tensor | None:
        """How healthy the critic finds each image, `(n,)`, larger = healthier; None without a critic."""
        ...

    def to(self, device: torch.device) -> AnomalyModel:
        """Move to a device; returns itself."""
        ...
