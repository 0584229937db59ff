"""Attributes: any damaged value becomes a value or nothing, and a note."""

from __future__ import annotations

import io
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phantoms import as_file
from pydicom.data import get_charset_files
from pydicom.dataset import Dataset

from core.dicom.tags import Attributes, harmless, quiet_pydicom, read_attributes


def element(tag: int, vr: bytes, value: bytes) -> bytes:
    """One element, explicit little endian, written byte by byte."""
    head = tag.to_bytes(4, "big")
    head = head[1::-1] + head[:1:-1] + vr
    value += b" " * (len(value) % 2)
    if vr in (b"OB", b"OW", b"UN", b"SQ"):
        return head + b"\0\0" + len(value).to_bytes(4, "little") + value
    return head + len(value).to_bytes(2, "little") + value


def attributes_of(tag: int, vr: bytes, value: bytes, keyword: str, charset: bytes = b"") -> Attributes:
    """Attributes of a file that holds one element beside its character set."""
    file = io.BytesIO()
    as_file(Dataset()).save_as(file, enforce_file_format=False)
    elements = element(0x00080005, b"CS", charset) + element(tag, vr, value)
    return read_attributes(io.BytesIO(file.getvalue() + elements), [keyword])


@pytest.mark.parametrize(
    ("vr", "value", "expected"),
    [
        (b"DS", b"40", 40.0),
        (b"DS", b" 40.5 ", 40.5),
        (b"DS", b"40,5", 40.5),
        (b"DS", b"40\\80", 40.0),
        (b"DS", b"", None),
        (b"DS", b"\\", None),
        (b"DS", b"nan", None),
        (b"DS", b"1e999", None),
        (b"DS", b"forty", None),
        (b"UN", b"40", 40.0),
        (b"LO", b"40", 40.0),
        (b"FD", b"\0\0\0\0\0\0\x44\x40", 40.0),
        (b"FD", b"\0\0\0", None),
        (b"SQ", b"\0\0\0\0", None),
    ],
)
def test_number_is_a_number_or_nothing(vr: bytes, value: bytes, expected: float | None) -> None:
    attributes = attributes_of(0x00281050, vr, value, "WindowCenter")
    assert attributes.number("WindowCenter") == expected
    assert attributes.number("WindowWidth") is None


def test_what_was_odd_is_said_once() -> None:
    attributes = attributes_of(0x00281050, b"DS", b"40\\80\\x", "WindowCenter")
    attributes.number("WindowCenter")
    attributes.number("WindowCenter")
    assert attributes.notes == [
        "Window Center holds “x”, which is no number.",
        "Window Center holds 2 values; the first is used.",
    ]
    assert attributes.places("WindowCenter") == (40.0, 80.0, None)


def test_a_fraction_is_no_whole_number() -> None:
    attributes = attributes_of(0x00200013, b"DS", b"1.5", "InstanceNumber")
    assert attributes.integer("InstanceNumber") is None
    assert "whole number" in attributes.notes[0]


@given(
    vr=st.sampled_from([b"DS", b"IS", b"US", b"UN", b"LO", b"PN", b"FD", b"OW", b"SQ", b"UI", b"DA"]),
    value=st.binary(max_size=40),
)
def test_no_bytes_raise(vr: bytes, value: bytes) -> None:
    attributes = attributes_of(0x00280030, vr, value, "PixelSpacing")
    attributes.text("PixelSpacing")
    attributes.code("PixelSpacing")
    attributes.uid("PixelSpacing")
    attributes.name("PixelSpacing")
    attributes.integer("PixelSpacing")
    attributes.items("PixelSpacing")
    attributes.words("PixelSpacing")
    attributes.raw("PixelSpacing")
    assert all(isinstance(number, float) for number in attributes.numbers("PixelSpacing"))


@given(
    charset=st.sampled_from(
        [
            b"ISO_IR 100",
            b"ISO_IR 192",
            b"GB18030",
            b"\\ISO 2022 IR 87",
            b"\\ISO 2022 IR 149",
            b"ISO_IR 999",
            b"\xff\xfe",
            b"",
        ]
    ),
    value=st.binary(max_size=64),
)
def test_any_name_in_any_character_set_is_text(charset: bytes, value: bytes) -> None:
    name = attributes_of(0x00100010, b"PN", value, "PatientName", charset).name("PatientName")
    assert not any(character in name for character in "\0\x1b\u202e\n")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("chrArab.dcm", "قباني, لنزار"),
        ("chrFren.dcm", "Buc, Jérôme"),
        ("chrGerm.dcm", "Äneas, Rüdiger"),
        ("chrGreek.dcm", "Διονυσιος"),
        ("chrH31.dcm", "Yamada, Tarou (山田 太郎)"),
        ("chrHbrw.dcm", "שרון, דבורה"),
        ("chrI2.dcm", "Hong, Gildong (洪 吉洞)"),
        ("chrRuss.dcm", "Люкceмбypг"),
        ("chrX1.dcm", "Wang, XiaoDong (王 小東)"),
        ("chrX2.dcm", "Wang, XiaoDong (王 小东)"),
    ],
)
def test_names_of_many_scripts(file: str, name: str) -> None:
    path = next(Path(path) for path in get_charset_files(file))
    with path.open("rb") as stream:
        assert read_attributes(stream, ["PatientName"]).name("PatientName") == name


def test_every_charset_file_gives_a_name() -> None:
    for path in get_charset_files("*.dcm"):
        with Path(path).open("rb") as stream:
            attributes = read_attributes(stream, ["PatientName", "RequestedProcedureCodeSequence"])
            assert isinstance(attributes.name("PatientName"), str)


def test_control_and_reordering_characters_are_shown() -> None:
    assert harmless("pdf.\u202eexe") == "pdf.\\u202eexe"
    assert harmless("a\tb\r\nc  d\x00\x1b") == "a b c d\\u0000\\u001b"
    assert harmless("\ud800") == "\\ud800"
    assert len(harmless("x" * 10_000)) == 1024


@given(st.text())
def test_harmless_text_is_one_line_that_prints(text: str) -> None:
    shown = harmless(text)
    assert shown == harmless(shown)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("dicom", "readable"),
    [
        ("Doe^Jane^Q^Dr^MD", "Doe, Dr Jane Q, MD"),
        ("Doe", "Doe"),
        ("^Jane", "Jane"),
        ("", ""),
        ("=山田^太郎", "山田 太郎"),
        ("==やまだ^たろう", "やまだ たろう"),
        ("A^B\u202e^C", "A, B\\u202e C"),
        ("a^b^c^d^e^f^g=x=y=z", "a, d b c, e (x)"),
    ],
)
def test_person_names_are_readable(dicom: str, readable: str) -> None:
    ds = Dataset()
    with quiet_pydicom():
        ds.PatientName = dicom
    assert Attributes(ds).name("PatientName") == readable


@pytest.mark.parametrize(
    ("dicom", "spoken"),
    [
        ("Yamada^Tarou=山田^太郎=やまだ^たろう", "やまだ たろう"),
        ("Hong^Gildong=洪^吉洞=홍^길동=x", "홍 길동"),
        ("Doe^Jane", ""),
        ("", ""),
        ("==A^B\u202e", "A, B\\u202e"),
    ],
)
def test_the_spoken_form_of_a_name_is_kept_for_the_search(dicom: str, spoken: str) -> None:
    ds = Dataset()
    with quiet_pydicom():
        ds.PatientName = dicom
    assert Attributes(ds).phonetic_name("PatientName") == spoken
    assert Attributes(ds).phonetic_name("PatientID") == ""


def test_words_of_bytes_and_of_signed_numbers() -> None:
    assert attributes_of(0x00283006, b"OW", b"\x40\x9c\x01\x00", "LUTData").words("LUTData") == (40000, 1)
    assert attributes_of(0x00283006, b"SS", b"\x40\x9c\x01\x00", "LUTData").words("LUTData") == (40000, 1)


def test_pydicom_keeps_its_warnings_to_itself() -> None:
    ds = pydicom.Dataset()
    ds.SpecificCharacterSet = "ISO_IR 999"
    with quiet_pydicom():
        ds.PatientName = "x" * 200
