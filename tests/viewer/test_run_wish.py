"""What the reader wants of a run: options of the command, what lacks, a folder of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from viewer.run_wish import RunWish, run_folder_for

EMPTY = RunWish("", None, None, None, None, "healthygan", "lite", "any", "auto")


def test_what_lacks_is_said_until_nothing_does(tmp_path: Path) -> None:
    assert "healthy films" in EMPTY.lacking
    assert "mixed films" in replace(EMPTY, healthy=tmp_path).lacking
    assert replace(EMPTY, healthy=tmp_path, kind="sr-anogan").lacking == ""
    absent = tmp_path / "absent"
    assert str(absent) in replace(EMPTY, healthy=tmp_path, mixed=tmp_path, test=absent).lacking


def test_a_run_folder_is_new_and_has_a_plain_name(tmp_path: Path) -> None:
    wish = RunWish("../Dr. Müller's *model*", None, None, None, None, "healthygan", "lite", "any", "auto")
    first = run_folder_for(tmp_path, wish)
    assert first.parent == tmp_path
    assert first.name == "Dr.-Müller-s-model"
    first.mkdir()
    assert run_folder_for(tmp_path, wish).name == "Dr.-Müller-s-model-2"
    assert run_folder_for(tmp_path, replace(wish, name="")).name.startswith("healthygan-")
