"""The table of contents of a disc (DICOMDIR, PS3.3 F, PS3.10 8): which files it names, inside the disc only.

Records are taken in the order in which they are stored; the offsets that link them are not followed, so that
no cycle can be. A name is searched for below the folder of the DICOMDIR, component by component and in any
case, for discs are copied by systems that change it; what leads out of that folder is refused, each reference
by itself, before anything of it is opened.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.dicom.gate import Refused, open_admitted
from core.dicom.study import SkippedFile
from core.dicom.tags import READING_ERRORS, quiet_pydicom, read_attributes
from core.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from core.dicom.tags import Attributes

_CLASS = re.compile(rb"1\.2\.840\.10008\.1\.3\.10(?![.0-9])")
# PS3.10 8.2: eight components of eight characters. Real discs are more generous, but not without end.
_MOST_COMPONENTS = 32
_LONGEST_COMPONENT = 255
_LONGEST_SHOWN = 120
_INACTIVE = 0x0000  # Record In-use Flag (0004,1410) of a record that was deleted


@dataclass(frozen=True, slots=True)
class MediaDirectory:
    """What a DICOMDIR names: files that are there, in its order and once each, and what is not, with why."""

    files: tuple[Path, ...]
    skipped: tuple[SkippedFile, ...]


def is_media_directory(path: Path) -> bool:
    """Whether a file is a DICOMDIR, by its Media Storage SOP Class UID and not by its name."""
    try:
        with path.open("rb") as stream:
            head = stream.read(1024)
    except OSError:
        return False
    return head[128:132] == b"DICM" and _CLASS.search(head) is not None


def directory_in(folder: Path) -> Path | None:
    """The DICOMDIR that lies in a folder, under any case of its name, or None."""
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - names only
    except OSError:
        return None
    found = (folder / name for name in names if _plain(name) == "dicomdir")
    return next((path for path in found if path.is_file() and is_media_directory(path)), None)


def read_media_directory(path: Path) -> MediaDirectory:
    """What a DICOMDIR names. Raises `Refused` or `OSError` where it cannot be read itself."""
    names = references_of(path)
    medium = _Medium(path.parent)
    files: dict[Path, None] = {}
    skipped: dict[Path, SkippedFile] = {}
    for components in names:
        reason, file = medium.find(components)
        if file is not None:
            files[file] = None
        else:
            shown = Path(f"{path}!{_shown(components)}")
            skipped[shown] = SkippedFile(shown, reason)
    return MediaDirectory(tuple(files), tuple(skipped.values()))


def references_of(path: Path) -> tuple[tuple[str, ...], ...]:
    """The names of files in a DICOMDIR, by their components. Raises as `read_media_directory` does."""
    try:
        opened = open_admitted(path)
        with opened.stream, quiet_pydicom():
            attributes = read_attributes(opened.stream, ("DirectoryRecordSequence",))
            return tuple(_references(attributes.items("DirectoryRecordSequence")))
    except Refused:
        raise
    except READING_ERRORS as error:
        raise Refused(path.name, f"the table of contents is damaged ({type(error).__name__}).") from error


def lost_of_archive(
    references: Iterable[tuple[str, ...]], shown: Path, above: str, names: Iterable[str]
) -> tuple[SkippedFile, ...]:
    """What a DICOMDIR inside an archive names and the archive does not hold, with why.

    `shown`: the DICOMDIR as it is named to the reader. `above`: its folder in the archive. `names`: all
    entries of the archive, by their whole names.
    """
    held: set[tuple[str, ...]] = set()
    for name in names:
        parts = tuple(_plain(part) for part in name.replace("\\", "/").split("/") if part not in ("", "."))
        if parts:
            # A copy may have added an ending: IM1 became IM1.dcm.
            held |= {parts, (*parts[:-1], parts[-1].rpartition(".")[0])}
    root = tuple(_plain(part) for part in above.split("/") if part)
    lost: dict[Path, SkippedFile] = {}
    for components in references:
        parts_named = [part for component in components for part in component.split("/")]
        reason = _why_not(parts_named)
        if not reason and (*root, *map(_plain, parts_named)) not in held:
            reason = "named in the DICOMDIR, but not in the archive."
        if reason:
            place = Path(f"{shown}!{_shown(components)}")
            lost[place] = SkippedFile(place, reason)
    return tuple(lost.values())


def _references(records: Iterable[Attributes]) -> Iterator[tuple[str, ...]]:
    """Referenced File ID of each record in use that has one."""
    for record in records:
        if record.integer("RecordInUseFlag") != _INACTIVE:
            components = record.texts("ReferencedFileID")
            if any(components):
                yield components


class _Medium:
    """The folder of a DICOMDIR and what is below it; nothing else is ever listed or opened."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._real_root = root.resolve()
        self._listed: dict[Path, dict[str, list[str]]] = {}

    def find(self, components: tuple[str, ...]) -> tuple[str, Path | None]:
        """The file of a reference, or why there is none."""
        # Some writers put whole paths into one component.
        parts = [part for component in components for part in component.split("/")]
        reason = _why_not(parts)
        if reason:
            return reason, None
        place = self._root
        for part in parts:
            try:
                inside = place.resolve().is_relative_to(self._real_root)
                name = self._name_in(place, part) if inside else ""
            except (OSError, RuntimeError):  # RuntimeError: links that lead to each other
                inside, name = True, ""
            if not inside:
                return "refused: a link on the medium leads out of it.", None
            if not name:
                return "named in the DICOMDIR, but not on the medium.", None
            place = place / name
        try:
            if not place.resolve(strict=True).is_relative_to(self._real_root):
                return "refused: a link on the medium leads out of it.", None
            if not place.is_file():
                return "refused: the DICOMDIR names it as a file, which it is not.", None
        except (OSError, RuntimeError):
            return "named in the DICOMDIR, but not on the medium.", None
        return "", place

    def _name_in(self, folder: Path, wanted: str) -> str:
        """The name on the medium that a component means, or ""."""
        if folder not in self._listed:
            names: dict[str, list[str]] = {}
            try:
                for name in sorted(os.listdir(folder)):  # noqa: PTH208 - names only
                    names.setdefault(_plain(name), []).append(name)
                    # A copy may have added an ending: IM1 became IM1.dcm.
                    names.setdefault(f"{_plain(name).rpartition('.')[0]}\0", []).append(name)
            except NotADirectoryError:
                pass
            self._listed[folder] = names
        names = self._listed[folder]
        same = names.get(_plain(wanted), [])
        if wanted in same:
            return wanted
        with_ending = names.get(f"{_plain(wanted)}\0", [])
        return same[0] if same else with_ending[0] if len(with_ending) == 1 else ""


def _plain(name: str) -> str:
    """A name without what file systems do to it: case, version (ISO 9660 “;1”), a last point."""
    return re.sub(r";\d+$", "", name.strip(" \0").casefold()).rstrip(".")


def _why_not(parts: list[str]) -> str:
    """What is wrong with the components of a reference; "" if nothing is."""
    if len(parts) > _MOST_COMPONENTS or any(len(part) > _LONGEST_COMPONENT for part in parts):
        return "refused: the DICOMDIR names it by a path that is too long."
    if any("\\" in part for part in parts):  # the separator of values: here only what was escaped
        return "refused: its name in the DICOMDIR holds control characters."
    if not parts[0] or any(":" in part for part in parts):
        return "refused: the DICOMDIR names it by an absolute path."
    if any(part in ("..", ".", "") for part in parts):
        return "refused: its path in the DICOMDIR leads out of the medium."
    return ""


def _shown(components: tuple[str, ...]) -> str:
    return visible("/".join(components)[:_LONGEST_SHOWN])
