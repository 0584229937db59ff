"""A plan says what the run then does: the same split, the same films left out, and a time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from film_folders import FilmLists, write_films

from core.errors import DatasetTooSmall
from core.training.config import PRESETS
from core.training.plan import StageTime, TrainingPlan, make_plan, spoken_time

TINY = PRESETS["healthygan", "lite"].with_changes(
    size=64, width=8, batch=2, warm_steps=4, steps=4, threads=1, device="cpu"
)


def test_a_plan_tells_split_left_out_cautions_and_time(film_lists: FilmLists) -> None:
    plan = make_plan(TINY, film_lists.healthy, film_lists.mixed, film_lists.labelled)

    films = {part.role: part.films for part in plan.parts}
    assert films["Healthy, training"] == 24
    assert films["Healthy, calibration 2"] == 50
    assert films["Mixed, training"] + films["Mixed, validation"] == 30
    assert (films["Test, healthy"], films["Test, abnormal"]) == (8, 8)
    assert plan.left_out == ()
    assert [stage.stage for stage in plan.stages] == ["heal", "translate"]
    low, high = plan.seconds
    assert 0 < low <= high
    assert TrainingPlan.from_json(json.loads(json.dumps(plan.to_json()))) == plan
    text = "\n".join(plan.lines())
    assert "24 films of 24 patients (drawn 24)" in text
    assert "nothing is left out" in text


def test_films_of_the_test_are_kept_out_of_the_training(tmp_path: Path) -> None:
    healthy = write_films(tmp_path / "healthy", 40, lesion=False)
    mixed = write_films(tmp_path / "mixed", 12, lesion=True, first_seed=400)
    test = tmp_path / "test"
    write_films(test / "healthy", 3, lesion=False, first_seed=900)
    write_films(test / "abnormal", 3, lesion=True, first_seed=950)
    copied = sorted(healthy.iterdir())[5]
    (test / "healthy" / "again.png").write_bytes(copied.read_bytes())
    plan = make_plan(TINY, healthy, mixed, test)

    assert plan.left_out == ((str(copied), "It is a copy of a film of the test."),)
    assert [(one.films, one.example) for one in plan.reasons] == [(1, copied.name)]
    assert any("uncalibrated" in words for words in plan.cautions)


def test_too_few_films_are_said_as_the_run_would(tmp_path: Path) -> None:
    healthy = write_films(tmp_path / "healthy", 5, lesion=False)
    with pytest.raises(DatasetTooSmall, match="usable healthy films"):
        make_plan(TINY, healthy, healthy)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (80, "80 s"), (600, "10 min"), (7300, "2 h 2 min"), (300_000, "3 days 11 h")],
)
def test_times_are_said_as_people_do(seconds: float, words: str) -> None:
    assert spoken_time(seconds) == words


def test_other_numbers_of_steps_scale_the_times_of_a_plan() -> None:
    stages = (StageTime("heal", 100, 10.0, 20.0), StageTime("translate", 50, 10.0, 20.0))
    plan = TrainingPlan("healthygan", "lite", 64, "CPU", (), (), (), (), None, stages)
    longer = plan.with_steps(TINY.with_changes(warm_steps=0, steps=100))
    assert longer is not None
    assert longer.stages == (StageTime("translate", 100, 20.0, 40.0),)
    assert plan.with_steps(TINY.with_changes(heal_steps=5)) is None, "that stage was not measured"
