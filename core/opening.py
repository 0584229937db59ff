"""Files and folders on their way into the session: scans on a lane of their own, indexes that grow.

What a scan finds is shown while it goes on. Every part is checked against what is shown now: if the studies
changed meanwhile by another hand, parts are passed over and the whole is merged at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import NoImages
from core.jobs import Job, JobContext, JobQueue, Lane

if TYPE_CHECKING:
    from core.dicom.index import FoundFiles, Instance, SkippedFile, StudyIndex

First = tuple["Instance", int]
"""The image to be shown first, as instance and frame index."""


@dataclass(slots=True, eq=False)
class _Turn:
    """One opening: the index that it showed last, and whether its first image was shown."""

    wanted: tuple[Path, ...]
    name: str
    shown: StudyIndex | None
    first_shown: bool = False


class Opening:
    """Opens paths into the one index. Owner's thread only.

    `current` gives the index that is shown, `show` shows another one and selects an image if one is given,
    `tell(tried, error)` says what went wrong.
    """

    def __init__(
        self,
        jobs: JobQueue,
        current: Callable[[], StudyIndex | None],
        show: Callable[[StudyIndex, First | None], None],
        tell: Callable[[str, BaseException], None],
    ) -> None:
        self._jobs = jobs
        self._current = current
        self._show = show
        self._tell = tell
        self._running: list[Job] = []

    def open(self, paths: Iterable[Path]) -> Job:
        """Look through files and folders, add what is found, and show the first image of it."""
        wanted = tuple(paths)
        name = wanted[0].name if len(wanted) == 1 else f"{len(wanted)} files and folders"
        turn = _Turn(wanted, name, self._current())
        return self._keep(
            self._jobs.submit(
                Lane.SCAN,
                f"Looking through {name}",
                partial(_scan, turn.shown, wanted),
                partial(self._scanned, turn),
                partial(self._tell, f"Open {name}"),
                on_part=partial(self._part_found, turn),
                urgent=True,
            )
        )

    def stop(self) -> None:
        """Stop all that is being opened."""
        for job in self._running:
            job.cancel()
        self._running.clear()

    def _keep(self, job: Job) -> Job:
        self._running = [one for one in self._running if one.active] + [job]
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
            )
        )

    def _take(self, turn: _Turn, found: FoundFiles) -> None:
        first = None if turn.first_shown else found.first
        turn.first_shown = turn.first_shown or first is not None
        turn.shown = found.index
        self._show(found.index, first)


def _scan(before: StudyIndex | None, paths: tuple[Path, ...], ctx: JobContext) -> FoundFiles:
    # Imported here: pydicom costs a third of a second that the first window should not wait for.
    from core.dicom.index import StudyIndex, scan_onto

    return scan_onto(before or StudyIndex(), paths, ctx, on_part=ctx.hand_over)


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
