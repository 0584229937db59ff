"""Common headers are read without pydicom, others are left to it, and what the gate says is said here too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pydicom
import pytest
from phantoms import write_chest_film, write_ct_series, write_deflate_bomb, write_nested, write_truncated
from pydicom.uid import JPEG2000Lossless

from core.dicom.gate import Refused, open_admitted
from core.dicom.header import Header, HeaderFile, HeaderReader, Wanted

WANTED = Wanted(("SOPClassUID", "PatientName", "Rows"), own=("SOPInstanceUID", "InstanceNumber"))


def _go_on() -> None:
    """No one can stop this."""


def _read(path: Path, reader: HeaderReader | None = None) -> Header | None:
    file = HeaderFile(path, _go_on)
    try:
        return (reader or HeaderReader(WANTED)).read(file)
    finally:
        file.close()


def test_a_header_holds_what_is_wanted_and_where_the_pixels_are(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film", patient_name="Müller^A", SpecificCharacterSet="ISO_IR 100")
    header = _read(film.path)
    assert header is not None
    attributes = header.attributes()
    assert attributes.name("PatientName") == "Müller, A"
    assert (attributes.integer("Rows"), attributes.integer("InstanceNumber")) == (512, 1)
    assert attributes.uid("SOPInstanceUID") == film.sop_instance_uid
    assert not attributes.has("Columns")
    opened = open_admitted(film.path)
    opened.stream.close()
    assert replace(header.survey("film"), fragments=opened.survey.fragments) == opened.survey


@pytest.mark.parametrize("syntax", [None, JPEG2000Lossless])
def test_headers_like_one_before_are_read_the_same(tmp_path: Path, syntax: str | None) -> None:
    reader = HeaderReader(WANTED)
    paths = write_ct_series(tmp_path / "a", 12)
    if syntax is not None:
        paths = tuple(
            write_chest_film(tmp_path / f"f{n}", rows=32, columns=32, seed=n, transfer_syntax_uid=syntax).path
            for n in range(12)
        )
    for path in paths:
        header, fresh = _read(path, reader), _read(path)
        assert header is not None
        assert header == fresh
    assert reader._recent


def test_long_values_and_sequences_grow_the_block(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film").path
    ds = pydicom.dcmread(film)
    ds.private_block(0x0009, "LONG", create=True).add_new(1, "OB", bytes(30_000))
    item = pydicom.Dataset()
    item.PixelData = bytes(40_000)
    item["PixelData"].VR = "OW"
    ds.IconImageSequence = [item] * 3
    for undefined in (False, True):
        ds["IconImageSequence"].is_undefined_length = undefined
        ds.save_as(film)
        header = _read(film)
        assert header is not None
        opened = open_admitted(film)
        opened.stream.close()
        assert replace(header.survey("film"), fragments=opened.survey.fragments) == opened.survey


def test_all_others_are_left_alone(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film").path
    content = film.read_bytes()
    others: dict[str, bytes] = {
        "empty": b"",
        "short": content[:140],
        "no preamble": content[132:],
        "program": b"MZ" + content[2:],
        "no class": content.replace(b"\x08\x00\x16\x00UI", b"\x08\x00\x15\x00UI"),
        "descending": content.replace(b"\x10\x00\x20\x00LO", b"\x07\x00\x20\x00LO"),
        "odd VR": content.replace(b"\x10\x00\x20\x00LO", b"\x10\x00\x20\x00ZZ"),
        "other VR": content.replace(b"\x10\x00\x10\x00PN", b"\x10\x00\x10\x00LO"),
        "cut": content[:-1],
        "big endian": content.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.2\0"),
        "deflated": content.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.99"),
    }
    write_truncated(tmp_path / "in header", film, 600)
    write_nested(tmp_path / "nested", 100)
    write_deflate_bomb(tmp_path / "bomb", 1)
    for name, changed in others.items():
        assert changed != content
        (tmp_path / name).write_bytes(changed)
    film.unlink()
    for path in tmp_path.iterdir():
        assert _read(path) is None, path


def test_depth_is_bounded_before_the_gate_refuses(tmp_path: Path) -> None:
    for depth, fast in ((3, True), (30, False)):
        write_nested(tmp_path / "nested", depth)
        try:
            open_admitted(tmp_path / "nested").stream.close()
        except Refused:
            pytest.fail("the gate admits such a depth")
        header = _read(tmp_path / "nested")
        assert fast or header is None
