"""Archives and tables of contents open like folders where they are named, and stay closed elsewhere."""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from directory_files import write_directory
from film_series import write_film_series
from phantoms import write_chest_film, write_ct_series, write_grey, write_picture

from core.dicom import unpacked
from core.dicom.frames import read_frame
from core.dicom.index import scan
from core.errors import CannotWrite, UnreadableFile
from viewer.listing import index_as_json


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "cache"
    monkeypatch.setattr(unpacked, "_root", lambda: folder)
    unpacked.remove_all()
    yield folder
    unpacked.remove_all()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    below = tmp_path / "study"
    write_ct_series(below / "CT", 4)
    write_chest_film(below / "film", rows=16, columns=16)
    (below / "readme.txt").write_text("no image")
    return below


def pack(folder: Path, path: Path) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                archive.write(file, file.relative_to(folder))
    else:
        with tarfile.open(path, f"w:{path.suffix[1:]}") as archive:
            archive.add(folder, ".")
    return path


@pytest.mark.parametrize("name", ["study.zip", "study.tar.gz", "study.tar.xz", "study.tar.bz2"])
def test_an_archive_is_like_its_folder(folder: Path, tmp_path: Path, name: str) -> None:
    path = pack(folder, tmp_path / name)
    packed, plain = (json.dumps(index_as_json(scan([one]))) for one in (path, folder))
    assert packed.replace(f"{path}!", f"{folder}/") == plain
    assert f"{path}!CT/" in packed
    frame = read_frame(scan([path]).instances[0])
    assert frame.stored.shape in ((16, 16), (32, 40))


def test_opened_twice_it_is_unpacked_once(folder: Path, tmp_path: Path, cache: Path) -> None:
    path = pack(folder, tmp_path / "study.zip")
    first = scan([path])
    files = sorted(cache.rglob("*"))
    again = first.with_added(scan([path]))
    assert again.instances == first.instances
    assert sorted(cache.rglob("*")) == files
    unpacked.remove_all()
    assert len(scan([path]).instances) == 5


def test_what_is_skipped_in_an_archive_takes_no_room(folder: Path, tmp_path: Path, cache: Path) -> None:
    index = scan([pack(folder, tmp_path / "study.zip")])
    assert [str(one.path) for one in index.skipped] == [f"{tmp_path / 'study.zip'}!readme.txt"]
    assert len([file for file in cache.rglob("*") if file.is_file()]) == 5 + 1  # images, and the lock


def test_an_archive_in_a_folder_or_an_archive_stays_closed(folder: Path, tmp_path: Path, cache: Path) -> None:
    pack(folder / "CT", folder / "inner.zip")
    pack(folder / "CT", folder / "inner.tar.gz")
    index = scan([folder])
    assert len(index.instances) == 5
    assert [one.reason for one in index.skipped if "archive" in one.reason] == [
        "an archive; open it by itself to see what it holds."
    ] * 2
    assert not cache.exists()
    scan([folder, folder / "film"])  # a file of the folder that is named, too, opens no other one
    assert not cache.exists()
    index = scan([pack(folder, tmp_path / "outer.zip")])
    assert len(index.instances) == 5
    assert [one.reason for one in index.skipped if "archive" in one.reason] == [
        "an archive inside of an archive; unpack it first."
    ] * 2


def test_one_compressed_film_opens(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=16, columns=16).path
    path = tmp_path / "film.dcm.gz"
    path.write_bytes(gzip.compress(film.read_bytes()))
    (instance,) = scan([path]).instances
    assert str(instance.named_path) == f"{path}!film.dcm"
    assert np.array_equal(read_frame(instance).stored, read_frame(film).stored)


def test_files_without_uids_and_pictures_are_known_by_their_place_in_the_archive(tmp_path: Path) -> None:
    below = tmp_path / "below"
    for name in ("a", "b"):
        (below / name).mkdir(parents=True)
        for number in (1, 2):
            write_grey(
                below / name / f"{number}",
                np.full((4, 4), number, np.uint16),
                StudyInstanceUID=None,
                SeriesInstanceUID=None,
                SOPInstanceUID=None,
            )
        write_picture(below / name / "p.png", np.zeros((4, 4), np.uint8))
    path = pack(below, tmp_path / "a.zip")
    index = scan([path])
    assert sorted(len(series.instances) for series in index.series) == [1, 1, 2, 2]
    before = json.dumps(index_as_json(index))
    unpacked.remove_all()
    assert json.dumps(index_as_json(scan([path]))) == before


def test_empty_and_broken_archives_say_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "empty.zip", "w"):
        pass
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    reasons = {
        one.path.name: one.reason for one in scan([tmp_path / "empty.zip", tmp_path / "broken.zip"]).skipped
    }
    assert reasons == {
        "empty.zip": "an archive with no file in it.",
        "broken.zip": "the archive is damaged or cannot be read (BadZipFile).",
    }


def test_no_place_to_unpack_is_said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_place() -> Path:
        raise CannotWrite("There is no place.", "Free some.")

    monkeypatch.setattr("core.dicom.archives.new_folder", no_place)
    path = pack(folder, tmp_path / "a.zip")
    assert [(one.path, one.reason) for one in scan([path]).skipped] == [
        (path, "There is no place. Free some.")
    ]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "count", "spacing_mm"),
    [
        ("ct_chest_lidc0314_60", 60, 4.0),
        ("mr_t1_studyforrest_64", 64, None),
        ("pt_qin_headneck0024_60", 60, None),
    ],
)
def test_real_series_open_from_their_archives(
    shared_data: Path, tmp_path: Path, name: str, count: int, spacing_mm: float | None
) -> None:
    path = shared_data / "dicom" / "series" / f"{name}.tar.xz"
    (series,) = index_as_json(scan([path]))["series"]
    assert len(series["frames"]) == count
    assert spacing_mm is None or series["slice_spacing_mm"] == spacing_mm
    lines = (shared_data / "dicom" / "series" / "series_manifest.csv").read_text().splitlines()
    expected = [line.split(",")[1] for line in lines if line.startswith(f"{name}.")]
    shown = [frame["file"].removeprefix(f"{path}!") for frame in series["frames"]]
    assert [Path(file).name for file in shown] in (
        [Path(file).name for file in expected],
        [Path(file).name for file in reversed(expected)],
    )
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)


@pytest.mark.parametrize("name", ["disc.zip", "disc.tar.gz"])
def test_the_dicomdir_of_an_archive_says_what_is_missing(tmp_path: Path, name: str) -> None:
    below = tmp_path / "disc"
    (below / "CD" / "DICOM").mkdir(parents=True)
    write_chest_film(below / "CD" / "DICOM" / "im1.dcm", rows=16, columns=16, seed=1)
    write_chest_film(below / "CD" / "DICOM" / "IM2", rows=16, columns=16, seed=2)
    write_directory(
        below / "CD" / "DICOMDIR", ["DICOM", "IM1"], ["DICOM", "IM2"], ["DICOM", "IM3"], ["..", "SECRET"]
    )
    path = pack(below, tmp_path / name)
    for index in (scan([path]), scan([path])):  # the second is told what the first found
        assert len(index.instances) == 2
        lost = {str(one.path): one.reason for one in index.skipped if not one.harmless}
        assert lost == {
            f"{path}!CD/DICOMDIR!DICOM/IM3": "named in the DICOMDIR, but not in the archive.",
            f"{path}!CD/DICOMDIR!../SECRET": "refused: its path in the DICOMDIR leads out of the medium.",
        }


def test_a_damaged_dicomdir_costs_an_archive_nothing(tmp_path: Path) -> None:
    below = tmp_path / "disc"
    below.mkdir()
    write_chest_film(below / "IM1", rows=16, columns=16)
    table = write_directory(below / "DICOMDIR", ["IM1"], ["IM2"])
    table.write_bytes(table.read_bytes()[:-40])
    index = scan([pack(below, tmp_path / "disc.zip")])
    assert len(index.instances) == 1


def test_a_file_that_cannot_be_shown_goes_by_its_name_in_the_archive(tmp_path: Path) -> None:
    below = write_film_series(tmp_path / "films", 2, broken={1})
    path = pack(below, tmp_path / "films.zip")
    index = scan([path])
    (broken,) = (one for one in index.instances if one.named_path.name.endswith("0001.dcm"))
    assert broken.path.name != "0001.dcm", "it lies under a number of our own"
    with pytest.raises(UnreadableFile, match=r"^films\.zip!0001\.dcm: the compressed pixels") as failure:
        read_frame(broken)
    assert str(broken.path.name) not in failure.value.message
