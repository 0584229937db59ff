"""What runs is seen and can be stopped."""

from __future__ import annotations

import threading

from PySide6.QtWidgets import QProgressBar, QToolButton
from pytestqt.qtbot import QtBot

from core.jobs import JobContext, Lane
from core.session import Session
from viewer.job_bar import JobBar


def test_a_running_job_is_shown_with_progress_and_stopped(session: Session, qtbot: QtBot) -> None:
    bar = JobBar(session.jobs)
    qtbot.addWidget(bar)
    assert bar.text == "Ready"
    go_on, stopped = threading.Event(), threading.Event()

    def work(ctx: JobContext) -> None:
        try:
            ctx.report(3, 12, "chest.dcm")
            while not go_on.wait(0.01):
                ctx.checkpoint()
        finally:
            stopped.set()

    session.jobs.submit(Lane.GPU, "Analyzing", work, lambda nothing: None)
    session.jobs.submit(Lane.GPU, "Later", lambda ctx: None, lambda nothing: None)
    session.jobs.submit(Lane.READ, "Thumbnail", lambda ctx: None, lambda nothing: None, shown=False)
    qtbot.waitUntil(lambda: bar.text == "Analyzing 3 of 12")
    progress = bar.findChild(QProgressBar)
    assert (progress.value(), progress.maximum()) == (3, 12)
    bar.findChild(QToolButton).click()
    assert stopped.wait(20)
    qtbot.waitUntil(lambda: bar.text == "Ready")


def test_nothing_moves_when_a_job_begins(session: Session, qtbot: QtBot) -> None:
    bar = JobBar(session.jobs)
    qtbot.addWidget(bar)
    at_rest = bar.sizeHint().height(), bar.minimumHeight(), bar.maximumHeight()
    assert at_rest[1] == at_rest[2]
    go_on = threading.Event()
    session.jobs.submit(Lane.GPU, "Analyzing", lambda ctx: go_on.wait(20), lambda nothing: None)
    qtbot.waitUntil(lambda: bar.text == "Analyzing")
    assert bar.minimumHeight() == at_rest[1] >= bar.sizeHint().height()
    go_on.set()
    qtbot.waitUntil(lambda: bar.text == "Ready")


def test_a_long_title_is_cut_and_whole_in_the_tip(session: Session, qtbot: QtBot) -> None:
    bar = JobBar(session.jobs)
    qtbot.addWidget(bar)
    title = "Looking through " + 60 * "x"
    job = session.jobs.submit(Lane.READ, title, lambda ctx: None, lambda nothing: None)
    assert bar.text.endswith("…")
    assert title in bar.layout().itemAt(0).widget().toolTip()
    job.cancel()
