"""Overlay planes: data, bits of the pixels, frames, damage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey
from pydicom import dcmread
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian, RLELossless

from core.dicom.frames import read_frame
from core.imaging.overlay import Overlay, OverlayKind

RAMP = np.arange(30, dtype=np.uint16).reshape(5, 6)


def plane(seed: int, shape: tuple[int, ...] = (5, 6)) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < 0.4


def packed(bits: np.ndarray) -> bytes:
    data = np.packbits(bits.ravel(), bitorder="little").tobytes()
    return data + b"\0" * (len(data) % 2)


def add_overlay(
    path: Path, group: int = 0x6000, bits: np.ndarray | None = None, **elements: tuple[int, str, object]
) -> None:
    """Put an overlay into a written file; `elements` by any name: (element, VR, value), None leaves out."""
    ds = dcmread(path)
    standard: dict[int, tuple[str, object]] = {
        0x0010: ("US", 5 if bits is None else bits.shape[-2]),
        0x0011: ("US", 6 if bits is None else bits.shape[-1]),
        0x0040: ("CS", "G"),
        0x0050: ("SS", [1, 1]),
        0x0100: ("US", 1),
        0x0102: ("US", 0),
    }
    if bits is not None:
        standard[0x3000] = ("OW", packed(bits))
    standard.update({element: (vr, value) for element, vr, value in elements.values()})
    for element, (vr, value) in standard.items():
        if value is not None:
            ds.add_new(group << 16 | element, vr, value)
    ds.save_as(path)


def read_one(path: Path, frame_index: int = 0) -> Overlay:
    (overlay,) = read_frame(path, frame_index).overlays
    return overlay


@pytest.mark.parametrize("syntax", [None, ImplicitVRLittleEndian])
def test_a_plane_of_its_own(tmp_path: Path, syntax: str | None) -> None:
    write_grey(tmp_path / "f", RAMP, **({"transfer_syntax_uid": syntax} if syntax else {}))
    bits = plane(1, (3, 11))
    add_overlay(
        tmp_path / "f",
        0x601E,
        bits,
        origin=(0x50, "SS", [-2, 4]),
        kind=(0x40, "CS", "R"),
        label=(0x1500, "LO", "Marks"),
        description=(0x22, "LO", "drawn by hand"),
    )
    overlay = read_one(tmp_path / "f")
    assert np.array_equal(overlay.bits, bits)
    assert (overlay.group, overlay.row, overlay.column) == (0x601E, -3, 3)
    assert (overlay.kind, overlay.label, overlay.description) == (
        OverlayKind.REGION,
        "Marks",
        "drawn by hand",
    )


def test_words_of_a_big_endian_file_are_turned(tmp_path: Path) -> None:
    write_grey(tmp_path / "f", RAMP, transfer_syntax_uid=ExplicitVRBigEndian)
    bits = plane(2)
    swapped = np.frombuffer(packed(bits), "<u2").astype(">u2").tobytes()
    add_overlay(tmp_path / "f", bits=bits, data=(0x3000, "OW", swapped))
    assert np.array_equal(read_one(tmp_path / "f").bits, bits)


@pytest.mark.parametrize("syntax", [None, RLELossless])
def test_planes_in_the_high_bits_of_the_pixels(tmp_path: Path, syntax: str | None) -> None:
    first, second = plane(3), plane(4)
    stored = (RAMP | (first.astype(np.uint16) << 15) | (second.astype(np.uint16) << 12)).astype(np.uint16)
    changes = {"BitsStored": 12, "HighBit": 11}
    write_grey(tmp_path / "f", stored, **changes, **({"transfer_syntax_uid": syntax} if syntax else {}))
    for group, position in ((0x6000, 15), (0x6002, 12)):
        add_overlay(tmp_path / "f", group, bits_=(0x100, "US", 16), at=(0x102, "US", position))
    frame = read_frame(tmp_path / "f")
    assert np.array_equal(frame.stored, RAMP)
    assert [np.array_equal(one.bits, bits) for one, bits in zip(frame.overlays, (first, second), strict=True)]
    assert np.array_equal(frame.overlays[0].bits, first)
    assert np.array_equal(frame.overlays[1].bits, second)


def test_frames_of_an_overlay_begin_at_their_image_frame(tmp_path: Path) -> None:
    write_grey(tmp_path / "f", np.stack([RAMP] * 4))
    bits = plane(5, (2, 5, 6))
    add_overlay(tmp_path / "f", bits=bits, frames=(0x15, "IS", 2), begin=(0x51, "US", 2))
    assert read_frame(tmp_path / "f", 0).overlays == ()
    assert np.array_equal(read_one(tmp_path / "f", 1).bits, bits[0])
    assert np.array_equal(read_one(tmp_path / "f", 2).bits, bits[1])
    assert read_frame(tmp_path / "f", 3).overlays == ()


def test_a_single_plane_without_a_frame_lies_over_all(tmp_path: Path) -> None:
    write_grey(tmp_path / "f", np.stack([RAMP] * 3))
    add_overlay(tmp_path / "f", bits=plane(6))
    assert [len(read_frame(tmp_path / "f", number).overlays) for number in range(3)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("elements", "note"),
    [
        ({"data": (0x3000, "OW", b"\1\0")}, "too few bits"),
        ({"rows": (0x10, "US", 0)}, "no usable size"),
        ({"rows": (0x10, "US", None)}, "no usable size"),
        ({"rows": (0x10, "US", 65_535), "columns": (0x11, "US", 65_535)}, "too few bits"),
        ({"data": (0x3000, "OW", None)}, "no data"),
        ({"data": (0x3000, "OW", None), "bits_": (0x100, "US", 16), "at": (0x102, "US", 40)}, "bit 40"),
    ],
)
def test_a_damaged_overlay_is_left_out_with_a_note(
    tmp_path: Path, elements: dict[str, tuple[int, str, object]], note: str
) -> None:
    write_grey(tmp_path / "f", RAMP)
    add_overlay(tmp_path / "f", bits=plane(7), **elements)
    frame = read_frame(tmp_path / "f")
    assert frame.overlays == ()
    assert any(note in one for one in frame.notes)


def test_a_missing_origin_is_assumed_and_said(tmp_path: Path) -> None:
    write_grey(tmp_path / "f", RAMP)
    add_overlay(tmp_path / "f", bits=plane(8), origin=(0x50, "SS", None))
    overlay = read_one(tmp_path / "f")
    assert (overlay.row, overlay.column) == (0, 0)
    assert "Overlay 6000 has no usable origin; 1\\1 is assumed." in read_frame(tmp_path / "f").notes


def test_real_overlays(shared_data: Path) -> None:
    """Places known from the files: four groups, two of them in bits 15 and 14; one partly off the image."""
    objects = shared_data / "dicom" / "objects"
    planes = read_frame(objects / "ovly_p01.dcm").overlays
    assert [int(one.bits.sum()) for one in planes] == [532, 537, 603, 606]
    marks = read_frame(objects / "mg_overlay_out_of_bounds.dcm").overlays
    assert [one.name for one in marks] == ["First reference mark", "First target mark"]
    assert [int(one.on_frame(788, 1318).sum()) for one in marks] == [185, 149]


def test_slices_alike_but_for_their_pixels_keep_their_own_planes(tmp_path: Path) -> None:
    """A slice like one that was read before is read by its pixels alone: not where these hold planes."""
    for number in range(2):
        stored = (RAMP | (plane(number).astype(np.uint16) << 15)) if number == 0 else RAMP
        write_grey(tmp_path / f"{number}", stored, BitsStored=12, HighBit=11)
        add_overlay(tmp_path / f"{number}", bits_=(0x100, "US", 16), at=(0x102, "US", 15))
    assert np.array_equal(read_one(tmp_path / "0").bits, plane(0))
    assert not read_one(tmp_path / "1").bits.any()
