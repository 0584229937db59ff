from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imaging.playback import Playback, RateMeter, Repeat


def test_frames_stand_as_long_as_the_file_says() -> None:
    clip = Playback.of([10, 30, 60])
    assert clip.round_ms == 100
    assert clip.frames_per_second == 30
    assert clip.due_at(0) == (0, 10)
    assert clip.due_at(9.5) == (0, 0.5)
    assert clip.due_at(10) == (1, 30)
    assert clip.due_at(99) == (2, 1)
    assert clip.due_at(100) == (0, 10)
    assert clip.due_at(1015) == (1, 25)
    assert [clip.begin_of(frame) for frame in range(3)] == [0, 10, 40]


def test_a_sweep_goes_to_and_fro_and_shows_its_ends_once() -> None:
    clip = Playback.of([10, 10, 10, 10], Repeat.SWEEP)
    assert [clip.due_at(10 * step)[0] for step in range(8)] == [0, 1, 2, 3, 2, 1, 0, 1]
    assert Playback.of([10, 10], Repeat.SWEEP).order == (0, 1)
    assert Playback.of([10], Repeat.SWEEP).order == (0,)


@pytest.mark.parametrize("durations", [[], [0], [10, -1]])
def test_a_clip_without_time_is_none(durations: list[float]) -> None:
    with pytest.raises(ValueError, match="frames"):
        Playback.of(durations)


@given(
    st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=30), st.floats(0, 1e8), st.sampled_from(list(Repeat))
)
def test_at_any_time_one_frame_is_due(durations: list[float], elapsed: float, repeat: Repeat) -> None:
    frame, next_ms = Playback.of(durations, repeat).due_at(elapsed)
    assert 0 <= frame < len(durations)
    assert 0 <= next_ms <= max(durations) * 1.001 + 1e-3


def test_the_meter_tells_what_was_shown_in_the_last_second() -> None:
    meter = RateMeter()
    assert meter.rate(0) == 0
    for step in range(100):
        meter.count(step / 25)
    assert meter.rate(99 / 25) == pytest.approx(25)
    assert meter.rate(99 / 25 + 1.1) == 0
    for step in range(20):
        meter.count(4 + step / 5)
    assert meter.rate(4 + 19 / 5) == pytest.approx(5)
    meter.reset()
    assert meter.rate(8) == 0
