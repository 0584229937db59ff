"""What is running, how far it is, and the way to stop it: a strip of the status bar."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from core.jobs import Job, JobQueue, JobState
from viewer.core_sentences import said
from viewer.language import tr
from viewer.watch import watch

_LONGEST_TITLE = 48


class JobBar(QWidget):
    """Shows the oldest running job with its progress, how many more wait, and a cancel button."""

    def __init__(self, jobs: JobQueue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._shown: Job | None = None
        self._title = QLabel()
        self._progress = QProgressBar()
        self._progress.setFixedSize(120, 12)
        self._progress.setTextVisible(False)
        self._cancel = QToolButton()
        self._cancel.setText("✕")
        self._cancel.setToolTip(tr("Stop this"))
        self._cancel.setAccessibleName(tr("Stop the running job"))
        # Low, so that the bar is as high as the text beside it.
        self._cancel.setStyleSheet("padding: 0px 4px;")
        self._cancel.clicked.connect(self._stop)
        self._more = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        for widget in (self._title, self._progress, self._cancel, self._more):
            row.addWidget(widget)
        # As high when nothing runs: the film must not move because something begins.
        self.setFixedHeight(self.sizeHint().height())
        watch(self, jobs.changed, self._refresh)
        self._refresh()

    @property
    def text(self) -> str:
        """What is written now."""
        return self._title.text()

    def _refresh(self, changed: Job | None = None) -> None:
        if changed is not None and not changed.shown:
            return
        active = [job for job in self._jobs.active if job.shown]
        running = [job for job in active if job.state is JobState.RUNNING]
        self._shown = next(iter(running or active), None)
        self._write(self._shown, len(active) - 1)

    def _write(self, job: Job | None, waiting: int) -> None:
        self._progress.setVisible(job is not None)
        self._cancel.setVisible(job is not None)
        self._more.setVisible(waiting > 0)
        if job is None:
            self._title.setText(tr("Ready"))
            self._title.setToolTip("")
            return
        total = job.progress.total
        # A range of nothing is Qt's "busy" bar: how far it is, is not known.
        self._progress.setRange(0, total)
        self._progress.setValue(min(job.progress.done, total))
        title, step = said(job.title), said(job.progress.text)
        if total > 1:
            title = tr("{title} {done} of {total}").format(title=title, done=job.progress.done, total=total)
        self._title.setText(title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1] + "…")
        self._title.setToolTip(f"{title}\n{step}".strip())
        self._more.setText(tr("+{waiting} waiting").format(waiting=waiting))

    def _stop(self) -> None:
        if self._shown is not None:
            self._shown.cancel()
