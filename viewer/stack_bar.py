"""The bar under the panels: scrolls through the images of a series, plays them, and shows their scores."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from core.imaging.playback import Playback, RateMeter, Repeat
from core.session import Selection, Session
from core.side_stack import Document
from viewer.language import tr
from viewer.score_strip import ScoreBar
from viewer.theme import Colour, icon, scaled
from viewer.watch import watch

if TYPE_CHECKING:
    from core.dicom.cine import CineTiming
    from core.dicom.index import Instance

DEFAULT_FRAMES_PER_SECOND = 10.0
"""For stacks whose files say nothing of time."""
REST_MS = 250
"""After so long on one image the reader counts as resting on it."""

_SLOWEST, _FASTEST = 0.1, 500.0
_SPEED_STEP = 1.25
_WAIT_FOR_FRAME_MS = 5
_RATE_EVERY_MS = 500


class StackBar(QWidget):
    """Scrolls through the images of the selected series, and plays them; not there when it has only one.

    A clip follows the clock at the file's rate, or at one that the reader chooses: what cannot be shown in
    time is left out, and the rate that is really reached is written beside. GUI thread only.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._document: Document = session
        self._selection: Selection | None = None
        self._timing: CineTiming | None = None
        self._timed: Instance | None = None
        self._speed = 1.0
        self._clip = range(0)
        self._repeat = Repeat.LOOP
        self._playback = Playback.of([1000 / DEFAULT_FRAMES_PER_SECOND])
        self._playing = False
        self._asked = -1
        self._began_s = 0.0
        self._meter = RateMeter()
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setTimerType(Qt.TimerType.PreciseTimer)
        self._clock.timeout.connect(self._tick)
        self._rate_clock = QTimer(self)
        self._rate_clock.setInterval(_RATE_EVERY_MS)
        self._rate_clock.timeout.connect(self._show_rate)
        self._rest_clock = QTimer(self)
        self._rest_clock.setSingleShot(True)
        self._rest_clock.setInterval(REST_MS)
        self._rest_clock.timeout.connect(self._rest)
        self._build()
        self._listen()

    def follow(self, document: Document) -> None:
        """Scroll through another document: that of the viewport on which commands act."""
        if document is self._document:
            return
        self.pause()
        self._document.selection_changed.disconnect(self.show_selection, missing_ok=True)
        self._document.failed.disconnect(self._stop_on_failure, missing_ok=True)
        self._document, self._selection, self._clip = document, None, range(0)
        self._rest_clock.stop()
        self.scores.set_shown(document is self._session)
        self._listen()

    def _listen(self) -> None:
        watch(self, self._document.selection_changed, self.show_selection)
        watch(self, self._document.failed, self._stop_on_failure)
        self.show_selection(self._document.selection)

    def _rest(self) -> None:
        self._document.rest()

    def _build(self) -> None:
        self._play = QToolButton()
        self._play.setIcon(icon("play"))
        self._play.setAccessibleName(tr("Play"))
        self._play.setToolTip(tr("Play or pause (C)"))
        self._play.clicked.connect(self.toggle)
        self._way = QToolButton()
        self._way.setAccessibleName(tr("Loop or sweep"))
        self._way.clicked.connect(self._turn_way)
        self._rate = QDoubleSpinBox()
        self._rate.setRange(_SLOWEST, _FASTEST)
        self._rate.setDecimals(1)
        self._rate.setSuffix(" /s")
        self._rate.setKeyboardTracking(False)
        self._rate.setAccessibleName(tr("Frames a second"))
        self._rate.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        self._rate.setFixedWidth(scaled(72))
        self._rate.valueChanged.connect(self._take_rate)
        self._origin = QLabel()
        self._origin.setStyleSheet(f"color: {Colour.QUIET};")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(tr("Image of the series"))
        self._slider.setToolTip(tr("Images of the series (arrow keys, wheel)"))
        self._slider.valueChanged.connect(self._take_place)
        self._place = QLabel()
        self._place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        controls = QHBoxLayout()
        for widget in (self._play, self._way, self._rate, self._origin):
            controls.addWidget(widget)
        self.scores = ScoreBar(self._session, self)
        grid = QGridLayout(self)
        grid.setContentsMargins(10, 2, 10, 2)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        grid.addLayout(controls, 0, 0)
        grid.addWidget(self._slider, 0, 1)
        grid.addWidget(self._place, 0, 2)
        grid.addWidget(self.scores.lead, 1, 0)
        grid.addWidget(self.scores.strip, 1, 1)
        grid.addWidget(self.scores.legend, 1, 2, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.scores.line, 2, 0, 1, 3)
        self._show_way()
        self.hide()

    # --- what is shown -----------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        """Whether a clip plays."""
        return self._playing

    @property
    def place_text(self) -> str:
        """Which image of how many, and its time in the clip if the file says so."""
        return self._place.text()

    @property
    def rate_text(self) -> str:
        """Where the rate comes from, or which is reached while it plays."""
        return self._origin.text()

    @property
    def frames_per_second(self) -> float:
        """The rate that is wished for."""
        return self._playback.frames_per_second * self._speed

    def show_selection(self, selection: Selection | None) -> None:
        """Follow the session."""
        before, self._selection = self._selection, selection
        several = selection is not None and selection.count > 1
        self.setVisible(several)
        if selection is None or not several:
            self.pause()
            return
        clip = self._document.clip
        other = before is None or (before.series.key, before.series.arrangement) != (
            selection.series.key,
            selection.series.arrangement,
        )
        if other or clip != self._clip:
            self.pause()
            self._clip = clip
            self._begin_clip(selection)
        elif self._playing and selection.position != self._asked:
            self.pause()  # the reader went elsewhere
        if not self._slider.isSliderDown():
            with QSignalBlocker(self._slider):
                self._slider.setRange(0, selection.count - 1)
                self._slider.setValue(selection.position)
        self._write_place(selection.position)
        if not selection.loading:
            if self._playing:
                self._meter.count(time.perf_counter())
            else:
                self._rest_clock.start()

    def _begin_clip(self, selection: Selection) -> None:
        """Forget the timing of the clip before, and ask the file for its own."""
        self._timing, self._timed, self._speed = None, selection.instance, 1.0
        self._remake()
        self._document.request_timing(self._take_timing)

    def _take_timing(self, instance: Instance, timing: CineTiming | None) -> None:
        if timing is not None and instance == self._timed:
            self._timing = timing
            self._remake()

    def _remake(self) -> None:
        """Make the clip's times anew, and say where they come from."""
        default_ms = 1000 / DEFAULT_FRAMES_PER_SECOND
        timing, selection = self._timing, self._selection
        durations = [default_ms] * max(len(self._clip), 1)
        if timing is not None and selection is not None:
            images = selection.series.images
            durations = [timing.duration_ms(images[place][1]) for place in self._clip]
        self._playback = Playback.of(durations, self._repeat)
        self._keep_time()
        with QSignalBlocker(self._rate):
            self._rate.setValue(self.frames_per_second)
        if timing is None:
            words = tr("The file says nothing of time; this rate is the program's, change it as you like")
        else:
            words = tr("The file's rate, from {source}").format(source=timing.source)
        self._rate.setToolTip(tr("{words} (, slower   . faster)").format(words=words))
        self._show_rate()
        if self._selection is not None:
            self._write_place(self._selection.position)

    def _write_place(self, position: int) -> None:
        count = self._slider.maximum() + 1
        words = f"{position + 1} / {count}"
        if self._timing is not None and position in self._clip:
            words += f"   {_time_words(self._playback.begin_of(position - self._clip.start))}"
        self._place.setText(words)
        # As wide as it will ever be: the slider must not move under the mouse.
        widest = self._place.fontMetrics().horizontalAdvance(
            f"{count} / {count}" + "   00:00.00" * bool(self._timing)
        )
        self._place.setMinimumWidth(widest + 4)

    def _show_rate(self) -> None:
        if self._playing:
            reached = self._meter.rate(time.perf_counter())
            self._origin.setText(
                tr("shows {reached:.1f} /s").format(reached=reached) if reached else tr("shows …")
            )
        elif self._speed != 1.0:
            self._origin.setText(tr("own rate"))
        else:
            self._origin.setText(tr("file's rate") if self._timing is not None else tr("no rate in file"))
        metrics = self._origin.fontMetrics()
        self._origin.setMinimumWidth(
            max(
                metrics.horizontalAdvance(tr("no rate in file")),
                metrics.horizontalAdvance(tr("shows {reached:.1f} /s").format(reached=888.8)),
            )
            + 4
        )

    # --- what the reader does ----------------------------------------------------------------------

    def toggle(self) -> None:
        """Play, or pause."""
        if self._playing:
            self.pause()
        else:
            self.play()

    def play(self) -> None:
        """Play from the image that is shown, round and round."""
        selection = self._selection
        if selection is None or len(self._clip) < 2:
            return
        self._playing = True
        self._asked = selection.position
        self._rest_clock.stop()
        self._meter.reset()
        self._begin_at(selection.position - self._clip.start)
        self._document.play(self._clip)
        self._rate_clock.start()
        self._show_playing()
        self._tick()

    def pause(self) -> None:
        """Stand still on the image that is shown."""
        if not self._playing:
            return
        self._playing = False
        self._clock.stop()
        self._rate_clock.stop()
        self._document.play(None)
        self._show_playing()

    def change_speed(self, steps: int) -> None:
        """Faster by a quarter, or slower."""
        self._rate.setValue(self.frames_per_second * _SPEED_STEP**steps)

    def _take_rate(self, wished: float) -> None:
        here = self._elapsed_ms()
        self._speed = wished / self._playback.frames_per_second
        self._began_s = time.perf_counter() - here / 1000 / self._speed
        self._meter.reset()
        self._show_rate()
        if self._playing:
            self._tick()

    def _take_place(self, place: int) -> None:
        self._write_place(place)
        self._document.show_frame(place)

    def _turn_way(self) -> None:
        self._repeat = Repeat.SWEEP if self._repeat is Repeat.LOOP else Repeat.LOOP
        self._remake()
        self._show_way()

    def _show_way(self) -> None:
        loop = self._repeat is Repeat.LOOP
        self._way.setIcon(icon("loop" if loop else "sweep"))
        words = tr("Round and round") if loop else tr("To and fro")
        self._way.setToolTip(tr("{words}; click for the other way").format(words=words))

    def _show_playing(self) -> None:
        self._play.setIcon(icon("pause" if self._playing else "play"))
        self._play.setAccessibleName(tr("Pause") if self._playing else tr("Play"))
        self._show_rate()

    def _stop_on_failure(self, error: BaseException, tried: str) -> None:
        self.pause()

    # --- the clock ---------------------------------------------------------------------------------

    def _elapsed_ms(self) -> float:
        return (time.perf_counter() - self._began_s) * 1000 * self._speed

    def _begin_at(self, frame: int) -> None:
        """Set the clock to the beginning of a frame."""
        self._began_s = time.perf_counter() - self._playback.begin_of(frame) / 1000 / self._speed

    def _keep_time(self) -> None:
        """New times under a running clip: go on from the frame that is shown."""
        if self._playing and self._asked in self._clip:
            self._begin_at(self._asked - self._clip.start)

    def _tick(self) -> None:
        """Show the frame that is due; while one is still being read, those that follow are left out."""
        if not self._playing or self._selection is None:
            return
        frame, next_ms = self._playback.due_at(self._elapsed_ms())
        wait_ms = max(math.ceil(next_ms / self._speed), 1)
        if self._selection.loading:
            wait_ms = min(wait_ms, _WAIT_FOR_FRAME_MS)
        elif self._clip.start + frame != self._asked:
            self._asked = self._clip.start + frame
            self._document.show_frame(self._asked)
        self._clock.start(wait_ms)


def _time_words(time_ms: float) -> str:
    """A time in the clip: milliseconds below a second, then seconds, then minutes."""
    if time_ms < 1000:
        return f"{time_ms:.0f} ms"
    if time_ms < 60_000:
        return f"{time_ms / 1000:.2f} s"
    minutes, rest_ms = divmod(time_ms, 60_000)
    return f"{minutes:.0f}:{rest_ms / 1000:05.2f}"
