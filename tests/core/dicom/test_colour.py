"""Colour against formulas written once more, samples of every width, and no more memory than frames."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from phantoms import write_colour, write_grey
from pydicom.dataset import Dataset

from core.dicom.colour import to_rgb
from core.dicom.frames import read_frame
from core.dicom.gate import Refused
from core.dicom.image_pixel import PixelDescription
from core.dicom.tags import Attributes

RGB = np.random.default_rng(2).integers(0, 256, (6, 8, 3)).astype(np.uint8)


def pixels(bits: int = 8, representation: int = 0) -> PixelDescription:
    allocated = 8 if bits <= 8 else 16 if bits <= 16 else 32
    return PixelDescription(1, 1, 1, 1, 3, allocated, bits, bits - 1, representation, 0, "RGB", "PixelData")


def converted(values: NDArray[np.generic], photometric: str, bits: int = 8) -> NDArray[np.uint8]:
    return to_rgb(values, photometric, pixels(bits), Attributes(Dataset()))


@given(arrays(np.uint8, (3, 5, 3)))
def test_full_ybr_by_the_equations(ybr: NDArray[np.uint8]) -> None:
    y, cb, cr = (ybr[..., k].astype(float) for k in range(3))
    wanted = np.stack(
        [y + 1.402 * (cr - 128), y - 0.344136 * (cb - 128) - 0.714136 * (cr - 128), y + 1.772 * (cb - 128)],
        -1,
    )
    for name in ("YBR_FULL", "YBR_FULL_422"):
        assert np.abs(converted(ybr, name) - np.clip(wanted, 0, 255)).max() <= 0.51


@given(arrays(np.uint8, (3, 5, 3)))
def test_partial_ybr_by_the_equations(ybr: NDArray[np.uint8]) -> None:
    y, cb, cr = 1.1644 * (ybr[..., 0] - 16.0), ybr[..., 1] - 128.0, ybr[..., 2] - 128.0
    wanted = np.stack([y + 1.596 * cr, y - 0.3917 * cb - 0.813 * cr, y + 2.0173 * cb], -1)
    for name in ("YBR_PARTIAL_422", "YBR_PARTIAL_420"):
        assert np.abs(converted(ybr, name) - np.clip(wanted, 0, 255)).max() <= 0.51


@given(st.integers(0, 255), st.sampled_from(["RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422"]))
def test_neutral_grey_stays_neutral(level: int, photometric: str) -> None:
    grey = np.full((1, 1, 3), 128, np.uint8)
    grey[..., 0] = level
    if photometric == "RGB":
        grey[:] = level
    assert np.ptp(converted(grey, photometric).astype(int)) <= 2


def test_retired_partial_422_has_the_range_of_video(tmp_path: Path) -> None:
    """Black is 16 and white 235; two pixels share their chrominance."""
    folded = np.tile(np.array([16, 235, 128, 128], np.uint8), 12)
    write_colour(
        tmp_path / "p", np.zeros((4, 6, 3), np.uint8), PhotometricInterpretation="YBR_PARTIAL_422",
        PixelData=folded.tobytes(),
    )  # fmt: skip
    assert read_frame(tmp_path / "p").stored[0, :, 0].tolist() == [0, 255] * 3


def test_uncompressed_partial_420_is_refused(tmp_path: Path) -> None:
    write_colour(tmp_path / "p", RGB, PhotometricInterpretation="YBR_PARTIAL_420")
    with pytest.raises(Refused, match="YBR_PARTIAL_420 is retired"):
        read_frame(tmp_path / "p")


@pytest.mark.parametrize("name", ["YBR_RCT", "YBR_ICT"])
def test_undone_transforms_are_rgb(tmp_path: Path, name: str) -> None:
    write_colour(tmp_path / "p", RGB, PhotometricInterpretation=name)
    frame = read_frame(tmp_path / "p")
    assert np.array_equal(frame.stored, RGB)
    assert f"{name} is a transform of JPEG 2000" in frame.notes[0]


@pytest.mark.parametrize("name", ["MONOCHROME2", "PALETTE COLOR", "HSV"])
def test_what_three_samples_cannot_be_is_taken_as_rgb(tmp_path: Path, name: str) -> None:
    write_colour(tmp_path / "p", RGB, PhotometricInterpretation=name)
    frame = read_frame(tmp_path / "p")
    assert np.array_equal(frame.stored, RGB)
    assert f"Photometric Interpretation {name} does not fit three samples a pixel" in frame.notes[0]


@pytest.mark.parametrize("name", ["RGB", "YBR_FULL"])
def test_colour_names_of_one_sample_are_taken_as_grey(tmp_path: Path, name: str) -> None:
    write_grey(tmp_path / "g", RGB[..., 0], PhotometricInterpretation=name)
    frame = read_frame(tmp_path / "g")
    assert np.array_equal(frame.stored, RGB[..., 0])
    assert "MONOCHROME2 is assumed" in frame.notes[0]


def test_sixteen_bit_colour_is_shown_by_its_upper_bits(tmp_path: Path) -> None:
    rgb = np.random.default_rng(0).integers(0, 65_536, (5, 6, 3)).astype(np.uint16)
    write_colour(tmp_path / "c", rgb)
    assert np.array_equal(read_frame(tmp_path / "c").stored, rgb >> 8)


@pytest.mark.parametrize("bits", [1, 4, 7, 8, 10, 12, 16])
def test_every_width_reaches_black_and_white(bits: int) -> None:
    top = (1 << bits) - 1
    values = np.array([[[0, top // 2, top]]], np.uint8 if bits <= 8 else np.uint16)
    assert converted(values, "RGB", bits).tolist()[0][0][::2] == [0, 255]


def test_signed_samples_are_shifted_up() -> None:
    values = np.array([[[-128, 0, 127]]], np.int8)
    assert to_rgb(values, "RGB", pixels(8, 1), Attributes(Dataset())).tolist() == [[[0, 128, 255]]]


def test_floats_are_stretched_and_what_is_no_number_is_black() -> None:
    values = np.array([[[0.5, 2.5, np.nan], [np.inf, -np.inf, 1.5]]], np.float32)
    assert converted(values, "RGB").tolist() == [[[0, 255, 0], [255, 0, 127]]]
    assert converted(np.full((1, 1, 3), np.nan), "RGB").tolist() == [[[0, 0, 0]]]


@pytest.mark.parametrize(("photometric", "kind"), [("YBR_FULL", np.uint8), ("RGB", np.uint16)])
def test_conversion_needs_less_than_two_frames_more(photometric: str, kind: type[np.generic]) -> None:
    values = np.zeros((600, 800, 3), kind)
    tracemalloc.start()
    try:
        rgb = converted(values, photometric, 8 * values.itemsize)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < rgb.nbytes + 2 * values.nbytes + 12 * 2**20  # blocks of 2**18 samples, as int64 and float32
    assert peak < 10 * 2**20 + rgb.nbytes
