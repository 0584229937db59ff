"""Progress as a bar on a terminal and as plain lines elsewhere; log records between them."""

from __future__ import annotations

import logging

import pytest

from viewer.console import Progress

LOG = logging.getLogger("core.anything")


class Clock:
    """A clock that goes on only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("viewer.console.time", made)
    return made


def on_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")


def test_short_work_says_nothing_and_long_work_a_line_now_and_then(
    clock: Clock, capsys: pytest.CaptureFixture[str]
):
    with Progress() as progress:
        for done in range(120):
            progress.report(done, 120, "reading")
            clock.now += 0.125
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == ["reading (40 of 120)", "reading (80 of 120)"]


def test_a_bar_replaces_itself_and_is_gone_at_the_end(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    on_terminal(monkeypatch)
    with Progress() as progress:
        for done in range(4):
            progress.report(done, 4, "a long name that does not fit into the width of this terminal")
            clock.now += 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "\n" not in err
    assert err.endswith("\r\x1b[K")
    bars = [part.removeprefix("\x1b[K") for part in err.split("\r") if "[" in part.removeprefix("\x1b[K")]
    assert len(bars) == 4
    assert bars[2].startswith("[############............] 2/4 a long name")
    assert all(len(bar) < 60 for bar in bars)


def test_work_of_unknown_length_has_no_bar(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    on_terminal(monkeypatch)
    with Progress() as progress:
        progress.report(0, 0, "looking")
    assert "looking" in capsys.readouterr().err


@pytest.mark.expect_log
def test_log_records_stand_on_lines_of_their_own(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    on_terminal(monkeypatch)
    with Progress(level=logging.INFO) as progress:
        progress.report(1, 2, "training")
        LOG.info("step %d", 7)
        LOG.debug("nobody wants to know")
    LOG.warning("after the work")
    err = capsys.readouterr().err
    assert "\r\x1b[Kstep 7\n" in err
    assert "nobody" not in err
    assert "after" not in err
