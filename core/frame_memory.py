"""Frames that were read, kept in memory up to a limit in bytes; the longest unused go first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container
from functools import lru_cache

from core.imaging.frame import Frame
from core.memory import available_bytes

FrameKey = tuple[str, int]
"""A file and the index of a frame in it, counted from 0."""

_MEGABYTE = 2**20
_DEFAULT_SHARE = 0.25
_DEFAULT_MOST_BYTES = 2**31
# Where the system does not say: what the smallest machine that the program is made for can spare.
_DEFAULT_UNKNOWN_BYTES = 2**30


class FrameMemory:
    """The most recently used frames, `limit_bytes` of stored values at most. One thread only (the GUI's).

    What is shown is held whatever its size, and never dropped.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._frames: OrderedDict[FrameKey, Frame] = OrderedDict()
        self._shown: FrameKey | None = None
        self._held_bytes = 0

    def __contains__(self, key: FrameKey) -> bool:
        return key in self._frames

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def held_bytes(self) -> int:
        """Bytes of all stored values together."""
        return self._held_bytes

    @property
    def limit_bytes(self) -> int:
        """What is held at most, but for a shown frame that alone is larger."""
        return self._limit_bytes

    def set_limit(self, limit_bytes: int) -> None:
        """Take another limit, and drop what exceeds it."""
        self._limit_bytes = limit_bytes
        self._make_room(0, ())

    def get(self, key: FrameKey) -> Frame | None:
        """The frame, which now counts as used, or None."""
        frame = self._frames.get(key)
        if frame is not None:
            self._frames.move_to_end(key)
        return frame

    def show(self, key: FrameKey, frame: Frame) -> None:
        """Hold the frame that is shown from now on; the one before may go."""
        self._shown = key
        self._store(key, frame)
        self._make_room(0, ())

    def put(self, key: FrameKey, frame: Frame, spared: Container[FrameKey] = ()) -> bool:
        """Hold a frame if there is room beside the shown one and all of `spared`; whether there was."""
        if key not in self._frames and not self._make_room(frame.stored.nbytes, spared):
            return False
        self._store(key, frame)
        return True

    def clear(self) -> None:
        """Drop everything."""
        self._frames.clear()
        self._shown, self._held_bytes = None, 0

    def _store(self, key: FrameKey, frame: Frame) -> None:
        before = self._frames.pop(key, None)
        if before is not None:
            self._held_bytes -= before.stored.nbytes
        self._frames[key] = frame
        self._held_bytes += frame.stored.nbytes

    def _make_room(self, wanted_bytes: int, spared: Container[FrameKey]) -> bool:
        """Drop the longest unused until so many bytes fit; False if what may not go stands in the way."""
        if self._held_bytes + wanted_bytes <= self._limit_bytes:
            return True
        for key in tuple(self._frames):
            if key == self._shown or key in spared:
                continue
            self._held_bytes -= self._frames.pop(key).stored.nbytes
            if self._held_bytes + wanted_bytes <= self._limit_bytes:
                return True
        return False


@lru_cache(maxsize=1)
def default_limit_bytes() -> int:
    """A quarter of the memory that was free when this was first asked, 2 GB at most."""
    free = available_bytes()
    return _DEFAULT_UNKNOWN_BYTES if free is None else min(int(free * _DEFAULT_SHARE), _DEFAULT_MOST_BYTES)


def limit_bytes(wished_mb: int) -> int:
    """The limit for a setting in megabytes; 0 stands for the default of this machine."""
    return wished_mb * _MEGABYTE or default_limit_bytes()
