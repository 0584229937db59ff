"""The display shutters of an image or a presentation state (PS3.3 C.7.6.11, C.7.6.15, C.7.6.16.2.16).

Edges, centres and corners count from 1 in the file and name pixels that are still visible; here they count
from 0. A shape without usable numbers is left out with a note: what is not hidden can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.imaging.shutter import Shutter

if TYPE_CHECKING:
    from core.dicom.tags import Attributes
    from core.imaging.overlay import Overlay

SHUTTER_KEYWORDS = (
    *("ShutterShape", "ShutterLeftVerticalEdge", "ShutterRightVerticalEdge"),
    *("ShutterUpperHorizontalEdge", "ShutterLowerHorizontalEdge", "CenterOfCircularShutter"),
    *("RadiusOfCircularShutter", "VerticesOfThePolygonalShutter", "ShutterPresentationValue"),
    *("ShutterOverlayGroup", "PixelAspectRatio"),
)
_RECTANGLE_EDGES = (
    *("ShutterUpperHorizontalEdge", "ShutterLeftVerticalEdge"),
    *("ShutterLowerHorizontalEdge", "ShutterRightVerticalEdge"),
)


def display_shutter(
    attributes: Attributes, overlays: Sequence[Overlay] = (), aspect: float = 1.0
) -> Shutter | None:
    """The shutters of a data set as one; None if it has none. `aspect`: height of a pixel over its width."""
    shapes = {shape.upper() for shape in attributes.texts("ShutterShape")}
    rectangle = _rectangle(attributes) if "RECTANGULAR" in shapes else None
    circle = _circle(attributes) if "CIRCULAR" in shapes else None
    polygon = _polygon(attributes) if "POLYGONAL" in shapes else ()
    bitmap = _bitmap(attributes, overlays) if "BITMAP" in shapes else None
    if rectangle is None and circle is None and not polygon and bitmap is None:
        return None
    # A P-value of 16 bits: 0 is black, 65535 white.
    words = attributes.words("ShutterPresentationValue") or (0,)
    return Shutter(rectangle, circle, polygon, bitmap, round(words[0] / 257), aspect)


def _rectangle(attributes: Attributes) -> tuple[int, int, int, int] | None:
    edges = [attributes.integer(keyword) for keyword in _RECTANGLE_EDGES]
    if any(edge is None for edge in edges):
        attributes.note("The rectangular shutter has no usable edges and is not shown.")
        return None
    top, left, bottom, right = (edge - 1 for edge in edges if edge is not None)
    if bottom < top or right < left:
        attributes.note("The rectangular shutter would hide everything and is not shown.")
        return None
    return top, left, bottom, right


def _circle(attributes: Attributes) -> tuple[float, float, float] | None:
    centre, radius = (
        attributes.numbers("CenterOfCircularShutter"),
        attributes.number("RadiusOfCircularShutter"),
    )
    if len(centre) != 2 or radius is None or radius <= 0:
        attributes.note("The circular shutter has no usable centre or radius and is not shown.")
        return None
    return centre[0] - 1, centre[1] - 1, radius


def _polygon(attributes: Attributes) -> tuple[tuple[float, float], ...]:
    numbers = attributes.numbers("VerticesOfThePolygonalShutter")
    corners = tuple((row - 1, column - 1) for row, column in zip(numbers[::2], numbers[1::2], strict=False))
    if corners and corners[0] == corners[-1]:
        corners = corners[:-1]
    if len(corners) < 3 or len(numbers) % 2:
        attributes.note("The polygonal shutter has no usable corners and is not shown.")
        return ()
    return corners


def _bitmap(attributes: Attributes, overlays: Sequence[Overlay]) -> Overlay | None:
    words = attributes.words("ShutterOverlayGroup")
    plane = next((one for one in overlays if words and one.group == words[0]), None)
    if plane is None:
        attributes.note("The overlay of the bitmap shutter is missing; it is not shown.")
    return plane
