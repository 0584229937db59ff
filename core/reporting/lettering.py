"""Words in pictures that leave the program: one font, as large as fits, with a rim over a film."""

from __future__ import annotations

from functools import lru_cache

from PIL import ImageDraw, ImageFont

from core.resources import resource_path


@lru_cache(maxsize=16)
def picture_font(size_px: int) -> ImageFont.FreeTypeFont:
    """The font of all pictures that leave the program, 8 px high at least."""
    return ImageFont.truetype(str(resource_path("fonts", "HealthyTwinSans-Bold.ttf")), max(8, size_px))


def fitting(draw: ImageDraw.ImageDraw, text: str, width: int, size_px: int) -> ImageFont.FreeTypeFont:
    """The font, smaller where the text would not fit the width."""
    length = draw.textlength(text, font=picture_font(size_px))
    return picture_font(size_px if length <= width else int(size_px * width / length))


def write_rimmed(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    text: str,
    font: ImageFont.FreeTypeFont,
    colour: tuple[int, int, int],
    anchor: str = "la",
) -> None:
    """Text with a dark rim: readable on black and on white film."""
    rim = max(1, round(font.size / 12))
    draw.text(place, text, font=font, fill=colour, stroke_width=rim, stroke_fill=(0, 0, 0), anchor=anchor)
