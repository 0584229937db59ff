from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from owner import Owner

from core.dicom.index import Instance
from core.errors import UnreadableFile
from core.frame_memory import FrameKey, FrameMemory
from core.imaging.frame import Frame
from core.jobs import JobContext, JobQueue
from core.prefetch import Prefetch, Stack, key_of, reading_order

NATIVE, PACKED = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.50"
FRAME = Frame(np.zeros((10, 10), np.uint8))


class Desk:
    """A prefetch over scripted files; what was read, and in which order."""

    def __init__(self, limit_bytes: int = 10_000) -> None:
        self.owner = Owner()
        self.jobs = JobQueue(self.owner.deliver)
        self.memory = FrameMemory(limit_bytes)
        self.read: list[int] = []
        self.bad: set[int] = set()
        self.arrived: list[FrameKey] = []
        self.lost: list[FrameKey] = []
        self.gate = threading.Semaphore(10**6)
        self.prefetch = Prefetch(
            self.jobs, self.memory, self._read, lambda key, frame: self.arrived.append(key), self.lost.append
        )

    def _read(self, instance: Instance, frame_index: int, ctx: JobContext) -> Frame:
        self.gate.acquire()
        ctx.checkpoint()
        self.read.append(frame_index)
        if frame_index in self.bad:
            raise UnreadableFile("broken")
        return FRAME

    def wait(self) -> None:
        self.owner.run_until(lambda: not self.jobs.active)

    def held(self) -> list[int]:
        return sorted(number for _, number in self.memory._frames)


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.gate.release(10**6)
    made.jobs.shutdown()


def clip(frames: int = 20, syntax: str = NATIVE) -> Stack:
    one = Instance(Path("clip"), "1.2", transfer_syntax_uid=syntax, number_of_frames=frames)
    return Stack.of([(one, frame) for frame in range(frames)])


def show(desk: Desk, stack: Stack, place: int) -> None:
    desk.memory.show(stack.keys[place], FRAME)


def test_a_stack_knows_its_clips() -> None:
    one = Instance(Path("a"), "1", number_of_frames=3)
    film = Instance(Path("b"), "2")
    two = Instance(Path("c"), "3", number_of_frames=2)
    stack = Stack.of([*((one, n) for n in range(3)), (film, 0), *((two, n) for n in range(2))])
    assert stack.clips == (range(3), range(3), range(3), range(6), range(4, 6), range(4, 6))
    assert stack.places[key_of(two, 1)] == 5


def test_ahead_goes_first_then_behind() -> None:
    assert reading_order(3, 8, 1, 100) == [4, 5, 6, 7, 2, 1, 0]
    assert reading_order(3, 8, -1, 100) == [2, 1, 0, 4, 5, 6, 7]
    assert reading_order(3, 8, 1, 4) == [4, 5, 6, 2]
    assert reading_order(7, 8, 1, 4) == [6, 5, 4, 3]
    assert reading_order(0, 8, 1, 4) == [1, 2, 3, 4]
    assert reading_order(0, 8, 1, 0) == []


def test_a_loop_goes_on_at_its_beginning() -> None:
    assert reading_order(4, 10, 1, 100, range(2, 7)) == [5, 6, 2, 3]
    assert reading_order(4, 10, 1, 2, range(2, 7)) == [5, 6]


@given(st.integers(1, 40), st.data())
def test_no_place_twice_nor_outside_nor_more_than_there_is_room(count: int, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, count - 1))
    room = data.draw(st.integers(0, 50))
    direction = data.draw(st.sampled_from([1, -1]))
    order = reading_order(place, count, direction, room)
    assert len(set(order)) == len(order) <= room
    assert set(order) <= set(range(count)) - {place}
    assert room < count - 1 or len(order) == count - 1


def test_the_whole_stack_comes_into_memory_ahead_first(desk: Desk) -> None:
    stack = clip()
    show(desk, stack, 5)
    desk.prefetch.aim(stack, 5, 1, FRAME)
    desk.wait()
    assert desk.read == [*range(6, 20), 4, 3, 2, 1, 0]
    assert desk.held() == list(range(20))
    assert len(desk.arrived) == 19
    desk.prefetch.aim(stack, 6, 1, FRAME)
    assert not desk.jobs.active


def test_what_does_not_fit_is_not_read() -> None:
    desk = Desk(limit_bytes=8 * 100)
    stack = clip()
    show(desk, stack, 0)
    desk.prefetch.aim(stack, 0, 1, FRAME)
    desk.wait()
    assert desk.held() == list(range(8))
    assert desk.memory.held_bytes == 800
    show(desk, stack, 4)
    desk.prefetch.aim(stack, 4, 1, FRAME)
    desk.wait()
    assert desk.memory.held_bytes == 800
    assert {5, 6, 7, 8, 9} <= set(desk.held())
    desk.jobs.shutdown()


def test_compressed_frames_are_read_by_two_at_once_and_native_ones_in_batches(desk: Desk) -> None:
    stack = clip(syntax=PACKED)
    desk.prefetch.aim(stack, 0, 1, FRAME)
    assert len(desk.jobs.active) == 2
    desk.prefetch.stop()
    desk.prefetch.aim(clip(), 0, 1, FRAME)
    assert len(desk.jobs.active) == 1


def test_a_jump_drops_what_nobody_wants_any_more() -> None:
    desk = Desk(limit_bytes=5 * 100)
    desk.gate = threading.Semaphore(0)
    stack = clip(200, PACKED)
    show(desk, stack, 0)
    desk.prefetch.aim(stack, 0, 1, FRAME)
    assert desk.prefetch.is_reading(stack.keys[1])
    show(desk, stack, 100)
    desk.prefetch.aim(stack, 100, -1, FRAME)
    assert not desk.prefetch.is_reading(stack.keys[1])
    assert desk.prefetch.is_reading(stack.keys[99])
    desk.gate.release(1000)
    desk.wait()
    assert desk.held() == [96, 97, 98, 99, 100] or desk.held() == [97, 98, 99, 100, 101]
    desk.jobs.shutdown()


def test_while_the_reader_waits_only_that_frame_is_read(desk: Desk) -> None:
    desk.gate = threading.Semaphore(0)
    stack = clip(syntax=PACKED)
    desk.prefetch.aim(stack, 0, 1, FRAME)
    desk.prefetch.hold(stack.keys[2])
    assert desk.prefetch.is_reading(stack.keys[2])
    assert not desk.prefetch.is_reading(stack.keys[1])
    desk.gate.release(1000)
    desk.wait()
    assert desk.arrived == [stack.keys[2]]


def test_a_frame_that_cannot_be_read_is_told_and_not_tried_again(desk: Desk) -> None:
    desk.bad = {3}
    stack = clip(6)
    desk.prefetch.aim(stack, 0, 1, FRAME)
    desk.wait()
    assert desk.lost == [stack.keys[3]]
    desk.prefetch.aim(stack, 1, 1, FRAME)
    desk.wait()
    assert desk.read.count(3) == 1
    desk.prefetch.stop()
    desk.prefetch.aim(stack, 1, 1, FRAME)
    desk.wait()
    assert desk.read.count(3) == 2


def test_a_bug_of_a_worker_loses_the_frame_and_not_the_program(desk: Desk) -> None:
    def broken(instance: Instance, frame_index: int, ctx: JobContext) -> Frame:
        raise RuntimeError("bug")

    desk.prefetch._read = broken
    stack = clip(3)
    desk.prefetch.aim(stack, 0, 1, FRAME)
    desk.wait()
    assert desk.lost == [stack.keys[1], stack.keys[2]]
