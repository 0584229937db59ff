"""What stands on a line is what it says."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("film.dcm", "film.dcm"),
        ("  two  spaces", "  two  spaces"),
        ("pdf\u202eexe.dcm", "pdf\\u202eexe.dcm"),
        ("one\nError: two", "one Error: two"),
        ("\x1b[2Jgone", "\\u001b[2Jgone"),
        ("latin \udcff", "latin \\udcff"),
        ("山田 Ünal دکتر", "山田 Ünal دکتر"),
    ],
)
def test_only_what_deceives_is_escaped(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_any_text_is_one_line_without_commands(text: str) -> None:
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in visible(text))
    assert len(visible(text).splitlines()) <= 1
