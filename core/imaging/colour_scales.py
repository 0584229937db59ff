"""Colours of the difference: scales that rise in lightness, and one that tells two signs apart.

Anchors are sRGB; the way between them is straight in Oklab with even steps of lightness, so that every scale
also reads in order for colour-blind readers and on a grey printer. None begins near black: a dark patch on a
dark lung would look like nothing.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

COLOURS = 256
"""Colours of a scale."""

_ANCHORS = {
    "ember": ("#4b2a8c", "#a3308e", "#e4573d", "#fba83a", "#fff6b0"),
    "lagoon": ("#2c3f9e", "#1f7f9c", "#3fb27a", "#b9d84f", "#fdf7b5"),
    "furnace": ("#7a1220", "#b92c1d", "#e8661c", "#f9b233", "#fffbe0"),
    "glacier": ("#1c3f94", "#1f74bd", "#45a9dc", "#9fd8f0", "#f1fbff"),
    # The two arms of the scale for both signs, from their common middle to their ends: vermilion, orange,
    # yellow against blue and sky blue of the set that Okabe and Ito made for all kinds of colour vision
    # (M. Okabe, K. Ito, Color Universal Design, 2008; B. Wong, Nature Methods 8:441, 2011). Neither arm ends
    # in white, where the signs would meet again.
    "both denser": ("#3f3f46", "#b4490a", "#d55e00", "#e69f00", "#f0e442"),
    "both lucent": ("#3f3f46", "#0a5a8c", "#0072b2", "#56b4e9", "#8fd3ff"),
}
BOTH_DENSER, BOTH_LUCENT = "both denser", "both lucent"
"""The two arms of the scale for both signs in one view."""
LUCENT_MAP = "glacier"
"""The scale of "more lucent" alone: one of its own, so that it is never taken for "denser"."""
COLOUR_MAPS = ("ember", "lagoon", "furnace")
"""Scales to choose from for "denser" alone."""


@lru_cache(maxsize=len(_ANCHORS))
def colour_table(name: str) -> NDArray[np.uint8]:
    """256 colours `(256, 3)` sRGB, lightness rising in even steps from the first anchor to the last."""
    anchors = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in _ANCHORS[name]])
    lab = _oklab(anchors / 255.0)
    lightness = np.linspace(lab[0, 0], lab[-1, 0], COLOURS)
    chroma = [np.interp(lightness, lab[:, 0], lab[:, channel]) for channel in (1, 2)]
    table = np.rint(_srgb(np.stack([lightness, *chroma], axis=1)) * 255).astype(np.uint8)
    table.setflags(write=False)
    return table


# Oklab (B. Ottosson, 2020): linear sRGB -> cone responses -> cube root -> lightness and two opponents.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _oklab(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_CONES.T) @ _TO_LAB.T)


def _srgb(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_CONES).T
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
