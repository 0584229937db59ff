"""The one sort rule of a series.

Slices are ordered by the projection of Image Position (Patient) on the slice normal (PS3.3 C.7.6.2.1.1:
row direction × column direction), ascending: an axial stack runs from the feet to the head. Then by Instance
Number, then by file name, then by Dimension Index Values. Images without a place in space: clips go by
acquisition time, the rest by Instance Number, then by name. Frames of an enhanced object obey the same rule
as files. Stack, planes and exports all use this order, unless the reader wishes for another one of a stack.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from core.dicom.arrangement import Arrangement, SortBy
from core.dicom.frame_places import Framed, FramePlace, Orientation, Triple, place_of_frame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

# Positions closer than this are the same place: scanners write them with three or four decimals.
SAME_PLACE_MM = 1e-3
# Direction cosines that differ by less belong to one stack: a gantry that wobbles by 0.5°.
_SAME_DIRECTION = 0.01


class Placed(Framed, Protocol):
    """What the rules need to know of an instance, beside the places of its frames."""

    @property
    def path(self) -> Path: ...  # noqa: D102 - the names say it
    @property
    def named_path(self) -> Path: ...  # noqa: D102 - as above
    @property
    def sop_class_uid(self) -> str: ...  # noqa: D102 - as above
    @property
    def instance_number(self) -> int | None: ...  # noqa: D102 - as above
    @property
    def rows(self) -> int: ...  # noqa: D102 - as above
    @property
    def columns(self) -> int: ...  # noqa: D102 - as above
    @property
    def image_type(self) -> tuple[str, ...]: ...  # noqa: D102 - as above
    @property
    def echo(self) -> str: ...  # noqa: D102 - as above
    @property
    def acquisition_time(self) -> str: ...  # noqa: D102 - as above
    @property
    def splitting_values(self) -> tuple[str, ...]: ...  # noqa: D102 - as above


File = TypeVar("File", bound=Placed)


@dataclass(frozen=True, slots=True, eq=False)
class Image(Generic[File]):
    """What is ordered as one: a single image, a frame with a place of its own, or all frames of a clip."""

    file: File
    frames: range
    place: FramePlace

    @property
    def kind(self) -> tuple[str, ...]:
        """Image type, without empty values at its end."""
        kind = self.place.kind or self.file.image_type
        while kind and not kind[-1]:
            kind = kind[:-1]
        return kind

    @property
    def values(self) -> tuple[str, ...]:
        """One text for each of `SPLITTING_KEYWORDS`, or none at all."""
        return self.place.values or self.file.splitting_values

    @property
    def is_slice(self) -> bool:
        """Whether it is one frame with directions in the patient, with or without a position."""
        return self.place.orientation is not None and len(self.frames) == 1


def images_of(files: Iterable[File]) -> list[Image[File]]:
    """All images of files, those of a clip as one, in an order that does not depend on that of the files."""
    return [image for file in sorted(files, key=_number_then_name) for image in _images(file)]


def in_order(images: Sequence[Image[File]]) -> tuple[Image[File], ...]:
    """Images of one stack in the one order; the order of the input never matters."""
    normal = common_normal(images)
    if normal is not None:
        place = place_numbers(images, normal)
        return tuple(sorted(images, key=lambda image: (place[id(image)], *_number_name_dimensions(image))))
    is_clip = any(image.file.number_of_frames > 1 for image in images)
    return tuple(sorted(images, key=_time_number_name if is_clip else _number_name_dimensions))


def arranged(images: Sequence[Image[File]], wish: Arrangement) -> tuple[tuple[File, int], ...]:
    """The frames of one stack as the reader wishes to have them; what is alike stays as by the rules."""
    ordered = list(in_order(images))
    if wish.by is SortBy.NUMBER:
        ordered.sort(key=lambda image: (*_number_then_name(image.file), image.frames[0]))
    elif wish.by is SortBy.TIME:
        ordered.sort(key=_time_of)
    elif wish.by is SortBy.NAME:
        ordered.sort(key=lambda image: (natural_key(image.file.named_path.name), str(image.file.named_path)))
    frames = [(image.file, index) for image in ordered for index in image.frames]
    return tuple(reversed(frames) if wish.backwards else frames)


@lru_cache(maxsize=16_384)  # a name is sorted several times, and is the same in many folders
def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Key that puts IM2 before IM10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part)
        for part in re.split(r"([0-9]{1,18})", name)
        if part
    )


def common_normal(images: Sequence[Image[File]]) -> Triple | None:
    """Unit normal shared by all images, or None if one has no place or looks another way."""
    first = images[0].place.orientation if images else None
    if first is None:
        return None
    for image in images:
        orientation = image.place.orientation
        if image.place.position_mm is None or orientation is None or len(image.frames) > 1:
            return None
        if orientation != first and not same_direction(first, orientation):
            return None
    # The mean of slightly different normals must not depend on the order of the images: fsum is exact.
    # Files of a series mostly share one value, which then counts once.
    different = {id(one): one for image in images if (one := image.place.orientation) is not None}
    if len(different) == 1:
        images = images[:1]
    normals = [normal_of(orientation) for image in images if (orientation := image.place.orientation)]
    sums = [math.fsum(parts) for parts in zip(*normals, strict=True)]
    length = math.hypot(*sums)
    return (sums[0] / length, sums[1] / length, sums[2] / length) if length else None


def place_numbers(images: Sequence[Image[File]], normal: Triple) -> dict[int, int]:
    """Which place along the normal each image (by its `id`) lies at, counted from 0."""
    distances = sorted((along(image, normal), id(image)) for image in images)
    found: dict[int, int] = {}
    number, start = 0, distances[0][0] if distances else 0.0
    for distance, identity in distances:
        if distance - start > SAME_PLACE_MM:
            number, start = number + 1, distance
        found[identity] = number
    return found


def along(image: Image[File], normal: Triple) -> float:
    """Distance of an image along a normal in mm; it must have a position."""
    position = image.place.position_mm
    assert position is not None  # noqa: S101 - `common_normal` has looked
    return position[0] * normal[0] + position[1] * normal[1] + position[2] * normal[2]


def normal_of(orientation: Orientation) -> Triple:
    """Row direction × column direction."""
    (a, b, c), (d, e, f) = orientation
    return (b * f - c * e, c * d - a * f, a * e - b * d)


def same_direction(one: Orientation, other: Orientation) -> bool:
    """Whether rows and columns run alike, but for a wobble of 0.5°."""
    return all(
        abs(a - b) < _SAME_DIRECTION
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def _images(file: File) -> Iterator[Image[File]]:
    if file.number_of_frames > 1 and not file.frame_places:
        yield Image(file, range(file.number_of_frames), place_of_frame(file, 0))
        return
    for index in range(file.number_of_frames):
        yield Image(file, range(index, index + 1), place_of_frame(file, index))


def _number_then_name(file: Placed) -> tuple[float, object, str]:
    number = float("inf") if file.instance_number is None else file.instance_number
    return number, natural_key(file.named_path.name), str(file.named_path)


def _number_name_dimensions(image: Image[File]) -> tuple[object, ...]:
    return (*_number_then_name(image.file), image.place.dimensions, image.frames[0])


def _time_number_name(image: Image[File]) -> tuple[object, ...]:
    return (_time_of(image), *_number_name_dimensions(image))


def _time_of(image: Image[File]) -> str:
    """Digits of the acquisition time; what has none comes last."""
    return re.sub(r"[-+].*|[^0-9]", "", image.file.acquisition_time) or "~"
