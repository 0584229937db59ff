"""Where to look from when a presentation state says what is to be seen (PS3.3 C.10.4, C.10.6)."""

from __future__ import annotations

from core.imaging.presentation import Presented, SizeMode
from viewer.viewpoint import Viewpoint

Box = tuple[float, float, float, float]


def box_of(presented: Presented) -> Box:
    """The part of the frame that a fitted view shows: (top, left, bottom, right)."""
    if presented.area is not None:
        top, left, bottom, right = presented.area.box
        if bottom > top and right > left:
            return presented.area.box
    return 0.0, 0.0, float(presented.frame.rows), float(presented.frame.columns)


def home_of(presented: Presented) -> Viewpoint:
    """Turned and mirrored as the state wants it; place and zoom are still to be found."""
    return Viewpoint(0, 0, 1, presented.quarter_turns, presented.flipped)


def zoom_of(presented: Presented, screen_px_per_mm: float, device_ratio: float) -> float | None:
    """The zoom of a state that wants a size rather than a fit; None where it does not, or does not say.

    `screen_px_per_mm`: of the device-independent pixels of the screen, as the screen tells it: no ruler.
    """
    area = presented.area
    if area is None:
        return None
    if area.mode is SizeMode.MAGNIFY and area.magnification is not None:
        return area.magnification / device_ratio
    if area.mode is SizeMode.TRUE_SIZE and area.spacing_mm is not None and screen_px_per_mm > 0:
        return area.spacing_mm[1] * screen_px_per_mm
    return None
