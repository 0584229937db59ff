"""Files become patients, studies, series and stacks; only what changed is grouped anew.

A `Gathering` grows while a scan goes on and gives an index at any time. Whatever the order in which files
come, the index is the same; whatever did not change since the index before is the same object in the next.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from core.dicom.arrangement import Arrangement, SortBy
from core.dicom.frame_places import place_of_frame
from core.dicom.ordering import Image, arranged, natural_key
from core.dicom.stacks import Stack, stacks
from core.dicom.study import SAME_UID_NOTE, Instance, Patient, Series, SkippedFile, Study, StudyIndex
from core.dicom.tags import harmless

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

_CONTENT_CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file says of its series, study and patient; each without what lies in it."""

    series: Series
    study: Study
    patient: Patient


class FoundFile(NamedTuple):
    """An instance with its labels, not yet grouped. Files of one series share one `Labels` if they can."""

    instance: Instance
    labels: Labels


class Gathering:
    """Files as they are found, and the index of them so far. One thread at a time.

    `checkpoint` is called between the parts of long work (files with one UID are compared byte by byte);
    what it raises leaves the gathering unusable.
    """

    def __init__(self, index: StudyIndex | None = None, checkpoint: Callable[[], None] | None = None) -> None:
        self._checkpoint = checkpoint or _go_on
        self._files: dict[str, FoundFile] = {}  # by path, whose own hash is slow
        self._skipped: dict[Path, SkippedFile] = {}
        self._by_uid: dict[str, FoundFile] = {}
        self._twins: dict[str, _Twins] = {}
        self._digests: dict[Path, str] = {}
        self._patients: dict[tuple[str, ...], _PatientGroup] = {}
        self._homes: dict[int, _Home] = {}
        self._index: StudyIndex | None = None
        if index is not None:
            self.add_index(index)

    def add(self, found: FoundFile) -> None:
        """Take a file in; one that is there already is replaced."""
        path, name = found.instance.path, str(found.instance.path)
        before = self._files.get(name)
        if before is not None and before == found:
            return
        self._index = None
        if before is not None:
            self._remove(before)
        if self._skipped:
            self._skipped.pop(path, None)
        self._files[name] = found
        uid = found.instance.sop_instance_uid
        first = self._by_uid.setdefault(uid, found)
        if first is found and uid not in self._twins:
            self._put(found)
            return
        twins = self._twins.setdefault(uid, _Twins([first]))
        twins.files.append(found)
        self._sort_out(twins)

    def skip(self, skipped: SkippedFile) -> None:
        """Remember a file that holds no image, and why."""
        before = self._files.pop(str(skipped.path), None)
        if before is not None:
            self._remove(before)
        self._skipped[skipped.path] = skipped
        self._index = None

    def add_index(self, index: StudyIndex) -> None:
        """Take in all that an index holds."""
        for skipped in index.skipped:
            self.skip(skipped)
        for found in _as_found(index):
            self.add(found)

    def index(self) -> StudyIndex:
        """The index of all files so far. What did not change is the same object as before."""
        if self._index is None:
            patients = [group.value() for group in self._patients.values()]
            patients.sort(key=_patient_order)
            doubles = [double for twins in self._twins.values() for double in twins.doubles]
            skipped = sorted((*self._skipped.values(), *doubles), key=lambda item: str(item.path))
            self._index = StudyIndex(tuple(patients), tuple(skipped))
        return self._index

    def __len__(self) -> int:
        """How many files with an image are here, doubles included."""
        return len(self._files)

    def _put(self, found: FoundFile) -> None:
        home = self._homes.get(id(found.labels)) or self._make_home(found.labels)
        home.series.files[str(found.instance.path)] = found
        home.changed()

    def _make_home(self, labels: Labels) -> _Home:
        key = _patient_key(labels.patient)
        patient = self._patients.setdefault(key, _PatientGroup())
        study = patient.studies.setdefault(labels.study.study_instance_uid, _StudyGroup())
        series = study.series.setdefault(labels.series.series_instance_uid, _SeriesGroup())
        # The labels are kept beside their identity, so that no other object can take it.
        home = self._homes[id(labels)] = _Home(labels, patient, study, series)
        series.labels.append(labels)
        return home

    def _remove(self, found: FoundFile) -> None:
        """Take a file out of its series; series, studies and patients that are empty go with it."""
        uid = found.instance.sop_instance_uid
        self._take_out(found)
        self._digests.pop(found.instance.path, None)
        twins = self._twins.get(uid)
        if twins is None:
            del self._by_uid[uid]
            return
        twins.files.remove(found)
        if len(twins.files) == 1:
            del self._twins[uid]
            self._by_uid[uid] = twins.files[0]
            self._put(twins.files[0])
        else:
            self._sort_out(twins)

    def _take_out(self, found: FoundFile) -> None:
        labels = found.labels
        home = self._homes.get(id(labels)) or self._make_home(labels)
        home.series.files.pop(str(found.instance.path), None)
        home.changed()
        if not home.series.files:
            home.study.series.pop(labels.series.series_instance_uid, None)
            if not home.study.series:
                home.patient.studies.pop(labels.study.study_instance_uid, None)
                if not home.patient.studies:
                    self._patients.pop(_patient_key(labels.patient), None)
            # Whoever comes to this series later finds or makes the groups anew.
            for one in home.series.labels:
                self._homes.pop(id(one), None)

    def _sort_out(self, twins: _Twins) -> None:
        """Same UID and same content: the first by name is kept. Same UID, other content: all, with a note."""
        for found in twins.files:
            self._take_out(found)
        twins.doubles.clear()
        sizes = [_size(found.instance.path) for found in twins.files]
        contents: dict[str, FoundFile] = {}
        in_order = sorted(
            zip(twins.files, sizes, strict=True), key=lambda one: natural_key(str(one[0].instance.path))
        )
        for found, size in in_order:
            path = found.instance.path
            content = f"{size}" if sizes.count(size) == 1 else self._digest(path)
            if content in contents:
                kept = harmless(contents[content].instance.named_path.name)
                double = found.instance.named_path
                twins.doubles.append(SkippedFile(double, f"the same file as {kept}.", harmless=True))
            else:
                contents[content] = found
        for found in contents.values():
            if len(contents) > 1:
                noted = replace(found.instance, notes=(*found.instance.notes, SAME_UID_NOTE))
                found = found._replace(instance=noted)
            self._put(found)

    def _digest(self, path: Path) -> str:
        """Digest of a file's bytes; a file that vanished meanwhile is like no other."""
        if path not in self._digests:
            digest = hashlib.sha256()
            try:
                with path.open("rb") as stream:
                    while chunk := stream.read(_CONTENT_CHUNK):
                        digest.update(chunk)
                        self._checkpoint()
            except OSError:
                return str(path)
            self._digests[path] = digest.hexdigest()
        return self._digests[path]


@dataclass(slots=True)
class _Twins:
    """Files with one SOP Instance UID, and those of them that are left out."""

    files: list[FoundFile]
    doubles: list[SkippedFile] = field(default_factory=list)


@dataclass(slots=True)
class _SeriesGroup:
    files: dict[str, FoundFile] = field(default_factory=dict)
    labels: list[Labels] = field(default_factory=list)
    stacks: tuple[Series, ...] | None = None

    def value(self) -> tuple[Series, ...]:
        if self.stacks is None:
            label = _first_label(self.files.values()).series
            # What the reader wants of a series holds for the files that come to it later, too.
            wishes = (labels.series.arrangement for labels in self.labels)
            wish = next((one for one in wishes if one != Arrangement()), Arrangement())
            instances = [found.instance for found in self.files.values()]
            self.stacks = tuple(_stacks(label, instances, wish))
        return self.stacks


@dataclass(slots=True)
class _StudyGroup:
    series: dict[str, _SeriesGroup] = field(default_factory=dict)
    study: Study | None = None

    def value(self) -> Study:
        if self.study is None:
            series = [stack for group in self.series.values() for stack in group.value()]
            series.sort(key=_series_order)
            label = _first_label(self.files())
            self.study = replace(label.study, series=tuple(series))
        return self.study

    def files(self) -> Iterator[FoundFile]:
        return (found for group in self.series.values() for found in group.files.values())


@dataclass(slots=True)
class _PatientGroup:
    studies: dict[str, _StudyGroup] = field(default_factory=dict)
    patient: Patient | None = None

    def value(self) -> Patient:
        if self.patient is None:
            studies = [group.value() for group in self.studies.values()]
            studies.sort(key=lambda study: (study.study_date, study.study_time, study.study_instance_uid))
            label = _first_label(found for group in self.studies.values() for found in group.files())
            self.patient = replace(label.patient, studies=tuple(studies))
        return self.patient


class _Home(NamedTuple):
    """Where files with these labels belong."""

    labels: Labels
    patient: _PatientGroup
    study: _StudyGroup
    series: _SeriesGroup

    def changed(self) -> None:
        self.series.stacks = self.study.study = self.patient.patient = None


def _go_on() -> None:
    """No one can stop this."""


def _first_label(files: Iterable[FoundFile]) -> Labels:
    """The labels of the file whose path comes first, so that no order of listing matters."""
    files = tuple(files)
    labels = files[0].labels
    if all(found.labels is labels for found in files):
        return labels
    return min(files, key=lambda found: str(found.instance.path)).labels


def with_series_arranged(index: StudyIndex, series_instance_uid: str, wish: Arrangement) -> StudyIndex:
    """The index with a series split and ordered as the reader wishes. No file is read."""
    return replace(
        index,
        patients=tuple(
            replace(
                patient,
                studies=tuple(_with_arranged(study, series_instance_uid, wish) for study in patient.studies),
            )
            for patient in index.patients
        ),
    )


def _with_arranged(study: Study, series_instance_uid: str, wish: Arrangement) -> Study:
    parts = [one for one in study.series if one.series_instance_uid == series_instance_uid]
    if not parts or all(one.arrangement == wish for one in parts):
        return study
    instances = {instance.path: instance for one in parts for instance in one.instances}
    series = [one for one in study.series if one.series_instance_uid != series_instance_uid]
    series.extend(_stacks(parts[0], instances.values(), wish))
    return replace(study, series=tuple(sorted(series, key=_series_order)))


def _series_order(series: Series) -> tuple[object, ...]:
    return _last(series.series_number), natural_key(series.description), series.key


def in_place_order(series: Series) -> Series:
    """The series in the order of its places, as volumes are made of it, whatever the reader wishes for."""
    rules = replace(series.arrangement, by=SortBy.POSITION, backwards=False)
    if series.arrangement == rules:
        return series
    images = [
        Image(file, range(frame, frame + 1), place_of_frame(file, frame)) for file, frame in series.images
    ]
    stack = Stack(arranged(images, rules))
    return replace(series, instances=stack.files, frame_order=stack.frame_order, arrangement=rules)


def _stacks(label: Series, instances: Iterable[Instance], wish: Arrangement) -> Iterator[Series]:
    """One series as it is shown: split where it must be, each part in order."""
    for number, stack in enumerate(stacks(instances, wish)):
        yield replace(
            label,
            stack=number,
            instances=stack.files,
            frame_order=stack.frame_order,
            part_words=stack.part_words,
            arrangement=wish,
            slice_spacing_mm=stack.spacing_mm,
            notes=stack.notes,
        )


def _as_found(index: StudyIndex) -> Iterator[FoundFile]:
    """The files of an index with their labels, to be grouped anew."""
    for patient, study in index.studies:
        bare_study, bare_patient = replace(study, series=()), replace(patient, studies=())
        for series in study.series:
            bare = replace(
                series, stack=0, instances=(), frame_order=(), part_words="", slice_spacing_mm=None, notes=()
            )
            labels = Labels(bare, bare_study, bare_patient)
            for instance in series.instances:
                if SAME_UID_NOTE in instance.notes:
                    notes = tuple(note for note in instance.notes if note != SAME_UID_NOTE)
                    yield FoundFile(replace(instance, notes=notes), labels)
                else:
                    yield FoundFile(instance, labels)


def _patient_key(patient: Patient) -> tuple[str, ...]:
    if patient.patient_id:
        return ("id", patient.patient_id, patient.name.casefold())
    return ("name", patient.name, patient.birth_date)


def _patient_order(patient: Patient) -> tuple[object, ...]:
    return natural_key(patient.name.casefold()), natural_key(patient.patient_id), _patient_key(patient)


def _last(number: int | None) -> float:
    return float("inf") if number is None else number


def _size(path: Path) -> int:
    """Bytes of a file; -1 for one that vanished meanwhile."""
    try:
        return path.stat().st_size
    except OSError:
        return -1
