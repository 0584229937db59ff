"""Compressed frames are decoded in child processes with limits.

Decoders are C, C++ and Rust code fed with files from anywhere: they crash, hang, and claim memory. In
a child the worst of it costs one frame. A few children share the work, since decoders hold the interpreter's
lock and threads would take turns; each starts when all others are busy, is killed and replaced when it dies
or exceeds its limits (`core.dicom.decoding_process`), and ends with the program.
"""

from __future__ import annotations

import atexit
import math
import multiprocessing
import os
import queue
from typing import TYPE_CHECKING

from core.dicom.code_stream import RLE_LOSSLESS, read_code_stream
from core.dicom.codecs import PACKAGES, Decoded, decoding_syntax, task_for
from core.dicom.decoding_process import DecodingProcess, Failure, decode_here
from core.dicom.gate import Refused
from core.dicom.tags import uid_name
from core.errors import MissingDecoder, UnreadableFile

if TYPE_CHECKING:
    from core.dicom.codecs import Task
    from core.dicom.image_pixel import PixelDescription

_MOST_PROCESSES = 4  # reading and copying in this process keep up with no more


def decode(name: str, data: bytes, transfer_syntax_uid: str, pixels: PixelDescription) -> Decoded:
    """Decode the code stream of one frame of the file `name`; safe in any thread, several at a time.

    As many threads as there are processor cores (2 to 4) decode side by side; more wait for their turn.
    Raises `UnreadableFile` if the stream is damaged, does not match the header or exceeds the limits,
    `MissingDecoder` if no decoder for its transfer syntax is installed.
    """
    syntax = decoding_syntax(transfer_syntax_uid)
    if syntax not in PACKAGES:
        kind = uid_name(transfer_syntax_uid) or f"the unknown {transfer_syntax_uid}"
        raise Refused(name, f"the pixels are compressed as {kind}, which cannot be shown.")
    _check_code_stream(name, data, syntax, pixels)
    package = PACKAGES[syntax]
    if not package.is_installed:
        raise MissingDecoder(
            f"{name}: the pixels are compressed as {uid_name(transfer_syntax_uid)}, and the package "
            f"{package.name} that decodes it is not installed.",
            f"Install it with: pip install {package.name}",
        )
    task = task_for(data, syntax, pixels)
    if multiprocessing.current_process().daemon:
        # A worker of a data loader: it may not have children, and is itself one that may be lost.
        outcome = decode_here(data, task)
    else:
        try:
            outcome = _PROCESSES.run(data, task)
        except OSError as error:  # too many processes or open files, no memory, no folder for its socket
            words = (error.strerror or type(error).__name__).lower()
            raise UnreadableFile(
                f"{name}: the process that decodes its compressed pixels cannot start: {words}.",
                "Close other programs and see that the system's folder for temporary files can be written, "
                "then open the file again.",
            ) from error
    if isinstance(outcome, Failure):
        raise Refused(
            name, f"the compressed pixels cannot be decoded: {outcome.words}.", "Fetch the file again."
        )
    return outcome


def close() -> None:
    """End the decoding processes, also amid a frame; the next compressed frame starts others."""
    _PROCESSES.close()


def _check_code_stream(name: str, data: bytes, syntax: str, pixels: PixelDescription) -> None:
    """Refuse a code stream that is cut or of another size than the header's, before anything is allocated."""
    if syntax == RLE_LOSSLESS:
        segments = int.from_bytes(data[:4], "little")
        wanted = pixels.samples_per_pixel * math.ceil(pixels.bits_allocated / 8)
        if segments != wanted:
            raise Refused(
                name, f"the compressed frame has {segments} segments, its header declares {wanted}."
            )
        return
    stream = read_code_stream(data, syntax)
    if stream is None or not stream.is_believable:
        raise Refused(name, "the compressed pixels are damaged: their own header is missing or senseless.")
    if (stream.rows, stream.columns, stream.components) != (
        pixels.rows,
        pixels.columns,
        pixels.samples_per_pixel,
    ):
        raise Refused(
            name,
            f"the header declares {pixels.rows} × {pixels.columns} × {pixels.samples_per_pixel} samples, "
            f"the compressed picture has {stream.rows} × {stream.columns} × {stream.components}.",
        )
    if not stream.is_whole:
        # Decoders of lossy JPEG fill up what is missing with grey and say nothing; CharLS runs for seconds.
        raise Refused(
            name,
            "truncated: the compressed picture breaks off before its end.",
            "Copy or fetch the file again.",
        )


class _Processes:
    """The decoding processes: the one used last is taken first, so that few are started when few suffice."""

    def __init__(self) -> None:
        count = min(max(os.cpu_count() or 1, 2), _MOST_PROCESSES)
        self.all = tuple(DecodingProcess() for _ in range(count))
        self._idle: queue.LifoQueue[DecodingProcess] = queue.LifoQueue()
        for process in self.all:
            self._idle.put(process)

    def run(self, data: bytes, task: Task) -> Decoded | Failure:
        """Decode in the next process that is free."""
        process = self._idle.get()
        try:
            return process.run(data, task)
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End them all."""
        for process in self.all:
            process.end()

    def forget(self) -> None:
        """After a fork the copy must not touch the children of its parent."""
        self.__init__()  # type: ignore[misc]  # a fresh object in the same place


_PROCESSES = _Processes()
atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_PROCESSES.forget)
