from __future__ import annotations

import struct
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pydicom
import pytest
from phantoms import write_colour, write_ct_series, write_grey, write_truncated
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from core.dicom import decoding, frames, lookalikes
from core.dicom.frames import read_frame
from core.dicom.lookalikes import read_lookalike
from core.errors import UnreadableFile
from core.imaging.frame import Frame


@pytest.fixture(autouse=True)
def _no_patterns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookalikes, "_patterns", ())


def ordinary(path: Path) -> Frame:
    """The frame by the ordinary road, and no pattern left of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frames, "read_lookalike", lambda path: None)
        patch.setattr(frames, "remember", lambda *told: None)
        return read_frame(path)


def assert_same(one: Frame, other: Frame) -> None:
    assert one.stored.dtype == other.stored.dtype
    assert np.array_equal(one.stored, other.stored)
    assert one.digest == other.digest
    assert not one.stored.flags.writeable
    for field in fields(Frame):
        if field.name not in ("stored", "_digest"):
            assert repr(getattr(one, field.name)) == repr(getattr(other, field.name)), field.name


def edited(path: Path, change: Callable[[pydicom.Dataset], None]) -> Path:
    dataset = pydicom.dcmread(path)
    change(dataset)
    dataset.save_as(path)
    return path


def test_the_second_slice_of_a_series_is_the_same_by_both_roads(tmp_path: Path) -> None:
    first, *others = write_ct_series(tmp_path, 12, rows=24, columns=30)
    assert read_lookalike(first) is None
    read_frame(first)
    for path in others:
        alike = read_lookalike(path)
        assert alike is not None
        assert_same(alike, ordinary(path))
    assert len({read_frame(path).source.sop_instance_uid for path in (first, *others)}) == 12


@pytest.mark.parametrize("signed", [False, True])
def test_signed_and_twelve_bit_slices_are_the_same_by_both_roads(tmp_path: Path, signed: bool) -> None:
    told = {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": int(signed)}
    paths = write_ct_series(tmp_path, 3, **told)
    low, high = (-2048, 2047) if signed else (0, 4095)
    kind = np.int16 if signed else np.uint16
    for path in paths:
        values = np.random.default_rng(1).integers(low, high, (32, 40), endpoint=True).astype(kind)
        edited(path, lambda dataset, values=values: setattr(dataset, "PixelData", values.tobytes()))
    read_frame(paths[0])
    alike = read_lookalike(paths[1])
    assert alike is not None
    assert_same(alike, ordinary(paths[1]))


def test_bits_that_the_header_does_not_declare_go_the_ordinary_road(tmp_path: Path) -> None:
    one, two = write_ct_series(tmp_path, 2, BitsStored=12, HighBit=11)
    overlaid = np.full((32, 40), 0x8123, np.uint16)
    edited(two, lambda dataset: setattr(dataset, "PixelData", overlaid.tobytes()))
    read_frame(one)
    assert read_lookalike(two) is None
    assert int(read_frame(two).stored.max()) == 0x123


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("RescaleIntercept", -1000),
        ("WindowCenter", [50, -600]),
        ("PixelSpacing", [0.7, 0.8]),
        ("PhotometricInterpretation", "MONOCHROME1"),
        ("PatientID", "PHANTOM-3"),
        ("SeriesInstanceUID", "1.2.3"),
        ("PixelPaddingValue", 7),
        ("BurnedInAnnotation", "YES"),
        ("OverlayRows", None),
    ],
)
def test_whatever_a_frame_is_made_of_counts(tmp_path: Path, keyword: str, value: object) -> None:
    one, two = write_ct_series(tmp_path, 2)

    def change(dataset: pydicom.Dataset) -> None:
        if keyword == "OverlayRows":
            dataset.add_new(0x60000010, "US", 32)
        elif keyword == "PixelPaddingValue":
            dataset.add_new(keyword, "US", value)
        else:
            setattr(dataset, keyword, value)

    edited(two, change)
    read_frame(one)
    assert read_lookalike(two) is None
    assert_same(read_frame(two), ordinary(two))


def test_numbers_places_times_and_private_values_may_differ_in_any_length(tmp_path: Path) -> None:
    paths = write_ct_series(tmp_path, 4)
    for number, path in enumerate(paths):

        def change(dataset: pydicom.Dataset, number: int = number) -> None:
            dataset.InstanceNumber = 10**number
            dataset.SliceLocation = number / 3
            dataset.AcquisitionTime = f"0900{number:02}.123"
            dataset.SOPInstanceUID = "1.2" + ".3" * (number + 1)
            dataset.private_block(0x0029, "PHANTOM", create=True).add_new(1, "LO", "x" * number * 7)
            dataset.private_block(0x0029, "PHANTOM").add_new(2, "OB", b"ab" * number)

        edited(path, change)
    read_frame(paths[0])
    for path in paths[1:]:
        alike = read_lookalike(path)
        assert alike is not None
        assert_same(alike, ordinary(path))


@pytest.mark.parametrize("undefined", [False, True])
def test_a_sequence_counts_as_a_whole(tmp_path: Path, undefined: bool) -> None:
    one, two, three = write_ct_series(tmp_path, 3)
    for path, referenced in ((one, "1.2.3"), (two, "1.2.3"), (three, "1.2.4")):

        def change(dataset: pydicom.Dataset, referenced: str = referenced) -> None:
            item = pydicom.Dataset()
            item.ReferencedSOPInstanceUID = referenced
            item.is_undefined_length_sequence_item = undefined
            dataset.ReferencedImageSequence = [item]
            dataset["ReferencedImageSequence"].is_undefined_length = undefined

        edited(path, change)
    read_frame(one)
    alike = read_lookalike(two)
    assert alike is not None
    assert_same(alike, ordinary(two))
    assert read_lookalike(three) is None


def test_an_implicit_file_is_no_lookalike_of_an_explicit_one(tmp_path: Path) -> None:
    one, two, three = write_ct_series(tmp_path, 3)
    for path in (two, three):
        dataset = pydicom.dcmread(path)
        dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2"
        dataset.save_as(path, implicit_vr=True, little_endian=True)
    read_frame(one)
    assert read_lookalike(two) is None
    read_frame(two)
    alike = read_lookalike(three)
    assert alike is not None
    assert_same(alike, ordinary(three))


def test_a_cut_file_is_refused_as_ever(tmp_path: Path) -> None:
    one, two = write_ct_series(tmp_path, 2)
    read_frame(one)
    for size in (200, 400, two.stat().st_size - 100):
        cut = tmp_path / f"cut-{size}"
        write_truncated(cut, two, size)
        assert read_lookalike(cut) is None
        with pytest.raises(UnreadableFile, match="truncated"):
            read_frame(cut)


def test_a_uid_that_is_none_goes_the_ordinary_road(tmp_path: Path) -> None:
    one, two = write_ct_series(tmp_path, 2)
    content = two.read_bytes()
    uid = str(pydicom.dcmread(two).SOPInstanceUID).encode()
    place = content.rindex(uid)
    two.write_bytes(content[:place] + b"\x1b[2J" + content[place + 4 :])
    read_frame(one)
    assert read_lookalike(two) is None


def test_a_length_that_leads_outside_of_the_file_fits_nothing(tmp_path: Path) -> None:
    one, two = write_ct_series(tmp_path, 2)
    content = two.read_bytes()
    place = content.index(struct.pack("<HH2s", 0x0020, 0x0013, b"IS")) + 6
    two.write_bytes(content[:place] + b"\xff\xff" + content[place + 2 :])
    read_frame(one)
    assert read_lookalike(two) is None


def write_slices(folder: Path, syntax: str, *, signed: bool = False) -> list[Path]:
    """Four slices of noise, compressed, of different lengths."""
    rng = np.random.default_rng(0)
    paths = []
    for number in range(4):
        values = rng.integers(0, 4096 >> number, (40, 72)).astype(np.int16 if signed else np.uint16)
        paths.append(folder / f"{number}.dcm")
        write_grey(
            paths[-1],
            values - 1000 if signed else values,
            transfer_syntax_uid=syntax,
            SOPInstanceUID=f"1.2.{number}",
            InstanceNumber=10**number,
            **({} if signed else {"BitsStored": 12, "HighBit": 11}),
        )
    return paths


@pytest.fixture
def _no_decoding_process_left() -> Iterator[None]:
    yield
    decoding.close()


@pytest.mark.usefixtures("_no_decoding_process_left")
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless])
def test_compressed_slices_are_the_same_by_both_roads(tmp_path: Path, syntax: str, signed: bool) -> None:
    first, *others = write_slices(tmp_path, syntax, signed=signed)
    read_frame(first)
    for path in others:
        alike = read_lookalike(path)
        assert alike is not None
        assert_same(alike, ordinary(path))


@pytest.mark.usefixtures("_no_decoding_process_left")
@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless])
def test_a_code_stream_with_another_header_goes_the_ordinary_road(tmp_path: Path, syntax: str) -> None:
    first, second, third, fourth = write_slices(tmp_path, syntax)
    read_frame(first)
    content = bytearray(second.read_bytes())
    precision = (
        content.index(b"\xff\x51") + 40 if syntax == JPEG2000Lossless else content.index(b"\xff\xf7") + 4
    )
    content[precision] += 1
    second.write_bytes(content)
    assert read_lookalike(second) is None
    third.write_bytes(third.read_bytes()[:-8])  # without the end mark of the sequence
    assert read_lookalike(third) is None
    cut = fourth.read_bytes()[:-100]
    fourth.write_bytes(cut)
    assert read_lookalike(fourth) is None
    with pytest.raises(UnreadableFile, match="truncated"):
        read_frame(fourth)


@pytest.mark.usefixtures("_no_decoding_process_left")
def test_a_damaged_code_stream_is_refused_on_either_road(tmp_path: Path) -> None:
    first, second, *_ = write_slices(tmp_path, JPEGLSLossless)
    read_frame(first)
    content = bytearray(second.read_bytes())
    middle = content.index(b"\xff\xda") + 40
    content[middle : middle + 400] = bytes(400)
    second.write_bytes(content)
    with pytest.raises(UnreadableFile, match="cannot be decoded") as by_pattern:
        read_lookalike(second)
    with pytest.raises(UnreadableFile, match="cannot be decoded") as by_ordinary:
        ordinary(second)
    assert str(by_pattern.value) == str(by_ordinary.value)


def test_clips_colour_and_run_lengths_make_no_pattern(tmp_path: Path) -> None:
    write_grey(tmp_path / "clip", np.arange(48, dtype=np.uint8).reshape(3, 4, 4))
    write_colour(tmp_path / "colour", np.zeros((4, 4, 3), np.uint8))
    write_grey(tmp_path / "packed", np.ones((4, 4), np.uint8), transfer_syntax_uid=RLELossless)
    for path in sorted(tmp_path.iterdir()):
        read_frame(path)
    assert lookalikes._patterns == ()
    assert read_frame(tmp_path / "clip", 2).stored[0, 0] == 32


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ct_chest_lidc0314_60", "mr_t1_studyforrest_64", "pt_qin_headneck0024_60"])
def test_real_series_are_the_same_by_both_roads(shared_data: Path, tmp_path: Path, name: str) -> None:
    with tarfile.open(shared_data / "dicom" / "series" / f"{name}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    paths = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    read_frame(paths[0])
    found = 0
    for path in paths[1:]:
        alike = read_lookalike(path)
        if alike is not None:
            found += 1
            assert_same(alike, ordinary(path))
    # The uptake of PET slices depends on their times, which differ between the positions of the bed.
    assert found == (10 if name.startswith("pt_") else len(paths) - 1)
