"""A model's card in words: for the list of models and for the command line. No Qt here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.inference.analysis import model_name
from core.models.collection import ModelEntry
from core.models.model_file import calibration_words
from core.visible import visible

_PEOPLE = {"adult": "adults", "child": "children", "any": "any age"}
_STAGES = {"heal": "healing", "translate": "translation", "sr": "super-resolution"}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and what stands under it: (what, value) rows; a row without a name is a sentence."""

    title: str
    rows: tuple[tuple[str, str], ...]


def people(entry: ModelEntry) -> str:
    """Whose films the model reads."""
    return _PEOPLE.get(entry.card.population, entry.card.population)


def state_words(entry: ModelEntry) -> str:
    """Whether the program uses a model by itself, and why not."""
    if entry.behind:
        return f"ships with the program; {entry.behind} answers in its place"
    if entry.shipped:
        return "ships with the program"
    if entry.accepted_at:
        return f"in use since {entry.accepted_at[:10]}"
    return "when asked by name" if entry.calibration else "when asked by name, uncalibrated"


def card_sections(entry: ModelEntry) -> tuple[Section, ...]:
    """All that a card says, in the order in which a reader needs it; empty sections are left out."""
    card = entry.card
    youngest, oldest = card.age_years
    ages = "" if (youngest, oldest) == (0.0, 150.0) else f", {youngest:g} to {oldest:g} years"
    sections = [
        Section(
            "Model",
            (
                ("kind", f"{model_name(card.kind)}, preset {card.preset}"),
                ("films", f"{card.body_part.lower()} {' or '.join(card.views)}, {people(entry)}{ages}"),
                ("grid", f"{card.input_spec.size} × {card.input_spec.size} px"),
                ("calibration", calibration_words(entry.calibration)),
                ("use", state_words(entry)),
                ("weights", card.weights_digest),
                ("file", str(entry.path)),
            ),
        ),
        Section("Limits", (("", card.intended_use), *(("", limit) for limit in card.limits))),
        # The held-out films first: the longer the name of a set of films, the more there is to explain.
        *(
            section
            for split in sorted(card.figures, key=len)
            for section in _figures(split, card.figures[split])
        ),
        Section("Films it learned from", _training_data(card.training)),
        Section("Training", _training(card.training)),
        Section("Credit", tuple(("", credit) for credit in card.data_credit)),
    ]
    return tuple(
        Section(section.title, tuple((visible(name), visible(value)) for name, value in section.rows))
        for section in sections
        if section.rows
    )


def card_lines(entry: ModelEntry) -> list[str]:
    """The card as plain text."""
    lines = [visible(entry.card.name)]
    for section in card_sections(entry):
        lines += ["", section.title]
        lines += [f"  {name + ': ' if name else ''}{value}" for name, value in section.rows]
    return lines


def _figures(split: str, found: Any) -> list[Section]:  # JSON of an evaluation
    """One section a source: each figure with its interval, then the trivial baselines."""
    sections = []
    for source in found.get("sources", ()) if isinstance(found, Mapping) else ():
        rows = [(name, _figure(value)) for name, value in source.get("figures", {}).items()]
        rows += [
            (f"trivial baseline: {name}", f"AUROC {_figure(value)}")
            for name, value in source.get("baselines", {}).items()
        ]
        healthy, ill = source.get("healthy", 0), source.get("abnormal", 0)
        title = f"Figures on {source.get('source')} ({split}): {healthy} healthy, {ill} ill films"
        sections.append(Section(title, tuple(rows)))
    return sections


def _figure(value: Any) -> str:  # JSON of a figure
    if not isinstance(value, Mapping) or "value" not in value:
        return str(value)
    number = f"{value['value']:.3f}"
    if "low" in value and "high" in value:
        number += f" [{value['low']:.3f}, {value['high']:.3f}]"
    return number


def _training_data(training: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:  # JSON object
    rows = []
    data = training.get("data", {})
    for role, counts in data.items() if isinstance(data, Mapping) else ():
        if isinstance(counts, Mapping):
            words = ", ".join(f"{count} of {source}" for source, count in counts.items())
            rows.append((str(role), words or "none"))
        else:
            rows.append((str(role), str(counts)))
    cautions = training.get("cautions", ())
    rows += [("", str(caution)) for caution in cautions if isinstance(cautions, list | tuple)]
    return tuple(rows)


def _training(training: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:  # JSON object
    rows = []
    stages = training.get("stages", ())
    if stages:
        rows.append(
            ("steps", ", then ".join(f"{steps:,} of {_STAGES.get(name, name)}" for name, steps in stages))
        )
    seconds = training.get("training_seconds")
    if isinstance(seconds, int | float):
        rows.append(
            ("time", f"{seconds / 60:.0f} minutes" if seconds < 7200 else f"{seconds / 3600:.1f} hours")
        )
    for key, words in (
        ("device", "device"),
        ("software", "software"),
        ("imported_from", "imported from"),
        ("critic_from", "critic imported from"),
    ):
        if training.get(key):
            rows.append((words, str(training[key])))
    if training.get("parent"):
        rows.append(("started from", str(training["parent"])[:12]))
    config = training.get("config", {})
    if isinstance(config, Mapping):
        told = ("learning_rate", "batch", "adversarial", "seed", "augmentation")
        rows += [(name.replace("_", " "), f"{config[name]}") for name in told if name in config]
    return tuple(rows)
