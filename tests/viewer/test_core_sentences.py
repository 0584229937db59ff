"""What the core says, in the reader's language; each sentence stands so in the core."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from viewer.core_sentences import (
    CORE_COUNTS,
    CORE_SENTENCES,
    CORE_TEMPLATES,
    LIST_COUNTS,
    LIST_SENTENCES,
    LIST_STARTS,
    said,
    said_lines,
)
from viewer.language import speak

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    speak("Deutsch")
    yield
    speak("English")


def spoken_by_the_core() -> set[str]:
    """All literals of the core; of those with values in them, the places as {}."""
    found = set()
    for path in (ROOT / "core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                parts = [str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values]
                found.add("".join(parts))
    return found


def test_each_sentence_stands_so_in_the_core() -> None:
    core = spoken_by_the_core()
    known = {*CORE_SENTENCES, *LIST_SENTENCES, *(one for one, _ in CORE_COUNTS)}
    known |= {re.sub(r"\{\w+\}", "{}", template) for template in CORE_TEMPLATES}
    known |= {many.replace("%n", "{}") for _, many in (*CORE_COUNTS, *LIST_COUNTS)}
    assert known <= core, known - core
    assert all(any(words in (start, f"{start} {{}}") for words in core) for start in LIST_STARTS)


def test_english_stays_as_it_is(qapp: QApplication) -> None:
    for sentence in (*CORE_SENTENCES, "1 finding above the threshold.", "7 findings above the threshold."):
        assert said(sentence) == sentence
    assert said("Analyzing with HealthyGAN") == "Analyzing with HealthyGAN"
    assert said("film.dcm is damaged {n}.") == "film.dcm is damaged {n}."


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Not analyzed yet.", "Noch nicht analysiert."),
        ("1 finding above the threshold.", "1 Befund über dem Schwellenwert."),
        ("12 findings above the threshold.", "12 Befunde über dem Schwellenwert."),
        ("Analyzing with SR-AnoGAN", "Analyse mit SR-AnoGAN"),
        ("Not analyzed: CT is no plain radiograph.", "Nicht analysiert: CT ist keine Röntgenaufnahme."),
        (
            "HealthyGAN gives no opinion: Not suitable for this model.",
            "HealthyGAN gibt keine Meinung ab: Für dieses Modell nicht geeignet.",
        ),
        ("Reading film.dcm", "film.dcm wird gelesen"),
        ("Reading unknown", "unknown wird gelesen"),
        ("Reading presentation states", "Darstellungszustände werden gelesen"),
        ("Only frontal chest films are known.", "Only frontal chest films are known."),
    ],
)
def test_what_is_known_is_said_in_german(sentence: str, words: str) -> None:
    assert said(sentence) == words


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1 image · PA · CHEST", "1 Bild · PA · CHEST"),
        ("1,200 images · L", "1200 Bilder · L"),
        ("3 files", "3 Dateien"),
        ("4 · No description", "4 · Ohne Beschreibung"),
        ("ID 7 · F · born 1950-02-01", "ID 7 · F · geboren 1950-02-01"),
        ("No date  14:30", "Kein Datum  14:30"),
        ("unknown · Analyzing the lung", "unknown · Analyzing the lung"),
    ],
)
def test_rows_of_the_list_are_said_and_words_of_the_files_stay(line: str, words: str) -> None:
    assert said_lines((line,)) == (words,)
