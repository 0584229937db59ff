"""Small pictures for the rows in sight: made one after the other in the read lane, the newest kept."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from core.errors import ProductError
from core.jobs import Job
from core.session import Session
from core.study_list import RowKey, SeriesRow
from viewer.picture import image_of

_log = logging.getLogger(__name__)

_MOST_BYTES = 24 * 2**20  # some 1,500 pictures of 64 pixels
_BYTES_OF_A_REASON = 1024


class Thumbnails(QObject):
    """Pictures by row. `want` says which rows are in sight; what left the sight is asked for no more.

    One picture at a time is in the read lane: whatever else the reader wants waits for no more than one.
    """

    made = Signal()
    """A picture, or the reason why there is none, has come."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._kept: OrderedDict[RowKey, QPixmap | str] = OrderedDict()
        self._bytes = 0
        self._wanted: list[SeriesRow] = []
        self._running: tuple[SeriesRow, Job] | None = None
        self._ratio = 1.0

    @property
    def bytes_kept(self) -> int:
        """Memory of all pictures that are kept."""
        return self._bytes

    def get(self, row: SeriesRow) -> QPixmap | str | None:
        """The picture of a row, or why it has none, or None while it is not known."""
        found = self._kept.get(row.key)
        if found is not None:
            self._kept.move_to_end(row.key)
        return found

    def want(self, rows: Sequence[SeriesRow], device_ratio: float) -> None:
        """Make the pictures of these rows, in this order, and of no others."""
        if device_ratio != self._ratio:
            self.clear()
            self._ratio = device_ratio
        self._wanted = [row for row in rows if row.key not in self._kept]
        if self._running is not None:
            row, job = self._running
            if row.key in {wanted.key for wanted in self._wanted}:
                return
            job.cancel()
            self._running = None
        self._next()

    def clear(self) -> None:
        """Forget all pictures: the files may be others when they are opened again."""
        self._wanted = []
        if self._running is not None:
            self._running[1].cancel()
            self._running = None
        self._kept.clear()
        self._bytes = 0

    def _next(self) -> None:
        self._running = None
        while self._wanted:
            row = self._wanted.pop(0)
            if row.key not in self._kept:
                instance, frame_index = row.middle
                job = self._session.make_thumbnail(
                    instance, frame_index, partial(self._take, row), partial(self._fail, row)
                )
                self._running = row, job
                return

    def _take(self, row: SeriesRow, picture: NDArray[np.uint8]) -> None:
        side = round(self._session.settings.thumbnail_px * self._ratio)
        image: QImage = image_of(picture).scaled(
            QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(self._ratio)
        self._keep(row.key, pixmap)

    def _fail(self, row: SeriesRow, error: BaseException) -> None:
        if not isinstance(error, ProductError):
            _log.error("Thumbnail", exc_info=error)
        self._keep(
            row.key, str(error) if isinstance(error, ProductError) else "The program met an error of its own."
        )

    def _keep(self, key: RowKey, found: QPixmap | str) -> None:
        self._bytes += _size(found)
        self._kept[key] = found
        while self._bytes > _MOST_BYTES and len(self._kept) > 1:
            self._bytes -= _size(self._kept.popitem(last=False)[1])
        self.made.emit()
        self._next()


def _size(found: QPixmap | str) -> int:
    return _BYTES_OF_A_REASON if isinstance(found, str) else found.width() * found.height() * 4
