"""Curves of a run: which values become one, and that they stay light however long it goes."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from viewer.app import make_application
from viewer.live_curves import Curves


@pytest.fixture
def curves(qtbot: QtBot) -> Curves:
    make_application()
    made = Curves("Losses")
    qtbot.addWidget(made)
    return made


def test_losses_are_drawn_and_nothing_else(curves: Curves) -> None:
    curves.add(1, {"step": 1, "stage": "heal", "seconds": 2.0, "loss_g": 0.5, "gradient_norm": 3.0})
    curves.redraw(10)
    assert curves.names == ("loss_g",)
    low, high = curves.steps_shown
    assert low <= 0 < 10 <= high, "the axis is as long as the run"
    curves.add(400, {"loss_g": 0.4})
    curves.redraw(8)
    assert curves.steps_shown[1] >= 400, "a later count of something else cuts nothing off"


def test_only_named_figures_are_drawn_where_names_are_given(qtbot: QtBot) -> None:
    make_application()
    curves = Curves("Figures", {"merit": "merit"})
    qtbot.addWidget(curves)
    curves.add(1, {"merit": 0.5, "loss_g": 0.1, "auc_p": 0.4})
    assert curves.names == ("merit",)


def test_a_long_run_is_thinned_out(curves: Curves) -> None:
    for step in range(20_000):
        curves.add(step, {"loss_g": 1.0})
    assert 500 < len(curves.points("loss_g")[0]) <= 1500


def test_cleared_curves_are_gone(curves: Curves) -> None:
    curves.add(1, {"loss_g": 0.5})
    curves.redraw(2)
    curves.clear()
    curves.redraw(2)
    assert curves.names == ()
