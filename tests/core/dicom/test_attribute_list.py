"""Attributes of files as rows, page by page."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from phantoms import write_chest_film, write_grey, write_nested, write_truncated
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from core.dicom.attribute_list import AttributeRow, frame_rows, read_page
from core.dicom.gate import Refused
from core.dicom.tags import quiet_pydicom

# pydicom stops at what it cannot convert.
_UNREADABLE_FOR_PYDICOM = frozenset({"badVR.dcm"})
PIXELS = np.zeros((4, 4), np.uint16)


def all_rows(path: Path, page_rows: int = 500) -> list[AttributeRow]:
    """Every page of a file."""
    page = read_page(path, rows=page_rows)
    rows = list(page.rows)
    while page.next_page is not None:
        page = read_page(path, page.next_page, page_rows)
        rows += page.rows
    return rows


def one(rows: list[AttributeRow], keyword: str) -> AttributeRow:
    (found,) = (row for row in rows if row.keyword == keyword)
    return found


def items(count: int, keyword: str = "CodeMeaning") -> list[Dataset]:
    made = []
    for number in range(count):
        item = Dataset()
        setattr(item, keyword, f"meaning {number}")
        made.append(item)
    return made


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film with private attributes, a sequence and long values."""
    path = tmp_path / "film.dcm"
    write_chest_film(path, patient_name="Yamada^Tarou", rows=20, columns=20)
    ds = pydicom.dcmread(path)
    block = ds.private_block(0x0011, "ACME 1.0", create=True)
    block.add_new(0x01, "LO", "private word")
    ds.private_block(0x0009, "GEMS_IDEN_01", create=True).add_new(0x01, "LO", "GE")
    ds.AnatomicRegionSequence = items(2)
    ds.StudyComments = "x" * 5000
    ds.AcquisitionComments = "first line\nsecond line"
    ds.RedPaletteColorLookupTableData = bytes(range(256)) * 4
    ds.FrameTimeVector = [1.5] * 20
    ds.LUTFrameRange = [1, 2]
    ds.FrameIncrementPointer = 0x00181063
    ds.save_as(path)
    return path


def test_every_attribute_is_a_row(film: Path) -> None:
    rows = all_rows(film)
    assert one(rows, "PatientName").value == "Yamada^Tarou"
    assert one(rows, "PatientName").tag == "(0010,0010)"
    assert one(rows, "TransferSyntaxUID").value == "1.2.840.10008.1.2.1 (Explicit VR Little Endian)"
    assert (one(rows, "ImageType").vm, one(rows, "ImageType").value) == ("3", "ORIGINAL\\PRIMARY\\")
    assert one(rows, "Rows").value == "20"
    assert one(rows, "FrameIncrementPointer").value == "(0018,1063)"
    assert one(rows, "PixelData").value == "pixel data (800 bytes), not read here"
    assert rows[-1].keyword == "PixelData"
    assert not any(row.problem for row in rows)
    assert one(rows, "PatientName").text == "(0010,0010)  PN  1  PatientName  Yamada^Tarou"


def test_sequences_are_nested_and_private_attributes_name_their_creator(film: Path) -> None:
    rows = all_rows(film)
    place = next(n for n, row in enumerate(rows) if row.keyword == "AnatomicRegionSequence")
    nested = [(row.depth, row.name, row.value) for row in rows[place : place + 5]]
    assert nested == [
        (0, "Anatomic Region Sequence", nested[0][2]),
        (1, "Item 1", ""),
        (2, "Code Meaning", "meaning 0"),
        (1, "Item 2", ""),
        (2, "Code Meaning", "meaning 1"),
    ]
    private = {row.tag: row for row in rows if row.creator}
    assert private["(0011,1001)"].creator == "ACME 1.0"
    assert private["(0011,1001)"].value == "private word"
    assert private["(0009,1001)"].name == "Full fidelity"
    assert next(row for row in rows if row.tag == "(0011,0010)").name == "Private Creator"


def test_long_values_are_cut_and_say_how_much_more_there_is(film: Path) -> None:
    rows = all_rows(film)
    comments = one(rows, "StudyComments")
    assert comments.value == "x" * 200 + " … 4,800 more characters"
    assert comments.full_value == "x" * 5000
    lines = one(rows, "AcquisitionComments")
    assert (lines.value, lines.full_value) == ("first line second line", "first line\nsecond line")
    binary = one(rows, "RedPaletteColorLookupTableData")
    assert binary.value.startswith("1,024 bytes: 00 01 02 03")
    assert binary.value.endswith("…")
    vector = one(rows, "FrameTimeVector")
    assert vector.vm == "20"
    assert vector.value.count("1.5") == 20


@pytest.mark.parametrize("numbers", [5, 100])
def test_numbers_are_counted(tmp_path: Path, numbers: int) -> None:
    write_grey(
        tmp_path / "a.dcm",
        PIXELS,
        RecommendedDisplayFrameRateInFloat=1.5,
        DisplayedAreaTopLeftHandCorner=[-1] * 2,
    )
    ds = pydicom.dcmread(tmp_path / "a.dcm")
    ds.SimpleFrameList = list(range(1, numbers + 1))
    ds.save_as(tmp_path / "a.dcm")
    rows = all_rows(tmp_path / "a.dcm")
    row = one(rows, "SimpleFrameList")
    assert row.vm == str(numbers)
    assert row.value.startswith("1\\2\\3")
    assert ("88 more" in row.value) == (numbers == 100)
    assert one(rows, "DisplayedAreaTopLeftHandCorner").value == "-1\\-1"
    assert one(rows, "RecommendedDisplayFrameRateInFloat").value == "1.5"


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
def test_every_encoding_gives_the_same_values(film: Path, tmp_path: Path, syntax: str) -> None:
    ds = pydicom.dcmread(film)
    ds.PixelRepresentation = 1
    ds.add_new("SmallestImagePixelValue", "SS", -5)
    other = tmp_path / "other.dcm"
    if syntax == ExplicitVRBigEndian:
        ds.PixelData = ds.pixel_array.astype(">u2").tobytes()
        ds["PixelData"].VR = "OW"
    ds.file_meta.TransferSyntaxUID = syntax
    pydicom.dcmwrite(
        other, ds, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=syntax != ExplicitVRBigEndian
    )
    plain, coded = all_rows(film), all_rows(other)
    assert one(coded, "SmallestImagePixelValue").value == "-5"
    for keyword in (
        "PatientName",
        "Rows",
        "StudyComments",
        "WindowCenter",
        "FrameTimeVector",
        "LUTFrameRange",
    ):
        assert one(coded, keyword).value == one(plain, keyword).value, keyword
    assert [row.depth for row in coded if row.name.startswith("Item")] == [1, 1]
    assert one(coded, "TransferSyntaxUID").value.startswith(syntax)
    assert all_rows(other, 7) == coded, "page by page the same"


def test_pages_of_any_size_give_the_same_rows(film: Path) -> None:
    whole = all_rows(film, 10**6)
    for size in (1, 2, 3, 17):
        assert all_rows(film, size) == whole


@pytest.mark.parametrize(
    ("charset", "name", "shown"),
    [
        ("ISO_IR 192", "Иванов^Пётр", "Иванов^Пётр"),
        ("ISO_IR 144", "Люкceмбypг", "Люкceмбypг"),
        ("GB18030", "王^小东", "王^小东"),
        (
            ["", "ISO 2022 IR 87"],
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
        ),
        ("ISO_IR 192", "pdf.\u202eexe\x07", "pdf.\\u202eexe\\u0007"),
    ],
)
def test_texts_are_letters_of_their_character_set_and_harmless(
    tmp_path: Path, charset: object, name: str, shown: str
) -> None:
    write_grey(tmp_path / "a.dcm", PIXELS, SpecificCharacterSet=charset, PatientName=name)
    assert one(all_rows(tmp_path / "a.dcm"), "PatientName").value == shown


def test_an_item_may_have_a_character_set_of_its_own(tmp_path: Path) -> None:
    item = items(1)[0]
    item.SpecificCharacterSet, item.CodeMeaning = "ISO_IR 144", "сердце"
    write_grey(tmp_path / "a.dcm", PIXELS, PatientName="Müller", SpecificCharacterSet="ISO_IR 100")
    ds = pydicom.dcmread(tmp_path / "a.dcm")
    ds.AnatomicRegionSequence = [item]
    ds.save_as(tmp_path / "a.dcm")
    rows = all_rows(tmp_path / "a.dcm")
    assert one(rows, "CodeMeaning").value == "сердце"
    assert one(rows, "PatientName").value == "Müller"


def enhanced(path: Path, frames: int) -> None:
    """A multi-frame object with functional groups."""
    write_grey(path, np.zeros((frames, 4, 4), np.uint16), NumberOfFrames=frames)
    ds = pydicom.dcmread(path)
    shared, measures = Dataset(), Dataset()
    measures.SliceThickness = "4"
    shared.PixelMeasuresSequence = [measures]
    ds.SharedFunctionalGroupsSequence = [shared]
    groups = []
    for number in range(frames):
        group, position = Dataset(), Dataset()
        position.ImagePositionPatient = [0, 0, number]
        group.PlanePositionSequence = [position]
        groups.append(group)
    ds.PerFrameFunctionalGroupsSequence = groups
    ds.save_as(path)


@pytest.mark.parametrize("undefined", [False, True])
def test_the_functional_groups_of_one_frame(tmp_path: Path, undefined: bool) -> None:
    path = tmp_path / "enhanced.dcm"
    enhanced(path, 5)
    if undefined:
        ds = pydicom.dcmread(path)
        for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
            ds[keyword].is_undefined_length = True
            for item in ds[keyword].value:
                item.is_undefined_length_sequence_item = True
        ds.save_as(path)
    rows = frame_rows(path, 3)
    assert [(row.depth, row.keyword or row.name) for row in rows] == [
        (0, "PlanePositionSequence"),
        (1, "Item 1"),
        (2, "ImagePositionPatient"),
        (0, "PixelMeasuresSequence"),
        (1, "Item 1"),
        (2, "SliceThickness"),
    ]
    assert rows[2].value == "0.0\\0.0\\3.0"
    assert frame_rows(path, 0)[2].value == "0.0\\0.0\\0.0"
    assert [row.keyword for row in frame_rows(path, 99)] == ["PixelMeasuresSequence", "", "SliceThickness"]


def test_a_plain_film_has_no_functional_groups(film: Path) -> None:
    assert frame_rows(film, 0) == ()


def test_a_file_that_breaks_off_says_so_in_a_row(film: Path, tmp_path: Path) -> None:
    write_truncated(tmp_path / "cut.dcm", film, 700)
    rows = all_rows(tmp_path / "cut.dcm")
    assert rows[0].tag == "(0002,0002)"
    assert rows[-1].problem
    assert "the file ends inside" in rows[-1].value


def test_too_deep_a_nest_ends_the_list_with_the_reason(tmp_path: Path) -> None:
    write_nested(tmp_path / "deep.dcm", 5000)
    rows = all_rows(tmp_path / "deep.dcm")
    assert rows[-1].problem
    assert "nested more than 64 deep" in rows[-1].value
    assert max(row.depth for row in rows) <= 128
    write_nested(tmp_path / "fine.dcm", 60)
    assert not any(row.problem for row in all_rows(tmp_path / "fine.dcm"))


def flood(path: Path, elements: int) -> None:
    """A header with very many private elements."""
    write_grey(path, PIXELS)
    ds = path.read_bytes()
    place = ds.index(struct.pack("<HH", 0x7FE0, 0x0010))
    numbers = range(0x1000, 0x1000 + elements)
    tags = ((0x0011 + 2 * (number >> 16), number & 0xFFFF) for number in numbers)
    extra = b"".join(struct.pack("<HH2sHI", *tag, b"UL", 4, 7) for tag in tags)
    path.write_bytes(ds[:place] + extra + ds[place:])


def test_a_flood_of_elements_comes_page_by_page(tmp_path: Path) -> None:
    path = tmp_path / "flood.dcm"
    flood(path, 60_000)
    page = read_page(path)
    assert len(page.rows) == 500
    assert page.next_page is not None
    size = path.stat().st_size
    assert page.next_page.offset < size / 50, "only the beginning was looked at"
    page = read_page(path, page.next_page, 100)
    assert len(page.rows) == 100
    assert len(all_rows(path, 20_000)) > 60_000


def test_a_picture_shows_its_own_header(tmp_path: Path) -> None:
    text = PngInfo()
    text.add_text("Comment", "made\u202e here")
    Image.fromarray(np.zeros((5, 7), np.uint8)).save(tmp_path / "a.png", pnginfo=text, dpi=(300, 300))
    rows = {row.name: row.value for row in all_rows(tmp_path / "a.png")}
    assert (rows["Columns"], rows["Rows"], rows["Format"]) == ("7", "5", "PNG")
    assert rows["Comment"] == "made\\u202e here"
    assert "A picture file, not DICOM" in rows
    assert frame_rows(tmp_path / "a.png", 0) == ()


def test_what_is_gone_is_refused_with_words(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read: no such file"):
        read_page(tmp_path / "gone.dcm")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(damage=st.lists(st.tuples(st.integers(132, 1400), st.integers(0, 255)), min_size=1, max_size=8))
def test_damaged_files_give_rows_and_never_an_error(
    film: Path, tmp_path: Path, damage: list[tuple[int, int]]
) -> None:
    data = bytearray(film.read_bytes())
    for place, value in damage:
        data[place % len(data)] = value
    path = tmp_path / "damaged.dcm"
    path.write_bytes(data)
    for row in all_rows(path):
        row.text.encode("utf-8")
        assert "\n" not in row.value
        assert "\x1b" not in row.value


@pytest.mark.shared
def test_real_files_have_as_many_rows_as_the_library_finds(shared_data: Path) -> None:
    """Where pydicom reads to the end; private sequences that it leaves as bytes (UN) are left out."""

    def count(ds: Dataset) -> int:
        nested = (item for element in ds if element.VR == "SQ" for item in element.value)
        return len(ds) + sum(1 + count(item) for item in nested)

    compared = 0
    for path in sorted((shared_data / "dicom" / "pydicom").rglob("*.dcm")):
        rows = all_rows(path)
        tops = [row.tag for row in rows if row.depth == 0]
        damaged = any(row.problem or row.vr.startswith("UN") for row in rows) or len(set(tops)) < len(tops)
        if damaged or path.name in _UNREADABLE_FOR_PYDICOM:
            continue
        with quiet_pydicom():
            ds = pydicom.dcmread(path, force=True)
            wanted = count(ds) + len(getattr(ds, "file_meta", ()))
        assert len(rows) == wanted, path.name
        compared += 1
    assert compared > 80
