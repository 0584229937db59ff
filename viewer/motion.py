"""Whether a film changes its size under the hand: while it does speed counts, and at rest every pixel."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

STILL_MS = 120
"""After so long without a step a movement has ended."""


class Motion:
    """A row of quick steps. `rested` is called when no more of them come, not later than `STILL_MS` after.

    One step alone is no motion: what it shows stays, so it should be right at once. GUI thread only.
    """

    def __init__(self, parent: QObject, rested: Callable[[], None]) -> None:
        self._timer = QTimer(parent)
        self._timer.setSingleShot(True)
        self._timer.setInterval(STILL_MS)
        self._timer.timeout.connect(rested)

    def step(self) -> bool:
        """One more step was made: whether it came soon after another one."""
        quick = self._timer.isActive()
        self._timer.start()
        return quick
