"""Real files on which independent decoders agree, and the check of such a set against its manifest."""

from __future__ import annotations

import csv
import hashlib
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from phantoms import (
    write_chest_film,
    write_ct_series,
    write_grey,
    write_lying_size,
    write_not_an_image,
    write_picture,
)
from pydicom.uid import JPEGExtended12Bit, JPEGLosslessSV1

from core.dicom import conformance
from core.dicom.conformance import FileResult, Outcome, Verdict, by_kind, check
from core.dicom.frames import read_frame
from core.dicom.index import scan
from core.errors import NoImages, ProductError

GREY = np.arange(96, dtype=np.uint16).reshape(8, 12)


def write_manifest(folder: Path, *rows: dict[str, object], name: str = "a_manifest.csv") -> Path:
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with (folder / name).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns)
        writer.writeheader()
        writer.writerows(rows)
    return folder / name


def sha256(values: np.ndarray[Any, Any]) -> str:
    return hashlib.sha256(values.tobytes()).hexdigest()


def the_one(folder: Path, **row: object) -> FileResult:
    write_manifest(folder, row)
    (result,) = check(folder)
    return result


def test_a_file_with_the_right_values_is_met(tmp_path: Path) -> None:
    write_grey(tmp_path / "g", GREY)
    result = the_one(
        tmp_path,
        file="g",
        expected="decodes",
        pixels_sha256=sha256(GREY),
        dtype="<u2",
        shape="8x12",
        min=0,
        max=95,
    )
    assert (result.verdict, result.outcome, result.reason) == (Verdict.MET, Outcome.IMAGE, "")
    assert result.kind == "explicit LE · MONOCHROME2 · 16 in 16 bits · one frame"


def test_all_frames_are_compared(tmp_path: Path) -> None:
    clip = np.stack([GREY, GREY + 1])
    write_grey(tmp_path / "g", clip)
    row = {"file": "g", "shape": "2x8x12", "expected": "decodes"}
    assert the_one(tmp_path, **row, pixels_sha256=sha256(clip)).verdict is Verdict.MET
    assert the_one(tmp_path, **row, pixels_sha256=sha256(clip[::-1])).verdict is Verdict.NOT_MET


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"pixels_sha256": "0" * 64}, "the stored values differ"),
        ({"dtype": "<i2"}, "dtype is <u2, expected <i2"),
        ({"shape": "12x8"}, "shape is 8x12, expected 12x8"),
        ({"min": "1"}, "min is 0, expected 1"),
        ({"max": "94"}, "max is 95, expected 94"),
        ({"expected": "clear error"}, "expected a clear error, but an image of 8x12 was read"),
        ({"expected": "no pixel data: list, do not render"}, "expected no image"),
        ({"file": "gone"}, "the file is absent"),
    ],
)
def test_what_differs_is_told(tmp_path: Path, told: dict[str, str], words: str) -> None:
    write_grey(tmp_path / "g", GREY)
    result = the_one(tmp_path, **({"file": "g"} | told))
    assert result.verdict is Verdict.NOT_MET
    assert words in result.reason


@pytest.mark.parametrize(
    "told", [{"dtype": "uint16"}, {"shape": "(8, 12)"}, {"expected": "who knows"}, {"min": ""}]
)
def test_other_ways_to_write_the_same(tmp_path: Path, told: dict[str, str]) -> None:
    write_grey(tmp_path / "g", GREY)
    assert the_one(tmp_path, file="g", **told).verdict is Verdict.MET


def test_lossy_values_may_differ_by_a_little(tmp_path: Path) -> None:
    write_chest_film(tmp_path / "f", rows=64, columns=64, transfer_syntax_uid=JPEGExtended12Bit)
    stored = read_frame(tmp_path / "f").stored
    near = {"file": "f", "pixels_sha256": "0" * 64, "max": int(stored.max()) - 1}
    assert the_one(tmp_path, **near, min=int(stored.min())).verdict is Verdict.MET
    assert the_one(tmp_path, **near, min=int(stored.min()) - 3).verdict is Verdict.NOT_MET
    assert the_one(tmp_path, **near).verdict is Verdict.NOT_MET  # without a range nothing vouches for it


@pytest.mark.parametrize(
    "expected", ["clear error", "clear error or decode", "clear error, without allocating 8 GB", ""]
)
def test_a_refusal_is_a_clear_error(tmp_path: Path, expected: str) -> None:
    write_lying_size(tmp_path / "lie")
    result = the_one(tmp_path, file="lie", expected=expected)
    assert (result.verdict, result.outcome) == (Verdict.MET, Outcome.REFUSED)
    assert "lie: the header declares" in result.reason


def test_a_refusal_is_no_image(tmp_path: Path) -> None:
    write_lying_size(tmp_path / "lie")
    result = the_one(tmp_path, file="lie", expected="decodes")
    assert result.verdict is Verdict.NOT_MET
    assert "an image was expected. lie: the header declares" in result.reason


def test_memory_for_a_refusal_is_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_lying_size(tmp_path / "lie")
    monkeypatch.setattr(conformance, "_REFUSAL_BYTES", 1)
    result = the_one(tmp_path, file="lie", expected="clear error, without allocating 8 GB")
    assert (result.verdict, "bytes were allocated" in result.reason) == (Verdict.NOT_MET, True)


def test_a_file_without_an_image_is_named_by_its_kind(tmp_path: Path) -> None:
    write_not_an_image(tmp_path / "sr")
    result = the_one(tmp_path, file="sr", expected="no pixel data: list as SR")
    assert (result.verdict, result.outcome, result.kind) == (
        Verdict.MET,
        Outcome.NO_IMAGE,
        "no image: Basic Text SR",
    )


def test_right_pixels_where_an_error_was_expected_are_better(tmp_path: Path) -> None:
    write_grey(tmp_path / "known", GREY)
    write_grey(tmp_path / "twin", GREY, transfer_syntax_uid=JPEGLosslessSV1)
    write_grey(tmp_path / "other", GREY + 1)
    write_manifest(
        tmp_path,
        {"file": "known", "expected": "decodes", "pixels_sha256": sha256(GREY)},
        {"file": "twin", "expected": "clear error"},
        {"file": "other", "expected": "clear error"},
    )
    results = check(tmp_path)
    assert [result.verdict for result in results] == [Verdict.MET, Verdict.BETTER, Verdict.NOT_MET]
    assert results[1].reason == "all stored values are those of known."


def test_a_fault_of_the_program_is_told_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_grey(tmp_path / "g", GREY)
    write_grey(tmp_path / "h", GREY)

    def broken(path: Path, index: int = 0) -> None:
        raise ZeroDivisionError("one")

    monkeypatch.setattr(conformance, "read_frame", broken)
    results = check(tmp_path)
    assert [(result.verdict, result.outcome) for result in results] == [(Verdict.NOT_MET, Outcome.FAULT)] * 2
    assert results[0].reason == "the program failed: ZeroDivisionError: one."


def test_without_a_manifest_every_file_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    write_grey(tmp_path / "below" / "g", GREY)
    write_picture(tmp_path / "p.png", GREY)
    (tmp_path / "text").write_text("nothing")
    assert [(Path(r.file).name, r.outcome, r.verdict) for r in check(tmp_path)] == [
        ("g", Outcome.IMAGE, Verdict.MET),
        ("p.png", Outcome.IMAGE, Verdict.MET),
        ("text", Outcome.NO_IMAGE, Verdict.MET),
    ]


def test_odd_manifests(tmp_path: Path) -> None:
    with pytest.raises(NoImages, match="no files in"):
        check(tmp_path)
    other = tmp_path / "list.csv"
    other.write_text("name,size\na,1\n")
    with pytest.raises(NoImages, match="names no files"):
        check(tmp_path, other)
    other.write_bytes(b"\xef\xbb\xbfFile , note,expected\r\n g ,\xff\xfe,decodes,more,cells\r\n\r\nx\r\n")
    write_grey(tmp_path / "g", GREY)
    assert [(r.file, r.verdict) for r in check(tmp_path, other)] == [
        ("g", Verdict.MET),
        ("x", Verdict.NOT_MET),
    ]
    with pytest.raises(NoImages, match="cannot be read"):
        check(tmp_path, tmp_path / "absent.csv")


@pytest.mark.parametrize("archived", [True, False])
def test_a_series_is_counted_and_its_order_checked(tmp_path: Path, archived: bool) -> None:
    paths = write_ct_series(tmp_path / "ct", 4)
    if archived:
        with tarfile.open(tmp_path / "ct.tar.xz", "w:xz") as archive:
            archive.add(tmp_path / "ct", "ct")
    name = "ct.tar.xz" if archived else "ct"
    write_manifest(
        tmp_path,
        *({"archive": name, "file": f"ct/{path.name}", "spatial_order": n} for n, path in enumerate(paths)),
        name="manifest_of_slices.csv",
    )
    manifest = write_manifest(
        tmp_path,
        {"file": name, "expected": "one series, 4 images, sorted by position"},
        {"file": name, "expected": "one series, 5 images"},
        name="list.csv",
    )
    first, second = check(tmp_path, manifest)
    assert (first.verdict, first.reason) == (Verdict.MET, "1 series, 4 images.")
    assert (second.verdict, second.reason) == (Verdict.NOT_MET, "4 images, expected 5.")
    write_manifest(
        tmp_path,
        *(
            {"archive": name, "file": f"ct/{path.name}", "spatial_order": n % 2}
            for n, path in enumerate(paths)
        ),
        name="manifest_of_slices.csv",
    )
    assert check(tmp_path, manifest)[0].reason == "the slices are not in the order of their positions."


def test_an_archive_cannot_write_outside(tmp_path: Path) -> None:
    write_grey(tmp_path / "g", GREY)
    with tarfile.open(tmp_path / "s.tar", "w") as archive:
        archive.add(tmp_path / "g", "../../escaped")
    result = the_one(tmp_path, file="s.tar", expected="one series, 1 images")
    assert (result.verdict, result.outcome) == (Verdict.NOT_MET, Outcome.REFUSED)
    assert "the archive cannot be unpacked" in result.reason


def test_counts_by_kind(tmp_path: Path) -> None:
    for name in "ab":
        write_grey(tmp_path / name, GREY)
    write_not_an_image(tmp_path / "sr")
    write_manifest(tmp_path, {"file": "a"}, {"file": "b", "expected": "clear error"}, {"file": "sr"})
    counts = by_kind(check(tmp_path))
    assert list(counts) == [
        "explicit LE · MONOCHROME2 · 16 in 16 bits · one frame",
        "no image: Basic Text SR",
    ]
    grey = counts["explicit LE · MONOCHROME2 · 16 in 16 bits · one frame"]
    assert (grey.files, grey.not_met, dict(grey.outcomes)) == (2, 1, {Outcome.IMAGE: 2})


# --- real files --------------------------------------------------------------------------------------


# Files that open although an error was expected; each equals, value for value, the file that is named.
BETTER = {
    "bad/emri_j2k_too_short.dcm",  # all ten frames are whole, only the last delimiter is missing
    "matrix/pydicom-data__liver_deflate.dcm",  # deflated frames, which the manifest's decoders do not know
}


@pytest.mark.shared
def test_every_real_file_does_what_is_expected(shared_data: Path) -> None:
    results = check(shared_data / "dicom")
    assert [result for result in results if result.verdict is Verdict.NOT_MET] == []
    assert {result.file for result in results if result.verdict is Verdict.BETTER} == BETTER
    assert sum(result.outcome is Outcome.IMAGE for result in results) > 200


@pytest.mark.shared
def test_every_file_gives_a_frame_or_a_clear_error(shared_data: Path) -> None:
    with (shared_data / "dicom" / "dicom_manifest.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        path = shared_data / "dicom" / row["file"]
        try:
            frame = read_frame(path)
        except ProductError as error:
            message = error.message
        else:
            message = path.name
            assert frame.stored.size > 0
        assert path.name in message


@pytest.mark.shared
def test_one_scan_takes_all_and_explains_the_rest(shared_data: Path) -> None:
    index = scan([shared_data / "dicom"])
    files = [path for path in (shared_data / "dicom").rglob("*") if path.is_file()]
    assert len(index.instances) + len(index.skipped) == len(files)
    assert all(item.reason for item in index.skipped)
    assert max(Counter(instance.path for instance in index.instances).values()) == 1


@pytest.mark.shared
@pytest.mark.parametrize(
    ("archive", "count", "spacing_mm"),
    [
        ("ct_chest_lidc0314_60", 60, 4.0),
        ("mr_t1_studyforrest_64", 64, None),
        ("pt_qin_headneck0024_60", 60, None),
    ],
)
def test_real_series_are_whole_and_in_order(
    shared_data: Path, tmp_path: Path, archive: str, count: int, spacing_mm: float | None
) -> None:
    with tarfile.open(shared_data / "dicom" / "series" / f"{archive}.tar.xz") as tar:
        tar.extractall(tmp_path, filter="data")
    index = scan([tmp_path])
    (series,) = index.series
    assert len(series.instances) == count
    assert spacing_mm is None or series.slice_spacing_mm == spacing_mm
    assert series.slice_spacing_mm is not None
    assert not any("Gap" in note for note in series.notes)
