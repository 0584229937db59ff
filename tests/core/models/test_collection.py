"""The model files at hand, and which of them the program uses by itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from model_cases import CASES, small_model

from core.errors import CannotWrite, ModelFileInvalid
from core.models.acceptance_record import record_path, write_record
from core.models.collection import (
    active_models,
    available_models,
    delete_model,
    export_model,
    find_model,
    list_models,
)
from core.models.importing import import_model
from core.models.model_file import read_model_file, write_model_file


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


def test_a_shipped_model_names_the_own_one_that_answers_in_its_place(
    nothing_shipped: Path, small_models: Path, tmp_path: Path
) -> None:
    model = read_model_file(small_models / "sr-anogan-small.safetensors")
    own, shipped = tmp_path / "own", nothing_shipped
    for population in ("adult", "child"):
        card = replace(model.card, name=f"shipped {population}", population=population)
        write_model_file(shipped / f"{population}.safetensors", replace(model, card=card))
    mine = replace(model, card=replace(model.card, name="mine", population="adult"))
    write_model_file(own / "mine.safetensors", mine)
    assert {entry.behind for entry in list_models(own)} == {""}
    write_record(own / "mine.safetensors", {"passed": True})
    entries = {entry.card.name: entry for entry in list_models(own)}
    assert {name: entry.behind for name, entry in entries.items()} == {
        "mine": "",
        "shipped adult": "mine",
        "shipped child": "",
    }


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


# --- the reader's own files ---------------------------------------------------------------------------


@pytest.fixture
def model(small_models: Path) -> Path:
    return small_models / "sr-anogan-small.safetensors"


def test_a_model_is_imported_once_and_never_over_another(
    nothing_shipped: Path, model: Path, small_models: Path, tmp_path: Path
) -> None:
    own, elsewhere = tmp_path / "own", tmp_path / "elsewhere"
    elsewhere.mkdir()
    content = (small_models / "healthygan-small.safetensors").read_bytes()
    for name in ("sr-anogan-small.safetensors", "ward 3, new!.safetensors"):
        (elsewhere / name).write_bytes(content)
    first = import_model(model, own)
    assert first == own / "sr-anogan-small.safetensors"
    assert import_model(model, own) == first
    second = import_model(elsewhere / "sr-anogan-small.safetensors", own)
    assert second != first
    assert read_model_file(first).card == read_model_file(model).card
    assert import_model(elsewhere / "ward 3, new!.safetensors", own).name == "ward-3-new.safetensors"
    entries = list_models(own)
    assert {entry.card.kind for entry in entries} == {"healthygan", "sr-anogan"}
    assert not any(entry.active or entry.shipped for entry in entries), "imported, and not yet tested here"


def test_a_damaged_model_is_not_imported(nothing_shipped: Path, model: Path, tmp_path: Path) -> None:
    content = bytearray(model.read_bytes())
    content[-1] ^= 1
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(content)
    with pytest.raises(ModelFileInvalid, match="damaged"):
        import_model(broken, tmp_path / "own")
    assert not (tmp_path / "own").exists()


def test_weights_that_do_not_fit_their_card_are_not_imported(nothing_shipped: Path, tmp_path: Path) -> None:
    case = CASES[2]
    bad = tmp_path / "bad.safetensors"
    write_model_file(bad, small_model(case, network=case.network | {"width": 16}))
    with pytest.raises(ModelFileInvalid, match="do not fit its card"):
        import_model(bad, tmp_path / "own")
    assert not (tmp_path / "own").exists()


def test_a_model_is_exported_whole_and_never_over_another_file(
    nothing_shipped: Path, model: Path, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    assert export_model(model, target) == target / model.name
    assert export_model(model, target) == target / model.name, "the same once more is no harm"
    assert read_model_file(target / model.name).card == read_model_file(model).card
    named = export_model(model, tmp_path / "for the other ward")
    assert named.suffix == ".safetensors"
    (tmp_path / "notes.safetensors").write_text("mine")
    with pytest.raises(CannotWrite, match="Another file"):
        export_model(model, tmp_path / "notes.safetensors")
    assert (tmp_path / "notes.safetensors").read_text() == "mine"


def test_a_deleted_model_can_be_brought_back(nothing_shipped: Path, model: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    for _ in range(2):
        file = import_model(model, own)
        write_record(file, {"passed": True})
        assert list_models(own)[0].active
        moved = delete_model(file, own)
        assert moved.is_file()
        assert record_path(moved).is_file()
        assert list_models(own) == ()
    assert len(list((own / "deleted").glob("*.safetensors"))) == 2
    assert import_model(moved, own).parent == own


def test_what_ships_is_never_deleted(nothing_shipped: Path, model: Path, tmp_path: Path) -> None:
    nothing_shipped.mkdir(parents=True)
    shipped = nothing_shipped / model.name
    shipped.write_bytes(model.read_bytes())
    with pytest.raises(CannotWrite, match="not one of your own"):
        delete_model(shipped, tmp_path / "own")
    assert shipped.is_file()
    (entry,) = list_models(tmp_path / "own")
    assert entry.shipped
    assert entry.active
