"""Shipped files are found in the tree and in a frozen bundle."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from core.resources import resource_path


def test_files_are_found_in_the_tree():
    assert resource_path("icons", "app.svg").is_file()
    assert resource_path().is_dir()


def test_a_frozen_bundle_has_its_own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource_path("fonts") == tmp_path / "resources" / "fonts"
