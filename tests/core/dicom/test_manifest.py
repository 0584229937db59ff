"""What the words of a manifest ask for, those of the real one and others."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.dicom.manifest import Wanted, manifest_rows, read_manifest, wanted_of


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("decodes", Wanted.IMAGE),
        ("Opens normally", Wanted.IMAGE),
        ("is shown", Wanted.IMAGE),
        ("clear error", Wanted.ERROR),
        ("refused", Wanted.ERROR),
        ("clear error: not a DICOM file", Wanted.ERROR),
        ("clear error, without allocating 8 GB", Wanted.ERROR),
        ("clear error, no crash", Wanted.ERROR),
        ("clear error or decode", Wanted.EITHER),
        ("clear error acceptable (only gdcm reads it)", Wanted.EITHER),
        ("read without preamble or clear error", Wanted.EITHER),
        ("no pixel data: list, do not render", Wanted.NO_IMAGE),
        ("reads; no pixel data", Wanted.NO_IMAGE),
        ('no pixel data: offer to open/extract the PDF or say "not an image"', Wanted.NO_IMAGE),
        ("open as a DICOMDIR file set", Wanted.FILE_SET),
        ("one series, 60 images, sorted by position", Wanted.SERIES),
        ("two series, 12 slices", Wanted.SERIES),
        ("something else", Wanted.EITHER),
        ("", Wanted.EITHER),
    ],
)
def test_words(words: str, wanted: Wanted) -> None:
    assert wanted_of({"file": "f", "expected": words}) is wanted


def test_a_digest_asks_for_an_image() -> None:
    assert wanted_of({"file": "f", "pixels_sha256": "0" * 64}) is Wanted.IMAGE
    assert wanted_of({"file": "f", "pixels_sha256": "0" * 64, "expected": "clear error"}) is Wanted.ERROR


def test_several_manifests_of_a_folder_are_read_and_other_tables_are_not(tmp_path: Path) -> None:
    (tmp_path / "a_manifest.csv").write_text("file\na\n")
    (tmp_path / "Manifest.csv").write_text("FILE\nb\n\n")
    (tmp_path / "list.csv").write_text("file\nc\n")
    assert sorted(row["file"] for row in manifest_rows(tmp_path, None)) == ["a", "b"]
    assert read_manifest(tmp_path / "list.csv") == [{"file": "c"}]


@pytest.mark.parametrize(
    "text", ["path,expected\na,decodes\n", "filename;expected\na;decodes\n", "File\tExpected\na\tdecodes\n"]
)
def test_other_names_and_other_marks_between_cells(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.csv").write_text(text)
    (row,) = read_manifest(tmp_path / "manifest.csv")
    assert (row["file"], row["expected"]) == ("a", "decodes")
