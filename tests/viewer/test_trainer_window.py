"""The training window: history, what it starts, and that closing it ends nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.errors import CannotWrite
from core.session import Session
from core.settings import Settings
from core.training.plan import TrainingPlan
from core.training.run_control import OwnRun, RunState, read_standing
from viewer import trainer_window
from viewer.run_wish import RunWish
from viewer.trainer_window import TrainerWindow

WAIT_MS = 20_000


def window_over(session: Session, qtbot: QtBot, runs: Path) -> TrainerWindow:
    window = TrainerWindow(session, None, runs)
    qtbot.addWidget(window)
    window.show()
    return window


def rows(window: TrainerWindow) -> list[str]:
    return [window.history.item(place).text() for place in range(window.history.count())]


def test_without_runs_it_says_where_one_begins(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    window = window_over(session, qtbot, tmp_path / "runs")
    qtbot.waitUntil(lambda: "No run yet" in "".join(rows(window)), timeout=WAIT_MS)
    assert window.run is None


def test_a_training_that_goes_on_is_found_and_outlives_the_window(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    with OwnRun(tmp_path / "at-work") as own:
        own.report(3, 10, "Stage heal: step 3 of 10")
        window = window_over(session, qtbot, tmp_path)
        qtbot.waitUntil(lambda: window.run == tmp_path / "at-work", timeout=WAIT_MS)
        qtbot.waitUntil(lambda: "Training" in window.progress.text, timeout=WAIT_MS)
        window.progress.pause.click()
        assert (tmp_path / "at-work" / "request").read_text() == "pause"
        window.close()
        assert read_standing(tmp_path / "at-work").state is RunState.RUNNING


def test_runs_are_listed_and_one_of_another_folder_can_be_added(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    for name in ("here/first", "there/second"):
        with OwnRun(tmp_path / name):
            config = {"config": {"kind": "sr-anogan", "preset": "plus"}}
            (tmp_path / name / "config.json").write_text(json.dumps(config))
    window = window_over(session, qtbot, tmp_path / "here")
    qtbot.waitUntil(lambda: rows(window) == ["first\nSR-AnoGAN plus, finished"], timeout=WAIT_MS)
    window.open_run(tmp_path / "there" / "second")
    qtbot.waitUntil(lambda: len(rows(window)) == 2, timeout=WAIT_MS)
    assert window.run == tmp_path / "there" / "second"
    assert window.history.currentItem().text().startswith("second")
    first = window.history.findItems("first", Qt.MatchFlag.MatchStartsWith)[0]
    window.history.setCurrentItem(first)
    assert window.run == tmp_path / "here" / "first"
    window.open_run(tmp_path)
    qtbot.waitUntil(lambda: "is no run folder" in window.messages.text, timeout=WAIT_MS)


def test_a_process_that_cannot_be_started_is_said(
    session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(run: Path, arguments: tuple[str, ...]) -> None:
        raise CannotWrite("No training process could be started.", "Close other programs.")

    monkeypatch.setattr(trainer_window, "start_run", refuse)
    window = window_over(session, qtbot, tmp_path / "runs")
    wish = RunWish("new", tmp_path, tmp_path, None, None, "healthygan", "lite", "any", "auto")
    plan = TrainingPlan("healthygan", "lite", 128, "CPU", (), (), (), (), None, ())
    window.start(wish, plan)
    assert "Close other programs" in window.messages.text


def test_the_test_films_of_this_site_are_kept_out_of_a_new_run_and_test_its_model(
    session: Session, qtbot: QtBot, tmp_path: Path, small_models: Path
) -> None:
    site = tmp_path / "site-test"
    site.mkdir()
    session.settings = Settings(test_films=str(site), model_folder=str(tmp_path / "own"))
    with OwnRun(tmp_path / "runs" / "done"):
        model = small_models / "healthygan-small.safetensors"
        (tmp_path / "runs" / "done" / "model.safetensors").write_bytes(model.read_bytes())
    window = window_over(session, qtbot, tmp_path / "runs")
    assert window.setup.wish.test == site
    assert window.test_model() is None, "no run is shown"
    window.show_run(tmp_path / "runs" / "done")
    qtbot.waitUntil(window.progress.use.isVisible, timeout=WAIT_MS)
    dialog = window.test_model()
    assert dialog is not None
    assert dialog.films.place == site
    dialog.activated.emit(tmp_path / "own" / "done.safetensors")
    assert "in use from now on" in window.messages.text
    dialog.close()
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
