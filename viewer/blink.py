"""Original and twin in turns, by themselves: the eye finds a change by motion.

Never faster than 4 times a second, whoever asks: beyond that flashing may harm people with photosensitive
epilepsy (WCAG 2.2, 2.3, speaks of three full flashes a second; two are the default here).
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

SLOWEST_HZ, FASTEST_HZ = 1.0, 4.0
DEFAULT_HZ = 2.0
_STEP_HZ = 0.5


class Blink(QObject):
    """Turns over and over while it runs; a full turn, both pictures, `rate_hz` times a second.

    Stops by itself when the window of `stage` is left, hidden, or covered by a dialog or a menu. GUI thread
    only.
    """

    turned = Signal(bool)
    """Whether the twin is to be seen now."""
    stopped = Signal()
    """After the last turn, which always brings the original back."""

    def __init__(self, stage: QWidget) -> None:
        super().__init__(stage)
        self._stage = stage
        self._rate_hz = DEFAULT_HZ
        self._twin = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._turn)

    @property
    def runs(self) -> bool:
        """Whether it blinks."""
        return self._timer.isActive()

    @property
    def shows_twin(self) -> bool:
        """Whether the twin is to be seen now."""
        return self._twin

    @property
    def rate_hz(self) -> float:
        """Full turns a second."""
        return self._rate_hz

    @property
    def interval_ms(self) -> int:
        """How long each of the two pictures stands."""
        return round(500 / self._rate_hz)

    def set_rate(self, rate_hz: float) -> None:
        """Another rate, brought into its bounds."""
        self._rate_hz = min(max(rate_hz, SLOWEST_HZ), FASTEST_HZ)
        if self.runs:
            self._timer.start(self.interval_ms)

    def stepped(self, steps: int) -> float:
        """The rate so many steps on, within its bounds."""
        return min(max(self._rate_hz + steps * _STEP_HZ, SLOWEST_HZ), FASTEST_HZ)

    def start(self) -> None:
        """Begin with the twin, at once."""
        if not self.runs:
            self._timer.start(self.interval_ms)
            self._show(True)

    def stop(self) -> None:
        """The original again, and no more turns."""
        if self.runs:
            self._timer.stop()
            self._show(False)
            self.stopped.emit()

    def _turn(self) -> None:
        if self._is_left():
            self.stop()
        else:
            self._show(not self._twin)

    def _is_left(self) -> bool:
        window = self._stage.window()
        covered = QApplication.activeModalWidget() is not None or QApplication.activePopupWidget() is not None
        return covered or not window.isActiveWindow() or not self._stage.isVisible() or window.isMinimized()

    def _show(self, twin: bool) -> None:
        if twin != self._twin:
            self._twin = twin
            self.turned.emit(twin)
