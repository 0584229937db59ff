from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import frame_memory
from core.frame_memory import FrameMemory, default_limit_bytes, limit_bytes
from core.imaging.frame import Frame


def frame(size_bytes: int = 100) -> Frame:
    return Frame(np.zeros((1, size_bytes), np.uint8))


def key(number: int) -> tuple[str, int]:
    return "clip.dcm", number


def test_the_longest_unused_go_first() -> None:
    memory = FrameMemory(300)
    for number in range(3):
        assert memory.put(key(number), frame())
    assert memory.get(key(0)) is not None
    assert memory.put(key(3), frame())
    assert [number for number in range(4) if key(number) in memory] == [0, 2, 3]
    assert memory.held_bytes == 300


def test_what_is_shown_is_never_dropped_however_large() -> None:
    memory = FrameMemory(250)
    memory.show(key(0), frame(1000))
    assert key(0) in memory
    assert not memory.put(key(1), frame())
    memory.show(key(2), frame())
    assert key(0) not in memory
    assert memory.put(key(1), frame())
    for number in range(3, 9):
        memory.put(key(number), frame())
    assert key(2) in memory


def test_what_is_spared_is_kept_and_the_new_one_refused() -> None:
    memory = FrameMemory(300)
    for number in range(3):
        memory.put(key(number), frame())
    assert not memory.put(key(3), frame(), {key(0), key(1), key(2)})
    assert memory.put(key(3), frame(), {key(0), key(2)})
    assert key(1) not in memory


def test_the_same_frame_again_counts_once() -> None:
    memory = FrameMemory(300)
    memory.put(key(0), frame())
    memory.put(key(0), frame(150))
    memory.show(key(0), frame(150))
    assert (len(memory), memory.held_bytes) == (1, 150)


def test_a_smaller_limit_drops_at_once_and_clear_drops_all() -> None:
    memory = FrameMemory(500)
    for number in range(5):
        memory.put(key(number), frame())
    memory.show(key(0), frame())
    memory.set_limit(200)
    assert [number for number in range(5) if key(number) in memory] == [0, 4]
    assert memory.limit_bytes == 200
    memory.clear()
    assert (len(memory), memory.held_bytes) == (0, 0)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 400), st.booleans()), max_size=40))
def test_the_limit_holds_whatever_is_read(steps: list[tuple[int, int, bool]]) -> None:
    memory = FrameMemory(700)
    shown: dict[tuple[str, int], int] = {}
    for number, size, is_shown in steps:
        if is_shown:
            memory.show(key(number), frame(size))
            shown = {key(number): size}
        else:
            memory.put(key(number), frame(size))
        assert memory.held_bytes == sum(one.stored.nbytes for one in memory._frames.values())
        replaced = not is_shown and key(number) in memory
        assert memory.held_bytes <= 700 or replaced or shown
        assert all(one in memory for one in shown)


@pytest.mark.parametrize(("free", "limit"), [(None, 2**30), (2**32, 2**30), (2**40, 2**31)])
def test_the_default_is_a_quarter_of_what_is_free(
    monkeypatch: pytest.MonkeyPatch, free: int | None, limit: int
) -> None:
    monkeypatch.setattr(frame_memory, "available_bytes", lambda: free)
    default_limit_bytes.cache_clear()
    assert limit_bytes(0) == limit
    assert limit_bytes(3) == 3 * 2**20
    default_limit_bytes.cache_clear()
