"""What one file says of itself: its image, series, study and patient; or why it is skipped.

`look_at` never raises because of a file's content.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

from core.dicom.frame_places import SPLITTING_KEYWORDS, Triple, read_frame_places, splitting_values
from core.dicom.gate import NoDicom, OpenFile, Refused, open_regular, survey
from core.dicom.grouping import FoundFile, Labels
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
_MEDIA_DIRECTORY = "1.2.840.10008.1.3.10"


def look_at(path: Path) -> FoundFile | SkippedFile:
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
        return SkippedFile(path, f"cannot be opened: {system_words(error)}.")
    except READING_ERRORS as error:
        return SkippedFile(path, f"the header is damaged ({type(error).__name__}).")


def _dicom_file(path: Path, opened: OpenFile) -> FoundFile | SkippedFile:
    attributes = read_attributes(opened.stream, (*_KEYWORDS, *IMAGE_PIXEL_KEYWORDS, *SPACING_KEYWORDS))
    found = opened.survey
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
    places = read_frame_places(opened.stream, attributes, sop_class, pixels.frames)
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
        acquisition_time=_acquisition_time(attributes),
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


def _raster_file(path: Path) -> FoundFile:
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


def _acquisition_time(attributes: Attributes) -> str:
    """Date and time of acquisition as sortable digits."""
    whole = attributes.text("AcquisitionDateTime")
    if whole:
        return whole
    date = attributes.text("AcquisitionDate") or attributes.text("ContentDate")
    time = attributes.text("AcquisitionTime") or attributes.text("ContentTime")
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
