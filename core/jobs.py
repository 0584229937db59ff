"""Background work on named lanes: submit, progress, cancel. Knows no window.

The owner (the GUI thread) submits a function; a worker of the lane runs it; everything that follows,
progress, result or failure, comes back on the owner's thread through the injected `deliver`. A `Job`'s
fields change there and nowhere else, so nobody outside this module needs a lock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from psygnal import Signal

Result = TypeVar("Result")


class Lane(StrEnum):
    """Who runs what; each lane has its own workers."""

    READ = "read"
    SHOW = "show"
    PREFETCH = "prefetch"
    GPU = "gpu"
    TRAIN = "train"
    VOLUME = "volume"
    SCAN = "scan"
    KEEP = "keep"


# One reader: two pydicom threads are slower than one (measured). The image that somebody waits for never
# stands behind a scan or a thumbnail, and is read ahead in two lanes' worth of waiting for decoding
# processes. One owner for the device.
# Volumes are resampled on a lane of their own: it takes seconds that no reading should wait for. So are
# folders looked through, with little need of pydicom: the first image is read while the scan goes on.
# What the reader decides is written on a lane of its own: it waits for the disk, and for nothing else.
LANES: Mapping[Lane, int] = {
    Lane.READ: 1,
    Lane.SHOW: 1,
    Lane.PREFETCH: 2,
    Lane.GPU: 1,
    Lane.TRAIN: 1,
    Lane.VOLUME: 1,
    Lane.SCAN: 1,
    Lane.KEEP: 1,
}


# A BaseException, as in asyncio: a broad `except Exception` on the way (a decoder, a hook) must not eat it.
class Cancelled(BaseException):
    """Raised inside the work by `JobContext.report` and `checkpoint` once the job is cancelled."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: `done` of `total` steps (`total` 0: not known) and what it is at."""

    done: int = 0
    total: int = 0
    text: str = ""


class JobContext:
    """What work may say and ask while it runs. This one belongs to no queue: it hears nothing, never cancels.

    The command line derives its progress bar from it. Both methods may raise `Cancelled`; call them
    between steps, from the thread that does the work.
    """

    def report(self, done: int, total: int, text: str = "") -> None:
        """Say that `done` of `total` steps are done."""

    def checkpoint(self) -> None:
        """Stop here if the job was cancelled."""

    def hand_over(self, part: object) -> None:
        """Give what is ready so far; a newer part takes the place of one that is still on its way."""


NO_JOB = JobContext()


class JobState(StrEnum):
    """Where a job stands; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_ACTIVE = frozenset({JobState.QUEUED, JobState.RUNNING})


class Job:
    """A submitted piece of work as its owner sees it. Made by `JobQueue.submit`; owner's thread only.

    `shown` is False for small work that nobody wants to see in a list (thumbnails).
    """

    def __init__(self, queue: JobQueue, lane: Lane, title: str, shown: bool) -> None:
        self.lane = lane
        self.title = title
        self.shown = shown
        self.state = JobState.QUEUED
        self.progress = Progress()
        self._queue = queue
        self._cancelled = threading.Event()
        self._work: Callable[[], None] | None = None

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in _ACTIVE

    def cancel(self) -> None:
        """Drop the job: neither result nor failure is delivered, even if one is on its way already.

        Work that runs stops at its next checkpoint; the lane is free from then on.
        """
        if self.active:
            self._cancelled.set()
            self._queue._finish(self, JobState.CANCELLED)


class LongJob(Job):
    """Work that its owner does in many jobs, shown and cancelled as one. Made by `JobQueue.begin`.

    `on_cancelled` stops what is under way; it is called once, and not when the work ends by `finish`.
    """

    def __init__(
        self, queue: JobQueue, lane: Lane, title: str, on_cancelled: Callable[[], None], shown: bool
    ) -> None:
        super().__init__(queue, lane, title, shown)
        self._on_cancelled = on_cancelled
        self.state = JobState.RUNNING

    def report(self, progress: Progress) -> None:
        """Say how far it is."""
        self._queue._show_progress(self, progress)

    def finish(self) -> None:
        """All of it is done, or given up for a reason that was told."""
        if self.active:
            self._queue._finish(self, JobState.DONE)

    def cancel(self) -> None:
        """Stop it, with all jobs that it is made of."""
        was_active = self.active
        super().cancel()
        if was_active:
            self._on_cancelled()


class JobQueue:
    """Runs work on lanes and brings the outcome back to the owner's thread.

    `deliver(call)` must run `call` on the owner's thread, later, and be callable from any thread.
    `changed` is emitted on the owner's thread with the job whose state or progress is new.
    """

    changed = Signal(Job)

    def __init__(
        self, deliver: Callable[[Callable[[], None]], None], lanes: Mapping[Lane, int] = LANES
    ) -> None:
        self._deliver = deliver
        self._workers = dict(lanes)
        self._executors = {
            lane: ThreadPoolExecutor(workers, thread_name_prefix=f"lane-{lane}")
            for lane, workers in lanes.items()
        }
        # Workers take from the left; appending and popping are atomic.
        self._waiting: dict[Lane, deque[Job]] = {lane: deque() for lane in lanes}
        self._active: dict[Job, None] = {}

    def workers(self, lane: Lane) -> int:
        """How many jobs of a lane run at once."""
        return self._workers[lane]

    @property
    def active(self) -> tuple[Job, ...]:
        """Jobs that wait or run, oldest first."""
        return tuple(self._active)

    def submit(
        self,
        lane: Lane,
        title: str,
        work: Callable[[JobContext], Result],
        on_done: Callable[[Result], None],
        on_failed: Callable[[BaseException], None] | None = None,
        *,
        on_part: Callable[[Result], None] | None = None,
        urgent: bool = False,
        shown: bool = True,
    ) -> Job:
        """Run `work(context)` on a worker of `lane`, then `on_done(result)` on the owner's thread.

        Whatever it raises, panics of foreign libraries included, goes to `on_failed`; without one it is
        raised again on the owner's thread, where the crash hook waits. `on_part` gets what the work hands
        over before it is done. `urgent` work overtakes what waits. Whether a result is still wanted is the
        caller's check: newest wins.
        """
        job = Job(self, lane, title, shown)
        context = _LaneContext(job, self._deliver, self._show_progress, on_part)

        def run() -> None:
            # Worker thread. The only broad catch of the program's work: nothing may be lost on a lane.
            self._deliver(lambda: self._start(job))
            try:
                context.checkpoint()
                result = work(context)
            except Cancelled:
                return
            except BaseException as error:  # noqa: BLE001  # handed to the owner, whatever it is
                # partial, not lambda: a closure over the error would be a cycle through its traceback.
                self._deliver(partial(self._fail, job, error, on_failed))
            else:
                self._deliver(partial(self._complete, job, result, on_done))

        job._work = run
        waiting = self._waiting[lane]
        if urgent:
            waiting.appendleft(job)
        else:
            waiting.append(job)
        self._active[job] = None
        self._executors[lane].submit(_run_next, waiting)
        self.changed.emit(job)
        return job

    def begin(
        self, lane: Lane, title: str, on_cancelled: Callable[[], None], *, shown: bool = True
    ) -> LongJob:
        """A name for work that the owner submits to `lane` bit by bit, so that other work comes between."""
        job = LongJob(self, lane, title, on_cancelled, shown)
        self._active[job] = None
        self.changed.emit(job)
        return job

    def shutdown(self) -> None:
        """Cancel everything and wait for the workers. Results that come in later are dropped."""
        for job in self.active:
            job.cancel()
        for executor in self._executors.values():
            executor.shutdown(wait=True, cancel_futures=True)

    def _start(self, job: Job) -> None:
        if job.active:
            job.state = JobState.RUNNING
            self.changed.emit(job)

    def _show_progress(self, job: Job, progress: Progress) -> None:
        if job.active:
            job.progress = progress
            self.changed.emit(job)

    def _complete(self, job: Job, result: Result, on_done: Callable[[Result], None]) -> None:
        if job.active:
            self._finish(job, JobState.DONE)
            on_done(result)

    def _fail(
        self, job: Job, error: BaseException, on_failed: Callable[[BaseException], None] | None
    ) -> None:
        if not job.active:
            return
        self._finish(job, JobState.FAILED)
        if on_failed is None:
            raise error
        on_failed(error)

    def _finish(self, job: Job, state: JobState) -> None:
        job.state = state
        job._work = None  # a job that is kept for its name must not keep images alive
        self._active.pop(job, None)
        self.changed.emit(job)


class _LaneContext(JobContext):
    """Reports of a running job, at most one of them on its way to the owner at any time."""

    def __init__(
        self,
        job: Job,
        deliver: Callable[[Callable[[], None]], None],
        show: Callable[[Job, Progress], None],
        on_part: Callable[[Any], None] | None,  # its type is that of the result, which `submit` checks
    ) -> None:
        self._job = job
        self._deliver = deliver
        self._show = show
        self._on_part = on_part
        self._lock = threading.Lock()
        self._newest: Progress | None = None
        self._parts: list[object] = []

    def report(self, done: int, total: int, text: str = "") -> None:
        self.checkpoint()
        with self._lock:
            on_its_way = self._newest is not None
            self._newest = Progress(done, total, text)
        if not on_its_way:
            self._deliver(self._show_newest)

    def checkpoint(self) -> None:
        if self._job._cancelled.is_set():
            raise Cancelled

    def hand_over(self, part: object) -> None:
        self.checkpoint()
        with self._lock:
            on_its_way = bool(self._parts)
            self._parts = [part]
        if not on_its_way:
            self._deliver(self._show_part)

    def _show_part(self) -> None:
        with self._lock:
            parts, self._parts = self._parts, []
        if self._job.active and self._on_part is not None:
            for part in parts:
                self._on_part(part)

    def _show_newest(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, None
        if newest is not None:
            self._show(self._job, newest)


def _run_next(waiting: deque[Job]) -> None:
    """Run the first job that still wants to run; one call is made for each job submitted."""
    try:
        work = waiting.popleft()._work
    except IndexError:
        return
    if work is not None:
        work()
