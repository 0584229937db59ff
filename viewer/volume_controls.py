"""The controls of a volume: tool, window, slab, lines and directions of its planes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from core.imaging.display import Preset, default_grey, presets
from core.imaging.frame import Frame
from core.imaging.regridding import UPRIGHT_DEGREES, Axes
from core.imaging.volume import Projection, Volume
from viewer.language import marked, tr
from viewer.pointer import Tool
from viewer.theme import icon
from viewer.volume_wish import VolumeWish

TOOL_KEYS = {
    Qt.Key.Key_W: (Tool.WINDOW, marked("Window"), "window-level"),
    Qt.Key.Key_C: (Tool.CROSSHAIR, marked("Crosshair"), "crosshair"),
    Qt.Key.Key_P: (Tool.PAN, marked("Pan"), "pan"),
    Qt.Key.Key_Z: (Tool.ZOOM, marked("Zoom"), "zoom"),
    Qt.Key.Key_S: (Tool.SCROLL, marked("Scroll"), "scroll"),
}
_AXES_WORDS = {Axes.PATIENT: marked("patient's axes"), Axes.SLICES: marked("slices' own axes")}
_ONE_SLICE = marked("One slice")


class VolumeControls(QWidget):
    """One row of controls over the planes. GUI thread only."""

    changed = Signal(object)
    """A mapping from fields of `VolumeWish` to what the reader chose for them."""
    toolTaken = Signal(Tool)
    axesTaken = Signal(Axes)
    resetWanted = Signal()

    def __init__(
        self,
        parent: QWidget | None = None,
        presets_of: Callable[[Frame], tuple[Preset, ...]] = presets,
    ) -> None:
        super().__init__(parent)
        self._presets_of = presets_of
        self._presets: tuple[Preset, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.tools = {tool: self._made_tool(tool, key) for key, (tool, _, _) in TOOL_KEYS.items()}
        self.tools[Tool.WINDOW].setChecked(True)
        self._make_look()
        self._make_slab()
        self._make_axes()
        reset = QToolButton()
        reset.setIcon(icon("fit"))
        reset.setToolTip(tr("Crosshair in the middle, whole planes, window of the series (Esc)"))
        reset.setAccessibleName(tr("Reset"))
        reset.clicked.connect(self.resetWanted)
        for widget in (*self.tools.values(), self.preset, self.invert, self.kind, self.thickness):
            row.addWidget(widget)
        for widget in (self._thickness_words, self.crosshair, self.axes):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(reset)

    # --- what is shown -----------------------------------------------------------------------------

    def show_volume(self, volume: Volume, wish: VolumeWish, thickest_mm: float) -> VolumeWish:
        """Offer what suits a new volume; the wish as the controls have it already."""
        self._presets = self._presets_of(volume.look)
        self.preset.clear()
        self.preset.addItems([one.name for one in self._presets])
        self.axes.setVisible(volume.tilt_degrees > UPRIGHT_DEGREES)
        self.thickness.blockSignals(True)
        self.thickness.setRange(1, max(1, round(thickest_mm)))
        self.thickness.setValue(round(wish.slab_mm))
        self.thickness.blockSignals(False)
        return VolumeWish(
            wish.point,
            default_grey(volume.look),
            invert=self.invert.isChecked(),
            slab_mm=wish.slab_mm,
            projection=self._projection,
            crosshair=self.crosshair.isChecked(),
        )

    def show_wish(self, wish: VolumeWish) -> None:
        """Follow what was done with the mouse."""
        places = [place for place, one in enumerate(self._presets) if one.grey == wish.grey]
        self.preset.setCurrentIndex(places[0] if places else -1)
        self.invert.setChecked(wish.invert)
        thick = wish.projection is not None
        self.thickness.setEnabled(thick)
        self._thickness_words.setText(tr("{slab_mm:.0f} mm").format(slab_mm=wish.slab_mm) if thick else "")

    # --- what keys do ------------------------------------------------------------------------------

    def take_tool(self, tool: Tool, _: bool = False) -> None:
        """Use another tool with the left button."""
        self.tools[tool].setChecked(True)
        self.toolTaken.emit(tool)

    def take_preset(self, place: int) -> None:
        """Show the volume with one of its presets; places that do not exist mean nothing."""
        if 0 <= place < len(self._presets):
            self.changed.emit({"grey": self._presets[place].grey})

    def step_thickness(self, steps: int) -> None:
        """Make the slab thicker or thinner by some mm."""
        self.thickness.setValue(self.thickness.value() + steps)

    # --- inside ------------------------------------------------------------------------------------

    @property
    def _projection(self) -> Projection | None:
        place = self.kind.currentIndex()
        return None if place <= 0 else tuple(Projection)[place - 1]

    # Methods, no lambdas: one that holds this widget would keep it alive for ever.
    def _tell_invert(self, on: bool) -> None:
        self.changed.emit({"invert": on})

    def _tell_crosshair(self, on: bool) -> None:
        self.changed.emit({"crosshair": on})

    def _tell_projection(self, place: int) -> None:
        self.changed.emit({"projection": self._projection})

    def _tell_thickness(self, thickness_mm: int) -> None:
        self.changed.emit({"slab_mm": float(thickness_mm)})

    def _tell_axes(self, place: int) -> None:
        self.axesTaken.emit(Axes(self.axes.itemData(place)))

    def _made_tool(self, tool: Tool, key: Qt.Key) -> QToolButton:
        _, words, drawing = TOOL_KEYS[key]
        button = QToolButton()
        button.setIcon(icon(drawing))
        button.setCheckable(True)
        button.setAutoExclusive(True)
        button.setToolTip(f"{tr(words)} ({key.name.removeprefix('Key_')})")
        button.setAccessibleName(tr(words))
        button.clicked.connect(partial(self.take_tool, tool))
        return button

    def _make_look(self) -> None:
        self.preset = QComboBox()
        self.preset.setAccessibleName(tr("Window"))
        self.preset.setMinimumContentsLength(14)
        self.preset.setPlaceholderText(tr("own window"))
        self.preset.setToolTip(tr("Windows of the series and presets (keys 0 to 9)"))
        self.preset.activated.connect(self.take_preset)
        self.invert = QCheckBox(tr("Invert"))
        self.invert.setToolTip(tr("Dark and bright turned round (I)"))
        self.invert.toggled.connect(self._tell_invert)
        self.crosshair = QCheckBox(tr("Lines"))
        self.crosshair.setToolTip(tr("Show where the planes cut each other (X)"))
        self.crosshair.setChecked(True)
        self.crosshair.toggled.connect(self._tell_crosshair)

    def _make_slab(self) -> None:
        self.kind = QComboBox()
        self.kind.addItems(
            [tr(_ONE_SLICE), *(tr("{kind} slab").format(kind=one.value) for one in Projection)]
        )
        self.kind.setAccessibleName(tr("Slab"))
        self.kind.setToolTip(tr("One slice, or the maximum, minimum or mean of a thick slab"))
        self.kind.currentIndexChanged.connect(self._tell_projection)
        self.thickness = QSlider(Qt.Orientation.Horizontal)
        self.thickness.setAccessibleName(tr("Thickness of the slab"))
        self.thickness.setToolTip(tr("Thickness of the slab in mm (keys [ and ])"))
        self.thickness.setFixedWidth(150)
        self.thickness.valueChanged.connect(self._tell_thickness)
        self._thickness_words = QLabel()
        self._thickness_words.setMinimumWidth(54)

    def _make_axes(self) -> None:
        self.axes = QComboBox()
        self.axes.setAccessibleName(tr("Directions of the planes"))
        self.axes.setToolTip(tr("Planes along the patient's axes, or along the slices as they were acquired"))
        for axes, words in _AXES_WORDS.items():
            self.axes.addItem(tr(words), axes)
        self.axes.activated.connect(self._tell_axes)
        self.axes.hide()
