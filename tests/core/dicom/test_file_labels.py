"""The fast way and the long way say the same of every file, whole or damaged; and nothing is held twice."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import numpy as np
import pydicom
import pytest
from phantoms import write_chest_film, write_colour, write_ct_series
from pydicom.uid import ImplicitVRLittleEndian, JPEGLSLossless, RLELossless

from core.dicom import file_labels
from core.dicom.file_labels import LabelReader
from core.dicom.study import SkippedFile


def _go_on() -> None:
    """No one can stop this."""


@pytest.fixture
def long_ways(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that went the long way."""
    gone: list[Path] = []
    long = LabelReader._look_long_at
    monkeypatch.setattr(
        LabelReader, "_look_long_at", lambda self, *paths: (gone.append(paths[0]), long(self, *paths))[1]
    )
    return gone


def _same_both_ways(paths: list[Path]) -> None:
    reader, other = LabelReader(_go_on), LabelReader(_go_on)
    for path in paths:
        assert reader.look_at(path) == other._look_long_at(path), path


def test_files_that_come_with_pydicom_say_the_same_both_ways() -> None:
    folder = Path(pydicom.__file__).parent / "data"
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    assert len(paths) > 100
    _same_both_ways(paths)


@pytest.mark.shared
def test_real_files_say_the_same_both_ways(shared_data: Path) -> None:
    _same_both_ways(sorted(path for path in (shared_data / "dicom").rglob("*") if path.is_file()))


def _series(folder: Path, syntax: str) -> list[Path]:
    paths = list(write_ct_series(folder, 4, OperatorsName="A", StudyTime="101010"))
    for number, path in enumerate(paths):
        ds = pydicom.dcmread(path)
        ds.OperatorsName = "A" * number  # differs, but nobody asks for it
        ds.ContentTime = f"1010{number}0"
        item = pydicom.Dataset()
        item.ReferencedSOPInstanceUID = f"1.2.3{'4' * number}"
        ds.ReferencedImageSequence = [item]
        if syntax == ImplicitVRLittleEndian:
            ds.file_meta.TransferSyntaxUID = syntax
            ds.save_as(path, implicit_vr=True, little_endian=True)
        else:
            if syntax == RLELossless:
                ds.compress(syntax)
            ds.save_as(path)
    return paths


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian, RLELossless])
def test_a_series_goes_the_fast_way_and_shares_its_labels(
    tmp_path: Path, syntax: str, long_ways: list[Path]
) -> None:
    paths = _series(tmp_path, syntax)
    reader = LabelReader(_go_on)
    found = [reader.look_at(path) for path in paths]
    assert long_ways == []
    assert found == [LabelReader(_go_on)._look_long_at(path) for path in paths]
    assert not any(isinstance(one, SkippedFile) for one in found)
    labels, spacings = {id(one.labels) for one in found}, {id(one.instance.spacing) for one in found}
    assert (len(labels), len(spacings)) == (1, 1)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ImplicitVRLittleEndian, RLELossless])
def test_damaged_files_say_the_same_both_ways(tmp_path: Path, syntax: str) -> None:
    """Bytes changed, lost, doubled and cut off in a file like three that were read before."""
    *before, last = _series(tmp_path / "series", syntax)
    whole, rng = last.read_bytes(), random.Random(5)
    damaged = tmp_path / "damaged"
    fine = 0
    for _ in range(60):
        reader = LabelReader(_go_on)
        for path in before:
            reader.look_at(path)
        content = bytearray(whole)
        for _ in range(rng.choice((1, 1, 3))):
            place, other = rng.randrange(132, 1300), rng.randrange(132, 1300)
            match rng.randrange(5):
                case _ if len(content) < 1300:
                    break
                case 0:
                    content[place] = rng.randrange(256)
                case 1:
                    content[place] = rng.choice(b"0123456789\\ .AZ\0\xff")
                case 2:
                    del content[place : place + rng.choice((1, 2, 8))]
                case 3:
                    content[place : place + 8] = content[other : other + 8]
                case 4:
                    del content[-place:]
        damaged.write_bytes(content)
        outcome = reader.look_at(damaged)
        assert outcome == LabelReader(_go_on)._look_long_at(damaged)
        fine += not isinstance(outcome, SkippedFile)
    assert fine > 5


def test_another_transfer_syntax_is_never_taken_for_one_before(tmp_path: Path) -> None:
    """The bytes of a UID may differ by their padding, which must not make all of its bytes free."""
    paths = list(write_ct_series(tmp_path, 3))
    uids = (b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1 ", b"1.2.840.10008.1.2.5\0")
    for path, uid in zip(paths, uids, strict=True):
        content = path.read_bytes()
        assert content.count(b"1.2.840.10008.1.2.1\0") == 1
        path.write_bytes(content.replace(b"1.2.840.10008.1.2.1\0", uid))
    reader = LabelReader(_go_on)
    assert [reader.look_at(path).instance.transfer_syntax_uid[-1] for path in paths] == ["1", "1", "5"]
    _same_both_ways(paths)


def test_fewer_bytes_of_compressed_pixels_are_believed_anew(tmp_path: Path) -> None:
    """A file like one before may still promise more pixels than its bytes can hold."""
    film = write_chest_film(tmp_path / "film", rows=2000, columns=1600, transfer_syntax_uid=RLELossless).path
    content = bytearray(film.read_bytes())
    start = content.index(b"\xfe\xff\x00\xe0", content.index(b"\xe0\x7f\x10\x00"))
    table = 8 + int.from_bytes(content[start + 4 : start + 8], "little")
    tiny = content[: start + table] + b"\xfe\xff\x00\xe0\x08\0\0\0" + bytes(8) + b"\xfe\xff\xdd\xe0\0\0\0\0"
    (tmp_path / "tiny").write_bytes(tiny)
    _same_both_ways([film, tmp_path / "tiny"])
    reader = LabelReader(_go_on)
    reader.look_at(film)
    outcome = reader.look_at(tmp_path / "tiny")
    assert isinstance(outcome, SkippedFile)
    assert "of compressed pixels are present" in outcome.reason


def test_names_in_other_scripts_and_odd_values_say_the_same(tmp_path: Path) -> None:
    write_chest_film(
        tmp_path / "a", patient_name="Yamada^Tarou=山田^太郎", SpecificCharacterSet=["", "ISO 2022 IR 87"]
    )
    write_chest_film(
        tmp_path / "b", patient_name="Äneas^Ö", SpecificCharacterSet="ISO_IR 192", InstanceNumber=""
    )
    write_chest_film(
        tmp_path / "c", InstanceNumber="+7", ContentTime="101010-101011", ImagePositionPatient=[1, 2]
    )
    film = write_chest_film(tmp_path / "d", SpecificCharacterSet="ISO_IR 192", StudyInstanceUID="").path
    film.write_bytes(film.read_bytes().replace(b"ISO_IR 192", b"NO_SUCH_IT"))
    write_colour(tmp_path / "e", np.zeros((3, 8, 8, 3), np.uint8))
    write_chest_film(tmp_path / "f", transfer_syntax_uid=JPEGLSLossless)
    _same_both_ways(sorted(tmp_path.iterdir()))


def test_what_is_asked_between_blocks_can_stop_a_long_header(tmp_path: Path) -> None:
    class Stopped(BaseException):
        pass

    asked = 0

    def stop() -> None:
        nonlocal asked
        asked += 1
        if asked > 3:
            raise Stopped

    film = write_chest_film(tmp_path / "film").path
    content = film.read_bytes()
    flood = b"".join(b"\x09\x00" + n.to_bytes(2, "little") + b"LO\x04\x00abcd" for n in range(0x1000, 0x6000))
    place = content.index(b"\x10\x00\x10\x00PN")
    film.write_bytes(content[:place] + b"\x09\x00\x10\x00LO\x02\x00A " + flood + content[place:])
    with pytest.raises(Stopped):
        LabelReader(stop).look_at(film)
    _same_both_ways([film])


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os = pytest.importorskip("os")
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes in folders")
    os.mkfifo(tmp_path / "pipe")
    outcome = LabelReader(_go_on).look_at(tmp_path / "pipe")
    assert outcome == SkippedFile(tmp_path / "pipe", "not a regular file.")


def test_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film").path
    shutil.move(film, tmp_path / "moved")
    outcome = LabelReader(_go_on).look_at(film)
    assert outcome == SkippedFile(film, "cannot be opened: no such file or directory.")
    assert file_labels.system_words(OSError()) == "oserror"
