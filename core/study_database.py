"""What was seen in folders and which studies were opened, kept in one SQLite file of this user.

It holds names of patients: only this user may read it, and `forget_all` leaves nothing behind. It saves
time and holds nothing that is not elsewhere, so it never stops anything: a damaged file is put aside and
made anew, and where none can be had, folders are read as if they were new. Two programs may use it at once.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import platformdirs

from core.files import make_private

_log = logging.getLogger(__name__)

MOST_RECENT = 20
_PATIENCE_S = 2.0
_KEPT_DAYS = 180
_SCHEMA = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS block (
    folder BLOB, part INTEGER, day INTEGER, checksum INTEGER, content TEXT, PRIMARY KEY (folder, part)
);
CREATE TABLE IF NOT EXISTS recent (study TEXT PRIMARY KEY, opened REAL, content TEXT);
"""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class RecentStudy:
    """A study that was opened: `opened` in seconds since 1970, `place` the file or folder to open again."""

    study_instance_uid: str
    patient: str
    study_date: str
    description: str
    place: Path
    opened: float
    images: int


def database_path() -> Path:
    """Where the database of this user lives: in a folder of its own, which only this user may enter."""
    return platformdirs.user_data_path("healthytwin", appauthor=False) / "studies" / "index.sqlite3"


@contextlib.contextmanager
def study_database(path: Path | None) -> Iterator[StudyDatabase | None]:
    """The database in `path`, or None if there is none to be had; closed at the end. One thread."""
    database = None if path is None else StudyDatabase.opened(path)
    try:
        yield database
    finally:
        if database is not None:
            database.close()


class StudyDatabase:
    """An open database. No method raises because of the file: reading then finds nothing, writing is lost.

    A folder is kept in blocks of text, numbered from 0, whose meaning is the caller's.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, writes: bool) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = connection
        self._writes = writes

    @classmethod
    def opened(cls, path: Path) -> StudyDatabase | None:
        """Open or make the file; None, with one line in the log, where that is not possible."""
        for attempt in ("as it is", "made anew"):
            try:
                writes = make_private(path)
                connection = _connect(path, writes=writes)
            except sqlite3.DatabaseError as error:
                if attempt == "as it is" and _is_damage(error):
                    put_aside(path)
                    continue
                _log.info("The list of studies in %s is not used: %s", path, error)
                return None
            except OSError as error:
                _log.info("The list of studies in %s is not used: %s", path, error)
                return None
            return cls(path, connection, writes=writes)
        return None

    def close(self) -> None:
        """Close it; what was written stays."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def use_for(self, reader: str) -> None:
        """Forget all blocks unless they come from this version of the reader."""

        def check(connection: sqlite3.Connection) -> bool:
            known = connection.execute("SELECT value FROM fact WHERE name = 'reader'").fetchone()
            if known != (reader,):
                if not self._writes:
                    raise sqlite3.OperationalError("made by another version of the program")
                with _transaction(connection):
                    connection.execute("DELETE FROM block")
                    connection.execute("INSERT OR REPLACE INTO fact VALUES ('reader', ?)", (reader,))
            return True

        if not self._asked(check):
            self.close()

    def blocks(self, folder: Path) -> tuple[str, ...]:
        """The blocks of a folder in their order; those that are damaged are left out."""
        rows = self._asked(
            lambda connection: connection.execute(
                "SELECT checksum, content FROM block WHERE folder = ? ORDER BY part", (os.fsencode(folder),)
            ).fetchall()
        )
        return tuple(
            content
            for checksum, content in rows or ()
            if isinstance(content, str) and zlib.crc32(content.encode()) == checksum
        )

    def keep(self, folder: Path, part: int, content: str) -> None:
        """Keep a block in the place of an earlier one."""
        row = (os.fsencode(folder), part, _today(), zlib.crc32(content.encode()), content)
        self._changed("INSERT OR REPLACE INTO block VALUES (?, ?, ?, ?, ?)", [row])

    def cut(self, folder: Path, parts: int) -> None:
        """Forget the blocks of a folder from this number on."""
        self._changed("DELETE FROM block WHERE folder = ? AND part >= ?", [(os.fsencode(folder), parts)])

    def forget_folders(self, below: Path, but: Iterable[Path]) -> None:
        """Forget the folders below one that are no longer there, and all that nobody saw for half a year."""
        start = os.path.join(os.fsencode(below), b"")  # noqa: PTH118 - bytes
        known = self._asked(
            lambda connection: connection.execute(
                "SELECT DISTINCT folder FROM block WHERE folder > ? AND folder < ?", (start, start + b"\xff")
            ).fetchall()
        )
        today, there = _today(), {os.fsencode(folder) for folder in but}
        gone = [(folder,) for (folder,) in known or () if folder not in there]
        if gone:
            self._changed("DELETE FROM block WHERE folder = ?", gone)
        seen = [(today, folder, today) for folder in there]
        self._changed("UPDATE block SET day = ? WHERE folder = ? AND day <> ?", seen)
        self._changed("DELETE FROM block WHERE day < ?", [(today - _KEPT_DAYS,)])

    def remember_opened(self, studies: Sequence[RecentStudy]) -> None:
        """Put studies at the top of the list of recent ones."""
        self._changed(
            "INSERT OR REPLACE INTO recent VALUES (?, ?, ?)",
            [(one.study_instance_uid, one.opened, _as_json(one)) for one in studies],
        )
        self._changed(
            "DELETE FROM recent WHERE study NOT IN (SELECT study FROM recent ORDER BY opened DESC LIMIT ?)",
            [(MOST_RECENT,)],
        )

    def recent(self) -> tuple[RecentStudy, ...]:
        """The studies that were opened last, newest first."""
        rows = self._asked(
            lambda connection: connection.execute(
                "SELECT content FROM recent ORDER BY opened DESC LIMIT ?", (MOST_RECENT,)
            ).fetchall()
        )
        return tuple(one for (content,) in rows or () if (one := _from_json(content)) is not None)

    def forget_recent(self, study_instance_uid: str) -> None:
        """Take a study off the list."""
        self._changed("DELETE FROM recent WHERE study = ?", [(study_instance_uid,)])

    def _changed(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        def change(connection: sqlite3.Connection) -> bool:
            with _transaction(connection):
                connection.executemany(statement, rows)
            return True

        if self._writes:
            self._asked(change)

    def _asked(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer | None:
        """The answer of the database, or None. Damage puts it aside; a lock that lasts loses one write."""
        if self._connection is None:
            return None
        try:
            return question(self._connection)
        except sqlite3.DatabaseError as error:
            _log.info("The list of studies in %s: %s", self._path, error)
            if _is_damage(error):
                self.close()
                put_aside(self._path)
        return None


def forget_all(path: Path) -> None:
    """Wipe all that is known of studies, also from files that were put aside. Raises `OSError`."""
    with contextlib.suppress(sqlite3.Error, OSError):
        # Another program may have it open: what is in the file goes first, then the file.
        connection = sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)
        with contextlib.closing(connection):
            connection.execute("PRAGMA secure_delete = ON")
            for table in ("block", "recent", "fact"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of this module
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for ending in ("", "-wal", "-shm", ".bad"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def put_aside(path: Path) -> None:
    """Keep a damaged file as `.bad`, and make room for a new one."""
    _log.info("The list of studies in %s is damaged; it is put aside and made anew.", path)
    with contextlib.suppress(OSError):
        path.replace(path.with_name(path.name + ".bad"))
    for ending in ("-wal", "-shm"):
        with contextlib.suppress(OSError):
            path.with_name(path.name + ending).unlink(missing_ok=True)


def _connect(path: Path, *, writes: bool) -> sqlite3.Connection:
    address = path.absolute().as_uri() + ("" if writes else "?mode=ro")
    connection = sqlite3.connect(address, timeout=_PATIENCE_S, isolation_level=None, uri=True)
    try:
        if writes:
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may cost the last blocks, never the file.
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.executescript(_SCHEMA)
        connection.execute("SELECT count(*) FROM fact").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _is_damage(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    known = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return code is not None and (code & 0xFF) in known


def _today() -> int:
    return int(time.time() // 86_400)


def _as_json(study: RecentStudy) -> str:
    return json.dumps(
        [
            study.study_instance_uid,
            study.patient,
            study.study_date,
            study.description,
            str(study.place),
            study.opened,
            study.images,
        ]
    )


def _from_json(content: str) -> RecentStudy | None:
    try:
        uid, patient, study_date, description, place, opened, images = json.loads(content)
        return RecentStudy(
            str(uid),
            str(patient),
            str(study_date),
            str(description),
            Path(str(place)),
            float(opened),
            int(images),
        )
    except (ValueError, TypeError):
        return None
