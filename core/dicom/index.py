"""What lies in the files and folders that were opened: patients, studies, series, instances.

`scan` looks at every file, never stops at a bad one, and says of each skipped file why. It reads headers
only; nothing here holds pixels. Everything is frozen: a second scan makes a new index (`with_added`).
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.dicom.gate import NoDicom, OpenFile, Refused, open_regular, survey
from core.dicom.image_pixel import IMAGE_PIXEL_KEYWORDS, describe
from core.dicom.ordering import Triple, natural_key, slice_spacing, split
from core.dicom.raster import begins_as_raster, raster_header
from core.dicom.spacing import SPACING_KEYWORDS, pixel_spacing
from core.dicom.tags import (
    READING_ERRORS,
    Attributes,
    harmless,
    media_storage_class,
    quiet_pydicom,
    read_attributes,
    uid_name,
)
from core.imaging.frame import PixelSpacing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


class ScanContext(Protocol):
    """What a scan needs of the job it runs in; `checkpoint` raises where the reader has cancelled."""

    def report(self, done: int, total: int, text: str) -> None:
        """Say how far the scan is."""

    def checkpoint(self) -> None:
        """Raise if the scan shall stop."""


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that is not in the index, and why, in words for the reader.

    `harmless`: it holds no image, or one that is in the index already; nothing is lost without it.
    """

    path: Path
    reason: str
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """One file with an image: a film, a slice, or a clip of several frames.

    `number_of_frames` counts the frames that are present, `declared_frames` those the header promises.
    Empty texts and None mean: the file does not say.
    """

    path: Path
    sop_instance_uid: str
    sop_class_uid: str = ""
    transfer_syntax_uid: str = ""
    instance_number: int | None = None
    rows: int = 0
    columns: int = 0
    number_of_frames: int = 1
    declared_frames: int = 1
    photometric_interpretation: str = ""
    image_type: tuple[str, ...] = ()
    echo: str = ""
    acquisition_time: str = ""
    view_position: str = ""
    laterality: str = ""
    position_mm: Triple | None = None
    orientation: tuple[Triple, Triple] | None = None
    spacing: PixelSpacing = field(default_factory=PixelSpacing)
    is_dicom: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """Instances that belong in one stack, in the one order of `core.dicom.ordering`.

    A series whose images cannot stand in one stack (other orientation, echo, image type or SOP class) is
    split; its parts share `series_instance_uid` and differ in `stack`.
    """

    series_instance_uid: str
    stack: int = 0
    series_number: int | None = None
    description: str = ""
    modality: str = ""
    body_part_examined: str = ""
    manufacturer: str = ""
    model_name: str = ""
    protocol_name: str = ""
    instances: tuple[Instance, ...] = ()
    slice_spacing_mm: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, int]:
        """What tells this stack from all others."""
        return self.series_instance_uid, self.stack

    @property
    def is_dicom(self) -> bool:
        """Whether the images come from DICOM files rather than picture files."""
        return all(instance.is_dicom for instance in self.instances)

    @property
    def number_of_images(self) -> int:
        """Frames of all instances together."""
        return sum(instance.number_of_frames for instance in self.instances)

    @property
    def all_notes(self) -> tuple[str, ...]:
        """Notes of the series and, counted, those of its instances."""
        counted: dict[str, int] = {}
        for instance in self.instances:
            for note in instance.notes:
                counted[note] = counted.get(note, 0) + 1
        total = len(self.instances)
        of_instances = tuple(
            note if count == total else f"{note} ({count} of {total} files)"
            for note, count in counted.items()
        )
        return self.notes + of_instances


@dataclass(frozen=True, slots=True)
class Study:
    """One examination of one patient; dates are as in the file, YYYYMMDD."""

    study_instance_uid: str
    study_date: str = ""
    study_time: str = ""
    description: str = ""
    accession_number: str = ""
    referring_physician: str = ""
    institution: str = ""
    patient_age: str = ""
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient, as far as the files tell them apart: by ID and name, else by name and birth date."""

    patient_id: str = ""
    name: str = ""
    birth_date: str = ""
    sex: str = ""
    phonetic_name: str = ""
    studies: tuple[Study, ...] = ()


@dataclass(frozen=True, slots=True)
class StudyIndex:
    """All that a scan found, and all that it skipped."""

    patients: tuple[Patient, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.patients)

    @property
    def studies(self) -> tuple[tuple[Patient, Study], ...]:
        """Each study with its patient."""
        return tuple((patient, study) for patient in self.patients for study in patient.studies)

    @property
    def series(self) -> tuple[Series, ...]:
        """All series in the order of the study browser."""
        return tuple(series for _, study in self.studies for series in study.series)

    @property
    def instances(self) -> tuple[Instance, ...]:
        """All instances in the order of the study browser."""
        return tuple(instance for series in self.series for instance in series.instances)

    @staticmethod
    def frames_of(series: Series) -> tuple[tuple[Instance, int], ...]:
        """Every image of a series as (instance, frame index), in the order in which it is scrolled."""
        return tuple(
            (instance, frame) for instance in series.instances for frame in range(instance.number_of_frames)
        )

    def place_of(self, instance: Instance) -> tuple[Patient, Study, Series]:
        """Where an instance belongs; raises `KeyError` if it is not of this index."""
        for patient, study in self.studies:
            for series in study.series:
                if instance in series.instances:
                    return patient, study, series
        raise KeyError(f"{instance.path} is not in this index.")

    def instance_at(self, path: Path) -> Instance | None:
        """The instance read from this file, or None."""
        return next((instance for instance in self.instances if instance.path == path), None)

    def with_added(self, other: StudyIndex) -> StudyIndex:
        """Both indexes as one: grouped, sorted and freed of doubles as if scanned together."""
        skipped = {item.path: item for item in (*self.skipped, *other.skipped)}
        files = {found.instance.path: found for found in (*_as_found(self), *_as_found(other))}
        patients, doubles = _grouped(files.values())
        skipped.update({item.path: item for item in doubles})
        return StudyIndex(patients, tuple(sorted(skipped.values(), key=lambda item: str(item.path))))


def scan(
    paths: Iterable[Path | str], context: ScanContext | None = None, *, without: Path | None = None
) -> StudyIndex:
    """Index of all images in files and folders, whatever their names; bad files are skipped with the reason.

    The answer does not depend on the order in which the system lists files. Folders that are reached
    twice, as through a loop of symbolic links, are read once. `without`: a folder that is passed over where
    it lies below a path, for what the program itself writes. Raises only what `context.checkpoint` raises.
    """
    skipped: list[SkippedFile] = []
    files = _files(tuple(Path(path) for path in paths), skipped, context, without)
    found: list[_FoundFile] = []
    for done, path in enumerate(files):
        if context is not None:
            context.checkpoint()
            context.report(done, len(files), harmless(path.name))
        outcome = _look_at(path)
        if isinstance(outcome, SkippedFile):
            skipped.append(outcome)
        else:
            found.append(outcome)
    if context is not None:
        context.checkpoint()
        context.report(len(files), len(files), "")
    patients, doubles = _grouped(found)
    skipped.extend(doubles)
    return StudyIndex(patients, tuple(sorted(skipped, key=lambda item: str(item.path))))


# The attributes an index needs, beside those of the pixels and of their spacing.
_KEYWORDS = (
    *("SpecificCharacterSet", "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"),
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "PatientAge"),
    *("StudyDate", "StudyTime", "StudyDescription", "AccessionNumber", "ReferringPhysicianName"),
    *("InstitutionName", "SeriesNumber", "SeriesDescription", "Modality", "BodyPartExamined"),
    *("ViewPosition", "Laterality", "ImageLaterality", "Manufacturer", "ManufacturerModelName"),
    *("ProtocolName", "InstanceNumber", "ImageType", "EchoNumbers", "EchoTime", "AcquisitionDateTime"),
    *("AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime"),
    *("ImagePositionPatient", "ImageOrientationPatient"),
)
_MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"


@dataclass(frozen=True, slots=True)
class _FoundFile:
    """An instance with the labels of its series, study and patient, not yet grouped."""

    instance: Instance
    series: Series
    study: Study
    patient: Patient


def _files(
    paths: Sequence[Path], skipped: list[SkippedFile], context: ScanContext | None, without: Path | None
) -> tuple[Path, ...]:
    """All files below the paths, each once, in natural order of their paths."""
    files: dict[Path, None] = {}
    folders_seen: set[tuple[int, int]] = set()
    if without is not None and without.is_dir() and not any(_same(path, without) for path in paths):
        status = without.stat()
        folders_seen.add((status.st_dev, status.st_ino))
    waiting = list(reversed(paths))
    while waiting:
        if context is not None:
            context.checkpoint()
        path = waiting.pop()
        try:
            status = path.stat()
            if stat.S_ISDIR(status.st_mode):
                identity = (status.st_dev, status.st_ino)
                # Some systems give no inode numbers; there a loop ends at the longest allowed path.
                if identity not in folders_seen or identity[1] == 0:
                    folders_seen.add(identity)
                    entries = sorted(os.listdir(path), key=natural_key, reverse=True)  # noqa: PTH208 - names only
                    waiting.extend(path / name for name in entries)
            elif stat.S_ISREG(status.st_mode):
                files[path] = None
            else:
                skipped.append(SkippedFile(path, "not a regular file."))
        except OSError as error:
            skipped.append(SkippedFile(path, f"cannot be opened: {_system_words(error)}."))
    return tuple(files)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _look_at(path: Path) -> _FoundFile | SkippedFile:
    """One file: its labels, or why it is skipped."""
    try:
        with open_regular(path) as stream:
            if begins_as_raster(stream):
                return _raster_file(path)
            opened = survey(stream, path.name)
            with opened.stream, quiet_pydicom():
                return _dicom_file(path, opened)
    except Refused as refusal:
        return SkippedFile(path, refusal.reason, harmless=isinstance(refusal, NoDicom))
    except OSError as error:
        return SkippedFile(path, f"cannot be opened: {_system_words(error)}.")
    except READING_ERRORS as error:
        return SkippedFile(path, f"the header is damaged ({type(error).__name__}).")


def _dicom_file(path: Path, opened: OpenFile) -> _FoundFile | SkippedFile:
    attributes = read_attributes(opened.stream, (*_KEYWORDS, *IMAGE_PIXEL_KEYWORDS, *SPACING_KEYWORDS))
    found = opened.survey
    for note in found.notes:
        attributes.note(note)
    sop_class = attributes.uid("SOPClassUID") or media_storage_class(attributes)
    if not found.pixel_keyword:
        return SkippedFile(path, _no_image(sop_class, attributes), harmless=True)
    pixels = describe(attributes, found)
    sop_instance_uid = attributes.uid("SOPInstanceUID")
    if not sop_instance_uid:
        attributes.note("The file has no SOP Instance UID; it is told apart by its place.")
        sop_instance_uid = _made_up_uid(path)
    position, orientation = _place(attributes)
    instance = Instance(
        path=path,
        sop_instance_uid=sop_instance_uid,
        sop_class_uid=sop_class,
        transfer_syntax_uid=found.transfer_syntax_uid,
        instance_number=attributes.integer("InstanceNumber"),
        rows=pixels.rows,
        columns=pixels.columns,
        number_of_frames=pixels.frames,
        declared_frames=pixels.declared_frames,
        photometric_interpretation=pixels.photometric_interpretation,
        image_type=attributes.texts("ImageType"),
        echo=attributes.text("EchoNumbers") or attributes.text("EchoTime"),
        acquisition_time=_acquisition_time(attributes),
        view_position=attributes.code("ViewPosition"),
        laterality=attributes.code("ImageLaterality") or attributes.code("Laterality"),
        position_mm=position,
        orientation=orientation,
        spacing=pixel_spacing(attributes),
    )
    series = Series(
        series_instance_uid=attributes.uid("SeriesInstanceUID"),
        series_number=attributes.integer("SeriesNumber"),
        description=attributes.text("SeriesDescription"),
        modality=attributes.code("Modality"),
        body_part_examined=attributes.text("BodyPartExamined"),
        manufacturer=attributes.text("Manufacturer"),
        model_name=attributes.text("ManufacturerModelName"),
        protocol_name=attributes.text("ProtocolName"),
    )
    study = Study(
        study_instance_uid=attributes.uid("StudyInstanceUID"),
        study_date=attributes.text("StudyDate"),
        study_time=attributes.text("StudyTime"),
        description=attributes.text("StudyDescription"),
        accession_number=attributes.text("AccessionNumber"),
        referring_physician=attributes.name("ReferringPhysicianName"),
        institution=attributes.text("InstitutionName"),
        patient_age=attributes.text("PatientAge"),
    )
    patient = Patient(
        patient_id=attributes.text("PatientID"),
        name=attributes.name("PatientName"),
        phonetic_name=attributes.phonetic_name("PatientName"),
        birth_date=attributes.text("PatientBirthDate"),
        sex=attributes.code("PatientSex"),
    )
    if not study.study_instance_uid:
        attributes.note("The file has no Study Instance UID; files of one folder are taken as one study.")
        study = replace(study, study_instance_uid=_made_up_uid(path.parent, patient.patient_id, patient.name))
    if not series.series_instance_uid:
        attributes.note("The file has no Series Instance UID; files of one folder are taken as one series.")
        made_up = _made_up_uid(path.parent, study.study_instance_uid, series.modality)
        series = replace(series, series_instance_uid=made_up)
    return _FoundFile(replace(instance, notes=tuple(attributes.notes)), series, study, patient)


def _raster_file(path: Path) -> _FoundFile:
    """A PNG or JPEG: one study for each folder, without modality, marked as no DICOM."""
    header = raster_header(path)
    folder = _made_up_uid(path.parent, "pictures")
    instance = Instance(
        path=path,
        sop_instance_uid=_made_up_uid(path),
        rows=header.rows,
        columns=header.columns,
        photometric_interpretation="RGB" if header.is_colour else "MONOCHROME2",
        is_dicom=False,
        notes=("A picture file, not DICOM: no patient, no units, no millimetres.",),
    )
    name = harmless(path.parent.name) or harmless(str(path.parent))
    return _FoundFile(
        instance,
        Series(f"{folder}.1", description=f"{name} (not DICOM)"),
        Study(folder, description=f"{name} (not DICOM)"),
        Patient(name=f"{name} (picture files)"),
    )


def _no_image(sop_class: str, attributes: Attributes) -> str:
    """Reason for a DICOM file without pixels, by its kind."""
    if sop_class == _MEDIA_DIRECTORY:
        return "the table of contents of a disc (DICOMDIR); the files that it names are read directly."
    kind = uid_name(sop_class).removesuffix(" Storage") or attributes.code("Modality")
    return f"no image in it ({kind})." if kind else "no image in it."


def _place(attributes: Attributes) -> tuple[Triple | None, tuple[Triple, Triple] | None]:
    """Position and orientation in the patient, each whole or None."""
    position = attributes.numbers("ImagePositionPatient")
    cosines = attributes.numbers("ImageOrientationPatient")
    if len(position) not in (0, 3) or len(cosines) not in (0, 6):
        attributes.note("Position or orientation of the image is incomplete and is not used.")
    whole = (position[0], position[1], position[2]) if len(position) == 3 else None
    if len(cosines) != 6:
        return whole, None
    a, b, c, d, e, f = cosines
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    if sum(part * part for part in normal) < 0.25:
        attributes.note("Orientation of the image is no pair of directions and is not used.")
        return whole, None
    return whole, ((a, b, c), (d, e, f))


def _acquisition_time(attributes: Attributes) -> str:
    """Date and time of acquisition as sortable digits."""
    whole = attributes.text("AcquisitionDateTime")
    if whole:
        return whole
    date = attributes.text("AcquisitionDate") or attributes.text("ContentDate")
    time = attributes.text("AcquisitionTime") or attributes.text("ContentTime")
    return f"{date}{time}"


def _as_found(index: StudyIndex) -> Iterator[_FoundFile]:
    """The files of an index with their labels, to be grouped anew."""
    for patient, study in index.studies:
        for series in study.series:
            bare = replace(series, stack=0, instances=(), slice_spacing_mm=None, notes=())
            for instance in series.instances:
                notes = tuple(note for note in instance.notes if note != _SAME_UID_NOTE)
                yield _FoundFile(
                    replace(instance, notes=notes),
                    bare,
                    replace(study, series=()),
                    replace(patient, studies=()),
                )


_SAME_UID_NOTE = "Another file has the same SOP Instance UID but other content; both are shown."


def _grouped(found: Iterable[_FoundFile]) -> tuple[tuple[Patient, ...], tuple[SkippedFile, ...]]:
    """Patients with their studies, series and instances in order, and the doubles that were left out."""
    kept, doubles = _without_doubles(sorted(found, key=lambda one: natural_key(str(one.instance.path))))
    tree: dict[tuple[str, ...], dict[str, dict[str, list[_FoundFile]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for one in kept:
        by_study = tree[_patient_key(one.patient)]
        by_study[one.study.study_instance_uid][one.series.series_instance_uid].append(one)
    patients = []
    for by_study in tree.values():
        studies = []
        for by_series in by_study.values():
            series = [stack for files in by_series.values() for stack in _stacks(files)]
            series.sort(key=lambda one: (_last(one.series_number), natural_key(one.description), one.key))
            first = next(iter(by_series.values()))[0]
            studies.append(replace(first.study, series=tuple(series)))
        studies.sort(key=lambda study: (study.study_date, study.study_time, study.study_instance_uid))
        first_patient = next(iter(next(iter(by_study.values())).values()))[0].patient
        patients.append(replace(first_patient, studies=tuple(studies)))
    patients.sort(key=lambda patient: (natural_key(patient.name.casefold()), natural_key(patient.patient_id)))
    return tuple(patients), doubles


def _stacks(files: Sequence[_FoundFile]) -> Iterator[Series]:
    """One series as it is shown: split where it must be, each part in order."""
    label = files[0].series
    parts = split(one.instance for one in files)
    for number, instances in enumerate(parts):
        spacing = slice_spacing(instances)
        notes = spacing.notes
        if len(parts) > 1:
            notes = (f"Part {number + 1} of {len(parts)} of one series: its images differ in kind.", *notes)
        yield replace(
            label, stack=number, instances=instances, slice_spacing_mm=spacing.spacing_mm, notes=notes
        )


def _without_doubles(found: Sequence[_FoundFile]) -> tuple[list[_FoundFile], tuple[SkippedFile, ...]]:
    """Same UID and same content: the first is kept. Same UID, other content: both, with a note."""
    by_uid: dict[str, list[_FoundFile]] = defaultdict(list)
    for one in found:
        by_uid[one.instance.sop_instance_uid].append(one)
    kept: list[_FoundFile] = []
    doubles: list[SkippedFile] = []
    for same in by_uid.values():
        contents: dict[str, _FoundFile] = {}
        for one in same:
            content = _content(one.instance.path) if len(same) > 1 else ""
            if content in contents:
                doubles.append(
                    SkippedFile(
                        one.instance.path,
                        f"the same file as {harmless(contents[content].instance.path.name)}.",
                        harmless=True,
                    )
                )
            else:
                contents[content] = one
        for one in contents.values():
            if len(contents) == 1:
                kept.append(one)
            else:
                noted = replace(one.instance, notes=(*one.instance.notes, _SAME_UID_NOTE))
                kept.append(replace(one, instance=noted))
    return kept, tuple(doubles)


def _content(path: Path) -> str:
    """Digest of a file's bytes; a file that vanished meanwhile is like no other."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return str(path)


def _patient_key(patient: Patient) -> tuple[str, ...]:
    if patient.patient_id:
        return ("id", patient.patient_id, patient.name.casefold())
    return ("name", patient.name, patient.birth_date)


def _last(number: int | None) -> float:
    return float("inf") if number is None else number


def _made_up_uid(*parts: object) -> str:
    """A stable identifier in the UUID-derived root 2.25 for what has none."""
    digest = hashlib.sha256(
        "\0".join(os.fspath(p) if isinstance(p, Path) else str(p) for p in parts).encode(
            "utf-8", "surrogateescape"
        )
    )
    return f"2.25.{int.from_bytes(digest.digest()[:16], 'big')}"


def _system_words(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
