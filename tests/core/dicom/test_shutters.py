"""Display shutters as files write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from pydicom import dcmread
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset

from core.dicom.frames import read_frame
from core.imaging.display import default_grey, render
from core.imaging.frame import Frame

RAMP = np.arange(48, dtype=np.uint16).reshape(6, 8)
RECTANGLE = {
    "ShutterShape": "RECTANGULAR",
    "ShutterLeftVerticalEdge": 3,
    "ShutterRightVerticalEdge": 5,
    "ShutterUpperHorizontalEdge": 2,
    "ShutterLowerHorizontalEdge": 4,
}


def frame_with(tmp_path: Path, stored: np.ndarray = RAMP, **changes: object) -> Frame:
    with disable_value_validation():
        write_grey(tmp_path / "f", stored, **changes)
    return read_frame(tmp_path / "f")


def test_all_shapes_at_once(tmp_path: Path) -> None:
    frame = frame_with(
        tmp_path,
        **RECTANGLE
        | {
            "ShutterShape": ["RECTANGULAR", "CIRCULAR", "POLYGONAL"],
            "CenterOfCircularShutter": [3, 4],
            "RadiusOfCircularShutter": 2,
            "VerticesOfThePolygonalShutter": [1, 1, 1, 8, 6, 8, 6, 1, 1, 1],
            "ShutterPresentationValue": 0x8080,
        },
    )
    assert frame.shutter is not None
    assert frame.shutter.rectangle == (1, 2, 3, 4)
    assert frame.shutter.circle == (2, 3, 2)
    assert frame.shutter.polygon == ((0, 0), (0, 7), (5, 7), (5, 0))
    assert frame.shutter.level == 128
    assert not frame.shutter.hides(6, 8)[2, 3]


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (RECTANGLE | {"ShutterLeftVerticalEdge": None}, "has no usable edges"),
        (RECTANGLE | {"ShutterLeftVerticalEdge": 7}, "would hide everything"),
        ({"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [3]}, "no usable centre or radius"),
        (
            {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [3, 3], "RadiusOfCircularShutter": 0},
            "no usable centre or radius",
        ),
        ({"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [1, 1, 2, 2]}, "no usable corners"),
        (
            {"ShutterShape": "BITMAP", "ShutterOverlayGroup": 0x6000},
            "overlay of the bitmap shutter is missing",
        ),
    ],
)
def test_a_damaged_shutter_hides_nothing_and_says_so(
    tmp_path: Path, changes: dict[str, object], note: str
) -> None:
    frame = frame_with(tmp_path, **changes)
    assert frame.shutter is None
    assert any(note in one for one in frame.notes)


def test_a_frame_of_an_enhanced_object_has_its_own(tmp_path: Path) -> None:
    groups = []
    for edge in (1, 4):
        shutter = Dataset()
        for keyword, value in (RECTANGLE | {"ShutterLeftVerticalEdge": edge}).items():
            setattr(shutter, keyword, value)
        group = Dataset()
        group.FrameDisplayShutterSequence = [shutter]
        groups.append(group)
    write_grey(tmp_path / "f", np.stack([RAMP, RAMP]), PerFrameFunctionalGroupsSequence=groups)
    shutters = [read_frame(tmp_path / "f", number).shutter for number in (0, 1)]
    assert [one.rectangle for one in shutters if one is not None] == [(1, 0, 3, 4), (1, 3, 3, 4)]


def test_what_is_hidden_moves_no_automatic_window_and_changes_no_value(tmp_path: Path) -> None:
    stored = np.full((6, 8), 60_000, np.uint16)
    stored[1:4, 2:5] = np.arange(9).reshape(3, 3)
    frame = frame_with(tmp_path, stored, **RECTANGLE)
    assert np.array_equal(frame.stored, stored)
    shown = render(frame, default_grey(frame))
    assert shown[1, 2] == 0
    assert shown[3, 4] == 255


def test_the_plane_of_a_bitmap_shutter_hides_and_is_not_drawn(tmp_path: Path) -> None:
    with disable_value_validation():
        write_grey(tmp_path / "f", RAMP, ShutterShape="BITMAP", ShutterOverlayGroup=0x6000)
    ds = dcmread(tmp_path / "f")
    bits = np.zeros((6, 8), np.bool_)
    bits[0] = True
    for element, vr, value in (
        (0x60000010, "US", 6),
        (0x60000011, "US", 8),
        (0x60000050, "SS", [1, 1]),
        (0x60003000, "OW", np.packbits(bits.ravel(), bitorder="little").tobytes()),
    ):
        ds.add_new(element, vr, value)
    ds.save_as(tmp_path / "f")
    frame = read_frame(tmp_path / "f")
    assert frame.overlays == ()
    hidden = frame.hidden()
    assert hidden is not None
    assert np.array_equal(hidden, bits)
