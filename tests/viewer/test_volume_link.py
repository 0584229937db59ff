"""One place in the patient in both windows: lines in the main one, the crosshair in the planes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from marked_volumes import CORONAL, Acquisition, write_series
from phantoms import uid
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from core.session import Session
from viewer.comparison import Comparison
from viewer.volume_link import VolumeLink
from viewer.volume_window import VolumeWindow
from viewer.wish import Panel

WAIT_MS = 20_000
Linked = tuple[Session, Comparison, VolumeWindow]


@pytest.fixture
def linked(opened: Callable[..., Session], qtbot: QtBot, tmp_path: Path) -> Iterator[Linked]:
    """A volume of an axial series; beside it a coronal one of the same frame of reference."""
    reference = uid("one patient, one table")
    write_series(tmp_path / "axial", Acquisition(), FrameOfReferenceUID=reference, SeriesNumber=1)
    write_series(
        tmp_path / "coronal", Acquisition(CORONAL), FrameOfReferenceUID=reference, SeriesNumber=2,
        StudyInstanceUID=uid("marked study", "axial"),
    )  # fmt: skip
    session = opened(tmp_path)
    assert session.index is not None
    session.select(session.index.series[0].instances[12])
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    comparison = Comparison()
    qtbot.addWidget(comparison)
    comparison.resize(900, 500)
    comparison.set_frame(session.frame, ())
    session.frame_changed.connect(lambda frame: comparison.set_frame(frame, ()))
    window = VolumeWindow(session, session.index.series[0])
    link = VolumeLink(session, comparison, window)
    qtbot.waitUntil(lambda: window.volume is not None, timeout=WAIT_MS)
    yield session, comparison, window
    assert link.parent() is window
    window.close()
    window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert comparison._views[Panel.ORIGINAL]._guides is None
    session.frame_changed.disconnect()


def guides(comparison: Comparison):
    return comparison._views[Panel.ORIGINAL]._guides


def test_lines_mark_the_crosshair_on_the_slice_that_holds_it(linked: Linked, qtbot: QtBot):
    session, comparison, window = linked
    window.move_to((10.0, -3.0, 0.0))
    shown = guides(comparison)
    assert shown is not None
    # 48 rows of 1.5 mm and 40 columns of 2.0 mm about the origin.
    assert (shown.row, shown.column) == pytest.approx((24 - 3.0 / 1.5, 20 + 10.0 / 2.0))
    session.scroll(1)
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    assert guides(comparison) is None
    window.move_to((10.0, -3.0, 3.0))
    assert guides(comparison) is not None


def test_lines_show_in_another_series_of_the_frame_of_reference(linked: Linked, qtbot: QtBot):
    session, comparison, window = linked
    assert session.index is not None
    session.select(session.index.series[1].instances[12])
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)
    window.move_to((10.0, 0.5, 6.0))
    shown = guides(comparison)
    assert shown is not None
    assert (shown.row, shown.column) == pytest.approx((24 - 6.0 / 1.5, 20 + 10.0 / 2.0))


def test_a_click_in_the_main_window_brings_the_crosshair(linked: Linked):
    _, comparison, window = linked
    comparison.pointed.emit(20.0, 15.0)
    assert window.wish is not None
    assert window.wish.point == pytest.approx(((15 - 20) * 2.0, (20 - 24) * 1.5, 0.0))
    before = window.wish.point
    window.move_to((900.0, 0.0, 0.0))
    assert window.wish.point == before


def test_images_of_another_frame_of_reference_are_left_alone(linked: Linked):
    session, comparison, window = linked
    assert session.frame is not None
    source = session.frame.source
    assert guides(comparison) is not None
    for changed in (
        replace(source, frame_of_reference_uid="9.9"),
        replace(source, frame_of_reference_uid=""),
    ):
        session.frame = replace(session.frame, source=changed)
        session.frame_changed.emit(session.frame)
        assert guides(comparison) is not None, "slices of one series share their millimetres"
    other = replace(
        session.frame, source=replace(source, frame_of_reference_uid="9.9", series_instance_uid="9.8")
    )
    session.frame = other
    session.frame_changed.emit(other)
    assert guides(comparison) is None
    assert window.wish is not None
    before = window.wish.point
    comparison.pointed.emit(20.0, 15.0)
    assert window.wish.point == before


def test_a_second_volume_leaves_the_lines_of_the_first_alone(linked: Linked, qtbot: QtBot):
    session, comparison, window = linked
    assert session.index is not None
    other = VolumeWindow(session, session.index.series[1])
    VolumeLink(session, comparison, other)
    qtbot.waitUntil(lambda: other.volume is not None, timeout=WAIT_MS)
    window.move_to((10.0, -3.0, 0.0))
    other.move_to((10.0, -3.0, 12.0))
    assert guides(comparison) is None
    window.move_to((12.0, -3.0, 0.0))
    other.move_to((10.0, -3.0, 15.0))
    assert guides(comparison) is not None
    other.close()
    other.deleteLater()
    assert guides(comparison) is not None
