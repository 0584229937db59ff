"""The demo films: valid DICOM, marked synthetic, the same to the last byte, the lesion in its place."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pydicom
import pytest

from core.resources import resource_path
from resources.demo import make_demo
from viewer.demo_study import demo_note, demo_paths

if TYPE_CHECKING:
    from pathlib import Path

FILMS = (make_demo.HEALTHY_FILE, make_demo.LESION_FILE)
MAXIMUM_BYTES = 1_500_000


@pytest.fixture(scope="module")
def made_again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    make_demo.write_films(folder)
    return folder


@pytest.mark.parametrize("name", [*FILMS, make_demo.LESION_TRUTH_FILE])
def test_the_script_makes_the_same_bytes_again(made_again: Path, name: str) -> None:
    assert (made_again / name).read_bytes() == resource_path("demo", name).read_bytes()


@pytest.mark.parametrize("name", FILMS)
def test_a_film_is_marked_as_synthetic_and_small(name: str) -> None:
    path = resource_path("demo", name)
    film = pydicom.dcmread(path)
    assert film.PatientName == "SYNTHETIC^DEMO"
    assert "SYNTHETIC" in film.ImageComments
    assert "drawn" in film.DerivationDescription
    assert (film.Modality, film.ViewPosition, film.BodyPartExamined) == ("DX", "PA", "CHEST")
    assert list(film.PatientOrientation) == ["L", "F"]
    assert path.stat().st_size < MAXIMUM_BYTES


@pytest.mark.parametrize("name", FILMS)
def test_a_film_looks_like_a_chest_to_a_histogram(name: str) -> None:
    stored = pydicom.dcmread(resource_path("demo", name)).pixel_array
    assert stored.shape == (make_demo.SIDE_PX, make_demo.SIDE_PX)
    air, lung, middle, dense = np.percentile(stored / 4095, (2, 25, 50, 90))
    assert air < 0.05
    assert 0.15 < lung < 0.35
    assert 0.35 < middle < 0.6
    assert 0.75 < dense < 0.95


def test_only_the_lesion_differs_and_it_is_where_it_is_said_to_be() -> None:
    truth = json.loads(resource_path("demo", make_demo.LESION_TRUTH_FILE).read_text(encoding="utf-8"))
    healthy, abnormal = (
        pydicom.dcmread(resource_path("demo", name)).pixel_array.astype(np.float64) for name in FILMS
    )
    row, column = np.indices(healthy.shape)
    distance = np.hypot(row - truth["centre_row"], column - truth["centre_column"])
    difference = abnormal - healthy
    assert difference[distance < 0.5 * truth["radius_px"]].mean() > 300
    assert abs(difference[distance > 1.2 * truth["radius_px"]].mean()) < 5
    assert truth["centre_column"] < make_demo.SIDE_PX / 2, "the patient's right is on the left of a PA film"


@pytest.mark.parametrize("name", FILMS)
def test_an_independent_validator_finds_no_error(name: str) -> None:
    validator = shutil.which("dciodvfy")
    if validator is None:
        pytest.skip("needs dciodvfy (Debian package dicom3tools)")
    done = subprocess.run(
        [validator, str(resource_path("demo", name))], capture_output=True, text=True, check=False
    )
    assert "Error" not in done.stderr
    assert "DXImageForPresentation" in done.stderr


def test_the_demo_study_begins_with_the_real_film() -> None:
    paths = demo_paths()
    assert [path.name for path in paths[-2:]] == list(FILMS)
    assert all(path.is_file() for path in paths)
    try:
        importlib.metadata.distribution("pydicom-data")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("needs the package pydicom-data (extra demo)")
    assert len(paths) == 3
    assert pydicom.dcmread(paths[0], stop_before_pixels=True).PhotometricInterpretation == "MONOCHROME1"
    assert demo_note() == ""


def test_without_the_package_the_synthetic_films_stand_alone_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def absent(name: str) -> importlib.metadata.Distribution:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", absent)
    assert [path.name for path in demo_paths()] == list(FILMS)
    assert "pydicom-data" in demo_note()
