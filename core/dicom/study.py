"""Patients, studies, series and instances as values, and where one of them stands among the others.

Frozen, without pixels. Look-ups are kept with the value that they belong to: a series that did not change
between two indexes is the same object in both, so that its look-ups are made once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from core.dicom.arrangement import Arrangement
from core.dicom.frame_places import FramePlace, Orientation, Triple
from core.imaging.frame import PixelSpacing

SAME_UID_NOTE = "Another file has the same SOP Instance UID but other content; both are shown."
_PRESENTATION_STATES = "1.2.840.10008.5.1.4.1.1.11."


@dataclass(frozen=True, slots=True)
class SkippedFile:
    """A file that is not in the index, and why, in words for the reader.

    `harmless`: it holds no image, or one that is in the index already; nothing is lost without it.
    `sop_class_uid`: what a DICOM file without an image is, as far as it says. `unpacked`: where a file of an
    archive can be read; `path` is then the place to show.
    """

    path: Path
    reason: str
    harmless: bool = False
    sop_class_uid: str = ""
    unpacked: Path | None = None

    @property
    def is_presentation_state(self) -> bool:
        """Whether it says how images are to be shown."""
        return self.sop_class_uid.startswith(_PRESENTATION_STATES)


@dataclass(frozen=True, slots=True)
class Instance:
    """One file with an image: a film, a slice, or a clip of several frames.

    `number_of_frames` counts the frames that are present, `declared_frames` those the header promises.
    Empty texts and None mean: the file does not say. `frame_places` is where the frames of an enhanced object
    lie, `splitting_values` one text for each of `SPLITTING_KEYWORDS`, or nothing. `origin` is the place of a
    file that was unpacked, as in `archive.zip!folder/name`.
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
    orientation: Orientation | None = None
    spacing: PixelSpacing = field(default_factory=PixelSpacing)
    frame_places: tuple[FramePlace, ...] = field(default=(), compare=False, repr=False)  # long
    splitting_values: tuple[str, ...] = ()
    is_dicom: bool = True
    notes: tuple[str, ...] = ()
    origin: str = ""

    @property
    def named_path(self) -> Path:
        """The file's place as it is named to the reader."""
        return Path(self.origin) if self.origin else self.path

    @property
    def shares_uid(self) -> bool:
        """Whether another file has the same SOP Instance UID but other content."""
        return SAME_UID_NOTE in self.notes

    def is_derived(self, frame_index: int = 0) -> bool:
        """Whether a frame's pixels were made from those of other images (PS3.3 C.7.6.1.1.2, value 1)."""
        own = self.frame_places[frame_index].kind if frame_index < len(self.frame_places) else ()
        return (own or self.image_type)[:1] == ("DERIVED",)


@dataclass(frozen=True)  # no slots: the look-ups are kept in the value
class Series:
    """Instances that belong in one stack, in the one order of `core.dicom.ordering`.

    A series whose images cannot stand in one stack (other orientation, echo, image type or SOP class) is
    split; its parts share `series_instance_uid` and differ in `stack`, and `part_words` says in what.
    `frame_order` holds (place in `instances`, frame index) of each image where that is not simply every
    frame of every instance: frames of an enhanced object are ordered, and split, like files. `arrangement`:
    what the reader wants to stand otherwise.
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
    frame_order: tuple[tuple[int, int], ...] = ()
    part_words: str = ""
    arrangement: Arrangement = field(default_factory=Arrangement)
    slice_spacing_mm: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def merged(self) -> bool:
        """Whether the reader wants all parts in one stack."""
        return self.arrangement.merged

    @property
    def key(self) -> tuple[str, int]:
        """What tells this stack from all others."""
        return self.series_instance_uid, self.stack

    @cached_property
    def is_dicom(self) -> bool:
        """Whether the images come from DICOM files rather than picture files."""
        return all(instance.is_dicom for instance in self.instances)

    @cached_property
    def number_of_images(self) -> int:
        """Frames of all instances together, as far as they are in this stack."""
        return len(self.frame_order) or sum(instance.number_of_frames for instance in self.instances)

    @cached_property
    def images(self) -> tuple[tuple[Instance, int], ...]:
        """Every image as (instance, frame index), in the order in which it is scrolled."""
        if self.frame_order:
            return tuple((self.instances[place], frame) for place, frame in self.frame_order)
        return tuple(
            (instance, frame) for instance in self.instances for frame in range(instance.number_of_frames)
        )

    @cached_property
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

    def place_of(self, instance: Instance) -> int | None:
        """The place of an instance among `instances`, or None if it is not one of them."""
        place = self._places.get(instance.sop_instance_uid)
        if place is None:
            return None
        if self.instances[place] == instance:
            return place
        if len(self._places) < len(self.instances) and instance in self.instances:
            return self.instances.index(instance)  # two files with one UID
        return None

    def position_of(self, instance: Instance, frame_index: int = 0) -> int:
        """The place of one frame among `images`; raises `KeyError` if it is not one of them."""
        place = self.place_of(instance)
        if place is None or not 0 <= frame_index < instance.number_of_frames:
            raise KeyError(f"{instance.path}, frame {frame_index + 1}, is not in this series.")
        if self.frame_order:
            return self._positions[place, frame_index]
        return self._first_positions[place] + frame_index if self._first_positions else place

    def shows(self, instance: Instance, frame_index: int = 0) -> bool:
        """Whether a frame of an instance is one of `images`."""
        place = self.place_of(instance)
        return place is not None and (not self.frame_order or (place, frame_index) in self._positions)

    @cached_property
    def _positions(self) -> dict[tuple[int, int], int]:
        return {image: position for position, image in enumerate(self.frame_order)}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {instance.sop_instance_uid: place for place, instance in enumerate(self.instances)}

    @cached_property
    def _first_positions(self) -> tuple[int, ...]:
        """Where the frames of each instance begin; empty where each has one frame."""
        if self.number_of_images == len(self.instances):
            return ()
        counts = (instance.number_of_frames for instance in self.instances)
        return tuple(accumulate(counts, initial=0))


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


@dataclass(frozen=True)  # no slots: the look-ups are kept in the value
class StudyIndex:
    """All that a scan found, and all that it skipped."""

    patients: tuple[Patient, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.patients)

    @cached_property
    def studies(self) -> tuple[tuple[Patient, Study], ...]:
        """Each study with its patient."""
        return tuple((patient, study) for patient in self.patients for study in patient.studies)

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """All series in the order of the study browser."""
        return tuple(series for _, study in self.studies for series in study.series)

    @cached_property
    def instances(self) -> tuple[Instance, ...]:
        """All instances in the order of the study browser; one whose frames stand in several stacks once."""
        found = {instance.path: instance for series in self.series for instance in series.instances}
        return tuple(found.values())

    @property
    def presentation_files(self) -> tuple[Path, ...]:
        """Files that say how images are to be shown; `core.dicom.presentation_state` reads them."""
        return tuple(one.unpacked or one.path for one in self.skipped if one.is_presentation_state)

    @staticmethod
    def frames_of(series: Series) -> tuple[tuple[Instance, int], ...]:
        """Every image of a series as (instance, frame index), in the order in which it is scrolled."""
        return series.images

    def place_of(self, instance: Instance, frame_index: int = 0) -> tuple[Patient, Study, Series]:
        """Where a frame of an instance belongs; raises `KeyError` if it is not of this index."""
        for patient, study in self.studies:
            for series in study.series:
                if series.shows(instance, frame_index):
                    return patient, study, series
        raise KeyError(f"{instance.path} is not in this index.")

    def instance_at(self, path: Path) -> Instance | None:
        """The instance read from this file, or None."""
        return self._by_path.get(path)

    @cached_property
    def _by_path(self) -> dict[Path, Instance]:
        return {instance.path: instance for instance in self.instances}

    def with_added(self, other: StudyIndex) -> StudyIndex:
        """Both indexes as one: grouped, sorted and freed of doubles as if scanned together."""
        # Imported here: grouping makes these values.
        from core.dicom.grouping import Gathering

        gathering = Gathering(self)
        gathering.add_index(other)
        return gathering.index()
