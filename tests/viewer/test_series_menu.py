from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from film_series import write_film_series
from phantoms import write_ct_series
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from core.dicom.arrangement import Arrangement, SortBy
from core.session import Session
from viewer.series_menu import add_series_commands


@pytest.fixture
def menu(qtbot: QtBot) -> Iterator[QMenu]:
    made = QMenu()
    qtbot.addWidget(made)
    yield made
    made.clear()


def command(session: Session, menu: QMenu, words: str) -> QAction | None:
    assert session.selection is not None
    menu.clear()
    add_series_commands(menu, session, session.selection.series)
    return next((one for one in menu.actions() if one.text() == words), None)


def test_a_series_of_films_is_analyzed_from_its_menu(
    session: Session, opened: Callable[..., Session], menu: QMenu, tmp_path: Path
) -> None:
    opened(write_film_series(tmp_path / "films", 4))
    action = command(session, menu, "Analyze the whole series")
    assert action is not None
    assert action.isEnabled()
    action.trigger()
    assert session.series_analysis.running is not None
    stop = command(session, menu, "Stop analyzing the series")
    assert stop is not None
    stop.trigger()
    assert session.series_analysis.running is None


def test_what_no_model_reads_is_not_offered_and_says_why(
    session: Session, opened: Callable[..., Session], menu: QMenu, tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 4)
    opened(tmp_path)
    action = command(session, menu, "Analyze the whole series")
    assert action is not None
    assert not action.isEnabled()
    assert "CT" in action.toolTip()


def test_a_single_film_has_no_such_command(
    session: Session, opened: Callable[..., Session], menu: QMenu, film: Path
) -> None:
    opened(film)
    assert command(session, menu, "Analyze the whole series") is None


def test_the_order_of_a_series_is_chosen_in_its_menu(
    session: Session, opened: Callable[..., Session], menu: QMenu, tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 4)
    opened(tmp_path)
    assert session.selection is not None
    before = session.selection.series.images

    def choose(words: str) -> None:
        assert session.selection is not None
        menu.clear()
        add_series_commands(menu, session, session.selection.series)
        below = menu.findChild(QMenu)
        assert isinstance(below, QMenu)
        next(one for one in below.actions() if one.text() == words).trigger()
        below.deleteLater()
        below.setParent(None)

    choose("Last image first")
    assert session.selection.series.images == before[::-1]
    choose("By instance number")
    assert session.selection.series.arrangement == Arrangement(by=SortBy.NUMBER, backwards=True)
    choose("Last image first")
    choose("By position, as usual")
    assert session.selection.series.images == before
