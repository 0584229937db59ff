"""Every knob of training, frozen, with unit, range and reason; JSON round trip; presets."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.errors import ModelFileInvalid
from core.imaging.model_input import PAPER_TOP_CROP, ModelInputSpec
from core.models.anomaly_model import ModelCard


def _knob(default: Any, words: str, low: float | None = None, high: float | None = None) -> Any:  # of field()
    return field(default=default, metadata={"words": words, "range": (low, high)})


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """What a run does. Only what differs between runs is here; the losses' weights stand with the losses."""

    kind: str = _knob("healthygan", "healthygan or sr-anogan")
    preset: str = _knob("lite", "paper (the reference), plus or lite (recipe for real films)")
    population: str = _knob("any", "adult, child or any: which patients the films show")
    name: str = _knob("", "name of the model that comes out; empty = kind and run folder")
    size: int = _knob(128, "side of the model grid in px", 32, 1024)
    width: int = _knob(16, "channels of the first layer", 4, 256)
    warm_steps: int = _knob(6000, "generator steps at half size, healing alone (fast: no critic)", 0, 10**7)
    heal_steps: int = _knob(0, "generator steps at full size, healing alone, no critic yet", 0, 10**7)
    steps: int = _knob(3000, "generator steps at full size, or of the last SR stage", 1, 10**7)
    core_steps: int = _knob(8000, "SR-AnoGAN: steps of the first stage (core)", 0, 10**7)
    encoder_steps: int = _knob(0, "SR-AnoGAN paper: steps of the encoder", 0, 10**7)
    batch: int = _knob(8, "films of each stream in a step, in each process", 1, 512)
    learning_rate: float = _knob(3e-4, "Adam, start of the schedule", 1e-7, 1.0)
    adversarial: float = _knob(0.25, "largest weight of the adversarial loss; 1 paints dark bars", 0.0, 10.0)
    ema_decay: float = _knob(0.995, "decay of the averaged weights that are shown and exported", 0.0, 0.99999)
    clip: float = _knob(10.0, "largest gradient norm", 0.01, 1e6)
    rotation_deg: float = _knob(3.0, "augmentation: rotation up to", 0.0, 45.0)
    scale: float = _knob(0.04, "augmentation: scale up to", 0.0, 0.5)
    shift: float = _knob(0.03, "augmentation: shift up to, share of the side", 0.0, 0.5)
    gamma: float = _knob(0.1, "augmentation: gamma up to 1 +-", 0.0, 0.5)
    critic_augment: bool = _knob(False, "DiffAugment before the critic, against learning films by heart")
    tune_rate: float = _knob(0.25, "with --from: factor on the learning rate", 1e-4, 1.0)
    tune_critic_steps: int = _knob(200, "with --from: steps of the critic alone, a fifth at most", 0, 10**6)
    tune_frozen: float = _knob(0.2, "with --from: share of the run in which the first layers wait", 0.0, 1.0)
    tune_pull: float = _knob(1e-4, "with --from: L2-SP, pull of the weights to the parent's", 0.0, 1.0)
    histogram_match: bool = _knob(True, "match each film's grey values to the mean healthy film's")
    seed: int = _knob(0, "of weights, order, augmentation and lesions", 0, 2**31 - 1)
    threads: int = _knob(0, "CPU threads; 0 = all but none spare", 0, 1024)
    device: str = _knob("auto", "auto, cuda, mps or cpu")
    precision: str = _knob("auto", "fp32, bf16 or auto: bf16 where it is measured faster")
    log_every: int = _knob(25, "steps between two lines of metrics", 1, 10**6)
    evaluate_every: int = _knob(500, "steps between two evaluations with sample grid", 1, 10**7)
    checkpoint_every: int = _knob(200, "steps between two checkpoints", 1, 10**7)
    minimum_side_px: int = _knob(200, "smaller films are left out", 16, 10**5)

    def __post_init__(self) -> None:
        if self.kind not in {"healthygan", "sr-anogan"}:
            raise ValueError(
                f"There is no kind of model called {self.kind!r}; choose healthygan or sr-anogan."
            )
        if self.preset not in {"paper", "plus", "lite"}:
            raise ValueError(f"There is no preset called {self.preset!r}; choose paper, plus or lite.")
        if self.population not in {"adult", "child", "any"}:
            raise ValueError(f"The population is adult, child or any, not {self.population!r}.")
        if self.precision not in {"auto", "fp32", "bf16"}:
            raise ValueError(f"The precision is auto, fp32 or bf16, not {self.precision!r}.")
        for name, knob in type(self).__dataclass_fields__.items():
            low, high = knob.metadata["range"]
            value = getattr(self, name)
            if low is not None and not low <= value <= high:
                raise ValueError(
                    f"{name} is {value}; it must be from {low:g} to {high:g} ({knob.metadata['words']})."
                )
        if self.kind == "healthygan" and self.size % 64:
            raise ValueError("The grid of HealthyGAN must be a multiple of 64 px.")

    def to_json(self) -> str:
        """The config as indented JSON."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> TrainingConfig:
        """The inverse of `to_json`; unknown knobs of newer versions are ignored."""
        values = json.loads(text)
        return cls(**{name: value for name, value in values.items() if name in cls.__dataclass_fields__})

    def with_changes(self, **changes: Any) -> TrainingConfig:  # one of the knobs above, checked by it
        """The same config with some knobs changed; checked again."""
        return replace(self, **changes)


def fitted_to(parent: ModelCard, config: TrainingConfig) -> TrainingConfig:
    """The config with the grid of the model that a run starts from.

    Raises `ModelFileInvalid` where kind or preset are of another network than the parent's.
    """
    paper = parent.network.get("generator") == "paper" or parent.network.get("core") == "dcgan"
    if parent.kind != config.kind or paper != (config.preset == "paper"):
        raise ModelFileInvalid(
            f"The model {parent.name} cannot be trained on as {config.kind} {config.preset}: "
            f"it is {parent.kind} {parent.preset}.",
            "Choose its own kind and preset, or start from scratch.",
        )
    return config.with_changes(size=parent.input_spec.size)


def fine_tuning(parent: ModelCard, config: TrainingConfig) -> TrainingConfig:
    """What changes where a run starts from a trained model: no first stages, for it knows what they teach.

    The knobs `tune_...` do the rest (models.md 7.9).
    """
    return fitted_to(parent, config).with_changes(warm_steps=0, heal_steps=0, core_steps=0, encoder_steps=0)


def input_spec(config: TrainingConfig, parent: ModelCard | None = None) -> ModelInputSpec:
    """How films come onto the model's grid in this run: as the config says, or as the parent's did."""
    spec = parent.input_spec if parent else ModelInputSpec(size=config.size)
    return replace(spec, top_crop=PAPER_TOP_CROP) if config.preset == "paper" else spec


PRESETS = {
    # The reference to the layer: models.md section 1 (256 px, batch 16, 200,000 generator steps).
    ("healthygan", "paper"): TrainingConfig(
        preset="paper",
        size=256,
        width=64,
        warm_steps=0,
        steps=200_000,
        batch=16,
        learning_rate=1e-4,
        adversarial=1.0,
        ema_decay=0.0,
        clip=1e6,
        rotation_deg=0.0,
        scale=0.0,
        shift=0.0,
        gamma=0.0,
        histogram_match=False,
        checkpoint_every=500,
        evaluate_every=5000,
    ),
    ("healthygan", "plus"): TrainingConfig(preset="plus", width=24, warm_steps=15_000, steps=8_000),
    ("healthygan", "lite"): TrainingConfig(),
    ("sr-anogan", "paper"): TrainingConfig(
        kind="sr-anogan",
        preset="paper",
        width=64,
        core_steps=20_000,
        encoder_steps=0,
        warm_steps=20_000,
        steps=20_000,
        batch=16,
        learning_rate=2e-4,
        ema_decay=0.0,
        clip=1e6,
        histogram_match=False,
        rotation_deg=0.0,
        scale=0.0,
        shift=0.0,
        gamma=0.0,
    ),
    ("sr-anogan", "plus"): TrainingConfig(
        kind="sr-anogan",
        preset="plus",
        width=16,
        core_steps=8_000,
        warm_steps=0,
        steps=2_000,
        batch=16,
        learning_rate=1e-3,
        clip=5.0,
    ),
    ("sr-anogan", "lite"): TrainingConfig(
        kind="sr-anogan",
        preset="lite",
        width=8,
        core_steps=8_000,
        warm_steps=0,
        steps=2_000,
        batch=16,
        learning_rate=1e-3,
        clip=5.0,
    ),
}
