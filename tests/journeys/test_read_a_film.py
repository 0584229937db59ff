"""A reader's whole task through the real window: open, wait for both models, look, decide, report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pypdf
import pytest
from journeys_words import press
from phantoms import write_chest_film
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from core.imaging.marks import Mark, MarkKind
from core.models.collection import available_models
from core.reading import RunPhase
from viewer.demo_study import demo_paths
from viewer.main_window import MainWindow
from viewer.report_window import ReportWindow
from viewer.wish import Panel

WAIT_MS = 120_000
OpenWindow = Callable[..., MainWindow]


def wait_for_both_models(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    settled = {RunPhase.DONE, RunPhase.FAILED, RunPhase.NOT_SUITABLE, RunPhase.NO_MODEL}
    qtbot.waitUntil(
        lambda: session.frame is not None and session.status.phase in settled and not session.jobs.active,
        timeout=WAIT_MS,
    )
    assert session.status.phase is RunPhase.DONE, session.status
    assert session.twin is not None


def read_and_report(window: MainWindow, qtbot: QtBot, folder: Path) -> None:
    """From the finished analysis to the files: by keys where a reader would use keys."""
    session = window.session
    analyses = session.reading.analyses

    window.comparison.setFocus()
    assert session.heatmap.visible
    press(window, Qt.Key.Key_G)
    assert not session.heatmap.visible
    press(window, Qt.Key.Key_G)
    assert session.heatmap.visible

    before = session.heatmap.threshold
    press(window, Qt.Key.Key_BracketRight)
    assert session.heatmap.threshold > before
    for _ in range(60):
        if session.reading.findings:
            break
        press(window, Qt.Key.Key_BracketLeft)
    assert session.reading.findings, "no region even at the lowest threshold"

    press(window, Qt.Key.Key_N)
    assert session.selected_finding
    press(window, Qt.Key.Key_A)
    assert [finding.identifier for finding in session.review.accepted] == [session.selected_finding]
    assert "●" in "".join(window.findings_panel.rows)

    rows, columns = session.frame.rows, session.frame.columns
    across = Mark(MarkKind.LENGTH, ((rows * 0.6, columns * 0.2), (rows * 0.6, columns * 0.8)))
    window.comparison.markDrawn.emit(across)
    assert session.review.drawings.marks

    impression = window.findings_panel.findChild(QPlainTextEdit)
    impression.setFocus()
    QTest.keyClicks(impression, "Round opacity, gone in [x] tomorrow")
    assert session.review.impression == "Round opacity, gone in [x] tomorrow"
    QTest.keyClick(impression, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.review.impression == "Round opacity, gone in [x] "

    # All this was looking and deciding: no model was asked again.
    assert session.reading.analyses == analyses

    report = window.show_report()
    assert isinstance(report, ReportWindow)
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    with qtbot.waitSignal(report.saved, timeout=WAIT_MS):
        report.save_pdf(folder / "report.pdf")
    report.close()
    text = "\n".join(page.extract_text() for page in pypdf.PdfReader(folder / "report.pdf").pages)
    assert "gone in [x]" in text
    assert "Research use only" in text
    assert "M1" in text
    assert "HealthyGAN" in text
    assert "SR-AnoGAN" in text

    for panel in Panel:
        window.export_panel(panel, folder / f"{panel.name}.png")
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    assert session.frame is not None
    for panel in Panel:
        with Image.open(folder / f"{panel.name}.png") as picture:
            assert picture.width >= session.frame.columns
            assert picture.height >= session.frame.rows
    assert not list(folder.glob("*.part"))


@pytest.fixture
def best_models(small_models: Path) -> dict[str, str]:
    """The shipped models where both are there, else the small ones."""
    shipped = {card.kind for _, card in available_models()}
    return {} if shipped >= {"healthygan", "sr-anogan"} else {"model_folder": str(small_models)}


def test_a_phantom_study_from_folder_to_report(
    open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path
) -> None:
    study = tmp_path / "study"
    study.mkdir()
    truth = write_chest_film(study / "film.dcm", rows=640, columns=600)
    bytes_before = truth.path.read_bytes()
    window = open_window(model_folder=str(small_models))
    window.open_paths([study])
    wait_for_both_models(window, qtbot)
    top, left, bottom, right = truth.lesion_box or (0, 0, 0, 0)
    hits = [
        finding
        for finding in window.session.reading.findings
        if finding.box[0] < bottom
        and finding.box[2] > top
        and finding.box[1] < right
        and finding.box[3] > left
    ]
    assert hits, "the phantom's lesion is not among the findings"
    assert {finding.side for finding in hits} == {"R"}
    out = tmp_path / "out"
    out.mkdir()
    read_and_report(window, qtbot, out)
    assert truth.path.read_bytes() == bytes_before


def test_the_demo_study(
    open_window: OpenWindow, qtbot: QtBot, best_models: dict[str, str], tmp_path: Path
) -> None:
    window = open_window(**best_models)
    window.open_demo()
    wait_for_both_models(window, qtbot)
    assert len(window.session.index.instances) == len(demo_paths())
    read_and_report(window, qtbot, tmp_path)


@pytest.mark.shared
def test_a_real_chest_film(
    open_window: OpenWindow,
    qtbot: QtBot,
    best_models: dict[str, str],
    tmp_path: Path,
    shared_data: Path,
) -> None:
    window = open_window(**best_models)
    window.open_paths([shared_data / "dicom" / "chest" / "RG1_J2KR.dcm"])
    wait_for_both_models(window, qtbot)
    read_and_report(window, qtbot, tmp_path)


def test_twin_and_original_differ_only_where_the_model_changed_something(
    open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path
) -> None:
    film = write_chest_film(tmp_path / "film.dcm", rows=640, columns=600).path
    window = open_window(model_folder=str(small_models))
    window.open_paths([film])
    wait_for_both_models(window, qtbot)
    session = window.session
    grid = session.twin.analysis.model_input
    outside = np.ones(session.frame.stored.shape, bool)
    outside[grid.row : grid.row + grid.side, grid.column : grid.column + grid.side] = False
    assert np.array_equal(session.twin.values[outside], session.frame.stored[outside].astype(np.float32))
