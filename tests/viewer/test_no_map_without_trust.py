"""A film that a model refuses gets the reason and no map: nothing of the film before is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_chest_film
from pytestqt.qtbot import QtBot
from scripted_shelf import ScriptedShelf
from twin_cases import shot, view_of

from core.errors import ModelDoesNotFit
from core.reading import RunPhase
from core.session import Session
from viewer.curtain import Curtain
from viewer.lens import Lens
from viewer.main_window import MainWindow
from viewer.panel import StatusKind
from viewer.wish import Panel

WAIT_MS = 20_000
REASONS = (
    "The film is turned by 180 degrees.",
    "The film is inverted: lungs are bright.",
    "This does not look like a chest film.",
)


@pytest.mark.parametrize("reason", [*REASONS, "error"])
def test_each_refusal_leaves_no_map_of_the_film_before(
    session: Session,
    shelf: ScriptedShelf,
    qtbot: QtBot,
    opened: Callable[..., Session],
    tmp_path: Path,
    reason: str,
) -> None:
    films = []
    for number in (1, 2):
        path = tmp_path / f"{number}.dcm"
        films.append(path)
        write_chest_film(path, rows=320, columns=300, seed=number, patient_id=f"P{number}")
    window = MainWindow(session)
    qtbot.addWidget(window)
    window.resize(1100, 700)
    window.show()
    comparison = window.comparison
    opened(films[0])
    assert session.reading.shown is not None
    assert comparison._drawn.heat is not None, "the film before has a map"
    comparison.twin_tools.set_curtain(Curtain(0.5))
    comparison.twin_tools.set_lens(Lens(60))
    assert len(view_of(comparison, Panel.ORIGINAL).veils) == 2
    before = shot(view_of(comparison, Panel.DIFFERENCE))

    if reason == "error":
        shelf.error = ModelDoesNotFit("The image is in colour.", "Choose a grey image.")
    else:
        shelf.refuse = reason
    opened(films[1])
    assert session.selection is not None
    assert session.selection.instance.path == films[1]
    assert session.status.phase is RunPhase.NOT_SUITABLE
    assert session.reading.shown is session.twin is None
    drawn = comparison._drawn
    assert drawn.heat is drawn.labels is drawn.edges is None
    assert drawn.outlines == drawn.dashed == ()
    assert comparison._twin is None
    for panel in (Panel.TWIN, Panel.DIFFERENCE):
        view = view_of(comparison, panel)
        assert view._picture is None
        assert view._content.status_kind is StatusKind.UNSUITABLE
        words = "in colour" if reason == "error" else reason
        assert words in view._content.message, "an empty panel says why"
    assert np.ptp(shot(view_of(comparison, Panel.DIFFERENCE))[:40].astype(int)) < np.ptp(before.astype(int))
    assert view_of(comparison, Panel.ORIGINAL).veils == ()
    assert comparison._legend._meaning is None
    comparison.set_flicker(True)
    assert view_of(comparison, Panel.ORIGINAL)._content.title == "ORIGINAL"
    comparison.set_flicker(False)
    comparison.toggle_blink()
    assert not comparison.twin_tools.blink.runs
    assert comparison.picture_name(Panel.DIFFERENCE) == ""

    shelf.error, shelf.refuse = None, ""
    opened(films[0])
    qtbot.waitUntil(lambda: session.twin is not None and not session.jobs.active, timeout=WAIT_MS)
    assert comparison._drawn.heat is not None
    assert len(view_of(comparison, Panel.ORIGINAL).veils) == 2, "the tools are as they were"
