"""About the program: what it is and is not, versions, models with their digests, this computer, licences."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer, qVersion
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

import core
from core.jobs import Job, JobContext, Lane
from core.models.collection import ModelEntry, list_models, own_model_folder
from core.resources import resource_path
from core.session import Session
from viewer.computer import Computer, card_memory, fitness, look, rows
from viewer.language import marked, tr
from viewer.support_desk import copy_for_support
from viewer.support_text import LIBRARIES, version_rows
from viewer.theme import Colour, icon, scaled, take_size
from viewer.watch import watch

Answer = TypeVar("Answer")

_LOOK_MS = 1000
_VERSION_HEAD = (marked("What"), marked("Version"))
_MODEL_HEAD = (
    marked("Model"),
    marked("Kind"),
    marked("Version"),
    marked("Calibration"),
    marked("Digest of the weights (SHA-256)"),
)


class AboutWindow(QWidget):
    """Four pages; the models are read in the read lane, the computer is looked at while its page is shown."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("About HealthyTwin"))
        take_size(self, scaled(820), scaled(560))
        self._session = session
        self._jobs: set[Job] = set()
        self._card: tuple[int, int] | None = None
        self.versions = _table(tr("Versions"), _VERSION_HEAD)
        self.models = _table(tr("Models"), _MODEL_HEAD)
        self.computer = _table(tr("This computer"), (marked("What"), marked("How much")))
        self.fitness = _words_label()
        self.licences = QComboBox()
        self.licences.setAccessibleName(tr("Which licence"))
        self.licence = QPlainTextEdit()
        self.licence.setReadOnly(True)
        self.licence.setAccessibleName(tr("Text of the licence"))
        self.pages = QTabWidget()
        self.copy = QPushButton(tr("Copy for support"))
        self.copy.setToolTip(tr("Versions, computer, models and the last messages, without any patient data"))
        self.copy.clicked.connect(self._copy)
        self._copied = QLabel(tr("Copied."))
        self._copied.hide()
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOK_MS)
        self._clock.timeout.connect(self.look)
        self._build()
        _fill(self.versions, version_rows(qVersion()))
        watch(self, session.device_changed, self._ask_card)
        watch(self, session.collection_changed, self._read_models)
        self._read_models()
        self._ask_card(session.device_text)

    # --- built once --------------------------------------------------------------------------------

    def _build(self) -> None:
        for name, text in _licence_texts().items():
            self.licences.addItem(name, text)
        self.licences.currentIndexChanged.connect(
            lambda _index: self.licence.setPlainText(self.licences.currentData())
        )
        self.licence.setPlainText(self.licences.currentData())
        self.pages.addTab(_page(self._head(), self.versions), tr("Program"))
        self.pages.addTab(_page(self.models), tr("Models"))
        self.pages.addTab(_page(self.fitness, self.computer), tr("This computer"))
        self.pages.addTab(_page(self.licences, self.licence), tr("Licences"))
        self.pages.currentChanged.connect(self._page_chosen)
        self.pages.tabBar().setAccessibleName(tr("Pages"))
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._copied)
        buttons.addWidget(self.copy)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.addWidget(self.pages, 1)
        column.addLayout(buttons)

    def _head(self) -> QWidget:
        picture = QLabel()
        picture.setPixmap(icon("app").pixmap(scaled(48), scaled(48)))
        title = QLabel(f"HealthyTwin {core.__version__}")
        title.setProperty("textSize", "heading")
        research = QLabel(tr(core.RESEARCH_USE))
        research.setStyleSheet(f"color: {Colour.WARNING};")
        what = _words_label(
            tr(
                "Shows a chest film beside the healthy twin that a model imagines for it, and the difference "
                "between the two. No authority has cleared this program; a twin is invented, and what it "
                "shows was never seen in the patient. Everything stays on this computer. Licence: Apache-2.0."
            )
        )
        words = QVBoxLayout()
        for label in (title, research, what):
            words.addWidget(label)
        head = QWidget()
        row = QHBoxLayout(head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(scaled(14))
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        return head

    # --- what is known -----------------------------------------------------------------------------

    def look(self) -> None:
        """Look at the computer anew."""
        computer = self._seen()
        _fill(self.computer, rows(computer))
        self.fitness.setText(fitness(computer))

    def show_computer(self) -> None:
        """Turn to the page about this computer."""
        self.pages.setCurrentIndex(2)

    def _seen(self) -> Computer:
        return look(self._session.device_text, self._session.image_memory, self._card)

    def _page_chosen(self, page: int) -> None:
        if page == 2:
            self.look()
            self._clock.start()
        else:
            self._clock.stop()

    def _read_models(self) -> None:
        folder = own_model_folder(self._session.settings)
        self._ask(Lane.READ, tr("Looking for models"), lambda ctx: list_models(folder), self._show_models)

    def _show_models(self, models: tuple[ModelEntry, ...]) -> None:
        _fill(self.models, [_model_cells(model) for model in models])

    def _ask_card(self, device: str) -> None:
        """Only where the networks' library is loaded and uses a card: the question itself would load it."""
        if "CUDA" in device:
            self._ask(
                Lane.GPU, tr("Looking at the graphics card"), lambda ctx: card_memory(), self._show_card
            )

    def _show_card(self, card: tuple[int, int] | None) -> None:
        self._card = card
        self.look()

    def _copy(self) -> None:
        self._keep(copy_for_support(self._session, lambda _text: self._copied.show()))

    def _ask(
        self, lane: Lane, title: str, work: Callable[[JobContext], Answer], show: Callable[[Answer], None]
    ) -> None:
        self._keep(self._session.jobs.submit(lane, title, work, show, shown=False))

    def _keep(self, job: Job) -> None:
        self._jobs = {one for one in self._jobs if one.active} | {job}

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody waits for answers any more."""
        self._clock.stop()
        for job in self._jobs:
            job.cancel()
        super().closeEvent(event)


def _table(name: str, head: Sequence[str]) -> QTableWidget:
    table = QTableWidget(0, len(head))
    table.setHorizontalHeaderLabels([tr(words) for words in head])
    table.setAccessibleName(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    return table


def _fill(table: QTableWidget, cells: Sequence[Sequence[str]]) -> None:
    """Show rows; what is the same already stays, and with it the selection."""
    if table.rowCount() != len(cells):
        table.setRowCount(len(cells))
    for row, values in enumerate(cells):
        for column, value in enumerate(values):
            item = table.item(row, column)
            if item is None:
                item = QTableWidgetItem()
                table.setItem(row, column, item)
            if item.text() != value:
                item.setText(value)
                item.setToolTip(value)


def _model_cells(model: ModelEntry) -> tuple[str, ...]:
    card = model.card
    calibrated = tr("calibrated") if model.calibration is not None else tr("uncalibrated")
    kind = f"{card.kind} ({card.preset}, {card.population})"
    return card.name, kind, card.version, calibrated, card.weights_digest


def _words_label(words: str = "") -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _page(*widgets: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setSpacing(scaled(10))
    for widget in widgets:
        column.addWidget(widget, int(isinstance(widget, QTableWidget | QPlainTextEdit)))
    return page


@lru_cache(maxsize=1)
def _licence_texts() -> dict[str, str]:
    """Licences of the program, of what ships with it, and of libraries, by name; absent ones are left out."""
    root = resource_path().parent
    texts = {
        tr("HealthyTwin (Apache-2.0)"): _first_text(root / "LICENSE", "healthytwin", "LICENSE"),
        tr("Credits and patents (NOTICE)"): _first_text(root / "NOTICE", "healthytwin", "NOTICE"),
    }
    for path in sorted(resource_path("licenses").glob("*.txt")):
        texts[path.stem] = path.read_text(encoding="utf-8")
    for library in LIBRARIES:
        texts[library] = _library_licence(library)
    return {name: text for name, text in texts.items() if text}


def _first_text(path: Path, distribution: str, name: str) -> str:
    """A file of the source tree or bundle, else that of the installed package."""
    if path.is_file():
        return path.read_text(encoding="utf-8")
    return _file_of(distribution, name)


def _library_licence(library: str) -> str:
    """What an installed library says of its licence, then the text of it."""
    try:
        facts = importlib.metadata.metadata(library)
    except importlib.metadata.PackageNotFoundError:
        return ""
    said = [*(facts.get_all("License-Expression") or []), *(facts.get_all("Classifier") or [])]
    said = [
        one.removeprefix("License :: OSI Approved :: ") for one in said if "::" not in one or "License" in one
    ]
    head = f"{library} {facts['Version']}\n{', '.join(filter(None, said))}"
    return f"{head}\n\n{_file_of(library, 'LICEN')}".strip()


def _file_of(distribution: str, name: str) -> str:
    try:
        files = importlib.metadata.distribution(distribution).files or ()
    except importlib.metadata.PackageNotFoundError:
        return ""
    for file in files:
        if name in file.name.upper() and ".dist-info" in str(file):
            path = Path(str(file.locate()))
            return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return ""
