"""What the colours and stripes of a picture mean, in the strip below it: fixed units, threshold, patterns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from core.imaging.findings import Sign
from core.imaging.heatmap import (
    AGREEMENT_BOTH,
    AGREEMENT_ONLY_A,
    AGREEMENT_ONLY_B,
    SCALE_MAX,
    HeatmapStyle,
    agreement_overlay,
    legend,
)
from core.reporting.lettering import fitting, picture_font

STRIP_COLOUR = (17, 18, 20)
TEXT_COLOUR = (236, 238, 240)
QUIET_COLOUR = (176, 182, 188)
"""The strip below a film, its words, and its lesser words."""


def stripe_period(font_px: int) -> int:
    """Width of a stripe of the agreement with its gap, for a picture with letters of this size."""
    return max(6, round(0.5 * font_px))


def draw_legend(
    image: Image.Image, place: tuple[int, int], width: int, style: HeatmapStyle, font_px: int
) -> None:
    """The colour scale in fixed units with the threshold, or both, on it; `place`: (column, row)."""
    draw = ImageDraw.Draw(image)
    column, row = place
    high, gap = round(0.75 * font_px), round(0.4 * font_px)
    label = _threshold_words(style)
    first = f"-{SCALE_MAX:.2f}+" if style.both_signs else "0"
    first, last = first.replace("-", "−"), f"{SCALE_MAX:.2f}+"
    widest = max((label, "threshold 0.000"), key=lambda words: draw.textlength(words, font=picture_font(100)))
    # The scale keeps a third of the strip at least.
    font = fitting(draw, f"{first}{last}{widest}", round(width * 0.66) - 4 * gap, round(0.82 * font_px))
    label_width = round(draw.textlength(widest, font=font))
    ends = [round(draw.textlength(word, font=font)) for word in (first, last)]
    long = max(8, width - label_width - sum(ends) - 4 * gap)
    strip = legend(style, long)[::-1].transpose(1, 0, 2)
    share = strip[..., 3:].astype(np.float32) / 255
    colours = strip[..., :3] * share + np.array(STRIP_COLOUR, np.float32) * (1 - share)
    bar = Image.fromarray(np.rint(colours).astype(np.uint8)).resize((long, high), Image.Resampling.NEAREST)
    middle = row + font_px // 2
    start = column + ends[0] + gap
    draw.text((column, middle), first, font=font, fill=QUIET_COLOUR, anchor="lm")
    image.paste(bar, (start, middle - high // 2))
    draw.text((start + long + gap, middle), last, font=font, fill=QUIET_COLOUR, anchor="lm")
    draw.text((column + width, middle), label, font=font, fill=TEXT_COLOUR, anchor="rm")


def draw_swatches(
    image: Image.Image, place: tuple[int, int], width: int, names: Sequence[str], font_px: int
) -> None:
    """The patterns of the agreement of two models, as the film above has them; `place`: (column, row)."""
    draw = ImageDraw.Draw(image)
    column, row = place
    side = font_px
    entries = (
        (AGREEMENT_BOTH, "both"),
        (AGREEMENT_ONLY_A, f"only {names[0]}"),
        (AGREEMENT_ONLY_B, f"only {names[1]}"),
    )
    wide, gap = 2 * side, round(0.3 * side)
    room = width - len(entries) * (wide + 3 * gap)
    font = fitting(draw, "".join(words for _, words in entries), room, round(0.8 * side))
    for label, words in entries:
        tile = agreement_overlay(np.full((side, wide), label, np.uint8), 1.0, stripe_period(font_px))
        layer = Image.fromarray(tile)
        image.paste(layer.convert("RGB"), (column, row), layer.getchannel("A"))
        spot = (column + wide + gap, row + side // 2)
        draw.text(spot, words, font=font, fill=TEXT_COLOUR, anchor="lm")
        column += round(wide + 3 * gap + draw.textlength(words, font=font))


def _threshold_words(style: HeatmapStyle) -> str:
    values = [style.threshold_of(sign) for sign in (Sign.DENSER, Sign.LUCENT)]
    if not style.both_signs:
        values = [style.threshold]
    if not np.isfinite(values).any():
        return "no threshold is reached"
    if len(values) == 1:
        return f"threshold {values[0]:.3f}"
    shown = [f"{value:.3f}" if np.isfinite(value) else "none" for value in values]
    return f"thresholds +{shown[0]}, −{shown[1]}"
