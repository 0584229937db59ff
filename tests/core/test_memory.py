"""What the system says of its memory, and what is made of systems that say nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core import memory


def test_there_is_some():
    available = memory.available_bytes()
    assert available is None or 2**20 < available < 2**50


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a call of its own")
def test_a_container_may_leave_less(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    meminfo = tmp_path / "meminfo"
    meminfo.write_text("MemTotal:  9 kB\nMemAvailable:    2000 kB\n")
    monkeypatch.setattr(memory, "_MEMINFO", meminfo)
    monkeypatch.setattr(memory, "_CONTROL_GROUP", tmp_path)
    assert memory.available_bytes() == 2_048_000
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("1000\n")
    assert memory.available_bytes() == 2_048_000
    (tmp_path / "memory.max").write_text("5000\n")
    assert memory.available_bytes() == 4000
    (tmp_path / "memory.current").write_text("6000\n")
    assert memory.available_bytes() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a call of its own")
@pytest.mark.parametrize("text", [None, "", "MemAvailable:\n", "MemAvailable: much kB\n"])
def test_a_system_without_such_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None):
    if text is not None:
        (tmp_path / "meminfo").write_text(text)
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_CONTROL_GROUP", tmp_path)
    assert memory.available_bytes() == memory._half_of_all()


def test_words():
    assert memory.memory_words(3_230_000_000) == "3.2 GB"
    assert memory.memory_words(262_144_000) == "262 MB"
    assert memory.memory_words(10) == "1 MB"
