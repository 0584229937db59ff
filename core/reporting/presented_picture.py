"""A whole frame as a picture with all that lies over it: shutter, overlays, graphics of a presentation state.

What `healthytwin render` writes; the window paints the same parts viewport first.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from core.imaging.composition import ALL_LAYERS, Layers, composed, turned
from core.imaging.display import Levels
from core.imaging.graphics import Graphic, GraphicKind, TextNote
from core.imaging.presentation import Presented
from core.reporting.lettering import picture_font

_CROSS_PX = 5.0
_RIM = (0, 0, 0)


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
    for one in presented.graphics:
        colour = one.colour if picture.ndim == 3 else one.colour[0]
        if isinstance(one, Graphic):
            _draw_graphic(draw, one, presented, colour)
        else:
            _draw_note(draw, one, presented, colour, max(11, round(min(picture.shape[:2]) * 0.025)))
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


def _draw_graphic(
    draw: ImageDraw.ImageDraw, graphic: Graphic, presented: Presented, colour: int | tuple[int, ...]
) -> None:
    spots = [_spot(presented, float(row), float(column)) for row, column in graphic.outline()]
    if graphic.kind is GraphicKind.POINT:
        x, y = spots[0]
        draw.line((x - _CROSS_PX, y, x + _CROSS_PX, y), fill=colour)
        draw.line((x, y - _CROSS_PX, x, y + _CROSS_PX), fill=colour)
        return
    if graphic.filled:
        draw.polygon(spots, fill=colour)
    draw.line(spots, fill=colour)


def _draw_note(
    draw: ImageDraw.ImageDraw,
    note: TextNote,
    presented: Presented,
    colour: int | tuple[int, ...],
    size_px: int,
) -> None:
    font = picture_font(size_px)
    anchor = None if note.anchor is None else _spot(presented, *note.anchor)
    if note.box is not None:
        top, left, bottom, right = note.box
        corners = _spot(presented, top, left), _spot(presented, bottom, right)
        place = min(x for x, _ in corners), min(y for _, y in corners)
    elif anchor is not None:
        place = anchor[0] + 8, anchor[1] - size_px
    else:
        return
    if anchor is not None and note.anchor_visible:
        draw.line((*anchor, *place), fill=colour)
    rim: int | tuple[int, ...] = 0 if isinstance(colour, int) else _RIM
    draw.multiline_text(place, "\n".join(note.lines), fill=colour, font=font, stroke_width=1, stroke_fill=rim)
