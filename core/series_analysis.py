"""A whole series goes to the models in the background, a few images at a time, and its scores are kept.

The reader's own question never waits for it: the images under way are let go at the next layer of the
network and are asked about again afterwards. Scores and p-values are kept for all images, maps up to a limit
in bytes, so that an image that was analyzed shows its map at once. GUI thread only; values go to the lanes.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from psygnal import Signal

from core.errors import ModelFileInvalid, ProductError
from core.frame_memory import FrameKey
from core.imaging.frame import Frame
from core.inference.analysis import Answer, ImageHeader, ModelChoice, Refusal, model_name
from core.jobs import Job, JobContext, JobQueue, Lane, LongJob, Progress
from core.series_scores import (
    WAITING,
    ImageResult,
    Outcome,
    Scores,
    failed,
    header_of,
    refused,
    result_of,
)

if TYPE_CHECKING:
    from core.dicom.index import Instance, Series

Question = ModelChoice | Path
Questions = Mapping[str, Question]
"""What is asked, by the name that its answers are kept under."""

MAPS_LIMIT_BYTES = 128 * 2**20
"""Whole answers that are kept beside the scores: the maps of about 380 images on a grid of 128 cells."""

# Analyzed together: on two cores a film costs as much in fours as in eights (measured: 54 and 49 ms for
# HealthyGAN, 57 alone), and half as much is lost when the reader asks in between.
_TOGETHER = 4
_BETWEEN_CHANGES_S = 0.2

Read = Callable[["Instance", int, JobContext], Frame]
AtHand = Callable[[FrameKey], Frame | None]
Identity = Callable[[Frame], object]
Answered = Callable[[Frame, str, Answer], None]
Tell = Callable[[str, BaseException], None]


class SeriesShelf(Protocol):
    """What is needed of `core.inference.analyze.ModelShelf`; lives in the gpu lane."""

    def analyze_series(
        self, frames: Sequence[Frame], choice: Question, ctx: JobContext
    ) -> tuple[Answer, ...]:
        """The opinion on several frames, in their order."""
        ...

    def foresee(self, headers: Sequence[ImageHeader], choice: Question) -> tuple[Refusal | None, ...]:
        """Which images would be refused whatever their pixels."""
        ...


OpenShelf = Callable[[], SeriesShelf]
"""Called in the gpu lane."""


@dataclass(frozen=True, slots=True)
class _Image:
    """An image that is to be asked about: by its place in the index, never by its place in an order."""

    instance: Instance
    frame_index: int

    @property
    def key(self) -> FrameKey:
        return str(self.instance.path), self.frame_index


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What came out for one frame: by the name of the question, answer and what is kept of it."""

    frame: Frame
    answers: Mapping[str, tuple[Answer | None, ImageResult]]


@dataclass(slots=True, eq=False)
class _Run:
    """One series on its way through the lanes."""

    series: Series
    questions: Questions
    shelf: OpenShelf
    waiting: deque[_Image]
    total: int
    job: LongJob | None = None
    ready: deque[tuple[_Image, Frame]] = field(default_factory=deque)
    turn: tuple[tuple[_Image, Frame], ...] = ()
    jobs: dict[str, Job] = field(default_factory=dict)


class SeriesAnalysis:
    """Analyzes whole series, and keeps what is known of their images. GUI thread only.

    `answered` is called with each frame, name of a question, and answer as it comes in.
    """

    changed = Signal()

    def __init__(
        self,
        jobs: JobQueue,
        *,
        read: Read,
        at_hand: AtHand,
        identity: Identity,
        answered: Answered,
        tell: Tell,
        maps_limit_bytes: int = MAPS_LIMIT_BYTES,
    ) -> None:
        self._jobs = jobs
        self._read = read
        self._at_hand = at_hand
        self._identity = identity
        self._answered = answered
        self._tell = tell
        self._results: dict[FrameKey, dict[str, ImageResult]] = {}
        self._maps = _Maps(maps_limit_bytes)
        self._run: _Run | None = None
        self._keys: tuple[Series, tuple[FrameKey, ...]] | None = None
        self._said_at = 0.0
        self._shown: tuple[tuple[Series, tuple[str, ...]], tuple[Scores, ...]] | None = None

    # --- what is known -----------------------------------------------------------------------------

    @property
    def running(self) -> Series | None:
        """The series that is being analyzed."""
        return None if self._run is None else self._run.series

    def scores(self, series: Series, questions: Questions) -> tuple[Scores, ...]:
        """One row a question, with a result for each image of the series in its order."""
        wanted = (series, tuple(questions))
        if self._shown is None or self._shown[0] != wanted:
            keys = self._keys_of(series)
            found = [[self._results.get(key, {}).get(name, WAITING) for key in keys] for name in questions]
            titles = [question_title(question) for question in questions.values()]
            rows = tuple(Scores(title, tuple(one)) for title, one in zip(titles, found, strict=True))
            self._shown = wanted, rows
        return self._shown[1]

    def _keys_of(self, series: Series) -> tuple[FrameKey, ...]:
        if self._keys is None or self._keys[0] is not series:
            self._keys = series, tuple(_Image(*image).key for image in series.images)
        return self._keys[1]

    def answer(self, frame: Frame, name: str) -> Answer | None:
        """The whole answer to a question about a frame, if it is still at hand."""
        return self._maps.get((self._identity(frame), name))

    def note(self, frame: Frame, name: str, answer: Answer) -> None:
        """Keep the score of an answer that was asked for elsewhere."""
        key = (frame.source.path, frame.source.frame_index)
        known = self._results.get(key, {}).get(name)
        if known is not None and known.frame_digest == frame.digest:
            return
        self._jobs.submit(
            Lane.READ,
            "Score of an image",
            lambda ctx: result_of(frame, answer),
            partial(self._keep_result, key, name),
            shown=False,
        )

    def check(self, frame: Frame) -> None:
        """Drop what was said of this image if its pixels were others then: the file was written anew."""
        key = (frame.source.path, frame.source.frame_index)
        known = self._results.get(key)
        if known and any(one.frame_digest not in ("", frame.digest) for one in known.values()):
            del self._results[key]
            self._say()

    # --- what is done ------------------------------------------------------------------------------

    def start(self, series: Series, questions: Questions, shelf: OpenShelf, first: int = 0) -> None:
        """Analyze all images of a series that have no score yet, from place `first` on, then those before."""
        self.stop()
        images = [_Image(*image) for image in series.images]
        waiting = deque(
            image
            for image in (*images[first:], *images[:first])
            if any(not self._is_answered(image.key, name) for name in questions)
        )
        if not waiting:
            self._say()
            return
        run = self._run = _Run(series, dict(questions), shelf, waiting, len(waiting))
        name = series.description or series.body_part_examined or f"series {series.series_number}"
        run.job = self._jobs.begin(Lane.GPU, f"Analyzing {name}", partial(self._cancelled, run))
        run.jobs["foresee"] = self._jobs.submit(
            Lane.GPU,
            "Which images suit the models",
            partial(_foresee, shelf, tuple(waiting), series, run.questions),
            partial(self._foreseen, run),
            partial(self._broken, run),
            shown=False,
        )
        self._say()

    def stop(self) -> None:
        """Stop; what is known stays known."""
        if self._run is not None and self._run.job is not None:
            self._run.job.cancel()

    def give_way(self) -> None:
        """Let what was submitted to the gpu lane just now go first; call it right after the submission."""
        run = self._run
        job = None if run is None else run.jobs.get("turn")
        if run is None or job is None or not job.active:
            return
        job.cancel()
        turn, run.turn = run.turn, ()
        run.ready.extendleft(reversed(turn))
        self._go_on(run)

    def forget(self) -> None:
        """Stop, and forget everything: models or files are others now."""
        self.stop()
        self._results.clear()
        self._maps.clear()
        self._say()

    # --- the way of a run --------------------------------------------------------------------------

    def _foreseen(self, run: _Run, refusals: tuple[tuple[FrameKey, str, Refusal], ...]) -> None:
        for key, name, refusal in refusals:
            self._results.setdefault(key, {})[name] = refused(refusal)
        run.waiting = deque(image for image in run.waiting if self._open_names(run, image))
        if refusals:
            self._say()
        self._go_on(run)

    def _open_names(self, run: _Run, image: _Image) -> tuple[str, ...]:
        return tuple(name for name in run.questions if not self._is_answered(image.key, name))

    def _is_answered(self, key: FrameKey, name: str) -> bool:
        known = self._results.get(key, {}).get(name)
        return known is not None and known.outcome is not Outcome.FAILED

    def _go_on(self, run: _Run) -> None:
        """Keep one turn in the gpu lane, and read the images of the next meanwhile."""
        if run is not self._run or run.job is None or not run.job.active:
            return
        reading = "read" in run.jobs and run.jobs["read"].active
        if run.waiting and not reading and len(run.ready) < _TOGETHER:
            self._read_some(run)
            reading = "read" in run.jobs and run.jobs["read"].active
        if run.ready and not run.turn and (len(run.ready) >= _TOGETHER or not reading):
            self._ask(run)
        self._report(run)
        if not (run.waiting or run.ready or run.turn or reading):
            self._run = None
            run.job.finish()
            self._say()

    def _read_some(self, run: _Run) -> None:
        """Take images from memory, or read the next few in the lane for what is wanted soon."""
        missing: list[_Image] = []
        while run.waiting and len(run.ready) + len(missing) < _TOGETHER:
            image = run.waiting.popleft()
            frame = self._at_hand(image.key)
            if frame is None:
                missing.append(image)
            else:
                run.ready.append((image, frame))
        if missing:
            run.jobs["read"] = self._jobs.submit(
                Lane.PREFETCH,
                f"Reading for the analysis: {missing[0].instance.named_path.name}",
                partial(_read_all, self._read, tuple(missing)),
                partial(self._were_read, run),
                partial(self._broken, run),
                shown=False,
            )

    def _were_read(self, run: _Run, found: tuple[tuple[_Image, Frame | ProductError], ...]) -> None:
        for image, frame in found:
            if isinstance(frame, Frame):
                run.ready.append((image, frame))
                continue
            for name in self._open_names(run, image):
                self._results.setdefault(image.key, {})[name] = failed(frame.message)
        self._go_on(run)

    def _ask(self, run: _Run) -> None:
        run.turn = tuple(run.ready.popleft() for _ in range(min(_TOGETHER, len(run.ready))))
        asked = tuple((frame, self._open_names(run, image)) for image, frame in run.turn)
        run.jobs["turn"] = self._jobs.submit(
            Lane.GPU,
            f"Analyzing {run.turn[0][0].instance.named_path.name}",
            partial(_ask_all, run.shelf, asked, run.questions),
            partial(self._were_asked, run),
            partial(self._broken, run),
            shown=False,
        )

    def _were_asked(self, run: _Run, found: tuple[_Asked, ...]) -> None:
        turn, run.turn = run.turn, ()
        for (image, _), asked in zip(turn, found, strict=True):
            for name, (answer, result) in asked.answers.items():
                self._results.setdefault(image.key, {})[name] = result
                if answer is not None:
                    self._maps.put((self._identity(asked.frame), name), answer)
                    self._answered(asked.frame, name, answer)
        # Listeners look at all images of the series: on a fast device not after each few of them.
        if time.monotonic() - self._said_at > _BETWEEN_CHANGES_S:
            self._say()
        self._go_on(run)

    def _report(self, run: _Run) -> None:
        if run.job is not None:
            left = len(run.waiting) + len(run.ready) + len(run.turn)
            run.job.report(Progress(run.total - left, run.total, "Comparing films with their twins"))

    def _broken(self, run: _Run, error: BaseException) -> None:
        """What no other image can be spared: the model file is damaged, or the program has met a fault."""
        if run is self._run:
            self.stop()
            self._tell("Analyze the whole series", error)

    def _cancelled(self, run: _Run) -> None:
        for job in run.jobs.values():
            job.cancel()
        if self._run is run:
            self._run = None
            self._say()

    def _say(self) -> None:
        self._shown = None
        self._said_at = time.monotonic()
        self.changed.emit()

    def _keep_result(self, key: FrameKey, name: str, result: ImageResult) -> None:
        self._results.setdefault(key, {})[name] = result
        self._say()


class _Maps:
    """Whole answers up to a limit in bytes; the longest unused go first."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0
        self._answers: OrderedDict[tuple[object, str], Answer] = OrderedDict()

    def get(self, key: tuple[object, str]) -> Answer | None:
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def put(self, key: tuple[object, str], answer: Answer) -> None:
        before = self._answers.pop(key, None)
        self._held_bytes += _bytes_of(answer) - (0 if before is None else _bytes_of(before))
        self._answers[key] = answer
        while self._held_bytes > self._limit_bytes and self._answers:
            self._held_bytes -= _bytes_of(self._answers.popitem(last=False)[1])

    def clear(self) -> None:
        self._answers.clear()
        self._held_bytes = 0

    @property
    def held_bytes(self) -> int:
        return self._held_bytes


def _bytes_of(answer: Answer) -> int:
    """Bytes of the maps of an answer; where a map counts is shared by all answers of a model."""
    arrays = (
        array
        for one in answer.analyses
        for array in (one.twin, one.denser, one.lucent, one.model_input.pixels, one.model_input.valid)
    )
    return sum(array.nbytes for array in arrays)


def question_title(question: Question) -> str:
    """What a question is called: the model's name, or that of its file."""
    return question.stem if isinstance(question, Path) else model_name(question.value)


# --- work in the lanes: values in, values out --------------------------------------------------------


def _foresee(
    shelf: OpenShelf, images: Sequence[_Image], series: Series, questions: Questions, ctx: JobContext
) -> tuple[tuple[FrameKey, str, Refusal], ...]:
    # An image whose size the index does not know must be looked at.
    known = [image for image in images if image.instance.rows and image.instance.columns]
    headers = [header_of(series, image.instance) for image in known]
    found = []
    for name, question in questions.items():
        ctx.checkpoint()
        refusals = shelf().foresee(headers, question)
        found += [(one.key, name, no) for one, no in zip(known, refusals, strict=True) if no is not None]
    return tuple(found)


def _read_all(
    read: Read, images: Sequence[_Image], ctx: JobContext
) -> tuple[tuple[_Image, Frame | ProductError], ...]:
    return tuple((image, _read_one(read, image, ctx)) for image in images)


def _read_one(read: Read, image: _Image, ctx: JobContext) -> Frame | ProductError:
    try:
        return read(image.instance, image.frame_index, ctx)
    except ProductError as error:
        return error


def _ask_all(
    shelf: OpenShelf,
    asked: Sequence[tuple[Frame, Sequence[str]]],
    questions: Questions,
    ctx: JobContext,
) -> tuple[_Asked, ...]:
    """The answers to all open questions about each frame."""
    answers: list[dict[str, tuple[Answer | None, ImageResult]]] = [{} for _ in asked]
    for name, question in questions.items():
        places = [place for place, (_, names) in enumerate(asked) if name in names]
        frames = [asked[place][0] for place in places]
        for place, answer in zip(places, _answers(shelf, frames, question, ctx), strict=True):
            ctx.checkpoint()
            if isinstance(answer, ProductError):
                answers[place][name] = None, failed(answer.message)
            else:
                answers[place][name] = answer, result_of(asked[place][0], answer)
    return tuple(_Asked(frame, found) for (frame, _), found in zip(asked, answers, strict=True))


def _answers(
    shelf: OpenShelf, frames: Sequence[Frame], question: Question, ctx: JobContext
) -> Iterable[Answer | ProductError]:
    """Where all together fail, each is asked by itself: none costs another its answer."""
    if not frames:
        return ()
    try:
        return shelf().analyze_series(frames, question, ctx)
    except ModelFileInvalid:
        raise  # it would be the same for every image
    except ProductError as error:
        if len(frames) == 1:
            return (error,)
    return [answer for frame in frames for answer in _answers(shelf, (frame,), question, ctx)]
