"""A study index as the command line shows it: lines to read, or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.dicom.index import Instance, Patient, Series, SkippedFile, Study, StudyIndex

# Files whose names promise an image: skipping one is a failure even if nothing in it says DICOM.
_PROMISING = frozenset({".dcm", ".dicom", ".ima"})


def index_as_json(index: StudyIndex) -> dict[str, Any]:  # JSON object
    """Every stack with its frames in the order in which they are shown; every skipped file with its reason.

    Frames count from 1; positions and spacings (row, column) are in mm, None where the file does not say
    them. Parts of a split series share `series_uid` and differ in `stack` and `part`.
    """
    return {
        "series": [
            _series_as_json(patient, study, series)
            for patient, study in index.studies
            for series in study.series
        ],
        "skipped": [{"file": str(one.path), "reason": one.reason} for one in index.skipped],
    }


def index_as_lines(index: StudyIndex) -> Iterator[str]:
    """Patients, studies, series and files, indented, with all that was odd or assumed."""
    from core.dicom.tags import harmless

    for patient in index.patients:
        yield " · ".join(
            part for part in (patient.name or "(no name)", patient.patient_id, patient.sex) if part
        )
        for study in patient.studies:
            yield "  " + " · ".join(part for part in ("Study", study.study_date, study.description) if part)
            for series in study.series:
                yield f"    {_title(series)}"
                yield from (f"      ! {note}" for note in series.all_notes)
                yield from (f"      {harmless(_file_line(instance))}" for instance in series.instances)
    if index.skipped:
        yield f"Skipped: {len(index.skipped)}"
        yield from (f"  {harmless(str(one.path))}: {one.reason}" for one in index.skipped)


def failed_files(index: StudyIndex, asked: Sequence[Path]) -> tuple[SkippedFile, ...]:
    """Skipped files that count as failed: damaged ones, and all that one asked for by its own name holds.

    An archive that was named and holds an image fails for what is damaged in it only.
    """
    named = set(asked)
    barren = tuple(
        f"{path}!"
        for path in asked
        if not any(str(instance.named_path).startswith(f"{path}!") for instance in index.instances)
    )
    return tuple(
        one
        for one in index.skipped
        if not one.harmless
        or one.path in named
        or one.path.suffix.lower() in _PROMISING
        or str(one.path).startswith(barren)
    )


def _series_as_json(patient: Patient, study: Study, series: Series) -> dict[str, Any]:  # JSON object
    return {
        "patient": patient.name or patient.patient_id,
        "patient_id": patient.patient_id,
        "study_uid": study.study_instance_uid,
        "study_date": study.study_date,
        "series_uid": series.series_instance_uid,
        "stack": series.stack + 1,
        "part": series.part_words,
        "modality": series.modality,
        "description": series.description,
        "slice_spacing_mm": series.slice_spacing_mm,
        "frames": [_frame_as_json(instance, frame_index) for instance, frame_index in series.images],
        "notes": list(series.all_notes),
    }


def _frame_as_json(instance: Instance, frame_index: int) -> dict[str, Any]:  # JSON object
    from core.dicom.frame_places import place_of_frame

    place = place_of_frame(instance, frame_index)
    # An enhanced object may say the spacing of all its frames at its top.
    spacing = place.spacing if place.spacing.known else instance.spacing
    return {
        "file": str(instance.named_path),
        "frame": frame_index + 1,
        "sop_uid": instance.sop_instance_uid,
        "rows": instance.rows,
        "columns": instance.columns,
        "position": None if place.position_mm is None else list(place.position_mm),
        "spacing_mm": [spacing.row_mm, spacing.column_mm] if spacing.known else None,
        "spacing_source": spacing.source.value,
    }


def _title(series: Series) -> str:
    count = series.number_of_images
    parts = (
        "Series" if series.series_number is None else f"Series {series.series_number}",
        series.modality,
        series.description,
        series.part_words,
        series.body_part_examined,
        f"{count} image{'' if count == 1 else 's'}",
    )
    return " · ".join(part for part in parts if part)


def _file_line(instance: Instance) -> str:
    spacing = instance.spacing
    frames = f", {instance.number_of_frames} frames" if instance.number_of_frames > 1 else ""
    size = f"{instance.columns} × {instance.rows} px{frames}"
    line = f"{instance.named_path}: {size}"
    if not spacing.known:
        return f"{line}, spacing unknown"
    return f"{line}, {spacing.row_mm:g} × {spacing.column_mm:g} mm ({spacing.source.value})"
