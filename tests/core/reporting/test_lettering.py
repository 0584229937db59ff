"""Words in pictures fit their room and are readable on any film."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.reporting.lettering import fitting, picture_font, write_rimmed


@pytest.mark.parametrize("width", [60, 200, 2000])
def test_words_fit_their_room(width: int) -> None:
    draw = ImageDraw.Draw(Image.new("RGB", (10, 10)))
    words = "Research use only. Not for diagnosis."
    font = fitting(draw, words, width, 30)
    assert font.size <= 30
    assert draw.textlength(words, font=font) <= max(width, draw.textlength(words, font=picture_font(8)))


@pytest.mark.parametrize("ground", [0, 255])
def test_letters_show_on_black_and_on_white(ground: int) -> None:
    image = Image.new("RGB", (120, 40), (ground,) * 3)
    write_rimmed(ImageDraw.Draw(image), (5, 5), "12", picture_font(20), (236, 238, 240))
    grey = np.asarray(image.convert("L"), int)
    assert np.ptp(grey) > 200
