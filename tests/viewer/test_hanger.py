"""Studies hung by protocol, as the reader chose for the modality, and left alone once touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from phantoms import write_ct_series
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from reading_room import (
    beside,
    command,
    go_to,
    rest,
    series_of,
    write_films,
    write_two_series,
)

from core.hanging import Layout
from core.session import Session
from core.settings import settings_path
from viewer.main_window import MainWindow


def test_the_layout_of_each_modality_is_remembered(
    window: MainWindow,
    session: Session,
    opened: Callable[..., Session],
    film: Path,
    tmp_path: Path,
    qtbot: QtBot,
) -> None:
    write_two_series(tmp_path / "ct")
    opened(tmp_path / "ct")
    QTest.keyClick(window, Qt.Key.Key_6, Qt.KeyboardModifier.AltModifier)
    opened(film)
    assert window.desk.layout_shown == Layout(1, 1, "all")
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert json.loads(session.settings.layouts) == {"CT": "2x1 original", "DX": "1x1 original"}
    go_to(session, series_of(session, 2).images[0][0].path, qtbot)
    assert window.desk.layout_shown == Layout(2, 1, "original")
    assert beside(window).stack.selection is not None
    command(window, "forget_layouts").trigger()
    assert session.settings.layouts == ""
    assert window.desk.layout_shown == Layout(1, 1, "original")


def test_a_prior_that_is_found_later_still_comes_to_its_place(
    window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    window.resize(2200, 900)
    now, before = write_films(tmp_path)
    session.open([now])
    rest(session, qtbot)
    assert window.desk.layout_shown == Layout(1, 1, "all")
    shown = session.frame
    session.open([before])
    rest(session, qtbot)
    go_to(session, now, qtbot)
    assert window.desk.layout_shown == Layout(1, 2, "all")
    assert beside(window).stack.place[1].study_date == "20250110"  # type: ignore[index]  # shown
    assert shown is not None


def test_what_the_reader_changed_is_not_hung_anew(
    two_series: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot
) -> None:
    before = two_series.desk.layout_shown
    write_ct_series(tmp_path / "more", 3, series_number=7)
    session.open([tmp_path / "more"])
    rest(session, qtbot)
    assert two_series.desk.layout_shown == before


def write_protocols(text: str) -> None:
    """Beside the settings of this test's own reader."""
    path = settings_path().with_name("hanging.toml")
    path.parent.mkdir(parents=True)
    path.write_text(text)


def test_a_protocol_of_the_reader_hangs_with_preset_and_zoom(
    session: Session, opened: Callable[..., Session], tmp_path: Path, qtbot: QtBot
) -> None:
    write_protocols(
        '[[protocol]]\nname = "Lungs"\nmodality = ["CT"]\nlayout = "1x2"\npanels = "original"\n'
        'beside = ["next series"]\npreset = "LUNG"\nzoom = "one to one"\n'
    )
    made = MainWindow(session)
    qtbot.addWidget(made)
    made.show()
    write_two_series(tmp_path / "ct")
    opened(tmp_path / "ct")
    assert made.desk.layout_shown == Layout(1, 2, "original")
    assert session.grey == next(one.grey for one in session.presets if one.name == "LUNG")
    assert made.comparison.viewpoint.zoom == pytest.approx(1.0)


def test_a_broken_protocol_file_is_said_at_the_start(session: Session, qtbot: QtBot) -> None:
    write_protocols('[[protocol]]\nname = "x"\nlayout = "9x9"\n')
    made = MainWindow(session)
    qtbot.addWidget(made)
    assert "Hanging protocol “x”" in made.messages.text
