"""A row of the study list that is dragged onto a viewport: what travels, and when a press becomes a drag."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import astuple, dataclass

from PySide6.QtCore import QEvent, QMimeData, QModelIndex, QObject, QPoint, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QTreeView

from core.study_list import SeriesRow

_MIME = "application/x-healthytwin-series"


@dataclass(frozen=True, slots=True)
class DraggedSeries:
    """A series by its key, and the file and frame of it that the row begins with."""

    series_instance_uid: str
    stack: int
    path: str
    frame_index: int


def series_of(row: SeriesRow) -> DraggedSeries:
    """What a row of the list stands for."""
    instance, frame_index = row.first
    return DraggedSeries(*row.series.key, str(instance.path), frame_index)


def mime_of(row: SeriesRow) -> QMimeData:
    """What travels with the mouse: names, no pixels; it means nothing to other programs."""
    data = QMimeData()
    data.setData(_MIME, json.dumps(astuple(series_of(row))).encode())
    return data


def dragged_series(data: QMimeData) -> DraggedSeries | None:
    """What was dropped, if it is a row of the study list of this program."""
    if not data.hasFormat(_MIME):
        return None
    try:
        uid, stack, path, frame_index = json.loads(bytes(data.data(_MIME).data()))
    except (ValueError, RecursionError):
        return None
    whole = isinstance(stack, int) and isinstance(frame_index, int)
    return DraggedSeries(uid, stack, path, frame_index) if whole and isinstance(path, str) else None


class SeriesDrag(QObject):
    """Lets rows of the tree be dragged. A press shows a series as it is let go, unless it was a drag."""

    def __init__(self, tree: QTreeView, row_at: Callable[[QModelIndex], SeriesRow | None]) -> None:
        super().__init__(tree)
        self._tree = tree
        self._row_at = row_at
        self._pressed: QPoint | None = None
        tree.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Hold the press on a series back until it is known what it becomes."""
        if not isinstance(event, QMouseEvent):
            return False
        place = event.position().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress and event.button() is Qt.MouseButton.LeftButton:
            self._pressed = place if self._row_at(self._tree.indexAt(place)) is not None else None
            return self._pressed is not None
        if self._pressed is None:
            return False
        if event.type() == QEvent.Type.MouseMove:
            if (place - self._pressed).manhattanLength() >= QApplication.startDragDistance():
                self._drag()
            return True
        if event.type() == QEvent.Type.MouseButtonRelease:
            index, self._pressed = self._tree.indexAt(self._pressed), None
            self._tree.setFocus(Qt.FocusReason.MouseFocusReason)
            self._tree.setCurrentIndex(index)
            return True
        return False

    def _drag(self) -> None:
        if self._pressed is None:
            return
        row = self._row_at(self._tree.indexAt(self._pressed))
        self._pressed = None
        if row is not None:
            drag = QDrag(self._tree)
            drag.setMimeData(mime_of(row))
            drag.exec(Qt.DropAction.CopyAction)
