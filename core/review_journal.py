"""What the reader decided, kept on the disk as it is decided: one SQLite file of this user.

It is work and no history: it outlives a kill at any moment, whole or not at all, and nothing in it is ever
thrown away for being strange. A damaged file is put aside as `.bad`, with all that can still be read of it
taken over; what another window or a newer version wrote is put aside before it is written over. It holds
UIDs, digests of pixels and decisions; names only where the reader wrote them.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import time
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import platformdirs

from core.errors import CannotWrite
from core.files import make_private, take_lock
from core.imaging.frame import Frame

_log = logging.getLogger(__name__)

_FORMAT = 1
# Every version writes its number twice: a number that was damaged is no newer version.
_MARK = 0x48540000
SHOWN = "shown"
REVEALED = "revealed"
SWITCHED_OFF = "switched off"
"""Kinds of events that this module knows besides; the two last are followed by a twin on the screen."""
_PATIENCE_S = 2.0
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS review (
    sop TEXT, frame INTEGER, digest TEXT, study TEXT, changed REAL, revision TEXT, checksum INTEGER,
    content TEXT, PRIMARY KEY (sop, frame, digest)
);
CREATE INDEX IF NOT EXISTS review_study ON review (study);
CREATE TABLE IF NOT EXISTS aside (
    sop TEXT, frame INTEGER, digest TEXT, study TEXT, changed REAL, revision TEXT, checksum INTEGER,
    content TEXT
);
CREATE TABLE IF NOT EXISTS event (
    id TEXT PRIMARY KEY, sop TEXT, frame INTEGER, digest TEXT, study TEXT, moment REAL, since_shown REAL,
    kind TEXT, content TEXT
);
CREATE INDEX IF NOT EXISTS event_study ON event (study);
PRAGMA application_id = {_MARK + _FORMAT};
PRAGMA user_version = {_FORMAT}
"""
_TABLES = ("review", "aside", "event")

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class ImageKey:
    """The image that decisions belong to: identity and pixels. Never a name of a file or a person."""

    sop_instance_uid: str
    frame_index: int
    digest: str
    study_instance_uid: str


def image_key(frame: Frame) -> ImageKey:
    """The key of a frame; its digest is computed if nobody asked for it before."""
    source = frame.source
    return ImageKey(source.sop_instance_uid, source.frame_index, frame.digest, source.study_instance_uid)


@dataclass(frozen=True, slots=True)
class KeptText:
    """A review as it was kept. `revision` names this very writing; `sound`: as it was written."""

    image: ImageKey
    revision: str
    sound: bool
    content: str


@dataclass(frozen=True, slots=True)
class Event:
    """A moment of a reading that is watched: `moment` in seconds since 1970, `since_shown_s` of the image."""

    identifier: str
    image: ImageKey
    moment: float
    since_shown_s: float
    kind: str
    content: str


def journal_path() -> Path:
    """Where the journal of this user lives: in a folder of its own, which only this user may enter."""
    return platformdirs.user_data_path("healthytwin", appauthor=False) / "decisions" / "journal.sqlite3"


class ReviewJournal:
    """The journal in one file; one thread at a time. Opened at the first use, and again if it was replaced.

    `notes` is called with a sentence for the reader when something had to be put aside. All methods raise
    `CannotWrite` when the file cannot be used; nothing is then half-written.
    """

    def __init__(self, path: Path, notes: Callable[[str], None]) -> None:
        self._path = path
        self._notes = notes
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)
        self._known: dict[tuple[str, int, str], str] = {}

    def of_study(self, study_instance_uid: str) -> tuple[tuple[KeptText, ...], frozenset[ImageKey]]:
        """The reviews of a study, and the images whose twin was shown after an impression."""

        def ask(connection: sqlite3.Connection) -> tuple[tuple[KeptText, ...], frozenset[ImageKey]]:
            rows = connection.execute(
                "SELECT sop, frame, digest, study, revision, checksum, content FROM review WHERE study = ?",
                (study_instance_uid,),
            ).fetchall()
            seen = connection.execute(
                "SELECT DISTINCT sop, frame, digest, study FROM event WHERE study = ? AND kind IN (?, ?)",
                (study_instance_uid, REVEALED, SWITCHED_OFF),
            ).fetchall()
            return tuple(_kept(row) for row in rows), frozenset(_key(*row) for row in seen)

        kept, revealed = self._asked(ask)
        self._known |= {_row_key(one.image): one.revision for one in kept}
        return kept, revealed

    def write(self, reviews: Iterable[tuple[ImageKey, str]], events: Iterable[Event] = ()) -> int:
        """Write reviews (their text; "" for one without a decision) and events in one transaction.

        Returns how many reviews of others were put aside: written by another window since they were read
        here, or by a newer version.
        """
        wanted, logged = tuple(reviews), tuple(events)
        revision, now = uuid.uuid4().hex, time.time()

        def change(connection: sqlite3.Connection) -> int:
            others = 0
            with _transaction(connection):
                for image, content in wanted:
                    others += self._put_aside_unless_known(connection, image)
                    _write_one(connection, image, content, revision, now)
                connection.executemany(
                    "INSERT OR REPLACE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [_event_row(one) for one in logged],
                )
            return others

        others = self._asked(change)
        for image, content in wanted:
            if content:
                self._known[_row_key(image)] = revision
            else:
                self._known.pop(_row_key(image), None)
        return others

    def studies(self) -> frozenset[str]:
        """Study Instance UIDs for which something was decided."""
        return self._asked(
            lambda connection: frozenset(
                str(uid) for (uid,) in connection.execute("SELECT DISTINCT study FROM review")
            )
        )

    def events(self) -> tuple[Event, ...]:
        """All events, in the order of their moments."""

        def ask(connection: sqlite3.Connection) -> tuple[Event, ...]:
            rows = connection.execute(
                "SELECT id, sop, frame, digest, study, moment, since_shown, kind, content FROM event "
                "ORDER BY moment, rowid"
            )
            return tuple(
                Event(str(name), _key(*image), _number(moment), _number(since), str(kind), str(content))
                for name, *image, moment, since, kind, content in rows
            )

        return self._asked(ask)

    def close(self) -> None:
        """Close the file; what was written stays."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _put_aside_unless_known(self, connection: sqlite3.Connection, image: ImageKey) -> int:
        there = connection.execute(
            "SELECT revision FROM review WHERE sop = ? AND frame = ? AND digest = ?", _row_key(image)
        ).fetchone()
        if there is None or there[0] == self._known.get(_row_key(image)):
            return 0
        connection.execute(
            "INSERT INTO aside SELECT * FROM review WHERE sop = ? AND frame = ? AND digest = ?",
            _row_key(image),
        )
        return 1

    def forget_revision(self, image: ImageKey) -> None:
        """What was read of this image is not understood here: put it aside before writing over it."""
        self._known.pop(_row_key(image), None)

    def _asked(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """The answer of the file; damage is put aside once and the question asked again of a new one."""
        try:
            try:
                return question(self._opened())
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if not _is_damage(error):
                    raise
            self.close()
            told = _made_anew(self._path, self._file)
            if told:
                self._notes(told)
            return question(self._opened())
        except (sqlite3.Error, OSError) as error:
            self.close()
            raise CannotWrite(
                f"Your decisions cannot be kept in {self._path}: {error}.",
                "They stay until the program ends. See that the disk is not full and that you may write "
                "there.",
            ) from error

    def _opened(self) -> sqlite3.Connection:
        """The connection to the file that lies there now, which another window may have replaced."""
        if self._connection is not None and _identity(self._path) == self._file:
            return self._connection
        self.close()
        if not make_private(self._path):
            raise OSError("the file may not be written")
        self._file = _identity(self._path)
        self._connection = _connect(self._path)
        return self._connection


def forget_decisions(path: Path) -> None:
    """Wipe all decisions and events, also from files that were put aside. Raises `OSError`."""
    with contextlib.suppress(sqlite3.Error, OSError):
        # Another window may have it open: what is in the file goes first, then the file.
        connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
        with contextlib.closing(connection):
            connection.execute("PRAGMA secure_delete = ON")
            for table in _TABLES:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of this module
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in path.parent.glob(path.name + "*"):
        file.unlink(missing_ok=True)


def _connect(path: Path) -> sqlite3.Connection:
    # The last writing of a session comes from the owner's thread, when the lanes have ended.
    connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False)
    connection.text_factory = _text
    try:
        end = time.monotonic() + _PATIENCE_S
        while True:
            try:
                _prepare(connection)
                break
            except sqlite3.OperationalError as error:
                # Two windows that begin at once: SQLite's own patience does not cover the change to WAL.
                if not _is(error, sqlite3.SQLITE_BUSY) or time.monotonic() > end:
                    raise
                time.sleep(0.02)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    found, mark = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("user_version", "application_id")
    )
    (complaint,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if complaint != "ok" or (found > _FORMAT and mark != _MARK + found):
        raise _Damaged(complaint)
    if found > _FORMAT:
        raise OSError("it was made by a newer version of the program and is left as it is")
    connection.execute("PRAGMA journal_mode = WAL")
    # Neither a kill nor a power cut may cost a decision that was written.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    if found < _FORMAT:
        with _transaction(connection):
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)


class _Damaged(sqlite3.DatabaseError):
    """SQLite reads the file, but what it finds does not belong together."""


def _made_anew(path: Path, damaged: tuple[int, int]) -> str:
    """Put a damaged file aside and take over what can be read of it; in words, "" if another window did."""
    with path.with_name(path.name + ".lock").open("ab") as lock:
        if take_lock(lock) is False:
            raise OSError("it is damaged, and another window is about to mend it")
        if _identity(path) != damaged:
            return ""
        number = 0
        while (bad := path.with_name(f"{path.name}{number or ''}.bad")).exists():
            number += 1
        path.replace(bad)
        for ending in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                path.with_name(path.name + ending).replace(bad.with_name(bad.name + ending))
        make_private(path)
        saved = _taken_over(bad, path)
    _log.info("The journal in %s was damaged; it is put aside and made anew.", path)
    what = f"{saved} entries were taken over." if saved else "Nothing in it could be read."
    return f"The file with your decisions was damaged. It is kept as {bad}. {what}"


def _taken_over(bad: Path, path: Path) -> int:
    saved = 0
    with contextlib.closing(_connect(path)) as new:
        for table in _TABLES:
            for row in _readable(bad, table):
                with contextlib.suppress(sqlite3.IntegrityError):
                    marks = ", ".join("?" * len(row))
                    new.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608 - as above
                    saved += 1
    return saved


def _readable(path: Path, table: str) -> Iterator[tuple[object, ...]]:
    """What can still be read of a table of a damaged file, as far as it is what was written."""
    with contextlib.suppress(sqlite3.Error, UnicodeDecodeError, OSError):
        connection = sqlite3.connect(path.absolute().as_uri() + "?mode=ro", uri=True)
        connection.text_factory = _text
        with contextlib.closing(connection):
            for row in connection.execute(f"SELECT * FROM {table}"):  # noqa: S608 - names of this module
                if table == "event" or _is_sound(row[:4], row[-2], row[-1]):
                    yield row


def _write_one(
    connection: sqlite3.Connection, image: ImageKey, content: str, revision: str, now: float
) -> None:
    if not content:
        connection.execute("DELETE FROM review WHERE sop = ? AND frame = ? AND digest = ?", _row_key(image))
        return
    connection.execute(
        "INSERT OR REPLACE INTO review VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *_row_key(image),
            image.study_instance_uid,
            now,
            revision,
            _checksum((*_row_key(image), image.study_instance_uid), content),
            content,
        ),
    )


def _text(stored: bytes) -> str:
    """Text as far as it is one: what was damaged is noticed by its checksum."""
    return stored.decode("utf-8", "replace")


def _row_key(image: ImageKey) -> tuple[str, int, str]:
    return image.sop_instance_uid, image.frame_index, image.digest


def _key(sop: object, frame: object, digest: object, study: object) -> ImageKey:
    return ImageKey(str(sop), frame if isinstance(frame, int) else -1, str(digest), str(study))


def _number(stored: object) -> float:
    return float(stored) if isinstance(stored, int | float) else 0.0


def _kept(row: tuple[object, ...]) -> KeptText:
    *image, revision, checksum, content = row
    return KeptText(_key(*image), str(revision), _is_sound(image, checksum, content), str(content))


def _is_sound(image: Sequence[object], checksum: object, content: object) -> bool:
    return isinstance(content, str) and _checksum(image, content) == checksum


def _checksum(image: Sequence[object], content: str) -> int:
    """Of a review and of the image that it is about: it must not wander to another one either."""
    return zlib.crc32("\n".join([*map(str, image), content]).encode())


def _event_row(event: Event) -> tuple[object, ...]:
    return (
        event.identifier,
        *_row_key(event.image),
        event.image.study_instance_uid,
        event.moment,
        event.since_shown_s,
        event.kind,
        event.content.encode("utf-8", "replace").decode(),  # half a character can be typed, and not stored
    )


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        # A full disk may have rolled back already.
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    try:
        connection.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _is_damage(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    # Our statements are sound: what is wrong with one (no such table, another format) is wrong in the file.
    wrong = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
    return isinstance(error, (_Damaged, UnicodeDecodeError)) or _is(error, *wrong)


def _is(error: Exception, *codes: int) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code & 0xFF) in codes


def _identity(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116 - asked before each writing
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino
