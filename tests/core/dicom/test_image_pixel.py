"""The Image Pixel attributes: completed with a note or refused, never believed blindly."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from pydicom.dataset import Dataset

from core.dicom.fragments import Fragments
from core.dicom.gate import Refused, Survey
from core.dicom.image_pixel import describe
from core.dicom.tags import Attributes, quiet_pydicom

NATIVE = "1.2.840.10008.1.2.1"


def header(**changes: object) -> Attributes:
    ds = Dataset()
    values: dict[str, object] = {
        "Rows": 4, "Columns": 6, "SamplesPerPixel": 1, "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16, "BitsStored": 12, "HighBit": 11, "PixelRepresentation": 0,
    }  # fmt: skip
    with quiet_pydicom():
        for keyword, value in (values | changes).items():
            if value is not None:
                setattr(ds, keyword, value)
    return Attributes(ds)


def survey(pixel_bytes: int = 48, **changes: object) -> Survey:
    values: dict[str, object] = {
        "name": "film", "transfer_syntax_uid": NATIVE, "pixel_keyword": "PixelData",
        "pixel_bytes": pixel_bytes, "declared_bytes": pixel_bytes,
    }  # fmt: skip
    return Survey(**(values | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected", "note"),
    [
        ({}, {"bits_stored": 12, "high_bit": 11}, None),
        ({"BitsStored": 17}, {"bits_stored": 16, "high_bit": 11 + 4}, "Bits Stored is 17"),
        (
            {"BitsStored": None, "HighBit": None},
            {"bits_stored": 16, "high_bit": 15},
            "Bits Stored is missing",
        ),
        ({"HighBit": 15}, {"bits_stored": 12, "high_bit": 15}, None),
        ({"HighBit": 3}, {"bits_stored": 12, "high_bit": 11}, "High Bit is 3"),
        ({"SamplesPerPixel": None}, {"samples_per_pixel": 1}, "Samples Per Pixel is missing"),
        ({"PhotometricInterpretation": None}, {"photometric_interpretation": "MONOCHROME2"}, "Photometric"),
        ({"PixelRepresentation": None}, {"pixel_representation": 0}, "unsigned values are assumed"),
        ({"NumberOfFrames": 0}, {"frames": 1}, "Number Of Frames is 0"),
        ({"NumberOfFrames": -5}, {"frames": 1}, "Number Of Frames is -5"),
        ({"NumberOfFrames": 2}, {"frames": 1, "declared_frames": 2}, "1 of 2 declared frames are present."),
    ],
)
def test_what_is_missing_is_completed_with_a_note(
    changes: dict[str, object], expected: dict[str, object], note: str | None
) -> None:
    attributes = header(**changes)
    pixels = describe(attributes, survey())
    assert {name: getattr(pixels, name) for name in expected} == expected
    if note is None:
        assert attributes.notes == []
    else:
        assert any(note in found for found in attributes.notes)


@pytest.mark.parametrize(
    "changes",
    [
        {"Rows": None}, {"Rows": 0}, {"Columns": 0}, {"SamplesPerPixel": 0}, {"SamplesPerPixel": 2},
        {"SamplesPerPixel": 255}, {"BitsAllocated": 0}, {"BitsAllocated": 3},
        {"BitsAllocated": 24}, {"BitsAllocated": 128}, {"BitsAllocated": None},
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Refused, match=r"the header (declares|does not say)") as refusal:
        describe(header(**changes), survey())
    assert "None" not in str(refusal.value)


def test_no_note_speaks_of_none() -> None:
    attributes = header(BitsStored=None, HighBit=None, PixelRepresentation=None, NumberOfFrames=None)
    describe(attributes, survey())
    assert "Bits Stored is missing; all 16 allocated bits are used." in attributes.notes
    assert not any("None" in note for note in attributes.notes)


def test_a_grid_of_lies_is_refused_or_has_its_bytes() -> None:
    grid = itertools.product(
        (1, 7, 65_535), (1, 9, 65_535), (None, 1, 3, 2**31 - 1), (1, 3), (1, 8, 16, 32, 64), (16, 48, 4096)
    )
    for rows, columns, frames, samples, bits, present in grid:
        attributes = header(Rows=rows, Columns=columns, NumberOfFrames=frames, SamplesPerPixel=samples,
                            BitsAllocated=bits, BitsStored=bits, HighBit=bits - 1)  # fmt: skip
        try:
            pixels = describe(attributes, survey(present))
        except Refused:
            refused = rows * columns * samples * bits > present * 8
            assert refused, (rows, columns, samples, bits, present)
        else:
            assert rows * columns * samples * bits * pixels.frames <= present * 8


def test_native_422_is_counted_by_its_samples() -> None:
    colour = {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422", "BitsAllocated": 8,
              "BitsStored": 8, "HighBit": 7}  # fmt: skip
    assert describe(header(**colour), survey(48)).frames == 1
    with pytest.raises(Refused, match="48 bytes of pixels, 47 bytes are present"):
        describe(header(**colour), survey(47))


@pytest.mark.parametrize(
    ("fragments", "table", "early", "declared", "frames"),
    [(1, 0, False, 1, 1), (5, 0, False, 1, 1), (3, 0, False, 3, 3), (9, 3, False, 3, 3), (2, 0, True, 3, 2),
     (2, 3, True, 3, 2), (2, 0, False, 3, 2), (9, 0, False, 3, 3)],
)  # fmt: skip
def test_compressed_frames_are_counted(
    fragments: int, table: int, early: bool, declared: int, frames: int
) -> None:
    places = Fragments(
        offsets=np.arange(fragments) * 18 + 100,
        lengths=np.full(fragments, 10),
        table=np.arange(table) * 18 * (3 if fragments == 9 else 1),
        is_whole=not early,
        is_delimited=not early,
    )
    found = survey(500, transfer_syntax_uid="1.2.3", declared_bytes=None, fragments=places, ends_early=early)
    assert describe(header(NumberOfFrames=declared), found).frames == frames


def test_float_pixels_have_their_own_width() -> None:
    attributes = header(BitsAllocated=16, PixelRepresentation=None)
    pixels = describe(attributes, survey(96, pixel_keyword="FloatPixelData"))
    assert (pixels.bits_allocated, pixels.bits_stored) == (32, 32)
    assert attributes.notes == ["Bits Allocated is 16; FloatPixelData has 32."]
