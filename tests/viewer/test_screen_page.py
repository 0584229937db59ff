"""A screen is measured with a card: the picture follows, the settings keep it, and it can be forgotten."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDoubleSpinBox, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from core.settings import Settings
from viewer.screen_page import CardPicture, ScreenPage
from viewer.screen_scale import CARD_WIDTH_MM, measured_px_per_mm, screen_key


@pytest.fixture
def page(qtbot: QtBot) -> ScreenPage:
    made = ScreenPage()
    qtbot.addWidget(made)
    made.resize(600, 520)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_the_card_is_as_wide_as_is_measured_and_kept(page: ScreenPage, qtbot: QtBot) -> None:
    assert page.wished() == {"screen_sizes": ()}
    with qtbot.waitSignal(page.changed):
        page.findChild(QSlider, "card").setValue(420)
    assert page.findChild(CardPicture).card_px == pytest.approx(
        4.2 * CARD_WIDTH_MM / page.devicePixelRatioF()
    )
    rows = page.wished()["screen_sizes"]
    assert measured_px_per_mm(screen_key(page.screen()), rows) == pytest.approx(4.2)
    assert page.findChild(QDoubleSpinBox).value() == pytest.approx(4.2)
    page.findChild(QPushButton).click()
    assert page.wished() == {"screen_sizes": ()}


def test_a_kept_measure_is_shown(page: ScreenPage) -> None:
    page.fill(Settings(screen_sizes=((screen_key(page.screen()), "6.5"), ("another", "3"))))
    assert page.findChild(QDoubleSpinBox).value() == pytest.approx(6.5)
    assert ("another", "3") in page.wished()["screen_sizes"]
    before = page.grab().toImage()
    page.findChild(QSlider, "card").setValue(300)
    assert page.grab().toImage() != before


def test_it_is_found_by_its_words(page: ScreenPage) -> None:
    assert page.narrow(("screen",)) == 1
    assert page.narrow(("nowhere",)) == 0
