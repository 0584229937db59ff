"""Vector graphics and texts that a presentation state lays over a frame (PS3.3 C.10.5), in frame positions.

Positions are continuous (row, column): pixel (r, c) covers r to r + 1 and c to c + 1, as the standard counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Place = tuple[float, float]
Colour = tuple[int, int, int]
Line = NDArray[np.float64]

# Neutral, so that it is never taken for a finding or a mark of the reader.
NEUTRAL: Colour = (255, 255, 255)
_STEPS_ROUND = 96
_STEPS_BETWEEN = 12


class GraphicKind(StrEnum):
    """Graphic Type (0070,0023)."""

    POINT = "POINT"
    POLYLINE = "POLYLINE"
    INTERPOLATED = "INTERPOLATED"
    CIRCLE = "CIRCLE"
    ELLIPSE = "ELLIPSE"


@dataclass(frozen=True, slots=True)
class Graphic:
    """A drawn object.

    `points` as the file gives them: a circle by its centre and a point on it, an ellipse by the ends of its
    major and of its minor axis, all else by what it goes through.
    """

    kind: GraphicKind
    points: tuple[Place, ...]
    filled: bool = False
    colour: Colour = NEUTRAL

    def outline(self) -> Line:
        """The object as one line through `(n, 2)` positions; a point is a line of one."""
        points = np.array(self.points, np.float64).reshape(-1, 2)
        if self.kind is GraphicKind.CIRCLE:
            spoke = points[1] - points[0]
            return _round(points[0], spoke, np.array([-spoke[1], spoke[0]]))
        if self.kind is GraphicKind.ELLIPSE:
            centre = points.mean(axis=0)
            return _round(centre, (points[1] - points[0]) / 2, (points[3] - points[2]) / 2)
        if self.kind is GraphicKind.INTERPOLATED and len(points) > 2:
            return _through(points)
        return points


@dataclass(frozen=True, slots=True)
class TextNote:
    """A text object: in a box (top, left, bottom, right), at an anchor, or both. Lines as in the file."""

    lines: tuple[str, ...]
    box: tuple[float, float, float, float] | None = None
    anchor: Place | None = None
    anchor_visible: bool = False
    justification: str = "LEFT"
    colour: Colour = NEUTRAL


def _round(centre: Line, one: Line, other: Line) -> Line:
    """A closed ellipse by its centre and two half axes."""
    turn = np.linspace(0, 2 * np.pi, _STEPS_ROUND + 1)[:, None]
    return np.asarray(centre + np.cos(turn) * one + np.sin(turn) * other)


def _through(points: Line) -> Line:
    """A smooth curve through all points (Catmull-Rom); closed if it ends where it begins."""
    closed = bool((points[0] == points[-1]).all())
    before = points[-2] if closed else 2 * points[0] - points[1]
    after = points[1] if closed else 2 * points[-1] - points[-2]
    known = np.vstack([before, points, after])
    part = np.linspace(0, 1, _STEPS_BETWEEN, endpoint=False)[:, None]
    pieces = []
    for place in range(1, len(known) - 2):
        a, b, c, d = known[place - 1 : place + 3]
        pieces.append(
            0.5
            * (
                2 * b
                + (c - a) * part
                + (2 * a - 5 * b + 4 * c - d) * part**2
                + (3 * b - a - 3 * c + d) * part**3
            )
        )
    return np.vstack([*pieces, points[-1:]])
