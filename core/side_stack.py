"""What stands beside the session's image: one more series with a place, a window and inversion of its own.

Nothing is analyzed here and nothing decided. Frames come through lanes of the session's queue; each answer
is checked against the current question, so that no image ever stands under another's name. GUI thread only.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from psygnal import Signal

from core.frame_memory import FrameKey, FrameMemory, limit_bytes
from core.imaging.frame import Frame
from core.imaging.presentation import Presentation, present
from core.jobs import Job, Lane
from core.prefetch import Prefetch, Stack, key_of, read_for_display
from core.session import Selection, Session, ask_timing, same_scale
from core.windowing import Windowing

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.dicom.cine import CineTiming
    from core.dicom.study import Instance, Patient, Series, Study, StudyIndex

# A side viewport reads ahead as well, into a memory of its own: two that share one drive each other's out.
_SHARE_OF_MEMORY = 8


class SideStack(Windowing):
    """One series beside the session's. The verbs and signals have the names that they have in `Session`."""

    selection_changed = Signal(object)  # Selection | None
    frame_changed = Signal(object)  # Frame | None
    presented_changed = Signal(object)  # Presented | None
    failed = Signal(object, str)  # ProductError | BaseException, what was tried

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.selection: Selection | None = None
        self.place: tuple[Patient, Study, Series] | None = None
        self.frame: Frame | None = None
        self.settling = False
        """Whether what is said of the window comes with a new image rather than from the reader."""
        self._stack: Stack | None = None
        self._target: int | None = None
        self._direction = 1
        self._clip: range | None = None
        self._job: Job | None = None
        limit = limit_bytes(session.settings.frame_memory_mb) // _SHARE_OF_MEMORY
        self._memory = FrameMemory(limit)
        self._prefetch = Prefetch(
            session.jobs, self._memory, read_for_display, self._frame_came, self._frame_lost
        )
        session.index_changed.connect(self._keep_place)
        session.presented_changed.connect(self._present_again)

    def close(self) -> None:
        """The viewport goes: show nothing and hear nothing more."""
        self.session.index_changed.disconnect(self._keep_place, missing_ok=True)
        self.session.presented_changed.disconnect(self._present_again, missing_ok=True)
        self.clear()

    # --- which image -------------------------------------------------------------------------------

    def show(self, series: Series, position: int = 0) -> None:
        """Show an image of a series of the session's index; `KeyError` if it is not one of it."""
        if self.session.index is None:
            raise KeyError("No study is open.")
        instance, frame_index = series.images[position]
        place = self.session.index.place_of(instance, frame_index)
        series = place[2]
        self._leave()
        if self.selection is None or self.selection.series.key != series.key:
            self._prefetch.stop()
            self._set_frame(None)
        self.place, self._stack = place, Stack.of(series.images)
        self._direction, self._clip = 1, None
        self._ask(series.position_of(instance, frame_index))

    def clear(self) -> None:
        """Show nothing."""
        self._leave()
        self._prefetch.stop()
        self._memory.clear()
        self.selection = self.place = self._stack = None
        self.selection_changed.emit(None)
        self._set_frame(None)

    def show_frame(self, position: int) -> None:
        """Show the image at this place of the series; places outside mean the first or last."""
        if self.selection is None:
            return
        position = min(max(position, 0), self.selection.count - 1)
        if self.selection.loading:
            self._target = position
        elif position != self.selection.position:
            self._direction = 1 if position > self.selection.position else -1
            self._ask(position)

    def scroll(self, steps: int) -> None:
        """Go on by a number of images."""
        if self.selection is not None:
            here = self.selection.position if self._target is None else self._target
            self.show_frame(here + steps)

    @property
    def clip(self) -> range:
        """The places that play together: a file's frames, else the whole stack."""
        if self.selection is None or self._stack is None:
            return range(0)
        return self._stack.clips[self.selection.position]

    def play(self, clip: range | None) -> None:
        """Say that these places are played round and round, or None: no more."""
        self._clip = clip
        if self.frame is not None:
            self._read_ahead(self.frame)

    def rest(self) -> None:
        """The reader stays on this image: nothing begins by itself here."""

    def request_timing(self, on_answer: Callable[[Instance, CineTiming | None], None]) -> None:
        """Ask the file of the shown image how long its frames stand."""
        if self.selection is not None:
            ask_timing(self.session.jobs, self.selection.instance, on_answer)

    # --- how it is shown ---------------------------------------------------------------------------

    def show_by(self, state: Presentation | None) -> None:
        """Show the images of this series by a presentation state, or None: as their files say."""
        if self.frame is not None:
            self.session.states.choose(self.frame, state)
            self._present_again()

    # --- inside ------------------------------------------------------------------------------------

    def _ask(self, position: int) -> None:
        if self._stack is None or self.place is None:
            return
        series = self.place[2]
        instance, frame_index = self._stack.images[position]
        key = key_of(instance, frame_index)
        self.selection = Selection(series, instance, position, len(self._stack.images), loading=True)
        known = self._memory.get(key) or self.session.frame_at_hand(key)
        if known is not None:
            self._frame_read(key, known)
            return
        self.selection_changed.emit(self.selection)
        self._prefetch.hold(key)
        if not self._prefetch.is_reading(key):
            self._read(instance, frame_index)

    def _read(self, instance: Instance, frame_index: int) -> None:
        key = key_of(instance, frame_index)
        self._job = self.session.jobs.submit(
            Lane.SHOW,
            f"Reading {instance.named_path.name}",
            partial(read_for_display, instance, frame_index),
            partial(self._frame_read, key),
            partial(self._frame_failed, key),
            urgent=True,
            shown=False,
        )

    def _frame_came(self, key: FrameKey, frame: Frame) -> None:
        """A frame was read ahead: the reader may wait for it already."""
        if self.selection is not None and self.selection.loading:
            self._frame_read(key, frame)

    def _frame_lost(self, key: FrameKey) -> None:
        """A frame could not be read ahead: if the reader waits for it, it is read again, and told."""
        if self.selection is not None and self.selection.loading and key == self._key() and self._job is None:
            self._read(self.selection.instance, key[1])

    def _frame_read(self, key: FrameKey, frame: Frame) -> None:
        if self.selection is None or self._stack is None or key != self._key():
            return
        self._memory.show(key, frame)
        target = self._target
        self._leave()
        self.selection = replace(self.selection, loading=False)
        self.selection_changed.emit(self.selection)
        self._set_frame(frame)
        if self.selection is None or key != self._key() or self.selection.loading:
            return  # a listener went elsewhere
        self._read_ahead(frame)
        if target is not None:
            self.show_frame(target)

    def _read_ahead(self, frame: Frame) -> None:
        if self.selection is not None and self._stack is not None and self.selection.count > 1:
            self._prefetch.aim(self._stack, self.selection.position, self._direction, frame, self._clip)

    def _frame_failed(self, key: FrameKey, error: BaseException) -> None:
        if self.selection is None or key != self._key():
            return
        target = self._target
        self._leave()
        self.selection = replace(self.selection, loading=False)
        self.selection_changed.emit(self.selection)
        self._set_frame(None)
        self.failed.emit(error, f"Open {self.selection.instance.named_path.name}")
        if target is not None:
            self.show_frame(target)

    def _set_frame(self, frame: Frame | None) -> None:
        keep = self._own_grey and frame is not None and same_scale(frame, self.frame)
        self.frame = frame
        self._present(frame, keep=keep)
        self.settling = True
        try:
            self.frame_changed.emit(frame)
            self.presented_changed.emit(self.presented)
            self.grey_changed.emit(self.grey, self.invert)
        finally:
            self.settling = False

    def _present_again(self, _: object = None) -> None:
        """Presentation states may have come, or been chosen."""
        if self.frame is None or self.presented is None:
            return
        state = self.session.states.for_frame(self.frame)
        if state is not self.presented.state:
            self._present(self.frame)
            self.presented_changed.emit(self.presented)
            self.grey_changed.emit(self.grey, self.invert)

    def _present(self, frame: Frame | None, *, keep: bool = False) -> None:
        presented = None if frame is None else present(frame, self.session.states.for_frame(frame))
        presets = () if presented is None else self.session.presets_of(presented.frame)
        self._take_presented(presented, presets, keep=keep)

    def _keep_place(self, index: StudyIndex | None) -> None:
        """Another index: the same image in a series that may have grown, or nothing if it was closed."""
        if self.selection is None or self.place is None:
            return
        instance, frame_index = self.place[2].images[self.selection.position]
        try:
            if index is None:
                raise KeyError("Everything was closed.")
            place = index.place_of(instance, frame_index)
        except KeyError:
            self.clear()
            return
        if place[2] is self.place[2]:
            self.place = place
        elif self.frame is None:
            self.show(place[2], place[2].position_of(instance, frame_index))
        else:
            self.place, self._stack = place, Stack.of(place[2].images)
            self.selection = replace(
                self.selection,
                series=place[2],
                position=place[2].position_of(instance, frame_index),
                count=place[2].number_of_images,
            )
            self.selection_changed.emit(self.selection)

    def _key(self) -> FrameKey | None:
        if self.selection is None or self._stack is None:
            return None
        return self._stack.keys[self.selection.position]

    def _leave(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._job = self._target = None


Document = Session | SideStack
"""What a viewport shows: the session's image, or one of a series beside it. Both have the same verbs."""
