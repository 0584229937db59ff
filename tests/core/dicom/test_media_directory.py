"""A DICOMDIR names files of its own medium, and nothing ever leads out of that."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from directory_files import write_directory
from phantoms import write_chest_film
from pydicom.data import get_testdata_file

from core.dicom.gate import Refused
from core.dicom.index import scan
from core.dicom.media_directory import directory_in, is_media_directory, read_media_directory

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def medium(tmp_path: Path) -> Path:
    folder = tmp_path / "medium"
    (folder / "DICOM" / "ST1").mkdir(parents=True)
    write_chest_film(folder / "DICOM" / "ST1" / "IM1", rows=8, columns=8, seed=1)
    write_chest_film(folder / "DICOM" / "ST1" / "IM2", rows=8, columns=8, seed=2)
    return folder


def found(path: Path) -> tuple[list[str], list[str]]:
    """Files of a DICOMDIR, and reasons of what it does not give."""
    directory = read_media_directory(path)
    return [str(file.relative_to(path.parent)) for file in directory.files], [
        one.reason for one in directory.skipped
    ]


def test_files_come_in_the_order_of_the_records_and_once(medium: Path) -> None:
    path = write_directory(
        medium / "DICOMDIR", "", ["DICOM", "ST1", "IM2"], ["DICOM", "ST1", "IM1"], ["DICOM", "ST1", "IM2"]
    )
    assert is_media_directory(path)
    assert found(path) == (["DICOM/ST1/IM2", "DICOM/ST1/IM1"], [])


@pytest.mark.parametrize(
    ("on_disc", "reference"),
    [
        ("im1", "IM1"),
        ("IM1;1", "IM1"),
        ("IM1.;1", "IM1"),
        ("im1.dcm", "IM1"),
        ("IM1", "IM1;1"),
        ("IM1.DCM", "im1.dcm"),
    ],
)
def test_names_that_copying_has_changed_are_found(medium: Path, on_disc: str, reference: str) -> None:
    (medium / "DICOM").rename(medium / "dicom")
    (medium / "dicom" / "ST1" / "IM1").rename(medium / "dicom" / "ST1" / on_disc)
    path = write_directory(medium / "DICOMDIR", ["DICOM", "st1", reference])
    assert found(path) == ([f"dicom/ST1/{on_disc}"], [])


def test_the_exact_name_goes_first_and_an_ending_must_be_the_only_one(medium: Path) -> None:
    folder = medium / "DICOM" / "ST1"
    shutil.copy(folder / "IM1", folder / "im2")
    assert found(write_directory(medium / "DICOMDIR", ["DICOM", "ST1", "im2"]))[0] == ["DICOM/ST1/im2"]
    (folder / "IM1").rename(folder / "IM1.a")
    shutil.copy(folder / "IM1.a", folder / "IM1.b")
    missing = "named in the DICOMDIR, but not on the medium."
    assert found(write_directory(medium / "DICOMDIR", ["DICOM", "ST1", "IM1"])) == ([], [missing])


def test_paths_in_one_component_are_understood(medium: Path) -> None:
    assert found(write_directory(medium / "DICOMDIR", "DICOM/ST1/IM1")) == (["DICOM/ST1/IM1"], [])


def test_missing_files_are_named(medium: Path) -> None:
    path = write_directory(
        medium / "DICOMDIR", ["DICOM", "ST1", "IM9"], ["DICOM", "ST1", "IM1", "X"], ["DICOM", "ST1"]
    )
    directory = read_media_directory(path)
    assert [str(one.path) for one in directory.skipped] == [
        f"{path}!DICOM/ST1/IM9",
        f"{path}!DICOM/ST1/IM1/X",
        f"{path}!DICOM/ST1",
    ]
    assert found(path)[1] == [
        *["named in the DICOMDIR, but not on the medium."] * 2,
        "refused: the DICOMDIR names it as a file, which it is not.",
    ]


def test_records_that_are_out_of_use_are_left_out(medium: Path) -> None:
    path = write_directory(medium / "DICOMDIR", ["DICOM", "ST1", "IM1"], RecordInUseFlag=0)
    assert found(path) == ([], [])


def test_links_that_lead_out_are_refused_and_links_inside_are_not(medium: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    write_chest_film(outside / "IM1", rows=8, columns=8)
    (medium / "OUT").symlink_to(outside)
    (medium / "FILE").symlink_to(outside / "IM1")
    (medium / "IN").symlink_to(medium / "DICOM")
    (medium / "LOOP").symlink_to(medium / "LOOP")
    path = write_directory(
        medium / "DICOMDIR", ["OUT", "IM1"], ["FILE"], ["IN", "ST1", "IM1"], ["LOOP"], ["LOOP", "IM1"]
    )
    files, reasons = found(path)
    assert files == ["IN/ST1/IM1"]
    assert reasons[:2] == ["refused: a link on the medium leads out of it."] * 2
    assert len(reasons) == 4


def test_offsets_that_lead_in_circles_do_not_matter(medium: Path) -> None:
    for offset in (1, 500, 0xFFFFFFFE):
        path = write_directory(medium / "DICOMDIR", ["DICOM", "ST1", "IM1"], offsets=offset)
        assert found(path)[0] == ["DICOM/ST1/IM1"]


def test_opening_the_table_gives_what_it_names_and_the_folder_gives_all(medium: Path) -> None:
    write_directory(medium / "dicomdir", ["DICOM", "ST1", "IM2"], ["DICOM", "ST1", "GONE"], ["..", "X"])
    assert directory_in(medium) == medium / "dicomdir"
    table = scan([medium / "dicomdir"])
    assert [instance.path.name for instance in table.instances] == ["IM2"]
    reasons = [one.reason for one in table.skipped if not one.harmless]
    assert reasons == [
        "refused: its path in the DICOMDIR leads out of the medium.",
        "named in the DICOMDIR, but not on the medium.",
    ]
    folder = scan([medium])
    assert [instance.path.name for instance in folder.instances] == ["IM1", "IM2"]
    assert [one.reason for one in folder.skipped if not one.harmless] == reasons
    # Further down nobody asked for it.
    assert [one.reason for one in scan([medium.parent]).skipped if not one.harmless] == []


def test_a_table_that_cannot_be_read_is_skipped_with_the_reason(medium: Path) -> None:
    path = write_directory(medium / "DICOMDIR", ["DICOM", "ST1", "IM1"])
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(Refused):
        read_media_directory(path)
    (skipped,) = scan([path]).skipped
    assert "truncated" in skipped.reason
    assert len(scan([medium]).instances) == 2
    write_directory(path)
    assert "names no file" in scan([path]).skipped[0].reason


def test_what_is_no_table(medium: Path) -> None:
    assert not is_media_directory(medium)
    assert not is_media_directory(medium / "gone")
    assert not is_media_directory(medium / "DICOM" / "ST1" / "IM1")
    (medium / "DICOMDIR").write_bytes(b"no DICOM")
    assert directory_in(medium) is None
    assert directory_in(medium / "gone") is None


def hostile_references(rng: random.Random, outside: Path) -> list[object]:
    """200 references that want to go elsewhere, or are no references at all."""
    base = [
        "..",
        ".",
        "",
        " ",
        "/",
        str(outside),
        f"{outside}/secret",
        "C:",
        "c:\\x",
        "//server/share",
        "~",
        "OUT",
    ]
    base += [
        "secret",
        "SECRET",
        "DICOM",
        "ST1",
        "IM1",
        "con",
        "a" * 300,
        "\x01",
        "é",
        "%2e%2e",
        "..;1",
    ]
    made: list[object] = [["..", "outside", "secret"], f"{outside}/secret", ["OUT", "secret"], ["FILE"]]
    made += [
        ["DICOM", "..", "..", "outside", "secret"],
        "../outside/secret",
        ["DICOM", "../../outside/secret"],
    ]
    made += ["A" * 10_000_000, ["X"] * 5000, ["DICOM\0", "..\0", "secret"], [" ..", "outside", "secret"]]
    made += [[".. ", "outside", "secret"], ["..;1", "outside", "secret"], ["...", "outside", "secret"]]
    while len(made) < 200:
        made.append([rng.choice(base) for _ in range(rng.randint(1, 6))])
    return made


def test_200_hostile_tables_open_nothing_outside(medium: Path, tmp_path: Path) -> None:
    """Every file and folder that a child process opens while it reads them is inside of the medium."""
    outside = tmp_path / "outside"
    outside.mkdir()
    write_chest_film(outside / "secret", rows=8, columns=8)
    (medium / "OUT").symlink_to(outside)
    (medium / "FILE").symlink_to(outside / "secret")
    rng = random.Random(9)
    tables = []
    for number, reference in enumerate(hostile_references(rng, outside)):
        path, offsets = medium / f"DICOMDIR{number}", rng.choice([None, 400, 1])
        table = write_directory(path, reference, ["DICOM", "ST1", "IM1"], offsets=offsets)
        data = bytearray(table.read_bytes())
        if number % 3 == 0:  # and damage on top
            data[rng.randrange(len(data) // 2, len(data))] = rng.randrange(256)
        table.write_bytes(data)
        tables.append(table)
    answer = subprocess.run(
        [sys.executable, "-c", _CHILD, str(medium), *map(str, tables)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    told = json.loads(answer.stdout)
    assert told["outside"] == []
    assert told["opened"] > 400  # the hook was there
    assert told["whole"] > 120  # and what was not damaged opened what it should


_CHILD = """
import json, os, sys
from pathlib import Path
from core.dicom.index import scan
medium, *tables = sys.argv[1:]
real = os.path.realpath(medium)
scan([tables[0]])  # everything is imported now
opened, outside = 0, []
def hook(event, arguments):
    global opened
    if event in ("open", "os.listdir", "os.scandir") and arguments[0] is not None:
        if isinstance(arguments[0], int):
            return
        opened += 1
        place = os.path.realpath(os.fsdecode(arguments[0]))
        if not (place + os.sep).startswith(real + os.sep):
            outside.append(place)
sys.addaudithook(hook)
whole = 0
for table in tables:
    index = scan([Path(table)])
    names = {instance.path.name for instance in index.instances}
    assert names <= {"IM1", "IM2"}, names
    whole += "IM1" in names
print(json.dumps({"opened": opened, "outside": outside, "whole": whole}))
"""


def test_a_real_disc(tmp_path: Path) -> None:
    path = Path(str(get_testdata_file("DICOMDIR", download=False)))
    index = scan([path])
    assert len(index.instances) == 31
    assert index.skipped == ()
    assert {patient.patient_id for patient in index.patients} == {"77654033", "98890234"}
    assert os.path.commonpath([instance.path for instance in index.instances]) == str(path.parent)
