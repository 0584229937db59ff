"""Long work that must be done on the GUI thread, in slices so short that nothing stalls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

from PySide6.QtCore import QObject, QTimer

_SLICE_S = 0.004  # a screen shows 60 pictures a second, and layout and drawing need their part


class Slices(QObject):
    """Goes through steps a few milliseconds at a time; between two slices the window lives on.

    The first slice runs at once, so that short work is done when `start` returns.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Iterator[None] | None = None
        self._then: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._slice)

    @property
    def running(self) -> bool:
        """Whether steps are left."""
        return self._steps is not None

    def start(self, steps: Iterator[None], then: Callable[[], None] | None = None) -> None:
        """Begin with these steps, in the place of those that are left; `then` is called behind the last."""
        self._steps, self._then = steps, then
        self._timer.stop()
        self._slice()

    def stop(self) -> None:
        """Forget what is left."""
        self._steps = self._then = None
        self._timer.stop()

    def _slice(self) -> None:
        steps, end = self._steps, perf_counter() + _SLICE_S
        while steps is not None and steps is self._steps:
            try:
                next(steps)
            except StopIteration:
                then = self._then
                self.stop()
                if then is not None:
                    then()
                return
            if perf_counter() > end:
                self._timer.start()
                return
