from __future__ import annotations

import hashlib

import numpy as np
import pytest

from core.imaging.frame import Frame, LookupTable, PixelSpacing, SpacingSource, VoiFunction, Window


@pytest.mark.parametrize(
    ("center", "width", "function"),
    [
        (0, 0.5, VoiFunction.LINEAR),
        (0, 0, VoiFunction.LINEAR_EXACT),
        (0, -1, VoiFunction.SIGMOID),
        (float("nan"), 1, VoiFunction.LINEAR),
        (0, float("inf"), VoiFunction.LINEAR),
    ],
)
def test_windows_that_the_standard_forbids(center: float, width: float, function: VoiFunction) -> None:
    with pytest.raises(ValueError, match="Window"):
        Window(center, width, function)


def test_lookup_table_is_frozen_and_unsigned() -> None:
    entries = np.array([1, 40_000], np.uint16)
    table = LookupTable(0, 16, entries)
    entries[0] = 9
    assert table.entries.tolist() == [1, 40_000]
    with pytest.raises(ValueError, match="read-only"):
        table.entries[0] = 0
    with pytest.raises(ValueError, match="unsigned"):
        LookupTable(0, 16, np.array([1, -25_536], np.int16))  # type: ignore[arg-type]  # that is the test
    with pytest.raises(ValueError, match="16 bits"):
        LookupTable(0, 0, entries)
    with pytest.raises(ValueError, match="at least one"):
        LookupTable(0, 16, entries[:0])


def test_spacing_is_all_or_nothing() -> None:
    assert PixelSpacing(0.2, 0.1, SpacingSource.IMAGER).known
    assert not PixelSpacing().known
    with pytest.raises(ValueError, match="known spacing"):
        PixelSpacing(0.2, 0.1)
    with pytest.raises(ValueError, match="known spacing"):
        PixelSpacing(0.2, None, SpacingSource.IMAGER)
    with pytest.raises(ValueError, match="positive"):
        PixelSpacing(0.2, 0.0, SpacingSource.IMAGER)


def test_frame_is_read_only_and_knows_its_pixels() -> None:
    stored = np.arange(6, dtype=np.int16).reshape(2, 3)
    frame = Frame(stored)
    assert (frame.rows, frame.columns, frame.is_grey) == (2, 3, True)
    with pytest.raises(ValueError, match="read-only"):
        frame.stored[0, 0] = 1
    wanted = hashlib.sha256(f"{stored.shape}{stored.dtype.str}".encode() + stored.tobytes()).hexdigest()
    assert frame.digest == wanted


def test_digest_tells_shape_type_and_values_apart() -> None:
    stored = np.zeros((2, 3), np.int16)
    other = stored.copy()
    other[1, 1] = 1
    kinds = [stored, other, stored.reshape(3, 2), stored.view(np.uint16), stored.astype(">i2")]
    assert len({Frame(kind).digest for kind in kinds}) == len(kinds)
    assert Frame(stored).digest == Frame(np.zeros((4, 6), np.int16)[::2, ::2]).digest


@pytest.mark.parametrize(
    ("shape", "photometric"),
    [((2, 2), "RGB"), ((2, 2, 3), "MONOCHROME2"), ((0, 2), "MONOCHROME2"), ((2, 2), "PALETTE COLOR")],
)
def test_frames_that_cannot_be(shape: tuple[int, ...], photometric: str) -> None:
    with pytest.raises(ValueError, match=r"frame"):
        Frame(np.zeros(shape, np.uint8), photometric)


def test_padding_range_is_inclusive_in_any_order() -> None:
    frame = Frame(np.arange(5, dtype=np.uint8)[None], padding=(3.0, 2.0))
    assert frame.shows_image(frame.stored)[0].tolist() == [True, True, False, False, True]
    assert Frame(frame.stored).shows_image(frame.stored).all()
