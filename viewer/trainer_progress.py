"""What a run shows of itself: state and time left, curves of losses and figures, sample pictures, log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyqtgraph
from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.training.plan import spoken_time
from core.training.run_control import RunState, Standing
from core.training.run_progress import Line, RunLook, remaining_s
from viewer.theme import SMALL_TEXT_PX, Colour

_MOST_POINTS = 4000  # of a curve: more than a screen has columns; a long run is thinned out
_LABELS_PX = 84
_HEAD_PX = 22
# Okabe and Ito: told apart by colour-blind readers, on a dark ground.
_COLOURS = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#8f979f")
_WORDS = {
    RunState.NEW: "Nothing has happened in this folder yet",
    RunState.STARTING: "Starting",
    RunState.RUNNING: "Training",
    RunState.PAUSED: "Paused",
    RunState.STOPPED: "Stopped",
    RunState.FAILED: "Failed",
    RunState.INTERRUPTED: "Interrupted: its process ended without a word. Its last checkpoint is kept",
    RunState.FINISHED: "Finished",
}
_FIGURES = {
    "auc_p": "mixed against healthy",
    "synthetic_auroc": "synthetic lesions, film",
    "synthetic_pixel_auroc": "synthetic lesions, pixel",
    "change_healthy_val": "change on healthy films",
    "mask_healthy_val": "mask on healthy films",
    "mask_mixed_val": "mask on mixed films",
    "merit": "merit (chooses the step)",
}
_FIRST_FIGURES = ("auc_p", "synthetic_auroc", "synthetic_pixel_auroc", "merit")


class Curves(pyqtgraph.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Named curves over the steps of a whole run; stages follow one another."""

    def __init__(self, title: str, names: Mapping[str, str] | None = None) -> None:
        super().__init__(background=Colour.RAISED.value, enableMenu=False)
        # Made by pyqtgraph all the same, and by nobody destroyed.
        self.plotItem.ctrlMenu.setParent(self)
        self._names = names
        self._points: dict[str, tuple[list[float], list[float]]] = {}
        self._curves: dict[str, Any] = {}  # of pyqtgraph
        self.setAccessibleName(title)
        self.setTitle(title, color=Colour.TEXT.value, size=f"{SMALL_TEXT_PX}px")
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.showGrid(x=True, y=True, alpha=0.15)
        self.setLabel("bottom", "step")
        for side in ("left", "bottom"):
            axis = self.getAxis(side)
            axis.setPen(Colour.LINE.value)
            axis.setTextPen(Colour.QUIET.value)
        self._legend = self.addLegend(
            offset=(-8, 4), labelTextColor=Colour.TEXT.value, brush=Colour.WINDOW.value + "a0", colCount=2
        )
        self._legend.layout.setVerticalSpacing(-4)

    @property
    def names(self) -> tuple[str, ...]:
        """Curves that have points."""
        return tuple(self._points)

    def count(self, name: str) -> int:
        """Points of a curve."""
        return len(self._points.get(name, ((), ()))[0])

    def clear_curves(self) -> None:
        """Forget all points."""
        self._points.clear()
        for curve in self._curves.values():
            self.removeItem(curve)
        self._curves.clear()
        self._legend.clear()

    def add(self, step: float, line: Line) -> None:
        """Take what a line of metrics says at this step of the run; `redraw` shows it."""
        for name, value in line.items():
            wanted = name in self._names if self._names else name.startswith("loss")
            if wanted and isinstance(value, int | float):
                steps, values = self._points.setdefault(name, ([], []))
                steps.append(step)
                values.append(float(value))
                if len(steps) > _MOST_POINTS:
                    self._points[name] = (steps[::2], values[::2])

    def redraw(self, total: int) -> None:
        """Show all points, on an axis as long as the whole run."""
        if total > 1:
            self.setXRange(0, total, padding=0.02)
        for name, (steps, values) in self._points.items():
            if name not in self._curves:
                pen = pyqtgraph.mkPen(_COLOURS[len(self._curves) % len(_COLOURS)], width=2)
                words = (self._names or {}).get(name, _loss_words(name))
                self._curves[name] = self.plot(pen=pen, name=words)
            # A single point is no line: shown as a dot.
            self._curves[name].setData(
                steps,
                values,
                symbol="o" if len(steps) < 12 else None,
                symbolSize=5,
                symbolBrush=_COLOURS[list(self._curves).index(name) % len(_COLOURS)],
                symbolPen=None,
            )


class SampleView(QWidget):
    """A sample grid with titles, as large as the room allows: all films in blocks, or one of them.

    `rowClicked(row)`: a film was clicked, -1 for the title row.
    """

    rowClicked = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumSize(QSize(320, 160))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Sample pictures")
        self._image = QImage()
        self._columns: tuple[str, ...] = ()
        self._rows: tuple[str, ...] = ()
        self._only: int | None = None
        self._places: list[tuple[QRect, int]] = []

    @property
    def columns(self) -> tuple[str, ...]:
        """Titles of the columns."""
        return self._columns

    @property
    def has_picture(self) -> bool:
        """Whether there is something to show."""
        return not self._image.isNull()

    def show_grid(self, image: QImage, columns: Sequence[str], rows: Sequence[str]) -> None:
        """Show a grid `(len(rows) x size, len(columns) x size)`; an empty image clears."""
        self._image, self._columns, self._rows = image, tuple(columns), tuple(rows)
        self.update()

    def show_only(self, row: int | None) -> None:
        """Show one film, or all of them."""
        self._only = row
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Blocks of films side by side, in the number that makes the pictures largest."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), Colour.FILM.value)
        self._places = []
        rows, columns = len(self._rows), len(self._columns)
        if self._image.isNull() or not rows or not columns:
            painter.setPen(Colour.QUIET.value)
            words = "Pictures appear with the first evaluation."
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, words)
            return
        shown = [self._only] if self._only is not None and self._only < rows else list(range(rows))
        blocks, cell = _best_blocks(self.width(), self.height(), len(shown), columns)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        each = -(-len(shown) // blocks)
        width = _LABELS_PX + columns * cell
        left = max(0, (self.width() - blocks * width) // 2)
        top = max(0, (self.height() - _HEAD_PX - each * cell) // 2)
        for block in range(blocks):
            rows_of_block = shown[block * each : (block + 1) * each]
            self._paint_block(painter, QPoint(left + block * width, top), rows_of_block, cell)

    def _paint_block(self, painter: QPainter, corner: QPoint, rows: Sequence[int], cell: int) -> None:
        left = corner.x()
        source_w = self._image.width() // len(self._columns)
        source_h = self._image.height() // len(self._rows)
        painter.setPen(Colour.TEXT.value)
        font = painter.font()
        font.setPixelSize(SMALL_TEXT_PX)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        for column, title in enumerate(self._columns):
            place = QRect(left + _LABELS_PX + column * cell, corner.y(), cell, _HEAD_PX)
            twin = "twin" in title.lower()
            painter.setPen(Colour.TWIN.value if twin else Colour.TEXT.value)
            words = metrics.elidedText(title, Qt.TextElideMode.ElideRight, cell - 4)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        for place_in_block, row in enumerate(rows):
            top = corner.y() + _HEAD_PX + place_in_block * cell
            painter.setPen(Colour.QUIET.value)
            label = QRect(left + 6, top, _LABELS_PX - 12, cell)
            painter.drawText(
                label,
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight | Qt.TextFlag.TextWordWrap,
                f"{row + 1} {self._rows[row]}",
            )
            self._places.append((QRect(left, top, _LABELS_PX + len(self._columns) * cell, cell), row))
            for column, title in enumerate(self._columns):
                target = QRect(left + _LABELS_PX + column * cell, top, cell - 2, cell - 2)
                painter.drawImage(
                    target, self._image, QRect(column * source_w, row * source_h, source_w, source_h)
                )
                if "twin" in title.lower():
                    painter.setPen(QPen(Colour.TWIN.value))
                    painter.drawRect(target.adjusted(0, 0, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """One film alone, or all again."""
        for place, row in self._places:
            if place.contains(event.position().toPoint()):
                self.rowClicked.emit(-1 if self._only is not None else row)
                return


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
        self.losses = Curves("Losses")
        self.figures = Curves("Figures without labels", {name: _FIGURES[name] for name in _FIRST_FIGURES})
        curves = QSplitter(Qt.Orientation.Horizontal)
        curves.addWidget(self.losses)
        curves.addWidget(self.figures)
        self._tabs = QTabWidget()
        self._tabs.addTab(self._built_gallery(), "Pictures")
        self._numbers = _text_box("Figures of the last evaluation")
        self._tabs.addTab(self._numbers, "Numbers")
        self._films_of_run = _text_box("Films of the run")
        self._tabs.addTab(self._films_of_run, "Films")
        self._log = _text_box("Log of the run")
        self._tabs.addTab(self._log, "Log")
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(curves)
        parts.addWidget(self._tabs)
        parts.setStretchFactor(0, 1)
        parts.setStretchFactor(1, 3)
        parts.setSizes([230, 480])
        parts.setChildrenCollapsible(False)
        self._parts = parts
        self._empty = QLabel("Choose films at the left and start a run, or choose one under Runs.")
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
        self._state.setAccessibleName("Where the run stands")
        self._bar = QProgressBar()
        self._bar.setFixedHeight(12)
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress of the run")
        self.pause = self._button("Pause", "Go on later from the very step", self.pauseWanted)
        self.stop = self._button("Stop", "End it after this step; what was learned is kept", self.stopWanted)
        self.resume = self._button("Resume", "Go on where it stopped", self.resumeWanted)
        self.use = self._button(
            "Test and use this model…",
            "Compare it with the model in use on labelled films; only a better one is taken",
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
        self.slider.setAccessibleName("Evaluation whose pictures are shown")
        self.slider.setToolTip("Evaluations of the run, the newest at the right")
        self.slider.valueChanged.connect(self._slid)
        self._when = QLabel()
        self._films = QComboBox()
        self._films.setAccessibleName("Which films are shown")
        self._films.setToolTip("All fixed films, or one of them as large as possible")
        self._films.setMinimumContentsLength(18)
        self._films.currentIndexChanged.connect(self._film_chosen)
        row = QHBoxLayout()
        row.addWidget(self._films)
        row.addWidget(self.slider, 1)
        row.addWidget(self._when)
        gallery = QWidget()
        column = QVBoxLayout(gallery)
        column.setContentsMargins(6, 6, 6, 6)
        column.addLayout(row)
        column.addWidget(self.samples, 1)
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
        self._say("Reading the run…", Colour.QUIET)
        self._show_buttons(None)

    def show_starting(self) -> None:
        """Say that a process was started, until it speaks for itself."""
        self._starting = True
        self._say("Starting the training process…", Colour.QUIET)
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
            self._films.addItem("all films")
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
        self.losses.clear_curves()
        self.figures.clear_curves()

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
            return f"Failed: {standing.message} {standing.hint}".strip()
        words = [_WORDS[standing.state]]
        if standing.state is RunState.RUNNING:
            if standing.text:
                words[0] += f": {standing.text[:1].lower()}{standing.text[1:].replace(': ', ', ')}"
            words.append(f"{spoken_time(standing.seconds)} since the start")
            left = remaining_s(look.plan.stages if look.plan else (), standing, self._lines)
            if left is not None:
                words.append(f"about {spoken_time(left)} left")
            if standing.asked:
                words = [f"Asked to {standing.asked}; this step is finished first"]
        elif standing.total > 1 and standing.state is not RunState.FINISHED:
            words.append(f"at step {standing.done:,} of {standing.total:,}")
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
            self._when.setText(f"{stage}, step {int(step):,}" if step.isdigit() else wanted.stem)
            self.pictureWanted.emit(wanted)

    def _wanted(self) -> Path | None:
        place = self.slider.value()
        return self._samples[place] if 0 <= place < len(self._samples) else None

    def _film_chosen(self, place: int) -> None:
        self.samples.show_only(place - 1 if place > 0 else None)

    def _row_clicked(self, row: int) -> None:
        self._films.setCurrentIndex(row + 1)

    def _show_texts(self, look: RunLook) -> None:
        _put(self._log, look.log or "The log is empty.")
        plan = "\n".join(look.plan.lines()) if look.plan else "This run was started without a plan."
        _put(self._films_of_run, plan)
        last = next((line for line in reversed(self._lines) if "merit" in line), None)
        rows = []
        if last is not None:
            rows = [f"Stage {last['stage']}, step {last['step']:,}; films that no network is trained on:", ""]
            rows += [f"  {words:<32} {last[name]:.4f}" for name, words in _FIGURES.items() if name in last]
        if look.measured:
            rows += ["", "On the labelled test films, after the end:", "", look.measured]
        elif look.test is not None:
            rows += ["", "The labelled test films are measured when the run is finished."]
        _put(self._numbers, "\n".join(rows) or "Numbers appear with the first evaluation.")

    def _say(self, words: str, colour: Colour) -> None:
        self._state.setText(words)
        self._state.setStyleSheet(f"color: {colour};")

    def _button(self, text: str, tip: str, wanted: Any) -> QPushButton:  # a bound signal of Qt
        button = QPushButton(text)
        button.setToolTip(tip)
        button.clicked.connect(lambda: wanted.emit())
        return button


def _best_blocks(width: int, height: int, rows: int, columns: int) -> tuple[int, int]:
    """In how many blocks side by side the pictures become largest, and their side in pixels."""
    sizes = {
        blocks: min((width // blocks - _LABELS_PX) // columns, (height - _HEAD_PX) // -(-rows // blocks))
        for blocks in (1, 2, 3)
        if blocks <= rows
    }
    best = max(sizes, key=lambda blocks: sizes[blocks])
    return best, max(8, sizes[best])


def _loss_words(name: str) -> str:
    known = {"loss_g": "generator", "loss_d": "critic", "loss_e": "encoder"}
    return known.get(name, name.removeprefix("loss_").replace("_", " "))


def _text_box(name: str) -> QPlainTextEdit:
    box = QPlainTextEdit()
    box.setReadOnly(True)
    box.setAccessibleName(name)
    font = box.font()
    font.setFamilies(["monospace"])
    font.setPixelSize(SMALL_TEXT_PX)
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
