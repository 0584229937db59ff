"""Where no model is installed for a film, that is said, and not that the film were at fault."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report_cases import film

from core.imaging.frame import Frame
from core.imaging.model_input import ModelInputSpec
from core.inference.analysis import Answer, ModelChoice
from core.inference.analyze import ModelShelf
from core.models.anomaly_model import ModelCard

ADULT = ModelCard(
    "adults", "healthygan", "plus", "1", {}, ModelInputSpec(), population="adult", age_years=(16, 120)
)


def asked(monkeypatch: pytest.MonkeyPatch, frame: Frame, *cards: ModelCard) -> Answer:
    at_hand = tuple((Path(f"{card.name}.safetensors"), card) for card in cards)
    monkeypatch.setattr("core.inference.analyze.active_models", lambda folders: at_hand)
    return ModelShelf("cpu").analyze(frame, ModelChoice.HEALTHYGAN)


def aged(years: float, view: str = "PA") -> Frame:
    frame = film()
    return replace(frame, source=replace(frame.source, patient_age_years=years, view_position=view))


def test_no_model_of_the_kind_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    (refusal,) = asked(monkeypatch, film(), replace(ADULT, kind="sr-anogan")).refusals
    assert refusal.no_model
    assert refusal.suitability.reasons == ("No HealthyGAN model is installed.",)
    assert "Model from a file" in refusal.hint


def test_no_model_for_the_age_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    (refusal,) = asked(monkeypatch, aged(4), ADULT).refusals
    assert refusal.no_model
    assert refusal.suitability.reasons == (
        "No HealthyGAN model for a patient of 4 years is installed; the one at hand is for 16 to 120 years.",
    )
    assert "Model from a file" in refusal.hint


def test_a_film_that_suits_no_model_of_any_age_is_unsuitable(monkeypatch: pytest.MonkeyPatch) -> None:
    (refusal,) = asked(monkeypatch, aged(4, "LL"), ADULT).refusals
    assert not refusal.no_model
    assert any("lateral" in reason for reason in refusal.suitability.reasons)
