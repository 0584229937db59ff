"""Graphic annotations and layers of a presentation state (PS3.3 C.10.5, C.10.7), in frame positions.

Objects come in the order of their layers, those in front last. What is damaged or unknown is left out with a
note. Positions relative to the displayed area are brought onto the frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from core.imaging.graphics import NEUTRAL, Colour, Graphic, GraphicKind, Place, TextNote

if TYPE_CHECKING:
    from core.dicom.tags import Attributes
    from core.imaging.presentation import Scope

GRAPHIC_KEYWORDS = ("GraphicAnnotationSequence", "GraphicLayerSequence")
_FEWEST_POINTS = {GraphicKind.POINT: 1, GraphicKind.CIRCLE: 2, GraphicKind.ELLIPSE: 4}
_MOST_POINTS = 100_000

ToFrame = Callable[[str, float, float], Place | None]
Annotations = tuple[tuple["Scope | None", Graphic | TextNote], ...]


def graphics_of(
    attributes: Attributes,
    scope_of: Callable[[Attributes], Scope | None],
    area: tuple[float, float, float, float] | None,
    quarter_turns: int,
    *,
    flipped: bool,
) -> Annotations:
    """All objects with the images that they are on. `area`: displayed box (top, left, bottom, right)."""

    def to_frame(units: str, x: float, y: float) -> Place | None:
        if units in ("PIXEL", "MATRIX", ""):
            return y, x
        if units != "DISPLAY" or area is None:
            return None
        # From the screen back: undo the mirroring, then the turns (PS3.3 C.10.5.1.2).
        across, down = (1 - x if flipped else x), y
        for _ in range(quarter_turns % 4):
            across, down = down, 1 - across
        top, left, bottom, right = area
        return top + down * (bottom - top), left + across * (right - left)

    layers = {
        layer.text("GraphicLayer"): (layer.number("GraphicLayerOrder") or 0, _colour(layer))
        for layer in attributes.items("GraphicLayerSequence")
    }
    found: list[tuple[float, Scope | None, Graphic | TextNote]] = []
    for item in attributes.items("GraphicAnnotationSequence"):
        order, colour = layers.get(item.text("GraphicLayer"), (0.0, NEUTRAL))
        scope = scope_of(item)
        found += [(order, scope, one) for one in _graphics(item, to_frame, colour)]
        found += [(order, scope, one) for one in _texts(item, to_frame, colour)]
        if item.items("CompoundGraphicSequence"):
            attributes.note("Compound graphics of the presentation state are not drawn.")
    found.sort(key=lambda one: one[0])
    return tuple((scope, one) for _, scope, one in found)


def _graphics(item: Attributes, to_frame: ToFrame, colour: Colour) -> Iterator[Graphic]:
    for drawn in item.items("GraphicObjectSequence"):
        kind = drawn.code("GraphicType")
        numbers = drawn.numbers("GraphicData")
        units = drawn.code("GraphicAnnotationUnits")
        if kind not in set(GraphicKind) or len(numbers) > 2 * _MOST_POINTS:
            item.note(f"A graphic object of the kind “{kind}” is not drawn.")
            continue
        places = [to_frame(units, x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=False)]
        points = tuple(place for place in places if place is not None)
        if len(points) != len(places) or len(points) < _FEWEST_POINTS.get(GraphicKind(kind), 2):
            item.note("A graphic object is damaged and is not drawn.")
            continue
        yield Graphic(GraphicKind(kind), points, drawn.code("GraphicFilled") == "Y", colour)


def _texts(item: Attributes, to_frame: ToFrame, colour: Colour) -> Iterator[TextNote]:
    for text in item.items("TextObjectSequence"):
        lines = text.lines("UnformattedTextValue")
        box_units = text.code("BoundingBoxAnnotationUnits")
        first = _corner(text, "BoundingBoxTopLeftHandCorner", box_units, to_frame)
        last = _corner(text, "BoundingBoxBottomRightHandCorner", box_units, to_frame)
        anchor = _corner(text, "AnchorPoint", text.code("AnchorPointAnnotationUnits"), to_frame)
        box = None
        if first is not None and last is not None:
            (top, bottom), (left, right) = sorted((first[0], last[0])), sorted((first[1], last[1]))
            box = (top, left, bottom, right)
        if not lines or (box is None and anchor is None):
            item.note("A text object is damaged and is not drawn.")
            continue
        justification = text.code("BoundingBoxTextHorizontalJustification") or "LEFT"
        visible = text.code("AnchorPointVisibility") == "Y"
        yield TextNote(lines, box, anchor, visible, justification, colour)


def _corner(text: Attributes, keyword: str, units: str, to_frame: ToFrame) -> Place | None:
    numbers = text.numbers(keyword)
    return to_frame(units, numbers[0], numbers[1]) if len(numbers) == 2 else None


def _colour(layer: Attributes) -> Colour:
    """The layer's own colour or grey; neutral without one."""
    lab = layer.words("GraphicLayerRecommendedDisplayCIELabValue")
    if lab and len(lab) == 3:
        return cielab_to_rgb(lab)
    grey = layer.words("GraphicLayerRecommendedDisplayGrayscaleValue")
    if grey:
        level = round(grey[0] / 257)
        return level, level, level
    return NEUTRAL


def cielab_to_rgb(words: tuple[int, ...]) -> Colour:
    """SRGB of a PCS value as DICOM writes it: 16 bit words, white point D50 (PS3.3 C.10.7.1.1)."""
    lightness = words[0] * 100 / 65_535
    a, b = (word * 255 / 65_535 - 128 for word in words[1:])
    fy = (lightness + 16) / 116
    x, y, z = (
        white * (f**3 if f > 6 / 29 else 3 * (6 / 29) ** 2 * (f - 4 / 29))
        for white, f in ((0.9642, fy + a / 500), (1.0, fy), (0.8249, fy - b / 200))
    )
    # XYZ of D50 to linear sRGB, with the Bradford adaptation in the matrix.
    linear = (
        3.1338561 * x - 1.6168667 * y - 0.4906146 * z,
        -0.9787684 * x + 1.9161415 * y + 0.0334540 * z,
        0.0719453 * x - 0.2289914 * y + 1.4052427 * z,
    )
    red, green, blue = (
        round(255 * min(max(12.92 * v if v <= 0.0031308 else 1.055 * v ** (1 / 2.4) - 0.055, 0), 1))
        for v in (max(part, 0.0) for part in linear)
    )
    return red, green, blue
