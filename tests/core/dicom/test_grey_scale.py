"""Modality, windows, VOI LUTs and padding: complete, or left out with a note."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian

from core.dicom.frames import read_frame
from core.imaging.frame import Frame, VoiFunction

RAMP = np.arange(64, dtype=np.uint16).reshape(8, 8)


def frame_with(tmp_path: Path, stored: np.ndarray = RAMP, **changes: object) -> Frame:
    with disable_value_validation():
        write_grey(tmp_path / "f", stored, **changes)
    return read_frame(tmp_path / "f")


def lut(descriptor: list[int], data: bytes, explanation: str = "") -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "US", descriptor)
    item.add_new(0x00283006, "OW", data)
    item.LUTExplanation = explanation
    return item


@pytest.mark.parametrize(
    ("changes", "slope", "intercept", "note"),
    [
        ({}, 1, 0, None),
        ({"RescaleSlope": "2", "RescaleIntercept": "-1024"}, 2, -1024, None),
        ({"RescaleSlope": "-10", "RescaleIntercept": "3000"}, -10, 3000, None),
        ({"RescaleSlope": "1e-06", "RescaleIntercept": "0"}, 1e-6, 0, None),
        ({"RescaleSlope": "0", "RescaleIntercept": "5"}, 1, 5, "Rescale Slope is 0; 1 is used."),
        ({"RescaleSlope": "nan", "RescaleIntercept": "5"}, 1, 5, "Rescale Slope is missing; 1 is used."),
        ({"RescaleIntercept": "-5"}, 1, -5, "Rescale Slope is missing; 1 is used."),
        ({"RescaleSlope": "3"}, 3, 0, None),
    ],
)
def test_rescale(
    tmp_path: Path, changes: dict[str, str], slope: float, intercept: float, note: str | None
) -> None:
    frame = frame_with(tmp_path, **changes)
    transform = frame.modality_transform
    assert (transform.slope, transform.intercept, transform.table) == (slope, intercept, None)
    assert (note in frame.notes) if note else frame.notes == ()


def test_units_are_said_or_those_of_ct(tmp_path: Path) -> None:
    rescale = {"RescaleSlope": "1", "RescaleIntercept": "0"}
    assert frame_with(tmp_path, **rescale, Modality="CT").modality_transform.units == "HU"
    assert frame_with(tmp_path, **rescale, RescaleType="OD").modality_transform.units == "OD"
    assert frame_with(tmp_path, **rescale, RescaleType="US").modality_transform.units == ""
    assert frame_with(tmp_path, Modality="CT").modality_transform.units == ""


@pytest.mark.parametrize(
    ("centers", "widths", "expected", "note"),
    [
        ([40, 80], [400, 800], [(40, 400), (80, 800)], None),
        ([40, 80], [400], [(40, 400)], "Window centers: 2, widths: 1; the pairs that exist are used."),
        (40, None, [], "Window centers: 1, widths: 0; the pairs that exist are used."),
        ("", "", [], None),
        ([40, 80], [0, 800], [(80, 800)], "Window 40/0 is not allowed for LINEAR and is left out."),
        (40, -1, [], "Window 40/-1 is not allowed for LINEAR and is left out."),
    ],
)
def test_windows(
    tmp_path: Path, centers: object, widths: object, expected: list[tuple[float, float]], note: str | None
) -> None:
    frame = frame_with(tmp_path, WindowCenter=centers, WindowWidth=widths)
    assert [(window.center, window.width) for window in frame.windows] == expected
    assert (note in frame.notes) if note else frame.notes == ()


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_voi_functions(tmp_path: Path, function: str) -> None:
    frame = frame_with(
        tmp_path,
        WindowCenter=4,
        WindowWidth=2,
        VOILUTFunction=function,
        WindowCenterWidthExplanation=["BONE", "NEVER"],
    )
    assert frame.windows[0].function is VoiFunction(function)
    assert frame.windows[0].explanation == "BONE"


def test_half_a_unit_of_width_is_allowed_where_the_standard_allows_it(tmp_path: Path) -> None:
    assert frame_with(tmp_path, WindowCenter=1, WindowWidth=0.5, VOILUTFunction="LINEAR_EXACT").windows
    assert not frame_with(tmp_path, WindowCenter=1, WindowWidth=0.5).windows


def test_an_unknown_function_is_linear(tmp_path: Path) -> None:
    frame = frame_with(tmp_path, WindowCenter=1, WindowWidth=5, VOILUTFunction="CUBIC")
    assert frame.windows[0].function is VoiFunction.LINEAR
    assert frame.notes == ("VOI LUT Function CUBIC is unknown; LINEAR is used.",)


def test_entries_are_unsigned_and_the_first_input_is_signed_like_the_pixels(tmp_path: Path) -> None:
    data = np.array([0, 40_000, 65_535], "<u2").tobytes()
    table = frame_with(
        tmp_path, RAMP.astype(np.int16), VOILUTSequence=[lut([3, 0xFFFE, 16], data, "A")]
    ).voi_tables[0]
    assert table.entries.tolist() == [0, 40_000, 65_535]
    assert (table.first_mapped, table.bits, table.explanation) == (-2, 16, "A")
    assert (
        frame_with(tmp_path, VOILUTSequence=[lut([3, 0xFFFE, 16], data)]).voi_tables[0].first_mapped == 65_534
    )


def test_zero_entries_mean_65536(tmp_path: Path) -> None:
    data = np.arange(65_536, dtype="<u2").tobytes()
    frame = frame_with(tmp_path, VOILUTSequence=[lut([0, 0, 16], data)])
    assert len(frame.voi_tables[0].entries) == 65_536


def test_eight_bit_entries_in_words(tmp_path: Path) -> None:
    frame = frame_with(tmp_path, VOILUTSequence=[lut([4, 0, 8], bytes([1, 2, 3, 4]))])
    assert frame.voi_tables[0].entries.tolist() == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("item", "note"),
    [
        (lut([9, 0, 16], b"\0\0" * 4), "A VOI LUT has 4 of 9 declared entries and is not used."),
        (lut([3, 0], b"\0\0" * 3), "A VOI LUT is damaged and is not used."),
        (lut([3, 0, 16], b""), "A VOI LUT is damaged and is not used."),
        (Dataset(), "A VOI LUT is damaged and is not used."),
    ],
)
def test_a_damaged_table_is_left_out_and_the_others_stay(tmp_path: Path, item: Dataset, note: str) -> None:
    good = lut([2, 0, 8], np.array([0, 255], "<u2").tobytes())
    frame = frame_with(tmp_path, VOILUTSequence=[item, good], WindowCenter=3, WindowWidth=4)
    assert len(frame.voi_tables) == 1
    assert len(frame.windows) == 1
    assert note in frame.notes


def test_wrong_bits_of_a_table_are_corrected(tmp_path: Path) -> None:
    item = lut([2, 0, 8], np.array([0, 4095], "<u2").tobytes())
    frame = frame_with(tmp_path, VOILUTSequence=[item])
    assert frame.voi_tables[0].bits == 12
    assert frame.notes == ("A VOI LUT declares 8 bits an entry; 12 are used.",)


def test_modality_lut(tmp_path: Path) -> None:
    item = lut([64, 0, 16], (np.arange(64) * 1000).astype("<u2").tobytes())
    item.ModalityLUTType = "OD"
    transform = frame_with(tmp_path, ModalityLUTSequence=[item], RescaleSlope=9).modality_transform
    assert transform.table is not None
    assert transform.table.entries[40] == 40_000
    assert transform.units == "OD"


@pytest.mark.parametrize("sop_class", ["1.2.840.10008.5.1.4.1.1.12.1", "1.2.840.10008.5.1.4.1.1.12.2"])
def test_modality_lut_of_angiography_is_not_applied(tmp_path: Path, sop_class: str) -> None:
    item = lut([64, 0, 16], bytes(128))
    frame = frame_with(tmp_path, ModalityLUTSequence=[item], SOPClassUID=sop_class)
    assert frame.modality_transform.table is None
    assert "it is not applied" in frame.notes[0]


def test_a_damaged_modality_lut_is_said(tmp_path: Path) -> None:
    frame = frame_with(tmp_path, ModalityLUTSequence=[lut([64, 0, 16], bytes(12))])
    assert frame.modality_transform.table is None
    assert "The Modality LUT is damaged: stored values are used as they are." in frame.notes


def test_inverse_presentation(tmp_path: Path) -> None:
    assert frame_with(tmp_path, PresentationLUTShape="INVERSE").inverted
    assert not frame_with(tmp_path, PresentationLUTShape="IDENTITY").inverted


def test_padding_value_and_range(tmp_path: Path) -> None:
    assert frame_with(tmp_path).padding is None
    assert frame_with(tmp_path, PixelPaddingValue=3).padding == (3, 3)
    signed = RAMP.astype(np.int16)
    frame = frame_with(tmp_path, signed, PixelPaddingValue=-2000, PixelPaddingRangeLimit=-2100)
    assert frame.padding == (-2100, -2000)


def test_tables_of_a_big_endian_file_are_read_in_its_order(tmp_path: Path) -> None:
    data = np.array([0, 40_000, 65_535], ">u2").tobytes()
    with disable_value_validation():
        write_grey(
            tmp_path / "f",
            RAMP,
            transfer_syntax_uid=ExplicitVRBigEndian,
            VOILUTSequence=[lut([3, 1, 16], data)],
        )
    assert read_frame(tmp_path / "f").voi_tables[0].entries.tolist() == [0, 40_000, 65_535]


@pytest.mark.parametrize(("keyword", "kind"), [("Float", np.float32), ("DoubleFloat", np.float64)])
def test_padding_of_float_pixels(tmp_path: Path, keyword: str, kind: type) -> None:
    ds = write_grey(tmp_path / "f", RAMP)
    del ds.PixelData, ds.BitsStored, ds.HighBit, ds.PixelRepresentation
    ds.BitsAllocated = 8 * np.dtype(kind).itemsize
    setattr(ds, f"{keyword}PixelData", (RAMP / 8).astype(kind).tobytes())
    setattr(ds, f"{keyword}PixelPaddingValue", 0.0)
    setattr(ds, f"{keyword}PixelPaddingRangeLimit", 0.25)
    ds.save_as(tmp_path / "f")
    frame = read_frame(tmp_path / "f")
    assert frame.padding == (0, 0.25)
    assert (~frame.shows_image(frame.stored)).sum() == 3
