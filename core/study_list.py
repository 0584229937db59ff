"""How the open studies are listed: their order, the words of a row, and the search. Pure answers.

The study browser shows these rows, and the keys for the next and previous series walk them. The search
compares folded texts: case, width, accents, kana and the order of words make no difference.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from core.visible import isolated, visible

if TYPE_CHECKING:
    from core.dicom.index import Instance, Patient, Series, Study, StudyIndex
    from core.settings import Settings

# Films of one radiograph series are told apart by their pictures; stacks and long series are one row.
_MOST_FILMS_LISTED = 24
_FILM_MODALITIES = frozenset({"CR", "DX", "RG", "MG", "PX", "IO", ""})
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)

RowKey = tuple[str, int, str]
"""Series Instance UID, stack, and the file where a film has a row of its own, else ""."""


@dataclass(frozen=True, slots=True, eq=False)
class SeriesRow:
    """One row of the list: a stack, or one film of a radiograph series."""

    series: Series
    instances: tuple[Instance, ...]
    key: RowKey

    @property
    def badge(self) -> str:
        """The modality, or the kind of a picture file; never empty."""
        if not self.instances[0].is_dicom:
            return self.instances[0].named_path.suffix[1:5].upper() or "PIC"
        return self.series.modality[:4] or "?"

    @property
    def number_of_images(self) -> int:
        """Images of the row: of all of the series, or one film."""
        whole = len(self.instances) == len(self.series.instances)
        return self.series.number_of_images if whole else len(self.instances)

    @property
    def first(self) -> tuple[Instance, int]:
        """The image that the row begins with, as instance and frame index."""
        return self._image(0)

    @property
    def middle(self) -> tuple[Instance, int]:
        """The image in the middle of the row: what its picture shows."""
        return self._image(self.number_of_images // 2)

    def _image(self, place: int) -> tuple[Instance, int]:
        if self.series.frame_order:
            number, frame_index = self.series.frame_order[place]
            return self.series.instances[number], frame_index
        for instance in self.instances:
            if place < instance.number_of_frames:
                return instance, place
            place -= instance.number_of_frames
        return self.instances[-1], 0

    @property
    def lines(self) -> tuple[str, ...]:
        """What stands beside the picture: what it is; number of images, part of the body, view; the file."""
        series, shown = self.series, self.instances[0]
        alone = len(self.instances) == 1
        files = visible(shown.named_path.name) if alone else f"{len(self.instances):,} files"
        what = series.description or series.protocol_name or series.body_part_examined
        number = "" if series.series_number is None else f"{series.series_number} · "
        images = self.number_of_images
        view = f"{shown.view_position} {shown.laterality}" if alone else shown.laterality
        part = series.body_part_examined if series.body_part_examined != what else ""
        facts = ("1 image" if images == 1 else f"{images:,} images", view.strip(), part, series.part_words)
        title = number + (what or (files if alone else "No description"))
        lines = (title, " · ".join(fact for fact in facts if fact), files)
        return lines if what or not alone else lines[:2]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was odd or assumed, counted over the row's files."""
        whole = self.series.all_notes if len(self.instances) > 1 else self.series.notes
        return whole if len(self.instances) > 1 else (*whole, *self.instances[0].notes)

    @property
    def has_notes(self) -> bool:
        """Whether anything was odd or assumed."""
        return bool(self.series.notes) or any(instance.notes for instance in self.instances)

    def searched(self) -> str:
        """What the search looks at in this row alone, folded."""
        series = self.series
        number = "" if series.series_number is None else str(series.series_number)
        parts = [series.modality, number, series.description, series.body_part_examined]
        parts += [series.protocol_name, *self.instances[0].view_position.split()]
        parts += [instance.named_path.name for instance in self.instances]
        return folded("\n".join(parts))


def rows_of(series: Series) -> tuple[SeriesRow, ...]:
    """The rows of a series: each film for itself, a stack as one."""
    films = (
        series.modality in _FILM_MODALITIES
        and len(series.instances) <= _MOST_FILMS_LISTED
        and all(instance.number_of_frames == 1 for instance in series.instances)
    )
    if not films:
        return (SeriesRow(series, series.instances, (*series.key, "")),)
    return tuple(
        SeriesRow(series, (instance,), (*series.key, str(instance.path))) for instance in series.instances
    )


def in_list_order(index: StudyIndex, settings: Settings) -> tuple[Patient, ...]:
    """The patients with their studies and series in the order that the settings wish for.

    The series are those of the index. Where the wish leaves two equal, the order of the index decides.
    """
    patients = tuple(_with_ordered_studies(patient, settings) for patient in index.patients)
    if settings.sort_patients == "newest study":
        return tuple(sorted(patients, key=_newest, reverse=True))
    return patients


def series_in_list_order(index: StudyIndex, settings: Settings) -> tuple[Series, ...]:
    """All series from the top of the list to its end."""
    return tuple(
        series
        for patient in in_list_order(index, settings)
        for study in patient.studies
        for series in study.series
    )


def without_study(index: StudyIndex, study_instance_uid: str) -> StudyIndex:
    """The index without one study; a patient without studies goes, too."""
    patients = (
        replace(
            patient,
            studies=tuple(one for one in patient.studies if one.study_instance_uid != study_instance_uid),
        )
        for patient in index.patients
    )
    return replace(index, patients=tuple(patient for patient in patients if patient.studies))


def date_words(dicom_date: str) -> str:
    """A DICOM date (PS3.5 DA, YYYYMMDD) as YYYY-MM-DD; other forms as they are."""
    if len(dicom_date) == 8 and dicom_date.isdigit():
        return f"{dicom_date[:4]}-{dicom_date[4:6]}-{dicom_date[6:]}"
    return dicom_date


def patient_lines(patient: Patient) -> tuple[str, ...]:
    """Name, and what else tells a patient from others."""
    born = f"born {date_words(patient.birth_date)}" if patient.birth_date else ""
    facts = " · ".join(part for part in (isolated(patient.patient_id), patient.sex, born) if part)
    return (patient.name or "No name", *([facts] if facts else []))


def caption_of(patient: Patient, study: Study, series: Series) -> tuple[str, ...]:
    """Whose image it is, from when, and what it is: the lines in the corner of a film."""
    person = " ".join(part for part in (isolated(patient.patient_id), patient.sex, study.patient_age) if part)
    lines = (patient.name, person, date_words(study.study_date), series.description or study.description)
    return tuple(line for line in lines if line)


def study_lines(study: Study) -> tuple[str, ...]:
    """Date and time, and the description."""
    time = study.study_time
    clock = f"  {time[:2]}:{time[2:4]}" if len(time) >= 4 and time[:4].isdigit() else ""
    words = (date_words(study.study_date) or "No date") + clock
    return (words, *([study.description] if study.description else []))


# --- the search -------------------------------------------------------------------------------------


def search_words(text: str) -> tuple[str, ...]:
    """The words that are searched for; all must be found, in any order."""
    return tuple(folded(text).split())


def searched_of(patient: Patient, study: Study) -> str:
    """What the search looks at in a study and its patient, folded."""
    # Names are also found as they are written without spaces, as in Chinese and Japanese.
    joined = (patient.name + patient.phonetic_name).replace(" ", "").replace(",", "")
    parts = [patient.name, patient.phonetic_name, joined, patient.patient_id]
    parts += [study.description, study.accession_number, study.referring_physician, study.institution]
    parts += [*_date_forms(study.study_date), *_date_forms(patient.birth_date)]
    return folded("\n".join(parts))


def folded(text: str) -> str:
    """Text in the one form in which it is compared.

    NFKC and case folding make widths and cases alike, accents go, katakana becomes hiragana, and
    punctuation that names are written with becomes a space. Marks without which a letter is another one
    (vowels of Indic scripts, the voicing of kana) stay.
    """
    if text.isascii():
        return text.lower().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    kept = (one for one in decomposed if unicodedata.combining(one) in (0, 8, 9))
    return "".join(kept).translate(_LETTERS)


def _letters() -> dict[int, str]:
    table = {ord(one): " " for one in ",;^=()[]\"'“”’·\t\r"}
    table |= {ord(a): b for a, b in zip("øđðłħıþ", ("o", "d", "d", "l", "h", "i", "th"), strict=True)}
    table |= {ord("æ"): "ae", ord("œ"): "oe", 0x640: "", ord("ى"): "ي", ord("ة"): "ه"}
    table |= {code: chr(code - 0x60) for code in range(0x30A1, 0x30F7)}
    return table


_LETTERS = _letters()


@lru_cache(maxsize=4096)
def _date_forms(dicom_date: str) -> tuple[str, ...]:
    """A date in the forms in which people write it: 2026-03-02, 02.03.2026, 3/2/2026, 2 March 2026."""
    digits = dicom_date.replace(".", "")
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return (dicom_date,)
    year, month = f"{day.year:04d}", _MONTHS[day.month - 1]
    forms = [digits, day.isoformat(), f"{day.day} {month} {year}", f"{month[:3]} {year}"]
    for mark in "./-":
        forms += [
            f"{day.day:02d}{mark}{day.month:02d}{mark}{year}",
            f"{day.day}{mark}{day.month}{mark}{year}",
        ]
        forms += [f"{year}{mark}{day.month:02d}{mark}{day.day:02d}"]
    forms += [f"{day.month:02d}/{day.day:02d}/{year}", f"{day.month}/{day.day}/{year}"]
    forms += [f"{year}年{day.month}月{day.day}日"]
    return tuple(dict.fromkeys(forms))


# --- the order ----------------------------------------------------------------------------------------


def _with_ordered_studies(patient: Patient, settings: Settings) -> Patient:
    studies = [_with_ordered_series(study, settings.sort_series) for study in patient.studies]
    # The index has the oldest first.
    studies.sort(key=_taken, reverse=settings.sort_studies == "newest first")
    return replace(patient, studies=tuple(studies))


def _with_ordered_series(study: Study, wish: str) -> Study:
    if wish == "description":
        return replace(study, series=tuple(sorted(study.series, key=lambda one: folded(one.description))))
    if wish == "time":
        return replace(study, series=tuple(sorted(study.series, key=_first_time)))
    if wish == "number of images":
        most = sorted(study.series, key=lambda one: one.number_of_images, reverse=True)
        return replace(study, series=tuple(most))
    return study


def _taken(study: Study) -> tuple[str, str]:
    return study.study_date, study.study_time


def _newest(patient: Patient) -> tuple[str, str]:
    return max((_taken(study) for study in patient.studies), default=("", ""))


def _first_time(series: Series) -> str:
    times = (instance.acquisition_time for instance in series.instances if instance.acquisition_time)
    return min(times, default="~")  # behind every digit


def all_rows(patients: Sequence[Patient]) -> Iterator[SeriesRow]:
    """The rows of all series, top to bottom."""
    for patient in patients:
        for study in patient.studies:
            for series in study.series:
                yield from rows_of(series)
