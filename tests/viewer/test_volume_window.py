"""The window of a volume: reading with a stop, what is said, controls, the way back to the main window."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from marked_volumes import AXIAL, MARKS, Acquisition, turned, write_series
from phantoms import write_chest_film, write_truncated
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from pytestqt.qtbot import QtBot

from core.imaging.frame import Window
from core.imaging.volume import Plane, Projection
from core.session import Session
from viewer import volume_window
from viewer.actions import ACTIONS
from viewer.pointer import Tool
from viewer.volume_window import VolumeWindow

WAIT_MS = 20_000
OpenPlanes = Callable[..., VolumeWindow]


@pytest.fixture
def open_planes(opened: Callable[..., Session], qtbot: QtBot) -> Iterator[OpenPlanes]:
    """Open a folder and the planes of its first series, and wait for the volume."""
    windows: list[VolumeWindow] = []

    def open_them(folder: Path, *, wait: bool = True) -> VolumeWindow:
        session = opened(folder)
        assert session.selection is not None
        window = VolumeWindow(session, session.selection.series, ("Phantom^Marked", "PHANTOM-V"))
        windows.append(window)
        window.show()
        if wait:
            qtbot.waitUntil(lambda: window.volume is not None, timeout=WAIT_MS)
        return window

    yield open_them
    for window in windows:
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    write_series(tmp_path / "ct", Acquisition())
    return tmp_path / "ct"


def test_a_series_becomes_three_planes(open_planes: OpenPlanes, marked: Path):
    window = open_planes(marked)
    assert window.windowTitle() == "Phantom^Marked · CT Marked · Planes"
    assert window.planes is not None
    assert window.volume is not None
    assert window._stage.currentWidget() is window.planes
    assert not window._warning.isVisible()
    assert not window.controls.axes.isVisible()
    assert window.readout.text().startswith("Crosshair: ")
    assert window.readout.text().endswith("slice 13 of 25")
    assert "HU" in window.readout.text()
    assert window.controls.preset.currentText() == "Window 1"


def test_it_is_read_bit_by_bit_and_tells(
    open_planes: OpenPlanes, marked: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(volume_window, "_PORTION_S", 0.0)
    told: list[int] = []
    window = open_planes(marked, wait=False)
    window.progress.valueChanged.connect(told.append)
    qtbot.waitUntil(lambda: window.volume is not None, timeout=WAIT_MS)
    assert len(told) >= 20
    # The last one is the bar that only says "busy", while the volume is made.
    assert told[:-1] == sorted(told[:-1])


def test_reading_can_be_stopped_and_begun_again(
    open_planes: OpenPlanes, marked: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(volume_window, "_PORTION_S", 0.0)
    window = open_planes(marked, wait=False)
    qtbot.waitUntil(lambda: window.progress.value() >= 2, timeout=WAIT_MS)
    window.stop_button.click()
    assert window.message.text() == "Stopped."
    qtbot.waitUntil(lambda: not window._session.jobs.active, timeout=WAIT_MS)
    assert window.volume is None
    assert not window.controls.isEnabled()
    window.again_button.click()
    qtbot.waitUntil(lambda: window.volume is not None, timeout=WAIT_MS)


def test_what_was_corrected_stays_in_sight(open_planes: OpenPlanes, tmp_path: Path):
    places = tuple(3.0 * n - 36.0 for n in range(25) if n != 9)
    write_series(
        tmp_path, Acquisition(turned(AXIAL, 18.0), through=(0, 0, 1.0), column_mm=1.5, places=places)
    )
    window = open_planes(tmp_path)
    assert window._warning.isVisible()
    assert "Slice spacing is uneven" in window._warning.text()
    assert "askew by 18.0°" in window._warning.text()


def test_oblique_slices_can_be_seen_along_their_own_axes(
    open_planes: OpenPlanes, tmp_path: Path, qtbot: QtBot
):
    write_series(tmp_path, Acquisition(turned(AXIAL, 20, -15, 10), column_mm=1.5))
    window = open_planes(tmp_path)
    assert window.controls.axes.isVisible()
    assert "resampled to the patient's axes" in window._note.text()
    window.controls.axes.setCurrentIndex(1)
    window.controls.axes.activated.emit(1)
    assert window.volume is None
    qtbot.waitUntil(lambda: window.volume is not None, timeout=WAIT_MS)
    assert window.volume.values.shape == (25, 48, 40)
    assert "along the slices" in window._note.text()
    assert window.controls.axes.isVisible()


def test_resampling_tells_how_far_it_is(open_planes: OpenPlanes, tmp_path: Path, qtbot: QtBot):
    write_series(tmp_path, Acquisition(turned(AXIAL, 20, -15, 10), column_mm=1.5, rows=160, columns=160))
    window = open_planes(tmp_path, wait=False)
    told: set[str] = set()

    def listen(job: object) -> None:
        told.add(window.message.text())

    window._session.jobs.changed.connect(listen)
    qtbot.waitUntil(lambda: window.volume is not None, timeout=WAIT_MS)
    assert any(words.startswith("Making the volume … 8 of ") for words in told), told
    window._session.jobs.changed.disconnect(listen)


def test_what_is_no_volume_is_said_inside_the_window(open_planes: OpenPlanes, tmp_path: Path, qtbot: QtBot):
    write_series(tmp_path, Acquisition(places=(0.0, 3.0, 6.0)), PixelSpacing=None)
    window = open_planes(tmp_path, wait=False)
    qtbot.waitUntil(lambda: "do not say where" in window.message.text(), timeout=WAIT_MS)
    assert window.again_button.isVisible()
    assert not window.progress.isVisible()


def test_damaged_files_are_said_inside_the_window(
    open_planes: OpenPlanes, marked: Path, opened: Callable[..., Session], qtbot: QtBot
):
    opened(marked)
    for path in marked.iterdir():
        write_truncated(path, path, 1500)
    window = open_planes(marked, wait=False)
    qtbot.waitUntil(lambda: window.again_button.isVisible(), timeout=WAIT_MS)
    assert "truncated" in window.message.text() or "damaged" in window.message.text()


def test_slabs_by_slider_and_keys(open_planes: OpenPlanes, marked: Path, qtbot: QtBot):
    window = open_planes(marked)
    assert not window.controls.thickness.isEnabled()
    window.controls.kind.setCurrentText("MIP slab")
    assert window.wish is not None
    assert (window.wish.projection, window.wish.slab_mm) == (Projection.MAXIMUM, 10.0)
    assert window.controls.thickness.value() == 10
    window.controls.thickness.setValue(12)
    assert window.wish.slab_mm == 12.0
    qtbot.keyClick(window, Qt.Key.Key_BracketRight)
    assert window.wish.slab_mm == 13.0
    assert window.planes is not None
    assert window.planes.view(Plane.AXIAL)._content.status == "MIP of 12.0 mm (4 slices)"
    window.controls.kind.setCurrentIndex(0)
    assert window.wish.projection is None


def test_presets_inversion_and_reset(open_planes: OpenPlanes, marked: Path, qtbot: QtBot):
    window = open_planes(marked)
    place = window.controls.preset.findText("Bone")
    qtbot.keyClick(window, str(place + 1))
    assert window.wish is not None
    assert window.wish.grey == Window(350, 2000, explanation="Bone")
    assert window.controls.preset.currentText() == "Bone"
    qtbot.keyClick(window, Qt.Key.Key_I)
    assert window.wish.invert
    window.planes._wish(window.wish.__class__(MARKS["head"], Window(1, 2), alone=Plane.CORONAL))
    assert window.controls.preset.currentIndex() == -1
    qtbot.keyClick(window, Qt.Key.Key_0)
    assert window.controls.preset.currentText() == "Window 1"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.volume is not None
    assert window.wish.point == window.volume.centre
    assert window.wish.alone is None


def test_keys_scroll_the_plane_with_the_focus_and_change_the_tool(
    open_planes: OpenPlanes, marked: Path, qtbot: QtBot
):
    window = open_planes(marked)
    planes = window.planes
    assert planes is not None
    qtbot.keyClick(window, Qt.Key.Key_Down)
    axial = planes.grids[Plane.AXIAL]
    assert axial.picture_at(planes.wish.point) == 13
    qtbot.keyClick(window, Qt.Key.Key_PageUp)
    assert axial.picture_at(planes.wish.point) == 3
    qtbot.keyClick(window, Qt.Key.Key_C)
    assert window.controls.tools[Tool.CROSSHAIR].isChecked()
    assert planes.view(Plane.CORONAL)._tool is Tool.CROSSHAIR
    zoom = planes.view(Plane.AXIAL)._viewpoint.zoom
    qtbot.keyClick(window, Qt.Key.Key_Plus)
    assert planes.view(Plane.AXIAL)._viewpoint.zoom == pytest.approx(zoom * 1.25)
    qtbot.keyClick(window, Qt.Key.Key_X)
    assert not planes.wish.crosshair
    assert planes.view(Plane.AXIAL)._guides is None


def test_texts_can_be_hidden(open_planes: OpenPlanes, marked: Path, qtbot: QtBot):
    window = open_planes(marked)
    assert window.planes is not None
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert not window.planes.view(Plane.AXIAL)._texts_visible
    assert not window._session.settings.show_corner_texts


def test_the_readout_follows_the_mouse_and_goes_back_to_the_crosshair(open_planes: OpenPlanes, marked: Path):
    window = open_planes(marked)
    assert window.planes is not None
    window.planes.pointedAt.emit(MARKS["back"])
    assert window.readout.text().startswith("Mouse: ")
    assert "R 5.0 P 20.0 H 6.0 mm" in window.readout.text()
    window.planes.pointedAt.emit(None)
    assert window.readout.text().startswith("Crosshair: ")


def test_the_slice_of_the_crosshair_shows_in_the_main_window(
    open_planes: OpenPlanes, marked: Path, qtbot: QtBot
):
    window = open_planes(marked)
    session = window._session
    window.planes.set_wish(window.wish.__class__((0.0, 0.0, 24.0), Window(0, 2000)))
    with qtbot.waitSignal(window.sliceShown):
        qtbot.keyClick(window, Qt.Key.Key_Return)
    assert session.selection is not None
    assert session.selection.position == 20
    qtbot.waitUntil(lambda: not session.jobs.active, timeout=WAIT_MS)


def test_a_series_that_was_closed_has_no_slice_to_show(open_planes: OpenPlanes, marked: Path):
    window = open_planes(marked)
    assert window.show_slice.isEnabled()
    window._session.close_all()
    assert not window.show_slice.isEnabled()
    assert window.show_slice.toolTip() == "The series is not open any more."
    window.show_in_main_window()
    assert window._session.selection is None


def test_closing_lets_go_of_the_volume(open_planes: OpenPlanes, marked: Path):
    window = open_planes(marked)
    assert window.volume is not None
    values = weakref.ref(window.volume.values)
    window.controls.kind.setCurrentIndex(1)
    window.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    assert values() is None


def test_closing_while_it_reads_stops_that(
    open_planes: OpenPlanes, marked: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(volume_window, "_PORTION_S", 0.0)
    window = open_planes(marked, wait=False)
    qtbot.waitUntil(lambda: window.progress.value() >= 1, timeout=WAIT_MS)
    window.close()
    qtbot.waitUntil(lambda: not window._session.jobs.active, timeout=WAIT_MS)
    assert window.volume is None


def test_a_film_has_no_planes(opened: Callable[..., Session], tmp_path: Path):
    session = opened(write_chest_film(tmp_path / "film.dcm").path)
    (action,) = (one for one in ACTIONS if one.id == "planes")
    assert not action.enabled(session)
    assert action.why_not is not None
    assert action.why_not(session) == "Planes are for CT, MR and PET, not for DX."
