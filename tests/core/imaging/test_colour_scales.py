"""Colours of both signs stay apart for every kind of colour vision, measured in CIE L*a*b*."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from test_heatmap import COLOUR_VISION

from core.imaging.colour_scales import BOTH_DENSER, BOTH_LUCENT, COLOUR_MAPS, LUCENT_MAP, colour_table

Floats = NDArray[np.float64]

# sRGB to XYZ (IEC 61966-2-1), white D65.
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = np.array([0.9505, 1.0, 1.089])
# A difference of 2.3 can just be seen; ten times as much is another colour.
CLEARLY = 23.0


def lab(colours: NDArray[np.uint8], vision: str) -> Floats:
    """CIE L*a*b* (1976) of colours as somebody with this vision sees them (Machado and others, 2009)."""
    srgb = np.asarray(colours, np.float64) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ COLOUR_VISION[vision].T, 0, 1)
    share = (seen @ _TO_XYZ.T) / _WHITE
    root = np.where(share > (6 / 29) ** 3, np.cbrt(share), share / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * root[:, 1] - 16, 500 * (root[:, 0] - root[:, 1]), 200 * (root[:, 1] - root[:, 2])], axis=1
    )


def distance(one: Floats, other: Floats) -> Floats:
    return np.asarray(np.linalg.norm(one - other, axis=-1))


@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_both_ends_and_the_middle_are_three_colours_for_every_reader(vision: str) -> None:
    denser, lucent = (lab(colour_table(name), vision) for name in (BOTH_DENSER, BOTH_LUCENT))
    assert distance(denser[-1], lucent[-1]) > 2 * CLEARLY
    for arm in (denser, lucent):
        assert distance(arm[-1], arm[0]) > 2 * CLEARLY, "end and middle"
    assert distance(denser[0], lucent[0]) == pytest.approx(0), "they begin at one colour"


@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_equal_differences_of_other_sign_look_different_from_a_third_of_the_scale_on(vision: str) -> None:
    denser, lucent = (lab(colour_table(name), vision) for name in (BOTH_DENSER, BOTH_LUCENT))
    assert distance(denser, lucent)[256 // 3 :].min() > CLEARLY


@pytest.mark.parametrize("vision", COLOUR_VISION)
@pytest.mark.parametrize("name", [BOTH_DENSER, BOTH_LUCENT])
def test_a_larger_difference_is_lighter_for_every_reader(name: str, vision: str) -> None:
    lightness = lab(colour_table(name), vision)[:, 0]
    assert np.diff(lightness).min() > -1
    assert np.diff(lightness[::16]).min() > 0


def test_tables_are_read_only_and_each_scale_is_another() -> None:
    names = (*COLOUR_MAPS, LUCENT_MAP, BOTH_DENSER, BOTH_LUCENT)
    tables = [colour_table(name) for name in names]
    assert all(table.shape == (256, 3) and not table.flags.writeable for table in tables)
    assert len({table.tobytes() for table in tables}) == len(names)
