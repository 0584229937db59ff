"""Frames are read before the reader comes to them: in the direction of scrolling first, then behind.

Reads go to a lane of their own, a few frames at a time, and end in the frame memory. Everything here
belongs to the owner's thread; the work itself gets values and gives values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from core.errors import ProductError
from core.frame_memory import FrameKey, FrameMemory
from core.imaging.frame import Frame
from core.jobs import Job, JobContext, JobQueue, Lane

if TYPE_CHECKING:
    from core.dicom.index import Instance

Image = tuple["Instance", int]
"""An instance and the index of one of its frames."""

ReadFrame = Callable[["Instance", int, JobContext], Frame]

# A larger frame is fingerprinted where it is read, so that the window does not wait for it.
_DIGESTED_AT_ONCE_BYTES = 2**20
# Small frames are read in batches: handing each over would cost the window as much as reading costs a worker.
_BATCH_BYTES = 4 * 2**20
_BATCH_MOST = 16
# The share of the memory for what lies ahead, if there is as much.
_AHEAD = 0.75
# Read in this process, where two threads are slower than one; all others wait for a decoding process.
_NATIVE = frozenset(
    {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"}
)


@dataclass(frozen=True, slots=True, eq=False)
class Stack:
    """The images of a series in their order, each with its key in the frame memory and the clip it is in.

    A clip is what plays together: neighbouring frames of one file, else the whole stack.
    """

    images: tuple[Image, ...]
    keys: tuple[FrameKey, ...]
    places: Mapping[FrameKey, int]
    clips: tuple[range, ...]

    @classmethod
    def of(cls, images: Sequence[Image]) -> Stack:
        """The stack of these images."""
        keys = tuple(key_of(*image) for image in images)
        clips: list[range] = []
        for _, group in groupby(images, lambda image: id(image[0])):
            instances = [instance for instance, _ in group]
            clip = range(len(clips), len(clips) + len(instances))
            clips += [clip if instances[0].number_of_frames > 1 else range(len(images))] * len(instances)
        return cls(tuple(images), keys, {key: place for place, key in enumerate(keys)}, tuple(clips))


def key_of(instance: Instance, frame_index: int) -> FrameKey:
    """Where a frame is kept in the frame memory."""
    return str(instance.path), frame_index


def read_for_display(instance: Instance, frame_index: int, ctx: JobContext) -> Frame:
    """In a worker: one frame with its digest, where computing that later would hold the window up."""
    from core.dicom.frames import read_frame

    ctx.checkpoint()
    frame = read_frame(instance, frame_index)
    if frame.stored.nbytes > _DIGESTED_AT_ONCE_BYTES:
        frame.digest  # noqa: B018 - computed once, and here
    return frame


def reading_order(place: int, count: int, direction: int, room: int, loop: range | None = None) -> list[int]:
    """The places to be in memory beside `place`, the most urgent first; `room` of them at most.

    `direction`: 1 or -1, where the reader goes. `loop`: places that are played round and round; then the
    way ahead goes from their last to their first.
    """
    ahead = list(_ahead(place, count, direction, loop))
    behind = list(_ahead(place, count, -direction, None)) if loop is None else []
    most_ahead = max(int(room * _AHEAD), room - len(behind))
    ahead = ahead[:most_ahead]
    return [*ahead, *behind[: max(room - len(ahead), 0)]]


def _ahead(place: int, count: int, direction: int, loop: range | None) -> Iterator[int]:
    if loop is None or place not in loop:
        yield from range(place + 1, count) if direction > 0 else range(place - 1, -1, -1)
        return
    length = len(loop)
    for step in range(1, length):
        yield loop.start + (place - loop.start + direction * step) % length


@dataclass(slots=True, eq=False)
class _Batch:
    """Frames that a worker reads one after the other."""

    keys: tuple[FrameKey, ...]
    job: Job | None = None


class Prefetch:
    """Keeps the frames around the shown one in memory. GUI thread only.

    `arrived` is called with each frame that was read, `lost` with the key of one that could not be: what is
    wrong with it is said when the reader comes to it. A frame that was lost is not tried again until `stop`.
    """

    def __init__(
        self,
        jobs: JobQueue,
        memory: FrameMemory,
        read: ReadFrame,
        arrived: Callable[[FrameKey, Frame], None],
        lost: Callable[[FrameKey], None],
    ) -> None:
        self._jobs = jobs
        self._memory = memory
        self._read = read
        self._arrived = arrived
        self._lost_one = lost
        self._stack: Stack | None = None
        self._wanted: list[int] = []
        self._spared: Collection[FrameKey] = ()
        self._complete = False
        self._batches: list[_Batch] = []
        self._lost: set[FrameKey] = set()
        self._frame_bytes = 1

    def aim(self, stack: Stack, place: int, direction: int, frame: Frame, loop: range | None = None) -> None:
        """Read what lies around `place`, where `frame` is shown; what nobody wants any more is dropped."""
        if stack is not self._stack:
            self.stop()
            self._stack = stack
        self._frame_bytes = max(frame.stored.nbytes, 1)
        room = max(self._memory.limit_bytes // self._frame_bytes - 1, 0)
        whole = room >= len(stack.keys) - 1
        if whole and self._complete:
            return
        self._wanted = reading_order(place, len(stack.keys), direction, room, loop)
        self._spared = stack.places if whole else frozenset(stack.keys[one] for one in self._wanted)
        for batch in self._batches:
            if batch.job is not None and not any(key in self._spared for key in batch.keys):
                batch.job.cancel()
        self._batches = [batch for batch in self._batches if batch.job is not None and batch.job.active]
        self._top_up()

    def is_reading(self, key: FrameKey) -> bool:
        """Whether a frame is on its way already."""
        return any(key in batch.keys for batch in self._batches)

    def hold(self, key: FrameKey) -> None:
        """Read nothing more until the next `aim`, but for the frame that the reader waits for."""
        self._wanted = []
        for batch in self._batches:
            if batch.job is not None and key not in batch.keys:
                batch.job.cancel()
        self._batches = [batch for batch in self._batches if batch.job is not None and batch.job.active]

    def stop(self) -> None:
        """Drop all that was asked for."""
        self._stack, self._wanted, self._spared, self._complete = None, [], (), False
        self._lost.clear()
        batches, self._batches = self._batches, []
        for batch in batches:
            if batch.job is not None:
                batch.job.cancel()

    def _top_up(self) -> None:
        """Keep the lane busy while something is wanted that is not in memory."""
        stack = self._stack
        if stack is None:
            return
        missing = self._missing(stack)
        while True:
            first = next(missing, None)
            if first is None:
                # All is in memory, and nothing else comes that could drive it out.
                self._complete = len(self._wanted) == len(stack.keys) - 1 and not self._batches
                return
            native = (
                stack.images[first][0].transfer_syntax_uid in _NATIVE or not stack.images[first][0].is_dicom
            )
            if len(self._batches) >= (1 if native else self._jobs.workers(Lane.PREFETCH)):
                return
            places = [first]
            if native:
                size = min(max(_BATCH_BYTES // self._frame_bytes, 1), _BATCH_MOST)
                places += [place for _, place in zip(range(size - 1), missing, strict=False)]
            self._submit(stack, places)

    def _missing(self, stack: Stack) -> Iterator[int]:
        on_their_way = {key for batch in self._batches for key in batch.keys}
        for place in self._wanted:
            key = stack.keys[place]
            if key not in self._memory and key not in on_their_way and key not in self._lost:
                yield place

    def _submit(self, stack: Stack, places: list[int]) -> None:
        images = tuple(stack.images[place] for place in places)
        batch = _Batch(tuple(stack.keys[place] for place in places))
        self._batches.append(batch)
        batch.job = self._jobs.submit(
            Lane.PREFETCH,
            f"Reading ahead: {images[0][0].named_path.name}",
            partial(_read_all, self._read, images),
            partial(self._done, batch),
            partial(self._failed, batch),
            shown=False,
        )

    def _done(self, batch: _Batch, frames: tuple[Frame | None, ...]) -> None:
        self._batches.remove(batch)
        read = tuple(zip(batch.keys, frames, strict=True))
        self._lost.update(key for key, frame in read if frame is None)
        for key, frame in read:
            if frame is not None and not self._memory.put(key, frame, self._spared):
                self._wanted = []  # the memory is full of what is wanted more
        for key, frame in read:
            if frame is None:
                self._lost_one(key)
            else:
                self._arrived(key, frame)
        self._top_up()

    def _failed(self, batch: _Batch, error: BaseException) -> None:
        """A bug on the way: the frames are read again, and it is told, when the reader comes to them."""
        self._done(batch, (None,) * len(batch.keys))


def _read_all(read: ReadFrame, images: Sequence[Image], ctx: JobContext) -> tuple[Frame | None, ...]:
    """In a worker: the frames of a batch, None for each that cannot be read."""
    return tuple(_read_or_none(read, *image, ctx) for image in images)


def _read_or_none(read: ReadFrame, instance: Instance, frame_index: int, ctx: JobContext) -> Frame | None:
    try:
        return read(instance, frame_index, ctx)
    except ProductError:  # said when the reader comes to this image
        return None
