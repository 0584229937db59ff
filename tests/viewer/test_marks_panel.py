"""The list of marks says of each what it is, what it measures, and whether it is hidden."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.imaging.marks import Mark, MarkKind
from core.session import Session
from viewer.comparison import Comparison
from viewer.marking import Marking
from viewer.marks_panel import MarksPanel


@pytest.fixture
def marking(qtbot: QtBot, session: Session, opened: Callable[..., Session], film: Path) -> Marking:
    opened(film)
    comparison = Comparison()
    qtbot.addWidget(comparison)
    return Marking(session, comparison)


@pytest.fixture
def panel(qtbot: QtBot, session: Session, marking: Marking) -> MarksPanel:
    made = MarksPanel(session, marking)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("kind", [MarkKind.LENGTH, MarkKind.ARROW])
def test_a_hidden_mark_says_so(panel: MarksPanel, marking: Marking, kind: MarkKind) -> None:
    marking.add(Mark(kind, ((10.0, 10.0), (40.0, 30.0))))
    (shown,) = panel.rows
    assert "hidden" not in shown
    marking.toggle_hidden(marking.selected)
    (hidden,) = panel.rows
    first, *rest = shown.split("\n")
    assert hidden == "\n".join([f"{first} (hidden)", *rest])
    marking.toggle_hidden(marking.selected)
    assert panel.rows == (shown,)


def test_a_chosen_row_is_the_selected_mark(panel: MarksPanel, marking: Marking) -> None:
    for column in (10.0, 60.0):
        marking.add(Mark(MarkKind.LENGTH, ((10.0, column), (40.0, column))))
    second = marking.selected
    panel._list.setCurrentRow(0)
    assert marking.selected != second
    marking.select(second)
    assert panel._list.currentRow() == 1
