"""How a run is shown: curves, pictures with titles, where it stands, and what can be done."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.training.run_control import RunState, Standing
from core.training.run_progress import RunLook
from viewer.app import make_application
from viewer.trainer_progress import TrainerProgress

LINES = (
    {"stage": "heal", "step": 10, "seconds": 1.0, "loss_g": 2.0, "gradient_norm": 1.0},
    {"stage": "heal", "step": 20, "seconds": 2.0, "loss_g": 1.0},
    {"stage": "heal", "step": 20, "seconds": 2.0, "auc_p": 0.6, "merit": 0.6, "synthetic_auroc": 0.6},
    {"stage": "translate", "step": 10, "seconds": 4.0, "loss_g": 0.5, "loss_d": 0.1},
)
RUNNING = Standing(RunState.RUNNING, done=30, total=100, text="Stage translate: step 10 of 80", seconds=60)


@pytest.fixture
def progress(qtbot: QtBot, tmp_path: Path) -> TrainerProgress:
    make_application()
    made = TrainerProgress()
    qtbot.addWidget(made)
    made.resize(900, 760)
    made.show()
    made.show_run(tmp_path)
    return made


def test_stages_follow_one_another_in_the_curves(progress: TrainerProgress) -> None:
    progress.show_look(RunLook(RUNNING, LINES[:2]))
    progress.show_look(RunLook(RUNNING, LINES[2:]))
    steps, values = progress.losses.points("loss_g")
    assert steps == (10, 20, 30)
    assert values == (2.0, 1.0, 0.5)
    assert "gradient_norm" not in progress.losses.names
    assert set(progress.figures.names) == {"auc_p", "merit", "synthetic_auroc"}
    progress.show_look(RunLook(RUNNING, LINES[:1], anew=True))
    assert len(progress.losses.points("loss_g")[0]) == 1, "what a resumed run took back is gone"


@pytest.mark.parametrize(
    ("standing", "words", "buttons"),
    [
        (RUNNING, "Training: stage translate, step 10 of 80", {"pause", "stop"}),
        (Standing(RunState.PAUSED, done=30, total=100), "Paused  ·  at step 30 of 100", {"resume"}),
        (Standing(RunState.FAILED, message="No space.", hint="Free some."), "Failed: No space.", {"resume"}),
        (Standing(RunState.INTERRUPTED), "Interrupted", {"resume"}),
        (Standing(RunState.STARTING), "Starting", {"pause", "stop"}),
    ],
)
def test_it_says_where_the_run_stands_and_offers_what_makes_sense(
    progress: TrainerProgress, standing: Standing, words: str, buttons: set[str]
) -> None:
    progress.show_look(RunLook(standing))
    assert words in progress.text
    shown = {name for name in ("pause", "stop", "resume", "use") if getattr(progress, name).isVisible()}
    assert shown == buttons
    assert progress.pause.isEnabled() == (standing.state is RunState.RUNNING)


def test_a_finished_run_offers_its_model(progress: TrainerProgress, tmp_path: Path, qtbot: QtBot) -> None:
    model = tmp_path / "model.safetensors"
    progress.show_look(RunLook(Standing(RunState.FINISHED, done=100, total=100), model=model))
    assert str(model) in progress.text
    assert not progress.resume.isVisible()
    with qtbot.waitSignal(progress.useWanted):
        progress.use.click()


def test_a_request_that_was_made_is_shown_and_not_made_again(progress: TrainerProgress) -> None:
    progress.show_look(RunLook(Standing(RunState.RUNNING, asked="pause")))
    assert "Asked to pause" in progress.text
    assert not progress.pause.isEnabled()


def grid(tmp_path: Path) -> tuple[Path, QImage]:
    path = tmp_path / "heal-0000020.png"
    Image.fromarray(np.full((2 * 16, 3 * 16), 200, np.uint8)).save(path)
    return path, QImage(str(path))


def test_pictures_have_titles_and_one_film_can_be_enlarged(
    progress: TrainerProgress, tmp_path: Path, qtbot: QtBot
) -> None:
    path, image = grid(tmp_path)
    look = RunLook(RUNNING, samples=(path,), columns=("Original", "Twin", "z"), rows=("healthy", "mixed"))
    with qtbot.waitSignal(progress.pictureWanted) as wanted:
        progress.show_look(look)
    assert wanted.args == [path]
    progress.show_picture(path, image)
    samples = progress.samples
    assert samples.has_picture
    assert samples.columns == ("Original", "Twin", "z")
    samples.grab()
    small = samples._places[0][0]
    assert samples.rect().contains(samples._places[-1][0])
    QTest.mouseClick(samples, Qt.MouseButton.LeftButton, pos=small.center())
    samples.grab()
    assert [row for _, row in samples._places] == [0]
    assert samples._places[0][0].height() >= small.height()
    QTest.mouseClick(samples, Qt.MouseButton.LeftButton, pos=QPoint(samples._places[0][0].center()))
    samples.grab()
    assert [row for _, row in samples._places] == [0, 1]


def test_the_newest_pictures_are_followed_unless_older_ones_are_looked_at(
    progress: TrainerProgress, tmp_path: Path
) -> None:
    paths = tuple(tmp_path / f"heal-{step:07d}.png" for step in (10, 20, 30))
    progress.show_look(RunLook(RUNNING, samples=paths[:1]))
    progress.show_look(RunLook(RUNNING, samples=paths[:2]))
    assert progress.slider.value() == 1
    progress.slider.setValue(0)
    progress.show_look(RunLook(RUNNING, samples=paths))
    assert progress.slider.value() == 0
