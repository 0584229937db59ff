"""The self-test passes on a whole installation and names what is not."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from core.resources import resource_path
from resources.selftest import make_specimens
from viewer import selftest
from viewer.commands import app
from viewer.selftest import Check


@pytest.fixture
def shipped(small_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose shipped models are the small ones, with films of its own to break."""
    root = tmp_path / "resources"
    shutil.copytree(small_models, root / "models")
    shutil.copytree(resource_path("selftest"), root / "selftest")
    real = resource_path

    def path(*parts: str) -> Path:
        own = root.joinpath(*parts)
        return own if parts[0] in ("models", "selftest") else real(*parts)

    for module in ("viewer.selftest", "core.models.collection"):
        monkeypatch.setattr(f"{module}.resource_path", path)
    return root


def checks() -> dict[str, Check]:
    return {check.name: check for check in selftest.selftest()}


def failed() -> set[str]:
    return {name for name, check in checks().items() if not check.passed}


def test_a_whole_installation_passes(qtbot: QtBot, shipped: Path):
    selftest.write_fingerprints(shipped / "models")
    outcome = checks()
    assert [check for check in outcome.values() if not check.passed] == []
    decoded = [name for name in outcome if name.startswith("decode ")]
    assert len(decoded) == len(make_specimens.SPECIMENS) == 18
    assert {"model healthygan-small", "model sr-anogan-small", "networks' library"} <= set(outcome)


def test_each_fault_is_named_and_none_stops_the_rest(qtbot: QtBot, shipped: Path):
    selftest.write_fingerprints(shipped / "models")
    (shipped / "selftest" / "rle.dcm").write_bytes(b"no film")
    shutil.copy(shipped / "selftest" / "jpeg-ls-near.dcm", shipped / "selftest" / "jpeg-ls.dcm")
    (shipped / "models" / "healthygan-broken.safetensors").write_bytes(b"no model")
    assert failed() == {"decode rle.dcm", "decode jpeg-ls.dcm", "model registry"}


def test_another_answer_of_a_model_is_noticed(qtbot: QtBot, shipped: Path):
    prints = selftest.write_fingerprints(shipped / "models")
    stored = json.loads(prints.read_text())
    first = next(key for key, value in stored.items() if value["model"] == "healthygan small")
    stored[first]["twin"][3][4] += 0.002
    prints.write_text(json.dumps(stored))
    assert failed() == {"model healthygan-small"}
    prints.unlink()
    assert failed() == {"model healthygan-small", "model sr-anogan-small"}


def test_a_model_that_is_gone_or_exchanged_is_named(qtbot: QtBot, shipped: Path):
    selftest.write_fingerprints(shipped / "models")
    lost, other = (shipped / "models" / f"{kind}-small.safetensors" for kind in ("healthygan", "sr-anogan"))
    lost.unlink()
    registry = checks()["model registry"]
    assert (registry.passed, registry.words) == (
        False, "missing: healthygan small. Install the program again."
    )  # fmt: skip
    shutil.copy(other, lost)
    assert not checks()["model registry"].passed


def test_a_damaged_list_is_a_failed_check_like_any_other(qtbot: QtBot, shipped: Path):
    (shipped / "selftest" / "specimens.json").unlink()
    (shipped / "models" / "fingerprints.json").write_text("{")
    assert {"drawn film", "model registry"} <= failed()


def test_fonts_that_do_not_ship_are_named(qtbot: QtBot, shipped: Path, monkeypatch: pytest.MonkeyPatch):
    selftest.write_fingerprints(shipped / "models")
    monkeypatch.setattr("viewer.theme.load_fonts", lambda: ("HealthyTwin Sans",))
    fonts = checks()["fonts"]
    assert not fonts.passed
    assert "HealthyTwin Sans CJK" in fonts.words


def test_the_command_prints_a_line_a_check_and_counts(qtbot: QtBot, shipped: Path):
    runner = CliRunner()
    assert runner.invoke(app, ["selftest", "--write-fingerprints"]).exit_code == 0
    answer = runner.invoke(app, ["selftest"])
    assert answer.exit_code == 0
    assert all(line.startswith("ok ") for line in answer.stdout.splitlines())
    (shipped / "selftest" / "rle.dcm").unlink()
    answer = runner.invoke(app, ["selftest"])
    assert answer.exit_code == 1
    assert "FAILED decode rle.dcm" in answer.stdout
    assert "1 check failed." in answer.stderr


def test_the_script_makes_the_same_films_again(tmp_path: Path):
    make_specimens.write_specimens(tmp_path)
    shipped_films = resource_path("selftest")
    assert {path.name for path in tmp_path.iterdir()} == {
        path.name for path in shipped_films.iterdir() if path.suffix in (".dcm", ".json")
    }
    # Encoders of other versions may write other bytes; uncompressed films and the list are the same.
    for name in (make_specimens.MANIFEST, make_specimens.TRUTH, "explicit-big.dcm", "implicit-little.dcm"):
        assert (tmp_path / name).read_bytes() == (shipped_films / name).read_bytes()
