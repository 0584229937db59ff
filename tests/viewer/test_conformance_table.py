"""The conformance command: table, JSON, exit status."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_grey, write_lying_size, write_not_an_image
from typer.testing import CliRunner, Result

from viewer.commands import app


def ask(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["conformance", *(str(one) for one in arguments)])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    write_grey(tmp_path / "grey", np.zeros((4, 4), np.uint8))
    write_lying_size(tmp_path / "lie")
    write_not_an_image(tmp_path / "report")
    return tmp_path


def test_the_table_counts_kinds_and_lists_what_differs(files: Path) -> None:
    (files / "manifest.csv").write_text("file,expected\ngrey,decodes\nlie,decodes\nreport,no pixel data\n")
    answer = ask(files)
    assert answer.exit_code == 1
    lines = answer.stdout.splitlines()
    assert " ".join(lines[0].split()) == "files image refused no image not met kind of file"
    assert " ".join(lines[1].split()) == "1 1 · · · explicit LE · MONOCHROME2 · 8 in 8 bits · one frame"
    assert lines[-2] == "Not as expected:"
    assert lines[-1].startswith("  lie: expected “decodes”, refused: an image was expected. lie: the header")
    assert "3 files: 2 as expected or better, 1 not as expected." in answer.stderr


def test_json_holds_every_file(files: Path) -> None:
    answer = ask(files, "--json")
    assert answer.exit_code == 0
    told = json.loads(answer.stdout)
    assert (told["files"], told["met"], told["better"], told["not_met"]) == (3, 3, 0, 0)
    assert {one["file"]: one["outcome"] for one in told["results"]} == {
        "grey": "image",
        "lie": "refused",
        "report": "no image",
    }
    assert sum(kind["files"] for kind in told["kinds"]) == 3


def test_another_manifest_can_be_named(files: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "list.txt"
    manifest.write_text("file\ngrey\n")
    answer = ask(files, "--manifest", manifest, "--json")
    assert [one["file"] for one in json.loads(answer.stdout)["results"]] == ["grey"]


def test_nothing_to_check_is_wrong_input(tmp_path: Path) -> None:
    answer = ask(tmp_path)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "There are no files in" in answer.stderr
