"""Which frame of a clip is due at a time, and how many were really shown.

A clip follows the clock: a frame that comes too late is left out, and the clip is never slowed down.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

_MEASURED_OVER_S = 1.0


class Repeat(StrEnum):
    """What comes after the last frame: the first one again, or the way back."""

    LOOP = "loop"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True)
class Playback:
    """Frames in the order in which they are played, and when each begins, in ms from the start of a round.

    `begins_ms` has one number more than `order`: the length of the round.
    """

    order: tuple[int, ...]
    begins_ms: tuple[float, ...]

    @classmethod
    def of(cls, durations_ms: Sequence[float], repeat: Repeat = Repeat.LOOP) -> Playback:
        """A clip whose frames stand so long each. Raises `ValueError` without frames, or for a time ≤ 0."""
        if not durations_ms or min(durations_ms) <= 0:
            raise ValueError("A clip needs frames, each of which stands for a while.")
        count = len(durations_ms)
        order = tuple(range(count))
        if repeat is Repeat.SWEEP:
            order += tuple(range(count - 2, 0, -1))
        return cls(order, tuple(accumulate((durations_ms[frame] for frame in order), initial=0.0)))

    @property
    def round_ms(self) -> float:
        """How long a round takes."""
        return self.begins_ms[-1]

    @property
    def frames_per_second(self) -> float:
        """Frames of a round by its length."""
        return 1000 * len(self.order) / self.round_ms

    def due_at(self, elapsed_ms: float) -> tuple[int, float]:
        """The frame that is due, and after how many ms the next one is."""
        within = elapsed_ms % self.round_ms
        step = min(bisect_right(self.begins_ms, within), len(self.order)) - 1
        return self.order[step], max(self.begins_ms[step + 1] - within, 0.0)

    def begin_of(self, frame: int) -> float:
        """When a frame begins on its way forward, in ms from the start of the clip."""
        return self.begins_ms[frame]


class RateMeter:
    """Frames a second over the last second."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque()

    def count(self, now_s: float) -> None:
        """A frame is shown now."""
        self._times_s.append(now_s)
        while now_s - self._times_s[0] > _MEASURED_OVER_S:
            self._times_s.popleft()

    def rate(self, now_s: float) -> float:
        """Frames a second; 0 if too few were shown to tell."""
        if len(self._times_s) < 2 or now_s - self._times_s[-1] > _MEASURED_OVER_S:
            return 0.0
        return (len(self._times_s) - 1) / (self._times_s[-1] - self._times_s[0])

    def reset(self) -> None:
        """Begin anew."""
        self._times_s.clear()
