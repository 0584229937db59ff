"""Session: the open study, what is selected, how it is shown, what the reader decided. GUI thread only.

The one mutable document. Verbs change it, signals say what is new, and the new frozen value is the
payload. Slow work goes to the lanes of the job queue with everything it needs captured; every answer is
checked against the current question before it is shown, so that nothing of one image is ever seen on
another. How a result is shown (window, threshold, colour, opacity) never runs a model again.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from psygnal import Signal

from core import settings as settings_file
from core.errors import CannotWrite, ModelDoesNotFit, ProductError
from core.files import write_whole
from core.frame_memory import FrameKey, FrameMemory, limit_bytes
from core.imaging.composition import ALL_LAYERS, Layers
from core.imaging.display import Grey, Preset, default_grey, presets, render
from core.imaging.findings import Finding, Sign
from core.imaging.frame import Frame
from core.imaging.heatmap import HeatmapStyle
from core.imaging.model_input import twin_in_modality_values
from core.imaging.presentation import Presentation, Presented, present
from core.imaging.window_presets import presets_of
from core.inference.analysis import Analysis, Answer, ModelChoice, model_name
from core.jobs import Job, JobContext, JobQueue, Lane
from core.keeping import Keeping, KeptReview
from core.key_images import KeyImage, KeyImages, read_key_images
from core.opening import First, Listed, Opening
from core.prefetch import Prefetch, Stack, key_of, read_for_display
from core.presenting import States, read_states
from core.read_first import ReadFirst
from core.reading import (
    AGREEMENT,
    Reading,
    RunPhase,
    RunStatus,
    analyzed_by_itself,
    findings_above,
    is_radiograph,
    resolve,
    run_status,
    with_threshold,
)
from core.review import History, Review
from core.review_journal import image_key
from core.series_analysis import SeriesAnalysis, SeriesShelf
from core.settings import Settings
from core.study_list import series_in_list_order, without_study
from core.windowing import Windowing

if TYPE_CHECKING:
    from core.dicom.arrangement import Arrangement
    from core.dicom.cine import CineTiming
    from core.dicom.index import Instance, Patient, Series, Study, StudyIndex
    from core.reporting.panels import Look, Panel
    from core.reporting.report import Report

_log = logging.getLogger(__name__)

_ANSWERS_KEPT = 64


class Shelf(SeriesShelf, Protocol):
    """What the session needs of `core.inference.analyze.ModelShelf`; lives in the gpu lane."""

    @property
    def device_text(self) -> str:
        """Where the models run, in words."""
        ...

    def analyze(self, frame: Frame, choice: ModelChoice | Path, ctx: JobContext) -> Answer:
        """The opinion of one model, or why there is none."""
        ...

    def warm_up(self, frame: Frame, choice: ModelChoice | Path, ctx: JobContext) -> None:
        """Load the models that suit a frame, and let each compute once."""
        ...


@dataclass(frozen=True, slots=True)
class Selection:
    """Which image of which series is asked for; its pixels may still be on their way (`loading`)."""

    series: Series
    instance: Instance
    position: int
    count: int
    loading: bool


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """The healthy twin on the frame's own pixels, in modality values, `(rows, columns)` float32."""

    frame_digest: str
    analysis: Analysis
    detail_preserving: bool
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class ReportDraft:
    """What a report on one frame is made from; `written` makes it, in any thread (pictures take a while)."""

    frame: Frame
    reading: Reading
    review: Review
    place: tuple[Patient, Study, Series]
    grey: Grey | None
    invert: bool
    settings: Settings
    presented: Presented
    layers: Layers
    key_images: tuple[KeyImage, ...] = ()

    @property
    def accepted(self) -> tuple[Finding, ...]:
        """What goes into the report, in the order of the list."""
        return tuple(one for one in self.reading.findings if self.review.accepts(one.identifier))

    def picture(self, name: str) -> Panel:
        """One picture by its name in `core.reporting.panels`, at the resolution of the image."""
        from core.reporting.panels import render_panels

        (panel,) = render_panels(
            self.frame,
            self.reading.analyses,
            self.reading.thresholds,
            self._look(),
            self.accepted,
            self.review.drawings,
            only=name,
        )
        return panel

    def written(self, *, deidentified: bool, image_resolution: bool = False) -> Report:
        """The report with or without names; pictures as large as the page needs, or as the image is."""
        from core.reporting.identity import Identity
        from core.reporting.report import PANEL_SIDE_PX, Decisions, draft

        key_images, missing = read_key_images(self.key_images)
        kinds = [analysis.card.kind for analysis in self.reading.analyses]
        decisions = Decisions(
            findings=self.accepted,
            notes=dict(self.review.notes),
            drawings=self.review.drawings,
            key_image=self.review.key_image,
            impression=self.review.impression,
            reader=self.settings.reader_name,
            thresholds=dict(zip(kinds, self.reading.thresholds, strict=True)),
        )
        return draft(
            self.frame,
            self.reading.answer,
            decisions,
            identity=Identity(*self.place),
            look=self._look(),
            deidentified=deidentified,
            made_on=date.today().isoformat(),
            key_images=key_images,
            key_images_missing=missing,
            panel_side_px=None if image_resolution else PANEL_SIDE_PX,
        )

    def _look(self) -> Look:
        from core.reporting.panels import Look

        return Look(
            self.grey,
            self.invert,
            self.reading.style,
            self.settings.detail_preserving_twin,
            self.reading.opposite_thresholds,
            self.presented,
            self.layers,
        )


@dataclass(slots=True)
class _Run:
    """One model's turn on the shown frame."""

    job: Job | None = None
    answer: Answer | None = None
    error: BaseException | None = None


Key = TypeVar("Key")
Kept = TypeVar("Kept")


class _Recent(Generic[Key, Kept]):
    """The most recently used values, the oldest dropped first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[Key, Kept] = OrderedDict()

    def __contains__(self, key: Key) -> bool:
        return key in self._values

    def get(self, key: Key) -> Kept | None:
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key]

    def put(self, key: Key, value: Kept) -> None:
        self._values[key] = value
        self._values.move_to_end(key)
        while len(self._values) > self._limit:
            self._values.popitem(last=False)


class _GpuLane:
    """The shelf of loaded networks. Touched by functions that run in the gpu lane only."""

    def __init__(self, open_shelf: Callable[[], Shelf]) -> None:
        self._open_shelf = open_shelf
        self._shelf: Shelf | None = None

    def shelf(self) -> Shelf:
        if self._shelf is None:
            self._shelf = self._open_shelf()
        return self._shelf


class Session(Windowing):
    """The open study and all that the reader does with it; the only mutable document. GUI thread only.

    `open_shelf` makes the models' shelf; it is called in the gpu lane. `settings_path` None: changed
    settings are not written; `studies_path` None: nothing is remembered of studies; `journal_path` None: what
    is decided is kept until the program ends.
    """

    index_changed = Signal(object)  # StudyIndex | None
    selection_changed = Signal(object)  # Selection | None
    frame_changed = Signal(object)  # Frame | None
    presented_changed = Signal(object)  # Presented | None, the frame as it is shown
    layers_changed = Signal(Layers)
    choice_changed = Signal(object)  # ModelChoice | Path
    reading_changed = Signal(Reading)
    twin_changed = Signal(object)  # Twin | None
    review_changed = Signal(Review)
    kept_review_came = Signal(object)  # Frame, of which is now known what was decided at an earlier time
    finding_selected = Signal(str)  # identifier, or "" for none
    status_changed = Signal(RunStatus)
    device_changed = Signal(str)
    settings_changed = Signal(Settings)
    studies_forgotten = Signal(str)  # what was done, in words
    noticed = Signal(str)  # what the reader should know, in words
    collection_changed = Signal()  # model files came or went
    failed = Signal(object, str)  # ProductError | BaseException, what was tried

    def __init__(
        self,
        jobs: JobQueue,
        settings: Settings | None = None,
        *,
        open_shelf: Callable[[Settings], Shelf] | None = None,
        settings_path: Path | None = None,
        studies_path: Path | None = None,
        journal_path: Path | None = None,
    ) -> None:
        super().__init__()
        self.jobs = jobs
        self.settings = settings or Settings()
        self.index: StudyIndex | None = None
        self.selection: Selection | None = None
        self.frame: Frame | None = None
        self.states = States()
        self.layers = ALL_LAYERS
        self.settling = False
        """Whether more signals about the same new image follow at once: what counts them all can wait."""
        self.choice: ModelChoice | Path = ModelChoice(self.settings.model)
        self.device_text = ""
        self.twin: Twin | None = None
        self._settings_path = settings_path
        self._style = HeatmapStyle(threshold=0.0, opacity=self.settings.heatmap_opacity)
        self.in_front = AGREEMENT
        self.selected_finding = ""
        self.reading = Reading(self._style)
        self.status = RunStatus(RunPhase.NOT_RUN, "No image is open.")
        self._make_shelf = open_shelf or _open_shelf
        self._gpu_lane = _GpuLane(partial(self._make_shelf, self.settings))
        self._histories: dict[object, History] = {}
        self._key_images = KeyImages()
        self._journal_path = journal_path
        self._keeping = Keeping(
            jobs,
            lambda: self._journal_path if self.settings.keep_decisions else None,
            self._tell,
            self.noticed.emit,
        )
        self._asked_back: set[object] = set()
        self.veiled = False
        """Whether what models say of the shown image is hidden until the reader has written an impression."""
        self._read_first = ReadFirst(lambda: self.settings.read_first, self._keeping.log)
        self._runs: dict[str, _Run] = {}
        self._reading_job: Job | None = None
        self._twin_job: Job | None = None
        self._warm_up_job: Job | None = None
        self._warm = False
        self._memory = FrameMemory(limit_bytes(self.settings.frame_memory_mb))
        self._prefetch = Prefetch(jobs, self._memory, read_for_display, self._frame_came, self._frame_lost)
        self.series_analysis = SeriesAnalysis(
            jobs,
            read=read_for_display,
            at_hand=self._memory.get,
            identity=_key,
            answered=self._series_answered,
            tell=self._tell,
        )
        self._stack: tuple[Series, Stack] | None = None
        self._arrangements: dict[str, Arrangement] = {}
        self._direction = 1
        self._target: int | None = None
        self._clip: range | None = None
        self._rests = True
        self._answers: _Recent[object, Answer] = _Recent(_ANSWERS_KEPT)
        self._twins: dict[tuple[str, bool], Twin] = {}
        self._found: dict[tuple[str, Sign, float], tuple[Finding, ...]] = {}
        self._studies_path = studies_path
        self._opening = Opening(
            jobs, lambda: self.index, self._show_index, self._tell, lambda: self._database_path()
        )
        jobs.changed.connect(self._job_changed)
        self.index_changed.connect(self._read_states)

    # --- the study ---------------------------------------------------------------------------------

    def open(self, paths: Iterable[Path]) -> Job:
        """Look through files and folders, add what is found, and show the first image of it."""
        # Files that are opened again may have changed.
        self._prefetch.stop()
        self._memory.clear()
        return self._opening.open(paths)

    @property
    def image_memory(self) -> tuple[int, int]:
        """Bytes of images in memory, and their limit."""
        return self._memory.held_bytes, self._memory.limit_bytes

    def close_all(self) -> None:
        """Close every study, and stop opening more. What was decided stays at hand."""
        self._opening.stop()
        self._leave_frame()
        self._prefetch.stop()
        self._memory.clear()
        self.series_analysis.forget()
        self._stack = None
        before, self.index, self.selection = self.index, None, None
        self._forget_unpacked(before)
        self.index_changed.emit(None)
        self.selection_changed.emit(None)
        self._set_frame(None)

    def list_recent(self, on_done: Callable[[tuple[Listed, ...]], None]) -> None:
        """Bring the studies that were opened last, newest first, and whether each is still there."""
        self._opening.list_recent(on_done)

    def forget_studies(self, study_instance_uid: str | None = None) -> None:
        """Wipe all that is remembered of studies that were opened, or take one off the list."""
        words = (
            "Nothing is remembered any more of studies that were opened before. What you decided about "
            "images is kept: File, Forget all decisions wipes that."
        )
        done = self.studies_forgotten.emit
        self._opening.forget(study_instance_uid, lambda nothing: done("" if study_instance_uid else words))

    def forget_decisions(self) -> None:
        """Wipe all that was ever decided about images, what is shown included."""
        if self._journal_path is not None:
            self._keeping.forget(self._journal_path, self._decisions_forgotten)

    def write_reading_log(self, file: Path) -> None:
        """Write the moments of readings with the impression first as a table."""
        if self._journal_path is not None:
            write_now = self._keeping.writing_now()
            self.jobs.submit(
                Lane.KEEP,
                f"Writing {file.name}",
                partial(_write_log, write_now, self._journal_path, file),
                lambda count: self.noticed.emit(f"{count} moments are written to {file}."),
                partial(self._tell, "Export the reading log"),
            )

    def _decisions_forgotten(self) -> None:
        self._histories.clear()
        self._key_images = KeyImages()
        self._read_first.forget()
        self.review_changed.emit(self.review)
        self._resolve()
        self.noticed.emit("Nothing is kept any more of what you decided about images.")

    def _database_path(self) -> Path | None:
        return self._studies_path if self.settings.remember_studies else None

    def _show_index(self, index: StudyIndex, first: First | None) -> None:
        """Show an index and, if asked to, an image of it; what was selected keeps its place otherwise."""
        for uid, wish in self._arrangements.items():
            index = _with_series_arranged(index, uid, wish)
        self.index = index
        self.index_changed.emit(index)
        if first is not None:
            self.select(*first)
        elif self.selection is not None:
            self._keep_selection(index, self.selection)

    def _keep_selection(self, index: StudyIndex, shown: Selection) -> None:
        """The same image in a series that may have grown since."""
        frame_index = shown.series.images[shown.position][1]
        try:
            series = index.place_of(shown.instance, frame_index)[2]
        except KeyError:  # what is known of the file changed
            same = index.instance_at(shown.instance.path)
            if same is not None:
                self.select(same, min(frame_index, same.number_of_frames - 1))
            return
        if series is not shown.series:
            position = series.position_of(shown.instance, frame_index)
            self.selection = replace(shown, series=series, position=position, count=series.number_of_images)
            self.selection_changed.emit(self.selection)
            if self.frame is not None and not shown.loading:
                self._read_ahead(self.frame)

    def arrange(self, series_instance_uid: str, wish: Arrangement) -> None:
        """Split or merge a series, and order it, as the reader wishes; remembered until the program ends."""
        if self.index is not None:
            self._arrangements[series_instance_uid] = wish
            self._show_index(self.index, None)

    def _forget_unpacked(self, before: StudyIndex | None) -> None:
        """Remove what archives held that are closed now."""
        from core.dicom.unpacked import remove, set_aside

        closed, kept = (
            {instance.path for instance in index.instances if instance.origin} if index is not None else set()
            for index in (before, self.index)
        )
        folders = set_aside(closed - kept, kept)
        if folders:
            self.jobs.submit(
                Lane.READ,
                "Removing what was unpacked",
                lambda ctx: remove(folders),
                lambda _: None,
                shown=False,
            )

    def close_study(self, study_instance_uid: str) -> None:
        """Close one study; if its image is shown, the first image of what is left takes its place."""
        if self.index is None:
            return
        self._opening.keep_closed(study_instance_uid)
        left = without_study(self.index, study_instance_uid)
        if not left:
            self.close_all()
            return
        shown, before = self.selection, self.index
        self.index = left
        self._forget_unpacked(before)
        self.index_changed.emit(left)
        if shown is not None and left.instance_at(shown.instance.path) is None:
            self.select(*series_in_list_order(left, self.settings)[0].images[0])

    def make_thumbnail(
        self,
        instance: Instance,
        frame_index: int,
        on_made: Callable[[NDArray[np.uint8]], None],
        on_failed: Callable[[BaseException], None],
    ) -> Job:
        """Make a small picture of an image in the read lane: `(rows, columns)` grey or `(…, 3)` RGB.

        It waits behind what waits already. Whoever asks for many asks for one after the other, so that
        nothing else ever waits for more than one of them.
        """
        return self.jobs.submit(
            Lane.READ,
            f"Thumbnail of {instance.named_path.name}",
            partial(_thumbnail, instance, frame_index, self.settings.thumbnail_px),
            on_made,
            on_failed,
            shown=False,
        )

    # --- the image ---------------------------------------------------------------------------------

    def select(self, instance: Instance, frame_index: int = 0) -> None:
        """Show one image. What belongs to the image before is stopped and cleared."""
        if self.index is None:
            return
        series = self.index.place_of(instance, frame_index)[2]
        stack = self._stack_of(series)
        place = stack.places[key_of(instance, frame_index)]
        before = self.selection
        scrolled = before is not None and before.series.key == series.key
        if scrolled and before is not None and place != before.position:
            self._direction = 1 if place > before.position else -1
        self._leave_frame()
        if not scrolled:
            # Within a stack the slice before stays until the next is there; another series never does.
            self._direction, self._clip = 1, None
            self._prefetch.stop()
            self._set_frame(None)
        self._rests = not scrolled or len(stack.images) == 1
        self.selection = Selection(series, instance, place, len(stack.images), loading=True)
        known = self._memory.get(stack.keys[place])
        if known is not None:
            self._frame_read(stack.keys[place], known)
            return
        self.selection_changed.emit(self.selection)
        self._set_status()
        self._prefetch.hold(stack.keys[place])
        if not self._prefetch.is_reading(stack.keys[place]):
            self._read_selected(shown=not scrolled)

    def show_frame(self, position: int) -> None:
        """Show the image at this place of the selected series; places outside mean the first or last.

        While one image of the stack is still being read, the last place that was asked for comes next:
        who scrolls faster than files can be read sees as many images as can be read.
        """
        if self.selection is None or self.index is None:
            return
        images = self._stack_of_selection().images
        position = min(max(position, 0), len(images) - 1)
        if self.selection.loading:
            self._target = position
        elif position != self.selection.position:
            self.select(*images[position])

    def scroll(self, steps: int) -> None:
        """Go on by a number of images in the selected series."""
        if self.selection is not None:
            here = self.selection.position if self._target is None else self._target
            self.show_frame(here + steps)

    def is_at_hand(self, position: int) -> bool:
        """Whether the image at this place of the selected series is in memory."""
        return self.selection is not None and self._stack_of_selection().keys[position] in self._memory

    def frame_at_hand(self, key: FrameKey) -> Frame | None:
        """A frame that is in memory, for another viewport."""
        return self._memory.get(key)

    @property
    def clip(self) -> range:
        """The places of the selected series that play together: a file's frames, else the whole stack."""
        if self.selection is None:
            return range(0)
        return self._stack_of_selection().clips[self.selection.position]

    def play(self, clip: range | None) -> None:
        """Say that these places are played round and round, or None: no more.

        Nothing is analyzed by itself meanwhile.
        """
        self._clip = clip
        if clip is None:
            self.rest()
        elif self.frame is not None:
            self._read_ahead(self.frame)

    def rest(self) -> None:
        """The reader stays on this image: what begins by itself may begin."""
        if self._rests or self._clip is not None or self.frame is None or self._target is not None:
            return
        self._rests = True
        self._begin_by_itself(self.frame)

    def request_timing(self, on_answer: Callable[[Instance, CineTiming | None], None]) -> None:
        """Ask the file of the selected image how long its frames stand."""
        if self.selection is not None:
            ask_timing(self.jobs, self.selection.instance, on_answer)

    def step_series(self, steps: int) -> None:
        """Show the next or previous series of the list."""
        if self.index is None or self.selection is None:
            return
        everything = series_in_list_order(self.index, self.settings)
        place = everything.index(self.selection.series) + steps
        if 0 <= place < len(everything):
            self.select(*everything[place].images[0])

    def presets_of(self, frame: Frame) -> tuple[Preset, ...]:
        """All named ways to show a frame: the file's, the reader's or the program's for its modality."""
        return presets(frame, presets_of(self.settings.own_presets))

    def _stack_of(self, series: Series) -> Stack:
        """The images of a series; made once while it is the selected one."""
        if self._stack is None or self._stack[0] is not series:
            self._stack = (series, Stack.of(series.images))
        return self._stack[1]

    def _stack_of_selection(self) -> Stack:
        if self.selection is None:
            raise KeyError("No image is selected.")
        return self._stack_of(self.selection.series)

    def _selected_key(self) -> FrameKey | None:
        if self.selection is None:
            return None
        return self._stack_of_selection().keys[self.selection.position]

    def _read_selected(self, *, shown: bool) -> None:
        if self.selection is None:
            return
        instance, frame_index = self._stack_of_selection().images[self.selection.position]
        self._reading_job = self.jobs.submit(
            Lane.SHOW,
            f"Reading {instance.named_path.name}",
            partial(read_for_display, instance, frame_index),
            partial(self._frame_read, key_of(instance, frame_index)),
            partial(self._frame_failed, instance),
            urgent=True,
            shown=shown,
        )

    def _frame_came(self, key: FrameKey, frame: Frame) -> None:
        """A frame was read ahead: the reader may wait for it already."""
        if self.selection is not None and self.selection.loading and key == self._selected_key():
            self._frame_read(key, frame)

    def _frame_lost(self, key: FrameKey) -> None:
        """A frame could not be read ahead: if the reader waits for it, it is read again, and told."""
        waits = self.selection is not None and self.selection.loading and key == self._selected_key()
        if waits and self._reading_job is None:
            self._read_selected(shown=False)

    def _frame_read(self, key: FrameKey, frame: Frame) -> None:
        if self.selection is None or key != self._selected_key():
            return
        self._memory.show(key, frame)
        self.selection = replace(self.selection, loading=False)
        self.selection_changed.emit(self.selection)
        target = self._target
        self._leave_frame()
        self._set_frame(frame)
        if target is not None and target != self.selection.position:
            self._read_ahead(frame)
            self.show_frame(target)
            return
        if self._rests and self._clip is None:
            self._begin_by_itself(frame)
        else:
            self._recall_for(frame)
        self._read_ahead(frame)

    def _begin_by_itself(self, frame: Frame) -> None:
        if self.settings.analyze_automatically and analyzed_by_itself(frame):
            self.analyze()
        else:
            self._recall_for(frame)

    def _recall_for(self, frame: Frame) -> None:
        """Show what was answered about a frame that has just come, if anything was."""
        if any(self._known(frame, name) is not None for name in self.questions):
            self._recall()

    def _known(self, frame: Frame, name: str) -> Answer | None:
        """The answer to a question about a frame, if it was given and is still at hand."""
        return self._answers.get((_key(frame), name)) or self.series_analysis.answer(frame, name)

    def _read_ahead(self, frame: Frame) -> None:
        if self.selection is not None and self.selection.count > 1:
            here = self._stack_of_selection()
            self._prefetch.aim(here, self.selection.position, self._direction, frame, self._clip)

    def _frame_failed(self, instance: Instance, error: BaseException) -> None:
        target = self._target
        self._leave_frame()
        if self.selection is not None:
            self.selection = replace(self.selection, loading=False)
            self.selection_changed.emit(self.selection)
        self._set_frame(None)
        self._tell(f"Open {instance.named_path.name}", error)
        if target is not None:
            self.show_frame(target)

    def _set_frame(self, frame: Frame | None) -> None:
        keep_grey = self._own_grey and frame is not None and same_scale(frame, self.frame)
        if frame is not None:
            self._recall_decisions(frame)
            self.series_analysis.check(frame)
        self.frame = frame
        self._present(frame, keep=keep_grey)
        self._found.clear()
        self._twins.clear()
        # The state is whole before anybody hears of it: nothing of the frame before is left.
        self.twin = None
        self.reading = Reading(self._style)
        self.selected_finding = ""
        self.settling = True
        try:
            self.frame_changed.emit(frame)
            self.presented_changed.emit(self.presented)
            self.grey_changed.emit(self.grey, self.invert)
            self.review_changed.emit(self.review)
            self.twin_changed.emit(None)
            self.finding_selected.emit("")
        finally:
            self.settling = False
        self._resolve()

    def show_by(self, state: Presentation | None) -> None:
        """Show the images of this series by a presentation state, or None: as their files say."""
        if self.frame is not None:
            self.states.choose(self.frame, state)
            self._present_again()

    def set_layers(self, layers: Layers) -> None:
        """Show or hide what lies over the picture; it changes no value."""
        if layers != self.layers:
            self.layers = layers
            self.layers_changed.emit(layers)

    def _read_states(self, index: StudyIndex | None) -> None:
        """Presentation states that came with an index, in the read lane."""
        if index is None:
            self.states = States()
            return
        files = self.states.unread(index)
        if files:
            self.jobs.submit(
                Lane.READ,
                "Reading presentation states",
                partial(read_states, files),
                partial(self._states_read, self.states),
                partial(self._tell, "Read the presentation states"),
                urgent=True,
                shown=False,
            )

    def _states_read(self, states: States, found: tuple[Presentation, ...]) -> None:
        states.add(found)
        if self.frame is not None and found and states is self.states:
            self._present_again()

    def _present_again(self) -> None:
        """The same frame, shown by what is now known and chosen."""
        if self.frame is None or self.presented is None:
            return
        state = self.states.for_frame(self.frame)
        if state is not self.presented.state:
            self._present(self.frame)
        self.presented_changed.emit(self.presented)
        self.grey_changed.emit(self.grey, self.invert)

    def _present(self, frame: Frame | None, *, keep: bool = False) -> None:
        presented = None if frame is None else present(frame, self.states.for_frame(frame))
        presets = () if presented is None else self.presets_of(presented.frame)
        self._take_presented(presented, presets, keep=keep)

    def _leave_frame(self) -> None:
        """Stop all that was asked for the frame that is shown, and forget its answers."""
        for job in (self._reading_job, self._twin_job):
            if job is not None:
                job.cancel()
        self._reading_job = self._twin_job = self._target = None
        self._stop_runs()

    # --- the analysis ------------------------------------------------------------------------------

    def choose_model(self, choice: ModelChoice | Path) -> None:
        """Ask another model, or both, or one from a file."""
        if choice == self.choice:
            return
        self.choice = choice
        self.choice_changed.emit(choice)
        self._stop_runs()
        if self.frame is not None and self.settings.analyze_automatically and analyzed_by_itself(self.frame):
            self.analyze()
        else:
            self._recall()

    def show_opinion(self, kind: str) -> None:
        """With both models: whose twin, map and threshold are in front; `AGREEMENT` compares them."""
        self.in_front = kind
        self._resolve()

    def analyze(self) -> None:
        """Ask the chosen models about the shown frame, unless they have answered already."""
        frame = self.frame
        if frame is None:
            return
        self._stop_runs()
        self._stop_warm_up()
        for name, question in self.questions.items():
            known = self._known(frame, name)
            run = self._runs[name] = _Run(answer=known)
            if known is None:
                run.job = self.jobs.submit(
                    Lane.GPU,
                    f"{_title(question)}: {self._image_name()}",
                    partial(_analyze, self._gpu_lane, frame, question),
                    partial(self._answered, frame, name, run),
                    partial(self._not_answered, frame, name, run),
                )
        self.series_analysis.give_way()
        self._resolve()

    def analyze_series(self, series: Series, first: int = 0) -> None:
        """Ask the chosen models about all images of a series in the background, from place `first` on."""
        self._stop_warm_up()
        self.series_analysis.start(series, self.questions, self._gpu_lane.shelf, first)

    def _series_answered(self, frame: Frame, name: str, answer: Answer) -> None:
        """An answer came with a whole series: if it is about the shown image, nobody need ask again."""
        shown = self.frame
        if shown is None or name not in self.questions or _key(shown) != _key(frame):
            return
        run = self._runs.get(name)
        if run is not None and run.answer is not None:
            return
        if run is not None and run.job is not None:
            run.job.cancel()
        self._answers.put((_key(shown), name), answer)
        self._runs[name] = _Run(answer=answer)
        self._resolve()

    def ask(
        self,
        frame: Frame,
        question: ModelChoice | Path,
        on_answer: Callable[[Answer], None],
        on_failed: Callable[[BaseException], None],
    ) -> Job | None:
        """Ask a model about any frame, for another window; None if the answer was at hand and is given.

        Changes nothing of what is shown here. The caller checks that the answer is still wanted.
        """
        if self._is_open_and_veiled(frame):
            on_failed(
                ProductError(
                    "This image is open and you have not written your impression of it yet.",
                    "Write it in the main window first: then models are asked here, too.",
                )
            )
            return None
        lane, key = self._gpu_lane, (_key(frame), str(question))
        known = self._known(frame, str(question))
        if known is not None:
            on_answer(known)
            return None

        def answered(outcome: tuple[Answer, str]) -> None:
            answer, device_text = outcome
            self._set_device(device_text)
            if lane is self._gpu_lane:
                self._answers.put(key, answer)
            on_answer(answer)

        job = self.jobs.submit(
            Lane.GPU,
            f"{_title(question)}: compare",
            partial(_analyze, lane, frame, question),
            answered,
            on_failed,
        )
        self.series_analysis.give_way()
        return job

    def models_changed(self) -> None:
        """Model files came or went: forget what they answered, and ask those that are there now."""
        self._stop_runs()
        self._stop_warm_up()
        self._warm = False
        self._answers = _Recent(_ANSWERS_KEPT)
        self.series_analysis.forget()
        self._twins.clear()
        self._found.clear()
        self._gpu_lane = _GpuLane(partial(self._make_shelf, self.settings))
        if isinstance(self.choice, Path) and not self.choice.exists():
            self.choice = ModelChoice(self.settings.model)
            self.choice_changed.emit(self.choice)
        if self.frame is not None and self.settings.analyze_automatically and analyzed_by_itself(self.frame):
            self.analyze()
        else:
            self._resolve()
        self.collection_changed.emit()

    def stop_analysis(self) -> None:
        """Cancel what the models are doing for the shown frame."""
        self._stop_runs()
        self._resolve()

    def prepare_models(self) -> None:
        """Load the library of the networks ahead, so that the first image need not wait for it."""
        self.jobs.submit(
            Lane.GPU, "Preparing the models", partial(_device_text, self._gpu_lane), self._set_device
        )

    def warm_up(self) -> None:
        """Load the models for the shown frame and let them compute once, while nothing else is asked of them.

        Once a session; what the reader asks for stops it, and it goes on after that. Nothing is shown of it.
        """
        frame = self.frame
        asked = [run.job for run in self._runs.values()] + [self._warm_up_job]
        if self._warm or frame is None or not analyzed_by_itself(frame):
            return
        if any(job is not None and job.active for job in asked):
            return
        self._warm_up_job = self.jobs.submit(
            Lane.GPU,
            "Preparing the models",
            partial(_warm_up, self._gpu_lane, frame, self.choice),
            self._warmed_up,
            self._not_warmed_up,
            shown=False,
        )

    def _warmed_up(self, device_text: str) -> None:
        self._warm = True
        self._set_device(device_text)

    def _not_warmed_up(self, error: BaseException) -> None:
        # What is wrong with a model is said when it is asked.
        self._warm = True
        _log.info("The models could not be prepared: %s", error)

    def _stop_warm_up(self) -> None:
        if self._warm_up_job is not None:
            self._warm_up_job.cancel()
            self._warm_up_job = None

    @property
    def questions(self) -> dict[str, ModelChoice | Path]:
        """What the chosen models are asked, by the name that their answers are kept under."""
        if self.choice is ModelChoice.BOTH:
            return {choice.value: choice for choice in (ModelChoice.HEALTHYGAN, ModelChoice.SR_ANOGAN)}
        if isinstance(self.choice, Path):
            return {str(self.choice): self.choice}
        return {self.choice.value: self.choice}

    def _recall(self) -> None:
        """Show answers that are at hand without asking for new ones."""
        if self.frame is not None:
            for name in self.questions:
                known = self._known(self.frame, name)
                if known is not None:
                    self._runs[name] = _Run(answer=known)
        self._resolve()

    def _stop_runs(self) -> None:
        runs, self._runs = self._runs, {}
        for run in runs.values():
            if run.job is not None:
                run.job.cancel()

    def _answered(self, frame: Frame, name: str, run: _Run, outcome: tuple[Answer, str]) -> None:
        answer, device_text = outcome
        self._set_device(device_text)
        if answer.frame_digest != frame.digest:
            raise ValueError("The answer belongs to another image; it is dropped.")
        self._answers.put((_key(frame), name), answer)
        if frame is not self.frame or (self.selection is not None and self.selection.count > 1):
            self.series_analysis.note(frame, name, answer)
        # Newest wins: an answer to a question that nobody asks any more is kept, never shown.
        if self.frame is frame and self._runs.get(name) is run:
            run.answer = answer
            self._resolve()
        self.warm_up()

    def _not_answered(self, frame: Frame, name: str, run: _Run, error: BaseException) -> None:
        if self.frame is not frame or self._runs.get(name) is not run:
            return
        run.error = error
        self._resolve()
        if not isinstance(error, ModelDoesNotFit):
            self._tell(f"Analyze {self._image_name()}", error)

    def _job_changed(self, job: Job) -> None:
        if any(run.job is job for run in self._runs.values()):
            self._set_status()

    def _set_device(self, text: str) -> None:
        if text != self.device_text:
            self.device_text = text
            self.device_changed.emit(text)

    # --- how the result is shown -------------------------------------------------------------------

    @property
    def heatmap(self) -> HeatmapStyle:
        """How the map is drawn, at the threshold of the model in front."""
        return self.reading.style

    def set_heatmap(self, style: HeatmapStyle) -> None:
        """Draw the map in another way. Its threshold is the review's: see `set_threshold`."""
        self._style = style
        self._resolve()

    def set_threshold(self, value: float | None) -> None:
        """Another threshold for the map in front; None is the calibrated one. Undoable.

        Where both signs are shown it moves both.
        """
        self.amend(with_threshold(self.review, self.reading, value), step="threshold")

    def _resolve(self) -> None:
        """Work out what is shown from all that was wished, and say it."""
        answers = [run.answer for run in self._runs.values() if run.answer is not None]
        twin_before = self.twin
        self.veiled = self._veils(answers)
        if self.veiled:
            answers = []
        self.reading = resolve(answers, self.review, self._style, self.in_front, self._findings_of)
        self.twin = self._twin_at_hand()
        self.reading_changed.emit(self.reading)
        if self.twin is not twin_before:
            self.twin_changed.emit(self.twin)
        if self.selected_finding and self._selected_place() is None:
            self.select_finding("")
        self._set_status()
        self._request_twin()

    def reveal(self) -> None:
        """Show what models say of the image, once there is an impression of it."""
        if self.frame is not None and self.veiled and self.review.impression.strip():
            self._read_first.reveal(image_key(self.frame), self.review.impression)
            self._resolve()

    @property
    def hides_scores(self) -> bool:
        """Whether scores of the selected series would tell of images that are still to be read first."""
        if self.selection is None or not self.settings.read_first:
            return False
        return self.veiled or is_radiograph(self.selection.series.modality)

    def _is_open_and_veiled(self, frame: Frame) -> bool:
        is_open = self.index is not None and self.index.instance_at(Path(frame.source.path)) is not None
        return is_open and analyzed_by_itself(frame) and self._read_first.veils(image_key(frame))

    def _veils(self, answers: list[Answer]) -> bool:
        """Whether a model has an opinion of the shown image, or may have one soon, that is to be hidden."""
        if self.frame is None:
            return False
        image, opinions = image_key(self.frame), any(answer.analyses for answer in answers)
        over = bool(self._runs) and all(run.answer or run.error for run in self._runs.values())
        if not opinions and (over or not analyzed_by_itself(self.frame)):
            return False
        if opinions and not self._read_first.veils(image):
            self._read_first.saw(image)
        self._read_first.show(image)
        return self._read_first.veils(image)

    def _findings_of(self, analysis: Analysis, sign: Sign, threshold: float) -> tuple[Finding, ...]:
        """Found once for each threshold of the shown frame: opacity and colour cost nothing."""
        key = (analysis.card.weights_digest, sign, threshold)
        if key not in self._found and self.frame is not None:
            self._found[key] = findings_above(self.frame, analysis, sign, threshold)
        return self._found[key]

    def _twin_at_hand(self) -> Twin | None:
        """The twin of the model in front in the form that is wished for, if it was made already."""
        shown = self.reading.shown
        if shown is None:
            return None
        return self._twins.get((shown.card.weights_digest, self.settings.detail_preserving_twin))

    def _request_twin(self) -> None:
        """Bring the twin of the model in front onto the frame's own pixels, in the read lane."""
        analysis, frame = self.reading.shown, self.frame
        if self._twin_job is not None:
            self._twin_job.cancel()
            self._twin_job = None
        if analysis is not None and frame is not None and self.twin is None:
            self._twin_job = self.jobs.submit(
                Lane.READ,
                "Drawing the healthy twin",
                partial(_twin, frame, analysis, self.settings.detail_preserving_twin),
                self._twin_made,
                partial(self._tell, "Draw the healthy twin"),
                urgent=True,
                shown=False,
            )

    def _twin_made(self, twin: Twin) -> None:
        if self.frame is None or twin.frame_digest != self.frame.digest:
            return
        self._twins[twin.analysis.card.weights_digest, twin.detail_preserving] = twin
        if twin is self._twin_at_hand():
            self.twin = twin
            self.twin_changed.emit(twin)

    # --- what the reader decides -------------------------------------------------------------------

    @property
    def review(self) -> Review:
        """What the reader decided about the shown frame."""
        return self._history.present

    @property
    def can_undo(self) -> bool:
        """Whether a decision about this frame can be taken back."""
        return bool(self._history.past)

    @property
    def can_redo(self) -> bool:
        """Whether a decision that was taken back can be made again."""
        return bool(self._history.future)

    def amend(self, review: Review, *, step: str = "") -> None:
        """Decide something about the shown frame. Amendments of one named `step` in a row undo as one."""
        if self.frame is not None and review != self.review:
            self._set_history(self._history.amended(review, step))

    def select_finding(self, identifier: str) -> None:
        """Look at one finding; empty for none."""
        if identifier != self.selected_finding:
            self.selected_finding = identifier
            self.finding_selected.emit(identifier)

    def step_finding(self, steps: int) -> None:
        """Look at the next or previous finding of the list, round and round."""
        count = len(self.reading.findings)
        if count:
            here = self._selected_place()
            start = here if here is not None else (-1 if steps > 0 else 0)
            self.select_finding(self.reading.findings[(start + steps) % count].identifier)

    def _selected_place(self) -> int | None:
        places = (n for n, one in enumerate(self.reading.findings) if one.identifier == self.selected_finding)
        return next(places, None)

    def undo(self) -> None:
        """Take the last decision about this frame back."""
        if self.can_undo:
            self._set_history(self._history.undone())

    def redo(self) -> None:
        """Make the decision that was taken back."""
        if self.can_redo:
            self._set_history(self._history.redone())

    @property
    def _history(self) -> History:
        return History() if self.frame is None else self._histories.get(_key(self.frame), History())

    def _set_history(self, history: History) -> None:
        if self.frame is not None:
            image, before = image_key(self.frame), self.review
            self._histories[_key(self.frame)] = history
            self._keeping.keep(image, history.present)
            self._key_images.note(image, history.present)
            self._read_first.decide(image, before, history.present, self.reading.findings)
            self.review_changed.emit(history.present)
            self._resolve()

    def review_of(self, frame: Frame) -> Review:
        """What was decided about any frame, for another viewport; see `kept_review_came`."""
        self._recall_decisions(frame)
        return self._histories.get(_key(frame), History()).present

    def _recall_decisions(self, frame: Frame) -> None:
        """Ask once for what was decided about a frame at an earlier time."""
        if _key(frame) not in self._asked_back:
            self._asked_back.add(_key(frame))
            self._keeping.recall(image_key(frame), partial(self._decisions_came, frame))

    def _decisions_came(self, frame: Frame, kept: KeptReview) -> None:
        """What was kept of a frame from an earlier time, joined with what was decided while it was read."""
        key = _key(frame)
        if kept.revealed:
            self._read_first.saw_earlier(image_key(frame))
        elif kept.review.accepted or kept.review.dismissed or kept.review.thresholds:
            self._read_first.saw(image_key(frame))
        now = self._histories.get(key)
        if now is None:
            self._histories[key] = History(kept.review)
        elif kept.review != Review():
            joined = kept.review.joined(now.present)
            self._histories[key] = History(joined, (kept.review,))
        if now is not None:
            self._keeping.keep(image_key(frame), self._histories[key].present)
        self._key_images.note(image_key(frame), self._histories[key].present)
        if self.frame is frame and kept != KeptReview():
            self.review_changed.emit(self.review)
            self._resolve()
        self.kept_review_came.emit(frame)

    # --- the report ------------------------------------------------------------------------------

    def draft_report(self) -> ReportDraft | None:
        """All that a report on the shown frame needs, as it is now; None without an image.

        A value of its own: what is shown or decided later does not change a report that is open.
        """
        frame, selection = self.frame, self.selection
        if frame is None or selection is None or self.index is None or self.presented is None:
            return None
        return ReportDraft(
            frame=frame,
            reading=self.reading,
            review=self.review,
            place=self.index.place_of(selection.instance),
            grey=self.grey,
            invert=self.invert,
            settings=self.settings,
            presented=self.presented,
            layers=self.layers,
            key_images=self._chosen_key_images(frame, selection.instance),
        )

    def _chosen_key_images(self, frame: Frame, instance: Instance) -> tuple[KeyImage, ...]:
        if self.index is None:
            return ()
        study, shown = self.index.place_of(instance)[1], image_key(frame)
        kept = self._keeping.key_images(study.study_instance_uid)
        return self._key_images.chosen(study, kept, shown)

    # --- preferences, messages ---------------------------------------------------------------------

    def change_settings(self, settings: Settings) -> None:
        """Take other preferences and write them down."""
        if settings == self.settings:
            return
        if self.veiled and not settings.read_first and self.frame is not None:
            self._read_first.switch_off(image_key(self.frame))
        begins_to_keep = settings.keep_decisions and not self.settings.keep_decisions
        self.settings = settings
        if begins_to_keep:
            self._asked_back.clear()
            if self.frame is not None:
                self._recall_decisions(self.frame)
        self._memory.set_limit(limit_bytes(settings.frame_memory_mb))
        if self.presented is not None:
            self.presets = self.presets_of(self.presented.frame)
        self.settings_changed.emit(settings)
        self._resolve()
        if self._settings_path is not None:
            path = self._settings_path
            self.jobs.submit(
                Lane.READ,
                "Saving the settings",
                lambda ctx: settings_file.save(settings, path),
                lambda nothing: None,
                partial(self._tell, "Save the settings"),
                shown=False,
            )

    def close(self, settings: Settings | None = None) -> None:
        """The end: write the last settings down, stop all work and wait for it."""
        self._leave_frame()
        self.series_analysis.stop()
        self._warm = True
        self._keeping.hurry()
        self.jobs.shutdown()
        self._keeping.close()
        if self._settings_path is not None:
            # What cannot be remembered must not keep the window open.
            with suppress(CannotWrite):
                settings_file.save(settings or self.settings, self._settings_path)

    def _image_name(self) -> str:
        return "" if self.selection is None else self.selection.instance.named_path.name

    def _set_status(self) -> None:
        runs = self._runs.values()
        status = run_status(
            self.frame,
            self.reading,
            [run.job for run in runs if run.job is not None],
            [run.error for run in runs if run.error is not None],
            loading=self.selection is not None and self.selection.loading,
            veiled=self.veiled,
        )
        if status != self.status:
            self.status = status
            self.status_changed.emit(status)

    def _tell(self, tried: str, error: BaseException) -> None:
        self.failed.emit(error, tried)


# --- work in the lanes: values in, values out --------------------------------------------------------


def _with_series_arranged(index: StudyIndex, series_instance_uid: str, wish: Arrangement) -> StudyIndex:
    from core.dicom.grouping import with_series_arranged  # pydicom came with the first index

    if all(one.arrangement == wish for one in index.series if one.series_instance_uid == series_instance_uid):
        return index
    return with_series_arranged(index, series_instance_uid, wish)


def ask_timing(
    jobs: JobQueue, instance: Instance, on_answer: Callable[[Instance, CineTiming | None], None]
) -> None:
    """Ask a file how long its frames stand, in the show lane."""
    jobs.submit(
        Lane.SHOW,
        f"Timing of {instance.named_path.name}",
        partial(_timing, instance),
        lambda timing: on_answer(instance, timing),
        shown=False,
    )


def _write_log(write_now: Callable[[], object], journal: Path, file: Path, ctx: JobContext) -> int:
    from core.reading_log import as_csv, kept_events

    write_now()
    events = kept_events(journal)
    write_whole(file, as_csv(events).encode("utf-8", "replace"))
    return len(events)


def _timing(instance: Instance, ctx: JobContext) -> CineTiming | None:
    from core.dicom.cine import cine_timing

    ctx.checkpoint()
    return cine_timing(instance)


def _thumbnail(instance: Instance, frame_index: int, height_px: int, ctx: JobContext) -> NDArray[np.uint8]:
    frame = read_for_display(instance, frame_index, ctx)
    step = max(1, max(frame.rows, frame.columns) // (2 * height_px))
    small = replace(frame, stored=frame.stored[::step, ::step], shutter=None, overlays=())
    whole = render(small, default_grey(small) if frame.shutter is None else default_grey(frame))
    hidden = frame.hidden()
    if hidden is not None and frame.shutter is not None:
        whole = whole.copy()
        whole[hidden[::step, ::step]] = frame.shutter.level
    return whole


def _open_shelf(settings: Settings) -> Shelf:
    # Imported here: only the gpu lane knows torch, and never before the window shows.
    from core.inference.torch_library import load_ahead

    load_ahead()
    from core.inference.analyze import ModelShelf
    from core.models.collection import own_model_folder

    return ModelShelf(device=settings.device, folders=(own_model_folder(settings),))


def _device_text(lane: _GpuLane, ctx: JobContext) -> str:
    return lane.shelf().device_text


def _warm_up(lane: _GpuLane, frame: Frame, choice: ModelChoice | Path, ctx: JobContext) -> str:
    shelf = lane.shelf()
    ctx.checkpoint()
    shelf.warm_up(frame, choice, ctx)
    return shelf.device_text


def _analyze(
    lane: _GpuLane, frame: Frame, question: ModelChoice | Path, ctx: JobContext
) -> tuple[Answer, str]:
    ctx.report(0, 0, "loading the model")
    shelf = lane.shelf()
    ctx.checkpoint()
    answer = shelf.analyze(frame, question, ctx)
    return answer, shelf.device_text


def _twin(frame: Frame, analysis: Analysis, detail_preserving: bool, ctx: JobContext) -> Twin:
    ctx.checkpoint()
    values = twin_in_modality_values(
        frame, analysis.model_input, analysis.twin, detail_preserving=detail_preserving
    )
    values.setflags(write=False)
    return Twin(frame.digest, analysis, detail_preserving, values)


# --- pure answers -----------------------------------------------------------------------------------


def _key(frame: Frame) -> object:
    """What a review and an answer belong to: these pixels, of this image (age and view matter to models)."""
    return frame.digest, frame.photometric_interpretation, frame.source


def same_scale(frame: Frame, before: Frame | None) -> bool:
    """Whether a window chosen on one image makes sense on the next: one stack, and no two single films."""
    if before is None or frame.source.series_instance_uid != before.source.series_instance_uid:
        return False
    return frame.source.path == before.source.path or not analyzed_by_itself(frame)


def _title(question: ModelChoice | Path) -> str:
    return question.name if isinstance(question, Path) else model_name(question.value)
