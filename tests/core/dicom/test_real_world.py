"""Real World Value Mapping: lines, tables, units, frames, damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from pydicom.dataset import Dataset

from core.dicom.frames import read_frame
from core.imaging.quantities import RealWorldMapping

RAMP = np.arange(64, dtype=np.uint16).reshape(8, 8)


def mapping(**changes: object) -> Dataset:
    unit = Dataset()
    unit.CodeValue, unit.CodingSchemeDesignator, unit.CodeMeaning = "mm2/s", "UCUM", "square mm per second"
    item = Dataset()
    item.MeasurementUnitsCodeSequence = [unit]
    item.LUTLabel = "ADC"
    item.add_new(0x00409216, "US", 0)
    item.add_new(0x00409211, "US", 63)
    item.RealWorldValueSlope, item.RealWorldValueIntercept = 1e-6, 0.5
    for keyword, value in changes.items():
        if value is None:
            delattr(item, keyword)
        else:
            setattr(item, keyword, value)
    return item


def read(tmp_path: Path, *items: Dataset, stored: np.ndarray = RAMP) -> tuple[RealWorldMapping, ...]:
    write_grey(tmp_path / "f", stored, RealWorldValueMappingSequence=list(items))
    return read_frame(tmp_path / "f").real_world


def test_a_line_with_its_units(tmp_path: Path) -> None:
    (one,) = read(tmp_path, mapping())
    assert (one.units, one.label) == ("square mm per second", "ADC")
    assert one.value(63) == pytest.approx(0.500063)
    assert one.value(64) is None


def test_the_code_stands_in_for_a_missing_meaning(tmp_path: Path) -> None:
    unit = Dataset()
    unit.CodeValue = "{SUVbw}g/ml"
    assert read(tmp_path, mapping(MeasurementUnitsCodeSequence=[unit]))[0].units == "{SUVbw}g/ml"


def test_a_table_and_a_line_side_by_side(tmp_path: Path) -> None:
    table = mapping(
        RealWorldValueLUTData=[float(n * n) for n in range(64)],
        RealWorldValueSlope=None,
        RealWorldValueIntercept=None,
    )
    line, squares = read(tmp_path, mapping(), table)
    assert line.values is None
    assert squares.value(8) == 64


def test_signed_ends_follow_the_pixels(tmp_path: Path) -> None:
    item = mapping()
    item.add_new(0x00409216, "SS", -64)
    (one,) = read(tmp_path, item, stored=RAMP.astype(np.int16))
    assert (one.first, one.last) == (-64, 63)


def test_float_ends(tmp_path: Path) -> None:
    item = mapping(
        DoubleFloatRealWorldValueFirstValueMapped=0.25, DoubleFloatRealWorldValueLastValueMapped=0.75
    )
    assert [(one.first, one.last) for one in read(tmp_path, item)] == [(0.25, 0.75)]


@pytest.mark.parametrize(
    "item",
    [
        mapping(RealWorldValueSlope=None),
        mapping(RealWorldValueLUTData=[1.0, 2.0]),
        mapping(RealWorldValueFirstValueMapped=64),
        Dataset(),
    ],
)
def test_a_damaged_mapping_is_left_out_with_a_note(tmp_path: Path, item: Dataset) -> None:
    assert read(tmp_path, item) == ()
    assert any("real-world value" in note for note in read_frame(tmp_path / "f").notes)


def test_each_frame_of_an_enhanced_object_has_its_own(tmp_path: Path) -> None:
    groups = []
    for slope in (2.0, 3.0):
        group = Dataset()
        group.RealWorldValueMappingSequence = [mapping(RealWorldValueSlope=slope)]
        groups.append(group)
    write_grey(tmp_path / "f", np.stack([RAMP, RAMP]), PerFrameFunctionalGroupsSequence=groups)
    assert [read_frame(tmp_path / "f", number).real_world[0].slope for number in (0, 1)] == [2, 3]


def test_real_field_map(shared_data: Path) -> None:
    (one,) = read_frame(shared_data / "dicom" / "objects" / "enhanced_mr_philips_fmap.dcm", 63).real_world
    assert one.units == "Hz"
    assert one.value(4095) == pytest.approx(500)
