"""An archive is opened like a folder; what it would rather do is refused, entry by entry."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from phantoms import write_chest_film

from core.dicom import archives, unpacked
from core.dicom.archives import Member, is_archive, unpack
from core.dicom.study import SkippedFile
from core.jobs import Cancelled

CONTENT = b"what is in it" * 100


class Job:
    """Counts what it is told, and is cancelled after a number of checkpoints."""

    def __init__(self, patience: int = 1_000_000) -> None:
        self.patience = patience
        self.texts: list[str] = []

    def report(self, done: int, total: int, text: str) -> None:
        self.texts.append(text)

    def checkpoint(self) -> None:
        self.patience -= 1
        if self.patience < 0:
            raise Cancelled


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr(unpacked, "_root", lambda: folder)
    unpacked.remove_all()
    yield folder
    unpacked.remove_all()


def shown(path: Path, outcome: Member | SkippedFile) -> str:
    named = outcome.named if isinstance(outcome, Member) else outcome.path
    return str(named).removeprefix(f"{path}!")


def taken(path: Path) -> dict[str, bytes]:
    return {shown(path, one): one.path.read_bytes() for one in unpack(path, Job()) if isinstance(one, Member)}


def refused(path: Path) -> dict[str, str]:
    return {shown(path, one): one.reason for one in unpack(path, Job()) if isinstance(one, SkippedFile)}


def tar_of(path: Path, mode: str, **files: bytes) -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]  # any mode that writes
        for name, content in files.items():
            entry = tarfile.TarInfo(name.replace("__", "/"))
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def zip_of(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_tar_archives_of_every_kind(tmp_path: Path, mode: str) -> None:
    path = tar_of(tmp_path / "study", mode, a__1=CONTENT, a__2=b"", b=b"x" * 700_000)
    assert is_archive(path)
    assert taken(path) == {"a/1": CONTENT, "a/2": b"", "b": b"x" * 700_000}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_zip_archives_of_every_kind(tmp_path: Path, method: int) -> None:
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.mkdir("a") if hasattr(archive, "mkdir") else archive.writestr("a/", b"")
        archive.writestr("a/IM10", CONTENT)
        archive.writestr("a/IM9", b"9")
        archive.writestr("été\\1", b"1")
    assert is_archive(path)
    assert list(taken(path).items()) == [("a/IM9", b"9"), ("a/IM10", CONTENT), ("été\\1", b"1")]


@pytest.mark.parametrize(
    ("pack", "ending"), [(gzip.compress, "gz"), (bz2.compress, "bz2"), (lzma.compress, "xz")]
)
def test_a_file_that_is_compressed_by_itself(
    tmp_path: Path, pack: Callable[[bytes], bytes], ending: str
) -> None:
    path = tmp_path / f"film.dcm.{ending}"
    path.write_bytes(pack(CONTENT) + pack(b"more"))
    assert taken(path) == {"film.dcm": CONTENT + b"more"}
    path.write_bytes(pack(CONTENT) + b"\0" * 512)
    assert taken(path) == {"film.dcm": CONTENT}
    path.write_bytes(pack(os.urandom(5000))[:-30])
    assert refused(path) == {"film.dcm": "it is damaged and cannot be unpacked whole."}


def test_what_is_no_archive(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film", rows=16, columns=16).path
    assert not is_archive(film)
    film.write_bytes(b"PK\x03\x04" + film.read_bytes()[4:])
    assert not is_archive(film)  # a DICOM file that is an archive as well is a DICOM file
    for content in (b"", b"\0" * 1024, b"some text"):
        (tmp_path / "other").write_bytes(content)
        assert not is_archive(tmp_path / "other")
    assert not is_archive(tmp_path)
    assert not is_archive(tmp_path / "gone")


HOSTILE = {
    "../out": "leads out",
    "a/../../out": "leads out",
    "..\\out": "leads out",
    "/etc/out": "absolute",
    "\\\\server\\out": "absolute",
    "C:\\out": "absolute",
    "c:out": "absolute",
    "a/CON": "device",
    "nul.dcm": "device",
    "COM1.txt/x": "device",
    "a/..": "no name",
    "a/. ": "no name",
}


def test_names_that_lead_elsewhere_are_refused_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (*HOSTILE, "good", "GOOD", "./good"):
            archive.writestr(name, CONTENT)
    reasons = refused(path)
    assert len(reasons) == len(HOSTILE) + 2
    for name, part in HOSTILE.items():
        assert part in reasons[str(Path(f"x!{name}"))[2:]], name
    assert sum("second entry" in reason for reason in reasons.values()) == 2
    assert list(taken(path).values()) == [CONTENT]


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.tar"
    with tarfile.open(path, "w") as archive:
        for name, kind in (
            ("s", tarfile.SYMTYPE),
            ("h", tarfile.LNKTYPE),
            ("c", tarfile.CHRTYPE),
            ("f", tarfile.FIFOTYPE),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
        archive.addfile(tarfile.TarInfo("../up"))
        archive.addfile(tarfile.TarInfo("good"))
    reasons = refused(path)
    assert [reasons[name].split(",")[0] for name in ("s", "h")] == ["a link", "a link"]
    assert [reasons[name] for name in ("c", "f")] == ["not a regular file."] * 2
    assert "leads out" in reasons["../up"]
    assert taken(path) == {"good": b""}
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(link, "/etc/passwd")
    assert refused(path) == {"link": "a link, which could lead out of the archive."}


def test_an_encrypted_entry_says_so(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "secret.zip", a=CONTENT)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert refused(path) == {
        "a": "it is encrypted; unpack the archive with its password, and open the folder."
    }


def test_a_bomb_stops_at_its_growth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    monkeypatch.setattr(archives, "_BYTES_WITHOUT_GROWTH", 2**20)
    zeros = bytes(30 * 2**20)
    path = zip_of(tmp_path / "bomb.zip", bomb=zeros, small=CONTENT)
    assert "images do not" in refused(path)["bomb"]
    assert taken(path) == {"small": CONTENT}
    for name, mode in (("a.tgz", "w:gz"), ("a.txz", "w:xz")):
        path = tar_of(tmp_path / name, mode, small=CONTENT, bomb=zeros, after=CONTENT)
        (stop,) = refused(path).values()
        assert stop.startswith("not read to its end: it grows to more than")
        assert taken(path) == {"small": CONTENT}
    path = tmp_path / "alone.gz"
    path.write_bytes(gzip.compress(zeros))
    assert taken(path) == {}
    assert sum(file.stat().st_size for file in cache.rglob("*") if file.is_file()) < 10 * len(CONTENT)


def test_a_zip_entry_that_lies_about_its_size_is_cut_off(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "lie.zip", a=bytes(100_000))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    path.write_bytes(data)
    assert refused(path) == {"a": "it is damaged and cannot be unpacked whole."}


def test_too_many_entries_and_too_long_tables_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_MOST_ENTRIES", 3)
    files = {f"n{number}": b"" for number in range(5)}
    for path in (zip_of(tmp_path / "a.zip", **files), tar_of(tmp_path / "a.tar", "w", **files)):
        assert len(taken(path)) == 3
        (stop,) = refused(path).values()
        assert stop == "not read to its end: it has more than 3 entries."
    monkeypatch.setattr(archives, "_MOST_DIRECTORY_BYTES", 100)
    assert list(refused(tmp_path / "a.zip").values()) == [
        "not read to its end: its table of contents has 240 bytes."
    ]


def test_a_full_disk_is_not_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "_SPARE_BYTES", 2**62)
    path = zip_of(tmp_path / "a.zip", a=CONTENT)
    assert refused(path) == {"a": "not unpacked: the disk has room for 0 bytes only."}


def test_a_tar_header_of_gigabytes_is_refused(tmp_path: Path) -> None:
    entry = tarfile.TarInfo("pax")
    entry.type, entry.size = tarfile.XHDTYPE, 3 * 2**30
    path = tmp_path / "a.tar"
    path.write_bytes(entry.tobuf(tarfile.USTAR_FORMAT) + bytes(4096))
    assert list(refused(path).values()) == ["the archive is damaged or cannot be read (ReadError)."]


def test_a_dictionary_of_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xz"
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 2**20}]
    data = bytearray(lzma.compress(CONTENT, filters=filters))
    # Block header: size, flags, filter id, size of properties, dictionary size 40 = 4 GiB − 1; then its CRC.
    data[12 + 4] = 40
    header = (data[12] + 1) * 4
    data[12 + header - 4 : 12 + header] = zlib.crc32(bytes(data[12 : 12 + header - 4])).to_bytes(4, "little")
    path.write_bytes(data)
    assert taken(path) == {}
    assert len(refused(path)) == 1


def test_names_are_shown_escaped_and_used_by_nobody(tmp_path: Path, cache: Path) -> None:
    path = zip_of(tmp_path / "a.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("evil\u202egpj.exe", CONTENT)
        archive.writestr("x" * 5000, CONTENT)
    outcomes = list(unpack(path, Job()))
    assert all(isinstance(one, Member) for one in outcomes)
    assert "\u202e" not in "".join(shown(path, one) for one in outcomes)
    files = [file.relative_to(cache) for file in cache.rglob("*") if file.is_file() and file.name != "lock"]
    assert all(part.isalnum() or "_" in part for file in files for part in file.parts)
    assert sorted(file.name for file in files) == ["000001", "000002"]


def test_only_the_user_may_look(tmp_path: Path, cache: Path) -> None:
    (member,) = unpack(zip_of(tmp_path / "a.zip", a=CONTENT), Job())
    assert isinstance(member, Member)
    if os.name == "posix":
        for folder in list(member.path.parents)[: len(member.path.relative_to(cache).parts) - 1]:
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_unpacking_can_be_stopped_and_tells_where_it_is(tmp_path: Path, kind: str) -> None:
    path, files = tmp_path / "archive", {"a": CONTENT, "b": CONTENT}
    path = zip_of(path, **files) if kind == "zip" else tar_of(path, "w:xz", **files)
    for patience in range(3):
        with pytest.raises(Cancelled):
            list(unpack(path, Job(patience)))
    job = Job()
    assert len(list(unpack(path, job))) == 2
    assert job.texts == ["Unpacking archive"] * 2


def test_damage_anywhere_is_an_answer(tmp_path: Path) -> None:
    """Mutated archives give members and reasons, never an error, and write nothing elsewhere."""
    rng = random.Random(5)
    whole = [
        zip_of(tmp_path / "a", one=CONTENT, two=os.urandom(3000)).read_bytes(),
        *(
            tar_of(tmp_path / "a", mode, one=CONTENT, two=os.urandom(3000)).read_bytes()
            for mode in ("w", "w:gz", "w:bz2", "w:xz")
        ),
    ]
    path = tmp_path / "mutated"
    for number in range(400):
        data = bytearray(whole[number % len(whole)])
        for _ in range(rng.randint(1, 8)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data[: rng.choice([len(data), rng.randrange(1, len(data))])])
        if is_archive(path):
            for outcome in unpack(path, Job()):
                assert isinstance(outcome, Member | SkippedFile)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "cache", "mutated"]
