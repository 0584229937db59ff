"""The form of a new run: what it asks for, what a plan fills in, when it may start."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.models.model_file import read_card
from core.session import Session
from core.training.config import PRESETS
from core.training.plan import Part, Reason, StageTime, TrainingPlan
from viewer.trainer_setup import TrainerSetup

PLAN = TrainingPlan(
    kind="healthygan",
    preset="lite",
    size=128,
    device="CPU, 2 threads",
    parts=(Part("Healthy, training", 140, 120, {"": 140}), Part("Mixed, training", 60, 60, {"": 60})),
    reasons=(Reason("It is a lateral view.", 2, "side.dcm"),),
    left_out=(("/films/side.dcm", "It is a lateral view."), ("/films/other.dcm", "It is a lateral view.")),
    cautions=("The folders differ by their source.",),
    source_confound=0.9,
    stages=(StageTime("heal", 6000, 3600.0, 4200.0), StageTime("translate", 3000, 3600.0, 4200.0)),
)


@pytest.fixture
def setup(session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainerSetup:
    """The form over scripted answers: no process is started."""
    monkeypatch.setattr("viewer.trainer_setup.Question.ask", lambda self: None)
    made = TrainerSetup(session.jobs, tmp_path / "runs")
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("healthy", "mixed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "film.png").touch()
    return tmp_path / "healthy", tmp_path / "mixed"


def words(setup: TrainerSetup) -> str:
    return "\n".join(label.text() for label in setup.findChildren(QLabel) if label.isVisible())


def planned(setup: TrainerSetup, folders: tuple[Path, Path], plan: TrainingPlan = PLAN) -> None:
    setup.healthy.set_place(folders[0])
    setup.mixed.set_place(folders[1])
    setup.look()
    assert setup._question is not None
    setup._question.answered.emit(json.loads(json.dumps(plan.to_json())))


def test_it_says_what_is_missing_and_counts_at_once(
    setup: TrainerSetup, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    assert "Choose a folder of healthy films." in words(setup)
    assert not setup.start.isEnabled()
    setup.healthy.set_place(folders[0])
    assert "HealthyGAN also needs" in words(setup)
    qtbot.waitUntil(lambda: "1 file" in words(setup))
    setup.kind.setCurrentIndex(setup.kind.findData("sr-anogan"))
    assert "also needs" not in words(setup)


def test_a_plan_shows_split_left_out_cautions_and_time(
    setup: TrainerSetup, folders: tuple[Path, Path]
) -> None:
    planned(setup, folders)
    text = words(setup)
    assert "2 h 0 min to 2 h 20 min on CPU, 2 threads" in text
    assert "The folders differ by their source." in text
    assert "2 films are left out, 2 of them like side.dcm: It is a lateral view." in text
    assert [setup.split.item(0, column).text() for column in range(3)] == ["Healthy, training", "140", "120"]
    assert setup.start.isEnabled()


def test_the_split_shows_before_the_time_is_known(setup: TrainerSetup, folders: tuple[Path, Path]) -> None:
    setup.healthy.set_place(folders[0])
    setup.mixed.set_place(folders[1])
    setup.look()
    setup._question.said.emit(replace(PLAN, stages=()).to_json())
    assert "The folders differ" in words(setup)
    assert "Measuring" in words(setup)
    assert not setup.start.isEnabled()


def test_what_went_wrong_is_a_sentence_in_the_form(setup: TrainerSetup, folders: tuple[Path, Path]) -> None:
    setup.healthy.set_place(folders[0])
    setup.mixed.set_place(folders[1])
    setup.look()
    setup._question.failed.emit("Only 3 usable healthy films remain for training.")
    assert "Only 3 usable" in words(setup)
    assert not setup.start.isEnabled()


def test_other_steps_only_scale_the_time_and_other_films_need_another_look(
    setup: TrainerSetup, folders: tuple[Path, Path]
) -> None:
    planned(setup, folders)
    setup.knobs["steps"].setValue(1500)
    assert "1 h 30 min to" in words(setup)
    assert setup.start.isEnabled()
    setup.knobs["batch"].setValue(4)
    assert not setup.start.isEnabled(), "the films of a step change its time"
    planned(setup, folders)
    setup.mixed.set_place(folders[0])
    assert not setup.start.isEnabled()


def test_start_gives_the_wish_with_only_what_differs_from_the_preset(
    setup: TrainerSetup, folders: tuple[Path, Path], qtbot: QtBot
) -> None:
    planned(setup, folders)
    setup.knobs["steps"].setValue(10)
    setup.name.setText("our site")
    with qtbot.waitSignal(setup.startWanted) as wanted:
        setup.start.click()
    wish, plan = wanted.args
    options = dict(zip(wish.arguments()[::2], wish.arguments()[1::2], strict=True))
    assert options == {
        "--healthy": str(folders[0]),
        "--mixed": str(folders[1]),
        "--kind": "healthygan",
        "--preset": "lite",
        "--population": "any",
        "--device": "auto",
        "--name": "our site",
        "--steps": "10",
    }
    assert plan.stages[1].steps == 10


def test_a_parent_decides_kind_and_preset(setup: TrainerSetup, small_models: Path) -> None:
    file = small_models / "sr-anogan-small.safetensors"
    setup.choose_parent(file)
    assert setup.wish.parent == file
    assert setup.wish.kind == "sr-anogan"
    assert not setup.kind.isEnabled()
    assert setup.knobs["core_steps"].value() == 0, "the parent knows it already"
    setup.start_from.setCurrentIndex(0)
    setup.start_from.activated.emit(0)
    assert setup.kind.isEnabled()
    assert setup.knobs["core_steps"].value() == PRESETS["sr-anogan", "lite"].core_steps


def test_a_file_that_is_no_model_is_said(setup: TrainerSetup, tmp_path: Path) -> None:
    (tmp_path / "bad.safetensors").write_bytes(b"no model")
    setup.choose_parent(tmp_path / "bad.safetensors")
    assert "bad.safetensors" in words(setup)
    assert setup.wish.parent is None


def test_models_that_are_found_late_change_nothing_that_was_chosen(
    setup: TrainerSetup, small_models: Path
) -> None:
    file = small_models / "healthygan-small.safetensors"
    setup.choose_parent(file)
    setup.knobs["steps"].setValue(7)
    setup.offer_models([(file, read_card(file))])
    assert setup.wish.parent == file
    assert dict(setup.wish.knobs)["steps"] == 7
    setup.offer_models([])
    assert setup.wish.parent == file
