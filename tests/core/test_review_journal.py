"""The journal outlives kills, damage, full disks, other windows and other versions, and says so."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import review_journal as module
from core.errors import CannotWrite
from core.review_journal import Event, ImageKey, ReviewJournal, forget_decisions, journal_path

STUDY = "1.2.840.1"


def image(number: int, study: str = STUDY, digest: str = "d") -> ImageKey:
    return ImageKey(f"{study}.{number}", 0, digest, study)


def event(name: str, number: int, kind: str, moment: float = 1.0) -> Event:
    return Event(name, image(number), moment, 0.5, kind, "words")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "decisions" / "journal.sqlite3"


class Book:
    """A journal and the notes that it made."""

    def __init__(self, path: Path) -> None:
        self.notes: list[str] = []
        self.journal = ReviewJournal(path, self.notes.append)

    def texts(self, study: str = STUDY) -> dict[ImageKey, str]:
        return {one.image: one.content for one in self.journal.of_study(study)[0]}


@contextlib.contextmanager
def book(path: Path) -> Iterator[Book]:
    made = Book(path)
    try:
        yield made
    finally:
        made.journal.close()


def test_what_was_written_is_there_the_next_time(path: Path) -> None:
    with book(path) as first:
        assert first.journal.write([(image(1), "one"), (image(2, "9"), "other")]) == 0
        assert first.journal.write([(image(1), "two")], [event("a", 1, "revealed")]) == 0
    with book(path) as second:
        kept, revealed = second.journal.of_study(STUDY)
        assert [(one.image, one.content, one.sound) for one in kept] == [(image(1), "two", True)]
        assert revealed == {image(1)}
        assert second.journal.studies() == {STUDY, "9"}
        assert second.journal.write([(image(1), "")]) == 0
        assert second.journal.studies() == {"9"}
        assert second.notes == []


def test_events_come_in_their_order_and_are_replaced_by_their_name(path: Path) -> None:
    with book(path) as one:
        one.journal.write([], [event("b", 1, "impression", 2.0), event("a", 1, "shown", 1.0)])
        one.journal.write([], [event("b", 1, "changed", 3.0)])
        assert [(e.identifier, e.kind) for e in one.journal.events()] == [("a", "shown"), ("b", "changed")]


def test_half_a_character_does_not_stop_a_text(path: Path) -> None:
    with book(path) as one:
        one.journal.write([], [Event("a", image(1), 1.0, 0.0, "impression", "x\ud800y")])
        assert [event.content for event in one.journal.events()] == ["x?y"]


def test_decisions_on_other_pixels_stay_beside_these(path: Path) -> None:
    with book(path) as one:
        one.journal.write([(image(1, digest="old"), "old")])
        one.journal.write([(image(1, digest="new"), "new")])
        assert one.texts() == {image(1, digest="old"): "old", image(1, digest="new"): "new"}


def test_what_another_window_wrote_meanwhile_is_put_aside(path: Path) -> None:
    with book(path) as one, book(path) as two:
        one.journal.write([(image(1), "first")])
        two.texts()
        one.journal.write([(image(1), "second")])
        assert two.journal.write([(image(1), "third")]) == 1
        assert one.texts() == {image(1): "third"}
        assert aside(path) == ["second"]
        # Having read it, the first goes on without putting anything aside.
        assert one.journal.write([(image(1), "fourth")]) == 0


def aside(path: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(path)) as other:
        return [content for (content,) in other.execute("SELECT content FROM aside ORDER BY rowid")]


def test_what_is_not_understood_is_put_aside_before_it_is_written_over(path: Path) -> None:
    with book(path) as one:
        one.journal.write([(image(1), "from a newer version")])
        one.texts()
        one.journal.forget_revision(image(1))
        assert one.journal.write([(image(1), "ours")]) == 1
        assert aside(path) == ["from a newer version"]


def test_a_changed_byte_in_a_review_is_noticed(path: Path) -> None:
    with book(path) as one:
        one.journal.write([(image(1), "as it was")])
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE review SET content = 'as it wos'")
    with book(path) as one:
        assert [kept.sound for kept in one.journal.of_study(STUDY)[0]] == [False]


@pytest.mark.skipif(os.name != "posix", reason="rights of files are different there")
def test_only_this_user_may_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        with book(path) as one:
            one.journal.write([(image(1), "x")])
            for file in path.parent.iterdir():
                assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_damaged_file_is_kept_and_what_can_be_read_is_taken_over(path: Path) -> None:
    with book(path) as one:
        one.journal.write([(image(number), f"text {number} " * 200) for number in range(60)])
        one.journal.close()
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4096] = os.urandom(4096)
    path.write_bytes(bytes(content))
    with book(path) as one:
        texts = one.texts()
        assert len(one.notes) == 1
        assert "damaged" in one.notes[0]
        assert str(path.with_name("journal.sqlite3.bad")) in one.notes[0]
        assert path.with_name("journal.sqlite3.bad").read_bytes() == bytes(content)
        assert all(
            text == f"text {key.sop_instance_uid[-2:].strip('.')} " * 200 for key, text in texts.items()
        )
        one.journal.write([(image(99), "goes on")])
        assert one.texts()[image(99)] == "goes on"
        assert len(one.notes) == 1


@pytest.mark.parametrize("seed", range(60))
def test_no_damage_of_any_kind_stops_it_or_changes_a_word(path: Path, seed: int) -> None:
    written = {image(number): f"text {number} " * 30 for number in range(40)}
    with book(path) as one:
        one.journal.write(written.items(), [event(f"e{n}", n, "shown") for n in range(40)])
    rng = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 3, 20))):
        match rng.randrange(4):
            case 0:
                content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            case 1:
                del content[rng.randrange(len(content)) :]
                content += b"\0"
            case 2:
                start = rng.randrange(len(content))
                content[start : start + 500] = rng.randbytes(500)
            case _:
                start = rng.randrange(len(content))
                content[start:start] = rng.randbytes(rng.randrange(1, 300))
    path.write_bytes(bytes(content))
    if rng.random() < 0.3:
        path.with_name(path.name + "-wal").write_bytes(rng.randbytes(4000))
    with book(path) as one:
        for kept in one.journal.of_study(STUDY)[0]:
            assert not kept.sound or written[kept.image] == kept.content
        one.journal.events()
        one.journal.write([(image(1), "goes on")])
        assert one.texts()[image(1)] == "goes on"


def test_a_file_that_is_damaged_twice_keeps_both_old_ones(path: Path) -> None:
    for number in range(2):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"no database, but long enough to be looked at " * 40)
        with book(path) as one:
            one.journal.write([(image(number), "x")])
            assert len(one.notes) == 1
    assert len(list(path.parent.glob("*.bad"))) == 2


def test_a_journal_of_a_newer_version_is_left_as_it_is(path: Path) -> None:
    with book(path) as one:
        one.journal.write([(image(1), "x")])
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 99")
        other.execute(f"PRAGMA application_id = {module._MARK + 99}")
    before = path.read_bytes()
    with book(path) as one, pytest.raises(CannotWrite, match="newer version"):
        one.journal.write([(image(1), "y")])
    assert path.read_bytes() == before


def test_a_damaged_number_is_no_newer_version(path: Path) -> None:
    with book(path) as one:
        one.journal.write([(image(1), "x")])
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 3")
    with book(path) as one:
        assert one.texts() == {image(1): "x"}
        assert len(one.notes) == 1


def test_a_folder_that_cannot_be_written_is_said(path: Path) -> None:
    path.parent.parent.mkdir(parents=True)
    path.parent.write_text("a file where the folder should be")
    with book(path) as one, pytest.raises(CannotWrite, match="cannot be kept"):
        one.journal.write([(image(1), "x")])


def test_a_full_disk_is_said_and_what_is_there_stays(path: Path) -> None:
    with book(path) as one:
        one.journal.write([(image(1), "before")])
        one.journal._opened().execute("PRAGMA max_page_count = 12")  # as on a full disk: SQLITE_FULL
        with pytest.raises(CannotWrite, match="full"):
            one.journal.write([(image(2), "x" * 100_000), (image(3), "y")])
        # The file was opened anew after the failure: there is room again.
        assert one.texts() == {image(1): "before"}
        one.journal.write([(image(2), "after")])
        assert one.texts() == {image(1): "before", image(2): "after"}


def test_a_file_that_was_replaced_is_opened_again(path: Path) -> None:
    with book(path) as one:
        one.journal.write([(image(1), "x")])
        forget_decisions(path)
        assert one.journal.of_study(STUDY) == ((), frozenset())
        one.journal.write([(image(2), "y")])
        with book(path) as two:
            assert two.texts() == {image(2): "y"}


def test_forgetting_leaves_no_word_anywhere(path: Path) -> None:
    with book(path) as one:
        one.journal.write([(image(1), "MARKER " * 500)], [event("MARKER", 1, "shown")])
        path.with_name("journal.sqlite3.bad").write_text("MARKER")
        forget_decisions(path)
        assert one.texts() == {}
    left = [file for file in path.parent.rglob("*") if file.is_file()]
    assert not any(b"MARKER" in file.read_bytes() for file in left)
    forget_decisions(path)  # nothing there is fine


def test_two_windows_write_at_once(path: Path) -> None:
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with book(path) as one:
                for number in range(40):
                    one.journal.write([(image(number, name), f"{name} {number}")])
        except CannotWrite as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with book(path) as one:
        for name in "abc":
            assert one.texts(name) == {image(n, name): f"{name} {n}" for n in range(40)}


def test_ten_thousand_reviews_are_found_by_their_study(path: Path) -> None:
    with book(path) as one:
        one.journal.write((image(n, f"study {n // 10}"), "text " * 40) for n in range(10_000))
        statements: list[str] = []
        connection = one.journal._opened()
        plans = [
            row[3]
            for question in (
                "SELECT * FROM review WHERE study = 'x'",
                "SELECT * FROM event WHERE study = 'x'",
            )
            for row in connection.execute("EXPLAIN QUERY PLAN " + question)
        ]
        assert all("USING INDEX" in plan for plan in plans), plans
        connection.set_trace_callback(statements.append)
        assert len(one.texts("study 7")) == 10
        one.journal.write([(image(71, "study 7"), "changed")])
        # However many there are, one review is read and written by a handful of statements.
        assert len(statements) < 12, statements


@pytest.mark.skipif(os.name != "posix", reason="no such kill there")
def test_a_kill_at_any_time_leaves_whole_reviews_and_all_that_were_written(path: Path) -> None:
    child = """
import sys
from pathlib import Path
from core.review_journal import ImageKey, ReviewJournal
journal = ReviewJournal(Path(sys.argv[1]), print)
number = 0
while True:
    number += 1
    keys = [ImageKey(f"1.{n}", 0, "d", "1") for n in range(3)]
    journal.write([(key, f"{number} " * 2000) for key in keys])
    print(number, flush=True)
"""
    last = 0
    rng = random.Random(7)
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", child, str(path)], stdout=subprocess.PIPE, env=os.environ | _here()
        )
        assert process.stdout is not None
        for _ in range(rng.randrange(1, 25)):
            last = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest = process.communicate()[0].split()
        last = int(rest[-1]) if rest else last
        with book(path) as one:
            texts = one.texts("1")
            (number,) = {int(text.split()[0]) for text in texts.values()}
            assert all(set(text.split()) == {str(number)} for text in texts.values())
            assert number >= last, "a review that was written is gone"
            assert one.notes == []
        path.unlink()


def _here() -> dict[str, str]:
    return {"PYTHONPATH": str(Path(module.__file__).parents[1])}


def test_it_lives_in_a_folder_of_its_own() -> None:
    assert journal_path().parts[-3:] == ("healthytwin", "decisions", "journal.sqlite3")
