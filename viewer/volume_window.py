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
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSlider,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

import core
from core.imaging.display import Preset, default_grey, presets
from core.imaging.regridding import UPRIGHT_DEGREES, Axes
from core.imaging.volume import Plane, Point, Projection, Volume
from core.jobs import Job, JobContext, Lane
from core.session import Session
from viewer.image_view import Tool
from viewer.messages import words_for
from viewer.theme import Colour, icon
from viewer.volume_planes import VolumePlanes
from viewer.volume_wish import VolumeWish, readout, thickest_mm
from viewer.watch import watch

if TYPE_CHECKING:
    from core.dicom.index import Series, StudyIndex
    from core.dicom.volume_reading import VolumeReading

_PORTION_S = 0.15
_TOOLS = {
    Qt.Key.Key_W: (Tool.WINDOW, "Window", "window-level"),
    Qt.Key.Key_C: (Tool.CROSSHAIR, "Crosshair", "crosshair"),
    Qt.Key.Key_P: (Tool.PAN, "Pan", "pan"),
    Qt.Key.Key_Z: (Tool.ZOOM, "Zoom", "zoom"),
    Qt.Key.Key_S: (Tool.SCROLL, "Scroll", "scroll"),
}
_SCROLL_KEYS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_PageDown: 10,
    Qt.Key.Key_PageUp: -10,
}
_AXES_WORDS = {Axes.PATIENT: "patient's axes", Axes.SLICES: "slices' own axes"}
_ONE_SLICE = "One slice"


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
        self._presets: tuple[Preset, ...] = ()
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
        self.show_slice = QPushButton("Show this slice in the main window")
        self.show_slice.clicked.connect(self.show_in_main_window)
        research = QLabel(core.RESEARCH_USE)
        research.setStyleSheet(f"color: {Colour.WARNING};")
        below = QHBoxLayout()
        below.setSpacing(14)
        below.addWidget(self.readout, 1)
        below.addWidget(self.show_slice)
        below.addWidget(research)
        self._controls = self._built_controls()
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._controls)
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
        self.stop_button = QPushButton("Stop")
        self.stop_button.clicked.connect(self.stop)
        self.again_button = QPushButton("Read again")
        self.again_button.clicked.connect(self.read)
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        column.addWidget(self.message)
        for widget in (self.progress, self.stop_button, self.again_button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        return page

    def _built_controls(self) -> QWidget:
        self.tools: dict[Tool, QToolButton] = {}
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for key, (tool, words, drawing) in _TOOLS.items():
            button = QToolButton()
            button.setIcon(icon(drawing))
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setToolTip(f"{words} ({Qt.Key(key).name.removeprefix('Key_')})")
            button.setAccessibleName(words)
            button.clicked.connect(partial(self.take_tool, tool))
            self.tools[tool] = button
            row.addWidget(button)
        self.tools[Tool.WINDOW].setChecked(True)
        self.preset = QComboBox()
        self.preset.setAccessibleName("Window")
        self.preset.setMinimumContentsLength(14)
        self.preset.setPlaceholderText("own window")
        self.preset.setToolTip("Windows of the series and presets (keys 0 to 9)")
        self.preset.activated.connect(self._take_preset)
        self.invert = QCheckBox("Invert")
        self.invert.setToolTip("Dark and bright turned round (I)")
        self.invert.toggled.connect(self._take_invert)
        self.kind = QComboBox()
        self.kind.addItems([_ONE_SLICE, *(f"{one.value} slab" for one in Projection)])
        self.kind.setAccessibleName("Slab")
        self.kind.setToolTip("One slice, or the maximum, minimum or mean of a thick slab")
        self.kind.currentIndexChanged.connect(self._take_kind)
        self.thickness = QSlider(Qt.Orientation.Horizontal)
        self.thickness.setAccessibleName("Thickness of the slab")
        self.thickness.setToolTip("Thickness of the slab in mm (keys [ and ])")
        self.thickness.setFixedWidth(150)
        self.thickness.valueChanged.connect(self._take_thickness)
        self._thickness_words = QLabel()
        self._thickness_words.setMinimumWidth(54)
        self.crosshair = QCheckBox("Lines")
        self.crosshair.setToolTip("Show where the planes cut each other (X)")
        self.crosshair.setChecked(True)
        self.crosshair.toggled.connect(self._take_crosshair)
        self.axes = QComboBox()
        self.axes.setAccessibleName("Directions of the planes")
        self.axes.setToolTip("Planes along the patient's axes, or along the slices as they were acquired")
        for axes, words in _AXES_WORDS.items():
            self.axes.addItem(words, axes)
        self.axes.activated.connect(self._take_axes)
        self.axes.hide()
        reset = QToolButton()
        reset.setIcon(icon("fit"))
        reset.setToolTip("Crosshair in the middle, whole planes, window of the series (Esc)")
        reset.setAccessibleName("Reset")
        reset.clicked.connect(self.reset)
        for widget in (self.preset, self.invert, self.kind, self.thickness, self._thickness_words):
            row.addWidget(widget)
        row.addWidget(self.crosshair)
        row.addWidget(self.axes)
        row.addStretch(1)
        row.addWidget(reset)
        controls = QWidget()
        controls.setLayout(row)
        return controls

    # --- reading -----------------------------------------------------------------------------------

    def read(self) -> None:
        """Read the series and make the volume, from the beginning."""
        # Imported here: pydicom costs a third of a second that the first window should not wait for.
        from core.dicom.volume_reading import VolumeReading

        self._drop_volume()
        self._wait("Reading the series …")
        self._read_on(VolumeReading(self.series, self._axes))

    def stop(self) -> None:
        """Stop reading."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        self._say("Stopped.")

    def _read_on(self, reading: VolumeReading) -> None:
        """One portion: whatever else waits in the read lane goes before the next one."""
        self._show_progress(reading.done, reading.total, "Reading slices")
        self._job = self._session.jobs.submit(
            Lane.READ,
            f"Reading {self.series.description or 'the series'}",
            partial(_portion, reading),
            partial(self._portion_read, reading),
            self._failed,
            shown=False,
        )

    def _portion_read(self, reading: VolumeReading, ended: bool) -> None:
        if not ended:
            self._read_on(reading)
            return
        self._show_progress(0, 0, "Making the volume")
        self._job = self._session.jobs.submit(
            Lane.VOLUME,
            f"Volume of {self.series.description or 'the series'}",
            reading.made,
            self._take_volume,
            self._failed,
        )

    def _job_changed(self, job: Job) -> None:
        """How far the volume is, while it is made; while slices are read, each portion tells when it ends."""
        if job is self._job and job.lane is Lane.VOLUME and job.progress.total:
            self._show_progress(job.progress.done, job.progress.total, "Making the volume")

    def _failed(self, error: BaseException) -> None:
        self._job = None
        self._drop_volume()
        self._say(words_for(error, "Make a volume of the series")[0], Colour.FAILURE)

    def _take_volume(self, volume: Volume) -> None:
        self._job = None
        self._presets = presets(volume.look)
        self.preset.clear()
        self.preset.addItems([one.name for one in self._presets])
        wish = VolumeWish(volume.centre, default_grey(volume.look))
        self.planes = VolumePlanes(volume, wish, self._session.jobs, self._failed, self._caption)
        self.planes.wishChanged.connect(self._show_wish)
        self.planes.pointedAt.connect(self._point_at)
        self.planes.set_texts_visible(self._session.settings.show_corner_texts)
        self._stage.addWidget(self.planes)
        self._stage.setCurrentWidget(self.planes)
        self._controls.setEnabled(True)
        self.thickness.blockSignals(True)
        self.thickness.setRange(1, max(1, round(thickest_mm(self.planes.grids))))
        self.thickness.setValue(round(wish.slab_mm))
        self.thickness.blockSignals(False)
        self.axes.setVisible(volume.tilt_degrees > UPRIGHT_DEGREES)
        self._tell(self._warning, " ".join(volume.corrections), "⚠ ")
        self._tell(self._note, " ".join(volume.notes))
        self._change(crosshair=self.crosshair.isChecked(), invert=self.invert.isChecked())
        self._take_kind()
        self._index_changed(self._session.index)
        self.planes.view(Plane.AXIAL).setFocus()

    def _drop_volume(self) -> None:
        """Nothing of the volume stays: it is the largest thing in memory."""
        self._pointed = None
        self._tell(self._warning, "")
        self._tell(self._note, "")
        self.readout.setText("")
        self._controls.setEnabled(False)
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
        self.message.setText(f"{words} … {done} of {total}" if total else f"{words} …")

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
        names = [place for place, one in enumerate(self._presets) if one.grey == wish.grey]
        self.preset.setCurrentIndex(names[0] if names else -1)
        self.invert.setChecked(wish.invert)
        thick = wish.projection is not None
        self.thickness.setEnabled(thick)
        self._thickness_words.setText(f"{wish.slab_mm:.0f} mm" if thick else "")
        self._show_readout()
        self.pointChanged.emit(wish.point)

    def _show_readout(self) -> None:
        volume, wish = self.volume, self.wish
        if volume is None or wish is None:
            return
        what, point = ("Mouse", self._pointed) if self._pointed is not None else ("Crosshair", wish.point)
        count = self.series.number_of_images
        self.readout.setText(readout(volume, point, number_of_slices=count, what=what))

    def _point_at(self, point: Point | None) -> None:
        self._pointed = point
        self._show_readout()

    def move_to(self, point: Point) -> None:
        """Bring the crosshair to a place in the patient, if the volume reaches there."""
        if self.planes is not None and self.planes.volume.value_at(point) is not None:
            self._change(point=point)

    def take_tool(self, tool: Tool, _: bool = False) -> None:
        """Use another tool with the left button."""
        self.tools[tool].setChecked(True)
        if self.planes is not None:
            self.planes.set_tool(tool)

    def _take_preset(self, place: int) -> None:
        if 0 <= place < len(self._presets):
            self._change(grey=self._presets[place].grey)

    def _take_invert(self, invert: bool) -> None:
        self._change(invert=invert)

    def _take_kind(self, *_: object) -> None:
        place = self.kind.currentIndex()
        self._change(projection=None if place == 0 else tuple(Projection)[place - 1])
        if self.planes is not None:
            self.thickness.setValue(round(self.planes.wish.slab_mm))

    def _take_thickness(self, thickness_mm: int) -> None:
        self._change(slab_mm=float(thickness_mm))

    def _take_crosshair(self, shown: bool) -> None:
        self._change(crosshair=shown)

    def _take_axes(self, place: int) -> None:
        axes = self.axes.itemData(place)
        if axes is not self._axes:
            self._axes = Axes(axes)
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
            "The slice of the series in which the crosshair lies (Return)"
            if known
            else "The series is not open any more."
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keys of the main window, for the plane with the focus."""
        key = Qt.Key(event.key())
        if self.planes is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif key in _SCROLL_KEYS:
            shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.planes.step(self.planes.focused, _SCROLL_KEYS[key] * (10 if shift else 1))
        elif key in _TOOLS:
            self.take_tool(_TOOLS[key][0])
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self._take_preset(key - Qt.Key.Key_1)
        elif key in self._commands():
            self._commands()[key]()
        else:
            super().keyPressEvent(event)

    def _commands(self) -> dict[Qt.Key, Callable[[], object]]:
        return {
            Qt.Key.Key_Escape: self.reset,
            Qt.Key.Key_0: self._take_default_window,
            Qt.Key.Key_I: self.invert.toggle,
            Qt.Key.Key_X: self.crosshair.toggle,
            Qt.Key.Key_BracketLeft: partial(self._step_thickness, -1),
            Qt.Key.Key_BracketRight: partial(self._step_thickness, 1),
            Qt.Key.Key_Return: self.show_in_main_window,
            Qt.Key.Key_Space: self._toggle_texts,
            Qt.Key.Key_Plus: partial(self._zoom_by, 1.25),
            Qt.Key.Key_Minus: partial(self._zoom_by, 0.8),
        }

    def _step_thickness(self, steps: int) -> None:
        self.thickness.setValue(self.thickness.value() + steps)

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
