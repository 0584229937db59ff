"""How the image and the models' answer are shown: model, status, threshold and its price, colours, window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.imaging.composition import Layers
from core.imaging.display import Grey, equivalent_window
from core.imaging.findings import OPPOSITE, Sign
from core.imaging.frame import Frame, Window
from core.imaging.heatmap import COLOUR_MAPS, Shows
from core.imaging.presentation import AS_STORED_NAME, Presented
from core.inference.analysis import Analysis, ModelChoice, model_name
from core.reading import AGREEMENT, Reading, RunPhase, RunStatus
from core.review import calibrated_threshold
from core.session import Session
from core.settings import Settings
from viewer.core_sentences import said
from viewer.language import marked, tr
from viewer.theme import Colour
from viewer.threshold_slider import THRESHOLD_STEP, ThresholdSlider
from viewer.watch import watch
from viewer.wrapped_label import WrappedLabel

_OPACITY_STEPS = 20
_CHOICES = (
    (ModelChoice.HEALTHYGAN, model_name("healthygan")),
    (ModelChoice.SR_ANOGAN, model_name("sr-anogan")),
    (ModelChoice.BOTH, marked("Both: agreement")),
)
_OWN_MODEL = marked("Model from a file…")
_PHASE_COLOURS = {
    RunPhase.NOT_RUN: Colour.QUIET,
    RunPhase.QUEUED: Colour.ACCENT,
    RunPhase.RUNNING: Colour.ACCENT,
    RunPhase.FAILED: Colour.FAILURE,
    RunPhase.NOT_SUITABLE: Colour.WARNING,
    RunPhase.NO_MODEL: Colour.WARNING,
    RunPhase.VEILED: Colour.QUIET,
    RunPhase.DONE: Colour.TEXT,
}


class DisplayPanel(QWidget):
    """Controls of the analysis and of the grey scale; each calls a verb of the session and follows it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(6)
        column.addLayout(self._made_model_row())
        column.addLayout(self._made_answer())
        column.addWidget(self._made_map_controls())
        column.addWidget(_line())
        column.addLayout(self._made_window_controls())
        watch(self, session.choice_changed, self._show_choice)
        watch(self, session.status_changed, self._show_status)
        watch(self, session.reading_changed, self._show_reading)
        watch(self, session.frame_changed, self._show_frame)
        watch(self, session.presented_changed, self._show_presented)
        watch(self, session.layers_changed, self._show_layers)
        watch(self, session.settings_changed, self._follow_settings)
        watch(self, session.grey_changed, self._show_grey)
        self._show_choice(session.choice)
        self._show_status(session.status)
        self._show_reading(session.reading)
        self._show_frame(session.frame)
        self._show_presented(session.presented)
        self._show_layers(session.layers)
        self._show_grey(session.grey, session.invert)

    # --- made once -----------------------------------------------------------------------------------

    def _made_model_row(self) -> QHBoxLayout:
        self._model = _combo(tr("Which model is asked"), tr("Model"))
        self._model.addItems([*(tr(name) for _, name in _CHOICES), tr(_OWN_MODEL)])
        self._model.activated.connect(self._choose_model)
        self._run = QToolButton()
        self._run.clicked.connect(self._run_or_stop)
        row = QHBoxLayout()
        row.addWidget(self._model, 1)
        row.addWidget(self._run)
        return row

    def _made_answer(self) -> QVBoxLayout:
        self._status = WrappedLabel()
        self._details = WrappedLabel(Colour.WARNING)
        self._score = WrappedLabel()
        self._opinion = _combo(tr("Whose twin, map and threshold are in front"), tr("Opinion in front"))
        self._opinion.activated.connect(self._choose_opinion)
        column = QVBoxLayout()
        column.setSpacing(4)
        for widget in (self._status, self._details, self._score, self._opinion):
            column.addWidget(widget)
        return column

    def _made_map_controls(self) -> QWidget:
        self._visible = QCheckBox(tr("Heatmap"))
        self._visible.setToolTip(tr("Show or hide the heatmap (G)"))
        self._visible.toggled.connect(lambda on: self._style(visible=on))
        self._contour = QCheckBox(tr("Outline only"))
        self._contour.setToolTip(tr("Outlines instead of colour (O)"))
        self._contour.toggled.connect(lambda on: self._style(contour=on))
        self._threshold = ThresholdSlider()
        self._threshold.setToolTip(tr("Threshold ([ and ]); the mark is the calibrated one"))
        self._threshold.setAccessibleName(tr("Threshold"))
        self._threshold.valueChanged.connect(lambda n: self._session.set_threshold(n * THRESHOLD_STEP))
        self._threshold_value = QLabel()
        self._reset = QToolButton()
        self._reset.setText("↺")
        self._reset.setToolTip(tr("Back to the calibrated threshold (Backspace)"))
        self._reset.setAccessibleName(tr("Back to the calibrated threshold"))
        self._reset.clicked.connect(lambda: self._session.set_threshold(None))
        self._price = WrappedLabel(Colour.QUIET)
        self._opacity = _slider(_OPACITY_STEPS, tr("Opacity (Q and E)"))
        self._opacity.valueChanged.connect(lambda n: self._style(opacity=n / _OPACITY_STEPS))
        self._sign = _combo(tr("Which kind of difference is shown and counted"), tr("Kind of difference"))
        self._sign.addItems(
            [tr("denser than the twin"), tr("more lucent than the twin"), tr("both", "signs")]
        )
        self._sign.activated.connect(self._choose_shows)
        self._colours = _combo(
            tr("Colours of the heatmap; more lucent regions have their own"), tr("Colours")
        )
        self._colours.addItems([name.capitalize() for name in COLOUR_MAPS])
        self._colours.activated.connect(lambda n: self._style(colour_map=COLOUR_MAPS[n]))
        self._map_controls = QWidget()
        form = QFormLayout(self._map_controls)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(4)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(_row(self._visible, self._contour))
        form.addRow(tr("Threshold"), _row(self._threshold, self._threshold_value, self._reset))
        form.addRow(self._price)
        form.addRow(tr("Opacity"), _row(self._opacity, self._colours))
        form.addRow(tr("Shows"), self._sign)
        return self._map_controls

    def _made_window_controls(self) -> QFormLayout:
        self._preset = _combo(tr("Windows of the file and of the modality (1 to 9)"), tr("Window preset"))
        self._preset.activated.connect(self._choose_preset)
        self._center, self._width = QDoubleSpinBox(), QDoubleSpinBox()
        for box, name in ((self._center, tr("Window center")), (self._width, tr("Window width"))):
            box.setKeyboardTracking(False)
            box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
            box.setToolTip(tr("{name}; drag on the film changes it as well").format(name=name))
            box.setAccessibleName(name)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.valueChanged.connect(self._set_window)
        self._invert = QCheckBox(tr("Invert"))
        self._invert.setToolTip(tr("Turn dark and bright round (I)"))
        self._invert.toggled.connect(self._session.set_invert)
        numbers = QHBoxLayout()
        numbers.addWidget(self._center, 1)
        numbers.addWidget(QLabel("W"))
        numbers.addWidget(self._width, 1)
        named = QHBoxLayout()
        named.addWidget(self._preset, 1)
        named.addWidget(self._invert)
        form = QFormLayout()
        form.setVerticalSpacing(4)
        form.addRow(tr("Preset", "window"), named)
        form.addRow("C", numbers)
        form.addRow(self._made_layers())
        return form

    def _made_layers(self) -> QWidget:
        """What lies over the picture, and by which presentation state it is shown; there if there is any."""
        self._state = _combo(
            tr("How somebody wanted this image to be shown (Shift+I)"), tr("Presentation state")
        )
        self._state.activated.connect(self._choose_state)
        self._overlays, self._shutter = QCheckBox(tr("Overlays")), QCheckBox(tr("Shutter"))
        self._overlays.toggled.connect(lambda on: self._set_layers(overlays=on))
        self._shutter.setToolTip(tr("What the file hides from view (Shift+O)"))
        self._shutter.toggled.connect(lambda on: self._set_layers(shutter=on))
        self._layers = QWidget()
        column = QVBoxLayout(self._layers)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._state)
        column.addWidget(_row(self._overlays, self._shutter))
        return self._layers

    # --- the session says what is new --------------------------------------------------------------

    def _show_choice(self, choice: ModelChoice | Path) -> None:
        own = len(_CHOICES)
        self._model.setItemText(own, choice.name if isinstance(choice, Path) else tr(_OWN_MODEL))
        listed = [one for one, _ in _CHOICES]
        self._model.setCurrentIndex(own if isinstance(choice, Path) else listed.index(choice))

    def _show_status(self, status: RunStatus) -> None:
        progress = status.progress
        words = said(status.text)
        if progress is not None and progress.text and not status.text.startswith(progress.text):
            words = f"{words}: {progress.text}"
        if progress is not None and progress.total > 1:
            words += " " + tr("({done} of {total})").format(done=progress.done, total=progress.total)
        self._status.setText(words)
        self._status.setStyleSheet(f"color: {_PHASE_COLOURS[status.phase]}; font-weight: bold;")
        self._details.setText("\n".join(map(said, status.details)))
        self._details.setVisible(bool(status.details))
        busy = status.phase in (RunPhase.QUEUED, RunPhase.RUNNING)
        self._run.setText("■" if busy else "▶")
        self._run.setToolTip(tr("Stop the analysis") if busy else tr("Analyze this image (Ctrl+Return)"))
        self._run.setAccessibleName(tr("Stop") if busy else tr("Analyze"))
        self._run.setEnabled(self._session.frame is not None)

    def _show_reading(self, reading: Reading) -> None:
        shown, style = reading.shown, reading.style
        self._score.setVisible(shown is not None)
        self._map_controls.setVisible(shown is not None)
        self._show_opinions(reading)
        if shown is None:
            return
        together = self._session.in_front == AGREEMENT and len(reading.analyses) > 1
        asked = [
            (analysis, threshold)
            for analysis, threshold in zip(reading.analyses, reading.thresholds, strict=True)
            if together or analysis is shown
        ]
        self._score.setText("\n".join(_score_words(one, name=together) for one, _ in asked))
        self._score.setToolTip(_card_words(shown))
        shows = Shows(style.sign.value) if together else style.shows
        own = self._session.review.own_threshold(shown, style.sign)
        with QSignalBlocker(self._threshold), QSignalBlocker(self._opacity):
            self._threshold.show_threshold(style.threshold, _calibrated(shown, style.sign))
            self._opacity.setValue(round(style.opacity * _OPACITY_STEPS))
        for box, on in ((self._visible, style.visible), (self._contour, style.contour)):
            with QSignalBlocker(box):
                box.setChecked(on)
        self._threshold_value.setText(f"{style.threshold:.3f}")
        self._reset.setEnabled(own is not None)
        prices = [price_words(one, style.sign, threshold) for one, threshold in asked]
        names = [f"{model_name(one.card.kind)} at {threshold:.3f}. " for one, threshold in asked]
        self._price.setToolTip("\n".join(map("".join, zip(names, prices, strict=True))))
        if shows is Shows.BOTH:
            other = OPPOSITE[style.sign]
            opposite = price_words(shown, other, style.opposite_threshold)
            prices[0] = f"{style.sign}: {prices[0]}\n{other} (at {style.opposite_threshold:.3f}): {opposite}"
        self._price.setText(_prices_in_short(asked, style.sign) if together else prices[0])
        self._sign.setCurrentIndex(tuple(Shows).index(shows))
        self._colours.setCurrentIndex(COLOUR_MAPS.index(style.colour_map))
        self._colours.setEnabled(shows is Shows.DENSER)

    def _show_opinions(self, reading: Reading) -> None:
        several = len(reading.analyses) > 1
        self._opinion.setVisible(several)
        if several:
            self._opinion.clear()
            self._opinion.addItem(tr("Where both agree"), AGREEMENT)
            for analysis in reading.analyses:
                self._opinion.addItem(
                    tr("Only {model_name}").format(model_name=model_name(analysis.card.kind)),
                    analysis.card.kind,
                )
            self._opinion.setCurrentIndex(max(self._opinion.findData(self._session.in_front), 0))

    def _show_frame(self, frame: Frame | None) -> None:
        self._preset.setPlaceholderText(tr("Own window") if frame is not None else "")
        for widget in (self._preset, self._center, self._width):
            widget.setEnabled(frame is not None and frame.is_grey)
        self._invert.setEnabled(frame is not None)
        self._run.setEnabled(frame is not None)

    def _show_presented(self, presented: Presented | None) -> None:
        """Another frame, or the same one shown by another state: its presets, states and layers."""
        session = self._session
        self._preset.clear()
        self._preset.addItems([preset.name for preset in session.presets])
        states = session.states.about(session.frame)
        self._state.clear()
        self._state.addItem(AS_STORED_NAME, None)
        for place, state in enumerate(states, 1):
            self._state.addItem(state.name, state)
            if state.refusal:
                self._state.setItemData(place, state.refusal, Qt.ItemDataRole.ToolTipRole)
                self._state.setItemText(place, tr("{state}: not applied").format(state=state.name))
                self._state.setItemData(place, False, Qt.ItemDataRole.UserRole - 1)
        shown = None if presented is None else presented.state
        self._state.setCurrentIndex(0 if shown is None else states.index(shown) + 1)
        self._state.setVisible(bool(states))
        frame = None if presented is None else presented.frame
        overlays = () if frame is None else frame.overlays
        drawn = bool(overlays) or (presented is not None and bool(presented.graphics))
        names = ", ".join(dict.fromkeys(overlay.name for overlay in overlays)) or tr("graphics of the state")
        self._overlays.setToolTip(f"{names} (O)")
        self._overlays.setVisible(drawn)
        self._shutter.setVisible(frame is not None and frame.shutter is not None)
        self._layers.setVisible(bool(states) or drawn or (frame is not None and frame.shutter is not None))

    def _follow_settings(self, _: Settings) -> None:
        """The reader may have changed the windows of this modality."""
        names = [preset.name for preset in self._session.presets]
        if names != [self._preset.itemText(place) for place in range(self._preset.count())]:
            self._show_presented(self._session.presented)
            self._show_grey(self._session.grey, self._session.invert)

    def _show_layers(self, layers: Layers) -> None:
        for box, on in ((self._overlays, layers.overlays), (self._shutter, layers.shutter)):
            with QSignalBlocker(box):
                box.setChecked(on)

    def _show_grey(self, grey: Grey | None, invert: bool) -> None:
        with QSignalBlocker(self._invert):
            self._invert.setChecked(invert)
        if grey is None:
            return
        window, _ = equivalent_window(grey)
        decimals = 0 if window.width >= 100 else 2
        for box, value in ((self._center, window.center), (self._width, window.width)):
            with QSignalBlocker(box):
                box.setRange(-1e9 if box is self._center else 10**-decimals, 1e9)
                box.setDecimals(decimals)
                box.setSingleStep(max(window.width / 50, 10**-decimals))
                box.setValue(value)
        named = next((n for n, preset in enumerate(self._session.presets) if preset.grey == grey), -1)
        self._preset.setCurrentIndex(named)

    # --- the reader wishes -------------------------------------------------------------------------

    def _choose_model(self, place: int) -> None:
        if place < len(_CHOICES):
            self._session.choose_model(_CHOICES[place][0])
            return
        self._show_choice(self._session.choice)
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Choose a model file"), "", tr("Models (*.safetensors)")
        )
        if name:
            self._session.choose_model(Path(name))

    def _choose_opinion(self, place: int) -> None:
        self._session.show_opinion(self._opinion.itemData(place))

    def _run_or_stop(self) -> None:
        if self._session.status.phase in (RunPhase.QUEUED, RunPhase.RUNNING):
            self._session.stop_analysis()
        else:
            self._session.analyze()

    def _style(self, **changes: object) -> None:
        style = self._session.heatmap
        self._session.set_heatmap(replace(style, **changes))  # type: ignore[arg-type]  # fields by name

    def _choose_shows(self, place: int) -> None:
        self._session.set_heatmap(self._session.heatmap.showing(tuple(Shows)[place]))

    def _choose_preset(self, place: int) -> None:
        self._session.set_grey(self._session.presets[place].grey)

    def _choose_state(self, place: int) -> None:
        self._session.show_by(self._state.itemData(place))

    def _set_layers(self, **changes: bool) -> None:
        self._session.set_layers(replace(self._session.layers, **changes))

    def _set_window(self) -> None:
        grey = self._session.grey
        if grey is not None:
            function = equivalent_window(grey)[0].function
            width = max(self._width.value(), 1.0) if function == "LINEAR" else self._width.value()
            self._session.set_grey(Window(self._center.value(), width, function))


def price_words(analysis: Analysis, sign: Sign, threshold: float) -> str:
    """What a threshold costs on healthy films; said at every setting, so that it is no free choice."""
    if analysis.calibration is None:
        return tr("This model is uncalibrated: what the threshold costs on healthy films is not known.")
    lucent = sign is Sign.LUCENT
    films = (analysis.calibration.lucent_peaks if lucent else analysis.calibration.denser_peaks).size
    rate = analysis.calibration.false_alarm_rate(threshold, lucent=lucent)
    calibrated = threshold == calibrated_threshold(analysis, sign)
    lights = (
        tr("Calibrated: lights {rate:.0%} of healthy films {count}")
        if calibrated
        else tr("Lights {rate:.0%} of healthy films {count}")
    )
    words = lights.format(rate=rate, count=_count(films))
    regions = analysis.calibration.false_regions(threshold, lucent=lucent)
    if regions is None:
        return words + "."
    if analysis.calibration.counted(threshold):
        return words + tr(", {regions:.2f} false regions a film.").format(regions=regions)
    return words + tr(", about {regions:.2f} false regions a film.").format(regions=regions)


def _calibrated(analysis: Analysis, sign: Sign) -> float | None:
    """Where the mark of the slider is; none for a model without calibration."""
    return None if analysis.calibration is None else calibrated_threshold(analysis, sign)


def _score_words(analysis: Analysis, *, name: bool) -> str:
    calibration = analysis.calibration
    words = tr("{model}: score").format(model=model_name(analysis.card.kind)) if name else tr("Score")
    if analysis.p_value is None or calibration is None:
        return tr("{words} {score:.2f}, uncalibrated").format(words=words, score=analysis.score)
    films = "" if name else f" {_count(calibration.scores.size)}"
    return f"{words} {analysis.score:.1f}   p {analysis.p_value:.3g}{films}"


def _prices_in_short(asked: list[tuple[Analysis, float]], sign: Sign) -> str:
    """What the thresholds of two models cost, in the room of one."""
    parts = []
    for analysis, threshold in asked:
        calibration = analysis.calibration
        rate = tr("unknown")
        if calibration is not None:
            lucent = sign is Sign.LUCENT
            regions = calibration.false_regions(threshold, lucent=lucent)
            rate = f"{calibration.false_alarm_rate(threshold, lucent=lucent):.0%}"
            each = tr("{regions:.2f}\u00a0regions a\u00a0film")
            rate += "" if regions is None else ", " + each.format(regions=regions)
        parts.append(f"{model_name(analysis.card.kind)} {rate} at\u00a0{threshold:.3f}")
    return tr("Healthy films lit up: {rates}.").format(rates="; ".join(parts))


def _count(films: int) -> str:
    """Never broken over two lines."""
    return f"(n\u00a0=\u00a0{films})"


def _card_words(analysis: Analysis) -> str:
    card = analysis.card
    return (
        f"{card.name} {card.version} ({card.preset}, {card.population})\n{analysis.device}, "
        f"{analysis.elapsed_s:.1f} s\n{card.intended_use}"
    )


def _line() -> QFrame:
    line = QFrame()
    line.setFixedHeight(1)
    line.setStyleSheet(f"background: {Colour.LINE};")
    return line


def _combo(tip: str, name: str) -> QComboBox:
    """A choice that gives way: the panel is narrow, and the film needs the room."""
    combo = QComboBox()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(5)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    combo.setToolTip(tip)
    combo.setAccessibleName(name)
    return combo


def _slider(steps: int, tip: str) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(1, steps)
    slider.setPageStep(max(steps // 10, 1))
    slider.setMinimumWidth(60)
    slider.setToolTip(tip)
    slider.setAccessibleName(tip.split(" (")[0])
    return slider


def _row(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    for widget in widgets:
        row.addWidget(widget, 2 if isinstance(widget, QSlider) else 1 if isinstance(widget, QComboBox) else 0)
    return holder
