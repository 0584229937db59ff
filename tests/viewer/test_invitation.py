"""What stands in the middle when no image does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from viewer.invitation import Invitation


@pytest.fixture
def invitation(qtbot: QtBot) -> Iterator[Invitation]:
    holder = QWidget()
    qtbot.addWidget(holder)
    made = Invitation(holder)
    holder.resize(700, 560)
    made.resize(700, 560)
    holder.show()
    yield made
    del holder


def words(invitation: Invitation) -> str:
    return "\n".join(label.text() for label in invitation.findChildren(QLabel) if label.isVisible())


def buttons(invitation: Invitation) -> list[str]:
    return [button.text() for button in invitation.findChildren(QPushButton) if button.isVisible()]


def test_nothing_open_teaches_how_to_begin(invitation: Invitation, qtbot: QtBot) -> None:
    assert "Drop a study folder here" in words(invitation)
    assert buttons(invitation) == ["Open folder…", "Open the demo study"]
    assert not invitation.teaches
    with qtbot.waitSignal(invitation.demoRequested):
        invitation.findChildren(QPushButton)[1].click()


def test_a_first_start_is_told_more(invitation: Invitation) -> None:
    invitation.first_steps = True
    invitation.invite()
    assert invitation.teaches
    assert "What the three panels show" in words(invitation)
    invitation.say_loading("Looking through films …")
    assert not invitation.teaches
    assert "What the three panels show" not in words(invitation)


def test_what_is_read_is_named_and_how_to_stop_it(invitation: Invitation) -> None:
    invitation.say_loading("Looking through <b>films</b> …")
    assert "Looking through <b>films</b> …" in words(invitation)
    assert "stops this" in words(invitation)
    assert buttons(invitation) == []


def test_a_failure_says_what_to_do_and_leaves_ways_on(invitation: Invitation) -> None:
    invitation.say_failed("a.dcm is damaged.", "Copy it again.")
    assert "a.dcm is damaged.\nCopy it again." in words(invitation)
    assert buttons(invitation) == ["Open folder…", "Open the demo study"]
