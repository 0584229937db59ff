"""Sentences of the core as the window says them: in the reader's language where the sentence is known.

The core speaks English and knows no window. Longer explanations with many values in them stay so.
"""

from __future__ import annotations

import re
from functools import cache

from viewer.language import counted, spoken, tr

CORE_SENTENCES = (
    "Research use only. Not for diagnosis.",
    "Reading the image…",
    "No image is open.",
    "No image is shown.",
    "Write your impression first.",
    "No model for this film is installed.",
    "Not suitable for this model.",
    "Not suitable for these models.",
    "The analysis failed.",
    "The program met an error of its own.",
    "Waiting for its turn.",
    "Only specks above the threshold.",
    "Nothing above the threshold.",
    "Not analyzed: a colour image.",
    "Not analyzed yet.",
    "denser",
    "more lucent",
    "pixel spacing",
    "calibrated",
    "at detector",
    "at detector, corrected for magnification",
    "as scanned",
    "unknown",
    "Drawing the healthy twin",
    "Preparing the models",
    "Reading presentation states",
    "Reading back your decisions",
    "Keeping your decisions",
    "Forgetting your decisions",
    "Forgetting studies",
    "Sorting the studies",
    "Which images suit the models",
    "Export the reading log",
    "Read the presentation states",
    "Draw the healthy twin",
    "Save the settings",
    "Forget studies",
    "Forget your decisions",
    "Keep your decisions",
    "Analyze the whole series",
    "reading slices",
    "evening out the slices",
    "resampling",
    "loading the model",
    "Nothing is kept any more of what you decided about images.",
)
"""Each stands so in the source of the core."""
CORE_TEMPLATES = (
    "Analyzing with {model}",
    "Not analyzed: {modality} is no plain radiograph.",
    "{model} gives no opinion: {why}",
    "Looking through {name}",
    "Reading for the analysis: {name}",
    "Reading ahead: {name}",
    "Reading {name}",
    "Writing {name}",
    "Unpacking {name}",
    "Analyzing {name}",
    "{model}: compare",
    "Open {name}",
    "Analyze {name}",
    "{number} moments are written to {name}.",
)
"""Sentences with values in them."""
CORE_COUNTS = (("1 finding above the threshold.", "%n findings above the threshold."),)
"""Sentences with a number at their beginning: that of one, and that of many."""
LIST_SENTENCES = ("No description", "No name")
LIST_COUNTS = (("1 image", "%n images"), ("1 file", "%n files"))
LIST_STARTS = ("No date", "born")
"""What the program itself writes into rows of the study list, between words of the files."""
_DOT = " · "


def said(sentence: str) -> str:
    """A sentence of the core in the reader's language; as it is where it is not known."""
    if spoken() == "en" or sentence in CORE_SENTENCES:
        return tr(sentence)
    found = _said_count(sentence, CORE_COUNTS)
    if found:
        return found
    for template in CORE_TEMPLATES:
        values = _pattern(template).fullmatch(sentence)
        if values:
            told = {
                place: value if place == "name" else said(value)
                for place, value in values.groupdict().items()
            }
            return tr(template).format(**told)
    return tr(sentence)


def said_lines(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Lines of the study list, facts between dots, with the program's own words in the reader's language.

    Words of the files stay, also where they are sentences of the program.
    """
    if spoken() == "en":
        return lines
    return tuple(_DOT.join(map(_said_fact, line.split(_DOT))) for line in lines)


def _said_fact(fact: str) -> str:
    if fact in LIST_SENTENCES:
        return tr(fact)
    for start in LIST_STARTS:
        if fact == start or fact.startswith(f"{start} "):
            return tr(start) + fact.removeprefix(start)
    return _said_count(fact, LIST_COUNTS) or fact


def _said_count(sentence: str, forms: tuple[tuple[str, str], ...]) -> str:
    for one, many in forms:
        if sentence == one:
            return counted(one, many, 1)
        number = _numbered(many).fullmatch(sentence)
        if number:
            return counted(one, many, int(number[1].replace(",", "")))
    return ""


@cache
def _numbered(many: str) -> re.Pattern[str]:
    return re.compile(re.escape(many).replace("%n", r"(\d[\d,]*)"))


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(f"(?P<{part}>.+)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    )
