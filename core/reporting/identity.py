"""Who is named in a report, and what is taken out when nobody may be named."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from core import __version__
from core.dicom.index import Patient, Series, Study
from core.imaging.frame import Frame, SpacingSource

Fact = tuple[str, str]
"""A label and its value, both plain text."""

_OLDEST_STATED_YEARS = 89
_REMOVED = "[removed]"
# A mark of so many characters is taken out of the middle of words as well.
_SURE_MARK = 5


@dataclass(frozen=True, slots=True)
class Identity:
    """Where the frame comes from, as the index knows it; None where there is no index (a lone picture)."""

    patient: Patient | None = None
    study: Study | None = None
    series: Series | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """What a report says of patient, image and origin; `clean` takes the patient out of other texts."""

    case: str
    running_title: str
    subject: tuple[Fact, ...]
    provenance: tuple[Fact, ...]
    marks: re.Pattern[str] | None = None

    def clean(self, text: str) -> str:
        """The text without what identifies the patient; the text itself in a report that names them."""
        return text if self.marks is None else self.marks.sub(_REMOVED, text)


def state(identity: Identity, frame: Frame, *, deidentified: bool, made_on: str) -> Statement:
    """What may be said. De-identified: no name, number, date, institution, UID, description or path."""
    subject = _anonymous_subject(frame, identity) if deidentified else _named_subject(frame, identity)
    return Statement(
        case=_case(frame),
        running_title=_running_title(frame, identity, deidentified),
        subject=(*subject, *_image_facts(frame)),
        provenance=_provenance(frame, identity, deidentified, made_on),
        marks=_marks(identity, frame) if deidentified else None,
    )


def _named_subject(frame: Frame, identity: Identity) -> tuple[Fact, ...]:
    patient, study, series = identity.patient, identity.study, identity.series
    facts: list[Fact] = []
    if patient is not None:
        facts += [
            ("Patient", patient.name or "not stated"),
            ("Patient ID", patient.patient_id or "not stated"),
            ("Birth date", _date(patient.birth_date)),
            ("Sex, age", _sex_and_age(frame, patient.sex, oldest=None)),
        ]
    if study is not None:
        facts += [
            ("Study date", _date(study.study_date)),
            ("Study", study.description),
            ("Accession no.", study.accession_number),
            ("Institution", study.institution),
            ("Referred by", study.referring_physician),
        ]
    if series is not None:
        facts.append(("Series", series.description))
    if patient is None:
        facts.append(("File", _file_name(frame)))
    return tuple((label, value) for label, value in facts if value)


def _anonymous_subject(frame: Frame, identity: Identity) -> tuple[Fact, ...]:
    sex = identity.patient.sex if identity.patient is not None else frame.source.patient_sex
    facts = (
        ("Patient", f"Name withheld (case {_case(frame)})"),
        ("Sex, age", _sex_and_age(frame, sex, oldest=_OLDEST_STATED_YEARS)),
    )
    return tuple((label, value) for label, value in facts if value)


def _image_facts(frame: Frame) -> tuple[Fact, ...]:
    source = frame.source
    kind = " ".join(
        part for part in (source.modality, source.body_part_examined, source.view_position) if part
    )
    number = (
        f", frame {source.frame_index + 1} of {source.number_of_frames}"
        if source.number_of_frames > 1
        else ""
    )
    return (
        ("Image", f"{kind or 'kind not stated'}, {frame.columns} × {frame.rows} px{number}"),
        ("Pixel spacing", _spacing_words(frame)),
    )


def _spacing_words(frame: Frame) -> str:
    spacing = frame.spacing
    if spacing.row_mm is None or spacing.column_mm is None:
        return "unknown: sizes are in pixels"
    note = f". {spacing.note}" if spacing.note else ""
    if spacing.source is SpacingSource.IMAGER and not note:
        note = ". Sizes in the patient are smaller."
    return f"{spacing.row_mm:.4g} × {spacing.column_mm:.4g} mm, {spacing.source}{note}"


def _running_title(frame: Frame, identity: Identity, deidentified: bool) -> str:
    if deidentified:
        return f"Case {_case(frame)}"
    if identity.patient is None:
        return _file_name(frame)
    patient = identity.patient
    date = _date(identity.study.study_date) if identity.study is not None else ""
    return " · ".join(part for part in (patient.name or "name not stated", patient.patient_id, date) if part)


def _provenance(frame: Frame, identity: Identity, deidentified: bool, made_on: str) -> tuple[Fact, ...]:
    facts = [("Software", f"HealthyTwin {__version__}"), ("Pixels, SHA-256", frame.digest[:12])]
    if not deidentified:
        facts += [
            ("File", _file_name(frame) if identity.patient is not None else ""),
            ("SOP Instance UID", frame.source.sop_instance_uid),
            ("Report made on", made_on),
        ]
    return tuple((label, value) for label, value in facts if value)


def _case(frame: Frame) -> str:
    return frame.digest[:8]


def _file_name(frame: Frame) -> str:
    return re.split(r"[/\\]", frame.source.path)[-1] or "image without a file"


def _date(text: str) -> str:
    """A DICOM date to read; what is no date stays as it is."""
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if re.fullmatch(r"\d{8}", text) else text


def _sex_and_age(frame: Frame, sex: str, oldest: int | None) -> str:
    years = frame.source.patient_age_years
    words = [{"M": "male", "F": "female", "O": "other"}.get(sex.strip().upper(), "")]
    if years is not None:
        whole = int(years)
        if oldest is not None and whole > oldest:
            words.append(f"over {oldest} years")
        else:
            words.append(f"{whole} years" if whole >= 2 else f"{round(years * 12)} months")
    return ", ".join(word for word in words if word)


def _marks(identity: Identity, frame: Frame) -> re.Pattern[str] | None:
    """What identifies the patient in free text: names, numbers, dates and places, as the file has them."""
    patient, study, source = identity.patient, identity.study, frame.source
    marks = {source.patient_id, source.path, _file_name(frame), source.sop_instance_uid}
    marks |= {source.study_instance_uid, source.series_instance_uid}
    if patient is not None:
        marks |= {
            patient.patient_id,
            patient.birth_date,
            _date(patient.birth_date),
            *_name_parts(patient.name),
        }
    if study is not None:
        marks |= {study.study_instance_uid, study.accession_number, study.institution}
        marks |= {study.study_date, _date(study.study_date), *_name_parts(study.referring_physician)}
    # A lone letter would blank whole sentences; a family name of one ideograph counts with its given name.
    usable = sorted((mark.strip() for mark in marks if len(mark.strip()) > 1), key=len, reverse=True)
    words = [
        rf"(?<!\w){re.escape(mark)}(?!\w)" if len(mark) < _SURE_MARK and mark.isascii() else re.escape(mark)
        for mark in usable
    ]
    return re.compile("|".join(words), re.IGNORECASE) if words else None


def _name_parts(name: str) -> set[str]:
    """A readable name, its parts, and neighbouring parts written together as in East Asia."""
    parts = [part for part in re.split(r"[\s,()^=·]+", name) if part]
    return {name, *parts, *(one + other for one, other in itertools.pairwise(parts))}
