"""Files are written whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from core.errors import CannotWrite
from core.files import make_folder, write_whole


def test_a_file_is_replaced_whole_with_the_usual_rights(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    plain = tmp_path / "plain"
    plain.touch()
    write_whole(path, b"after")
    assert path.read_bytes() == b"after"
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    assert {one.name for one in tmp_path.iterdir()} == {"file", "plain"}


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    path.write_bytes(b"before")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CannotWrite, match="file could not be written: No space left on device"):
        write_whole(path, b"after")
    assert path.read_bytes() == b"before"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_folder_is_made_with_those_above_or_it_is_said(tmp_path: Path):
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="cannot be made"):
        make_folder(tmp_path / "file" / "b")
