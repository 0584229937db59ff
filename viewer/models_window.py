"""The models at hand in a window: which are used, what each card says; import, export, delete.

Files are read in the read lane; an import builds the networks once, in the gpu lane.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

import core
from core.inference.analysis import model_name
from core.jobs import Job, JobContext, Lane
from core.models.collection import (
    ModelEntry,
    delete_model,
    export_model,
    list_models,
    own_model_folder,
)
from core.models.model_file import calibration_words
from core.session import Session
from core.visible import visible
from viewer.acceptance_dialog import AcceptanceDialog
from viewer.language import marked, tr
from viewer.messages import MessageBar, words_for
from viewer.model_card import card_sections, people, state_words
from viewer.options import Population
from viewer.place_field import PlaceField
from viewer.theme import Colour
from viewer.training_process import Question
from viewer.watch import watch

Brought = TypeVar("Brought")

_COLUMNS = (
    *(marked("Model"), marked("Kind"), marked("Films of")),
    *(marked("Calibration"), marked("Weights"), marked("Use")),
)
_MODEL_FILES = marked("Model files (*.safetensors);;All files (*)")
_CHECKPOINTS = marked("Checkpoints (*.ckpt *.pt *.pth);;All files (*)")


class ModelsWindow(QWidget):
    """A table of models beside the card of the chosen one. GUI thread only."""

    compareWanted = Signal(object)
    """Path of the model that is to be compared with another one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Models"))
        self.setMinimumSize(1100, 560)
        self.resize(1240, 760)
        self._session = session
        self._entries: tuple[ModelEntry, ...] = ()
        self._wanted: Path | None = None
        self._jobs: set[Job] = set()
        self._question: Question | None = None
        self.messages = MessageBar()
        self.table = self._made_table()
        self.card = QTextBrowser()
        self.card.setOpenLinks(False)
        self.card.setMinimumWidth(320)
        self.card.setAccessibleName(tr("Card of the model"))
        self._build()
        watch(self, session.collection_changed, self.read)
        self.read()

    # --- built once --------------------------------------------------------------------------------

    def _made_table(self) -> QTableWidget:
        table = QTableWidget(0, len(_COLUMNS))
        table.setHorizontalHeaderLabels([tr(words) for words in _COLUMNS])
        table.setAccessibleName(tr("Models"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setWordWrap(True)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        table.itemSelectionChanged.connect(self._show_card)
        return table

    def _build(self) -> None:
        self.take = QPushButton(tr("Import…"))
        self.take.setToolTip(tr("Copy a model file to your own models, after reading all of it"))
        self.take.clicked.connect(self.ask_import)
        self.take_published = QPushButton(tr("Import published checkpoint…"))
        self.take_published.setToolTip(
            tr("Take over NNNNNN-G.ckpt of the published HealthyGAN code, weights only")
        )
        self.take_published.clicked.connect(self.ask_published)
        self.give = QPushButton(tr("Export…"))
        self.give.setToolTip(tr("Copy the model to another place"))
        self.give.clicked.connect(self.ask_export)
        self.compare = QPushButton(tr("Compare…"))
        self.compare.setToolTip(tr("See this model and another one on the same films"))
        self.compare.clicked.connect(self._want_comparison)
        self.calibrate = QPushButton(tr("Calibrate…"))
        self.calibrate.setToolTip(tr("Threshold and score from healthy films of your own site"))
        self.calibrate.clicked.connect(self.ask_calibration)
        self.test = QPushButton(tr("Test and use…"))
        self.test.setToolTip(
            tr("Compare with the model in use on your held-out films; if it passes, it is used")
        )
        self.test.clicked.connect(self.ask_test)
        self.remove = QPushButton(tr("Delete"))
        self.remove.setToolTip(tr("Move one of your own models to the folder deleted beside it"))
        self.remove.clicked.connect(self.delete)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.take, self.take_published):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self.calibrate, self.test, self.compare, self.give, self.remove):
            buttons.addWidget(button)
        note = QLabel(
            tr(
                "Your own models answer by themselves only after they passed a test beside the model in use, "
                "on your own held-out films; until then they can be asked by name."
            )
            + " "
            + tr(core.RESEARCH_USE)
        )
        note.setWordWrap(True)
        note.setProperty("textSize", "small")
        note.setStyleSheet(f"color: {Colour.QUIET};")
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.table)
        split.addWidget(self.card)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([760, 460])
        split.setChildrenCollapsible(False)
        inner = QVBoxLayout()
        inner.setContentsMargins(10, 10, 10, 10)
        inner.setSpacing(8)
        inner.addWidget(split, 1)
        self.work = QLabel()
        self.work.setTextFormat(Qt.TextFormat.PlainText)
        self.stop = QPushButton(tr("Stop"))
        self.stop.clicked.connect(self.stop_asking)
        at_work = QHBoxLayout()
        at_work.addWidget(self.work, 1)
        at_work.addWidget(self.stop)
        inner.addWidget(note)
        inner.addLayout(at_work)
        inner.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.messages)
        column.addLayout(inner, 1)

    # --- what is there -----------------------------------------------------------------------------

    @property
    def chosen(self) -> ModelEntry | None:
        """The model whose card is shown."""
        rows = self.table.selectionModel().selectedRows()
        return self._entries[rows[0].row()] if rows else None

    def read(self) -> None:
        """Read the folders again."""
        folder = self._folder
        self._submit(
            Lane.READ,
            tr("Looking for models"),
            lambda ctx: list_models(folder),
            self._show,
            tr("List the models"),
        )

    @property
    def _folder(self) -> Path:
        return own_model_folder(self._session.settings)

    def _show(self, entries: tuple[ModelEntry, ...]) -> None:
        chosen = self._wanted or (self.chosen.path if self.chosen else None)
        self._wanted = None
        self._entries = entries
        self.table.blockSignals(True)
        self.table.setRowCount(len(entries))
        for row, entry in enumerate(entries):
            card = entry.card
            words = (
                card.name,
                f"{model_name(card.kind)} {card.preset}",
                tr(people(entry)),
                calibration_words(entry.calibration).removeprefix("calibrated on "),
                card.weights_digest[:12],
                tr(state_words(entry)),
            )
            for column, text in enumerate(words):
                cell = QTableWidgetItem(visible(text))
                cell.setToolTip(str(entry.path))
                if not entry.active:
                    cell.setForeground(Qt.GlobalColor.gray)
                self.table.setItem(row, column, cell)
        paths = [entry.path for entry in entries]
        if entries:
            self.table.selectRow(paths.index(chosen) if chosen in paths else 0)
        self.table.blockSignals(False)
        self._show_card()

    def _show_card(self) -> None:
        entry = self.chosen
        self.card.setHtml("" if entry is None else _page(entry))
        for button in (self.give, self.compare):
            button.setEnabled(entry is not None)
        for button in (self.remove, self.test):
            button.setEnabled(entry is not None and not entry.shipped)
        asks = self._question is not None
        for button in (self.calibrate, self.test):
            button.setEnabled(button.isEnabled() and not asks)
        self.calibrate.setEnabled(entry is not None and not asks)
        self.work.setVisible(asks)
        self.stop.setVisible(asks)

    # --- come and go -------------------------------------------------------------------------------

    def ask_import(self) -> None:
        """Let the reader choose a model file."""
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Import a model"), self._session.settings.last_folder, tr(_MODEL_FILES)
        )
        if name:
            self.take_in(Path(name))

    def ask_published(self) -> None:
        """Let the reader choose a checkpoint of the published code, and say what is not in it."""
        name, _ = QFileDialog.getOpenFileName(
            self, tr("Import a published checkpoint"), self._session.settings.last_folder, tr(_CHECKPOINTS)
        )
        if name:
            dialog = CheckpointDialog(Path(name), self)
            dialog.taken.connect(self._take_checkpoint)
            dialog.open()

    def _take_checkpoint(
        self, file: Path, critic: Path | None, name: str, size: int, population: str
    ) -> None:
        self.take_in(file, critic=critic, name=name, size=size, population=population)

    def take_in(
        self,
        file: Path,
        *,
        critic: Path | None = None,
        name: str = "",
        size: int = 256,
        population: str = Population.ANY.value,
    ) -> None:
        """Import a file; the list and the shown film follow."""
        folder = self._folder

        def work(ctx: JobContext) -> Path:
            # In the gpu lane, which owns torch.
            from core.models.importing import import_model

            return import_model(file, folder, critic=critic, name=name, size=size, population=population)

        self._submit(
            Lane.GPU,
            tr("Importing {name}").format(name=file.name),
            work,
            self._imported,
            tr("Import {name}").format(name=file.name),
            shown=True,
        )

    def _imported(self, path: Path) -> None:
        self._wanted = path
        self.messages.notice(tr("Imported as {path}. Ask it with “Model from a file…”.").format(path=path))
        self._session.models_changed()

    def ask_export(self) -> None:
        """Let the reader choose where the model goes."""
        entry = self.chosen
        if entry is None:
            return
        start = str(Path(self._session.settings.last_folder) / entry.path.name)
        name, _ = QFileDialog.getSaveFileName(self, tr("Export the model"), start, tr(_MODEL_FILES))
        if name:
            self.export(Path(name))

    def export(self, target: Path) -> None:
        """Copy the chosen model out."""
        entry = self.chosen
        if entry is not None:
            self._submit(
                Lane.READ,
                tr("Writing {name}").format(name=target.name),
                lambda ctx: export_model(entry.path, target),
                lambda written: self.messages.notice(tr("Written: {written}").format(written=written)),
                tr("Export {name}").format(name=entry.path.name),
                shown=True,
            )

    def delete(self) -> None:
        """Take the chosen model out of the list; it can be imported again from where it is kept."""
        entry, folder = self.chosen, self._folder
        if entry is not None and not entry.shipped:
            self._submit(
                Lane.READ,
                tr("Deleting {name}").format(name=entry.path.name),
                lambda ctx: delete_model(entry.path, folder),
                self._deleted,
                tr("Delete {name}").format(name=entry.path.name),
            )

    def _deleted(self, kept: Path) -> None:
        self.messages.notice(
            tr("Deleted. Until you remove it there, it is kept as {kept}.").format(kept=kept)
        )
        self._session.models_changed()

    # --- what takes minutes, in a process of its own --------------------------------------

    def ask_calibration(self) -> None:
        """Let the reader choose the folder of healthy films."""
        place = QFileDialog.getExistingDirectory(
            self, tr("Healthy films of your site"), self._session.settings.last_folder
        )
        if place:
            self.calibrate_on(Path(place))

    def calibrate_on(self, healthy: Path) -> None:
        """Calibrate the chosen model; one that ships is copied to the reader's own first."""
        entry = self.chosen
        if entry is None:
            return
        target = entry.path
        if entry.shipped:
            target = self._folder / f"{entry.path.stem}-site.safetensors"
        arguments = ("calibrate", str(entry.path), "--healthy", str(healthy), "--out", str(target), "--json")
        self._ask(arguments, tr("Calibrating {name}").format(name=entry.card.name), self._calibrated)

    def _calibrated(self, said: object) -> None:
        if isinstance(said, dict):
            self._wanted = Path(str(said.get("file")))
            self.messages.notice(
                tr("Calibrated: {file}. Test it before it is used.").format(file=said.get("file"))
            )
        self._session.models_changed()

    def ask_test(self) -> AcceptanceDialog | None:
        """Test one of the reader's own models beside the one in use, on the test films of the settings."""
        entry = self.chosen
        if entry is None or entry.shipped:
            return None
        films = self._session.settings.test_films
        dialog = AcceptanceDialog(
            self._session, entry.path, Path(films).expanduser() if films else None, self
        )
        dialog.setWindowTitle(tr("Test {name}").format(name=visible(entry.card.name)))
        dialog.activated.connect(partial(self._in_use, dialog.films))
        dialog.open()
        return dialog

    def _in_use(self, films: PlaceField, path: Path) -> None:
        """The first test that a model passed is the one for all that come later."""
        self._wanted = path
        settings = self._session.settings
        if films.place is not None and not settings.test_films:
            self._session.change_settings(replace(settings, test_films=str(films.place)))

    def _ask(self, arguments: Sequence[str], title: str, on_answer: Callable[[object], None]) -> None:
        question = self._question = Question(arguments, self)
        question.progressed.connect(lambda text: self.work.setText(f"{title}: {text}"))
        question.answered.connect(partial(self._asked, on_answer))
        question.failed.connect(partial(self._asked, self._not_done))
        self.work.setText(f"{title} …")
        self.messages.clear()
        self._show_card()
        question.ask()

    def _asked(self, then: Callable[[object], None], said: object) -> None:
        if self._question is not None:
            self._question.deleteLater()
        self._question = None
        self._show_card()
        then(said)

    def _not_done(self, said: object) -> None:
        self.messages.failure(str(said))

    def stop_asking(self) -> None:
        """End the calibration that runs; what was there before stays."""
        if self._question is not None:
            self._question.stop()
            self._question.deleteLater()
        self._question = None
        self._show_card()

    def _want_comparison(self) -> None:
        if self.chosen is not None:
            self.compareWanted.emit(self.chosen.path)

    def _submit(
        self,
        lane: Lane,
        title: str,
        work: Callable[[JobContext], Brought],
        on_done: Callable[[Brought], None],
        tried: str,
        *,
        shown: bool = False,
    ) -> None:
        self._jobs = {job for job in self._jobs if job.active}
        job = self._session.jobs.submit(lane, title, work, on_done, partial(self._failed, tried), shown=shown)
        self._jobs.add(job)

    def _failed(self, tried: str, error: BaseException) -> None:
        self.messages.failure(*words_for(error, tried))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what was asked."""
        self.stop_asking()
        for job in self._jobs:
            job.cancel()
        super().closeEvent(event)


class CheckpointDialog(QDialog):
    """What a published checkpoint does not say of itself: its critic, its grid, whose films it learned."""

    taken = Signal(object, object, str, int, str)
    """File, file of the critic or None, name, side of the grid in px, population."""

    def __init__(self, file: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Import a published checkpoint"))
        self.setMinimumWidth(560)
        self._file = file
        self.name = QLineEdit(f"healthygan-{file.stem}")
        self.critic = QLineEdit(str(_critic_beside(file) or ""))
        self.critic.setPlaceholderText(tr("none: the score comes from the map alone"))
        choose = QPushButton(tr("Choose…"))
        choose.clicked.connect(self._ask_critic)
        beside = QHBoxLayout()
        beside.addWidget(self.critic, 1)
        beside.addWidget(choose)
        self.size_px = QComboBox()
        self.size_px.addItems(["256", "128", "512"])
        self.population = QComboBox()
        self.population.addItems([one.value for one in Population])
        self.population.setCurrentText(Population.ANY.value)
        words = QLabel(
            tr(
                "Only weights are read; nothing else in the file is run. The model is uncalibrated until you "
                "calibrate it on healthy films of your own site."
            )
        )
        words.setWordWrap(True)
        words.setStyleSheet(f"color: {Colour.QUIET};")
        form = QFormLayout()
        form.addRow(tr("Checkpoint"), QLabel(file.name))
        form.addRow(tr("Critic (NNNNNN-D.ckpt)"), beside)
        form.addRow(tr("Name"), self.name)
        form.addRow(tr("Trained at (pixels)"), self.size_px)
        form.addRow(tr("Films of"), self.population)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(words)
        column.addWidget(buttons)

    def _ask_critic(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("The critic"), str(self._file.parent), tr(_CHECKPOINTS)
        )
        if name:
            self.critic.setText(name)

    def _take(self) -> None:
        critic = self.critic.text().strip()
        self.taken.emit(
            self._file,
            Path(critic) if critic else None,
            self.name.text().strip(),
            int(self.size_px.currentText()),
            self.population.currentText(),
        )
        self.accept()


def _critic_beside(file: Path) -> Path | None:
    """The critic of the same step, if it lies beside the generator."""
    if "-G" not in file.stem:
        return None
    critic = file.with_name(file.name.replace("-G", "-D"))
    return critic if critic.is_file() else None


CARD_WORDS = (
    *(
        marked("Model"),
        marked("Limits"),
        marked("Films it learned from"),
        marked("Training"),
        marked("Credit"),
    ),
    *(marked("kind"), marked("films"), marked("grid"), marked("calibration"), marked("use")),
    *(marked("weights"), marked("file"), marked("steps"), marked("time"), marked("device")),
    *(marked("software"), marked("imported from"), marked("critic imported from"), marked("started from")),
    *(marked("learning rate"), marked("batch"), marked("adversarial"), marked("seed")),
    *(marked("augmentation"), marked("adults"), marked("children"), marked("any age")),
    *(marked("ships with the program"), marked("when asked by name")),
    marked("when asked by name, uncalibrated"),
)
"""Words of a card, which the command line says in English."""


def _page(entry: ModelEntry) -> str:
    """The card as rich text; every word of the file is escaped."""
    parts = [f'<h2 style="margin: 4px 0 6px 0;">{html.escape(visible(entry.card.name))}</h2>']
    for section in card_sections(entry):
        title = html.escape(tr(section.title))
        parts.append(f'<p style="color: {Colour.ACCENT}; margin: 12px 0 3px 0;"><b>{title}</b></p>')
        parts.append('<table cellspacing="0" cellpadding="2" width="100%">')
        for name, value in section.rows:
            words = html.escape(_breakable(value))
            if name:
                parts.append(
                    f'<tr><td width="46%" style="color: {Colour.QUIET};">{html.escape(tr(name))}</td>'
                    f"<td>{words}</td></tr>"
                )
            else:
                parts.append(f'<tr><td colspan="2">{words}</td></tr>')
        parts.append("</table>")
    return "".join(parts)


def _breakable(text: str) -> str:
    """Long words (digests, paths) with places where a line may end."""
    return " ".join(
        "\u200b".join(word[first : first + 16] for first in range(0, len(word), 16))
        if len(word) > 30
        else word
        for word in text.split(" ")
    )
