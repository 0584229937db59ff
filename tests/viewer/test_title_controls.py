"""The link button says how a viewport is tied, with words, icon and accessible name."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from core.linking import LinkMode, Relation
from viewer.app import make_application
from viewer.title_controls import TitleControls


@pytest.fixture
def controls(qapp: object, qtbot: QtBot) -> TitleControls:
    make_application()
    made = TitleControls(closable=True)
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize(
    ("tie", "mode", "words", "text"),
    [
        (Relation.PLACE, LinkMode.BY_PLACE, "the same place in the patient", ""),
        (Relation.HAND, LinkMode.BY_HAND, "Linked by hand", "by hand"),
        (Relation.NONE, LinkMode.OFF, "as you chose", ""),
        (Relation.NONE, LinkMode.BY_PLACE, "no shared frame of reference", ""),
    ],
)
def test_each_tie_has_its_words(
    controls: TitleControls, tie: Relation, mode: LinkMode, words: str, text: str
) -> None:
    controls.show_tie(tie, mode)
    assert words in controls.link.toolTip()
    assert controls.link.text() == text
    assert controls.link.accessibleName()
    assert controls.link.accessibleName() in controls.link.toolTip()


def test_linked_and_not_linked_look_different(controls: TitleControls) -> None:
    pictures = []
    for tie in (Relation.PLACE, Relation.NONE):
        controls.show_tie(tie, LinkMode.BY_PLACE)
        pictures.append(controls.link.icon().pixmap(16, 16).toImage())
    assert pictures[0] != pictures[1]


def test_the_sessions_viewport_cannot_be_closed(controls: TitleControls, qtbot: QtBot) -> None:
    assert len(controls.findChildren(QToolButton)) == 2
    fixed = TitleControls(closable=False)
    qtbot.addWidget(fixed)
    assert len(fixed.findChildren(QToolButton)) == 1


def test_buttons_say_that_they_were_clicked(controls: TitleControls, qtbot: QtBot) -> None:
    link, close = controls.findChildren(QToolButton)
    with qtbot.waitSignal(controls.linkClicked):
        link.click()
    with qtbot.waitSignal(controls.closeClicked):
        close.click()
