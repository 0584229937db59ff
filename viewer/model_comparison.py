"""Two models on the same film: A at the left of a divider, B at the right, over one picture.

Each half is a viewport of its own with its own title, so that no map ever stands under the other model's
name; together they show one film from one place. Films are read in the read lane, models are asked through
the session.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

import core
from core.imaging.display import Grey, default_grey, equivalent_window
from core.imaging.frame import Frame, Window
from core.imaging.heatmap import HeatmapStyle
from core.imaging.model_input import twin_in_modality_values
from core.inference.analysis import Analysis, Answer, ModelChoice, model_name
from core.jobs import Job, JobContext, Lane
from core.models.collection import ModelEntry, list_models, own_model_folder
from core.session import Session
from viewer.image_view import ImageView, header_px
from viewer.language import tr
from viewer.messages import words_for
from viewer.panel import StatusKind
from viewer.picture import Picture
from viewer.pointer import Tool, WindowBasis
from viewer.theme import Colour
from viewer.viewpoint import Mapping, Viewpoint, fitted
from viewer.watch import watch
from viewer.wish import NO_MAP, Panel, TwinMode, Wish, drawn_map, resolve

if TYPE_CHECKING:
    from core.dicom.index import Instance, StudyIndex

Brought = TypeVar("Brought")

_BORDER_PX = 2
_HANDLE_PX = 6
_KEY_STEP = 0.05
_SHOWN = {"Healthy twin": Panel.TWIN, "Difference": Panel.DIFFERENCE}


@dataclass(slots=True)
class _Side:
    """One model's half: what was asked, and what came. Everything that came belongs to `asked`."""

    letter: str
    view: ImageView
    choice: QComboBox
    words: QLabel
    asked: tuple[Frame, Path] | None = None
    analysis: Analysis | None = None
    twin: Picture | None = None
    message: str = ""
    kind: StatusKind = StatusKind.NOT_RUN
    job: Job | None = None


class ModelComparison(QWidget):
    """Choose two models, drag the divider; wheel and Up/Down go through the films, Left/Right move it.

    Dragging on the film changes the window, the middle button pans, the right one zooms, Ctrl and the wheel
    zoom. GUI thread only.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Compare two models"))
        self.setMinimumSize(760, 520)
        self.resize(1180, 780)
        self._session = session
        self._films: tuple[tuple[Instance, int], ...] = ()
        self._place = 0
        self._frame: Frame | None = None
        self._picture: Picture | None = None
        self._grey: Grey | None = None
        self._viewpoint = Viewpoint(0, 0, 1)
        self._fits = True
        self._wanted: Path | None = None
        self._jobs: set[Job] = set()
        self.sides = tuple(self._made_side(letter) for letter in "AB")
        self.shown = QComboBox()
        self.shown.addItems(list(_SHOWN))
        self.shown.setAccessibleName(tr("What is compared"))
        self.shown.currentTextChanged.connect(self._refresh)
        self._build()
        watch(self, session.collection_changed, self._read_models)
        self._read_models()
        self._take_open_films()

    # --- built once --------------------------------------------------------------------------------

    def _made_side(self, letter: str) -> _Side:
        view = ImageView()
        view.setMinimumSize(1, 160)
        view.setAccessibleName(tr("Model {letter}, synthetic").format(letter=letter))
        view.set_tool(Tool.WINDOW)
        view.installEventFilter(self)
        choice = QComboBox()
        choice.setAccessibleName(tr("Model {letter}").format(letter=letter))
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        choice.setMinimumContentsLength(24)
        words = QLabel()
        words.setWordWrap(True)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setMinimumHeight(38)
        words.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        side = _Side(letter, view, choice, words)
        choice.currentIndexChanged.connect(partial(self._ask_again, side))
        view.windowed.connect(self._take_window)
        view.viewpointChanged.connect(partial(self._take_viewpoint, side))
        view.scrolled.connect(self.step)
        view.hovered.connect(partial(self._point_at, side))
        view.cursorLeft.connect(partial(self._point_at, side, None, None))
        view.maximiseRequested.connect(self.fit)
        return side

    def _build(self) -> None:
        one, other = self.sides
        self.stage = QSplitter(Qt.Orientation.Horizontal)
        self.stage.setHandleWidth(_HANDLE_PX)
        self.stage.setStyleSheet(f"QSplitter::handle {{ background: {Colour.ACCENT}; }}")
        self.stage.addWidget(one.view)
        self.stage.addWidget(other.view)
        self.stage.setSizes([1000, 1000])
        self.stage.installEventFilter(self)
        self.stage.handle(1).setToolTip(tr("Drag to see more of A or of B (keys Left and Right)"))
        self._before, self._next = QPushButton("◀"), QPushButton("▶")
        for button, words, steps in ((self._before, tr("Film before"), -1), (self._next, tr("Next film"), 1)):
            button.setToolTip(
                tr("{what} ({key}, wheel)").format(what=words, key="Up" if steps < 0 else "Down")
            )
            button.setAccessibleName(words)
            button.setMaximumWidth(36)
            button.clicked.connect(partial(self.step, steps))
        self._name = QLabel(tr("No film"))
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        folder = QPushButton(tr("Open folder…"))
        folder.clicked.connect(self.ask_folder)
        top = QHBoxLayout()
        top.setSpacing(8)
        for label, widget in (("A", one.choice), ("B", other.choice)):
            letter = QLabel(label)
            letter.setStyleSheet("font-weight: bold;")
            top.addWidget(letter)
            top.addWidget(widget, 1)
        top.addWidget(QLabel(tr("show")))
        top.addWidget(self.shown)
        films = QHBoxLayout()
        films.setSpacing(8)
        films.addWidget(self._before)
        films.addWidget(self._next)
        films.addWidget(self._name, 1)
        research = QLabel(tr(core.RESEARCH_USE))
        research.setStyleSheet(f"color: {Colour.WARNING};")
        films.addWidget(research)
        films.addWidget(folder)
        below = QHBoxLayout()
        below.setSpacing(16)
        below.addWidget(one.words, 1)
        below.addWidget(other.words, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.addLayout(top)
        column.addWidget(self.stage, 1)
        column.addLayout(below)
        column.addLayout(films)

    # --- which models, which films -----------------------------------------------------------------

    def _read_models(self) -> None:
        folder = own_model_folder(self._session.settings)
        self._submit(
            tr("Looking for models"),
            lambda ctx: list_models(folder),
            self._offer,
            tr("List the models"),
            shown=False,
        )

    def _offer(self, entries: tuple[ModelEntry, ...]) -> None:
        for number, side in enumerate(self.sides):
            before = self._wanted if number and self._wanted else side.choice.currentData()
            side.choice.blockSignals(True)
            side.choice.clear()
            for entry in entries:
                words = f"{entry.card.name} ({entry.card.weights_digest[:8]})"
                side.choice.addItem(words, entry.path)
                side.choice.setItemData(side.choice.count() - 1, str(entry.path), Qt.ItemDataRole.ToolTipRole)
            paths = [entry.path for entry in entries]
            side.choice.setCurrentIndex(
                paths.index(before) if before in paths else _first_choice(number, entries)
            )
            side.choice.blockSignals(False)
            self._ask(side)

    def choose(self, path: Path) -> None:
        """Make a model B, beside the A that is there; if it is A already, both are the same."""
        self._wanted = path
        place = self.sides[1].choice.findData(path)
        if place >= 0:
            self.sides[1].choice.setCurrentIndex(place)

    def _take_open_films(self) -> None:
        index, selection = self._session.index, self._session.selection
        if index is None or selection is None:
            self._refresh()
            return
        films = _films_of(index)
        here = index.frames_of(selection.series)[selection.position]
        self.show_films(films, films.index(here))

    def ask_folder(self) -> None:
        """Let the reader choose a folder of films."""
        folder = QFileDialog.getExistingDirectory(self, tr("Open folder"), self._session.settings.last_folder)
        if folder:
            self.open_folder(Path(folder))

    def open_folder(self, folder: Path) -> None:
        """Go through the films of a folder; the open study stays as it is."""
        self._submit(
            tr("Looking through {name}").format(name=folder.name),
            partial(_scanned, folder),
            lambda films: (
                self.show_films(films, 0) if films else self._say_film(tr("No image is in this folder."))
            ),
            tr("Open {name}").format(name=folder.name),
        )

    def _folder_read(self, films: tuple[tuple[Instance, int], ...]) -> None:
        if films:
            self.show_films(films, 0)
        else:
            self._say_film(tr("No image is in this folder."))

    def show_films(self, films: tuple[tuple[Instance, int], ...], place: int) -> None:
        """Go through these images from one of them."""
        self._films = films
        for side in self.sides:
            side.view.set_single_image(len(films) <= 1)
        self._show(place)

    def step(self, steps: int) -> None:
        """Go on by some films; there is no film after the last."""
        if self._films:
            place = min(max(self._place + steps, 0), len(self._films) - 1)
            if place != self._place:
                self._show(place)

    def _show(self, place: int) -> None:
        self._place = place
        self._leave()
        instance, number = self._films[place]
        name = instance.named_path.name
        words = tr("{place} of {count} · {name}")
        self._say_film(words.format(place=place + 1, count=len(self._films), name=name))
        self._before.setEnabled(place > 0)
        self._next.setEnabled(place < len(self._films) - 1)
        self._refresh()
        self._submit(
            tr("Reading {name}").format(name=instance.named_path.name),
            partial(_read, instance, number),
            partial(self._film_read, (instance, number)),
            tr("Open {name}").format(name=instance.named_path.name),
        )

    def _film_read(self, film: tuple[Instance, int], frame: Frame) -> None:
        if not self._films or self._films[self._place] != film:
            return
        self._frame, self._picture, self._grey = frame, Picture.of_frame(frame), default_grey(frame)
        self.fit()
        for side in self.sides:
            self._ask(side)

    def _leave(self) -> None:
        """Nothing of the film before stays."""
        self._frame = self._picture = self._grey = None
        for side in self.sides:
            self._forget(side)

    def _say_film(self, words: str) -> None:
        self._name.setText(words)

    # --- asking ------------------------------------------------------------------------------------

    def _ask_again(self, side: _Side, index: int) -> None:
        self._ask(side)

    def _ask(self, side: _Side) -> None:
        self._forget(side)
        frame, path = self._frame, side.choice.currentData()
        if frame is None or not isinstance(path, Path):
            self._refresh()
            return
        asked = side.asked = (frame, path)
        side.message, side.kind = tr("Analyzing …"), StatusKind.RUNNING
        self._refresh()
        side.job = self._session.ask(
            frame, path, partial(self._answered, side, asked), partial(self._not_answered, side, asked)
        )

    def _forget(self, side: _Side) -> None:
        if side.job is not None:
            side.job.cancel()
        side.asked = side.analysis = side.twin = side.job = None
        side.message, side.kind = "", StatusKind.NOT_RUN

    def _answered(self, side: _Side, asked: tuple[Frame, Path], answer: Answer) -> None:
        frame = asked[0]
        if side.asked is not asked or answer.frame_digest != frame.digest:
            return
        if not answer.analyses:
            reasons = [reason for refusal in answer.refusals for reason in refusal.suitability.reasons]
            side.message, side.kind = "\n".join(["No map:", *reasons]), StatusKind.UNSUITABLE
            self._refresh()
            return
        side.analysis = answer.analyses[0]
        side.message, side.kind = tr("Drawing the healthy twin …"), StatusKind.RUNNING
        self._refresh()
        detail = self._session.settings.detail_preserving_twin
        self._submit(
            tr("Drawing the healthy twin"),
            partial(_twin, frame, side.analysis, detail),
            partial(self._twin_drawn, side, asked),
            tr("Draw the healthy twin"),
            shown=False,
        )

    def _not_answered(self, side: _Side, asked: tuple[Frame, Path], error: BaseException) -> None:
        if side.asked is asked:
            side.message, side.kind = (
                words_for(error, tr("Ask model {letter}").format(letter=side.letter))[0],
                StatusKind.FAILED,
            )
            self._refresh()

    def _twin_drawn(self, side: _Side, asked: tuple[Frame, Path], values: NDArray[np.float32]) -> None:
        if side.asked is asked:
            side.twin = Picture.of_modality_values(values, asked[0])
            side.message = ""
            self._refresh()

    # --- what is shown -----------------------------------------------------------------------------

    def _refresh(self) -> None:
        for side in self.sides:
            self._show_side(side)
        self._look()

    def _show_side(self, side: _Side) -> None:
        frame, grey, analysis = self._frame, self._grey, side.analysis
        panel = _SHOWN[self.shown.currentText()]
        wish = Wish(status=side.message, status_kind=side.kind)
        if frame is not None and grey is not None:
            answer = None
            if analysis is not None:
                answer = Answer(frame.digest, ModelChoice(analysis.card.kind), (analysis,))
                wish = replace(wish, opinion=analysis.card.kind, style=HeatmapStyle(analysis.threshold))
            mode = _mode(self._session.settings.detail_preserving_twin) if side.twin is not None else None
            wish = replace(wish, frame=frame, grey=grey, answer=answer, twin_mode=mode)
        drawn = drawn_map(wish) if panel is Panel.DIFFERENCE else NO_MAP
        content = resolve(wish, self._viewpoint, drawn)[panel]
        name = analysis.card.name if analysis is not None else side.choice.currentText()
        what = tr("healthy twin, synthetic") if panel is Panel.TWIN else tr("difference to its healthy twin")
        picture = side.twin if panel is Panel.TWIN else (self._picture if analysis is not None else None)
        message = side.message
        if frame is None:
            message = (
                tr("Open a study, or a folder here, to compare on its films.")
                if not self._films
                else tr("Reading …")
            )
        side.view.set_content(
            replace(
                content,
                title=f"{side.letter}  {name}",
                subtitle="",
                status=what,
                status_kind=StatusKind.NOT_RUN,
                message="" if picture is not None else message,
            )
        )
        side.view.set_picture(picture)
        levels = None if picture is None or grey is None else picture.levels_of(grey, False)
        side.view.set_levels(levels)
        side.view.set_window_basis(self._basis())
        side.words.setText(_scores(side))

    def _basis(self) -> WindowBasis | None:
        if self._frame is None or self._picture is None or self._grey is None:
            return None
        window, falls = equivalent_window(self._grey)
        lowest, highest = self._picture.value_range
        return WindowBasis(window, lowest, highest, self._frame.inverted != falls)

    def _take_window(self, window: Window) -> None:
        if self._frame is not None:
            self._grey = window
            self._refresh()

    # --- from where --------------------------------------------------------------------------------

    def fit(self) -> None:
        """All of the film, as large as the window allows."""
        if self._frame is not None:
            self._fits = True
            width, height = self._stage_size()
            shape = (self._frame.rows, self._frame.columns)
            self._viewpoint = fitted(shape, width, height, aspect=self._aspect())
        self._look()

    def _stage_size(self) -> tuple[float, float]:
        """Room for the film, both halves together."""
        area = self.stage.rect()
        return (
            max(area.width() - 2.0 * _BORDER_PX, 1.0),
            max(area.height() - header_px() - 1.0 * _BORDER_PX, 1.0),
        )

    def _aspect(self) -> float:
        return self.sides[0].view.mapping.aspect

    def _look(self) -> None:
        """Give each half the viewpoint with which both together show one film."""
        width, height = self._stage_size()
        whole = Mapping(self._viewpoint, width, height, self._aspect())
        for side in self.sides:
            area = side.view.viewport
            row, column = whole.to_frame(side.view.x() + max(area.width(), 1) / 2, max(area.height(), 1) / 2)
            side.view.set_viewpoint(replace(self._viewpoint, row=row, column=column))

    def _take_viewpoint(self, side: _Side, wished: Viewpoint) -> None:
        width, height = self._stage_size()
        mapping = replace(side.view.mapping, viewpoint=wished)
        row, column = mapping.to_frame(width / 2 - side.view.x(), height / 2)
        if self._frame is not None:
            row = min(max(row, 0.0), float(self._frame.rows))
            column = min(max(column, 0.0), float(self._frame.columns))
        self._fits = False
        self._viewpoint = replace(wished, row=row, column=column)
        self._look()

    def _point_at(self, side: _Side, row: float | None, column: float | None) -> None:
        for other in self.sides:
            place = None if other is side or row is None or column is None else (row, column)
            other.view.set_cursor_place(place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The halves follow the divider and the window."""
        if event.type() is QEvent.Type.Resize:
            if self._fits and watched is self.stage:
                self.fit()
            else:
                self._look()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down: films. Left and Right: the divider. Escape: all of the film."""
        films = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_PageDown: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageUp: -1,
        }
        shares = {Qt.Key.Key_Left: -_KEY_STEP, Qt.Key.Key_Right: _KEY_STEP}
        key = Qt.Key(event.key())
        if key in films:
            self.step(films[key])
        elif key in shares:
            self.move_divider(shares[key])
        elif key is Qt.Key.Key_Escape:
            self.fit()
        else:
            super().keyPressEvent(event)

    def move_divider(self, share: float) -> None:
        """Show more of A (positive) or of B, by a share of the width."""
        first, second = self.stage.sizes()
        total = first + second
        left = min(max(first + round(share * total), 0), total)
        self.stage.setSizes([left, total - left])

    # --- the lanes, the end ------------------------------------------------------------------------

    def _submit(
        self,
        title: str,
        work: Callable[[JobContext], Brought],
        on_done: Callable[[Brought], None],
        tried: str,
        *,
        shown: bool = True,
    ) -> None:
        self._jobs = {job for job in self._jobs if job.active}
        self._jobs.add(
            self._session.jobs.submit(
                Lane.READ,
                title,
                work,
                on_done,
                lambda error: self._say_film(words_for(error, tried)[0]),
                urgent=True,
                shown=shown,
            )
        )

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what was asked."""
        self._leave()
        for job in self._jobs:
            job.cancel()
        super().closeEvent(event)


def _scores(side: _Side) -> str:
    """What a model's numbers say of the film."""
    analysis = side.analysis
    if analysis is None:
        return f"{side.letter}: –"
    chance = f"p = {analysis.p_value:.3f}" if analysis.p_value is not None else tr("uncalibrated")
    peak = float(np.where(analysis.analyzed, analysis.denser, 0).max())
    return f"{side.letter}: {analysis.card.name}, {model_name(analysis.card.kind)}\n" + tr(
        "score {score} ({chance}) · highest difference {peak} · threshold {threshold}"
    ).format(
        score=f"{analysis.score:.2f}",
        chance=chance,
        peak=f"{peak:.3f}",
        threshold=f"{analysis.threshold:.3f}",
    )


def _mode(detail_preserving: bool) -> TwinMode:
    return TwinMode.DETAIL_PRESERVING if detail_preserving else TwinMode.NETWORK_OUTPUT


def _films_of(index: StudyIndex) -> tuple[tuple[Instance, int], ...]:
    return tuple(film for series in index.series for film in index.frames_of(series))


def _scanned(folder: Path, ctx: JobContext) -> tuple[tuple[Instance, int], ...]:
    # In the read lane; pydicom is imported here and not by the window.
    from core.dicom.index import scan

    return _films_of(scan([folder], ctx))


def _read(instance: Instance, number: int, ctx: JobContext) -> Frame:
    from core.dicom.frames import read_frame

    ctx.checkpoint()
    return read_frame(instance, number)


def _twin(frame: Frame, analysis: Analysis, detail: bool, ctx: JobContext) -> NDArray[np.float32]:
    ctx.checkpoint()
    return twin_in_modality_values(frame, analysis.model_input, analysis.twin, detail_preserving=detail)


def _first_choice(number: int, entries: tuple[ModelEntry, ...]) -> int:
    """A is the first model, B the next one for the same patients; -1 without models."""
    if number == 0 or not entries:
        return min(0, len(entries) - 1)
    same = (
        place for place in range(1, len(entries)) if _population(entries, place) == _population(entries, 0)
    )
    return next(same, min(1, len(entries) - 1))


def _population(entries: tuple[ModelEntry, ...], place: int) -> str:
    return entries[place].card.population
