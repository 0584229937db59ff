"""Real files on which independent decoders agree: every stored value is right, each refusal expected."""

from __future__ import annotations

import csv
import hashlib
import tarfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.dicom.frames import read_frame, stored_values
from core.dicom.index import scan
from core.errors import ProductError

pytestmark = pytest.mark.shared


def manifest(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "dicom" / "dicom_manifest.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def digest_of_all_frames(path: Path) -> str:
    digest = hashlib.sha256()
    for index in range(read_frame(path).source.number_of_frames):
        values = stored_values(path, index).values
        digest.update(np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"))).tobytes())
    return digest.hexdigest()


def test_every_hash_matches(shared_data: Path) -> None:
    wrong: list[str] = []
    for row in manifest(shared_data):
        path = shared_data / "dicom" / row["file"]
        if not row["pixels_sha256"] or path.suffix == ".xz":
            continue
        try:
            if digest_of_all_frames(path) != row["pixels_sha256"]:
                wrong.append(row["file"])
        except ProductError as error:
            wrong.append(f"{row['file']}: {error}")
    assert wrong == []


def test_every_file_gives_a_frame_or_a_clear_error(shared_data: Path) -> None:
    for row in manifest(shared_data):
        path = shared_data / "dicom" / row["file"]
        try:
            frame = read_frame(path)
        except ProductError as error:
            message = error.message
        else:
            message = path.name
            assert frame.stored.size > 0
        assert path.name in message


def test_one_scan_takes_all_and_explains_the_rest(shared_data: Path) -> None:
    index = scan([shared_data / "dicom"])
    files = [path for path in (shared_data / "dicom").rglob("*") if path.is_file()]
    assert len(index.instances) + len(index.skipped) == len(files)
    assert all(item.reason for item in index.skipped)
    assert max(Counter(instance.path for instance in index.instances).values()) == 1


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
