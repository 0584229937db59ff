"""The owner's thread, played by a queue that the test empties by hand."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

PATIENCE_S = 20.0


class Owner:
    """Keeps what is delivered until the test lets it run."""

    def __init__(self) -> None:
        self.calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def deliver(self, call: Callable[[], None]) -> None:
        """Take a call from any thread."""
        self.calls.put(call)

    def run_waiting(self) -> int:
        """Run what has arrived; returns how many calls that were."""
        count = 0
        while not self.calls.empty():
            self.calls.get()()
            count += 1
        return count

    def run_until(self, condition: Callable[[], bool]) -> None:
        """Run what arrives until the condition holds."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, "the condition never came true"
            try:
                self.calls.get(timeout=0.05)()
            except queue.Empty:
                continue
