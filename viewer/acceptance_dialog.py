"""May this new model be used? The frozen local test beside the model in use, and its verdict.

The test runs in a process of its own (`healthytwin accept`). A model that passes is copied to the reader's
own models and answers at once; any other changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.jobs import JobContext, Lane
from core.models.collection import current_model, own_model_folder
from core.models.model_file import read_card
from core.session import Session
from viewer.language import marked, tr
from viewer.messages import words_for
from viewer.place_field import PlaceField
from viewer.theme import Colour
from viewer.training_process import Question

_RULES = marked(
    "The new model must be calibrated, raise no more false alarms than its calibration promises, tell ill "
    "from healthy, be no worse than the model in use on the same patients, and leave healthy films alone. "
    "It takes 10 healthy and 10 ill patients of one source at least, on whom neither model was trained."
)


class AcceptanceDialog(QDialog):
    """Choose test films, test, read the verdict. `activated(path)`: the model is in use from now on."""

    activated = Signal(object)

    def __init__(
        self, session: Session, model: Path, test: Path | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Test {name}").format(name=model.parent.name))
        self.resize(900, 620)
        self._session = session
        self._model = model
        self._current: Path | None = None
        self._question: Question | None = None
        rules = QLabel(tr(_RULES))
        rules.setWordWrap(True)
        rules.setStyleSheet(f"color: {Colour.QUIET};")
        self.films = PlaceField(
            tr("Test films"), tr("folder with healthy and abnormal, or list"), session.jobs
        )
        self.films.set_place(test)
        self.films.changed.connect(self._show_state)
        self._beside = QLabel(tr("Looking for the model in use…"))
        self._beside.setTextFormat(Qt.TextFormat.PlainText)
        self._beside.setWordWrap(True)
        self.outcome = QLabel()
        self.outcome.setWordWrap(True)
        self.outcome.setTextFormat(Qt.TextFormat.PlainText)
        self.outcome.setAccessibleName(tr("Verdict"))
        self.figures = QTableWidget(0, 4)
        self.figures.setHorizontalHeaderLabels(
            [tr("Measure"), tr("New model"), tr("Model in use"), tr("Difference")]
        )
        self.figures.setAccessibleName(tr("Figures of both models"))
        self.figures.verticalHeader().hide()
        self.figures.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        header = self.figures.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setFixedHeight(8)
        self._busy.setTextVisible(False)
        self.test = QPushButton(tr("Test"))
        self.test.setDefault(True)
        self.test.clicked.connect(self.start)
        close = QPushButton(tr("Close"))
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        buttons.addWidget(self.test)
        column = QVBoxLayout(self)
        column.addWidget(rules)
        column.addWidget(self.films)
        column.addWidget(self._beside)
        column.addWidget(self._busy)
        column.addWidget(self.outcome)
        column.addWidget(self.figures, 1)
        column.addStretch(0)
        column.addLayout(buttons)
        self._job = session.jobs.submit(
            Lane.TRAIN,
            tr("Looking for the model in use"),
            lambda ctx: _beside(model, own_model_folder(session.settings)),
            self._show_current,
            lambda error: self._fail(*words_for(error, tr("Look for the model in use"))),
            shown=False,
        )
        self._show_state()

    def start(self) -> None:
        """Test the model on the chosen films."""
        place = self.films.place
        if place is None or self._question is not None:
            return
        current = ("--current", str(self._current)) if self._current else ()
        device = ("--device", self._session.settings.device)
        question = Question(
            ("accept", str(self._model), "--test", str(place), *current, *device, "--json"), parent=self
        )
        question.progressed.connect(lambda words: self._say(words, Colour.QUIET))
        question.answered.connect(self._take_verdict)
        question.failed.connect(self._fail)
        self._question = question
        self.figures.setRowCount(0)
        self._say(tr("Starting the test…"), Colour.QUIET)
        self._show_state()
        question.ask()

    def _show_current(self, found: tuple[Path | None, str]) -> None:
        self._current, name = found
        none = tr("No model for these films is in use to compare with.")
        self._beside.setText(tr("Compared with {name}.").format(name=name) if self._current else none)
        self._show_state()

    def _take_verdict(self, value: object) -> None:
        self._question = None
        self._show_state()
        try:
            verdict = dict(value)  # type: ignore[call-overload]  # an object of JSON, or it raises
            self._fill(verdict["sources"])
            passed, reasons = verdict["passed"] is True, [str(one) for one in verdict["reasons"]]
            remarks = [str(one) for one in verdict["remarks"]]
        except (KeyError, TypeError, ValueError):
            self._fail(tr("The test gave an answer that makes no sense."))
            return
        if not passed:
            words = "\n".join([tr("Not passed. The model in use stays."), *reasons, *remarks])
            self._say(words, Colour.WARNING)
            return
        self._say("\n".join([tr("Passed. Taking it into use…"), *remarks]), Colour.TEXT)
        folder = own_model_folder(self._session.settings)
        self._job = self._session.jobs.submit(
            Lane.TRAIN,
            tr("Taking the new model into use"),
            lambda ctx: _activate(self._model, verdict, folder, ctx),
            self._activated,
            lambda error: self._fail(words_for(error, tr("Take the model into use"))[0]),
            shown=False,
        )

    def _activated(self, path: Path) -> None:
        self._say(tr("Passed. It is in use from now on: {path}").format(path=path), Colour.ACCENT)
        self._session.models_changed()
        self.activated.emit(path)

    def _fill(self, sources: list[Mapping[str, Any]]) -> None:
        rows: list[tuple[str, ...]] = []
        for source in sources:
            films = tr("{healthy} healthy, {abnormal} abnormal").format(
                healthy=source["healthy"], abnormal=source["abnormal"]
            )
            rows.append((f"{source['source']}: {films}", "", "", ""))
            rows += [
                (f"    {name}", *(_figure(source[side].get(name)) for side in _SIDES))
                for name in source["candidate"]
            ]
        self.figures.setRowCount(len(rows))
        for row, cells in enumerate(rows):
            for column, text in enumerate(cells):
                self.figures.setItem(row, column, QTableWidgetItem(text))
        self.figures.resizeRowsToContents()
        self._show_state()

    def _fail(self, sentence: str, details: str = "") -> None:
        self._question = None
        self._say(sentence, Colour.FAILURE)
        self._show_state()

    def _say(self, words: str, colour: Colour) -> None:
        self.outcome.setText(words)
        self.outcome.setStyleSheet(f"color: {colour};")

    def _show_state(self) -> None:
        asked = self._question is not None
        self._busy.setVisible(asked)
        self.figures.setVisible(self.figures.rowCount() > 0)
        self.films.setEnabled(not asked)
        self.test.setEnabled(self.films.place is not None and not asked and not self._job.active)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End the test, if one runs; nothing is changed then."""
        if self._question is not None:
            self._question.stop()
        self._job.cancel()
        super().closeEvent(event)


_SIDES = ("candidate", "current", "difference")


def _figure(values: Mapping[str, float | None] | None) -> str:
    if not values or any(values.get(name) is None for name in ("value", "low", "high")):
        return ""
    return f"{values['value']:.3f} [{values['low']:.3f}, {values['high']:.3f}]"


def _beside(model: Path, folder: Path) -> tuple[Path | None, str]:
    """In the train lane: the model that answers now for the films of the new one, and its name."""
    current = current_model(model, (folder,))
    return current, read_card(current).name if current else ""


def _activate(model: Path, verdict: Mapping[str, Any], folder: Path, ctx: JobContext) -> Path:
    """In the train lane: the test's own module imports torch, which the window never does."""
    from core.training.acceptance import Verdict, activate

    ctx.checkpoint()
    return activate(model, Verdict.from_json(verdict), folder)
