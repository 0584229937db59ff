"""The libraries come first, torch works after them; where there are none, nothing happens."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.inference.torch_library import load_ahead

ROOT = Path(__file__).resolve().parents[3]
FRESH = """
import sys
from core.inference.torch_library import load_ahead
assert "torch" not in sys.modules
loaded = load_ahead()
assert "torch" not in sys.modules
if sys.platform == "linux":
    maps = open("/proc/self/maps").read()
    assert "libtorch_python" in loaded, loaded
    assert "libtorch_cpu" in maps
import torch
print(float(torch.ones(3).sum()))
"""


def test_torch_works_after_its_libraries() -> None:
    ran = subprocess.run([sys.executable, "-c", FRESH], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.stdout.strip() == "3.0", ran.stderr


def test_without_torch_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # as where torch is not installed
    assert load_ahead() == ()


def test_what_is_imported_already_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", sys)  # torch itself is not wanted for this
    assert load_ahead() == ()
