"""The chooser in the title bar offers three kinds of difference, and says which one is on."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.imaging.findings import Sign
from core.imaging.heatmap import HeatmapStyle, Shows
from viewer.sign_chooser import SignChooser


@pytest.fixture
def chooser(qtbot: QtBot) -> SignChooser:
    widget = SignChooser()
    qtbot.addWidget(widget)
    return widget


@pytest.mark.parametrize("shows", Shows)
def test_it_says_what_was_chosen_and_what_is_on(qtbot: QtBot, chooser: SignChooser, shows: Shows) -> None:
    entry = chooser.menu().actions()[list(Shows).index(shows)]
    with qtbot.waitSignal(chooser.chosen, timeout=1000) as told:
        entry.trigger()
    assert told.args == [shows]
    chooser.show_style(HeatmapStyle(0.1).showing(shows), agreement=False)
    assert chooser.text() == shows.value
    assert [one.isChecked() for one in chooser.menu().actions()] == [one is shows for one in Shows]
    assert chooser.width() >= chooser.sizeHint().width()


def test_the_agreement_is_of_one_sign(chooser: SignChooser) -> None:
    chooser.show_style(HeatmapStyle(0.1, sign=Sign.DENSER, both_signs=True), agreement=True)
    assert chooser.text() == "denser"
    both = chooser.menu().actions()[-1]
    assert not both.isEnabled()
    assert both.toolTip()
