"""Questions to this program in another process: an answer, a complaint in words, or silence after a stop."""

from __future__ import annotations

import json
import time
from pathlib import Path

from pytestqt.qtbot import QtBot

from core.training.run_control import RunState, read_standing
from viewer.training_process import Question, start_run

WAIT_MS = 120_000


def test_a_question_is_answered_in_json(qtbot: QtBot, film: Path) -> None:
    question = Question(("inspect", str(film), "--json"))
    with qtbot.waitSignal(question.answered, timeout=WAIT_MS) as answered:
        question.ask()
    assert answered.args[0]["skipped"] == []


def test_what_is_wrong_is_one_sentence(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "healthy").mkdir()
    films = str(tmp_path / "healthy")
    question = Question(("train", str(tmp_path / "run"), "--healthy", films, "--mixed", films, "--plan"))
    with qtbot.waitSignal(question.failed, timeout=WAIT_MS) as failed:
        question.ask()
    assert failed.args[0].startswith("There are no films in ")
    assert "\n" not in failed.args[0]
    assert not (tmp_path / "run").exists()


def test_a_stopped_question_says_nothing(qtbot: QtBot, film: Path) -> None:
    question = Question(("inspect", str(film), "--json"))
    said: list[object] = []
    question.answered.connect(said.append)
    question.failed.connect(said.append)
    question.ask()
    question.stop()
    qtbot.wait(50)
    assert said == []


def test_a_run_that_cannot_begin_leaves_the_reason_in_its_folder(qtbot: QtBot, tmp_path: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    run = tmp_path / "run"
    start_run(run, ("--healthy", str(films), "--mixed", str(films)))
    qtbot.waitUntil(lambda: read_standing(run).state is RunState.FAILED, timeout=WAIT_MS)
    assert "no films" in read_standing(run).message
    (run / "state.json").unlink()

    start_run(run, ())  # goes on as it was begun
    qtbot.waitUntil(lambda: read_standing(run).state is RunState.FAILED, timeout=WAIT_MS)
    assert json.loads((run / "arguments.json").read_text())[0] == "--healthy"
    assert read_standing(run).beat <= time.time()
