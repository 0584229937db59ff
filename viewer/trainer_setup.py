"""The form of a new run: which films, which model to begin with, how long. Looks at the films before a start.

Films are looked at by the command `healthytwin train --plan` in a process of its own, so that split, what is
left out, cautions and time are those of the run itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.errors import ModelFileInvalid
from core.inference.analysis import model_name
from core.jobs import JobQueue
from core.models.anomaly_model import ModelCard
from core.models.model_file import read_card
from core.training.config import PRESETS, TrainingConfig, fine_tuning
from core.training.plan import TrainingPlan, spoken_time
from viewer.language import marked, tr
from viewer.messages import TextDialog
from viewer.place_field import PlaceField
from viewer.run_wish import RunWish, run_folder_for
from viewer.theme import Colour
from viewer.training_process import Question

_PAUSE_MS = 500  # after the last change, before the films are looked at
_ANOTHER = "another"
_PRESET_WORDS = {
    "lite": marked("lite: hours on a processor"),
    "plus": marked("plus: wider, better with a graphics card"),
    "paper": marked("paper: the published reference, days"),
}
_KNOBS = ("steps", "warm_steps", "core_steps", "batch", "threads", "seed")
_KNOB_TITLES = {
    "steps": marked("Steps at full size"),
    "warm_steps": marked("Steps at half size"),
    "core_steps": marked("Steps of the core"),
    "batch": marked("Films in a step"),
    "threads": marked("Threads (0: all)"),
    "seed": marked("Seed"),
}


class TrainerSetup(QWidget):
    """The form of a new run. `startWanted(wish, plan)`: the reader wants this run; the plan is its own."""

    startWanted = Signal(object, object)

    def __init__(
        self,
        jobs: JobQueue,
        runs: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._runs = runs
        self._question: Question | None = None
        self._films: TrainingPlan | None = None  # without times, as long as they are measured
        self._plan: TrainingPlan | None = None
        self._planned: tuple[object, ...] = ()
        self._cards: dict[Path, ModelCard] = {}
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_PAUSE_MS)
        self._later.timeout.connect(self.look)
        self._build_fields()
        self._build_outcome()
        self._lay_out()
        self.offer_models(())
        self._preset_chosen()
        self._show_state()

    # --- built once --------------------------------------------------------------------------------

    def _build_fields(self) -> None:
        self.healthy = PlaceField(tr("Healthy films"), tr("folder or list of healthy films"), self._jobs)
        self.mixed = PlaceField(tr("Mixed films"), tr("films of any kind, unlabelled"), self._jobs)
        self.test = PlaceField(tr("Test films"), tr("optional: folder with healthy and abnormal"), self._jobs)
        for field in (self.healthy, self.mixed, self.test):
            field.changed.connect(self._changed)
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("name of the new model"))
        self.name.setAccessibleName(tr("Name of the new model"))
        self.start_from = _combo(tr("Start from"))
        self.start_from.activated.connect(self._parent_chosen)
        self.kind = _combo(tr("Kind of model"))
        for kind in ("healthygan", "sr-anogan"):
            self.kind.addItem(model_name(kind), kind)
        self.kind.currentIndexChanged.connect(self._preset_chosen)
        self.preset = _combo(tr("Preset"))
        for preset, words in _PRESET_WORDS.items():
            self.preset.addItem(tr(words), preset)
        self.preset.currentIndexChanged.connect(self._preset_chosen)
        self.population = _combo(tr("Whose films these are"))
        for value, words in (("any", tr("not said")), ("adult", tr("adults")), ("child", tr("children"))):
            self.population.addItem(words, value)
        self.device = _combo(tr("Device"))
        for value, words in (
            ("auto", tr("graphics card if there is one")),
            ("cpu", tr("processor")),
            ("cuda", "CUDA"),
            ("mps", "Apple GPU"),
        ):
            self.device.addItem(words, value)
        for combo in (self.population, self.device):
            combo.currentIndexChanged.connect(self._changed)
        self.knobs: dict[str, QSpinBox] = {}
        for knob in _KNOBS:
            low, high = TrainingConfig.__dataclass_fields__[knob].metadata["range"]
            spin = QSpinBox()
            spin.setRange(int(low), min(int(high), 2**31 - 1))
            spin.setAccessibleName(tr(_KNOB_TITLES[knob]))
            spin.setToolTip(TrainingConfig.__dataclass_fields__[knob].metadata["words"])
            spin.setKeyboardTracking(False)
            spin.valueChanged.connect(self._changed)
            self.knobs[knob] = spin

    def _build_outcome(self) -> None:
        self._state = QLabel()
        self._state.setWordWrap(True)
        self._state.setTextFormat(Qt.TextFormat.PlainText)
        self._stop_look = QPushButton(tr("Stop looking"))
        self._stop_look.clicked.connect(self.stop_looking)
        self._cautions = QLabel()
        self._cautions.setWordWrap(True)
        self._cautions.setTextFormat(Qt.TextFormat.PlainText)
        self._cautions.setObjectName("cautions")
        self._cautions.setAccessibleName(tr("What to be wary of"))
        self._cautions.setStyleSheet(
            f"#cautions {{ border-left: 4px solid {Colour.WARNING}; padding: 6px 8px; "
            f"background: {Colour.RAISED}; color: {Colour.WARNING}; }}"
        )
        self.split = QTableWidget(0, 3)
        self.split.setAccessibleName(tr("Split of the films"))
        self.split.setHorizontalHeaderLabels([tr("Role"), tr("Films"), tr("Patients")])
        self.split.verticalHeader().hide()
        self.split.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.split.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.split.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = self.split.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._left_out = QLabel()
        self._left_out.setWordWrap(True)
        self._left_out.setTextFormat(Qt.TextFormat.PlainText)
        self._left_out_list = QPushButton(tr("List…"))
        self._left_out_list.setAccessibleName(tr("List of the films that are left out"))
        self._left_out_list.clicked.connect(self._show_left_out)
        self.start = QPushButton(tr("Start training"))
        self.start.setDefault(True)
        self.start.clicked.connect(self._start)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Healthy films"), self.healthy)
        form.addRow(tr("Mixed films"), self.mixed)
        form.addRow(tr("Test films"), self.test)
        form.addRow(tr("Start from"), self.start_from)
        form.addRow(tr("Kind"), self.kind)
        form.addRow(tr("Preset"), self.preset)
        form.addRow(tr("Patients"), self.population)
        form.addRow(tr("Device"), self.device)
        form.addRow(tr("Name"), self.name)
        self._more = QToolButton()
        self._more.setText(tr("More"))
        self._more.setCheckable(True)
        self._more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._more.setArrowType(Qt.ArrowType.RightArrow)
        self._more.setToolTip(tr("Numbers of the preset that can be changed"))
        inner = QWidget()
        knobs = QFormLayout(inner)
        knobs.setContentsMargins(0, 0, 0, 0)
        for knob, spin in self.knobs.items():
            knobs.addRow(tr(_KNOB_TITLES[knob]), spin)
        inner.hide()

        def unfold(shown: bool) -> None:
            inner.setVisible(shown)
            self._more.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)

        self._more.toggled.connect(unfold)
        state = QHBoxLayout()
        state.addWidget(self._state, 1)
        state.addWidget(self._stop_look)
        left_out = QHBoxLayout()
        left_out.addWidget(self._left_out, 1)
        left_out.addWidget(self._left_out_list)
        content = QWidget()
        column = QVBoxLayout(content)
        column.addLayout(form)
        column.addWidget(self._more)
        column.addWidget(inner)
        column.addLayout(state)
        column.addWidget(self._cautions)
        column.addWidget(self.split)
        column.addLayout(left_out)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keys
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 4, 8, 8)
        foot.addWidget(self.start)
        whole.addLayout(foot)

    # --- what is chosen ----------------------------------------------------------------------------

    @property
    def wish(self) -> RunWish:
        """What the form says now."""
        config = self._preset_config()
        knobs = tuple(
            (knob, spin.value())
            for knob, spin in self.knobs.items()
            if spin.isEnabled() and spin.value() != getattr(config, knob)
        )
        return RunWish(
            name=self.name.text().strip(),
            healthy=self.healthy.place,
            mixed=self.mixed.place,
            test=self.test.place,
            parent=self._parent(),
            kind=str(self.kind.currentData()),
            preset=str(self.preset.currentData()),
            population=str(self.population.currentData()),
            device=str(self.device.currentData()),
            knobs=knobs,
        )

    def choose_parent(self, file: Path) -> None:
        """Start from this model file. A file that is none is said, and nothing is chosen."""
        try:
            self._cards[file] = read_card(file)
        except ModelFileInvalid as error:
            self.start_from.setCurrentIndex(0)
            self._say(str(error), Colour.FAILURE)
            return
        place = self.start_from.findData(file)
        if place < 0:
            place = self.start_from.count() - 1
            self.start_from.insertItem(place, file.stem, file)
        self.start_from.setCurrentIndex(place)
        self._parent_chosen(place)

    def offer_models(self, models: Sequence[tuple[Path, ModelCard]]) -> None:
        """Models to start from, beside scratch and any other file; what was chosen already stays."""
        chosen = self._parent()
        self.start_from.clear()
        self.start_from.addItem(tr("scratch"), None)
        for file, card in models:
            self._cards[file] = card
            self.start_from.addItem(card.name or file.stem, file)
        if chosen is not None and self.start_from.findData(chosen) < 0:
            self.start_from.addItem(chosen.stem, chosen)
        self.start_from.addItem(tr("another model file…"), _ANOTHER)
        self.start_from.setCurrentIndex(max(0, self.start_from.findData(chosen)))

    def _parent(self) -> Path | None:
        data = self.start_from.currentData()
        return data if isinstance(data, Path) else None

    def _parent_chosen(self, place: int) -> None:
        if self.start_from.itemData(place) == _ANOTHER:
            self.start_from.setCurrentIndex(0)
            name, _ = QFileDialog.getOpenFileName(self, tr("Start from"), "", tr("Models (*.safetensors)"))
            if name:
                self.choose_parent(Path(name))
                return
        card = self._cards.get(self._parent() or Path())
        for combo in (self.kind, self.preset):
            combo.setEnabled(card is None)
        if card is not None:
            self.kind.setCurrentIndex(self.kind.findData(card.kind))
            self.preset.setCurrentIndex(max(0, self.preset.findData(card.preset)))
            self.population.setCurrentIndex(max(0, self.population.findData(card.population)))
        self._preset_chosen()

    def _preset_config(self) -> TrainingConfig:
        config = PRESETS[str(self.kind.currentData()), str(self.preset.currentData())]
        card = self._cards.get(self._parent() or Path())
        try:
            return fine_tuning(card, config) if card is not None else config
        except ModelFileInvalid:  # said when the films are looked at
            return config

    def _preset_chosen(self) -> None:
        config = self._preset_config()
        for knob, spin in self.knobs.items():
            spin.blockSignals(True)
            spin.setValue(getattr(config, knob))
            spin.blockSignals(False)
        gan = config.kind == "healthygan"
        self.knobs["core_steps"].setEnabled(not gan)
        self.knobs["warm_steps"].setEnabled(gan or config.preset == "paper")
        self._changed()

    # --- looking at the films ----------------------------------------------------------------------

    def _changed(self) -> None:
        plan, wish = self._plan, self.wish
        if plan is not None and wish.looked_at == self._planned:
            # Only other numbers of steps: no need to read all films again.
            self._plan = plan.with_steps(self._preset_config().with_changes(**dict(wish.knobs)))
            if self._plan is not None:
                self._show_state()
                return
        self.stop_looking()
        self._plan = self._films = None
        self._show_state()
        if not wish.lacking:
            self._later.start()

    def look(self) -> None:
        """Ask for the plan of what the form says now."""
        self.stop_looking()
        wish = self.wish
        self._planned = wish.looked_at
        # A folder that is not there yet: a plan of a new run, never of one that has begun.
        run = run_folder_for(self._runs, wish)
        question = Question(("train", str(run), *wish.arguments(), "--plan", "--background"), parent=self)
        question.said.connect(self._take_films)
        question.progressed.connect(self._show_progress)
        question.answered.connect(self._take_plan)
        question.failed.connect(self._take_failure)
        self._question = question
        self._show_state()
        question.ask()

    def stop_looking(self) -> None:
        """Stop looking at the films, if that is going on."""
        self._later.stop()
        question, self._question = self._question, None
        if question is not None:
            question.stop()
            question.deleteLater()
        self._show_state()

    def _show_progress(self, words: str) -> None:
        if self._question is not None:
            self._say(tr("Looking at the films: {words}").format(words=words), Colour.QUIET)

    def _take_films(self, value: object) -> None:
        with suppress(KeyError, TypeError):
            self._films = TrainingPlan.from_json(value)  # type: ignore[arg-type]  # checked by what it raises
            self._show_state()

    def _take_plan(self, value: object) -> None:
        self._question = None
        try:
            self._plan = TrainingPlan.from_json(value)  # type: ignore[arg-type]  # checked by what it raises
        except (KeyError, TypeError):
            self._take_failure(tr("The films could not be looked at: the answer makes no sense."))
            return
        self._show_state()

    def _take_failure(self, sentence: str) -> None:
        self._question = None
        self._show_state()
        self._say(sentence, Colour.FAILURE)

    def _show_state(self) -> None:
        looking = self._question is not None
        plan = self._plan or self._films
        self._stop_look.setVisible(looking)
        self.start.setEnabled(self._plan is not None)
        self.split.setVisible(plan is not None)
        self._cautions.setVisible(plan is not None and bool(plan.cautions))
        for widget in (self._left_out, self._left_out_list):
            widget.setVisible(plan is not None)
        if plan is not None:
            self._show_plan(plan)
        elif looking:
            self._say(tr("Looking at the films…"), Colour.QUIET)
        else:
            self._say(self.wish.lacking or tr("The films are looked at before the start."), Colour.QUIET)

    def _show_plan(self, plan: TrainingPlan) -> None:
        low, high = plan.seconds
        if self._question is not None:
            self._say(tr("Measuring how long a few steps take…"), Colour.QUIET)
        elif plan.stages:
            self._say(
                tr(
                    "Takes about {low} to {high} on {device} (from a few steps measured now). "
                    "It can be paused at any time."
                ).format(low=spoken_time(low), high=spoken_time(high), device=plan.device),
                Colour.TEXT,
            )
        self._cautions.setText("\n\n".join(plan.cautions))
        self.split.setRowCount(len(plan.parts))
        for row, part in enumerate(plan.parts):
            for column, text in enumerate((part.role, f"{part.films:,}", f"{part.patients:,}")):
                cell = QTableWidgetItem(text)
                if column:
                    cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.split.setItem(row, column, cell)
        self.split.resizeRowsToContents()
        height = self.split.horizontalHeader().height() + self.split.verticalHeader().length() + 4
        self.split.setFixedHeight(height)
        count = len(plan.left_out)
        first = plan.reasons[0] if plan.reasons else None
        words = tr("No film is left out.")
        if first is not None:
            words = tr("{count} films are left out, {like} of them like {example}: {reason}").format(
                count=f"{count:,}", like=f"{first.films:,}", example=first.example, reason=first.reason
            )
            if count == 1:
                words = tr("One film is left out, {example}: {reason}")
                words = words.format(example=first.example, reason=first.reason)
        self._left_out.setText(words)
        self._left_out_list.setVisible(count > 0)

    def _show_left_out(self) -> None:
        plan = self._plan
        if plan is not None:
            lines = "\n".join(f"{file}: {reason}" for file, reason in plan.left_out)
            TextDialog(tr("Films that are left out"), self._left_out.text(), lines, self).open()

    def _say(self, words: str, colour: Colour) -> None:
        self._state.setText(words)
        self._state.setStyleSheet(f"color: {colour};")

    def _start(self) -> None:
        if self._plan is not None and self.wish.looked_at == self._planned:
            self.startWanted.emit(self.wish, self._plan)


def _combo(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(12)
    return combo
