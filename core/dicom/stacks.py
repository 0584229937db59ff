"""The stacks of a series as they are shown: split, in order, with what is odd about them in words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from statistics import median
from typing import TYPE_CHECKING, Generic

from core.dicom.arrangement import Arrangement, SortBy
from core.dicom.ordering import (
    SAME_PLACE_MM,
    File,
    Image,
    along,
    arranged,
    common_normal,
    images_of,
    in_order,
    place_numbers,
)
from core.dicom.splitting import Part, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# A slice may lie beside its place on an even grid by a fiftieth of a step, or by what positions lose that
# are written with one decimal. A gap is one and a half slices or more.
_UNEVEN_PART = 0.02
_ROUNDED_MM = 0.055
_GAP_SLICES = 1.5


@dataclass(frozen=True, slots=True)
class SliceSpacing:
    """Distance from slice to slice as the positions give it; unknown stays None, never Slice Thickness."""

    spacing_mm: float | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stack(Generic[File]):
    """Images of a series that are scrolled together, as (file, frame index), in order.

    `part_words` says in words what tells this stack from the others of its series, "" if it is the only one.
    """

    frames: tuple[tuple[File, int], ...]
    part_words: str = ""
    spacing_mm: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[File, ...]:
        """Each file once, in the order of its first frame."""
        return tuple({id(file): file for file, _ in self.frames}.values())

    @property
    def frame_order(self) -> tuple[tuple[int, int], ...]:
        """The frames as (place in `files`, frame index); empty if it is each file's frames one by one."""
        files = self.files
        number = {id(file): place for place, file in enumerate(files)}
        order = tuple((number[id(file)], frame) for file, frame in self.frames)
        plain = ((place, frame) for place, file in enumerate(files) for frame in range(file.number_of_frames))
        return () if order == tuple(plain) else order


_AS_BY_THE_RULES = Arrangement()


def stacks(files: Iterable[File], wish: Arrangement = _AS_BY_THE_RULES) -> tuple[Stack[File], ...]:
    """Stacks of one series, whatever the order of the input, arranged as the reader wishes."""
    images = images_of(files)
    if not images:
        return ()
    parts = split(images)
    together: tuple[str, ...] = ()
    if wish.merged and len(parts) > 1:
        words = "; ".join(part.words for part in parts[:8]) + (" …" if len(parts) > 8 else "")
        together = (f"{len(parts)} parts of one series are shown as one stack, as wished: {words}.",)
        parts = [Part(images)]
    missing = _missing_numbers(images)
    found = []
    for number, part in enumerate(parts):
        stack = _stack(part.images, wish)
        notes = (*together, *stack.notes, *(missing if number == 0 else ()))
        if len(parts) > 1:
            notes = (f"Part {number + 1} of {len(parts)} of one series: {part.words}.", *notes)
        found.append(replace(stack, part_words=part.words, notes=notes))
    return tuple(found)


def even_steps(places_mm: Sequence[float]) -> SliceSpacing:
    """Spacing of rising places, with a sentence for each gap, unevenness or doubled place."""
    if len(places_mm) < 2:
        return SliceSpacing()
    steps = [after - before for before, after in pairwise(places_mm)]
    apart = [step for step in steps if step > SAME_PLACE_MM]
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
    if not gaps:
        even = _even_step(list(accumulate(apart, initial=0.0)))
        if even is None:
            notes.append(f"Slice spacing is uneven: {min(apart):.2f} to {max(apart):.2f} mm.")
        usual = even or usual
    return SliceSpacing(round(usual, 4), tuple(notes))


def _stack(images: Sequence[Image[File]], wish: Arrangement) -> Stack[File]:
    """Images of one part in order, with what their places and numbers say."""
    ordered = in_order(images)
    frames = arranged(images, wish)
    normal = common_normal(images)
    wished = _wished(wish, by_place=normal is not None)
    by_rule = wish.by is SortBy.POSITION
    if normal is None:
        return Stack(frames, notes=(*wished, *(_why_by_number(images) if by_rule else ())))
    spacing = even_steps([along(image, normal) for image in ordered])
    places = set(place_numbers(images, normal).values())
    contradiction = _contradiction(ordered, len(places)) if by_rule else ()
    notes = (*wished, *spacing.notes, *contradiction)
    return Stack(frames, "", spacing.spacing_mm, notes)


def _wished(wish: Arrangement, *, by_place: bool) -> tuple[str, ...]:
    """Says that the reader wishes for another order; then other notes count slices along their places."""
    if not wish.order_words:
        return ()
    counted = " Other notes count the slices by position." if by_place else ""
    return (f"The images stand in the order that was wished for: {wish.order_words}.{counted}",)


def _why_by_number(images: Sequence[Image[File]]) -> tuple[str, ...]:
    """What keeps slices from being ordered by their places; nothing for films and clips."""
    placed = [image for image in images if image.is_slice]
    if not placed or len(images) < 2:
        return ()
    without = sum(image.place.position_mm is None for image in images)
    if without:
        return (f"{without} of {len(images)} images have no position; all are ordered by instance number.",)
    return ("The images look in different directions; they are ordered by instance number.",)


def _contradiction(ordered: Sequence[Image[File]], places: int) -> tuple[str, ...]:
    """A sentence where instance numbers follow the positions neither up nor down."""
    numbers = [image.file.instance_number for image in ordered]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers) or len(set(known)) < len(known) or places < len(known):
        return ()
    if known in (sorted(known), sorted(known, reverse=True)):
        return ()
    return ("Instance numbers do not follow the positions; the positions decide.",)


def _missing_numbers(images: Sequence[Image[File]]) -> tuple[str, ...]:
    """Holes in the instance numbers of a series without places: positions tell of a missing slice better."""
    numbers = {image.file.instance_number for image in images}
    known = {number for number in numbers if number is not None}
    if len(known) < 3 or any(image.is_slice for image in images):
        return ()
    span = max(known) - min(known) + 1
    if not 0 < span - len(known) <= len(known) // 2:
        return ()
    holes = [number for number in range(min(known), max(known)) if number not in known]
    listed = ", ".join(str(number) for number in holes[:5]) + (" …" if len(holes) > 5 else "")
    if len(holes) == 1:
        return (f"Instance number {listed} is missing; an image may not have come along.",)
    return (f"Instance numbers {listed} are missing; images may not have come along.",)


def _even_step(places_mm: Sequence[float]) -> float | None:
    """The step of the grid that fits places best, if all of them lie on it."""
    count = len(places_mm)
    middle, mean = (count - 1) / 2, math.fsum(places_mm) / count
    spread = math.fsum((number - middle) ** 2 for number in range(count))
    step = math.fsum((number - middle) * (place - mean) for number, place in enumerate(places_mm)) / spread
    allowed = max(_UNEVEN_PART * step, min(_ROUNDED_MM, 0.1 * step))
    beside = (abs(place - mean - (number - middle) * step) for number, place in enumerate(places_mm))
    return step if max(beside) <= allowed else None
