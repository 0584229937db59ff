"""A preference file that survives everything: damage, other versions, a full disk."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import CannotWrite
from core.settings import Settings, load, save, settings_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def test_defaults_without_a_file(path: Path) -> None:
    assert load(path) == (Settings(), ())


def test_what_is_saved_comes_back(path: Path) -> None:
    wanted = Settings(model="both", heatmap_opacity=0.25, reader_name="이민수", thumbnail_px=128)
    save(wanted, path)
    assert load(path) == (wanted, ())
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


@given(
    st.builds(
        Settings,
        analyze_automatically=st.booleans(),
        model=st.sampled_from(["healthygan", "sr-anogan", "both"]),
        heatmap_opacity=st.floats(0.05, 1.0),
        reader_name=st.text(st.characters(exclude_categories=["Cs"])),
        thumbnail_px=st.integers(48, 256),
    )
)
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, wanted: Settings) -> None:
    path = tmp_path_factory.mktemp("round") / "settings.json"
    save(wanted, path)
    assert load(path) == (wanted, ())


def test_keys_of_another_version_are_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"from_the_future": [1, 2], "model": "both"}')
    settings, notes = load(path)
    assert (settings.model, notes) == ("both", ())
    save(settings, path)
    assert json.loads(path.read_text())["from_the_future"] == [1, 2]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00", b"[]", b"null", b"[" * 100_000, b'{"a": 1e'])
def test_a_damaged_file_is_kept_and_told_once(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    settings, notes = load(path)
    assert settings == Settings()
    assert len(notes) == 1
    assert "settings.json.bad" in notes[0]
    assert (path.parent / "settings.json.bad").read_bytes() == content
    assert load(path) == (Settings(), ())


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_program(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("mutated") / "settings.json"
    path.write_bytes(content)
    load(path)


@given(
    st.dictionaries(
        st.sampled_from([one.name for one in fields(Settings)]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.integers()),
    )
)
def test_each_unusable_value_falls_back_alone(
    tmp_path_factory: pytest.TempPathFactory, stored: dict[str, object]
) -> None:
    path = tmp_path_factory.mktemp("values") / "settings.json"
    path.write_text(json.dumps({"reader_name": "Dr. A"} | stored))
    settings, notes = load(path)
    assert len(notes) <= len(stored)
    if "reader_name" not in stored:
        assert settings.reader_name == "Dr. A"
    save(settings, path)
    assert load(path) == (settings, ())


def test_an_unusable_value_is_named_by_its_words(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"heatmap_opacity": 7, "model": "oracle", "reader_name": "\\ud800"}')
    settings, notes = load(path)
    assert settings == Settings()
    assert [note.split('"')[1] for note in notes] == ["Model at start", "Heatmap opacity", "Your name"]


def test_an_integer_is_a_fine_opacity(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"heatmap_opacity": 1}')
    assert load(path)[0].heatmap_opacity == 1.0


def test_unreadable_path_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "settings.json"
    folder.mkdir()
    settings, notes = load(folder)
    assert settings == Settings()
    assert "cannot be read" in notes[0]


def test_a_failed_save_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(Settings(reader_name="kept"), path)

    def full_disk(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(CannotWrite, match="No space left"):
        save(Settings(), path)
    assert load(path)[0].reader_name == "kept"
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_a_file_that_cannot_be_set_aside_still_opens(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_bytes(b"{")

    def refused(self: Path, target: Path) -> Path:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refused)
    assert load(path)[1] == (f"The settings in {path} are damaged; defaults are used.",)
    monkeypatch.undo()
    save(Settings(), path)
    assert load(path) == (Settings(), ())


def test_every_preference_has_words() -> None:
    for one in fields(Settings):
        assert one.metadata["title"], one.name
        assert one.metadata["help"].endswith("."), one.name


@pytest.mark.parametrize(
    "values", [{"model": "oracle"}, {"heatmap_opacity": 0.0}, {"heatmap_opacity": float("nan")}]
)
def test_wrong_values_are_refused_at_birth(values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Settings(**values)  # type: ignore[arg-type]  # on purpose


def test_every_preference_is_read_somewhere() -> None:
    root = Path(__file__).resolve().parents[2]
    sources = [*(root / "viewer").glob("*.py"), root / "core" / "session.py"]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    for one in fields(Settings):
        assert f".{one.name}" in text or f"{one.name}=" in text, f"{one.name} is read nowhere"


def test_the_file_lives_in_the_platforms_folder() -> None:
    assert settings_path().name == "settings.json"
    assert settings_path().parent.name == "healthytwin"


def test_rows_of_a_table_come_back_and_bad_ones_cost_no_other(path: Path) -> None:
    save(Settings(own_keys=(("heatmap", "Ctrl+G"), ("invert",))), path)
    assert load(path)[0].own_keys == (("heatmap", "Ctrl+G"), ("invert",))
    stored = [["heatmap", "K"], "heatmap", ["x", 3], [], None, ["\ud800"], {"a": "b"}, ["invert"]]
    path.write_text(json.dumps({"own_keys": stored}))
    settings, notes = load(path)
    assert settings.own_keys == (("heatmap", "K"), ("invert",))
    assert notes == ()


def test_a_table_that_is_none_falls_back(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"own_keys": {"heatmap": "K"}}')
    settings, notes = load(path)
    assert settings == Settings()
    assert '"Keys"' in notes[0]
