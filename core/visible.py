"""Text as it is shown on a line: what would deceive the eye or command a terminal is escaped."""

from __future__ import annotations

import unicodedata

# Left-to-right and right-to-left marks, embeddings, overrides and isolates (they reorder what stands
# around a name), the byte order mark, and the line and paragraph separators.
_REORDERING = frozenset(
    "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)
_WHITE_SPACE = "\t\n\r\x0b\x0c"


def visible(text: str) -> str:
    r"""One line of text: control and reordering characters are escaped, each white space is a space.

    A right-to-left override in a name or path could make `exe.fdp` of `pdf.exe`; it is shown as `\u202e`.
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    for character in text:
        if character in _WHITE_SPACE:
            kept.append(" ")
        elif character in _REORDERING or unicodedata.category(character) in ("Cc", "Cs"):
            kept.append(f"\\u{ord(character):04x}")
        else:
            kept.append(character)
    return "".join(kept)


def isolated(text: str) -> str:
    """A name or number that is put beside others on a line: right-to-left letters keep to themselves.

    Else digits and signs that follow a Hebrew or Arabic number would be drawn on its other side (UAX #9).
    """
    if text.isascii() or not any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
        return text
    return f"\u2068{text}\u2069"
