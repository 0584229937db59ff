"""Knobs of training: checked where they are set, kept through JSON."""

from __future__ import annotations

import json

import pytest

from core.training.config import PRESETS, TrainingConfig


@pytest.mark.parametrize("key", PRESETS, ids="-".join)
def test_presets_say_their_own_kind_and_survive_json(key: tuple[str, str]) -> None:
    config = PRESETS[key]

    assert (config.kind, config.preset) == key
    assert TrainingConfig.from_json(config.to_json()) == config


def test_knobs_of_a_newer_version_are_ignored() -> None:
    values = json.loads(TrainingConfig(batch=3).to_json()) | {"knob_of_the_future": 1}

    assert TrainingConfig.from_json(json.dumps(values)).batch == 3


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"batch": 0}, "batch is 0"),
        ({"learning_rate": float("nan")}, "learning_rate is nan"),
        ({"shift": 0.9}, "shift is 0.9"),
        ({"kind": "ganomaly"}, "ganomaly"),
        ({"preset": "huge"}, "huge"),
        ({"population": "dogs"}, "dogs"),
        ({"size": 100}, "multiple of 64"),
    ],
)
def test_a_knob_out_of_range_is_named(changes: dict[str, object], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        TrainingConfig().with_changes(**changes)


def test_the_papers_presets_are_the_papers() -> None:
    """Batch, size, rates and steps of models.md sections 1.9 and 3; no augmentation, no averaged weights."""
    config = PRESETS["healthygan", "paper"]

    assert (config.size, config.width, config.batch, config.steps) == (256, 64, 16, 200_000)
    assert (config.learning_rate, config.adversarial, config.ema_decay) == (1e-4, 1.0, 0.0)
    assert config.rotation_deg == config.scale == config.shift == config.gamma == 0
    assert not config.histogram_match
