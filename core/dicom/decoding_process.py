"""A process that decodes compressed frames, seen from both sides: the parent's handle and the child's loop.

Orders and answers are JSON; the compressed bytes and the values pass through one block of memory that both
see. Nothing is pickled, and the parent checks an answer before it believes it: a decoder that was taken over
by a file gains nothing. On Linux the block is anonymous (it needs no room in /dev/shm, and is gone with the
processes however they end) and sealed, so that a child cannot pull it from under the parent's feet.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import mmap
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from multiprocessing import shared_memory
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from core.dicom.codecs import Decoded, Task, decoded

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext
    from multiprocessing.process import BaseProcess

    from numpy.typing import NDArray

# Limits of one frame. Measured: JPEG 2000 needs about 0.1 s a megapixel on one core.
_CPU_SECONDS = 1.5
_CPU_SECONDS_A_MEGABYTE = 0.25
_WALL_PER_CPU = 8.0  # the machine may be busy; the CPU limit, where there is one, acts first
_WALL_MORE_SECONDS = 2.0
# Address space beyond what the idle process holds. OpenJPEG works with four bytes a sample, several times.
_MEMORY_BYTES = 768 * 2**20
_MEMORY_PER_RESULT = 8
_MAX_MEMORY_BYTES = 3 * 2**30
_SMALLEST_BLOCK = 4 * 2**20
_ALIGNMENT = 64
_LONGEST_ANSWER = 2**16
# Constants of their own, so that the type checker reads both branches on every system.
_ON_LINUX = sys.platform.startswith("linux")
_ANONYMOUS_BLOCKS = _ON_LINUX
_HAS_CPU_TIMER = sys.platform != "win32"
# Starting and ending processes is not made for several threads at once.
_STARTING = threading.Lock()


class Failure(NamedTuple):
    """Why a frame was not decoded, in words that end a sentence; no capital, no full stop."""

    words: str


class DecodingProcess:
    """One child and its block of memory; decodes one frame at a time, whoever asks. Starts when needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._block: _Block | None = None
        self._block_is_known = False

    @property
    def pid(self) -> int | None:
        """Process identifier of the living child, None while there is none."""
        process = self._process
        return None if process is None else process.pid

    def run(self, data: bytes, task: Task) -> Decoded | Failure:
        """Decode one frame; a child that dies or takes too long is given up, and the next frame gets another.

        A child that died in idleness (the system was short of memory) is replaced before it is missed.
        Raises `OSError` if no process or no memory for it can be had.
        """
        with self._lock:
            at = -(-len(data) // _ALIGNMENT) * _ALIGNMENT
            connection, block = self._ready(at + task.result_bytes)
            cpu_seconds = _CPU_SECONDS + _CPU_SECONDS_A_MEGABYTE * task.result_bytes / 1e6
            memory = min(_MEMORY_BYTES + _MEMORY_PER_RESULT * task.result_bytes, _MAX_MEMORY_BYTES)
            order = {
                "task": task,
                "data_bytes": len(data),
                "result_at": at,
                "block": "" if self._block_is_known else block.name,
                "block_bytes": block.size,
                "cpu_seconds": cpu_seconds,
                "memory_bytes": memory,
            }
            try:
                block.memory[: len(data)] = data
                connection.send_bytes(json.dumps(order).encode())
                if not self._block_is_known:
                    block.send(connection, self._process)
                    self._block_is_known = True
                if not connection.poll(cpu_seconds * _WALL_PER_CPU + _WALL_MORE_SECONDS):
                    self._end()
                    return Failure("it takes too long")
                answer = json.loads(connection.recv_bytes(_LONGEST_ANSWER))
            except (EOFError, OSError, ValueError):
                exit_code = self._end()
                too_long = _HAS_CPU_TIMER and exit_code == -signal.SIGPROF
                return Failure("it takes too long" if too_long else "the decoder broke down on them")
            return _taken(answer, task, block, at)

    def end(self) -> None:
        """End the child, also amid a frame, and give its memory back; the next frame starts another."""
        if not self._lock.acquire(blocking=False):
            process = self._process
            if process is not None:
                with contextlib.suppress(ValueError, AttributeError, OSError):  # it is gone meanwhile
                    process.kill()
            self._lock.acquire()
        try:
            self._end()
        finally:
            self._lock.release()

    def _ready(self, needed_bytes: int) -> tuple[Connection, _Block]:
        """A living child and a block that is large enough."""
        with _STARTING:
            dead = self._process is not None and not self._process.is_alive()
        if dead:
            self._end()
        if self._block is None or self._block.size < needed_bytes:
            self._release_block()
            self._block = _Block(max(needed_bytes, _SMALLEST_BLOCK))
            self._block_is_known = False
        if self._process is None or self._connection is None:
            context = _context()
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), name="healthytwin-decoding", daemon=True)
            try:
                with _STARTING:
                    process.start()
            except (OSError, EOFError) as error:
                ours.close()
                raise OSError(getattr(error, "errno", None), _system_words(error)) from error
            finally:
                theirs.close()
            self._process, self._connection = process, ours
            self._block_is_known = False
        return self._connection, self._block

    def _end(self) -> int | None:
        """End the child, whatever it does; its exit code."""
        exit_code = None
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
            with _STARTING:
                process.join(0.2)  # it ends by itself when the connection is gone, unless a decoder holds it
                if process.is_alive():
                    process.kill()
                    process.join()
                exit_code = process.exitcode
                process.close()
        self._release_block()
        return exit_code

    def _release_block(self) -> None:
        if self._block is not None:
            self._block.close()
            self._block = None


class _Block:
    """Memory that parent and child both see: anonymous where the system can, else named."""

    def __init__(self, size: int) -> None:
        self._descriptor = -1
        self._shared: shared_memory.SharedMemory | None = None
        self.name = ""
        if _ANONYMOUS_BLOCKS:
            self.name = "descriptor"
            self._descriptor = _sealed_memory(size)
            self._map = mmap.mmap(self._descriptor, size)
            self.memory = memoryview(self._map)
        else:
            self._shared = shared_memory.SharedMemory(create=True, size=size)
            self.name = self._shared.name
            self.memory = memoryview(cast("memoryview", self._shared.buf))
        self.size = size

    def send(self, connection: Connection, process: BaseProcess | None) -> None:
        """Hand the block to the child that has just been told of it."""
        if self._descriptor >= 0 and process is not None:
            from multiprocessing.reduction import send_handle

            send_handle(connection, self._descriptor, process.pid)

    def close(self) -> None:
        """Give the memory back to the system."""
        self.memory.release()
        if self._shared is not None:
            self._shared.close()
            with contextlib.suppress(FileNotFoundError):
                self._shared.unlink()
            return
        self._map.close()
        os.close(self._descriptor)


def _sealed_memory(size: int) -> int:
    """Descriptor of anonymous memory whose size nobody can change any more (Linux)."""
    import fcntl

    descriptor = os.memfd_create("healthytwin-decoding", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.truncate(descriptor, size)
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _taken(answer: object, task: Task, block: _Block, at: int) -> Decoded | Failure:
    """Copy the values out of the block; the child's answer is checked, not trusted."""
    if not isinstance(answer, dict):
        return Failure("the decoder gave no image")
    if "error" in answer:
        return Failure(str(answer["error"])[:200])
    photometric, kind = answer.get("photometric"), answer.get("type")
    shape = (task.rows, task.columns, task.samples) if task.samples > 1 else (task.rows, task.columns)
    if answer.get("shape") != list(shape) or not isinstance(photometric, str) or not isinstance(kind, str):
        return Failure("the decoder gave another image")
    if kind not in _TYPES or np.dtype(kind).itemsize * 8 != task.bits:
        return Failure("the decoder gave another image")
    values: NDArray[np.generic] = np.ndarray(shape, np.dtype(kind), buffer=block.memory, offset=at).copy()
    return Decoded(values, photometric[:16])


_TYPES = frozenset(f"{order}{sign}{size}" for order in "<|=" for sign in "iu" for size in (1, 2, 4, 8))


def _system_words(error: BaseException) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _context() -> ForkServerContext | SpawnContext:
    """How the child is made: on Linux from a server that has the decoders loaded (21 ms a replacement)."""
    if _ON_LINUX:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__, "openjpeg.utils", "jpeg_ls", "rle.utils", "imagecodecs"])
        return context
    return multiprocessing.get_context("spawn")


# --- in the child --------------------------------------------------------------------------------


def decode_here(data: bytes, task: Task) -> Decoded | Failure:
    """Decode in this process; whatever a decoder raises becomes words."""
    try:
        return decoded(data, task)
    except (KeyboardInterrupt, SystemExit):
        raise
    except MemoryError:
        return Failure("it needs too much memory")
    except BaseException as error:  # noqa: BLE001 - decoders raise anything; a Rust panic is no Exception
        text = " ".join(str(error).split())
        return Failure(text[:200].rstrip(". ") or type(error).__name__)


def _serve(connection: Connection) -> None:
    """The child: decode frames one by one until the parent hangs up."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.stderr = io.StringIO()  # decoders print; what went wrong is in the answer
    limits = _Limits()
    seen = _SeenBlock()
    while True:
        try:
            order = json.loads(connection.recv_bytes())
            if order["block"]:
                seen.take(order, connection)
        except (EOFError, OSError):
            break
        data = bytes(seen.memory[: order["data_bytes"]])
        with limits.held(order["cpu_seconds"], order["memory_bytes"]):
            outcome = decode_here(data, Task(*order["task"]))
            answer = _put(outcome, seen.memory, order["result_at"])
        connection.send_bytes(json.dumps(answer).encode())


def _put(outcome: Decoded | Failure, memory: memoryview, at: int) -> dict[str, object]:
    """Lay the values into the block and say what they are."""
    if isinstance(outcome, Failure):
        return {"error": outcome.words}
    values = outcome.values
    if values.nbytes > len(memory) - at:
        return {"error": "it is larger than its header says"}
    np.ndarray(values.shape, values.dtype, buffer=memory, offset=at)[...] = values
    return {
        "photometric": outcome.photometric_interpretation,
        "shape": list(values.shape),
        "type": values.dtype.str,
    }


class _SeenBlock:
    """The parent's block as the child sees it."""

    def __init__(self) -> None:
        self.memory = memoryview(b"")
        self._held: Any = None  # an mmap or a SharedMemory: kept alive, nothing else is asked of it

    def take(self, order: dict[str, Any], connection: Connection) -> None:  # JSON values
        """Map the block that an order names; the one before is let go."""
        self.memory.release()
        if self._held is not None:
            self._held.close()
        if order["block"] == "descriptor":
            from multiprocessing.reduction import recv_handle

            descriptor = recv_handle(connection)
            self._held = mmap.mmap(descriptor, order["block_bytes"])
            os.close(descriptor)
            self.memory = memoryview(self._held)
        else:
            self._held = shared_memory.SharedMemory(order["block"])
            self.memory = memoryview(self._held.buf)


class _Limits:
    """What one frame may take. Linux holds it to both limits; elsewhere the gate and the clock do."""

    def __init__(self) -> None:
        self._idle_bytes = 0
        if _HAS_CPU_TIMER:
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
        if _ON_LINUX:
            import resource

            with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - the plainest way to one number
                self._idle_bytes = int(statm.read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    @contextlib.contextmanager
    def held(self, cpu_seconds: float, memory_bytes: int) -> Any:  # a generator, as contextmanager wants it
        """Hold this process to the limits: CPU time to a few milliseconds, address space to the page."""
        if _ON_LINUX:
            import resource

            most = self._idle_bytes + memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
        if _HAS_CPU_TIMER:
            signal.setitimer(signal.ITIMER_PROF, max(cpu_seconds, 1e-6))
        try:
            yield
        finally:
            if _HAS_CPU_TIMER:
                signal.setitimer(signal.ITIMER_PROF, 0)
            if _ON_LINUX:  # what was held to too little must still be able to answer
                resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
