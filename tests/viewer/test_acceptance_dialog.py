"""A new model is used only after its test: what is shown of the verdict, and what a passed one changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from scripted_shelf import ScriptedShelf

from core.models.collection import active_models
from core.models.model_file import read_head
from core.session import Session
from core.settings import Settings
from viewer.acceptance_dialog import AcceptanceDialog

WAIT_MS = 120_000


@pytest.fixture
def dialog(
    session: Session, qtbot: QtBot, small_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AcceptanceDialog:
    """Over scripted answers: no process is started."""
    monkeypatch.setattr("viewer.acceptance_dialog.Question.ask", lambda self: None)
    session.settings = Settings(model_folder=str(tmp_path / "own"))
    made = AcceptanceDialog(session, small_models / "healthygan-small.safetensors")
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    return made


def verdict_on(model: Path, *reasons: str) -> dict[str, object]:
    from core.training.acceptance import ModelIdentity, SourceComparison, Verdict  # imports torch
    from core.training.intervals import Figure

    figures = {"AUROC of the anomaly score": Figure(0.8, 0.7, 0.9, 40)}
    sources = (SourceComparison("site", 20, 20, figures, figures, {}),)
    identity = ModelIdentity.of(read_head(model))
    return Verdict(not reasons, reasons, ("Few films.",), identity, None, "ab" * 32, sources).to_json()


def cells(dialog: AcceptanceDialog) -> list[list[str]]:
    table = dialog.figures
    return [
        [table.item(row, column).text().strip() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def test_a_test_needs_films(dialog: AcceptanceDialog, tmp_path: Path) -> None:
    assert not dialog.test.isEnabled()
    dialog.films.set_place(tmp_path)
    assert dialog.test.isEnabled()
    dialog.test.click()
    assert not dialog.test.isEnabled(), "one test at a time"


def test_a_model_that_fails_changes_nothing_and_the_reasons_are_told(
    dialog: AcceptanceDialog, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog.films.set_place(tmp_path)
    dialog.test.click()
    dialog._question.answered.emit(verdict_on(dialog._model, "It is worse in site."))
    assert "Not passed" in dialog.outcome.text()
    assert "It is worse in site." in dialog.outcome.text()
    assert cells(dialog) == [
        ["site: 20 healthy, 20 abnormal", "", "", ""],
        ["AUROC of the anomaly score", "0.800 [0.700, 0.900]", "0.800 [0.700, 0.900]", ""],
    ]
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    assert not (tmp_path / "own").exists()


def test_a_model_that_passes_is_in_use_at_once(
    dialog: AcceptanceDialog, session: Session, shelf: ScriptedShelf, film: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    session.open([film])
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    asked = len(shelf.asked)
    dialog.films.set_place(tmp_path)
    dialog.test.click()
    with qtbot.waitSignal(dialog.activated, timeout=WAIT_MS) as activated:
        dialog._question.answered.emit(verdict_on(dialog._model))
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    (path,) = activated.args
    assert path.parent == tmp_path / "own"
    assert active_models((tmp_path / "own",))[0][0] == path
    assert "in use from now on" in dialog.outcome.text()
    assert len(shelf.asked) == asked + 1, "the shown film is asked about again"


def test_a_test_that_cannot_run_is_a_sentence(dialog: AcceptanceDialog, tmp_path: Path) -> None:
    dialog.films.set_place(tmp_path)
    dialog.test.click()
    dialog._question.failed.emit("The folder has no folders healthy and abnormal.")
    assert "no folders healthy" in dialog.outcome.text()
    assert dialog.test.isEnabled()
