"""What must not happen, through the real window: strange folders, hurry, many windows, torch too early."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from pathlib import Path

from phantoms import write_chest_film, write_not_an_image, write_truncated
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.jobs import Job
from core.reading import RunPhase
from core.settings import Settings, save
from viewer.app import build_window, make_application
from viewer.main_window import MainWindow

WAIT_MS = 120_000
OpenWindow = Callable[..., MainWindow]
ROOT = Path(__file__).resolve().parents[2]


def at_rest(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.session.jobs.active, timeout=WAIT_MS)


def test_strange_folders_keep_the_window_usable(
    open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad", tmp_path / "good"
    bad.mkdir()
    good.mkdir()
    film = write_chest_film(good / "film.dcm")
    write_not_an_image(bad / "report.dcm")
    write_truncated(bad / "short.dcm", film.path, 300)
    (bad / "empty.dcm").touch()
    (bad / "page.dcm").write_text("<html>not found</html>")
    window = open_window(model_folder=str(small_models))
    for folder in (bad, tmp_path / "absent"):
        window.open_paths([folder])
        at_rest(window, qtbot)
        assert window.session.frame is None
    window.open_paths([bad, good])
    at_rest(window, qtbot)
    assert window.session.status.phase is RunPhase.DONE
    window.open_paths([bad])
    at_rest(window, qtbot)
    assert "None of the" in window.messages.text
    assert window.session.reading.analyses


def test_hurrying_through_films_ends_on_the_last_with_its_own_result(
    open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path
) -> None:
    for number in range(6):
        write_chest_film(tmp_path / f"{number}.dcm", seed=number, patient_id=f"P{number}")
    window = open_window(model_folder=str(small_models))
    session = window.session
    wrong: list[str] = []

    def check(*_: object) -> None:
        digests = {analysis.frame_digest for analysis in session.reading.analyses}
        digests |= {session.twin.frame_digest} if session.twin is not None else set()
        wrong.extend(one for one in digests if session.frame is None or one != session.frame.digest)

    session.reading_changed.connect(check)
    session.twin_changed.connect(check)
    window.open_paths([tmp_path])
    qtbot.waitUntil(lambda: session.frame is not None, timeout=WAIT_MS)
    for step in (1, 1, -1, 1, 1, 1, -1, 1, 1):
        session.step_series(step)
        QApplication.processEvents()
    at_rest(window, qtbot)
    assert not wrong
    assert session.frame is not None
    assert [one.frame_digest for one in session.reading.analyses] == 2 * [session.frame.digest]
    assert session.frame.source.path.endswith("5.dcm")


def test_closing_while_everything_runs_ends_the_workers(
    open_window: OpenWindow, qtbot: QtBot, small_models: Path, tmp_path: Path
) -> None:
    for number in range(4):
        write_chest_film(tmp_path / f"{number}.dcm", seed=number, patient_id=f"P{number}")
    window = open_window(model_folder=str(small_models))
    window.open_paths([tmp_path])
    qtbot.waitUntil(lambda: bool(window.session.jobs.active))
    window.close()
    assert not window.session.jobs.active
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane-")]
    QApplication.processEvents()


def test_twenty_windows_leave_nothing_behind(qtbot: QtBot, tmp_path: Path) -> None:
    make_application()
    path = tmp_path / "settings.json"
    save(Settings(show_welcome=False), path)
    film = write_chest_film(tmp_path / "film.dcm", rows=160, columns=150).path
    left: list[weakref.ref[MainWindow]] = []
    widgets_before, threads_before = len(QApplication.allWidgets()), threading.active_count()
    for _ in range(20):
        window = build_window(path)
        window.show()
        session = window.session
        jobs: list[Job] = []
        session.jobs.changed.connect(jobs.append)
        window.open_paths([film])
        qtbot.waitUntil(lambda session=session: session.frame is not None, timeout=WAIT_MS)
        window.close()
        left.append(weakref.ref(window))
        window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        # A signal that still held a widget would raise here.
        session.reading_changed.emit(session.reading)
        session.frame_changed.emit(session.frame)
        session.jobs.changed.emit(jobs[-1])
        del window, session, jobs
    gc.collect()
    QApplication.processEvents()
    assert [one for one in left if one() is not None] == []
    assert len(QApplication.allWidgets()) <= widgets_before
    assert threading.active_count() == threads_before


def test_the_window_shows_before_torch_and_pydicom_are_imported(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from viewer.app import build_window, make_application; "
        "app = make_application(); window = build_window(Path(sys.argv[1])); window.show(); "
        "app.processEvents(); heavy = {'torch', 'torchvision', 'pydicom', 'pyqtgraph'} & set(sys.modules); "
        "window.close(); sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "settings.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
