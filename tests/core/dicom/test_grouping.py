"""Files grouped one by one give the index that all of them give at once, whatever their order."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from core.dicom.arrangement import Arrangement, SortBy
from core.dicom.frame_places import Orientation
from core.dicom.grouping import FoundFile, Gathering, Labels, in_place_order, with_series_arranged
from core.dicom.study import Instance, Patient, Series, SkippedFile, Study, StudyIndex


def _found(
    folder: Path, name: str, *, uid: str = "", series: str = "s", study: str = "t", **labels: str
) -> FoundFile:
    path = folder / name
    if not path.exists():
        path.write_text(name)
    return FoundFile(
        Instance(path, uid or f"uid-{name}", instance_number=int("".join(filter(str.isdigit, name)) or 0)),
        Labels(
            Series(series, description=labels.get("description", "")),
            Study(study, description=labels.get("study_description", "")),
            Patient(labels.get("patient_id", "P"), labels.get("patient_name", "N")),
        ),
    )


@pytest.fixture
def files(tmp_path: Path) -> list[FoundFile]:
    """Two patients, three studies, labels that differ within a series, and files with one UID."""
    (tmp_path / "same-a").write_text("same")
    (tmp_path / "same-b").write_text("same")
    return [
        _found(tmp_path, "im2"),
        _found(tmp_path, "im10", description="other words"),
        _found(tmp_path, "im1", description="first words", study_description="first"),
        _found(tmp_path, "b1", series="r"),
        _found(tmp_path, "b2", study="u"),
        _found(tmp_path, "c1", patient_id="Q", patient_name="M"),
        _found(tmp_path, "same-a", uid="twice"),
        _found(tmp_path, "same-b", uid="twice", series="r"),
        _found(tmp_path, "differs-1", uid="thrice"),
        _found(tmp_path, "differs-2", uid="thrice"),
    ]


def _index(files: list[FoundFile]) -> StudyIndex:
    gathering = Gathering()
    for found in files:
        gathering.add(found)
    return gathering.index()


def test_the_order_of_files_does_not_matter(files: list[FoundFile]) -> None:
    whole = _index(files)
    assert len(whole.instances) == 9
    assert [(item.path.name, item.reason) for item in whole.skipped] == [
        ("same-b", "the same file as same-a.")
    ]
    rng = random.Random(3)
    for _ in range(20):
        rng.shuffle(files)
        assert _index(files) == whole


def test_an_index_in_between_changes_nothing(files: list[FoundFile]) -> None:
    gathering, gone = Gathering(), Gathering()
    for number, found in enumerate(files, start=1):
        gathering.add(found)
        assert gathering.index() == _index(files[:number])
    assert gathering.index() is gathering.index()
    for found in files:
        gone.add(found)
    for number, found in enumerate(files):
        gone.skip(SkippedFile(found.instance.path, "gone"))
        expected = _index(files[number + 1 :])
        assert gone.index().patients == expected.patients
    assert not gone.index()
    assert len(gone) == 0


def test_what_did_not_change_is_the_same_object(files: list[FoundFile], tmp_path: Path) -> None:
    gathering = Gathering()
    for found in files:
        gathering.add(found)
    before = gathering.index()
    gathering.add(_found(tmp_path, "c2", patient_id="Q", patient_name="M"))
    after = gathering.index()
    assert after.patients[0] != before.patients[0]
    assert after.patients[1] is before.patients[1]
    gathering.add(replace_rows(files[0], 0))  # the same again
    assert gathering.index() is after


def replace_rows(found: FoundFile, rows: int) -> FoundFile:
    return found._replace(instance=replace(found.instance, rows=rows))


def test_a_file_that_is_read_again_takes_the_place_of_what_it_was(
    files: list[FoundFile], tmp_path: Path
) -> None:
    gathering = Gathering()
    for found in files:
        gathering.add(found)
    gathering.add(replace_rows(files[0], 7))
    assert [one.rows for one in gathering.index().instances if one.path.name == "im2"] == [7]
    moved = _found(tmp_path, "im2", uid="other", series="new")
    gathering.add(moved)
    assert gathering.index() == _index([moved, *files[1:]])


def test_an_index_goes_in_and_comes_out_the_same(files: list[FoundFile]) -> None:
    whole = _index(files)
    assert Gathering(whole).index() == whole
    half = Gathering(_index(files[5:]))
    half.add_index(_index(files[:5]))
    assert half.index().instances == whole.instances


def test_comparing_large_files_can_be_stopped(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    for name in ("same-a", "same-b"):
        (tmp_path / name).write_bytes(bytes(10))
    gathering = Gathering(checkpoint=stop)
    gathering.add(_found(tmp_path, "same-a", uid="1"))
    with pytest.raises(Stopped):
        gathering.add(_found(tmp_path, "same-b", uid="1"))


def test_parts_of_a_series_are_merged_and_split_again(tmp_path: Path) -> None:
    axial, coronal = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))

    def slice_of(name: str, orientation: Orientation, **labels: str) -> FoundFile:
        found = _found(tmp_path, name, **labels)
        placed = replace(found.instance, orientation=orientation, position_mm=(0.0, 0.0, 0.0))
        return found._replace(instance=placed)

    files = [slice_of("im1", axial), slice_of("im2", coronal), slice_of("im3", axial, series="other")]
    gathering = Gathering()
    for found in files:
        gathering.add(found)
    apart = gathering.index()
    assert [one.part_words for one in apart.series] == ["", "axial", "coronal"]
    assert not any(one.merged for one in apart.series)
    merged = with_series_arranged(apart, "s", Arrangement(merged=True))
    assert [(len(one.instances), one.merged) for one in merged.series] == [(1, False), (2, True)]
    assert "shown as one stack" in merged.series[1].notes[0]
    assert with_series_arranged(merged, "s", Arrangement(merged=True)).series == merged.series
    # It stays so for files that come later.
    later = merged.with_added(StudyIndex())
    assert later.series == merged.series
    more = Gathering(merged)
    more.add(slice_of("im4", coronal))
    assert [len(one.instances) for one in more.index().series] == [1, 3]
    assert with_series_arranged(merged, "s", Arrangement()) == apart
    assert with_series_arranged(apart, "unknown", Arrangement(merged=True)) == apart


def test_a_series_is_turned_round_and_a_volume_is_made_of_it_as_ever(tmp_path: Path) -> None:
    gathering = Gathering()
    for number in range(4):
        found = _found(tmp_path, f"im{number}")
        axial = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))
        placed = replace(found.instance, orientation=axial, position_mm=(0.0, 0.0, 5.0 - number))
        gathering.add(found._replace(instance=placed))
    usual = gathering.index()
    wish = Arrangement(backwards=True)
    turned = with_series_arranged(usual, "s", wish)
    (before,), (after,) = usual.series, turned.series
    assert after.images == before.images[::-1]
    assert after.arrangement == wish
    assert after.key == before.key
    by_number = with_series_arranged(turned, "s", Arrangement(by=SortBy.NUMBER)).series[0]
    for one in (after, by_number):
        volume = in_place_order(one)
        assert volume.images == before.images
        assert in_place_order(volume) is volume
    assert with_series_arranged(turned, "s", Arrangement()) == usual
    more = Gathering(turned)
    more.add(_found(tmp_path, "im9"))
    assert {one.arrangement for one in more.index().series} == {wish}, "files that come later obey"
