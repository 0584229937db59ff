"""Shutter and overlays on the screen: in place at any zoom, thin lines included."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from core.imaging.composition import ALL_LAYERS, Layers
from core.imaging.frame import Frame
from core.imaging.overlay import Overlay
from core.imaging.shutter import Shutter
from viewer.planes import Planes
from viewer.viewpoint import Mapping, fitted


def frame_with(bits: np.ndarray | None = None, shutter: Shutter | None = None, side: int = 256) -> Frame:
    overlays = () if bits is None else (Overlay(0x6000, bits),)
    return Frame(np.zeros((side, side), np.uint8), overlays=overlays, shutter=shutter)


def painted(planes: Planes, side: int, screen: int) -> np.ndarray:
    """What is painted over mid grey, as grey levels."""
    target = QImage(screen, screen, QImage.Format.Format_Grayscale8)
    target.fill(100)
    with QPainter(target) as painter:
        planes.paint(painter, Mapping(fitted((side, side), screen, screen), screen, screen), 1.0)
    rows = np.frombuffer(target.constBits(), np.uint8).reshape(screen, target.bytesPerLine())
    return rows[:, :screen].copy()


def test_nothing_to_paint_is_nothing() -> None:
    assert Planes.of_frame(frame_with(), ALL_LAYERS) is None
    assert Planes.of_frame(frame_with(np.zeros((256, 256), np.bool_)), ALL_LAYERS) is None
    everything = frame_with(np.ones((9, 9), np.bool_), Shutter(rectangle=(9, 9, 99, 99)))
    assert Planes.of_frame(everything, Layers(False, False)) is None


def test_one_to_one_every_bit_is_in_its_place(qapp: QApplication) -> None:
    bits = np.random.default_rng(0).random((256, 256)) < 0.1
    planes = Planes.of_frame(frame_with(bits), ALL_LAYERS)
    assert planes is not None
    shown = painted(planes, 256, 256)
    assert np.array_equal(shown == 255, bits)
    assert np.array_equal(shown == 100, ~bits)


@pytest.mark.parametrize("screen", [128, 90, 40])
def test_a_line_of_one_pixel_does_not_vanish(qapp: QApplication, screen: int) -> None:
    bits = np.zeros((256, 256), np.bool_)
    bits[:, 101] = True
    planes = Planes.of_frame(frame_with(bits), ALL_LAYERS)
    assert planes is not None
    assert (painted(planes, 256, screen).max(axis=1) > 180).all()


def test_a_shutter_hides_outside_and_leaves_the_inside_open(qapp: QApplication) -> None:
    planes = Planes.of_frame(frame_with(None, Shutter(rectangle=(64, 64, 191, 191), level=30)), ALL_LAYERS)
    assert planes is not None
    shown = painted(planes, 256, 64)
    assert (shown[18:46, 18:46] == 100).all()
    assert (shown[:14] == 30).all()
