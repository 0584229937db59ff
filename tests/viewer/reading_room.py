"""Studies for the desk: films and stacks, now and before, and what is seen of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from phantoms import uid, write_chest_film, write_ct_series
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from core.dicom.study import Series
from core.session import Session
from viewer.image_view import ImageView
from viewer.main_window import MainWindow
from viewer.side_view import SideView
from viewer.viewport import Viewport
from viewer.wish import Panel

WAIT_MS = 20_000


def write_films(folder: Path, *, other_patient: bool = False) -> tuple[Path, Path]:
    """A film of today and one of a year ago: of one patient, or of two."""
    folder.mkdir(parents=True, exist_ok=True)
    now = write_chest_film(folder / "now.dcm", rows=320, columns=300, seed=1).path
    who = {"patient_id": "Z-9", "patient_name": "Zebra^Zoe"} if other_patient else {}
    before = write_chest_film(
        folder / "before.dcm",
        rows=320,
        columns=300,
        seed=2,
        lesion=False,
        StudyInstanceUID=uid("before"),
        SeriesInstanceUID=uid("before series"),
        StudyDate="20250110",
        WindowCenter="1800",
        WindowWidth="3000",
        **who,
    ).path
    return now, before


def write_two_series(folder: Path, *, shared: bool = True, slices: int = 12, **changes: object) -> None:
    """Two axial CT series of one study; the second has slices of half the step and larger pixels."""
    write_ct_series(folder / "one", slices, series_number=1, spacing_mm=4.0)
    more = {} if shared else {"FrameOfReferenceUID": uid("elsewhere")}
    write_ct_series(
        folder / "two",
        2 * slices,
        series_number=2,
        spacing_mm=2.0,
        PixelSpacing=[1.4, 1.4],
        WindowCenter=[50, -600],
        WindowWidth=[350, 1500],
        **more,
        **changes,
    )


def rest(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)


def series_of(session: Session, number: int) -> Series:
    assert session.index is not None
    return next(one for one in session.index.series if one.series_number == number)


def go_to(session: Session, path: Path, qtbot: QtBot) -> None:
    assert session.index is not None
    instance = session.index.instance_at(path)
    assert instance is not None
    session.select(instance)
    rest(session, qtbot)


def command(window: MainWindow, name: str) -> QAction:
    """A command of the window as Qt knows it."""
    action = window.findChild(QAction, name)
    assert isinstance(action, QAction)
    return action


def original(viewport: MainWindow | SideView | Viewport) -> ImageView:
    """The view of the untouched image."""
    return viewport.comparison._views[Panel.ORIGINAL]


def beside(window: MainWindow, place: int = 0) -> SideView:
    return window.desk.sides[place]


def distance_mm(document: object) -> float:
    """Where the shown slice of the phantom lies: all series begin at -100 mm."""
    selection, frame = document.selection, document.frame  # type: ignore[attr-defined]  # session or side stack
    value = int(np.asarray(frame.stored)[-1, -1]) - 100
    step = selection.series.slice_spacing_mm
    assert value == selection.position
    return float(-100 + value * step)
