"""The tools that every viewer has, in a view of their own."""

from __future__ import annotations

import pytest

from core.imaging.frame import VoiFunction, Window
from viewer.mouse_tools import dragged_window
from viewer.pointer import WindowBasis

BASIS = WindowBasis(Window(1000, 500), 0, 4095)


def test_up_is_brighter_and_right_is_softer():
    assert dragged_window(BASIS, 0, -30).center < BASIS.window.center
    assert dragged_window(BASIS, 0, 30).center > BASIS.window.center
    turned = WindowBasis(BASIS.window, 0, 4095, inverted=True)
    assert dragged_window(turned, 0, -30).center > BASIS.window.center
    assert dragged_window(BASIS, 50, 0).width > 500 > dragged_window(BASIS, -50, 0).width


@pytest.mark.parametrize("function", VoiFunction)
def test_a_drag_never_leaves_what_a_window_may_be(function: VoiFunction):
    basis = WindowBasis(Window(0, 2, function), 0, 0)
    for across, down in ((-9000, 9000), (9000, -9000)):
        window = dragged_window(basis, across, down)
        assert window.function is function
        assert window.width > 0


def test_a_small_drag_changes_a_window_little():
    moved = dragged_window(BASIS, 1, 1)
    assert moved.width == pytest.approx(500, rel=0.01)
    assert moved.center == pytest.approx(1000, abs=5)
