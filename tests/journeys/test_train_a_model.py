"""Fine-tune a model through the window: films, plan, a real training process, pause, resume, the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from film_folders import write_films
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from core.models.model_file import read_card
from core.training.run_control import Request, RunState, ask, read_standing
from viewer.main_window import MainWindow
from viewer.trainer_window import TrainerWindow, runs_folder

# A slow machine that does other things, too: nothing here depends on how fast it is.
WAIT_MS = 800_000
OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def no_training_left(qtbot: QtBot) -> Iterator[None]:
    """End what a failed test leaves training."""
    yield
    for run in runs_folder().iterdir() if runs_folder().is_dir() else ():
        if read_standing(run).state.alive:
            ask(run, Request.STOP)
            qtbot.waitUntil(lambda run=run: not read_standing(run).state.alive, timeout=WAIT_MS)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.usefixtures("no_training_left")
def test_fine_tune_a_model(open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path) -> None:
    healthy = write_films(tmp_path / "films" / "healthy", 40, lesion=False)
    mixed = write_films(tmp_path / "films" / "mixed", 12, lesion=True, first_seed=400)
    parent = small_models / "healthygan-small.safetensors"
    window = open_window(model_folder=str(small_models))
    trainer = window.show_trainer()
    setup = trainer.setup

    setup.choose_parent(parent)
    setup.name.setText("tuned")
    for knob, value in {"warm_steps": 10, "steps": 120, "batch": 2, "threads": 1}.items():
        setup.knobs[knob].setValue(value)
    setup.healthy.set_place(healthy)
    setup.mixed.set_place(mixed)
    qtbot.waitUntil(setup.start.isEnabled, timeout=WAIT_MS)
    split = {setup.split.item(row, 0).text(): setup.split.item(row, 1).text() for row in range(6)}
    assert sum(int(films) for films in split.values()) == 52

    setup.start.click()
    progress = trainer.progress
    qtbot.waitUntil(lambda: progress.samples.has_picture, timeout=WAIT_MS)
    assert progress.samples.columns == ("Original", "Twin", "Mask", "Painted", "Difference", "z")
    progress.pause.click()
    qtbot.waitUntil(lambda: "Paused" in progress.text, timeout=WAIT_MS)
    run = trainer.run
    assert run is not None
    assert run == runs_folder() / "tuned"
    done = read_standing(run).done
    assert 10 <= done < 130
    assert (run / "checkpoint.pt").exists()
    assert not (run / "model.safetensors").exists()

    progress.resume.click()
    qtbot.waitUntil(lambda: read_standing(run).state is RunState.RUNNING, timeout=WAIT_MS)
    # The training goes on without its window, which finds it again.
    trainer.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert window.findChild(TrainerWindow) is None
    trainer = window.show_trainer()
    qtbot.waitUntil(lambda: trainer.history.count() == 1, timeout=WAIT_MS)
    trainer.show_run(run)
    qtbot.waitUntil(trainer.progress.use.isVisible, timeout=WAIT_MS)
    assert "Finished" in trainer.progress.text
    assert len(trainer.progress.losses.points("loss_g")[0]) >= 5
    assert trainer.progress.slider.maximum() >= 1
    assert trainer.progress.log
    card = read_card(run / "model.safetensors")
    assert card.name == "tuned"
    assert card.training["parent"] == read_card(parent).weights_digest

    # Too few films to calibrate it: the gate stays shut, and nothing is changed.
    write_films(tmp_path / "test" / "healthy", 2, lesion=False, first_seed=900)
    write_films(tmp_path / "test" / "abnormal", 2, lesion=True, first_seed=950)
    gate = trainer.test_model()
    assert gate is not None
    gate.films.set_place(tmp_path / "test")
    qtbot.waitUntil(gate.test.isEnabled, timeout=WAIT_MS)
    gate.test.click()
    qtbot.waitUntil(lambda: "Not passed" in gate.outcome.text(), timeout=WAIT_MS)
    assert "not calibrated" in gate.outcome.text()
    gate.close()
    trainer.close()
