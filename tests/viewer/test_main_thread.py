"""The bridge from worker threads, and listening that ends with the widget."""

from __future__ import annotations

import gc
import threading
import weakref

from psygnal import Signal
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from viewer.main_thread import MainThread
from viewer.watch import watch


class Speaker:
    said = Signal(str)


class Ear(QLabel):
    def hear(self, words: str) -> None:
        self.setText(words)


def destroy(widget: QLabel) -> None:
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(widget, QEvent.Type.DeferredDelete.value)


def test_calls_run_on_the_main_thread_in_their_order(qtbot: QtBot) -> None:
    bridge = MainThread()
    seen: list[tuple[int, int]] = []

    def post_all() -> None:
        for number in range(100):
            bridge.post(lambda number=number: seen.append((number, threading.get_ident())))

    worker = threading.Thread(target=post_all)
    worker.start()
    worker.join()
    assert seen == []
    qtbot.waitUntil(lambda: len(seen) == 100)
    assert seen == [(number, threading.get_ident()) for number in range(100)]


def test_a_deleted_widget_hears_nothing(qtbot: QtBot) -> None:
    speaker, ear = Speaker(), Ear()
    watch(ear, speaker.said, ear.hear)
    speaker.said.emit("one")
    assert ear.text() == "one"
    destroy(ear)
    speaker.said.emit("two")
    assert len(speaker.said) == 0


def test_listening_keeps_no_widget_alive(qtbot: QtBot) -> None:
    speaker, ear = Speaker(), Ear()
    watch(ear, speaker.said, ear.hear)
    gone = weakref.ref(ear)
    del ear
    gc.collect()
    assert gone() is None
    speaker.said.emit("nobody")
