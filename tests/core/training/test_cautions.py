"""What a reader of a run must be told: confounded folders, calibration from elsewhere, collapsed masks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from film_folders import FilmLists

from core.imaging.model_input import ModelInputSpec
from core.training.baselines import NUMBERS
from core.training.cautions import CONFOUNDED, cautions_of, collapse_alarm, source_confound
from core.training.dataset import FilmFile, Films, TrainingData, gather


@pytest.fixture(scope="module")
def data(film_lists: FilmLists) -> TrainingData:
    return gather(film_lists.healthy, film_lists.mixed, ModelInputSpec(size=64))


def _of(films: Films, source: str) -> Films:
    return replace(films, files=tuple(replace(file, source=source) for file in films.files))


def test_films_of_one_source_call_for_no_caution(data: TrainingData) -> None:
    confound = source_confound(data)

    assert confound is not None
    assert confound < CONFOUNDED
    assert cautions_of(data).words == ()


@pytest.mark.parametrize("look", ["size", "aspect", "border", "type"])
def test_folders_that_differ_by_any_look_are_told_apart(data: TrainingData, look: str) -> None:
    mixed = data.mixed
    if look == "size":
        mixed = replace(mixed, crops=tuple((row, column, 4 * side) for row, column, side in mixed.crops))
    elif look == "aspect":
        mixed = replace(mixed, aspect=mixed.aspect * np.float32(1.2))
    elif look == "border":
        brighter = np.zeros((1, 7), np.float32)
        brighter[0, NUMBERS.index("border mean")] = 0.4
        mixed = replace(mixed, numbers=mixed.numbers + brighter)
    else:
        files = tuple(replace(file, path=file.path.with_suffix(".jpg")) for file in mixed.files)
        mixed = replace(mixed, files=files)
    (words,) = cautions_of(replace(data, mixed=mixed)).words

    assert "differ by their source" in words
    assert f"{source_confound(replace(data, mixed=mixed)):.2f}" in words


def test_only_sources_that_both_folders_have_are_compared(data: TrainingData) -> None:
    """Healthy films of another hospital look otherwise; the critic never compares them with the mixed."""
    files = data.train.files
    odd = [place % 8 == 0 for place in range(len(files))]
    other = replace(
        data.train,
        files=tuple(
            replace(file, source="B") if strange else file for file, strange in zip(files, odd, strict=True)
        ),
        aspect=np.where(odd, np.float32(3), data.train.aspect).astype(np.float32),
    )
    without = data.train.where([not strange for strange in odd])

    assert source_confound(replace(data, train=other)) == source_confound(replace(data, train=without))


def test_anatomy_alone_is_no_confound(data: TrainingData) -> None:
    """A folder of ill films must differ by what is inside: only looks around it are held against it."""
    brighter = data.mixed.numbers.copy()
    brighter[:, NUMBERS.index("centre mean")] += 0.4
    ill = replace(data.mixed, numbers=brighter, pixels=1 - data.mixed.pixels)

    assert source_confound(replace(data, mixed=ill)) == source_confound(data)


def test_calibration_films_from_elsewhere_are_named(data: TrainingData) -> None:
    (words,) = cautions_of(replace(data, cal2=_of(data.cal2, "other hospital"))).words

    assert "Calibration films come from other hospital" in words


def test_a_calibration_set_of_two_sources_is_named(data: TrainingData) -> None:
    files = data.cal2.files
    half = tuple(replace(file, source="B") if place % 2 else file for place, file in enumerate(files))
    both = replace(
        data,
        cal2=replace(data.cal2, files=half),
        mixed=replace(data.mixed, files=(*data.mixed.files[1:], replace(data.mixed.files[0], source="B"))),
    )

    assert any("mixes B, drawn" in words for words in cautions_of(both).words)


def test_few_films_and_plain_folders_are_not_judged(data: TrainingData) -> None:
    few = replace(data, mixed=data.mixed.where([place < 19 for place in range(len(data.mixed))]))
    nameless = FilmFile(Path("film.png"))

    assert source_confound(few) is None
    assert nameless.source == ""
    assert cautions_of(replace(few, cal2=_of(few.cal2, ""), mixed=_of(few.mixed, ""))).words == ()


@pytest.mark.parametrize(
    ("healthy", "mixed", "last", "words"),
    [
        (0.95, 0.95, False, "repaints everything"),
        (0.0, 0.0, True, "changes nothing"),
        (0.0, 0.0, False, ""),
        (0.03, 0.06, True, ""),
    ],
)
def test_a_collapsed_mask_is_spoken_of(healthy: float, mixed: float, last: bool, words: str) -> None:
    alarm = collapse_alarm({"mask_healthy_val": healthy, "mask_mixed_val": mixed}, last=last)

    assert bool(alarm) == bool(words)
    assert words in alarm


@pytest.mark.parametrize(
    ("spread", "last", "alarming"), [(0.02, True, True), (0.02, False, False), (0.9, True, False)]
)
def test_twins_that_are_all_alike_are_spoken_of_at_the_end(spread: float, last: bool, alarming: bool) -> None:
    assert ("the code has collapsed" in collapse_alarm({"twin_spread": spread}, last=last)) is alarming


def test_a_model_without_mask_has_no_alarm() -> None:
    assert collapse_alarm({"synthetic_auroc": 0.5}, last=True) == ""
