"""What archives held is private, and gone when nobody shows it any more, also after a crash."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.dicom import unpacked
from core.errors import CannotWrite

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "cache"
    monkeypatch.setattr(unpacked, "_root", lambda: folder)
    unpacked.remove_all()
    yield folder
    unpacked.remove_all()


def test_folders_are_private_and_apart(cache: Path) -> None:
    one, other = unpacked.new_folder(), unpacked.new_folder()
    assert one != other
    assert one.parent == other.parent
    if os.name == "posix":
        assert {stat.S_IMODE(folder.stat().st_mode) for folder in (one, other, one.parent)} == {0o700}


def test_only_what_is_still_open_is_kept(cache: Path) -> None:
    one, other = unpacked.new_folder(), unpacked.new_folder()
    (one / "a").mkdir()
    (one / "a" / "file").write_bytes(b"x")
    (other / "file").write_bytes(b"x")
    aside = unpacked.set_aside([Path("/elsewhere"), one / "a" / "file", other / "file"], [one / "b"])
    assert not other.exists()  # at once, so that nobody takes it for whole
    assert [folder.name for folder in aside] == [f"{other.name}-closed"]
    unpacked.remove(aside)
    assert sorted(one.parent.iterdir()) == sorted([one, one.parent / "lock"])
    unpacked.remove(unpacked.set_aside([one / "a" / "file"], []))
    assert not one.exists()
    assert unpacked.new_folder().is_dir()


def test_nothing_is_left_at_the_end(cache: Path) -> None:
    unpacked.new_folder()
    unpacked.remove_all()
    assert list(cache.iterdir()) == []
    assert unpacked.set_aside([Path("/elsewhere")], []) == ()


def child(code: str, cache: Path) -> subprocess.CompletedProcess[str]:
    begin = "from pathlib import Path; from core.dicom import unpacked\n"
    begin += f"unpacked._root = lambda: Path({str(cache)!r})\n"
    return subprocess.run(
        [sys.executable, "-c", begin + code], capture_output=True, text=True, cwd=ROOT, check=False
    )


def test_a_process_that_ends_removes_its_folder_and_one_that_dies_leaves_it(cache: Path) -> None:
    mine = unpacked.new_folder()
    make = "folder = unpacked.new_folder(); (folder / 'file').write_bytes(b'x'); "
    assert child(make, cache).returncode == 0
    assert list(cache.iterdir()) == [mine.parent]
    child(make + "import os; os._exit(9)", cache)
    assert len(list(cache.iterdir())) == 2
    assert unpacked.remove_leftovers() == 1
    assert list(cache.iterdir()) == [mine.parent]
    assert mine.is_dir()


def test_the_folder_of_another_living_process_stays(cache: Path) -> None:
    mine = unpacked.new_folder()
    answer = child("print(unpacked.remove_leftovers())", cache)
    assert answer.stdout == "0\n", answer.stderr
    assert mine.is_dir()


def test_no_place_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(unpacked, "_root", lambda: tmp_path / "file" / "below")
    with pytest.raises(CannotWrite, match="No archive can be opened"):
        unpacked.new_folder()
    assert unpacked.remove_leftovers() == 0
