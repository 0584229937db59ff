"""Which earlier study of the same patient a shown image is compared with. Pure answers.

A wrong patient is worse than none: where names, numbers or birth dates contradict each other there is no
prior. Two studies without dates are never called earlier and later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.study_list import folded

if TYPE_CHECKING:
    from core.dicom.study import Instance, Patient, Series, Study, StudyIndex

FILM_MODALITIES = frozenset({"CR", "DX", "RG"})
"""Radiographs, by whatever name: an old CR film is the prior of a new DX film."""
_WITH_VIEWS = FILM_MODALITIES | {"MG", "PX", "IO", ""}


@dataclass(frozen=True, slots=True)
class Prior:
    """An image of an earlier study: `position` among the images of `series`."""

    patient: Patient
    study: Study
    series: Series
    position: int


def same_person(one: Patient, other: Patient) -> bool:
    """Whether two patients of an index are surely one: nothing that both have may differ.

    The numbers must agree; without a number on both sides, name and birth date must be there and agree.
    """
    if one is other:
        return True
    name = _agree(folded(one.name).strip(), folded(other.name).strip())
    born = _agree(one.birth_date, other.birth_date)
    number = _agree(one.patient_id.strip(), other.patient_id.strip())
    if False in (name, born, number):
        return False
    return bool(number) or bool(name and born)


def priors_of(index: StudyIndex, instance: Instance, frame_index: int = 0) -> tuple[Prior, ...]:
    """Earlier images that an image can be compared with, the best first; one for each earlier study.

    The same modality and part of the body; of the studies those with the same view or laterality before
    others, and among these the newest first.
    """
    patient, study, series = index.place_of(instance, frame_index)
    when = _when(study)
    found: list[tuple[tuple[int, tuple[str, str]], Prior]] = []
    for other, earlier in index.studies:
        if not when[0] or not earlier.study_date or _when(earlier) >= when or not same_person(patient, other):
            continue
        best = _best_series(series, (instance, frame_index), earlier)
        if best is not None:
            view, match, position = best
            found.append(((view, _when(earlier)), Prior(other, earlier, match, position)))
    found.sort(key=lambda one: one[0], reverse=True)
    return tuple(prior for _, prior in found)


def _best_series(series: Series, image: tuple[Instance, int], study: Study) -> tuple[int, Series, int] | None:
    """(agreement of the view, series, position) of the best match in a study."""
    instance = image[0]
    best: tuple[tuple[int, ...], Series, int] | None = None
    for candidate in study.series:
        if not _same_modality(series.modality, candidate.modality):
            continue
        part = _agree(folded(series.body_part_examined), folded(candidate.body_part_examined))
        if part is False:
            continue
        position, view = _best_image(series, image, candidate)
        likeness = (
            view,
            part is True,
            _agree(folded(series.description), folded(candidate.description)) is True,
            _agree(folded(series.protocol_name), folded(candidate.protocol_name)) is True,
            _same_direction(instance, candidate.instances[0]),
            candidate.number_of_images,
        )
        if best is None or likeness > best[0]:
            best = (likeness, candidate, position)
    return None if best is None else (best[0][0], best[1], best[2])


def _best_image(series: Series, image: tuple[Instance, int], earlier: Series) -> tuple[int, int]:
    """(position, how well view and laterality agree) of the image most like one; 0 where one contradicts.

    Slices have no views: there it is the one as far up its stack.
    """
    instance = image[0]
    if series.modality not in _WITH_VIEWS:
        share = series.position_of(*image) / max(series.number_of_images - 1, 1)
        return round(share * (earlier.number_of_images - 1)), 1
    scores = []
    for position, (other, _) in enumerate(earlier.images):
        view = _agree(instance.view_position, other.view_position)
        side = _agree(instance.laterality, other.laterality)
        scores.append((0 if False in (view, side) else 1 + (view is True) + (side is True), -position))
    score, place = max(scores)
    return -place, score


def _same_modality(one: str, other: str) -> bool:
    return one == other or {one, other} <= FILM_MODALITIES


def _same_direction(one: Instance, other: Instance) -> bool:
    if one.orientation is None or other.orientation is None:
        return False
    cosines = (
        (*along_row, *along_column) for along_row, along_column in (one.orientation, other.orientation)
    )
    return all(abs(first - second) < 0.1 for first, second in zip(*cosines, strict=True))


def _agree(one: str, other: str) -> bool | None:
    """Whether two texts are the same; None where one of them says nothing."""
    return None if not one or not other else one == other


def _when(study: Study) -> tuple[str, str]:
    return study.study_date, study.study_time
