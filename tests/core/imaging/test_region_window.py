"""A window from a part of a frame: only the pixels of the box count, and only those that are image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.frame import Frame, ModalityTransform
from core.imaging.region_window import region_window, shown_window


def frame(stored: np.ndarray, **changes: object) -> Frame:
    stored = np.ascontiguousarray(stored)
    stored.setflags(write=False)
    return Frame(stored, **changes)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
def film() -> Frame:
    stored = np.zeros((100, 120), np.uint16)
    stored[20:40, 30:60] = np.linspace(1000, 2000, 20 * 30).reshape(20, 30).astype(np.uint16)
    return frame(stored)


def test_the_values_of_the_box_fill_the_grey_scale(film: Frame) -> None:
    window = region_window(film, (20, 30, 40, 60))
    low, high = np.percentile(film.stored[20:40, 30:60], (1, 99), method="inverted_cdf")
    assert window.center - window.width / 2 == pytest.approx(low)
    assert window.center + window.width / 2 == pytest.approx(high)
    assert window == region_window(film, (40, 60, 20, 30)), "from any corner"


def test_the_modality_transform_counts(film: Frame) -> None:
    rescaled = replace(film, modality_transform=ModalityTransform(2.0, -1000.0))
    plain, hounsfield = region_window(film, (20, 30, 40, 60)), region_window(rescaled, (20, 30, 40, 60))
    assert hounsfield.width == pytest.approx(2 * plain.width)
    assert hounsfield.center == pytest.approx(2 * plain.center - 1000)


def test_padding_does_not_count_and_nothing_left_is_said() -> None:
    stored = np.full((10, 10), 4095, np.uint16)
    stored[:, :5] = np.arange(50).reshape(10, 5)
    padded = frame(stored, padding=(4095, 4095))
    window = region_window(padded, (0, 0, 10, 10), (0, 100))
    assert window.center + window.width / 2 == pytest.approx(49)
    assert region_window(padded, (0, 6, 10, 10)) is None


def test_colour_has_no_window() -> None:
    assert (
        region_window(frame(np.zeros((4, 4, 3), np.uint8), photometric_interpretation="RGB"), (0, 0, 4, 4))
        is None
    )


def test_one_value_becomes_grey(film: Frame) -> None:
    window = region_window(film, (0, 0, 5, 5))
    assert (window.center, window.width) == (0.0, 1.0)


def test_what_is_in_sight_has_wider_percentiles(film: Frame) -> None:
    assert shown_window(film, (20, 30, 40, 60)).width > region_window(film, (20, 30, 40, 60)).width


@given(*(st.floats(-1e4, 1e4) for _ in range(4)))
def test_any_box_gives_a_window(top: float, left: float, bottom: float, right: float) -> None:
    stored = np.arange(64, dtype=np.int16).reshape(8, 8)
    window = region_window(frame(stored), (top, left, bottom, right))
    assert window.width > 0
    assert 0 <= window.center <= 63


def test_the_largest_floats_do_not_overflow() -> None:
    most = np.finfo(np.float64).max
    window = region_window(frame(np.array([[-most, most]])), (0, 0, 1, 2), (0, 100))
    assert np.isfinite([window.center, window.width]).all()
