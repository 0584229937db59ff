"""Which earlier study an image is compared with: never one of another patient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.dicom.study import Instance, Patient, Series, Study, StudyIndex
from core.priors import priors_of, same_person

NOW, BEFORE, LONG_AGO = "20260301", "20250101", "20190101"


def film(name: str, view: str = "PA", side: str = "") -> Instance:
    return Instance(Path(name), f"sop {name}", view_position=view, laterality=side)


def study(date: str, *films: Instance, modality: str = "DX", part: str = "CHEST", time: str = "") -> Study:
    series = Series(f"series {date}{time}", modality=modality, body_part_examined=part, instances=films)
    return Study(f"study {date}{time}", study_date=date, study_time=time, series=(series,))


def person(*studies: Study, number: str = "1", name: str = "Doe, Jane", born: str = "19600101") -> Patient:
    return Patient(number, name, born, studies=studies)


def found(index: StudyIndex, name: str = "now") -> list[str]:
    instance = index.instance_at(Path(name))
    assert instance is not None
    return [prior.series.images[prior.position][0].path.name for prior in priors_of(index, instance)]


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (person(), True),
        (person(name=""), True),
        (person(born=""), True),
        (person(name="DOE, JANE"), True),
        (person(number="2"), False),
        (person(name="Roe, Jane"), False),
        (person(born="19610101"), False),
        (person(number=""), True),
        (person(number="", born=""), False),
        (Patient(), False),
    ],
)
def test_patients_are_one_when_nothing_contradicts_and_something_proves_it(other, same):
    assert same_person(person(), other) is same
    assert same_person(other, person()) is same


def test_two_patients_without_anything_are_not_one():
    assert not same_person(Patient(), Patient())


def test_the_newest_earlier_study_comes_first():
    index = StudyIndex(
        (person(study(LONG_AGO, film("old")), study(BEFORE, film("before")), study(NOW, film("now"))),)
    )
    assert found(index) == ["before", "old"]
    assert found(index, "before") == ["old"]
    assert found(index, "old") == []


def test_the_same_view_comes_before_a_newer_study():
    index = StudyIndex(
        (
            person(
                study(LONG_AGO, film("old")),
                study(BEFORE, film("lateral", "LL")),
                study(NOW, film("now")),
            ),
        )
    )
    assert found(index) == ["old", "lateral"]


def test_of_several_films_the_one_with_the_same_view_and_side_is_taken():
    films = (
        film("lcc", "CC", "L"),
        film("lmlo", "MLO", "L"),
        film("rcc", "CC", "R"),
        film("rmlo", "MLO", "R"),
    )
    index = StudyIndex(
        (
            person(
                study(BEFORE, *films, modality="MG", part="BREAST"),
                study(NOW, film("now", "CC", "R"), modality="MG", part="BREAST"),
            ),
        )
    )
    assert found(index) == ["rcc"]


def test_an_old_cr_is_the_prior_of_a_new_dx_and_a_ct_is_not():
    index = StudyIndex(
        (
            person(
                study(LONG_AGO, film("cr"), modality="CR"),
                study(BEFORE, film("ct"), modality="CT"),
                study(NOW, film("now")),
            ),
        )
    )
    assert found(index) == ["cr"]


def test_another_part_of_the_body_is_no_prior_and_an_unnamed_one_may_be():
    index = StudyIndex(
        (
            person(
                study(LONG_AGO, film("unnamed"), part=""),
                study(BEFORE, film("hand"), part="HAND"),
                study(NOW, film("now")),
            ),
        )
    )
    assert found(index) == ["unnamed"]


def test_studies_without_a_date_are_neither_earlier_nor_later():
    index = StudyIndex((person(study("", film("undated")), study(NOW, film("now"))),))
    assert found(index) == []
    assert found(index, "undated") == []


def test_an_earlier_hour_of_the_same_day_is_earlier():
    morning, evening = study(NOW, film("morning"), time="080000"), study(NOW, film("now"), time="200000")
    assert found(StudyIndex((person(morning, evening),))) == ["morning"]


def test_another_patient_with_the_same_number_is_no_prior():
    index = StudyIndex(
        (
            person(study(BEFORE, film("before")), name="Roe, Richard"),
            person(study(NOW, film("now"))),
        )
    )
    assert found(index) == []
    spelled = replace(index.patients[0], name="DOE, Jane ")
    assert found(StudyIndex((spelled, index.patients[1]))) == ["before"]


def test_the_prior_of_a_slice_lies_as_far_up_its_own_stack():
    def stack(date: str, count: int) -> Study:
        return study(date, *(film(f"{date} {place}", "") for place in range(count)), modality="CT")

    index = StudyIndex((person(stack(BEFORE, 11), stack(NOW, 21)),))
    assert found(index, f"{NOW} 10") == [f"{BEFORE} 5"]
