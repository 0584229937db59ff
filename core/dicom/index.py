"""What lies in the files and folders that were opened: patients, studies, series, instances.

`scan` looks at every file, never stops at a bad one, and says of each skipped file why. It reads headers
only; nothing here holds pixels. Everything is frozen: a second scan makes a new index (`with_added`).
"""

from __future__ import annotations

import os
import stat
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from core.dicom.containers import contents, lost_files
from core.dicom.file_labels import CANNOT_OPEN, LabelReader, system_words
from core.dicom.folder_memory import FolderMemory, reader_version
from core.dicom.grouping import FoundFile, Gathering
from core.dicom.ordering import natural_key
from core.dicom.study import Instance, Patient, Series, SkippedFile, Study, StudyIndex
from core.dicom.tags import harmless, quiet_pydicom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from core.study_database import StudyDatabase

__all__ = [
    "FoundFiles",
    "Instance",
    "Patient",
    "Series",
    "SkippedFile",
    "Study",
    "StudyIndex",
    "scan",
    "scan_onto",
]

# The first part of an index is shown after this time; then the times grow with what a part costs.
_FIRST_PART_S = 0.3
_COST_OF_PARTS = 0.15  # of the time of the scan
# Folders are listed ahead of the reading for this long at once, so that a total can be said.
_LISTING_S = 0.3
# The eye does not follow more reports than this.
_BETWEEN_REPORTS_S = 0.02


class ScanContext(Protocol):
    """What a scan needs of the job it runs in; `checkpoint` raises where the reader has cancelled."""

    def report(self, done: int, total: int, text: str) -> None:
        """Say how far the scan is; `total` is 0 while folders still wait to be listed."""

    def checkpoint(self) -> None:
        """Raise if the scan shall stop."""


class _NobodyWaits:
    def report(self, done: int, total: int, text: str) -> None:
        """Nobody listens."""

    def checkpoint(self) -> None:
        """Nobody stops this."""


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """What a scan found: `index` holds it together with the index that it began from.

    `first` is the first image of what was found, in the order of `index`, as instance and frame index.
    """

    index: StudyIndex
    files: tuple[FoundFile, ...]
    skipped: tuple[SkippedFile, ...]
    first: tuple[Instance, int] | None

    def onto(self, index: StudyIndex, context: ScanContext | None = None) -> FoundFiles:
        """The same files added to another index."""
        gathering = Gathering(index, None if context is None else context.checkpoint)
        for skipped in self.skipped:
            gathering.skip(skipped)
        for found in self.files:
            gathering.add(found)
        whole = gathering.index()
        return FoundFiles(whole, self.files, self.skipped, _first_of(whole, self.files))


def scan(
    paths: Iterable[Path | str], context: ScanContext | None = None, *, without: Path | None = None
) -> StudyIndex:
    """Index of all images in files and folders, whatever their names; bad files are skipped with the reason.

    An archive, or the table of contents of a disc (DICOMDIR), is opened if it is named itself, not where it
    is met in a folder; what the DICOMDIR of a named folder misses is said. The answer does not depend on the
    order in which the system lists files. Folders that are reached
    twice, as through a loop of symbolic links, are read once. `without`: a folder that is passed over where
    it lies below a path, for what the program itself writes. Raises only what `context.checkpoint` raises.
    """
    return scan_onto(StudyIndex(), paths, context, without=without).index


def scan_onto(
    before: StudyIndex,
    paths: Iterable[Path | str],
    context: ScanContext | None = None,
    *,
    without: Path | None = None,
    on_part: Callable[[FoundFiles], None] | None = None,
    database: StudyDatabase | None = None,
) -> FoundFiles:
    """Scan as `scan` does and add what is found to an index that is there already.

    While the scan goes on, `on_part` is given what was found so far, first after 0.3 s and then so rarely
    that all parts together cost a small share of the time. `database`: files of folders that did not change
    since they were in it are not read again.
    """
    context = context or _NobodyWaits()
    work = _Work(context, Gathering(before, context.checkpoint), on_part)
    named = dict.fromkeys(Path(path) for path in paths)
    listing = _Listing(named, context, without)
    reader = _RememberingReader(context, database)
    with quiet_pydicom():
        for batch in listing:
            reader.enter(batch)
            for path in batch.files:
                work.tell(listing.total, path)
                held = contents(path, context, reader.look_inside) if path in named else None
                if held is None:
                    work.take(reader.look_at(path))
                    continue
                for outcome in held:
                    work.take(outcome)
                    work.tell(0, path)
            reader.leave()
        for path in named:
            for lost in lost_files(path):
                work.take(lost)
    reader.forget_others(named)
    for failed in listing.skipped:
        work.take(failed)
    context.checkpoint()
    context.report(work.done, work.done, "")
    return work.so_far()


class _RememberingReader:
    """Reads files, and recalls what was read before where a database knows it."""

    def __init__(self, context: ScanContext, database: StudyDatabase | None) -> None:
        self._labels = LabelReader(context.checkpoint)
        self._database = database
        self._folders: list[Path] = []
        self._memory: FolderMemory | None = None
        self._keeps = False
        if database is not None:
            database.use_for(reader_version())

    def enter(self, batch: _Batch) -> None:
        """The files of this batch are next."""
        if self._database is not None and (batch.whole or self._folders[-1:] != [batch.folder]):
            self._memory = FolderMemory(self._database, batch.folder)
            self._folders.append(batch.folder)
        self._keeps = batch.whole

    def look_inside(self, path: Path, named: Path | None = None) -> FoundFile | SkippedFile:
        """What a file says that was unpacked for this one time; it is never remembered."""
        return self._labels.look_at(path, named)

    def look_at(self, path: Path) -> FoundFile | SkippedFile:
        """What the file says, read or recalled."""
        memory = self._memory
        if memory is None:
            return self._labels.look_at(path)
        try:
            status = path.stat()
        except OSError as error:
            return SkippedFile(path, f"{CANNOT_OPEN}: {system_words(error)}.")
        outcome = memory.recall(path, status)
        if outcome is None:
            outcome = self._labels.look_at(path)
            if self._keeps:
                memory.remember(path, status, outcome)
        return outcome

    def leave(self) -> None:
        """All files of the batch were looked at."""
        if self._memory is not None and self._keeps:
            self._memory.finish()

    def forget_others(self, paths: Iterable[Path]) -> None:
        """Forget folders below these paths that are no longer there."""
        if self._database is not None:
            for path in paths:
                if path.is_dir():
                    self._database.forget_folders(path, self._folders)


class _Work:
    """What a scan has found, and when it last said so."""

    def __init__(
        self, context: ScanContext, gathering: Gathering, on_part: Callable[[FoundFiles], None] | None
    ) -> None:
        self._context = context
        self._gathering = gathering
        self._on_part = on_part
        self._part_due = time.monotonic() + _FIRST_PART_S
        self._report_due = 0.0
        self._found: list[FoundFile] = []
        self._skipped: list[SkippedFile] = []
        self.done = 0

    def tell(self, total: int, path: Path) -> None:
        """Say that this file is next, and hand over a part if it is time; may be cancelled here."""
        self._context.checkpoint()
        now = time.monotonic()
        if now >= self._report_due:
            self._report_due = now + _BETWEEN_REPORTS_S
            self._context.report(self.done, total, harmless(path.name))
        if self._on_part is not None and now >= self._part_due and self._found:
            self._on_part(self.so_far())
            cost = time.monotonic() - now
            self._part_due = now + cost + max(_FIRST_PART_S, cost / _COST_OF_PARTS)

    def take(self, outcome: FoundFile | SkippedFile) -> None:
        """Take in what was said of a file."""
        self.done += 1
        if isinstance(outcome, SkippedFile):
            self._skipped.append(outcome)
            self._gathering.skip(outcome)
        else:
            self._found.append(outcome)
            self._gathering.add(outcome)

    def so_far(self) -> FoundFiles:
        """All that was found until now."""
        index = self._gathering.index()
        return FoundFiles(index, tuple(self._found), tuple(self._skipped), _first_of(index, self._found))


def _first_of(index: StudyIndex, files: Iterable[FoundFile]) -> tuple[Instance, int] | None:
    """The first image of these files in the order of the index; doubles are not in it."""
    paths = {str(found.instance.path) for found in files}
    for series in index.series:
        if not series.frame_order:
            for instance in series.instances:
                if str(instance.path) in paths:
                    return instance, 0
        else:
            for instance, frame_index in series.images:
                if str(instance.path) in paths:
                    return instance, frame_index
    return None


class _Batch(NamedTuple):
    """Files of one folder in natural order; `whole` if they are all that lie in it."""

    folder: Path
    files: list[Path]
    whole: bool


class _Listing:
    """All files below the paths, each once, those of a folder before those of its folders, in natural order.

    Folders are listed ahead of whoever reads the files, for a while at once; `total` is 0 as long as some
    wait. `skipped`: what is neither a file nor a folder, or cannot be looked at.
    """

    def __init__(self, paths: Iterable[Path], context: ScanContext, without: Path | None) -> None:
        named = tuple(dict.fromkeys(paths))
        self.skipped: list[SkippedFile] = []
        self._context = context
        self._named = frozenset(named)
        self._names = frozenset(path.name for path in named)
        self._folders_seen: set[tuple[int, int]] = set()
        self._waiting = list(reversed(named))
        self._batches: deque[_Batch] = deque()
        self._listed = 0
        if without is not None and without.is_dir() and not any(_same(path, without) for path in named):
            status = without.stat()
            self._folders_seen.add((status.st_dev, status.st_ino))

    @property
    def total(self) -> int:
        """How many files there are, or 0 as long as folders wait to be listed."""
        return 0 if self._waiting else self._listed

    def __iter__(self) -> _Listing:
        return self

    def __next__(self) -> _Batch:
        if not self._batches or self._waiting:
            self._list_ahead()
        if not self._batches:
            raise StopIteration
        return self._batches.popleft()

    def _list_ahead(self) -> None:
        until = time.monotonic() + _LISTING_S
        while self._waiting and (not self._batches or time.monotonic() < until):
            self._context.checkpoint()
            path = self._waiting.pop()
            try:
                status = path.stat()
                if stat.S_ISDIR(status.st_mode):
                    self._list(path, (status.st_dev, status.st_ino))
                elif stat.S_ISREG(status.st_mode):
                    self._take(_Batch(path.parent, [path], whole=False))
                else:
                    self.skipped.append(SkippedFile(path, "not a regular file."))
            except OSError as error:
                self._cannot(path, error)

    def _list(self, folder: Path, identity: tuple[int, int]) -> None:
        # Some systems give no inode numbers; there a loop ends at the longest allowed path.
        if identity in self._folders_seen and identity[1] != 0:
            return
        self._folders_seen.add(identity)
        files: list[Path] = []
        folders: list[Path] = []
        whole = True
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: natural_key(entry.name)):
                self._context.checkpoint()
                path = folder / entry.name
                if entry.name in self._names and path in self._named:
                    whole = False  # it has its own turn
                elif entry.is_dir():
                    folders.append(path)
                elif entry.is_file():
                    files.append(path)
                else:
                    self._neither(path)
        self._waiting.extend(reversed(folders))
        self._take(_Batch(folder, files, whole))

    def _take(self, batch: _Batch) -> None:
        self._listed += len(batch.files)
        self._batches.append(batch)

    def _neither(self, path: Path) -> None:
        try:
            path.stat()
        except OSError as error:
            self._cannot(path, error)
        else:
            self.skipped.append(SkippedFile(path, "not a regular file."))

    def _cannot(self, path: Path, error: OSError) -> None:
        self.skipped.append(SkippedFile(path, f"{CANNOT_OPEN}: {system_words(error)}."))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
