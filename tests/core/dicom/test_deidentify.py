"""Nothing that names a patient is left in a de-identified line."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.dicom.deidentify import deidentified, identity_lines
from core.dicom.index import Patient, Study

PATIENT = Patient("4711", "Doe, Jane (山田)", "19500102", "F", "やまだ")
STUDY = Study(
    "1.2.3", "20260302", "101500", "Chest of Jane Doe", "ACC-9", "Smith, John", "St. Elsewhere", "076Y"
)


def test_the_full_lines_say_what_is_known() -> None:
    assert identity_lines(PATIENT, STUDY) == (
        "Doe, Jane (山田) · ID 4711 · born 1950-01-02 · female · 76 years",
        "Chest of Jane Doe · 2026-03-02 · accession ACC-9 · St. Elsewhere",
    )
    assert identity_lines(Patient(), Study("")) == ("Patient not named", "Study not described")


@pytest.mark.parametrize("keep_intervals", [True, False])
def test_nothing_that_identifies_is_left(keep_intervals: bool) -> None:
    patient, study = deidentified(PATIENT, STUDY, secret=b"s", keep_intervals=keep_intervals)
    shown = " ".join(identity_lines(patient, study)) + repr(patient) + repr(study)
    for mark in (
        "Doe",
        "Jane",
        "山田",
        "やまだ",
        "4711",
        "1950",
        "20260302",
        "ACC-9",
        "Smith",
        "Elsewhere",
        "1.2.3",
    ):
        assert mark not in shown
    assert (patient.sex, study.patient_age) == ("F", "076Y")
    assert bool(study.study_date) == keep_intervals


def test_time_between_studies_and_the_pseudonym_stay() -> None:
    later = Study("1.2.4", "20260402")
    patient, first = deidentified(PATIENT, STUDY, secret=b"s")
    again, second = deidentified(PATIENT, later, secret=b"s")
    assert patient == again
    days = [datetime.strptime(study.study_date, "%Y%m%d") for study in (first, second)]
    assert (days[1] - days[0]).days == 31
    assert first.study_instance_uid != second.study_instance_uid


def test_another_secret_or_patient_gives_another_pseudonym() -> None:
    ids = {
        deidentified(patient, STUDY, secret=secret)[0].patient_id
        for patient in (PATIENT, Patient("4712"))
        for secret in (b"s", b"t", b"x" * 100)
    }
    assert len(ids) == 6


@pytest.mark.parametrize(
    ("age", "shown"), [("095Y", "090Y"), ("089Y", "089Y"), ("006M", "006M"), ("old", "")]
)
def test_the_oldest_are_one_group(age: str, shown: str) -> None:
    assert deidentified(PATIENT, Study("1", patient_age=age), secret=b"s")[1].patient_age == shown


@pytest.mark.parametrize("date", ["", "garbage", "20261399", "00010101"])
def test_what_is_no_date_is_removed(date: str) -> None:
    assert deidentified(PATIENT, Study("1", study_date=date), secret=b"s")[1].study_date == ""


def test_ages_are_words() -> None:
    assert identity_lines(Patient(), Study("", patient_age="001Y"))[0] == "1 year"
    assert identity_lines(Patient(), Study("", patient_age="010D"))[0] == "10 days"
