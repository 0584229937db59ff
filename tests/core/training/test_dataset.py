"""Films of a run: every unusable one is named, and no patient and no copy crosses a split."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from film_folders import write_films
from phantoms import chest_picture, write_chest_film, write_picture
from PIL import Image

from core.errors import DatasetTooSmall, NoImages, UnreadableFile
from core.imaging.model_input import ModelInputSpec
from core.training.dataset import Films, TrainingData, gather, list_films, read_films, why_left_out

SPEC = ModelInputSpec(size=64)


def _all_parts(data: TrainingData) -> dict[str, Films]:
    return {
        "train": data.train,
        "cal1": data.cal1,
        "cal2": data.cal2,
        "val": data.healthy_val,
        "mixed": data.mixed,
        "mixed val": data.mixed_val,
    }


def _write_patients(folder: Path, patients: int, films: int, *, lesion: bool, first_seed: int = 0) -> Path:
    """PNG films named `patient_001.png`, as public sets name them."""
    made = write_films(folder, patients * films, lesion=lesion, first_seed=first_seed)
    for number, file in enumerate(sorted(made.iterdir())):
        file.rename(folder / f"{number // films:05d}_{number % films:03d}.png")
    return folder


def test_films_of_one_patient_stay_in_one_role(tmp_path: Path) -> None:
    healthy = _write_patients(tmp_path / "healthy", 40, 3, lesion=False)
    data = gather(healthy, None, SPEC)

    roles = defaultdict(set)
    for role, films in _all_parts(data).items():
        for file in films.files:
            roles[file.patient].add(role)
    assert len(roles) == 40
    assert all(len(own) == 1 for own in roles.values())
    assert min(len(data.train), len(data.cal1), len(data.cal2), len(data.healthy_val)) > 0


@pytest.mark.parametrize("pattern", ["film_{:03d}.png", "Chest-{:d}.png", "scan{:04d}.png"])
def test_numbered_films_are_not_all_of_one_patient(tmp_path: Path, pattern: str) -> None:
    made = write_films(tmp_path / "healthy", 30, lesion=False)
    for number, file in enumerate(sorted(made.iterdir())):
        file.rename(made / pattern.format(number))
    films, _ = read_films(list_films(made, "healthy"), SPEC)
    assert len({file.patient for file in films.files}) == 30


def test_a_patient_who_was_healthy_and_ill_is_on_one_side_of_every_split(tmp_path: Path) -> None:
    """Else statistics of held-out healthy films would know a patient from training."""
    healthy = _write_patients(tmp_path / "healthy", 60, 1, lesion=False)
    mixed = _write_patients(tmp_path / "mixed", 60, 1, lesion=True, first_seed=500)
    data = gather(healthy, mixed, SPEC)

    held_out = {f.patient for part in (data.cal1, data.cal2, data.healthy_val) for f in part.files}
    trained = {f.patient for part in (data.train, data.mixed) for f in part.files}
    assert held_out
    assert len(data.mixed) > 0
    assert not held_out & trained
    assert not {f.patient for f in data.mixed_val.files} & {f.patient for f in data.train.files}


def test_more_films_do_not_move_the_earlier_ones(tmp_path: Path) -> None:
    folder = write_films(tmp_path / "healthy", 60, lesion=False)
    before = {
        f.path: role for role, part in _all_parts(gather(folder, None, SPEC)).items() for f in part.files
    }
    for file in write_films(tmp_path / "more", 10, lesion=False, first_seed=900).iterdir():
        file.rename(folder / file.name)
    after = {
        f.path: role for role, part in _all_parts(gather(folder, None, SPEC)).items() for f in part.files
    }

    assert len(after) == len(before) + 10
    assert {path: after[path] for path in before} == before


def test_patients_of_dicom_films_are_told_by_their_id_which_is_not_kept(tmp_path: Path) -> None:
    write_chest_film(tmp_path / "one.dcm", patient_id="SECRET-7", seed=1)
    write_chest_film(tmp_path / "two.dcm", patient_id="SECRET-7", seed=2)
    write_chest_film(tmp_path / "three.dcm", patient_id="SECRET-8", seed=3)
    films, left_out = read_films(list_films(tmp_path), SPEC)

    patients = {file.path.stem: file.patient for file in films.files}
    assert not left_out
    assert patients["one"] == patients["two"] != patients["three"]
    assert "SECRET" not in "".join(patients.values())


def test_a_copy_of_a_healthy_film_does_not_stand_among_the_mixed(tmp_path: Path) -> None:
    healthy = write_films(tmp_path / "healthy", 60, lesion=False)
    mixed = write_films(tmp_path / "mixed", 12, lesion=True, first_seed=700)
    with Image.open(sorted(healthy.iterdir())[5]) as original:
        smaller = original.resize((original.width - 20, original.height - 20))
        brighter = np.clip(np.asarray(smaller, np.float64) * 1.1 + 5, 0, 255).astype(np.uint8)
    write_picture(mixed / "sent-again.png", brighter)
    data = gather(healthy, mixed, SPEC)

    assert len(data.mixed) + len(data.mixed_val) == 12
    (copy,) = data.left_out
    assert copy.path.name == "sent-again.png"
    assert "copy" in copy.reason


def test_unusable_films_are_left_out_with_their_reason(tmp_path: Path) -> None:
    good = write_films(tmp_path / "films", 2, lesion=False)
    colour = np.zeros((240, 240, 3), np.uint8)
    colour[..., 0] = np.arange(240)
    write_picture(good / "photo.png", colour)
    picture, _, _ = chest_picture(100, 90)
    write_picture(good / "thumbnail.png", np.uint8(255 * picture))
    (good / "notes.txt").write_text("no film")
    (good / "empty.dcm").touch()
    write_chest_film(good / "lateral.dcm", ViewPosition="LL")
    (good / ".DS_Store").write_bytes(b"hidden")
    films, left_out = read_films(list_films(good), SPEC, minimum_side_px=200)

    reasons = {entry.path.name: entry.reason for entry in left_out}
    assert len(films) == 2
    assert set(reasons) == {"photo.png", "thumbnail.png", "notes.txt", "empty.dcm", "lateral.dcm"}
    assert "colour" in reasons["photo.png"]
    assert "200 pixels" in reasons["thumbnail.png"]
    assert "lateral" in reasons["lateral.dcm"]


def test_films_come_back_in_the_models_form(tmp_path: Path) -> None:
    folder = write_films(tmp_path / "healthy", 60, lesion=False)
    data = gather(folder, None, SPEC)

    assert data.train.pixels.dtype == np.float32
    assert data.train.pixels.shape == (len(data.train), 64, 64)
    assert 0 <= data.train.pixels.min() <= data.train.pixels.max() <= 1
    curve = np.array(data.spec.reference_quantiles)
    assert (np.diff(curve) >= 0).all()
    assert curve.size > 0
    assert data.summary()["left out"] == 0


def test_a_list_names_patients_sources_and_roles(tmp_path: Path) -> None:
    write_films(tmp_path / "films", 2, lesion=False)
    rows = (
        "file,label,source,patient_id,role\n"
        "films/film0000.png,normal,A,p1,cal2\n"
        "films/film0001.png,sick,B,p2,\n"
    )
    place = tmp_path / "list.csv"
    place.write_bytes(b"\xef\xbb\xbf" + rows.encode())  # as spreadsheets save it
    first, second = list_films(place)

    assert (first.path, first.source, first.patient, first.role) == (
        tmp_path / "films/film0000.png",
        "A",
        "p1",
        "cal2",
    )
    assert first.healthy
    assert not second.healthy


@pytest.mark.parametrize(
    ("text", "named"),
    [("path,label\na.png,normal\n", "column called file"), ("file,role\na.png,test\n", "Line 2")],
)
def test_a_list_that_cannot_be_used_says_why(tmp_path: Path, text: str, named: str) -> None:
    place = tmp_path / "list.csv"
    place.write_text(text)

    with pytest.raises(UnreadableFile, match=named):
        list_films(place)


def test_why_films_are_left_out_is_said_with_the_most_frequent_reason(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "c.txt").write_text("no film")
    _, left_out = read_films(list_films(tmp_path), SPEC)
    assert why_left_out(left_out) == "Left out: 3, 2 of them like a.png: the picture is truncated or damaged."
    assert why_left_out(()) == ""


def test_no_films_at_all_is_said(tmp_path: Path) -> None:
    with pytest.raises(NoImages, match="no films"):
        list_films(tmp_path)
    with pytest.raises(NoImages, match="neither a folder"):
        list_films(tmp_path / "absent")


def test_too_few_films_are_refused_with_their_count(tmp_path: Path) -> None:
    folder = write_films(tmp_path / "healthy", 10, lesion=False)

    with pytest.raises(DatasetTooSmall, match=r"Only \d+ usable healthy films"):
        gather(folder, None, SPEC)


def test_patients_of_the_test_are_in_no_other_part(tmp_path: Path) -> None:
    healthy = _write_patients(tmp_path / "healthy", 60, 2, lesion=False)
    mixed = _write_patients(tmp_path / "mixed", 60, 1, lesion=True, first_seed=500)
    test = write_films(tmp_path / "test", 2, lesion=False, first_seed=900)
    (test / "film0900.png").rename(test / "00007_009.png")
    data = gather(healthy, mixed, SPEC, test=list_films(test, "healthy"))

    assert data.test is not None
    assert [file.path.name for file in data.test.files] == ["00007_009.png", "film0901.png"]
    assert not any(file.patient == "00007" for part in _all_parts(data).values() for file in part.files)
    gone = [entry for entry in data.left_out if entry.reason == "Its patient is in the test."]
    assert len(gone) == 3


def test_equal_file_names_do_not_make_one_patient(tmp_path: Path) -> None:
    """Cameras and exports number files alike in every folder."""
    healthy = write_films(tmp_path / "healthy", 40, lesion=False)
    test = write_films(tmp_path / "test", 2, lesion=False, first_seed=900)
    (test / "film0900.png").rename(test / "film0003.png")
    data = gather(healthy, None, SPEC, test=list_films(test, "healthy"))

    assert data.left_out == ()
