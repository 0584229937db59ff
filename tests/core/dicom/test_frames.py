"""Right pixels, right grey, right millimetres, honest notes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phantoms import write_chest_film, write_colour, write_ct_series, write_grey, write_palette
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from core.dicom.frames import mask_to_stored, read_frame, stored_values
from core.dicom.gate import Refused
from core.dicom.index import scan
from core.imaging.frame import SpacingSource, VoiFunction


def sample(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    assert path is not None
    return Path(str(path))


RAMP = np.arange(96, dtype=np.uint16).reshape(8, 12) * 40


def test_a_chest_film_is_read_whole(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film.dcm", monochrome1=True)
    frame = read_frame(film.path)
    assert np.array_equal(frame.stored, film.stored)
    assert not frame.stored.flags.writeable
    assert (frame.photometric_interpretation, frame.bits_stored, frame.inverted) == ("MONOCHROME1", 12, True)
    assert [(w.center, w.width) for w in frame.windows] == [(2048, 4096)]
    assert frame.spacing.source is SpacingSource.IMAGER
    source = frame.source
    assert (source.modality, source.view_position, source.body_part_examined) == ("DX", "PA", "CHEST")
    assert (source.patient_orientation, source.patient_age_years, source.patient_sex) == (("L", "F"), 45, "F")
    assert (source.burned_in_annotation, source.lossy, source.is_dicom) == (False, False, True)
    assert (source.sop_instance_uid, source.study_instance_uid) == (
        film.sop_instance_uid,
        film.study_instance_uid,
    )
    assert frame.notes == ()


def test_an_instance_of_the_index_is_read_too(tmp_path: Path) -> None:
    write_ct_series(tmp_path, 3)
    (series,) = scan([tmp_path]).series
    frames = [read_frame(instance) for instance in series.instances]
    assert [int(frame.stored[-1, -1]) for frame in frames] == [100, 101, 102]
    assert frames[0].modality_transform.intercept == -1024
    assert frames[0].modality_transform.units == "HU"
    assert [window.explanation for window in frames[0].windows] == ["SOFT TISSUE", "LUNG"]


@given(
    width=st.sampled_from([8, 16, 32, 64]),
    high_bit=st.integers(0, 63),
    bits=st.integers(1, 64),
    signed=st.booleans(),
    data=st.data(),
)
def test_masking_equals_big_integers(
    width: int, high_bit: int, bits: int, signed: bool, data: st.DataObject
) -> None:
    """Cut Bits Stored out below High Bit, in Python's unbounded integers: whatever lies around is dropped."""
    high_bit = min(high_bit, width - 1)
    bits = min(bits, high_bit + 1)
    words = data.draw(st.lists(st.integers(0, (1 << width) - 1), min_size=1, max_size=12))
    expected = [(word >> (high_bit + 1 - bits)) & ((1 << bits) - 1) for word in words]
    if signed:
        expected = [value - (1 << bits) if value >= 1 << (bits - 1) else value for value in expected]
    array = np.array(words, f"u{width // 8}").view(f"{'i' if signed else 'u'}{width // 8}")
    masked = mask_to_stored(array, bits, high_bit, signed=signed)
    assert masked.tolist() == expected
    assert array.view(f"u{width // 8}").tolist() == words  # the file's own values are left alone


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    width=st.sampled_from([8, 16, 32]),
    high_bit=st.integers(0, 31),
    bits=st.integers(1, 32),
    signed=st.booleans(),
    big=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_files_of_every_width_mask_and_byte_order(
    tmp_path: Path, width: int, high_bit: int, bits: int, signed: bool, big: bool, seed: int
) -> None:
    high_bit = min(high_bit, width - 1)
    bits = min(bits, high_bit + 1)
    words = np.random.default_rng(seed).integers(0, 1 << width, (3, 5), dtype=np.uint64)
    expected = [(int(word) >> (high_bit + 1 - bits)) & ((1 << bits) - 1) for word in words.ravel()]
    if signed:
        expected = [value - (1 << bits) if value >= 1 << (bits - 1) else value for value in expected]
    path = tmp_path / "f"
    ds = write_grey(
        path,
        words.astype(f"u{width // 8}"),
        BitsStored=bits,
        HighBit=high_bit,
        PixelRepresentation=int(signed),
    )
    if big:
        ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        data = words.astype(f">u{width // 8}").tobytes()
        ds.PixelData = data + b"\0" * (len(data) % 2)
        ds.save_as(path, enforce_file_format=False, implicit_vr=False, little_endian=False)
    assert read_frame(path).stored.ravel().tolist() == expected


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(1, 7), columns=st.integers(1, 9), frames=st.integers(1, 3), planar=st.booleans(),
    kind=st.sampled_from(["u1", "u2"]), seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_colour_of_every_size_and_planar_configuration(
    tmp_path: Path, rows: int, columns: int, frames: int, planar: bool, kind: str, seed: int
) -> None:
    top = np.iinfo(kind).max
    rgb = np.random.default_rng(seed).integers(0, top, (frames, rows, columns, 3), dtype=kind, endpoint=True)
    write_colour(tmp_path / "c", rgb, planar=planar)
    for index in range(frames):
        assert np.array_equal(stored_values(tmp_path / "c", index).values, rgb[index])


def test_masking_leaves_full_words_and_floats_alone() -> None:
    words = np.array([0, 65535], np.uint16)
    assert mask_to_stored(words, 16, 15, signed=False) is words
    floats = np.array([0.5], np.float32)
    assert mask_to_stored(floats, 12, 11, signed=False) is floats


def test_twelve_bits_with_garbage_above(tmp_path: Path) -> None:
    stored = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    write_grey(tmp_path / "g", stored | 0xA000, BitsStored=12, HighBit=11)
    assert np.array_equal(read_frame(tmp_path / "g").stored, stored)
    signed = np.arange(-2048, 2048, dtype=np.int16).reshape(64, 64)
    write_grey(tmp_path / "s", (signed & 0x0FFF) | 0x5000, BitsStored=12, HighBit=11, PixelRepresentation=1)
    frame = read_frame(tmp_path / "s")
    assert np.array_equal(frame.stored, signed)
    assert frame.stored.dtype == np.int16


def test_high_bit_on_top(tmp_path: Path) -> None:
    stored = np.arange(4096, dtype=np.uint16).reshape(64, 64)
    write_grey(tmp_path / "h", stored << 4 | 0x5, BitsStored=12, HighBit=15)
    assert np.array_equal(read_frame(tmp_path / "h").stored, stored)


@pytest.mark.parametrize("kind", ["u1", "i1", "u2", "i2", "u4", "i4"])
@pytest.mark.parametrize("frames", [1, 3])
def test_integers_of_every_width_and_byte_order(tmp_path: Path, kind: str, frames: int) -> None:
    info = np.iinfo(kind)
    rng = np.random.default_rng(3)
    stored = rng.integers(info.min, info.max, (frames, 5, 7), dtype=kind, endpoint=True)
    path = tmp_path / "values"
    ds = write_grey(path, stored)
    for index in range(frames):
        assert np.array_equal(read_frame(path, index).stored, stored[index])
    ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    ds.save_as(path, enforce_file_format=False, implicit_vr=True, little_endian=True)
    assert np.array_equal(read_frame(path, frames - 1).stored, stored[-1])
    ds.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    swapped = stored.astype(stored.dtype.newbyteorder(">")).tobytes()
    ds["PixelData"].VR = "OB" if stored.itemsize == 1 else "OW"
    ds.PixelData = swapped + b"\0" * (len(swapped) % 2)
    ds.save_as(path, enforce_file_format=False, implicit_vr=False, little_endian=False)
    frame = read_frame(path, frames - 1)
    assert np.array_equal(frame.stored, stored[-1])
    assert frame.stored.dtype.isnative


@pytest.mark.parametrize(("keyword", "kind"), [("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")])
def test_float_pixels(tmp_path: Path, keyword: str, kind: str) -> None:
    values = np.linspace(-1, 1, 96).reshape(8, 12).astype(kind)
    values[0, 0] = np.nan
    write_grey(
        tmp_path / "f", RAMP, PixelData=None, BitsAllocated=8 * values.itemsize, BitsStored=None,
        HighBit=None, PixelRepresentation=None, **{keyword: values.tobytes()},
    )  # fmt: skip
    frame = read_frame(tmp_path / "f")
    assert np.array_equal(frame.stored, values, equal_nan=True)
    assert frame.notes == ("Some pixels are no finite numbers.",)


def test_one_bit_frames_that_share_bytes(tmp_path: Path) -> None:
    bits = np.random.default_rng(0).integers(0, 2, (3, 5, 5), dtype=np.uint8)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    write_grey(tmp_path / "bits", bits, BitsAllocated=1, BitsStored=1, HighBit=0, PixelData=packed)
    for index in range(3):
        assert np.array_equal(read_frame(tmp_path / "bits", index).stored, bits[index])


def test_only_one_frame_is_held_in_memory(tmp_path: Path) -> None:
    clip = np.zeros((60, 200, 300), np.uint16)
    clip[41] = 41
    write_grey(tmp_path / "clip", clip)
    read_frame(tmp_path / "clip", 0)
    tracemalloc.start()
    frame = read_frame(tmp_path / "clip", 41)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert frame.stored.min() == 41
    assert peak < 8 * frame.stored.nbytes


_MEMORY = """
import resource, sys
from pathlib import Path
from core.dicom.frames import read_frame
from core.dicom.index import scan

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

def main():
    small, big = (Path(name) for name in sys.argv[1:])
    scan([small])
    read_frame(small, 1)
    before = peak()
    (instance,) = scan([big]).instances
    frames = [int(read_frame(instance, index).stored.max()) for index in (0, 150)]
    print(instance.number_of_frames, frames, peak() - before)

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory as Linux counts it")
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_a_long_clip_costs_less_than_three_frames(tmp_path: Path, photometric: str) -> None:
    """200 frames of 600 x 800 x 3, which is 274 MiB: peak memory of the whole process, in one of its own."""
    rows, columns, count = 600, 800, 200
    frame_bytes = rows * columns * 3
    changes = {"NumberOfFrames": count, "PhotometricInterpretation": photometric}
    write_colour(
        tmp_path / "small", np.zeros((2, 300, 400, 3), np.uint8), PhotometricInterpretation=photometric
    )
    write_colour(tmp_path / "big", np.zeros((1, rows, columns, 3), np.uint8), **changes)
    head = (tmp_path / "big").read_bytes()[: -frame_bytes - 4] + (count * frame_bytes).to_bytes(4, "little")
    with (tmp_path / "big").open("wb") as stream:
        stream.write(head)
        stream.truncate(len(head) + count * frame_bytes)  # zeros that take no room on the disk
        stream.seek(len(head) + 150 * frame_bytes)
        stream.write(b"\xff" * frame_bytes)
    (tmp_path / "memory.py").write_text(_MEMORY)
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, str(tmp_path / "memory.py"), str(tmp_path / "small"), str(tmp_path / "big")],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    found, levels, growth = re.fullmatch(r"(\d+) (\[.*\]) (\d+)\n", done.stdout).groups()  # type: ignore[union-attr]  # fails if None
    assert int(found) == count
    assert levels == ("[0, 255]" if photometric == "RGB" else levels)
    assert int(growth) < 3 * frame_bytes


@pytest.mark.parametrize("planar", [False, True])
def test_rgb_is_rgb(tmp_path: Path, planar: bool) -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (2, 6, 9, 3), dtype=np.uint8)
    write_colour(tmp_path / "c", rgb, planar=planar)
    frame = read_frame(tmp_path / "c", 1)
    assert np.array_equal(frame.stored, rgb[1])
    assert frame.photometric_interpretation == "RGB"


@pytest.mark.parametrize("level", [0, 7, 128, 255])
def test_neutral_grey_of_ybr_stays_neutral(tmp_path: Path, level: int) -> None:
    ybr = np.full((4, 6, 3), 128, np.uint8)
    ybr[..., 0] = level
    write_colour(tmp_path / "y", ybr, PhotometricInterpretation="YBR_FULL")
    assert np.array_equal(read_frame(tmp_path / "y").stored, np.full((4, 6, 3), level))
    assert stored_values(tmp_path / "y").photometric_interpretation == "YBR_FULL"


def test_native_422_is_unfolded_and_unfolded_422_is_noted(tmp_path: Path) -> None:
    folded = np.tile(np.array([10, 20, 128, 128], np.uint8), 12)
    ybr = np.full((4, 6, 3), 128, np.uint8)
    write_colour(tmp_path / "f", ybr, PhotometricInterpretation="YBR_FULL_422", PixelData=folded.tobytes())
    assert np.array_equal(read_frame(tmp_path / "f").stored[0, :, 0], [10, 20, 10, 20, 10, 20])
    write_colour(tmp_path / "u", ybr, PhotometricInterpretation="YBR_FULL_422")
    frame = read_frame(tmp_path / "u")
    assert np.all(frame.stored == 128)
    assert frame.notes == ("YBR_FULL_422 is declared, but no sample is left out; read as YBR_FULL.",)


def test_palette_becomes_rgb(tmp_path: Path) -> None:
    tables = np.stack([np.arange(256) * scale for scale in (257, 128, 64)]).astype(np.uint16)
    indices = np.arange(256, dtype=np.uint8).reshape(16, 16)
    write_palette(tmp_path / "p", indices, tables)
    frame = read_frame(tmp_path / "p")
    assert np.array_equal(frame.stored, np.moveaxis(tables[:, indices] >> 8, 0, -1))


def test_an_image_without_its_palette_is_refused(tmp_path: Path) -> None:
    write_palette(tmp_path / "p", np.zeros((4, 4), np.uint8), np.zeros((3, 4), np.uint16),
                  RedPaletteColorLookupTableData=None)  # fmt: skip
    with pytest.raises(Refused, match="the red palette is missing"):
        read_frame(tmp_path / "p")


@pytest.mark.parametrize("photometric", ["MONOCHROME", "SPECTRAL"])
def test_unknown_photometric_interpretation_is_assumed_grey(tmp_path: Path, photometric: str) -> None:
    write_grey(tmp_path / "x", RAMP, PhotometricInterpretation=photometric)
    frame = read_frame(tmp_path / "x")
    assert frame.photometric_interpretation == "MONOCHROME2"
    assert "is unknown; MONOCHROME2 is assumed" in frame.notes[0]


@pytest.mark.parametrize(
    ("age", "birth", "study", "years"),
    [
        ("045Y", "", "", 45),
        ("006M", "", "", 0.5),
        ("052W", "", "", 0.9966),
        ("010D", "", "", 0.0274),
        ("45", "", "", 45),
        ("", "19800101", "20200101", 40),
        ("", "1980.01.01", "2020.01.01", 40),
        ("old", "19800101", "20200101", 40),
        ("", "20200101", "19800101", None),
        ("", "19801399", "20200101", None),
        ("", "", "", None),
        ("999Y", "", "", None),
    ],
)
def test_age_in_years(tmp_path: Path, age: str, birth: str, study: str, years: float | None) -> None:
    with pydicom.config.disable_value_validation():
        write_chest_film(
            tmp_path / "f", rows=8, columns=8, PatientAge=age, PatientBirthDate=birth, StudyDate=study
        )
    found = read_frame(tmp_path / "f").source.patient_age_years
    assert found == (pytest.approx(years, abs=0.01) if years is not None else None)


def test_a_reread_frame_has_the_same_digest(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "f", rows=64, columns=64)
    assert read_frame(film.path).digest == read_frame(str(film.path)).digest


def test_enhanced_groups_give_each_frame_its_own(tmp_path: Path) -> None:
    def group(intercept: float, center: float, spacing: float) -> Dataset:
        own, values, voi, measures = Dataset(), Dataset(), Dataset(), Dataset()
        values.RescaleIntercept, values.RescaleSlope, values.RescaleType = intercept, 2, "HU"
        voi.WindowCenter, voi.WindowWidth = center, 100
        measures.PixelSpacing = [spacing, spacing]
        own.PixelValueTransformationSequence, own.FrameVOILUTSequence = [values], [voi]
        own.PixelMeasuresSequence = [measures]
        return own

    write_grey(
        tmp_path / "e", np.stack([RAMP, RAMP]), SharedFunctionalGroupsSequence=[group(-5, 1, 9)],
        PerFrameFunctionalGroupsSequence=[group(-10, 40, 0.5)], RescaleSlope=7, RescaleIntercept=7,
    )  # fmt: skip
    first, second = read_frame(tmp_path / "e", 0), read_frame(tmp_path / "e", 1)
    assert (first.modality_transform.intercept, first.windows[0].center, first.spacing.row_mm) == (
        -10,
        40,
        0.5,
    )
    assert (second.modality_transform.intercept, second.windows[0].center, second.spacing.row_mm) == (
        -5,
        1,
        9,
    )
    assert "The file has fewer functional groups than frames." in second.notes


def test_two_named_windows_of_a_real_file() -> None:
    frame = read_frame(sample("examples_overlay.dcm"))
    assert [(w.center, w.width, w.function) for w in frame.windows] == [
        (450, 790, VoiFunction.LINEAR),
        (200, 443, VoiFunction.LINEAR),
    ]


def test_code_stream_sign_goes_before_the_header() -> None:
    frame = read_frame(sample("J2K_pixelrep_mismatch.dcm"))
    assert (int(frame.stored.min()), int(frame.stored.max())) == (-2000, 1896)


def test_ultrasound_is_neither_green_nor_pink() -> None:
    frame = read_frame(sample("examples_ybr_color.dcm"))
    assert frame.stored[120, 160].tolist() == [7, 7, 7]
    assert frame.source.number_of_frames == 30


def test_a_truncated_file_says_so() -> None:
    with pytest.raises(Refused, match="truncated: the header declares 8,192 bytes of pixels, 8,130"):
        read_frame(sample("MR_truncated.dcm"))


def test_a_file_that_changes_under_our_hands_is_a_clear_error(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "f", rows=64, columns=64)
    instance = scan([film.path]).instances[0]
    film.path.write_bytes(film.path.read_bytes()[:-500])
    with pytest.raises(Refused, match="truncated"):
        read_frame(instance)
