"""Sentences of the core as the window says them: in the reader's language where the sentence is known.

The core speaks English and knows no window. Longer explanations with many values in them stay so.
"""

from __future__ import annotations

import re
from functools import cache

from viewer.language import counted, tr

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
)
"""Each stands so in the source of the core."""
CORE_TEMPLATES = (
    "Analyzing with {model}",
    "Not analyzed: {modality} is no plain radiograph.",
    "{model} gives no opinion: {why}",
)
"""Sentences with values in them."""
CORE_COUNTS = (("1 finding above the threshold.", "%n findings above the threshold."),)
"""Sentences with a number at their beginning: that of one, and that of many."""


def said(sentence: str) -> str:
    """A sentence of the core in the reader's language; as it is where it is not known."""
    for one, many in CORE_COUNTS:
        if sentence == one:
            return counted(one, many, 1)
        number = re.fullmatch(re.escape(many).replace("%n", r"(\d+)"), sentence)
        if number:
            return counted(one, many, int(number[1]))
    for template in CORE_TEMPLATES:
        values = _pattern(template).fullmatch(sentence)
        if values:
            return tr(template).format(**{name: said(value) for name, value in values.groupdict().items()})
    return tr(sentence)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile(
        "".join(f"(?P<{part}>.+)" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    )
