"""Files and folders on their way into the session: scans on a lane of their own, indexes that grow.

What a scan finds is shown while it goes on. Every part is checked against what is shown now: if the studies
changed meanwhile by another hand, parts are passed over and the whole is merged at the end.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import CannotWrite, NoImages
from core.jobs import Job, JobContext, JobQueue, Lane
from core.study_database import MOST_RECENT, RecentStudy, database_path, forget_all, study_database
from core.study_list import without_study

if TYPE_CHECKING:
    from core.dicom.grouping import FoundFile
    from core.dicom.index import FoundFiles, Instance, SkippedFile, StudyIndex

Listed = tuple[RecentStudy, bool]
"""A study of the list of recent ones, and whether it is still where it was."""

First = tuple["Instance", int]
"""The image to be shown first, as instance and frame index."""


@dataclass(slots=True, eq=False)
class _Turn:
    """One opening: the index that it showed last, and whether its first image was shown.

    `closed`: Study Instance UIDs of what the reader closed meanwhile.
    """

    wanted: tuple[Path, ...]
    name: str
    shown: StudyIndex | None
    first_shown: bool = False
    closed: set[str] = field(default_factory=set)


class Opening:
    """Opens paths into the one index. Owner's thread only.

    `current` gives the index that is shown, `show` shows another one and selects an image if one is given,
    `tell(tried, error)` says what went wrong, `database` where the database of studies is, if one is wanted.
    """

    def __init__(
        self,
        jobs: JobQueue,
        current: Callable[[], StudyIndex | None],
        show: Callable[[StudyIndex, First | None], None],
        tell: Callable[[str, BaseException], None],
        database: Callable[[], Path | None],
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._current = current
        self._show = show
        self._tell = tell
        self._running: list[tuple[Job, _Turn]] = []

    def open(self, paths: Iterable[Path]) -> Job:
        """Look through files and folders, add what is found, and show the first image of it."""
        wanted = tuple(paths)
        name = wanted[0].name if len(wanted) == 1 else f"{len(wanted)} files and folders"
        turn = _Turn(wanted, name, self._current())
        return self._keep(
            self._jobs.submit(
                Lane.SCAN,
                f"Looking through {name}",
                partial(_scan, turn.shown, wanted, self._database()),
                partial(self._scanned, turn),
                partial(self._tell, f"Open {name}"),
                on_part=partial(self._part_found, turn),
                urgent=True,
            ),
            turn,
        )

    def stop(self) -> None:
        """Stop all that is being opened."""
        for job, _ in self._running:
            job.cancel()
        self._running.clear()

    def keep_closed(self, study_instance_uid: str) -> None:
        """A study was closed: what is still being opened does not bring it back."""
        for _, turn in self._running:
            turn.closed.add(study_instance_uid)

    def list_recent(self, on_done: Callable[[tuple[Listed, ...]], None]) -> None:
        """Bring the studies that were opened last, newest first, and whether each is still there."""
        path = self._database()
        if path is None:
            on_done(())
            return
        self._jobs.submit(Lane.SCAN, "Recent studies", lambda ctx: _recent(path), on_done, shown=False)

    def forget(self, study_instance_uid: str | None, on_done: Callable[[None], None]) -> None:
        """Take a study off the list of recent ones; None: wipe all that is known of studies."""
        path = self._database() or database_path()  # also what is left from before it was switched off
        self._jobs.submit(
            Lane.SCAN,
            "Forgetting studies",
            lambda ctx: _forget(path, study_instance_uid),
            on_done,
            partial(self._tell, "Forget studies"),
            shown=False,
        )

    def _keep(self, job: Job, turn: _Turn) -> Job:
        self._running = [one for one in self._running if one[0].active] + [(job, turn)]
        return job

    def _part_found(self, turn: _Turn, found: FoundFiles) -> None:
        if self._current() is turn.shown:
            self._take(turn, found)

    def _scanned(self, turn: _Turn, found: FoundFiles) -> None:
        if not found.files:
            self._tell(f"Open {turn.name}", _nothing_found(turn.wanted, found.skipped))
        elif self._current() is turn.shown:
            self._take(turn, found)
        else:
            self._merge(turn, found)

    def _merge(self, turn: _Turn, found: FoundFiles) -> None:
        """Merge in the lane (doubles are compared byte by byte), again if the index moved on."""
        turn.shown = self._current()
        self._keep(
            self._jobs.submit(
                Lane.SCAN,
                "Sorting the studies",
                partial(_merged, turn.shown, found),
                partial(self._scanned, turn),
            ),
            turn,
        )

    def _take(self, turn: _Turn, found: FoundFiles) -> None:
        index = found.index
        for closed in turn.closed:
            index = without_study(index, closed)
        first = None if turn.first_shown else found.first
        turn.first_shown = turn.first_shown or first is not None
        turn.shown = index
        self._show(index, first)


def _scan(
    before: StudyIndex | None, paths: tuple[Path, ...], database: Path | None, ctx: JobContext
) -> FoundFiles:
    # Imported here: pydicom costs a third of a second that the first window should not wait for.
    from core.dicom.index import StudyIndex, scan_onto

    with study_database(database) as known:
        found = scan_onto(before or StudyIndex(), paths, ctx, on_part=ctx.hand_over, database=known)
        if known is not None and found.files:
            known.remember_opened(_opened_now(found, paths))
        return found


def _opened_now(found: FoundFiles, wanted: tuple[Path, ...]) -> tuple[RecentStudy, ...]:
    """The studies of a scan for the list of recent ones: each with the folder or file that holds it."""
    by_study: dict[str, list[FoundFile]] = {}
    for one in found.files:
        by_study.setdefault(one.labels.study.study_instance_uid, []).append(one)
    now = time.time()
    return tuple(
        RecentStudy(
            uid,
            files[0].labels.patient.name or files[0].labels.patient.patient_id,
            files[0].labels.study.study_date,
            files[0].labels.study.description,
            _place(files, wanted),
            now,
            sum(one.instance.number_of_frames for one in files),
        )
        for uid, files in list(by_study.items())[:MOST_RECENT]
    )


def _place(files: list[FoundFile], wanted: tuple[Path, ...]) -> Path:
    """What to open to see these files again: a file that was named itself, or the folder that holds all."""
    origin = files[0].instance.origin
    if origin:  # unpacked for this time: the archive is what can be opened again
        held_by = [path.absolute() for path in wanted if origin.startswith(str(path))]
        return max(held_by, key=lambda path: len(path.parts), default=wanted[0].absolute())
    if len(files) == 1 and files[0].instance.path in wanted:
        return files[0].instance.path.absolute()
    folders = {os.path.dirname(one.instance.path) for one in files}  # noqa: PTH120 - of many paths, fast
    return Path(os.path.commonpath([os.path.abspath(folder) for folder in folders]))  # noqa: PTH100 - as above


def _recent(path: Path) -> tuple[Listed, ...]:
    if not path.exists():
        return ()
    with study_database(path) as known:
        return tuple((one, one.place.exists()) for one in (known.recent() if known is not None else ()))


def _forget(path: Path, study_instance_uid: str | None) -> None:
    """Raises `CannotWrite`."""
    if study_instance_uid is None:
        try:
            forget_all(path)
        except OSError as error:
            raise CannotWrite(
                f"The list of studies in {path} could not be removed: {error.strerror or error}.",
                "Close other windows of the program and try again.",
            ) from error
        return
    with study_database(path) as known:
        if known is not None:
            known.forget_recent(study_instance_uid)


def _merged(before: StudyIndex | None, found: FoundFiles, ctx: JobContext) -> FoundFiles:
    from core.dicom.index import StudyIndex

    return found.onto(before or StudyIndex(), ctx)


def _nothing_found(wanted: tuple[Path, ...], skipped: tuple[SkippedFile, ...]) -> NoImages:
    place = str(wanted[0]) if len(wanted) == 1 else f"the {len(wanted)} files and folders"
    if not skipped:
        return NoImages(f"There are no files in {place}.", "Choose a folder with DICOM, PNG or JPEG images.")
    first = min(skipped, key=lambda item: str(item.path))
    if len(skipped) == 1:
        return NoImages(
            f"Nothing to show in {first.path.name}: {first.reason}", "Choose another file or folder."
        )
    return NoImages(
        f"None of the {len(skipped)} files in {place} can be shown. "
        f"The first, {first.path.name}: {first.reason}",
        "Choose another folder.",
    )
