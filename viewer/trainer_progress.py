"""What a run shows of itself: state and time left, curves of losses and figures, sample pictures, log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSlider,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.training.plan import spoken_time
from core.training.run_control import RunState, Standing
from core.training.run_progress import Line, RunLook, remaining_s
from viewer.language import marked, tr
from viewer.live_curves import Curves
from viewer.sample_view import SampleView
from viewer.theme import SMALL_TEXT_PX, Colour, scaled

_WORDS = {
    RunState.NEW: marked("Nothing has happened in this folder yet"),
    RunState.STARTING: marked("Starting"),
    RunState.RUNNING: marked("Training"),
    RunState.PAUSED: marked("Paused"),
    RunState.STOPPED: marked("Stopped"),
    RunState.FAILED: marked("Failed"),
    RunState.INTERRUPTED: marked(
        "Interrupted: its process ended without a word. Its last checkpoint is kept"
    ),
    RunState.FINISHED: marked("Finished"),
}
_FIGURES = {
    "auc_p": marked("mixed against healthy"),
    "synthetic_auroc": marked("synthetic lesions, film"),
    "synthetic_pixel_auroc": marked("synthetic lesions, pixel"),
    "change_healthy_val": marked("change on healthy films"),
    "mask_healthy_val": marked("mask on healthy films"),
    "mask_mixed_val": marked("mask on mixed films"),
    "merit": marked("merit (chooses the step)"),
}
_SCALES = marked(
    "Twins are synthetic: the model invents them. White is a difference of a quarter of the grey range, or a "
    "z of 5. The films are the same at each evaluation."
)
_DRAWN_FIGURES = {
    "auc_p": marked("mixed against healthy"),
    "synthetic_auroc": marked("lesions, film"),
    "synthetic_pixel_auroc": marked("lesions, pixel"),
    "merit": marked("merit"),
}


class TrainerProgress(QWidget):
    """One run as it goes. The owner answers `pauseWanted`, `stopWanted`, `resumeWanted` and `useWanted`.

    `show_look` takes what `RunReader.look` brought; `picture_wanted(path)` asks for a sample picture, which
    comes back through `show_picture`, since reading it takes a moment.
    """

    pauseWanted = Signal()
    stopWanted = Signal()
    resumeWanted = Signal()
    useWanted = Signal()
    pictureWanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Path | None = None
        self._look: RunLook | None = None
        self._lines: list[Line] = []
        self._offsets: dict[str, float] = {}
        self._reached: dict[str, float] = {}
        self._samples: tuple[Path, ...] = ()
        self._starting = False
        self._build_head()
        self.losses = Curves(tr("Losses"))
        self.figures = Curves(
            tr("Figures without labels"), {name: tr(words) for name, words in _DRAWN_FIGURES.items()}
        )
        curves = QSplitter(Qt.Orientation.Horizontal)
        curves.addWidget(self.losses)
        curves.addWidget(self.figures)
        self._tabs = QTabWidget()
        self._tabs.addTab(self._built_gallery(), tr("Pictures"))
        self._numbers = _text_box(tr("Figures of the last evaluation"))
        self._tabs.addTab(self._numbers, tr("Numbers"))
        self._films_of_run = _text_box(tr("Films of the run"))
        self._tabs.addTab(self._films_of_run, tr("Films"))
        self._log = _text_box(tr("Log of the run"))
        self._tabs.addTab(self._log, tr("Log"))
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(curves)
        parts.addWidget(self._tabs)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 3)
        parts.setSizes([230, 480])
        parts.setChildrenCollapsible(False)
        self._parts = parts
        self._empty = QLabel(tr("Choose films at the left and start a run, or choose one under Runs."))
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._empty.setStyleSheet(f"color: {Colour.QUIET};")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._head)
        column.addWidget(parts, 1)
        column.addWidget(self._empty, 1)
        self.show_run(None)

    def _build_head(self) -> None:
        self._title = QLabel()
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setStyleSheet("font-weight: bold;")
        self._state = QLabel()
        self._state.setWordWrap(True)
        self._state.setTextFormat(Qt.TextFormat.PlainText)
        self._state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._state.setAccessibleName(tr("Where the run stands"))
        self._bar = QProgressBar()
        self._bar.setFixedHeight(12)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the run"))
        self.pause = self._button(tr("Pause"), tr("Go on later from the very step"), self.pauseWanted)
        self.stop = self._button(
            tr("Stop"), tr("End it after this step; what was learned is kept"), self.stopWanted
        )
        self.resume = self._button(tr("Resume"), tr("Go on where it stopped"), self.resumeWanted)
        self.use = self._button(
            tr("Test and use this model…"),
            tr("Compare it with the model in use on labelled films; only a better one is taken"),
            self.useWanted,
        )
        row = QHBoxLayout()
        row.addWidget(self._title, 1)
        for button in (self.pause, self.resume, self.stop, self.use):
            row.addWidget(button)
        self._head = QFrame()
        column = QVBoxLayout(self._head)
        column.setContentsMargins(8, 4, 8, 4)
        column.addLayout(row)
        column.addWidget(self._bar)
        column.addWidget(self._state)

    def _built_gallery(self) -> QWidget:
        self.samples = SampleView()
        self.samples.rowClicked.connect(self._row_clicked)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(tr("Evaluation whose pictures are shown"))
        self.slider.setToolTip(tr("Evaluations of the run, the newest at the right"))
        self.slider.valueChanged.connect(self._slid)
        self._when = QLabel()
        self._films = QComboBox()
        self._films.setAccessibleName(tr("Which films are shown"))
        self._films.setToolTip(tr("All fixed films, or one of them as large as possible"))
        self._films.setMinimumContentsLength(18)
        self._films.currentIndexChanged.connect(self._film_chosen)
        row = QHBoxLayout()
        row.addWidget(self._films)
        row.addWidget(self.slider, 1)
        row.addWidget(self._when)
        gallery = QWidget()
        column = QVBoxLayout(gallery)
        column.setContentsMargins(6, 6, 6, 6)
        scales = QLabel(tr(_SCALES))
        scales.setStyleSheet(f"color: {Colour.QUIET};")
        scales.setWordWrap(True)
        column.addLayout(row)
        column.addWidget(self.samples, 1)
        column.addWidget(scales)
        return gallery

    @property
    def text(self) -> str:
        """The line that says where the run stands."""
        return self._state.text()

    @property
    def log(self) -> str:
        """The end of the run's log."""
        return self._log.toPlainText()

    def show_run(self, run: Path | None) -> None:
        """Begin with another run, or with none."""
        self._run, self._look = run, None
        self._forget()
        self._samples = ()
        self.slider.setRange(0, 0)
        self.samples.show_grid(QImage(), (), ())
        self._title.setText(run.name if run else "")
        self._title.setToolTip(str(run or ""))
        self._log.setPlainText("")
        self._films_of_run.setPlainText("")
        self._numbers.setPlainText("")
        for widget in (self._head, self._parts):
            widget.setVisible(run is not None)
        self._empty.setVisible(run is None)
        self._say(tr("Reading the run…"), Colour.QUIET)
        self._show_buttons(None)

    def show_starting(self) -> None:
        """Say that a process was started, until it speaks for itself."""
        self._starting = True
        self._say(tr("Starting the training process…"), Colour.QUIET)
        self._show_buttons(Standing(RunState.STARTING))

    def began(self) -> None:
        """The process that was started has spoken."""
        self._starting = False

    def show_look(self, look: RunLook) -> None:
        """Take what is new."""
        self._look = look
        if look.anew:
            self._forget()
        for line in look.lines:
            self._take(line)
        if look.lines or look.anew:
            self.losses.redraw(look.standing.total)
            self.figures.redraw(look.standing.total)
        self._show_standing(look)
        self._show_samples(look.samples)
        self._show_texts(look)

    def show_picture(self, path: Path, image: QImage) -> None:
        """Show a sample picture that was asked for, if it is still wanted."""
        look = self._look
        if look is None or path != self._wanted():
            return
        columns, rows = look.columns, look.rows
        if not columns or not rows:  # of an earlier version: as it is
            columns, rows = ("",), ("",)
        self.samples.show_grid(image, columns, rows)
        if self._films.count() != len(rows) + 1:
            self._films.blockSignals(True)
            self._films.clear()
            self._films.addItem(tr("all films"))
            self._films.addItems([f"{place} {row}" for place, row in enumerate(rows, 1)])
            self._films.blockSignals(False)

    def refuse(self, sentence: str) -> None:
        """Say what went wrong here."""
        self._starting = False
        self._say(sentence, Colour.FAILURE)
        self._show_buttons(self._look.standing if self._look else None)

    def _take(self, line: Line) -> None:
        self._lines.append(line)
        stage = str(line.get("stage", ""))
        if stage not in self._offsets:
            self._offsets[stage] = sum(self._reached.values())
        self._reached[stage] = max(self._reached.get(stage, 0.0), float(line["step"]))
        step = self._offsets[stage] + float(line["step"])
        self.losses.add(step, line)
        self.figures.add(step, line)

    def _forget(self) -> None:
        self._lines.clear()
        self._offsets.clear()
        self._reached.clear()
        self.losses.clear()
        self.figures.clear()

    def _show_standing(self, look: RunLook) -> None:
        standing = look.standing
        if self._starting:
            return
        total = standing.total if standing.state is not RunState.NEW else 1
        self._bar.setRange(0, total)
        self._bar.setValue(min(standing.done, total))
        failed = standing.state in {RunState.FAILED, RunState.INTERRUPTED}
        self._say(self._sentence(look), Colour.FAILURE if failed else Colour.TEXT)
        self._show_buttons(standing)

    def _sentence(self, look: RunLook) -> str:
        standing = look.standing
        if standing.state is RunState.FAILED:
            return tr("Failed: {why}").format(why=f"{standing.message} {standing.hint}").strip()
        words = [tr(_WORDS[standing.state])]
        if standing.state is RunState.RUNNING:
            if standing.text:
                words[0] += f": {standing.text[:1].lower()}{standing.text[1:].replace(': ', ', ')}"
            words.append(tr("{time} since the start").format(time=spoken_time(standing.seconds)))
            left = remaining_s(look.plan.stages if look.plan else (), standing, self._lines)
            if left is not None:
                words.append(tr("about {time} left").format(time=spoken_time(left)))
            if standing.asked:
                words = [f"Asked to {standing.asked}; this step is finished first"]
        elif standing.total > 1 and standing.state is not RunState.FINISHED:
            words.append(
                tr("at step {done} of {total}").format(done=f"{standing.done:,}", total=f"{standing.total:,}")
            )
        elif look.model is not None:
            words.append(str(look.model))
        return "  ·  ".join(words)

    def _show_buttons(self, standing: Standing | None) -> None:
        state = standing.state if standing else RunState.NEW
        running = state is RunState.RUNNING and not (standing and standing.asked)
        self.pause.setVisible(state.alive)
        self.stop.setVisible(state.alive)
        self.pause.setEnabled(running)
        self.stop.setEnabled(running)
        self.resume.setVisible(state.can_go_on and state is not RunState.NEW)
        self.use.setVisible(bool(self._look and self._look.model))

    def _show_samples(self, samples: tuple[Path, ...]) -> None:
        if samples == self._samples:
            return
        newest = self.slider.value() >= len(self._samples) - 1
        self._samples = samples
        self.slider.blockSignals(True)
        self.slider.setRange(0, max(0, len(samples) - 1))
        if newest:
            self.slider.setValue(len(samples) - 1)
        self.slider.blockSignals(False)
        self._slid()

    def _slid(self) -> None:
        wanted = self._wanted()
        if wanted is not None:
            stage, _, step = wanted.stem.rpartition("-")
            self._when.setText(
                tr("{stage}, step {number:,}").format(stage=stage, number=int(step))
                if step.isdigit()
                else wanted.stem
            )
            self.pictureWanted.emit(wanted)

    def _wanted(self) -> Path | None:
        place = self.slider.value()
        return self._samples[place] if 0 <= place < len(self._samples) else None

    def _film_chosen(self, place: int) -> None:
        self.samples.show_only(place - 1 if place > 0 else None)

    def _row_clicked(self, row: int) -> None:
        self._films.setCurrentIndex(row + 1)

    def _show_texts(self, look: RunLook) -> None:
        _put(self._log, look.log or tr("The log is empty."))
        plan = "\n".join(look.plan.lines()) if look.plan else tr("This run was started without a plan.")
        _put(self._films_of_run, plan)
        last = next((line for line in reversed(self._lines) if "merit" in line), None)
        rows = []
        if last is not None:
            rows = [
                tr("Stage {stage}, step {step}; films that no network is trained on:").format(
                    stage=last["stage"], step=f"{last['step']:,}"
                ),
                "",
            ]
            rows += [
                f"  {tr(words):<32} {last[name]:.4f}" for name, words in _FIGURES.items() if name in last
            ]
        if look.measured:
            rows += ["", tr("On the labelled test films, after the end:"), "", look.measured]
        elif look.test is not None:
            rows += ["", tr("The labelled test films are measured when the run is finished.")]
        _put(self._numbers, "\n".join(rows) or tr("Numbers appear with the first evaluation."))

    def _say(self, words: str, colour: Colour) -> None:
        self._state.setText(words)
        self._state.setStyleSheet(f"color: {colour};")

    def _button(self, text: str, tip: str, wanted: Any) -> QPushButton:  # a bound signal of Qt
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda: wanted.emit())
        return button


def _text_box(name: str) -> QPlainTextEdit:
    box = QPlainTextEdit()
    box.setReadOnly(True)
    box.setAccessibleName(name)
    font = box.font()
    font.setFamilies(["monospace"])
    font.setPixelSize(scaled(SMALL_TEXT_PX))
    box.setFont(font)
    return box


def _put(box: QPlainTextEdit, text: str) -> None:
    """Another text, without losing the place; at the end it follows."""
    if box.toPlainText() == text:
        return
    bar = box.verticalScrollBar()
    place, at_end = bar.value(), bar.value() >= bar.maximum() - 2
    box.setPlainText(text)
    bar.setValue(bar.maximum() if at_end else place)
