"""Zip and tar archives, and files compressed by themselves, opened like folders and without trusting them.

Names inside are only shown, never used: what is unpacked lies under numbers of our own in a private folder
(`core.dicom.unpacked`). An entry that wants to go elsewhere (absolute, `..`, a drive, a link, a device, a
name twice) is refused by itself, with its reason; a bomb stops the archive. Archives inside archives are not
opened.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from core.dicom.gate import size_words
from core.dicom.ordering import natural_key
from core.dicom.study import SkippedFile
from core.dicom.unpacked import new_folder
from core.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Limits. Studies stay far below each; what is above one is refused by name of the limit.
_MOST_ENTRIES = 100_000
_MOST_BYTES = 50 * 2**30
_MOST_GROWTH = 10  # images shrink to a half or a fifth
_BYTES_WITHOUT_GROWTH = 64 * 2**20
_SPARE_BYTES = 256 * 2**20  # of the disk, which must not fill up
_MOST_DIRECTORY_BYTES = 32 * 2**20  # of a zip archive's table of contents
_MOST_AT_ONCE = 16 * 2**20  # no honest tar header is longer
_DECODER_MEMORY = 512 * 2**20
_CHUNK = 2**18
_LONGEST_NAME = 400

_MAGIC = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
}
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
# Names that Windows takes for devices, whatever their ending.
_DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\..*)?", re.IGNORECASE)
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, struct.error),
    *(ValueError, NotImplementedError, RuntimeError, OSError, OverflowError),
)


class Checkpoint(Protocol):
    """What unpacking needs of the job that it runs in."""

    def report(self, done: int, total: int, text: str) -> None:
        """Say how far it is."""

    def checkpoint(self) -> None:
        """Raise if it shall stop."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file that was unpacked: where it lies, and its place as it is named to the reader."""

    path: Path
    named: Path


class _TooMuch(Exception):
    """An archive grows beyond a limit; the text says which."""


def is_archive(path: Path) -> bool:
    """Whether a file is an archive or compressed as a whole, by its first bytes; a DICOM file never is."""
    try:
        return bool(_kind(path))
    except OSError:
        return False


def unpack(path: Path, context: Checkpoint) -> Iterator[Member | SkippedFile]:
    """Each file of an archive as soon as it is unpacked, or why it is not.

    Raises `CannotWrite` if there is no place for it, and what `context.checkpoint` raises.
    """
    folder = new_folder()
    room = _Room(path, folder, context)
    try:
        yield from _zip(path, room) if _kind(path) == "zip" else _stream(path, room)
    except _TooMuch as bomb:
        yield SkippedFile(path, f"not read to its end: {bomb}")
    except _DAMAGE as error:
        yield SkippedFile(path, f"the archive is damaged or cannot be read ({type(error).__name__}).")
    finally:
        if not any(folder.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)


class _Room:
    """Where an archive is unpacked to, and how much may still be."""

    def __init__(self, archive: Path, folder: Path, context: Checkpoint) -> None:
        self.archive = archive
        self.context = context
        self._folder = folder
        self._names: set[str] = set()
        self._folders: dict[str, Path] = {}
        self._count = self._taken = 0
        size = archive.stat().st_size
        disk = shutil.disk_usage(folder).free - _SPARE_BYTES
        growth = max(_MOST_GROWTH * size, _BYTES_WITHOUT_GROWTH)
        self._limit, self._why = min(
            (growth, f"it grows to more than {size_words(growth)} from {size_words(size)}; images do not."),
            (_MOST_BYTES, f"it holds more than {size_words(_MOST_BYTES)}."),
            (disk, f"the disk has room for {size_words(max(disk, 0))} only."),
        )

    def count(self, total: int = 0) -> None:
        """One more entry is looked at."""
        self.context.checkpoint()
        self._count += 1
        if self._count > _MOST_ENTRIES:
            raise _TooMuch(f"it has more than {_MOST_ENTRIES:,} entries.")
        self.context.report(self._count if total else 0, total, f"Unpacking {visible(self.archive.name)}")

    def named(self, name: str) -> Path:
        """The place of an entry as it is shown."""
        while name.startswith("./"):  # as tar writes the folder in which it was called
            name = name[2:]
        return Path(f"{self.archive}!{visible(name[:_LONGEST_NAME])}")

    def refused(self, name: str, reason: str) -> SkippedFile:
        return SkippedFile(self.named(name), reason)

    def why_not(self, name: str) -> str:
        """What is wrong with the name of an entry; "" if nothing is."""
        parts = name.replace("\\", "/").split("/")
        if "\0" in name:
            return "its name holds a zero byte."
        if not parts[-1].strip(". "):
            return "it has no name."
        if not parts[0] or re.match(r"[A-Za-z]:", name):
            return "its name is an absolute path, which leads out of the archive."
        if ".." in parts:
            return "its name leads out of the archive (..)."
        if any(_DEVICES.fullmatch(part) for part in parts):
            return "its name is that of a device."
        key = "/".join(part.casefold() for part in parts if part not in ("", "."))
        if key in self._names:
            return "a second entry of this name; the first one is used."
        self._names.add(key)
        return ""

    def fits(self, size: int) -> bool:
        """Whether an entry that says to be so large may be unpacked."""
        return self._taken + size <= self._limit

    @property
    def too_much(self) -> str:
        """Why no more fits."""
        return self._why

    def take(self, stream: Source, name: str) -> Member:
        """Write what a stream gives into a file of its own. Raises `_TooMuch`, or what the stream raises."""
        above = name.replace("\\", "/").rpartition("/")[0]
        if above not in self._folders:
            # Files of one folder stay together: some have no other mark of their series.
            self._folders[above] = self._folder / f"{len(self._folders) + 1:06d}"
            self._folders[above].mkdir(mode=0o700)
        path = self._folders[above] / f"{self._count:06d}"
        try:
            with path.open("xb") as target:
                while chunk := stream.read(_CHUNK):
                    self.context.checkpoint()
                    self._taken += len(chunk)
                    if self._taken > self._limit:
                        raise _TooMuch(self._why)
                    target.write(chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Member(path, self.named(name))


class Source(Protocol):
    """Something to read bytes from."""

    def read(self, count: int, /) -> bytes:
        """Up to so many bytes; none at the end."""


def _kind(path: Path) -> str:
    """What kind of archive a file is: zip, tar, gzip, bzip2, xz, or "" for none."""
    with path.open("rb") as stream:
        head = stream.read(512)
    if head[128:132] == b"DICM":
        return ""
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    return "tar" if _begins_as_tar(head) else ""


def _begins_as_tar(head: bytes) -> bool:
    """Whether 512 bytes are the header of a tar entry: their checksum is right, and they are not all zero."""
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True


def _holds_tar(source: Source) -> bool:
    try:
        return _begins_as_tar(source.read(512))
    except _DAMAGE:
        return False


def _zip(path: Path, room: _Room) -> Iterator[Member | SkippedFile]:
    size = _directory_bytes(path)
    if size > _MOST_DIRECTORY_BYTES:
        raise _TooMuch(f"its table of contents has {size_words(size)}.")
    with zipfile.ZipFile(path) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        for entry in sorted(entries, key=lambda entry: natural_key(entry.filename)):
            room.count(len(entries))
            reason = room.why_not(entry.orig_filename) or _why_not_zipped(entry)
            if not reason and not room.fits(entry.file_size):
                reason = f"not unpacked: {room.too_much}"
            if reason:
                yield room.refused(entry.orig_filename, reason)
                continue
            try:
                with archive.open(entry) as stream:
                    yield room.take(stream, entry.filename)
            except _DAMAGE as error:
                yield room.refused(entry.filename, _damage_words(error))


def _why_not_zipped(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        return "a link, which could lead out of the archive." if stat.S_ISLNK(kind) else "not a regular file."
    if entry.flag_bits & 0x1:
        return "it is encrypted; unpack the archive with its password, and open the folder."
    if entry.compress_type not in _ZIP_METHODS:
        return f"compressed in a way that is not read here (method {entry.compress_type})."
    return ""


def _directory_bytes(path: Path) -> int:
    """Size of a zip archive's table of contents as its end says (PKWARE 4.3.16, 4.3.14); 0 without an end."""
    with path.open("rb") as stream:
        size = stream.seek(0, io.SEEK_END)
        start = max(size - 65_557 - 20, 0)
        stream.seek(start)
        tail = stream.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) < end + 22:
            return 0
        (directory,) = struct.unpack_from("<I", tail, end + 12)
        if directory == 0xFFFFFFFF and end >= 20 and tail[end - 20 : end - 16] == b"PK\x06\x07":
            (offset,) = struct.unpack_from("<Q", tail, end - 12)
            if offset + 56 <= size:
                stream.seek(offset + 40)
                (directory,) = struct.unpack("<Q", stream.read(8))
    return int(directory)


def _stream(path: Path, room: _Room) -> Iterator[Member | SkippedFile]:
    """A tar archive, compressed or not; or one file that is compressed by itself."""
    kind = _kind(path)
    with path.open("rb") as stream:
        if kind != "tar" and not _holds_tar(_Inflated(stream, kind, room.context)):
            stream.seek(0)
            room.count()
            name = path.stem or "file"
            try:
                yield room.take(_Inflated(stream, kind, room.context), name)
            except _DAMAGE as error:
                yield room.refused(name, _damage_words(error))
            return
        stream.seek(0)
        source = _Inflated(stream, kind, room.context)
        with tarfile.TarFile(fileobj=source, mode="r") as archive:  # type: ignore[arg-type]  # has all it uses
            yield from _tar(archive, room)


def _tar(archive: tarfile.TarFile, room: _Room) -> Iterator[Member | SkippedFile]:
    for entry in archive:
        if entry.isdir():
            continue
        room.count()
        reason = room.why_not(entry.name) or _why_not_in_tar(entry)
        if reason:
            yield room.refused(entry.name, reason)
            continue
        if not room.fits(entry.size):
            raise _TooMuch(room.too_much)
        stream = archive.extractfile(entry)
        if stream is not None:
            yield room.take(stream, entry.name)


def _why_not_in_tar(entry: tarfile.TarInfo) -> str:
    if entry.issym() or entry.islnk():
        return "a link, which could lead out of the archive."
    if not entry.isreg() or entry.issparse():
        return "not a regular file."
    return ""


class _Inflated:
    """A compressed stream as a file that is read forwards, a piece at a time, with little memory."""

    def __init__(self, stream: BinaryIO, kind: str, context: Checkpoint) -> None:
        self._stream = stream
        self._kind = kind
        self._new = _DECODERS[kind]
        self._decoder = self._new()
        self._context = context
        self._ready = bytearray()
        self._waiting = b""
        self._at = 0

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int) -> int:
        """Go on to a place further on."""
        if offset < self._at:
            raise ValueError("A stream cannot go back.")
        while self._at < offset:
            self._context.checkpoint()
            if not self.read(min(offset - self._at, _CHUNK)):
                break
        return self._at

    def read(self, count: int = -1) -> bytes:
        if not 0 <= count <= _MOST_AT_ONCE:
            raise tarfile.ReadError("a header of this length is none.")
        while len(self._ready) < count:
            piece = self._piece()
            if piece is None:
                break
            self._ready += piece
        found = bytes(self._ready[:count])
        del self._ready[:count]
        self._at += len(found)
        return found

    def _piece(self) -> bytes | None:
        """The next inflated bytes (none may come yet), or None at the end."""
        if self._decoder.eof:
            rest = self._decoder.unused_data or self._stream.read(_CHUNK)
            if _MAGIC.get(next((magic for magic in _MAGIC if rest.startswith(magic)), b"")) != self._kind:
                return None  # padding behind the last stream
            self._decoder, self._waiting = self._new(), rest
        if not self._waiting and self._decoder.needs_input:
            self._waiting = self._stream.read(_CHUNK)
            if not self._waiting:
                if self._kind == "tar":
                    return None
                raise EOFError("The compressed data breaks off.")
        piece = self._decoder.decompress(self._waiting, _CHUNK)
        self._waiting = b""
        return piece


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decoder with the manners of the others."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def needs_input(self) -> bool:
        return not self._decoder.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._decoder.decompress(self._decoder.unconsumed_tail + data, max_length)


class _Plain:
    """No compression."""

    eof = False
    needs_input = True
    unused_data = b""

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return data


_DECODERS: dict[str, Callable[[], _Decoder]] = {
    "tar": _Plain,
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_DECODER_MEMORY),
}


def _damage_words(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"it cannot be unpacked: {error.strerror.lower()}."
    return "it is damaged and cannot be unpacked whole."
