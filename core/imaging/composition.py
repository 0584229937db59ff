"""What lies over a picture, put onto presentation values: shutter, overlays, and how the picture is turned.

For pictures that leave the program; the window paints the same parts itself, viewport first
(`viewer.planes`, `viewer.graphic_painter`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.imaging.display import Levels
from core.imaging.frame import Frame
from core.imaging.overlay import drawn_mask
from core.imaging.presentation import Presented

OVERLAY_LEVEL = 255
"""Overlays are white, as everywhere: no colour that could be taken for a finding."""


@dataclass(frozen=True, slots=True)
class Layers:
    """Which of the parts that lie over a picture are shown; `overlays` with the graphics of a state."""

    shutter: bool = True
    overlays: bool = True


ALL_LAYERS = Layers()


def composed(levels: Levels, frame: Frame, layers: Layers = ALL_LAYERS) -> Levels:
    """Presentation values of a whole frame, grey or RGB, with its shutter and then its overlays on them."""
    hidden = frame.hidden() if layers.shutter else None
    drawn = drawn_mask(frame.overlays, frame.rows, frame.columns) if layers.overlays else None
    if hidden is None and (drawn is None or not drawn.any()):
        return levels
    levels = levels.copy()
    if hidden is not None and frame.shutter is not None:
        levels[hidden] = frame.shutter.level
    if drawn is not None:
        levels[drawn] = OVERLAY_LEVEL
    return levels


def turned(levels: Levels, presented: Presented) -> Levels:
    """A whole picture as it stands on the screen: mirrored left to right, then turned clockwise."""
    if presented.flipped:
        levels = levels[:, ::-1]
    return np.ascontiguousarray(np.rot90(levels, -presented.quarter_turns))
