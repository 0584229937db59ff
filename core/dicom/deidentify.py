"""What is removed or replaced where patient data leaves the program.

So far the patient and study lines of reports; the export of whole data sets (PS3.15 E) builds on the
same rules. Everything here is a pure function of index values.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import date, timedelta

from core.dicom.index import Patient, Study

_OLDEST_SHOWN_YEARS = 89  # ages above identify; shown as one group


def deidentified(
    patient: Patient, study: Study, *, secret: bytes, keep_intervals: bool = True
) -> tuple[Patient, Study]:
    """Patient and study without name, ID, birth date, accession number, times, places and free text.

    The ID is replaced by a pseudonym that is the same for the same ID and `secret` (keep it, and the
    studies of one patient stay together; lose it, and nobody finds the way back). With `keep_intervals`
    the study date is moved back by a number of days that depends on the patient and the secret, so that
    the time between two studies is still right; without it the date is removed. Sex stays; an age above
    89 years becomes "090Y" (PS3.15 E.3.6, E.1.1).
    """
    identity = "\0".join((patient.patient_id, patient.name, patient.birth_date))
    digest = hashlib.blake2b(identity.encode("utf-8", "surrogateescape"), key=secret[:64]).digest()
    pseudonym = f"P-{digest[:5].hex().upper()}"
    days = 1 + int.from_bytes(digest[5:9], "big") % 3650
    uid = hashlib.blake2b(study.study_instance_uid.encode(), key=secret[:64]).digest()
    return (
        replace(patient, patient_id=pseudonym, name="", phonetic_name="", birth_date="", studies=()),
        Study(
            study_instance_uid=f"2.25.{int.from_bytes(uid[:16], 'big')}",
            study_date=_moved(study.study_date, days) if keep_intervals else "",
            patient_age=_grouped_age(study.patient_age),
        ),
    )


def identity_lines(patient: Patient, study: Study) -> tuple[str, str]:
    """The patient line and the study line of a report, of what is known; also for de-identified values."""
    patient_parts = (
        patient.name,
        f"ID {patient.patient_id}" if patient.patient_id else "",
        f"born {_readable_date(patient.birth_date)}" if patient.birth_date else "",
        {"F": "female", "M": "male", "O": "other sex"}.get(patient.sex, ""),
        _readable_age(study.patient_age),
    )
    study_parts = (
        study.description,
        _readable_date(study.study_date),
        f"accession {study.accession_number}" if study.accession_number else "",
        study.institution,
    )
    return (
        " · ".join(part for part in patient_parts if part) or "Patient not named",
        " · ".join(part for part in study_parts if part) or "Study not described",
    )


def _moved(study_date: str, days: int) -> str:
    """Date moved back, or "" where it is no date (a date that cannot be moved is removed)."""
    parsed = _parsed(study_date)
    return "" if parsed is None else (parsed - timedelta(days=days)).strftime("%Y%m%d")


def _parsed(text: str) -> date | None:
    digits = text.replace(".", "")
    if not re.fullmatch(r"[0-9]{8}", digits):
        return None
    try:
        parsed = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
    return parsed if parsed.year >= 1800 else None


def _readable_date(text: str) -> str:
    parsed = _parsed(text)
    return text if parsed is None else parsed.isoformat()


def _grouped_age(age: str) -> str:
    """Age as in the file if it is one (nnnD, nnnW, nnnM, nnnY), with the oldest in one group."""
    if not re.fullmatch(r"[0-9]{3}[DWMY]", age):
        return ""
    return "090Y" if age.endswith("Y") and int(age[:3]) > _OLDEST_SHOWN_YEARS else age


def _readable_age(age: str) -> str:
    if not re.fullmatch(r"[0-9]{1,3}[DWMY]", age):
        return ""
    number = int(age[:-1])
    unit = {"D": "day", "W": "week", "M": "month", "Y": "year"}[age[-1]]
    return f"{number} {unit}{'' if number == 1 else 's'}"
