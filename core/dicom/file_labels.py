"""What one file says of itself: its image, series, study and patient; or why it is skipped.

Files of one series differ in little: number, place and time of the image. So what a header shares with one
that was read before is not converted again. What `core.dicom.header` does not know goes the long way.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydicom.tag import Tag

from core.dicom.archives import is_archive
from core.dicom.frame_places import (
    SPLITTING_KEYWORDS,
    Triple,
    has_frame_places,
    read_frame_places,
    splitting_values,
)
from core.dicom.gate import NoDicom, Refused, Survey, open_regular, survey
from core.dicom.grouping import FoundFile, Labels
from core.dicom.header import Header, HeaderFile, HeaderReader, Wanted
from core.dicom.image_pixel import IMAGE_PIXEL_KEYWORDS, describe
from core.dicom.raster import begins_as_raster, raster_header
from core.dicom.spacing import SPACING_KEYWORDS, pixel_spacing
from core.dicom.study import Instance, Patient, Series, SkippedFile, Study
from core.dicom.tags import (
    READING_ERRORS,
    Attributes,
    harmless,
    media_storage_class,
    quiet_pydicom,
    read_attributes,
    uid_name,
)

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
    *SPLITTING_KEYWORDS,
)
KEYWORDS = (*_KEYWORDS, *IMAGE_PIXEL_KEYWORDS, *SPACING_KEYWORDS)
CANNOT_OPEN = "cannot be opened"  # how the reason begins if it lies in the system, not in the file
_MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"

# In these the files of a series differ; all other attributes are converted once for all files that agree.
_TIMES = {
    keyword: int(Tag(keyword))
    for keyword in ("AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime", "ContentDate", "ContentTime")
}
_SOP_INSTANCE_UID, _INSTANCE_NUMBER = int(Tag("SOPInstanceUID")), int(Tag("InstanceNumber"))
_IMAGE_POSITION = int(Tag("ImagePositionPatient"))
_WANTED = Wanted(KEYWORDS, own=(*_TIMES, "SOPInstanceUID", "InstanceNumber", "ImagePositionPatient"))
_OWN_FIELDS = ("path", "sop_instance_uid", "instance_number", "acquisition_time", "position_mm")
COMMON_FIELDS = tuple(one.name for one in fields(Instance) if one.name not in _OWN_FIELDS)
# Values of an instance that many files hold, and what is kept of them at most.
_SHARED_FIELDS = (
    *("sop_class_uid", "transfer_syntax_uid", "image_type", "orientation", "spacing", "splitting_values"),
    "notes",
)
_MOST_SHARED = 50_000
_MOST_COMMON = 2_000

_SIMPLE_UID = re.compile(rb"[0-9.]{1,64}\0? *").fullmatch
_SIMPLE_NUMBER = re.compile(rb"(?: *[+-]?[0-9]{1,9} *)?").fullmatch
_SIMPLE_TIME = re.compile(rb"[0-9.]{0,24} *").fullmatch
_DECIMAL = rb" *[+-]?[0-9]{1,9}(?:\.[0-9]{0,12})?(?:[eE][+-]?[0-9]{1,2})? *"
_SIMPLE_PLACE = re.compile(rb"(?:%b\\%b\\%b)?" % (_DECIMAL, _DECIMAL, _DECIMAL)).fullmatch


class LabelReader:
    """Reads files one after the other and remembers what their headers had in common. One thread at a time.

    `checkpoint` is called between files and within long headers; only what it raises leaves `look_at`.
    """

    def __init__(self, checkpoint: Callable[[], None]) -> None:
        self._checkpoint = checkpoint
        self._headers = HeaderReader(_WANTED)
        self._common: dict[tuple[object, ...], _Common] = {}
        self._latest: _Common | None = None
        self._latest_key: tuple[object, ...] = ()
        self._shared: dict[object, object] = {}

    def look_at(self, path: Path, named: Path | None = None) -> FoundFile | SkippedFile:
        """One file: its labels, or why it is skipped. `named`: the place to show of one that was unpacked."""
        outcome = self._look_at(path, named or path)
        if isinstance(outcome, SkippedFile):
            return outcome if named is None else replace(outcome, unpacked=path)
        if named is None:
            return outcome
        return outcome._replace(instance=replace(outcome.instance, path=path, origin=str(named)))

    def _look_at(self, place: Path, path: Path) -> FoundFile | SkippedFile:
        """What the file at a place says, as if it lay at a path."""
        try:
            file = HeaderFile(place, self._checkpoint)
            try:
                if not file.is_regular:
                    return SkippedFile(path, "not a regular file.")
                header = self._headers.read(file)
            finally:
                file.close()
        except OSError as error:
            return SkippedFile(path, f"{CANNOT_OPEN}: {system_words(error)}.")
        found = None if header is None else self._found(path, header)
        return found or self._look_long_at(place, path)

    def _found(self, path: Path, header: Header) -> FoundFile | None:
        """The labels of a common file; None if it is better looked at the long way."""
        own = _own_values(header.own)
        key = header.common
        common = self._latest if key is self._latest_key else self._common.get(key)
        if common is not None and own is not None and header.pixel_bytes >= common.pixel_bytes:
            self._latest, self._latest_key = common, key
            return FoundFile(Instance(path=path, **own, **common.fields), common.labels)  # type: ignore[arg-type]
        try:
            with quiet_pydicom():
                attributes = header.attributes()
                if has_frame_places(attributes.uid("SOPClassUID")):
                    return None
                found = _labels(path, attributes, header.survey(path.name))
        except (Refused, *READING_ERRORS):
            return None  # the long way finds the words for it
        if isinstance(found, SkippedFile):
            return None
        if header.declared_bytes is None and found.instance.declared_frames > 1:
            return None  # which fragments make which frames takes more than their number
        found = self._with_shared(found)
        named = all(attributes.uid(f"{level}InstanceUID") for level in ("SOP", "Series", "Study"))
        if own is not None and named:
            if len(self._common) >= _MOST_COMMON:
                self._common.clear()
            self._common[key] = _Common(header.pixel_bytes, _other_fields(found.instance), found.labels)
        return found

    def _look_long_at(self, place: Path, path: Path | None = None) -> FoundFile | SkippedFile:
        path = path or place
        try:
            with _Checked(open_regular(place), self._checkpoint) as stream:
                if begins_as_raster(stream):
                    return self._with_shared(_raster_file(place, path))
                opened = survey(stream, path.name)
                with opened.stream, quiet_pydicom():
                    attributes = read_attributes(opened.stream, KEYWORDS)
                    outcome = _labels(path, attributes, opened.survey, opened.stream)
                    return outcome if isinstance(outcome, SkippedFile) else self._with_shared(outcome)
        except NoDicom as refusal:
            reason = _why_closed(nested=place != path) if is_archive(place) else refusal.reason
            return SkippedFile(path, reason, harmless=True)
        except Refused as refusal:
            return SkippedFile(path, refusal.reason)
        except OSError as error:
            return SkippedFile(path, f"{CANNOT_OPEN}: {system_words(error)}.")
        except READING_ERRORS as error:
            return SkippedFile(path, f"the header is damaged ({type(error).__name__}).")

    def _with_shared(self, found: FoundFile) -> FoundFile:
        """The same with values that other files hold already: a hundred thousand of them must fit."""
        share, instance = self._shared.setdefault, found.instance
        if len(self._shared) >= _MOST_SHARED:
            self._shared.clear()
        shared = {name: share(getattr(instance, name), getattr(instance, name)) for name in _SHARED_FIELDS}
        return FoundFile(
            replace(instance, **shared),  # type: ignore[arg-type]  # each is equal to what it replaces
            share(found.labels, found.labels),  # type: ignore[arg-type]  # as above
        )


def _why_closed(*, nested: bool) -> str:
    """Why an archive that was not named itself stays closed; one inside of another cannot be named."""
    if nested:
        return "an archive inside of an archive; unpack it first."
    return "an archive; open it by itself to see what it holds."


class _Common(NamedTuple):
    """What files with one `Header.common` share, from one with so many bytes of pixels.

    More bytes of compressed pixels change nothing: `core.dicom.image_pixel` asks for enough of them.
    """

    pixel_bytes: int
    fields: dict[str, object]
    labels: Labels


class _Checked(io.BufferedReader):
    """A file that asks before each read whether it shall go on."""

    def __init__(self, stream: BinaryIO, checkpoint: Callable[[], None]) -> None:
        super().__init__(stream)  # type: ignore[arg-type]  # a buffered reader reads as a raw one does
        self._checkpoint = checkpoint

    def read(self, size: int | None = -1, /) -> bytes:
        self._checkpoint()
        return super().read(size)


def _own_values(own: dict[int, bytes]) -> dict[str, object] | None:
    """The values in which files of a series differ, if each is written in the simplest way; else None.

    Equal to what `_labels` makes of them, without a note.
    """
    uid, number = own.get(_SOP_INSTANCE_UID, b""), own.get(_INSTANCE_NUMBER, b"")
    position = own.get(_IMAGE_POSITION, b"")
    if _SIMPLE_UID(uid) is None or _SIMPLE_NUMBER(number) is None or _SIMPLE_PLACE(position) is None:
        return None
    for tag in _TIMES.values():
        if _SIMPLE_TIME(own.get(tag, b"")) is None:
            return None
    return {
        "sop_instance_uid": uid.rstrip(b"\0 ").decode("ascii"),
        "instance_number": int(number) if number else None,
        "acquisition_time": _acquisition_time(
            lambda keyword: own.get(_TIMES[keyword], b"").rstrip(b"\0 ").decode("ascii")
        ),
        "position_mm": tuple(map(float, position.split(b"\\"))) if position else None,
    }


def _other_fields(instance: Instance) -> dict[str, object]:
    return {name: getattr(instance, name) for name in COMMON_FIELDS}


def _labels(
    path: Path, attributes: Attributes, found: Survey, stream: BinaryIO | None = None
) -> FoundFile | SkippedFile:
    """What the attributes and the structure of a DICOM file say. Raises `Refused`.

    `stream` is asked for the places of frames; None only for kinds of objects that have none.
    """
    for note in found.notes:
        attributes.note(note)
    sop_class = attributes.uid("SOPClassUID") or media_storage_class(attributes)
    if not found.pixel_keyword:
        return SkippedFile(path, _no_image(sop_class, attributes), harmless=True, sop_class_uid=sop_class)
    pixels = describe(attributes, found)
    sop_instance_uid = attributes.uid("SOPInstanceUID")
    if not sop_instance_uid:
        attributes.note("The file has no SOP Instance UID; it is told apart by its place.")
        sop_instance_uid = _made_up_uid(path)
    position, orientation = _place(attributes)
    places = () if stream is None else read_frame_places(stream, attributes, sop_class, pixels.frames)
    spacing = pixel_spacing(attributes)
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
        acquisition_time=_acquisition_time(attributes.text),
        view_position=attributes.code("ViewPosition"),
        laterality=attributes.code("ImageLaterality") or attributes.code("Laterality"),
        position_mm=position,
        orientation=orientation,
        spacing=places[0].spacing if places and not spacing.known else spacing,
        frame_places=places,
        splitting_values=splitting_values(attributes),
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
    return FoundFile(replace(instance, notes=tuple(attributes.notes)), Labels(series, study, patient))


def _raster_file(place: Path, path: Path) -> FoundFile:
    """A PNG or JPEG: one study for each folder, without modality, marked as no DICOM."""
    header = raster_header(place)
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
    return FoundFile(
        instance,
        Labels(
            Series(f"{folder}.1", description=f"{name} (not DICOM)"),
            Study(folder, description=f"{name} (not DICOM)"),
            Patient(name=f"{name} (picture files)"),
        ),
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


def _acquisition_time(text: Callable[[str], str]) -> str:
    """Date and time of acquisition as sortable digits; `text` gives the text of an attribute."""
    whole = text("AcquisitionDateTime")
    if whole:
        return whole
    date = text("AcquisitionDate") or text("ContentDate")
    time = text("AcquisitionTime") or text("ContentTime")
    return f"{date}{time}"


def _made_up_uid(*parts: object) -> str:
    """A stable identifier in the UUID-derived root 2.25 for what has none."""
    digest = hashlib.sha256(
        "\0".join(os.fspath(p) if isinstance(p, Path) else str(p) for p in parts).encode(
            "utf-8", "surrogateescape"
        )
    )
    return f"2.25.{int.from_bytes(digest.digest()[:16], 'big')}"


def system_words(error: OSError) -> str:
    """What the system says of a failure, in lower case."""
    return (error.strerror or type(error).__name__).lower()
