from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from phantoms import write_chest_film, write_colour, write_ct_series
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from core.session import Session
from core.side_stack import SideStack
from viewer import stack_bar
from viewer.stack_bar import StackBar, _time_words

Opened = Callable[..., Session]


@pytest.fixture
def bar(session: Session, qtbot: QtBot) -> Iterator[StackBar]:
    made = StackBar(session)
    qtbot.addWidget(made)
    yield made
    made.pause()
    made._rest_clock.stop()


def write_clip(path: Path, frames: int = 12, **changes: object) -> Path:
    """A clip in which frame n is n everywhere."""
    rgb = np.zeros((frames, 16, 20, 3), np.uint8) + np.arange(frames, dtype=np.uint8)[:, None, None, None]
    write_colour(path, rgb, **changes)
    return path


def button(bar: StackBar, name: str) -> QToolButton:
    return next(one for one in bar.findChildren(QToolButton) if one.accessibleName() == name)


def test_a_single_film_has_no_bar(bar: StackBar, opened: Opened, film: Path) -> None:
    opened(film)
    assert bar.isHidden()
    bar.toggle()
    assert not bar.playing


def test_the_slider_scrolls_and_tells_the_place(bar: StackBar, opened: Opened, tmp_path: Path) -> None:
    write_ct_series(tmp_path, 12)
    session = opened(tmp_path)
    assert not bar.isHidden()
    slider = bar.findChild(QSlider)
    assert (slider.minimum(), slider.maximum()) == (0, 11)
    assert bar.place_text == "1 / 12"
    slider.setValue(7)
    assert session.selection is not None
    assert session.selection.position == 7
    assert bar.place_text == "8 / 12"
    session.scroll(-2)
    assert slider.value() == 5


def test_a_stack_without_times_says_so_and_plays_at_ten_a_second(
    bar: StackBar, opened: Opened, tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 12)
    opened(tmp_path)
    assert bar.frames_per_second == pytest.approx(10)
    assert bar.rate_text == "no rate in file"


def test_the_rate_and_the_times_of_the_file_are_shown(
    bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    session = opened(write_clip(tmp_path / "clip.dcm", FrameTime="40"))
    qtbot.waitUntil(lambda: bar.rate_text == "file's rate")
    assert bar.frames_per_second == pytest.approx(25)
    assert bar.place_text == "1 / 12   0 ms"
    session.show_frame(3)
    assert bar.place_text == "4 / 12   120 ms"
    assert "FrameTime" in bar.findChild(QDoubleSpinBox).toolTip()


def test_frames_of_different_times_have_their_own(
    bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    times = [0, *[100 * step for step in range(1, 12)]]
    session = opened(
        write_clip(tmp_path / "clip.dcm", FrameIncrementPointer=0x00181065, FrameTimeVector=times)
    )
    qtbot.waitUntil(lambda: bar.rate_text == "file's rate")
    session.show_frame(4)
    assert bar.place_text == "5 / 12   1.00 s"


def test_a_clip_plays_round_and_round_at_its_rate(
    bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    session = opened(write_clip(tmp_path / "clip.dcm", FrameTime="5"))
    qtbot.waitUntil(lambda: bar.rate_text == "file's rate")
    places: list[int] = []
    session.selection_changed.connect(lambda selection: places.append(selection.position))
    button(bar, "Play").click()
    assert bar.playing
    qtbot.waitUntil(lambda: sum(b < a for a, b in pairwise(places)) >= 3, timeout=20_000)
    qtbot.waitUntil(lambda: bar.rate_text.startswith("shows ") and "…" not in bar.rate_text, timeout=20_000)
    button(bar, "Pause").click()
    assert not bar.playing
    assert bar.rate_text == "file's rate"


def test_a_late_clock_leaves_frames_out_instead_of_slowing_down(
    bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(write_clip(tmp_path / "clip.dcm", FrameTime="40"))
    qtbot.waitUntil(lambda: bar.rate_text == "file's rate")
    now_s = [1000.0]
    monkeypatch.setattr(stack_bar.time, "perf_counter", lambda: now_s[0])
    bar.play()
    bar._clock.stop()
    for elapsed_ms, frame in ((0, 0), (41, 1), (250, 6), (479, 11), (480, 0), (480 * 7 + 85, 2)):
        now_s[0] = 1000.0 + elapsed_ms / 1000
        bar._tick()
        bar._clock.stop()
        assert session.selection is not None
        assert session.selection.position == frame


def test_half_the_speed_takes_twice_the_time_and_goes_on_where_it_was(
    bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened(write_clip(tmp_path / "clip.dcm", FrameTime="40"))
    qtbot.waitUntil(lambda: bar.rate_text == "file's rate")
    now_s = [1000.0]
    monkeypatch.setattr(stack_bar.time, "perf_counter", lambda: now_s[0])
    bar.play()
    now_s[0] += 0.121
    bar.findChild(QDoubleSpinBox).setValue(12.5)
    bar._clock.stop()
    assert session.selection is not None
    assert session.selection.position == 3
    now_s[0] += 0.078
    bar._tick()
    assert session.selection.position == 3
    now_s[0] += 0.004
    bar._tick()
    assert session.selection.position == 4
    bar.pause()
    assert bar.rate_text == "own rate"
    bar.change_speed(1)
    assert bar.frames_per_second == pytest.approx(15.6)
    bar.change_speed(-1)
    assert bar.frames_per_second == pytest.approx(12.5)


def test_to_and_fro(bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    session = opened(write_clip(tmp_path / "clip.dcm", frames=4, FrameTime="5"))
    button(bar, "Loop or sweep").click()
    places: list[int] = []
    session.selection_changed.connect(lambda selection: places.append(selection.position))
    bar.play()
    qtbot.waitUntil(lambda: len(places) > 12, timeout=20_000)
    bar.pause()
    steps = {b - a for a, b in pairwise(places)}
    assert -1 in steps


def test_the_reader_stops_a_clip_by_scrolling_or_by_going_elsewhere(
    bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    write_clip(tmp_path / "clip.dcm", FrameTime="10000")
    write_ct_series(tmp_path / "ct", 5)
    session = opened(tmp_path)
    assert session.index is not None
    clip = next(one for one in session.index.instances if one.number_of_frames > 1)
    session.select(clip)
    qtbot.waitUntil(lambda: not session.jobs.active)
    bar.play()
    assert bar.playing
    session.scroll(3)
    assert not bar.playing
    bar.play()
    assert bar.playing
    other = next(one for one in session.index.instances if one.number_of_frames == 1)
    session.select(other)
    assert not bar.playing


def test_a_clip_of_several_in_one_series_plays_alone(
    bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    for number in (1, 2):
        write_clip(tmp_path / f"{number}.dcm", frames=4, FrameTime="5", InstanceNumber=number)
    session = opened(tmp_path)
    assert session.selection is not None
    assert session.selection.count == 8
    session.show_frame(5)
    places: list[int] = []
    session.selection_changed.connect(lambda selection: places.append(selection.position))
    bar.play()
    qtbot.waitUntil(lambda: len(places) > 12, timeout=20_000)
    bar.pause()
    assert set(places) <= {4, 5, 6, 7}


def test_nothing_is_analyzed_while_films_play_and_the_last_one_is_after(
    bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    for number in range(3):
        write_chest_film(
            tmp_path / f"{number}.dcm", rows=160, columns=150, seed=number, InstanceNumber=number + 1
        )
    session = opened(tmp_path)
    first = session.frame
    bar.play()
    qtbot.waitUntil(lambda: session.frame is not first, timeout=20_000)
    assert not session.reading.analyses
    bar.pause()
    qtbot.waitUntil(lambda: bool(session.reading.analyses), timeout=20_000)
    assert session.frame is not None
    assert session.reading.analyses[0].frame_digest == session.frame.digest


def test_a_drag_of_the_slider_is_not_pulled_back(
    bar: StackBar, opened: Opened, qtbot: QtBot, tmp_path: Path
) -> None:
    write_ct_series(tmp_path, 12)
    session = opened(tmp_path)
    slider = bar.findChild(QSlider)
    bar.resize(800, 40)
    bar.show()
    slider.setSliderDown(True)
    session._memory.clear()
    session._prefetch.stop()
    slider.setValue(4)
    slider.setValue(9)
    assert slider.value() == 9
    assert bar.place_text == "10 / 12"
    qtbot.waitUntil(lambda: not session.jobs.active)
    slider.setSliderDown(False)
    assert session.selection is not None
    assert session.selection.position == 9
    QTest.keyClick(slider, Qt.Key.Key_Home)
    assert session.selection.position == 0


def test_times_in_words() -> None:
    assert [_time_words(one) for one in (0, 33.3, 1500, 59_990, 61_250)] == [
        "0 ms",
        "33 ms",
        "1.50 s",
        "59.99 s",
        "1:01.25",
    ]


def test_the_bar_follows_another_viewport_and_comes_back(
    bar: StackBar, opened: Opened, tmp_path: Path, qtbot: QtBot
) -> None:
    write_ct_series(tmp_path / "one", 12, series_number=1)
    write_ct_series(tmp_path / "two", 5, series_number=2)
    session = opened(tmp_path)
    assert session.index is not None
    session.select(*session.index.series[0].images[3])
    qtbot.waitUntil(lambda: not session.jobs.active)
    side = SideStack(session)
    side.show(session.index.series[1])
    bar.play()
    bar.follow(side)
    assert not bar.playing
    qtbot.waitUntil(lambda: not session.jobs.active)
    slider = bar.findChild(QSlider)
    assert (slider.maximum(), bar.place_text) == (4, "1 / 5")
    assert bar.scores.strip.isHidden()
    place = session.selection.position  # type: ignore[union-attr]  # selected above
    slider.setValue(3)
    qtbot.waitUntil(lambda: not session.jobs.active)
    assert side.selection is not None
    assert side.selection.position == 3
    assert session.selection.position == place  # type: ignore[union-attr]  # as above
    bar.toggle()
    assert bar.playing
    qtbot.waitUntil(lambda: side.selection.position != 3)  # type: ignore[union-attr]  # as above
    bar.toggle()
    bar.follow(session)
    assert bar.place_text == f"{place + 1} / 12"
    side.close()
    qtbot.waitUntil(lambda: not session.jobs.active)
