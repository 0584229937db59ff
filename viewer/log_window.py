"""The log in a window: what the program said, by level and by words, and a copy for whoever helps."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.jobs import Job
from viewer.language import counted, marked, tr
from viewer.program_log import LogLine, ProgramLog
from viewer.theme import Colour, scaled, take_size

_FOLLOW_MS = 500
_LEVELS = (
    (logging.INFO, marked("All messages")),
    (logging.WARNING, marked("Warnings and errors")),
    (logging.ERROR, marked("Errors only")),
)
_LEVEL_WORDS = {
    logging.INFO: marked("notice"),
    logging.WARNING: marked("warning"),
    logging.ERROR: marked("error"),
    logging.CRITICAL: marked("fault"),
}


class LogWindow(QWidget):
    """Messages of this run, newest last; follows while it is shown.

    `copy_for_support` puts a text without patient data onto the clipboard, and calls back when it is there.
    """

    def __init__(
        self,
        log: ProgramLog,
        copy_for_support: Callable[[Callable[[str], None]], Job],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(tr("Log"))
        take_size(self, scaled(860), scaled(520))
        self._log = log
        self._copy_for_support = copy_for_support
        self._copying: Job | None = None
        self._shown: tuple[object, ...] = ()
        self.level = QComboBox()
        self.level.setAccessibleName(tr("Which messages"))
        for level, words in _LEVELS:
            self.level.addItem(tr(words), level)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Search in messages…"))
        self.search.setAccessibleName(tr("Search in messages"))
        self.search.setClearButtonEnabled(True)
        self.copy = QPushButton(tr("Copy for support"))
        self.copy.setToolTip(
            tr(
                "Versions, computer, models and the last messages, without names, numbers, UIDs and paths: "
                "values are replaced by marks"
            )
        )
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Messages"))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.count = QLabel()
        self.count.setStyleSheet(f"color: {Colour.QUIET};")
        self._clock = QTimer(self)
        self._clock.setInterval(_FOLLOW_MS)
        self._clock.timeout.connect(self._follow)
        self.level.currentIndexChanged.connect(self._follow)
        self.search.textChanged.connect(self._follow)
        self.copy.clicked.connect(self._copy)
        self._build()
        self._follow()

    def _build(self) -> None:
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.level)
        top.addWidget(self.search, 1)
        bottom.addWidget(self.count, 1)
        bottom.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.addLayout(top)
        column.addWidget(self.text, 1)
        column.addLayout(bottom)

    def showEvent(self, event: QShowEvent) -> None:
        """Follow from now on."""
        self._clock.start()
        self._follow()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        self._clock.stop()
        super().hideEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nobody waits for the copy any more."""
        if self._copying is not None:
            self._copying.cancel()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Minimised windows follow no more than hidden ones."""
        if event.type() is QEvent.Type.WindowStateChange:
            (self._clock.stop if self.isMinimized() else self._clock.start)()
        super().changeEvent(event)

    def _follow(self) -> None:
        """Show what is new, if anything is; the place stays unless it was at the end."""
        level, sought = self.level.currentData(), self.search.text().casefold().strip()
        asked = (self._log.count, level, sought)
        if asked == self._shown:
            return
        self._shown = asked
        lines = self._log.lines
        found = [
            words for line in lines if line.level >= level and sought in (words := _words(line)).casefold()
        ]
        bar = self.text.verticalScrollBar()
        place, at_end = bar.value(), bar.value() >= bar.maximum() - 2
        self.text.setPlainText("\n".join(found))
        bar.setValue(bar.maximum() if at_end else place)
        said = counted("%n message", "%n messages", len(found))
        if len(found) != len(lines):
            said = tr("{found} of {all}").format(found=said, all=len(lines))
        self.count.setText(said)

    def _copy(self) -> None:
        self._copying = self._copy_for_support(self._say_copied)

    def _say_copied(self, _text: str) -> None:
        self.count.setText(tr("Copied. The text holds no names, numbers, UIDs or paths of studies."))


def _words(line: LogLine) -> str:
    moment = time.strftime("%H:%M:%S", time.localtime(line.moment))
    level = tr(_LEVEL_WORDS.get(line.level, logging.getLevelName(line.level).lower()))
    return f"{moment}  {level}  {line.text}  ({line.source})"
