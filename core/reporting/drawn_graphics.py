"""Graphics and texts of a presentation state on a picture that leaves the program; texts are upright."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PIL import ImageDraw

from core.imaging.graphics import Graphic, GraphicKind, TextNote
from core.reporting.lettering import picture_font

_CROSS_PX = 5.0
_RIM = (0, 0, 0)

Spot = tuple[float, float]
"""(x, y) in picture pixels."""
Ink = int | tuple[int, ...]


def draw_graphics(
    draw: ImageDraw.ImageDraw,
    graphics: Sequence[Graphic | TextNote],
    place: Callable[[float, float], Spot],
    size_px: int,
) -> None:
    """Draw all objects in their order, grey on a grey picture. `place`: frame (row, column) to the picture.

    `size_px`: height of letters.
    """
    for one in graphics:
        colour: Ink = one.colour if draw.mode == "RGB" else one.colour[0]
        if isinstance(one, Graphic):
            _draw_graphic(draw, one, place, colour)
        else:
            _draw_note(draw, one, place, colour, size_px)


def _draw_graphic(
    draw: ImageDraw.ImageDraw, graphic: Graphic, place: Callable[[float, float], Spot], colour: Ink
) -> None:
    spots = [place(float(row), float(column)) for row, column in graphic.outline()]
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
    place: Callable[[float, float], Spot],
    colour: Ink,
    size_px: int,
) -> None:
    font = picture_font(size_px)
    anchor = None if note.anchor is None else place(*note.anchor)
    if note.box is not None:
        top, left, bottom, right = note.box
        corners = place(top, left), place(bottom, right)
        corner = min(x for x, _ in corners), min(y for _, y in corners)
    elif anchor is not None:
        corner = anchor[0] + 8, anchor[1] - size_px
    else:
        return
    if anchor is not None and note.anchor_visible:
        draw.line((*anchor, *corner), fill=colour)
    rim: Ink = 0 if isinstance(colour, int) else _RIM
    draw.multiline_text(
        corner, "\n".join(note.lines), fill=colour, font=font, stroke_width=1, stroke_fill=rim
    )
