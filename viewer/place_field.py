"""A field for a folder or list of films: typed, dropped or chosen, with the number of its files."""

from __future__ import annotations

import os
import time
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.jobs import Job, JobContext, JobQueue, Lane
from viewer.language import tr
from viewer.theme import Colour

_MOST_COUNTED = 100_000
_LONGEST_COUNT_S = 3.0  # the same lane reads the reader's images


class PlaceField(QWidget):
    """A folder or list: typed, dropped or chosen; under it the number of its files as soon as it is known.

    `changed`: another place was chosen; a typed one when Return is pressed or the field is left.
    """

    changed = Signal()

    def __init__(self, title: str, what: str, jobs: JobQueue) -> None:
        super().__init__()
        self._title = title
        self._jobs = jobs
        self._counting: Job | None = None
        self._place: Path | None = None
        self.setAcceptDrops(True)
        self._line = QLineEdit()
        self._line.setPlaceholderText(what)
        self._line.setAccessibleName(title)
        self._line.setToolTip(
            tr("{title}: {what}. Folders and lists can be dropped here.").format(title=title, what=what)
        )
        # A dropped folder is for the whole field; the line itself would take it for text.
        self._line.setAcceptDrops(False)
        self._line.editingFinished.connect(self._take)
        browse = QPushButton(tr("Browse…"))
        browse.setAccessibleName(tr("Browse: {title}").format(title=title))
        browse.clicked.connect(self.browse)
        self._count = QLabel()
        self._count.setStyleSheet(f"color: {Colour.QUIET};")
        self._count.hide()
        row = QHBoxLayout()
        row.addWidget(self._line, 1)
        row.addWidget(browse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self._count)
        self.setFocusProxy(self._line)

    @property
    def place(self) -> Path | None:
        """What is chosen now."""
        return self._place

    def set_place(self, place: Path | None) -> None:
        """Choose something."""
        self._line.setText(str(place) if place else "")
        self._take()

    def browse(self) -> None:
        """Let the reader choose a folder."""
        start = str(self.place or Path.home())
        name = QFileDialog.getExistingDirectory(self, self._title, start)
        if name:
            self.set_place(Path(name))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """A folder or list may be dropped."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped; of a film its folder."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                place = Path(url.toLocalFile())
                wanted = place if place.is_dir() or place.suffix.lower() == ".csv" else place.parent
                self.set_place(wanted)
                return

    def _take(self) -> None:
        text = self._line.text().strip()
        place = Path(text).expanduser() if text else None
        if place == self._place:
            return
        self._place = place
        if self._counting is not None:
            self._counting.cancel()
        self._count.setVisible(place is not None)
        self._count.setText(tr("Counting files…"))
        if place is not None:
            self._counting = self._jobs.submit(
                Lane.READ,
                tr("Counting files in {name}").format(name=place.name),
                lambda ctx: _counted(place, ctx),
                self._count.setText,
                lambda error: self._count.setText(tr("It cannot be read.")),
                shown=False,
            )
        self.changed.emit()


def _counted(place: Path, ctx: JobContext) -> str:
    """In the read lane: how many files there are, at once, before any is opened."""
    if place.is_file():
        return (
            tr("A list of films.")
            if place.suffix.lower() == ".csv"
            else tr("Neither a folder nor a .csv list.")
        )
    if not place.is_dir():
        return tr("This does not exist.")
    count, end = 0, time.monotonic() + _LONGEST_COUNT_S
    for _, _, names in os.walk(place):
        ctx.checkpoint()
        count += sum(1 for name in names if not name.startswith("."))
        if count >= _MOST_COUNTED or time.monotonic() > end:
            return tr("More than {count} files").format(count=f"{count:,}")
    return tr("1 file") if count == 1 else tr("{count} files").format(count=f"{count:,}")
