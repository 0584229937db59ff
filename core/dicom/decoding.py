"""Compressed frames are decoded in a child process with limits.

Decoders are C, C++ and Rust code fed with files from anywhere: they crash, hang, and claim memory. In
a child the worst of it costs one frame. There is one child; it starts with the first compressed frame,
is killed and replaced when it dies or exceeds its limits, and ends with the program. It is told and answers
in JSON, bytes and a block of shared memory, never in pickles: a decoder that was taken over gains nothing.

The module is also a pydicom decoder plug-in (`decode_code_stream`), for the compressions for which
pydicom has no decoder without GPL or crash-prone packages.
"""

from __future__ import annotations

import atexit
import contextlib
import io
import json
import logging
import math
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from importlib.util import find_spec
from multiprocessing import shared_memory
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
from pydicom import uid as transfer_syntaxes
from pydicom.encaps import encapsulate
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from core.dicom.gate import Refused
from core.dicom.tags import uid_name
from core.errors import MissingDecoder, UnreadableFile

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkServerContext, SpawnContext
    from multiprocessing.process import BaseProcess

    from numpy.typing import NDArray
    from pydicom.pixels.decoders.base import DecodeRunner

    from core.dicom.image_pixel import PixelDescription

# Limits of one frame. Measured: JPEG 2000 needs about 0.1 s a megapixel on one core.
_CPU_SECONDS = 2.0
_CPU_SECONDS_A_MEGABYTE = 0.25
_WALL_PER_CPU = 8.0  # the machine may be busy; the CPU limit, where there is one, acts first
_WALL_MORE_SECONDS = 2.0
_ADDRESS_SPACE_BYTES = 3 * 2**30
# A constant of its own, so that the type checker reads both branches on every system.
_ON_LINUX = sys.platform.startswith("linux")


class DecodedFrame(NamedTuple):
    """Values as the code stream holds them, and the photometric interpretation that they are in."""

    values: NDArray[np.generic]
    photometric_interpretation: str


def decode(name: str, data: bytes, transfer_syntax_uid: str, pixels: PixelDescription) -> DecodedFrame:
    """Decode the code stream of one frame of the file `name`; safe in any thread, one frame at a time.

    Raises `UnreadableFile` if the stream is damaged, does not match the header or exceeds the limits,
    `MissingDecoder` if no decoder for its transfer syntax is installed.
    """
    syntax = _LIKE_ANOTHER.get(transfer_syntax_uid, transfer_syntax_uid)
    if syntax not in _PACKAGES:
        kind = uid_name(transfer_syntax_uid) or f"the unknown {transfer_syntax_uid}"
        raise Refused(name, f"the pixels are compressed as {kind}, which cannot be shown.")
    _check_code_stream(name, data, syntax, pixels)
    package = _PACKAGES[syntax]
    if find_spec(package.module) is None:
        raise MissingDecoder(
            f"{name}: the pixels are compressed as {uid_name(transfer_syntax_uid)}, and the package "
            f"{package.name} that decodes it is not installed.",
            f"Install it with: pip install {package.name}",
        )
    job = _Job(data, syntax, _options(data, syntax, pixels), _result_bytes(data, syntax, pixels))
    if multiprocessing.current_process().daemon:
        # A worker of a data loader: it may not have children, and is itself one that may be lost.
        answer, values = _decode_here(job)
    else:
        try:
            answer, values = _CHILD.run(job)
        except OSError as error:  # too many processes or open files, no shared memory
            words = (error.strerror or type(error).__name__).lower()
            raise UnreadableFile(
                f"{name}: the process that decodes its compressed pixels cannot start: {words}.",
                "Close other programs, then open the file again.",
            ) from error
    if values is None:
        raise Refused(
            name, f"the compressed pixels cannot be decoded: {answer['error']}.", "Fetch the file again."
        )
    return DecodedFrame(values, str(answer["photometric"]))


def close() -> None:
    """End the decoding process; the next compressed frame starts another."""
    _CHILD.close()


def sniffed_transfer_syntax(data: bytes) -> str:
    """Transfer syntax of a code stream by its first bytes, "" if it is none that is known."""
    if data.startswith((b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP")):
        return str(transfer_syntaxes.JPEG2000)
    frame = _jpeg_frame(data)
    if frame is None:
        return ""
    if frame.marker == 0xF7:
        return str(transfer_syntaxes.JPEGLSLossless)
    if frame.marker == 0xC3:
        return str(transfer_syntaxes.JPEGLossless)
    return str(transfer_syntaxes.JPEGExtended12Bit)


class _Package(NamedTuple):
    """Package that decodes a transfer syntax: its name on PyPI and the module to import."""

    name: str
    module: str


_IMAGECODECS = _Package("imagecodecs", "imagecodecs")
_OPENJPEG = _Package("pylibjpeg-openjpeg", "openjpeg")
_RLE = _Package("pylibjpeg-rle", "rle")
_PYJPEGLS = _Package("pyjpegls", "jpeg_ls")
_PACKAGES: dict[str, _Package] = {
    transfer_syntaxes.JPEGBaseline8Bit: _IMAGECODECS,
    transfer_syntaxes.JPEGExtended12Bit: _IMAGECODECS,
    transfer_syntaxes.JPEGLossless: _IMAGECODECS,
    transfer_syntaxes.JPEGLosslessSV1: _IMAGECODECS,
    transfer_syntaxes.JPEGLSLossless: _PYJPEGLS,
    transfer_syntaxes.JPEGLSNearLossless: _PYJPEGLS,
    transfer_syntaxes.JPEG2000Lossless: _OPENJPEG,
    transfer_syntaxes.JPEG2000: _OPENJPEG,
    transfer_syntaxes.HTJ2KLossless: _OPENJPEG,
    transfer_syntaxes.HTJ2KLosslessRPCL: _OPENJPEG,
    transfer_syntaxes.HTJ2K: _OPENJPEG,
    transfer_syntaxes.RLELossless: _RLE,
}
# Retired processes whose code streams the decoder of another transfer syntax reads all the same.
_LIKE_ANOTHER: dict[str, str] = {
    **{
        f"1.2.840.10008.1.2.4.{number}": transfer_syntaxes.JPEGExtended12Bit
        for number in (52, 53, 54, 55, 56)
    },
    **{f"1.2.840.10008.1.2.4.{number}": transfer_syntaxes.JPEGLossless for number in (58, 65, 66)},
    "1.2.840.10008.1.2.4.92": transfer_syntaxes.JPEG2000Lossless,
    "1.2.840.10008.1.2.4.93": transfer_syntaxes.JPEG2000,
}
_JPEG_2000 = frozenset(
    (
        transfer_syntaxes.JPEG2000Lossless,
        transfer_syntaxes.JPEG2000,
        transfer_syntaxes.HTJ2KLossless,
        transfer_syntaxes.HTJ2KLosslessRPCL,
        transfer_syntaxes.HTJ2K,
    )
)
_PLUGIN = "healthytwin"


_JPEG_END = b"\xff\xd9"


class _CodeStream(NamedTuple):
    """What the header of a code stream says of its image; `is_whole`: a JPEG stream has its end mark."""

    rows: int
    columns: int
    components: int
    precision: int
    marker: int = 0
    component_ids: tuple[int, ...] = ()
    jfif: bool = False
    adobe_transform: int | None = None
    is_whole: bool = True


def _code_stream(data: bytes, syntax: str) -> _CodeStream | None:
    return _jpeg_2000_size(data) if syntax in _JPEG_2000 else _jpeg_frame(data)


def _check_code_stream(name: str, data: bytes, syntax: str, pixels: PixelDescription) -> None:
    """Refuse a code stream that is cut or of another size than the header's, before anything is allocated."""
    if syntax == transfer_syntaxes.RLELossless:
        segments = int.from_bytes(data[:4], "little")
        wanted = pixels.samples_per_pixel * math.ceil(pixels.bits_allocated / 8)
        if segments != wanted:
            raise Refused(
                name, f"the compressed frame has {segments} segments, its header declares {wanted}."
            )
        return
    stream = _code_stream(data, syntax)
    if stream is None:
        raise Refused(name, "the compressed pixels are damaged: their own header is missing.")
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


def _jpeg_2000_size(data: bytes) -> _CodeStream | None:
    """The SIZ segment of a JPEG 2000 code stream, bare or in a JP2 file (ISO 15444-1 A.5.1)."""
    start = data.find(b"\xff\x4f\xff\x51", 0, 4096)
    siz = data[start + 4 : start + 4 + 41] if start >= 0 else b""
    if len(siz) < 39:
        return None
    number = [int.from_bytes(siz[at : at + 4], "big") for at in (4, 8, 12, 16)]
    components = int.from_bytes(siz[36:38], "big")
    return _CodeStream(number[1] - number[3], number[0] - number[2], components, (siz[38] & 0x7F) + 1)


def _jpeg_frame(data: bytes) -> _CodeStream | None:
    """The frame header of a JPEG or JPEG-LS code stream, with what its markers say of colour."""
    if not data.startswith(b"\xff\xd8"):
        return None
    offset, jfif, adobe = 2, False, None
    while offset + 4 <= len(data):
        if data[offset] != 0xFF:
            return None
        marker = data[offset + 1]
        if marker == 0xFF:  # fill byte
            offset += 1
            continue
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:
            offset += 2
            continue
        length = int.from_bytes(data[offset + 2 : offset + 4], "big")
        body = data[offset + 4 : offset + 2 + length]
        if marker == 0xE0 and body.startswith(b"JFIF"):
            jfif = True
        elif marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
            adobe = body[11]
        elif (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:
            if len(body) < 6 + 3 * body[5] if len(body) > 5 else True:
                return None
            rows, columns = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
            ids = tuple(body[6 + 3 * index] for index in range(body[5]))
            # Coded data hold no marker (a byte FF is stuffed), so what looks like the end is the end.
            is_whole = data.find(_JPEG_END, offset) >= 0
            return _CodeStream(rows, columns, body[5], body[0], marker, ids, jfif, adobe, is_whole)
        elif marker in (0xDA, 0xD9):
            return None
        offset += 2 + length
    return None


class _Job(NamedTuple):
    """One frame to decode."""

    data: bytes
    syntax: str
    options: dict[str, str | int]
    result_bytes: int


def _container_bits(data: bytes, syntax: str, pixels: PixelDescription) -> int:
    """Bits of the type that holds what the decoder gives; a stream's precision may exceed the header's."""
    stream = _code_stream(data, syntax) if syntax != transfer_syntaxes.RLELossless else None
    precision = stream.precision if stream is not None else pixels.bits_allocated
    needed = next((bits for bits in (8, 16, 32) if precision <= bits), 32)
    return max(needed, pixels.bits_allocated if pixels.bits_allocated > 1 else 8)


def _options(data: bytes, syntax: str, pixels: PixelDescription) -> dict[str, str | int]:
    return {
        "rows": pixels.rows,
        "columns": pixels.columns,
        "number_of_frames": 1,
        "samples_per_pixel": pixels.samples_per_pixel,
        "bits_allocated": _container_bits(data, syntax, pixels),
        "bits_stored": pixels.bits_stored,
        "photometric_interpretation": pixels.photometric_interpretation,
        "pixel_representation": pixels.pixel_representation,
        "planar_configuration": pixels.planar_configuration,
        "pixel_keyword": "PixelData",
        "correct_unused_bits": False,
    }


def _result_bytes(data: bytes, syntax: str, pixels: PixelDescription) -> int:
    bits = _container_bits(data, syntax, pixels)
    return pixels.rows * pixels.columns * pixels.samples_per_pixel * bits // 8


# --- the plug-in that pydicom calls, in the child ------------------------------------------------

# pydicom asks a plug-in module for these two names.
DECODER_DEPENDENCIES = {UID(syntax): (package.name,) for syntax, package in _PACKAGES.items()}


def is_available(uid: str) -> bool:
    """Whether this plug-in can decode a transfer syntax (pydicom's plug-in protocol)."""
    return (
        uid in _PACKAGES and _PACKAGES[uid] is not _PYJPEGLS and find_spec(_PACKAGES[uid].module) is not None
    )


def decode_code_stream(src: bytes, runner: DecodeRunner) -> bytes | bytearray:
    """Decoded bytes of one code stream, without any colour conversion (pydicom's plug-in protocol)."""
    package = _PACKAGES[runner.transfer_syntax]
    if package is _OPENJPEG:
        return _decode_jpeg_2000(src, runner)
    if package is _RLE:
        return _decode_rle(src, runner)
    return _decode_jpeg(src, runner)


def _decode_jpeg(src: bytes, runner: DecodeRunner) -> bytes:
    """JPEG baseline, extended (8 and 12 bit), progressive and lossless, by imagecodecs."""
    import imagecodecs

    frame = _jpeg_frame(src)
    if frame is None:
        raise ValueError("no JPEG frame header")
    if frame.marker == 0xC3:
        array = imagecodecs.jpegsof3_decode(src)
    else:
        # The same colour space for input and output keeps the components as they are in the stream.
        space = "GRAYSCALE" if frame.components == 1 else "YCBCR"
        array = imagecodecs.jpeg8_decode(src, colorspace=space, outcolorspace=space)
    runner.set_option("photometric_interpretation", _jpeg_colour(frame, runner))
    runner.set_option("bits_allocated", 8 * array.dtype.itemsize)
    runner.set_option("planar_configuration", 0)
    decoded: bytes = np.ascontiguousarray(array).tobytes()
    return decoded


def _jpeg_colour(frame: _CodeStream, runner: DecodeRunner) -> str:
    """What the three components are: the stream's own marks go before the header (RGB exactly once)."""
    declared = str(runner.photometric_interpretation)
    if frame.components != 3 or frame.marker == 0xC3:
        return declared
    if frame.component_ids in ((82, 71, 66), (114, 103, 98)) or frame.adobe_transform == 0:
        return "RGB"
    if frame.jfif or frame.adobe_transform == 1:
        return "YBR_FULL"
    return declared


def _decode_jpeg_2000(src: bytes, runner: DecodeRunner) -> bytearray:
    """JPEG 2000 and HTJ2K, by OpenJPEG, which undoes the colour transforms RCT and ICT itself."""
    from openjpeg.utils import decode_pixel_data

    decoded = decode_pixel_data(src, version=2)
    if runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT"):
        runner.set_option("photometric_interpretation", "RGB")
    size = _jpeg_2000_size(src)
    precision = size.precision if size is not None else runner.bits_stored
    runner.set_option("bits_allocated", next((bits for bits in (8, 16, 32) if precision <= bits), 32))
    runner.set_option("planar_configuration", 0)
    return cast("bytearray", decoded)


def _decode_rle(src: bytes, runner: DecodeRunner) -> bytearray:
    """RLE (PS3.5 G), one plane of samples after the other."""
    from rle.utils import decode_pixel_data

    decoded = decode_pixel_data(src, version=2, **runner.options)
    runner.set_option("planar_configuration", 1)
    return cast("bytearray", decoded)


def _register() -> None:
    """Put the plug-in into pydicom's decoders, once."""
    for syntax in _PACKAGES:
        decoder = get_decoder(UID(syntax))
        if is_available(syntax) and _PLUGIN not in decoder.available_plugins:
            decoder.add_plugin(_PLUGIN, (__name__, "decode_code_stream"))


def _plugin_for(syntax: str) -> str:
    return "pyjpegls" if _PACKAGES[syntax] is _PYJPEGLS else _PLUGIN


# --- in the child --------------------------------------------------------------------------------


def _decode_here(job: _Job) -> tuple[dict[str, object], NDArray[np.generic] | None]:
    """Decode in this process; the answer says what was decoded, or in words why not."""
    _register()
    buffer = encapsulate([job.data])
    try:
        values, properties = get_decoder(UID(job.syntax)).as_array(
            buffer,
            index=0,
            raw=True,
            validate=False,
            decoding_plugin=_plugin_for(job.syntax),
            **job.options,  # type: ignore[arg-type]  # pydicom's annotation of the options is of the whole
        )
    except (KeyboardInterrupt, SystemExit):
        raise
    except MemoryError:
        return {"error": "it needs too much memory"}, None
    except BaseException as error:  # noqa: BLE001 - decoders raise anything; a Rust panic is no Exception
        return {"error": _words(error)}, None
    values = np.ascontiguousarray(values)
    answer: dict[str, object] = {
        "photometric": str(properties["photometric_interpretation"]),
        "shape": values.shape,
        "type": values.dtype.str,
    }
    return answer, values


def _words(error: BaseException) -> str:
    """What a decoder complained of, without pydicom's sentences about plug-ins around it."""
    text = " ".join(str(error).split())
    for plugin in (_PLUGIN, "pyjpegls"):
        text = text.rpartition(f"{plugin}: ")[2]
    return text[:200].rstrip(". ") or type(error).__name__


def _serve(connection: Connection) -> None:
    """The child: decode jobs one by one until the parent hangs up."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.stderr = io.StringIO()  # decoders print; what went wrong is in the answer
    _limit_memory()
    block: shared_memory.SharedMemory | None = None
    while True:
        try:
            order = json.loads(connection.recv_bytes())
            job = _Job(connection.recv_bytes(), *order["job"])
        except (EOFError, OSError):
            break
        if block is None or block.name.lstrip("/") != order["block"].lstrip("/"):
            if block is not None:
                block.close()
            block = shared_memory.SharedMemory(order["block"])
        _limit_cpu(order["cpu_seconds"])
        answer, values = _decode_here(job)
        if values is not None:
            if values.nbytes > block.size:
                answer = {"error": "it is larger than its header says"}
            else:
                np.ndarray(values.shape, values.dtype, buffer=block.buf)[...] = values
        connection.send_bytes(json.dumps(answer).encode())
    if block is not None:
        block.close()


def _limit_memory() -> None:
    """Cap what decoding may claim beyond what the process holds already (Unix; elsewhere the gate alone)."""
    if not _ON_LINUX:
        return
    import resource

    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - the plainest way to one number
        held = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + _ADDRESS_SPACE_BYTES, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_cpu(seconds: float) -> None:
    """Let the system end this process when the next frame takes more CPU time than it may."""
    if not _ON_LINUX:
        return
    import resource

    usage = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


# --- in the parent -------------------------------------------------------------------------------


class _Child:
    """The one decoding process. The lock is here because two reading threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: BaseProcess | None = None
        self._connection: Connection | None = None
        self._block: shared_memory.SharedMemory | None = None

    def run(self, job: _Job) -> tuple[dict[str, object], NDArray[np.generic] | None]:
        """Decode one frame; a child that dies or takes too long is replaced and the frame given up."""
        with self._lock:
            connection, block = self._ready(job.result_bytes)
            cpu_seconds = _CPU_SECONDS + _CPU_SECONDS_A_MEGABYTE * job.result_bytes / 1e6
            try:
                order = {"job": job[1:], "block": block.name, "cpu_seconds": cpu_seconds}
                connection.send_bytes(json.dumps(order).encode())
                connection.send_bytes(job.data)
                if not connection.poll(cpu_seconds * _WALL_PER_CPU + _WALL_MORE_SECONDS):
                    self._end()
                    return {"error": "it takes too long"}, None
                answer = json.loads(connection.recv_bytes(2**16))
            except (EOFError, OSError, ValueError):
                exit_code = self._end()
                too_long = _ON_LINUX and exit_code == -signal.SIGXCPU
                return {"error": "it takes too long" if too_long else "the decoder broke down on them"}, None
            return self._taken(answer, job, block)

    def close(self) -> None:
        """End the child and give its shared memory back."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """After a fork the copy must not touch the child of its parent."""
        self.__init__()  # type: ignore[misc]  # a fresh object in the same place

    def _taken(
        self, answer: dict[str, object], job: _Job, block: shared_memory.SharedMemory
    ) -> tuple[dict[str, object], NDArray[np.generic] | None]:
        """Copy the values out of the shared memory; the child's answer is checked, not trusted."""
        if "error" in answer:
            return answer, None
        shape, kind = answer.get("shape"), answer.get("type")
        if not isinstance(shape, list) or not isinstance(kind, str):
            return {"error": "the decoder gave no image"}, None
        dtype = np.dtype(kind)
        if dtype.kind not in "iuf" or math.prod(shape) * dtype.itemsize > job.result_bytes:
            return {"error": "the decoder gave another image"}, None
        shared = np.ndarray(tuple(shape), dtype, buffer=block.buf)
        return answer, shared.copy()

    def _ready(self, result_bytes: int) -> tuple[Connection, shared_memory.SharedMemory]:
        """A living child and a block that is large enough."""
        if self._process is not None and not self._process.is_alive():
            self._end()
        if self._process is None or self._connection is None:
            context = _context()
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs,), name="healthytwin-decoding", daemon=True)
            try:
                process.start()
            except OSError:
                ours.close()
                raise
            finally:
                theirs.close()
            self._process, self._connection = process, ours
        if self._block is None or self._block.size < result_bytes:
            self._release_block()
            self._block = shared_memory.SharedMemory(create=True, size=max(result_bytes, 2**22))
        return self._connection, self._block

    def _end(self) -> int | None:
        """End the child, whatever it does; its exit code."""
        exit_code = None
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
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
            with contextlib.suppress(FileNotFoundError):
                self._block.unlink()
            self._block = None


def _context() -> ForkServerContext | SpawnContext:
    """How the child is made: on Linux from a server that has the decoders loaded (21 ms a replacement)."""
    if _ON_LINUX:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        return context
    return multiprocessing.get_context("spawn")


_CHILD = _Child()
atexit.register(close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_CHILD.forget)
