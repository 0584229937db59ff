"""The database helps and never hinders: damage, other programs, missing rights and a kill cost time only."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core import study_database as module
from core.study_database import (
    MOST_RECENT,
    RecentStudy,
    StudyDatabase,
    database_path,
    forget_all,
    study_database,
)

FOLDER = Path("/studies/a")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "studies" / "index.sqlite3"


def _study(number: int, words: str = "Chest") -> RecentStudy:
    return RecentStudy(
        f"1.{number}", "Marker, Patient", "20260101", words, Path(f"/s/{number}"), 1e9 + number, 3
    )


def test_blocks_are_kept_replaced_and_cut(path: Path) -> None:
    with study_database(path) as database:
        assert database is not None
        database.use_for("1")
        assert database.blocks(FOLDER) == ()
        for part, content in enumerate(("null", "one", "two")):
            database.keep(FOLDER, part, content)
        database.keep(FOLDER, 1, "eins")
    with study_database(path) as database:
        assert database is not None
        database.use_for("1")
        assert database.blocks(FOLDER) == ("null", "eins", "two")
        database.cut(FOLDER, 1)
        assert database.blocks(FOLDER) == ("null",)
        database.use_for("2")
        assert database.blocks(FOLDER) == ()
    with study_database(None) as nothing:
        assert nothing is None


def test_folders_that_are_gone_or_long_unseen_are_forgotten(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with study_database(path) as database:
        assert database is not None
        for name in ("a", "a/b", "a/c", "ab"):
            database.keep(Path("/studies") / name, 0, name)
        database.forget_folders(Path("/studies/a"), [Path("/studies/a"), Path("/studies/a/c")])
        kept = {name for name in ("a", "a/b", "a/c", "ab") if database.blocks(Path("/studies") / name)}
        assert kept == {"a", "a/c", "ab"}
        today = module._today()
        monkeypatch.setattr(module, "_today", lambda: today + 200)
        database.forget_folders(Path("/studies/a"), [Path("/studies/a")])
        kept = {name for name in ("a", "a/b", "a/c", "ab") if database.blocks(Path("/studies") / name)}
        assert kept == {"a"}


def test_names_of_any_bytes_are_folders(path: Path) -> None:
    odd = Path(os.fsdecode(b"/studies/\xff\xfe")) if sys.platform == "linux" else Path("/studies/山")
    with study_database(path) as database:
        assert database is not None
        database.keep(odd, 0, "odd")
        assert database.blocks(odd) == ("odd",)
        database.remember_opened([RecentStudy("1", "A", "", "", odd, 1.0, 1)])
        assert [one.place for one in database.recent()] == [odd]


def test_recent_studies_are_the_newest_first_and_few(path: Path) -> None:
    with study_database(path) as database:
        assert database is not None
        database.remember_opened([_study(number) for number in range(30)])
        recent = database.recent()
        assert [one.study_instance_uid for one in recent] == [f"1.{n}" for n in range(29, 9, -1)]
        assert len(recent) == MOST_RECENT
        assert recent[0] == _study(29)
        database.forget_recent("1.29")
        assert database.recent()[0] == _study(28)


@pytest.mark.skipif(os.name != "posix", reason="rights of files are different there")
def test_only_this_user_may_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        with study_database(path) as database:
            assert database is not None
            database.remember_opened([_study(1)])
            for file in path.parent.iterdir():
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def _fill(path: Path) -> None:
    with study_database(path) as database:
        assert database is not None
        for folder in range(30):
            database.keep(Path(f"/s/{folder}"), 0, "MARKER" * 500)
        database.remember_opened([_study(1)])


@pytest.mark.parametrize("damage", ["text", "empty", "middle", "end"])
def test_a_damaged_file_is_put_aside_and_made_anew(path: Path, damage: str) -> None:
    _fill(path)
    content = path.read_bytes()
    path.write_bytes(
        {
            "text": b"no database at all, but long enough to be looked at" * 100,
            "empty": b"",
            "middle": content[:200] + b"\xff" * (len(content) - 300) + content[-100:],
            "end": content[: len(content) // 3],
        }[damage]
    )
    for _ in range(3):
        with study_database(path) as database:
            if database is not None:
                database.use_for("1")
                for folder in range(30):
                    database.blocks(Path(f"/s/{folder}"))
                database.recent()
    with study_database(path) as database:
        assert database is not None
        database.use_for("1")
        database.keep(FOLDER, 0, "new")
        assert database.blocks(FOLDER) == ("new",)
    if damage != "empty":
        assert path.with_name("index.sqlite3.bad").exists()


def test_a_block_that_changed_on_the_disk_is_no_answer(path: Path) -> None:
    with study_database(path) as database:
        assert database is not None
        database.keep(FOLDER, 0, "as it was")
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE block SET content = 'something else'")
    with study_database(path) as database:
        assert database is not None
        assert database.blocks(FOLDER) == ()


def test_where_nothing_can_be_written_it_is_read_or_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(path)
    monkeypatch.setattr(module, "make_private", lambda path: False)  # as for a file of another user
    with study_database(path) as database:
        assert database is not None
        database.keep(FOLDER, 0, "lost")
        assert database.blocks(FOLDER) == ()
        assert database.recent() == (_study(1),)
    monkeypatch.undo()
    (path.parent / "folder").write_text("a file")
    assert StudyDatabase.opened(path.parent / "folder" / "x" / "index.sqlite3") is None


def test_another_program_that_writes_is_waited_for_and_then_let_be(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE_S", 0.05)
    with (
        study_database(path) as database,
        contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        assert database is not None
        database.keep(FOLDER, 0, "before")
        other.execute("BEGIN IMMEDIATE")
        database.keep(FOLDER, 0, "lost")
        assert database.blocks(FOLDER) == ("before",)
        other.execute("ROLLBACK")
        database.keep(FOLDER, 0, "after")
        assert database.blocks(FOLDER) == ("after",)


def test_two_programs_write_at_once(path: Path) -> None:
    def write(name: str) -> None:
        with study_database(path) as database:
            assert database is not None
            for part in range(50):
                database.keep(Path(f"/s/{name}"), part, f"{name} {part}")

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with study_database(path) as database:
        assert database is not None
        for name in "abc":
            assert database.blocks(Path(f"/s/{name}")) == tuple(f"{name} {part}" for part in range(50))


@pytest.mark.skipif(os.name != "posix", reason="no such kill there")
def test_a_kill_at_any_time_leaves_a_whole_database(path: Path) -> None:
    child = """
import sys
from pathlib import Path
from core.study_database import study_database
with study_database(Path(sys.argv[1])) as database:
    database.use_for("1")
    print("begun", flush=True)
    number = 0
    while True:
        for part in range(3):
            database.keep(Path("/s/a"), part, f"{number} " * 3000)
        number += 1
"""
    for attempt in range(6):
        process = subprocess.Popen([sys.executable, "-c", child, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        threading.Event().wait(0.02 * attempt)  # the moment of the kill is the test
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        with contextlib.closing(sqlite3.connect(path)) as other:
            assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with study_database(path) as database:
        assert database is not None
        for block in database.blocks(Path("/s/a")):
            assert len(set(block.split())) == 1
    assert not path.with_name("index.sqlite3.bad").exists()


def test_forgetting_leaves_no_name_anywhere(path: Path) -> None:
    _fill(path)
    path.with_name("index.sqlite3.bad").write_text("Marker, Patient")
    with study_database(path) as database:  # another program has it open
        assert database is not None
        forget_all(path)
        assert database.recent() == ()
    left = [file for file in path.parent.rglob("*") if file.is_file()]
    assert not any(b"arker" in file.read_bytes() or b"MARKER" in file.read_bytes() for file in left)
    forget_all(path)  # nothing there is fine


def test_it_lives_in_a_folder_of_its_own() -> None:
    assert database_path().parts[-3:] == ("healthytwin", "studies", "index.sqlite3")
