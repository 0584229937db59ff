"""What is opened like a folder when it is named itself: archives, and the table of contents of a disc.

Those that are only met inside a folder stay closed: a folder full of archives would be unpacked by accident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.dicom.archives import Checkpoint, Member, is_archive, unpack
from core.dicom.file_labels import system_words
from core.dicom.gate import Refused
from core.dicom.media_directory import (
    directory_in,
    is_media_directory,
    lost_of_archive,
    read_media_directory,
    references_of,
)
from core.dicom.study import SkippedFile
from core.errors import CannotWrite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from core.dicom.grouping import FoundFile

    Outcome = FoundFile | SkippedFile
    LookAt = Callable[[Path, Path | None], Outcome]

# What archives held that were unpacked whole, by place, time and size: opened again, nothing is copied.
_whole: dict[tuple[str, int, int], tuple[Outcome, ...]] = {}


def contents(path: Path, context: Checkpoint, look_at: LookAt) -> Iterator[Outcome] | None:
    """What a file holds that is opened like a folder; None if it is not. Raises what `context` raises.

    `look_at` is given each file that is there, with its place as shown if it was unpacked.
    """
    if is_archive(path):
        return _of_archive(path, context, look_at)
    if is_media_directory(path):
        return _of_directory(path, context, look_at)
    return None


def lost_files(folder: Path) -> tuple[SkippedFile, ...]:
    """What the DICOMDIR of a folder names and the folder does not have."""
    path = directory_in(folder)
    if path is None:
        return ()
    try:
        return read_media_directory(path).skipped
    except (Refused, OSError):
        return ()  # the folder itself is read; its table of contents adds nothing then


def _of_archive(path: Path, context: Checkpoint, look_at: LookAt) -> Iterator[Outcome]:
    try:
        status = path.stat()
        key = (str(path.resolve()), status.st_mtime_ns, status.st_size)
        known = _whole.get(key, ())
        if known and all(one.instance.path.exists() for one in known if not isinstance(one, SkippedFile)):
            yield from known
            return
        found: list[Outcome] = []
        names: list[str] = []
        tables: list[tuple[Path, str, tuple[tuple[str, ...], ...]]] = []
        for member in unpack(path, context):
            shown = member.path if isinstance(member, SkippedFile) else member.named
            names.append(str(shown)[len(str(path)) + 1 :])
            if isinstance(member, Member) and is_media_directory(member.path):
                tables.append((shown, names[-1].rpartition("/")[0], _references(member.path)))
            found.append(_looked_at(member, look_at))
            yield found[-1]
        for shown, above, references in tables:
            lost = lost_of_archive(references, shown, above, names)
            found.extend(lost)
            yield from lost
        _whole[key] = tuple(found)
        if not found:
            yield SkippedFile(path, "an archive with no file in it.")
    except CannotWrite as error:
        yield SkippedFile(path, str(error))
    except OSError as error:
        yield SkippedFile(path, f"cannot be opened: {system_words(error)}.")


def _references(path: Path) -> tuple[tuple[str, ...], ...]:
    try:
        return references_of(path)
    except (Refused, OSError):
        return ()  # all that the archive holds is read; a table that is damaged adds nothing then


def _looked_at(member: Member | SkippedFile, look_at: LookAt) -> Outcome:
    if isinstance(member, SkippedFile):
        return member
    outcome = look_at(member.path, member.named)
    if isinstance(outcome, SkippedFile) and not outcome.is_presentation_state:
        member.path.unlink(missing_ok=True)  # nothing of it will be shown
    return outcome


def _of_directory(path: Path, context: Checkpoint, look_at: LookAt) -> Iterator[Outcome]:
    try:
        directory = read_media_directory(path)
    except Refused as refusal:
        yield SkippedFile(path, refusal.reason)
        return
    except OSError as error:
        yield SkippedFile(path, f"cannot be opened: {system_words(error)}.")
        return
    for number, file in enumerate(directory.files):
        context.checkpoint()
        context.report(number, len(directory.files), file.name)
        yield look_at(file, None)
    yield from directory.skipped
    if not directory.files and not directory.skipped:
        yield SkippedFile(path, "a table of contents (DICOMDIR) that names no file.")
