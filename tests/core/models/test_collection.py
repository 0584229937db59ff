"""The model files at hand, and which of them the program uses by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from model_cases import CASES, small_model

from core.errors import ModelFileInvalid
from core.models.acceptance_record import write_record
from core.models.collection import active_models, available_models, find_model
from core.models.model_file import write_model_file


@pytest.fixture
def nothing_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "resources" / "models"
    monkeypatch.setattr("core.models.collection.resource_path", lambda *_: folder)
    return folder


def test_the_readers_own_models_come_first_and_the_newest_folder_before_all(
    nothing_shipped: Path, tmp_path: Path
) -> None:
    shipped, site, own = nothing_shipped, tmp_path / "site", tmp_path / "own"
    for folder in (shipped, site, own):
        write_model_file(folder / f"{folder.name}.safetensors", small_model(CASES[2], version=folder.name))
    found = available_models((site, own))
    assert [card.version for _, card in found] == ["own", "site", "models"]
    assert [path.parent for path, _ in found] == [own, site, shipped]
    assert len(available_models()) == 1


def test_files_that_are_no_models_are_left_out(nothing_shipped: Path) -> None:
    write_model_file(nothing_shipped / "good.safetensors", small_model(CASES[2]))
    (nothing_shipped / "bad.safetensors").write_bytes(b"")
    (nothing_shipped / "notes.txt").write_bytes(b"")
    (nothing_shipped / "folder.safetensors").mkdir()
    assert [path.stem for path, _ in available_models((nothing_shipped / "gone",))] == ["good"]


def test_a_model_is_found_by_path_by_file_and_by_name(nothing_shipped: Path) -> None:
    path = nothing_shipped / "mine.safetensors"
    write_model_file(path, small_model(CASES[2], name="The ward's own"))
    assert find_model(str(path)) == path
    assert find_model("mine") == path
    assert find_model("The ward's own") == path
    gone = nothing_shipped / "gone.safetensors"
    assert find_model(str(gone)) == gone, "opening it says that it is not there"
    with pytest.raises(ModelFileInvalid, match="no model called yours") as caught:
        find_model("yours")
    assert "mine" in caught.value.hint


def test_without_any_model_it_is_said(nothing_shipped: Path) -> None:
    with pytest.raises(ModelFileInvalid, match="no model called mine") as caught:
        find_model("mine")
    assert "none" in caught.value.hint


def test_of_the_readers_own_models_only_accepted_ones_answer_by_themselves(
    nothing_shipped: Path, small_models: Path, tmp_path: Path
) -> None:
    content = (small_models / "sr-anogan-small.safetensors").read_bytes()
    own = tmp_path / "own"
    own.mkdir()
    for name in ("a-new", "b-first", "c-second"):
        (own / f"{name}.safetensors").write_bytes(content)
    write_record(own / "b-first.safetensors", {"passed": True}, "2026-01-01T00:00:00+00:00")
    write_record(own / "c-second.safetensors", {"passed": True}, "2026-02-01T00:00:00+00:00")
    nothing_shipped.mkdir(parents=True)
    (nothing_shipped / "shipped.safetensors").write_bytes(content)

    assert [path.stem for path, _ in active_models((own,))] == ["c-second", "b-first", "shipped"]
    assert [path.stem for path, _ in available_models((own,))] == ["a-new", "b-first", "c-second", "shipped"]


def test_a_record_of_an_uncalibrated_model_counts_for_nothing(nothing_shipped: Path, tmp_path: Path) -> None:
    file = tmp_path / "own" / "bare.safetensors"
    write_model_file(file, replace(small_model(CASES[2]), calibration=None))
    write_record(file, {"passed": True})

    assert active_models((file.parent,)) == ()
