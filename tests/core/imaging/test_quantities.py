"""Real-world values: inside their range only."""

from __future__ import annotations

import numpy as np

from core.imaging.quantities import RealWorldMapping


def test_a_line_inside_its_range() -> None:
    mapping = RealWorldMapping(0, 4095, "Hz", slope=0.5, intercept=-500)
    assert mapping.value(0) == -500
    assert mapping.value(4095) == 4095 / 2 - 500
    assert mapping.value(-1) is None
    assert mapping.value(4096) is None


def test_a_table_answers_its_own_inputs() -> None:
    mapping = RealWorldMapping(-1, 1, values=np.array([7.0, np.nan, 9.0]))
    assert mapping.value(-1) == 7
    assert mapping.value(0) is None
    assert mapping.value(1) == 9
