"""Files that did not change are not read again, those that did are, and what is recalled is what was read."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_chest_film, write_colour, write_ct_series, write_not_an_image, write_picture

from core.dicom import folder_memory
from core.dicom.file_labels import LabelReader
from core.dicom.index import StudyIndex, scan, scan_onto
from core.study_database import study_database


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read."""
    names: list[str] = []
    look = LabelReader.look_at
    monkeypatch.setattr(
        LabelReader, "look_at", lambda self, path: (names.append(path.name), look(self, path))[1]
    )
    monkeypatch.setattr(folder_memory, "_SETTLED_NS", 0)
    return names


@pytest.fixture
def studies(tmp_path: Path) -> Path:
    root = tmp_path / "studies"
    write_ct_series(root / "ct", 5)
    write_chest_film(root / "film", patient_name="Yamada^Tarou=山田^太郎")
    write_colour(root / "clip", np.zeros((3, 8, 8, 3), np.uint8))
    write_picture(root / "picture.png", np.full((6, 8), 7, np.uint8))
    write_not_an_image(root / "report")
    (root / "notes.txt").write_text("no image")
    return root


def _open(studies: Path, *paths: Path) -> StudyIndex:
    with study_database(studies.parent / "db" / "x" / "index.sqlite3") as database:
        return scan_onto(StudyIndex(), paths or [studies], database=database).index


def test_a_second_opening_reads_nothing_and_says_the_same(studies: Path, read: list[str]) -> None:
    first = _open(studies)
    assert len(read) == 10
    read.clear()
    second = _open(studies)
    assert read == []
    assert second == first == scan([studies])
    assert [one.frame_places for one in second.instances] == [one.frame_places for one in first.instances]


def test_only_what_changed_is_read_again(studies: Path, read: list[str]) -> None:
    _open(studies)
    read.clear()
    write_chest_film(studies / "film", patient_name="Other^Name")
    (studies / "ct" / "new").write_text("new")
    (studies / "report").unlink()
    (studies / "notes.txt").rename(studies / "moved")
    index = _open(studies)
    assert sorted(read) == ["film", "moved", "new"]
    assert index == scan([studies])
    read.clear()
    assert _open(studies) == index
    assert read == []


def test_the_same_time_and_size_with_another_content_is_seen(studies: Path, read: list[str]) -> None:
    _open(studies)
    status = (studies / "film").stat()
    content = (studies / "film").read_bytes()
    (studies / "film").write_bytes(content.replace(b"Yamada", b"Okamoto"[:6]))
    os.utime(studies / "film", ns=(status.st_atime_ns, status.st_mtime_ns))
    read.clear()
    index = _open(studies)
    assert read == ["film"]
    assert any("Okamot" in patient.name for patient in index.patients)


def test_a_file_that_has_just_changed_is_not_trusted(studies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_memory, "_SETTLED_NS", 10**15)
    _open(studies)
    with study_database(studies.parent / "db" / "x" / "index.sqlite3") as database:
        assert database is not None
        assert database.blocks(studies) == ()


def test_folders_that_are_gone_are_forgotten(studies: Path, read: list[str]) -> None:
    _open(studies)
    shutil.rmtree(studies / "ct")
    _open(studies)
    with study_database(studies.parent / "db" / "x" / "index.sqlite3") as database:
        assert database is not None
        assert database.blocks(studies / "ct") == ()
        assert len(database.blocks(studies)) == 1


def test_a_file_that_is_named_is_recalled_but_its_folder_is_not_taken_for_whole(
    studies: Path, read: list[str]
) -> None:
    _open(studies)
    read.clear()
    (studies / "other").write_text("x")
    assert len(_open(studies, studies / "film", studies / "clip").instances) == 2
    assert read == []
    _open(studies, studies / "other")
    assert read == ["other"]
    _open(studies)
    assert read == ["other", "other"]


def test_large_folders_are_kept_in_blocks(
    studies: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_memory, "_FILES_IN_A_BLOCK", 2)
    first = _open(studies)
    with study_database(studies.parent / "db" / "x" / "index.sqlite3") as database:
        assert database is not None
        assert len(database.blocks(studies / "ct")) == 3
    read.clear()
    assert _open(studies) == first
    (studies / "ct" / "00002").unlink()
    assert _open(studies) == scan([studies])
    read.clear()
    _open(studies)
    assert read == []


def test_blocks_that_make_no_sense_are_read_from_the_files(studies: Path, read: list[str]) -> None:
    first = _open(studies)
    film = ["film", *folder_memory._identity((studies / "film").stat())]
    for content in (
        "",
        "[]",
        "[1, 2, 3]",
        "[[], [], [[1]]]",
        json.dumps([[], [], [[*film, 0, 0, "1", 1, "", None]]]),
    ):
        with study_database(studies.parent / "db" / "x" / "index.sqlite3") as database:
            assert database is not None
            database.keep(studies, 0, content)
        read.clear()
        assert _open(studies) == first
        assert "film" in read


def test_another_version_of_the_reader_begins_anew(
    studies: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _open(studies)
    read.clear()
    monkeypatch.setattr(folder_memory, "_VERSION", folder_memory._VERSION + 1)
    _open(studies)
    assert len(read) == 10
