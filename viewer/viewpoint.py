"""From where a frame is looked at, and the way between frame positions and screen positions.

Frame positions are continuous (row, column): pixel (r, c) covers r to r + 1 and c to c + 1, so its
centre lies at (r + 0.5, c + 0.5) and `floor` names the pixel. Screen positions are device-independent
pixels from the top left corner of the viewport.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from core.imaging.frame import opposite_direction

MINIMUM_ZOOM = 0.01
MAXIMUM_ZOOM = 64.0


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """Which frame position stands in the middle of the viewport, how large, how turned.

    `zoom`: device-independent screen pixels along one frame pixel of a row. `quarter_turns`: clockwise.
    `flipped`: mirrored left to right before it is turned.
    """

    row: float
    column: float
    zoom: float
    quarter_turns: int = 0
    flipped: bool = False

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in (self.row, self.column, self.zoom)):
            raise ValueError("A viewpoint needs finite numbers.")
        object.__setattr__(self, "zoom", min(max(self.zoom, MINIMUM_ZOOM), MAXIMUM_ZOOM))
        object.__setattr__(self, "quarter_turns", self.quarter_turns % 4)

    def turned(self, quarter_turns: int) -> Viewpoint:
        """The same place, turned clockwise on the screen."""
        return replace(self, quarter_turns=self.quarter_turns + quarter_turns)

    def mirrored(self, *, left_right: bool) -> Viewpoint:
        """The same place, mirrored on the screen: left to right, or top to bottom."""
        turns = -self.quarter_turns if left_right else 2 - self.quarter_turns
        return replace(self, quarter_turns=turns, flipped=not self.flipped)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Frame positions to the screen and back, for one viewpoint and one size of viewport.

    `aspect`: height of a frame pixel over its width (row spacing / column spacing).
    """

    viewpoint: Viewpoint
    width: float
    height: float
    aspect: float = 1.0

    @property
    def matrix(self) -> tuple[float, float, float, float, float, float]:
        """(a, b, c, d, x, y): screen x = a*column + b*row + x, screen y = c*column + d*row + y."""
        view = self.viewpoint
        cosine, sine = ((1, 0), (0, 1), (-1, 0), (0, -1))[view.quarter_turns]
        across = -view.zoom if view.flipped else view.zoom
        down = view.zoom * self.aspect
        a, b, c, d = cosine * across, -sine * down, sine * across, cosine * down
        x = self.width / 2 - a * view.column - b * view.row
        y = self.height / 2 - c * view.column - d * view.row
        return a, b, c, d, x, y

    def to_screen(self, row: float, column: float) -> tuple[float, float]:
        """Screen (x, y) of a frame position."""
        a, b, c, d, x, y = self.matrix
        return a * column + b * row + x, c * column + d * row + y

    def to_frame(self, screen_x: float, screen_y: float) -> tuple[float, float]:
        """Frame (row, column) under a screen position."""
        a, b, c, d, x, y = self.matrix
        determinant = a * d - b * c
        across, down = screen_x - x, screen_y - y
        return (a * down - c * across) / determinant, (d * across - b * down) / determinant

    def dragged(self, across: float, down: float) -> Viewpoint:
        """The viewpoint after the image was dragged by so many screen pixels."""
        row, column = self.to_frame(self.width / 2 - across, self.height / 2 - down)
        return replace(self.viewpoint, row=row, column=column)

    def zoomed(self, factor: float, screen_x: float, screen_y: float) -> Viewpoint:
        """The viewpoint after zooming by `factor`, with the frame position under (x, y) left in place."""
        row, column = self.to_frame(screen_x, screen_y)
        larger = replace(self.viewpoint, zoom=self.viewpoint.zoom * factor)
        moved_x, moved_y = replace(self, viewpoint=larger).to_screen(row, column)
        return replace(self, viewpoint=larger).dragged(screen_x - moved_x, screen_y - moved_y)


def fitted(
    frame_shape: tuple[float, float],
    width: float,
    height: float,
    *,
    aspect: float = 1.0,
    quarter_turns: int = 0,
    flipped: bool = False,
) -> Viewpoint:
    """The viewpoint that shows all of a frame of (rows, columns) as large as the viewport allows."""
    rows, columns = frame_shape
    across, down = float(columns), rows * aspect
    if quarter_turns % 2:
        across, down = down, across
    zoom = min(max(width, 1.0) / across, max(height, 1.0) / down)
    return Viewpoint(rows / 2, columns / 2, zoom, quarter_turns, flipped)


def fitted_to(
    box: tuple[float, float, float, float],
    width: float,
    height: float,
    *,
    aspect: float,
    turned_as: Viewpoint,
) -> Viewpoint:
    """The viewpoint that shows a part of a frame, (top, left, bottom, right), as large as it can be."""
    top, left, bottom, right = box
    size = (bottom - top, right - left)
    turns, flipped = turned_as.quarter_turns, turned_as.flipped
    view = fitted(size, width, height, aspect=aspect, quarter_turns=turns, flipped=flipped)
    return replace(view, row=(top + bottom) / 2, column=(left + right) / 2)


def edge_letters(patient_orientation: tuple[str, str], viewpoint: Viewpoint) -> tuple[str, str, str, str]:
    """Patient directions at the (left, top, right, bottom) edge of the screen; "" where not known.

    `patient_orientation`: the letter groups of PS3.3 C.7.6.1.1.1, towards the right of a row and the
    bottom of a column.
    """
    right, bottom = patient_orientation
    left, top = opposite_direction(right), opposite_direction(bottom)
    if viewpoint.flipped:
        left, right = right, left
    edges = [left, top, right, bottom]
    turns = viewpoint.quarter_turns
    # Turned clockwise once, what was at the left edge stands at the top.
    return edges[-turns % 4], edges[(1 - turns) % 4], edges[(2 - turns) % 4], edges[(3 - turns) % 4]
