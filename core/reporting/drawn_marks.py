"""Marks of the reader on a picture that leaves the program, by the same geometry as in the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, hypot, sin

from PIL import ImageDraw, ImageFont

from core.imaging.mark_geometry import lines_of, words_place
from core.imaging.marks import Mark, MarkKind, Point
from core.imaging.measurements import Measured
from core.reporting.lettering import picture_font, write_rimmed

Spot = tuple[float, float]
"""(x, y) in picture pixels."""

MARK_COLOUR = (120, 220, 255)
_RIM_COLOUR = (0, 0, 0)
_BARB_TURNS = (2.65, -2.65)
_WORDS_SHARE = 0.62


def draw_marks(
    draw: ImageDraw.ImageDraw,
    marks: Sequence[Mark],
    measured: Measured,
    place: Callable[[Point], Spot],
    size: tuple[int, int],
    font_px: int,
) -> None:
    """Draw marks with names and values; `place` turns frame positions into those of a picture of `size`."""
    for mark in marks:
        lines = [
            tuple(place(point) for point in line)
            for line in lines_of(mark.kind, mark.points, measured.spacing.aspect)
        ]
        _draw_lines(draw, [*lines, *_ornaments(mark, place, font_px)], font_px)
    taken: list[tuple[float, float, float, float]] = []
    for mark in marks:
        _draw_words(draw, mark, measured.beside(mark), place, size, font_px, taken)


def _ornaments(mark: Mark, place: Callable[[Point], Spot], font_px: int) -> list[tuple[Spot, ...]]:
    """What has the same size on every picture: end bars, barbs of an arrow, the cross of a probe."""
    spots = [place(point) for point in mark.points]
    lines: list[tuple[Spot, ...]] = []
    if mark.kind is MarkKind.PROBE:
        (x, y), arm = spots[0], font_px * 0.5
        lines += [((x - arm, y), (x + arm, y)), ((x, y - arm), (x, y + arm))]
    if mark.kind is MarkKind.ARROW:
        tail, tip = spots
        along, barb = _unit(tail, tip), font_px * 0.8
        for turn in _BARB_TURNS:
            across = along[0] * cos(turn) - along[1] * sin(turn)
            down = along[0] * sin(turn) + along[1] * cos(turn)
            lines.append(((tip[0] + barb * across, tip[1] + barb * down), tip))
    if mark.kind is MarkKind.LENGTH:
        along = _unit(spots[0], spots[1])
        bar = (-along[1] * font_px * 0.35, along[0] * font_px * 0.35)
        lines += [((x - bar[0], y - bar[1]), (x + bar[0], y + bar[1])) for x, y in spots]
    return lines


def _draw_lines(draw: ImageDraw.ImageDraw, lines: Sequence[tuple[Spot, ...]], font_px: int) -> None:
    for colour, width in ((_RIM_COLOUR, 4), (MARK_COLOUR, 2)):
        for line in lines:
            draw.line(list(line), fill=colour, width=max(width // 2, round(width * font_px / 20)))


def _draw_words(
    draw: ImageDraw.ImageDraw,
    mark: Mark,
    lines: tuple[str, ...],
    place: Callable[[Point], Spot],
    size: tuple[int, int],
    font_px: int,
    taken: list[tuple[float, float, float, float]],
) -> None:
    """Its words beside the mark, moved back onto the film and off the words of others."""
    font_px = max(11, round(_WORDS_SHARE * font_px))
    font = picture_font(font_px)
    lines = tuple(_elided(draw, line, font, 0.6 * size[0]) for line in lines)
    spot, gap = place(words_place(mark.kind, mark.points)), font_px * 0.4
    wide = max(draw.textlength(line, font=font) for line in lines)
    step = 1.3 * font_px
    high = step * len(lines)
    x, y = spot[0] + gap, spot[1] + gap
    if mark.kind is MarkKind.ARROW:
        # Behind the tail, out of the way of the shaft.
        tail, tip = (place(point) for point in mark.points)
        along = _unit(tail, tip)
        x = tail[0] - along[0] * (wide / 2 + gap) - wide / 2
        y = tail[1] - along[1] * (high / 2 + gap) - high / 2
    x = min(max(x, gap), max(size[0] - wide - gap, gap))
    y = _free_row(x, min(max(y, gap), max(size[1] - high - gap, gap)), wide, high, size[1], taken)
    taken.append((x, y, x + wide, y + high))
    near = min(max(spot[0], x), x + wide), min(max(spot[1], y), y + high)
    if hypot(spot[0] - near[0], spot[1] - near[1]) > 1.5 * font_px and not mark.kind.is_region:
        draw.line((spot, near), fill=MARK_COLOUR, width=max(1, round(font_px / 16)))
    for number, line in enumerate(lines):
        write_rimmed(draw, (x, y + number * step), line, font, MARK_COLOUR)


def _elided(draw: ImageDraw.ImageDraw, line: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """A line that fits; the table of measurements has it whole."""
    if draw.textlength(line, font=font) <= room:
        return line
    while line and draw.textlength(f"{line}…", font=font) > room:
        line = line[:-1]
    return f"{line.rstrip()}…"


def _free_row(
    x: float, y: float, wide: float, high: float, most: float, taken: list[tuple[float, float, float, float]]
) -> float:
    """The row nearest to the wanted one where nothing stands in the way; the wanted one if there is none."""
    rows = [y, *(row for _, top, _, bottom in taken for row in (bottom, top - high))]
    for row in sorted(rows, key=lambda row: abs(row - y)):
        in_the_way = any(
            left < x + wide and x < right and top < row + high and row < bottom
            for left, top, right, bottom in taken
        )
        if 0 <= row <= most - high and not in_the_way:
            return row
    return y


def _unit(start: Spot, end: Spot) -> Spot:
    """The direction of a line; to the right for one without length."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = hypot(across, down)
    return (across / length, down / length) if length else (1.0, 0.0)
