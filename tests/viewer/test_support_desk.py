"""From a real session to the clipboard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from phantoms import write_chest_film
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer.program_log import program_log
from viewer.support_desk import copy_for_support


def test_the_text_of_an_open_study_names_nothing_of_it(
    session: Session, opened: Callable[..., Session], qtbot: QtBot, tmp_path: Path
) -> None:
    film = write_chest_film(tmp_path / "KIM_MINSOO_4711.dcm", rows=320, columns=300).path
    log = program_log()
    opened(film)
    assert session.index is not None
    instance = session.index.instances[0]
    patient, study, series = session.index.place_of(instance)
    told: list[str] = []
    copy_for_support(session, told.append)
    qtbot.waitUntil(lambda: bool(told))
    assert QApplication.clipboard().text() == told[0]
    for secret in (
        patient.name,
        patient.patient_id,
        study.study_instance_uid,
        series.series_instance_uid,
        instance.sop_instance_uid,
        film.stem,
        str(tmp_path),
    ):
        assert secret
        assert secret not in told[0]
    assert "weights " in told[0]
    assert log.lines is not None
