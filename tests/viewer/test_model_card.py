"""A model's card in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from model_cases import CASES, small_model

from core.models.collection import ModelEntry
from viewer.model_card import card_lines, state_words

ENTRY = ModelEntry(Path("model.safetensors"), small_model(CASES[2]).card, {"films": 20}, shipped=False)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (ENTRY, "when asked by name"),
        (replace(ENTRY, calibration=None), "when asked by name, uncalibrated"),
        (replace(ENTRY, accepted_at="2026-02-01T00:00:00+00:00"), "in use since 2026-02-01"),
        (replace(ENTRY, shipped=True), "ships with the program"),
        (
            replace(ENTRY, shipped=True, behind="The ward's own"),
            "ships with the program; The ward's own answers in its place",
        ),
    ],
)
def test_it_is_said_whether_a_model_answers_by_itself(entry: ModelEntry, words: str) -> None:
    assert state_words(entry) == words


def test_a_card_has_its_name_on_top_and_no_characters_that_hide() -> None:
    lines = card_lines(replace(ENTRY, card=replace(ENTRY.card, name="ward\u202e", intended_use="Research.")))
    assert lines[0].startswith("ward")
    assert "\u202e" not in "".join(lines)
    assert any("Research." in line for line in lines)
