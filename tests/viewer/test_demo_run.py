"""The demo without a display: the real window over small models, from study to report."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdf
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from core import settings as settings_file
from core.settings import Settings
from viewer.commands import app
from viewer.demo_study import demo_paths


def test_the_demo_leaves_pictures_and_a_report(qtbot: QtBot, tmp_path: Path, small_models: Path):
    preferences = settings_file.settings_path()
    settings_file.save(Settings(model_folder=str(small_models), show_welcome=True), preferences)
    before = preferences.read_bytes()
    answer = CliRunner().invoke(app, ["demo", "--out", str(tmp_path / "out")])
    assert answer.exit_code == 0, answer.stderr
    films = demo_paths()
    pictures = sorted((tmp_path / "out").glob("demo-window-*.png"))
    assert len(pictures) == len(films)
    for picture in pictures:
        pixels = np.asarray(Image.open(picture))
        assert pixels.shape[:2] == (800, 1280)
        assert pixels.std() > 20, "an empty window"
        assert str(picture) in answer.stdout
    report = tmp_path / "out" / "demo-report.pdf"
    assert str(report) in answer.stdout
    text = "".join(page.extract_text() for page in pypdf.PdfReader(report).pages)
    assert text.count("HealthyGAN") >= len(films)
    assert "SYNTHETIC" in text
    assert preferences.read_bytes() == before, "the demo changed the reader's own settings"


def test_a_demo_that_cannot_be_written_says_so(qtbot: QtBot, tmp_path: Path):
    (tmp_path / "file").touch()
    answer = CliRunner().invoke(app, ["demo", "--out", str(tmp_path / "file" / "out")])
    assert answer.exit_code == 1
    assert "cannot be made" in answer.stderr


@pytest.mark.expect_log
def test_a_demo_without_any_model_is_no_success(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.models.collection.resource_path", lambda *parts: tmp_path)
    answer = CliRunner().invoke(app, ["demo", "--out", str(tmp_path / "out")])
    assert answer.exit_code == 1
    assert "got no analysis" in answer.stderr
