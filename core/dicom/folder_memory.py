"""What was read from the files of a folder, so that files which did not change are not read again.

A file is the same if its size, its times of change, and its number in the file system are. Values are kept as
JSON, files of one series by what they have in common; what cannot be understood is read from the file again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dicom.file_labels import CANNOT_OPEN, COMMON_FIELDS, KEYWORDS
from core.dicom.frame_places import FramePlace
from core.dicom.grouping import FoundFile, Labels
from core.dicom.study import Instance, Patient, Series, SkippedFile, Study
from core.imaging.frame import PixelSpacing, SpacingSource

if TYPE_CHECKING:
    from core.study_database import StudyDatabase

# Raise this number when files are read differently though the names of fields and attributes stay.
_VERSION = 1
_FILES_IN_A_BLOCK = 1000
# A file that changed so shortly before it was read may change again without a new time.
_SETTLED_NS = 2_000_000_000
_LABEL_FIELDS = {
    kind: tuple(
        one.name
        for one in fields(kind)
        if one.name
        not in (
            *("instances", "series", "studies", "stack", "frame_order", "part_words", "slice_spacing_mm"),
            "arrangement",
            "notes",
        )
    )
    for kind in (Series, Study, Patient)
}
_BROKEN = (KeyError, IndexError, TypeError, ValueError)

Row = list[Any]  # as JSON gives it: name, four numbers that tell a changed file, and what was read


def reader_version() -> str:
    """Changes with every change of what is read: blocks of another version are of no use."""
    words = [str(_VERSION), *KEYWORDS]
    words += [one.name for kind in (Instance, Series, Study, Patient, FramePlace) for one in fields(kind)]
    return hashlib.sha256(" ".join(words).encode()).hexdigest()[:16]


class FolderMemory:
    """The files of one folder as they were read last, and as they are read now. One thread."""

    def __init__(self, database: StudyDatabase, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._known: dict[str, tuple[Row, _Block]] = {}
        self._before = database.blocks(folder)
        for content in self._before:
            block = _Block.from_text(content)
            self._known.update({row[0]: (row, block) for row in block.rows})
        # As long as nothing is new there is nothing to write.
        self._recalled: list[tuple[Row, _Block]] = []
        self._changed = False
        self._writing = _Block()
        self._part = 0

    def recall(self, path: Path, status: os.stat_result) -> FoundFile | SkippedFile | None:
        """What was read from a file that did not change since; None: read it."""
        known = self._known.get(path.name)
        if known is None:
            return None
        row, block = known
        try:
            if row[1:5] != _identity(status):
                return None
            outcome = block.outcome(path, row)
        except _BROKEN:
            return None
        if self._changed:
            self._add(row[:5], outcome)
        else:
            self._recalled.append(known)
        return outcome

    def remember(self, path: Path, status: os.stat_result, outcome: FoundFile | SkippedFile) -> None:
        """Keep what was read of a file; `status` is from before it was read."""
        if isinstance(outcome, SkippedFile) and outcome.reason.startswith(CANNOT_OPEN):
            return
        if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) < _SETTLED_NS:
            return
        self._begin_anew()
        self._add([path.name, *_identity(status)], outcome)

    def finish(self) -> None:
        """All files of the folder were recalled or remembered: what is not among them is gone."""
        if len(self._recalled) < len(self._known):
            self._begin_anew()
        if self._changed:
            if self._writing.rows:
                self._write()
            self._database.cut(self._folder, self._part)

    def _begin_anew(self) -> None:
        if not self._changed:
            self._changed = True
            for row, block in self._recalled:
                self._add(row[:5], block.outcome(self._folder / row[0], row))
            self._recalled.clear()

    def _add(self, row: Row, outcome: FoundFile | SkippedFile) -> None:
        self._writing.add(row, outcome)
        if len(self._writing.rows) >= _FILES_IN_A_BLOCK:
            self._write()

    def _write(self) -> None:
        content = self._writing.as_text()
        if self._part >= len(self._before) or self._before[self._part] != content:
            self._database.keep(self._folder, self._part, content)
        self._part += 1
        self._writing = _Block()


class _Block:
    """Files and what they have in common."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._kinds: list[dict[str, Any]] = []
        self._labels: list[Labels] = []
        self._kind_places: dict[tuple[object, ...], int] = {}
        self._label_places: dict[int, int] = {}

    @classmethod
    def from_text(cls, content: str) -> _Block:
        """A block as it was written; an empty one if it cannot be understood."""
        block = cls()
        try:
            kinds, labels, rows = json.loads(content)
            block._kinds = [
                dict(zip(COMMON_FIELDS, (_decoded(value) for value in one), strict=True)) for one in kinds
            ]
            block._labels = [_labels(one) for one in labels]
            block.rows = [row for row in rows if isinstance(row[0], str)]
        except _BROKEN:
            return cls()
        return block

    def as_text(self) -> str:
        """The block as JSON."""
        kinds = [[_encoded(one[name]) for name in COMMON_FIELDS] for one in self._kinds]
        labels = [
            [
                [getattr(value, name) for name in _LABEL_FIELDS[type(value)]]
                for value in (one.series, one.study, one.patient)
            ]
            for one in self._labels
        ]
        return json.dumps([kinds, labels, self.rows], separators=(",", ":"))

    def outcome(self, path: Path, row: Row) -> FoundFile | SkippedFile:
        """What a row says of its file. Raises one of `_BROKEN`."""
        if len(row) == 8:
            return SkippedFile(path, row[5], row[6], row[7])
        position = row[10]
        return FoundFile(
            Instance(
                path=path,
                sop_instance_uid=row[7],
                instance_number=row[8],
                acquisition_time=row[9],
                position_mm=None if position is None else (position[0], position[1], position[2]),
                **self._kinds[row[5]],
            ),
            self._labels[row[6]],
        )

    def add(self, row: Row, outcome: FoundFile | SkippedFile) -> None:
        """Append a file."""
        if isinstance(outcome, SkippedFile):
            self.rows.append([*row, outcome.reason, outcome.harmless, outcome.sop_class_uid])
            return
        instance, labels = outcome
        values = tuple(getattr(instance, name) for name in COMMON_FIELDS)
        kind = self._kind_places.setdefault((*values, instance.frame_places), len(self._kinds))
        if kind == len(self._kinds):
            self._kinds.append(dict(zip(COMMON_FIELDS, values, strict=True)))
        place = self._label_places.setdefault(id(labels), len(self._labels))
        if place == len(self._labels):
            self._labels.append(labels)
        self.rows.append(
            [
                *row,
                kind,
                place,
                instance.sop_instance_uid,
                instance.instance_number,
                instance.acquisition_time,
                instance.position_mm,
            ]
        )


def _labels(values: Any) -> Labels:
    """Labels from JSON. Raises one of `_BROKEN`."""
    series, study, patient = values

    def named(kind: type[Series] | type[Study] | type[Patient], parts: Any) -> dict[str, Any]:
        return dict(zip(_LABEL_FIELDS[kind], parts, strict=True))

    return Labels(
        Series(**named(Series, series)), Study(**named(Study, study)), Patient(**named(Patient, patient))
    )


def _identity(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _encoded(value: object) -> object:
    """A value of an instance as JSON; classes by their name."""
    if isinstance(value, PixelSpacing):
        return {"spacing": [value.row_mm, value.column_mm, value.source.value, value.note]}
    if isinstance(value, FramePlace):
        return {"place": [_encoded(getattr(value, one.name)) for one in fields(value)]}
    if isinstance(value, tuple):
        return [_encoded(one) for one in value]
    return value


def _decoded(value: Any) -> Any:
    """The value that `_encoded` was given. Raises one of `_BROKEN`."""
    if isinstance(value, list):
        return tuple(_decoded(one) for one in value)
    if isinstance(value, dict):
        ((name, parts),) = value.items()
        if name == "spacing":
            row_mm, column_mm, source, note = parts
            return PixelSpacing(row_mm, column_mm, SpacingSource(source), note)
        if name == "place":
            return FramePlace(*(_decoded(one) for one in parts))
        raise ValueError(name)
    return value
