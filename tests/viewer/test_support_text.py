"""The text for support: enough to help, nothing of a patient."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import core
from core.models.collection import list_models
from core.settings import Settings
from viewer.program_log import LogLine
from viewer.support_text import support_text, version_of, version_rows


def line(number: int, text: str, safe: str) -> LogLine:
    return LogLine(number, 1.7e9, logging.WARNING, "core.session", text, safe)


def test_versions_are_those_of_what_is_installed() -> None:
    rows = dict(version_rows("6.10.0"))
    assert rows["HealthyTwin"] == core.__version__
    assert rows["Qt"] == "6.10.0"
    assert rows["torch"][0].isdigit()
    assert version_of("no-such-distribution") == "–"


def test_the_text_helps_and_names_nobody(tmp_path: Path) -> None:
    settings = replace(
        Settings(), reader_name="Dr. Kim", last_folder="/studies/KIM", text_percent=150, language="Deutsch"
    )
    log = [line(n, f"KIM^Minsoo {n}", f"‹a1b2c3› {n}") for n in range(500)]
    text = support_text(
        qt="6.10.0", computer=("Memory: 3 GB",), models=list_models(tmp_path), settings=settings, log=log
    )
    assert "KIM" not in text
    assert "Kim" not in text
    assert str(tmp_path) not in text
    assert "reader_name: set" in text
    assert "text_percent: 150" in text
    assert "language: Deutsch" in text
    assert "last_folder" not in text
    assert "The last 200 of 500 lines of the log" in text
    assert "‹a1b2c3› 499" in text
    assert "‹a1b2c3› 299" not in text
    assert "Memory: 3 GB" in text
    assert core.RESEARCH_USE in text
    for model in list_models(tmp_path):
        assert model.card.weights_digest in text


def test_an_own_model_is_named_by_its_kind_alone() -> None:
    (shipped, *_) = list_models(Path("no such folder"))
    own = replace(shipped, shipped=False, card=replace(shipped.card, name="films of Mrs Kim"))
    text = support_text(qt="6", computer=(), models=(own,), settings=Settings(), log=())
    assert "Kim" not in text
    assert f"own model: {own.card.kind}" in text
