"""What is seen of a run that another process trains: only what is new, and never what was taken back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from core.training.plan import StageTime
from core.training.run_control import OwnRun, RunState, Standing
from core.training.run_progress import RunReader, known_runs, remaining_s


def append(run: Path, text: str) -> None:
    with (run / "metrics.jsonl").open("a") as file:
        file.write(text)


def test_each_look_brings_only_what_is_new(tmp_path: Path) -> None:
    reader = RunReader(tmp_path)
    assert reader.look().standing.state is RunState.NEW
    append(tmp_path, '{"stage": "heal", "step": 1}\n{"stage": "heal", "st')
    assert [line["step"] for line in reader.look().lines] == [1]
    append(tmp_path, 'ep": 2}\nno json\n{"stage": "heal", "step": 3}\n')
    look = reader.look()
    assert [line["step"] for line in look.lines] == [2, 3]
    assert not look.anew
    assert reader.look().lines == ()


def test_lines_that_a_resumed_run_took_back_are_forgotten(tmp_path: Path) -> None:
    reader = RunReader(tmp_path)
    append(tmp_path, "".join(f'{{"stage": "heal", "step": {step}}}\n' for step in range(9)))
    reader.look()
    other = tmp_path / "other"
    other.write_text("".join(f'{{"stage": "heal", "step": {step}, "again": 1}}\n' for step in range(30)))
    other.replace(tmp_path / "metrics.jsonl")
    look = reader.look()
    assert look.anew
    assert len(look.lines) == 30


def test_pictures_come_in_the_order_of_time_with_their_titles(tmp_path: Path) -> None:
    samples = tmp_path / "samples"
    samples.mkdir()
    for place, name in enumerate(("heal-0000900", "translate-0000100")):
        Image.new("L", (8, 8)).save(samples / f"{name}.png")
        os.utime(samples / f"{name}.png", (place, place))
    (samples / "titles.json").write_text('{"columns": ["Original", "z"], "rows": ["healthy"]}')
    look = RunReader(tmp_path).look()
    assert [path.stem for path in look.samples] == ["heal-0000900", "translate-0000100"]
    assert (look.columns, look.rows) == (("Original", "z"), ("healthy",))


def test_the_end_of_a_long_log_begins_with_a_whole_line(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("".join(f"line {number}\n" for number in range(10_000)))
    log = RunReader(tmp_path).look().log
    assert log.endswith("line 9999\n")
    assert log.startswith("line ")
    assert len(log) < 25_000


@pytest.mark.parametrize("text", ["", "[1]", '{"columns": 3}', "\x00", '{"parts": 1}'])
def test_strange_files_are_as_if_they_were_not_there(tmp_path: Path, text: str) -> None:
    (tmp_path / "samples").mkdir()
    for name in ("config.json", "plan.json", "state.json", "samples/titles.json", "metrics.jsonl"):
        (tmp_path / name).write_text(text)
    look = RunReader(tmp_path).look()
    assert (look.plan, look.columns, look.test, look.lines) == (None, (), None, ())
    assert len(known_runs(tmp_path.parent)) >= 1


def test_history_lists_runs_newest_first_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    for place, name in enumerate(("old", "new")):
        with OwnRun(tmp_path / name):
            config = {"config": {"kind": "sr-anogan", "preset": "plus"}}
            (tmp_path / name / "config.json").write_text(json.dumps(config))
        for file in (tmp_path / name).iterdir():
            os.utime(file, (place + 1, place + 1))
    runs = known_runs(tmp_path)
    assert [run.path.name for run in runs] == ["new", "old"]
    assert (runs[0].kind, runs[0].preset) == ("sr-anogan", "plus")
    assert known_runs(tmp_path / "absent") == ()


def test_the_time_left_follows_the_pace_and_corrects_the_plan() -> None:
    stages = (StageTime("heal", 100, 90.0, 110.0), StageTime("translate", 50, 90.0, 110.0))
    lines = [{"stage": "heal", "step": step, "seconds": 2.0 * step} for step in (10, 20, 30)]
    # 70 steps of 2 s, and the later stage takes twice its 100 s, too.
    assert remaining_s(stages, Standing(), lines) == pytest.approx(140 + 200)
    without = remaining_s((), Standing(RunState.RUNNING, done=30, total=150), lines)
    assert without == pytest.approx(2 * 120)
    assert remaining_s(stages, Standing(), lines[:1]) is None


def test_the_metrics_of_a_long_run_come_in_pieces(tmp_path: Path) -> None:
    append(tmp_path, "".join(f'{{"stage": "heal", "step": {step}}}\n' for step in range(20_000)))
    reader, pieces = RunReader(tmp_path), []
    while lines := reader.look().lines:
        pieces.append([line["step"] for line in lines])
    assert len(pieces) > 1
    assert [step for piece in pieces for step in piece] == list(range(20_000))
