"""The one split rule of a series: which of its images may be scrolled together.

A stack holds one SOP class; slices also share orientation, size, stack ID, echo and image type. Where slices
still share their places, what repeats them all (time points, b-values, …) splits them. Images without a place
in space (films, ultrasound) are not split by type: two views of a chest belong together. A rule that would
leave next to nothing in each stack has met something else than stacks (views around an axis, an image type
that counts) and is left out. Images of different Series Instance UID never meet here.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any, Generic

from core.dicom.frame_places import SPLITTING_KEYWORDS, Orientation
from core.dicom.ordering import (
    File,
    Image,
    common_normal,
    natural_key,
    normal_of,
    place_numbers,
    same_direction,
)
from core.dicom.tags import uid_name

# More stacks than this are no help; a series that would fall into so many stays whole.
_MOST_STACKS = 64
# From so many images on, a rule that gives every second one a stack of its own is too fine.
_FEW_IMAGES = 5
# So many time points, b-values … become stacks; of more than that there must be as many slices as well, for
# many phases of few slices are watched slice by slice.
_MOST_REPEATS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Part(Generic[File]):
    """Images of one stack, and in words what they share and others of the series do not."""

    images: list[Image[File]]
    words: str = ""

    def named(self, words: str) -> Part[File]:
        """The same images with one more thing said of them."""
        return replace(self, words=", ".join(word for word in (self.words, words) if word))


def split(images: list[Image[File]]) -> list[Part[File]]:
    """The split rule; parts come in the order of their first image, repeats in that of their value."""
    kinds = _by(
        Part(images), lambda image: (image.file.sop_class_uid, image.is_slice), _class_words, guard=False
    )
    parts: list[Part[File]] = []
    for kind in kinds:
        if not kind.images[0].is_slice:
            parts.append(kind)
            continue
        for direction in _by_direction(kind):
            if _turns(direction.images):
                parts.append(direction)
                continue
            pieces = [direction]
            for key, words in _ALWAYS_SPLIT:
                pieces = [smaller for piece in pieces for smaller in _by(piece, key, words)]
            parts.extend(pieces)
    rank = {id(image): number for number, image in enumerate(images)}
    parts.sort(key=lambda part: rank[id(part.images[0])])
    found = [smaller for part in parts for smaller in _by_repeats(part)]
    return found if len(found) <= _MOST_STACKS else [Part(images)]


def _by(
    part: Part[File],
    key: Callable[[Image[File]], Hashable],
    words: Callable[[Any, list[Any]], str],  # the keys of one call are of one type
    *,
    guard: bool = True,
) -> list[Part[File]]:
    """A part split by a key. `guard`: not if that would leave next to nothing in each piece."""
    pieces: dict[Hashable, list[Image[File]]] = defaultdict(list)
    for image in part.images:
        pieces[key(image)].append(image)
    if len(pieces) == 1 or (guard and _is_too_fine(len(pieces), len(part.images))):
        return [part]
    keys = list(pieces)
    return [replace(part.named(words(one, keys)), images=piece) for one, piece in pieces.items()]


def _is_too_fine(pieces: int, images: int) -> bool:
    return images >= _FEW_IMAGES and pieces > images / 2


def _class_words(key: tuple[str, bool], keys: list[tuple[str, bool]]) -> str:
    uid, is_slice = key
    if len({one for one, _ in keys}) > 1:
        return uid_name(uid).removesuffix(" Storage") or "another kind of object"
    return "with directions in the patient" if is_slice else "without directions in the patient"


def _size_words(key: tuple[int, int], keys: list[tuple[int, int]]) -> str:
    return f"{key[1]} × {key[0]} px"


def _stack_words(key: str, keys: list[str]) -> str:
    return f"stack {key}" if key else "without stack ID"


def _echo_words(key: str, keys: list[str]) -> str:
    return f"echo {key}" if key else "without echo number"


def _type_words(key: tuple[str, ...], keys: list[tuple[str, ...]]) -> str:
    common = set(key).intersection(*keys)
    own = " ".join(value for value in key if value not in common)
    return f"image type {own}" if own else "plain image type"


# Each a key, and the words for one of its values beside all of them.
_ALWAYS_SPLIT: tuple[tuple[Callable[[Image[Any]], Hashable], Callable[[Any, list[Any]], str]], ...] = (
    (lambda image: (image.file.rows, image.file.columns), _size_words),
    (lambda image: image.place.stack, _stack_words),
    (lambda image: image.file.echo, _echo_words),
    (lambda image: image.kind, _type_words),
)


def _by_direction(part: Part[File]) -> list[Part[File]]:
    """A part split by orientation; views that turn around an axis stay together."""
    pieces: list[tuple[Orientation, list[Image[File]]]] = []
    known: dict[Orientation, list[Image[File]]] = {}
    for image in part.images:
        orientation = image.place.orientation
        assert orientation is not None  # noqa: S101 - the part is placed
        piece = known.get(orientation)
        if piece is None:
            piece = next((one for first, one in pieces if same_direction(first, orientation)), None)
            if piece is None:
                if len(pieces) == _MOST_STACKS:
                    return [part]
                piece = []
                pieces.append((orientation, piece))
            known[orientation] = piece
        piece.append(image)
    if len(pieces) == 1 or (len(pieces) > 2 and _is_too_fine(len(pieces), len(part.images))):
        return [part]
    return [replace(part.named(_plane(orientation)), images=piece) for orientation, piece in pieces]


def _turns(images: list[Image[File]]) -> bool:
    """Whether images look in more than one direction."""
    first = images[0].place.orientation
    return any(
        one.place.orientation is not None
        and first is not None
        and not same_direction(first, one.place.orientation)
        for one in images
    )


def _plane(orientation: Orientation) -> str:
    """The plane that slices of this orientation are called by."""
    sizes = [abs(part) for part in normal_of(orientation)]
    name = ("sagittal", "coronal", "axial")[sizes.index(max(sizes))]
    return name if max(sizes) > 0.9 * math.hypot(*sizes) else f"oblique {name}"


def _by_repeats(part: Part[File], keywords: tuple[str, ...] = tuple(SPLITTING_KEYWORDS)) -> list[Part[File]]:
    """Slices that share their places, split by the first attribute that repeats the whole stack.

    Each piece must cover all places, but for one that may have been broken off.
    """
    normal = common_normal(part.images)
    if normal is None or not keywords:
        return [part]
    place = place_numbers(part.images, normal)
    places = set(place.values())
    if len(places) < 2 or len(places) == len(part.images):
        return [part]
    all_keywords = list(SPLITTING_KEYWORDS)
    for number, keyword in enumerate(keywords):
        at = all_keywords.index(keyword)
        pieces: dict[str, list[Image[File]]] = defaultdict(list)
        for image in part.images:
            pieces[image.values[at] if at < len(image.values) else ""].append(image)
        most = len(places) if keyword == "TriggerTime" else max(_MOST_REPEATS, len(places))
        if not 1 < len(pieces) <= most:
            continue
        short = sum({place[id(image)] for image in piece} != places for piece in pieces.values())
        if short > 1 or (short == 1 and len(pieces) == 2):
            continue
        name = SPLITTING_KEYWORDS[keyword]
        return [
            smaller
            for value in sorted(pieces, key=natural_key)
            for smaller in _by_repeats(
                replace(part.named(f"{name} {value}" if value else f"no {name}"), images=pieces[value]),
                keywords[number + 1 :],
            )
        ]
    return [part]
