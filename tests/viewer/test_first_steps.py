"""The page of the first start: five sentences, three drawings that differ, two ways on."""

from __future__ import annotations

import re

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from viewer.first_steps import Drawing, FirstSteps, FirstStepsDialog, PanelDrawing
from viewer.theme import Colour


@pytest.fixture
def page(qtbot: QtBot) -> FirstSteps:
    made = FirstSteps()
    qtbot.addWidget(made)
    made.resize(640, 420)
    made.show()
    return made


def test_five_sentences_explain_the_panels(page: FirstSteps) -> None:
    sentences = [
        sentence for label in page.findChildren(QLabel) for sentence in re.findall(r"[^.\n]+\.", label.text())
    ]
    assert len(sentences) == 5
    assert any("never seen in the patient" in sentence for sentence in sentences)
    assert any("not analyzed" in sentence for sentence in sentences)


def test_the_drawings_differ_and_the_twin_has_its_border(page: FirstSteps) -> None:
    drawings = page.findChildren(PanelDrawing)
    assert len(drawings) == len(Drawing)
    pictures = [drawing.grab().toImage() for drawing in drawings]
    assert pictures[0] != pictures[1] != pictures[2] != pictures[0]
    twin = pictures[Drawing.TWIN.value]
    colours = {twin.pixelColor(x, 2).name() for x in range(twin.width())}
    assert Colour.TWIN.value in colours
    assert all(drawing.accessibleName() for drawing in drawings)


def test_both_ways_lead_on(page: FirstSteps, qtbot: QtBot) -> None:
    buttons = {button.text(): button for button in page.findChildren(QPushButton)}
    with qtbot.waitSignal(page.demoRequested):
        buttons["Open the demo study"].click()
    with qtbot.waitSignal(page.openRequested):
        buttons["Open folder…"].click()


def test_nothing_is_cut_off(page: FirstSteps) -> None:
    for label in page.findChildren(QLabel):
        assert label.height() >= label.heightForWidth(label.width()), label.text()


def test_the_dialog_goes_when_a_way_is_taken(qtbot: QtBot) -> None:
    dialog = FirstStepsDialog()
    dialog.open()
    with qtbot.waitSignal(dialog.accepted):
        next(b for b in dialog.findChildren(QPushButton) if b.text() == "Open the demo study").click()
