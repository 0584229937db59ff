"""Who trains in a folder: one process, that can be asked to pause, and whose death is noticed."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import DatasetTooSmall
from core.jobs import Cancelled
from core.training import run_control
from core.training.run_control import OwnRun, Request, RunBusy, RunState, ask, read_standing

_PATIENCE_S = 60.0

_TRAINING = (
    "import sys, time; from pathlib import Path; from core.training.run_control import OwnRun\n"
    "with OwnRun(Path(sys.argv[1])) as own:\n"
    "    for step in range(10**6):\n"
    "        own.report(step, 10**6, 'Stage heal'); time.sleep(0.01)\n"
)


def wait_for(run: Path, state: RunState) -> None:
    end = time.monotonic() + _PATIENCE_S
    while read_standing(run).state is not state:
        assert time.monotonic() < end, read_standing(run)
        time.sleep(0.02)  # another process writes it: there is nothing to wait on but the disk


@pytest.fixture
def training(tmp_path: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", _TRAINING, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(tmp_path, RunState.RUNNING)
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_folder_without_a_run_is_new(tmp_path: Path) -> None:
    assert read_standing(tmp_path).state is RunState.NEW
    assert read_standing(tmp_path / "absent").state is RunState.NEW


@pytest.mark.parametrize("request_", list(Request))
def test_a_process_that_is_asked_to_stop_does_so_and_says_so(
    training: subprocess.Popen[bytes], tmp_path: Path, request_: Request
) -> None:
    ask(tmp_path, request_)
    training.wait(_PATIENCE_S)
    standing = read_standing(tmp_path)
    assert standing.state is {"pause": RunState.PAUSED, "stop": RunState.STOPPED}[request_.value]
    assert standing.state.can_go_on
    assert standing.total == 10**6
    assert not (tmp_path / "request").exists()


def test_a_killed_process_is_noticed_and_its_folder_is_free(
    training: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    training.kill()
    training.wait()
    # The number of the dead process may belong to another one by now, such as this one.
    stored = json.loads((tmp_path / "state.json").read_text()) | {"process": os.getpid(), "beat": time.time()}
    (tmp_path / "state.json").write_text(json.dumps(stored))
    assert read_standing(tmp_path).state is RunState.INTERRUPTED
    with OwnRun(tmp_path):
        assert read_standing(tmp_path).state is RunState.RUNNING
    assert read_standing(tmp_path).state is RunState.FINISHED


def test_two_processes_never_train_in_one_folder(
    training: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_control, "_LOCK_PATIENCE_S", 0.0)
    with pytest.raises(RunBusy, match=str(training.pid)), OwnRun(tmp_path):
        pass
    assert read_standing(tmp_path).state is RunState.RUNNING
    assert read_standing(tmp_path).process == training.pid


def test_a_request_of_before_is_no_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_control, "_LOOK_S", 0.0)
    ask(tmp_path, Request.STOP)
    with OwnRun(tmp_path) as own:
        own.checkpoint()
        ask(tmp_path, Request.PAUSE)
        assert read_standing(tmp_path).asked == "pause"
        with pytest.raises(Cancelled):
            own.checkpoint()


def test_what_went_wrong_is_kept(tmp_path: Path) -> None:
    with pytest.raises(DatasetTooSmall), OwnRun(tmp_path):
        raise DatasetTooSmall("Only 3 films.", "Add some.")
    standing = read_standing(tmp_path)
    assert (standing.state, standing.message, standing.hint) == (
        RunState.FAILED,
        "Only 3 films.",
        "Add some.",
    )


@pytest.mark.expect_log
def test_an_error_of_the_program_is_in_the_log_of_the_run(tmp_path: Path) -> None:
    def divide() -> float:
        logging.getLogger("core.training").info("step 3")
        return 1 / 0

    with pytest.raises(ZeroDivisionError), OwnRun(tmp_path):
        divide()
    text = (tmp_path / "log.txt").read_text()
    assert "step 3" in text
    assert "ZeroDivisionError" in text
    assert "error of its own" in read_standing(tmp_path).message


def test_it_beats_while_nothing_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_control, "_BEAT_S", 0.01)
    with OwnRun(tmp_path):
        first = read_standing(tmp_path).beat
        end = time.monotonic() + _PATIENCE_S
        while read_standing(tmp_path).beat <= first:
            assert time.monotonic() < end
            time.sleep(0.01)  # another thread writes it to the disk
    assert not [one for one in threading.enumerate() if one.name == "run-beat"]


def test_without_locks_the_signs_of_life_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_control, "take_lock", lambda handle: None)
    monkeypatch.setattr(run_control, "_LOCK_PATIENCE_S", 0.0)
    with OwnRun(tmp_path):
        assert read_standing(tmp_path).state is RunState.RUNNING
        with pytest.raises(RunBusy), OwnRun(tmp_path):
            pass
        values = json.loads((tmp_path / "state.json").read_text()) | {"beat": time.time() - 3600}
        own = OwnRun(tmp_path)
    (tmp_path / "state.json").write_text(json.dumps(values))
    assert read_standing(tmp_path).state is RunState.INTERRUPTED
    with own:
        assert read_standing(tmp_path).state is RunState.RUNNING


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"state": "dreaming"}', '{"state": "paused", "done": "many"}', "\x00\xff"]
)
def test_a_strange_state_is_that_of_a_new_run(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)
    assert read_standing(tmp_path).state is RunState.NEW


def test_a_run_of_before_this_file_existed_is_recognized(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    assert read_standing(tmp_path).state is RunState.INTERRUPTED
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert read_standing(tmp_path).state is RunState.FINISHED
