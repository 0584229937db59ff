"""The one sort rule and the one split rule of a series, and what its positions say of slice spacing.

Slices are ordered by the projection of Image Position (Patient) on the slice normal (PS3.3 C.7.6.2.1.1:
row direction × column direction), ascending; then by Instance Number, then by file name. Multi-frame
clips and images without a position have no place in space: clips go by acquisition time, the rest by
Instance Number, then by name. Stack, planes and exports all use this order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Triple = tuple[float, float, float]

# Positions closer than this are the same place: scanners write them with three or four decimals.
_SAME_PLACE_MM = 1e-3
# Direction cosines that differ by less belong to one stack: a gantry that wobbles by 0.5°.
_SAME_DIRECTION = 0.01
# Spacing is called uneven from this part of its median on; a gap is one and a half slices or more.
_UNEVEN_PART = 0.02
_GAP_SLICES = 1.5
# A series with more directions than this turns around an axis; it is no set of stacks and stays whole.
_MOST_STACKS = 64


class Placed(Protocol):
    """What the rules need to know of an image."""

    @property
    def path(self) -> Path: ...  # noqa: D102 - the names say it
    @property
    def sop_class_uid(self) -> str: ...  # noqa: D102
    @property
    def instance_number(self) -> int | None: ...  # noqa: D102
    @property
    def number_of_frames(self) -> int: ...  # noqa: D102
    @property
    def image_type(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def echo(self) -> str: ...  # noqa: D102
    @property
    def acquisition_time(self) -> str: ...  # noqa: D102
    @property
    def position_mm(self) -> Triple | None: ...  # noqa: D102
    @property
    def orientation(self) -> tuple[Triple, Triple] | None: ...  # noqa: D102


Image = TypeVar("Image", bound=Placed)


@dataclass(frozen=True, slots=True)
class SliceSpacing:
    """Distance from slice to slice as the positions give it; unknown stays None, never Slice Thickness."""

    spacing_mm: float | None = None
    notes: tuple[str, ...] = ()


def in_order(images: Iterable[Image]) -> tuple[Image, ...]:
    """Images of one stack in the one order; the input's order never matters."""
    images = list(images)
    if any(image.number_of_frames > 1 for image in images):
        return tuple(
            sorted(images, key=lambda image: (image.acquisition_time or "~", *_number_then_name(image)))
        )
    normal = _common_normal(images)
    if normal is None:
        return tuple(sorted(images, key=_number_then_name))
    return tuple(
        sorted(images, key=lambda image: (round(_along(image, normal), 3), *_number_then_name(image)))
    )


def split(images: Iterable[Image]) -> tuple[tuple[Image, ...], ...]:
    """Stacks of one series, each in order: SOP class, and for slices orientation, echo and image type.

    Images without a place in space (films, ultrasound) are not split by image type: two views of a chest
    belong together.
    """
    images = tuple(images)
    stacks: list[list[Image]] = []
    for image in sorted(images, key=_number_then_name):
        for stack in stacks:
            if _belong_together(stack[0], image):
                stack.append(image)
                break
        else:
            if len(stacks) == _MOST_STACKS:
                return (tuple(sorted(images, key=_number_then_name)),)
            stacks.append([image])
    return tuple(in_order(stack) for stack in stacks)


def slice_spacing(images: Sequence[Placed]) -> SliceSpacing:
    """Spacing of a stack in order, with a sentence for each gap, unevenness or doubled position."""
    normal = _common_normal(images)
    if normal is None or len(images) < 2:
        return SliceSpacing()
    places = [_along(image, normal) for image in images]
    steps = [after - before for before, after in pairwise(places)]
    apart = [step for step in steps if step > _SAME_PLACE_MM]
    notes: list[str] = []
    if len(apart) < len(steps):
        doubled = len(steps) - len(apart)
        slices = "1 slice lies" if doubled == 1 else f"{doubled} slices lie"
        notes.append(f"{slices} at the place of another one.")
    if not apart:
        return SliceSpacing(notes=tuple(notes))
    usual = median(apart)
    gaps = [
        f"Gap of {step:.1f} mm between slices {index + 1} and {index + 2} (usual spacing {usual:.1f} mm)."
        for index, step in enumerate(steps)
        if step >= _GAP_SLICES * usual
    ]
    notes.extend(gaps[:5])
    if len(gaps) > 5:
        notes.append(f"{len(gaps) - 5} more gaps.")
    if not gaps and max(abs(step - usual) for step in apart) > max(_UNEVEN_PART * usual, 0.01):
        notes.append(f"Slice spacing is uneven: {min(apart):.2f} to {max(apart):.2f} mm.")
    return SliceSpacing(round(usual, 4), tuple(notes))


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Key that puts IM2 before IM10."""
    return tuple(
        (0, int(part), "") if part.isdecimal() and part.isascii() else (1, 0, part)
        for part in re.split(r"([0-9]{1,18})", name)
        if part
    )


def _number_then_name(image: Placed) -> tuple[float, object, str]:
    number = float("inf") if image.instance_number is None else image.instance_number
    return number, natural_key(image.path.name), str(image.path)


def _common_normal(images: Sequence[Placed]) -> Triple | None:
    """Normal shared by all images, or None if one has no place or looks another way."""
    if not images or images[0].orientation is None:
        return None
    first = images[0].orientation
    for image in images:
        if image.position_mm is None or image.orientation is None:
            return None
        if not _same_direction(first, image.orientation):
            return None
    (a, b, c), (d, e, f) = first
    return (b * f - c * e, c * d - a * f, a * e - b * d)


def _along(image: Placed, normal: Triple) -> float:
    position = image.position_mm
    assert position is not None  # noqa: S101 - `_common_normal` has looked
    return sum(place * direction for place, direction in zip(position, normal, strict=True))


def _same_direction(one: tuple[Triple, Triple], other: tuple[Triple, Triple]) -> bool:
    return all(
        abs(a - b) < _SAME_DIRECTION
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def _belong_together(one: Placed, other: Placed) -> bool:
    if one.sop_class_uid != other.sop_class_uid:
        return False
    if (one.orientation is None) != (other.orientation is None):
        return False
    if one.orientation is None or other.orientation is None:
        return True
    return (
        _same_direction(one.orientation, other.orientation)
        and one.echo == other.echo
        and one.image_type == other.image_type
    )
