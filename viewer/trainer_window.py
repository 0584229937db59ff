"""Training in a window of its own: a form for a new run, the history of runs, and how one run goes.

Each run is a process that outlives this window and the program; the window only reads its folder and
leaves requests there. Folders are read in the train lane, so that a slow share blocks nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import platformdirs
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QImage
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.errors import CannotWrite, ProductError
from core.files import make_folder, write_whole
from core.inference.analysis import model_name
from core.jobs import Job, JobContext, Lane
from core.models.collection import available_models, own_model_folder
from core.session import Session
from core.training.plan import TrainingPlan
from core.training.run_control import Request, ask
from core.training.run_progress import KnownRun, RunLook, RunReader, known_run, known_runs, plan_file
from viewer.acceptance_dialog import AcceptanceDialog
from viewer.language import tr
from viewer.messages import MessageBar, words_for
from viewer.place_field import PlaceField
from viewer.run_wish import RunWish, run_folder_for
from viewer.trainer_progress import TrainerProgress
from viewer.trainer_setup import TrainerSetup
from viewer.training_process import start_run

Brought = TypeVar("Brought")

_EACH_MS = 700
_HISTORY_EACH = 5  # looks at the run between two looks at the history
_STARTS_WITHIN_S = 90.0  # a process that has said nothing by then has died
_PATH = Qt.ItemDataRole.UserRole


def runs_folder() -> Path:
    """Where the runs of this user are kept."""
    return platformdirs.user_data_path("healthytwin", appauthor=False) / "runs"


class TrainerWindow(QWidget):
    """Train, watch, take up again, test. Closing it, or the program, leaves a training process alone."""

    def __init__(self, session: Session, parent: QWidget | None = None, runs: Path | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Train a model"))
        self.setMinimumSize(960, 600)
        self.resize(1280, 800)
        self._session = session
        self._runs = runs or runs_folder()
        self._known: tuple[KnownRun, ...] | None = None
        self._others: set[Path] = set()
        self._reader: RunReader | None = None
        self._look: RunLook | None = None
        self._looking: Job | None = None
        self._jobs: set[Job] = set()
        self._ticks = 0
        self._started_at = 0.0
        self.messages = MessageBar()
        self.setup = TrainerSetup(session.jobs, self._runs)
        self.setup.startWanted.connect(self.start)
        # So that no run is trained on the films that its model will be tested on.
        self.setup.test.set_place(self._test_films())
        self.progress = TrainerProgress()
        self.progress.pauseWanted.connect(lambda: self._request(Request.PAUSE))
        self.progress.stopWanted.connect(lambda: self._request(Request.STOP))
        self.progress.resumeWanted.connect(self.resume)
        self.progress.useWanted.connect(self.test_model)
        self.progress.pictureWanted.connect(self._read_picture)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setInterval(_EACH_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()
        own = own_model_folder(session.settings)
        self._submit(lambda ctx: available_models((own,)), self.setup.offer_models)
        self._tick()

    def _lay_out(self) -> None:
        self.history = QListWidget()
        self.history.setAccessibleName(tr("Runs"))
        self.history.setAlternatingRowColors(False)
        self.history.setWordWrap(True)
        self.history.setSpacing(3)
        self.history.currentItemChanged.connect(self._chosen)
        other = QPushButton(tr("Open run folder…"))
        other.clicked.connect(self.ask_run)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 6, 0, 0)
        column.addWidget(self.history, 1)
        column.addWidget(other)
        self.pages = QTabWidget()
        self.pages.addTab(self.setup, tr("New run"))
        self.pages.addTab(page, tr("Runs"))
        self.pages.setMinimumWidth(380)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(self.pages)
        split.addWidget(self.progress)
        split.setStretchFactor(0, 0)
        split.setStretchFactor(1, 1)
        split.setSizes([400, 880])
        split.setChildrenCollapsible(False)
        row = QHBoxLayout()
        row.setContentsMargins(8, 8, 8, 8)
        row.addWidget(split)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.messages)
        whole.addLayout(row, 1)

    # --- runs --------------------------------------------------------------------------------------

    @property
    def run(self) -> Path | None:
        """The folder of the run that is shown."""
        return self._reader.run if self._reader else None

    def show_run(self, run: Path) -> None:
        """Show another run."""
        if self.run == run:
            return
        self._reader, self._look = RunReader(run), None
        self._started_at = 0.0
        self.progress.show_run(run)
        self._mark_shown()
        self._tick()

    def ask_run(self) -> None:
        """Let the reader choose the folder of a run that lies elsewhere."""
        name = QFileDialog.getExistingDirectory(self, tr("Open run folder"), str(self._runs))
        if name:
            self.open_run(Path(name))

    def open_run(self, run: Path) -> None:
        """Add a run folder to the history and show it."""
        self._submit(lambda ctx: known_run(run), lambda found: self._opened(run, found))

    def start(self, wish: RunWish, plan: TrainingPlan) -> None:
        """Start a new run with what the form says; its plan is kept with it."""
        run = run_folder_for(self._runs, wish)
        try:
            make_folder(run)
            write_whole(plan_file(run), json.dumps(plan.to_json()).encode())
            start_run(run, wish.arguments())
        except ProductError as error:
            self.messages.failure(str(error))
            return
        self._follow(run)
        if any(known.standing.state.alive for known in self._known or ()):
            self.messages.notice(tr("Another run trains, too: both take longer than planned."))

    def resume(self) -> None:
        """Take the shown run up again where it stopped."""
        run = self.run
        if run is None:
            return
        try:
            start_run(run, ())
        except ProductError as error:
            self.progress.refuse(str(error))
            return
        self._follow(run)

    def _follow(self, run: Path) -> None:
        self.show_run(run)
        self._started_at = time.monotonic()
        self.progress.show_starting()
        self._ticks = 0
        self.pages.setCurrentIndex(1)

    def _opened(self, run: Path, found: KnownRun | None) -> None:
        if found is None:
            self.messages.failure(
                tr("{run} is no run folder. Choose a folder that a training made.").format(run=run)
            )
            return
        self.messages.clear()
        self._others.add(run)
        self.pages.setCurrentIndex(1)
        self.show_run(run)
        self._ticks = 0

    def _request(self, request: Request) -> None:
        run = self.run
        if run is not None:
            try:
                ask(run, request)
            except CannotWrite as error:
                self.messages.failure(str(error))
            self._tick()

    def test_model(self) -> AcceptanceDialog | None:
        """Open the test that a new model must pass before it is used."""
        look = self._look
        if look is None or look.model is None:
            return None
        # The frozen test of this site, the same for every model; else the films that this run kept apart.
        dialog = AcceptanceDialog(self._session, look.model, self._test_films() or look.test, self)
        dialog.activated.connect(partial(self._keep_test, dialog.films))
        dialog.open()
        return dialog

    def _test_films(self) -> Path | None:
        films = self._session.settings.test_films
        return Path(films).expanduser() if films else None

    def _keep_test(self, films: PlaceField, path: Path) -> None:
        """The first test that a model passed is the one for all that come later."""
        self.messages.notice(tr("{name} is in use from now on.").format(name=path.name))
        settings = self._session.settings
        if films.place is not None and not settings.test_films:
            self._session.change_settings(replace(settings, test_films=str(films.place)))

    # --- reading -----------------------------------------------------------------------------------

    def _tick(self) -> None:
        """Look at the run, and now and then at the history; never two looks at a time."""
        if self._looking is not None and self._looking.active:
            return
        if self._ticks % _HISTORY_EACH == 0:
            places = tuple(self._others)
            self._submit(lambda ctx: _history(self._runs, places), self._show_history)
        self._ticks += 1
        reader = self._reader
        if reader is not None:
            self._looking = self._submit(lambda ctx: reader.look(), lambda look: self._looked(reader, look))

    def _looked(self, reader: RunReader, look: RunLook) -> None:
        if reader is not self._reader:
            return
        self._look = look
        if self._started_at:
            if look.standing.state.alive or (look.standing.beat > 0 and self._spoke_since(look)):
                self._started_at = 0.0
                self.progress.began()
            elif time.monotonic() - self._started_at > _STARTS_WITHIN_S or _complaint(look):
                self._started_at = 0.0
                self.progress.refuse(
                    _complaint(look) or tr("The training process ended at once; see the log.")
                )
                self.progress.show_look(look)
                return
        self.progress.show_look(look)

    def _spoke_since(self, look: RunLook) -> bool:
        return time.time() - look.standing.beat < time.monotonic() - self._started_at

    def _show_history(self, runs: tuple[KnownRun, ...]) -> None:
        if runs == self._known:
            return
        self._known = runs
        self.history.blockSignals(True)
        self.history.clear()
        for run in runs:
            item = QListWidgetItem(_row(run))
            item.setData(_PATH, run.path)
            item.setToolTip(str(run.path))
            self.history.addItem(item)
        if not runs:
            item = QListWidgetItem(tr("No run yet. A new one begins under New run."))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.history.addItem(item)
        self.history.blockSignals(False)
        self._mark_shown()
        alive = [run for run in runs if run.standing.state.alive]
        if self._reader is None and alive:
            # A training that went on while no window was there.
            self.show_run(alive[0].path)
            self.pages.setCurrentIndex(1)

    def _mark_shown(self) -> None:
        """The shown run is the selected one of the list."""
        self.history.blockSignals(True)
        for place in range(self.history.count()):
            if self.history.item(place).data(_PATH) == self.run:
                self.history.setCurrentRow(place)
        self.history.blockSignals(False)

    def _chosen(self, item: QListWidgetItem | None) -> None:
        path = item.data(_PATH) if item is not None else None
        if isinstance(path, Path):
            self.show_run(path)

    def _read_picture(self, path: Path) -> None:
        self._submit(lambda ctx: _picture(path), lambda image: self.progress.show_picture(path, image))

    def _submit(self, work: Callable[[JobContext], Brought], on_done: Callable[[Brought], None]) -> Job:
        self._jobs = {job for job in self._jobs if job.active}
        job = self._session.jobs.submit(
            Lane.TRAIN,
            tr("Looking at the training"),
            work,
            on_done,
            lambda error: self.messages.failure(*words_for(error, tr("Look at the training"))),
            shown=False,
        )
        self._jobs.add(job)
        return job

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop looking; what trains goes on."""
        self._timer.stop()
        self.setup.stop_looking()
        for job in self._jobs:
            job.cancel()
        super().closeEvent(event)


def _row(run: KnownRun) -> str:
    standing = run.standing
    share = f", {standing.done / standing.total:.0%}" if standing.total > 1 else ""
    kind = f"{model_name(run.kind)} {run.preset}, " if run.kind else ""
    state = standing.state.value + ("" if standing.state.value == "finished" else share)
    return f"{run.path.name}\n{kind}{state}"


def _complaint(look: RunLook) -> str:
    """What a process said before it could keep a log: wrong options, a missing library."""
    _, found, words = look.log.rpartition("Error: ")
    return " ".join(words.split()) if found and not look.standing.state.alive else ""


def _history(folder: Path, others: tuple[Path, ...]) -> tuple[KnownRun, ...]:
    found = {run.path: run for run in known_runs(folder)}
    for place in others:
        run = known_run(place)
        if run is not None:
            found[place] = run
    return tuple(sorted(found.values(), key=lambda run: run.changed, reverse=True))


def _picture(path: Path) -> QImage:
    """In the train lane: a QImage may be made in any thread."""
    return QImage(str(path))
