"""What a reader draws on a frame: measurements, regions, arrows and texts, as one kind of value.

Points are (row, column) in frame pixels, 0 being the outer edge of the first pixel, so that the centre of
pixel (r, c) lies at (r + 0.5, c + 0.5). What the points of each kind stand for is said at `MarkKind`; lines,
handles and lengths come from `core.imaging.mark_geometry`, values from `core.imaging.measurements`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite

Point = tuple[float, float]


class MarkKind(StrEnum):
    """What is drawn, and in which order its points come."""

    LENGTH = "length"
    """Both ends."""
    ANGLE = "angle"
    """The end of one arm, the vertex, the end of the other arm."""
    COBB = "Cobb angle"
    """Both ends of one line, then of the other."""
    BIDIRECTIONAL = "bidirectional"
    """Both ends of the long axis, then of the short one, which is perpendicular."""
    HEART = "cardiothoracic ratio"
    """Midline from top to bottom; outermost point of the heart on either side; both ends of the thorax."""
    RECTANGLE = "rectangle"
    """Two opposite corners."""
    ELLIPSE = "ellipse"
    """Two opposite corners of the rectangle around it."""
    FREEHAND = "freehand region"
    """Three points or more around it; the last is joined to the first."""
    PROBE = "probe"
    """The place."""
    ARROW = "arrow"
    """Tail and tip."""
    TEXT = "text"
    """Where the text stands."""

    @property
    def is_region(self) -> bool:
        """Whether it goes around pixels."""
        return self in _REGIONS

    @property
    def is_measured(self) -> bool:
        """Whether it has a value, and is more than a remark."""
        return self not in {MarkKind.ARROW, MarkKind.TEXT}

    @property
    def words(self) -> str:
        """The kind as the beginning of a line."""
        return self.value[:1].upper() + self.value[1:]


_REGIONS = frozenset({MarkKind.RECTANGLE, MarkKind.ELLIPSE, MarkKind.FREEHAND})
POINTS = {
    MarkKind.LENGTH: 2,
    MarkKind.ANGLE: 3,
    MarkKind.COBB: 4,
    MarkKind.BIDIRECTIONAL: 4,
    MarkKind.HEART: 6,
    MarkKind.RECTANGLE: 2,
    MarkKind.ELLIPSE: 2,
    MarkKind.PROBE: 1,
    MarkKind.ARROW: 2,
    MarkKind.TEXT: 1,
}
"""How many points each kind has; a freehand region has three or more."""
_LETTERS = {MarkKind.PROBE: "P", MarkKind.ARROW: "A", MarkKind.TEXT: "T"}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something drawn. `text`: the reader's own words on it. `hidden`: kept, not shown on the film.

    `identifier` stays for ever, `name` (M1, R1, P1, A1, T1) is the same in window, picture and report; a
    mark that is not on a frame yet has neither. Raises `ValueError` for points that cannot be drawn.
    """

    kind: MarkKind
    points: tuple[Point, ...]
    text: str = ""
    identifier: str = ""
    name: str = ""
    hidden: bool = False

    def __post_init__(self) -> None:
        wanted = POINTS.get(self.kind)
        if len(self.points) != wanted if wanted is not None else len(self.points) < 3:
            raise ValueError(f"{len(self.points)} points make no {self.kind}.")
        if not all(isfinite(number) for point in self.points for number in point):
            raise ValueError("The points of a mark are finite.")

    @property
    def label(self) -> str:
        """Its name and the reader's words."""
        return f"{self.name} {self.text}".strip()


@dataclass(frozen=True, slots=True)
class Drawings:
    """The marks on a frame, in the order of drawing. Names count up for each letter and never change."""

    marks: tuple[Mark, ...] = ()

    @property
    def shown(self) -> tuple[Mark, ...]:
        """The marks that are not hidden."""
        return tuple(one for one in self.marks if not one.hidden)

    def find(self, identifier: str) -> Mark | None:
        """The mark of an identifier; None if there is none."""
        return next((one for one in self.marks if one.identifier == identifier), None)

    def with_mark(self, mark: Mark) -> Drawings:
        """The drawings with one more mark, which gets its identifier and name here."""
        named = replace(mark, identifier=uuid.uuid4().hex, name=self._next_name(mark.kind))
        return Drawings((*self.marks, named))

    def changed(self, mark: Mark) -> Drawings:
        """The drawings with a mark in the place of that of its identifier; as they are without one."""
        return Drawings(tuple(mark if one.identifier == mark.identifier else one for one in self.marks))

    def without(self, identifiers: Iterable[str]) -> Drawings:
        """The drawings without these marks."""
        gone = frozenset(identifiers)
        return Drawings(tuple(one for one in self.marks if one.identifier not in gone))

    def joined(self, later: Drawings) -> Drawings:
        """Marks of both; of one that both know, the later one. Names that both gave are given anew."""
        told = {one.identifier for one in later.marks}
        joined = Drawings(tuple(one for one in self.marks if one.identifier not in told))
        for mark in later.marks:
            known = {one.name for one in joined.marks}
            name = mark.name if mark.name not in known else joined._next_name(mark.kind)
            joined = Drawings((*joined.marks, replace(mark, name=name)))
        return joined

    def _next_name(self, kind: MarkKind) -> str:
        letter = _LETTERS.get(kind, "R" if kind.is_region else "M")
        known = [one.name[1:] for one in self.marks if one.name[:1] == letter]
        numbers = [int(number) for number in known if number.isdecimal()]
        return f"{letter}{max(numbers, default=0) + 1}"
