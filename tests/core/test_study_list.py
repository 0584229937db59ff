"""Order, rows and search of the open studies."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dicom.index import Instance, Patient, Series, Study, StudyIndex
from core.settings import Settings
from core.study_list import (
    all_rows,
    folded,
    in_list_order,
    patient_lines,
    rows_of,
    search_words,
    searched_of,
    series_in_list_order,
    study_lines,
    without_study,
)


def instances(count: int, frames: int = 1, time: str = "", **more: object) -> tuple[Instance, ...]:
    made = Instance(Path("x"), "1", number_of_frames=frames, acquisition_time=time, **more)  # type: ignore[arg-type]  # fields by name
    return tuple(replace(made, path=Path(f"/d/IM{n:03}"), sop_instance_uid=f"1.{n}") for n in range(count))


def series(uid: str, count: int = 3, **more: object) -> Series:
    given = {"modality": "CT", "instances": instances(count)} | more
    return Series(uid, **given)  # type: ignore[arg-type]  # fields by name


def study(uid: str, date: str, *listed: Series) -> Study:
    return Study(uid, study_date=date, series=listed)


INDEX = StudyIndex(
    (
        Patient("1", "Abel", studies=(study("1.1", "20200101"), study("1.2", "20210101"))),
        Patient("2", "Bell", studies=(study("2.1", "20240101"), study("2.2", "20190101"))),
    )
)


def studies_of(patients: tuple[Patient, ...]) -> list[str]:
    return [study.study_instance_uid for patient in patients for study in patient.studies]


def test_patients_by_name_or_by_their_newest_study() -> None:
    assert [one.name for one in in_list_order(INDEX, Settings())] == ["Abel", "Bell"]
    wished = Settings(sort_patients="newest study")
    assert [one.name for one in in_list_order(INDEX, wished)] == ["Bell", "Abel"]


def test_studies_newest_or_oldest_first() -> None:
    assert studies_of(in_list_order(INDEX, Settings())) == ["1.2", "1.1", "2.1", "2.2"]
    oldest = Settings(sort_studies="oldest first")
    assert studies_of(in_list_order(INDEX, oldest)) == ["1.1", "1.2", "2.2", "2.1"]


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        ("number", ["a", "b", "c"]),
        ("time", ["c", "b", "a"]),
        ("description", ["b", "c", "a"]),
        ("number of images", ["b", "a", "c"]),
    ],
)
def test_series_in_each_order(wish: str, order: list[str]) -> None:
    listed = (
        series("a", description="Übersicht", instances=instances(2)),
        series("b", description="axial", instances=instances(2, frames=9, time="2")),
        series("c", description="Coronal", instances=instances(1, time="1")),
    )
    index = StudyIndex((Patient(studies=(study("1", "20200101", *listed),)),))
    found = series_in_list_order(index, Settings(sort_series=wish))
    assert [one.series_instance_uid for one in found] == order
    assert set(map(id, found)) == set(map(id, listed)), "the series themselves, not copies"


def test_films_stand_alone_and_stacks_are_one_row() -> None:
    assert [len(row.instances) for row in rows_of(series("1", 3, modality="DX"))] == [1, 1, 1]
    assert [len(row.instances) for row in rows_of(series("1", 3, modality="CT"))] == [3]
    assert [len(row.instances) for row in rows_of(series("1", 25, modality="DX"))] == [25]
    clips = series("1", modality="DX", instances=instances(2, frames=5))
    assert [len(row.instances) for row in rows_of(clips)] == [2]
    keys = [row.key for row in rows_of(series("1", 3, modality="DX"))]
    assert len(set(keys)) == 3


def test_the_middle_image_is_that_of_all_frames() -> None:
    (row,) = rows_of(series("1", 5))
    assert row.middle == (row.instances[2], 0)
    (clips,) = rows_of(series("1", instances=(*instances(1, frames=3), *instances(1, frames=9))))
    assert clips.middle == (clips.instances[1], 3)


def test_a_row_says_what_it_is() -> None:
    (row,) = rows_of(series("1", 60, series_number=2, description="Axial", body_part_examined="CHEST"))
    assert row.lines == ("2 · Axial", "60 images · CHEST", "60 files")
    assert row.badge == "CT"
    film = instances(1, view_position="PA", laterality="R")
    (alone,) = rows_of(series("1", modality="DX", instances=film))
    assert alone.lines == ("IM000", "1 image · PA R")
    assert rows_of(series("1", modality=""))[0].badge == "?"
    picture = (replace(film[0], path=Path("/d/x.jpeg"), is_dicom=False),)
    assert rows_of(series("1", modality="", instances=picture))[0].badge == "JPEG"


def test_notes_are_counted_over_the_files_of_the_row() -> None:
    odd = (*instances(2), *(replace(one, notes=("Odd.",)) for one in instances(1)))
    (row,) = rows_of(series("1", instances=odd, notes=("A gap.",)))
    assert row.has_notes
    assert row.notes == ("A gap.", "Odd. (1 of 3 files)")
    films = rows_of(series("1", modality="DX", instances=odd))
    assert [row.notes for row in films] == [(), (), ("Odd.",)]
    assert [row.has_notes for row in films] == [False, False, True]


def test_a_study_goes_and_with_the_last_one_its_patient() -> None:
    left = without_study(without_study(INDEX, "1.1"), "1.2")
    assert [one.name for one in left.patients] == ["Bell"]
    assert without_study(INDEX, "of nobody") == INDEX


def test_all_rows_are_those_of_all_series() -> None:
    listed = study("1", "20200101", series("a", modality="DX"), series("b"))
    assert len(list(all_rows((Patient(studies=(listed,)),)))) == 4


def test_lines_of_patients_and_studies() -> None:
    patient = Patient("7", "Doe, Jane", "19800102", "F")
    assert patient_lines(patient) == ("Doe, Jane", "7 · F · born 1980-01-02")
    assert patient_lines(Patient()) == ("No name",)
    assert study_lines(Study("1", "20260302", "101500", "Chest")) == ("2026-03-02  10:15", "Chest")
    assert study_lines(Study("1", "1996.12.02")) == ("1996.12.02",)
    assert study_lines(Study("1")) == ("No date",)


@pytest.mark.parametrize(
    "asked",
    [
        *("иванов", "ИВАНОВ", "пётр", "петр иванов", "иванов, петр"),
        *(
            "yamada",
            "tarou yamada",
            "山田",
            "山田太郎",
            "太郎 山田",
            "やまだ",
            "ヤマダ",
            "ﾔﾏﾀﾞ",
            "ｙａｍａｄａ",
        ),
        *("2026-03-02", "20260302", "02.03.2026", "2.3.2026", "3/2/2026", "2 mar 2026", "march 2026"),
        *("2026年3月2日", "acc-9", "thorax", "p-1", "jose garcia", "JOSÉ", "groß", "GROSS", "soren"),
    ],
)
def test_every_way_to_ask_finds_the_study(asked: str) -> None:
    name = "Иванов, Пётр Yamada, Tarou (山田 太郎) José García Groß Søren"
    patient = Patient("P-1", name, phonetic_name="やまだ たろう")
    text = searched_of(patient, Study("1", "20260302", description="Thorax", accession_number="ACC-9"))
    assert all(word in text for word in search_words(asked))


@pytest.mark.parametrize("asked", ["petrov", "2026-03-03", "木村", "か", "nobody"])
def test_other_questions_do_not(asked: str) -> None:
    patient = Patient("P-1", "Yamada, Tarou (山田 太郎)", phonetic_name="がく やまだ")
    text = searched_of(patient, Study("1", "20260302"))
    # A kana without its voicing is the beginning of the letter as it is typed, so か finds が while typing.
    assert all(word in text for word in search_words(asked)) == (asked == "か")


def test_a_row_is_found_by_its_own_words() -> None:
    (row,) = rows_of(series("1", 3, series_number=12, description="T2 FLAIR", protocol_name="Kopf"))
    for asked in ("flair", "ct 12", "kopf", "im002", "t2 IM000"):
        assert all(word in row.searched() for word in search_words(asked)), asked
    assert "im003" not in row.searched()


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = folded(text)
    assert folded(once).split() == once.split()


@given(st.text(max_size=30))
def test_a_text_finds_itself(text: str) -> None:
    assert all(word in folded(text) for word in search_words(text))


def test_a_file_of_an_archive_is_named_as_it_is_named_there() -> None:
    unpacked = replace(instances(1)[0], origin="disc.zip!images/IM1")
    (row,) = rows_of(series("1", modality="DX", instances=(unpacked,)))
    assert row.lines[0] == "IM1"
    assert "im1" in row.searched()
