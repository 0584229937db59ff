"""A millimetre of a screen: measured, or as the screen says, or not known; bad settings never matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QSizeF
from PySide6.QtWidgets import QApplication

from viewer.screen_scale import measured_px_per_mm, scale_of, screen_key, with_measure


class Screen:
    """What is asked of a `QScreen`."""

    def __init__(self, width_mm: float, dots_per_inch: float, ratio: float = 1.0) -> None:
        self._size, self._dots, self._ratio = QSizeF(width_mm, width_mm * 0.6), dots_per_inch, ratio

    def manufacturer(self) -> str:
        return "Maker"

    def model(self) -> str:
        return "M1"

    def serialNumber(self) -> str:
        return "0042"

    def name(self) -> str:
        return "HDMI-1"

    def physicalSize(self) -> QSizeF:
        return self._size

    def physicalDotsPerInch(self) -> float:
        return self._dots

    def devicePixelRatio(self) -> float:
        return self._ratio


def test_without_a_measure_the_word_of_the_screen_counts() -> None:
    scale = scale_of(Screen(520, 101.6), ())  # type: ignore[arg-type]  # all that is asked of a screen
    assert scale.px_per_mm == pytest.approx(4.0)
    assert not scale.measured


@pytest.mark.parametrize("screen", [Screen(0, 96), Screen(500, 5), Screen(500, 5000)])
def test_a_screen_that_says_nonsense_is_not_believed(screen: Screen) -> None:
    assert scale_of(screen, ()) is None  # type: ignore[arg-type]  # all that is asked of a screen


def test_a_measure_is_in_device_pixels_and_holds_at_any_scale() -> None:
    rows = with_measure("Maker M1 0042 HDMI-1", 8.0, ())
    plain, doubled = (scale_of(Screen(0, 96, ratio), rows) for ratio in (1.0, 2.0))  # type: ignore[arg-type]  # as above
    assert (plain.px_per_mm, plain.measured) == (8.0, True)
    assert doubled.px_per_mm == 4.0


def test_measures_are_kept_by_screen_and_forgotten_alone() -> None:
    rows = with_measure("a", 4.0, with_measure("b", 5.0, (("from another version", "1", "2"),)))
    assert measured_px_per_mm("a", rows) == 4.0
    rows = with_measure("a", None, with_measure("a", 4.5, rows))
    assert measured_px_per_mm("a", rows) is None
    assert measured_px_per_mm("b", rows) == 5.0
    assert ("from another version", "1", "2") in rows


def test_a_real_screen_has_a_key(qapp: QApplication) -> None:
    assert screen_key(qapp.primaryScreen())


@given(st.lists(st.lists(st.text() | st.sampled_from(["a", "nan", "-4", "1e9"]), min_size=1)))
def test_no_settings_break_it(rows: list[list[str]]) -> None:
    value = measured_px_per_mm("a", tuple(map(tuple, rows)))
    assert value is None or 1 <= value <= 40
