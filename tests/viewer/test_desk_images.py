"""Approved pictures of the desk: layouts, ties and reference lines, the alarm, the flat legend."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from approved_images import Approved
from marked_volumes import AXIAL, CORONAL, SAGITTAL, Acquisition, write_series
from pytestqt.qtbot import QtBot
from reading_room import rest, series_of

from core.imaging.heatmap import HeatmapStyle, Shows
from core.session import Session
from core.study_list import rows_of
from viewer.legend import Legend, LegendStrip
from viewer.main_window import MainWindow
from viewer.series_drag import series_of as dragged

PLANES = {"Axial": AXIAL, "Coronal": CORONAL, "Sagittal": SAGITTAL}


@pytest.fixture
def planes(window: MainWindow, session: Session, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """Three directions of one volume without noise, so that the pictures stay small; axial is shown."""
    for number, (name, directions) in enumerate(PLANES.items(), 1):
        write_series(
            tmp_path / name,
            Acquisition(directions=directions),
            FrameOfReferenceUID="1.2.3",
            StudyInstanceUID="1.2.4",
            SeriesInstanceUID=f"1.2.4.{number}",
            SeriesNumber=number,
            SeriesDescription=name,
            StudyDate="20260302",
        )
    write_series(
        tmp_path / "other",
        Acquisition(),
        StudyInstanceUID="1.2.5",
        SeriesInstanceUID="1.2.5.9",
        SeriesNumber=9,
        SeriesDescription="Axial",
        PatientID="Z-9",
        PatientName="Zebra^Zoe",
        StudyDate="20260303",
    )
    session.open([tmp_path])
    rest(session, qtbot)
    session.select(*series_of(session, 1).images[0])
    rest(session, qtbot)
    window.desk.show_frame(9)
    rest(session, qtbot)
    return window


def settled(window: MainWindow, qtbot: QtBot) -> MainWindow:
    rest(window.session, qtbot)
    qtbot.waitUntil(lambda: not window.desk._cuts.isActive())
    return window


def test_three_series_of_one_volume_and_an_empty_viewport(
    planes: MainWindow, qtbot: QtBot, approved: Approved
) -> None:
    planes.desk.choose_grid(2, 2)
    rest(planes.session, qtbot)
    for side in planes.desk.sides[:2]:
        side.stack.show_frame(11)
    planes.comparison.take_focus()
    approved("desk-planes", settled(planes, qtbot).desk.grab().toImage())


def test_another_patient_is_seen_to_be_one(planes: MainWindow, qtbot: QtBot, approved: Approved) -> None:
    (row,) = rows_of(series_of(planes.session, 9))
    planes.desk.show_beside(dragged(row))
    rest(planes.session, qtbot)
    planes.desk.sides[0].stack.show_frame(12)
    planes.comparison.take_focus()
    approved("desk-other-patient", settled(planes, qtbot).desk.grab().toImage())


@pytest.mark.parametrize(
    ("name", "legend"),
    [
        ("one-sign", Legend(HeatmapStyle(0.08))),
        ("both", Legend(replace(HeatmapStyle(0.08).showing(Shows.BOTH), opposite_threshold=0.2))),
        ("off-scale", Legend(HeatmapStyle(5.0))),
        ("models", Legend(HeatmapStyle(0.08), ("HealthyGAN", "SR-AnoGAN"))),
    ],
)
def test_the_flat_legend(
    qtbot: QtBot, window: MainWindow, approved: Approved, name: str, legend: Legend
) -> None:
    strip = LegendStrip(window)
    strip.resize(700, 34)
    strip.show_meaning(legend)
    approved(f"legend-flat-{name}", strip.grab().toImage())
