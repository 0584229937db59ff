"""A scan finds every image, says of each other file why not, and does not depend on how files are listed."""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from phantoms import (
    write_chest_film,
    write_colour,
    write_ct_series,
    write_grey,
    write_not_an_image,
    write_picture,
    write_truncated,
)

from core.dicom.index import FoundFiles, Series, StudyIndex, scan, scan_onto
from core.imaging.frame import SpacingSource


class Context:
    """Records what a scan reports, and cancels when it was asked some times."""

    def __init__(self, cancel_after: int | None = None) -> None:
        self.reports: list[tuple[int, int, str]] = []
        self.asked = 0
        self._cancel_after = cancel_after

    def report(self, done: int, total: int, text: str) -> None:
        self.reports.append((done, total, text))

    def checkpoint(self) -> None:
        self.asked += 1
        if self._cancel_after is not None and self.asked > self._cancel_after:
            raise InterruptedError


def names(series: Series) -> list[str]:
    return [instance.path.name for instance in series.instances]


def test_a_ct_series_is_one_series_in_order(tmp_path: Path) -> None:
    paths = write_ct_series(tmp_path / "ct", 7)
    index = scan([tmp_path])
    (series,) = index.series
    assert [instance.path for instance in series.instances] == list(paths)
    assert (series.modality, series.description, series.slice_spacing_mm) == ("CT", "Axial", 2.5)
    assert series.all_notes == ()
    assert index.skipped == ()
    assert index.frames_of(series) == tuple((instance, 0) for instance in series.instances)
    assert [patient.name for patient in index.patients] == ["Phantom, Volume"]


def test_every_identifier_is_kept(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film", patient_name="Yamada^Tarou=山田^太郎")
    index = scan([film.path])
    patient, study, series = index.place_of(index.instances[0])
    assert (patient.name, patient.patient_id, patient.birth_date, patient.sex) == (
        "Yamada, Tarou (山田 太郎)",
        "PHANTOM-1",
        "19810204",
        "F",
    )
    assert (study.study_date, study.description, study.accession_number, study.patient_age) == (
        "20260302",
        "Chest PA",
        "A-1",
        "045Y",
    )
    assert (series.modality, series.body_part_examined, series.number_of_images) == ("DX", "CHEST", 1)
    (instance,) = series.instances
    assert (instance.rows, instance.columns, instance.view_position) == (512, 480, "PA")
    assert instance.spacing.source is SpacingSource.IMAGER
    assert index.instance_at(film.path) == instance
    assert index.instance_at(tmp_path) is None


def test_each_skipped_file_has_its_reason(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film")
    (tmp_path / "empty").touch()
    (tmp_path / "notes.txt").write_text("not an image")
    write_truncated(tmp_path / "cut", film.path, -1000)
    write_not_an_image(tmp_path / "report")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
    index = scan([tmp_path, tmp_path / "missing"])
    assert [instance.path.name for instance in index.instances] == ["film"]
    reasons = {item.path.name: item.reason for item in index.skipped}
    assert reasons.pop("cut").startswith("truncated: the header declares 480 KiB of pixels, 479 KiB")
    if hasattr(os, "mkfifo"):
        assert reasons.pop("pipe") == "not a regular file."
    assert reasons == {
        "empty": "the file is empty (0 bytes).",
        "notes.txt": "not a DICOM file.",
        "report": "no image in it (Basic Text SR).",
        "link": "cannot be opened: no such file or directory.",
        "missing": "cannot be opened: no such file or directory.",
    }


def test_loops_of_links_end(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    write_ct_series(inner, 3)
    (inner / "up").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "again").symlink_to(inner, target_is_directory=True)
    assert len(scan([tmp_path, tmp_path / "a"]).instances) == 3


def test_a_folder_can_be_passed_over(tmp_path: Path) -> None:
    (tmp_path / "study" / "out").mkdir(parents=True)
    write_chest_film(tmp_path / "study" / "film", rows=16, columns=16)
    write_chest_film(tmp_path / "study" / "out" / "picture", rows=16, columns=16, seed=1)
    out = tmp_path / "study" / "out"
    assert len(scan([tmp_path]).instances) == 2
    assert [one.path.name for one in scan([tmp_path], without=out).instances] == ["film"]
    assert [one.path.name for one in scan([out], without=out).instances] == ["picture"]
    assert len(scan([tmp_path], without=tmp_path / "not yet there").instances) == 2


def test_the_same_file_twice_is_shown_once(tmp_path: Path) -> None:
    film = write_chest_film(tmp_path / "film")
    shutil.copy(film.path, tmp_path / "copy")
    index = scan([tmp_path])
    assert [instance.path.name for instance in index.instances] == ["copy"]
    assert [(item.path.name, item.reason) for item in index.skipped] == [("film", "the same file as copy.")]


def test_same_uid_with_other_content_shows_both(tmp_path: Path) -> None:
    write_grey(tmp_path / "one", np.zeros((4, 4), np.uint16), SOPInstanceUID="1.2.3")
    write_grey(tmp_path / "two", np.ones((4, 4), np.uint16), SOPInstanceUID="1.2.3")
    index = scan([tmp_path])
    assert len(index.instances) == 2
    note = "Another file has the same SOP Instance UID but other content; both are shown."
    assert all(note in instance.notes for instance in index.instances)
    assert index.with_added(index) == index


def test_a_scout_stands_apart_and_says_so(tmp_path: Path) -> None:
    write_ct_series(tmp_path, 4)
    scout = write_ct_series(
        tmp_path / "scout", 1, seed=0, SOPInstanceUID="1.2.9", ImageOrientationPatient=[1, 0, 0, 0, 0, -1]
    )
    index = scan([tmp_path])
    assert [len(series.instances) for series in index.series] == [1, 4]
    assert index.series[0].instances[0].path == scout[0]
    assert len({series.key for series in index.series}) == 2
    assert index.series[1].notes[0] == "Part 2 of 2 of one series: axial."


def test_two_patients_with_one_id_are_not_mixed(tmp_path: Path) -> None:
    write_chest_film(tmp_path / "one", patient_name="A", patient_id="0")
    write_chest_film(tmp_path / "two", patient_name="B", patient_id="0")
    assert [patient.name for patient in scan([tmp_path]).patients] == ["A", "B"]


def test_files_without_uids_are_told_apart(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_grey(
            tmp_path / name,
            np.zeros((4, 4), np.uint8),
            SOPInstanceUID=None,
            StudyInstanceUID=None,
            SeriesInstanceUID=None,
            SOPClassUID=None,
        )
    (series,) = scan([tmp_path]).series
    assert names(series) == ["a", "b"]
    assert len({instance.sop_instance_uid for instance in series.instances}) == 2
    assert any("no Study Instance UID" in note for note in series.all_notes)


def test_clips_count_their_frames(tmp_path: Path) -> None:
    for name, time in (("a", "120200"), ("b", "120100")):
        write_colour(
            tmp_path / name,
            np.zeros((3, 8, 8, 3), np.uint8),
            AcquisitionDate="20260101",
            AcquisitionTime=time,
        )
    index = scan([tmp_path])
    (series,) = index.series
    assert names(series) == ["b", "a"]
    assert series.number_of_images == 6
    assert [(instance.path.name, frame) for instance, frame in index.frames_of(series)] == [
        ("b", 0), ("b", 1), ("b", 2), ("a", 0), ("a", 1), ("a", 2),
    ]  # fmt: skip


def test_pictures_are_a_study_of_their_folder_and_marked(tmp_path: Path) -> None:
    folder = tmp_path / "teaching"
    folder.mkdir()
    for name in ("b10.png", "b9.png", "c.jpg"):
        write_picture(folder / name, np.full((6, 8), 7, np.uint8))
    write_picture(folder / "turned.jpg", np.full((6, 8), 7, np.uint8), exif_orientation=6)
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    index = scan([tmp_path])
    ((patient, study),) = index.studies
    (series,) = study.series
    assert names(series) == ["b9.png", "b10.png", "c.jpg", "turned.jpg"]
    assert (series.modality, series.is_dicom) == ("", False)
    assert patient.name == "teaching (picture files)"
    assert (series.instances[3].rows, series.instances[3].columns) == (8, 6)
    assert [item.reason for item in index.skipped] == ["the picture is truncated or damaged."]


def test_a_scan_reports_and_can_be_cancelled(tmp_path: Path) -> None:
    write_ct_series(tmp_path, 5)
    context = Context()
    scan([tmp_path], context)
    done = [done for done, _, _ in context.reports]
    assert (done[0], done[-1]) == (0, 5)
    assert done == sorted(done)
    assert {total for _, total, _ in context.reports} == {5}
    assert context.asked > 10  # for each entry of the folder and for each file
    for asked in range(context.asked):
        with pytest.raises(InterruptedError):
            scan([tmp_path], Context(cancel_after=asked))


def test_what_was_found_so_far_is_handed_over_while_the_scan_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.dicom.index._FIRST_PART_S", 0.0)
    monkeypatch.setattr("core.dicom.index._COST_OF_PARTS", 1e9)
    write_ct_series(tmp_path / "a", 3)
    write_ct_series(tmp_path / "b", 3, seed=1, series_number=2)
    parts: list[FoundFiles] = []
    found = scan_onto(StudyIndex(), [tmp_path], on_part=parts.append)
    assert [len(part.index.instances) for part in parts] == [1, 2, 3, 4, 5]
    assert found.index == scan([tmp_path])
    assert all(part.first == (part.index.instances[0], 0) for part in (*parts, found))
    # A series that is complete stays the same object, with all that was looked up in it.
    (complete,) = (one for one in parts[3].index.series if len(one.instances) == 3)
    assert any(one is complete for one in found.index.series)


def test_a_scan_adds_to_what_is_open(tmp_path: Path) -> None:
    write_ct_series(tmp_path / "a", 3)
    write_chest_film(tmp_path / "film")
    before = scan([tmp_path / "a"])
    found = scan_onto(before, [tmp_path / "film", tmp_path / "missing"])
    assert [one.instance.path.name for one in found.files] == ["film"]
    assert found.first == (found.index.instance_at(tmp_path / "film"), 0)
    assert found.index == before.with_added(scan([tmp_path / "film", tmp_path / "missing"]))
    assert found.index.patients[1] == before.patients[0]
    # The same onto another index, as when studies were closed meanwhile.
    assert found.onto(StudyIndex()).index == scan([tmp_path / "film", tmp_path / "missing"])
    assert scan_onto(before, [tmp_path / "nothing"]).first is None


def test_files_that_are_named_and_lie_in_a_folder_are_read_once(tmp_path: Path) -> None:
    paths = write_ct_series(tmp_path, 3)
    for wanted, expected in (
        ([paths[1], tmp_path], paths),
        ([tmp_path, paths[1]], paths),
        ([paths[1], paths[1]], paths[1:2]),
    ):
        found = scan_onto(StudyIndex(), wanted)
        assert sorted(one.instance.path for one in found.files) == sorted(expected)


def test_the_total_is_said_when_all_folders_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.dicom.index._LISTING_S", 0.0)
    monkeypatch.setattr("core.dicom.index._BETWEEN_REPORTS_S", 0.0)
    write_chest_film(tmp_path / "film", rows=16, columns=16)
    write_ct_series(tmp_path / "a" / "b", 2)
    context = Context()
    scan([tmp_path], context)
    assert [(done, total) for done, total, _ in context.reports] == [(0, 0), (1, 3), (2, 3), (3, 3)]


def test_the_order_of_paths_does_not_matter(tmp_path: Path) -> None:
    paths = [*write_ct_series(tmp_path / "a", 4), *write_ct_series(tmp_path / "b", 3, series_number=1)]
    paths.append(write_chest_film(tmp_path / "film").path)
    rng = random.Random(1)
    expected = scan(paths)
    for _ in range(5):
        rng.shuffle(paths)
        assert scan(paths) == expected
    assert scan([tmp_path]) == expected


def test_two_indexes_become_one(tmp_path: Path) -> None:
    write_ct_series(tmp_path / "a", 4)
    write_chest_film(tmp_path / "b" if (tmp_path / "b").mkdir() else tmp_path / "b" / "film")
    (tmp_path / "b" / "x").touch()
    together = scan([tmp_path])
    assert scan([tmp_path / "a"]).with_added(scan([tmp_path / "b"])) == together
    assert StudyIndex().with_added(together) == together
    assert not StudyIndex()
    assert together


def test_odd_names_of_files_and_folders(tmp_path: Path) -> None:
    odd = tmp_path / "Пациент 01 – 山田" / ("x" * 200)
    odd.mkdir(parents=True)
    written = ["film\u202egnp.exe", "a b", "-rf", ".hidden"]
    for name in written:
        write_chest_film(odd / name, rows=16, columns=16)
    if sys.platform == "linux":
        raw = os.fsencode(odd) + b"/\xff\xfe"
        shutil.copy(odd / "a b", raw)
    index = scan([tmp_path])
    assert sorted(
        instance.path.name for instance in index.instances if instance.path.name in written
    ) == sorted(written)


def test_values_are_frozen(tmp_path: Path) -> None:
    index = scan([write_chest_film(tmp_path / "film").path])
    with pytest.raises(dataclasses.FrozenInstanceError):
        index.instances[0].rows = 3  # type: ignore[misc]
    hash(index)
    with pytest.raises(KeyError):
        StudyIndex().place_of(index.instances[0])


@pytest.mark.shared
def test_frames_of_real_enhanced_objects_are_split_and_in_order(shared_data: Path) -> None:
    """Files with four time points and with two kinds of frames, their slices not in order of place."""
    folder = shared_data / "dicom"
    repeats = scan([folder / "matrix" / "dicom2nifti__IM-0001-9600-0001.dcm"])
    assert [series.part_words for series in repeats.series] == [f"time point {n}" for n in (1, 2, 3, 4)]
    assert {series.slice_spacing_mm for series in repeats.series} == {3.3125}
    (file,) = repeats.instances
    for series in repeats.series:
        frames = [frame for _, frame in series.images]
        heights = [file.frame_places[frame].position_mm for frame in frames]
        assert all(position is not None for position in heights)
        assert len(set(heights)) == len(heights) == 8
    fields = scan([folder / "objects" / "enhanced_mr_philips_fmap.dcm"])
    assert [(series.part_words, series.number_of_images) for series in fields.series] == [
        ("image type M", 32),
        ("image type FIELD_MAP", 32),
    ]
    assert fields.instances[0].spacing.row_mm == 4
