"""Edges of what the network was really given, to be laid over the film that they came from.

If the lines lie on the ribs and borders of the film, so does every map: both go the same way back, by crop
and scale that `ModelInput` keeps.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.imaging.model_input import ModelInput
from core.imaging.residuals import UPSAMPLING, FloatImage

EDGE_COLOUR = (64, 224, 208)
"""Turquoise: no scale of the heatmap has it."""
_LEAST_STEP = 0.02  # of the grey range from one cell to the next: fainter ones are noise
_ECHO, _ECHO_CELLS = 0.3, 2  # resampling leaves faint echoes beside a strong edge: they are none
_SHARE = 0.10  # the strongest of the rest, so that a busy film does not drown in lines


def input_edges(model_input: ModelInput) -> NDArray[np.bool_]:
    """Where the grey values of the model's input change most, `(4 size, 4 size)` on its crop.

    Ridges of the gradient, two fine cells wide, between the cells of the grid: half of a cell is the least
    that can be told. Where the grid shows padding there is none.
    """
    fine = _smoothly_upsampled(model_input.pixels)
    down, across = (np.asarray(one, np.float32) for one in np.gradient(fine))
    strength = np.hypot(down, across)
    ridge = _ridges(strength, down, across)
    valid = model_input.valid.repeat(UPSAMPLING, axis=0).repeat(UPSAMPLING, axis=1)
    ridge &= valid
    ridge &= strength >= _LEAST_STEP / UPSAMPLING
    ridge &= strength >= _ECHO * _strongest_around(strength, _ECHO_CELLS * UPSAMPLING)
    if ridge.any():
        keep = round(_SHARE * strength.size / UPSAMPLING)
        strongest = np.sort(strength[ridge])[::-1]
        ridge &= strength >= strongest[min(keep, strongest.size) - 1]
    ridge[:, 1:] |= ridge[:, :-1].copy()
    ridge[1:] |= ridge[:-1].copy()
    return np.asarray(ridge & valid)


def edge_overlay(edges: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Edges as RGBA `(rows, columns, 4)`: opaque lines, clear elsewhere."""
    picture = np.zeros((*edges.shape, 4), np.uint8)
    # The colour is everywhere, so that smooth scaling brings no dark rims.
    picture[..., :3] = EDGE_COLOUR
    picture[..., 3] = np.where(edges, 255, 0)
    return picture


def _strongest_around(strength: FloatImage, reach: int) -> FloatImage:
    """The largest value at most `reach` cells away along rows and columns."""
    padded = np.pad(strength, reach)
    for _ in range(2):
        grown = 1
        while grown <= 2 * reach:
            step = min(grown, 2 * reach + 1 - grown)
            padded = np.maximum(padded[:-step], padded[step:])
            grown += step
        padded = padded.T
    return padded


def _smoothly_upsampled(pixels: FloatImage) -> FloatImage:
    """The grid on cells a quarter as wide, smooth in its first derivative."""
    from PIL import Image

    size = pixels.shape[0] * UPSAMPLING
    fine = Image.fromarray(np.ascontiguousarray(pixels, np.float32)).resize(
        (size, size), Image.Resampling.BICUBIC
    )
    return np.asarray(fine, np.float32)


def _ridges(strength: FloatImage, down: FloatImage, across: FloatImage) -> NDArray[np.bool_]:
    """Cells whose gradient is at least as strong as before and behind, along the gradient."""
    padded = np.pad(strength, 1)
    middle = padded[1:-1, 1:-1]

    def at(row: int, column: int) -> FloatImage:
        return padded[1 + row : padded.shape[0] - 1 + row, 1 + column : padded.shape[1] - 1 + column]

    steep, flat = np.abs(down) > 2.4142 * np.abs(across), np.abs(across) > 2.4142 * np.abs(down)
    falling = (down * across > 0) & ~steep & ~flat
    rising = ~steep & ~flat & ~falling
    ridge = np.zeros(strength.shape, np.bool_)
    for lies, (row, column) in ((steep, (1, 0)), (flat, (0, 1)), (falling, (1, 1)), (rising, (1, -1))):
        # One of two equals, else an edge in the middle of two cells would have two lines, or none.
        ridge |= lies & (middle >= at(row, column)) & (middle > at(-row, -column))
    return ridge
