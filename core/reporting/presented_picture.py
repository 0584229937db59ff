"""A whole frame as a picture with all that lies over it: shutter, overlays, graphics of a presentation state.

What `healthytwin render` writes; the window paints the same parts viewport first.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from PIL import Image, ImageDraw

from core.imaging.composition import ALL_LAYERS, Layers, composed, turned
from core.imaging.display import Levels
from core.imaging.presentation import Presented
from core.reporting.drawn_graphics import draw_graphics


def presented_picture(levels: Levels, presented: Presented, layers: Layers = ALL_LAYERS) -> Levels:
    """Presentation values of a whole frame with its layers, as it stands on the screen.

    Grey stays grey unless a state draws in colour: then it becomes RGB. Texts are upright, whatever turns.
    """
    picture = turned(composed(levels, presented.frame, layers), presented)
    if not layers.overlays or not presented.graphics:
        return picture
    if picture.ndim == 2 and any(len(set(one.colour)) > 1 for one in presented.graphics):
        picture = np.repeat(picture[..., None], 3, axis=2)
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    size_px = max(11, round(min(picture.shape[:2]) * 0.025))
    draw_graphics(draw, presented.graphics, partial(_spot, presented), size_px)
    return np.array(image)


def _spot(presented: Presented, row: float, column: float) -> tuple[float, float]:
    """(x, y) in the turned picture of a frame position, for a pixel's centre to stay one."""
    rows, columns = float(presented.frame.rows), float(presented.frame.columns)
    if presented.flipped:
        column = columns - column
    for _ in range(presented.quarter_turns):
        row, column = column, rows - row
        rows, columns = columns, rows
    return column - 0.5, row - 0.5
