"""What is kept, what is written, and that nobody is named in what leaves the window."""

from __future__ import annotations

import ast
import logging
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.jobs import JobQueue, Lane
from viewer.program_log import FILE, LogLine, ProgramLog, program_log, safe_words, start_file, write_down

ROOT = Path(__file__).resolve().parents[2]
PATIENT = "KIM^Minsoo"
UID = "1.2.840.113619.2.55.3.604688119"
SECRETS = (PATIENT, UID, "/studies/kim/ct.dcm", "PID-4711")


@pytest.fixture
def ours() -> Iterator[logging.Logger]:
    """A logger of the program; handlers that a test adds to the root go again."""
    root = logging.getLogger()
    for known in [handler for handler in root.handlers if isinstance(handler, ProgramLog)]:
        root.removeHandler(known)
    handlers, level = list(root.handlers), logging.getLogger("viewer").level
    yield logging.getLogger("viewer.some_module")
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    for name in ("core", "viewer", "resources"):
        logging.getLogger(name).setLevel(level)


def kept(log: ProgramLog) -> tuple[LogLine, ...]:
    return log.lines


def test_the_newest_messages_are_kept_up_to_a_number(ours: logging.Logger) -> None:
    log = ProgramLog(most=3)
    logging.getLogger().addHandler(log)
    ours.setLevel(logging.INFO)
    for number in range(5):
        ours.info("Message %d", number)
    assert log.count == 5
    assert [line.text for line in kept(log)] == ["Message 2", "Message 3", "Message 4"]
    assert [line.number for line in kept(log)] == [3, 4, 5]
    assert kept(log)[0].source == "viewer.some_module"


def test_a_message_has_an_end(ours: logging.Logger) -> None:
    log = program_log()
    ours.info("%s", "x" * 100_000)
    assert len(kept(log)[-1].text) == 4000


def test_there_is_one_log_and_it_hears_notices(ours: logging.Logger) -> None:
    log = program_log()
    assert program_log() is log
    ours.info("Looked at the clock")
    assert kept(log)[-1].text == "Looked at the clock"


@pytest.mark.expect_log
def test_what_leaves_the_window_names_nobody(ours: logging.Logger) -> None:
    log = program_log()
    for secret in SECRETS:
        ours.warning("%s cannot be read", secret)
        ours.info("Shown to the reader: %s", f"{secret} is damaged. Copy it again.")
        ours.info("%(name)s has %(count)d images", {"name": secret, "count": 3})
        logging.getLogger("pydicom").warning(f"Invalid value in {secret}")
        try:
            raise ValueError(secret)
        except ValueError:
            ours.exception("Open %s", secret)
        ours.error(secret)  # not a text of the source: still, see the test of the source below
    told = "\n".join(line.safe for line in kept(log) if line.text not in SECRETS)
    shown = "\n".join(line.text for line in kept(log))
    for secret in SECRETS:
        assert secret in shown, "the reader sees all of it"
        assert secret not in told
    assert "cannot be read" in told
    assert "has 3 images" in told
    assert "builtins.ValueError" in told
    assert "Invalid value" not in told, "a library's words may hold anything"


def test_the_same_value_has_the_same_mark_and_another_one_another() -> None:
    def words(value: str) -> str:
        return safe_words(logging.LogRecord("core.x", logging.INFO, "", 0, "Read %s", (value,), None))

    assert words(PATIENT) == words(PATIENT) != words(UID)
    assert words("cuda") == "Read cuda"


@pytest.mark.parametrize(
    ("template", "values", "words"),
    [
        ("%d of %d", (3, 4), "3 of 4"),
        ("%.1f s", (1.25,), "1.2 s"),
        ("%d files", ("many",), "%d files"),
        ("100 %", (), "100 %"),
    ],
)
def test_numbers_stay(template: str, values: tuple[object, ...], words: str) -> None:
    assert safe_words(logging.LogRecord("core.x", logging.INFO, "", 0, template, values, None)) == words


def test_every_message_of_the_program_is_a_text_of_its_source() -> None:
    """Values come as arguments: only so can they be told from the words."""
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    found = []
    for path in sorted(path for folder in ("core", "viewer") for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            of = node.func.value
            if node.func.attr in levels and isinstance(of, ast.Name) and of.id == "_log":
                found.append((path, node))
                first = node.args[0]
                assert isinstance(first, ast.Constant), f"{path}:{node.lineno} puts values into the words"
    assert len(found) > 10


@pytest.mark.expect_log
@pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no such rights; folders there are the user's"
)
def test_the_file_names_nobody_and_only_its_owner_reads_it(ours: logging.Logger, tmp_path: Path) -> None:
    folder = tmp_path / "state" / "log"
    (tmp_path / "state").mkdir()
    folder.mkdir()
    (folder / FILE).write_text("of an earlier version\n")
    (folder / FILE).chmod(0o644)
    assert start_file(folder) == folder
    ours.info("Opened %s", PATIENT)
    try:
        raise ValueError(PATIENT)
    except ValueError:
        ours.exception("Open %s", PATIENT)
    for handler in logging.getLogger().handlers:
        handler.flush()
    text = (folder / FILE).read_text(encoding="utf-8")
    assert "INFO viewer.some_module: Opened ‹" in text
    assert "builtins.ValueError" in text
    assert PATIENT not in text
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_full_file_is_put_aside(
    ours: logging.Logger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("viewer.program_log._FILE_BYTES", 2000)  # full after a few lines
    assert start_file(tmp_path) is not None
    for number in range(200):
        ours.info("Message %d of many", number)
    sizes = {path.name: path.stat().st_size for path in tmp_path.glob(f"{FILE}*")}
    assert set(sizes) == {FILE, f"{FILE}.1", f"{FILE}.2"}
    assert max(sizes.values()) <= 2000


def test_the_end_of_work_is_noted(ours: logging.Logger, qapp: object) -> None:
    log, jobs = program_log(), JobQueue(lambda call: call())
    write_down(jobs)
    done = threading.Event()
    jobs.submit(Lane.READ, f"Reading {PATIENT}.dcm", lambda ctx: done.set(), lambda result: None)
    jobs.submit(Lane.READ, "Thumbnail", lambda ctx: None, lambda result: None, shown=False)
    assert done.wait(5)
    jobs.shutdown()
    texts = [line.text for line in log.lines]
    assert f"Reading {PATIENT}.dcm (lane read): done" in texts
    assert not any("Thumbnail" in text for text in texts)
    assert any(line.safe.endswith("(lane read): done") for line in log.lines)
    assert PATIENT not in "".join(line.safe for line in log.lines)


def test_no_place_for_a_file_is_no_fault(ours: logging.Logger, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    assert start_file(tmp_path / "taken") is None
