"""A CT, MR or PET series as a volume: three planes with one crosshair, thick slabs, the voxel in numbers.

The slices are read in portions in the read lane, so that the main window goes on; the volume is made on a
lane of its own. What had to be corrected of the geometry stands above the planes for as long as they show.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

import core
from core.imaging.display import default_grey
from core.imaging.regridding import Axes
from core.imaging.volume import Plane, Point, Volume
from core.jobs import Job, JobContext, Lane
from core.session import Session
from viewer.language import tr
from viewer.messages import words_for
from viewer.pointer import Tool
from viewer.theme import Colour
from viewer.volume_controls import TOOL_KEYS, VolumeControls
from viewer.volume_planes import VolumePlanes
from viewer.volume_wish import VolumeWish, readout, thickest_mm
from viewer.watch import watch

if TYPE_CHECKING:
    from core.dicom.index import Series, StudyIndex
    from core.dicom.volume_reading import VolumeReading

_PORTION_S = 0.15
_SCROLL_KEYS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_PageDown: 10,
    Qt.Key.Key_PageUp: -10,
}


class VolumeWindow(QWidget):
    """One series as a volume, read when the window is made. GUI thread only.

    Drag: window; click, drag on a line or Shift and move: crosshair; middle drag pans, right drag zooms, the
    wheel scrolls, with Ctrl it zooms; a double click shows one plane alone. Closing it frees the volume.
    """

    pointChanged = Signal(object)
    """`Point` of the crosshair, or None while there is no volume."""
    sliceShown = Signal()
    """The reader asked for a slice in the main window; the session shows it."""

    def __init__(
        self, session: Session, series: Series, caption: tuple[str, ...] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.series = series
        self._session = session
        self._caption = caption
        self._axes = Axes.PATIENT
        self._job: Job | None = None
        self._pointed: Point | None = None
        self.planes: VolumePlanes | None = None
        name = series.description or series.protocol_name or f"series {series.series_number}"
        self.setWindowTitle(" · ".join([*caption[:1], f"{series.modality} {name}", "Planes"]))
        self.setMinimumSize(960, 560)
        self.resize(1240, 780)
        self._build()
        watch(self, session.index_changed, self._index_changed)
        watch(self, session.jobs.changed, self._job_changed)
        self.read()

    @property
    def volume(self) -> Volume | None:
        """The volume once it has been made."""
        return None if self.planes is None else self.planes.volume

    @property
    def wish(self) -> VolumeWish | None:
        """Where the crosshair is and how the volume is shown."""
        return None if self.planes is None else self.planes.wish

    # --- built once --------------------------------------------------------------------------------

    def _build(self) -> None:
        self._warning = _line(Colour.WARNING)
        self._note = _line(Colour.QUIET)
        self._stage = QStackedWidget()
        self._stage.addWidget(self._built_waiting_page())
        self.readout = QLabel()
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.show_slice = QPushButton(tr("Show this slice in the main window"))
        self.show_slice.clicked.connect(self.show_in_main_window)
        research = QLabel(tr(core.RESEARCH_USE))
        research.setStyleSheet(f"color: {Colour.WARNING};")
        below = QHBoxLayout()
        below.setSpacing(14)
        below.addWidget(self.readout, 1)
        below.addWidget(self.show_slice)
        below.addWidget(research)
        self.controls = VolumeControls(presets_of=self._session.presets_of)
        self.controls.changed.connect(self._take_change)
        self.controls.toolTaken.connect(self._take_tool)
        self.controls.axesTaken.connect(self._take_axes)
        self.controls.resetWanted.connect(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.controls)
        column.addWidget(self._warning)
        column.addWidget(self._note)
        column.addWidget(self._stage, 1)
        column.addLayout(below)

    def _built_waiting_page(self) -> QWidget:
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = QProgressBar()
        self.progress.setFixedWidth(320)
        self.progress.setTextVisible(False)
        self.stop_button = QPushButton(tr("Stop"))
        self.stop_button.clicked.connect(self.stop)
        self.again_button = QPushButton(tr("Read again"))
        self.again_button.clicked.connect(self.read)
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        column.addWidget(self.message)
        for widget in (self.progress, self.stop_button, self.again_button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    # --- reading -----------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the series and make the volume, from the beginning."""
        # Imported here: pydicom costs a third of a second that the first window should not wait for.
        from core.dicom.volume_reading import VolumeReading

        self._drop_volume()
        self._wait(tr("Reading the series …"))
        self._read_on(VolumeReading(self.series, self._axes))

    def stop(self) -> None:
        """Stop reading."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._say(tr("Stopped."))

    def _read_on(self, reading: VolumeReading) -> None:
        """One portion: whatever else waits in the read lane goes before the next one."""
        self._show_progress(reading.done, reading.total, tr("Reading slices"))
        self._job = self._session.jobs.submit(
            Lane.READ,
            tr("Reading {name}").format(name=self.series.description or tr("the series")),
            partial(_portion, reading),
            partial(self._portion_read, reading),
            self._failed,
            shown=False,
        )

    def _portion_read(self, reading: VolumeReading, ended: bool) -> None:
        if not ended:
            self._read_on(reading)
            return
        self._show_progress(0, 0, tr("Making the volume"))
        self._job = self._session.jobs.submit(
            Lane.VOLUME,
            tr("Volume of {name}").format(name=self.series.description or tr("the series")),
            reading.made,
            self._take_volume,
            self._failed,
        )

    def _job_changed(self, job: Job) -> None:
        """How far the volume is, while it is made; while slices are read, each portion tells when it ends."""
        if job is self._job and job.lane is Lane.VOLUME and job.progress.total:
            self._show_progress(job.progress.done, job.progress.total, tr("Making the volume"))

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._drop_volume()
        self._say(words_for(error, tr("Make a volume of the series"))[0], Colour.FAILURE)

    def _take_volume(self, volume: Volume) -> None:
        self._job = None
        wish = VolumeWish(volume.centre, default_grey(volume.look))
        self.planes = VolumePlanes(volume, wish, self._session.jobs, self._failed, self._caption)
        self.planes.wishChanged.connect(self._show_wish)
        self.planes.pointedAt.connect(self._point_at)
        self.planes.set_texts_visible(self._session.settings.show_corner_texts)
        self._stage.addWidget(self.planes)
        self._stage.setCurrentWidget(self.planes)
        self.controls.setEnabled(True)
        self._tell(self._warning, " ".join(volume.corrections), "⚠ ")
        self._tell(self._note, " ".join(volume.notes))
        self.planes.set_wish(self.controls.show_volume(volume, wish, thickest_mm(self.planes.grids)))
        self._show_wish(self.planes.wish)
        self._index_changed(self._session.index)
        self.planes.view(Plane.AXIAL).setFocus()

    def _drop_volume(self) -> None:
        """Nothing of the volume stays: it is the largest thing in memory."""
        self._pointed = None
        self._tell(self._warning, "")
        self._tell(self._note, "")
        self.readout.setText("")
        self.controls.setEnabled(False)
        self.show_slice.setEnabled(False)
        planes, self.planes = self.planes, None
        if planes is not None:
            self.pointChanged.emit(None)
            planes.stop()
            self._stage.removeWidget(planes)
            planes.deleteLater()

    def _wait(self, words: str) -> None:
        self._stage.setCurrentIndex(0)
        self.message.setStyleSheet("")
        self.message.setText(words)
        self.progress.show()
        self.stop_button.show()
        self.again_button.hide()

    def _say(self, words: str, colour: Colour = Colour.TEXT) -> None:
        self._stage.setCurrentIndex(0)
        self.message.setStyleSheet(f"color: {colour};")
        self.message.setText(words)
        self.progress.hide()
        self.stop_button.hide()
        self.again_button.show()

    def _show_progress(self, done: int, total: int, words: str) -> None:
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self.message.setText(
            tr("{words} … {done} of {total}").format(words=words, done=done, total=total)
            if total
            else f"{words} …"
        )

    def _tell(self, line: QLabel, words: str, mark: str = "") -> None:
        line.setText(f"{mark}{words}" if words else "")
        line.setVisible(bool(words))

    # --- what the reader wishes --------------------------------------------------------------------

    def _change(self, **changes: object) -> None:
        if self.planes is not None:
            self.planes.set_wish(replace(self.planes.wish, **changes))  # type: ignore[arg-type]  # fields by name
            self._show_wish(self.planes.wish)

    def _show_wish(self, wish: VolumeWish) -> None:
        """The controls follow what was done with the mouse."""
        self.controls.show_wish(wish)
        self._show_readout()
        self.pointChanged.emit(wish.point)

    def _show_readout(self) -> None:
        volume, wish = self.volume, self.wish
        if volume is None or wish is None:
            return
        what, point = (
            (tr("Mouse"), self._pointed) if self._pointed is not None else (tr("Crosshair"), wish.point)
        )
        count = self.series.number_of_images
        self.readout.setText(readout(volume, point, number_of_slices=count, what=what))

    def _point_at(self, point: Point | None) -> None:
        self._pointed = point
        self._show_readout()

    def move_to(self, point: Point) -> None:
        """Bring the crosshair to a place in the patient, if the volume reaches there."""
        if self.planes is not None and self.planes.volume.value_at(point) is not None:
            self._change(point=point)

    def _take_tool(self, tool: Tool) -> None:
        if self.planes is not None:
            self.planes.set_tool(tool)

    def _take_change(self, changes: dict[str, object]) -> None:
        self._change(**changes)

    def _take_axes(self, axes: Axes) -> None:
        if axes is not self._axes:
            self._axes = axes
            self.read()

    def reset(self) -> None:
        """Crosshair in the middle, all planes whole, window of the series."""
        if self.planes is not None:
            volume = self.planes.volume
            self._change(point=volume.centre, grey=default_grey(volume.look), invert=False, alone=None)
            self.planes.fit()

    def show_in_main_window(self) -> None:
        """Show the slice of the series in which the crosshair lies."""
        index, wish, volume = self._session.index, self.wish, self.volume
        if index is None or wish is None or volume is None or self.series not in index.series:
            return
        self._session.select(*index.frames_of(self.series)[volume.sources.nearest(wish.point)])
        self.sliceShown.emit()

    def _index_changed(self, index: StudyIndex | None) -> None:
        """A series that was closed has no slice to show."""
        known = index is not None and self.series in index.series
        self.show_slice.setEnabled(known and self.volume is not None)
        self.show_slice.setToolTip(
            tr("The slice of the series in which the crosshair lies (Return)")
            if known
            else tr("The series is not open any more.")
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the main window, for the plane with the focus."""
        key = Qt.Key(event.key())
        if self.planes is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif key in _SCROLL_KEYS:
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.planes.step(self.planes.focused, _SCROLL_KEYS[key] * (10 if shift else 1))
        elif key in TOOL_KEYS:
            self.controls.take_tool(TOOL_KEYS[key][0])
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.controls.take_preset(key - Qt.Key.Key_1)
        elif key in self._commands():
            self._commands()[key]()
        else:
            super().keyPressEvent(event)

    def _commands(self) -> dict[Qt.Key, Callable[[], object]]:
        return {
            Qt.Key.Key_Escape: self.reset,
            Qt.Key.Key_0: self._take_default_window,
            Qt.Key.Key_I: self.controls.invert.toggle,
            Qt.Key.Key_X: self.controls.crosshair.toggle,
            Qt.Key.Key_BracketLeft: partial(self.controls.step_thickness, -1),
            Qt.Key.Key_BracketRight: partial(self.controls.step_thickness, 1),
            Qt.Key.Key_Return: self.show_in_main_window,
            Qt.Key.Key_Space: self._toggle_texts,
            Qt.Key.Key_Plus: partial(self._zoom_by, 1.25),
            Qt.Key.Key_Minus: partial(self._zoom_by, 0.8),
        }

    def _zoom_by(self, factor: float) -> None:
        if self.planes is not None:
            self.planes.zoom_by(self.planes.focused, factor)

    def _take_default_window(self) -> None:
        if self.planes is not None:
            self._change(grey=default_grey(self.planes.volume.look), invert=False)

    def _toggle_texts(self) -> None:
        settings = self._session.settings
        self._session.change_settings(replace(settings, show_corner_texts=not settings.show_corner_texts))
        if self.planes is not None:
            self.planes.set_texts_visible(self._session.settings.show_corner_texts)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop reading and let go of the volume."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._drop_volume()
        super().closeEvent(event)


def _line(colour: Colour) -> QLabel:
    line = QLabel()
    line.setWordWrap(True)
    line.setTextFormat(Qt.TextFormat.PlainText)
    line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    line.setStyleSheet(f"color: {colour};")
    line.hide()
    return line


def _portion(reading: VolumeReading, ctx: JobContext) -> bool:
    """In the read lane."""
    return reading.read_on(ctx, _PORTION_S)
