"""What an import met: for each series what was odd or assumed, and why files were skipped. Pure answers.

The Import doctor shows it, and it leaves the program as plain text: whole, or without what names a patient.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.study_list import date_words, folded
from core.visible import visible

if TYPE_CHECKING:
    from core.dicom.index import Patient, Series, SkippedFile, Study, StudyIndex

Mask = Callable[[str], str]
"""Makes a text fit to leave the house."""

_MOST_FILES_COPIED = 50
# What differs from file to file in reasons of one kind: numbers, and names of other files.
_PARTICULARS = (
    (re.compile(r"^the same file as .*"), "the same file as another one."),
    (re.compile(r"“[^”]*”"), "“…”"),
    (re.compile(r"\b[0-9][0-9.,]*"), "…"),
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that was odd or assumed, and the files that it is about; no files: the series as a whole."""

    text: str
    files: tuple[Path, ...] = ()
    of: int = 0

    @property
    def words(self) -> str:
        """The sentence, with the number of its files where not all are concerned."""
        if not self.files or len(self.files) == self.of:
            return self.text
        return f"{self.text} ({len(self.files):,} of {self.of:,} files)"


@dataclass(frozen=True, slots=True)
class SeriesNotes:
    """What was odd or assumed in one series. `place` counts patient, study and series from 1."""

    key: tuple[str, int]
    title: str
    person: str
    anonymous_title: str
    place: tuple[int, int, int]
    sentences: tuple[Sentence, ...]

    def searched(self) -> str:
        """All of it, folded for the search."""
        files = {file for sentence in self.sentences for file in sentence.files}
        texts = [self.title, self.person, *(one.text for one in self.sentences), *map(str, files)]
        return folded("\n".join(texts))


@dataclass(frozen=True, slots=True)
class SkippedGroup:
    """Files that were skipped for one reason; each keeps its own words."""

    reason: str
    harmless: bool
    files: tuple[SkippedFile, ...]

    def searched(self) -> str:
        """All of it, folded for the search."""
        return folded("\n".join([self.reason, *(f"{one.path} {one.reason}" for one in self.files)]))


def series_notes(index: StudyIndex) -> Iterator[SeriesNotes | None]:
    """The notes of one series after the other in the order of the index; None for one without."""
    for person_number, patient in enumerate(index.patients, 1):
        for study_number, study in enumerate(patient.studies, 1):
            for number, series in enumerate(study.series, 1):
                place = (person_number, study_number, number)
                yield _notes_of(patient, study, series, place) if _has_notes(series) else None


def skipped_groups(skipped: Iterable[SkippedFile]) -> tuple[SkippedGroup, ...]:
    """The skipped files by reason: losses first, then what is harmless; the largest groups first."""
    groups: dict[tuple[bool, str], list[SkippedFile]] = {}
    for one in skipped:
        groups.setdefault((one.harmless, _kind(one.reason)), []).append(one)
    made = (
        SkippedGroup(
            kind if len({one.reason for one in files}) > 1 else files[0].reason, harmless, tuple(files)
        )
        for (harmless, kind), files in groups.items()
    )
    return tuple(sorted(made, key=lambda group: (group.harmless, -len(group.files), group.reason)))


def frame_sentences(notes: Sequence[str], known: Sequence[str]) -> tuple[Sentence, ...]:
    """What was found only when the pixels of the shown image were read."""
    return tuple(Sentence(note) for note in notes if note not in known)


def lines_of_series(notes: SeriesNotes, mask: Mask | None, *, all_files: bool) -> Iterator[str]:
    """One series as plain text, its files indented; `mask` makes it fit to leave the house."""
    if mask is None:
        yield f"{notes.title} · {notes.person}" if notes.person else notes.title
    else:
        yield notes.anonymous_title
    for sentence in notes.sentences:
        yield f"  - {_masked(sentence.words, mask)}"
        if len(sentence.files) != sentence.of:
            yield from _file_lines([(file, "") for file in sentence.files], mask, all_files)


def lines_of_skipped(group: SkippedGroup, mask: Mask | None, *, all_files: bool) -> Iterator[str]:
    """One group of skipped files as plain text."""
    count = len(group.files)
    yield f"Skipped: {count:,} file{'' if count == 1 else 's'}: {_masked(group.reason, mask)}"
    own_words = [(one.path, one.reason if one.reason != group.reason else "") for one in group.files]
    yield from _file_lines(own_words, mask, all_files)


def identity_mask(index: StudyIndex) -> Mask:
    """Replaces what names a patient of the index (names in all forms, numbers) by "[…]", in any letter case.

    Words of the index only: a name that stands in a file name alone is not known here.
    """
    words: set[str] = set()
    for patient in index.patients:
        names = f"{patient.name} {patient.phonetic_name}"
        words.update(re.split(r"[\s,()^=]+", names))
        words.update((names.replace(" ", "").replace(",", ""), patient.patient_id, patient.birth_date))
        words.update(study.accession_number for study in patient.studies)
    parts = [_pattern(word) for word in sorted(words, key=len, reverse=True) if len(word) > 1]
    if not parts:
        return str
    pattern = re.compile("|".join(parts), re.IGNORECASE)
    return lambda text: pattern.sub("[…]", text)


def _pattern(word: str) -> str:
    # Short words are masked only where they stand alone: "An" must not tear up "Manufacturer".
    escaped = re.escape(word)
    return escaped if len(word) > 3 or not word.isascii() else rf"(?<![^\W_]){escaped}(?![^\W_])"


def _masked(text: str, mask: Mask | None) -> str:
    return text if mask is None else mask(text)


def _file_lines(files: Sequence[tuple[Path, str]], mask: Mask | None, all_files: bool) -> Iterator[str]:
    shown = files if all_files else files[:_MOST_FILES_COPIED]
    for path, reason in shown:
        # Folders are named after patients more often than files; without names only the file's own is told.
        name = visible(str(path)) if mask is None else mask(visible(path.name))
        yield f"      {name}" + (f": {_masked(reason, mask)}" if reason else "")
    if len(shown) < len(files):
        yield f"      … and {len(files) - len(shown):,} more files"


def _has_notes(series: Series) -> bool:
    return bool(series.notes) or any(instance.notes for instance in series.instances)


def _notes_of(patient: Patient, study: Study, series: Series, place: tuple[int, int, int]) -> SeriesNotes:
    files: dict[str, list[Path]] = {}
    for instance in series.instances:
        for note in instance.notes:
            files.setdefault(note, []).append(instance.named_path)
    total = len(series.instances)
    sentences = [Sentence(note) for note in series.notes]
    sentences += [Sentence(note, tuple(paths), total) for note, paths in files.items()]
    images = series.number_of_images
    count = f"{images:,} image{'' if images == 1 else 's'}"
    number = "" if series.series_number is None else str(series.series_number)
    what = series.description or series.body_part_examined or visible(series.instances[0].named_path.name)
    person = (patient.name or patient.patient_id, date_words(study.study_date), study.description)
    person_number, study_number, series_number = place
    kind = ", ".join(part for part in (series.modality, count) if part)
    return SeriesNotes(
        key=series.key,
        title=" · ".join(part for part in (series.modality, number, what, count) if part),
        person=" · ".join(part for part in person if part),
        anonymous_title=f"Patient {person_number}, study {study_number}, series {series_number}: {kind}",
        place=place,
        sentences=tuple(sentences),
    )


def _common_reason(kind: str, files: Sequence[SkippedFile]) -> str:
    return files[0].reason if len({one.reason for one in files}) == 1 else kind


def _kind(reason: str) -> str:
    for pattern, words in _PARTICULARS:
        reason = pattern.sub(words, reason)
    return reason
