"""What stands on a line is what it says."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.visible import isolated, visible


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("PID-4711", "PID-4711"),
        ("山田", "山田"),
        ("ת.ז. 12", "\u2068ת.ז. 12\u2069"),
        ("محمد", "\u2068محمد\u2069"),
        ("KIM דוד", "\u2068KIM דוד\u2069"),
    ],
)
def test_right_to_left_letters_keep_to_themselves(text: str, shown: str) -> None:
    assert isolated(text) == shown
